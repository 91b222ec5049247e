//! Errors that several functions report, each with its one message.

use std::fmt::Display;

use super::{Error, SqlState};

impl Error {
    /// HY090.
    pub fn negative_length() -> Self {
        Self::new(
            SqlState::INVALID_LENGTH,
            "The length of a buffer cannot be negative.",
        )
    }

    /// HY003.
    pub fn unknown_c_type(c_type: i16) -> Self {
        let message = format!("Unknown C type {c_type}.");
        Self::new(SqlState::INVALID_C_TYPE, message)
    }

    /// HY004.
    pub fn unknown_sql_type(sql_type: i16) -> Self {
        let message = format!("Unknown SQL type {sql_type}.");
        Self::new(SqlState::INVALID_SQL_TYPE, message)
    }

    /// HY105.
    pub fn unknown_parameter_type(direction: i16) -> Self {
        let message = format!("Unknown parameter type {direction}.");
        Self::new(SqlState::INVALID_PARAMETER_TYPE, message)
    }

    /// 07009.
    pub fn no_column(number: impl Display) -> Self {
        let message = format!("The result has no column {number}.");
        Self::new(SqlState::INVALID_DESCRIPTOR_INDEX, message)
    }

    /// 07009: column 0, or record 0 of a descriptor.
    pub fn bookmark() -> Self {
        Self::new(
            SqlState::INVALID_DESCRIPTOR_INDEX,
            "Number 0 is the bookmark column, and bookmarks are not supported.",
        )
    }

    /// HY014.
    pub fn too_many_handles() -> Self {
        Self::new(
            SqlState::LIMIT_ON_HANDLES,
            "No more handles can be allocated.",
        )
    }

    /// 08S01: the process inherited the connection.
    #[cold]
    pub fn forked() -> Self {
        Self::new(
            SqlState::COMMUNICATION_LINK_FAILURE,
            "The connection belongs to the parent process, which opened it before a fork. Open a new one.",
        )
    }

    /// HY010.
    pub fn not_prepared() -> Self {
        Self::new(SqlState::FUNCTION_SEQUENCE, "No statement is prepared.")
    }

    /// HY010.
    pub fn not_executed() -> Self {
        Self::new(SqlState::FUNCTION_SEQUENCE, "No statement was executed.")
    }

    /// 24000.
    pub fn no_result_set() -> Self {
        Self::new(
            SqlState::INVALID_CURSOR_STATE,
            "The last statement returned no result set.",
        )
    }

    /// 24000.
    pub fn not_on_row() -> Self {
        Self::new(
            SqlState::INVALID_CURSOR_STATE,
            "The cursor is not on a row. Fetch one first.",
        )
    }
}
