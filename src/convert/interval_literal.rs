//! Text to intervals: the interval literals of Appendix C, and what their quotes hold.
//!
//! The whole literal says itself which fields it has: `INTERVAL -'163 12:39' DAY(3) TO MINUTE`, also in the braces of
//! an escape sequence. What stands between the quotes does not: `12` and `163:59` have the fields of the type that they
//! are wanted for, and so does anything else that fits it. What is left is as Trino shows intervals: `Y-M` and
//! `D HH:MM:SS.f`.

use super::Error;
use super::literal::{self, sign, split_once};
use super::span::{Amount, Span, of_months, places};
use crate::abi::Interval;

/// Reads an interval for a type of these fields; also whether it has digits beyond the nanoseconds.
pub(super) fn parse(text: &[u8], wanted: Interval) -> Result<(Span, bool), Error> {
    let text = text.trim_ascii();
    let text = match text {
        [b'{', inner @ .., b'}'] => inner.trim_ascii(),
        _ => text,
    };
    let read = match keyword(text, b"INTERVAL") {
        Some(rest) => whole(rest)?,
        None => {
            let (negative, text) = sign(text);
            let own = match wanted {
                _ if text.contains(&b' ') => Interval::DayToSecond,
                _ if text.contains(&b'-') => Interval::YearToMonth,
                _ => Interval::HourToSecond,
            };
            let read = match value(text, wanted) {
                Err(Error::InvalidText) => value(text, own)?,
                read => read?,
            };
            (signed(read.0, negative), read.1)
        }
    };
    match read.0.amount {
        Amount::Months(_) if of_months(wanted) => Ok(read),
        Amount::Millis(_) if !of_months(wanted) => Ok(read),
        // An interval, but of the other kind.
        _ => Err(Error::InvalidText),
    }
}

/// What follows the word INTERVAL: sign, value in quotes and fields with their precisions.
fn whole(text: &[u8]) -> Result<(Span, bool), Error> {
    let (outside, text) = sign(text.trim_ascii());
    let text = text.trim_ascii_start().strip_prefix(b"'");
    let text = text.ok_or(Error::InvalidText)?;
    let (quoted, fields) = split_once(text, |byte| *byte == b'\'').ok_or(Error::InvalidText)?;
    let fields = Fields::parse(fields)?;
    let (inside, quoted) = sign(quoted.trim_ascii());
    let (span, lost) = value(quoted, fields.interval)?;
    let leading = quoted
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    let fraction = quoted.iter().position(|byte| *byte == b'.');
    let fraction = fraction.map_or(0, |point| quoted.len() - point - 1);
    if leading > fields.leading || fraction > fields.fraction {
        return Err(Error::InvalidText);
    }
    Ok((signed(span, outside != inside), lost))
}

/// The fields that an interval literal ends with.
struct Fields {
    interval: Interval,
    /// Most digits of the first field.
    leading: usize,
    /// Most digits after the point.
    fraction: usize,
}

impl Fields {
    fn parse(text: &[u8]) -> Result<Self, Error> {
        let (first, leading, seconds, rest) = Self::field(text)?;
        let rest = rest.trim_ascii();
        let (last, fraction) = if rest.is_empty() {
            (first, seconds)
        } else {
            let rest = keyword(rest, b"TO").ok_or(Error::InvalidText)?;
            let (last, precision, none, rest) = Self::field(rest)?;
            if none.is_some() || !rest.trim_ascii().is_empty() {
                return Err(Error::InvalidText);
            }
            (last, precision)
        };
        use crate::abi::Interval::{
            Day, DayToHour, DayToMinute, DayToSecond, Hour, HourToMinute, HourToSecond, Minute,
            MinuteToSecond, Month, Second, Year, YearToMonth,
        };
        let interval = match (first, last) {
            (first, last) if first == last && rest.is_empty() => first,
            (Year, Month) => YearToMonth,
            (Day, Hour) => DayToHour,
            (Day, Minute) => DayToMinute,
            (Day, Second) => DayToSecond,
            (Hour, Minute) => HourToMinute,
            (Hour, Second) => HourToSecond,
            (Minute, Second) => MinuteToSecond,
            _ => return Err(Error::InvalidText),
        };
        Ok(Self {
            interval,
            leading: leading.unwrap_or(2),
            fraction: fraction.unwrap_or(6),
        })
    }

    /// One field, the precision or two in the parentheses after it, and the rest.
    fn field(text: &[u8]) -> Result<Field<'_>, Error> {
        let text = text.trim_ascii();
        let names: [(&[u8], Interval); 6] = [
            (b"YEAR", Interval::Year),
            (b"MONTH", Interval::Month),
            (b"DAY", Interval::Day),
            (b"HOUR", Interval::Hour),
            (b"MINUTE", Interval::Minute),
            (b"SECOND", Interval::Second),
        ];
        let (interval, rest) = names
            .iter()
            .find_map(|(name, interval)| Some((*interval, keyword(text, name)?)))
            .ok_or(Error::InvalidText)?;
        let Some(inner) = rest.trim_ascii_start().strip_prefix(b"(") else {
            return Ok((interval, None, None, rest));
        };
        let (inner, rest) = split_once(inner, |byte| *byte == b')').ok_or(Error::InvalidText)?;
        let mut precisions = inner
            .split(|byte| *byte == b',')
            .map(|digits| literal::number(Some(digits.trim_ascii()), 1..=2).map(|n| n as usize));
        let first = precisions.next().transpose()?;
        let second = precisions.next().transpose()?;
        if precisions.next().is_some() || (second.is_some() && interval != Interval::Second) {
            return Err(Error::InvalidText);
        }
        Ok((interval, first, second, rest))
    }
}

type Field<'a> = (Interval, Option<usize>, Option<usize>, &'a [u8]);

/// What the quotes hold, without a sign, for a type of these fields.
fn value(text: &[u8], interval: Interval) -> Result<(Span, bool), Error> {
    let months = of_months(interval);
    let (first, last) = places(interval);
    // A number of seconds may have a fraction, or nothing after the point.
    let (text, fraction) = match split_once(text, |byte| *byte == b'.') {
        Some(parts) if !months && last == 3 => parts,
        _ => (text, b"".as_slice()),
    };
    let units: [u64; 4] = if months {
        [12, 1, 0, 0]
    } else {
        [86_400_000, 3_600_000, 60_000, 1000]
    };
    let separators: [u8; 3] = if months { *b"-??" } else { *b" ::" };
    let mut rest = Some(text);
    let mut total = 0_u64;
    for (place, unit) in units.into_iter().enumerate().take(last + 1).skip(first) {
        let text = rest.ok_or(Error::InvalidText)?;
        let parts = separators
            .get(place)
            .filter(|_| place < last)
            .and_then(|separator| split_once(text, |byte| byte == separator));
        let digits = parts.map_or(text, |(digits, _)| digits);
        rest = parts.map(|(_, rest)| rest);
        let leading = place == first;
        let field = literal::number(Some(digits), if leading { 1..=18 } else { 1..=2 })?;
        let most = match (months, place) {
            (true, _) => 11,
            (false, 1) => 23,
            (false, _) => 59,
        };
        if !leading && field > most {
            return Err(Error::InvalidText);
        }
        total = field
            .unsigned_abs()
            .checked_mul(unit)
            .and_then(|part| total.checked_add(part))
            .ok_or(Error::IntervalOverflow)?;
    }
    if rest.is_some() || !fraction.iter().all(u8::is_ascii_digit) {
        return Err(Error::InvalidText);
    }
    let mut nanos = 0;
    for place in 0..9 {
        let digit = fraction.get(place).map_or(0, |digit| digit - b'0');
        nanos = nanos * 10 + u32::from(digit);
    }
    let lost = fraction.iter().skip(9).any(|digit| *digit != b'0');
    let amount = if months {
        Amount::Months(total)
    } else {
        let millis = total.checked_add(u64::from(nanos / 1_000_000));
        Amount::Millis(millis.ok_or(Error::IntervalOverflow)?)
    };
    let span = Span {
        negative: false,
        amount,
        nanos: nanos % 1_000_000,
    };
    Ok((span, lost))
}

fn signed(span: Span, negative: bool) -> Span {
    Span { negative, ..span }
}

/// What follows a word, in any case; `None` when the text does not begin with it.
fn keyword<'a>(text: &'a [u8], word: &[u8]) -> Option<&'a [u8]> {
    let text = text.trim_ascii_start();
    let (head, rest) = text.split_at_checked(word.len())?;
    let ends = !rest.first().is_some_and(u8::is_ascii_alphanumeric);
    (head.eq_ignore_ascii_case(word) && ends).then_some(rest)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Error, Span, parse};
    use crate::abi::Interval::{self, *};

    fn read(text: &str, wanted: Interval) -> Result<Span, Error> {
        parse(text.as_bytes(), wanted).map(|(span, _)| span)
    }

    #[test]
    fn intervals_read_as_trino_shows_them_whatever_is_wanted() {
        assert_eq!(read(" 3-2 ", YearToMonth), Ok(Span::of_months(38)));
        assert_eq!(read("-0-1", Year), Ok(Span::of_months(-1)));
        let millis = Ok(Span::of_millis(-183_845_678));
        for wanted in [DayToSecond, Day, Second, HourToMinute] {
            assert_eq!(read("-2 03:04:05.678", wanted), millis);
        }
    }

    #[test]
    fn values_have_the_fields_of_the_type() {
        for (text, wanted, expected) in [
            ("7", Year, Span::of_months(84)),
            ("-7", Month, Span::of_months(-7)),
            ("+326", Day, Span::of_millis(326 * 86_400_000)),
            ("163", Hour, Span::of_millis(163 * 3_600_000)),
            ("163", Minute, Span::of_millis(163 * 60_000)),
            ("223.16", Second, Span::of_millis(223_160)),
            ("5.", Second, Span::of_millis(5000)),
            (
                "163 12",
                DayToHour,
                Span::of_millis((163 * 24 + 12) * 3_600_000),
            ),
            (
                "1 2:3",
                DayToMinute,
                Span::of_millis((26 * 60 + 3) * 60_000),
            ),
            (
                "163:39",
                HourToMinute,
                Span::of_millis((163 * 60 + 39) * 60_000),
            ),
            ("163:39:59.163", HourToSecond, Span::of_millis(589_199_163)),
            ("163:59.163", MinuteToSecond, Span::of_millis(9_839_163)),
        ] {
            assert_eq!(read(text, wanted), Ok(expected), "{text}");
        }
    }

    #[test]
    fn whole_literals_say_their_fields() {
        for (text, wanted, expected) in [
            ("INTERVAL '326' YEAR(4)", Month, Span::of_months(3912)),
            ("{INTERVAL '326' MONTH(3)}", Year, Span::of_months(326)),
            ("interval -'7' hour", Day, Span::of_millis(-25_200_000)),
            ("INTERVAL -'-7' HOUR", Day, Span::of_millis(25_200_000)),
            (
                "INTERVAL '223.16' SECOND(3,2)",
                Minute,
                Span::of_millis(223_160),
            ),
            (
                "{ INTERVAL '163-11' YEAR(3) TO MONTH }",
                Year,
                Span::of_months(1967),
            ),
            (
                "INTERVAL '163:59.163' MINUTE(3) TO SECOND(5)",
                Day,
                Span::of_millis(9_839_163),
            ),
            (
                "INTERVAL -'16 23:39:56.23' DAY TO SECOND",
                Day,
                Span::of_millis(-1_467_596_230),
            ),
        ] {
            assert_eq!(read(text, wanted), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_the_reference_calls_invalid_is_refused() {
        for text in [
            "INTERVAL '163' HOUR(2)",
            "INTERVAL '223.16' SECOND(2,2)",
            "INTERVAL '223.16' SECOND(3,1)",
            "INTERVAL '223.16' SECOND",
            "INTERVAL '22.1234567' SECOND",
            "INTERVAL '163 65' DAY(3) TO HOUR",
            "INTERVAL '163 62:39' DAY(3) TO MINUTE",
            "INTERVAL '163 12:125:59.163' DAY(3) TO SECOND(3)",
            "INTERVAL '163:144' HOUR(3) TO MINUTE",
            "INTERVAL '163:567:234.163' HOUR(3) TO SECOND(4)",
            "INTERVAL '163:591.163' MINUTE(3) TO SECOND(5)",
            "INTERVAL '1' DAY TO YEAR",
            "INTERVAL '1' DAY TO DAY",
            "INTERVAL '1' DAY(1,2)",
            "INTERVAL 1 DAY",
            "INTERVAL '1",
            "INTERVALS '1' DAY",
            "",
            "-",
            "2 03 04",
            "1:2:3:4",
            "2:60:00",
            "1.5",
            "3-2",
            "x",
        ] {
            assert_eq!(read(text, Day), Err(Error::InvalidText), "{text}");
        }
        assert_eq!(read("1-12", YearToMonth), Err(Error::InvalidText));
        assert_eq!(read("INTERVAL '223' YEAR", Year), Err(Error::InvalidText));
        assert_eq!(read("3", YearToMonth), Err(Error::InvalidText));
        assert_eq!(read("3", HourToSecond), Err(Error::InvalidText));
    }

    proptest! {
        #[test]
        fn no_text_is_too_much(text in "(INTERVAL )?[-+']{0,2}[0-9 :.-]{0,40}'? ?(DAY|SECOND|TO|[(),0-9 ]){0,4}") {
            for wanted in [Year, YearToMonth, Second, DayToSecond] {
                let _ = read(&text, wanted);
            }
        }
    }

    #[test]
    fn digits_beyond_the_ninth_are_reported() {
        let read =
            |text: &str| parse(text.as_bytes(), Second).map(|(span, lost)| (span.nanos, lost));
        assert_eq!(read("1.123456789"), Ok((456_789, false)));
        assert_eq!(read("1.1234567890"), Ok((456_789, false)));
        assert_eq!(read("1.1234567891"), Ok((456_789, true)));
        assert_eq!(read("999999999999999999"), Err(Error::IntervalOverflow));
    }
}
