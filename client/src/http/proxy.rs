//! The proxy in front of a server, if there is one.
//!
//! A proxy that is set by a keyword applies to one trust domain. The system's proxy applies where
//! none is set, but never to this computer itself: it is often not excluded, and a proxy elsewhere
//! cannot reach it.

mod list;
mod system;

use std::sync::Arc;

use hyper_util::client::proxy::matcher::Matcher;
use reqwest::{ClientBuilder, NoProxy};
use url::{Host, Url};

use super::error::origin_of;
use super::{Domain, Error};
use crate::options::Proxy;
pub(super) use system::SystemProxies;
#[cfg(test)]
pub(super) use system::tests::Scripted;
use system::{ChosenBy, address_of};

/// The proxy by which a server is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProxyInUse {
    /// Host and port.
    pub address: String,
    /// What it is set by, for people.
    pub set_by: &'static str,
}

/// Sets the proxy of `builder`; `system` are the system's proxies if they depend on the host.
pub(super) fn apply(
    builder: ClientBuilder,
    proxy: &Proxy,
    system: Option<&Arc<SystemProxies>>,
    domain: Domain,
) -> Result<ClientBuilder, Error> {
    let server = match (proxy, system) {
        (Proxy::Direct, _) => return Ok(builder.no_proxy()),
        (Proxy::System, None) => return Ok(builder),
        (Proxy::System, Some(system)) => {
            let system = Arc::clone(system);
            return Ok(builder.proxy(reqwest::Proxy::custom(move |uri| {
                system.known(uri).map(|(server, _)| server)
            })));
        }
        (Proxy::Server(server), _) => server,
    };
    let mut named = reqwest::Proxy::all(server.uri.reveal())
        .map_err(|_| Error::unusable_proxy(domain.proxy_keyword()))?
        .no_proxy(NoProxy::from_string(&server.exclusions.join(",")));
    if let Some((user, password)) = &server.credentials {
        named = named.basic_auth(user, password.reveal());
    }
    Ok(builder.proxy(named))
}

/// The proxy by which `uri` is requested; `None` when that goes straight. With `system`, it is known
/// only if it was determined for that host.
pub(super) fn before(
    proxy: &Proxy,
    system: Option<&Arc<SystemProxies>>,
    domain: Domain,
    uri: &Url,
) -> Option<ProxyInUse> {
    let (matcher, set_by) = match (proxy, system) {
        (Proxy::Direct, _) => return None,
        (Proxy::System, _) if is_loopback(uri) => return None,
        (Proxy::System, Some(system)) => {
            let (server, by) = system.known(uri)?;
            return Some(ProxyInUse {
                address: address_of(&server),
                set_by: match by {
                    ChosenBy::Environment => BY_ENVIRONMENT,
                    ChosenBy::Script => "the proxy script of the system's settings",
                    ChosenBy::Settings => "the system's settings",
                },
            });
        }
        (Proxy::System, None) => {
            let by = match cfg!(target_vendor = "apple") {
                true => "the environment or the system's settings",
                false => BY_ENVIRONMENT,
            };
            (Matcher::from_system(), by)
        }
        (Proxy::Server(server), _) => {
            let matcher = Matcher::builder()
                .all(server.uri.reveal().to_owned())
                .no(server.exclusions.join(","))
                .build();
            (matcher, domain.proxy_keyword())
        }
    };
    let intercept = matcher.intercept(&uri.as_str().parse().ok()?)?;
    // Credentials are no part of it.
    let address = intercept.uri().authority()?.to_string();
    Some(ProxyInUse { address, set_by })
}

/// Whether the host is this computer itself.
pub(super) fn is_loopback(uri: &Url) -> bool {
    match uri.host() {
        Some(Host::Domain(name)) => {
            let name = name.trim_end_matches('.');
            name == "localhost" || name.ends_with(".localhost")
        }
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

const BY_ENVIRONMENT: &str = "the environment";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::{ProxyServer, Secret};

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn this_computer_is_known_by_all_its_names() {
        for host in [
            "localhost",
            "127.0.0.1",
            "127.1.2.3",
            "[::1]",
            "a.localhost",
            "LocalHost.",
        ] {
            assert!(is_loopback(&url(&format!("https://{host}:1/"))), "{host}");
        }
        for host in ["example.org", "10.0.0.1", "localhost.example"] {
            assert!(!is_loopback(&url(&format!("http://{host}/"))), "{host}");
        }
    }

    #[test]
    fn a_named_proxy_stands_before_all_but_its_exclusions() {
        let proxy = Proxy::Server(Box::new(ProxyServer {
            uri: Secret::new("http://u:hunter2@proxy.example:3128"),
            credentials: None,
            exclusions: vec![".near.example".to_owned(), "10.0.0.0/8".to_owned()],
        }));
        let before = |proxy: &Proxy, uri: &str| {
            let found = before(proxy, None, Domain::Storage, &url(uri))?;
            assert_eq!(found.set_by, "StorageProxy");
            Some(found.address)
        };
        let of = |uri| before(&proxy, uri);
        assert_eq!(
            of("https://far.example/").as_deref(),
            Some("proxy.example:3128")
        );
        assert_eq!(
            of("http://127.0.0.1/").as_deref(),
            Some("proxy.example:3128")
        );
        assert_eq!(of("https://a.near.example/"), None);
        assert_eq!(of("https://10.1.2.3/"), None);
        assert_eq!(before(&Proxy::Direct, "https://far.example/"), None);
        assert_eq!(before(&Proxy::System, "https://localhost/"), None);
    }
}
