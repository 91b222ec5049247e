//! Conversion of SQL values to C values, and of parameters back: Appendix D of the ODBC reference.
//!
//! Everything here is safe code on byte slices: where the bytes go is a [`Sink`], and only `bind` knows addresses. A
//! column is converted in one [`run()`]: the pair of storage and C type is chosen once, and what remains is a loop.

mod binary;
mod civil;
mod decimal;
mod exact;
mod guid;
mod interval;
mod interval_literal;
mod literal;
mod matrix;
mod number;
mod parameter;
mod part;
mod run;
mod scratch;
mod span;
mod stored;
mod temporal;
mod text;
mod timestamp;
mod unbounded;
mod zone;

#[cfg(test)]
pub(crate) mod samples;
#[cfg(test)]
mod tests;

pub use matrix::{always_overflows, default_c_type, own_form, run, supported};
pub use parameter::{
    ParameterError, ParameterType, default_parameter_type, expected_literal, is_text_parameter,
    number_literal, parameter, parameter_supported, typed_null,
};
pub use part::{Part, Progress, part};
pub use run::{Run, Sink};
pub use scratch::Scratch;
pub use stored::stored;
pub use text::{Encoding, Written, without_zero};
pub use zone::SessionZone;

pub use crate::abi::WideUnit;

use trino_client::columns::AsText;

use crate::abi::CType;

/// What a C value lacks of the SQL value, though it was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Warning {
    /// SQLSTATE 01004.
    #[error("the value is longer than the buffer and was truncated")]
    StringTruncated,
    /// SQLSTATE 01S07.
    #[error("the value has a fraction that the C type cannot hold")]
    FractionTruncated,
}

/// Why a value could not be converted to the C type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Error {
    /// SQLSTATE 22003.
    #[error("the value is out of range for the C type")]
    NumericOutOfRange,
    /// SQLSTATE 22018.
    #[error("the text is not a literal of the C type, or names a date or time that does not exist")]
    InvalidText,
    /// SQLSTATE 22008.
    #[error("the year is out of range for the C type")]
    DatetimeOverflow,
    /// SQLSTATE 22015.
    #[error("the leading field of the interval overflows the C type")]
    IntervalOverflow,
    /// SQLSTATE 22002.
    #[error("the value is NULL and no indicator is bound")]
    IndicatorRequired,
    /// SQLSTATE 07006.
    #[error("there is no conversion from the column's type to the C type")]
    RestrictedType,
}

/// What a diagnostic record reports about one cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Issue {
    Warning(Warning),
    Error(Error),
}

/// Settings that all conversions of a result share.
#[derive(Debug, Default)]
pub struct Format {
    pub wide: WideUnit,
    pub zone: SessionZone,
    /// Types whose default C type is that of text.
    pub as_text: AsText,
}

/// The C type to convert to, with the precision and scale of its descriptor record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Form {
    pub c_type: CType,
    /// Digits of `SQL_C_NUMERIC`, or of the seconds' fraction of an interval.
    pub precision: i16,
    /// Scale of `SQL_C_NUMERIC`, or digits of the leading field of an interval.
    pub scale: i16,
}

impl Form {
    /// A precision or scale that the application has not set.
    pub const UNSET: i16 = i16::MIN;
}

impl From<CType> for Form {
    fn from(c_type: CType) -> Self {
        Self {
            c_type,
            precision: Self::UNSET,
            scale: Self::UNSET,
        }
    }
}

/// A converted value, and what it lacks.
type Converted<T> = Result<(T, Option<Warning>), Error>;

/// The value as it is, with a warning when `lost`.
#[inline]
fn truncated<T>(value: T, lost: bool) -> (T, Option<Warning>) {
    (value, lost.then_some(Warning::FractionTruncated))
}
