//! What ODBC's escape sequences can say: `{fn …}` by function, `{escape …}`, TIMESTAMPADD and its kin.
//!
//! The text of a statement goes to the server as it is, so no scalar function can be had through an escape yet. A bit
//! is set here when the escape of that name is translated.

/// SQL_STRING_FUNCTIONS.
pub(super) const STRING: u32 = 0;
/// SQL_NUMERIC_FUNCTIONS.
pub(super) const NUMERIC: u32 = 0;
/// SQL_TIMEDATE_FUNCTIONS.
pub(super) const TIMEDATE: u32 = 0;
/// SQL_SYSTEM_FUNCTIONS.
pub(super) const SYSTEM: u32 = 0;
/// SQL_TIMEDATE_ADD_INTERVALS.
pub(super) const ADD_INTERVALS: u32 = 0;
/// SQL_TIMEDATE_DIFF_INTERVALS.
pub(super) const DIFF_INTERVALS: u32 = 0;
/// SQL_LIKE_ESCAPE_CLAUSE.
pub(super) const LIKE_ESCAPE: bool = false;
