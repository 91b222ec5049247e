//! A prepared statement and its descriptions.

use std::sync::Arc;

use trino_client::columns::{BaseColumn, ColumnInfo};
use trino_client::sql;

use super::markers::Markers;

/// A prepared statement. Not known to the server: Trino prepares and runs in one request.
#[derive(Debug, Clone)]
pub struct Prepared {
    pub sql: sql::Statement,
    /// Its columns, once described.
    pub columns: Option<Arc<[ColumnInfo]>>,
    /// The table columns behind them, as far as the server describes them.
    pub bases: Arc<[BaseColumn]>,
    /// The types of its parameters, once described.
    pub parameters: Option<Markers>,
}
