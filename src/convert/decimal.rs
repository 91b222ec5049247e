//! DECIMAL: an unscaled integer and a scale.

use trino_client::columns::tens::power;

use super::exact::{Exact, MAX_PRECISION, Number};
use super::scratch::{Scratch, eight};
use super::text::Encoding;
use super::{Error, Form, Run, Sink, literal};

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
    pub(super) fn decimal_text<E: Encoding, T: Unscaled + Copy>(
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

/// A number of up to 38 digits without its sign, as its text needs it.
pub(super) trait Unscaled {
    /// Whether it is below 0, and its size.
    fn parts(self) -> (bool, u128);
}

impl Unscaled for i64 {
    #[inline]
    fn parts(self) -> (bool, u128) {
        (self < 0, u128::from(self.unsigned_abs()))
    }
}

impl Unscaled for i128 {
    #[inline]
    fn parts(self) -> (bool, u128) {
        (self < 0, self.unsigned_abs())
    }
}

/// Writes a decimal with exactly `scale` digits after the point, in the place of what was written; returns the length that
/// must not be cut.
#[inline]
pub(super) fn decimal_text(unscaled: impl Unscaled, scale: u8, text: &mut Scratch) -> usize {
    let (negative, size) = unscaled.parts();
    let scale = usize::from(scale.min(MAX_PRECISION));
    let point = END - scale;
    let mut whole = 0;
    text.replace(|number: &mut [u8; ROOM]| {
        let mut digits = [b'0'; ROOM];
        let first = match u64::try_from(size) {
            Ok(size) => put_digits(size, END, &mut digits),
            Err(_) => put_wide_digits(size, &mut digits),
        };
        // One digit at least stands before the point.
        let start = first.min(point - 1) - usize::from(negative);
        *number = digits;
        if negative && let Some(sign) = number.get_mut(start) {
            *sign = b'-';
        }
        whole = point - start;
        if scale == 0 {
            return start..END;
        }
        if let Some(at) = number.get_mut(point) {
            *at = b'.';
        }
        // Blocks of a known size are a move or two.
        if scale <= 8 {
            shift::<8>(&digits, number, point);
        } else {
            shift::<40>(&digits, number, point);
        }
        start..END + 1
    });
    whole
}

/// Copies `N` bytes from `at` on to one further on.
#[inline]
fn shift<const N: usize>(from: &[u8; ROOM], to: &mut [u8; ROOM], at: usize) {
    let from = from.get(at..).and_then(<[u8]>::first_chunk::<N>);
    let to = to.get_mut(at + 1..).and_then(<[u8]>::first_chunk_mut);
    if let (Some(from), Some(to)) = (from, to) {
        *to = *from;
    }
}

/// Writes the digits of a number up to `end`, and perhaps zeros before them; gives where they start, which is `end` for 0.
#[inline]
fn put_digits(size: u64, end: usize, out: &mut [u8; ROOM]) -> usize {
    const EIGHT: u64 = 100_000_000;
    if size < EIGHT {
        return put_eight(size, end, out);
    }
    put_eight(size % EIGHT, end, out);
    let size = size / EIGHT;
    if size < EIGHT {
        return put_eight(size, end - 8, out);
    }
    put_eight(size % EIGHT, end - 8, out);
    put_eight(size / EIGHT, end - 16, out)
}

/// As [`put_digits`], for numbers of more than 64 bits.
fn put_wide_digits(size: u128, out: &mut [u8; ROOM]) -> usize {
    const SIXTEEN: u128 = 10_000_000_000_000_000;
    put_digits((size % SIXTEEN) as u64, END, out);
    let size = size / SIXTEEN;
    match u64::try_from(size) {
        Ok(size) => put_digits(size, END - 16, out),
        Err(_) => {
            put_digits((size % SIXTEEN) as u64, END - 16, out);
            put_digits((size / SIXTEEN) as u64, END - 32, out)
        }
    }
}

/// As [`put_digits`], for up to eight digits.
#[inline]
fn put_eight(size: u64, end: usize, out: &mut [u8; ROOM]) -> usize {
    let digits = eight(size as u32);
    if let Some(to) = out.get_mut(end - 8..).and_then(<[u8]>::first_chunk_mut) {
        *to = digits;
    }
    let zeros = (u64::from_le_bytes(digits) ^ u64::from_le_bytes(*b"00000000")).trailing_zeros();
    end - 8 + zeros as usize / 8
}

/// Where the digits of a number end, behind a sign and up to 40 digits.
const END: usize = 41;

/// Room for them, and for as much again behind them, which a copy of a block may touch.
const ROOM: usize = 88;

fn wide(decimal: Decimal<i64>) -> Decimal<i128> {
    Decimal {
        unscaled: i128::from(decimal.unscaled),
        scale: decimal.scale,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Decimal, Number, decimal_text, power};
    use crate::convert::scratch::Scratch;

    #[test]
    fn decimals_have_all_digits_of_their_scale() {
        for (unscaled, scale, expected, whole) in [
            (0_i64, 0, "0", 1),
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

    proptest! {
        #[test]
        fn the_text_of_a_decimal_has_its_digits_and_its_scale(
            unscaled in any::<i128>(), digits in 0_u8..=38, scale in 0_u8..=38
        ) {
            let unscaled = unscaled % power(digits);
            let mut text = Scratch::new();
            let whole = decimal_text(unscaled, scale, &mut text);
            let width = usize::from(scale) + 1;
            let size = format!("{:0>width$}", unscaled.unsigned_abs());
            let (front, fraction) = size.split_at(size.len() - usize::from(scale));
            let sign = if unscaled < 0 { "-" } else { "" };
            let point = if scale > 0 { "." } else { "" };
            let expected = format!("{sign}{front}{point}{fraction}");
            prop_assert_eq!(std::str::from_utf8(text.as_bytes()), Ok(expected.as_str()));
            prop_assert_eq!(whole, sign.len() + front.len());
            if let Ok(short) = i64::try_from(unscaled) {
                decimal_text(short, scale, &mut text);
                prop_assert_eq!(text.as_bytes(), expected.as_bytes());
            }
        }
    }
}
