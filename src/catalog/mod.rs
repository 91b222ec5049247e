//! The catalog functions: what ODBC asks about tables, columns and types, as SQL text and ODBC-shaped rows.
//!
//! Nothing here runs a query. A function answers with a [`Plan`]: rows that are known already, or the text of one query
//! on `system.jdbc` and the [`Shape`] that makes ODBC's rows of the server's. How a Trino type looks to ODBC stands in
//! one place, [`type_info::describe`], so that SQLDescribeCol, SQLColumns and SQLGetTypeInfo say the same.

pub mod columns;
mod described;
mod empty;
mod pattern;
mod plan;
mod rows;
pub mod tables;
pub mod type_info;

pub use empty::{Empty, empty};
pub use plan::{Plan, Request, Shape};

/// The length that names of catalogs, schemas, tables and columns are said to have at most. Trino itself sets no limit,
/// yet applications allocate by it.
pub const NAME_LENGTH: u16 = 128;
