//! SQLTables, SQLColumns, SQLGetTypeInfo and the other catalog functions: results like any other, from queries of the
//! driver's own or from fixed rows.

use tokio_util::sync::CancellationToken;

use super::{Open, Outcome, State, Statement};
use crate::catalog::{self, Plan};
use crate::columns::{Chunk, ColumnInfo};
use crate::cursor::Cursor;
use crate::diagnostics::{Error, SqlState};
use crate::session;

/// A catalog function with its arguments.
#[derive(Debug)]
pub enum CatalogFunction {
    Tables { catalog: Option<String>, schema: Option<String>, table: Option<String>, types: Option<String> },
    Columns { catalog: Option<String>, schema: Option<String>, table: Option<String>, column: Option<String> },
    TypeInfo { data_type: i16, odbc2: bool },
    /// A function to which Trino has no answer: the columns that the standard gives it, and no rows.
    Empty(catalog::Empty),
}

impl Statement {
    /// Opens a cursor on what a catalog function gives.
    pub fn catalog(
        &mut self,
        function: &CatalogFunction,
        cancel: CancellationToken,
    ) -> Result<Outcome, Error> {
        self.state.check_no_cursor()?;
        self.close();
        self.state = State::Allocated;
        self.check_process()?;
        let plan = self.plan(function)?;
        let max_rows = self.attributes.max_rows();
        let open = match plan {
            Plan::Fixed(columns, chunk) => fixed(columns, chunk, max_rows),
            Plan::Query { sql, shape } => {
                let wait = self.wait(cancel);
                let execution = self.session.run(&sql, &wait)?;
                let session::Outcome::Rows(results) = execution.outcome else {
                    return Err(Error::new(
                        SqlState::GENERAL_ERROR,
                        "The server gave no rows for a catalog query.",
                    ));
                };
                let query = results.query();
                Open {
                    cursor: Cursor::new(shape.source(Box::new(results)), max_rows),
                    columns: shape.columns().into(),
                    query: Some(query),
                    row: 0,
                }
            }
        };
        self.open(open, None);
        Ok(Outcome::Done)
    }

    fn plan(&self, function: &CatalogFunction) -> Result<Plan, Error> {
        let current = self.session.catalog();
        let metadata_id = self.attributes.metadata_id();
        Ok(match function {
            CatalogFunction::Tables { catalog, schema, table, types } => {
                catalog::tables::plan(&catalog::Request {
                    catalog: catalog.as_deref(),
                    schema: schema.as_deref(),
                    table: table.as_deref(),
                    last: types.as_deref(),
                    metadata_id,
                    current_catalog: current.as_deref(),
                })
            }
            CatalogFunction::Columns { catalog, schema, table, column } => {
                catalog::columns::plan(&catalog::Request {
                    catalog: catalog.as_deref(),
                    schema: schema.as_deref(),
                    table: table.as_deref(),
                    last: column.as_deref(),
                    metadata_id,
                    current_catalog: current.as_deref(),
                })
            }
            CatalogFunction::TypeInfo { data_type, odbc2 } => {
                let (columns, chunk) = catalog::type_info::type_info(*data_type, *odbc2);
                Plan::Fixed(columns, chunk)
            }
            CatalogFunction::Empty(function) => {
                let (columns, chunk) = catalog::empty(*function);
                Plan::Fixed(columns, chunk)
            }
        })
    }
}

fn fixed(columns: Vec<ColumnInfo>, chunk: Chunk, max_rows: u64) -> Open {
    Open { cursor: Cursor::fixed(chunk, max_rows), columns: columns.into(), query: None, row: 0 }
}
