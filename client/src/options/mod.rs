//! The options of one connection, as parsed and checked values.

use std::path::PathBuf;
use std::time::Duration;

mod kerberos;
mod oauth2;
mod secret;

pub use kerberos::Kerberos;
pub use oauth2::{Flow, Issuer, OAuth2, Show, Tell, TokenCache};
pub use secret::Secret;

use crate::columns::AsText;

/// Everything that a connection is made from.
#[derive(Debug, Clone)]
pub struct Options {
    /// Name of the data source that this was read from.
    pub data_source: Option<String>,
    /// Host name or address of the coordinator; an address of IPv6 in brackets.
    pub host: String,
    pub port: u16,
    /// Whether the coordinator speaks https.
    pub tls: bool,
    pub user: Option<String>,
    /// Who runs the queries, when that is not who signs in.
    pub session_user: Option<String>,
    /// Sent as Basic credentials, over https only.
    pub password: Option<Secret>,
    /// Sent as a Bearer token, over https only.
    pub access_token: Option<Secret>,
    /// A file with such a token, which may change.
    pub access_token_file: Option<PathBuf>,
    /// How such a token is got.
    pub oauth2: Option<OAuth2>,
    /// How tickets of Kerberos are got, sent over https only.
    pub kerberos: Option<Kerberos>,
    pub catalog: Option<String>,
    pub schema: Option<String>,
    /// Whom to trust as the coordinator.
    pub trust: Trust,
    /// What this side proves itself with at the coordinator's TLS handshake. Storage and workers never see it.
    pub identity: Option<Identity>,
    /// How to get to the coordinator.
    pub proxy: Proxy,
    /// Whom to trust as storage. Kept apart: neither trust adds to the other.
    pub storage_trust: Trust,
    /// How to get to storage. Kept apart: the coordinator's proxy does not count there.
    pub storage_proxy: Proxy,
    pub spooling: Spooling,
    pub browsing: Browsing,
    pub lengths: Lengths,
    /// `X-Trino-Source`.
    pub source: String,
    pub client_info: Option<String>,
    pub client_tags: Vec<String>,
    pub trace_token: Option<String>,
    /// `X-Trino-Resource-Estimate`.
    pub resource_estimates: Vec<(String, String)>,
    /// A tag of BCP 47.
    pub language: Option<String>,
    /// Headers that a gateway before the coordinator wants.
    pub extra_headers: Vec<(String, Secret)>,
    /// `X-Trino-Routing-Group`, for a gateway.
    pub routing_group: Option<String>,
    /// Whether cookies of the coordinator's origin are kept and sent back.
    pub cookies: bool,
    pub path: Option<String>,
    pub session_properties: Vec<(String, String)>,
    pub extra_credentials: Vec<(String, Secret)>,
    /// Role by catalog (`system` for the system role).
    pub roles: Vec<(String, String)>,
    /// IANA id or offset; the server's own zone when absent.
    pub time_zone: Option<String>,
    /// Whether rows of parameters are inserted together where the server allows it.
    pub fast_inserts: bool,
    /// Characters that a statement may have on the server.
    pub query_max_length: usize,
    /// Whether an application may turn off that each statement commits by itself.
    pub transactions: bool,
    /// Types that applications are told to be text.
    pub as_text: AsText,
    /// Whether connecting proves host, TLS and credentials with one HEAD of `/v1/statement`.
    pub validate_connection: bool,
    /// Whether pages may come gzipped.
    pub compression: bool,
    /// Longest wait for a connection to be established; `None` is no limit.
    pub connect_timeout: Option<Duration>,
    /// Longest time without any progress on a request that was sent; `None` is no limit.
    pub read_timeout: Option<Duration>,
    /// How often the server is shown that a query which is read slowly is still wanted. Well within the time after
    /// which it gives a query up; no keyword sets it.
    pub heartbeat: Duration,
    pub log: LogOptions,
}

/// How results are fetched from storage.
#[derive(Debug, Clone)]
pub struct Spooling {
    /// Encodings offered to the server, best first; none asks for the direct protocol.
    pub encodings: Vec<Encoding>,
    /// Whether what earlier results showed decides which of them comes first.
    pub adaptive: bool,
    /// Segments downloaded at the same time by one statement, 1 to 64; by the cores when absent.
    pub downloads: Option<usize>,
    /// Segments that the statements of one session decode at the same time, at least 1; by the cores when absent.
    pub decode_threads: Option<usize>,
    /// Bytes that one statement may hold: compressed in flight, and decoded but not yet read; by the cores and the
    /// memory when absent.
    pub memory: Option<u64>,
    /// Bytes that all statements of the process may hold together, if somebody says so.
    pub process_memory: Option<u64>,
    /// Whether segments may wait on disk, encrypted, when their URIs end before there is memory.
    pub spill: bool,
    /// Bytes that one statement may have on disk.
    pub spill_limit: u64,
    /// The folder for that; the system's folder of temporary files when absent.
    pub spill_path: Option<PathBuf>,
    /// Whether a query is run again over the direct protocol when storage is out of reach.
    pub fallback: bool,
    /// Longest wait for a connection to storage to be established; `None` is no limit.
    pub connect_timeout: Option<Duration>,
    /// How long a segment is tried that cannot be fetched; `None` is no limit.
    pub retry_timeout: Option<Duration>,
}

/// How catalog functions are answered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Browsing {
    /// How long answers are kept; not at all when zero.
    pub cache: Duration,
    /// Whether no catalog means the current one, and not all.
    pub null_catalog_is_current: bool,
    /// Whether `_` in patterns stands for itself.
    pub literal_underscore: bool,
    /// Whether lists of tables come with the tables' comments.
    pub table_remarks: bool,
}

/// Lengths that are told of columns without one of their own, in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lengths {
    /// Of unbounded text.
    pub text: usize,
    /// Of arrays, rows and other types that are shown as text.
    pub complex: usize,
}

/// An encoding of segments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    Json,
    JsonZstd,
    JsonLz4,
}

/// Which certificates are believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trust {
    pub verification: Verification,
    /// Files (or folders) of certificates that are trusted.
    pub stores: Vec<PathBuf>,
    pub store_password: Option<Secret>,
    /// Whether the system's own trust store counts as well.
    pub system: bool,
    /// The host that the certificate must be for, when it is not the one that is connected to.
    pub expected_host: Option<String>,
    /// The oldest version of TLS that is spoken.
    pub oldest: TlsVersion,
    /// Files of certificates that were revoked.
    pub revoked: Vec<PathBuf>,
}

/// A version of TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TlsVersion {
    #[default]
    Tls12,
    Tls13,
}

/// A certificate of this side, and its key.
#[derive(Debug, Clone, PartialEq)]
pub struct Identity {
    /// The certificate with those between it and its authority, in PEM form, or a PKCS#12 file with the key inside.
    pub certificate: PathBuf,
    /// The key in PEM form; in the certificate's file when absent.
    pub key: Option<PathBuf>,
    /// Of the key, or of the PKCS#12 file.
    pub password: Option<Secret>,
}

/// By which proxy, if any, a server is spoken to.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Proxy {
    /// As the environment and the system say, except for this computer itself.
    #[default]
    System,
    /// By none, whatever the system says.
    Direct,
    /// By this one.
    Server(Box<ProxyServer>),
}

/// A proxy that a person named.
#[derive(Debug, Clone, PartialEq)]
pub struct ProxyServer {
    /// Scheme, host and port; it may hold credentials too.
    pub uri: Secret,
    /// User name at the proxy, and the password that goes with it.
    pub credentials: Option<(String, Secret)>,
    /// Hosts, domains, addresses and networks that are spoken to without it.
    pub exclusions: Vec<String>,
}

/// How much of a certificate is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Verification {
    /// Chain and host name.
    #[default]
    Full,
    /// Chain only.
    Ca,
    /// Nothing.
    None,
}

/// What is logged, and where.
#[derive(Debug, Clone)]
pub struct LogOptions {
    /// `None` is off.
    pub level: Option<tracing::Level>,
    /// Whether somebody said the level, be it off.
    pub is_given: bool,
    /// Whether the level comes from the settings of the driver, and not from the connection's.
    pub driver_wide: bool,
    pub path: Option<PathBuf>,
    /// Bytes of one file.
    pub file_size: u64,
    /// Files in all: the one that is written, and those that were full.
    pub files: u64,
}

impl Options {
    /// Longest time that connecting may take unless the application says otherwise: a person needs longer than a server.
    pub fn patience(&self) -> Option<Duration> {
        let person = self
            .oauth2
            .as_ref()
            .filter(|oauth2| oauth2.needs_a_person());
        Some(self.connect_timeout? + person.map_or(Duration::ZERO, |oauth2| oauth2.timeout))
    }
}

impl Trust {
    /// The same for hosts whose certificates are for the names they are reached by.
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

    /// The encoding of that name; `None` for one that the driver cannot read.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::JsonZstd, Self::JsonLz4, Self::Json]
            .into_iter()
            .find(|encoding| encoding.name().eq_ignore_ascii_case(name))
    }
}

impl LogOptions {
    /// The level of that name or number, in any case; `None` for one that does not exist.
    ///
    /// The numbers are those of other drivers: 0 is off, 1 fatal, then error, warning, info, debug and trace.
    pub fn level_from_name(name: &str) -> Option<Option<tracing::Level>> {
        use tracing::Level;
        Some(match name.trim().to_ascii_lowercase().as_str() {
            "off" | "none" | "0" => None,
            "fatal" | "error" | "1" | "2" => Some(Level::ERROR),
            "warn" | "warning" | "3" => Some(Level::WARN),
            "info" | "4" => Some(Level::INFO),
            "debug" | "5" => Some(Level::DEBUG),
            "trace" | "6" => Some(Level::TRACE),
            _ => return None,
        })
    }
}

impl Default for Lengths {
    fn default() -> Self {
        Self {
            text: 32_767,
            complex: 32_767,
        }
    }
}

impl Default for LogOptions {
    fn default() -> Self {
        Self {
            level: None,
            is_given: false,
            driver_wide: false,
            path: None,
            file_size: 20 << 20,
            files: 10,
        }
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
            data_source: None,
            host: String::new(),
            port: 8080,
            tls: false,
            user: None,
            session_user: None,
            password: None,
            access_token: None,
            access_token_file: None,
            oauth2: None,
            kerberos: None,
            catalog: None,
            schema: None,
            trust: Trust::default(),
            identity: None,
            proxy: Proxy::default(),
            storage_trust: Trust::default(),
            storage_proxy: Proxy::default(),
            spooling: Spooling::default(),
            browsing: Browsing::default(),
            lengths: Lengths::default(),
            source: "trino-odbc".to_owned(),
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
            fast_inserts: true,
            query_max_length: 1_000_000,
            transactions: true,
            // Few clients read ODBC's intervals; many stop at a result that has one.
            as_text: AsText {
                intervals: true,
                ..AsText::default()
            },
            validate_connection: true,
            compression: true,
            connect_timeout: Some(Duration::from_secs(30)),
            read_timeout: Some(Duration::from_secs(60)),
            heartbeat: Duration::from_secs(30),
            log: LogOptions::default(),
        }
    }
}
