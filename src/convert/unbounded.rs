//! NUMBER: decimals of any precision and scale, NaN and the infinities, as the text that the server writes.
//!
//! ODBC has no such type, so columns are described as a decimal, a double or text. Whatever they are described as, no digit
//! is lost in silence: text has all of them, and a C number that is another decimal comes with 01S07.

use trino_client::columns::Bytes;

use super::literal::{self, Literal};
use super::number::Floating;
use super::text::Encoding;
use super::{Form, Run, Sink, truncated};
use crate::abi::CType;

impl<S: Sink> Run<'_, S> {
    /// Converts NUMBER to the C type of a number.
    pub(super) fn unbounded(&mut self, form: Form, bytes: &Bytes) {
        match form.c_type {
            CType::Double => self.each(0..self.rows, |row, _| {
                let text = bytes.get(row);
                let value = literal::double(text)?;
                Ok(truncated(
                    value.to_ne_bytes(),
                    is_other(value, text, f64::DIGITS),
                ))
            }),
            CType::Float => self.each(0..self.rows, |row, _| {
                let text = bytes.get(row);
                let value = literal::float(text)?;
                Ok(truncated(
                    value.to_ne_bytes(),
                    is_other(value, text, f32::DIGITS),
                ))
            }),
            _ => self.numbers(form, 0..self.rows, |row, _| Literal(bytes.get(row))),
        }
    }

    /// Gives NUMBER as text: as the server writes it, or `plain`, without an exponent, as decimals are written.
    pub(super) fn unbounded_text<E: Encoding>(&mut self, bytes: &Bytes, plain: bool) {
        let mut written = Vec::new();
        for row in 0..self.rows {
            if self.is_null(row) {
                self.sink.null(row);
                continue;
            }
            let mut text = bytes.get(self.start + row);
            if plain
                && let Some(decimal) = Decimal::of(text).filter(|decimal| decimal.has_exponent)
                && decimal.places.unsigned_abs() <= MOST_ZEROS
            {
                written.clear();
                decimal.write(&mut written);
                text = &written;
            }
            // Elsewhere an infinity has no sign but a minus.
            if let [b'+', infinity @ ..] = text
                && infinity == b"Infinity"
            {
                text = infinity;
            }
            let end = text
                .iter()
                .position(|byte| matches!(byte, b'.' | b'E' | b'e'));
            let whole = match end {
                Some(point) if text.get(point) == Some(&b'.') && !has_exponent(text) => point,
                _ => text.len(),
            };
            self.sink.string::<E>(row, text, whole);
        }
    }
}

/// Whether the nearest floating point number, of a type that keeps `kept` digits of every decimal, is another decimal than
/// the text: the one that its shortest text is.
fn is_other(value: impl Floating, text: &[u8], kept: u32) -> bool {
    let digits = text.iter().filter(|byte| byte.is_ascii_digit()).count();
    if !value.finite() || digits <= kept as usize && !has_exponent(text) {
        return false;
    }
    let mut buffer = zmij::Buffer::new();
    let shortest = value.shortest(&mut buffer).as_bytes();
    match (Decimal::of(text), Decimal::of(shortest)) {
        (Some(given), Some(kept)) => !given.is_same(&kept),
        _ => true,
    }
}

fn has_exponent(text: &[u8]) -> bool {
    text.iter().any(|byte| matches!(byte, b'E' | b'e'))
}

/// The parts of a numeric literal.
struct Decimal<'a> {
    negative: bool,
    /// Digits before the point, and after it.
    whole: &'a [u8],
    fraction: &'a [u8],
    /// How many places the exponent moves the point to the right.
    places: i32,
    has_exponent: bool,
}

impl<'a> Decimal<'a> {
    /// Of a text that is a numeric literal.
    fn of(text: &'a [u8]) -> Option<Self> {
        let (negative, text) = match text.split_first()? {
            (b'-', rest) => (true, rest),
            (b'+', rest) => (false, rest),
            _ => (false, text),
        };
        let mut parts = text.splitn(2, |byte| matches!(byte, b'E' | b'e'));
        let mut mantissa = parts.next()?.splitn(2, |byte| *byte == b'.');
        let exponent = parts.next();
        let (whole, fraction) = (mantissa.next()?, mantissa.next().unwrap_or_default());
        let is_number = whole.iter().chain(fraction).all(u8::is_ascii_digit);
        let places = match exponent {
            Some(exponent) => std::str::from_utf8(exponent).ok()?.parse().ok()?,
            None => 0,
        };
        is_number.then_some(Self {
            negative,
            whole,
            fraction,
            places,
            has_exponent: exponent.is_some(),
        })
    }

    fn digits(&self) -> impl DoubleEndedIterator<Item = u8> + '_ {
        self.whole.iter().chain(self.fraction).copied()
    }

    /// The digits without zeros at either end, and where the point stands relative to the first of them.
    fn significant(&self) -> (impl Iterator<Item = u8>, i64) {
        let count = self.whole.len() + self.fraction.len();
        let leading = self.digits().take_while(|digit| *digit == b'0').count();
        let trailing = self.digits().rev().take_while(|digit| *digit == b'0');
        let length = count - leading - trailing.count().min(count - leading);
        let point = self.whole.len() as i64 - leading as i64 + i64::from(self.places);
        (
            self.digits().skip(leading).take(length),
            if length == 0 { 0 } else { point },
        )
    }

    fn is_same(&self, other: &Self) -> bool {
        let ((digits, point), (others, place)) = (self.significant(), other.significant());
        point == place && digits.eq(others)
    }

    /// Writes the number without an exponent.
    fn write(&self, out: &mut Vec<u8>) {
        if self.negative {
            out.push(b'-');
        }
        let count = self.whole.len() + self.fraction.len();
        let point = self.whole.len() as i64 + i64::from(self.places);
        let before = usize::try_from(point).unwrap_or(0);
        if before == 0 {
            out.push(b'0');
        }
        out.extend(self.digits().take(before));
        out.extend(zeros(point - count as i64));
        if before < count {
            out.push(b'.');
            out.extend(zeros(-point));
            out.extend(self.digits().skip(before));
        }
    }
}

/// So many zeros; none for a count below 0.
fn zeros(count: i64) -> impl Iterator<Item = u8> {
    std::iter::repeat_n(b'0', usize::try_from(count).unwrap_or(0))
}

/// Zeros that a text without an exponent may need: twice as many as the server's largest and smallest numbers have.
const MOST_ZEROS: u32 = 1 << 15;

#[cfg(test)]
mod tests {
    use super::{Decimal, is_other};
    use crate::convert::literal;

    #[test]
    fn plain_text_has_every_digit_and_no_exponent() {
        for (text, expected) in [
            ("1E+2", "100"),
            ("1.5E+1", "15"),
            ("1.25E+1", "12.5"),
            ("-1E-7", "-0.0000001"),
            ("1.5E-8", "0.000000015"),
            (
                "1.2345678901234567890123456789012345678901234567890E+3",
                "1234.5678901234567890123456789012345678901234567890",
            ),
            ("0E+3", "0000"),
        ] {
            let mut out = Vec::new();
            Decimal::of(text.as_bytes()).unwrap().write(&mut out);
            assert_eq!(String::from_utf8(out).unwrap(), expected, "{text}");
        }
        let mut out = Vec::new();
        Decimal::of(b"1E+16383").unwrap().write(&mut out);
        assert_eq!(out.len(), 16_384);
        for text in ["NaN", "+Infinity", "-Infinity", "", "1Ex", "x"] {
            assert!(Decimal::of(text.as_bytes()).is_none(), "{text}");
        }
    }

    #[test]
    fn a_double_is_the_same_decimal_when_its_shortest_text_is() {
        for (text, other) in [
            ("0.1", false),
            ("123456789012345", false),
            ("0.30000000000000004", false),
            ("0.300000000000000040", false),
            ("9007199254740993", true),
            ("9007199254740992", false),
            ("1E+23", false),
            ("1E-30", false),
            ("1E-400", true),
            ("0.1000000000000000000001", true),
            ("0", false),
            ("NaN", false),
            ("+Infinity", false),
        ] {
            let value = literal::double(text.as_bytes()).unwrap();
            assert_eq!(
                is_other(value, text.as_bytes(), f64::DIGITS),
                other,
                "{text}"
            );
        }
        for (text, other) in [("0.1", false), ("16777217", true), ("1E-50", true)] {
            let value = literal::float(text.as_bytes()).unwrap();
            assert_eq!(
                is_other(value, text.as_bytes(), f32::DIGITS),
                other,
                "{text}"
            );
        }
    }
}
