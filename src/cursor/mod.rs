//! An application's position in a stream of chunks.
//!
//! A rowset may span chunks, so it is a list of runs: rows of one chunk each. Chunks are never
//! copied; a rowset holds them by `Arc` until the next one replaces it. If a wait is interrupted,
//! the rows gathered so far stay for the next fetch: an interrupted fetch loses nothing.
//!
//! Cursors are forward-only unless [`Cursor::scrollable`] makes them scrollable. Both kinds advance
//! within a chunk in the same way, so a forward-only cursor pays nothing for scrollable ones.

mod chunk_store;
mod motion;
mod rowset;
mod scrollable;

use std::cell::LazyCell;
use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;
use std::sync::Arc;

use motion::{CursorPosition, Extent, Target};
use scrollable::{Reading, ScrollableRows};
use trino_client::columns::{Chunk, ChunkSource, FixedRows};
use trino_client::runtime::Wait;

pub use chunk_store::{StoreError, StoreLimits};
pub use motion::Motion;
pub use rowset::{Rowset, Run};

/// Gives a result one rowset at a time. `E` is the error of the source.
pub struct Cursor<E> {
    rows: Rows<E>,
    /// The chunk being read, and its first row not yet in a rowset.
    current: Option<(Arc<Chunk>, usize)>,
    rowset: Rowset,
    /// The rowset being gathered.
    next: Rowset,
    /// Rows before the current rowset. If the rowset is empty, the cursor is before the start if
    /// this is 0, else after the end.
    before: u64,
    limit: u64,
}

/// A source of chunks, boxed: one call of it serves thousands of rows.
pub type Source<E> = Box<dyn ChunkSource<Error = E, Wait = Wait>>;

/// Where the rows come from.
enum Rows<E> {
    /// Read once and forgotten.
    ForwardOnly {
        source: Source<E>,
        ended: bool,
    },
    Scrollable(Box<ScrollableRows<E>>),
}

/// Why a cursor did not move. Its position is unchanged.
#[derive(Debug)]
pub enum Error<E> {
    Source(E),
    Store(StoreError),
    /// The cursor can only move to the next rowset.
    ForwardOnly,
}

/// How a cursor moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moved {
    /// Rows of the new rowset; 0 before the start and after the end.
    pub rows: usize,
    /// Whether the requested rowset would begin before the first row, so the first rowset was
    /// fetched instead.
    pub cut_at_start: bool,
}

impl<E: Send + 'static> Cursor<E> {
    /// A cursor before the first row of `source`, of which it gives at most `limit` rows (0 for
    /// all).
    pub fn new(source: Source<E>, limit: u64) -> Self {
        Self {
            rows: Rows::ForwardOnly {
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

    /// A cursor over rows in memory.
    pub fn fixed(chunk: Chunk, limit: u64) -> Self {
        Self::new(Box::new(Fixed(FixedRows::new(chunk), PhantomData)), limit)
    }

    /// Makes a cursor that has not moved yet scrollable. It stores the rows that it reads within
    /// `limits`.
    pub fn scrollable(mut self, limits: StoreLimits) -> Self {
        if let Rows::ForwardOnly { source, .. } = self.rows {
            self.rows = Rows::Scrollable(Box::new(ScrollableRows::new(source, self.limit, limits)));
        }
        self
    }

    /// Moves to the next rowset of up to `size` rows and returns its number of rows: fewer only at
    /// the end, 0 after it. Calls `wait` only if it needs rows that have not arrived.
    pub fn advance(&mut self, size: usize, wait: impl FnOnce() -> Wait) -> Result<usize, Error<E>> {
        let wait = LazyCell::new(wait);
        let given = self.before + self.rowset.rows() as u64;
        let left = usize::try_from(self.limit.saturating_sub(given)).unwrap_or(usize::MAX);
        let within = size.min(left);
        if self.advance_in_chunk(within) {
            self.before = given;
            return Ok(within);
        }
        let Rows::ForwardOnly { source, ended } = &mut self.rows else {
            return self
                .move_by(Motion::Next, size, &wait)
                .map(|moved| moved.rows);
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

    /// Moves by `motion` to a rowset of up to `size` rows. Calls `wait` only if it needs rows that
    /// have not arrived.
    pub fn scroll(
        &mut self,
        motion: Motion,
        size: usize,
        wait: impl FnOnce() -> Wait,
    ) -> Result<Moved, Error<E>> {
        self.move_by(motion, size, &LazyCell::new(wait))
    }

    /// Whether the next rowset of `size` rows is known to be complete in memory.
    pub fn is_ready(&self, size: usize) -> bool {
        let ended = matches!(&self.rows, Rows::ForwardOnly { ended: true, .. });
        let current = self.current.as_ref();
        let rest = current.map_or(0, |(chunk, from)| chunk.rows() - from);
        ended || self.next.rows() + rest >= size
    }

    fn move_by(
        &mut self,
        motion: Motion,
        size: usize,
        wait: &impl Deref<Target = Wait>,
    ) -> Result<Moved, Error<E>> {
        let position = self.position();
        let Rows::Scrollable(rows) = &mut self.rows else {
            return Err(Error::ForwardOnly);
        };
        let mut reading = Reading { rows, wait };
        self.next.clear();
        let target = motion.target(position, size as u64, &mut reading)?;
        let before = match target {
            Target::BeforeStart | Target::CutAtStart => 0,
            Target::Row(row) => row - 1,
            Target::AfterEnd => reading.last()?,
        };
        self.current = match target {
            Target::BeforeStart | Target::AfterEnd => None,
            Target::Row(_) | Target::CutAtStart => reading.gather(before, size, &mut self.next)?,
        };
        self.arrive(before);
        Ok(Moved {
            rows: self.rowset.rows(),
            cut_at_start: target == Target::CutAtStart,
        })
    }

    fn position(&self) -> CursorPosition {
        match (self.before, self.rowset.rows()) {
            (0, 0) => CursorPosition::BeforeStart,
            (_, 0) => CursorPosition::AfterEnd,
            (before, rows) => CursorPosition::On {
                start: before + 1,
                rows: rows as u64,
            },
        }
    }

    /// Makes the gathered rows the current rowset.
    fn arrive(&mut self, before: u64) {
        self.before = before;
        std::mem::swap(&mut self.rowset, &mut self.next);
        self.next.clear();
    }

    /// Advances within the rowset's chunk if that has enough rows left.
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

    /// The rowset of the last fetch; empty before the first row and after the last.
    pub fn rowset(&self) -> &Rowset {
        &self.rowset
    }

    /// The number of a row of the rowset in the whole result, from 1; 0 when there is no such row.
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
