//! Segments that go to disk, because their URIs end before there is room for them in memory.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;
use url::Url;

use super::{Error, Flow, Id, Spooled, add};
use crate::decode::Buffer;
use crate::spill::{Spill, SpilledRange};
use crate::spool::life;

impl Flow {
    /// When the segment must have been fetched.
    pub(super) fn urgent_at(&self, spooled: &Spooled) -> Option<Instant> {
        let uri = Url::parse(&spooled.uri).ok()?;
        let in_cluster = self.spool.hosts.is_cluster(&uri);
        let expires_at = spooled.expires_at.as_deref();
        let after = life::urgent_after(&uri, in_cluster, expires_at, Timestamp::now());
        Instant::now().checked_add(after)
    }

    /// Has a task look at the URIs of segments now.
    pub(super) fn watch_over_uris(self: &Arc<Self>) {
        if !self.start_watch() {
            self.watchful.notify_one();
        }
    }

    /// Starts the task that watches over the URIs of segments, unless it runs.
    pub(super) fn start_watch(self: &Arc<Self>) -> bool {
        let starts = !std::mem::replace(&mut self.state.lock().watched, true);
        if starts {
            self.spawn(Arc::clone(self).watch());
        }
        starts
    }

    /// Watches over the URIs of segments that are not fetched, as long as there are any.
    async fn watch(self: Arc<Self>) {
        loop {
            let next = {
                let mut state = self.state.lock();
                if state.stopped {
                    return;
                }
                let now = Instant::now();
                let mut due = Vec::new();
                let mut next = None;
                let queue = &mut state.queue;
                for (id, held) in (queue.window.first()..).zip(&mut queue.segments) {
                    match held.urgent_at {
                        Some(at) if at <= now => {
                            held.urgent_at = None;
                            due.push(id);
                        }
                        at => next = next.into_iter().chain(at).min(),
                    }
                }
                for id in due {
                    state.queue.window.hurry(id);
                }
                state.watched = next.is_some();
                next.map(|next| next.min(now + LONGEST_SLEEP))
            };
            self.carry_out_actions();
            let Some(next) = next else { return };
            tokio::select! {
                () = self.halt.cancelled() => return,
                () = self.watchful.notified() => {}
                () = tokio::time::sleep_until(next) => {}
            }
        }
    }

    /// Fetches a segment and puts it on disk.
    pub(super) async fn save(self: Arc<Self>, id: Id, spooled: Arc<Spooled>) {
        let fetched = tokio::select! {
            biased;
            () = self.halt.cancelled() => return,
            fetched = self.fetch(id, &spooled) => fetched,
        };
        let mut later = None;
        let range = match fetched {
            Ok(bytes) => {
                let size = bytes.len() as u64;
                self.store(id, bytes).await.map(|range| (range, size))
            }
            Err(error) => {
                // Told when the reader gets there, unless it can be had by then.
                tracing::debug!(segment = id, %error, "an urgent segment cannot be fetched");
                let passes = !matches!(error, Error::Expired { .. } | Error::Gone { .. });
                later = passes.then(|| Instant::now() + self.spool.first_pause * PAUSES);
                None
            }
        };
        {
            let mut state = self.state.lock();
            match range {
                Some((range, size)) => {
                    state.queue.window.saved(id, size);
                    if let Some(held) = state.queue.held(id) {
                        held.range = Some(range);
                        add(&self.counters.spilled, 1);
                        add(&self.counters.spilled_bytes, size);
                    }
                }
                None => {
                    state.queue.window.unsaved(id);
                    if let Some(held) = state.queue.held(id) {
                        held.urgent_at = later;
                    }
                }
            }
        }
        if later.is_some() {
            self.watch_over_uris();
        }
        self.carry_out_actions();
    }

    /// Reads a segment from disk; fetches it again when that fails.
    pub(super) async fn load(self: Arc<Self>, id: Id, spooled: Arc<Spooled>) {
        let (spill, range) = {
            let mut state = self.state.lock();
            let spill = state.spill.clone();
            (
                spill,
                state.queue.held(id).and_then(|held| held.range.take()),
            )
        };
        let read = match (spill, range) {
            (Some(spill), Some(range)) => self
                .runtime
                .spawn_blocking(move || read_back(&spill, id, &range))
                .await
                .unwrap_or_else(|_| Err(io::Error::other("reading ended early"))),
            _ => return,
        };
        match read {
            Ok(bytes) => {
                tracing::debug!(segment = id, bytes = bytes.len(), "segment read from disk");
                self.arrived(id, bytes);
            }
            Err(error) => {
                tracing::warn!(segment = id, %error, "a segment cannot be read from disk");
                self.download(id, spooled).await;
            }
        }
    }

    async fn store(self: &Arc<Self>, id: Id, mut bytes: Buffer) -> Option<SpilledRange> {
        let flow = Arc::clone(self);
        let stored = self
            .runtime
            .spawn_blocking(move || flow.spill()?.store(id, &mut bytes))
            .await
            .unwrap_or_else(|_| Err(io::Error::other("writing ended early")));
        stored
            .inspect_err(|error| {
                tracing::warn!(segment = id, %error, "no segment can be put on disk any more");
                self.state.lock().queue.window.disk_is_full();
            })
            .ok()
    }

    /// The result's file, made when there is none.
    fn spill(&self) -> io::Result<Arc<Spill>> {
        let mut state = self.state.lock();
        if let Some(spill) = &state.spill {
            return Ok(Arc::clone(spill));
        }
        let spill = Arc::new(Spill::create(self.spool.spill_path.as_deref())?);
        if !state.stopped {
            state.spill = Some(Arc::clone(&spill));
        }
        Ok(spill)
    }
}

/// The bytes of a segment that waited on disk, whose place is free then.
fn read_back(spill: &Spill, id: Id, range: &SpilledRange) -> io::Result<Buffer> {
    let mut bytes = Buffer::new();
    let read = range.buffer_size().and_then(|room| {
        if !bytes.try_reserve(room) {
            return Err(io::ErrorKind::OutOfMemory.into());
        }
        bytes.fill(room, |room| spill.read(id, range, room))
    });
    spill.free(range);
    read.map(|()| bytes)
}

/// After so many of the first pauses between attempts, which are 30 seconds, an urgent segment that
/// could not be fetched is tried again: a network may be away for a while.
const PAUSES: u32 = 300;

/// A later segment may be urgent sooner than all that are known.
const LONGEST_SLEEP: Duration = Duration::from_secs(30);
