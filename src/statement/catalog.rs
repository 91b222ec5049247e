//! SQLTables, SQLColumns, SQLGetTypeInfo and the other catalog functions: results like any other, from queries of the
//! driver's own or from fixed rows.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::{Open, Outcome, State, Statement};
use crate::catalog::{self, Plan, Shape};
use crate::columns::{Chunk, ChunkSource, ColumnInfo};
use crate::cursor::Cursor;
use crate::diagnostics::{Error, SqlState};
use crate::runtime::Wait;
use crate::session;

/// A catalog function with its arguments.
#[derive(Debug)]
pub enum CatalogFunction {
    Tables {
        catalog: Option<String>,
        schema: Option<String>,
        table: Option<String>,
        types: Option<String>,
    },
    Columns {
        catalog: Option<String>,
        schema: Option<String>,
        table: Option<String>,
        column: Option<String>,
    },
    TypeInfo {
        data_type: i16,
    },
    /// A function to which Trino has no answer: the columns that the standard gives it, and no rows.
    Empty(catalog::EmptyFunction),
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
                self.query = Some(results.status());
                let columns = shape.columns().into();
                let source = Shaped { results, shape };
                Open {
                    cursor: Cursor::new(Box::new(source), max_rows),
                    columns,
                    row: 0,
                }
            }
        };
        self.open(open, None);
        Ok(Outcome::Done)
    }

    fn plan(&self, function: &CatalogFunction) -> Result<Plan, Error> {
        let current = self.session.catalog();
        let request = |catalog, schema, table, last| catalog::Request {
            catalog,
            schema,
            table,
            types_or_column: last,
            metadata_id: self.attributes.metadata_id(),
            current_catalog: current.as_deref(),
            odbc2: self.odbc2,
        };
        Ok(match function {
            CatalogFunction::Tables {
                catalog,
                schema,
                table,
                types,
            } => catalog::tables(&request(
                catalog.as_deref(),
                schema.as_deref(),
                table.as_deref(),
                types.as_deref(),
            )),
            CatalogFunction::Columns {
                catalog,
                schema,
                table,
                column,
            } => catalog::columns(
                &request(
                    catalog.as_deref(),
                    schema.as_deref(),
                    table.as_deref(),
                    column.as_deref(),
                ),
                &catalog::Limits::default(),
            ),
            CatalogFunction::TypeInfo { data_type } => {
                let (columns, chunk) = catalog::type_info(*data_type, self.odbc2);
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
    Open {
        cursor: Cursor::fixed(chunk, max_rows),
        columns: columns.into(),
        row: 0,
    }
}

/// The rows of a query in the shape of a catalog function's answer.
struct Shaped {
    results: session::Results,
    shape: Shape,
}

impl ChunkSource for Shaped {
    type Error = session::Error;
    type Wait = Wait;

    fn next(&mut self, wait: &Wait) -> Result<Option<Arc<Chunk>>, session::Error> {
        let chunk = self.results.next(wait)?;
        Ok(chunk.map(|chunk| {
            Arc::new(
                self.shape
                    .map(Arc::unwrap_or_clone(chunk), session::from_display),
            )
        }))
    }
}
