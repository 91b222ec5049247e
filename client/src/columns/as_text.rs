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
    /// NUMBER: ODBC has no type for it.
    pub numbers: Numbers,
}

/// What NUMBER is described as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Numbers {
    /// DECIMAL of [`NUMBER_DIGITS`] digits, [`NUMBER_SCALE`] of them after the point.
    #[default]
    Decimal,
    /// DOUBLE.
    Double,
    /// VARCHAR.
    Text,
}

/// Digits of the decimal that a NUMBER is described as: as many as ODBC's and Trino's decimals have.
pub const NUMBER_DIGITS: u8 = 38;

/// Digits after its point. Money and rates have no more, and 18 digits before the point then still fit the 28 or 29 digits
/// that decimals of OLE DB, .NET and VBA have.
pub const NUMBER_SCALE: u8 = 10;

/// What BIGINT is described as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BigIntegers {
    /// BIGINT.
    #[default]
    BigInt,
    /// DECIMAL(19, 0).
    Decimal,
    /// VARCHAR.
    Text,
}

impl AsText {
    /// Whether a type is one of them.
    pub fn holds(self, kind: &Type) -> bool {
        match kind {
            Type::TimestampWithTimeZone { .. } => self.zoned_timestamps,
            Type::IntervalYearToMonth | Type::IntervalDayToSecond | Type::Interval(_) => {
                self.intervals
            }
            Type::BigInt => self.big_integers == BigIntegers::Text,
            Type::Number => self.numbers == Numbers::Text,
            _ => false,
        }
    }

    /// The type that a type is described as, when that is another number.
    pub fn number(self, kind: &Type) -> Option<Type> {
        match kind {
            Type::BigInt if self.big_integers == BigIntegers::Decimal => Some(Type::Decimal {
                precision: 19,
                scale: 0,
            }),
            Type::Number => match self.numbers {
                Numbers::Decimal => Some(Type::Decimal {
                    precision: NUMBER_DIGITS,
                    scale: NUMBER_SCALE,
                }),
                Numbers::Double => Some(Type::Double),
                Numbers::Text => None,
            },
            _ => None,
        }
    }
}
