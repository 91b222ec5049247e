//! SQLPrepare, SQLExecute, SQLExecDirect, SQLRowCount, SQLMoreResults.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;
use trino_client::columns::ColumnInfo;
use trino_client::session::{self, Bounds};
use trino_client::sql;

use super::dynamic_function::dynamic_function;
use super::{Open, Outcome, Position, Prepared, State, Statement};
use crate::bind::Address;
use crate::cursor::{Cursor, StoreLimits};
use crate::diagnostics::{Error, SqlState};
use crate::escape;

impl Statement {
    /// SQLPrepare. Sends no request: Trino prepares and runs in one request, and the server
    /// describes the columns when the application first needs them.
    ///
    /// <https://learn.microsoft.com/sql/odbc/reference/syntax/sqlprepare-function>
    pub fn prepare(&mut self, text: &str) -> Result<Outcome, Error> {
        self.state.check_no_cursor()?;
        self.close();
        self.state = State::Allocated;
        let sql = self.checked(text)?;
        self.state = State::Prepared(Prepared {
            sql,
            columns: None,
            bases: Arc::default(),
            parameters: None,
        });
        Ok(Outcome::Done)
    }

    /// SQLExecute.
    ///
    /// <https://learn.microsoft.com/sql/odbc/reference/syntax/sqlexecute-function>
    pub fn execute(&mut self, cancel: CancellationToken) -> Result<Outcome, Error> {
        // In this order: without a prepared statement the call is out of sequence even if a cursor
        // is open.
        let prepared = self.state.prepared().cloned();
        if prepared.is_some() || matches!(self.state, State::Poisoned) {
            self.state.check_no_cursor()?;
        }
        let prepared = prepared.ok_or_else(Error::not_prepared)?;
        self.close();
        let sql = prepared.sql.clone();
        self.run(sql, Some(prepared), cancel)
    }

    /// SQLExecDirect.
    ///
    /// <https://learn.microsoft.com/sql/odbc/reference/syntax/sqlexecdirect-function>
    pub fn execute_direct(
        &mut self,
        text: &str,
        cancel: CancellationToken,
    ) -> Result<Outcome, Error> {
        self.state.check_no_cursor()?;
        self.close();
        self.state = State::Allocated;
        let sql = self.checked(text)?;
        self.run(sql, None, cancel)
    }

    /// SQLRowCount: -1 if the number is unknown, which it always is for a query.
    ///
    /// <https://learn.microsoft.com/sql/odbc/reference/syntax/sqlrowcount-function>
    pub fn row_count(&self) -> Result<isize, Error> {
        match &self.state {
            State::Executed { row_count, .. } => {
                Ok(row_count.map_or(-1, |count| isize::try_from(count).unwrap_or(isize::MAX)))
            }
            State::Open { .. } => Ok(-1),
            _ => Err(Error::not_executed()),
        }
    }

    /// SQLMoreResults: Trino's statements have one result, so this ends it.
    ///
    /// <https://learn.microsoft.com/sql/odbc/reference/syntax/sqlmoreresults-function>
    pub fn more_results(&mut self) -> Result<Outcome, Error> {
        self.close();
        Ok(Outcome::NoData)
    }

    fn run(
        &mut self,
        sql: sql::Statement,
        prepared: Option<Prepared>,
        cancel: CancellationToken,
    ) -> Result<Outcome, Error> {
        // Parameters are read in the session's zone as well.
        self.follow_zone();
        if sql.parameters() > 0 {
            return self.execute_with_parameters(sql, prepared, cancel);
        }
        self.diagnostics.dynamic_function = dynamic_function(&sql);
        self.check_process()?;
        let execution = self.submit(&sql, &[""; 0], cancel)?;
        Ok(self.conclude(execution, prepared))
    }

    /// Runs `sql` with these literals for its parameters.
    pub(super) fn submit(
        &mut self,
        sql: &sql::Statement,
        values: &[impl AsRef<str>],
        cancel: CancellationToken,
    ) -> Result<session::Execution, session::Error> {
        self.follow_zone();
        let wait = self.wait(cancel);
        let execution = self.session.run_within(sql, values, self.bounds(), &wait)?;
        self.pass_on_warnings(&execution);
        Ok(execution)
    }

    /// Reports the server's warnings.
    pub(super) fn pass_on_warnings(&mut self, execution: &session::Execution) {
        for warning in &execution.warnings {
            self.diagnostics.warn(
                SqlState::GENERAL_WARNING,
                format!("{} ({})", warning.message, warning.name),
            );
        }
    }

    /// Moves the statement to the state after an execution.
    pub(super) fn conclude(
        &mut self,
        execution: session::Execution,
        prepared: Option<Prepared>,
    ) -> Outcome {
        match execution.outcome {
            session::Outcome::Updated(count) => {
                self.query = Some(session::Status::finished(execution.query_id));
                self.diagnostics.row_count =
                    count.map_or(-1, |count| i64::try_from(count).unwrap_or(i64::MAX));
                self.own.ird.descriptor.lock().set_count(0);
                self.state = State::Executed {
                    row_count: count,
                    prepared,
                };
                if count == Some(0) && changes_rows(execution.update_type.as_deref()) {
                    return self.nothing_changed();
                }
            }
            session::Outcome::Rows(results) => {
                self.query = Some(results.status());
                let cursor = Cursor::new(Box::new(results), self.attributes.max_rows());
                self.open(cursor, execution.columns.into(), prepared);
            }
        }
        Outcome::Done
    }

    /// The outcome of a statement that changed no rows: SQL_NO_DATA, but SQL_SUCCESS for ODBC 2.
    ///
    /// <https://learn.microsoft.com/sql/odbc/reference/appendixes/returning-sql-no-data>
    pub(super) fn nothing_changed(&self) -> Outcome {
        if self.odbc2 {
            Outcome::Done
        } else {
            Outcome::NoData
        }
    }

    /// The limits of reading ahead. A scrollable cursor gets half of them, and stores its rows in
    /// the other half.
    pub(super) fn bounds(&self) -> Bounds {
        let bounds = self.attributes.bounds();
        if !self.attributes.scrolls() {
            return bounds;
        }
        let limits = self.store_limits();
        Bounds {
            memory: Some(limits.memory),
            disk: Some(limits.disk),
            ..bounds
        }
    }

    /// How much a scrollable cursor may store.
    fn store_limits(&self) -> StoreLimits {
        let limits = &self.session.options().spooling;
        let memory = self.attributes.bounds().memory;
        StoreLimits {
            memory: memory.unwrap_or_else(|| self.session.capacity().memory) / 2,
            disk: if limits.spill {
                limits.spill_limit / 2
            } else {
                0
            },
            folder: limits.spill_path.clone(),
        }
    }

    /// Opens a cursor.
    pub(super) fn open(
        &mut self,
        cursor: Cursor<session::Error>,
        columns: Arc<[ColumnInfo]>,
        prepared: Option<Prepared>,
    ) {
        let cursor = if self.attributes.scrolls() {
            cursor.scrollable(self.store_limits())
        } else {
            cursor
        };
        let limits = self.limits();
        let bases = prepared.as_ref().map(|prepared| &*prepared.bases);
        let ird = &self.own.ird.descriptor;
        ird.lock()
            .describe(&columns, bases.unwrap_or_default(), &limits);
        self.get_data.reset();
        self.targets.made_for = None;
        self.state = State::Open {
            open: Box::new(Open {
                cursor,
                columns,
                row: 0,
                position: Position::Opened,
                extended_status: Address::NULL,
                _counted: self.children.open_cursor(),
            }),
            prepared,
        };
    }

    /// Parses the text, with its escape sequences translated unless SQL_ATTR_NOSCAN turns that off.
    fn checked(&self, text: &str) -> Result<sql::Statement, Error> {
        let text = if self.attributes.scans_escapes() {
            escape::translate(text)?
        } else {
            text.into()
        };
        let statement = sql::Statement::parse(&text);
        if statement.text().is_empty() {
            return Err(Error::new(
                SqlState::SYNTAX_ERROR_OR_ACCESS_VIOLATION,
                "The statement is empty.",
            ));
        }
        if let Some(second) = statement.second() {
            let (_, second) = statement.text().split_at(second);
            let start: String = second.chars().take(START_OF_SECOND).collect();
            return Err(Error::new(
                SqlState::SYNTAX_ERROR_OR_ACCESS_VIOLATION,
                format!(
                    "Only one statement can be executed at a time; a second one starts at: {start}"
                ),
            ));
        }
        Ok(statement)
    }
}

/// Whether a statement inserts, updates or deletes rows, by the server's name for it. CREATE TABLE
/// AS creates the table even without rows.
pub(super) fn changes_rows(update_type: Option<&str>) -> bool {
    matches!(update_type, Some("INSERT" | "UPDATE" | "DELETE" | "MERGE"))
}

/// Characters of a second statement that the error shows.
const START_OF_SECOND: usize = 20;
