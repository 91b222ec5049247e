//! A SQLSTATE for each error of the layers below.

use trino_client::runtime::Interrupted;
use trino_client::{auth, http, protocol, session, spool};

use super::from_trino::sqlstate;
use super::{Error, Record, SqlState};
use crate::convert::{self, Issue, ParameterError};
use crate::cursor::{self, StoreError};
use crate::{config, escape, setup};

impl From<session::Error> for Error {
    fn from(error: session::Error) -> Self {
        let query_id = error.query_id().map(str::to_owned);
        let native = match &error {
            session::Error::Server(error) => error.code,
            _ => 0,
        };
        let mut message = error.to_string();
        if let session::Error::Server(error) = &error
            && let Some((_, advice)) = ADVICE.iter().find(|(name, _)| *name == error.name)
        {
            message = format!("{}. {advice}", message.trim_end_matches('.'));
        }
        Self::new(state_of_session(&error), message)
            .with_native(native)
            .with_query(query_id.as_deref())
    }
}

/// Advice for errors of the server, by their names.
const ADVICE: &[(&str, &str)] = &[
    (
        "AUTOCOMMIT_WRITE_CONFLICT",
        "Turn autocommit on (SQL_ATTR_AUTOCOMMIT; autocommit=True in pyodbc), or connect with Transactions=false, to have \
         each statement commit by itself.",
    ),
    (
        "TRANSACTION_ALREADY_ABORTED",
        "An earlier error or a query that was cancelled has ended the transaction; roll it back.",
    ),
    (
        "UNKNOWN_TRANSACTION",
        "The server has ended the transaction and undone it, as a rule because it was idle for longer than \
         transaction.idle-timeout (five minutes unless set); roll it back.",
    ),
];

impl From<cursor::Error<session::Error>> for Error {
    fn from(error: cursor::Error<session::Error>) -> Self {
        match error {
            cursor::Error::Source(error) => error.into(),
            cursor::Error::Store(error) => {
                let state = match error {
                    StoreError::Memory | StoreError::Disk => SqlState::MEMORY_ALLOCATION,
                    StoreError::Write(_) | StoreError::Read(_) => SqlState::GENERAL_ERROR,
                };
                Self::new(state, error.to_string())
            }
            cursor::Error::ForwardOnly => Self::new(
                SqlState::FETCH_TYPE_OUT_OF_RANGE,
                "The cursor is forward-only: only the next rowset can be fetched. Set SQL_ATTR_CURSOR_TYPE to \
                 SQL_CURSOR_STATIC before the statement is executed.",
            ),
        }
    }
}

impl Record {
    /// The record of a parameter's value, counted from 1.
    pub fn of_parameter(problem: ParameterIssue, parameter: usize) -> Self {
        let (state, message) = match problem {
            Err(error) => (
                match error {
                    ParameterError::RestrictedType => SqlState::RESTRICTED_DATA_TYPE,
                    ParameterError::NoDefault => SqlState::INVALID_DEFAULT_PARAMETER,
                    ParameterError::Truncated => SqlState::STRING_DATA_RIGHT_TRUNCATION,
                    ParameterError::NumericOutOfRange => SqlState::NUMERIC_VALUE_OUT_OF_RANGE,
                    ParameterError::InvalidDatetime => SqlState::INVALID_DATETIME_FORMAT,
                    ParameterError::DatetimeOverflow => SqlState::DATETIME_FIELD_OVERFLOW,
                    ParameterError::IntervalOverflow => SqlState::INTERVAL_FIELD_OVERFLOW,
                    ParameterError::InvalidText => SqlState::INVALID_CHARACTER_VALUE,
                    ParameterError::NullPointer => SqlState::INVALID_NULL_POINTER,
                    ParameterError::InvalidLength => SqlState::INVALID_LENGTH,
                },
                error.to_string(),
            ),
            Ok(_) => (
                SqlState::FRACTIONAL_TRUNCATION,
                "the value has a fraction that the SQL type cannot hold".to_owned(),
            ),
        };
        Self {
            column: Some(parameter),
            ..Self::new(state, format!("Parameter {parameter}: {message}."))
        }
    }
}

/// A warning or error of a parameter's value.
type ParameterIssue = Result<convert::Warning, ParameterError>;

fn state_of_session(error: &session::Error) -> SqlState {
    match error {
        session::Error::Interrupted {
            cause: Interrupted::Cancelled,
            ..
        } => SqlState::OPERATION_CANCELED,
        session::Error::Interrupted {
            cause: Interrupted::TimedOut,
            ..
        } => SqlState::TIMEOUT_EXPIRED,
        session::Error::Server(error) => state_of_query(error),
        session::Error::Credentials(auth::Error::TimedOut { .. } | auth::Error::Busy { .. }) => {
            SqlState::TIMEOUT_EXPIRED
        }
        session::Error::Authentication(_) | session::Error::Credentials(_) => {
            SqlState::INVALID_AUTHORIZATION
        }
        session::Error::Connect(error) if error.kind() == http::Kind::Identity => {
            SqlState::INVALID_AUTHORIZATION
        }
        session::Error::Connect(_) => SqlState::CLIENT_UNABLE_TO_CONNECT,
        session::Error::Protocol { error, .. } => state_of_protocol(error),
        session::Error::Spool { error, .. } => match error {
            spool::Error::Unreachable { .. } => SqlState::COMMUNICATION_LINK_FAILURE,
            spool::Error::Memory { .. } => SqlState::MEMORY_ALLOCATION,
            _ => SqlState::GENERAL_ERROR,
        },
        session::Error::Closed | session::Error::Forked => SqlState::COMMUNICATION_LINK_FAILURE,
    }
}

fn state_of_query(error: &protocol::QueryError) -> SqlState {
    // Text that is stored is cast to the column's length; elsewhere a cast cuts it without a word.
    if error.is_about_truncation() {
        return SqlState::STRING_DATA_RIGHT_TRUNCATION;
    }
    sqlstate(&error.name, &error.error_type)
}

fn state_of_protocol(error: &protocol::Error) -> SqlState {
    match error {
        protocol::Error::Query(error) => state_of_query(error),
        protocol::Error::Authentication { .. } | protocol::Error::Forbidden { .. } => {
            SqlState::INVALID_AUTHORIZATION
        }
        protocol::Error::Oversized { cause, .. } if cause.refuses_size() => SqlState::GENERAL_ERROR,
        protocol::Error::Oversized { cause, .. } => state_of_protocol(cause),
        protocol::Error::Cancelled => SqlState::OPERATION_CANCELED,
        protocol::Error::Http(error) if error.kind() == http::Kind::ReadTimeout => {
            SqlState::CONNECTION_TIMEOUT_EXPIRED
        }
        protocol::Error::Unsendable(_)
        | protocol::Error::Renamed
        | protocol::Error::HeadersTooLarge { .. } => SqlState::GENERAL_ERROR,
        _ => SqlState::COMMUNICATION_LINK_FAILURE,
    }
}

impl From<config::Refusal> for Error {
    fn from(refusal: config::Refusal) -> Self {
        let unknown = config::unknown_keywords(&refusal.warnings);
        Self::from(refusal.error).followed_by(&unknown)
    }
}

impl From<config::Error> for Error {
    fn from(error: config::Error) -> Self {
        let state = match &error {
            config::Error::DataSourceNotFound(_) => SqlState::DATA_SOURCE_NOT_FOUND,
            error if error.keyword().is_some_and(config::Id::is_credential) => {
                SqlState::INVALID_AUTHORIZATION
            }
            _ => SqlState::GENERAL_ERROR,
        };
        Self::new(state, error.to_string())
    }
}

impl From<setup::DialogError> for Error {
    fn from(error: setup::DialogError) -> Self {
        Self::new(SqlState::DIALOG_FAILED, error.to_string())
    }
}

impl From<escape::EscapeError> for Error {
    fn from(error: escape::EscapeError) -> Self {
        let state = match error.problem {
            escape::Problem::Datetime(..) => SqlState::INVALID_DATETIME_FORMAT,
            escape::Problem::ReturnValue => SqlState::NOT_IMPLEMENTED,
            _ => SqlState::SYNTAX_ERROR_OR_ACCESS_VIOLATION,
        };
        Self::new(state, error.to_string())
    }
}

impl From<config::Warning> for Record {
    fn from(warning: config::Warning) -> Self {
        let state = match warning {
            config::Warning::UnknownKeyword(_) | config::Warning::Unsupported(_) => {
                SqlState::INVALID_CONNECTION_STRING_ATTRIBUTE
            }
            config::Warning::Replaced { .. } => SqlState::OPTION_VALUE_CHANGED,
            _ => SqlState::GENERAL_WARNING,
        };
        Self::new(state, warning.to_string())
    }
}

impl Record {
    /// The record of one value of a fetch. Row and column are counted from 1; `row` is absent in
    /// SQLGetData.
    pub fn of_value(issue: Issue, row: Option<usize>, column: usize) -> Self {
        let (state, message) = match issue {
            Issue::Warning(warning) => (
                match warning {
                    convert::Warning::StringTruncated => SqlState::STRING_DATA_RIGHT_TRUNCATED,
                    convert::Warning::FractionTruncated => SqlState::FRACTIONAL_TRUNCATION,
                },
                warning.to_string(),
            ),
            Issue::Error(error) => (
                match error {
                    convert::Error::NumericOutOfRange => SqlState::NUMERIC_VALUE_OUT_OF_RANGE,
                    convert::Error::InvalidText => SqlState::INVALID_CHARACTER_VALUE,
                    convert::Error::DatetimeOverflow => SqlState::DATETIME_FIELD_OVERFLOW,
                    convert::Error::IntervalOverflow => SqlState::INTERVAL_FIELD_OVERFLOW,
                    convert::Error::IndicatorRequired => SqlState::INDICATOR_REQUIRED,
                    convert::Error::RestrictedType => SqlState::RESTRICTED_DATA_TYPE,
                },
                error.to_string(),
            ),
        };
        let place = match row {
            Some(row) => format!("Row {row}, column {column}: {message}."),
            None => format!("Column {column}: {message}."),
        };
        Self {
            row,
            column: Some(column),
            ..Self::new(state, place)
        }
    }
}
