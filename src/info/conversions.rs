//! SQL_CONVERT_*: from which type a cast leads to which.
//!
//! The standard defines the masks for CONVERT. Power Query uses them for CAST, so they list what
//! both support.

use super::Facts;
use crate::abi::*;

/// The targets of a cast from the type that `info_type` names; `None` when it is none of
/// SQL_CONVERT_*.
pub(super) fn targets(info_type: u16, facts: &Facts<'_>) -> Option<u32> {
    Some(match info_type {
        SQL_CONVERT_BIT | SQL_CONVERT_TINYINT | SQL_CONVERT_SMALLINT | SQL_CONVERT_INTEGER
        | SQL_CONVERT_BIGINT | SQL_CONVERT_DECIMAL | SQL_CONVERT_NUMERIC | SQL_CONVERT_REAL
        | SQL_CONVERT_FLOAT | SQL_CONVERT_DOUBLE => NUMBERS | SQL_CVT_BIT | TEXT,
        SQL_CONVERT_VARCHAR | SQL_CONVERT_WVARCHAR => {
            NUMBERS
                | SQL_CVT_BIT
                | TEXT
                | FIXED_TEXT
                | SQL_CVT_VARBINARY
                | SQL_CVT_DATE
                | SQL_CVT_TIME
                | SQL_CVT_TIMESTAMP
                | SQL_CVT_GUID
        }
        SQL_CONVERT_CHAR | SQL_CONVERT_WCHAR => TEXT | FIXED_TEXT | facts.since(482, FROM_CHAR),
        SQL_CONVERT_DATE => SQL_CVT_DATE | SQL_CVT_TIMESTAMP | TEXT,
        SQL_CONVERT_TIME => SQL_CVT_TIME | SQL_CVT_TIMESTAMP | TEXT,
        SQL_CONVERT_TIMESTAMP => SQL_CVT_DATE | SQL_CVT_TIME | SQL_CVT_TIMESTAMP | TEXT,
        SQL_CONVERT_INTERVAL_YEAR_MONTH => SQL_CVT_INTERVAL_YEAR_MONTH | TEXT,
        SQL_CONVERT_INTERVAL_DAY_TIME => SQL_CVT_INTERVAL_DAY_TIME | TEXT,
        SQL_CONVERT_VARBINARY => SQL_CVT_VARBINARY | SQL_CVT_GUID,
        SQL_CONVERT_GUID => SQL_CVT_GUID | SQL_CVT_VARBINARY | TEXT,
        // Trino has no such types.
        SQL_CONVERT_BINARY
        | SQL_CONVERT_LONGVARBINARY
        | SQL_CONVERT_LONGVARCHAR
        | SQL_CONVERT_WLONGVARCHAR => 0,
        _ => return None,
    })
}

const NUMBERS: u32 = SQL_CVT_TINYINT
    | SQL_CVT_SMALLINT
    | SQL_CVT_INTEGER
    | SQL_CVT_BIGINT
    | SQL_CVT_DECIMAL
    | SQL_CVT_NUMERIC
    | SQL_CVT_REAL
    | SQL_CVT_FLOAT
    | SQL_CVT_DOUBLE;
const TEXT: u32 = SQL_CVT_VARCHAR | SQL_CVT_WVARCHAR;
const FIXED_TEXT: u32 = SQL_CVT_CHAR | SQL_CVT_WCHAR;
/// What a `char` is cast to beside text: no decimal and no time, though a `varchar` is.
const FROM_CHAR: u32 = SQL_CVT_TINYINT
    | SQL_CVT_SMALLINT
    | SQL_CVT_INTEGER
    | SQL_CVT_BIGINT
    | SQL_CVT_REAL
    | SQL_CVT_FLOAT
    | SQL_CVT_DOUBLE
    | SQL_CVT_BIT
    | SQL_CVT_VARBINARY
    | SQL_CVT_DATE
    | SQL_CVT_TIMESTAMP;
