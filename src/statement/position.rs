//! SQLSetPos and SQLBulkOperations: a row within the rowset.
//!
//! Results are read-only, so these calls only set the current row or refresh the buffers.
//! Positioning a forward-only cursor within its rowset goes beyond the standard: it lets SQLGetData
//! read any row of a block.

use super::{Outcome, Position, State, Statement};
use crate::abi;
use crate::diagnostics::{Error, SqlState};

impl Statement {
    /// SQLSetPos: `row` counts from 1; 0 is all rows.
    ///
    /// <https://learn.microsoft.com/sql/odbc/reference/syntax/sqlsetpos-function>
    pub fn set_position(
        &mut self,
        row: usize,
        operation: u16,
        lock: u16,
    ) -> Result<Outcome, Error> {
        let open = self.state.open_mut()?;
        let rows = open.cursor.rowset().rows();
        if rows == 0 {
            return Err(Error::not_on_row());
        }
        match lock {
            abi::SQL_LOCK_NO_CHANGE => {}
            abi::SQL_LOCK_EXCLUSIVE | abi::SQL_LOCK_UNLOCK => {
                return Err(not_implemented("Rows cannot be locked."));
            }
            _ => return Err(no_such("lock type", lock)),
        }
        match operation {
            abi::SQL_POSITION | abi::SQL_REFRESH if row > rows => Err(Error::new(
                SqlState::ROW_VALUE_OUT_OF_RANGE,
                format!("The rowset has only {rows} rows."),
            )),
            abi::SQL_POSITION => {
                let index = row.checked_sub(1).ok_or_else(|| {
                    Error::new(
                        SqlState::INVALID_CURSOR_POSITION,
                        "SQL_POSITION takes one row; 0 stands for all rows.",
                    )
                })?;
                open.row = index;
                self.get_data.reset();
                Ok(Outcome::Done)
            }
            abi::SQL_REFRESH => match row.checked_sub(1) {
                None => self.refill(0..rows, true),
                Some(index) => {
                    open.row = index;
                    self.get_data.reset();
                    self.refill(index..row, false)
                }
            },
            abi::SQL_UPDATE | abi::SQL_DELETE | abi::SQL_ADD => Err(read_only()),
            _ => Err(no_such("operation", operation)),
        }
    }

    /// SQLBulkOperations: unsupported, because results are read-only and have no bookmarks.
    ///
    /// <https://learn.microsoft.com/sql/odbc/reference/syntax/sqlbulkoperations-function>
    pub fn bulk_operation(&mut self, operation: u16) -> Result<Outcome, Error> {
        self.state.open_mut()?;
        if let State::Open { open, .. } = &self.state
            && open.position == Position::ExtendedFetched
        {
            return Err(Error::new(
                SqlState::FUNCTION_SEQUENCE,
                "SQLBulkOperations cannot follow SQLExtendedFetch.",
            ));
        }
        match operation {
            abi::SQL_ADD => Err(read_only()),
            abi::SQL_UPDATE_BY_BOOKMARK
            | abi::SQL_DELETE_BY_BOOKMARK
            | abi::SQL_FETCH_BY_BOOKMARK => Err(not_implemented("Bookmarks are not supported.")),
            _ => Err(no_such("operation", operation)),
        }
    }
}

fn not_implemented(message: &str) -> Error {
    Error::new(SqlState::NOT_IMPLEMENTED, message)
}

fn read_only() -> Error {
    not_implemented("Results are read-only.")
}

fn no_such(what: &str, number: u16) -> Error {
    Error::new(
        SqlState::INVALID_ATTRIBUTE,
        format!("Unknown {what} {number}."),
    )
}
