//! Keywords of the connection to storage.

use super::{
    DefaultValue, Group, Id, Keyword, Kind, NONE, TLS_VERSIONS, VERIFICATIONS, names, row,
};

/// In the order of the documentation.
pub(super) const ROWS: &[Keyword] = &[
    row(
        Id::StorageSslVerification,
        "StorageSSLVerification",
        Kind::Choice(&names(&VERIFICATIONS)),
        Group::Storage,
        DefaultValue::Text("Full"),
        "What is verified of storage's certificate. `SSLVerification` does not apply there.",
    ),
    row(
        Id::StorageTrustStore,
        "StorageTrustStore",
        Kind::Paths,
        Group::Storage,
        NONE,
        "Authorities to trust for storage, in addition to the system's, in the forms of \
         `SSLTrustStore`. They are not trusted for the coordinator, nor the coordinator's for \
         storage.",
    ),
    row(
        Id::StorageTrustStorePassword,
        "StorageTrustStorePassword",
        Kind::Text,
        Group::Storage,
        NONE,
        "Password of PKCS#12 and JKS files in `StorageTrustStore`. PEM and DER files need none.",
    )
    .secret(),
    row(
        Id::StorageUseSystemTrustStore,
        "StorageUseSystemTrustStore",
        Kind::Boolean,
        Group::Storage,
        DefaultValue::Boolean(true),
        "Trust the system's authorities for storage too.",
    ),
    row(
        Id::StorageSslMinVersion,
        "StorageSSLMinVersion",
        Kind::Choice(&names(&TLS_VERSIONS)),
        Group::Storage,
        DefaultValue::Text("1.2"),
        "Oldest version of TLS to accept from storage.",
    ),
    row(
        Id::StorageSslRevocationList,
        "StorageSSLRevocationList",
        Kind::Paths,
        Group::Storage,
        NONE,
        "Certificate revocation lists for storage, in the forms of `SSLRevocationList`.",
    ),
    row(
        Id::StorageProxy,
        "StorageProxy",
        Kind::Text,
        Group::Storage,
        DefaultValue::Text("system"),
        "Proxy to storage, written like `HTTPProxy`, which does not apply to storage.",
    )
    .secret(),
    row(
        Id::StorageProxyUser,
        "StorageProxyUser",
        Kind::Text,
        Group::Storage,
        NONE,
        "User name for `StorageProxy`.",
    ),
    row(
        Id::StorageProxyPassword,
        "StorageProxyPassword",
        Kind::Text,
        Group::Storage,
        NONE,
        "Password for `StorageProxyUser`.",
    )
    .secret(),
    row(
        Id::StorageProxyExclusions,
        "StorageProxyExclusions",
        Kind::List,
        Group::Storage,
        NONE,
        "Storage hosts to connect to without `StorageProxy`, written like `NoProxy`.",
    )
    .aliases(&["StorageNoProxy"]),
    row(
        Id::StorageConnectTimeout,
        "StorageConnectTimeout",
        Kind::Seconds { min: 0, max: 3600 },
        Group::Storage,
        DefaultValue::Seconds(10),
        "Time limit for establishing a connection to storage, including TLS; 0 is no limit. \
         Behind a firewall that drops packets, this is how long the first query takes to notice \
         and fall back (`SpoolingFallback`).",
    ),
    row(
        Id::StorageRetryTimeout,
        "StorageRetryTimeout",
        Kind::Seconds { min: 0, max: 3600 },
        Group::Storage,
        DefaultValue::Seconds(60),
        "How long to retry a segment while storage or the network to it fails; 0 is no limit. The \
         first segment of a session is given up sooner if the query can run again without storage \
         (`SpoolingFallback`).",
    ),
];
