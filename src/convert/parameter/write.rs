//! Literals of Trino, by SQL type.

use std::fmt::Write as _;

use trino_client::columns::tens::power;

use super::source::Source;
use super::temporal::Moment;
use super::{ParameterError, ParameterType, Warning, interval};
use crate::abi::{self, Interval};
use crate::convert::decimal::decimal_text;
use crate::convert::exact::Exact;
use crate::convert::interval::{push_millis, push_months};
use crate::convert::number::{Floating, float_text};
use crate::convert::scratch::Scratch;
use crate::convert::span::{Amount, Span, clock_fields, months_fields, of_months, places, single};
use crate::convert::{guid, interval_literal, literal};

type Written = Result<(String, Option<Warning>), ParameterError>;

/// The literal of a value as its SQL type wants it.
pub(super) fn literal(
    source: Source<'_>,
    to: &ParameterType,
    today: impl FnOnce() -> i64,
) -> Written {
    let text = match to.sql_type {
        sql_type if is_text(sql_type) => {
            let text = text(&source)?;
            check_length(&text, to.size)?;
            quoted("", &text)
        }
        abi::SQL_BIT => boolean(&source)?,
        abi::SQL_TINYINT => return whole(&source, "TINYINT", i8::MIN, i8::MAX),
        abi::SQL_SMALLINT => return whole(&source, "SMALLINT", i16::MIN, i16::MAX),
        abi::SQL_INTEGER => return whole(&source, "INTEGER", i32::MIN, i32::MAX),
        abi::SQL_BIGINT => return whole(&source, "BIGINT", i64::MIN, i64::MAX),
        abi::SQL_REAL => format!("REAL '{}'", floating(float(&source)?)),
        abi::SQL_FLOAT | abi::SQL_DOUBLE => format!("DOUBLE '{}'", floating(double(&source)?)),
        abi::SQL_DECIMAL | abi::SQL_NUMERIC => return decimal(&source, to),
        abi::SQL_BINARY | abi::SQL_VARBINARY | abi::SQL_LONGVARBINARY => binary(&source, to.size)?,
        abi::SQL_TYPE_DATE => moment(&source)?.date()?,
        abi::SQL_TYPE_TIME => moment(&source)?.time(seconds_digits(to, 8))?,
        abi::SQL_TYPE_TIMESTAMP => moment(&source)?.timestamp(seconds_digits(to, 19), today)?,
        abi::SQL_GUID => format!("UUID '{}'", uuid(&source)?),
        sql_type => {
            let interval = interval(sql_type).ok_or(ParameterError::RestrictedType)?;
            return span(&source, interval);
        }
    };
    Ok((text, None))
}

/// Whether a type is one of text.
pub(super) fn is_text(sql_type: i16) -> bool {
    matches!(
        sql_type,
        abi::SQL_CHAR
            | abi::SQL_VARCHAR
            | abi::SQL_LONGVARCHAR
            | abi::SQL_WCHAR
            | abi::SQL_WVARCHAR
            | abi::SQL_WLONGVARCHAR
    )
}

/// Refuses text of more characters than the column has; applications count them in different units, of which none is
/// larger.
fn check_length(text: &str, size: usize) -> Result<(), ParameterError> {
    if size > 0 && text.len() > size && text.chars().count() > size {
        return Err(ParameterError::Truncated);
    }
    Ok(())
}

/// Digits after the seconds that a type is said to have; its text has `whole` characters without them.
fn seconds_digits(to: &ParameterType, whole: usize) -> Option<u8> {
    match u8::try_from(to.digits) {
        Ok(digits @ 1..) => Some(digits),
        _ if to.size == whole => Some(0),
        _ => None,
    }
}

/// Text in quotes, those inside doubled, after the name of a type.
pub(super) fn quoted(name: &str, text: &str) -> String {
    let mut literal = String::with_capacity(name.len() + text.len() + 2);
    literal.push_str(name);
    literal.push('\'');
    for (index, part) in text.split('\'').enumerate() {
        if index > 0 {
            literal.push_str("''");
        }
        literal.push_str(part);
    }
    literal.push('\'');
    literal
}

fn text<'a>(source: &'a Source<'_>) -> Result<std::borrow::Cow<'a, str>, ParameterError> {
    Ok(match source {
        Source::Text(text) => text.as_ref().into(),
        Source::Bytes(bytes) => std::str::from_utf8(bytes)
            .map_err(|_| ParameterError::InvalidText)?
            .into(),
        Source::Whole(number) => number.to_string().into(),
        Source::Exact(number) => exact_text(number).into(),
        Source::Float(number) => floating(*number).into(),
        Source::Double(number) => floating(*number).into(),
        Source::Moment(moment) => moment.text().into(),
        Source::Uuid(_) => uuid(source)?.into(),
        Source::Span(span, interval) => fields_text(*span, *interval).into(),
    })
}

/// `true` or `false`, of 1 or 0 and of the words themselves.
fn boolean(source: &Source<'_>) -> Result<String, ParameterError> {
    if let Source::Text(text) = source {
        let text = text.trim();
        for word in ["true", "false"] {
            if text.eq_ignore_ascii_case(word) {
                return Ok(word.to_owned());
            }
        }
    }
    let number = exact(source)?;
    let one = power(number.scale);
    match number.unscaled {
        0 if !number.lost => Ok("false".to_owned()),
        unscaled if unscaled == one && !number.lost => Ok("true".to_owned()),
        unscaled if unscaled > 0 && unscaled < 2 * one => Err(ParameterError::Truncated),
        _ => Err(ParameterError::NumericOutOfRange),
    }
}

fn whole(
    source: &Source<'_>,
    name: &str,
    least: impl Into<i128>,
    most: impl Into<i128>,
) -> Written {
    let number = exact(source)?;
    let one = power(number.scale);
    let value = number.unscaled / one;
    let lost = number.lost || value * one != number.unscaled;
    if !(least.into()..=most.into()).contains(&value) {
        return Err(ParameterError::NumericOutOfRange);
    }
    Ok((format!("{name} '{value}'"), fraction(source, lost)?))
}

/// A decimal with the digits after the point that it has, but no more than the SQL type.
fn decimal(source: &Source<'_>, to: &ParameterType) -> Written {
    let mut number = exact(source)?;
    let mut lost = number.lost;
    if let Some((size, digits)) = stated_decimal(to) {
        if number.scale > digits {
            let cut = power(number.scale - digits);
            lost |= number.unscaled % cut != 0;
            number.unscaled /= cut;
            number.scale = digits;
        }
        let whole_digits = size - digits;
        if (number.unscaled / power(number.scale)).abs() >= power(whole_digits) {
            return Err(ParameterError::NumericOutOfRange);
        }
    }
    let warning = fraction(source, lost)?;
    Ok((format!("DECIMAL '{}'", exact_text(&number)), warning))
}

/// Digits, and digits after the point, that a decimal is said to have. Applications that do not know say 0, or what no
/// decimal has.
pub(super) fn stated_decimal(to: &ParameterType) -> Option<(u8, u8)> {
    let size = u8::try_from(to.size).ok()?;
    let digits = u8::try_from(to.digits).ok()?;
    ((1..=38).contains(&size) && digits <= size).then_some((size, digits))
}

/// What a lost fraction is: an error where the application wrote it out, else a warning.
fn fraction(source: &Source<'_>, lost: bool) -> Result<Option<Warning>, ParameterError> {
    match source {
        Source::Text(_) if lost => Err(ParameterError::Truncated),
        _ => Ok(lost.then_some(Warning::FractionTruncated)),
    }
}

fn exact(source: &Source<'_>) -> Result<Exact, ParameterError> {
    Ok(match source {
        Source::Text(text) => literal::exact(text.as_bytes())?,
        Source::Whole(number) => Exact::from(*number),
        Source::Exact(number) => *number,
        // The shortest text that is this number and no other of its type.
        Source::Float(number) => literal::exact(floating(*number).as_bytes())?,
        Source::Double(number) => literal::exact(floating(*number).as_bytes())?,
        Source::Span(span, interval) => field_number(*span, *interval),
        _ => return Err(ParameterError::RestrictedType),
    })
}

fn double(source: &Source<'_>) -> Result<f64, ParameterError> {
    Ok(match source {
        Source::Text(text) => literal::double(text.as_bytes())?,
        Source::Whole(number) => *number as f64,
        Source::Exact(number) => literal::double(exact_text(number).as_bytes())?,
        Source::Float(number) => f64::from(*number),
        Source::Double(number) => *number,
        _ => return Err(ParameterError::RestrictedType),
    })
}

fn float(source: &Source<'_>) -> Result<f32, ParameterError> {
    Ok(match source {
        Source::Text(text) => literal::float(text.as_bytes())?,
        Source::Float(number) => *number,
        Source::Double(number) if number.is_finite() && (*number as f32).is_infinite() => {
            return Err(ParameterError::NumericOutOfRange);
        }
        _ => double(source)? as f32,
    })
}

/// Refuses more bytes than the column has, if its size is known.
fn check_bytes(length: usize, size: usize) -> Result<(), ParameterError> {
    match size {
        1.. if length > size => Err(ParameterError::Truncated),
        _ => Ok(()),
    }
}

fn binary(source: &Source<'_>, size: usize) -> Result<String, ParameterError> {
    Ok(match source {
        Source::Bytes(bytes) => {
            check_bytes(bytes.len(), size)?;
            let mut literal = String::with_capacity(2 * bytes.len() + 3);
            literal.push_str("X'");
            for byte in *bytes {
                let _ = write!(literal, "{byte:02X}");
            }
            literal.push('\'');
            literal
        }
        // Text of bytes has two hexadecimal digits for each; the standard leaves out one that has no other.
        Source::Text(text) => {
            if !text.bytes().all(|digit| digit.is_ascii_hexdigit()) {
                return Err(ParameterError::InvalidText);
            }
            let digits = text.get(..text.len() / 2 * 2).unwrap_or_default();
            check_bytes(digits.len() / 2, size)?;
            format!("X'{digits}'")
        }
        _ => return Err(ParameterError::RestrictedType),
    })
}

fn moment<'a>(source: &'a Source<'_>) -> Result<Moment<'a>, ParameterError> {
    match source {
        Source::Text(text) => Moment::parse(text),
        Source::Moment(moment) => Ok(*moment),
        _ => Err(ParameterError::RestrictedType),
    }
}

fn uuid(source: &Source<'_>) -> Result<String, ParameterError> {
    let uuid = match source {
        Source::Uuid(uuid) => *uuid,
        Source::Text(text) => guid::uuid(guid::parse(text.as_bytes())?.0),
        Source::Bytes(bytes) => (*bytes)
            .try_into()
            .map_err(|_| ParameterError::NumericOutOfRange)?,
        _ => return Err(ParameterError::RestrictedType),
    };
    let mut text = Scratch::new();
    guid::push_uuid(&uuid, &mut text);
    Ok(shown(&text))
}

/// An interval, which must not have more fields than its type, nor less than milliseconds.
fn span(source: &Source<'_>, interval: Interval) -> Written {
    let (span, lost) = match source {
        Source::Span(span, _) => (*span, false),
        Source::Text(text) => interval_literal::parse(text.as_bytes(), interval)?,
        _ => (one_field(source, interval)?, false),
    };
    let (beyond, unit, text) = match span.amount {
        Amount::Months(months) => {
            let months = i32::try_from(months).map_err(|_| ParameterError::IntervalOverflow)?;
            let beyond = interval == Interval::Year && months % 12 != 0;
            (beyond, "YEAR TO MONTH", span_text(span))
        }
        Amount::Millis(millis) => {
            let millis = i64::try_from(millis).map_err(|_| ParameterError::IntervalOverflow)?;
            let (_, rest) = clock_fields(millis.unsigned_abs(), interval);
            let beyond = span.nanos != 0 || (places(interval).1 < 3 && rest != 0);
            (beyond, "DAY TO SECOND", span_text(span))
        }
    };
    if beyond || lost {
        return Err(ParameterError::IntervalOverflow);
    }
    Ok((format!("INTERVAL '{text}' {unit}"), None))
}

/// The interval of so many years, months, days, hours, minutes or seconds; only seconds have a fraction.
fn one_field(source: &Source<'_>, interval: Interval) -> Result<Span, ParameterError> {
    let number = exact(source)?;
    let unit = match interval {
        Interval::Year => 12,
        Interval::Month => 1,
        Interval::Day => 86_400_000,
        Interval::Hour => 3_600_000,
        Interval::Minute => 60_000,
        _ => 1000,
    };
    let one = power(number.scale);
    let fraction = number.lost || number.unscaled % one != 0;
    let value = number.unscaled.checked_mul(unit);
    let value = value.ok_or(ParameterError::IntervalOverflow)?;
    if (fraction && interval != Interval::Second) || value % one != 0 {
        return Err(ParameterError::IntervalOverflow);
    }
    let value = i64::try_from(value / one).map_err(|_| ParameterError::IntervalOverflow)?;
    Ok(if of_months(interval) {
        Span::of_months(value)
    } else {
        Span::of_millis(value)
    })
}

/// The number that the only field of an interval holds.
fn field_number(span: Span, interval: Interval) -> Exact {
    let (fields, nanos) = fields(span, interval);
    let place = single(interval).expect("the interval has one field");
    let whole = i128::from(fields[place]);
    let mut unscaled = whole * 1_000_000_000 + i128::from(nanos);
    let mut scale = 9;
    while scale > 0 && unscaled % 10 == 0 {
        unscaled /= 10;
        scale -= 1;
    }
    Exact {
        unscaled: if span.negative { -unscaled } else { unscaled },
        scale,
        lost: false,
    }
}

/// An interval with the fields that its type has, as between the quotes of a literal.
fn fields_text(span: Span, interval: Interval) -> String {
    let (fields, nanos) = fields(span, interval);
    let separators = if of_months(interval) {
        *b"-??"
    } else {
        *b" ::"
    };
    let (first, last) = places(interval);
    let mut text = Scratch::new();
    if span.negative {
        text.push_byte(b'-');
    }
    for (place, field) in fields.iter().enumerate().take(last + 1).skip(first) {
        if place == first {
            text.push_integer(*field);
            continue;
        }
        let separator = separators.get(place - 1).copied().unwrap_or(b' ');
        text.push_byte(separator);
        if separator == b'-' {
            text.push_integer(*field);
        } else {
            text.push_padded(*field, 2);
        }
    }
    if !of_months(interval) && last == 3 {
        // Three digits as in Trino, and more where there are more.
        let (mut digits, mut fraction) = (9, nanos);
        while digits > 3 && fraction.is_multiple_of(10) {
            fraction /= 10;
            digits -= 1;
        }
        text.push_byte(b'.');
        text.push_padded(fraction, digits);
    }
    shown(&text)
}

/// The fields that a type has of an interval, and the nanoseconds that are left.
fn fields(span: Span, interval: Interval) -> ([u64; 5], u64) {
    match span.amount {
        Amount::Months(months) => (months_fields(months, interval).0, 0),
        Amount::Millis(millis) => {
            let (fields, rest) = clock_fields(millis, interval);
            (fields, rest * 1_000_000 + u64::from(span.nanos))
        }
    }
}

/// An interval as Trino writes it in literals.
fn span_text(span: Span) -> String {
    let mut text = Scratch::new();
    let (Amount::Months(size) | Amount::Millis(size)) = span.amount;
    let size = i64::try_from(size).unwrap_or(i64::MAX);
    let size = if span.negative { -size } else { size };
    match span.amount {
        Amount::Months(_) => push_months(size, &mut text),
        Amount::Millis(_) => {
            push_millis(size, &mut text);
        }
    }
    shown(&text)
}

fn exact_text(number: &Exact) -> String {
    let mut text = Scratch::new();
    decimal_text(number.unscaled, number.scale, &mut text);
    shown(&text)
}

fn floating(number: impl Floating) -> String {
    let mut text = Scratch::new();
    float_text(number, &mut text);
    shown(&text)
}

fn shown(text: &Scratch) -> String {
    String::from_utf8_lossy(text.as_bytes()).into_owned()
}
