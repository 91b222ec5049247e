//! JSON text of rows into columns, in one pass.

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
