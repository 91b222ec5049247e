//! The spooling protocol: segments fetched and decoded ahead of the application, read in the order
//! of the result.
//!
//! Rows of the direct protocol and inline segments are treated as segments that need no download, so
//! there is one path for all rows:
//!
//! ```text
//!   pager                                                      reader
//!     |                                                           ^
//!     | pages                                                     | chunks
//!     v                                                           |
//!  PageSender ---> flow: locks and tasks <---> window: decisions  Feed
//!                    |        |        |                          ^
//!                download   spill   decode -----------------------+
//!                    |
//!               route, http (retries)
//! ```
//!
//! `open` returns the two ends: the `PageSender`, into which a pager puts pages, and the
//! `Feed`, from which a cursor takes chunks. Between them `window` decides and `flow` acts, with
//! a picture of the life of a segment. `capacity` bounds one result, and `budget` divides the
//! memory and the cores of the process among all results. [`simulation`] predicts the speed that
//! these decisions reach.
//!
//! A result is never cut short: the feed ends only after the pager reported that the result is
//! complete and every row of it was read. In any other case the reader gets an error.
//!
//! # When something fails
//!
//! Rows before a segment that cannot be fetched are always read first, and no row is ever read twice.
//! A try is a request of the segment's bytes. Failures that may pass are retried for the time T,
//! which is `StorageRetryTimeout`, or less if `Spool::limit_silence` sets less, counted from the
//! first failure since 64 KB arrived. Pauses double from 0.1 s, vary, last at least as long as
//! `Retry-After` says, and never longer than 5 s (`http::Retry`). While no byte
//! of the result has arrived, T is 10 s at most. Before the first byte of the session's segments, and
//! while the rows can still come by the direct protocol, the last column says when a failure ends
//! instead.
//!
//! | What happens | What the application sees | Tries | Tries at first |
//! |---|---|---|---|
//! | connection reset or closed early, TLS handshake broken off, fewer bytes than announced | nothing, or `Cannot fetch`, and the rest is requested by `Range` | for T | 6 |
//! | nothing for `ReadTimeout` | the same | for T | 2 |
//! | first byte or body slow | nothing, as long as bytes come | 1 | 1 |
//! | 408, 425, 429, 5xx except 501 and 505 | nothing, or `HTTP status` | for T | 6 |
//! | host unknown, connection refused, or a proxy that does not let through | `Cannot fetch`, with the host and what to set | for T | 3 |
//! | no connection within `StorageConnectTimeout` | the same | for T | 1 |
//! | no TLS or no HTTP where there was some before | the same | for T | 1 |
//! | certificate of an unknown authority, for another name, expired or revoked | the same | 1 | 1 |
//! | 400, 401 or 403 of an expired URI, by what storage or the URI itself says | `has expired`, with the setting to raise | 1 | 1 |
//! | the same while the clocks differ by five minutes, or of a URI that is not valid yet, or `RequestTimeTooSkewed` | that clocks differ, and by how many seconds | 1 | 1 |
//! | 404 or 410 of storage, `not found or expired` of the cluster | `no longer exists` | 1 | 1 |
//! | any other status | `HTTP status`, with the code that storage gives | 1 | 1 |
//! | more bytes than announced | nothing, or `sent … bytes of a result segment of` | 3 | 3 |
//! | damaged zstd, lz4 or JSON, another `uncompressedSize`, a cell of another type | nothing, or `cannot be read`, with row and column | 3 | 3 |
//! | fewer rows after damage than were read before it | `had other rows` | 2 to 3 | 2 to 3 |
//! | `rowsCount` or `rowOffset` that its rows deny | `rows instead of`, `starts at row` | at most 1 | at most 1 |
//! | metadata unknown, absent, or text for numbers | nothing | 1 | 1 |
//! | inline segment that is no base64 or too short | `inline result segment` | 0 | 0 |
//! | redirect without or to no address, from https to http, more than five | `redirects a result segment` | 1 | 1 |
//! | URI about to end while memory is full | nothing: the segment waits on disk; without `Spill`, `has expired` in time | for T | |
//! | disk full, not writable, or damaged there | nothing: the segment is fetched when its turn comes | for T | |
//! | acknowledgement fails, hangs, or is answered by 404 or a web page | nothing; the third in a row brings one warning for the host | 2 | 2 |
//! | the pager ends without a word | `ended early` | | |
//!
//! A deadline or a cancellation ends all of it at once; the error says what was being retried. The
//! tests of this module, `tests/abi/spooling_faults.rs` and `tests/abi/fallback.rs` hold what a
//! scripted server can show of this table.

mod acknowledge;
mod budget;
mod capacity;
mod download;
mod error;
mod feed;
mod flow;
mod life;
mod meter;
mod page_sender;
mod route;
mod segment;
#[doc(hidden)]
pub mod simulation;
mod statistics;
mod trace;
mod unpack;
mod window;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::Semaphore;

pub(crate) use budget::Budget;
pub use capacity::Capacity;
pub use error::{Error, RedirectFault};
pub(crate) use feed::{Feed, Gauge};
pub(crate) use page_sender::PageSender;
pub(crate) use segment::is_small;
pub use statistics::{Load, Retrieval, Statistics};
pub use trace::{Hop, Role, Trace};

use crate::columns::Type;
use crate::http::{Client, OwnOrigin};
use crate::options;
use crate::protocol::Warning;

/// The parts that all results of one session share: clients, decoders, limits.
#[derive(Debug, Clone)]
pub(crate) struct Spool {
    hosts: Arc<route::Hosts>,
    acknowledger: Arc<acknowledge::Acknowledger>,
    /// The budget of the process, which all results share.
    budget: Arc<Budget>,
    /// One permit for each that may decode at a time.
    decoders: Arc<Semaphore>,
    capacity: Capacity,
    /// Bytes on disk at a time; 0 when nothing may go there.
    disk: u64,
    spill_path: Option<PathBuf>,
    /// The first pause between two attempts to fetch a segment.
    first_pause: Duration,
}

/// Limits of one statement that differ from its session's.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Bounds {
    /// Downloads at a time.
    pub downloads: Option<usize>,
    /// Bytes held at a time.
    pub memory: Option<u64>,
    /// Bytes on disk at a time, where anything may go there.
    pub disk: Option<u64>,
}

impl Spool {
    /// `coordinator` trusts the coordinator's authorities and sends no credentials; `storage` is
    /// for all other hosts. `own` is the coordinator's origin.
    pub fn new(
        coordinator: Client,
        storage: Client,
        own: Arc<OwnOrigin>,
        options: &options::Spooling,
        budget: Arc<Budget>,
    ) -> Arc<Self> {
        Self::with_first_pause(coordinator, storage, own, options, budget, FIRST_PAUSE)
    }

    /// The same with what one statement wants otherwise.
    pub fn within(self: &Arc<Self>, bounds: Bounds) -> Arc<Self> {
        if bounds == Bounds::default() {
            return Arc::clone(self);
        }
        let mut spool = Self::clone(self);
        spool.capacity = self.capacity.within(bounds.memory, bounds.downloads);
        spool.disk = bounds.disk.map_or(self.disk, |disk| disk.min(self.disk));
        Arc::new(spool)
    }

    /// The default limits of one statement.
    pub fn capacity(&self) -> Capacity {
        self.capacity
    }

    /// Whether any result has received bytes of a segment.
    pub fn has_served(&self) -> bool {
        self.hosts.served.load(Ordering::Relaxed)
    }

    /// Forgets that segments were fetched, so that it is checked again.
    pub fn forget_service(&self) {
        self.hosts.served.store(false, Ordering::Relaxed);
    }

    /// Gives a segment up when it cannot be fetched for so many seconds; 0 sets no limit but the
    /// options' own.
    pub fn limit_silence(&self, seconds: u32) {
        self.hosts.silence.store(seconds, Ordering::Relaxed);
    }

    /// The warning that segments cannot be acknowledged, once for each host.
    pub fn take_warning(&self) -> Option<Warning> {
        self.acknowledger.take_warning()
    }

    /// Resolves when no acknowledgement is under way any more; they end by themselves, a caller may
    /// bound the wait.
    pub async fn idle(&self) {
        self.acknowledger.idle().await;
    }

    /// Bytes of unused buffers of a kind that one result may keep for itself.
    fn spare(&self) -> usize {
        usize::try_from(self.capacity.memory / 16).unwrap_or(usize::MAX)
    }

    fn with_first_pause(
        coordinator: Client,
        storage: Client,
        own: Arc<OwnOrigin>,
        options: &options::Spooling,
        budget: Arc<Budget>,
        first_pause: Duration,
    ) -> Arc<Self> {
        let usual = budget.usual_capacity();
        let capacity = Capacity {
            decoders: options.decode_threads.unwrap_or(usual.decoders),
            ..usual
        };
        Arc::new(Self {
            hosts: Arc::new(route::Hosts {
                coordinator,
                storage,
                own,
                served: AtomicBool::new(false),
                patience: options.retry_timeout.unwrap_or(Duration::MAX),
                silence: AtomicU32::new(0),
            }),
            acknowledger: acknowledge::Acknowledger::new(),
            budget,
            decoders: Arc::new(Semaphore::new(capacity.decoders)),
            capacity: capacity.within(options.memory, options.downloads),
            disk: if options.spill {
                options.spill_limit
            } else {
                0
            },
            spill_path: options.spill_path.clone(),
            first_pause,
        })
    }
}

const FIRST_PAUSE: Duration = Duration::from_millis(100);

/// The two ends of one result whose columns have these types.
pub(crate) fn open(
    spool: &Arc<Spool>,
    runtime: &Handle,
    types: Arc<[Type]>,
    query_id: &str,
) -> (PageSender, Feed) {
    let flow = flow::Flow::new(Arc::clone(spool), runtime.clone(), types, query_id);
    (PageSender::new(Arc::clone(&flow)), Feed::new(flow))
}

#[cfg(test)]
mod tests;
