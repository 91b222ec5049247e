//! Keywords of the way to storage.

use super::{Group, Id, Keyword, Kind, TLS_VERSIONS, VERIFICATIONS, row};

/// In the order of the documentation.
pub(super) const ROWS: &[Keyword] = &[
    row(
        Id::StorageSslVerification,
        "StorageSSLVerification",
        Kind::Choice(VERIFICATIONS),
        Group::Storage,
        "Full",
        "What is checked of the certificate of storage. `SSLVerification` has no effect there.",
    ),
    row(
        Id::StorageTrustStore,
        "StorageTrustStore",
        Kind::Paths,
        Group::Storage,
        "",
        "Certificates to trust as authorities of storage, in the forms of `SSLTrustStore`, beside the system's. \
         They are not trusted for the coordinator, nor are the coordinator's for storage.",
    ),
    row(
        Id::StorageTrustStorePassword,
        "StorageTrustStorePassword",
        Kind::Text,
        Group::Storage,
        "",
        "Password of the PKCS#12 and JKS files in `StorageTrustStore`. PEM and DER files need none.",
    )
    .secret(),
    row(
        Id::StorageUseSystemTrustStore,
        "StorageUseSystemTrustStore",
        Kind::Boolean,
        Group::Storage,
        "true",
        "Whether the system's authorities are trusted for storage too.",
    ),
    row(
        Id::StorageSslMinVersion,
        "StorageSSLMinVersion",
        Kind::Choice(TLS_VERSIONS),
        Group::Storage,
        "1.2",
        "The oldest version of TLS that is spoken with storage.",
    ),
    row(
        Id::StorageSslRevocationList,
        "StorageSSLRevocationList",
        Kind::Paths,
        Group::Storage,
        "",
        "Files of revoked certificates of storage, in the forms of `SSLRevocationList`.",
    ),
    row(
        Id::StorageProxy,
        "StorageProxy",
        Kind::Text,
        Group::Storage,
        "`system`",
        "Proxy to storage, written as `HTTPProxy` is, which has no effect on storage.",
    )
    .secret(),
    row(
        Id::StorageProxyUser,
        "StorageProxyUser",
        Kind::Text,
        Group::Storage,
        "",
        "User name at `StorageProxy`.",
    ),
    row(
        Id::StorageProxyPassword,
        "StorageProxyPassword",
        Kind::Text,
        Group::Storage,
        "",
        "Password of `StorageProxyUser`.",
    )
    .secret(),
    row(
        Id::StorageProxyExclusions,
        "StorageProxyExclusions",
        Kind::List,
        Group::Storage,
        "",
        "Hosts of storage that `StorageProxy` is not used for, written as in `NoProxy`.",
    )
    .aliases(&["StorageNoProxy"]),
    row(
        Id::StorageConnectTimeout,
        "StorageConnectTimeout",
        Kind::Seconds { min: 0, max: 3600 },
        Group::Storage,
        "10",
        "Longest wait for a connection to storage to be established, TLS included; 0 sets no limit. Behind a firewall that drops \
         packets, it is how long a first query takes to find out and to avoid storage (`SpoolingFallback`).",
    ),
    row(
        Id::StorageRetryTimeout,
        "StorageRetryTimeout",
        Kind::Seconds { min: 0, max: 3600 },
        Group::Storage,
        "60",
        "How long a segment of a result is requested again while storage, or the network to it, fails; 0 sets no limit. The first segment \
         of a session is given up sooner where the query can be run again without storage (`SpoolingFallback`).",
    ),
];
