//! The capabilities of the driver and Trino: SQLGetInfo and SQLGetFunctions, one table each.
//!
//! The answers are honest even if tools would prefer others: a feature is reported only if it
//! works. What depends on ODBC's escape sequences stands together in [`escapes`], what casts can do
//! in [`conversions`].

mod conversions;
mod escapes;
mod functions;
mod table;

use std::borrow::Cow;

pub use functions::{FUNCTIONS, Function, Support, bitmap};
pub use table::{is_known_before_connecting, lookup};

/// An answer of SQLGetInfo, of the width that the standard gives its type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    Text(Cow<'static, str>),
    U16(u16),
    U32(u32),
}

/// The inputs of the answers.
pub struct Facts<'a> {
    /// The data source's name; empty when connected without one.
    pub data_source: &'a str,
    /// The host that runs the coordinator.
    pub server: &'a str,
    pub user: String,
    /// The current catalog; empty when there is none.
    pub catalog: String,
    pub read_only: bool,
    /// Whether the connection has transactions.
    pub transactions: bool,
    /// Looks up the server's version, such as `476` or `476-e.3`. Called only for SQL_DBMS_VER.
    pub version: &'a dyn Fn() -> Option<String>,
    /// Looks up the number of the server's release. Called only where answers differ from one to
    /// another, none of which Driver Managers need to connect.
    pub release: &'a dyn Fn() -> Option<u32>,
}

impl Facts<'_> {
    /// These bits where the server is known to be of that release or a later one. Where it is not
    /// known, applications do better without a feature than with one that fails.
    fn since(&self, release: u32, bits: u32) -> u32 {
        let has = (self.release)().is_some_and(|own| own >= release);
        if has { bits } else { 0 }
    }
}

/// The length that names of catalogs, schemas, tables and columns are said to have at most. Trino
/// itself sets no limit, yet applications allocate by it, and would allocate nothing for "unknown":
/// it is beyond the longest that a connector is known to keep, the columns of a Hive metastore with
/// 767 characters.
const NAME_LENGTH: u16 = 1024;

/// The length that SQLSetCursorName lets names have.
const CURSOR_NAME_LENGTH: u16 = 128;

#[cfg(test)]
mod tests;
