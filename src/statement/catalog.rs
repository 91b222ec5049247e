//! SQLTables, SQLColumns, SQLGetTypeInfo and the other catalog functions: results like any other, from queries of the
//! driver's own or from fixed rows.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::{Outcome, State, Statement};
use crate::catalog::{self, Plan, Shape};
use crate::columns::{Chunk, ChunkSource};
use crate::cursor::Cursor;
use crate::diagnostics::{Error, SqlState};
use crate::runtime::Wait;
use crate::session;

/// A catalog function with its arguments.
#[derive(Debug)]
pub enum CatalogFunction {
    Tables(Names),
    Columns(Names),
    TypeInfo {
        data_type: i16,
    },
    /// A function to which Trino has no answer: the columns that the standard gives it, and no rows.
    Empty(catalog::EmptyFunction),
}

/// The names that SQLTables and SQLColumns are given. `None` is a null pointer.
#[derive(Debug, Default)]
pub struct Names {
    pub catalog: Option<String>,
    pub schema: Option<String>,
    pub table: Option<String>,
    /// SQLTables: a list of table types. SQLColumns: a column name.
    pub types_or_column: Option<String>,
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
        let (cursor, columns) = match plan {
            Plan::Fixed(columns, chunk) => (Cursor::fixed(chunk, max_rows), columns),
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
                let columns = shape.columns();
                let source = Shaped { results, shape };
                (Cursor::new(Box::new(source), max_rows), columns)
            }
        };
        self.open(cursor, columns.into(), None);
        Ok(Outcome::Done)
    }

    fn request<'a>(&self, names: &'a Names, current: Option<&'a str>) -> catalog::Request<'a> {
        catalog::Request {
            catalog: names.catalog.as_deref(),
            schema: names.schema.as_deref(),
            table: names.table.as_deref(),
            types_or_column: names.types_or_column.as_deref(),
            metadata_id: self.attributes.metadata_id(),
            current_catalog: current,
            odbc2: self.odbc2,
        }
    }

    fn plan(&self, function: &CatalogFunction) -> Result<Plan, Error> {
        let current = self.session.catalog();
        let current = current.as_deref();
        Ok(match function {
            CatalogFunction::Tables(names) => catalog::tables(&self.request(names, current)),
            CatalogFunction::Columns(names) => {
                catalog::columns(&self.request(names, current), &self.limits())
            }
            CatalogFunction::TypeInfo { data_type } => {
                let (columns, chunk) =
                    catalog::type_info(*data_type, self.odbc2, self.format.as_text);
                Plan::Fixed(columns, chunk)
            }
            CatalogFunction::Empty(function) => {
                let (columns, chunk) = catalog::empty(*function);
                Plan::Fixed(columns, chunk)
            }
        })
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
