//! Literals of Trino, by SQL type.

use std::fmt::Write as _;

use super::source::Source;
use super::temporal::Moment;
use super::{ParameterError, ParameterType, Warning, interval};
use crate::abi::{self, Interval};
use crate::convert::decimal::{Exact, decimal_text, power};
use crate::convert::interval::{Span, of_months, push_millis, push_months, single};
use crate::convert::number::{Floating, float_text};
use crate::convert::scratch::Scratch;
use crate::convert::{guid, literal};

type Written = Result<(String, Option<Warning>), ParameterError>;

/// The literal of a value as its SQL type wants it.
pub(super) fn literal(
    source: Source<'_>,
    to: &ParameterType,
    today: impl FnOnce() -> i64,
) -> Written {
    let text = match to.sql_type {
        abi::SQL_CHAR
        | abi::SQL_VARCHAR
        | abi::SQL_LONGVARCHAR
        | abi::SQL_WVARCHAR
        | abi::SQL_WLONGVARCHAR => quoted("", &text(&source)?),
        // What a column of CHAR is described as. Its values are compared without the blanks at their end.
        abi::SQL_WCHAR => {
            let text = text(&source)?;
            let fits = text.chars().count() <= LONGEST_CHAR;
            quoted(if fits { "CHAR " } else { "" }, &text)
        }
        abi::SQL_BIT => boolean(&source)?,
        abi::SQL_TINYINT => return whole(&source, "TINYINT", i8::MIN, i8::MAX),
        abi::SQL_SMALLINT => return whole(&source, "SMALLINT", i16::MIN, i16::MAX),
        abi::SQL_INTEGER => return whole(&source, "INTEGER", i32::MIN, i32::MAX),
        abi::SQL_BIGINT => return whole(&source, "BIGINT", i64::MIN, i64::MAX),
        abi::SQL_REAL => format!("REAL '{}'", floating(float(&source)?)),
        abi::SQL_FLOAT | abi::SQL_DOUBLE => format!("DOUBLE '{}'", floating(double(&source)?)),
        abi::SQL_DECIMAL | abi::SQL_NUMERIC => return decimal(&source, to),
        abi::SQL_BINARY | abi::SQL_VARBINARY | abi::SQL_LONGVARBINARY => binary(&source)?,
        abi::SQL_TYPE_DATE => moment(&source)?.date()?,
        abi::SQL_TYPE_TIME => moment(&source)?.time()?,
        abi::SQL_TYPE_TIMESTAMP => moment(&source)?.timestamp(today),
        abi::SQL_GUID => format!("UUID '{}'", uuid(&source)?),
        sql_type => {
            let interval = interval(sql_type).ok_or(ParameterError::RestrictedType)?;
            return span(&source, interval);
        }
    };
    Ok((text, None))
}

/// Text in quotes, those inside doubled, after the name of a type.
fn quoted(name: &str, text: &str) -> String {
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
        Source::Span(span, _) => span_text(*span).into(),
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
    // Applications that do not know say 0, or what no decimal has.
    let stated = (1..=38)
        .contains(&to.size)
        .then_some(to.size)
        .zip(usize::try_from(to.digits).ok())
        .filter(|(size, digits)| digits <= size);
    if let Some((size, digits)) = stated {
        let digits = digits as u8;
        if number.scale > digits {
            let cut = power(number.scale - digits);
            lost |= number.unscaled % cut != 0;
            number.unscaled /= cut;
            number.scale = digits;
        }
        let whole_digits = size as u8 - digits;
        if (number.unscaled / power(number.scale)).abs() >= power(whole_digits) {
            return Err(ParameterError::NumericOutOfRange);
        }
    }
    let warning = fraction(source, lost)?;
    Ok((format!("DECIMAL '{}'", exact_text(&number)), warning))
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

fn binary(source: &Source<'_>) -> Result<String, ParameterError> {
    Ok(match source {
        Source::Bytes(bytes) => {
            let mut literal = String::with_capacity(2 * bytes.len() + 3);
            literal.push_str("X'");
            for byte in *bytes {
                let _ = write!(literal, "{byte:02X}");
            }
            literal.push('\'');
            literal
        }
        // Text of bytes has two hexadecimal digits for each.
        Source::Text(text) => {
            let pairs = text.len().is_multiple_of(2);
            if !pairs || !text.bytes().all(|digit| digit.is_ascii_hexdigit()) {
                return Err(ParameterError::InvalidText);
            }
            format!("X'{text}'")
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
            .map_err(|_| ParameterError::InvalidLength)?,
        _ => return Err(ParameterError::RestrictedType),
    };
    let mut text = Scratch::new();
    guid::push_uuid(&uuid, &mut text);
    Ok(shown(&text))
}

fn span(source: &Source<'_>, interval: Interval) -> Written {
    let (span, lost) = match source {
        Source::Span(span, lost) => (*span, *lost),
        Source::Text(text) => match literal::span(text.trim().as_bytes()) {
            Ok(span) => (span, false),
            // A number of the interval's only field.
            Err(_) => one_field(source, interval)?,
        },
        _ => one_field(source, interval)?,
    };
    let unit = match span {
        Span::Months(_) if of_months(interval) => "YEAR TO MONTH",
        Span::Millis(_) if !of_months(interval) => "DAY TO SECOND",
        _ => return Err(ParameterError::RestrictedType),
    };
    let warning = lost.then_some(Warning::FractionTruncated);
    Ok((format!("INTERVAL '{}' {unit}", span_text(span)), warning))
}

/// The interval of so many years, months, days, hours, minutes or seconds.
fn one_field(source: &Source<'_>, interval: Interval) -> Result<(Span, bool), ParameterError> {
    if single(interval).is_none() {
        return Err(match source {
            Source::Text(_) => ParameterError::InvalidText,
            _ => ParameterError::RestrictedType,
        });
    }
    let number = exact(source)?;
    let one = power(number.scale);
    let units = |unit: i128| {
        let scaled = number.unscaled.checked_mul(unit);
        let scaled = scaled.ok_or(ParameterError::IntervalOverflow)?;
        let value = i64::try_from(scaled / one).map_err(|_| ParameterError::IntervalOverflow)?;
        Ok::<_, ParameterError>((value, number.lost || scaled % one != 0))
    };
    let millis = match interval {
        Interval::Year => {
            let (years, lost) = units(1)?;
            let months = years.checked_mul(12);
            let months = months.ok_or(ParameterError::IntervalOverflow)?;
            return Ok((Span::Months(months), lost));
        }
        Interval::Month => {
            let (months, lost) = units(1)?;
            return Ok((Span::Months(months), lost));
        }
        Interval::Day => 86_400_000,
        Interval::Hour => 3_600_000,
        Interval::Minute => 60_000,
        _ => 1000,
    };
    let (millis, lost) = units(millis)?;
    Ok((Span::Millis(millis), lost))
}

fn span_text(span: Span) -> String {
    let mut text = Scratch::new();
    match span {
        Span::Months(months) => push_months(months, &mut text),
        Span::Millis(millis) => {
            push_millis(millis, &mut text);
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

/// Characters that a CHAR of Trino has at most.
const LONGEST_CHAR: usize = 65_536;
