//! Where a page is requested that a coordinator names.
//!
//! A coordinator behind a proxy that ends TLS, and that does not forward how it was reached, names
//! pages by its own scheme, host and port. Their path and query are then requested at the
//! coordinator's own origin: over TLS, and at a host that exists.

use std::net::IpAddr;

use parking_lot::Mutex;
use url::{Host, Url};

use super::Coordinator;
use crate::http;
use crate::protocol::{Error, Warning};

/// Facts about addresses of pages at other hosts.
#[derive(Debug, Default)]
pub(super) struct Elsewhere {
    inner: Mutex<Known>,
}

/// Hosts that were looked up, and the warning.
#[derive(Debug, Default)]
struct Known {
    /// Hosts other than the coordinator's, and whether each exists.
    hosts: Vec<(String, bool)>,
    warned: bool,
    warning: Option<Warning>,
}

impl Coordinator {
    /// Where the page that the coordinator names `uri` is requested.
    pub(super) async fn address(&self, uri: &str) -> Result<String, Error> {
        let parsed = Url::parse(uri)
            .ok()
            .filter(|uri| matches!(uri.scheme(), "http" | "https") && uri.has_host())
            .ok_or_else(|| Error::Malformed("it names a next page that is no URI".to_owned()))?;
        if self.own.contains(&parsed) {
            return Ok(uri.to_owned());
        }
        let is_downgrade = self.own.is_downgrade(&parsed);
        let is_of_statement = parsed.path().contains(STATEMENTS);
        if is_downgrade && !is_of_statement {
            return Err(Error::Downgraded {
                to: format!("{}://{}", parsed.scheme(), http::endpoint_of(&parsed)),
            });
        }
        if is_downgrade || is_of_statement && !self.exists(&parsed).await {
            self.elsewhere.warn(&parsed, is_downgrade, &self.endpoint);
            return Ok(self.own.within(&parsed).into());
        }
        Ok(uri.to_owned())
    }

    /// Whether the host of `uri` has an address, as far as this computer can know.
    async fn exists(&self, uri: &Url) -> bool {
        let Some(Host::Domain(host)) = uri.host() else {
            return true;
        };
        if host.parse::<IpAddr>().is_ok() || self.client.goes_by_proxy(uri).await {
            return true;
        }
        if let Some(known) = self.elsewhere.known(host) {
            return known;
        }
        let port = uri.port_or_known_default().unwrap_or_default();
        let exists = match tokio::net::lookup_host((host, port)).await {
            Ok(mut addresses) => addresses.next().is_some(),
            Err(_) => false,
        };
        let mut inner = self.elsewhere.inner.lock();
        inner.hosts.push((host.to_owned(), exists));
        exists
    }
}

impl Elsewhere {
    /// The warning about a server that does not know how it is reached, once in a connection.
    pub(super) fn take_warning(&self) -> Option<Warning> {
        self.inner.lock().warning.take()
    }

    /// Whether a host exists, if that was looked up before.
    fn known(&self, host: &str) -> Option<bool> {
        let inner = self.inner.lock();
        let (_, exists) = inner.hosts.iter().find(|(known, _)| known == host)?;
        Some(*exists)
    }

    /// Prepares the warning, once.
    fn warn(&self, uri: &Url, is_downgrade: bool, endpoint: &str) {
        let mut inner = self.inner.lock();
        if inner.warned {
            return;
        }
        inner.warned = true;
        let place = format!("{}://{}", uri.scheme(), http::endpoint_of(uri));
        let why = if is_downgrade {
            "which lacks TLS"
        } else {
            "a host that does not exist for this computer"
        };
        let message = format!(
            "The coordinator names its next pages at {place}, {why}; they are requested at {endpoint} instead. Set \
             http-server.process-forwarded=true at the server, and have the proxy in front of it send \
             X-Forwarded-Proto, X-Forwarded-Host and X-Forwarded-Port."
        );
        tracing::warn!(
            place,
            endpoint,
            "next pages are requested at the coordinator itself"
        );
        inner.warning = Some(Warning {
            code: 0,
            name: "NEXT_PAGE_REWRITTEN".to_owned(),
            message,
        });
    }
}

/// In the path of pages, with or without a prefix of a gateway before it.
const STATEMENTS: &str = "/v1/statement/";
