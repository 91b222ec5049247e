//! The table of keywords: what a connection string or a data source may say, and what it means.
//!
//! Everything that must agree about keywords reads this table: the parser, the warnings, and the table in the book.

mod coordinator;
mod credentials;
mod results;
mod session;
mod storage;
mod trust;

/// One keyword of connection strings and data sources.
#[derive(Debug, Clone, Copy)]
pub struct Keyword {
    pub id: Id,
    /// The name in the documentation.
    pub name: &'static str,
    /// A name that wins over all others of this keyword when both are given.
    pub stronger: Option<&'static str>,
    /// Names that other drivers use for the same.
    pub aliases: &'static [&'static str],
    pub kind: Kind,
    /// What holds when it is absent or empty, as text for a person.
    pub default: &'static str,
    /// A sentence or two, with unit and range where there are any.
    pub meaning: &'static str,
    /// Whether its value must never be shown.
    pub secret: bool,
    pub group: Group,
}

/// What a value must look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Read by the Driver Manager; means nothing to the driver's own parser.
    Manager,
    Text,
    Boolean,
    Integer {
        min: u64,
        max: u64,
    },
    /// Bytes, with or without a unit.
    Bytes {
        min: u64,
        max: u64,
    },
    /// Seconds, or with a unit.
    Seconds {
        min: u64,
        max: u64,
    },
    /// One of these, in any case.
    Choice(&'static [&'static str]),
    /// Texts with commas between.
    List,
    /// `name:value;name:value` or `name=value,name=value`.
    Pairs,
    /// A file or folder.
    Path,
    /// Files or folders with semicolons or bars between.
    Paths,
}

/// The heading under which a keyword is documented.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    DataSource,
    Coordinator,
    Credentials,
    OAuth2,
    Kerberos,
    Tls,
    Storage,
    Results,
    Browsing,
    Session,
    Log,
}

/// Names each keyword inside the driver.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Id {
    Dsn,
    Driver,
    FileDsn,
    SaveFile,
    Description,
    Host,
    Port,
    Catalog,
    Schema,
    ConnectTimeout,
    ReadTimeout,
    ValidateConnection,
    Compression,
    HttpProxy,
    SocksProxy,
    HttpProxyUser,
    HttpProxyPassword,
    NoProxy,
    UseProxy,
    ProxyHost,
    ProxyPort,
    AuthenticationType,
    User,
    SessionUser,
    Password,
    AccessToken,
    AccessTokenFile,
    ExtraCredentials,
    OAuth2RedirectHandlers,
    OAuth2Timeout,
    OAuth2TokenCache,
    OAuth2Issuer,
    OAuth2TokenEndpoint,
    OAuth2TokenHosts,
    OAuth2ClientId,
    OAuth2ClientSecret,
    OAuth2Scope,
    OAuth2Audience,
    OAuth2TrustStore,
    OAuth2TrustStorePassword,
    KerberosServiceName,
    KerberosPrincipal,
    KerberosPassword,
    KerberosKeytab,
    KerberosCredentialCache,
    KerberosServicePrincipalPattern,
    KerberosUseCanonicalHostname,
    KerberosDelegation,
    Ssl,
    SslVerification,
    SslTrustStore,
    SslTrustStorePassword,
    SslUseSystemTrustStore,
    SslHostNameInCertificate,
    SslMinVersion,
    SslRevocationList,
    SslClientCertificate,
    SslClientKey,
    SslClientKeyPassword,
    StorageSslVerification,
    StorageTrustStore,
    StorageTrustStorePassword,
    StorageUseSystemTrustStore,
    StorageSslMinVersion,
    StorageSslRevocationList,
    StorageProxy,
    StorageProxyUser,
    StorageProxyPassword,
    StorageProxyExclusions,
    StorageConnectTimeout,
    StorageRetryTimeout,
    Encoding,
    ParallelDownloads,
    DecodeThreads,
    MemoryLimit,
    ProcessMemoryLimit,
    Spill,
    SpillLimit,
    SpillPath,
    SpoolingFallback,
    TextColumnLength,
    ComplexColumnLength,
    MetadataCache,
    NullCatalogIsCurrent,
    LiteralUnderscore,
    TableRemarks,
    TimestampWithTimeZone,
    Interval,
    BigInt,
    Number,
    SessionProperties,
    Roles,
    TimeZone,
    Path,
    Source,
    ClientInfo,
    ClientTags,
    TraceToken,
    ResourceEstimates,
    Language,
    ExtraHeaders,
    RoutingGroup,
    Cookies,
    Transactions,
    FastInserts,
    QueryMaxLength,
    LogLevel,
    LogPath,
    LogFileSize,
    LogFileCount,
}

impl Keyword {
    /// The keyword of that name or alias, in any case.
    pub fn find(name: &str) -> Option<&'static Self> {
        KEYWORDS.iter().find(|keyword| {
            keyword
                .names()
                .any(|known| known.eq_ignore_ascii_case(name))
        })
    }

    /// The keyword of that id.
    pub fn of(id: Id) -> &'static Self {
        KEYWORDS
            .iter()
            .find(|keyword| keyword.id == id)
            .expect("a test holds that each id has its row")
    }

    /// All its names, its own first.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        [self.name]
            .into_iter()
            .chain(self.stronger)
            .chain(self.aliases.iter().copied())
    }

    /// Whether the driver's own registration may say it, for all connections.
    pub(super) fn is_driver_wide(&self) -> bool {
        self.group == Group::Log || self.id == Id::ProcessMemoryLimit
    }

    /// Whether no value that means something has blanks, quotes or a comment at its ends.
    pub(super) fn is_strict(&self) -> bool {
        match self.kind {
            Kind::Boolean
            | Kind::Integer { .. }
            | Kind::Bytes { .. }
            | Kind::Seconds { .. }
            | Kind::Choice(_) => true,
            _ => matches!(
                self.id,
                Id::Host
                    | Id::Catalog
                    | Id::Schema
                    | Id::TimeZone
                    | Id::Language
                    | Id::Encoding
                    | Id::HttpProxy
                    | Id::SocksProxy
                    | Id::ProxyHost
                    | Id::StorageProxy
                    | Id::SslHostNameInCertificate
                    | Id::OAuth2Issuer
                    | Id::OAuth2TokenEndpoint
            ),
        }
    }

    /// The documented name that is nearest to `name`, if one is near.
    pub fn nearest(name: &str) -> Option<&'static str> {
        let plain = |name: &str| {
            let letters = name.chars().filter(char::is_ascii_alphanumeric);
            letters.map(|c| c.to_ascii_lowercase()).collect::<String>()
        };
        let wanted = plain(name);
        let near = |known: &str| {
            let known = plain(known);
            let distance = strsim::damerau_levenshtein(&wanted, &known);
            // A third of the letters at most, so that short names are not near to everything.
            (distance * 3 <= wanted.len().min(known.len())).then_some(distance)
        };
        KEYWORDS
            .iter()
            .flat_map(|keyword| keyword.names().map(move |known| (keyword.name, known)))
            .filter_map(|(name, known)| Some((near(known)?, name)))
            .min_by_key(|(distance, _)| *distance)
            .map(|(_, name)| name)
    }

    /// Whether the name outranks other names of this keyword.
    pub fn is_stronger(&self, name: &str) -> bool {
        self.stronger
            .is_some_and(|stronger| stronger.eq_ignore_ascii_case(name))
    }

    const fn secret(mut self) -> Self {
        self.secret = true;
        self
    }

    const fn stronger(mut self, name: &'static str) -> Self {
        self.stronger = Some(name);
        self
    }

    const fn aliases(mut self, aliases: &'static [&'static str]) -> Self {
        self.aliases = aliases;
        self
    }
}

impl Group {
    /// All groups, in the order of the documentation.
    pub const ALL: [Self; 11] = [
        Self::DataSource,
        Self::Coordinator,
        Self::Credentials,
        Self::OAuth2,
        Self::Kerberos,
        Self::Tls,
        Self::Storage,
        Self::Results,
        Self::Browsing,
        Self::Session,
        Self::Log,
    ];

    /// Its heading.
    pub fn title(self) -> &'static str {
        match self {
            Self::DataSource => "Data source",
            Self::Coordinator => "Coordinator",
            Self::Credentials => "Credentials",
            Self::OAuth2 => "OAuth 2.0",
            Self::Kerberos => "Kerberos",
            Self::Tls => "TLS to the coordinator",
            Self::Storage => "Storage",
            Self::Results => "Results",
            Self::Browsing => "Catalog functions",
            Self::Session => "Session",
            Self::Log => "Log",
        }
    }
}

/// The accepted values of `AuthenticationType`.
pub const AUTHENTICATION_TYPES: &[&str] = &[
    "None",
    "Password",
    "JWT",
    "Certificate",
    "Kerberos",
    "OAuth2",
    "ClientCredentials",
    "DeviceFlow",
];

/// The accepted values of `OAuth2TokenCache`.
pub const TOKEN_CACHES: &[&str] = &["None", "Memory", "File"];

/// The accepted values of the keywords that say how much of a certificate is checked.
pub const VERIFICATIONS: &[&str] = &["Full", "CA", "None"];

/// Values of the keywords for the oldest version of TLS.
pub const TLS_VERSIONS: &[&str] = &["1.2", "1.3"];

/// The accepted values of `TimestampWithTimeZone`; the second describes the type as text.
pub const ZONED_TIMESTAMPS: &[&str] = &["Timestamp", "Text"];

/// The accepted values of `Interval`; the first describes the types as text.
pub const INTERVALS: &[&str] = &["Text", "Interval"];

/// The accepted values of `BigInt`.
pub const BIG_INTEGERS: &[&str] = &["BigInt", "Decimal", "Text"];

/// The accepted values of `Number`.
pub const NUMBERS: &[&str] = &["Decimal", "Double", "Text"];

/// The accepted values of `LogLevel`.
pub const LOG_LEVELS: &[&str] = &["off", "error", "warn", "info", "debug", "trace"];

/// Every keyword, in the order of the documentation.
pub static KEYWORDS: &[Keyword] = &joined();

const PARTS: &[&[Keyword]] = &[
    coordinator::ROWS,
    credentials::ROWS,
    trust::ROWS,
    storage::ROWS,
    results::ROWS,
    session::ROWS,
];

const fn joined() -> [Keyword; count()] {
    let mut rows = [coordinator::ROWS[0]; count()];
    let (mut part, mut at) = (0, 0);
    while part < PARTS.len() {
        let mut row = 0;
        while row < PARTS[part].len() {
            rows[at] = PARTS[part][row];
            row += 1;
            at += 1;
        }
        part += 1;
    }
    rows
}

const fn count() -> usize {
    let (mut part, mut count) = (0, 0);
    while part < PARTS.len() {
        count += PARTS[part].len();
        part += 1;
    }
    count
}

const fn row(
    id: Id,
    name: &'static str,
    kind: Kind,
    group: Group,
    default: &'static str,
    meaning: &'static str,
) -> Keyword {
    Keyword {
        id,
        name,
        stronger: None,
        aliases: &[],
        kind,
        default,
        meaning,
        secret: false,
        group,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::super::foreign::FOREIGN;
    use super::{Group, Id, KEYWORDS, Keyword};

    #[test]
    fn no_name_stands_twice() {
        let mut seen = HashSet::new();
        let names = KEYWORDS.iter().flat_map(Keyword::names);
        for name in names.chain(FOREIGN.iter().map(|foreign| foreign.name)) {
            assert!(
                seen.insert(name.to_ascii_lowercase()),
                "{name} stands twice"
            );
        }
    }

    #[test]
    fn each_id_has_its_row() {
        // The enum is a dense run that ends with LogFileCount.
        assert_eq!(KEYWORDS.len(), Id::LogFileCount as usize + 1);
        let ids: HashSet<_> = KEYWORDS.iter().map(|keyword| keyword.id).collect();
        assert_eq!(ids.len(), KEYWORDS.len());
    }

    #[test]
    fn each_keyword_is_explained_in_sentences_under_a_listed_group() {
        for keyword in KEYWORDS {
            assert!(keyword.meaning.ends_with('.'), "{}", keyword.name);
            assert!(Group::ALL.contains(&keyword.group), "{}", keyword.name);
        }
    }

    #[test]
    fn a_misspelt_name_is_near_to_the_one_that_was_meant() {
        for (name, meant) in [
            ("UserID", "UID"),
            ("User_Name", "UID"),
            ("Passwrod", "PWD"),
            ("Hots", "Host"),
            ("Catlog", "Catalog"),
            ("SSL_Verification", "SSLVerification"),
            ("SSLTruststor", "SSLTrustStore"),
            ("AuthenticationTyp", "AuthenticationType"),
        ] {
            assert_eq!(Keyword::nearest(name), Some(meant), "{name}");
        }
        for name in ["Colour", "", "\u{e4}", "x", "NoSuchThing"] {
            assert_eq!(Keyword::nearest(name), None, "{name}");
        }
    }

    #[test]
    fn names_are_found_in_any_case() {
        for name in [
            "uid",
            "USER",
            "sessionProperties",
            "timezoneid",
            "TRUSTEDCERTS",
        ] {
            assert!(Keyword::find(name).is_some(), "{name}");
        }
        assert!(Keyword::find("Nonsense").is_none());
    }
}
