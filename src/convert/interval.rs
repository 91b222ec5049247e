//! INTERVAL YEAR TO MONTH and INTERVAL DAY TO SECOND.
//!
//! The standard has thirteen interval types, Trino two: a C type says which fields there are, and what lies above its
//! first field is counted in that.

use trino_client::columns::Bytes;

use super::scratch::Scratch;
use super::span::{Span, pack_span};
use super::text::Encoding;
use super::{Converted, Form, Run, Sink, interval_literal, truncated};
use crate::abi::Interval;

impl<S: Sink> Run<'_, S> {
    /// Converts intervals of months.
    pub(super) fn months(&mut self, interval: Interval, form: Form, values: &[i32]) {
        let values = self.of(values).iter();
        self.each(values, |_, months| {
            pack_span(Span::of_months(i64::from(*months)), interval, form)
        });
    }

    /// Converts intervals of milliseconds.
    pub(super) fn millis(&mut self, interval: Interval, form: Form, values: &[i64]) {
        let values = self.of(values).iter();
        self.each(values, |_, millis| {
            pack_span(Span::of_millis(*millis), interval, form)
        });
    }

    /// Converts intervals of microseconds and the picoseconds beyond them.
    pub(super) fn fine(&mut self, interval: Interval, form: Form, micros: &[i64], picos: &[u32]) {
        let values = self.of(micros).iter();
        self.each(values, |row, micros| {
            let (span, lost) = Span::of_picos(total_picos(*micros, picos, row));
            let (bytes, warning) = pack_span(span, interval, form)?;
            Ok(truncated(bytes, lost || warning.is_some()))
        });
    }

    /// Converts text that holds intervals.
    pub(super) fn interval_literals(&mut self, interval: Interval, form: Form, bytes: &Bytes) {
        self.each(0..self.rows, |row, _| {
            of_literal(bytes.get(row), interval, form)
        });
    }

    /// Converts integers that are described as text.
    pub(super) fn interval_integers(&mut self, interval: Interval, form: Form, values: &[i64]) {
        let values = self.of(values).iter();
        let mut buffer = itoa::Buffer::new();
        self.each(values, |_, value| {
            of_literal(buffer.format(*value).as_bytes(), interval, form)
        });
    }

    /// Gives intervals of months as `[-]Y-M`.
    pub(super) fn months_text<E: Encoding>(&mut self, values: &[i32]) {
        let values = self.of(values).iter();
        self.written::<E, _>(values, |_, months, text| {
            push_months(i64::from(*months), text);
            text.len()
        });
    }

    /// Gives intervals of milliseconds as `[-]D HH:MM:SS.mmm`.
    pub(super) fn millis_text<E: Encoding>(&mut self, values: &[i64]) {
        let values = self.of(values).iter();
        self.written::<E, _>(values, |_, millis, text| push_millis(*millis, text));
    }

    /// Gives intervals as `[-]D HH:MM:SS[.f]` with the digits of their type.
    pub(super) fn fine_text<E: Encoding>(&mut self, micros: &[i64], picos: &[u32], precision: u8) {
        let values = self.of(micros).iter();
        self.written::<E, _>(values, |row, micros, text| {
            push_picos(total_picos(*micros, picos, row), precision, text)
        });
    }
}

/// The `SQL_INTERVAL_STRUCT` of a text.
fn of_literal(text: &[u8], interval: Interval, form: Form) -> Converted<[u8; 28]> {
    let (span, lost) = interval_literal::parse(text, interval)?;
    let (bytes, warning) = pack_span(span, interval, form)?;
    Ok(truncated(bytes, lost || warning.is_some()))
}

/// Writes an interval of months.
#[inline]
pub(super) fn push_months(months: i64, text: &mut Scratch) {
    let size = months.unsigned_abs();
    if months < 0 {
        text.push_byte(b'-');
    }
    text.push_integer(size / 12);
    text.push_byte(b'-');
    text.push_integer(size % 12);
}

/// The picoseconds of an interval that is stored in two parts.
fn total_picos(micros: i64, picos: &[u32], row: usize) -> i128 {
    let beyond = picos.get(row).copied().unwrap_or_default();
    i128::from(micros) * 1_000_000 + i128::from(beyond)
}

/// Writes an interval of picoseconds with `precision` digits after the seconds; returns the length without them.
fn push_picos(picos: i128, precision: u8, text: &mut Scratch) -> usize {
    const SECOND: u128 = 1_000_000_000_000;
    let size = picos.unsigned_abs();
    if picos < 0 {
        text.push_byte(b'-');
    }
    let (seconds, fraction) = (size / SECOND, size % SECOND);
    text.push_integer(seconds / 86_400);
    let time = (seconds % 86_400) as u32;
    for (separator, value) in [
        (b' ', time / 3600),
        (b':', time / 60 % 60),
        (b':', time % 60),
    ] {
        text.push_byte(separator);
        text.push_pair(value);
    }
    let whole = text.len();
    let digits = precision.min(12);
    if digits > 0 {
        text.push_byte(b'.');
        let fraction = fraction / 10_u128.pow(12 - u32::from(digits));
        text.push_padded(fraction as u64, usize::from(digits));
    }
    whole
}

/// Writes an interval of milliseconds; returns the length without the fraction.
pub(super) fn push_millis(millis: i64, text: &mut Scratch) -> usize {
    if millis < 0 {
        text.push_byte(b'-');
    }
    let size = millis.unsigned_abs();
    text.push_integer(size / 86_400_000);
    let time = (size % 86_400_000) as u32;
    for (separator, value) in [
        (b' ', time / 3_600_000),
        (b':', time / 60_000 % 60),
        (b':', time / 1000 % 60),
    ] {
        text.push_byte(separator);
        text.push_pair(value);
    }
    let whole = text.len();
    text.push_byte(b'.');
    text.push_padded(u64::from(time % 1000), 3);
    whole
}

#[cfg(test)]
mod tests {
    use super::{Form, Interval, Scratch, Span, pack_span, push_millis, push_picos};
    use crate::abi::CType;

    #[test]
    fn twelve_digits_are_shown_and_nine_kept() {
        for (precision, expected) in [
            (0, "-1 02:03:04"),
            (3, "-1 02:03:04.123"),
            (12, "-1 02:03:04.123456789012"),
        ] {
            let mut text = Scratch::new();
            let picos = -93_784_123_456_789_012;
            assert_eq!(push_picos(picos, precision, &mut text), 11);
            assert_eq!(text.as_bytes(), expected.as_bytes());
        }
        let (span, lost) = Span::of_picos(-93_784_123_456_789_012);
        assert!(lost);
        let form = Form {
            precision: 9,
            ..Form::from(CType::Interval(Interval::Second))
        };
        let (bytes, warning) = pack_span(span, Interval::Second, form).unwrap();
        assert_eq!(bytes[20..24], 93_784_u32.to_ne_bytes());
        assert_eq!(bytes[24..], 123_456_789_u32.to_ne_bytes());
        assert_eq!(bytes[4..6], 1_i16.to_ne_bytes());
        assert_eq!(warning, None);
    }

    #[test]
    fn the_smallest_interval_reads_as_trino_shows_it() {
        let mut text = Scratch::new();
        push_millis(i64::MIN, &mut text);
        assert_eq!(text.as_bytes(), b"-106751991167 07:12:55.808");
    }
}
