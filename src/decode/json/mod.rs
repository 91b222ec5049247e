//! JSON rows: `[[value, ...], ...]`.

mod builder;
mod nested;
mod rows;
mod scanner;
mod value;

#[cfg(test)]
mod tests;

pub use rows::RowDecoder;

/// What was expected where something else stood.
type Fault = &'static str;
