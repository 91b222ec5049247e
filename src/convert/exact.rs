//! Exact numbers, and the structure that ODBC has for them.

use trino_client::columns::tens::power;

use super::{Converted, Error, truncated};

/// A stored number.
pub(super) trait Number: Copy {
    /// The number without its fraction, and whether there was one.
    fn whole(self) -> Result<(i128, bool), Error>;

    /// The nearest double.
    fn double(self) -> Result<f64, Error>;

    /// The nearest float.
    fn float(self) -> Result<f32, Error>;

    /// The number as a decimal.
    fn exact(self) -> Result<Exact, Error>;
}

/// A number of up to 38 digits: `unscaled` divided by ten to the power of `scale`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Exact {
    pub(super) unscaled: i128,
    pub(super) scale: u8,
    /// Whether digits beyond were cut off already.
    pub(super) lost: bool,
}

impl From<i128> for Exact {
    fn from(unscaled: i128) -> Self {
        Self {
            unscaled,
            scale: 0,
            lost: false,
        }
    }
}

/// The `SQL_NUMERIC_STRUCT` of a number; the precision is 38 and the scale the number's own where they are not set.
pub(super) fn numeric(number: Exact, precision: i16, scale: i16) -> Converted<[u8; 19]> {
    let precision = match u8::try_from(precision) {
        Ok(precision @ 1..=MAX_PRECISION) => precision,
        _ => MAX_PRECISION,
    };
    let scale = match i8::try_from(scale) {
        Ok(scale) => scale,
        Err(_) => i8::try_from(number.scale).expect("the scale is at most 38"),
    };
    let shift = i32::from(scale) - i32::from(number.scale);
    let digits = u8::try_from(shift.unsigned_abs()).expect("both scales have 8 bits, one no sign");
    let (unscaled, lost) = if number.unscaled == 0 {
        (0, number.lost)
    } else if shift >= 0 {
        if digits > MAX_PRECISION {
            return Err(Error::NumericOutOfRange);
        }
        let unscaled = number.unscaled.checked_mul(power(digits));
        (unscaled.ok_or(Error::NumericOutOfRange)?, number.lost)
    } else if scale < 0 {
        let one = power(number.scale);
        let (whole, unit) = (number.unscaled / one, power(scale.unsigned_abs()));
        // A negative scale cuts whole digits, which is no loss of a fraction.
        if whole % unit != 0 {
            return Err(Error::NumericOutOfRange);
        }
        (whole / unit, number.lost || whole * one != number.unscaled)
    } else {
        let whole = number.unscaled / power(digits);
        let lost = whole * power(digits) != number.unscaled;
        (whole, lost || number.lost)
    };
    let magnitude = unscaled.unsigned_abs();
    if magnitude >= power(precision).unsigned_abs() {
        return Err(Error::NumericOutOfRange);
    }
    let mut bytes = [0; 19];
    let [to_precision, to_scale, to_sign, value @ ..] = &mut bytes;
    *to_precision = precision;
    *to_scale = scale.to_ne_bytes()[0];
    *to_sign = u8::from(unscaled >= 0);
    *value = magnitude.to_le_bytes();
    Ok(truncated(bytes, lost))
}

/// Digits that a DECIMAL and an `SQL_NUMERIC_STRUCT` may have.
pub(super) const MAX_PRECISION: u8 = 38;

#[cfg(test)]
mod tests {
    use trino_client::columns::tens::power;

    use super::{Exact, numeric};
    use crate::convert::{Error, Form, Warning};

    fn exact(unscaled: i128, scale: u8) -> Exact {
        Exact {
            unscaled,
            scale,
            lost: false,
        }
    }

    #[test]
    fn sql_numeric_of_minus_one_has_sign_zero() {
        let (bytes, warning) = numeric(exact(-1, 0), Form::UNSET, Form::UNSET).unwrap();
        assert_eq!(bytes[..4], [38, 0, 0, 1]);
        assert_eq!(bytes[4..], [0; 15]);
        assert_eq!(warning, None);
    }

    #[test]
    fn sql_numeric_is_rescaled_to_the_record() {
        let (bytes, warning) = numeric(exact(12345, 2), 10, 1).unwrap();
        assert_eq!(bytes[..5], [10, 1, 1, 0xD2, 0x04]);
        assert_eq!(warning, Some(Warning::FractionTruncated));
        let (bytes, warning) = numeric(exact(12345, 2), 10, 3).unwrap();
        assert_eq!(
            i32::from_le_bytes([bytes[3], bytes[4], bytes[5], bytes[6]]),
            123_450
        );
        assert_eq!(warning, None);
        assert_eq!(
            numeric(exact(12345, 2), 4, 2),
            Err(Error::NumericOutOfRange)
        );
        assert_eq!(
            numeric(exact(power(38) - 1, 0), 38, 1),
            Err(Error::NumericOutOfRange)
        );
        assert_eq!(
            numeric(exact(1234, 0), 38, -2),
            Err(Error::NumericOutOfRange)
        );
        assert_eq!(
            numeric(exact(1200, 0), 38, -2).unwrap().0[..4],
            [38, 254, 1, 12]
        );
    }
}
