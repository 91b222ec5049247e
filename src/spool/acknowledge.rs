//! Telling the coordinator that segments may be deleted: beside the path of the rows, and never an
//! error.
//!
//! An acknowledgement that is lost costs the server some storage until the segment's life ends,
//! nothing else.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, Semaphore};
use tokio::time::Instant;

use super::route::Hosts;
use super::segment::Spooled;
use crate::http::{Exchange, Failure, Retry};

/// Sends acknowledgements in the background, a few at a time.
#[derive(Debug)]
pub(super) struct Acknowledger {
    permits: Semaphore,
    under_way: std::sync::atomic::AtomicUsize,
    idle: Notify,
}

impl Acknowledger {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self {
            permits: Semaphore::new(AT_A_TIME),
            under_way: std::sync::atomic::AtomicUsize::new(0),
            idle: Notify::new(),
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

    /// Starts to acknowledge segments that nobody will read; what takes too long is left.
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
        let Some(ack_uri) = &segment.ack_uri else {
            return;
        };
        let mut retry = Retry::new(Exchange::Acknowledge);
        loop {
            let failure = {
                let Ok(_permit) = self.permits.acquire().await else {
                    return;
                };
                let request = hosts.coordinator.get(&hosts.address(ack_uri));
                let request = request.headers(segment.headers.clone());
                match hosts.coordinator.send(request).await {
                    Ok(answer) if answer.status().is_success() => return,
                    Ok(answer) => Failure::Status(answer.status().as_u16()),
                    Err(error) => Failure::of(&hosts.coordinator.tell(&error)),
                }
            };
            tracing::debug!(?failure, "a segment is not acknowledged");
            // Others take the place meanwhile.
            let Some(pause) = retry.after(failure, None, Instant::now()) else {
                return;
            };
            tokio::time::sleep(pause).await;
        }
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

const AT_A_TIME: usize = 4;
const READ_LIMIT: Duration = Duration::from_secs(30);
const UNREAD_LIMIT: Duration = Duration::from_secs(1);
