//! Types that a connection wants to see as text, or as another number, though ODBC has types for them.

use super::Type;

/// Which types are described as something else. How their values are stored and converted does not change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AsText {
    /// TIMESTAMP WITH TIME ZONE: an ODBC timestamp has no zone.
    pub zoned_timestamps: bool,
    /// Both interval types: not every client can read ODBC's.
    pub intervals: bool,
    /// BIGINT: not every client has integers of 64 bits.
    pub big_integers: BigIntegers,
}

/// What BIGINT is described as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BigIntegers {
    #[default]
    BigInt,
    /// DECIMAL(19, 0).
    Decimal,
    Text,
}

impl AsText {
    /// Whether a type is one of them.
    pub fn holds(self, kind: &Type) -> bool {
        match kind {
            Type::TimestampWithTimeZone { .. } => self.zoned_timestamps,
            Type::IntervalYearToMonth | Type::IntervalDayToSecond => self.intervals,
            Type::BigInt => self.big_integers == BigIntegers::Text,
            _ => false,
        }
    }

    /// The type that a type is described as, when that is another number.
    pub fn number(self, kind: &Type) -> Option<Type> {
        let is_decimal = *kind == Type::BigInt && self.big_integers == BigIntegers::Decimal;
        is_decimal.then_some(Type::Decimal {
            precision: 19,
            scale: 0,
        })
    }
}
