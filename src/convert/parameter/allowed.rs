//! The pairs of C type and SQL type that Appendix D converts between.

use super::interval;
use crate::abi::{self, CType};
use crate::convert::span::{of_months, single};

/// Whether the standard has a conversion of this C type to this SQL type: SQLSTATE 07006 where not.
pub fn parameter_supported(c_type: CType, sql_type: i16) -> bool {
    let Some(to) = Target::of(sql_type) else {
        return false;
    };
    match c_type {
        CType::Char | CType::WChar => true,
        CType::STinyInt
        | CType::UTinyInt
        | CType::SShort
        | CType::UShort
        | CType::SLong
        | CType::ULong
        | CType::SBigInt
        | CType::UBigInt
        | CType::Numeric => match to {
            Target::Interval(to) => single(to).is_some(),
            to => to.is_number() || to == Target::Text,
        },
        CType::Float | CType::Double | CType::Bit => to.is_number() || to == Target::Text,
        CType::Binary => !matches!(to, Target::Interval(_)),
        CType::Date => matches!(to, Target::Text | Target::Date | Target::Timestamp),
        CType::Time => matches!(to, Target::Text | Target::Time | Target::Timestamp),
        CType::Timestamp => matches!(
            to,
            Target::Text | Target::Date | Target::Time | Target::Timestamp
        ),
        CType::Guid => matches!(to, Target::Text | Target::Guid),
        CType::Interval(from) => match to {
            Target::Text => true,
            Target::Exact => single(from).is_some(),
            Target::Interval(to) => of_months(from) == of_months(to),
            _ => false,
        },
    }
}

/// SQL types that are converted to from the same C types.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Target {
    Text,
    Bit,
    /// Integers and decimals.
    Exact,
    /// REAL, FLOAT and DOUBLE.
    Approximate,
    Bytes,
    Date,
    Time,
    Timestamp,
    Guid,
    Interval(abi::Interval),
}

impl Target {
    fn of(sql_type: i16) -> Option<Self> {
        Some(match sql_type {
            abi::SQL_CHAR
            | abi::SQL_VARCHAR
            | abi::SQL_LONGVARCHAR
            | abi::SQL_WCHAR
            | abi::SQL_WVARCHAR
            | abi::SQL_WLONGVARCHAR => Self::Text,
            abi::SQL_BIT => Self::Bit,
            abi::SQL_TINYINT
            | abi::SQL_SMALLINT
            | abi::SQL_INTEGER
            | abi::SQL_BIGINT
            | abi::SQL_DECIMAL
            | abi::SQL_NUMERIC => Self::Exact,
            abi::SQL_REAL | abi::SQL_FLOAT | abi::SQL_DOUBLE => Self::Approximate,
            abi::SQL_BINARY | abi::SQL_VARBINARY | abi::SQL_LONGVARBINARY => Self::Bytes,
            abi::SQL_TYPE_DATE => Self::Date,
            abi::SQL_TYPE_TIME => Self::Time,
            abi::SQL_TYPE_TIMESTAMP => Self::Timestamp,
            abi::SQL_GUID => Self::Guid,
            sql_type => Self::Interval(interval(sql_type)?),
        })
    }

    fn is_number(self) -> bool {
        matches!(self, Self::Bit | Self::Exact | Self::Approximate)
    }
}
