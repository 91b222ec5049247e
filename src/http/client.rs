//! A client of one trust domain: its TLS configuration, its kept connections, its timeouts.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use reqwest::{Method, RequestBuilder, StatusCode, redirect};
use url::Url;

use super::{Error, proxy, tls};
use crate::config::{Identity, Options, Proxy, Trust};

/// What a client is made from.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// Whose settings these are.
    pub domain: Domain,
    /// Whom to believe.
    pub trust: Trust,
    /// What to prove ourselves with, to a server that asks.
    pub identity: Option<Identity>,
    /// By which proxy to go.
    pub proxy: Proxy,
    /// Longest wait for a connection to be established; `None` is no limit.
    pub connect_timeout: Option<Duration>,
    /// Longest time without any progress on a request that was sent; `None` is no limit.
    pub read_timeout: Option<Duration>,
    /// Whether answers may come gzipped.
    pub compression: bool,
}

/// Who is spoken to, and so which keywords say how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Domain {
    Coordinator,
    Storage,
    /// Who issues tokens.
    Issuer,
}

/// A client of one trust domain. Clones share its kept connections.
#[derive(Clone)]
pub struct Client {
    inner: reqwest::Client,
    /// For this computer itself, when the system says which proxy is used.
    straight: Option<reqwest::Client>,
    proxy: Arc<Proxy>,
    domain: Domain,
}

/// Clients by their settings, so that connections that are opened one after the other find kept sockets, resumable TLS
/// sessions and read trust stores. Must go before the runtime does: kept sockets live on it.
#[derive(Debug, Default)]
pub struct Clients {
    made: Mutex<Vec<(Settings, Client)>>,
}

impl Clients {
    /// The client of these settings, made when there is none.
    pub fn get(&self, settings: Settings) -> Result<Client, Error> {
        let mut made = self.made.lock();
        if let Some((_, client)) = made.iter().find(|(known, _)| *known == settings) {
            return Ok(client.clone());
        }
        let client = Client::new(&settings)?;
        made.push((settings, client.clone()));
        Ok(client)
    }
}

impl Client {
    /// A client that believes as `settings` say. Opens no connection.
    pub fn new(settings: &Settings) -> Result<Self, Error> {
        // HTTP/1.1: a second statement or segment gets a connection, and with it a window, of its own.
        let identity = settings.identity.as_ref();
        let tls = tls::configuration(&settings.trust, settings.domain, identity)?;
        let build = |proxy: &Proxy| {
            let mut builder = reqwest::Client::builder()
                .tls_backend_preconfigured(tls.clone())
                .http1_only()
                .redirect(redirect::Policy::none())
                .retry(reqwest::retry::never())
                .referer(false)
                .gzip(settings.compression)
                .tcp_nodelay(true)
                .tcp_keepalive(KEEP_ALIVE)
                .pool_idle_timeout(POOL_IDLE_LIMIT)
                .user_agent(USER_AGENT);
            if let Some(limit) = settings.connect_timeout {
                builder = builder.connect_timeout(limit);
            }
            if let Some(limit) = settings.read_timeout {
                builder = builder.read_timeout(limit);
            }
            proxy::apply(builder, proxy, settings.domain)?
                .build()
                .map_err(|error| Error::from_reqwest(&error))
        };
        let straight = match settings.proxy {
            Proxy::System => Some(build(&Proxy::Direct)?),
            Proxy::Direct | Proxy::Server(_) => None,
        };
        Ok(Self {
            inner: build(&settings.proxy)?,
            straight,
            proxy: Arc::new(settings.proxy.clone()),
            domain: settings.domain,
        })
    }

    /// A GET of `uri`, to which the caller adds headers.
    pub fn get(&self, uri: &str) -> RequestBuilder {
        self.request(Method::GET, uri)
    }

    /// A request of `uri`, to which the caller adds headers and body.
    pub fn request(&self, method: Method, uri: &str) -> RequestBuilder {
        let client = match &self.straight {
            Some(straight) if Url::parse(uri).is_ok_and(|uri| proxy::is_loopback(&uri)) => straight,
            _ => &self.inner,
        };
        client.request(method, uri)
    }

    /// The error that an answer of `status` is when it comes from the proxy before `uri`, which wants to know who asks.
    /// Before https a proxy says so while connecting.
    pub fn refused_by_proxy(&self, uri: &Url, status: StatusCode) -> Option<Error> {
        if status != StatusCode::PROXY_AUTHENTICATION_REQUIRED {
            return None;
        }
        let proxy = proxy::before(&self.proxy, uri)?;
        Some(Error::refused_by_proxy(uri, &proxy, self.domain))
    }

    /// What the failure of one of its requests comes down to, and which keyword may help.
    pub fn tell(&self, error: &reqwest::Error) -> Error {
        let proxy = error.url().and_then(|uri| proxy::before(&self.proxy, uri));
        Error::told_by(error, proxy.as_deref(), self.domain)
    }
}

impl Settings {
    /// What `options` say about that domain. Shows no certificate.
    pub fn of(options: &Options, domain: Domain) -> Self {
        let (trust, proxy, connect_timeout) = match domain {
            Domain::Coordinator | Domain::Issuer => {
                (&options.trust, &options.proxy, options.connect_timeout)
            }
            Domain::Storage => (
                &options.storage_trust,
                &options.storage_proxy,
                options.spooling.connect_timeout,
            ),
        };
        Self {
            domain,
            trust: trust.clone(),
            identity: None,
            proxy: proxy.clone(),
            connect_timeout,
            read_timeout: options.read_timeout,
            // Segments are compressed already, and their lengths are checked.
            compression: options.compression && domain != Domain::Storage,
        }
    }

    /// The same for the coordinator, showing the certificate that `options` name.
    pub fn identified(options: &Options) -> Self {
        Self {
            identity: options.identity.clone(),
            ..Self::of(options, Domain::Coordinator)
        }
    }

    /// Host and port of the proxy by which `uri` is requested; `None` when that goes straight.
    pub fn proxy_before(&self, uri: &Url) -> Option<String> {
        proxy::before(&self.proxy, uri)
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            domain: Domain::Coordinator,
            trust: Trust::default(),
            identity: None,
            proxy: Proxy::default(),
            connect_timeout: Some(Duration::from_secs(30)),
            read_timeout: Some(Duration::from_secs(60)),
            compression: true,
        }
    }
}

impl Domain {
    /// The keyword that names trust stores.
    pub fn store_keyword(self) -> &'static str {
        match self {
            Self::Coordinator => "SSLTrustStore",
            Self::Storage => "StorageTrustStore",
            Self::Issuer => "OAuth2TrustStore",
        }
    }

    /// The keyword of the trust stores' password.
    pub fn password_keyword(self) -> &'static str {
        match self {
            Self::Coordinator => "SSLTrustStorePassword",
            Self::Storage => "StorageTrustStorePassword",
            Self::Issuer => "OAuth2TrustStorePassword",
        }
    }

    /// The keyword that names lists of revoked certificates.
    pub fn revocation_keyword(self) -> &'static str {
        match self {
            Self::Coordinator | Self::Issuer => "SSLRevocationList",
            Self::Storage => "StorageSSLRevocationList",
        }
    }

    /// The keyword that names a proxy.
    pub fn proxy_keyword(self) -> &'static str {
        match self {
            Self::Coordinator | Self::Issuer => "HTTPProxy",
            Self::Storage => "StorageProxy",
        }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Client")
    }
}

const USER_AGENT: &str = concat!("trino-odbc/", env!("CARGO_PKG_VERSION"));

/// A connection that is waiting on a slow query still shows life to firewalls.
const KEEP_ALIVE: Duration = Duration::from_secs(30);

/// Shorter than the idle limits usual in load balancers, so that a kept connection is rarely a dead one.
const POOL_IDLE_LIMIT: Duration = Duration::from_secs(50);
