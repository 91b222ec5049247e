//! The application's buffers: bound columns, filled with a rowset, and bound parameters, read for
//! an execution.
//!
//! Addresses are kept from the call that binds them until the fetch or execution that uses them.
//! All reads and writes are byte copies, so addresses may be unaligned.

mod memory;
mod parameter;
mod rowset;
mod target;

#[cfg(test)]
mod tests;

pub use memory::Address;
pub use parameter::{Parameter, ParameterInput, put};
pub use rowset::{CellIssue, Issues, RowState, fill};
pub use target::{Layout, Target};
