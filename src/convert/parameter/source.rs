//! C values, read from their bytes.

use std::borrow::Cow;

use trino_client::columns::civil::days;
use trino_client::columns::tens::power;

use super::{Form, ParameterError, temporal::Moment};
use crate::abi::{CType, Interval, WideUnit};
use crate::convert::exact::Exact;
use crate::convert::guid;
use crate::convert::span::{self, Amount, Span};

/// A C value.
#[derive(Debug)]
pub(super) enum Source<'a> {
    Text(Cow<'a, str>),
    Bytes(&'a [u8]),
    /// An integer, or a bit.
    Whole(i128),
    Exact(Exact),
    Float(f32),
    Double(f64),
    /// A date, a time or both.
    Moment(Moment<'a>),
    /// In the order of the text.
    Uuid([u8; 16]),
    /// An interval, and which fields it has.
    Span(Span, Interval),
}

/// The value of `bytes`; as many as the C type has, for those of fixed size.
pub(super) fn read(bytes: &[u8], form: Form, wide: WideUnit) -> Result<Source<'_>, ParameterError> {
    macro_rules! whole {
        ($kind:ty) => {
            Source::Whole(i128::from(<$kind>::from_ne_bytes(fixed(bytes)?)))
        };
    }
    Ok(match form.c_type {
        CType::Char => {
            let text = std::str::from_utf8(bytes).map_err(|_| ParameterError::InvalidText)?;
            Source::Text(Cow::Borrowed(without_terminator(text)))
        }
        CType::WChar => {
            let mut text = wide_text(bytes, wide)?;
            text.truncate(without_terminator(&text).len());
            Source::Text(Cow::Owned(text))
        }
        CType::Binary => Source::Bytes(bytes),
        CType::Bit | CType::UTinyInt => whole!(u8),
        CType::STinyInt => whole!(i8),
        CType::SShort => whole!(i16),
        CType::UShort => whole!(u16),
        CType::SLong => whole!(i32),
        CType::ULong => whole!(u32),
        CType::SBigInt => whole!(i64),
        CType::UBigInt => whole!(u64),
        CType::Float => Source::Float(f32::from_ne_bytes(fixed(bytes)?)),
        CType::Double => Source::Double(f64::from_ne_bytes(fixed(bytes)?)),
        CType::Numeric => Source::Exact(numeric(fixed(bytes)?, form.scale)?),
        CType::Date => Source::Moment(Moment {
            days: Some(date(fixed(bytes)?)?),
            ..Moment::default()
        }),
        CType::Time => Source::Moment(Moment {
            picos: Some(clock(fixed(bytes)?, 0)?),
            ..Moment::default()
        }),
        CType::Timestamp => {
            let [a, b, c, d, e, f, g, h, i, j, k, l, fraction @ ..] = fixed::<16>(bytes)?;
            let fraction = u32::from_ne_bytes(fraction);
            Source::Moment(Moment {
                days: Some(date([a, b, c, d, e, f])?),
                picos: Some(clock([g, h, i, j, k, l], fraction)?),
                ..Moment::default()
            })
        }
        CType::Guid => Source::Uuid(guid::uuid(fixed(bytes)?)),
        CType::Interval(interval) => {
            Source::Span(span(fixed(bytes)?, interval, form.precision)?, interval)
        }
    })
}

/// The bytes of a value of fixed size.
fn fixed<const N: usize>(bytes: &[u8]) -> Result<[u8; N], ParameterError> {
    bytes.try_into().map_err(|_| ParameterError::InvalidLength)
}

/// Text without the nulls at its end. Text of nulls alone stays: empty text has no terminator that an application would count.
fn without_terminator(text: &str) -> &str {
    match text.trim_end_matches('\0') {
        "" => text,
        text => text,
    }
}

/// Wide text. A surrogate without its other half is an error.
fn wide_text(bytes: &[u8], wide: WideUnit) -> Result<String, ParameterError> {
    let mut text = String::with_capacity(bytes.len() / wide.size());
    match wide {
        WideUnit::Utf16 => {
            let (units, []) = bytes.as_chunks::<2>() else {
                return Err(ParameterError::InvalidLength);
            };
            let units = units.iter().map(|unit| u16::from_ne_bytes(*unit));
            for character in char::decode_utf16(units) {
                text.push(character.map_err(|_| ParameterError::InvalidText)?);
            }
        }
        WideUnit::Utf32 => {
            let (units, []) = bytes.as_chunks::<4>() else {
                return Err(ParameterError::InvalidLength);
            };
            for unit in units {
                let character = char::from_u32(u32::from_ne_bytes(*unit));
                text.push(character.ok_or(ParameterError::InvalidText)?);
            }
        }
    }
    Ok(text)
}

/// An `SQL_NUMERIC_STRUCT`. Its own scale counts; where it has none, that of the descriptor.
fn numeric(bytes: [u8; 19], scale: i16) -> Result<Exact, ParameterError> {
    let [_, own, sign, magnitude @ ..] = bytes;
    let scale = match i8::from_ne_bytes([own]) {
        0 if scale == Form::UNSET => 0,
        0 => scale,
        own => i16::from(own),
    };
    let magnitude = i128::try_from(u128::from_le_bytes(magnitude))
        .ok()
        .filter(|magnitude| *magnitude < power(38))
        .ok_or(ParameterError::NumericOutOfRange)?;
    let unscaled = if sign == 0 { -magnitude } else { magnitude };
    // A negative scale counts zeros before the point.
    let zeros = u8::try_from(-scale.min(0)).unwrap_or(u8::MAX);
    let unscaled = unscaled
        .checked_mul(power(zeros))
        .filter(|unscaled| unscaled.abs() < power(38) && zeros < 39)
        .ok_or(ParameterError::NumericOutOfRange)?;
    let scale = u8::try_from(scale.max(0)).unwrap_or(u8::MAX);
    if scale > 38 {
        return Err(ParameterError::NumericOutOfRange);
    }
    Ok(Exact {
        unscaled,
        scale,
        lost: false,
    })
}

/// The day of an `SQL_DATE_STRUCT`, since 1970-01-01.
fn date(bytes: [u8; 6]) -> Result<i64, ParameterError> {
    let [a, b, c, d, e, f] = bytes;
    let year = i16::from_ne_bytes([a, b]);
    let (month, day) = (u16::from_ne_bytes([c, d]), u16::from_ne_bytes([e, f]));
    days(year.into(), month.into(), day.into()).ok_or(ParameterError::InvalidDatetime)
}

/// The picoseconds since midnight of an `SQL_TIME_STRUCT`, with a fraction in nanoseconds.
fn clock(bytes: [u8; 6], fraction: u32) -> Result<i64, ParameterError> {
    let [a, b, c, d, e, f] = bytes;
    let [hour, minute, second] = [[a, b], [c, d], [e, f]].map(u16::from_ne_bytes);
    if hour > 23 || minute > 59 || second > 59 || fraction > 999_999_999 {
        return Err(ParameterError::InvalidDatetime);
    }
    let seconds = i64::from(hour) * 3600 + i64::from(minute) * 60 + i64::from(second);
    Ok((seconds * 1_000_000_000 + i64::from(fraction)) * 1000)
}

/// An `SQL_INTERVAL_STRUCT`, of which the fields that the C type has count. All but the first keep to the calendar.
fn span(bytes: [u8; 28], interval: Interval, precision: i16) -> Result<Span, ParameterError> {
    let (head, fields) = bytes.split_at(8);
    let negative = head.get(4..6).is_some_and(|sign| sign != [0, 0]);
    let mut values = [0_u64; 5];
    for (value, field) in values.iter_mut().zip(fields.as_chunks::<4>().0) {
        *value = u64::from(u32::from_ne_bytes(*field));
    }
    let months = span::of_months(interval);
    let fields: [(u64, u64); 4] = if months {
        [(12, u64::MAX), (1, 11), (0, 0), (0, 0)]
    } else {
        [
            (86_400_000, u64::MAX),
            (3_600_000, 23),
            (60_000, 59),
            (1000, 59),
        ]
    };
    let (first, last) = span::places(interval);
    let mut total = 0;
    for (place, (value, (unit, most))) in values.into_iter().zip(fields).enumerate() {
        if !(first..=last).contains(&place) {
            continue;
        }
        if place > first && value > most {
            return Err(ParameterError::IntervalOverflow);
        }
        total += value * unit;
    }
    let [.., fraction] = values;
    let mut nanos = 0;
    if last == 3 {
        let digits = u32::try_from(precision).map_or(6, |digits| digits.min(9));
        if fraction >= 10_u64.pow(digits) {
            return Err(ParameterError::IntervalOverflow);
        }
        nanos = fraction * 10_u64.pow(9 - digits);
    }
    Ok(Span {
        negative,
        amount: if months {
            Amount::Months(total)
        } else {
            Amount::Millis(total + nanos / 1_000_000)
        },
        // Less than a million.
        nanos: (nanos % 1_000_000) as u32,
    })
}
