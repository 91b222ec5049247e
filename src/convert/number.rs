//! Numbers to C numbers, whatever they are stored as.
//!
//! A stored value is a [`Number`]: it gives its whole part, its nearest floating point values and its exact decimal, and
//! each C type takes the one it needs.

use super::exact::{Exact, Number, numeric};
use super::scratch::Scratch;
use super::span;
use super::text::Encoding;
use super::{Converted, Error, Form, Run, Sink, literal, truncated};
use crate::abi::CType;

impl<S: Sink> Run<'_, S> {
    /// Converts numbers to the C type of a number.
    pub(super) fn numbers<T, N: Number>(
        &mut self,
        form: Form,
        values: impl Iterator<Item = T>,
        get: impl Fn(usize, T) -> N,
    ) {
        macro_rules! integer {
            ($kind:ty) => {
                self.each(values, |row, value| {
                    let (whole, lost) = get(row, value).whole()?;
                    let whole = <$kind>::try_from(whole).map_err(|_| Error::NumericOutOfRange)?;
                    Ok(truncated(whole.to_ne_bytes(), lost))
                })
            };
        }
        match form.c_type {
            CType::STinyInt => integer!(i8),
            CType::UTinyInt => integer!(u8),
            CType::SShort => integer!(i16),
            CType::UShort => integer!(u16),
            CType::SLong => integer!(i32),
            CType::ULong => integer!(u32),
            CType::SBigInt => integer!(i64),
            CType::UBigInt => integer!(u64),
            CType::Bit => self.each(values, |row, value| bit(get(row, value))),
            CType::Float => self.each(values, |row, value| {
                Ok((get(row, value).float()?.to_ne_bytes(), None))
            }),
            CType::Double => self.each(values, |row, value| {
                Ok((get(row, value).double()?.to_ne_bytes(), None))
            }),
            CType::Numeric => self.each(values, |row, value| {
                numeric(get(row, value).exact()?, form.precision, form.scale)
            }),
            CType::Interval(interval) => match span::single(interval) {
                Some(_) => self.each(values, |row, value| {
                    span::of_number(interval, get(row, value).exact()?, form)
                }),
                // Whatever the number, the other fields lack theirs.
                None => self.refuse(Error::IntervalOverflow),
            },
            _ => self.refuse(Error::RestrictedType),
        }
    }

    /// Gives integers as text.
    pub(super) fn integer_text<E: Encoding, T: itoa::Integer + Copy>(&mut self, values: &[T]) {
        let mut buffer = itoa::Buffer::new();
        let mask = self.whole_mask();
        for (row, value) in self.of(values).iter().enumerate() {
            if self.is_null(row) {
                self.sink.null(row);
            } else {
                let text = buffer.format(*value).as_bytes();
                self.sink.string::<E>(row, text, text.len() & mask);
            }
        }
    }

    /// Gives floating point numbers as text.
    pub(super) fn float_text<E: Encoding, T: Floating>(&mut self, values: &[T]) {
        let mut scratch = Scratch::new();
        let mask = self.whole_mask();
        for (row, value) in self.of(values).iter().enumerate() {
            if self.is_null(row) {
                self.sink.null(row);
                continue;
            }
            let mut buffer = zmij::Buffer::new();
            // Text without an exponent needs no copy.
            if let Some((text, whole)) = plain_text(*value, &mut buffer) {
                self.sink.string::<E>(row, text, whole & mask);
            } else {
                scratch.clear();
                let whole = float_text(*value, &mut scratch);
                self.sink.string::<E>(row, scratch.as_bytes(), whole & mask);
            }
        }
    }
}

/// 0 and 1; between them and up to 2 the fraction is lost.
fn bit(number: impl Number) -> Converted<[u8; 1]> {
    let (whole, lost) = number.whole()?;
    match whole {
        // A small negative fraction has a whole part of 0, and is out of range all the same.
        0 if lost && number.double()? < 0.0 => Err(Error::NumericOutOfRange),
        0 => Ok(truncated([0], lost)),
        1 => Ok(truncated([1], lost)),
        _ => Err(Error::NumericOutOfRange),
    }
}

macro_rules! integers {
    ($($kind:ty),*) => {$(
        impl Number for $kind {
            #[inline]
            fn whole(self) -> Result<(i128, bool), Error> {
                Ok((i128::from(self), false))
            }

            #[inline]
            fn double(self) -> Result<f64, Error> {
                Ok(self as f64)
            }

            #[inline]
            fn float(self) -> Result<f32, Error> {
                Ok(self as f32)
            }

            fn exact(self) -> Result<Exact, Error> {
                Ok(Exact::from(i128::from(self)))
            }
        }
    )*};
}

integers!(u8, i8, i16, i32, i64);

impl Number for f64 {
    #[inline]
    fn whole(self) -> Result<(i128, bool), Error> {
        let whole = self.trunc();
        // Anything beyond is out of range of every C number that has whole digits. NaN is not within either.
        if whole.abs() < 1e38 {
            Ok((whole as i128, whole != self))
        } else {
            Err(Error::NumericOutOfRange)
        }
    }

    #[inline]
    fn double(self) -> Result<f64, Error> {
        Ok(self)
    }

    #[inline]
    fn float(self) -> Result<f32, Error> {
        let float = self as f32;
        if float.is_infinite() && self.is_finite() {
            Err(Error::NumericOutOfRange)
        } else {
            Ok(float)
        }
    }

    fn exact(self) -> Result<Exact, Error> {
        exact(self)
    }
}

impl Number for f32 {
    #[inline]
    fn whole(self) -> Result<(i128, bool), Error> {
        f64::from(self).whole()
    }

    #[inline]
    fn double(self) -> Result<f64, Error> {
        Ok(f64::from(self))
    }

    #[inline]
    fn float(self) -> Result<f32, Error> {
        Ok(self)
    }

    fn exact(self) -> Result<Exact, Error> {
        exact(self)
    }
}

/// The whole number itself, and of a number with a fraction the decimal that its shortest text denotes. What is beyond the
/// range in which there are fractions is thus the same as a decimal and as an integer.
fn exact(number: impl Floating + Number) -> Result<Exact, Error> {
    let (whole, fraction) = number.whole()?;
    if !fraction {
        return Ok(Exact::from(whole));
    }
    let mut buffer = zmij::Buffer::new();
    literal::exact(number.shortest(&mut buffer).as_bytes())
}

/// A stored floating point number.
pub(super) trait Floating: Copy {
    fn finite(self) -> bool;
    /// Text of a number that is not finite.
    fn name(self) -> &'static str;
    /// Whether the text has no exponent.
    fn plain(self) -> bool;
    /// Bytes of its sign and whole digits, where the text has no exponent.
    fn whole_digits(self) -> Option<usize>;
    /// The fewest digits that read back as the same number.
    fn shortest(self, buffer: &mut zmij::Buffer) -> &str;
}

macro_rules! floating {
    ($kind:ty) => {
        impl Floating for $kind {
            fn finite(self) -> bool {
                self.is_finite()
            }

            fn name(self) -> &'static str {
                if self.is_nan() {
                    "NaN"
                } else if self > 0.0 {
                    "Infinity"
                } else {
                    "-Infinity"
                }
            }

            fn plain(self) -> bool {
                let size = self.abs();
                size == 0.0 || (1e-3..1e7).contains(&size)
            }

            #[inline]
            fn whole_digits(self) -> Option<usize> {
                let digits = self.plain().then_some(self.abs() as u32)?;
                let more = digits.checked_ilog10().unwrap_or_default() as usize;
                Some(usize::from(self.is_sign_negative()) + 1 + more)
            }

            fn shortest(self, buffer: &mut zmij::Buffer) -> &str {
                buffer.format_finite(self)
            }
        }
    };
}

floating!(f32);
floating!(f64);

/// Writes a number as Trino shows it: `1.5`, or `1.5E10` outside of 10^-3 to 10^7. Returns the length that must not be cut.
pub(super) fn float_text(number: impl Floating, text: &mut Scratch) -> usize {
    if !number.finite() {
        text.push(number.name().as_bytes());
        return text.len();
    }
    let mut buffer = zmij::Buffer::new();
    if let Some((shortest, whole)) = plain_text(number, &mut buffer) {
        text.push(shortest);
        return whole;
    }
    let shortest = number.shortest(&mut buffer).as_bytes();
    scientific(shortest, number.plain(), text);
    text.len()
}

/// The text of a number that is written without an exponent, and its length up to the point; `None` where its digits have
/// to be written anew.
#[inline]
fn plain_text<F: Floating>(number: F, buffer: &mut zmij::Buffer) -> Option<(&[u8], usize)> {
    let whole = number.whole_digits()?;
    let shortest = number.shortest(buffer).as_bytes();
    (shortest.get(whole) == Some(&b'.')).then_some((shortest, whole))
}

/// Writes the digits anew with the point after the first; without an exponent when `plain`.
fn scientific(shortest: &[u8], plain: bool, text: &mut Scratch) {
    let (negative, shortest) = match shortest.split_first() {
        Some((b'-', rest)) => (true, rest),
        _ => (false, shortest),
    };
    // Of what has no exponent only the point moves.
    if !plain
        && let Some(point) = shortest.iter().position(|byte| *byte == b'.')
        && let Some((first @ [b'1'..=b'9'], whole)) = shortest
            .get(..point)
            .and_then(|whole| whole.split_at_checked(1))
        && !shortest.contains(&b'e')
    {
        if negative {
            text.push_byte(b'-');
        }
        text.push(first);
        text.push_byte(b'.');
        let least = text.len() + 1;
        text.push(whole);
        text.push(shortest.get(point + 1..).unwrap_or_default());
        text.trim_zeros(least);
        text.push_byte(b'E');
        text.push_integer(whole.len());
        return;
    }
    let mut parts = shortest.split(|byte| *byte == b'e');
    let mantissa = parts.next().unwrap_or_default();
    let exponent: i32 = parts
        .next()
        .and_then(|digits| std::str::from_utf8(digits).ok())
        .and_then(|digits| digits.parse().ok())
        .unwrap_or_default();
    let point = mantissa
        .iter()
        .position(|byte| *byte == b'.')
        .unwrap_or(mantissa.len());
    let mut digits = Scratch::new();
    for byte in mantissa.iter().filter(|byte| **byte != b'.') {
        digits.push_byte(*byte);
    }
    let digits = digits.as_bytes();
    let leading = digits.iter().take_while(|byte| **byte == b'0').count();
    let digits = digits.get(leading..).unwrap_or_default();
    let digits = match digits.iter().rposition(|byte| *byte != b'0') {
        Some(last) => digits.get(..=last).unwrap_or_default(),
        None => b"0",
    };
    // The exponent of the first digit that is not zero.
    let exponent = exponent + point as i32 - leading as i32 - 1;
    if negative {
        text.push_byte(b'-');
    }
    if plain {
        plain_digits(digits, exponent, text);
        return;
    }
    let (first, rest) = digits.split_at_checked(1).unwrap_or((b"0", b""));
    text.push(first);
    text.push_byte(b'.');
    text.push(if rest.is_empty() { b"0" } else { rest });
    text.push_byte(b'E');
    text.push_integer(exponent);
}

/// Writes digits with the point where `exponent` of the first digit puts it.
fn plain_digits(digits: &[u8], exponent: i32, text: &mut Scratch) {
    let Ok(whole) = usize::try_from(exponent + 1) else {
        text.push(b"0.");
        for _ in 0..-(exponent + 1) {
            text.push_byte(b'0');
        }
        text.push(digits);
        return;
    };
    if whole == 0 {
        text.push(b"0.");
        text.push(digits);
        return;
    }
    for index in 0..whole {
        text.push_byte(digits.get(index).copied().unwrap_or(b'0'));
    }
    text.push_byte(b'.');
    match digits.get(whole..) {
        Some(rest) if !rest.is_empty() => text.push(rest),
        _ => text.push_byte(b'0'),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Scratch, float_text};

    fn double(value: f64) -> String {
        let mut text = Scratch::new();
        float_text(value, &mut text);
        String::from_utf8(text.as_bytes().to_vec()).unwrap()
    }

    #[test]
    fn doubles_read_as_trino_shows_them() {
        let cases = [
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (1.0, "1.0"),
            (-1.5, "-1.5"),
            (0.001, "0.001"),
            (0.00123, "0.00123"),
            (0.000_999, "9.99E-4"),
            (9_999_999.0, "9999999.0"),
            (1e7, "1.0E7"),
            (12_345_678.9, "1.23456789E7"),
            (1e10, "1.0E10"),
            (-2.5e-300, "-2.5E-300"),
            (f64::MAX, "1.7976931348623157E308"),
            (f64::MIN_POSITIVE, "2.2250738585072014E-308"),
            (5e-324, "5.0E-324"),
            (f64::NAN, "NaN"),
            (f64::INFINITY, "Infinity"),
            (f64::NEG_INFINITY, "-Infinity"),
        ];
        for (value, text) in cases {
            assert_eq!(double(value), text);
        }
    }

    #[test]
    fn the_text_of_a_float_has_the_digits_of_a_float() {
        let mut text = Scratch::new();
        float_text(1.1f32, &mut text);
        assert_eq!(text.as_bytes(), b"1.1");
        text.clear();
        float_text(1.6777216e7f32, &mut text);
        assert_eq!(text.as_bytes(), b"1.6777216E7");
    }

    #[test]
    fn every_text_reads_back_as_the_same_number() {
        let mut bits = 0x1234_5678_9ABC_DEF0u64;
        for _ in 0..20_000 {
            bits = bits.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let value = f64::from_bits(bits);
            if value.is_finite() {
                assert_eq!(double(value).parse::<f64>().unwrap(), value);
            }
        }
    }

    proptest! {
        /// As Java writes a double, but with the fewest digits that read back as the same one.
        #[test]
        fn the_text_of_a_double_reads_back_as_the_same_one(
            bits in any::<u64>(), digits in -99_999_999_i64..100_000_000, decimals in -12_i32..12
        ) {
            let short = digits as f64 * 10_f64.powi(decimals);
            for value in [f64::from_bits(bits), short].into_iter().filter(|value| value.is_finite()) {
                let mut scratch = Scratch::new();
                let uncut = float_text(value, &mut scratch);
                let text = std::str::from_utf8(scratch.as_bytes()).unwrap();
                prop_assert_eq!(text.parse::<f64>().map(f64::to_bits), Ok(value.to_bits()), "{}", text);
                let size = value.abs();
                let mantissa = match text.split_once('E') {
                    Some((mantissa, exponent)) => {
                        prop_assert!(!(1e-3..1e7).contains(&size) && size != 0.0, "{}", text);
                        prop_assert!(!exponent.starts_with('+'), "{}", text);
                        prop_assert_eq!(uncut, text.len());
                        prop_assert_eq!(mantissa.trim_start_matches('-').find('.'), Some(1));
                        mantissa
                    }
                    None => {
                        prop_assert!((1e-3..1e7).contains(&size) || size == 0.0, "{}", text);
                        prop_assert_eq!(Some(uncut), text.find('.'));
                        text
                    }
                };
                let fraction = mantissa.split_once('.').map(|(_, fraction)| fraction).unwrap();
                prop_assert!(fraction == "0" || !fraction.ends_with('0'), "{}", text);
            }
        }
    }
}
