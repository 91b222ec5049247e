//! TIMESTAMPADD and TIMESTAMPDIFF.
//!
//! Trino's `date_add` and `date_diff` count as the standard wants, with two exceptions. They take no date for hours and
//! smaller units, where the standard sets the time to midnight; and they know no unit below a millisecond.
//!
//! <https://learn.microsoft.com/sql/odbc/reference/appendixes/time-date-and-interval-functions>

use super::argument::{Argument, fill};
use super::error::Problem;
use crate::abi::*;

/// An interval: its name in the standard without `SQL_TSI_`, its bit in SQLGetInfo's SQL_TIMEDATE_ADD_INTERVALS and
/// SQL_TIMEDATE_DIFF_INTERVALS, and its unit in Trino.
#[derive(Debug, Clone, Copy)]
pub struct Interval {
    pub name: &'static str,
    pub bit: u32,
    unit: Unit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    Nanosecond,
    /// A part of a day.
    Small(&'static str),
    Large(&'static str),
}

/// A call with an interval, a number of them, and what they are added to.
pub(super) fn add(arguments: &[Argument]) -> Result<String, Problem> {
    let unit = unit(arguments)?;
    let is_time = arguments.get(2).is_some_and(Argument::is_time);
    Ok(match unit {
        Unit::Nanosecond => fill(ADD_NANOSECONDS, arguments),
        Unit::Small(unit) if is_time => fill(&format!("date_add('{unit}', $2, @3)"), arguments),
        Unit::Small(unit) => {
            let to = timestamp(3, arguments);
            fill(&format!("date_add('{unit}', $2, {to})"), arguments)
        }
        Unit::Large(unit) if is_time => {
            let to = timestamp(3, arguments);
            fill(&format!("date_add('{unit}', $2, {to})"), arguments)
        }
        Unit::Large(unit) => fill(&format!("date_add('{unit}', $2, @3)"), arguments),
    })
}

/// A call with an interval, a beginning and an end.
pub(super) fn difference(arguments: &[Argument]) -> Result<String, Problem> {
    let unit = unit(arguments)?;
    let (from, to) = (timestamp(2, arguments), timestamp(3, arguments));
    let any_time = arguments.iter().any(Argument::is_time);
    let text = match unit {
        Unit::Nanosecond => DIFFERENCE_NANOSECONDS
            .replace("{from}", &from)
            .replace("{to}", &to),
        Unit::Large(unit) if !any_time => format!("date_diff('{unit}', @2, @3)"),
        Unit::Small(unit) | Unit::Large(unit) => format!("date_diff('{unit}', {from}, {to})"),
    };
    Ok(fill(&text, arguments))
}

fn unit(arguments: &[Argument]) -> Result<Unit, Problem> {
    let name = arguments
        .first()
        .map_or("", |argument| argument.text.trim());
    let sole = arguments.first().and_then(Argument::sole);
    let name = sole.map_or(name, |token| token.text);
    let bare = match name.get(..PREFIX.len()) {
        Some(prefix) if prefix.eq_ignore_ascii_case(PREFIX) => {
            name.get(PREFIX.len()..).unwrap_or_default()
        }
        _ => name,
    };
    let found = INTERVALS
        .iter()
        .find(|interval| interval.name.eq_ignore_ascii_case(bare));
    match found {
        Some(interval) => Ok(interval.unit),
        None => Err(Problem::Interval(name.to_owned())),
    }
}

/// Argument `number` as a timestamp. What is seen to be a time is of today; a column may be a date, a timestamp or one
/// with time zone, and stays what it is as far as it can.
fn timestamp(number: usize, arguments: &[Argument]) -> String {
    let argument = number.checked_sub(1).and_then(|index| arguments.get(index));
    if argument.is_some_and(Argument::is_time) {
        format!("CAST(@{number} AS timestamp(9))")
    } else {
        format!("coalesce(@{number}, CAST(NULL AS timestamp(0)))")
    }
}

const PREFIX: &str = "SQL_TSI_";

/// The milliseconds since 1970 are exact, and the digits below them are read from the text.
const ADD_NANOSECONDS: &str = "transform(ARRAY[ROW($2, CAST(@3 AS timestamp(9)))], r -> CAST(from_unixtime_nanos(\
     CAST(date_diff('millisecond', TIMESTAMP '1970-01-01 00:00:00', date_trunc('millisecond', r[2])) AS decimal(38, 0)) \
     * 1000000 + CAST(substr(CAST(r[2] AS varchar), -6) AS decimal(6, 0)) + r[1]) AT TIME ZONE 'UTC' AS timestamp(9)))[1]";

const DIFFERENCE_NANOSECONDS: &str = "transform(ARRAY[ROW({from}, {to})], r -> \
     date_diff('millisecond', date_trunc('millisecond', r[1]), date_trunc('millisecond', r[2])) * 1000000 \
     + CAST(substr(CAST(CAST(r[2] AS timestamp(9)) AS varchar), -6) AS bigint) \
     - CAST(substr(CAST(CAST(r[1] AS timestamp(9)) AS varchar), -6) AS bigint))[1]";

const fn of(name: &'static str, bit: u32, unit: Unit) -> Interval {
    Interval { name, bit, unit }
}

/// Every interval of the standard.
pub const INTERVALS: &[Interval] = &[
    of("FRAC_SECOND", SQL_FN_TSI_FRAC_SECOND, Unit::Nanosecond),
    of("SECOND", SQL_FN_TSI_SECOND, Unit::Small("second")),
    of("MINUTE", SQL_FN_TSI_MINUTE, Unit::Small("minute")),
    of("HOUR", SQL_FN_TSI_HOUR, Unit::Small("hour")),
    of("DAY", SQL_FN_TSI_DAY, Unit::Large("day")),
    of("WEEK", SQL_FN_TSI_WEEK, Unit::Large("week")),
    of("MONTH", SQL_FN_TSI_MONTH, Unit::Large("month")),
    of("QUARTER", SQL_FN_TSI_QUARTER, Unit::Large("quarter")),
    of("YEAR", SQL_FN_TSI_YEAR, Unit::Large("year")),
];
