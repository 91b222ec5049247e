//! Fills the application's bound columns with rows of a chunk.

use std::ops::Range;

use trino_client::columns::{Bitmap, Chunk};

use super::target::{Cells, Layout, Target};
use crate::convert::{self, Format, Issue};

/// Converts rows `rows` of `chunk` into rows `first..` of the application's rowset, column by
/// column.
///
/// A target whose column the result does not have is skipped.
pub fn fill(
    chunk: &Chunk,
    rows: Range<usize>,
    first: usize,
    targets: &[Target],
    layout: &Layout,
    format: &Format,
    issues: &mut Issues,
) {
    let end = rows.end.min(chunk.rows());
    let rows = rows.start.min(end)..end;
    for target in targets {
        let Some(column) = chunk.columns().get(target.column) else {
            continue;
        };
        let mut cells = Cells::new(target, layout, first, issues);
        convert::run(column, rows.clone(), target.form(), format, &mut cells);
    }
}

/// A warning or error of one cell of a rowset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CellIssue {
    /// Row of the rowset, from 0.
    pub row: usize,
    /// Column of the result, from 0.
    pub column: usize,
    pub issue: Issue,
}

/// The state of a row of a rowset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowState {
    Success,
    /// Given, with a warning.
    Warned,
    /// At least one of its values could not be given.
    Failed,
}

/// The issues of a rowset: the state of every row, and the first issues in full.
#[derive(Debug, Clone, Default)]
pub struct Issues {
    cells: Vec<CellIssue>,
    omitted: usize,
    warned: Bitmap,
    failed: Bitmap,
}

impl Issues {
    /// Issues kept in full. A rowset of long texts in short buffers would have one for each cell.
    pub const LIMIT: usize = 1000;

    /// Forgets everything; memory is kept for the next rowset.
    pub fn clear(&mut self) {
        if !self.is_empty() {
            self.cells.clear();
            self.omitted = 0;
            self.warned = Bitmap::default();
            self.failed = Bitmap::default();
        }
    }

    /// Whether every cell was given as it is.
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// The first issues, in the order of columns and then of rows within each fill.
    pub fn cells(&self) -> &[CellIssue] {
        &self.cells
    }

    /// How many more there were.
    pub fn omitted(&self) -> usize {
        self.omitted
    }

    /// The state of `row` of the rowset.
    pub fn state(&self, row: usize) -> RowState {
        if self.failed.contains(row) {
            RowState::Failed
        } else if self.warned.contains(row) {
            RowState::Warned
        } else {
            RowState::Success
        }
    }

    /// How many rows failed.
    pub fn failed_rows(&self) -> usize {
        self.failed.count()
    }

    pub(super) fn push(&mut self, row: usize, column: usize, issue: Issue) {
        match issue {
            Issue::Warning(_) => self.warned.set(row),
            Issue::Error(_) => self.failed.set(row),
        }
        if self.cells.len() < Self::LIMIT {
            self.cells.push(CellIssue { row, column, issue });
        } else {
            self.omitted += 1;
        }
    }
}
