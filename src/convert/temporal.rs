//! Calendar and clock: days, picoseconds, and the C structs and texts made of them.
//!
//! The calendar is the proleptic Gregorian one of ISO 8601, as in Trino: there is a year 0, and no Julian dates.

use super::scratch::{Scratch, pair};
use super::text::Encoding;
use super::{Error, Run, SessionZone, Sink, literal, truncated};
use crate::abi::CType;
use crate::columns::Bytes;

/// A wall clock time, to the nanosecond.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Moment {
    /// Days since 1970-01-01.
    pub(super) days: i64,
    /// Nanoseconds since midnight.
    pub(super) nanos: i64,
}

impl Moment {
    /// The `SQL_TIMESTAMP_STRUCT`.
    #[inline]
    pub(super) fn timestamp(self) -> Result<[u8; 16], Error> {
        let date = date(self.days)?;
        let (time, _) = time(self.nanos);
        let fraction = (self.nanos % SECOND_NANOS) as u32;
        let mut bytes = [0; 16];
        let (to_date, rest) = bytes.split_at_mut(6);
        to_date.copy_from_slice(&date);
        let (to_time, to_fraction) = rest.split_at_mut(6);
        to_time.copy_from_slice(&time);
        to_fraction.copy_from_slice(&fraction.to_ne_bytes());
        Ok(bytes)
    }
}

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

    /// Converts text that holds dates or times; those with a zone are told in the session's.
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

/// The `SQL_DATE_STRUCT` of a day.
#[inline]
pub(super) fn date(days: i64) -> Converted6 {
    let (year, month, day) = civil(days);
    let year = i16::try_from(year).map_err(|_| Error::DatetimeOverflow)?;
    let [a, b] = year.to_ne_bytes();
    let [c, d] = (month as u16).to_ne_bytes();
    let [e, f] = (day as u16).to_ne_bytes();
    Ok([a, b, c, d, e, f])
}

type Converted6 = Result<[u8; 6], Error>;

/// The `SQL_TIME_STRUCT` of nanoseconds since midnight, and whether there is a fraction of a second.
#[inline]
pub(super) fn time(nanos: i64) -> ([u8; 6], bool) {
    let seconds = (nanos / SECOND_NANOS) as u32;
    let [a, b] = ((seconds / 3600) as u16).to_ne_bytes();
    let [c, d] = ((seconds / 60 % 60) as u16).to_ne_bytes();
    let [e, f] = ((seconds % 60) as u16).to_ne_bytes();
    ([a, b, c, d, e, f], nanos % SECOND_NANOS != 0)
}

/// Writes a date: `2020-01-31`, `+10000-01-01` and `-0001-01-01` beyond.
#[inline]
pub(super) fn push_date(days: i64, text: &mut Scratch) {
    let (year, month, day) = civil(days);
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

/// Year, month and day of a day since 1970-01-01.
///
/// Years are taken to begin on March 1, so that the leap day is the last of a year; 400 of them always have 146,097 days.
#[inline]
pub(super) fn civil(days: i64) -> (i64, u32, u32) {
    // Nearly all values lie in these centuries, of which the days, four times, fit 32 bits.
    let Some(shifted) = u32::try_from(days + 719_468)
        .ok()
        .filter(|days| *days < 1 << 30)
    else {
        return civil_of_any(days);
    };
    // Where a day lies in a cycle of years, and in a cycle of months, is a linear function of it rounded down (Neri and
    // Schneider, "Euclidean affine functions and their application to calendar algorithms", 2022).
    let quarter_days = 4 * shifted + 3;
    let century = quarter_days / 146_097;
    let year_days = u64::from((quarter_days % 146_097) | 3) * 2_939_745;
    let year = 100 * century + (year_days >> 32) as u32;
    let day_of_year = (year_days as u32) / 2_939_745 / 4;
    let month_days = 2141 * day_of_year + 197_913;
    let (month, day) = (month_days >> 16, (month_days & 0xFFFF) / 2141 + 1);
    let next = day_of_year >= 306;
    let month = if next { month - 12 } else { month };
    (i64::from(year) + i64::from(next), month, day)
}

/// As [`civil`], for every day that there is.
#[cold]
fn civil_of_any(days: i64) -> (i64, u32, u32) {
    let cycle = days.div_euclid(CYCLE_DAYS);
    let (year, month, day) = civil(days.rem_euclid(CYCLE_DAYS));
    (cycle * 400 + year, month, day)
}

/// The day since 1970-01-01 of a date; `None` when the calendar does not have it.
pub(super) fn days(year: i64, month: i64, day: i64) -> Option<i64> {
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let shifted = if month > 2 { year } else { year - 1 };
    let (era, year_of_era) = (shifted.div_euclid(400), shifted.rem_euclid(400));
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    let days = era * 146_097 + day_of_era - 719_468;
    // A day past the end of its month comes back as one of the next.
    (civil(days) == (year, month as u32, day as u32)).then_some(days)
}

/// Days of 400 years, after which the calendar repeats.
const CYCLE_DAYS: i64 = 146_097;

/// Length of `HH:mm:ss`.
const TIME_LENGTH: usize = 8;
pub(super) const SECOND_NANOS: i64 = 1_000_000_000;
pub(super) const SECOND_PICOS: i64 = 1_000_000_000_000;
const MICRO_PICOS: i64 = 1_000_000;
pub(super) const DAY_NANOS: i64 = 86_400 * SECOND_NANOS;

#[cfg(test)]
mod tests {
    use super::{Moment, Scratch, civil, date, days, push_date, push_time};
    use crate::convert::Error;

    #[test]
    fn every_day_comes_back_from_its_date() {
        for day in (-2_200_000_000i64..2_200_000_000)
            .step_by(99_991)
            // Four hundred years and more, day by day.
            .chain(-800_000..-600_000)
            .chain(-150_000..150_000)
        {
            let (year, month, day_of_month) = civil(day);
            assert_eq!(
                days(year, month.into(), day_of_month.into()),
                Some(day),
                "{day}"
            );
        }
        assert_eq!(civil(0), (1970, 1, 1));
        assert_eq!(civil(-719_528), (0, 1, 1));
        assert_eq!(civil(19_782), (2024, 2, 29));
        assert_eq!(days(2023, 2, 29), None);
        assert_eq!(days(1900, 2, 29), None);
    }

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

    #[test]
    fn years_beyond_sixteen_bits_overflow() {
        assert!(date(days(32_767, 12, 31).unwrap()).is_ok());
        assert_eq!(
            date(days(32_768, 1, 1).unwrap()),
            Err(Error::DatetimeOverflow)
        );
        let moment = Moment {
            days: days(-32_769, 12, 31).unwrap(),
            nanos: 0,
        };
        assert_eq!(moment.timestamp(), Err(Error::DatetimeOverflow));
    }
}
