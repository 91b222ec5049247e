//! Calendar and clock: days, picoseconds, and the C structs and texts made of them.
//!
//! The calendar is the proleptic Gregorian one of ISO 8601, as in Trino: there is a year 0, and no Julian dates.

use trino_client::columns::{Bytes, civil};

use super::civil::{Moment, date, time};
use super::scratch::{Scratch, pair};
use super::text::Encoding;
use super::{Error, Run, SessionZone, Sink, literal, truncated};
use crate::abi::CType;

impl<S: Sink> Run<'_, S> {
    /// Converts dates.
    pub(super) fn dates(&mut self, c_type: CType, values: &[i32]) {
        let values = self.of(values).iter().map(|days| i64::from(*days));
        match c_type {
            CType::Date => self.each(values, |_, days| Ok((date(days)?, None))),
            CType::Timestamp => self.each(values, |_, days| {
                Ok((Moment { days, nanos: 0 }.timestamp()?, None))
            }),
            _ => self.refuse(Error::RestrictedType),
        }
    }

    /// Converts times of day; a timestamp is one of `today`.
    pub(super) fn times(&mut self, c_type: CType, picos: &[i64], today: impl FnOnce() -> i64) {
        let values = self.of(picos).iter().copied();
        match c_type {
            CType::Time => self.each(values, |_, picos| {
                let (bytes, _) = time(picos / 1000);
                Ok(truncated(bytes, picos % SECOND_PICOS != 0))
            }),
            CType::Timestamp => {
                let days = today();
                self.each(values, |_, picos| {
                    let nanos = picos / 1000;
                    let bytes = Moment { days, nanos }.timestamp()?;
                    Ok(truncated(bytes, picos % 1000 != 0))
                });
            }
            _ => self.refuse(Error::RestrictedType),
        }
    }

    /// Converts text that holds dates or times; those with a zone are converted to the session's.
    pub(super) fn datetime_literals(&mut self, c_type: CType, bytes: &Bytes, zone: &SessionZone) {
        let rows = 0..self.rows;
        match c_type {
            CType::Date => self.each(rows, |row, _| literal::date(bytes.get(row), zone)),
            CType::Time => self.each(rows, |row, _| literal::time(bytes.get(row), zone)),
            CType::Timestamp => {
                let today = zone.today();
                self.each(rows, |row, _| {
                    literal::timestamp(bytes.get(row), zone, today)
                });
            }
            _ => self.refuse(Error::RestrictedType),
        }
    }

    /// Gives dates as text.
    pub(super) fn date_text<E: Encoding>(&mut self, values: &[i32]) {
        let values = self.of(values).iter();
        self.written::<E, _>(values, |_, days, text| {
            push_date(i64::from(*days), text);
            text.len()
        });
    }

    /// Gives times of day as text with `precision` digits; `offset` is that of a row, in minutes, if it has one.
    pub(super) fn time_text<E: Encoding>(
        &mut self,
        picos: &[i64],
        precision: u8,
        offset: impl Fn(usize) -> Option<i16>,
    ) {
        let values = self.of(picos).iter().copied();
        self.written::<E, _>(values, |row, picos, text| {
            push_time(picos, precision, text);
            match offset(row) {
                None => TIME_LENGTH,
                Some(offset) => {
                    push_offset(offset, text);
                    text.len()
                }
            }
        });
    }
}

/// Writes a date: `2020-01-31`, `+10000-01-01` and `-0001-01-01` beyond.
#[inline]
pub(super) fn push_date(days: i64, text: &mut Scratch) {
    let (year, month, day) = civil::date(days);
    let [c, d] = pair(month);
    let [e, f] = pair(day);
    if let 0..=9999 = year {
        let [y, z] = pair(year as u32 / 100);
        let [a, b] = pair(year as u32 % 100);
        text.push_array([y, z, a, b, b'-', c, d, b'-', e, f]);
        return;
    }
    text.push_byte(if year < 0 { b'-' } else { b'+' });
    let size = year.unsigned_abs();
    if size < 10_000 {
        text.push_padded(size, 4);
    } else {
        text.push_integer(size);
    }
    text.push_array([b'-', c, d, b'-', e, f]);
}

/// Writes a time of day with `precision` digits after the seconds.
#[inline]
pub(super) fn push_time(picos: i64, precision: u8, text: &mut Scratch) {
    let (seconds, fraction) = (picos / SECOND_PICOS, picos % SECOND_PICOS);
    let (micros, beyond) = (fraction / MICRO_PICOS, fraction % MICRO_PICOS);
    push_clock(
        seconds as u32,
        micros as u32,
        beyond as u32,
        precision,
        text,
    );
}

/// Writes seconds since midnight, with `precision` digits of microseconds and of the picoseconds beyond them.
#[inline]
pub(super) fn push_clock(
    seconds: u32,
    micros: u32,
    beyond: u32,
    precision: u8,
    text: &mut Scratch,
) {
    let (hour, rest) = (seconds / 3600, seconds % 3600);
    let [a, b] = pair(hour);
    let [c, d] = pair(rest / 60);
    let [e, f] = pair(rest % 60);
    text.push_array([a, b, b':', c, d, b':', e, f]);
    match precision {
        0 => {}
        // The two that nearly every column has.
        3 => {
            let millis = micros / 1000;
            let [b, c] = pair(millis % 100);
            text.push_array([b'.', b'0' + (millis / 100) as u8, b, c]);
        }
        6 => {
            let [a, b] = pair(micros / 10_000);
            let [c, d] = pair(micros / 100 % 100);
            let [e, f] = pair(micros % 100);
            text.push_array([b'.', a, b, c, d, e, f]);
        }
        _ => {
            let digits = precision.min(12);
            let picos = u64::from(micros) * MICRO_PICOS as u64 + u64::from(beyond);
            text.push_byte(b'.');
            text.push_padded(picos / 10u64.pow(12 - u32::from(digits)), digits.into());
        }
    }
}

/// Writes an offset as `+05:30`.
fn push_offset(minutes: i16, text: &mut Scratch) {
    text.push_byte(if minutes < 0 { b'-' } else { b'+' });
    let minutes = u32::from(minutes.unsigned_abs());
    text.push_pair(minutes / 60);
    text.push_byte(b':');
    text.push_pair(minutes % 60);
}

/// Length of `HH:mm:ss`.
const TIME_LENGTH: usize = 8;
pub(super) const SECOND_PICOS: i64 = 1_000_000_000_000;
const MICRO_PICOS: i64 = 1_000_000;

#[cfg(test)]
mod tests {
    use trino_client::columns::civil::days;

    use super::{Scratch, push_date, push_time};

    #[test]
    fn years_beyond_four_digits_have_a_sign() {
        for (year, expected) in [
            (2020, "2020-01-31"),
            (0, "0000-01-31"),
            (-1, "-0001-01-31"),
            (10_000, "+10000-01-31"),
            (-5_877_641, "-5877641-01-31"),
        ] {
            let mut text = Scratch::new();
            push_date(days(year, 1, 31).unwrap(), &mut text);
            assert_eq!(text.as_bytes(), expected.as_bytes());
        }
    }

    #[test]
    fn times_have_exactly_their_precision() {
        let picos = 86_399_123_456_789_012;
        for (precision, expected) in [
            (0, "23:59:59"),
            (1, "23:59:59.1"),
            (3, "23:59:59.123"),
            (6, "23:59:59.123456"),
            (9, "23:59:59.123456789"),
            (12, "23:59:59.123456789012"),
        ] {
            let mut text = Scratch::new();
            push_time(picos, precision, &mut text);
            assert_eq!(text.as_bytes(), expected.as_bytes());
        }
    }
}
