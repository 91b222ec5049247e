//! The types of `{fn CONVERT(value, SQL_…)}`.
//!
//! <https://learn.microsoft.com/sql/odbc/reference/appendixes/explicit-data-type-conversion-function>

use super::argument::{Argument, fill};
use super::error::Problem;
use crate::abi::*;

/// A type that CONVERT leads to.
#[derive(Debug, Clone, Copy)]
pub struct Conversion {
    /// Its name in the standard, without `SQL_`.
    pub name: &'static str,
    /// Its bit in SQLGetInfo's SQL_CONVERT_*.
    pub bit: u32,
    /// The type in Trino.
    target: &'static str,
}

/// A call of CONVERT with a value and a type.
pub(super) fn convert(arguments: &[Argument]) -> Result<String, Problem> {
    let name = arguments.last().map_or("", |argument| argument.text.trim());
    let sole = arguments.last().and_then(Argument::sole);
    let name = sole.map_or(name, |token| token.text);
    let bare = match name.get(..4) {
        Some(prefix) if prefix.eq_ignore_ascii_case("SQL_") => name.get(4..).unwrap_or_default(),
        _ => name,
    };
    let found = CONVERSIONS
        .iter()
        .find(|conversion| conversion.name.eq_ignore_ascii_case(bare));
    match found {
        Some(conversion) => Ok(fill(
            &format!("CAST($1 AS {})", conversion.target),
            arguments,
        )),
        None => Err(Problem::Type(name.to_owned())),
    }
}

const fn to(name: &'static str, bit: u32, target: &'static str) -> Conversion {
    Conversion { name, bit, target }
}

/// Every type of CONVERT. The standard gives no length, precision or scale, so each type is one that keeps the value:
/// `char` alone would be one character in Trino, `decimal` alone would have no fraction.
pub const CONVERSIONS: &[Conversion] = &[
    to("CHAR", SQL_CVT_CHAR, TEXT),
    to("VARCHAR", SQL_CVT_VARCHAR, TEXT),
    to("LONGVARCHAR", SQL_CVT_LONGVARCHAR, TEXT),
    to("WCHAR", SQL_CVT_WCHAR, TEXT),
    to("WVARCHAR", SQL_CVT_WVARCHAR, TEXT),
    to("WLONGVARCHAR", SQL_CVT_WLONGVARCHAR, TEXT),
    to("DECIMAL", SQL_CVT_DECIMAL, DECIMAL),
    to("NUMERIC", SQL_CVT_NUMERIC, DECIMAL),
    to("BIT", SQL_CVT_BIT, "boolean"),
    to("TINYINT", SQL_CVT_TINYINT, "tinyint"),
    to("SMALLINT", SQL_CVT_SMALLINT, "smallint"),
    to("INTEGER", SQL_CVT_INTEGER, "integer"),
    to("BIGINT", SQL_CVT_BIGINT, "bigint"),
    to("REAL", SQL_CVT_REAL, "real"),
    to("FLOAT", SQL_CVT_FLOAT, "double"),
    to("DOUBLE", SQL_CVT_DOUBLE, "double"),
    to("BINARY", SQL_CVT_BINARY, BYTES),
    to("VARBINARY", SQL_CVT_VARBINARY, BYTES),
    to("LONGVARBINARY", SQL_CVT_LONGVARBINARY, BYTES),
    to("DATE", SQL_CVT_DATE, "date"),
    to("TYPE_DATE", SQL_CVT_DATE, "date"),
    to("TIME", SQL_CVT_TIME, TIME),
    to("TYPE_TIME", SQL_CVT_TIME, TIME),
    to("TIMESTAMP", SQL_CVT_TIMESTAMP, TIMESTAMP),
    to("TYPE_TIMESTAMP", SQL_CVT_TIMESTAMP, TIMESTAMP),
    to("GUID", SQL_CVT_GUID, "uuid"),
    to("INTERVAL_YEAR", SQL_CVT_INTERVAL_YEAR_MONTH, MONTHS),
    to("INTERVAL_MONTH", SQL_CVT_INTERVAL_YEAR_MONTH, MONTHS),
    to(
        "INTERVAL_YEAR_TO_MONTH",
        SQL_CVT_INTERVAL_YEAR_MONTH,
        MONTHS,
    ),
    to("INTERVAL_DAY", SQL_CVT_INTERVAL_DAY_TIME, SECONDS),
    to("INTERVAL_HOUR", SQL_CVT_INTERVAL_DAY_TIME, SECONDS),
    to("INTERVAL_MINUTE", SQL_CVT_INTERVAL_DAY_TIME, SECONDS),
    to("INTERVAL_SECOND", SQL_CVT_INTERVAL_DAY_TIME, SECONDS),
    to("INTERVAL_DAY_TO_HOUR", SQL_CVT_INTERVAL_DAY_TIME, SECONDS),
    to("INTERVAL_DAY_TO_MINUTE", SQL_CVT_INTERVAL_DAY_TIME, SECONDS),
    to("INTERVAL_DAY_TO_SECOND", SQL_CVT_INTERVAL_DAY_TIME, SECONDS),
    to(
        "INTERVAL_HOUR_TO_MINUTE",
        SQL_CVT_INTERVAL_DAY_TIME,
        SECONDS,
    ),
    to(
        "INTERVAL_HOUR_TO_SECOND",
        SQL_CVT_INTERVAL_DAY_TIME,
        SECONDS,
    ),
    to(
        "INTERVAL_MINUTE_TO_SECOND",
        SQL_CVT_INTERVAL_DAY_TIME,
        SECONDS,
    ),
];

const TEXT: &str = "varchar";
const BYTES: &str = "varbinary";
const DECIMAL: &str = "decimal(38, 10)";
// As fine as ODBC's structures.
const TIME: &str = "time(9)";
const TIMESTAMP: &str = "timestamp(9)";
const MONTHS: &str = "interval year to month";
const SECONDS: &str = "interval day to second";
