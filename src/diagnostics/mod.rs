//! Diagnostic records, as SQLGetDiagRec and SQLGetDiagField return them, and their sources.
//!
//! Each layer has its error type. Only this module assigns SQLSTATEs: [`from_error`] to the errors
//! of each layer, [`from_trino`] to the server's error names.

mod from_error;
mod from_trino;
mod messages;
mod record;
mod sqlstate;

pub use record::{Diagnostics, Error, Record};
pub use sqlstate::SqlState;
