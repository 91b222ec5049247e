//! The states of a statement: those of ODBC's Appendix B, with their data.
//!
//! <https://learn.microsoft.com/sql/odbc/reference/appendixes/statement-transitions>

use std::sync::Arc;

use trino_client::columns::ColumnInfo;
use trino_client::session;

use super::parameter_execution::ParameterExecution;
use super::prepared::Prepared;
use crate::bind::Address;
use crate::cursor::Cursor;
use crate::diagnostics::{Error, SqlState};
use crate::handle::OpenCursor;

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
    /// S8 to S10. Waiting for data of parameters.
    NeedData(Box<ParameterExecution>),
    /// A panic interrupted a call; only SQLFreeHandle is left.
    Poisoned,
}

/// An open cursor.
#[derive(Debug)]
pub struct Open {
    pub cursor: Cursor<session::Error>,
    pub columns: Arc<[ColumnInfo]>,
    /// Row of the rowset that SQLGetData reads, from 0.
    pub row: usize,
    /// The cursor state.
    pub position: Position,
    /// The row status array of SQLExtendedFetch: an address of the application, or 0.
    pub extended_status: Address,
    /// Counts the cursor on its connection while it is open.
    pub _counted: OpenCursor,
}

/// The cursor states. SQLFetch and SQLExtendedFetch cannot be mixed on one cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Position {
    /// S5. Before the first row.
    Opened,
    /// S6. Moved by SQLFetch or SQLFetchScroll.
    Fetched,
    /// S7. Moved by SQLExtendedFetch.
    ExtendedFetched,
}

impl State {
    /// Closes the cursor or discards the last row count; a prepared statement stays prepared.
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
            Self::NeedData(execution) => execution
                .into_prepared()
                .map_or(Self::Allocated, Self::Prepared),
            Self::Poisoned => Self::Poisoned,
        };
    }

    /// The open cursor; 24000 if the last execution opened none, HY010 before any execution.
    #[inline]
    pub fn open_mut(&mut self) -> Result<&mut Open, Error> {
        match self {
            Self::Open { open, .. } => Ok(open),
            other => Err(other.not_open()),
        }
    }

    #[cold]
    fn not_open(&self) -> Error {
        match self {
            Self::Poisoned => poisoned(),
            Self::Executed { .. } => Error::no_result_set(),
            _ => Error::not_executed(),
        }
    }

    /// The open cursor, for the function that moves it to `position`; HY010 if the other function
    /// has moved it.
    #[inline]
    pub fn open_to(&mut self, position: Position) -> Result<&mut Open, Error> {
        let open = self.open_mut()?;
        if open.position != Position::Opened && open.position != position {
            return Err(mixed_fetches());
        }
        Ok(open)
    }

    /// The prepared statement, in any state.
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

    /// The same, to add descriptions.
    pub fn prepared_mut(&mut self) -> Option<&mut Prepared> {
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

    /// Whether the statement was executed.
    pub fn is_executed(&self) -> bool {
        matches!(self, Self::Executed { .. } | Self::Open { .. })
    }

    /// Refuses to change cursor attributes after SQLPrepare or an execution.
    pub fn check_cursor_can_change(&self) -> Result<(), Error> {
        match self {
            Self::Allocated => Ok(()),
            Self::Prepared(_) => Err(Error::new(
                SqlState::ATTRIBUTE_CANNOT_BE_SET_NOW,
                "The attribute cannot be set after the statement was prepared.",
            )),
            Self::Executed { .. } | Self::Open { .. } => Err(Error::new(
                SqlState::INVALID_CURSOR_STATE,
                "The attribute cannot be set after the statement was executed; close its cursor first.",
            )),
            Self::NeedData(_) => Err(waiting()),
            Self::Poisoned => Err(poisoned()),
        }
    }

    /// Refuses to name the cursor after an execution.
    pub fn check_cursor_can_be_named(&self) -> Result<(), Error> {
        match self {
            Self::Allocated | Self::Prepared(_) => Ok(()),
            Self::Executed { .. } | Self::Open { .. } => Err(Error::new(
                SqlState::INVALID_CURSOR_STATE,
                "The cursor cannot be named after the statement was executed.",
            )),
            Self::NeedData(_) => Err(waiting()),
            Self::Poisoned => Err(poisoned()),
        }
    }

    /// Refuses to execute or prepare while a cursor is open.
    pub fn check_no_cursor(&self) -> Result<(), Error> {
        match self {
            Self::Open { .. } => Err(Error::new(
                SqlState::INVALID_CURSOR_STATE,
                "A cursor is open on this statement; close it first.",
            )),
            Self::Poisoned => Err(poisoned()),
            _ => Ok(()),
        }
    }
}

#[cold]
fn mixed_fetches() -> Error {
    Error::new(
        SqlState::FUNCTION_SEQUENCE,
        "SQLFetch and SQLExtendedFetch cannot be mixed on one cursor.",
    )
}

fn waiting() -> Error {
    Error::new(
        SqlState::FUNCTION_SEQUENCE,
        "The statement waits for data of its parameters.",
    )
}

fn poisoned() -> Error {
    Error::new(
        SqlState::GENERAL_ERROR,
        "An internal error of the driver left this statement unusable; free it. The log has details.",
    )
}
