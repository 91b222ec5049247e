//! Dates and times on their way to Trino, to the picosecond.

use super::ParameterError;
use crate::convert::literal::{calendar, clock};
use crate::convert::scratch::Scratch;
use crate::convert::temporal::{SECOND_PICOS, push_date, push_time};

/// A date, a time or both.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Moment<'a> {
    /// Days since 1970-01-01.
    pub(super) days: Option<i64>,
    /// Picoseconds since midnight.
    pub(super) picos: Option<i64>,
    /// A time zone or an offset; empty where there is none.
    pub(super) zone: &'a str,
}

impl<'a> Moment<'a> {
    /// Reads a date and time: `yyyy-MM-dd`, `HH:mm:ss[.f]`, one after the other, perhaps with a zone, and
    /// perhaps as ODBC's `{d '…'}`, `{t '…'}` or `{ts '…'}`.
    pub(super) fn parse(text: &'a str) -> Result<Self, ParameterError> {
        let text = unescaped(text.trim());
        let mut moment = Self::default();
        let rest = if text.as_bytes().get(2) == Some(&b':') {
            text
        } else {
            let (date, rest) = text.split_once([' ', 'T']).unwrap_or((text, ""));
            moment.days = Some(calendar(date.as_bytes())?);
            rest.trim_start()
        };
        if rest.is_empty() {
            return Ok(moment);
        }
        let end = rest
            .find(|c: char| !(c.is_ascii_digit() || matches!(c, ':' | '.')))
            .unwrap_or(rest.len());
        let (time, zone) = rest.split_at_checked(end).unwrap_or((rest, ""));
        let zone = zone.trim();
        let is_zone =
            |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '_' | '+' | '-' | ':');
        if !zone.chars().all(is_zone) {
            return Err(ParameterError::InvalidText);
        }
        moment.picos = Some(picos(time)?);
        moment.zone = zone;
        Ok(moment)
    }

    /// The date alone; 22008 when there is a time that it would lose.
    pub(super) fn date(&self) -> Result<String, ParameterError> {
        let days = self.days.ok_or(ParameterError::InvalidText)?;
        if self.picos.unwrap_or_default() != 0 {
            return Err(ParameterError::DatetimeOverflow);
        }
        let mut text = Scratch::new();
        push_date(days, &mut text);
        Ok(format!("DATE '{}'", shown(&text)))
    }

    /// The time of day alone; 22008 when it has more digits after the seconds than the type.
    pub(super) fn time(&self, most: Option<u8>) -> Result<String, ParameterError> {
        let picos = self.picos.ok_or(ParameterError::InvalidText)?;
        check_digits(picos, most)?;
        let mut text = Scratch::new();
        push_time(picos, digits(picos), &mut text);
        // Trino's times have offsets only; it says so itself of anything else.
        Ok(format!("TIME '{}{}'", shown(&text), self.zone))
    }

    /// Both; a time alone is one of `today`. 22008 as for times.
    pub(super) fn timestamp(
        &self,
        most: Option<u8>,
        today: impl FnOnce() -> i64,
    ) -> Result<String, ParameterError> {
        let mut text = Scratch::new();
        push_date(self.days.unwrap_or_else(today), &mut text);
        text.push_byte(b' ');
        let picos = self.picos.unwrap_or_default();
        check_digits(picos, most)?;
        push_time(picos, digits(picos), &mut text);
        let blank = if self.zone.is_empty() { "" } else { " " };
        Ok(format!("TIMESTAMP '{}{blank}{}'", shown(&text), self.zone))
    }

    /// What there is of both, as text.
    pub(super) fn text(&self) -> String {
        let mut text = Scratch::new();
        if let Some(days) = self.days {
            push_date(days, &mut text);
        }
        if let Some(picos) = self.picos {
            if self.days.is_some() {
                text.push_byte(b' ');
            }
            push_time(picos, digits(picos), &mut text);
        }
        shown(&text).to_owned()
    }
}

/// The text inside of an escape sequence for dates and times; any other as it is.
fn unescaped(text: &str) -> &str {
    quoted(text).unwrap_or(text).trim()
}

/// The text between the quotes of such an escape sequence.
fn quoted(text: &str) -> Option<&str> {
    let inner = text.strip_prefix('{')?.strip_suffix('}')?.trim();
    let inner = ["ts", "d", "t"].iter().find_map(|kind| {
        let (head, rest) = inner.split_at_checked(kind.len())?;
        let rest = rest.trim_start();
        (head.eq_ignore_ascii_case(kind) && rest.starts_with('\'')).then_some(rest)
    })?;
    inner.strip_prefix('\'')?.strip_suffix('\'')
}

/// Picoseconds since midnight of `HH:mm[:ss[.f]]`, of which Trino keeps twelve digits.
fn picos(text: &str) -> Result<i64, ParameterError> {
    let (nanos, finer) = clock(text.as_bytes())?;
    let mut picos = nanos * 1000;
    if finer {
        let fraction = text.split_once('.').map_or("", |(_, fraction)| fraction);
        let mut digits = fraction
            .bytes()
            .skip(9)
            .map(|digit| i64::from(digit - b'0'));
        for unit in [100, 10, 1] {
            picos += digits.next().unwrap_or_default() * unit;
        }
        if digits.any(|digit| digit != 0) {
            return Err(ParameterError::DatetimeOverflow);
        }
    }
    Ok(picos)
}

fn check_digits(picos: i64, most: Option<u8>) -> Result<(), ParameterError> {
    match most {
        Some(most) if digits(picos) > most => Err(ParameterError::DatetimeOverflow),
        _ => Ok(()),
    }
}

/// The fewest digits after the seconds that hold the fraction: Trino widens a value to a column's precision, and does
/// not narrow a column to a value's.
fn digits(picos: i64) -> u8 {
    let mut fraction = picos % SECOND_PICOS;
    if fraction == 0 {
        return 0;
    }
    let mut digits = 12;
    while fraction % 10 == 0 {
        fraction /= 10;
        digits -= 1;
    }
    digits
}

fn shown(text: &Scratch) -> &str {
    std::str::from_utf8(text.as_bytes()).expect("dates and times are ASCII")
}
