//! The columns of some consecutive rows.

use super::Column;

/// Consecutive rows of a result, column by column. Every column has `rows` values.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Chunk {
    rows: usize,
    columns: Vec<Column>,
}

impl Chunk {
    /// A chunk of `rows` rows. `None` when a column has another number of values.
    pub fn new(rows: usize, columns: Vec<Column>) -> Option<Self> {
        columns
            .iter()
            .all(|column| column.values.have(rows))
            .then_some(Self { rows, columns })
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The columns, in the order of the result.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// The columns, given up.
    pub fn into_columns(self) -> Vec<Column> {
        self.columns
    }

    /// Bytes of memory held.
    pub fn size(&self) -> usize {
        self.columns.iter().map(Column::size).sum()
    }
}
