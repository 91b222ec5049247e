//! Where an application stands in a stream of chunks.
//!
//! A rowset may span chunks, so it is a list of runs: rows of one chunk each. Chunks are never copied; a rowset holds them
//! by `Arc` until the next one replaces it. Rows that were gathered when a wait was interrupted are kept for the next
//! fetch: an interrupted fetch loses nothing.

use std::cell::LazyCell;
use std::fmt;
use std::marker::PhantomData;
use std::ops::Range;
use std::sync::Arc;

use crate::columns::{Chunk, ChunkSource, FixedRows};
use crate::runtime::Wait;

/// Reads a result forward, a rowset at a time. `E` is how the source fails.
pub struct Cursor<E> {
    source: Source<E>,
    /// The chunk that is being read, and its first row not yet in a rowset.
    current: Option<(Arc<Chunk>, usize)>,
    rowset: Rowset,
    /// The rowset being gathered.
    next: Rowset,
    /// Rows given out in rowsets before the current one.
    before: u64,
    limit: u64,
    ended: bool,
}

/// A source of chunks, boxed: one call of it serves thousands of rows.
pub type Source<E> = Box<dyn ChunkSource<Error = E, Wait = Wait>>;

/// Consecutive rows of a result.
#[derive(Debug, Default)]
pub struct Rowset {
    runs: Vec<Run>,
    rows: usize,
}

/// Consecutive rows of one chunk.
#[derive(Debug, Clone)]
pub struct Run {
    pub chunk: Arc<Chunk>,
    pub rows: Range<usize>,
}

impl<E: Send + 'static> Cursor<E> {
    /// A cursor before the first row of `source`, of which it gives at most `limit` rows (0 for all).
    pub fn new(source: Source<E>, limit: u64) -> Self {
        Self {
            source,
            current: None,
            rowset: Rowset::new(),
            next: Rowset::new(),
            before: 0,
            limit: if limit == 0 { u64::MAX } else { limit },
            ended: false,
        }
    }

    /// A cursor over rows that are there already.
    pub fn fixed(chunk: Chunk, limit: u64) -> Self {
        Self::new(Box::new(Fixed(FixedRows::new(chunk), PhantomData)), limit)
    }

    /// Moves to the next rowset of up to `size` rows, and gives their number: fewer only at the end, 0 after it. `wait`
    /// is called when the rows that are there do not suffice, and only then.
    pub fn advance(&mut self, size: usize, wait: impl FnOnce() -> Wait) -> Result<usize, E> {
        let wait = LazyCell::new(wait);
        let given = self.before + self.rowset.rows as u64;
        let left = usize::try_from(self.limit.saturating_sub(given)).unwrap_or(usize::MAX);
        let size = size.min(left);
        if self.advance_in_chunk(size) {
            self.before = given;
            return Ok(size);
        }
        while self.next.rows < size && !self.ended {
            if let Some((chunk, from)) = self.current.take() {
                let take = (chunk.rows() - from).min(size - self.next.rows);
                if from + take < chunk.rows() {
                    self.current = Some((Arc::clone(&chunk), from + take));
                }
                self.next.push(Run {
                    chunk,
                    rows: from..from + take,
                });
                continue;
            }
            match self.source.next(&wait)? {
                Some(chunk) if chunk.rows() > 0 => self.current = Some((chunk, 0)),
                Some(_) => {}
                None => self.ended = true,
            }
        }
        self.before = given;
        std::mem::swap(&mut self.rowset, &mut self.next);
        self.next.clear();
        Ok(self.rowset.rows)
    }

    /// Whether the next rowset of `size` rows is there already.
    pub fn is_ready(&self, size: usize) -> bool {
        let rows = |(chunk, from): &(Arc<Chunk>, usize)| chunk.rows() - from;
        self.ended || self.next.rows + self.current.as_ref().map_or(0, rows) >= size
    }

    /// Moves on within the chunk that the rowset is of, if that has more rows still: nothing changes hands then.
    #[inline]
    fn advance_in_chunk(&mut self, size: usize) -> bool {
        let Some((chunk, from)) = &mut self.current else {
            return false;
        };
        let [run] = self.rowset.runs.as_mut_slice() else {
            return false;
        };
        let same = size > 0 && self.next.rows == 0 && Arc::ptr_eq(&run.chunk, chunk);
        if !same || chunk.rows() - *from <= size {
            return false;
        }
        run.rows = *from..*from + size;
        *from += size;
        self.rowset.rows = size;
        true
    }

    /// The rowset that the last [`Self::advance`] gave; empty before the first row and after the last.
    pub fn rowset(&self) -> &Rowset {
        &self.rowset
    }

    /// Number of a row of the rowset in the whole result, from 1; 0 when there is no such row.
    pub fn row_number(&self, row: usize) -> u64 {
        if row < self.rowset.rows {
            self.before + row as u64 + 1
        } else {
            0
        }
    }
}

impl Rowset {
    /// No rows, but room for what most rowsets are made of, so that moving on allocates nothing.
    fn new() -> Self {
        Self {
            runs: Vec::with_capacity(2),
            rows: 0,
        }
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The runs, in order.
    pub fn runs(&self) -> &[Run] {
        &self.runs
    }

    /// The chunk of a row and the row's place in it.
    pub fn locate(&self, row: usize) -> Option<(&Arc<Chunk>, usize)> {
        let mut row = row;
        for run in &self.runs {
            if row < run.rows.len() {
                return Some((&run.chunk, run.rows.start + row));
            }
            row -= run.rows.len();
        }
        None
    }

    fn push(&mut self, run: Run) {
        self.rows += run.rows.len();
        self.runs.push(run);
    }

    fn clear(&mut self) {
        self.runs.clear();
        self.rows = 0;
    }
}

impl<E> fmt::Debug for Cursor<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cursor")
            .field("before", &self.before)
            .field("ended", &self.ended)
            .finish()
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
mod tests {
    use super::{Chunk, ChunkSource, Cursor};
    use crate::columns::{Column, Values};
    use crate::runtime::Wait;
    use std::collections::VecDeque;
    use std::sync::Arc;

    /// Gives chunks of these lengths, counting rows from 0; `None` is an interruption.
    struct Script(VecDeque<Option<usize>>, i64);

    impl ChunkSource for Script {
        type Error = ();
        type Wait = Wait;

        fn next(&mut self, _: &Wait) -> Result<Option<Arc<Chunk>>, ()> {
            let rows = match self.0.pop_front() {
                None => return Ok(None),
                Some(None) => return Err(()),
                Some(Some(rows)) => rows as i64,
            };
            let values = Values::Int64((self.1..self.1 + rows).collect());
            self.1 += rows;
            Ok(Some(Arc::new(
                Chunk::new(
                    rows as usize,
                    vec![Column {
                        values,
                        nulls: None,
                    }],
                )
                .unwrap(),
            )))
        }
    }

    fn rows(cursor: &Cursor<()>) -> Vec<i64> {
        let rowset = cursor.rowset();
        (0..rowset.rows())
            .map(|row| {
                let (chunk, row) = rowset.locate(row).unwrap();
                match &chunk.columns()[0].values {
                    Values::Int64(values) => values[row],
                    _ => unreachable!(),
                }
            })
            .collect()
    }

    fn cursor(script: &[Option<usize>], limit: u64) -> Cursor<()> {
        Cursor::new(Box::new(Script(script.iter().copied().collect(), 0)), limit)
    }

    #[test]
    fn a_rowset_spans_chunks_and_a_chunk_spans_rowsets() {
        let mut cursor = cursor(&[Some(3), Some(0), Some(1), Some(4)], 0);
        let mut seen = Vec::new();
        while cursor.advance(3, Wait::default).unwrap() > 0 {
            seen.push(rows(&cursor));
        }
        assert_eq!(seen, [vec![0, 1, 2], vec![3, 4, 5], vec![6, 7]]);
        assert_eq!(cursor.row_number(0), 0);
    }

    #[test]
    fn an_interrupted_fetch_loses_no_row() {
        let mut cursor = cursor(&[Some(2), None, Some(2)], 0);
        assert!(cursor.advance(3, Wait::default).is_err());
        assert_eq!(cursor.advance(3, Wait::default), Ok(3));
        assert_eq!(rows(&cursor), [0, 1, 2]);
        assert_eq!(cursor.row_number(2), 3);
        assert_eq!(cursor.advance(3, Wait::default), Ok(1));
        assert_eq!(cursor.row_number(0), 4);
    }

    #[test]
    fn rowsets_of_any_size_give_every_row_once() {
        for size in 1..12 {
            let mut cursor = cursor(&[Some(5), Some(1), None, Some(10), Some(3)], 0);
            let (mut given, mut ends) = (Vec::new(), 0);
            while ends < 1 {
                match cursor.advance(size, Wait::default) {
                    Ok(0) => ends += 1,
                    Ok(count) => {
                        assert_eq!(cursor.row_number(0), given.len() as u64 + 1);
                        assert_eq!(cursor.rowset().rows(), count);
                        given.extend(rows(&cursor));
                    }
                    // Interrupted: what was gathered comes with the next call.
                    Err(()) => {}
                }
            }
            assert_eq!(given, (0..19).collect::<Vec<i64>>(), "size {size}");
        }
    }

    #[test]
    fn rows_that_are_there_are_known() {
        let mut cursor = cursor(&[Some(5)], 0);
        assert!(!cursor.is_ready(1));
        assert_eq!(cursor.advance(3, Wait::default), Ok(3));
        assert!(cursor.is_ready(2) && !cursor.is_ready(3));
        assert_eq!(cursor.advance(3, Wait::default), Ok(2));
        assert!(cursor.is_ready(3));
    }

    #[test]
    fn the_limit_ends_the_result_early() {
        let mut cursor = cursor(&[Some(10)], 4);
        assert_eq!(cursor.advance(3, Wait::default), Ok(3));
        assert_eq!(cursor.advance(3, Wait::default), Ok(1));
        assert_eq!(cursor.advance(3, Wait::default), Ok(0));
    }
}
