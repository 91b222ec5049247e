//! SQLSTATEs for the server's errors.
//!
//! Trino names its errors and gives no SQLSTATE. Names are matched, not numbers: connectors number
//! their own errors freely, names say what happened. For names that are not in the table, the error
//! type decides.
//!
//! <https://github.com/trinodb/trino/blob/master/core/trino-spi/src/main/java/io/trino/spi/StandardErrorCode.java>

use super::SqlState;

/// The SQLSTATE of an error that the server named `name`, of type `kind` (`USER_ERROR`,
/// `INTERNAL_ERROR`, ...).
pub fn sqlstate(name: &str, kind: &str) -> SqlState {
    match NAMES.binary_search_by(|(known, _)| known.cmp(&name)) {
        Ok(at) => NAMES[at].1,
        Err(_) if kind == "USER_ERROR" => SqlState::SYNTAX_ERROR_OR_ACCESS_VIOLATION,
        Err(_) => SqlState::GENERAL_ERROR,
    }
}

/// Sorted by name.
const NAMES: &[(&str, SqlState)] = &[
    ("ABANDONED_QUERY", SqlState::COMMUNICATION_LINK_FAILURE),
    ("AMBIGUOUS_NAME", SqlState::SYNTAX_ERROR_OR_ACCESS_VIOLATION),
    (
        "AUTOCOMMIT_WRITE_CONFLICT",
        SqlState::INVALID_TRANSACTION_STATE,
    ),
    ("CATALOG_NOT_FOUND", SqlState::INVALID_CATALOG_NAME),
    ("COLUMN_ALREADY_EXISTS", SqlState::COLUMN_EXISTS),
    ("COLUMN_NOT_FOUND", SqlState::COLUMN_NOT_FOUND),
    (
        "CONSTRAINT_VIOLATION",
        SqlState::INTEGRITY_CONSTRAINT_VIOLATION,
    ),
    ("DIVISION_BY_ZERO", SqlState::DIVISION_BY_ZERO),
    ("EXCEEDED_CPU_LIMIT", SqlState::TIMEOUT_EXPIRED),
    ("EXCEEDED_TIME_LIMIT", SqlState::TIMEOUT_EXPIRED),
    ("INVALID_CAST_ARGUMENT", SqlState::INVALID_CHARACTER_VALUE),
    (
        "INVALID_CATALOG_PROPERTY",
        SqlState::SYNTAX_ERROR_OR_ACCESS_VIOLATION,
    ),
    (
        "INVALID_FUNCTION_ARGUMENT",
        SqlState::SYNTAX_ERROR_OR_ACCESS_VIOLATION,
    ),
    ("INVALID_LITERAL", SqlState::INVALID_CHARACTER_VALUE),
    ("MISSING_CATALOG_NAME", SqlState::INVALID_CATALOG_NAME),
    ("MISSING_SCHEMA_NAME", SqlState::INVALID_SCHEMA_NAME),
    (
        "MULTI_CATALOG_WRITE_CONFLICT",
        SqlState::INVALID_TRANSACTION_STATE,
    ),
    ("NOT_IN_TRANSACTION", SqlState::INVALID_TRANSACTION_STATE),
    ("NOT_SUPPORTED", SqlState::NOT_IMPLEMENTED),
    (
        "NUMERIC_VALUE_OUT_OF_RANGE",
        SqlState::NUMERIC_VALUE_OUT_OF_RANGE,
    ),
    (
        "PERMISSION_DENIED",
        SqlState::SYNTAX_ERROR_OR_ACCESS_VIOLATION,
    ),
    (
        "QUERY_TEXT_TOO_LARGE",
        SqlState::SYNTAX_ERROR_OR_ACCESS_VIOLATION,
    ),
    ("READ_ONLY_VIOLATION", SqlState::INVALID_TRANSACTION_STATE),
    ("SCHEMA_NOT_FOUND", SqlState::INVALID_SCHEMA_NAME),
    ("SUBQUERY_MULTIPLE_ROWS", SqlState::CARDINALITY_VIOLATION),
    ("SYNTAX_ERROR", SqlState::SYNTAX_ERROR_OR_ACCESS_VIOLATION),
    ("TABLE_ALREADY_EXISTS", SqlState::TABLE_EXISTS),
    ("TABLE_NOT_FOUND", SqlState::TABLE_NOT_FOUND),
    (
        "TRANSACTION_ALREADY_ABORTED",
        SqlState::TRANSACTION_IS_ROLLED_BACK,
    ),
    ("TRANSACTION_CONFLICT", SqlState::SERIALIZATION_FAILURE),
    ("UNKNOWN_TRANSACTION", SqlState::TRANSACTION_IS_ROLLED_BACK),
    ("UNSUPPORTED_ISOLATION_LEVEL", SqlState::NOT_IMPLEMENTED),
    ("USER_CANCELED", SqlState::OPERATION_CANCELED),
    ("VIEW_NOT_FOUND", SqlState::TABLE_NOT_FOUND),
];

#[cfg(test)]
mod tests {
    use super::{NAMES, SqlState, sqlstate};

    #[test]
    fn the_table_is_sorted() {
        assert!(NAMES.is_sorted_by_key(|(name, _)| *name));
    }

    #[test]
    fn every_error_has_a_state() {
        assert_eq!(
            sqlstate("TABLE_NOT_FOUND", "USER_ERROR"),
            SqlState::TABLE_NOT_FOUND
        );
        assert_eq!(
            sqlstate("SOMETHING_NEW", "USER_ERROR"),
            SqlState::SYNTAX_ERROR_OR_ACCESS_VIOLATION
        );
        assert_eq!(
            sqlstate("HIVE_METASTORE_ERROR", "EXTERNAL"),
            SqlState::GENERAL_ERROR
        );
    }
}
