//! The catalog functions: what ODBC asks about tables, columns and types, as SQL text and ODBC-shaped rows.
//!
//! Nothing here runs a query. A function answers with a [`Plan`]: rows that are known already, or the text of one query
//! on `system.jdbc` and the [`Shape`] that makes ODBC's rows of the server's. How a Trino type looks to ODBC stands in
//! one place, [`describe`], so that SQLDescribeCol, SQLColumns and SQLGetTypeInfo say the same.
//!
//! How many queries a call takes:
//!
//! | Function | Queries |
//! |---|---|
//! | SQLTables, SQLColumns | one; when several catalogs are asked, one more for each that the server cannot list |
//! | SQLTables for a table whose comment cannot be read | two |
//! | SQLTables for the table types, SQLGetTypeInfo | none |
//! | SQLTablePrivileges, SQLColumnPrivileges | one in a named catalog; else one, and one for each catalog |
//! | SQLPrimaryKeys, SQLForeignKeys, SQLStatistics, SQLSpecialColumns, SQLProcedures, SQLProcedureColumns | none |
//!
//! `system.jdbc` takes as long as `information_schema` does, has remarks, and asks all catalogs at once.

mod column_rows;
mod columns;
mod described;
mod empty;
mod pattern;
mod plan;
mod privileges;
mod rows;
mod tables;
mod type_info;

pub use column_rows::Describer;
pub use columns::columns;
pub use described::{Described, Limits, describe};
pub use empty::{EmptyFunction, empty};
pub use pattern::Reading;
pub use plan::{Plan, Privileges, Query, Request, Shape};
pub use privileges::{column_privileges, table_privileges};
pub use tables::tables;
pub use type_info::type_info;
