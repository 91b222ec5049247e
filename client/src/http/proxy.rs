//! The proxy in front of a server, if there is one.
//!
//! A proxy that is set by a keyword applies to one trust domain. The system's proxy applies where
//! none is set, but never to this computer itself: it is often not excluded, and a proxy elsewhere
//! cannot reach it.

use hyper_util::client::proxy::matcher::Matcher;
use reqwest::{ClientBuilder, NoProxy};
use url::{Host, Url};

use super::{Domain, Error};
use crate::options::Proxy;

/// Sets the proxy of `builder`.
pub(super) fn apply(
    builder: ClientBuilder,
    proxy: &Proxy,
    domain: Domain,
) -> Result<ClientBuilder, Error> {
    let server = match proxy {
        Proxy::System => return Ok(builder),
        Proxy::Direct => return Ok(builder.no_proxy()),
        Proxy::Server(server) => server,
    };
    let mut named = reqwest::Proxy::all(server.uri.reveal())
        .map_err(|_| Error::unusable_proxy(domain.proxy_keyword()))?
        .no_proxy(NoProxy::from_string(&server.exclusions.join(",")));
    if let Some((user, password)) = &server.credentials {
        named = named.basic_auth(user, password.reveal());
    }
    Ok(builder.proxy(named))
}

/// Host and port of the proxy by which `uri` is requested; `None` when that goes straight.
pub(super) fn before(proxy: &Proxy, uri: &Url) -> Option<String> {
    let matcher = match proxy {
        Proxy::Direct => return None,
        Proxy::System if is_loopback(uri) => return None,
        Proxy::System => Matcher::from_system(),
        Proxy::Server(server) => Matcher::builder()
            .all(server.uri.reveal().to_owned())
            .no(server.exclusions.join(","))
            .build(),
    };
    let intercept = matcher.intercept(&uri.as_str().parse().ok()?)?;
    // Credentials are no part of it.
    intercept.uri().authority().map(ToString::to_string)
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
        let of = |uri| before(&proxy, &url(uri));
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
        assert_eq!(before(&Proxy::Direct, &url("https://far.example/")), None);
        assert_eq!(before(&Proxy::System, &url("https://localhost/")), None);
    }
}
