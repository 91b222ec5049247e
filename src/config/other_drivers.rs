//! Keywords of other drivers that this one understands or refuses by name.
//!
//! Data sources written for other drivers connect; a keyword that has no effect here gives a
//! warning.

use super::keywords::Id;

/// A keyword of another driver that has no row in [`KEYWORDS`](super::KEYWORDS).
#[derive(Debug, Clone, Copy)]
pub struct OtherDriversKeyword {
    pub name: &'static str,
    pub support: Support,
}

/// How far the driver supports a keyword of another driver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Support {
    /// It makes no difference here; accepted silently.
    Needless,
    /// It requests something that the driver does not do; accepted with a warning.
    None,
    /// That value is what the driver does anyway; any other gives a warning with that reason.
    Only(&'static str, &'static str),
    /// True is the same as that keyword with that value.
    Means(Id, &'static str),
}

impl OtherDriversKeyword {
    /// The keyword of that name, in any case.
    pub fn find(name: &str) -> Option<&'static Self> {
        OTHER_DRIVERS
            .iter()
            .find(|known| known.name.eq_ignore_ascii_case(name))
    }
}

/// All of them.
pub static OTHER_DRIVERS: &[OtherDriversKeyword] = &[
    means("AllowHostNameCNMismatch", Id::SslVerification, "CA"),
    means("AllowSelfSignedServerCert", Id::SslVerification, "None"),
    means("DisableCompression", Id::Compression, "false"),
    means("ExternalAuthentication", Id::AuthenticationType, "OAuth2"),
    only(
        "IgnoreBrokenCatalog",
        "true",
        "Catalog functions leave out a catalog that the server cannot list, with a warning.",
    ),
    only("AutoIPD", "false", "SQLDescribeParam describes parameters."),
    only(
        "CheckCertRevocation",
        "false",
        "Set SSLRevocationList to files of revoked certificates.",
    ),
    only("UseUnicodeSqlCharacterTypes", "true", ALWAYS_WIDE),
    only("UseWVarchar", "true", ALWAYS_WIDE),
    only(
        "UseDSNSchemaForMetadata",
        "false",
        "Catalog functions without a schema search all schemas.",
    ),
    only(
        "SSLUseSystemKeyStore",
        "false",
        "Set SSLClientCertificate to the certificate.",
    ),
    only(
        "AssumeLiteralNamesInMetadataCallsForNonConformingClients",
        "false",
        "Set LiteralUnderscore=true to take the underscore literally.",
    ),
    only(
        "DisallowLocalRedirect",
        "false",
        "Redirects are followed to the coordinator and to storage only.",
    ),
    only(
        "HTTPLoggingLevel",
        "NONE",
        "Set LogLevel=debug to log requests.",
    ),
    needless("AutoCommit"),
    needless("CPTimeout"),
    needless("Driver64"),
    needless("DriverManagerEncoding"),
    needless("DriverUnicodeType"),
    needless("ErrorMessagesPath"),
    // The driver chooses how a statement is prepared.
    needless("ExplicitPrepare"),
    needless("FileUsage"),
    needless("LogNamespace"),
    needless("RowsFetchedPerBlock"),
    needless("ServerVersion"),
    needless("Setup"),
    // The format of a store is detected from its first bytes.
    needless("SSLKeyStoreType"),
    needless("SSLTrustStoreType"),
    needless("Threading"),
    needless("Trace"),
    needless("TraceFile"),
    needless("UsageCount"),
    // A configured keytab is used.
    needless("UseKeytab"),
    unsupported("ApplicationNamePrefix"),
    unsupported("AuthMech"),
    unsupported("DnsResolver"),
    unsupported("DnsResolverContext"),
    unsupported("KerberosConfigPath"),
    unsupported("KerberosConstrainedDelegation"),
    unsupported("KerberosServer"),
    unsupported("MaxCatalogNameLength"),
    unsupported("MaxColumnNameLength"),
    unsupported("MaxSchemaNameLength"),
    unsupported("MaxTableNameLength"),
];

const fn means(name: &'static str, id: Id, value: &'static str) -> OtherDriversKeyword {
    OtherDriversKeyword {
        name,
        support: Support::Means(id, value),
    }
}

const fn only(name: &'static str, value: &'static str, why: &'static str) -> OtherDriversKeyword {
    OtherDriversKeyword {
        name,
        support: Support::Only(value, why),
    }
}

const fn needless(name: &'static str) -> OtherDriversKeyword {
    OtherDriversKeyword {
        name,
        support: Support::Needless,
    }
}

const fn unsupported(name: &'static str) -> OtherDriversKeyword {
    OtherDriversKeyword {
        name,
        support: Support::None,
    }
}

const ALWAYS_WIDE: &str =
    "Text is always described as SQL_WVARCHAR, and converted to SQL_C_CHAR on request.";
