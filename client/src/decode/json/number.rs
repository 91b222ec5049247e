//! Numbers: integers, floating point, decimals.
//!
//! Most numbers have so few digits that 64 bits hold them, and are made of their digits as they are read. Longer ones are
//! left to the standard library or to 128 bits.
//!
//! A decimal must have at most the digits that its type has after the point, and less than ten to the power of its
//! precision; nothing is rounded. Floating point numbers are the nearest ones, as Java and Rust read them.

use std::str::FromStr;

use super::super::Problem;
use super::nearest;
use super::scanner::Scanner;
use crate::columns::tens::TENS;

/// Takes an integer, with or without quotes.
#[inline]
pub(super) fn integer(scanner: &mut Scanner<'_>) -> Result<i64, Problem> {
    if scanner.peek()? == b'"' {
        return signed(scanner.string("an integer")?);
    }
    let text = scanner.rest();
    let digits = text.strip_prefix(b"-").unwrap_or(text);
    let (magnitude, rest) = leading_digits(digits);
    let count = digits.len() - rest.len();
    scanner.advance_to(rest);
    match count {
        0 if rest.is_empty() => Err(Problem::Truncated),
        0 => Err(Problem::Expected("an integer")),
        1..=18 => {
            // Eighteen digits always fit.
            let magnitude = magnitude.cast_signed();
            Ok(if digits.len() == text.len() {
                magnitude
            } else {
                -magnitude
            })
        }
        _ => signed(
            text.get(..text.len() - rest.len())
                .ok_or(Problem::Truncated)?,
        ),
    }
}

/// A floating point number that can be read from its digits.
pub(super) trait Float: FromStr + Copy {
    /// Digits of which so many are decimals as a number, where it is certain which is the nearest.
    fn exact(mantissa: u64, decimals: usize) -> Option<Self>;
    fn negated(self) -> Self;
    const NAN: Self;
    const INFINITY: Self;
}

/// Takes a floating point number, or its name in quotes.
#[inline]
pub(super) fn float<F: Float>(scanner: &mut Scanner<'_>) -> Result<F, Problem> {
    if scanner.peek()? == b'"' {
        return quoted_float(scanner.string("a number")?);
    }
    let text = scanner.rest();
    let digits = text.strip_prefix(b"-").unwrap_or(text);
    if let Some((value, rest)) = short_float::<F>(digits) {
        scanner.advance_to(rest);
        return Ok(if digits.len() == text.len() {
            value
        } else {
            value.negated()
        });
    }
    parse_float(scanner.number("a number")?)
}

/// A decimal's unscaled value, from text with at most `scale` fraction digits. `limit` is ten to
/// the power of the precision.
#[inline]
pub(super) fn decimal64(text: &[u8], scale: u8, limit: u64) -> Result<i64, Problem> {
    let digits = text.strip_prefix(b"-").unwrap_or(text);
    let (whole, rest) = leading_digits(digits);
    let (part, decimals, end) = match rest.strip_prefix(b".") {
        Some(fraction) => {
            let (part, end) = leading_digits(fraction);
            (part, fraction.len() - end.len(), end)
        }
        None => (0, 0, rest),
    };
    // Up to nineteen digits cannot wrap; longer texts (leading zeros) and wrong ones take the long
    // way.
    if let Some(missing) = usize::from(scale).checked_sub(decimals)
        && end.is_empty()
        && digits.len() + missing <= 19
        && digits.len() > rest.len()
        && rest.is_empty() == (decimals == 0)
    {
        let (Some(up), Some(fill)) = (TENS.get(usize::from(scale)), TENS.get(missing)) else {
            return Err(Problem::OutOfRange("its decimal type"));
        };
        let value = whole
            .checked_mul(*up)
            .and_then(|whole| whole.checked_add(part * fill))
            .filter(|value| *value < limit)
            .ok_or(Problem::OutOfRange("its decimal type"))?
            .cast_signed();
        return Ok(if digits.len() == text.len() {
            value
        } else {
            -value
        });
    }
    let value = decimal128(text, scale, u128::from(limit))?;
    i64::try_from(value).map_err(|_| Problem::OutOfRange("its decimal type"))
}

/// As [`decimal64`], for up to 38 digits.
pub(super) fn decimal128(text: &[u8], scale: u8, limit: u128) -> Result<i128, Problem> {
    const OUT: Problem = Problem::OutOfRange("its decimal type");
    let digits = text.strip_prefix(b"-").unwrap_or(text);
    let mut value: u128 = 0;
    let mut whole = digits;
    let mut decimals = 0_usize;
    let mut any = false;
    if let Some(point) = memchr::memchr(b'.', digits) {
        let (head, tail) = digits.split_at_checked(point).unwrap_or((digits, &[]));
        whole = head;
        let fraction = tail.strip_prefix(b".").unwrap_or_default();
        if fraction.is_empty() {
            return Err(Problem::Expected("a decimal"));
        }
        decimals = fraction.len();
        value = append(append(0, whole, &mut any)?, fraction, &mut any)?;
    } else {
        value = append(value, whole, &mut any)?;
    }
    if !any || whole.is_empty() {
        return Err(Problem::Expected("a decimal"));
    }
    let missing = usize::from(scale).checked_sub(decimals).ok_or(OUT)?;
    for _ in 0..missing {
        value = value.checked_mul(10).ok_or(OUT)?;
    }
    if value >= limit {
        return Err(OUT);
    }
    let value = i128::try_from(value).map_err(|_| OUT)?;
    Ok(if digits.len() == text.len() {
        value
    } else {
        -value
    })
}

/// Appends decimal digits to a value.
fn append(mut value: u128, digits: &[u8], any: &mut bool) -> Result<u128, Problem> {
    for part in digits.chunks(18) {
        let (number, rest) = leading_digits(part);
        if !rest.is_empty() {
            return Err(Problem::Expected("a decimal"));
        }
        let shift = TENS.get(part.len()).copied();
        let shift = shift.expect("a part has at most 18 digits");
        value = value
            .checked_mul(u128::from(shift))
            .and_then(|value| value.checked_add(u128::from(number)))
            .ok_or(Problem::OutOfRange("its decimal type"))?;
        *any = true;
    }
    Ok(value)
}

/// The number that the text starts with, and the text behind it. Wraps beyond nineteen digits.
#[inline]
pub(super) fn leading_digits(mut text: &[u8]) -> (u64, &[u8]) {
    let mut value: u64 = 0;
    while let Some((byte, rest)) = text.split_first() {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            break;
        }
        value = value.wrapping_mul(10).wrapping_add(u64::from(digit));
        text = rest;
    }
    (value, text)
}

/// A whole text as an integer.
#[cold]
fn signed(text: &[u8]) -> Result<i64, Problem> {
    let digits = text.strip_prefix(b"-").unwrap_or(text);
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return Err(Problem::Expected("an integer"));
    }
    std::str::from_utf8(text)
        .ok()
        .and_then(|text| text.parse().ok())
        .ok_or(Problem::OutOfRange("a 64-bit integer"))
}

/// A number without exponent whose digits are few enough for one exact division.
#[inline]
fn short_float<F: Float>(text: &[u8]) -> Option<(F, &[u8])> {
    let (whole, rest) = leading_digits(text);
    let mut mantissa = whole;
    let mut digits = text.len() - rest.len();
    let mut decimals = 0;
    let mut end = rest;
    if digits == 0 {
        return None;
    }
    if let Some(fraction) = rest.strip_prefix(b".") {
        for byte in fraction {
            let digit = byte.wrapping_sub(b'0');
            if digit > 9 {
                break;
            }
            mantissa = mantissa.wrapping_mul(10).wrapping_add(u64::from(digit));
            decimals += 1;
        }
        if decimals == 0 {
            return None;
        }
        digits += decimals;
        end = fraction.get(decimals..)?;
    }
    if digits > 19 || matches!(end.first(), None | Some(b'e' | b'E')) {
        return None;
    }
    Some((F::exact(mantissa, decimals)?, end))
}

#[cold]
fn quoted_float<F: Float>(text: &[u8]) -> Result<F, Problem> {
    match text {
        b"NaN" => Ok(F::NAN),
        b"Infinity" | b"+Infinity" => Ok(F::INFINITY),
        b"-Infinity" => Ok(F::INFINITY.negated()),
        // Rust reads names that Trino never writes.
        _ if text
            .iter()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E')) =>
        {
            parse_float(text)
        }
        _ => Err(Problem::Expected("a number")),
    }
}

fn parse_float<F: Float>(text: &[u8]) -> Result<F, Problem> {
    std::str::from_utf8(text)
        .ok()
        .and_then(|text| text.parse().ok())
        .ok_or(Problem::Expected("a number"))
}

impl Float for f64 {
    #[inline]
    fn exact(mantissa: u64, decimals: usize) -> Option<Self> {
        nearest::fraction(mantissa, decimals)
    }

    fn negated(self) -> Self {
        -self
    }

    const NAN: Self = Self::NAN;
    const INFINITY: Self = Self::INFINITY;
}

impl Float for f32 {
    #[inline]
    #[expect(clippy::cast_precision_loss, reason = "exact up to 2^24")]
    fn exact(mantissa: u64, decimals: usize) -> Option<Self> {
        let power = REAL_TENS.get(decimals)?;
        (mantissa <= 1 << 24).then(|| mantissa as Self / power)
    }

    fn negated(self) -> Self {
        -self
    }

    const NAN: Self = Self::NAN;
    const INFINITY: Self = Self::INFINITY;
}

/// Powers of ten that a real holds exactly.
const REAL_TENS: [f32; 11] = [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::scanner::Scanner;
    use super::{decimal64, decimal128, float, integer};

    /// A value in a row, up to the end of the row.
    fn read<T>(
        text: &str,
        reader: impl Fn(&mut Scanner<'_>) -> Result<T, crate::decode::Problem>,
    ) -> Option<T> {
        let text = format!("{text}]");
        let mut scanner = Scanner::new(text.as_bytes());
        let value = reader(&mut scanner).ok()?;
        (scanner.rest() == b"]").then_some(value)
    }

    fn ten(power: u8) -> u64 {
        10_u64.pow(u32::from(power))
    }

    #[test]
    fn integers_are_exact_to_their_ends() {
        for value in [
            0,
            7,
            -7,
            i64::MAX,
            i64::MIN,
            999_999_999_999_999_999,
            1 << 60,
        ] {
            assert_eq!(read(&format!("{value}"), integer), Some(value));
            assert_eq!(read(&format!(" \"{value}\""), integer), Some(value));
        }
        let bad = [
            "9223372036854775808",
            "-9223372036854775809",
            "99999999999999999999",
            "",
            "-",
            "1.0",
            "1e3",
            "--1",
            "\"\"",
            "\"1 \"",
        ];
        for bad in bad {
            assert_eq!(read(bad, integer), None, "{bad}");
        }
    }

    #[test]
    fn decimals_are_scaled_and_bounded_by_their_precision() {
        assert_eq!(decimal64(b"-0.50", 2, ten(4)), Ok(-50));
        assert_eq!(decimal64(b"12", 3, ten(5)), Ok(12_000));
        assert_eq!(decimal64(b"1.5", 3, ten(4)), Ok(1500));
        assert_eq!(decimal64(b"0000000000000000000000001.5", 1, ten(2)), Ok(15));
        assert_eq!(
            decimal64(b"0.999999999999999999", 18, ten(18)),
            Ok(999_999_999_999_999_999)
        );
        assert_eq!(
            decimal64(b"-123456789012345.678", 3, ten(18)),
            Ok(-123_456_789_012_345_678)
        );
        let most = "9".repeat(38);
        let limit = 10_u128.pow(38);
        assert_eq!(
            decimal128(format!("-{most}").as_bytes(), 0, limit),
            Ok(-most.parse::<i128>().unwrap())
        );
        assert_eq!(
            decimal128(format!("0.{most}").as_bytes(), 38, limit),
            most.parse().map_err(|_| unreachable!())
        );
        for bad in [
            "",
            ".",
            "-",
            "1.",
            ".5",
            "1.2.3",
            "1e5",
            "NaN",
            "1.234",
            "1000",
            &most,
            &"9".repeat(60),
        ] {
            decimal64(bad.as_bytes(), 2, ten(5)).unwrap_err();
            decimal128(bad.as_bytes(), 2, u128::from(ten(5))).unwrap_err();
        }
    }

    #[test]
    fn numbers_that_json_lacks_have_names() {
        assert_eq!(read("\"Infinity\"", float::<f64>), Some(f64::INFINITY));
        assert_eq!(read("\"-Infinity\"", float::<f32>), Some(f32::NEG_INFINITY));
        assert!(read("\"NaN\"", float::<f64>).unwrap().is_nan());
        for bad in [
            "NaN", "inf", "-inf", "\"inf\"", "\"nan\"", "1.", ".5", "+1", "-", "1e", "\"\"", "true",
        ] {
            assert_eq!(read(bad, float::<f64>), None, "{bad}");
            assert_eq!(read(bad, float::<f32>), None, "{bad}");
        }
        assert!(read("-0.0", float::<f64>).unwrap().is_sign_negative());
    }

    proptest! {
        #[test]
        fn decimals_of_any_precision_come_back(
            unscaled in any::<i128>(),
            precision in 1_u8..=38,
            scale in 0_u8..=38,
        ) {
            let scale = scale.min(precision);
            let limit = 10_u128.pow(u32::from(precision));
            let unscaled = unscaled % i128::try_from(limit).unwrap();
            let width = usize::from(scale) + 1;
            let digits = format!("{:0>width$}", unscaled.unsigned_abs());
            let (whole, fraction) = digits.split_at(digits.len() - usize::from(scale));
            let point = if fraction.is_empty() { "" } else { "." };
            let sign = if unscaled < 0 { "-" } else { "" };
            let text = format!("{sign}{whole}{point}{fraction}");
            prop_assert_eq!(decimal128(text.as_bytes(), scale, limit), Ok(unscaled));
            if precision <= 18 {
                prop_assert_eq!(
                    decimal64(text.as_bytes(), scale, u64::try_from(limit).unwrap()),
                    Ok(i64::try_from(unscaled).unwrap())
                );
            }
        }

        #[test]
        fn floating_point_is_read_as_the_nearest_number(
            text in "-?[0-9]{1,22}(\\.[0-9]{1,24})?([eE][+-]?[0-9]{1,3})?"
        ) {
            let double: f64 = text.parse().unwrap();
            let real: f32 = text.parse().unwrap();
            prop_assert_eq!(read(&text, float::<f64>).map(f64::to_bits), Some(double.to_bits()));
            prop_assert_eq!(read(&text, float::<f32>).map(f32::to_bits), Some(real.to_bits()));
        }
    }
}
