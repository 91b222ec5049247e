//! The names of the keywords inside the driver.

use std::fmt;

use super::{Group, Keyword};

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
    ProtectedSecrets,
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
    SslClientCertificateInStore,
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

impl Id {
    /// Whether the keyword says who signs in, or how.
    pub fn is_credential(self) -> bool {
        let group = Keyword::of(self).group;
        matches!(group, Group::Credentials | Group::OAuth2 | Group::Kerberos)
            || matches!(
                self,
                Self::SslClientCertificate
                    | Self::SslClientCertificateInStore
                    | Self::SslClientKey
                    | Self::SslClientKeyPassword
            )
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(Keyword::of(*self).name)
    }
}
