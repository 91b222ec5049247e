//! The supported escape sequences: `{fn …}` by function, `{escape …}`, TIMESTAMPADD and
//! TIMESTAMPDIFF.
//!
//! The bits come from the tables that translate escape sequences, so they cannot disagree.

use crate::escape::{CONVERSIONS, Group, INTERVALS, functions};

/// SQL_STRING_FUNCTIONS.
pub(super) const STRING: u32 = functions(Group::String);
/// SQL_NUMERIC_FUNCTIONS.
pub(super) const NUMERIC: u32 = functions(Group::Numeric);
/// SQL_TIMEDATE_FUNCTIONS.
pub(super) const TIMEDATE: u32 = functions(Group::TimeDate);
/// SQL_SYSTEM_FUNCTIONS.
pub(super) const SYSTEM: u32 = functions(Group::System);
/// SQL_CONVERT_FUNCTIONS, as far as they are escapes.
pub(super) const CONVERT: u32 = functions(Group::Convert);
/// SQL_LIKE_ESCAPE_CLAUSE.
pub(super) const LIKE_ESCAPE: bool = true;

/// SQL_TIMEDATE_ADD_INTERVALS and SQL_TIMEDATE_DIFF_INTERVALS.
pub(super) fn intervals() -> u32 {
    INTERVALS
        .iter()
        .fold(0, |mask, interval| mask | interval.bit)
}

/// The targets of CONVERT, as bits of SQL_CONVERT_*.
pub(super) fn conversions() -> u32 {
    CONVERSIONS
        .iter()
        .fold(0, |mask, conversion| mask | conversion.bit)
}
