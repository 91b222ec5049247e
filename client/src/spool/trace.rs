//! One segment fetched once, with a record of the hosts on the way, to find out why it fails or is
//! slow.

use std::time::{Duration, Instant};

use jiff::Timestamp;
use reqwest::header::{ACCEPT_ENCODING, DATE};

use super::acknowledge::Unacknowledged;
use super::error::Error;
use super::route::Route;
use super::segment::{Segment, Source, Spooled};
use super::statistics::Retrieval;
use super::{Spool, download};
use crate::options::Encoding;
use crate::{http, protocol};

/// How one segment came, or did not.
#[derive(Debug)]
pub struct Trace {
    /// The hosts that were requested, in order.
    pub hops: Vec<Hop>,
    /// The retrieval mode that the way amounts to, as far as it was gone.
    pub retrieval: Retrieval,
    /// Whether the segment needs a key that the server sent along.
    pub encrypted: bool,
    /// Why the segment did not come.
    pub failure: Option<Error>,
    /// Why the segment could not be acknowledged.
    pub unacknowledged: Option<Unacknowledged>,
}

/// A host on the way.
#[derive(Debug, Clone)]
pub struct Hop {
    /// The role of the host.
    pub role: Role,
    /// Whether it was reached over TLS.
    pub tls: bool,
    /// Its name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// The status of its answer; `None` when there was none.
    pub status: Option<u16>,
    /// From the request to the beginning of the answer, connecting included.
    pub latency: Duration,
    /// Bytes of the segment that it sent.
    pub bytes: u64,
    /// How long these took.
    pub transfer: Duration,
    /// How many seconds its clock is ahead of this computer's, if it states the time.
    pub clock: Option<i64>,
}

/// The role of a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The coordinator.
    Coordinator,
    /// Another host of the cluster.
    Worker,
    /// A host of the storage.
    Storage,
}

impl Spool {
    /// Fetches the segment once, without retries, and lets the server forget it. `None` when there
    /// is nothing to fetch.
    pub async fn trace(&self, segment: protocol::Segment) -> Option<Trace> {
        // The encoding makes no difference to bytes that are not decoded.
        let segment = match Segment::spooling(Encoding::Json, segment) {
            Ok(segment) => segment,
            Err(error) => {
                return Some(Trace {
                    hops: Vec::new(),
                    retrieval: Retrieval::Storage,
                    encrypted: false,
                    failure: Some(error),
                    unacknowledged: None,
                });
            }
        };
        let Source::Spooled(spooled) = segment.source else {
            return None;
        };
        let mut trace = Trace {
            hops: Vec::new(),
            retrieval: Retrieval::Storage,
            encrypted: spooled
                .headers
                .keys()
                .any(|name| name.as_str().contains("customer")),
            failure: None,
            unacknowledged: None,
        };
        if let Err(error) = self.follow(&spooled, &mut trace).await {
            trace.failure = Some(error);
        }
        let acknowledged = self.acknowledger.prove(&self.hosts, &spooled).await;
        trace.unacknowledged = acknowledged.and_then(Result::err);
        Some(trace)
    }

    async fn follow(&self, segment: &Spooled, trace: &mut Trace) -> Result<(), Error> {
        let mut route = Route::new(&self.hosts, &segment.uri)?;
        loop {
            let cluster = route.is_in_cluster();
            let client = route.client();
            trace.hops.push(Hop::to(&route));
            let started = Instant::now();
            let request = client
                .get(route.text())
                .headers(segment.headers.clone())
                .header(ACCEPT_ENCODING, "identity");
            let answer = client.send(request).await;
            trace.retrieval = route.retrieval();
            let Some(hop) = trace.hops.last_mut() else {
                return Err(Error::Internal);
            };
            hop.latency = started.elapsed();
            let unreachable = |error: &reqwest::Error| Error::Unreachable {
                cause: client.error(error),
                cluster,
            };
            let mut response = answer.map_err(|error| unreachable(&error))?;
            hop.status = Some(response.status().as_u16());
            hop.clock = response
                .headers()
                .get(DATE)
                .and_then(http::http_date)
                .map(|date| date.duration_since(Timestamp::now()).as_secs());
            if let Some(cause) = client.refused_by_proxy(route.uri(), response.status()) {
                return Err(Error::Unreachable { cause, cluster });
            }
            if route.follow(&response)? {
                continue;
            }
            if !response.status().is_success() {
                return Err(download::refused(response, route.uri(), cluster)
                    .await
                    .error);
            }
            let endpoint = http::endpoint_of(route.uri());
            let is_web_page = download::is_web_page(&response);
            let headers = response.headers().clone();
            let mut page = Vec::new();
            let started = Instant::now();
            while let Some(piece) = response
                .chunk()
                .await
                .map_err(|error| unreachable(&error))?
            {
                hop.bytes += piece.len() as u64;
                if is_web_page && page.len() < download::LONGEST_REFUSAL {
                    page.extend_from_slice(&piece);
                }
            }
            hop.transfer = started.elapsed();
            return match segment.segment_size {
                Some(expected) if expected == hop.bytes => Ok(()),
                _ if is_web_page => Err(download::web_page(endpoint, &headers, &page)),
                Some(expected) => Err(Error::Length {
                    endpoint,
                    expected,
                    actual: hop.bytes,
                }),
                None => Ok(()),
            };
        }
    }
}

impl Hop {
    fn to(route: &Route<'_>) -> Self {
        let uri = route.uri();
        Self {
            role: match (route.is_at_worker(), route.is_in_cluster()) {
                (true, _) => Role::Worker,
                (false, true) => Role::Coordinator,
                (false, false) => Role::Storage,
            },
            tls: uri.scheme() == "https",
            host: uri.host_str().unwrap_or_default().to_owned(),
            port: uri.port_or_known_default().unwrap_or_default(),
            status: None,
            latency: Duration::ZERO,
            bytes: 0,
            transfer: Duration::ZERO,
            clock: None,
        }
    }

    /// Bytes a second, once bytes came.
    pub fn speed(&self) -> Option<f64> {
        let seconds = self.transfer.as_secs_f64();
        (self.bytes > 0 && seconds > 0.0).then(|| self.bytes as f64 / seconds)
    }
}

impl Role {
    /// The name for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Coordinator => "coordinator",
            Self::Worker => "worker",
            Self::Storage => "storage",
        }
    }
}
