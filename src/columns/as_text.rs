//! Types that a connection wants to see as text though ODBC has types for them.

use super::Type;

/// Which types are described as text. How their values are stored and converted does not change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AsText {
    /// TIMESTAMP WITH TIME ZONE: an ODBC timestamp has no zone.
    pub zoned_timestamps: bool,
    /// Both interval types: not every client can read ODBC's.
    pub intervals: bool,
}

impl AsText {
    /// Whether a type is one of them.
    pub fn holds(self, kind: &Type) -> bool {
        match kind {
            Type::TimestampWithTimeZone { .. } => self.zoned_timestamps,
            Type::IntervalYearToMonth | Type::IntervalDayToSecond => self.intervals,
            _ => false,
        }
    }
}
