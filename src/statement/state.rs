//! Where a statement stands: the states of ODBC's Appendix B, with their data.
//!
//! <https://learn.microsoft.com/sql/odbc/reference/appendixes/statement-transitions>

use std::sync::Arc;

use crate::columns::ColumnInfo;
use crate::cursor::Cursor;
use crate::diagnostics::{Error, SqlState};
use crate::session;

/// The state of a statement.
#[derive(Debug)]
pub enum State {
    /// S1. Allocated, nothing prepared.
    Allocated,
    /// S2, S3. Prepared.
    Prepared(Prepared),
    /// S4. Executed without a result set.
    Executed {
        row_count: Option<u64>,
        prepared: Option<Prepared>,
    },
    /// S5 to S7. A cursor is open.
    Open {
        open: Box<Open>,
        prepared: Option<Prepared>,
    },
    /// A panic interrupted a call; only SQLFreeHandle is left.
    Broken,
}

/// A prepared statement. Trino keeps none: it is prepared and run in one request.
#[derive(Debug, Clone)]
pub struct Prepared {
    pub sql: Arc<str>,
    /// Its columns, once the application has asked for them.
    pub columns: Option<Arc<[ColumnInfo]>>,
}

/// An open cursor.
#[derive(Debug)]
pub struct Open {
    pub cursor: Cursor<session::Error>,
    pub columns: Arc<[ColumnInfo]>,
    /// Row of the rowset that SQLGetData reads, from 0.
    pub row: usize,
}

impl State {
    /// Closes the cursor, or forgets the last row count; a prepared statement stays prepared.
    pub fn close(&mut self) {
        *self = match std::mem::replace(self, Self::Allocated) {
            Self::Open {
                prepared: Some(prepared),
                ..
            }
            | Self::Executed {
                prepared: Some(prepared),
                ..
            }
            | Self::Prepared(prepared) => Self::Prepared(prepared),
            Self::Allocated | Self::Open { .. } | Self::Executed { .. } => Self::Allocated,
            Self::Broken => Self::Broken,
        };
    }

    /// The open cursor; 24000 when the last execution opened none, HY010 before any.
    #[inline]
    pub fn open_mut(&mut self) -> Result<&mut Open, Error> {
        match self {
            Self::Open { open, .. } => Ok(open),
            Self::Executed { .. } => Err(Error::new(
                SqlState::INVALID_CURSOR_STATE,
                "The last statement has no result set.",
            )),
            Self::Broken => Err(broken()),
            Self::Allocated | Self::Prepared(_) => Err(Error::new(
                SqlState::FUNCTION_SEQUENCE,
                "No statement was executed.",
            )),
        }
    }

    /// The prepared statement, wherever the statement stands.
    pub fn prepared(&self) -> Option<&Prepared> {
        match self {
            Self::Prepared(prepared)
            | Self::Executed {
                prepared: Some(prepared),
                ..
            }
            | Self::Open {
                prepared: Some(prepared),
                ..
            } => Some(prepared),
            _ => None,
        }
    }

    /// Refuses to execute or prepare while a cursor is open.
    pub fn check_no_cursor(&self) -> Result<(), Error> {
        match self {
            Self::Open { .. } => Err(Error::new(
                SqlState::INVALID_CURSOR_STATE,
                "A cursor is open on this statement; close it first.",
            )),
            Self::Broken => Err(broken()),
            _ => Ok(()),
        }
    }
}

fn broken() -> Error {
    Error::new(
        SqlState::GENERAL_ERROR,
        "An internal error of the driver left this statement unusable; free it. The log has details.",
    )
}
