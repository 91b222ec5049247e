//! INTERVAL YEAR TO MONTH and INTERVAL DAY TO SECOND.

use super::scratch::Scratch;
use super::text::Encoding;
use super::{Converted, Error, Form, Run, Sink, literal, truncated};
use crate::abi::Interval;
use crate::columns::Bytes;

/// An interval: of months or of milliseconds, which do not mix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Span {
    Months(i64),
    Millis(i64),
}

impl<S: Sink> Run<'_, S> {
    /// Converts intervals of months.
    pub(super) fn months(&mut self, interval: Interval, form: Form, values: &[i32]) {
        let values = self.of(values).iter();
        self.each(values, |_, months| {
            span(Span::Months(i64::from(*months)), interval, form)
        });
    }

    /// Converts intervals of milliseconds.
    pub(super) fn millis(&mut self, interval: Interval, form: Form, values: &[i64]) {
        let values = self.of(values).iter();
        self.each(values, |_, millis| {
            span(Span::Millis(*millis), interval, form)
        });
    }

    /// Converts text that holds intervals.
    pub(super) fn interval_literals(&mut self, interval: Interval, form: Form, bytes: &Bytes) {
        self.each(0..self.rows, |row, _| {
            match span(literal::span(bytes.get(row))?, interval, form) {
                // The text is an interval, but of the other kind.
                Err(Error::RestrictedType) => Err(Error::InvalidText),
                converted => converted,
            }
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
}

/// Whether intervals of this type are of months.
pub(super) fn of_months(interval: Interval) -> bool {
    matches!(
        interval,
        Interval::Year | Interval::Month | Interval::YearToMonth
    )
}

/// The place of the only field, for types that have one.
pub(super) fn single(interval: Interval) -> Option<usize> {
    Some(match interval {
        Interval::Year | Interval::Day => 0,
        Interval::Month | Interval::Hour => 1,
        Interval::Minute => 2,
        Interval::Second => 3,
        _ => return None,
    })
}

/// The `SQL_INTERVAL_STRUCT` of a number of one field.
pub(super) fn of_one_field(interval: Interval, value: u32, negative: bool) -> [u8; 28] {
    let mut fields = [0; 5];
    if let Some(field) = single(interval).and_then(|place| fields.get_mut(place)) {
        *field = value;
    }
    pack(interval, negative, fields)
}

/// The `SQL_INTERVAL_STRUCT` of an interval: fields that the C type lacks go into the next lower one it has, or are lost.
fn span(value: Span, interval: Interval, form: Form) -> Converted<[u8; 28]> {
    let (fields, negative, lost) = match value {
        Span::Months(months) if of_months(interval) => {
            let (fields, lost) = months_fields(months.unsigned_abs(), interval);
            (fields, months < 0, lost)
        }
        Span::Millis(millis) if !of_months(interval) => {
            let (fields, lost) = millis_fields(millis.unsigned_abs(), interval, form.precision);
            (fields, millis < 0, lost)
        }
        _ => return Err(Error::RestrictedType),
    };
    let mut narrow = [0; 5];
    for (to, from) in narrow.iter_mut().zip(fields) {
        *to = u32::try_from(from).map_err(|_| Error::IntervalOverflow)?;
    }
    Ok(truncated(pack(interval, negative, narrow), lost))
}

/// Years and months.
fn months_fields(months: u64, interval: Interval) -> ([u64; 5], bool) {
    match interval {
        Interval::Year => ([months / 12, 0, 0, 0, 0], !months.is_multiple_of(12)),
        Interval::Month => ([0, months, 0, 0, 0], false),
        _ => ([months / 12, months % 12, 0, 0, 0], false),
    }
}

/// Days, hours, minutes, seconds and the fraction; time above the leading field is counted in it.
fn millis_fields(millis: u64, interval: Interval, precision: i16) -> ([u64; 5], bool) {
    let (first, last) = places(interval);
    let mut fields = [0; 5];
    let mut rest = millis;
    let units = [86_400_000, 3_600_000, 60_000, 1000];
    for (place, (field, unit)) in fields.iter_mut().zip(units).enumerate() {
        if (first..=last).contains(&place) {
            *field = rest / unit;
            rest %= unit;
        }
    }
    if last < 3 {
        return (fields, rest != 0);
    }
    // The fraction is in units of the record's precision: microseconds where it is not set.
    let digits = u32::try_from(precision).unwrap_or(6);
    let scaled = rest * 10u64.pow(digits);
    let [.., fraction] = &mut fields;
    *fraction = scaled / 1000;
    (fields, !scaled.is_multiple_of(1000))
}

/// First and last field of an interval of days to seconds, by place.
pub(super) fn places(interval: Interval) -> (usize, usize) {
    use crate::abi::Interval::{
        Day, DayToHour, DayToMinute, DayToSecond, Hour, HourToMinute, HourToSecond, Minute,
        MinuteToSecond,
    };
    match interval {
        Day => (0, 0),
        DayToHour => (0, 1),
        DayToMinute => (0, 2),
        DayToSecond => (0, 3),
        Hour => (1, 1),
        HourToMinute => (1, 2),
        HourToSecond => (1, 3),
        Minute => (2, 2),
        MinuteToSecond => (2, 3),
        _ => (3, 3),
    }
}

/// Type, sign and fields of an `SQL_INTERVAL_STRUCT`.
fn pack(interval: Interval, negative: bool, fields: [u32; 5]) -> [u8; 28] {
    let mut bytes = [0; 28];
    let code: i32 = match interval {
        Interval::Year => 1,
        Interval::Month => 2,
        Interval::Day => 3,
        Interval::Hour => 4,
        Interval::Minute => 5,
        Interval::Second => 6,
        Interval::YearToMonth => 7,
        Interval::DayToHour => 8,
        Interval::DayToMinute => 9,
        Interval::DayToSecond => 10,
        Interval::HourToMinute => 11,
        Interval::HourToSecond => 12,
        Interval::MinuteToSecond => 13,
    };
    let (kind, rest) = bytes.split_at_mut(4);
    kind.copy_from_slice(&code.to_ne_bytes());
    let (sign, rest) = rest.split_at_mut(4);
    if let Some(sign) = sign.first_chunk_mut() {
        *sign = i16::from(negative).to_ne_bytes();
    }
    for (to, field) in rest.chunks_exact_mut(4).zip(fields) {
        to.copy_from_slice(&field.to_ne_bytes());
    }
    bytes
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
    use super::{Error, Form, Interval, Scratch, Span, push_millis, span};
    use crate::abi::CType;
    use crate::convert::Warning;

    fn fields(value: Span, interval: Interval) -> Result<(i16, [u32; 5], bool), Error> {
        let (bytes, warning) = span(value, interval, Form::from(CType::Interval(interval)))?;
        let mut fields = [0; 5];
        for (field, bytes) in fields.iter_mut().zip(bytes[8..].chunks_exact(4)) {
            *field = u32::from_ne_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
        }
        let lost = warning == Some(Warning::FractionTruncated);
        Ok((i16::from_ne_bytes([bytes[4], bytes[5]]), fields, lost))
    }

    #[test]
    fn time_above_the_leading_field_is_counted_in_it() {
        // 2 days 03:04:05.678
        let value = Span::Millis(183_845_678);
        for (interval, expected, lost) in [
            (Interval::Day, [2, 0, 0, 0, 0], true),
            (Interval::Hour, [0, 51, 0, 0, 0], true),
            (Interval::Minute, [0, 0, 3064, 0, 0], true),
            (Interval::Second, [0, 0, 0, 183_845, 678_000], false),
            (Interval::DayToHour, [2, 3, 0, 0, 0], true),
            (Interval::DayToMinute, [2, 3, 4, 0, 0], true),
            (Interval::DayToSecond, [2, 3, 4, 5, 678_000], false),
            (Interval::HourToMinute, [0, 51, 4, 0, 0], true),
            (Interval::HourToSecond, [0, 51, 4, 5, 678_000], false),
            (Interval::MinuteToSecond, [0, 0, 3064, 5, 678_000], false),
        ] {
            assert_eq!(
                fields(value, interval),
                Ok((0, expected, lost)),
                "{interval:?}"
            );
        }
        assert_eq!(fields(value, Interval::Year), Err(Error::RestrictedType));
    }

    #[test]
    fn months_become_years_and_back() {
        for (interval, expected, lost) in [
            (Interval::Year, [3, 0, 0, 0, 0], true),
            (Interval::Month, [0, 38, 0, 0, 0], false),
            (Interval::YearToMonth, [3, 2, 0, 0, 0], false),
        ] {
            assert_eq!(fields(Span::Months(-38), interval), Ok((1, expected, lost)));
        }
        assert_eq!(
            fields(Span::Months(1), Interval::Day),
            Err(Error::RestrictedType)
        );
    }

    #[test]
    fn a_leading_field_beyond_32_bits_overflows() {
        assert_eq!(
            fields(Span::Millis(i64::MAX), Interval::Second),
            Err(Error::IntervalOverflow)
        );
        assert_eq!(
            fields(Span::Millis(i64::MIN), Interval::DayToSecond),
            Err(Error::IntervalOverflow)
        );
    }

    #[test]
    fn the_smallest_interval_reads_as_trino_shows_it() {
        let mut text = Scratch::new();
        push_millis(i64::MIN, &mut text);
        assert_eq!(text.as_bytes(), b"-106751991167 07:12:55.808");
    }
}
