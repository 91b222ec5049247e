//! Lets the server delete segments. This happens beside the path of the rows, and
//! never fails a result.
//!
//! An acknowledgement that is lost costs the server some storage until the segment's life ends,
//! nothing else. Where none of them arrives, the storage fills: a run of failures is worth one
//! warning.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::{Notify, Semaphore};
use tokio::time::Instant;
use url::Url;

use super::download::is_web_page;
use super::route::Hosts;
use super::segment::Spooled;
use crate::http::{self, Exchange, Failure, Retry, Traffic};
use crate::protocol::Warning;

/// Sends acknowledgements in the background, a few at a time.
#[derive(Debug)]
pub(super) struct Acknowledger {
    permits: Semaphore,
    under_way: std::sync::atomic::AtomicUsize,
    idle: Notify,
    hosts: Mutex<Vec<Host>>,
}

/// The latest acknowledgements at a host.
#[derive(Debug)]
struct Host {
    endpoint: String,
    /// Failures since the latest success.
    failures: u32,
    warned: bool,
    warning: Option<Warning>,
}

/// Why a segment is not acknowledged.
#[derive(Debug, Clone)]
pub struct Unacknowledged {
    /// Host and port.
    pub endpoint: String,
    cause: Cause,
}

#[derive(Debug, Clone)]
enum Cause {
    Status(u16),
    WebPage,
    Unreachable(http::Error),
}

impl Acknowledger {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self {
            permits: Semaphore::new(AT_A_TIME),
            under_way: std::sync::atomic::AtomicUsize::new(0),
            idle: Notify::new(),
            hosts: Mutex::default(),
        })
    }

    /// Starts to acknowledge segments whose rows are safe.
    pub(super) fn read(
        self: &Arc<Self>,
        runtime: &tokio::runtime::Handle,
        hosts: &Arc<Hosts>,
        segment: Arc<Spooled>,
    ) {
        self.send(runtime, hosts, vec![segment], READ_LIMIT);
    }

    /// Starts to acknowledge segments that will not be read, within a short time limit.
    pub(super) fn unread(
        self: &Arc<Self>,
        runtime: &tokio::runtime::Handle,
        hosts: &Arc<Hosts>,
        segments: Vec<Arc<Spooled>>,
    ) {
        self.send(runtime, hosts, segments, UNREAD_LIMIT);
    }

    /// Resolves when nothing is under way.
    pub(super) async fn idle(&self) {
        loop {
            let idle = self.idle.notified();
            tokio::pin!(idle);
            idle.as_mut().enable();
            if self.under_way.load(std::sync::atomic::Ordering::Acquire) == 0 {
                return;
            }
            idle.await;
        }
    }

    fn send(
        self: &Arc<Self>,
        runtime: &tokio::runtime::Handle,
        hosts: &Arc<Hosts>,
        segments: Vec<Arc<Spooled>>,
        limit: Duration,
    ) {
        if segments.is_empty() {
            return;
        }
        let deadline = Instant::now() + limit;
        for segment in segments {
            let guard = UnderWay::enter(self);
            let hosts = Arc::clone(hosts);
            runtime.spawn(async move {
                let sent = tokio::time::timeout_at(deadline, guard.0.one(&hosts, &segment)).await;
                if sent.is_err() {
                    tracing::debug!("a segment stays unacknowledged: no time left");
                }
            });
        }
    }

    async fn one(&self, hosts: &Hosts, segment: &Spooled) {
        let Some(address) = segment.ack_uri.as_deref().map(|uri| hosts.address(uri)) else {
            return;
        };
        let endpoint = Url::parse(&address).map(|uri| http::endpoint_of(&uri));
        let endpoint = endpoint.unwrap_or_default();
        let mut retry = Retry::new(Exchange::Acknowledge, Instant::now());
        loop {
            let failed = {
                let Ok(_permit) = self.permits.acquire().await else {
                    return;
                };
                attempt(hosts, &address, segment).await
            };
            let Err(cause) = failed else {
                self.note_success(&endpoint);
                return;
            };
            tracing::debug!(?cause, "a segment is not acknowledged");
            // Others take the place meanwhile. Where none arrives, a second attempt is no use.
            let pause = retry.after(cause.failure(), None, Instant::now());
            match pause.filter(|_| !self.is_failing(&endpoint)) {
                Some(pause) => tokio::time::sleep(pause).await,
                None => {
                    self.note_failure(Unacknowledged { endpoint, cause });
                    return;
                }
            }
        }
    }

    /// Acknowledges a segment once, to see whether that works. `None` when it has no address for
    /// it.
    pub(super) async fn prove(
        &self,
        hosts: &Hosts,
        segment: &Spooled,
    ) -> Option<Result<(), Unacknowledged>> {
        let address = hosts.address(segment.ack_uri.as_deref()?);
        let endpoint = Url::parse(&address).map(|uri| http::endpoint_of(&uri));
        let endpoint = endpoint.unwrap_or_default();
        let attempt = attempt(hosts, &address, segment).await;
        Some(attempt.map_err(|cause| Unacknowledged { endpoint, cause }))
    }

    /// The warning that a host takes no acknowledgements, once for each.
    pub(super) fn take_warning(&self) -> Option<Warning> {
        let mut hosts = self.hosts.lock();
        hosts.iter_mut().find_map(|host| host.warning.take())
    }

    fn is_failing(&self, endpoint: &str) -> bool {
        let hosts = self.hosts.lock();
        let mut failing = hosts.iter().filter(|host| host.failures >= RUN);
        failing.any(|host| host.endpoint == endpoint)
    }

    fn note_success(&self, endpoint: &str) {
        let mut hosts = self.hosts.lock();
        if let Some(host) = hosts.iter_mut().find(|host| host.endpoint == endpoint) {
            host.failures = 0;
        }
    }

    fn note_failure(&self, failure: Unacknowledged) {
        let mut hosts = self.hosts.lock();
        let known = hosts
            .iter()
            .position(|host| host.endpoint == failure.endpoint);
        let at = known.unwrap_or_else(|| {
            hosts.push(Host {
                endpoint: failure.endpoint.clone(),
                failures: 0,
                warned: false,
                warning: None,
            });
            hosts.len() - 1
        });
        let Some(host) = hosts.get_mut(at) else {
            return;
        };
        host.failures = host.failures.saturating_add(1);
        if host.failures < RUN || host.warned {
            return;
        }
        host.warned = true;
        let message = failure.to_string();
        tracing::warn!(message, "segments cannot be acknowledged");
        host.warning = Some(Warning {
            code: 0,
            name: "SEGMENTS_NOT_ACKNOWLEDGED".to_owned(),
            message,
        });
    }
}

async fn attempt(hosts: &Hosts, address: &str, segment: &Spooled) -> Result<(), Cause> {
    let request = hosts.coordinator.get(address);
    let request = request.headers(segment.headers.clone());
    let kind = Traffic::Acknowledgement;
    match hosts.coordinator.send_as(kind, request).await {
        Ok(answer) if !answer.status().is_success() => Err(Cause::Status(answer.status().as_u16())),
        Ok(answer) if is_web_page(&answer) => Err(Cause::WebPage),
        Ok(_) => Ok(()),
        Err(error) => Err(Cause::Unreachable(hosts.coordinator.error(&error))),
    }
}

impl Cause {
    fn failure(&self) -> Failure {
        match self {
            Self::Status(status) => Failure::Status(*status),
            Self::WebPage => Failure::Permanent,
            Self::Unreachable(error) => Failure::of(error),
        }
    }
}

impl fmt::Display for Unacknowledged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let endpoint = &self.endpoint;
        match &self.cause {
            Cause::Status(status) => write!(
                f,
                "{endpoint} refuses acknowledgements of result segments (HTTP status {status})"
            ),
            Cause::WebPage => write!(
                f,
                "{endpoint} answers acknowledgements of result segments with a web page"
            ),
            Cause::Unreachable(error) => {
                write!(f, "Result segments cannot be acknowledged: {error}")
            }
        }?;
        let end = if matches!(self.cause, Cause::Unreachable(_)) {
            " "
        } else {
            ". "
        };
        let advice = match self.cause {
            Cause::Status(500..) => {
                "The coordinator, or a gateway in front of it, fails to process them: the server may lack \
                 permission to delete from its storage."
            }
            Cause::Status(_) | Cause::WebPage => {
                "The gateway or proxy in front of the coordinator must let /v1/spooled through (Trino Gateway: \
                 extraWhitelistPaths)."
            }
            Cause::Unreachable(_) => "That host must be reachable from this computer.",
        };
        write!(
            f,
            "{end}{advice} Until then, the storage keeps segments until they expire (fs.segment.ttl)."
        )
    }
}

/// Counts one acknowledgement for as long as it lives, even when its task is dropped.
struct UnderWay(Arc<Acknowledger>);

impl UnderWay {
    fn enter(acknowledger: &Arc<Acknowledger>) -> Self {
        acknowledger
            .under_way
            .fetch_add(1, std::sync::atomic::Ordering::AcqRel);
        Self(Arc::clone(acknowledger))
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        let before = self
            .0
            .under_way
            .fetch_sub(1, std::sync::atomic::Ordering::AcqRel);
        if before == 1 {
            self.0.idle.notify_waiters();
        }
    }
}

/// Failures in a row that are no accident.
const RUN: u32 = 3;

const AT_A_TIME: usize = 4;
const READ_LIMIT: Duration = Duration::from_secs(30);
const UNREAD_LIMIT: Duration = Duration::from_secs(1);
