//! The segments of one result between the pager and the reader, in order, beside the window that
//! decides about them.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use tokio::time::Instant;

use crate::columns::Chunk;
use crate::spill::SpilledRange;
use crate::spool::Error;
use crate::spool::segment::{Facts, SMALL, Segment, Source, Spooled};
use crate::spool::unpack::Payload;
use crate::spool::window::{Action, Id, Limits, Window};

/// The segments of a result that are known and not yet read.
///
/// `segments` is aligned with the window: its first is the window's first, and both lose it in the
/// same step. So every segment that the window names in an [`Action`] is here, and one that it
/// wants fetched, or acknowledged, is a spooled one.
pub(super) struct Queue {
    pub(super) window: Window,
    pub(super) segments: VecDeque<Held>,
    /// Segments that wait for a decoder. A decoder that is free takes the first.
    to_decode: BTreeSet<Id>,
    /// Spooled segments that are read to their ends and not yet acknowledged.
    finished: BTreeMap<Id, Arc<Spooled>>,
    /// Bytes of the chunk that the reader has.
    pub(super) in_hand: u64,
    /// Rows that the reader has taken.
    pub(super) rows: u64,
    /// Whether the pager has added the last segment.
    pub(super) is_complete: bool,
    /// The first segment that cannot be read, and why. The reader gets the reason once.
    pub(super) failure: Option<(Id, Option<Error>)>,
}

/// A segment that is not read to its end.
pub(super) struct Held {
    pub(super) facts: Facts,
    pub(super) spooled: Option<Arc<Spooled>>,
    pub(super) payload: Option<Payload>,
    /// Decoded chunks that the reader has not taken, and their bytes.
    pub(super) chunks: VecDeque<(Arc<Chunk>, u64)>,
    offset_checked: bool,
    /// Where the bytes are on disk.
    pub(super) range: Option<SpilledRange>,
    /// When its URI must have been used, if that matters.
    pub(super) due: Option<Instant>,
    /// The same while it has yet to be fetched.
    pub(super) urgent_at: Option<Instant>,
    /// Rows that the reader has taken.
    pub(super) given: u64,
    /// How often the bytes arrived damaged.
    pub(super) damaged: u32,
    /// Why it is being fetched again.
    pub(super) trouble: Option<String>,
}

/// The result of a turn of the reader.
pub(in crate::spool) enum Turn {
    /// The next rows.
    Chunk(Arc<Chunk>),
    /// Every row of a complete result was read.
    End,
    /// No further row can be read.
    Failed(Error),
    /// The next rows are not there yet.
    Wait,
}

/// An action of the window, with the segment that it takes.
pub(super) enum Work {
    Download(Id, Arc<Spooled>),
    Save(Id, Arc<Spooled>),
    Load(Id, Arc<Spooled>),
    /// Decode the segment in this thread.
    DecodeHere(Id),
    /// Decode the first segment that waits for a decoder, once one is free.
    DecodeElsewhere,
    Forget(Released),
    Acknowledge(Arc<Spooled>),
}

/// The released parts of a segment, to be dropped outside of the lock.
pub(super) struct Released {
    pub(super) id: Id,
    pub(super) payload: Option<Payload>,
    pub(super) chunks: VecDeque<(Arc<Chunk>, u64)>,
    /// Whether its URI ends, so that it may have to go to disk before it is read.
    pub(super) is_due: bool,
}

impl Queue {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            window: Window::new(limits),
            segments: VecDeque::new(),
            to_decode: BTreeSet::new(),
            finished: BTreeMap::new(),
            in_hand: 0,
            rows: 0,
            is_complete: false,
            failure: None,
        }
    }

    /// Adds the next segment of the result. A spooled one must have been fetched by `due`, if that
    /// matters.
    pub(super) fn push(&mut self, segment: Segment, due: Option<Instant>) {
        let sizes = segment.sizes();
        let (spooled, payload) = match segment.source {
            Source::Direct(rows) => (None, Some(Payload::Direct(rows))),
            Source::Inline(data) => (None, Some(Payload::Inline(data))),
            Source::Spooled(spooled) => (Some(spooled), None),
        };
        match spooled {
            Some(_) => self.window.found(sizes),
            None => self.window.came(sizes),
        };
        self.segments.push_back(Held {
            facts: segment.facts,
            spooled,
            payload,
            chunks: VecDeque::new(),
            offset_checked: false,
            range: None,
            due,
            urgent_at: due,
            given: 0,
            damaged: 0,
            trouble: None,
        });
    }

    /// The number that the next segment gets.
    pub(super) fn next_id(&self) -> Id {
        self.window.first() + self.segments.len() as Id
    }

    /// The segment with this number; `None` once it was read to its end, or reading was stopped.
    pub(super) fn held(&mut self, id: Id) -> Option<&mut Held> {
        let index = usize::try_from(id.checked_sub(self.window.first())?).ok()?;
        self.segments.get_mut(index)
    }

    /// The window's next action.
    pub(super) fn next_work(&mut self) -> Option<Work> {
        Some(match self.window.poll()? {
            Action::Download(id) => Work::Download(id, self.spooled(id)),
            Action::Save(id) => Work::Save(id, self.spooled(id)),
            Action::Load(id) => Work::Load(id, self.spooled(id)),
            Action::Decode(id) if self.held(id).is_some_and(|held| held.is_small()) => {
                Work::DecodeHere(id)
            }
            Action::Decode(id) => {
                self.to_decode.insert(id);
                Work::DecodeElsewhere
            }
            Action::Release(id) => Work::Forget(self.release(id)),
            Action::Acknowledge(id) => Work::Acknowledge(self.acknowledged(id)),
        })
    }

    /// The first segment that waits for a decoder.
    pub(super) fn take_decode(&mut self) -> Option<Id> {
        self.to_decode.pop_first()
    }

    /// The next chunk in order, or why there is none.
    pub(super) fn turn(&mut self) -> Turn {
        loop {
            let first = self.window.first();
            self.check_offset(first);
            // Chunks of a segment that failed later are sound: their rows were decoded before the
            // fault.
            let failed_here = matches!(&self.failure, Some((failed, _)) if *failed == first);
            let refused = failed_here && self.is_out_of_order(first);
            if let Some(held) = self.segments.front_mut().filter(|_| !refused)
                && let Some((chunk, size)) = held.chunks.pop_front()
            {
                held.given += chunk.rows() as u64;
                self.window.taken(size);
                self.in_hand = size;
                self.rows += chunk.rows() as u64;
                return Turn::Chunk(chunk);
            }
            if failed_here {
                let error = self.failure.as_mut().and_then(|(_, error)| error.take());
                return Turn::Failed(error.unwrap_or(Error::Over));
            }
            if self.window.pass() {
                let spooled = self.segments.pop_front().and_then(|held| held.spooled);
                self.finished
                    .extend(spooled.map(|spooled| (first, spooled)));
                continue;
            }
            if self.is_complete && self.segments.is_empty() {
                return Turn::End;
            }
            self.window.wanted();
            return Turn::Wait;
        }
    }

    /// Segment `id` cannot be read, and so none after it. False if an earlier one has failed.
    pub(super) fn fail(&mut self, id: Id, error: Error) -> bool {
        self.window.fail(id);
        let is_first = !matches!(&self.failure, Some((failed, _)) if *failed <= id);
        if is_first {
            self.failure = Some((id, Some(error)));
        }
        is_first
    }

    /// Forgets everything. Returns the spooled segments that are not acknowledged.
    pub(super) fn stop(&mut self) -> Vec<Arc<Spooled>> {
        self.window.stop();
        let mut unread = Vec::new();
        while let Some(action) = self.window.poll() {
            if let Action::Acknowledge(id) = action {
                unread.push(self.acknowledged(id));
            }
        }
        self.segments.clear();
        self.to_decode.clear();
        unread
    }

    /// Fails the first segment if it does not begin at the row that comes next. It is checked once.
    fn check_offset(&mut self, first: Id) {
        let Some(held) = self.segments.front_mut() else {
            return;
        };
        if std::mem::replace(&mut held.offset_checked, true) {
            return;
        }
        let (expected, actual) = (self.rows, held.facts.row_offset);
        if let Some(actual) = actual.filter(|actual| *actual != expected) {
            self.window.fail(first);
            let error = Error::RowOffset {
                segment: first,
                expected,
                actual,
            };
            self.failure = Some((first, Some(error)));
        }
    }

    /// Whether segment `id` failed because of its place in the result, so that none of its rows may
    /// be read.
    fn is_out_of_order(&self, id: Id) -> bool {
        matches!(&self.failure, Some((failed, Some(Error::RowOffset { .. }) | None)) if *failed == id)
    }

    /// Takes the bytes of a segment, and its rows that are not read.
    fn release(&mut self, id: Id) -> Released {
        let held = self.held(id);
        let held = held.expect("the window releases only segments that it holds");
        held.urgent_at = held.due;
        Released {
            id,
            payload: held.payload.take(),
            chunks: std::mem::take(&mut held.chunks),
            is_due: held.due.is_some(),
        }
    }

    fn spooled(&mut self, id: Id) -> Arc<Spooled> {
        let held = self.held(id).and_then(|held| held.spooled.clone());
        held.expect("the window fetches only spooled segments that it holds")
    }

    /// The segment to be acknowledged: one that was read to its end, or was given up unread.
    fn acknowledged(&mut self, id: Id) -> Arc<Spooled> {
        let finished = self.finished.remove(&id);
        finished.unwrap_or_else(|| self.spooled(id))
    }
}

impl Held {
    /// Whether decoding the segment takes less than handing it to another thread.
    fn is_small(&self) -> bool {
        let expanded = self.facts.uncompressed_size.unwrap_or_default();
        let bytes = self.payload.as_ref().map(Payload::len);
        self.spooled.is_none()
            && expanded < SMALL as u64
            && bytes.is_some_and(|bytes| bytes < SMALL)
    }
}
