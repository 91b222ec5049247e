//! The rows that one fetch returns.

use std::ops::Range;
use std::sync::Arc;

use trino_client::columns::Chunk;

/// Consecutive rows of a result.
#[derive(Debug, Default)]
pub struct Rowset {
    runs: Vec<Run>,
    rows: usize,
    /// For each run but the first, the rows before it.
    starts: Vec<usize>,
}

/// Consecutive rows of one chunk.
#[derive(Debug, Clone)]
pub struct Run {
    pub chunk: Arc<Chunk>,
    pub rows: Range<usize>,
}

impl Rowset {
    /// No rows, but capacity for the runs of most rowsets, so advancing allocates nothing.
    pub(super) fn new() -> Self {
        Self {
            runs: Vec::with_capacity(2),
            rows: 0,
            starts: Vec::with_capacity(1),
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
        let first = self.runs.first()?;
        if row < first.rows.len() {
            return Some((&first.chunk, first.rows.start + row));
        }
        let index = self.starts.partition_point(|start| *start <= row);
        let start = self.starts.get(index.checked_sub(1)?)?;
        let run = self.runs.get(index).filter(|_| row < self.rows)?;
        Some((&run.chunk, run.rows.start + row - start))
    }

    pub(super) fn push(&mut self, run: Run) {
        if !self.runs.is_empty() {
            self.starts.push(self.rows);
        }
        self.rows += run.rows.len();
        self.runs.push(run);
    }

    pub(super) fn clear(&mut self) {
        self.runs.clear();
        self.starts.clear();
        self.rows = 0;
    }

    /// Replaces its rows by other rows of `chunk` if it has rows of that chunk only.
    #[inline]
    pub(super) fn shift(&mut self, chunk: &Arc<Chunk>, rows: Range<usize>) -> bool {
        match self.runs.as_mut_slice() {
            [run] if Arc::ptr_eq(&run.chunk, chunk) => {
                self.rows = rows.len();
                run.rows = rows;
                true
            }
            _ => false,
        }
    }
}
