//! What SQLGetDiagRec and SQLGetDiagField return: diagnostic records, and where they come from.
//!
//! Each layer fails in its own words. SQLSTATEs meet in this room only: [`from_error`] gives one to each error of a
//! layer, [`from_trino`] to each error name of the server.

mod from_error;
mod from_trino;
mod messages;
mod record;
mod sqlstate;

pub use record::{Diagnostics, Error, Record};
pub use sqlstate::SqlState;
