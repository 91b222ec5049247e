//! Diagnostic records and the area of them that each handle has.

use std::sync::Arc;

use super::SqlState;

/// One record of a diagnostics area.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    pub state: SqlState,
    /// Trino's error number; 0 when the driver itself speaks.
    pub native: i32,
    pub message: String,
    /// Row of the rowset, from 1; `None` when the record is not about a row.
    pub row: Option<usize>,
    /// Column of the result, from 1; `None` when the record is not about a column.
    pub column: Option<usize>,
}

/// Why a call failed: the record that it leaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error(Box<Record>);

/// The diagnostics area of a handle: what its last call left.
#[derive(Debug, Clone, Default)]
pub struct Diagnostics {
    records: Vec<Record>,
    /// SQL_DIAG_RETURNCODE.
    pub return_code: i16,
    /// SQL_DIAG_ROW_COUNT.
    pub row_count: i64,
    /// SQL_DIAG_SERVER_NAME: the data source that the handle belongs to, where there is one.
    pub server: Arc<str>,
    /// SQL_DIAG_DYNAMIC_FUNCTION and its code: what was executed.
    pub dynamic_function: (&'static str, i32),
}

impl Record {
    /// A record in the driver's words. The prefix that names vendor and component is added when it is read.
    pub fn new(state: SqlState, message: impl Into<String>) -> Self {
        Self {
            state,
            native: 0,
            message: message.into(),
            row: None,
            column: None,
        }
    }

    /// The message as an application gets it.
    pub fn text(&self) -> String {
        format!("{PREFIX}{}", self.message)
    }

    /// Whether the record is a warning.
    pub fn is_warning(&self) -> bool {
        self.state.as_str().starts_with("01")
    }
}

impl Error {
    /// An error in the driver's words.
    pub fn new(state: SqlState, message: impl Into<String>) -> Self {
        Self(Box::new(Record::new(state, message)))
    }

    /// The same with the server's number.
    #[must_use]
    pub fn with_native(mut self, native: i32) -> Self {
        self.0.native = native;
        self
    }

    /// The same, ending in the query that failed.
    #[must_use]
    pub fn with_query(mut self, query_id: Option<&str>) -> Self {
        if let Some(query_id) = query_id.filter(|id| !self.0.message.contains(id)) {
            self.0.message = format!("{} (query {query_id})", self.0.message);
        }
        self
    }

    /// The record that it leaves.
    pub fn record(&self) -> &Record {
        &self.0
    }

    /// Its SQLSTATE.
    pub fn state(&self) -> SqlState {
        self.0.state
    }
}

impl From<Record> for Error {
    fn from(record: Record) -> Self {
        Self(Box::new(record))
    }
}

impl From<Error> for Record {
    fn from(error: Error) -> Self {
        *error.0
    }
}

impl Diagnostics {
    /// The empty area of a handle that belongs to a data source.
    pub fn about(server: &Arc<str>) -> Self {
        Self {
            server: Arc::clone(server),
            ..Self::default()
        }
    }

    /// Forgets what the last call left.
    pub fn clear(&mut self) {
        self.records.clear();
        self.return_code = 0;
        self.row_count = -1;
        self.dynamic_function = ("", 0);
    }

    /// Adds a record: errors before warnings, else in the order they came.
    pub fn push(&mut self, record: Record) {
        let at = if record.is_warning() {
            self.records.len()
        } else {
            self.records
                .iter()
                .position(Record::is_warning)
                .unwrap_or(self.records.len())
        };
        self.records.insert(at, record);
    }

    /// Adds a warning.
    pub fn warn(&mut self, state: SqlState, message: impl Into<String>) {
        self.push(Record::new(state, message));
    }

    /// Takes the first record out, for a call that fails with it.
    pub fn take_first(&mut self) -> Option<Record> {
        (!self.records.is_empty()).then(|| self.records.remove(0))
    }

    /// The records, the most important first.
    pub fn records(&self) -> &[Record] {
        &self.records
    }
}

const PREFIX: &str = "[Trino][ODBC] ";

#[cfg(test)]
mod tests {
    use super::{Diagnostics, Error, Record, SqlState};

    #[test]
    fn errors_come_before_warnings() {
        let mut area = Diagnostics::default();
        area.warn(SqlState::GENERAL_WARNING, "first");
        area.push(Error::new(SqlState::GENERAL_ERROR, "second").into());
        area.warn(SqlState::GENERAL_WARNING, "third");
        let messages: Vec<_> = area
            .records()
            .iter()
            .map(|record| record.message.as_str())
            .collect();
        assert_eq!(messages, ["second", "first", "third"]);
    }

    #[test]
    fn a_query_is_named_once() {
        let error = Error::new(SqlState::GENERAL_ERROR, "failed").with_query(Some("q1"));
        let twice = error.with_query(Some("q1"));
        assert_eq!(
            Record::from(twice).text(),
            "[Trino][ODBC] failed (query q1)"
        );
    }
}
