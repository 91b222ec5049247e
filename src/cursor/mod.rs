//! Where an application stands in a stream of chunks.
//!
//! A rowset may span chunks, so it is a list of runs: rows of one chunk each. Chunks are never copied; a rowset holds them
//! by `Arc` until the next one replaces it. Rows that were gathered when a wait was interrupted are kept for the next
//! fetch: an interrupted fetch loses nothing.
//!
//! A cursor reads forward and forgets what it has given, unless [`Cursor::keeping`] makes it one that can go back. Both
//! move on in the same way as long as the rows are of the chunk that they are in, so that a cursor that only reads
//! forward pays nothing for those that do not.

mod kept;
mod motion;
mod rowset;
mod shelf;

use std::cell::LazyCell;
use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;
use std::sync::Arc;

use crate::columns::{Chunk, ChunkSource, FixedRows};
use crate::runtime::Wait;
use kept::{Kept, Reading};
use motion::{Extent, Goal, Stand};

pub use motion::Motion;
pub use rowset::{Rowset, Run};
pub use shelf::{KeepError, Room};

/// Gives a result a rowset at a time. `E` is how the source fails.
pub struct Cursor<E> {
    rows: Rows<E>,
    /// The chunk that is being read, and its first row not yet in a rowset.
    current: Option<(Arc<Chunk>, usize)>,
    rowset: Rowset,
    /// The rowset being gathered.
    next: Rowset,
    /// Rows before the current rowset. Where that is empty, the cursor is before the start when there are none, else
    /// after the end.
    before: u64,
    limit: u64,
}

/// A source of chunks, boxed: one call of it serves thousands of rows.
pub type Source<E> = Box<dyn ChunkSource<Error = E, Wait = Wait>>;

/// Where the rows are.
enum Rows<E> {
    /// They are read once.
    Passing {
        source: Source<E>,
        ended: bool,
    },
    Kept(Box<Kept<E>>),
}

/// Why a cursor did not move. It is where it was.
#[derive(Debug)]
pub enum Error<E> {
    Source(E),
    Keep(KeepError),
    /// The cursor can only move to the next rowset.
    ForwardOnly,
}

/// How a cursor moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moved {
    /// Rows of the new rowset; 0 before the start and after the end.
    pub rows: usize,
    /// Whether a rowset was wanted that begins before the start of the result: it is the first one instead.
    pub cut_at_start: bool,
}

impl<E: Send + 'static> Cursor<E> {
    /// A cursor before the first row of `source`, of which it gives at most `limit` rows (0 for all).
    pub fn new(source: Source<E>, limit: u64) -> Self {
        Self {
            rows: Rows::Passing {
                source,
                ended: false,
            },
            current: None,
            rowset: Rowset::new(),
            next: Rowset::new(),
            before: 0,
            limit: if limit == 0 { u64::MAX } else { limit },
        }
    }

    /// A cursor over rows that are there already.
    pub fn fixed(chunk: Chunk, limit: u64) -> Self {
        Self::new(Box::new(Fixed(FixedRows::new(chunk), PhantomData)), limit)
    }

    /// The cursor, not moved yet, as one that can go anywhere in the result. The rows that it reads are kept in `room`.
    pub fn keeping(mut self, room: Room) -> Self {
        if let Rows::Passing { source, .. } = self.rows {
            self.rows = Rows::Kept(Box::new(Kept::new(source, self.limit, room)));
        }
        self
    }

    /// Moves to the next rowset of up to `size` rows, and gives their number: fewer only at the end, 0 after it. `wait`
    /// is called when the rows that are there do not suffice, and only then.
    pub fn advance(&mut self, size: usize, wait: impl FnOnce() -> Wait) -> Result<usize, Error<E>> {
        let wait = LazyCell::new(wait);
        let given = self.before + self.rowset.rows() as u64;
        let left = usize::try_from(self.limit.saturating_sub(given)).unwrap_or(usize::MAX);
        let within = size.min(left);
        if self.advance_in_chunk(within) {
            self.before = given;
            return Ok(within);
        }
        let Rows::Passing { source, ended } = &mut self.rows else {
            return self.go(Motion::Next, size, &wait).map(|moved| moved.rows);
        };
        let size = within;
        while self.next.rows() < size && !*ended {
            if let Some((chunk, from)) = self.current.take() {
                let take = (chunk.rows() - from).min(size - self.next.rows());
                if from + take < chunk.rows() {
                    self.current = Some((Arc::clone(&chunk), from + take));
                }
                self.next.push(Run {
                    chunk,
                    rows: from..from + take,
                });
                continue;
            }
            match source.next(&wait).map_err(Error::Source)? {
                Some(chunk) if chunk.rows() > 0 => self.current = Some((chunk, 0)),
                Some(_) => {}
                None => *ended = true,
            }
        }
        self.arrive(given);
        Ok(self.rowset.rows())
    }

    /// Moves to the rowset of up to `size` rows where `motion` leads. `wait` is called when the rows that are there do
    /// not suffice, and only then.
    pub fn scroll(
        &mut self,
        motion: Motion,
        size: usize,
        wait: impl FnOnce() -> Wait,
    ) -> Result<Moved, Error<E>> {
        self.go(motion, size, &LazyCell::new(wait))
    }

    /// Whether the next rowset of `size` rows is there already, as far as is known without looking for it.
    pub fn is_ready(&self, size: usize) -> bool {
        let rows = |(chunk, from): &(Arc<Chunk>, usize)| chunk.rows() - from;
        let ended = matches!(&self.rows, Rows::Passing { ended: true, .. });
        ended || self.next.rows() + self.current.as_ref().map_or(0, rows) >= size
    }

    fn go(
        &mut self,
        motion: Motion,
        size: usize,
        wait: &impl Deref<Target = Wait>,
    ) -> Result<Moved, Error<E>> {
        let stand = self.stand();
        let Rows::Kept(kept) = &mut self.rows else {
            return Err(Error::ForwardOnly);
        };
        let mut reading = Reading { kept, wait };
        self.next.clear();
        let goal = motion.goal(stand, size as u64, &mut reading)?;
        let before = match goal {
            Goal::BeforeStart | Goal::CutAtStart => 0,
            Goal::Row(row) => row - 1,
            Goal::AfterEnd => reading.last()?,
        };
        self.current = match goal {
            Goal::BeforeStart | Goal::AfterEnd => None,
            Goal::Row(_) | Goal::CutAtStart => reading.gather(before, size, &mut self.next)?,
        };
        self.arrive(before);
        Ok(Moved {
            rows: self.rowset.rows(),
            cut_at_start: goal == Goal::CutAtStart,
        })
    }

    fn stand(&self) -> Stand {
        match (self.before, self.rowset.rows()) {
            (0, 0) => Stand::BeforeStart,
            (_, 0) => Stand::AfterEnd,
            (before, rows) => Stand::On {
                start: before + 1,
                rows: rows as u64,
            },
        }
    }

    /// Makes what was gathered the rowset.
    fn arrive(&mut self, before: u64) {
        self.before = before;
        std::mem::swap(&mut self.rowset, &mut self.next);
        self.next.clear();
    }

    /// Moves on within the chunk that the rowset is of, if that has more rows still: nothing changes hands then.
    #[inline]
    fn advance_in_chunk(&mut self, size: usize) -> bool {
        let Some((chunk, from)) = &mut self.current else {
            return false;
        };
        let more = size > 0 && size < chunk.rows() - *from && self.next.rows() == 0;
        if !more || !self.rowset.shift(chunk, *from..*from + size) {
            return false;
        }
        *from += size;
        true
    }

    /// The rowset that the last fetch gave; empty before the first row and after the last.
    pub fn rowset(&self) -> &Rowset {
        &self.rowset
    }

    /// Number of a row of the rowset in the whole result, from 1; 0 when there is no such row.
    pub fn row_number(&self, row: usize) -> u64 {
        if row < self.rowset.rows() {
            self.before + row as u64 + 1
        } else {
            0
        }
    }
}

impl<E> fmt::Debug for Cursor<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cursor")
            .field("before", &self.before)
            .field("rows", &self.rowset.rows())
            .finish_non_exhaustive()
    }
}

struct Fixed<E>(FixedRows, PhantomData<fn() -> E>);

impl<E> ChunkSource for Fixed<E> {
    type Error = E;
    type Wait = Wait;

    fn next(&mut self, _: &Wait) -> Result<Option<Arc<Chunk>>, E> {
        Ok(self.0.take())
    }
}

#[cfg(test)]
mod tests;
