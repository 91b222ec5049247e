//! Bound columns: the application's buffers, and filling them with a rowset.
//!
//! Addresses are kept from SQLBindCol until the fetch that writes to them. All writes are byte copies: alignment is the
//! application's affair.

pub mod memory;
mod rowset;
mod target;

#[cfg(test)]
mod tests;

pub use rowset::{CellIssue, Issues, RowState, fill};
pub use target::{Layout, Target};
