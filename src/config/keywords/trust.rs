//! Keywords of TLS to the coordinator.

use super::{
    DefaultValue, Group, Id, Keyword, Kind, NONE, TLS_VERSIONS, VERIFICATIONS, names, row,
};

/// In the order of the documentation.
pub(super) const ROWS: &[Keyword] = &[
    row(
        Id::Ssl,
        "SSL",
        Kind::Boolean,
        Group::Tls,
        DefaultValue::Described("true if `Port` is 443, else false"),
        "Connect to the coordinator over TLS.",
    )
    .aliases(&["EnableSSL", "UseSSL"]),
    row(
        Id::SslVerification,
        "SSLVerification",
        Kind::Choice(&names(&VERIFICATIONS)),
        Group::Tls,
        DefaultValue::Text("Full"),
        "What is verified of the coordinator's certificate: chain and host name, the chain only, \
         or nothing. With `None`, anyone on the network path can read and change the traffic.",
    ),
    row(
        Id::SslTrustStore,
        "SSLTrustStore",
        Kind::Paths,
        Group::Tls,
        NONE,
        "Authorities to trust for the coordinator, in addition to the system's: files in PEM, \
         DER, PKCS#12 or JKS form, or folders of such files, separated by `;` (in braces) or `|`. \
         A server's own certificate among them is trusted as well, for the hosts and the time it \
         was issued for, unless it is revoked. Changed files are read again for the next \
         connection. Parts that are not certificates are skipped, and named if the authority is \
         not found.",
    )
    .aliases(&[
        "SSLTrustStorePath",
        "TrustedCerts",
        "TrustedCertPath",
        "Certificate",
    ]),
    row(
        Id::SslTrustStorePassword,
        "SSLTrustStorePassword",
        Kind::Text,
        Group::Tls,
        NONE,
        "Password of PKCS#12 and JKS files in `SSLTrustStore`. PEM and DER files need none.",
    )
    .secret(),
    row(
        Id::SslUseSystemTrustStore,
        "SSLUseSystemTrustStore",
        Kind::Boolean,
        Group::Tls,
        DefaultValue::Boolean(true),
        "Trust the system's authorities too.",
    )
    .aliases(&["UseSystemTrustStore"]),
    row(
        Id::SslHostNameInCertificate,
        "SSLHostNameInCertificate",
        Kind::Text,
        Group::Tls,
        DefaultValue::Described("`Host`"),
        "Host name that the coordinator's certificate must be issued for, if you connect by \
         another name. Does not apply to workers and token issuers.",
    )
    .aliases(&["HostnameInCertificate"]),
    row(
        Id::SslMinVersion,
        "SSLMinVersion",
        Kind::Choice(&names(&TLS_VERSIONS)),
        Group::Tls,
        DefaultValue::Text("1.2"),
        "Oldest version of TLS to accept from the coordinator.",
    )
    .aliases(&["Min_TLS", "MinTLS"]),
    row(
        Id::SslRevocationList,
        "SSLRevocationList",
        Kind::Paths,
        Group::Tls,
        NONE,
        "Certificate revocation lists (version 2, PEM or DER). A certificate of the coordinator \
         or of its authorities that is on one of them is rejected; certificates whose authority \
         has no list are not.",
    ),
    row(
        Id::SslClientCertificate,
        "SSLClientCertificate",
        Kind::Path,
        Group::Tls,
        NONE,
        "Client certificate to authenticate with: a PEM file, with intermediate certificates, or \
         a PKCS#12 file that includes the key. Presented to the coordinator only, never to \
         storage or workers.",
    )
    .aliases(&["ClientCert", "SSLKeyStorePath"]),
    row(
        Id::SslClientCertificateInStore,
        "SSLClientCertificateInStore",
        Kind::Text,
        Group::Tls,
        NONE,
        "Client certificate in the certificate store of Windows, whose key is never read: its \
         thumbprint (SHA-1) or a part of its subject. `CurrentUser\\My` is searched, then \
         `LocalMachine\\My`; `CurrentUser\\` or `LocalMachine\\` before the value searches only that \
         one. Presented to the coordinator only.",
    ),
    row(
        Id::SslClientKey,
        "SSLClientKey",
        Kind::Path,
        Group::Tls,
        DefaultValue::Described("in `SSLClientCertificate`"),
        "Private key of the client certificate, in PEM form: PKCS#8 (with or without a \
         passphrase), PKCS#1 or SEC 1.",
    )
    .aliases(&["ClientPrivateKey"]),
    row(
        Id::SslClientKeyPassword,
        "SSLClientKeyPassword",
        Kind::Text,
        Group::Tls,
        NONE,
        "Passphrase of the key, or password of the PKCS#12 file.",
    )
    .aliases(&["ClientPrivateKeyPassword", "SSLKeyStorePassword"])
    .secret(),
];
