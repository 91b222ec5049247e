//! Segments that go to disk, because their URIs end before there is room for them in memory.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
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

    /// Watches over the URIs of segments that are not fetched, as long as there are any.
    pub(super) async fn watch(self: Arc<Self>) {
        loop {
            let next = {
                let mut state = self.state.lock();
                if state.stopped {
                    return;
                }
                let now = Instant::now();
                let mut due = Vec::new();
                let mut next = None;
                for (id, held) in (state.window.first()..).zip(&mut state.segments) {
                    match held.urgent_at {
                        Some(at) if at <= now => {
                            held.urgent_at = None;
                            due.push(id);
                        }
                        at => next = next.into_iter().chain(at).min(),
                    }
                }
                for id in due {
                    state.window.hurry(id);
                }
                state.watched = next.is_some();
                next.map(|next| next.min(now + LONGEST_SLEEP))
            };
            self.carry_on();
            let Some(next) = next else { return };
            tokio::select! {
                () = self.halt.cancelled() => return,
                () = self.watchful.notified() => {}
                () = tokio::time::sleep_until(next.into()) => {}
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
        let parked = match fetched {
            Ok(bytes) => {
                let size = bytes.len() as u64;
                self.park(id, bytes).await.map(|parked| (parked, size))
            }
            Err(error) => {
                // Told when the reader gets there, unless it can be had by then.
                tracing::debug!(segment = id, %error, "an urgent segment cannot be fetched");
                let passes = !matches!(error, Error::Expired { .. } | Error::Gone { .. });
                later = passes.then(|| Instant::now() + self.spool.first_pause * PAUSES);
                None
            }
        };
        let mut unwatched = false;
        {
            let mut state = self.state.lock();
            match parked {
                Some((parked, size)) => {
                    state.window.saved(id, size);
                    if let Some(held) = state.held(id) {
                        held.parked = Some(parked);
                        add(&self.counters.spilled, 1);
                        add(&self.counters.spilled_bytes, size);
                    }
                }
                None => {
                    state.window.unsaved(id);
                    if let Some(held) = state.held(id) {
                        held.urgent_at = later;
                    }
                    unwatched = later.is_some() && !state.watched;
                    state.watched |= unwatched;
                }
            }
        }
        if unwatched {
            self.spawn(Arc::clone(&self).watch());
        } else if later.is_some() {
            self.watchful.notify_one();
        }
        self.carry_on();
    }

    /// Reads a segment from disk; fetches it again when that fails.
    pub(super) async fn load(self: Arc<Self>, id: Id, spooled: Arc<Spooled>) {
        let (spill, parked) = {
            let mut state = self.state.lock();
            let spill = state.spill.clone();
            (spill, state.held(id).and_then(|held| held.parked.take()))
        };
        let read = match (spill, parked) {
            (Some(spill), Some(parked)) => self
                .runtime
                .spawn_blocking(move || read_back(&spill, id, &parked))
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

    async fn park(self: &Arc<Self>, id: Id, mut bytes: Buffer) -> Option<SpilledRange> {
        let flow = Arc::clone(self);
        let stored = self
            .runtime
            .spawn_blocking(move || flow.spill()?.store(id, &mut bytes))
            .await
            .unwrap_or_else(|_| Err(io::Error::other("writing ended early")));
        stored
            .inspect_err(|error| {
                tracing::warn!(segment = id, %error, "no segment can be put on disk any more");
                self.state.lock().window.disk_is_full();
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
fn read_back(spill: &Spill, id: Id, parked: &SpilledRange) -> io::Result<Buffer> {
    let mut bytes = Buffer::new();
    let read = parked.buffer_size().and_then(|room| {
        if !bytes.try_reserve(room) {
            return Err(io::ErrorKind::OutOfMemory.into());
        }
        bytes.fill(room, |room| spill.read(id, parked, room))
    });
    spill.free(parked);
    read.map(|()| bytes)
}

/// After so many of the first pauses between attempts, which are 30 seconds, an urgent segment that could not be fetched
/// is tried again: a network may be away for a while.
const PAUSES: u32 = 300;

/// A later segment may be urgent sooner than all that are known.
const LONGEST_SLEEP: Duration = Duration::from_secs(30);
