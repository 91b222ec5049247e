//! Rows out of a segment: decompression, and JSON text straight into columns.
//!
//! The column types are known before the first byte is read. So there is no document in between:
//! each cell is read as what its column holds, and appended to that column.
//!
//! ```text
//!  bytes of storage ──► decompress ──► Buffer: the text ──► RowDecoder ──► Chunk, Chunk, …
//!                        at most the announced length        types of the columns
//! ```
//!
//! The bytes come from a network and are not trusted: no length in them decides how much is allocated, and none of them
//! can cause a panic (the lints below). An [`Error`] names the row and the column, and never a value.
#![deny(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_possible_wrap
)]
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_possible_wrap
    )
)]

mod buffer;
mod compression;
mod json;

pub use buffer::Buffer;
pub use compression::decompress;
pub(crate) use json::Emit;
pub use json::RowDecoder;

/// Why a segment is not the rows that were announced. Never holds a value of the result.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// A cell is not a value of its column; both counts start at 0, rows at the start of the text.
    #[error("cannot read row {}, column {}: {problem}", .row + 1, .column + 1)]
    Cell {
        /// The row, from the start of the text.
        row: u64,
        /// The column.
        column: usize,
        /// What is wrong with the cell.
        problem: Problem,
    },
    /// The text around the cells is not an array of rows.
    #[error("cannot read row {}: {problem}", .row + 1)]
    Row {
        /// The row, from the start of the text.
        row: u64,
        /// What is wrong there.
        problem: Problem,
    },
    /// The compressed bytes are damaged.
    #[error("the segment's {encoding} data is damaged")]
    Corrupt {
        /// The compression, by its name.
        encoding: &'static str,
    },
    /// The bytes are of another length than the segment's metadata says.
    #[error("the segment has {actual} bytes of rows where {expected} were announced")]
    WrongLength {
        /// Bytes that the metadata announced.
        expected: u64,
        /// Bytes that there are.
        actual: u64,
    },
    /// The segment's announced length is beyond what a segment can be, or what memory can hold.
    #[error("a segment of {size} bytes is too large")]
    TooLarge {
        /// Bytes that the metadata announced.
        size: u64,
    },
}

/// What is wrong with one place of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// The text ends before the rows do.
    #[error("the text ends early")]
    Truncated,
    /// Something else stands there.
    #[error("expected {0}")]
    Expected(&'static str),
    /// The column cannot hold the value.
    #[error("the value is out of range for {0}")]
    OutOfRange(&'static str),
    /// A row is too long.
    #[error("the row has more values than the result has columns")]
    TooManyValues,
    /// A row is too short.
    #[error("the row has fewer values than the result has columns")]
    TooFewValues,
    /// Arrays, maps and rows within each other, beyond a limit that spares the stack.
    #[error("the value is nested too deeply")]
    TooDeep,
    /// More zones than there are.
    #[error("too many different time zones")]
    TooManyZones,
    /// Offsets into a column have 32 bits.
    #[error("more than 4 GiB in one column")]
    ColumnTooLarge,
}
