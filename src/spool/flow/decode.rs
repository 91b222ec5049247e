//! From the bytes of a segment to chunks that the reader finds, once or, after damage, again.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Instant;

use super::{Error, Flow, Id, Spooled, add};
use crate::columns::Chunk;
use crate::decode::{Buffer, RowDecoder};
use crate::http::DAMAGED_TRIES;
use crate::spool::unpack::{Payload, Unpacked, unpack};

/// A decoder and the text that it works on.
pub(super) struct Workshop {
    decoder: RowDecoder,
    text: Buffer,
}

impl Flow {
    /// Decodes the first segment that waits for it, once a core is free.
    pub(super) async fn decode_elsewhere(self: Arc<Self>) {
        let permit = tokio::select! {
            biased;
            () = self.halt.cancelled() => return,
            permit = Arc::clone(&self.spool.decoders).acquire_owned() => permit,
        };
        let Some(id) = self.state.lock().to_decode.pop_first() else {
            return;
        };
        let flow = Arc::clone(&self);
        let decoded = self
            .runtime
            .spawn_blocking(move || {
                flow.span.in_scope(|| flow.decode(id));
                drop(permit);
            })
            .await;
        if decoded.is_err() {
            self.fail(id, Error::Internal);
        }
        self.carry_on();
    }

    pub(super) fn decode(self: &Arc<Self>, id: Id) {
        let started = Instant::now();
        let (payload, facts, mut skip, mut workshop) = {
            let mut state = self.state.lock();
            let Some(held) = state.held(id) else { return };
            let Some(payload) = held.payload.take() else {
                return;
            };
            let (facts, skip) = (held.facts, held.given);
            let workshop = state.workshops.pop();
            let workshop = workshop.unwrap_or_else(|| self.workshop());
            (payload, facts, skip, workshop)
        };
        let mut changed = false;
        let result = unpack(
            id,
            &payload,
            facts,
            &mut workshop.decoder,
            &mut workshop.text,
            &mut |chunk| match chunk.rows() as u64 {
                _ if skip == 0 => self.decoded_piece(id, chunk),
                // The reader has them from the time before.
                rows if rows <= skip => {
                    skip -= rows;
                    ControlFlow::Continue(Some(chunk))
                }
                _ => {
                    changed = true;
                    ControlFlow::Break(())
                }
            },
        );
        if let Payload::Downloaded(bytes) = payload {
            self.keep(bytes);
        }
        match result {
            _ if changed => self.fail(id, Error::Changed { segment: id }),
            Ok(_) if skip > 0 => self.fail(id, Error::Changed { segment: id }),
            Ok(Unpacked { rows, text }) => {
                add(&self.counters.rows, rows);
                add(&self.counters.decoded, text);
                tracing::debug!(
                    segment = id,
                    rows,
                    bytes = text,
                    ms = started.elapsed().as_millis() as u64,
                    "segment decoded"
                );
                {
                    let mut state = self.state.lock();
                    state.window.decoded(id);
                    if !state.stopped
                        && let Some(spooled) = state.spooled(id)
                    {
                        state.finished.insert(id, spooled);
                    }
                    if !state.stopped {
                        let idle = state.workshops.iter().map(|other| other.text.capacity());
                        let idle = idle.sum::<usize>() + workshop.text.capacity();
                        // While it decodes, its text counts; idle, it is what new pages for each segment would cost.
                        if idle > 4 * self.spool.spare() {
                            workshop.text = Buffer::new();
                        }
                        state.workshops.push(workshop);
                    }
                }
                self.readable.notify_one();
                self.pageable.notify_one();
            }
            Err(error) => match self.again(id, &error) {
                Some(spooled) => {
                    self.spawn(Arc::clone(self).download(id, spooled));
                }
                None => self.fail(id, error),
            },
        }
    }

    /// Forgets what was made of damaged bytes, if they may be fetched again.
    fn again(&self, id: Id, error: &Error) -> Option<Arc<Spooled>> {
        let mut state = self.state.lock();
        let stopped = state.stopped;
        let held = state.held(id)?;
        let spooled = held.spooled.clone()?;
        if stopped || !matches!(error, Error::Decode { .. }) || held.damaged + 1 == DAMAGED_TRIES {
            return None;
        }
        held.damaged += 1;
        held.chunks.clear();
        state.window.again(id);
        add(&self.counters.retries, 1);
        tracing::debug!(segment = id, %error, "segment is fetched again");
        Some(spooled)
    }

    /// Puts some rows where the reader finds them, and gives a chunk that it is done with.
    fn decoded_piece(&self, id: Id, chunk: Chunk) -> ControlFlow<(), Option<Chunk>> {
        if chunk.rows() == 0 {
            return ControlFlow::Continue(None);
        }
        let size = chunk.size() as u64;
        let mut state = self.state.lock();
        if state.stopped {
            return ControlFlow::Break(());
        }
        let first = state.window.first() == id;
        state.window.chunk(id, size);
        if let Some(held) = state.held(id) {
            held.chunks.push_back((Arc::new(chunk), size));
        }
        let spent = state.spent.take();
        drop(state);
        if first {
            self.readable.notify_one();
        }
        ControlFlow::Continue(spent)
    }

    fn workshop(&self) -> Workshop {
        Workshop {
            decoder: RowDecoder::new(Arc::clone(&self.types)),
            text: Buffer::new(),
        }
    }
}
