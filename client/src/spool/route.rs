//! The route to one segment: which host is requested next, and by which client.
//!
//! Redirects are followed by hand, because each hop may belong to another trust domain: the
//! coordinator and its workers are trusted as the coordinator is, all other hosts as storage is.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use reqwest::header::LOCATION;
use reqwest::{Response, StatusCode};
use url::Url;

use super::error::{Error, RedirectFault};
use super::statistics::Retrieval;
use crate::http::{self, OwnOrigin};

/// Where segments are fetched from, and which client is used there.
#[derive(Debug)]
pub(super) struct Hosts {
    /// Believes the coordinator's authorities; sends no credentials.
    pub(super) coordinator: http::Client,
    pub(super) storage: http::Client,
    pub(super) own: Arc<OwnOrigin>,
    /// Whether any result has received bytes of a segment.
    pub(super) served: AtomicBool,
    /// How long a segment is tried.
    pub(super) patience: Duration,
    /// Seconds that nothing may be heard; 0 sets no limit.
    pub(super) silence: AtomicU32,
}

/// The way to one segment, as far as it was gone.
#[derive(Debug)]
pub(super) struct Route<'a> {
    hosts: &'a Hosts,
    /// As it came: it may be signed, byte by byte.
    text: Cow<'a, str>,
    first: Url,
    uri: Url,
    hops: usize,
}

impl Hosts {
    /// Whether the URI belongs to the Trino cluster rather than to storage.
    pub(super) fn is_cluster(&self, uri: &Url) -> bool {
        // Behind a gateway the coordinator may be known by another name; its resource is not.
        self.own.contains(uri) || uri.path().contains(SPOOLED)
    }

    /// Where a resource of the cluster is requested: a coordinator behind a proxy that ends TLS may
    /// name it without.
    pub(super) fn address<'a>(&self, text: &'a str) -> Cow<'a, str> {
        match Url::parse(text) {
            Ok(uri) if uri.path().contains(SPOOLED) && self.own.is_downgrade(&uri) => {
                Cow::Owned(self.own.within(&uri).into())
            }
            _ => Cow::Borrowed(text),
        }
    }

    /// How long a segment is tried, within the silence that the application allows.
    pub(super) fn patience(&self) -> Duration {
        match self.silence.load(Ordering::Relaxed) {
            0 => self.patience,
            seconds => self.patience.min(Duration::from_secs(seconds.into())),
        }
    }
}

impl<'a> Route<'a> {
    /// The way that begins at `text`, the segment's URI.
    pub(super) fn new(hosts: &'a Hosts, text: &'a str) -> Result<Self, Error> {
        let text = hosts.address(text);
        let first = Url::parse(&text).map_err(|_| Error::Malformed)?;
        Ok(Self {
            hosts,
            text,
            uri: first.clone(),
            first,
            hops: 0,
        })
    }

    /// The next request.
    pub(super) fn text(&self) -> &str {
        match self.hops {
            0 => &self.text,
            _ => self.uri.as_str(),
        }
    }

    /// The same, to look at.
    pub(super) fn uri(&self) -> &Url {
        &self.uri
    }

    /// Whether that belongs to the Trino cluster rather than to storage.
    pub(super) fn is_in_cluster(&self) -> bool {
        self.hosts.is_cluster(&self.uri)
            // The coordinator sends on to the same path of a worker, which belongs to its cluster.
            || (self.hops > 0
                && self.hosts.is_cluster(&self.first)
                && self.uri.path() == self.first.path())
    }

    /// Whether that is a worker, where the coordinator has sent on to.
    pub(super) fn is_at_worker(&self) -> bool {
        self.hops > 0 && self.is_in_cluster()
    }

    /// The client for it.
    pub(super) fn client(&self) -> &'a http::Client {
        if self.is_in_cluster() {
            &self.hosts.coordinator
        } else {
            &self.hosts.storage
        }
    }

    /// Goes on to where `response` redirects; false when it does not.
    pub(super) fn follow(&mut self, response: &Response) -> Result<bool, Error> {
        if !is_redirect(response.status()) {
            return Ok(false);
        }
        let redirect = |fault| Error::Redirect {
            endpoint: http::endpoint_of(&self.uri),
            fault,
        };
        if self.hops == LONGEST_CHAIN {
            return Err(redirect(RedirectFault::TooMany));
        }
        let location = response
            .headers()
            .get(LOCATION)
            .ok_or_else(|| redirect(RedirectFault::NoLocation))?;
        let target = location
            .to_str()
            .ok()
            .and_then(|location| self.uri.join(location).ok())
            .filter(|target| matches!(target.scheme(), "http" | "https") && target.has_host())
            .ok_or_else(|| redirect(RedirectFault::BadLocation))?;
        if self.uri.scheme() == "https" && target.scheme() == "http" {
            return Err(redirect(RedirectFault::Downgrade));
        }
        self.uri = target;
        self.hops += 1;
        Ok(true)
    }

    /// The retrieval mode that the route shows at its end.
    pub(super) fn retrieval(&self) -> Retrieval {
        match (self.hops, self.hosts.is_cluster(&self.first)) {
            (0, true) => Retrieval::CoordinatorProxy,
            (1.., true) if self.is_in_cluster() => Retrieval::WorkerProxy,
            (1.., true) => Retrieval::CoordinatorStorageRedirect,
            (_, false) => Retrieval::Storage,
        }
    }
}

fn is_redirect(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

/// In the path of segments that the cluster itself hands out.
const SPOOLED: &str = "/v1/spooled/";

const LONGEST_CHAIN: usize = 5;
