//! Conversion of C values to SQL: the literal of Trino that a parameter becomes.
//!
//! A C value is read into one of few forms ([`source`]), and that is written as the SQL type wants it ([`write`]). A
//! literal holds the value exactly: what it cannot hold is an error, or a warning where the standard has one. Where the
//! standard contradicts itself or Trino holds more than it knows:
//!
//! - Whole digits that a number written as text would lose are 22003, as its examples and its functions say, and not
//!   22001, as one of its tables does.
//! - A fraction of seconds is 22008 where it has more digits than the application declared. Digits of 0 mean that
//!   none were declared, unless the column size leaves no room for a point: Trino's times have up to twelve.
//! - A length of 0 is none either.
//! - Nulls at the end of text are no part of it: applications count the terminator, or the whole of a padded field.
//! - An SQL_GUID may be given as its 16 bytes, in the order of its text.
//!
//! <https://learn.microsoft.com/sql/odbc/reference/appendixes/converting-data-from-c-to-sql-data-types>

mod allowed;
mod expected;
mod source;
mod temporal;
mod write;

#[cfg(test)]
mod tests;

pub use allowed::parameter_supported;
pub use expected::{expected_literal, number_literal};

use super::{Error, Form, Format, Warning};
use crate::abi::{self, CType, Interval};

/// What an application says of the value that a parameter stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ParameterType {
    /// The concise SQL type.
    pub sql_type: i16,
    /// Column size: characters of text, bytes, digits of decimals, characters of times; 0 where it is unknown.
    pub size: usize,
    /// Decimal digits.
    pub digits: i16,
}

/// Why a value cannot be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum ParameterError {
    /// SQLSTATE 07006.
    #[error("there is no conversion from its C type to its SQL type")]
    RestrictedType,
    /// SQLSTATE 07S01.
    #[error("only procedures have default parameters")]
    NoDefault,
    /// SQLSTATE 22001.
    #[error("the value is longer than the SQL type, or has more digits after the point")]
    Truncated,
    /// SQLSTATE 22003.
    #[error("the value is out of range for the SQL type")]
    NumericOutOfRange,
    /// SQLSTATE 22007.
    #[error("the date or time does not exist")]
    InvalidDatetime,
    /// SQLSTATE 22008.
    #[error("the value has a time or a fraction of seconds that the SQL type does not have")]
    DatetimeOverflow,
    /// SQLSTATE 22015.
    #[error("a field of the interval is out of range")]
    IntervalOverflow,
    /// SQLSTATE 22018.
    #[error("the text is not a literal of the SQL type, or not well-formed text")]
    InvalidText,
    /// SQLSTATE HY009.
    #[error("the value is a null pointer")]
    NullPointer,
    /// SQLSTATE HY090.
    #[error("the length of the value is not valid")]
    InvalidLength,
}

impl From<Error> for ParameterError {
    fn from(error: Error) -> Self {
        match error {
            Error::NumericOutOfRange => Self::NumericOutOfRange,
            Error::InvalidText => Self::InvalidText,
            Error::DatetimeOverflow => Self::DatetimeOverflow,
            Error::IntervalOverflow => Self::IntervalOverflow,
            Error::IndicatorRequired | Error::RestrictedType => Self::RestrictedType,
        }
    }
}

/// The literal of a C value, and what it lacks of the value. `bytes` are the value alone, without a terminator.
pub fn parameter(
    bytes: &[u8],
    form: Form,
    to: &ParameterType,
    format: &Format,
) -> Result<(String, Option<Warning>), ParameterError> {
    if !parameter_supported(form.c_type, to.sql_type) {
        return Err(ParameterError::RestrictedType);
    }
    let form = match (form.c_type, bytes_of(to.sql_type)) {
        // Bytes are those of the C type that the SQL type has by default.
        (CType::Binary, Some(c_type)) if c_type.size() == Some(bytes.len()) => Form {
            c_type,
            ..CType::Binary.into()
        },
        (CType::Binary, Some(_)) => return Err(ParameterError::NumericOutOfRange),
        _ => form,
    };
    let source = source::read(bytes, form, format.wide).map_err(|error| match error {
        // Text has fields that overflow, where dates have a format.
        ParameterError::InvalidDatetime if write::is_text(to.sql_type) => {
            ParameterError::DatetimeOverflow
        }
        error => error,
    })?;
    write::literal(source, to, || format.zone.today())
}

/// The C type whose bytes `SQL_C_BINARY` has for a number, a date or a time.
fn bytes_of(sql_type: i16) -> Option<CType> {
    Some(match sql_type {
        abi::SQL_DECIMAL | abi::SQL_NUMERIC => CType::Numeric,
        abi::SQL_GUID => return None,
        sql_type => match default_parameter_type(sql_type) {
            CType::Char | CType::WChar | CType::Binary => return None,
            c_type => c_type,
        },
    })
}

/// Whether a parameter is bound as text, as those are whose type the application does not know.
pub fn is_text_parameter(to: &ParameterType) -> bool {
    write::is_text(to.sql_type)
}

/// NULL as a value of the SQL type, for where nothing else says which type it has.
pub fn typed_null(to: &ParameterType) -> String {
    let name = match to.sql_type {
        abi::SQL_BIT => "boolean",
        abi::SQL_TINYINT => "tinyint",
        abi::SQL_SMALLINT => "smallint",
        abi::SQL_INTEGER => "integer",
        abi::SQL_BIGINT => "bigint",
        abi::SQL_REAL => "real",
        abi::SQL_FLOAT | abi::SQL_DOUBLE => "double",
        abi::SQL_DECIMAL | abi::SQL_NUMERIC => {
            let (size, digits) = write::stated_decimal(to).unwrap_or((38, 0));
            return format!("CAST(NULL AS decimal({size},{digits}))");
        }
        abi::SQL_BINARY | abi::SQL_VARBINARY | abi::SQL_LONGVARBINARY => "varbinary",
        abi::SQL_TYPE_DATE => "date",
        // The fewest digits: they become as many as are wanted.
        abi::SQL_TYPE_TIME => "time(0)",
        abi::SQL_TYPE_TIMESTAMP => "timestamp(0)",
        abi::SQL_GUID => "uuid",
        sql_type => match interval(sql_type) {
            Some(interval) if super::span::of_months(interval) => "interval year to month",
            Some(_) => "interval day to second",
            None => "varchar",
        },
    };
    format!("CAST(NULL AS {name})")
}

/// The C type that `SQL_C_DEFAULT` means for a parameter of this SQL type.
pub fn default_parameter_type(sql_type: i16) -> CType {
    match sql_type {
        abi::SQL_BIT => CType::Bit,
        abi::SQL_TINYINT => CType::STinyInt,
        abi::SQL_SMALLINT => CType::SShort,
        abi::SQL_INTEGER => CType::SLong,
        abi::SQL_BIGINT => CType::SBigInt,
        abi::SQL_REAL => CType::Float,
        abi::SQL_FLOAT | abi::SQL_DOUBLE => CType::Double,
        abi::SQL_BINARY | abi::SQL_VARBINARY | abi::SQL_LONGVARBINARY => CType::Binary,
        abi::SQL_TYPE_DATE => CType::Date,
        abi::SQL_TYPE_TIME => CType::Time,
        abi::SQL_TYPE_TIMESTAMP => CType::Timestamp,
        abi::SQL_GUID => CType::Guid,
        abi::SQL_WCHAR | abi::SQL_WVARCHAR | abi::SQL_WLONGVARCHAR => CType::WChar,
        sql_type => interval(sql_type).map_or(CType::Char, CType::Interval),
    }
}

/// The interval that an SQL type is, if it is one. Intervals have the same numbers in SQL and in C.
fn interval(sql_type: i16) -> Option<Interval> {
    match CType::from_raw(sql_type) {
        Some(CType::Interval(interval)) => Some(interval),
        _ => None,
    }
}
