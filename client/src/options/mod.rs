//! The options of one client.

use std::path::PathBuf;
use std::time::Duration;

mod authentication;
mod identity;
mod kerberos;
mod oauth2;
mod secret;

pub use authentication::{Authentication, BearerToken, InvalidLogin, Login, TokenSource};
pub use identity::{CertificateSelector, Identity, StoreLocation, StoredCertificate};
pub use kerberos::Kerberos;
pub use oauth2::{Flow, Issuer, OAuth2, Show, SignInCallback, TokenCache};
pub use secret::Secret;

/// Everything that a session is opened with.
#[derive(Debug, Clone)]
pub struct Options {
    /// Host name or address of the coordinator; an address of IPv6 in brackets.
    pub host: String,
    /// Port of the coordinator.
    pub port: u16,
    /// Whether to connect over TLS.
    pub tls: bool,
    /// User that runs the queries; with a token or a certificate the server may derive it.
    pub user: Option<String>,
    /// Another user to run the queries as, if the server allows `user` to impersonate it.
    pub session_user: Option<String>,
    /// How to authenticate.
    pub authentication: Authentication,
    /// Catalog for names without one.
    pub catalog: Option<String>,
    /// Schema for names without one.
    pub schema: Option<String>,
    /// Which certificates to trust for the coordinator.
    pub trust: Trust,
    /// Client certificate for the TLS handshake with the coordinator, never presented to storage
    /// and workers.
    pub identity: Option<Identity>,
    /// Proxy to the coordinator.
    pub proxy: Proxy,
    /// Which certificates to trust for storage. The two trusts are independent.
    pub storage_trust: Trust,
    /// Proxy to storage, to which the coordinator's proxy does not apply.
    pub storage_proxy: Proxy,
    /// How results are fetched.
    pub spooling: Spooling,
    /// Name of the application, sent as `X-Trino-Source`.
    pub source: String,
    /// Sent as `X-Trino-Client-Info`.
    pub client_info: Option<String>,
    /// Sent as `X-Trino-Client-Tags`.
    pub client_tags: Vec<String>,
    /// Sent as `X-Trino-Trace-Token`.
    pub trace_token: Option<String>,
    /// Sent as `X-Trino-Resource-Estimate`.
    pub resource_estimates: Vec<(String, String)>,
    /// Language of the session, a tag of BCP 47.
    pub language: Option<String>,
    /// Additional headers for requests to the coordinator.
    pub extra_headers: Vec<(String, Secret)>,
    /// Sent as `X-Trino-Routing-Group`, for a gateway.
    pub routing_group: Option<String>,
    /// Whether cookies of the coordinator's origin are kept and sent back.
    pub cookies: bool,
    /// Where functions without a catalog and schema are looked up.
    pub path: Option<String>,
    /// Session properties by name.
    pub session_properties: Vec<(String, String)>,
    /// Credentials for connectors by name.
    pub extra_credentials: Vec<(String, Secret)>,
    /// Role by catalog (`system` for the system role).
    pub roles: Vec<(String, String)>,
    /// Time zone of the session, an IANA name or an offset; the server's if absent.
    pub time_zone: Option<String>,
    /// Characters that the server accepts in a statement.
    pub query_max_length: usize,
    /// How long the results of metadata queries are cached; not at all if zero.
    pub metadata_cache: Duration,
    /// Whether opening a session checks host, TLS and credentials with one HEAD of `/v1/statement`.
    pub validate_connection: bool,
    /// Whether the coordinator may compress its responses with gzip.
    pub compression: bool,
    /// Time limit for establishing a connection; `None` is no limit.
    pub connect_timeout: Option<Duration>,
    /// How long a request may make no progress; `None` is no limit.
    pub read_timeout: Option<Duration>,
    /// How often to keep a query alive that is read slowly: well within the time after which the
    /// server abandons it.
    pub heartbeat: Duration,
}

/// How results are fetched from storage.
#[derive(Debug, Clone)]
pub struct Spooling {
    /// Encodings to request, best first; without any, results come through the coordinator.
    pub encodings: Vec<Encoding>,
    /// Whether earlier results decide which encoding comes first.
    pub adaptive: bool,
    /// Segments that one statement downloads at the same time, 1 to 64; by the number of cores if
    /// absent.
    pub downloads: Option<usize>,
    /// Segments that one session decodes at the same time, at least 1; by the number of cores if
    /// absent.
    pub decode_threads: Option<usize>,
    /// Bytes that one statement may hold, compressed in flight and decoded but not yet read; by the
    /// number of cores and the memory if absent.
    pub memory: Option<u64>,
    /// Bytes that all statements of the process may hold together; by the memory if absent.
    pub process_memory: Option<u64>,
    /// Whether data that does not fit into memory may be spilled to disk, encrypted.
    pub spill: bool,
    /// Bytes that one statement may have on disk.
    pub spill_limit: u64,
    /// Directory for temporary files; the system's if absent.
    pub spill_path: Option<PathBuf>,
    /// Whether to run a query again through the direct protocol if storage is unreachable.
    pub fallback: bool,
    /// Time limit for establishing a connection to storage; `None` is no limit.
    pub connect_timeout: Option<Duration>,
    /// How long to retry a segment; `None` is no limit.
    pub retry_timeout: Option<Duration>,
}

/// The encoding of a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// Uncompressed.
    Json,
    /// Compressed with Zstandard.
    JsonZstd,
    /// Compressed with LZ4.
    JsonLz4,
}

/// Which certificates are trusted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trust {
    /// How much of a certificate is verified.
    pub verification: Verification,
    /// Files, or folders of files, of trusted certificates.
    pub stores: Vec<PathBuf>,
    /// Password of the PKCS#12 and JKS files among them.
    pub store_password: Option<Secret>,
    /// Whether to trust the system's authorities as well.
    pub system: bool,
    /// Host name that the certificate must be issued for, if it differs from the host.
    pub expected_host: Option<String>,
    /// Oldest version of TLS to accept.
    pub oldest: TlsVersion,
    /// Files of certificate revocation lists.
    pub revoked: Vec<PathBuf>,
}

/// A version of TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TlsVersion {
    /// TLS 1.2.
    #[default]
    Tls12,
    /// TLS 1.3.
    Tls13,
}

/// The proxy to a server.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Proxy {
    /// As the environment and the system configure it, except for this computer itself.
    #[default]
    System,
    /// No proxy.
    Direct,
    /// This proxy.
    Server(Box<ProxyServer>),
}

/// A configured proxy.
#[derive(Debug, Clone, PartialEq)]
pub struct ProxyServer {
    /// Scheme, host and port, perhaps with credentials.
    pub uri: Secret,
    /// User name and password for the proxy.
    pub credentials: Option<(String, Secret)>,
    /// Hosts, domains, addresses and networks to connect to without it.
    pub exclusions: Vec<String>,
}

/// How much of a certificate is verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Verification {
    /// Chain and host name.
    #[default]
    Full,
    /// The chain only.
    Ca,
    /// Nothing.
    None,
}

impl Options {
    /// How long opening a session may take by default: longer if a person has to sign in.
    pub fn patience(&self) -> Option<Duration> {
        let person = match &self.authentication {
            Authentication::OAuth2(oauth2) => Some(oauth2).filter(|oauth2| oauth2.needs_a_person()),
            _ => None,
        };
        Some(self.connect_timeout? + person.map_or(Duration::ZERO, |oauth2| oauth2.timeout))
    }
}

impl Trust {
    /// The same for hosts whose certificates are issued for the names by which they are reached.
    pub fn for_any_host(&self) -> Self {
        Self {
            expected_host: None,
            ..self.clone()
        }
    }
}

impl Encoding {
    /// The name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::JsonZstd => "json+zstd",
            Self::JsonLz4 => "json+lz4",
        }
    }

    /// The encoding of that name, in any case; `None` if it is not supported.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::JsonZstd, Self::JsonLz4, Self::Json]
            .into_iter()
            .find(|encoding| encoding.name().eq_ignore_ascii_case(name))
    }
}

impl Default for Trust {
    fn default() -> Self {
        Self {
            verification: Verification::Full,
            stores: Vec::new(),
            store_password: None,
            system: true,
            expected_host: None,
            oldest: TlsVersion::default(),
            revoked: Vec::new(),
        }
    }
}

impl Default for Spooling {
    fn default() -> Self {
        Self {
            encodings: vec![Encoding::JsonZstd, Encoding::JsonLz4, Encoding::Json],
            adaptive: true,
            downloads: None,
            decode_threads: None,
            memory: None,
            process_memory: None,
            spill: true,
            spill_limit: 4 << 30,
            spill_path: None,
            fallback: true,
            connect_timeout: Some(Duration::from_secs(10)),
            retry_timeout: Some(Duration::from_secs(60)),
        }
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            host: String::new(),
            port: 8080,
            tls: false,
            user: None,
            session_user: None,
            authentication: Authentication::None,
            catalog: None,
            schema: None,
            trust: Trust::default(),
            identity: None,
            proxy: Proxy::default(),
            storage_trust: Trust::default(),
            storage_proxy: Proxy::default(),
            spooling: Spooling::default(),
            source: "trino-client".to_owned(),
            client_info: None,
            client_tags: Vec::new(),
            trace_token: None,
            resource_estimates: Vec::new(),
            language: None,
            extra_headers: Vec::new(),
            routing_group: None,
            cookies: true,
            path: None,
            session_properties: Vec::new(),
            extra_credentials: Vec::new(),
            roles: Vec::new(),
            time_zone: None,
            query_max_length: 1_000_000,
            metadata_cache: Duration::ZERO,
            validate_connection: true,
            compression: true,
            connect_timeout: Some(Duration::from_secs(30)),
            read_timeout: Some(Duration::from_secs(60)),
            heartbeat: Duration::from_secs(30),
        }
    }
}
