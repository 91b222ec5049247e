//! Statistics of a result, counted as it is fetched.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use parking_lot::{Mutex, MutexGuard};

use super::meter::Meter;
use super::segment::Source;
use crate::options::Encoding;

/// Figures of one result, at one moment.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Statistics {
    /// Segments whose bytes came with a page, rows of the direct protocol included.
    pub inline: u64,
    /// Those of them that are rows of the direct protocol.
    pub direct: u64,
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
    /// How the segments are encoded; `None` until there was one.
    pub encoding: Option<Encoding>,
    /// The load that bound the result.
    pub load: Load,
}

/// The time and the bytes that the spooled segments of a result took, and the waits. All times
/// begin with the first download.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Load {
    /// Segments that may be decoded at the same time.
    pub decoders: usize,
    /// Cores of the computer.
    pub cores: usize,
    /// Up to the latest event.
    pub elapsed: Duration,
    /// While something was being downloaded.
    pub downloading: Duration,
    /// While the reader waited for rows.
    pub waiting: Duration,
    /// Of that, the idle part of the decoders while something was being downloaded.
    pub starved: Duration,
    /// The same while nothing was.
    pub unfed: Duration,
    /// While the reader was busy with rows.
    pub reading: Duration,
    /// Bytes received, retries included.
    pub received: u64,
    /// The most bytes a second that came over some time; 0 when there were too few.
    pub best_rate: f64,
    /// Bytes of the segments that were decoded, as they came.
    pub wire: u64,
    /// The same as JSON.
    pub text: u64,
    /// Time of the decoders with them.
    pub decoding: Duration,
    /// CPU time of decompressing them.
    pub unpacking: Duration,
    /// CPU time of reading their JSON.
    pub parsing: Duration,
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
    /// How the rows came: the retrieval mode of spooled segments, else DIRECT or INLINE, empty
    /// before any row.
    pub fn mode(&self) -> &'static str {
        match self.retrieval {
            Some(retrieval) => retrieval.name(),
            None if self.direct > 0 => "DIRECT",
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
#[derive(Debug)]
pub(super) struct Counters {
    pub(super) inline: AtomicU64,
    pub(super) direct: AtomicU64,
    pub(super) spooled: AtomicU64,
    pub(super) spilled: AtomicU64,
    pub(super) spilled_bytes: AtomicU64,
    pub(super) downloaded: AtomicU64,
    pub(super) decoded: AtomicU64,
    pub(super) rows: AtomicU64,
    pub(super) retries: AtomicU64,
    retrieval: AtomicU8,
    pub(super) encoding: OnceLock<Encoding>,
    meter: Mutex<Meter>,
}

impl Counters {
    /// Of a result that so many decoders may work for, of so many cores.
    pub(super) fn new(decoders: usize, cores: usize) -> Self {
        Self {
            inline: AtomicU64::new(0),
            direct: AtomicU64::new(0),
            spooled: AtomicU64::new(0),
            spilled: AtomicU64::new(0),
            spilled_bytes: AtomicU64::new(0),
            downloaded: AtomicU64::new(0),
            decoded: AtomicU64::new(0),
            rows: AtomicU64::new(0),
            retries: AtomicU64::new(0),
            retrieval: AtomicU8::new(0),
            encoding: OnceLock::new(),
            meter: Mutex::new(Meter::new(decoders, cores)),
        }
    }

    /// Where the time goes.
    pub(super) fn meter(&self) -> MutexGuard<'_, Meter> {
        self.meter.lock()
    }

    /// A page has a segment.
    pub(super) fn found(&self, source: &Source) {
        match source {
            Source::Spooled(_) => add(&self.spooled, 1),
            Source::Inline(_) => add(&self.inline, 1),
            Source::Direct(_) => {
                add(&self.inline, 1);
                add(&self.direct, 1);
            }
        }
    }

    /// Bytes of a segment came.
    pub(super) fn received(&self, bytes: usize) {
        add(&self.downloaded, bytes as u64);
        self.meter().received(bytes, Instant::now());
    }

    /// Notes how a segment came.
    pub(super) fn observe(&self, retrieval: Retrieval) {
        self.retrieval.store(retrieval as u8, Relaxed);
    }

    /// The figures now, without what is counted elsewhere.
    pub(super) fn read(&self) -> Statistics {
        Statistics {
            inline: self.inline.load(Relaxed),
            direct: self.direct.load(Relaxed),
            spooled: self.spooled.load(Relaxed),
            spilled: self.spilled.load(Relaxed),
            spilled_bytes: self.spilled_bytes.load(Relaxed),
            downloaded: self.downloaded.load(Relaxed),
            decoded: self.decoded.load(Relaxed),
            rows: self.rows.load(Relaxed),
            retries: self.retries.load(Relaxed),
            retrieval: Retrieval::from_number(self.retrieval.load(Relaxed)),
            encoding: self.encoding.get().copied(),
            load: self.meter().load(),
            ..Statistics::default()
        }
    }
}

/// Adds to a count.
pub(super) fn add(counter: &AtomicU64, amount: u64) {
    counter.fetch_add(amount, Relaxed);
}
