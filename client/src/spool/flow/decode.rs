//! From the bytes of a segment to chunks that the reader finds: once, or in parts where memory is
//! short, or again after damage.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Instant;

use tokio::sync::{AcquireError, OwnedSemaphorePermit};

use super::{Error, Flow, Id, Spooled, add};
use crate::columns::Chunk;
use crate::decode::RowDecoder;
use crate::http::DAMAGED_TRIES;
use crate::spool::unpack::{Payload, Unpacked, unpack};

/// The outcome of a piece of a segment.
enum Piece {
    /// The reader finds it. The chunk is one that it is done with.
    Put(Option<Chunk>),
    /// The same, and there is no room for more.
    Last,
    /// The reader is gone.
    Unwanted,
}

impl Flow {
    /// Decodes the first segment that waits for it, once a core is free.
    pub(super) async fn decode_elsewhere(self: Arc<Self>) {
        let permit = tokio::select! {
            biased;
            () = self.halt.cancelled() => return,
            permit = self.decoder_permits() => permit,
        };
        let Some(id) = self.state.lock().queue.take_decode() else {
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
        self.carry_out_actions();
    }

    /// Leave to decode: of the session, and of the process.
    async fn decoder_permits(&self) -> Result<[OwnedSemaphorePermit; 2], AcquireError> {
        let of_session = Arc::clone(&self.spool.decoders).acquire_owned().await?;
        let of_process = Arc::clone(&self.spool.budget.decoders);
        Ok([of_session, of_process.acquire_owned().await?])
    }

    pub(super) fn decode(self: &Arc<Self>, id: Id) {
        let started = Instant::now();
        let (payload, facts, mut skip, mut decoder) = {
            let mut state = self.state.lock();
            let Some(held) = state.queue.held(id) else {
                return;
            };
            let Some(payload) = held.payload.take() else {
                return;
            };
            let unread = held.chunks.iter().map(|(chunk, _)| chunk.rows() as u64);
            let (facts, skip) = (held.facts, held.given + unread.sum::<u64>());
            let text = facts.uncompressed_size.unwrap_or(payload.len() as u64);
            let decoder = state.pools.take_decoder(text);
            let decoder = decoder.unwrap_or_else(|| RowDecoder::new(Arc::clone(&self.types)));
            (payload, facts, skip, decoder)
        };
        let mut kept = 0;
        let mut text = self.spool.budget.texts.take();
        let (mut changed, mut suspended) = (false, false);
        let result = unpack(
            id,
            &payload,
            facts,
            &mut decoder,
            &mut text,
            &mut |chunk| match chunk.rows() as u64 {
                _ if skip == 0 => match self.decoded_piece(id, chunk) {
                    Piece::Put(spent) => {
                        kept = spent.as_ref().map_or(0, Chunk::size) as u64;
                        ControlFlow::Continue(spent)
                    }
                    Piece::Last => {
                        suspended = true;
                        ControlFlow::Break(())
                    }
                    Piece::Unwanted => ControlFlow::Break(()),
                },
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
        self.give_text(text);
        // The piece that there was no room after may have been the last.
        let is_whole = facts.rows_count.is_some() && result.is_ok();
        if suspended && !is_whole {
            tracing::debug!(segment = id, "decoding suspended: memory is short");
            let mut state = self.state.lock();
            state.queue.window.suspended(id);
            if let Some(held) = state.queue.held(id) {
                held.payload = Some(payload);
            }
            drop(state);
            // More may have been left to it meanwhile.
            self.readable.notify_one();
            return;
        }
        if let Payload::Downloaded(bytes) = payload {
            let mut meter = self.counters.meter();
            meter.left(Instant::now());
            if let Ok(unpacked) = &result {
                meter.decoded(bytes.len(), unpacked, started.elapsed());
            }
            drop(meter);
            self.give_wire(bytes);
        }
        match result {
            _ if changed => self.fail(id, Error::Changed { segment: id }),
            Ok(_) if skip > 0 => self.fail(id, Error::Changed { segment: id }),
            Ok(Unpacked { rows, text, .. }) => {
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
                    state.queue.window.decoded(id);
                    // It has a chunk's memory, which counts nowhere.
                    if !state.stopped && !state.queue.window.is_pressed() {
                        state.pools.give_decoder(decoder, kept);
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
        let held = state.queue.held(id)?;
        let spooled = held.spooled.clone()?;
        if stopped || !matches!(error, Error::Decode { .. }) || held.damaged + 1 == DAMAGED_TRIES {
            return None;
        }
        held.damaged += 1;
        held.chunks.clear();
        state.queue.window.again(id);
        add(&self.counters.retries, 1);
        tracing::debug!(segment = id, %error, "segment is fetched again");
        Some(spooled)
    }

    /// Puts some rows where the reader finds them.
    fn decoded_piece(&self, id: Id, chunk: Chunk) -> Piece {
        if chunk.rows() == 0 {
            return Piece::Put(None);
        }
        let size = chunk.size() as u64;
        let mut state = self.state.lock();
        if state.stopped {
            return Piece::Unwanted;
        }
        let first = state.queue.window.first() == id;
        state.take_share(&self.account);
        let goes_on = state.queue.window.chunk(id, size);
        if let Some(held) = state.queue.held(id) {
            held.chunks.push_back((Arc::new(chunk), size));
        }
        let spent = state.pools.chunks.take();
        self.account.hold(state.queue.window.held());
        drop(state);
        if first {
            self.readable.notify_one();
        }
        if goes_on {
            Piece::Put(spent)
        } else {
            Piece::Last
        }
    }
}
