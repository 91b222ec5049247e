//! A prepared statement, and what is known about it.

use std::sync::Arc;

use super::markers::Markers;
use crate::columns::{BaseColumn, ColumnInfo};
use crate::sql;

/// A prepared statement. Trino keeps none: it is prepared and run in one request.
#[derive(Debug, Clone)]
pub struct Prepared {
    pub sql: sql::Statement,
    /// Its columns, once the application has asked for them.
    pub columns: Option<Arc<[ColumnInfo]>>,
    /// Which columns of tables those are, as far as the server told.
    pub bases: Arc<[BaseColumn]>,
    /// The types of its parameters, once they were asked for.
    pub parameters: Option<Markers>,
}
