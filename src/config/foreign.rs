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
    settled("AutoCommit"),
    settled("CPTimeout"),
    settled("Driver64"),
    settled("DriverManagerEncoding"),
    settled("DriverUnicodeType"),
    settled("ErrorMessagesPath"),
    settled("FileUsage"),
    settled("IgnoreBrokenCatalog"),
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
    unsupported("AssumeLiteralNamesInMetadataCallsForNonConformingClients"),
    unsupported("AuthMech"),
    unsupported("AutoIPD"),
    unsupported("CheckCertRevocation"),
    unsupported("DefaultStringColumnLength"),
    unsupported("DisallowLocalRedirect"),
    unsupported("DnsResolver"),
    unsupported("DnsResolverContext"),
    unsupported("ExplicitPrepare"),
    unsupported("ExtraHeaders"),
    unsupported("HTTPLoggingLevel"),
    unsupported("KerberosConfigPath"),
    unsupported("KerberosConstrainedDelegation"),
    unsupported("KerberosServer"),
    unsupported("Locale"),
    unsupported("MaxCatalogNameLength"),
    unsupported("MaxColumnNameLength"),
    unsupported("MaxComplexTypeColumnLength"),
    unsupported("MaxSchemaNameLength"),
    unsupported("MaxTableNameLength"),
    unsupported("MaxVarcharColumnLength"),
    unsupported("ProxyHost"),
    unsupported("ProxyPort"),
    unsupported("ResourceEstimates"),
    unsupported("SessionUser"),
    unsupported("SSLUseSystemKeyStore"),
    unsupported("UseDSNSchemaForMetadata"),
    unsupported("UseProxy"),
    unsupported("UseUnicodeSqlCharacterTypes"),
    unsupported("UseWVarchar"),
];

const fn means(name: &'static str, id: Id, value: &'static str) -> Foreign {
    Foreign {
        name,
        stance: Stance::Means(id, value),
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
