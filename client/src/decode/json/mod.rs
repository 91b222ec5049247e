//! JSON text of rows into columns, in one pass.
//!
//! A segment's text is `[[1,"a",null],[2,"b","1.50"]]`. The types of the columns are known, so that there is one
//! `Builder` a column, each with the values that its type is stored as, and the cells of a row go to the builders in
//! turn:
//!
//! ```text
//!  text ──► RowDecoder ──► Builder::push_usual ──► compact: eight or sixteen bytes at a time
//!             a row at a       │                     │ as Trino writes it: the value is appended
//!             time             │                     │ in any other way:   None, and nothing is appended
//!                              ▼                     ▼
//!                          Builder::push ───────► scanner, number, datetime, nested: all of JSON
//!                                                    │ the value is appended
//!                                                    │ or a Problem, with row and column
//! ```
//!
//! - `compact` may refuse any cell, and reads nothing but what the general readers would read, to the same value. Its
//!   property tests compare both. It alone decides the speed; the general readers alone decide what is an error.
//! - While cells are as usual, the rest of the text is passed from builder to builder in a register; the scanner's
//!   place is set only when the general readers take over.
//! - The text is checked to be UTF-8 once, as a whole. Slices between two bytes of ASCII are then UTF-8 as well, which
//!   the columns of text rely on.
//! - A chunk ends after a number of rows, or with the text. Its memory comes back as a spent chunk, so that a long
//!   result allocates for its first chunks only.
//! - Rows before an error are not given: a chunk is emitted when it is complete, the last one only when the text is
//!   right up to its end.

mod builder;
mod compact;
mod datetime;
mod nearest;
mod nested;
mod number;
mod rows;
mod scanner;

#[cfg(test)]
mod tests;

pub use rows::{Emit, RowDecoder};
