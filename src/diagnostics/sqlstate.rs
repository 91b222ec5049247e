//! SQLSTATEs by the standard's names.

use std::fmt;

/// Five characters. A value, not an enum: a server may send one that is not listed here.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SqlState([u8; 5]);

impl SqlState {
    pub const GENERAL_WARNING: Self = Self(*b"01000");
    pub const STRING_DATA_RIGHT_TRUNCATED: Self = Self(*b"01004");
    pub const INVALID_CONNECTION_STRING_ATTRIBUTE: Self = Self(*b"01S00");
    pub const ERROR_IN_ROW: Self = Self(*b"01S01");
    pub const OPTION_VALUE_CHANGED: Self = Self(*b"01S02");
    pub const FETCH_BEFORE_START: Self = Self(*b"01S06");
    pub const FRACTIONAL_TRUNCATION: Self = Self(*b"01S07");
    pub const WRONG_NUMBER_OF_PARAMETERS: Self = Self(*b"07002");
    pub const PREPARED_STATEMENT_NOT_A_CURSOR_SPECIFICATION: Self = Self(*b"07005");
    pub const RESTRICTED_DATA_TYPE: Self = Self(*b"07006");
    pub const INVALID_DESCRIPTOR_INDEX: Self = Self(*b"07009");
    pub const INVALID_DEFAULT_PARAMETER: Self = Self(*b"07S01");
    pub const CLIENT_UNABLE_TO_CONNECT: Self = Self(*b"08001");
    pub const CONNECTION_NAME_IN_USE: Self = Self(*b"08002");
    pub const CONNECTION_NOT_OPEN: Self = Self(*b"08003");
    pub const COMMUNICATION_LINK_FAILURE: Self = Self(*b"08S01");
    pub const CONNECTION_FAILURE_DURING_TRANSACTION: Self = Self(*b"08007");
    pub const CARDINALITY_VIOLATION: Self = Self(*b"21000");
    pub const STRING_DATA_RIGHT_TRUNCATION: Self = Self(*b"22001");
    pub const INDICATOR_REQUIRED: Self = Self(*b"22002");
    pub const NUMERIC_VALUE_OUT_OF_RANGE: Self = Self(*b"22003");
    pub const INVALID_DATETIME_FORMAT: Self = Self(*b"22007");
    pub const DATETIME_FIELD_OVERFLOW: Self = Self(*b"22008");
    pub const DIVISION_BY_ZERO: Self = Self(*b"22012");
    pub const INTERVAL_FIELD_OVERFLOW: Self = Self(*b"22015");
    pub const INVALID_CHARACTER_VALUE: Self = Self(*b"22018");
    pub const INTEGRITY_CONSTRAINT_VIOLATION: Self = Self(*b"23000");
    pub const INVALID_CURSOR_STATE: Self = Self(*b"24000");
    pub const INVALID_TRANSACTION_STATE: Self = Self(*b"25000");
    pub const TRANSACTION_IS_ROLLED_BACK: Self = Self(*b"25S03");
    pub const INVALID_AUTHORIZATION: Self = Self(*b"28000");
    pub const INVALID_CURSOR_NAME: Self = Self(*b"34000");
    pub const DUPLICATE_CURSOR_NAME: Self = Self(*b"3C000");
    pub const INVALID_CATALOG_NAME: Self = Self(*b"3D000");
    pub const INVALID_SCHEMA_NAME: Self = Self(*b"3F000");
    pub const SERIALIZATION_FAILURE: Self = Self(*b"40001");
    pub const SYNTAX_ERROR_OR_ACCESS_VIOLATION: Self = Self(*b"42000");
    pub const TABLE_EXISTS: Self = Self(*b"42S01");
    pub const TABLE_NOT_FOUND: Self = Self(*b"42S02");
    pub const COLUMN_EXISTS: Self = Self(*b"42S21");
    pub const COLUMN_NOT_FOUND: Self = Self(*b"42S22");
    pub const GENERAL_ERROR: Self = Self(*b"HY000");
    pub const MEMORY_ALLOCATION: Self = Self(*b"HY001");
    pub const INVALID_C_TYPE: Self = Self(*b"HY003");
    pub const INVALID_SQL_TYPE: Self = Self(*b"HY004");
    pub const ASSOCIATED_STATEMENT_NOT_PREPARED: Self = Self(*b"HY007");
    pub const OPERATION_CANCELED: Self = Self(*b"HY008");
    pub const INVALID_NULL_POINTER: Self = Self(*b"HY009");
    pub const FUNCTION_SEQUENCE: Self = Self(*b"HY010");
    pub const ATTRIBUTE_CANNOT_BE_SET_NOW: Self = Self(*b"HY011");
    pub const INVALID_TRANSACTION_OPERATION: Self = Self(*b"HY012");
    pub const LIMIT_ON_HANDLES: Self = Self(*b"HY014");
    pub const CANNOT_MODIFY_IRD: Self = Self(*b"HY016");
    pub const INVALID_USE_OF_IMPLICIT_DESCRIPTOR: Self = Self(*b"HY017");
    pub const DATA_SENT_IN_PIECES: Self = Self(*b"HY019");
    pub const CONCATENATED_NULL: Self = Self(*b"HY020");
    pub const INCONSISTENT_DESCRIPTOR: Self = Self(*b"HY021");
    pub const INVALID_ATTRIBUTE_VALUE: Self = Self(*b"HY024");
    pub const INVALID_LENGTH: Self = Self(*b"HY090");
    pub const INVALID_DESCRIPTOR_FIELD: Self = Self(*b"HY091");
    pub const INVALID_ATTRIBUTE: Self = Self(*b"HY092");
    pub const INVALID_INFORMATION_TYPE: Self = Self(*b"HY096");
    pub const COLUMN_TYPE_OUT_OF_RANGE: Self = Self(*b"HY097");
    pub const SCOPE_OUT_OF_RANGE: Self = Self(*b"HY098");
    pub const NULLABLE_TYPE_OUT_OF_RANGE: Self = Self(*b"HY099");
    pub const UNIQUENESS_OPTION_OUT_OF_RANGE: Self = Self(*b"HY100");
    pub const ACCURACY_OPTION_OUT_OF_RANGE: Self = Self(*b"HY101");
    pub const INVALID_PARAMETER_TYPE: Self = Self(*b"HY105");
    pub const FETCH_TYPE_OUT_OF_RANGE: Self = Self(*b"HY106");
    pub const ROW_VALUE_OUT_OF_RANGE: Self = Self(*b"HY107");
    pub const INVALID_CURSOR_POSITION: Self = Self(*b"HY109");
    pub const INVALID_DRIVER_COMPLETION: Self = Self(*b"HY110");
    pub const NOT_IMPLEMENTED: Self = Self(*b"HYC00");
    pub const TIMEOUT_EXPIRED: Self = Self(*b"HYT00");
    pub const CONNECTION_TIMEOUT_EXPIRED: Self = Self(*b"HYT01");
    pub const DATA_SOURCE_NOT_FOUND: Self = Self(*b"IM002");
    pub const NOT_SUPPORTED: Self = Self(*b"IM001");
    pub const DIALOG_FAILED: Self = Self(*b"IM008");

    /// The five characters.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("HY000")
    }

    /// Whether the class is one that ISO defines; `IM` is ODBC's.
    pub fn class_is_iso(&self) -> bool {
        !self.0.starts_with(b"IM")
    }

    /// Whether the subclass is one that ISO defines; those of `IM`, with a letter `S` or `T` and
    /// some of `HY` are ODBC's.
    pub fn subclass_is_iso(&self) -> bool {
        let of_odbc = matches!(
            &self.0,
            b"HY095"
                | b"HY097"
                | b"HY098"
                | b"HY099"
                | b"HY100"
                | b"HY101"
                | b"HY105"
                | b"HY107"
                | b"HY109"
                | b"HY110"
                | b"HY111"
        );
        self.class_is_iso() && !of_odbc && !matches!(self.0[2], b'S' | b'T')
    }
}

impl fmt::Display for SqlState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for SqlState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::SqlState;

    #[test]
    fn classes_and_subclasses_have_the_origin_that_the_reference_gives_them() {
        for (state, class, subclass) in [
            (SqlState::DIVISION_BY_ZERO, true, true),
            (SqlState::GENERAL_ERROR, true, true),
            (SqlState::FUNCTION_SEQUENCE, true, true),
            (SqlState::NOT_IMPLEMENTED, true, true),
            (SqlState::FETCH_TYPE_OUT_OF_RANGE, true, true),
            (SqlState::INVALID_PARAMETER_TYPE, true, false),
            (SqlState::ROW_VALUE_OUT_OF_RANGE, true, false),
            (SqlState::TIMEOUT_EXPIRED, true, false),
            (SqlState::FRACTIONAL_TRUNCATION, true, false),
            (SqlState::TABLE_NOT_FOUND, true, false),
            (SqlState::COMMUNICATION_LINK_FAILURE, true, false),
            (SqlState::DATA_SOURCE_NOT_FOUND, false, false),
        ] {
            assert_eq!(
                (state.class_is_iso(), state.subclass_is_iso()),
                (class, subclass),
                "{state}"
            );
        }
    }
}
