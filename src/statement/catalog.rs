//! SQLTables, SQLColumns, SQLGetTypeInfo and the other catalog functions: results of internal
//! queries, or fixed rows.
//!
//! One catalog that the server cannot list must not hide the others. The server fails the whole
//! query and names the catalog, so the driver runs the query again without it and adds a warning.

use std::collections::VecDeque;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;
use trino_client::columns::{Chunk, ChunkSource, Values};
use trino_client::runtime::Wait;
use trino_client::session::{self, MetadataRows, Unlisted};

use super::{Outcome, State, Statement};
use crate::abi;
use crate::catalog::{self, Plan, Privileges, Query, Shape};
use crate::cursor::Cursor;
use crate::descriptor::is_sql_type;
use crate::diagnostics::{Error, SqlState};

/// A catalog function with its arguments.
#[derive(Debug)]
pub enum CatalogFunction {
    Tables(Names),
    Columns(Names),
    TablePrivileges(Names),
    ColumnPrivileges(Names),
    TypeInfo {
        data_type: i16,
    },
    /// A function that Trino has no data for: the standard's columns, and no rows.
    Empty {
        function: catalog::EmptyFunction,
        /// Whether one of its names is a null pointer.
        has_null: bool,
    },
}

/// The name arguments of a catalog function. `None` is a null pointer.
#[derive(Debug, Default)]
pub struct Names {
    pub catalog: Option<String>,
    pub schema: Option<String>,
    pub table: Option<String>,
    /// SQLTables: a list of table types. Other functions: a column name.
    pub types_or_column: Option<String>,
}

impl Statement {
    /// Opens a cursor on the result of a catalog function.
    pub fn catalog(
        &mut self,
        function: &CatalogFunction,
        cancel: CancellationToken,
    ) -> Result<Outcome, Error> {
        self.state.check_no_cursor()?;
        self.check_arguments(function)?;
        self.close();
        self.state = State::Allocated;
        self.check_process()?;
        let max_rows = self.attributes.max_rows();
        let wait = self.wait(cancel);
        let (rows, shape) = match self.plan(function, &wait) {
            Plan::Fixed(columns, chunk) => {
                self.open(Cursor::fixed(chunk, max_rows), columns.into(), None);
                return Ok(Outcome::Done);
            }
            Plan::Query { query, shape } => (VecDeque::from([self.look_up(query, &wait)?]), shape),
            Plan::EachCatalog { query, shape } => (self.query_each(&query, &wait)?, shape),
        };
        self.query = rows.iter().find_map(MetadataRows::status);
        let columns = shape.columns();
        let source = Shaped { rows, shape };
        let cursor = Cursor::new(Box::new(source), max_rows);
        self.open(cursor, columns.into(), None);
        Ok(Outcome::Done)
    }

    /// Refuses null pointers where arguments are identifiers (SQL_ATTR_METADATA_ID), and numbers of
    /// no type.
    fn check_arguments(&self, function: &CatalogFunction) -> Result<(), Error> {
        let has_null = match function {
            CatalogFunction::Tables(names) | CatalogFunction::TablePrivileges(names) => {
                names.has_null()
            }
            CatalogFunction::Columns(names) | CatalogFunction::ColumnPrivileges(names) => {
                names.has_null() || names.types_or_column.is_none()
            }
            CatalogFunction::Empty { has_null, .. } => *has_null,
            CatalogFunction::TypeInfo { data_type } => {
                // SQL types and C types of dates have the same numbers in ODBC 2.
                let old = abi::SQL_C_DATE..=abi::SQL_C_TIMESTAMP;
                let known = *data_type == abi::SQL_ALL_TYPES
                    || is_sql_type(*data_type)
                    || (self.odbc2 && old.contains(data_type));
                if !known {
                    return Err(Error::unknown_sql_type(*data_type));
                }
                false
            }
        };
        if has_null && self.attributes.metadata_id() {
            return Err(Error::new(
                SqlState::INVALID_NULL_POINTER,
                "An argument is a null pointer, but SQL_ATTR_METADATA_ID requires an identifier.",
            ));
        }
        Ok(())
    }

    fn plan(&self, function: &CatalogFunction, wait: &Wait) -> Plan {
        let current = self.session.catalog();
        let current = current.as_deref();
        let limits = self.limits();
        match function {
            CatalogFunction::Tables(names) => catalog::tables(&self.request(names, current)),
            CatalogFunction::Columns(names) => {
                let request = catalog::Request {
                    release: self.session.server_release(wait),
                    ..self.request(names, current)
                };
                catalog::columns(&request, &limits)
            }
            CatalogFunction::TablePrivileges(names) => {
                catalog::table_privileges(&self.request(names, current))
            }
            CatalogFunction::ColumnPrivileges(names) => {
                catalog::column_privileges(&self.request(names, current))
            }
            CatalogFunction::TypeInfo { data_type } => {
                let release = self.session.server_release(wait);
                let (columns, chunk) =
                    catalog::type_info(*data_type, self.odbc2, self.format.as_text, release);
                Plan::Fixed(columns, chunk)
            }
            CatalogFunction::Empty { function, .. } => {
                let (columns, chunk) = catalog::empty(*function);
                Plan::Fixed(columns, chunk)
            }
        }
    }

    fn request<'a>(&self, names: &'a Names, current: Option<&'a str>) -> catalog::Request<'a> {
        let browsing = &self.presentation.browsing;
        catalog::Request {
            catalog: names.catalog.as_deref(),
            schema: names.schema.as_deref(),
            table: names.table.as_deref(),
            types_or_column: names.types_or_column.as_deref(),
            reading: catalog::Reading {
                identifiers: self.attributes.metadata_id(),
                literal_underscore: browsing.literal_underscore,
            },
            current_catalog: current,
            null_catalog_is_current: browsing.null_catalog_is_current,
            table_remarks: browsing.table_remarks,
            odbc2: self.odbc2,
            release: None,
        }
    }

    /// Runs a query. If it spans several catalogs, leaves out those that the server cannot list.
    fn look_up(&mut self, mut query: Query, wait: &Wait) -> Result<MetadataRows, Error> {
        let mut left_out = if query.spans_catalogs() {
            self.session.unlisted()
        } else {
            Vec::new()
        };
        loop {
            let names: Vec<_> = left_out.iter().map(|left| left.catalog.clone()).collect();
            let error = match self.session.metadata(&query.sql(&names), wait) {
                Ok(rows) => {
                    left_out.iter().for_each(|left| self.warn_unlisted(left));
                    return Ok(rows);
                }
                Err(error) => error,
            };
            let session::Error::Server(failure) = &error else {
                return Err(error.into());
            };
            match failure.unlisted_catalog() {
                Some((catalog, reason))
                    if query.spans_catalogs() && !names.iter().any(|name| name == catalog) =>
                {
                    let unlisted = Unlisted {
                        catalog: catalog.to_owned(),
                        reason: reason.to_owned(),
                    };
                    self.session.note_unlisted(unlisted.clone());
                    left_out.push(unlisted);
                }
                // The optional part of the query may be to blame. If not, the next failure says
                // more.
                _ => query = query.plainer().ok_or(error)?,
            }
        }
    }

    /// Runs a query in each catalog; the rows come in the order of the catalogs.
    fn query_each(
        &mut self,
        query: &Privileges,
        wait: &Wait,
    ) -> Result<VecDeque<MetadataRows>, Error> {
        let catalogs = match query.named() {
            Some(name) => vec![name.to_owned()],
            None => self.catalogs(query, wait)?,
        };
        let mut rows = VecDeque::new();
        for catalog in catalogs {
            match self.session.metadata(&query.sql(&catalog), wait) {
                Ok(more) => rows.push_back(more),
                // A catalog that does not exist has no tables.
                Err(session::Error::Server(failure)) if failure.name == "CATALOG_NOT_FOUND" => {}
                Err(session::Error::Server(failure)) if query.named().is_none() => {
                    let reason = failure.message.clone();
                    self.warn_unlisted(&Unlisted { catalog, reason });
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(rows)
    }

    /// The names of the catalogs to query.
    fn catalogs(&self, query: &Privileges, wait: &Wait) -> Result<Vec<String>, session::Error> {
        let mut rows = self.session.metadata(&query.catalogs(), wait)?;
        let mut names = Vec::new();
        while let Some(chunk) = rows.next(wait)? {
            if let Some(Values::Text(texts)) = chunk.columns().first().map(|column| &column.values)
            {
                let texts = (0..chunk.rows()).map(|row| texts.get(row));
                names.extend(texts.map(|text| String::from_utf8_lossy(text).into_owned()));
            }
        }
        Ok(names)
    }

    fn warn_unlisted(&mut self, unlisted: &Unlisted) {
        let Unlisted { catalog, reason } = unlisted;
        self.diagnostics.warn(
            SqlState::GENERAL_WARNING,
            format!("Catalog {catalog} is left out because the server cannot list it: {reason}"),
        );
    }
}

impl Names {
    /// Whether a name other than the last is a null pointer.
    fn has_null(&self) -> bool {
        self.catalog.is_none() || self.schema.is_none() || self.table.is_none()
    }
}

/// The rows of several queries, in the shape of a catalog function's result.
struct Shaped {
    rows: VecDeque<MetadataRows>,
    shape: Shape,
}

impl ChunkSource for Shaped {
    type Error = session::Error;
    type Wait = Wait;

    fn next(&mut self, wait: &Wait) -> Result<Option<Arc<Chunk>>, session::Error> {
        while let Some(rows) = self.rows.front_mut() {
            if let Some(chunk) = rows.next(wait)? {
                let shaped = self.shape.map(&chunk, session::from_display);
                return Ok(Some(shaped.map_or(chunk, Arc::new)));
            }
            self.rows.pop_front();
        }
        Ok(None)
    }
}
