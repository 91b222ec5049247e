//! What fetching a result amounted to, counted as it happens.

use std::sync::atomic::{AtomicU8, AtomicU64, Ordering::Relaxed};

/// Figures of one result, at one moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Segments whose bytes came with a page, rows of the direct protocol included.
    pub inline: u64,
    /// Segments that were to be fetched from elsewhere.
    pub spooled: u64,
    /// Segments that waited on disk.
    pub spilled: u64,
    /// Bytes of those segments.
    pub spilled_bytes: u64,
    /// Bytes downloaded, retries included.
    pub downloaded: u64,
    /// Bytes of JSON decoded.
    pub decoded: u64,
    /// Rows decoded.
    pub rows: u64,
    /// Requests for segments that were repeated.
    pub retries: u64,
    /// The most bytes held at a time.
    pub peak_memory: u64,
    /// How spooled segments came; `None` until one did.
    pub retrieval: Option<Retrieval>,
}

/// How a spooled segment reaches the client, as observed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Retrieval {
    /// Straight from storage.
    Storage = 1,
    /// From storage, where the coordinator redirects to.
    CoordinatorStorageRedirect,
    /// Through the coordinator.
    CoordinatorProxy,
    /// Through a worker, where the coordinator redirects to.
    WorkerProxy,
}

impl Statistics {
    /// How the rows came: the retrieval mode of spooled segments, INLINE when there was none of those, empty before
    /// any row.
    pub fn mode(&self) -> &'static str {
        match self.retrieval {
            Some(retrieval) => retrieval.name(),
            None if self.inline > 0 => "INLINE",
            None => "",
        }
    }
}

impl Retrieval {
    /// The name that the server's configuration has for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Storage => "STORAGE",
            Self::CoordinatorStorageRedirect => "COORDINATOR_STORAGE_REDIRECT",
            Self::CoordinatorProxy => "COORDINATOR_PROXY",
            Self::WorkerProxy => "WORKER_PROXY",
        }
    }

    fn from_number(number: u8) -> Option<Self> {
        [
            Self::Storage,
            Self::CoordinatorStorageRedirect,
            Self::CoordinatorProxy,
            Self::WorkerProxy,
        ]
        .into_iter()
        .find(|mode| *mode as u8 == number)
    }
}

/// The running counts behind [`Statistics`].
#[derive(Debug, Default)]
pub(super) struct Counters {
    pub(super) inline: AtomicU64,
    pub(super) spooled: AtomicU64,
    pub(super) spilled: AtomicU64,
    pub(super) spilled_bytes: AtomicU64,
    pub(super) downloaded: AtomicU64,
    pub(super) decoded: AtomicU64,
    pub(super) rows: AtomicU64,
    pub(super) retries: AtomicU64,
    retrieval: AtomicU8,
}

impl Counters {
    /// Notes how a segment came.
    pub(super) fn observe(&self, retrieval: Retrieval) {
        self.retrieval.store(retrieval as u8, Relaxed);
    }

    /// The figures now; the peak is the window's.
    pub(super) fn read(&self, peak_memory: u64) -> Statistics {
        Statistics {
            inline: self.inline.load(Relaxed),
            spooled: self.spooled.load(Relaxed),
            spilled: self.spilled.load(Relaxed),
            spilled_bytes: self.spilled_bytes.load(Relaxed),
            downloaded: self.downloaded.load(Relaxed),
            decoded: self.decoded.load(Relaxed),
            rows: self.rows.load(Relaxed),
            retries: self.retries.load(Relaxed),
            peak_memory,
            retrieval: Retrieval::from_number(self.retrieval.load(Relaxed)),
        }
    }
}

/// Adds to a count.
pub(super) fn add(counter: &AtomicU64, amount: u64) {
    counter.fetch_add(amount, Relaxed);
}
