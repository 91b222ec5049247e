//! Rows that are given to the application together.

use std::ops::Range;
use std::sync::Arc;

use crate::columns::Chunk;

/// Consecutive rows of a result.
#[derive(Debug, Default)]
pub struct Rowset {
    runs: Vec<Run>,
    rows: usize,
    /// For each run the rows up to its end, by which a row is found.
    ends: Vec<usize>,
}

/// Consecutive rows of one chunk.
#[derive(Debug, Clone)]
pub struct Run {
    pub chunk: Arc<Chunk>,
    pub rows: Range<usize>,
}

impl Rowset {
    /// No rows, but room for what most rowsets are made of, so that moving on allocates nothing.
    pub(super) fn new() -> Self {
        Self {
            runs: Vec::with_capacity(2),
            rows: 0,
            ends: Vec::with_capacity(2),
        }
    }

    /// How many rows there are.
    #[inline]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The runs, in order.
    pub fn runs(&self) -> &[Run] {
        &self.runs
    }

    /// The chunk of a row and the row's place in it.
    pub fn locate(&self, row: usize) -> Option<(&Arc<Chunk>, usize)> {
        let index = self.ends.partition_point(|end| *end <= row);
        let (run, end) = self.runs.get(index).zip(self.ends.get(index))?;
        Some((&run.chunk, run.rows.end - (end - row)))
    }

    pub(super) fn push(&mut self, run: Run) {
        self.rows += run.rows.len();
        self.ends.push(self.rows);
        self.runs.push(run);
    }

    pub(super) fn clear(&mut self) {
        self.runs.clear();
        self.ends.clear();
        self.rows = 0;
    }

    /// Takes other rows of `chunk`, if all its rows are of that one.
    #[inline]
    pub(super) fn shift(&mut self, chunk: &Arc<Chunk>, rows: Range<usize>) -> bool {
        match (self.runs.as_mut_slice(), self.ends.as_mut_slice()) {
            ([run], [end]) if Arc::ptr_eq(&run.chunk, chunk) => {
                self.rows = rows.len();
                *end = rows.len();
                run.rows = rows;
                true
            }
            _ => false,
        }
    }
}
