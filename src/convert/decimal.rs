//! DECIMAL: an unscaled integer and a scale.

use super::number::Number;
use super::scratch::Scratch;
use super::text::Encoding;
use super::{Converted, Error, Form, Run, Sink, literal, truncated};

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

/// A decimal as it is stored: `T` is `i64` or `i128`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Decimal<T> {
    pub(super) unscaled: T,
    pub(super) scale: u8,
}

impl Number for Decimal<i64> {
    #[inline]
    fn whole(self) -> Result<(i128, bool), Error> {
        let Some(power) = i64::try_from(power(self.scale)).ok() else {
            return Ok((0, self.unscaled != 0));
        };
        let whole = self.unscaled / power;
        Ok((i128::from(whole), whole * power != self.unscaled))
    }

    #[inline]
    fn double(self) -> Result<f64, Error> {
        // Both are exact doubles: the quotient is rounded once, and correctly.
        if self.unscaled.unsigned_abs() < 1 << 53 && self.scale <= 22 {
            Ok(self.unscaled as f64 / power(self.scale) as f64)
        } else {
            wide(self).double()
        }
    }

    #[inline]
    fn float(self) -> Result<f32, Error> {
        wide(self).float()
    }

    fn exact(self) -> Result<Exact, Error> {
        wide(self).exact()
    }
}

impl Number for Decimal<i128> {
    fn whole(self) -> Result<(i128, bool), Error> {
        let power = power(self.scale);
        let whole = self.unscaled / power;
        Ok((whole, whole * power != self.unscaled))
    }

    fn double(self) -> Result<f64, Error> {
        if self.unscaled.unsigned_abs() < 1 << 53 && self.scale <= 22 {
            return Ok(self.unscaled as f64 / power(self.scale) as f64);
        }
        let mut text = Scratch::new();
        decimal_text(self.unscaled, self.scale, &mut text);
        literal::double(text.as_bytes())
    }

    fn float(self) -> Result<f32, Error> {
        if self.unscaled.unsigned_abs() < 1 << 24 && self.scale <= 10 {
            return Ok(self.unscaled as f32 / power(self.scale) as f32);
        }
        let mut text = Scratch::new();
        decimal_text(self.unscaled, self.scale, &mut text);
        literal::float(text.as_bytes())
    }

    fn exact(self) -> Result<Exact, Error> {
        Ok(Exact {
            unscaled: self.unscaled,
            scale: self.scale,
            lost: false,
        })
    }
}

impl<S: Sink> Run<'_, S> {
    /// Converts decimals to the C type of a number.
    pub(super) fn decimals<T: Copy>(&mut self, form: Form, unscaled: &[T], scale: u8)
    where
        Decimal<T>: Number,
    {
        let values = self.of(unscaled).iter();
        self.numbers(form, values, |_, unscaled| Decimal {
            unscaled: *unscaled,
            scale,
        });
    }

    /// Gives decimals as text, with all digits of their scale.
    pub(super) fn decimal_text<E: Encoding, T: itoa::Integer + Copy>(
        &mut self,
        unscaled: &[T],
        scale: u8,
    ) {
        let values = self.of(unscaled).iter().copied();
        self.written::<E, _>(values, |_, unscaled, text| {
            decimal_text(unscaled, scale, text)
        });
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
        Err(_) => i8::try_from(number.scale).unwrap_or(i8::MAX),
    };
    let shift = i32::from(scale) - i32::from(number.scale);
    let digits = u8::try_from(shift.unsigned_abs()).unwrap_or(u8::MAX);
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

/// Writes a decimal with exactly `scale` digits after the point; returns the length that must not be cut.
#[inline]
pub(super) fn decimal_text(unscaled: impl itoa::Integer, scale: u8, text: &mut Scratch) -> usize {
    let mut buffer = itoa::Buffer::new();
    let digits = buffer.format(unscaled).as_bytes();
    let scale = usize::from(scale);
    if scale == 0 {
        text.push(digits);
        return text.len();
    }
    let digits = match digits.split_first() {
        Some((b'-', rest)) => {
            text.push_byte(b'-');
            rest
        }
        _ => digits,
    };
    let (whole, fraction) = digits
        .len()
        .checked_sub(scale)
        .and_then(|whole| digits.split_at_checked(whole))
        .unwrap_or((&[], digits));
    text.push(if whole.is_empty() { b"0" } else { whole });
    let length = text.len();
    text.push_byte(b'.');
    for _ in fraction.len()..scale {
        text.push_byte(b'0');
    }
    text.push(fraction);
    length
}

fn wide(decimal: Decimal<i64>) -> Decimal<i128> {
    Decimal {
        unscaled: i128::from(decimal.unscaled),
        scale: decimal.scale,
    }
}

/// Ten to the power of `digits`, at most 38.
#[inline]
pub(super) fn power(digits: u8) -> i128 {
    POWERS
        .get(usize::from(digits))
        .copied()
        .unwrap_or(POWERS[38])
}

/// Digits that a DECIMAL and an `SQL_NUMERIC_STRUCT` may have.
const MAX_PRECISION: u8 = 38;

static POWERS: [i128; 39] = {
    let mut powers = [1; 39];
    let mut index = 1;
    while index < powers.len() {
        powers[index] = powers[index - 1] * 10;
        index += 1;
    }
    powers
};

#[cfg(test)]
mod tests {
    use super::{Decimal, Exact, Form, decimal_text, numeric, power};
    use crate::convert::number::Number;
    use crate::convert::scratch::Scratch;
    use crate::convert::{Error, Warning};

    fn exact(unscaled: i128, scale: u8) -> Exact {
        Exact {
            unscaled,
            scale,
            lost: false,
        }
    }

    #[test]
    fn decimals_have_all_digits_of_their_scale() {
        for (unscaled, scale, expected, whole) in [
            (0, 0, "0", 1),
            (0, 2, "0.00", 1),
            (-50, 2, "-0.50", 2),
            (5, 3, "0.005", 1),
            (12345, 2, "123.45", 3),
            (-12345, 0, "-12345", 6),
            (100, 2, "1.00", 1),
        ] {
            let mut text = Scratch::new();
            assert_eq!(decimal_text(unscaled, scale, &mut text), whole);
            assert_eq!(text.as_bytes(), expected.as_bytes());
        }
        let mut text = Scratch::new();
        decimal_text(-(power(38) - 1), 38, &mut text);
        assert_eq!(
            text.as_bytes(),
            b"-0.99999999999999999999999999999999999999"
        );
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

    #[test]
    fn decimals_round_once_on_their_way_to_a_double() {
        for (unscaled, scale, text) in [
            (123_456_789_012_345_678i64, 17, "1.23456789012345678"),
            (1, 18, "0.000000000000000001"),
            (-99_999, 3, "-99.999"),
        ] {
            let expected: f64 = text.parse().unwrap();
            assert_eq!(Decimal { unscaled, scale }.double(), Ok(expected));
            let expected: f32 = text.parse().unwrap();
            assert_eq!(Decimal { unscaled, scale }.float(), Ok(expected));
        }
    }
}
