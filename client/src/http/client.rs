//! A client of one trust domain: its TLS configuration, its open connections, its timeouts.
//!
//! A [`Client`] has up to four pools of connections, and picks one by the request's host:
//!
//! | Host | Trust | Proxy |
//! |---|---|---|
//! | the home origin, or any host if the trust expects no other host name | as configured | as configured |
//! | another host, while `SSLHostNameInCertificate` is set for the home origin | without that host name | as configured |
//! | this computer itself, while the system's proxy applies | either of them | none |
//!
//! All of them speak HTTP/1.1, so that each segment has a TCP window to itself, and none follows
//! redirects or repeats requests: the callers decide that.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use reqwest::{Method, RequestBuilder, Response, StatusCode, redirect};
use rustls::client::ResolvesClientCert;
use url::{Origin, Url};

use super::error::{Kind, endpoint_of, origin_of};
use super::files::Files;
use super::identity::{self, Absent};
use super::proxy::{ProxyInUse, SystemProxies};
use super::sockets::{Sockets, Traffic};
use super::{Error, OwnOrigin, proxy, tls};
use crate::options::{Identity, Options, Proxy, Trust};

/// The settings of a client.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// Whose settings these are.
    pub domain: Domain,
    /// Which certificates to trust.
    pub trust: Trust,
    /// The origin whose certificate must have the host name that `trust` expects; any origin if
    /// absent.
    pub home: Option<Origin>,
    /// The client certificate for servers that request one.
    pub identity: Option<Identity>,
    /// The proxy to use.
    pub proxy: Proxy,
    /// Longest wait for a connection to be established; `None` is no limit.
    pub connect_timeout: Option<Duration>,
    /// Longest time without any progress on a request that was sent; `None` is no limit.
    pub read_timeout: Option<Duration>,
    /// Whether answers may come gzipped.
    pub compression: bool,
}

/// The kind of server that a client talks to, which decides the keywords of its settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Domain {
    /// The coordinator and its workers.
    Coordinator,
    /// Storage that keeps segments.
    Storage,
    /// The issuer of tokens.
    Issuer,
}

/// A client of one trust domain. Clones share its kept connections.
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
    /// The headers and cookies that requests to the coordinator's own origin carry.
    own: Option<Arc<OwnOrigin>>,
}

/// The part of a client that its clones share.
struct Inner {
    usual: Pools,
    /// For hosts other than `Settings::home`, if that makes a difference.
    elsewhere: Option<Pools>,
    home: Option<Origin>,
    proxy: Proxy,
    /// The system's proxies if they apply and depend on the host.
    system_proxies: Option<Arc<SystemProxies>>,
    domain: Domain,
    sockets: Arc<Sockets>,
    /// In the place of a client certificate, if the settings have none.
    absent: Arc<Absent>,
}

/// Kept connections of one trust.
struct Pools {
    proxied: reqwest::Client,
    /// To this computer itself, when the system says which proxy is used.
    straight: Option<reqwest::Client>,
}

/// Clients by their settings, so that a new connection finds open sockets, resumable TLS sessions
/// and trust stores that are already read. It must be dropped before the runtime, which drives the
/// sockets.
///
/// A client whose files have changed is replaced by one that has read them; connections that have
/// the old client keep it. One that was unused for a while is dropped.
#[derive(Debug, Default)]
pub struct ClientPool {
    made: Mutex<Vec<Made>>,
    sockets: Arc<Sockets>,
}

/// A client of the pool.
#[derive(Debug)]
struct Made {
    settings: Settings,
    files: Files,
    client: Client,
    /// When a connection was last seen to have it.
    used: Instant,
}

impl ClientPool {
    /// Those of a process that may open so many files and sockets; `None` when nothing limits them.
    pub(crate) fn of_process(open_files: Option<u64>) -> Self {
        Self {
            made: Mutex::default(),
            sockets: Arc::new(Sockets::new(open_files)),
        }
    }

    /// The client of these settings, made when there is none that has read the files as they are.
    pub fn get(&self, settings: Settings) -> Result<Client, Error> {
        let files = Files::of(&settings.trust, settings.identity.as_ref());
        let mut made = self.made.lock();
        made.retain_mut(|made| made.is_wanted(Instant::now()));
        let known = made.iter().position(|made| made.settings == settings);
        if let Some(at) = known {
            match made.get_mut(at) {
                Some(known) if known.files == files => {
                    known.used = Instant::now();
                    return Ok(known.client.clone());
                }
                _ => {
                    tracing::info!("trust stores or certificates have changed and are read again");
                    made.swap_remove(at);
                }
            }
        }
        let client = Client::sharing(&settings, Arc::clone(&self.sockets))?;
        made.push(Made {
            settings,
            files,
            client: client.clone(),
            used: Instant::now(),
        });
        Ok(client)
    }
}

#[cfg(test)]
impl ClientPool {
    /// How many there are at that time.
    pub(super) fn count(&self, now: Instant) -> usize {
        let mut made = self.made.lock();
        made.retain_mut(|made| made.is_wanted(now));
        made.len()
    }
}

impl Made {
    /// Whether a connection has the client, or had it lately.
    fn is_wanted(&mut self, now: Instant) -> bool {
        if Arc::strong_count(&self.client.inner) > 1 {
            self.used = now;
        }
        now.duration_since(self.used) < UNUSED_LIMIT
    }
}

impl Client {
    /// A client with these settings. Opens no connection.
    pub fn new(settings: &Settings) -> Result<Self, Error> {
        Self::sharing(settings, Arc::default())
    }

    /// A client whose requests count against the bounds of `sockets`.
    fn sharing(settings: &Settings, sockets: Arc<Sockets>) -> Result<Self, Error> {
        let system = match settings.proxy {
            Proxy::System => SystemProxies::of_os(),
            Proxy::Direct | Proxy::Server(_) => None,
        };
        Self::by_proxies(settings, sockets, system)
    }

    /// A client to which the system's proxies are these.
    #[cfg(test)]
    pub(super) fn with_proxies(
        settings: &Settings,
        system: Arc<SystemProxies>,
    ) -> Result<Self, Error> {
        Self::by_proxies(settings, Arc::default(), Some(system))
    }

    /// The same with these proxies of the system.
    fn by_proxies(
        settings: &Settings,
        sockets: Arc<Sockets>,
        system: Option<Arc<SystemProxies>>,
    ) -> Result<Self, Error> {
        let absent = Arc::new(Absent::default());
        let certificate: Arc<dyn ResolvesClientCert> = match &settings.identity {
            Some(identity) => identity::resolver(identity, &tls::provider())?,
            None => Arc::clone(&absent) as _,
        };
        let pools = |trust: &Trust| Pools::new(settings, trust, &certificate, system.as_ref());
        let usual = pools(&settings.trust)?;
        let expects_another_name = settings.trust.expected_host.is_some();
        let elsewhere = (expects_another_name && settings.home.is_some())
            .then(|| pools(&settings.trust.for_any_host()))
            .transpose()?;
        Ok(Self {
            inner: Arc::new(Inner {
                usual,
                elsewhere,
                home: settings.home.clone(),
                proxy: settings.proxy.clone(),
                system_proxies: system,
                domain: settings.domain,
                sockets,
                absent,
            }),
            own: None,
        })
    }

    /// The same client, whose requests to `own` carry the headers and cookies of that origin.
    pub fn with_origin(&self, own: &Arc<OwnOrigin>) -> Self {
        Self {
            inner: Arc::clone(&self.inner),
            own: Some(Arc::clone(own)),
        }
    }

    /// A GET of `uri`, to which the caller adds headers.
    pub fn get(&self, uri: &str) -> RequestBuilder {
        self.request(Method::GET, uri)
    }

    /// A request of `uri`, to which the caller adds headers and body.
    pub fn request(&self, method: Method, uri: &str) -> RequestBuilder {
        let Ok(parsed) = Url::parse(uri) else {
            return self.inner.usual.proxied.request(method, uri);
        };
        // A copy costs less than to have the text parsed again.
        let request = self.inner.client(&parsed).request(method, parsed.clone());
        match &self.own {
            Some(own) => own.apply(&parsed, request),
            None => request,
        }
    }

    /// Sends a request of this client, and keeps the cookies that the coordinator's own origin
    /// sets.
    pub async fn send(&self, request: RequestBuilder) -> Result<Response, reqwest::Error> {
        self.send_as(Traffic::Exchange, request).await
    }

    /// The same for a request of that kind. It is sent when there may be one more to its host, and
    /// counts as under way until the response is dropped.
    pub async fn send_as(
        &self,
        traffic: Traffic,
        request: RequestBuilder,
    ) -> Result<Response, reqwest::Error> {
        let (client, request) = request.build_split();
        let request = request?;
        // A cancellation must not wait for requests that continue.
        let turn = match *request.method() {
            Method::DELETE => None,
            _ => {
                let host = endpoint_of(request.url());
                self.inner.sockets.turn(traffic, host).await
            }
        };
        let proxied = self
            .inner
            .proxied(request.url())
            .map(|system| (Arc::clone(system), request.url().clone()));
        if let Some((system, uri)) = &proxied {
            system.prepare(uri).await;
        }
        let mut response = match client.execute(request).await {
            Ok(response) => response,
            Err(error) => {
                if let Some((system, uri)) = proxied.filter(|_| error.is_connect()) {
                    system.note_failure(&uri);
                }
                return Err(error);
            }
        };
        self.inner.absent.was_dispensable();
        if let Some(turn) = turn {
            response.extensions_mut().insert(turn);
        }
        if let Some(own) = &self.own {
            own.keep_cookies(response.url(), response.headers());
        }
        Ok(response)
    }

    /// Whether a request of `uri` goes by a proxy, which then resolves the name of its host.
    pub async fn goes_by_proxy(&self, uri: &Url) -> bool {
        if let Some(system) = self.inner.proxied(uri) {
            system.prepare(uri).await;
        }
        self.inner.proxy_before(uri).is_some()
    }

    /// The error of an answer with `status` if it comes from the proxy in front of `uri`, which
    /// requires credentials. For https, a proxy reports that while connecting.
    pub fn refused_by_proxy(&self, uri: &Url, status: StatusCode) -> Option<Error> {
        if status != StatusCode::PROXY_AUTHENTICATION_REQUIRED {
            return None;
        }
        let proxy = self.inner.proxy_before(uri)?;
        Some(Error::refused_by_proxy(uri, &proxy, self.inner.domain))
    }

    /// The error of a failed request, with the keyword that may help.
    pub fn error(&self, error: &reqwest::Error) -> Error {
        let proxy = error.url().and_then(|uri| self.inner.proxy_before(uri));
        let domain = self.inner.domain;
        let mut error = Error::of_request(error, proxy.as_ref(), domain);
        // Its alert may be lost with the connection, on Windows above all.
        let may_lack_certificate =
            error.kind() == Kind::Broken && self.inner.absent.was_requested();
        if may_lack_certificate && domain == Domain::Coordinator {
            error
                .advise("The server had requested a client certificate: set SSLClientCertificate.");
        }
        error
    }
}

impl Inner {
    /// The proxy by which `uri` is requested.
    fn proxy_before(&self, uri: &Url) -> Option<ProxyInUse> {
        proxy::before(&self.proxy, self.system_proxies.as_ref(), self.domain, uri)
    }

    /// The proxies that are to be determined before `uri` is requested.
    fn proxied(&self, uri: &Url) -> Option<&Arc<SystemProxies>> {
        let system = self.system_proxies.as_ref();
        system.filter(|_| !proxy::is_loopback(uri))
    }

    /// The pool of connections for a host.
    fn client(&self, uri: &Url) -> &reqwest::Client {
        let pools = match &self.elsewhere {
            Some(elsewhere) if self.home != Some(origin_of(uri)) => elsewhere,
            _ => &self.usual,
        };
        match &pools.straight {
            Some(straight) if proxy::is_loopback(uri) => straight,
            _ => &pools.proxied,
        }
    }
}

impl Pools {
    /// The pools of connections with that trust.
    fn new(
        settings: &Settings,
        trust: &Trust,
        certificate: &Arc<dyn ResolvesClientCert>,
        system: Option<&Arc<SystemProxies>>,
    ) -> Result<Self, Error> {
        // HTTP/1.1: a second statement or segment gets a connection, and with it a window, of its
        // own.
        let tls = tls::configuration(trust, settings.domain, Arc::clone(certificate))?;
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
                .pool_max_idle_per_host(MOST_IDLE)
                .user_agent(USER_AGENT);
            if let Some(limit) = settings.connect_timeout {
                builder = builder.connect_timeout(limit);
            }
            if let Some(limit) = settings.read_timeout {
                builder = builder.read_timeout(limit);
            }
            proxy::apply(builder, proxy, system, settings.domain)?
                .build()
                .map_err(|error| Error::from_reqwest(&error))
        };
        Ok(Self {
            proxied: build(&settings.proxy)?,
            straight: match settings.proxy {
                Proxy::System => Some(build(&Proxy::Direct)?),
                Proxy::Direct | Proxy::Server(_) => None,
            },
        })
    }
}

impl Settings {
    /// The settings of that domain in `options`, without a client certificate.
    pub fn of(options: &Options, domain: Domain) -> Self {
        let (trust, proxy, connect_timeout) = match domain {
            Domain::Coordinator => (
                options.trust.clone(),
                &options.proxy,
                options.connect_timeout,
            ),
            // It is trusted as the coordinator is, and is not the host that is named for that one.
            Domain::Issuer => (
                options.trust.for_any_host(),
                &options.proxy,
                options.connect_timeout,
            ),
            Domain::Storage => (
                options.storage_trust.clone(),
                &options.storage_proxy,
                options.spooling.connect_timeout,
            ),
        };
        // Workers and other hosts that the coordinator names are known by names of their own.
        let home = trust
            .expected_host
            .as_ref()
            .and_then(|_| Url::parse(&format!("https://{}:{}/", options.host, options.port)).ok())
            .map(|home| origin_of(&home));
        Self {
            domain,
            trust,
            home,
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

    /// Which certificates to trust at `uri`.
    pub fn trust_at(&self, uri: &Url) -> Trust {
        match &self.home {
            Some(home) if *home != origin_of(uri) => self.trust.for_any_host(),
            _ => self.trust.clone(),
        }
    }

    /// The proxy by which `uri` is requested; `None` when that goes straight. May block for the
    /// time that the system's proxy script takes.
    pub fn proxy_before(&self, uri: &Url) -> Option<ProxyInUse> {
        let system = SystemProxies::of_os();
        if let Some(system) = system.as_ref().filter(|_| self.proxy == Proxy::System) {
            system.determine(uri);
        }
        proxy::before(&self.proxy, system.as_ref(), self.domain, uri)
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            domain: Domain::Coordinator,
            trust: Trust::default(),
            home: None,
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

/// The name and the version in the header `User-Agent`.
const USER_AGENT: &str = concat!("trino-odbc/", env!("CARGO_PKG_VERSION"));

/// A connection that is waiting on a slow query still shows life to firewalls.
const KEEP_ALIVE: Duration = Duration::from_secs(30);

/// Shorter than the idle limits usual in load balancers, so that a kept connection is rarely a dead
/// one.
const POOL_IDLE_LIMIT: Duration = Duration::from_secs(50);

/// Connections to one host that are kept for later: as many as a busy program comes back to soon.
const MOST_IDLE: usize = 64;

/// How long a client stays that no connection has: longer than its sockets, and long enough for
/// programs that connect now and then.
const UNUSED_LIMIT: Duration = Duration::from_secs(300);
