//! How a catalog function is answered: by rows at hand, or by one query and a change of its rows' shape.

use super::columns::odbc_columns;
use crate::abi::*;
use crate::columns::{Chunk, ColumnInfo, Type};

use super::Limits;

/// The arguments of SQLTables and SQLColumns. `None` is a null pointer.
#[derive(Debug, Clone, Copy, Default)]
pub struct Request<'a> {
    pub catalog: Option<&'a str>,
    pub schema: Option<&'a str>,
    pub table: Option<&'a str>,
    /// SQLTables: a list of table types. SQLColumns: a column name.
    pub types_or_column: Option<&'a str>,
    /// SQL_ATTR_METADATA_ID: whether arguments are identifiers and no patterns.
    pub metadata_id: bool,
    /// The connection's catalog: where to look when the application names none.
    pub current_catalog: Option<&'a str>,
    /// Whether the application speaks ODBC 2: it knows other numbers for dates and times.
    pub odbc2: bool,
}

/// What to do for an answer.
#[derive(Debug, Clone, PartialEq)]
pub enum Plan {
    /// Run this query; its chunks become the answer's by [`Shape::map`].
    Query { sql: String, shape: Shape },
    /// The answer itself.
    Fixed(Vec<ColumnInfo>, Chunk),
}

/// What the rows of a query become.
#[derive(Debug, Clone, PartialEq)]
pub enum Shape {
    /// They stay; only names and types of the columns are ODBC's.
    Same(Vec<ColumnInfo>),
    /// They describe columns by Trino's type names, and become rows of SQLColumns.
    Columns { odbc2: bool, limits: Limits },
}

impl Shape {
    /// The columns of the answer, whatever the server calls its own.
    pub fn columns(&self) -> Vec<ColumnInfo> {
        match self {
            Self::Same(columns) => columns.clone(),
            Self::Columns { .. } => odbc_columns(),
        }
    }

    /// The chunk of the answer. `parse` reads a type from Trino's display name.
    pub fn map(&self, chunk: Chunk, parse: impl Fn(&str) -> Type) -> Chunk {
        match self {
            Self::Same(_) => chunk,
            Self::Columns { odbc2, limits } => {
                super::columns::describe_rows(&chunk, limits, *odbc2, parse)
            }
        }
    }
}

/// The number that ODBC 2 has for a concise type.
pub(super) fn odbc2_type(sql_type: i16) -> i16 {
    match sql_type {
        SQL_TYPE_DATE => 9,
        SQL_TYPE_TIME => 10,
        SQL_TYPE_TIMESTAMP => 11,
        other => other,
    }
}
