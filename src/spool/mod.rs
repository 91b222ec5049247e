//! The spooling protocol: segments fetched and decoded ahead of the application, read in the order
//! of the result.
//!
//! Rows of the direct protocol and inline segments are segments that need no download, so there is
//! one way for all rows. [`open`] gives its two ends: the [`Inlet`], into which a pager puts pages,
//! and the [`Feed`], from which a cursor takes chunks. Between them [`window`] decides and [`flow`]
//! does what it says. A result is never cut short: the feed ends only when the pager said that the
//! result is complete and every row of it was read.

mod acknowledge;
mod backoff;
mod download;
mod error;
mod feed;
mod flow;
mod inlet;
mod life;
mod segment;
mod spill;
mod statistics;
mod unpack;
mod window;

use std::path::PathBuf;
use std::sync::Arc;

use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use url::Origin;

pub use error::{Error, RedirectFault};
pub use feed::{Feed, Gauge};
pub use inlet::{Inlet, Stopped};
pub use statistics::{Retrieval, Statistics};

use crate::columns::Type;
use crate::config;
use crate::http::Client;

/// What the results of one session share: clients, decoders, limits.
#[derive(Debug, Clone)]
pub struct Spool {
    hosts: Arc<download::Hosts>,
    acknowledger: Arc<acknowledge::Acknowledger>,
    /// One permit for each core: more decoders would only wait for each other.
    decoders: Arc<Semaphore>,
    cores: usize,
    downloads: usize,
    memory: u64,
    /// Bytes on disk at a time; 0 when nothing may go there.
    disk: u64,
    spill_path: Option<PathBuf>,
    backoff: backoff::Limits,
}

/// What one statement wants otherwise than its session.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Bounds {
    /// Downloads at a time.
    pub downloads: Option<usize>,
    /// Bytes held at a time.
    pub memory: Option<u64>,
}

impl Spool {
    /// `coordinator` believes the coordinator's authorities and sends no credentials; `storage` is
    /// for all the rest.
    pub fn new(
        coordinator: Client,
        storage: Client,
        coordinator_origin: Origin,
        options: &config::Spooling,
    ) -> Arc<Self> {
        Self::with_backoff(
            coordinator,
            storage,
            coordinator_origin,
            options,
            backoff::Limits::default(),
        )
    }

    /// The same with what one statement wants otherwise.
    pub fn within(self: &Arc<Self>, bounds: Bounds) -> Arc<Self> {
        if bounds == Bounds::default() {
            return Arc::clone(self);
        }
        let mut spool = Self::clone(self);
        spool.downloads = bounds.downloads.map_or(self.downloads, within_reason);
        spool.memory = bounds.memory.unwrap_or(self.memory).max(1);
        Arc::new(spool)
    }

    /// Resolves when no acknowledgement is under way any more; they end by themselves, a caller may
    /// bound the wait.
    pub async fn idle(&self) {
        self.acknowledger.idle().await;
    }

    fn with_backoff(
        coordinator: Client,
        storage: Client,
        coordinator_origin: Origin,
        options: &config::Spooling,
        backoff: backoff::Limits,
    ) -> Arc<Self> {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Arc::new(Self {
            hosts: Arc::new(download::Hosts {
                coordinator,
                storage,
                coordinator_origin,
            }),
            acknowledger: acknowledge::Acknowledger::new(),
            decoders: Arc::new(Semaphore::new(cores)),
            cores,
            downloads: within_reason(options.downloads),
            memory: options.memory.max(1),
            disk: if options.spill {
                options.spill_limit
            } else {
                0
            },
            spill_path: options.spill_path.clone(),
            backoff,
        })
    }
}

fn within_reason(downloads: usize) -> usize {
    downloads.clamp(1, MOST_DOWNLOADS)
}

const MOST_DOWNLOADS: usize = 64;

/// The two ends of one result whose columns have these types.
pub fn open(
    spool: &Arc<Spool>,
    runtime: &Handle,
    types: Arc<[Type]>,
    query_id: &str,
) -> (Inlet, Feed) {
    let flow = flow::Flow::new(Arc::clone(spool), runtime.clone(), types, query_id);
    (Inlet::new(Arc::clone(&flow)), Feed::new(flow))
}

#[cfg(test)]
mod tests;
