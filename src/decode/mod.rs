//! From the bytes of a segment to columns.
//!
//! One pass: the decompressed text is read value by value, and each value goes straight into the builder of its column by
//! the column's type. There is no tree of values and no row. Direct, inline and spooled data have the same text, so there
//! is one decoder.
//!
//! What does not hold what Trino promises (another type, a missing value, text after the end) is an error with row and
//! column: a segment is decoded whole or not at all.
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_possible_wrap
    )
)]

mod compression;
mod json;

pub use compression::decompress;
pub use json::RowDecoder;

/// Why bytes could not be decoded. Values are never shown.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error("row {} column {} is not {expected}", row + 1, column + 1)]
    Value { row: u64, column: usize, expected: &'static str },
    #[error("the rows are not well-formed JSON after {row} rows: {expected} is missing at byte {offset}")]
    Syntax { row: u64, offset: usize, expected: &'static str },
    #[error("the compressed data is corrupt ({encoding})")]
    Corrupt { encoding: &'static str },
    #[error("the data has {actual} bytes after decompression, not the {expected} that were announced")]
    WrongLength { expected: u64, actual: u64 },
    #[error("a segment of {size} bytes is more than the protocol allows")]
    TooLarge { size: u64 },
}
