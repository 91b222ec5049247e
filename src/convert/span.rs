//! Intervals, and the structure that ODBC has for them.

use trino_client::columns::tens::power;

use super::exact::Exact;
use super::{Converted, Error, Form, truncated};
use crate::abi::Interval;

/// An interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) negative: bool,
    pub(super) amount: Amount,
    /// Nanoseconds beyond the milliseconds.
    pub(super) nanos: u32,
}

/// How long an interval is: of months or of milliseconds, which do not mix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Amount {
    Months(u64),
    Millis(u64),
}

impl Span {
    /// An interval of months.
    #[inline]
    pub(super) fn of_months(months: i64) -> Self {
        Self {
            negative: months < 0,
            amount: Amount::Months(months.unsigned_abs()),
            nanos: 0,
        }
    }

    /// An interval of picoseconds, and whether some are beyond its nanoseconds.
    pub(super) fn of_picos(picos: i128) -> (Self, bool) {
        const MILLISECOND: u128 = 1_000_000_000;
        let size = picos.unsigned_abs();
        let span = Self {
            negative: picos < 0,
            // Microseconds have 64 bits.
            amount: Amount::Millis((size / MILLISECOND) as u64),
            nanos: (size % MILLISECOND / 1000) as u32,
        };
        (span, !size.is_multiple_of(1000))
    }

    /// An interval of milliseconds.
    #[inline]
    pub(super) fn of_millis(millis: i64) -> Self {
        Self {
            negative: millis < 0,
            amount: Amount::Millis(millis.unsigned_abs()),
            nanos: 0,
        }
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

/// The `SQL_INTERVAL_STRUCT` of a number of one field; a fraction is one of seconds, or lost.
pub(super) fn of_number(interval: Interval, number: Exact, form: Form) -> Converted<[u8; 28]> {
    let one = power(number.scale).unsigned_abs();
    let size = number.unscaled.unsigned_abs();
    let (whole, rest) = (size / one, size % one);
    let whole = u32::try_from(whole).map_err(|_| Error::IntervalOverflow)?;
    let mut fields = [0; 5];
    fields[single(interval).expect("the interval has one field")] = whole;
    check_leading(whole, form)?;
    let mut lost = number.lost || rest != 0;
    if interval == Interval::Second {
        let digits = fraction_digits(form);
        let fraction = if number.scale <= digits {
            lost = number.lost;
            rest * power(digits - number.scale).unsigned_abs()
        } else {
            let cut = power(number.scale - digits).unsigned_abs();
            lost = number.lost || rest % cut != 0;
            rest / cut
        };
        let [.., place] = &mut fields;
        // At most nine digits.
        *place = fraction as u32;
    }
    Ok(truncated(pack(interval, number.unscaled < 0, fields), lost))
}

/// The `SQL_INTERVAL_STRUCT` of an interval: fields that the C type lacks go into the next lower one it has, or are lost.
pub(super) fn pack_span(span: Span, interval: Interval, form: Form) -> Converted<[u8; 28]> {
    let (fields, lost) = match span.amount {
        Amount::Months(months) if of_months(interval) => months_fields(months, interval),
        Amount::Millis(millis) if !of_months(interval) => {
            millis_fields(millis, span.nanos, interval, form)
        }
        _ => return Err(Error::RestrictedType),
    };
    let mut narrow = [0; 5];
    for (to, from) in narrow.iter_mut().zip(fields) {
        *to = u32::try_from(from).map_err(|_| Error::IntervalOverflow)?;
    }
    if form.scale != Form::UNSET {
        check_leading(narrow[places(interval).0], form)?;
    }
    Ok(truncated(pack(interval, span.negative, narrow), lost))
}

/// Refuses a leading field with more digits than the application has set.
fn check_leading(leading: u32, form: Form) -> Result<(), Error> {
    let limit = u32::try_from(form.scale)
        .ok()
        .and_then(|digits| 10_u32.checked_pow(digits));
    match limit {
        Some(limit) if leading >= limit => Err(Error::IntervalOverflow),
        _ => Ok(()),
    }
}

/// Digits of the fraction of seconds: six where the record does not say, and at most as many as fit.
fn fraction_digits(form: Form) -> u8 {
    match form.precision {
        0..9 => form.precision as u8,
        9.. => 9,
        _ => 6,
    }
}

/// Years and months.
pub(super) fn months_fields(months: u64, interval: Interval) -> ([u64; 5], bool) {
    match interval {
        Interval::Year => ([months / 12, 0, 0, 0, 0], !months.is_multiple_of(12)),
        Interval::Month => ([0, months, 0, 0, 0], false),
        _ => ([months / 12, months % 12, 0, 0, 0], false),
    }
}

/// Days, hours, minutes, seconds and the fraction; time above the leading field is counted in it.
fn millis_fields(millis: u64, nanos: u32, interval: Interval, form: Form) -> ([u64; 5], bool) {
    let (mut fields, rest) = clock_fields(millis, interval);
    let rest = rest * 1_000_000 + u64::from(nanos);
    let (_, last) = places(interval);
    if last < 3 {
        return (fields, rest != 0);
    }
    let unit = 10_u64.pow(9 - u32::from(fraction_digits(form)));
    let [.., fraction] = &mut fields;
    *fraction = rest / unit;
    (fields, !rest.is_multiple_of(unit))
}

/// Days, hours, minutes and seconds as far as the type has them, and the milliseconds that are left.
pub(super) fn clock_fields(millis: u64, interval: Interval) -> ([u64; 5], u64) {
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
    (fields, rest)
}

/// First and last field by place: years and months, or days, hours, minutes and seconds.
pub(super) fn places(interval: Interval) -> (usize, usize) {
    use crate::abi::Interval::{
        Day, DayToHour, DayToMinute, DayToSecond, Hour, HourToMinute, HourToSecond, Minute,
        MinuteToSecond, Month, Second, Year, YearToMonth,
    };
    match interval {
        Year | Day => (0, 0),
        Month | Hour => (1, 1),
        YearToMonth | DayToHour => (0, 1),
        DayToMinute => (0, 2),
        DayToSecond => (0, 3),
        HourToMinute => (1, 2),
        HourToSecond => (1, 3),
        Minute => (2, 2),
        MinuteToSecond => (2, 3),
        Second => (3, 3),
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

#[cfg(test)]
mod tests {
    use super::{Error, Exact, Form, Interval, Span, of_number, pack_span};
    use crate::abi::CType;
    use crate::convert::Warning;

    fn fields(value: Span, interval: Interval) -> Result<(i16, [u32; 5], bool), Error> {
        let form = Form::from(CType::Interval(interval));
        let (bytes, warning) = pack_span(value, interval, form)?;
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
        let value = Span::of_millis(183_845_678);
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
            assert_eq!(
                fields(Span::of_months(-38), interval),
                Ok((1, expected, lost))
            );
        }
        assert_eq!(
            fields(Span::of_months(1), Interval::Day),
            Err(Error::RestrictedType)
        );
    }

    #[test]
    fn a_leading_field_beyond_32_bits_overflows() {
        assert_eq!(
            fields(Span::of_millis(i64::MAX), Interval::Second),
            Err(Error::IntervalOverflow)
        );
        assert_eq!(
            fields(Span::of_millis(i64::MIN), Interval::DayToSecond),
            Err(Error::IntervalOverflow)
        );
    }

    #[test]
    fn a_leading_field_keeps_to_the_digits_that_were_set() {
        let (interval, value) = (Interval::DayToSecond, Span::of_millis(100 * 86_400_000));
        let digits = |digits| Form {
            scale: digits,
            ..Form::from(CType::Interval(interval))
        };
        let overflow = Err(Error::IntervalOverflow);
        assert_eq!(pack_span(value, interval, digits(2)), overflow);
        assert!(pack_span(value, interval, digits(3)).is_ok());
        assert!(pack_span(value, interval, digits(30)).is_ok());
    }

    #[test]
    fn only_seconds_keep_the_fraction_of_a_number() {
        let number = Exact {
            unscaled: -12_345_678_901,
            scale: 10,
            lost: false,
        };
        for (interval, precision, fraction, lost) in [
            (Interval::Second, Form::UNSET, 234_567, true),
            (Interval::Second, 9, 234_567_890, true),
            (Interval::Second, 400, 234_567_890, true),
            (Interval::Second, 0, 0, true),
            (Interval::Minute, 6, 0, true),
        ] {
            let form = Form {
                precision,
                ..Form::from(CType::Interval(interval))
            };
            let (bytes, warning) = of_number(interval, number, form).unwrap();
            assert_eq!(bytes[24..], u32::to_ne_bytes(fraction));
            assert_eq!(bytes[4..6], 1_i16.to_ne_bytes());
            assert_eq!(warning.is_some(), lost);
        }
    }
}
