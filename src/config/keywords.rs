//! The table of keywords: what a connection string or a data source may say, and what it means.
//!
//! Everything that must agree about keywords reads this table: the parser, the warnings, and the table in the README.

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
    Encoding,
    ParallelDownloads,
    DecodeThreads,
    MemoryLimit,
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

/// The accepted values of `LogLevel`.
pub const LOG_LEVELS: &[&str] = &["off", "error", "warn", "info", "debug", "trace"];

/// The accepted values of `TimestampWithTimeZone`; the second describes the type as text.
pub const ZONED_TIMESTAMPS: &[&str] = &["Timestamp", "Text"];

/// The accepted values of `Interval`; the second describes the types as text.
pub const INTERVALS: &[&str] = &["Interval", "Text"];

/// Every keyword, in the order of the documentation.
pub static KEYWORDS: &[Keyword] = &[
    row(
        Id::Dsn,
        "DSN",
        Kind::Manager,
        Group::DataSource,
        "",
        "Name of a data source whose attributes stand in for what the connection string does not say.",
    ),
    row(
        Id::Driver,
        "DRIVER",
        Kind::Manager,
        Group::DataSource,
        "",
        "Name of the registered driver, or its file. If it stands before `DSN`, no data source is read.",
    ),
    row(
        Id::FileDsn,
        "FILEDSN",
        Kind::Manager,
        Group::DataSource,
        "",
        "A `.dsn` file, read by the Driver Manager.",
    ),
    row(
        Id::SaveFile,
        "SAVEFILE",
        Kind::Manager,
        Group::DataSource,
        "",
        "Where the Driver Manager writes a `.dsn` file.",
    ),
    row(
        Id::Description,
        "Description",
        Kind::Manager,
        Group::DataSource,
        "",
        "What the data source is, for the people who choose it from a list.",
    ),
    row(
        Id::Host,
        "Host",
        Kind::Text,
        Group::Coordinator,
        "required",
        "Host name or address of the coordinator, or of the gateway before it.",
    )
    .stronger("Server")
    .aliases(&["HostName"]),
    row(
        Id::Port,
        "Port",
        Kind::Integer { min: 1, max: 65535 },
        Group::Coordinator,
        "443 with `SSL`, 8080 without",
        "Port of the coordinator.",
    ),
    row(
        Id::Catalog,
        "Catalog",
        Kind::Text,
        Group::Coordinator,
        "",
        "Catalog of names that do not say theirs.",
    )
    .stronger("Database"),
    row(
        Id::Schema,
        "Schema",
        Kind::Text,
        Group::Coordinator,
        "",
        "Schema of names that do not say theirs. Needs `Catalog`.",
    ),
    row(
        Id::ConnectTimeout,
        "ConnectTimeout",
        Kind::Seconds { min: 1, max: 3600 },
        Group::Coordinator,
        "30",
        "Longest wait for a connection to be established, TLS included.",
    )
    .aliases(&["ConnectionTimeout", "LoginTimeout"]),
    row(
        Id::ReadTimeout,
        "ReadTimeout",
        Kind::Seconds { min: 1, max: 86400 },
        Group::Coordinator,
        "60",
        "Longest time without any progress on a request that was sent. It does not limit how long a query may run.",
    )
    .aliases(&["Timeout"]),
    row(
        Id::ValidateConnection,
        "ValidateConnection",
        Kind::Boolean,
        Group::Coordinator,
        "true",
        "Whether connecting proves host, TLS and credentials with one request. No query is run.",
    )
    .aliases(&["TestConnection"]),
    row(
        Id::Compression,
        "Compression",
        Kind::Boolean,
        Group::Coordinator,
        "true",
        "Whether the coordinator may compress its answers with gzip.",
    ),
    row(
        Id::HttpProxy,
        "HTTPProxy",
        Kind::Text,
        Group::Coordinator,
        "`system`",
        "Proxy to the coordinator: `host:port`, or with `http://`, `https://`, `socks5://` or `socks5h://` before it \
         (`socks5h` lets the proxy look up the host). `none` uses no proxy; `system` follows the environment \
         (`HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`, `NO_PROXY`) and the system, but never to this computer itself. \
         It has no effect on storage.",
    )
    .aliases(&["Proxy"])
    .secret(),
    row(
        Id::SocksProxy,
        "SOCKSProxy",
        Kind::Text,
        Group::Coordinator,
        "",
        "`host:port` of a SOCKS5 proxy to the coordinator; the same as `HTTPProxy=socks5h://host:port`.",
    )
    .secret(),
    row(
        Id::HttpProxyUser,
        "HTTPProxyUser",
        Kind::Text,
        Group::Coordinator,
        "",
        "User name at `HTTPProxy`.",
    )
    .aliases(&["ProxyUID"]),
    row(
        Id::HttpProxyPassword,
        "HTTPProxyPassword",
        Kind::Text,
        Group::Coordinator,
        "",
        "Password of `HTTPProxyUser`.",
    )
    .aliases(&["ProxyPWD"])
    .secret(),
    row(
        Id::NoProxy,
        "NoProxy",
        Kind::List,
        Group::Coordinator,
        "",
        "Hosts that `HTTPProxy` is not used for: names, domains with all below them, addresses, networks \
         (`10.0.0.0/8`), or `*`.",
    )
    .aliases(&["HTTPProxyExclusions", "ProxyExclusions"]),
    row(
        Id::UseProxy,
        "UseProxy",
        Kind::Boolean,
        Group::Coordinator,
        "",
        "The proxy in parts, as Simba's drivers have it: true takes `ProxyHost` and `ProxyPort`, false is the same as \
         `HTTPProxy=none`. `HTTPProxy` wins.",
    ),
    row(
        Id::ProxyHost,
        "ProxyHost",
        Kind::Text,
        Group::Coordinator,
        "",
        "Host of the proxy, with `UseProxy=true`.",
    ),
    row(
        Id::ProxyPort,
        "ProxyPort",
        Kind::Integer { min: 1, max: 65535 },
        Group::Coordinator,
        "8080",
        "Port of `ProxyHost`.",
    ),
    row(
        Id::AuthenticationType,
        "AuthenticationType",
        Kind::Choice(AUTHENTICATION_TYPES),
        Group::Credentials,
        "`JWT` with `AccessToken` or `AccessTokenFile`, `Password` with `PWD`, else `None`",
        "How to authenticate. `OAuth2` signs a person in with a browser, by way of the coordinator; \
         `ClientCredentials` and `DeviceFlow` get a token from an issuer, for a program and for a person. \
         `LDAP Authentication` says `Password`; `No Authentication` says `None`; `JWT Authentication` and \
         `Access Token` say `JWT`; `OIDC Authentication`, `OAuth 2.0` and `ExternalAuthentication=true` say `OAuth2`.",
    )
    .aliases(&["AuthType", "AuthScheme"]),
    row(
        Id::User,
        "UID",
        Kind::Text,
        Group::Credentials,
        "required unless a token says it",
        "User that runs the queries, and the name that `PWD` belongs to.",
    )
    .aliases(&["User", "Username", "User ID"]),
    row(
        Id::SessionUser,
        "SessionUser",
        Kind::Text,
        Group::Credentials,
        "`UID`",
        "User that runs the queries instead, if the server lets `UID` do so (impersonation).",
    )
    .aliases(&["Impersonate"]),
    row(
        Id::Password,
        "PWD",
        Kind::Text,
        Group::Credentials,
        "",
        "Password of `UID`. Sent over TLS only.",
    )
    .aliases(&["Password"])
    .secret(),
    row(
        Id::AccessToken,
        "AccessToken",
        Kind::Text,
        Group::Credentials,
        "",
        "Token sent as Bearer credentials. Sent over TLS only.",
    )
    .aliases(&["JWT", "Token"])
    .secret(),
    row(
        Id::AccessTokenFile,
        "AccessTokenFile",
        Kind::Path,
        Group::Credentials,
        "",
        "A file with such a token. It is read again when it changes, and when its token is refused.",
    )
    .aliases(&["JWTFile", "TokenFile"]),
    row(
        Id::ExtraCredentials,
        "ExtraCredentials",
        Kind::Pairs,
        Group::Credentials,
        "",
        "Credentials for connectors: `name:value;name:value`.",
    )
    .aliases(&["ExtraCredential"])
    .secret(),
    row(
        Id::OAuth2RedirectHandlers,
        "OAuth2RedirectHandlers",
        Kind::List,
        Group::OAuth2,
        "`OPEN`",
        "How a person is shown where to sign in: `OPEN` opens the browser, `PRINT` writes the address to standard \
         error, `ALL` does both. A callback of the application (`SQL_ATTR_TRINO_SIGN_IN_CALLBACK`) takes its place.",
    )
    .aliases(&["ExternalAuthenticationRedirectHandlers"]),
    row(
        Id::OAuth2Timeout,
        "OAuth2Timeout",
        Kind::Seconds { min: 1, max: 3600 },
        Group::OAuth2,
        "120",
        "Longest wait for a person to sign in. A login timeout that the application sets counts as well.",
    )
    .aliases(&["ExternalAuthenticationTimeout"]),
    row(
        Id::OAuth2TokenCache,
        "OAuth2TokenCache",
        Kind::Choice(TOKEN_CACHES),
        Group::OAuth2,
        "Memory",
        "Who else may use the token: no other connection, the process's connections to the same host as the same \
         `UID`, or (`File`, also `SYSTEM`) all programs of this user, by a file that only the user can read. A \
         program that connects for several people must tell them apart by `UID`, or use `None`.",
    )
    .aliases(&["ExternalAuthenticationTokenCache", "TokenCache"]),
    row(
        Id::OAuth2Issuer,
        "OAuth2Issuer",
        Kind::Text,
        Group::OAuth2,
        "required by `ClientCredentials` and `DeviceFlow`",
        "Address of the issuer of tokens, which describes itself at `/.well-known/openid-configuration` below it.",
    )
    .aliases(&["OIDCIssuer", "OIDCDiscoveryURL", "Issuer"]),
    row(
        Id::OAuth2TokenEndpoint,
        "OAuth2TokenEndpoint",
        Kind::Text,
        Group::OAuth2,
        "as the issuer says",
        "Where the issuer gives tokens; with it, `ClientCredentials` needs no `OAuth2Issuer`.",
    )
    .aliases(&["TokenEndpoint", "TokenURL"]),
    row(
        Id::OAuth2ClientId,
        "OAuth2ClientId",
        Kind::Text,
        Group::OAuth2,
        "required by `ClientCredentials` and `DeviceFlow`",
        "The name that the issuer knows this program by.",
    )
    .aliases(&["ClientId", "Client_ID"]),
    row(
        Id::OAuth2ClientSecret,
        "OAuth2ClientSecret",
        Kind::Text,
        Group::OAuth2,
        "required by `ClientCredentials`",
        "The secret of `OAuth2ClientId`.",
    )
    .aliases(&["ClientSecret", "Client_Secret"])
    .secret(),
    row(
        Id::OAuth2Scope,
        "OAuth2Scope",
        Kind::Text,
        Group::OAuth2,
        "",
        "What the token shall be good for, as the issuer calls it; several with blanks between.",
    )
    .aliases(&["Scope"]),
    row(
        Id::OAuth2Audience,
        "OAuth2Audience",
        Kind::Text,
        Group::OAuth2,
        "",
        "Whom the token shall be good at, for issuers that want to be told.",
    )
    .aliases(&["Audience"]),
    row(
        Id::OAuth2TrustStore,
        "OAuth2TrustStore",
        Kind::Paths,
        Group::OAuth2,
        "the coordinator's trust",
        "Certificates to trust as authorities of the issuer, in the forms of `SSLTrustStore`, beside the system's. \
         The issuer is reached by the coordinator's proxy.",
    ),
    row(
        Id::OAuth2TrustStorePassword,
        "OAuth2TrustStorePassword",
        Kind::Text,
        Group::OAuth2,
        "",
        "Password of the PKCS#12 and JKS files in `OAuth2TrustStore`. PEM and DER files need none.",
    )
    .secret(),
    row(
        Id::KerberosServiceName,
        "KerberosServiceName",
        Kind::Text,
        Group::Kerberos,
        "`HTTP`",
        "Name of the coordinator's service. Given without `AuthenticationType`, it asks for Kerberos.",
    )
    .aliases(&["KrbServiceName", "KerberosRemoteServiceName"]),
    row(
        Id::KerberosPrincipal,
        "KerberosPrincipal",
        Kind::Text,
        Group::Kerberos,
        "whoever signed in",
        "Who signs in, as `name@REALM`.",
    )
    .aliases(&["KerberosUsername"]),
    row(
        Id::KerberosPassword,
        "KerberosPassword",
        Kind::Text,
        Group::Kerberos,
        "",
        "Password of `KerberosPrincipal`, instead of a ticket that is there already.",
    )
    .secret(),
    row(
        Id::KerberosKeytab,
        "KerberosKeytab",
        Kind::Path,
        Group::Kerberos,
        "",
        "File of keys to sign in with. Tickets are renewed from it by themselves.",
    )
    .aliases(&["KerberosKeytabPath", "UPNKeytabMappingFile"]),
    row(
        Id::KerberosCredentialCache,
        "KerberosCredentialCache",
        Kind::Text,
        Group::Kerberos,
        "the system's",
        "Cache of tickets: a file, or a name with its kind (`FILE:`, `DIR:`, `KEYRING:`, `MEMORY:`) before it.",
    )
    .aliases(&["KerberosCredentialCachePath"]),
    row(
        Id::KerberosServicePrincipalPattern,
        "KerberosServicePrincipalPattern",
        Kind::Text,
        Group::Kerberos,
        "`${SERVICE}@${HOST}`",
        "How the service's name is made up. With a slash (`${SERVICE}/${HOST}@REALM`) it is taken word for word.",
    ),
    row(
        Id::KerberosUseCanonicalHostname,
        "KerberosUseCanonicalHostname",
        Kind::Boolean,
        Group::Kerberos,
        "true",
        "Whether the Kerberos library may replace `Host` by its canonical name, as `krb5.conf` says.",
    ),
    row(
        Id::KerberosDelegation,
        "KerberosDelegation",
        Kind::Boolean,
        Group::Kerberos,
        "false",
        "Whether the server may act as the user elsewhere.",
    )
    .aliases(&["DelegateKrbCreds"]),
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
        "What is checked of the coordinator's certificate: chain and host name, the chain only, or nothing.",
    ),
    row(
        Id::SslTrustStore,
        "SSLTrustStore",
        Kind::Paths,
        Group::Tls,
        "",
        "Certificates to trust as the coordinator's authorities, beside the system's: files in PEM, DER, PKCS#12 or \
         JKS form, or folders of such files. Several stand with `;` (in braces) or `|` between.",
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
        "The host that the coordinator's certificate must be for, where it is reached by another name.",
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
        "Files of revoked certificates (CRL, in PEM or DER form). A certificate of the coordinator that one of them \
         names is refused; one whose authority has no list is not.",
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
        Kind::Seconds { min: 1, max: 3600 },
        Group::Storage,
        "10",
        "Longest wait for a connection to storage to be established, TLS included. Behind a firewall that drops \
         packets, it is how long a first query takes to find out and to go round storage (`SpoolingFallback`).",
    ),
    row(
        Id::Encoding,
        "Encoding",
        Kind::List,
        Group::Results,
        "`json+zstd,json+lz4,json`",
        "Encodings of spooled results, best first; `none` asks for results through the coordinator only.",
    ),
    row(
        Id::ParallelDownloads,
        "ParallelDownloads",
        Kind::Integer { min: 1, max: 64 },
        Group::Results,
        "8",
        "Segments that one statement downloads at the same time.",
    ),
    row(
        Id::DecodeThreads,
        "DecodeThreads",
        Kind::Integer { min: 1, max: 64 },
        Group::Results,
        "one for each core",
        "Segments of one connection decoded at the same time. The memory that a result takes grows with it.",
    ),
    row(
        Id::MemoryLimit,
        "MemoryLimit",
        Kind::Bytes {
            min: 1 << 20,
            max: 1 << 40,
        },
        Group::Results,
        "96 MB",
        "Bytes of results that one statement holds: downloads under way, decoded rows that the application has not \
         read and, of a scrollable cursor, in one half of it, those that it may go back to. One segment is always \
         admitted.",
    ),
    row(
        Id::Spill,
        "Spill",
        Kind::Boolean,
        Group::Results,
        "true",
        "Whether what has no room in memory may go to a temporary file: segments that would expire before there is \
         room for them, compressed as they came, and the rows of a scrollable cursor. The file is encrypted with a key \
         that only the process has, and gone with the result.",
    ),
    row(
        Id::SpillLimit,
        "SpillLimit",
        Kind::Bytes {
            min: 1 << 20,
            max: 1 << 44,
        },
        Group::Results,
        "4 GB",
        "Bytes that one statement may have in temporary files.",
    ),
    row(
        Id::SpillPath,
        "SpillPath",
        Kind::Path,
        Group::Results,
        "the folder of temporary files",
        "Folder of the temporary files.",
    ),
    row(
        Id::SpoolingFallback,
        "SpoolingFallback",
        Kind::Boolean,
        Group::Results,
        "true",
        "Whether a query whose first segment this computer cannot reach (unknown host, connection refused, TLS) is run \
         again with its rows through the coordinator. Only queries that cannot change anything are.",
    ),
    row(
        Id::TextColumnLength,
        "TextColumnLength",
        Kind::Integer {
            min: 1,
            max: 0x7fff_ffff,
        },
        Group::Results,
        "32767",
        "Characters that applications are told an unbounded `varchar` has, by SQLDescribeCol, SQLColumns and \
         SQLDescribeParam. A value that is longer arrives all the same.",
    )
    .aliases(&["MaxVarcharColumnLength", "DefaultStringColumnLength"]),
    row(
        Id::ComplexColumnLength,
        "ComplexColumnLength",
        Kind::Integer {
            min: 1,
            max: 0x7fff_ffff,
        },
        Group::Results,
        "`TextColumnLength`",
        "The same of arrays, maps, rows, JSON and other types that are shown as text.",
    )
    .aliases(&["MaxComplexTypeColumnLength"]),
    row(
        Id::MetadataCache,
        "MetadataCache",
        Kind::Seconds { min: 0, max: 86_400 },
        Group::Browsing,
        "0",
        "How long a connection keeps the answers of catalog functions, to give them again without asking the server; 0 \
         keeps none. What the connection itself creates, alters or drops makes it forget them all.",
    ),
    row(
        Id::NullCatalogIsCurrent,
        "NullCatalogIsCurrent",
        Kind::Boolean,
        Group::Browsing,
        "false",
        "Whether a catalog function whose catalog is a null pointer looks into the connection's own catalog only, and \
         not into all.",
    )
    .aliases(&["AssumeNullCatalogMeansCurrentCatalog"]),
    row(
        Id::LiteralUnderscore,
        "LiteralUnderscore",
        Kind::Boolean,
        Group::Browsing,
        "false",
        "Whether `_` in the pattern of a catalog function stands for itself and not for any character, for \
         applications that pass names as they are. `%` stays a wildcard.",
    )
    .aliases(&["AssumeLiteralUnderscoreInMetadataCallsForNonConformingClients"]),
    row(
        Id::TableRemarks,
        "TableRemarks",
        Kind::Boolean,
        Group::Browsing,
        "false",
        "Whether SQLTables tells the comments of all tables that it lists; some connectors must open each table for \
         that. Without, it tells the comment of a table that is asked for by its name.",
    ),
    row(
        Id::TimestampWithTimeZone,
        "TimestampWithTimeZone",
        Kind::Choice(ZONED_TIMESTAMPS),
        Group::Results,
        "`Timestamp`",
        "How columns of `timestamp with time zone` are described: as timestamps, told in the session's `TimeZone` \
         (each in its own zone when that is not set), or as text that ends with the value's own zone.",
    ),
    row(
        Id::Interval,
        "Interval",
        Kind::Choice(INTERVALS),
        Group::Results,
        "`Interval`",
        "How columns of both interval types are described: as ODBC's intervals, or as text for clients that cannot \
         read those (pyodbc).",
    ),
    row(
        Id::SessionProperties,
        "SessionProperties",
        Kind::Pairs,
        Group::Session,
        "",
        "Session properties: `{name:value;catalog.name:value}`, or `name=value,name=value`.",
    )
    .aliases(&["SessionProperty"]),
    row(
        Id::Roles,
        "Roles",
        Kind::Pairs,
        Group::Session,
        "",
        "Role of each catalog: `{catalog:role;system:role}`. `all` and `none` stand for all roles and for none.",
    )
    .aliases(&["Role"]),
    row(
        Id::TimeZone,
        "TimeZone",
        Kind::Text,
        Group::Session,
        "the server's",
        "Time zone of the session: an IANA name or an offset.",
    )
    .aliases(&["TimeZoneID"]),
    row(
        Id::Path,
        "Path",
        Kind::Text,
        Group::Session,
        "",
        "Where functions without a catalog and schema are looked up: `catalog.schema`, with commas between.",
    ),
    row(
        Id::Source,
        "Source",
        Kind::Text,
        Group::Session,
        "`trino-odbc`",
        "Name of the application, as the server's resource groups and logs see it.",
    )
    .aliases(&["ApplicationName"]),
    row(
        Id::ClientInfo,
        "ClientInfo",
        Kind::Text,
        Group::Session,
        "",
        "Anything more about the client, for the server's logs.",
    ),
    row(
        Id::ClientTags,
        "ClientTags",
        Kind::List,
        Group::Session,
        "",
        "Tags for the server's resource groups, with commas between.",
    ),
    row(
        Id::TraceToken,
        "TraceToken",
        Kind::Text,
        Group::Session,
        "",
        "A token that the server writes to its logs with each query.",
    ),
    row(
        Id::ResourceEstimates,
        "ResourceEstimates",
        Kind::Pairs,
        Group::Session,
        "",
        "What queries will take, for the server's resource groups: `EXECUTION_TIME`, `CPU_TIME` and `PEAK_MEMORY`, as \
         `{CPU_TIME:5m;PEAK_MEMORY:2GB}`.",
    )
    .aliases(&["ResourceEstimate"]),
    row(
        Id::Language,
        "Language",
        Kind::Text,
        Group::Session,
        "the server's",
        "Language of the session, such as `de-AT`.",
    )
    .aliases(&["Locale"]),
    row(
        Id::ExtraHeaders,
        "ExtraHeaders",
        Kind::Pairs,
        Group::Session,
        "",
        "Headers of requests to the coordinator, for a gateway before it: `{name:value;name:value}`. Trino's own \
         cannot be given.",
    )
    .aliases(&["ExtraHeader"])
    .secret(),
    row(
        Id::Transactions,
        "Transactions",
        Kind::Boolean,
        Group::Session,
        "true",
        "Whether an application that turns off autocommit has transactions. When false, each statement commits by itself \
         all the same: for programs that insist, and catalogs that can only write so.",
    ),
    row(
        Id::FastInserts,
        "FastInserts",
        Kind::Boolean,
        Group::Session,
        "true",
        "Whether arrays of parameters are inserted many rows at a time: `INSERT INTO t VALUES (?, ?)` becomes few \
         statements with many rows each. When false, each row is a statement.",
    ),
    row(
        Id::QueryMaxLength,
        "QueryMaxLength",
        Kind::Integer {
            min: 1000,
            max: 1_000_000_000,
        },
        Group::Session,
        "1000000",
        "Characters that the server takes in one statement, its `query.max-length`. A lower limit is found out by itself.",
    ),
    row(
        Id::LogLevel,
        "LogLevel",
        Kind::Choice(LOG_LEVELS),
        Group::Log,
        "off",
        "What is logged: `off`, `error`, `warn`, `info`, `debug`, `trace`, or 0 to 6. The keywords of the log count in \
         the driver's own section of `odbcinst.ini` too, for all connections that do not say otherwise. The environment's `TRINO_ODBC_LOG_LEVEL` wins.",
    ),
    row(
        Id::LogPath,
        "LogPath",
        Kind::Path,
        Group::Log,
        "the folder of temporary files",
        "Log file, or a folder in which `trino-odbc-<process id>.log` is written. \
         The environment's `TRINO_ODBC_LOG_PATH` wins.",
    ),
    row(
        Id::LogFileSize,
        "LogFileSize",
        Kind::Bytes {
            min: 1 << 20,
            max: 1 << 40,
        },
        Group::Log,
        "20 MB",
        "Bytes of a log file. One that is full is kept with `.1` after its name, and a new one begun.",
    ),
    row(
        Id::LogFileCount,
        "LogFileCount",
        Kind::Integer { min: 1, max: 1000 },
        Group::Log,
        "10",
        "Log files that are kept, the one that is written included.",
    ),
];

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
