//! Segments fetched with as many attempts as they are worth.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use super::{Error, Flow, Id, Spool, Spooled, add};
use crate::decode::Buffer;
use crate::http::{Exchange, Retry};
use crate::spool::download::{self, Partial};
use crate::spool::statistics::Counters;

/// A download under way, until it is dropped.
struct Download<'a>(&'a Counters);

impl<'a> Download<'a> {
    fn begin(counters: &'a Counters) -> Self {
        counters.meter().download_began(Instant::now());
        Self(counters)
    }
}

impl Drop for Download<'_> {
    fn drop(&mut self) {
        self.0.meter().download_ended(Instant::now());
    }
}

impl Flow {
    /// Fetches a segment into memory.
    pub(super) async fn download(self: Arc<Self>, id: Id, spooled: Arc<Spooled>) {
        let started = Instant::now();
        let fetched = tokio::select! {
            biased;
            () = self.halt.cancelled() => return,
            fetched = self.fetch(id, &spooled) => fetched,
        };
        match fetched {
            Ok(bytes) => {
                tracing::debug!(
                    segment = id,
                    bytes = bytes.len(),
                    ms = started.elapsed().as_millis() as u64,
                    "segment downloaded"
                );
                self.arrived(id, bytes);
            }
            Err(error) => self.fail(id, error),
        }
    }

    /// The bytes of a segment, after as many attempts as it is worth.
    pub(super) async fn fetch(&self, id: Id, spooled: &Spooled) -> Result<Buffer, Error> {
        let Spool {
            hosts, first_pause, ..
        } = &*self.spool;
        let _under_way = Download::begin(&self.counters);
        let mut partial = Partial::new(self.wire());
        let retry = Retry::new(self.exchange(), tokio::time::Instant::now());
        let mut retry = retry.with_first_pause(*first_pause);
        loop {
            let attempt = download::attempt(hosts, spooled, &self.counters, &mut partial).await;
            let Err(failure) = attempt else {
                self.note_trouble(id, None);
                return Ok(partial.bytes);
            };
            if partial.has_grown() {
                retry.progressed();
            }
            retry.count_as(self.exchange());
            let now = tokio::time::Instant::now();
            let error = failure.error;
            let Some(pause) = retry.after(failure.kind, failure.requested, now) else {
                return Err(error);
            };
            add(&self.counters.retries, 1);
            tracing::debug!(
                segment = id,
                failures = retry.failures(),
                pause_ms = pause.as_millis() as u64,
                received = partial.bytes.len(),
                %error,
                "segment is fetched again"
            );
            self.note_trouble(id, Some(error.to_string()));
            tokio::time::sleep(pause).await;
        }
    }

    /// The direct protocol can no longer replace the segments: from now on, failures are retried
    /// for longer.
    pub(in crate::spool) fn rely_on_segments(&self) {
        self.replaceable.store(false, Ordering::Relaxed);
    }

    /// Why the rows that come next are being fetched again.
    pub(in crate::spool) fn trouble(&self) -> Option<String> {
        let state = self.state.lock();
        state
            .queue
            .segments
            .iter()
            .find_map(|held| held.trouble.clone())
    }

    /// The retry policy of a segment now.
    fn exchange(&self) -> Exchange {
        let has_served = self.spool.has_served();
        let has_bytes = self.counters.downloaded.load(Ordering::Relaxed) > 0;
        let has_given = self.state.lock().queue.rows > 0;
        let replaceable = !has_given && self.replaceable.load(Ordering::Relaxed);
        let patience = self.spool.hosts.patience();
        match (has_served, replaceable) {
            (false, true) => Exchange::FirstSegment,
            // Nothing says that this storage can be reached at all.
            (false, false) => Exchange::EarlySegment(patience),
            (true, true) if !has_bytes => Exchange::EarlySegment(patience),
            (true, _) => Exchange::Segment(patience),
        }
    }

    fn note_trouble(&self, id: Id, trouble: Option<String>) {
        if let Some(held) = self.state.lock().queue.held(id) {
            held.trouble = trouble;
        }
    }
}
