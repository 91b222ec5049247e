//! The reader's end of a result.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use super::flow::{Availability, Flow, Turn};
use super::{Error, Statistics};
use crate::columns::Chunk;
use crate::protocol::Warning;

/// Gives the chunks of one result in order. Dropping it stops everything that was done for the
/// result.
pub struct Feed {
    flow: Arc<Flow>,
}

impl Feed {
    pub(super) fn new(flow: Arc<Flow>) -> Self {
        Self { flow }
    }

    /// The next chunk, `None` after the last. The chunk before counts as let go. Nothing is lost
    /// when the future is dropped before it is ready.
    pub async fn next(&mut self) -> Result<Option<Arc<Chunk>>, Error> {
        loop {
            match self.flow.take() {
                Turn::Chunk(chunk) => return Ok(Some(chunk)),
                Turn::End => return Ok(None),
                Turn::Failed(error) => return Err(error),
                Turn::Wait => self.flow.readable().await,
            }
        }
    }

    /// Waits until it is known whether spooled segments can be fetched: one was, one cannot be, or
    /// there is none. While none is being fetched, waits no longer than `patience`.
    pub async fn availability(&mut self, patience: Duration) {
        let deadline = Instant::now() + patience;
        loop {
            match self.flow.availability() {
                Availability::Known => return,
                Availability::Fetching => self.flow.readable().await,
                Availability::Unknown => {
                    let news = timeout_at(deadline, self.flow.readable()).await;
                    if news.is_err() && self.flow.availability() != Availability::Fetching {
                        return;
                    }
                }
            }
        }
    }

    /// Takes the error that the result will end with, if `which` accepts it; the reader no longer
    /// gets it then.
    pub fn take_failure(&mut self, which: impl FnOnce(&Error) -> bool) -> Option<Error> {
        self.flow.take_failure(which)
    }

    /// The rows can no longer come by the direct protocol: from now on, failures of storage are
    /// retried for longer.
    pub fn rely_on_segments(&self) {
        self.flow.rely_on_segments();
    }

    /// Why the rows that come next are being fetched again.
    pub fn trouble(&self) -> Option<String> {
        self.flow.trouble()
    }

    /// The statistics of the result so far.
    pub fn statistics(&self) -> Statistics {
        self.flow.statistics()
    }

    /// The same, for an owner that outlives the feed.
    pub fn gauge(&self) -> Gauge {
        Gauge {
            flow: Arc::clone(&self.flow),
        }
    }
}

/// The statistics of a result, which outlive its feed.
#[derive(Clone)]
pub struct Gauge {
    flow: Arc<Flow>,
}

impl Gauge {
    /// The statistics of the result so far.
    pub fn statistics(&self) -> Statistics {
        self.flow.statistics()
    }

    /// The warning that segments cannot be acknowledged, once for each host.
    pub fn take_warning(&self) -> Option<Warning> {
        self.flow.take_warning()
    }
}

impl fmt::Debug for Gauge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.statistics().fmt(f)
    }
}

impl Drop for Feed {
    fn drop(&mut self) {
        self.flow.stop();
    }
}

impl fmt::Debug for Feed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Feed")
            .field("statistics", &self.statistics())
            .finish_non_exhaustive()
    }
}
