//! The consistency check of a record's fields when the application binds it.
//!
//! <https://learn.microsoft.com/sql/odbc/reference/syntax/sqlsetdescrec-function#consistency-checks>

use super::{Record, Role};
use crate::abi::{self, CType, Interval};
use crate::diagnostics::{Error, SqlState};

/// HY021 if type, precision and scale of a record contradict each other.
pub fn check(record: &Record, role: Role) -> Result<(), Error> {
    let concise = record.concise_type;
    let known = match role {
        Role::Application => is_c_type(concise),
        Role::ImplementationRow | Role::ImplementationParameter => is_sql_type(concise),
    };
    if !known {
        return Err(inconsistent(format!("{concise} is not a concise type")));
    }
    let fraction = match role {
        Role::Application => 9,
        Role::ImplementationRow | Role::ImplementationParameter => 12,
    };
    match concise {
        abi::SQL_NUMERIC | abi::SQL_DECIMAL => {
            let fits = (1..=MOST_DIGITS).contains(&record.precision)
                && (-MOST_DIGITS..=MOST_DIGITS).contains(&record.scale);
            if !fits {
                return Err(inconsistent(format!(
                    "a number cannot have precision {} and scale {}",
                    record.precision, record.scale
                )));
            }
        }
        abi::SQL_TYPE_TIME | abi::SQL_TYPE_TIMESTAMP => check_fraction(record, fraction)?,
        abi::SQL_C_INTERVAL_YEAR..=abi::SQL_C_INTERVAL_MINUTE_TO_SECOND => {
            if !(1..=10).contains(&record.interval_precision) {
                return Err(inconsistent(format!(
                    "an interval cannot have a leading precision of {}",
                    record.interval_precision
                )));
            }
            if has_seconds(concise) {
                check_fraction(record, fraction)?;
            }
        }
        _ => {}
    }
    Ok(())
}

/// Refuses more than `most` digits of fractional seconds.
fn check_fraction(record: &Record, most: i16) -> Result<(), Error> {
    if (0..=most).contains(&record.precision) {
        return Ok(());
    }
    Err(inconsistent(format!(
        "fractional seconds cannot have {} digits",
        record.precision
    )))
}

fn is_c_type(concise: i16) -> bool {
    // The verbose types have the numbers of ODBC 2's dates and times; here they lack their code.
    let verbose = matches!(concise, abi::SQL_DATETIME | abi::SQL_INTERVAL);
    concise == abi::SQL_C_DEFAULT || (!verbose && CType::from_raw(concise).is_some())
}

/// Whether a number is that of an SQL type.
pub fn is_sql_type(concise: i16) -> bool {
    matches!(
        concise,
        abi::SQL_CHAR..=abi::SQL_DOUBLE
            | abi::SQL_VARCHAR
            | abi::SQL_TYPE_DATE..=abi::SQL_TYPE_TIMESTAMP
            | abi::SQL_C_INTERVAL_YEAR..=abi::SQL_C_INTERVAL_MINUTE_TO_SECOND
            | abi::SQL_GUID..=abi::SQL_LONGVARCHAR
    )
}

/// Whether the interval's last field is seconds.
pub fn has_seconds(concise: i16) -> bool {
    matches!(
        CType::from_raw(concise),
        Some(CType::Interval(
            Interval::Second
                | Interval::DayToSecond
                | Interval::HourToSecond
                | Interval::MinuteToSecond
        ))
    )
}

fn inconsistent(why: String) -> Error {
    Error::new(
        SqlState::INCONSISTENT_DESCRIPTOR,
        format!("The fields of the descriptor record are inconsistent: {why}."),
    )
}

/// Digits of Trino's longest decimal, and of SQL_NUMERIC_STRUCT.
const MOST_DIGITS: i16 = 38;
