//! Keywords of other drivers that this one understands or refuses by name.
//!
//! Data sources written for other drivers connect; what they ask for in vain is told and never dropped in silence.

use super::keywords::Id;

/// A keyword of another driver that has no row in [`KEYWORDS`](super::KEYWORDS).
#[derive(Debug, Clone, Copy)]
pub struct Foreign {
    pub name: &'static str,
    pub stance: Stance,
}

/// What the driver does about a keyword of another driver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stance {
    /// It asks for nothing that this driver would do otherwise; accepted in silence.
    Settled,
    /// It asks for something that the driver does not do; accepted with a warning.
    Unsupported,
    /// It asks for what the driver does anyway when it has that value, and in vain otherwise.
    Only(&'static str, &'static str),
    /// When true, it says the same as that keyword with that value.
    Means(Id, &'static str),
}

impl Foreign {
    /// The foreign keyword of that name, in any case.
    pub fn find(name: &str) -> Option<&'static Self> {
        FOREIGN
            .iter()
            .find(|foreign| foreign.name.eq_ignore_ascii_case(name))
    }
}

/// Keywords of other drivers that have no row of their own.
pub static FOREIGN: &[Foreign] = &[
    means("AllowHostNameCNMismatch", Id::SslVerification, "CA"),
    means("AllowSelfSignedServerCert", Id::SslVerification, "None"),
    means("DisableCompression", Id::Compression, "false"),
    means("ExternalAuthentication", Id::AuthenticationType, "OAuth2"),
    only(
        "IgnoreBrokenCatalog",
        "true",
        "a catalog that the server cannot list is left out of the answers of catalog functions, with a warning",
    ),
    only(
        "AutoIPD",
        "false",
        "parameters are described by SQLDescribeParam",
    ),
    only(
        "CheckCertRevocation",
        "false",
        "name files of revoked certificates in SSLRevocationList",
    ),
    only(
        "UseUnicodeSqlCharacterTypes",
        "true",
        "text is always told as SQL_WVARCHAR, and given as SQL_C_CHAR to who asks for it",
    ),
    only(
        "UseWVarchar",
        "true",
        "text is always told as SQL_WVARCHAR, and given as SQL_C_CHAR to who asks for it",
    ),
    only(
        "UseDSNSchemaForMetadata",
        "false",
        "a catalog function without a schema looks into all of them",
    ),
    only(
        "SSLUseSystemKeyStore",
        "false",
        "name the certificate in SSLClientCertificate",
    ),
    only(
        "AssumeLiteralNamesInMetadataCallsForNonConformingClients",
        "false",
        "LiteralUnderscore takes the underscore literally",
    ),
    only(
        "DisallowLocalRedirect",
        "false",
        "redirects are followed to the coordinator and to storage only",
    ),
    only(
        "HTTPLoggingLevel",
        "NONE",
        "LogLevel=debug tells of requests",
    ),
    settled("AutoCommit"),
    settled("CPTimeout"),
    settled("Driver64"),
    settled("DriverManagerEncoding"),
    settled("DriverUnicodeType"),
    settled("ErrorMessagesPath"),
    // The driver chooses how a statement is prepared.
    settled("ExplicitPrepare"),
    settled("FileUsage"),
    settled("LogNamespace"),
    settled("RowsFetchedPerBlock"),
    settled("ServerVersion"),
    settled("Setup"),
    // The form of a store is seen from its first bytes.
    settled("SSLKeyStoreType"),
    settled("SSLTrustStoreType"),
    settled("Threading"),
    settled("Trace"),
    settled("TraceFile"),
    settled("UsageCount"),
    // A keytab that is named is used.
    settled("UseKeytab"),
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

const fn means(name: &'static str, id: Id, value: &'static str) -> Foreign {
    Foreign {
        name,
        stance: Stance::Means(id, value),
    }
}

const fn only(name: &'static str, value: &'static str, why: &'static str) -> Foreign {
    Foreign {
        name,
        stance: Stance::Only(value, why),
    }
}

const fn settled(name: &'static str) -> Foreign {
    Foreign {
        name,
        stance: Stance::Settled,
    }
}

const fn unsupported(name: &'static str) -> Foreign {
    Foreign {
        name,
        stance: Stance::Unsupported,
    }
}
