//! The system's proxies where they depend on the host: by a script (PAC), which may be searched for
//! on the network (WPAD), or by lists of Windows.
//!
//! ```text
//!   HTTPS_PROXY, HTTP_PROXY or ALL_PROXY is set? -- yes --> that one, unless NO_PROXY names the host
//!        | no
//!   a script is set, or is searched for? ---------- yes --> what it names for the host
//!        | no, or it fails
//!   proxies are set? ------------------------------ yes --> that of the scheme, with exclusions
//!        | no
//!   direct
//! ```
//!
//! A script may take seconds, and so runs on a thread for blocking work, before the request. Its
//! answer counts for some minutes for that scheme, host and port. If it names several proxies, a
//! connection that fails makes the next of them the one that the next attempt uses.

use std::fmt::Debug;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hyper_util::client::proxy::matcher::Matcher;
use parking_lot::Mutex;
use url::{Origin, Url};

use super::{list, origin_of};
use crate::os::{self, ProxyList, ProxySettings};

/// The system's proxies by host.
#[derive(Debug)]
pub(in crate::http) struct SystemProxies {
    source: Box<dyn Source>,
    chosen: Mutex<Vec<Choice>>,
    /// Held by the one request that has the proxy determined.
    turn: tokio::sync::Mutex<()>,
}

/// What proxies are determined by.
pub(in crate::http) trait Source: Debug + Send + Sync {
    /// The proxy settings of the user.
    fn settings(&self) -> ProxySettings;
    /// The proxies that the script of these settings names for `uri`.
    fn by_script(&self, settings: &ProxySettings, uri: &str) -> io::Result<ProxyList>;
    /// A variable of the environment that is set and not empty.
    fn variable(&self, name: &str) -> Option<String>;
}

/// The operating system.
#[derive(Debug)]
struct Os;

/// The proxies to a host.
#[derive(Debug, Clone)]
struct Choice {
    origin: Origin,
    /// Best first; `None` connects directly. Never empty.
    servers: Vec<Option<Url>>,
    by: ChosenBy,
    until: Instant,
}

/// What determined the proxy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::http) enum ChosenBy {
    /// A variable of the environment.
    Environment,
    /// A script.
    Script,
    /// The system's settings.
    Settings,
}

impl SystemProxies {
    /// Those of the operating system; `None` if they do not depend on the host there.
    pub(in crate::http) fn of_os() -> Option<Arc<Self>> {
        cfg!(windows).then(|| Self::of(Box::new(Os)))
    }

    /// Those of that source.
    pub(in crate::http) fn of(source: Box<dyn Source>) -> Arc<Self> {
        Arc::new(Self {
            source,
            chosen: Mutex::default(),
            turn: tokio::sync::Mutex::default(),
        })
    }

    /// Determines the proxy to the host of `uri`, unless it is known.
    pub(in crate::http) async fn prepare(self: &Arc<Self>, uri: &Url) {
        if self.is_known(uri) {
            return;
        }
        let _turn = self.turn.lock().await;
        if self.is_known(uri) {
            return;
        }
        let (proxies, target) = (Arc::clone(self), uri.clone());
        // It stores what it finds, however late.
        let work = tokio::task::spawn_blocking(move || proxies.determine(&target));
        if tokio::time::timeout(SCRIPT_LIMIT, work).await.is_err() {
            let host = uri.host_str().unwrap_or_default();
            tracing::warn!(
                host,
                "the proxy script did not finish in time: connecting directly"
            );
            self.keep(uri, vec![None], ChosenBy::Script, FAILURE_LIMIT);
        }
    }

    /// Determines the proxy to the host of `uri`. May block for seconds.
    pub(in crate::http) fn determine(&self, uri: &Url) {
        let (servers, by, limit) = self.find(uri);
        let host = uri.host_str().unwrap_or_default();
        let proxy = servers.first().and_then(Option::as_ref).map(address_of);
        tracing::debug!(host, proxy, ?by, "proxy determined");
        self.keep(uri, servers, by, limit);
    }

    /// The proxy to the host of `uri`, as far as it was determined.
    pub(in crate::http) fn known(&self, uri: &Url) -> Option<(Url, ChosenBy)> {
        let origin = origin_of(uri);
        let chosen = self.chosen.lock();
        let choice = chosen.iter().find(|choice| choice.origin == origin)?;
        let server = choice.servers.first()?.clone()?;
        Some((server, choice.by))
    }

    /// Notes that no connection by the proxy to the host of `uri` came about.
    pub(in crate::http) fn note_failure(&self, uri: &Url) {
        let origin = origin_of(uri);
        let mut chosen = self.chosen.lock();
        let choice = chosen.iter_mut().find(|choice| choice.origin == origin);
        if let Some(choice) = choice.filter(|choice| choice.servers.len() > 1) {
            choice.servers.rotate_left(1);
        }
    }

    fn is_known(&self, uri: &Url) -> bool {
        let (origin, now) = (origin_of(uri), Instant::now());
        let chosen = self.chosen.lock();
        let mut fresh = chosen.iter().filter(|choice| choice.until > now);
        fresh.any(|choice| choice.origin == origin)
    }

    fn keep(&self, uri: &Url, servers: Vec<Option<Url>>, by: ChosenBy, limit: Duration) {
        let (origin, now) = (origin_of(uri), Instant::now());
        let mut chosen = self.chosen.lock();
        // Requests that are under way may still look up one whose time has passed.
        chosen.retain(|choice| choice.origin != origin && choice.until + CHOICE_LIMIT > now);
        chosen.push(Choice {
            origin,
            servers,
            by,
            until: now + limit,
        });
    }

    /// The proxies to the host of `uri`, what determined them, and for how long they count.
    fn find(&self, uri: &Url) -> (Vec<Option<Url>>, ChosenBy, Duration) {
        if let Some(server) = self.by_environment(uri) {
            return (vec![server], ChosenBy::Environment, CHOICE_LIMIT);
        }
        let settings = self.source.settings();
        let mut limit = CHOICE_LIMIT;
        if settings.detects || settings.script.is_some() {
            match self.source.by_script(&settings, root_of(uri).as_str()) {
                Ok(list) => return (servers(uri, &list), ChosenBy::Script, limit),
                // Windows searches for one by default, and most networks have none.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    tracing::debug!(%error, "no proxy script");
                }
                Err(error) => {
                    let script = settings.script.as_deref().unwrap_or("detected (WPAD)");
                    tracing::warn!(
                        %error, script, "the proxy script failed: connecting as without one"
                    );
                    limit = FAILURE_LIMIT;
                }
            }
        }
        (servers(uri, &settings.list), ChosenBy::Settings, limit)
    }

    /// The proxy that the environment sets; `Some(None)` if it excludes the host.
    fn by_environment(&self, uri: &Url) -> Option<Option<Url>> {
        let variable = |names: [&str; 2]| names.iter().find_map(|name| self.source.variable(name));
        // A CGI program has headers of its client in the environment.
        if variable(["REQUEST_METHOD"; 2]).is_some() {
            return None;
        }
        let of_scheme = match uri.scheme() {
            "https" => ["HTTPS_PROXY", "https_proxy"],
            _ => ["HTTP_PROXY", "http_proxy"],
        };
        let server = variable(of_scheme).or_else(|| variable(["ALL_PROXY", "all_proxy"]));
        let excluded = variable(["NO_PROXY", "no_proxy"]);
        if excluded.is_some_and(|excluded| is_excluded(uri, excluded)) {
            return Some(None);
        }
        let server = server?;
        let server = match server.contains("://") {
            true => server,
            false => format!("http://{server}"),
        };
        Some(Url::parse(&server).ok())
    }
}

impl Source for Os {
    fn settings(&self) -> ProxySettings {
        os::proxy_settings().unwrap_or_default()
    }

    fn by_script(&self, settings: &ProxySettings, uri: &str) -> io::Result<ProxyList> {
        os::proxies_by_script(settings, uri, SCRIPT_LIMIT)
    }

    fn variable(&self, name: &str) -> Option<String> {
        std::env::var(name).ok().filter(|value| !value.is_empty())
    }
}

/// Scheme, host and port of `uri`: a path and a query may be secret.
fn root_of(uri: &Url) -> Url {
    uri.join("/").unwrap_or_else(|_| uri.clone())
}

/// The proxies of that list to the host of `uri`.
fn servers(uri: &Url, found: &ProxyList) -> Vec<Option<Url>> {
    let servers = list::servers(&found.servers, uri.scheme());
    if servers.is_empty() || list::is_excluded(uri, &found.exclusions) {
        return vec![None];
    }
    servers
}

/// Whether `NO_PROXY` names the host of `uri`.
fn is_excluded(uri: &Url, excluded: String) -> bool {
    let all = Matcher::builder().all("http://proxy.invalid").no(excluded);
    let target = uri.as_str().parse();
    target.is_ok_and(|target| all.build().intercept(&target).is_none())
}

/// Host and port of a proxy, without its credentials.
pub(super) fn address_of(server: &Url) -> String {
    let host = server.host_str().unwrap_or_default();
    let default = if server.scheme().starts_with("socks") {
        1080
    } else {
        80
    };
    let port = server.port_or_known_default().unwrap_or(default);
    format!("{host}:{port}")
}

/// How long a request waits for a script.
const SCRIPT_LIMIT: Duration = Duration::from_secs(10);

/// How long the answer of a script counts.
const CHOICE_LIMIT: Duration = Duration::from_secs(300);

/// How long a script that failed is not run again.
const FAILURE_LIMIT: Duration = Duration::from_secs(60);

#[cfg(test)]
pub(in crate::http) mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    /// Settings that name a script, which answers by host.
    #[derive(Debug, Default)]
    pub(in crate::http) struct Scripted {
        pub(in crate::http) settings: ProxySettings,
        /// The answer of the script; `None` fails.
        pub(in crate::http) answer: Option<&'static str>,
        pub(in crate::http) variables: Vec<(&'static str, &'static str)>,
        pub(in crate::http) runs: Arc<AtomicUsize>,
    }

    impl Source for Scripted {
        fn settings(&self) -> ProxySettings {
            self.settings.clone()
        }

        fn by_script(&self, _: &ProxySettings, uri: &str) -> io::Result<ProxyList> {
            self.runs.fetch_add(1, Ordering::Relaxed);
            assert!(!uri.contains("secret"), "{uri}");
            let servers = match self.answer {
                None => return Err(io::Error::other("the proxy script has an error")),
                Some(_) if uri.contains("near") => "DIRECT",
                Some(servers) => servers,
            };
            Ok(ProxyList {
                servers: servers.to_owned(),
                exclusions: String::new(),
            })
        }

        fn variable(&self, name: &str) -> Option<String> {
            let mut variables = self.variables.iter();
            variables.find_map(|(known, value)| (*known == name).then(|| (*value).to_owned()))
        }
    }

    fn settings(servers: &str, exclusions: &str, script: bool) -> ProxySettings {
        ProxySettings {
            detects: false,
            script: script.then(|| "http://pac.example/".to_owned()),
            list: ProxyList {
                servers: servers.to_owned(),
                exclusions: exclusions.to_owned(),
            },
        }
    }

    /// The proxy to `uri`, and what determined it.
    fn before(source: Scripted, uri: &str) -> Option<(String, ChosenBy)> {
        let proxies = SystemProxies::of(Box::new(source));
        let uri = Url::parse(uri).unwrap();
        proxies.determine(&uri);
        let (server, by) = proxies.known(&uri)?;
        Some((address_of(&server), by))
    }

    #[test]
    fn the_environment_comes_before_a_script_and_a_script_before_the_settings() {
        let all = |variables: &[(&'static str, &'static str)], answer| Scripted {
            settings: settings("http=fixed:80;https=fixed:443", "*.near.example", true),
            answer,
            variables: variables.to_vec(),
            ..Scripted::default()
        };
        let found = |address: &str, by| Some((address.to_owned(), by));
        let far = "https://far.example/x?secret=1";
        let by_variable = [
            ("HTTPS_PROXY", "user:pass@env.example:1"),
            ("NO_PROXY", "b.example"),
        ];
        let script = Some("PROXY script.example:2; DIRECT");
        for (variables, answer, uri, expected) in [
            (
                &by_variable[..],
                script,
                far,
                found("env.example:1", ChosenBy::Environment),
            ),
            (&by_variable, script, "https://a.b.example/", None),
            (
                &by_variable,
                script,
                "http://far.example/",
                found("script.example:2", ChosenBy::Script),
            ),
            (
                &[("REQUEST_METHOD", "GET"), ("HTTP_PROXY", "evil:1")],
                script,
                "http://far.example/",
                found("script.example:2", ChosenBy::Script),
            ),
            (&[], script, "https://near.example/", None),
            (&[], None, far, found("fixed:443", ChosenBy::Settings)),
            (&[], None, "https://a.near.example/", None),
        ] {
            assert_eq!(before(all(variables, answer), uri), expected, "{uri}");
        }
        assert_eq!(before(Scripted::default(), far), None);
    }

    #[test]
    fn a_script_runs_once_for_a_scheme_host_and_port() {
        let runs = Arc::new(AtomicUsize::new(0));
        let source = |answer| Scripted {
            settings: settings("", "", true),
            answer,
            runs: Arc::clone(&runs),
            ..Scripted::default()
        };
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let url = |text: &str| Url::parse(text).unwrap();
        let proxies = SystemProxies::of(Box::new(source(Some("a:1"))));
        runtime.block_on(async {
            for uri in [
                "https://h.example/a",
                "https://h.example/b?c",
                "https://H.example:443",
            ] {
                proxies.prepare(&url(uri)).await;
            }
            assert_eq!(runs.load(Ordering::Relaxed), 1);
            for uri in [
                "http://h.example/",
                "https://h.example:8443/",
                "https://i.example",
            ] {
                proxies.prepare(&url(uri)).await;
            }
            assert_eq!(runs.load(Ordering::Relaxed), 4);
        });
    }

    #[test]
    fn the_next_proxy_of_a_script_follows_one_that_fails() {
        let proxies = SystemProxies::of(Box::new(Scripted {
            settings: settings("", "", true),
            answer: Some("PROXY a:1; PROXY b:2; DIRECT"),
            ..Scripted::default()
        }));
        let uri = Url::parse("https://far.example/").unwrap();
        proxies.determine(&uri);
        let mut seen = Vec::new();
        for _ in 0..4 {
            let known = proxies.known(&uri);
            seen.push(known.map_or("direct".to_owned(), |(server, _)| address_of(&server)));
            proxies.note_failure(&uri);
        }
        assert_eq!(seen, ["a:1", "b:2", "direct", "a:1"]);
    }
}
