//! The catalog functions: SQL text for ODBC's questions about tables, columns and types, and rows
//! in ODBC's shape.
//!
//! Nothing here runs a query. A function returns a [`Plan`]: fixed rows, or the text of a query on
//! `system.jdbc` and the [`Shape`] that turns the server's rows into ODBC's. Only [`describe`] maps
//! Trino types to ODBC, so SQLDescribeCol, SQLColumns and SQLGetTypeInfo agree.
//!
//! How many queries a call takes:
//!
//! | Function | Queries |
//! |---|---|
//! | SQLTables, SQLColumns | one; across catalogs, one more for each that the server cannot list |
//! | SQLTables for a table whose comment cannot be read | two |
//! | SQLTables for the table types, SQLGetTypeInfo | none |
//! | SQLTablePrivileges, SQLColumnPrivileges | one in a named catalog; else one, and one for each catalog |
//! | SQLPrimaryKeys, SQLForeignKeys, SQLStatistics, SQLSpecialColumns, SQLProcedures, SQLProcedureColumns | none |
//!
//! `system.jdbc` is as fast as `information_schema`, has remarks, and covers all catalogs at once.

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
