//! The catalog functions: what ODBC asks about tables, columns and types, as SQL text and ODBC-shaped rows.
//!
//! Nothing here runs a query. A function answers with a [`Plan`]: rows that are known already, or the text of one query
//! on `system.jdbc` and the [`Shape`] that makes ODBC's rows of the server's. How a Trino type looks to ODBC stands in
//! one place, [`describe`], so that SQLDescribeCol, SQLColumns and SQLGetTypeInfo say the same.

mod columns;
mod described;
mod empty;
mod pattern;
mod plan;
mod rows;
mod tables;
mod type_info;

pub use columns::columns;
pub use described::{Described, Limits, describe};
pub use empty::{EmptyFunction, empty};
pub use plan::{Plan, Request, Shape};
pub use tables::tables;
pub use type_info::type_info;
