//! Keywords of TLS to the coordinator.

use super::{Group, Id, Keyword, Kind, TLS_VERSIONS, VERIFICATIONS, row};

/// In the order of the documentation.
pub(super) const ROWS: &[Keyword] = &[
    row(
        Id::Ssl,
        "SSL",
        Kind::Boolean,
        Group::Tls,
        "true if `Port` is 443, else false",
        "Whether the coordinator is spoken to over TLS.",
    )
    .aliases(&["EnableSSL", "UseSSL"]),
    row(
        Id::SslVerification,
        "SSLVerification",
        Kind::Choice(VERIFICATIONS),
        Group::Tls,
        "Full",
        "What is checked of the coordinator's certificate: chain and host name, the chain only, or nothing. `None` takes any \
         certificate, and anyone between can then read and change what is sent.",
    ),
    row(
        Id::SslTrustStore,
        "SSLTrustStore",
        Kind::Paths,
        Group::Tls,
        "",
        "Certificates to trust as the coordinator's authorities, beside the system's: files in PEM, DER, PKCS#12 or \
         JKS form, or folders of such files. Several stand with `;` (in braces) or `|` between. A server's own \
         certificate among them is trusted by itself, for the hosts and the time that it is made for and unless it is \
         revoked. Files that have changed are read again for the next connection; a part that is no certificate is \
         passed over, and named when the authority is not found.",
    )
    .aliases(&["SSLTrustStorePath", "TrustedCerts", "TrustedCertPath", "Certificate"]),
    row(
        Id::SslTrustStorePassword,
        "SSLTrustStorePassword",
        Kind::Text,
        Group::Tls,
        "",
        "Password of the PKCS#12 and JKS files in `SSLTrustStore`. PEM and DER files need none.",
    )
    .secret(),
    row(
        Id::SslUseSystemTrustStore,
        "SSLUseSystemTrustStore",
        Kind::Boolean,
        Group::Tls,
        "true",
        "Whether the system's authorities are trusted too.",
    )
    .aliases(&["UseSystemTrustStore"]),
    row(
        Id::SslHostNameInCertificate,
        "SSLHostNameInCertificate",
        Kind::Text,
        Group::Tls,
        "`Host`",
        "The host that the coordinator's certificate must be for, where it is reached by another name. Workers and \
         issuers of tokens have names of their own.",
    )
    .aliases(&["HostnameInCertificate"]),
    row(
        Id::SslMinVersion,
        "SSLMinVersion",
        Kind::Choice(TLS_VERSIONS),
        Group::Tls,
        "1.2",
        "The oldest version of TLS that is spoken with the coordinator.",
    )
    .aliases(&["Min_TLS", "MinTLS"]),
    row(
        Id::SslRevocationList,
        "SSLRevocationList",
        Kind::Paths,
        Group::Tls,
        "",
        "Files of revoked certificates (CRL of version 2, in PEM or DER form). A certificate of the coordinator or of \
         its authorities that one of them names is refused; one whose authority has no list is not.",
    ),
    row(
        Id::SslClientCertificate,
        "SSLClientCertificate",
        Kind::Path,
        Group::Tls,
        "",
        "Certificate to sign in with: a file in PEM form, with those between it and its authority, or in PKCS#12 form \
         with the key inside. Shown to the coordinator only, never to storage or workers.",
    )
    .aliases(&["ClientCert", "SSLKeyStorePath"]),
    row(
        Id::SslClientKey,
        "SSLClientKey",
        Kind::Path,
        Group::Tls,
        "in `SSLClientCertificate`",
        "The certificate's key, in PEM form: PKCS#8 (with or without a passphrase), PKCS#1 or SEC 1.",
    )
    .aliases(&["ClientPrivateKey"]),
    row(
        Id::SslClientKeyPassword,
        "SSLClientKeyPassword",
        Kind::Text,
        Group::Tls,
        "",
        "Passphrase of the key, or password of the PKCS#12 file.",
    )
    .aliases(&["ClientPrivateKeyPassword", "SSLKeyStorePassword"])
    .secret(),
];
