//! Text to values: the literals that character data may hold for other C types.
//!
//! White space around a literal is not part of it (CHAR is padded). The grammar is that of Appendix C, and what Trino
//! itself casts beside it: `T` between date and time, times without seconds, fields of one digit, years beyond 9999 and
//! before 1, zones and offsets, `NaN` and `Infinity`.

use trino_client::columns::civil::days;
use trino_client::columns::tens::power;

use super::civil::{self, DAY_MICROS, DAY_NANOS, Moment};
use super::exact::{Exact, Number};
use super::{Converted, Error, SessionZone, truncated, zone};

/// Text that may be a number.
#[derive(Debug, Clone, Copy)]
pub(super) struct Literal<'a>(pub(super) &'a [u8]);

impl Number for Literal<'_> {
    fn whole(self) -> Result<(i128, bool), Error> {
        let exact = exact(self.0)?;
        let power = power(exact.scale);
        let whole = exact.unscaled / power;
        Ok((whole, exact.lost || whole * power != exact.unscaled))
    }

    fn double(self) -> Result<f64, Error> {
        double(self.0)
    }

    fn float(self) -> Result<f32, Error> {
        float(self.0)
    }

    fn exact(self) -> Result<Exact, Error> {
        exact(self.0)
    }
}

/// The nearest double of a numeric literal.
pub(super) fn double(text: &[u8]) -> Result<f64, Error> {
    let text = text.trim_ascii();
    if let Some(special) = not_finite(text) {
        return Ok(special);
    }
    let value: f64 = numeric_text(text)?
        .parse()
        .map_err(|_| Error::InvalidText)?;
    if value.is_infinite() {
        return Err(Error::NumericOutOfRange);
    }
    Ok(value)
}

/// The nearest float of a numeric literal.
pub(super) fn float(text: &[u8]) -> Result<f32, Error> {
    let text = text.trim_ascii();
    if let Some(special) = not_finite(text) {
        return Ok(special as f32);
    }
    let value: f32 = numeric_text(text)?
        .parse()
        .map_err(|_| Error::InvalidText)?;
    if value.is_infinite() {
        return Err(Error::NumericOutOfRange);
    }
    Ok(value)
}

/// The decimal of a numeric literal; digits of the fraction beyond the 38th are lost.
pub(super) fn exact(text: &[u8]) -> Result<Exact, Error> {
    let text = text.trim_ascii();
    if not_finite(text).is_some() {
        return Err(Error::NumericOutOfRange);
    }
    let text = numeric_text(text)?.as_bytes();
    let (negative, text) = sign(text);
    let (mantissa, exponent) = match split_once(text, |byte| matches!(byte, b'e' | b'E')) {
        Some((mantissa, exponent)) => {
            let (below, digits) = sign(exponent);
            let value = digits.iter().fold(0i32, |value, digit| {
                value
                    .saturating_mul(10)
                    .saturating_add(i32::from(digit.wrapping_sub(b'0')))
            });
            let value = value.min(1_000_000);
            (mantissa, if below { -value } else { value })
        }
        None => (text, 0),
    };
    let mut unscaled = 0i128;
    // Digits after the point, less the exponent: where the point is relative to the last digit taken.
    let mut scale = -exponent;
    let (mut fraction, mut lost) = (false, false);
    for byte in mantissa {
        if *byte == b'.' {
            fraction = true;
            continue;
        }
        let digit = i128::from(byte.wrapping_sub(b'0'));
        if unscaled >= power(37) {
            // No room for this digit: it is cut, and the scale says so.
            lost |= digit != 0;
            scale -= i32::from(!fraction);
            continue;
        }
        unscaled = unscaled * 10 + digit;
        scale += i32::from(fraction);
    }
    if unscaled == 0 {
        return Ok(Exact {
            unscaled,
            scale: scale.clamp(0, 38) as u8,
            lost,
        });
    }
    while scale > 38 {
        lost |= unscaled % 10 != 0;
        unscaled /= 10;
        scale -= 1;
        if unscaled == 0 {
            scale = 0;
        }
    }
    if scale < 0 {
        // Whole digits were cut, or there never were so many.
        if lost || scale < -38 {
            return Err(Error::NumericOutOfRange);
        }
        let digits = u8::try_from(-scale).unwrap_or(u8::MAX);
        unscaled = unscaled
            .checked_mul(power(digits))
            .filter(|unscaled| *unscaled < power(38))
            .ok_or(Error::NumericOutOfRange)?;
        scale = 0;
    }
    Ok(Exact {
        unscaled: if negative { -unscaled } else { unscaled },
        scale: u8::try_from(scale).expect("the scale is from 0 to 38"),
        lost,
    })
}

/// The text, if it is digits with at most one point, perhaps a sign and an exponent.
fn numeric_text(text: &[u8]) -> Result<&str, Error> {
    let (_, rest) = sign(text);
    let (mut digits, mut point, mut at) = (0, false, 0);
    for byte in rest {
        match byte {
            b'0'..=b'9' => digits += 1,
            b'.' if !point => point = true,
            _ => break,
        }
        at += 1;
    }
    let exponent = rest.get(at..).unwrap_or_default();
    let valid = digits > 0
        && match exponent.split_first() {
            None => true,
            Some((b'e' | b'E', exponent)) => {
                let (_, exponent) = sign(exponent);
                !exponent.is_empty() && exponent.iter().all(u8::is_ascii_digit)
            }
            Some(_) => false,
        };
    match std::str::from_utf8(text) {
        Ok(text) if valid => Ok(text),
        _ => Err(Error::InvalidText),
    }
}

/// What Trino's NUMBER and floating point types have beside numbers.
fn not_finite(text: &[u8]) -> Option<f64> {
    match text {
        b"NaN" => Some(f64::NAN),
        b"Infinity" | b"+Infinity" => Some(f64::INFINITY),
        b"-Infinity" => Some(f64::NEG_INFINITY),
        _ => None,
    }
}

/// What stands before the first byte of a kind, and what follows it.
pub(super) fn split_once(text: &[u8], is: impl Fn(&u8) -> bool) -> Option<(&[u8], &[u8])> {
    let at = text.iter().position(is)?;
    let (before, after) = text.split_at(at);
    Some((before, &after[1..]))
}

/// Whether a text begins with a minus, and what follows its sign.
pub(super) fn sign(text: &[u8]) -> (bool, &[u8]) {
    match text.split_first() {
        Some((b'-', rest)) => (true, rest),
        Some((b'+', rest)) => (false, rest),
        _ => (false, text),
    }
}

/// The `SQL_DATE_STRUCT` of a date or timestamp literal.
pub(super) fn date(text: &[u8], zone: &SessionZone) -> Converted<[u8; 6]> {
    let stamp = Stamp::parse(text, zone)?;
    let bytes = civil::date(stamp.days.ok_or(Error::InvalidText)?)?;
    let time = stamp.nanos.unwrap_or_default() != 0;
    Ok(truncated(bytes, stamp.lost || time))
}

/// The `SQL_TIME_STRUCT` of a time or timestamp literal.
pub(super) fn time(text: &[u8], zone: &SessionZone) -> Converted<[u8; 6]> {
    let stamp = Stamp::parse(text, zone)?;
    let (bytes, fraction) = civil::time(stamp.nanos.ok_or(Error::InvalidText)?);
    Ok(truncated(bytes, stamp.lost || fraction))
}

/// The `SQL_TIMESTAMP_STRUCT` of a timestamp, date or time literal; a time is one of `today`.
pub(super) fn timestamp(text: &[u8], zone: &SessionZone, today: i64) -> Converted<[u8; 16]> {
    let stamp = Stamp::parse(text, zone)?;
    let moment = Moment {
        days: stamp.days.unwrap_or(today),
        nanos: stamp.nanos.unwrap_or_default(),
    };
    Ok(truncated(moment.timestamp()?, stamp.lost))
}

/// A date, a time or both.
struct Stamp {
    /// Days since 1970-01-01.
    days: Option<i64>,
    /// Nanoseconds since midnight.
    nanos: Option<i64>,
    /// Whether there are finer digits.
    lost: bool,
}

impl Stamp {
    /// Reads a literal. A timestamp with a zone is converted to the session's, a time with an offset stays as it is.
    fn parse(text: &[u8], session: &SessionZone) -> Result<Self, Error> {
        let text = text.trim_ascii();
        if text.get(2) == Some(&b':') {
            let (time, zone) = zoned(text);
            let (nanos, lost) = clock(time)?;
            if !zone.is_empty() && !zone::is_offset(name(zone)?) {
                return Err(Error::InvalidText);
            }
            return Ok(Self {
                days: None,
                nanos: Some(nanos),
                lost,
            });
        }
        let Some((date, rest)) = split_once(text, |byte| matches!(byte, b' ' | b'T')) else {
            return Ok(Self {
                days: Some(calendar(text)?),
                nanos: None,
                lost: false,
            });
        };
        let days = calendar(date)?;
        let (time, zone) = zoned(rest.trim_ascii());
        let (nanos, lost) = clock(time)?;
        let stamp = Self {
            days: Some(days),
            nanos: Some(nanos),
            lost,
        };
        if zone.is_empty() {
            return Ok(stamp);
        }
        let shift = session.shift_of_text(name(zone)?);
        let shift = shift.ok_or(Error::InvalidText)?;
        let wall = days
            .checked_mul(DAY_MICROS)
            .and_then(|micros| micros.checked_add(nanos / 1000))
            .ok_or(Error::DatetimeOverflow)?;
        let wall = shift.apply(wall);
        Ok(Self {
            days: Some(wall.div_euclid(DAY_MICROS)),
            nanos: Some(wall.rem_euclid(DAY_MICROS) * 1000 + nanos % 1000),
            lost,
        })
    }
}

/// A time of day, and the zone or offset after it.
fn zoned(text: &[u8]) -> (&[u8], &[u8]) {
    let end = text
        .iter()
        .position(|byte| !matches!(byte, b'0'..=b'9' | b':' | b'.'));
    let (time, zone) = text.split_at(end.unwrap_or(text.len()));
    (time, zone.trim_ascii())
}

fn name(zone: &[u8]) -> Result<&str, Error> {
    std::str::from_utf8(zone).map_err(|_| Error::InvalidText)
}

/// `[-]yyyy-MM-dd`.
pub(super) fn calendar(text: &[u8]) -> Result<i64, Error> {
    let (before, text) = sign(text);
    let mut fields = text.split(|byte| *byte == b'-');
    let (year, month, day) = (
        number(fields.next(), 4..=7)?,
        number(fields.next(), 1..=2)?,
        number(fields.next(), 1..=2)?,
    );
    if fields.next().is_some() {
        return Err(Error::InvalidText);
    }
    let year = if before { -year } else { year };
    days(year, month as u32, day as u32).ok_or(Error::InvalidText)
}

/// `HH:mm[:ss[.f]]`, and whether there are digits beyond the ninth.
pub(super) fn clock(text: &[u8]) -> Result<(i64, bool), Error> {
    let (text, fraction) = split_once(text, |byte| *byte == b'.').unwrap_or((text, b""));
    let mut fields = text.split(|byte| *byte == b':');
    let (hour, minute) = (number(fields.next(), 1..=2)?, number(fields.next(), 1..=2)?);
    let second = match fields.next() {
        Some(second) => number(Some(second), 1..=2)?,
        None => 0,
    };
    if fields.next().is_some() || !fraction.iter().all(u8::is_ascii_digit) {
        return Err(Error::InvalidText);
    }
    if hour > 23 || minute > 59 || second > 59 {
        return Err(Error::InvalidText);
    }
    let mut nanos = 0;
    for index in 0..9 {
        let digit = fraction.get(index).map_or(0, |digit| digit - b'0');
        nanos = nanos * 10 + i64::from(digit);
    }
    let lost = fraction.iter().skip(9).any(|digit| *digit != b'0');
    let nanos = (hour * 3600 + minute * 60 + second) * 1_000_000_000 + nanos;
    Ok((nanos.min(DAY_NANOS - 1), lost))
}

/// A number of so many digits.
pub(super) fn number(
    digits: Option<&[u8]>,
    lengths: std::ops::RangeInclusive<usize>,
) -> Result<i64, Error> {
    let digits = digits.unwrap_or_default();
    if !lengths.contains(&digits.len()) || !digits.iter().all(u8::is_ascii_digit) {
        return Err(Error::InvalidText);
    }
    Ok(digits
        .iter()
        .fold(0, |value, digit| value * 10 + i64::from(digit - b'0')))
}

#[cfg(test)]
mod tests {
    use super::{Converted, Error, Exact, double, exact};
    use crate::convert::{SessionZone, Warning};

    fn date(text: &[u8]) -> Converted<[u8; 6]> {
        super::date(text, &SessionZone::unknown())
    }

    fn time(text: &[u8]) -> Converted<[u8; 6]> {
        super::time(text, &SessionZone::unknown())
    }

    fn timestamp(text: &[u8], today: i64) -> Converted<[u8; 16]> {
        super::timestamp(text, &SessionZone::unknown(), today)
    }

    #[test]
    fn numeric_literals_are_exact() {
        for (text, unscaled, scale, lost) in [
            ("0", 0, 0, false),
            ("0.00", 0, 2, false),
            (" -12.50 ", -1250, 2, false),
            ("+1e3", 1000, 0, false),
            ("1.5E-2", 15, 3, false),
            ("1234.5678e2", 12_345_678, 2, false),
            (".5", 5, 1, false),
            ("5.", 5, 0, false),
            ("1e-40", 0, 0, true),
            ("0e999999999999", 0, 0, false),
        ] {
            let expected = Exact {
                unscaled,
                scale,
                lost,
            };
            assert_eq!(exact(text.as_bytes()), Ok(expected), "{text}");
        }
        let digits = "1".repeat(38);
        assert_eq!(
            exact(format!("{digits}.9").as_bytes()),
            Ok(Exact {
                unscaled: digits.parse().unwrap(),
                scale: 0,
                lost: true
            })
        );
        for text in ["1e38", "1e999999999999", &format!("{digits}1")] {
            assert_eq!(
                exact(text.as_bytes()),
                Err(Error::NumericOutOfRange),
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for text in [
            "", "abc", "1x", "--1", "1.2.3", "e5", "1e", "1e+", ".", "0x10", "1 2", "inf",
        ] {
            assert_eq!(exact(text.as_bytes()), Err(Error::InvalidText), "{text}");
            assert_eq!(double(text.as_bytes()), Err(Error::InvalidText), "{text}");
        }
        assert_eq!(double(b"1e999"), Err(Error::NumericOutOfRange));
        assert_eq!(double(b"+Infinity"), Ok(f64::INFINITY));
        assert_eq!(exact(b"NaN"), Err(Error::NumericOutOfRange));
    }

    #[test]
    fn date_and_time_literals_fill_their_structs() {
        assert_eq!(date(b"2024-02-29"), Ok(([232, 7, 2, 0, 29, 0], None)));
        assert_eq!(
            date(b"2024-02-29 00:00:01").map(|(_, warning)| warning),
            Ok(Some(Warning::FractionTruncated))
        );
        assert_eq!(time(b"23:59:58"), Ok(([23, 0, 59, 0, 58, 0], None)));
        assert_eq!(
            time(b"2020-01-01T23:59:58").map(|(bytes, _)| bytes),
            Ok([23, 0, 59, 0, 58, 0])
        );
        let (bytes, warning) = timestamp(b"2020-01-02 03:04:05.6", 0).unwrap();
        assert_eq!(bytes[..12], [228, 7, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0]);
        assert_eq!(bytes[12..], 600_000_000u32.to_ne_bytes());
        assert_eq!(warning, None);
        assert_eq!(
            timestamp(b"01:00:00", 1).unwrap().0[..6],
            [178, 7, 1, 0, 2, 0]
        );
    }

    #[test]
    fn what_names_no_date_or_time_is_refused() {
        for text in ["2023-02-29", "2023-13-01", "2023-01-00"] {
            assert_eq!(date(text.as_bytes()), Err(Error::InvalidText), "{text}");
        }
        assert_eq!(time(b"24:00:00"), Err(Error::InvalidText));
        for text in [
            "",
            "yesterday",
            "2023-1",
            "2023/01/01",
            "20230101",
            "2023-01-01-01",
        ] {
            assert_eq!(date(text.as_bytes()), Err(Error::InvalidText), "{text}");
        }
        assert_eq!(date(b"40000-01-01"), Err(Error::DatetimeOverflow));
        assert_eq!(date(b"12:00:00"), Err(Error::InvalidText));
        assert_eq!(time(b"2020-01-01"), Err(Error::InvalidText));
    }

    #[test]
    fn timestamps_with_a_zone_are_converted_to_the_sessions() {
        let tokyo = SessionZone::named("Asia/Tokyo");
        let converted = |text: &str| super::timestamp(text.as_bytes(), &tokyo, 0);
        let expected = timestamp(b"2024-07-01 21:00:00.123456789", 0);
        for text in [
            "2024-07-01 12:00:00.123456789 UTC",
            "2024-07-01T12:00:00.123456789Z",
            "2024-07-01 14:00:00.123456789 Europe/Berlin",
            "2024-07-01 17:30:00.123456789+05:30",
            "2024-07-01 21:00:00.123456789 Asia/Tokyo",
            "2024-07-01 21:00:00.123456789",
        ] {
            assert_eq!(converted(text), expected, "{text}");
        }
        assert_eq!(
            super::date(b"2024-06-30 15:00 UTC", &tokyo),
            date(b"2024-07-01")
        );
        assert_eq!(
            super::time(b"2024-06-30 15:00:01 UTC", &tokyo),
            time(b"00:00:01")
        );
        // An offset alone says nothing of the session's zone on an unknown day.
        assert_eq!(super::time(b"12:00:01+05:30", &tokyo), time(b"12:00:01"));
        for text in [
            "2024-07-01 12:00:00 Middle/Earth",
            "2024-07-01 12:00:00 +99:99",
            "2024-07-01 UTC",
            "9999999-07-01 12:00:00 x",
        ] {
            assert_eq!(converted(text), Err(Error::InvalidText), "{text}");
        }
        assert_eq!(
            converted("9999999-07-01 12:00:00 UTC"),
            Err(Error::DatetimeOverflow)
        );
        assert_eq!(
            super::time(b"12:00:00 Europe/Berlin", &tokyo),
            Err(Error::InvalidText)
        );
    }
}
