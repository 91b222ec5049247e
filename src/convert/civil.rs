//! Wall clock times, and the structures that ODBC has for dates and times.

use trino_client::columns::civil;

use super::Error;

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

/// The time that microseconds since 1970-01-01 00:00:00 and the picoseconds beyond them are.
#[inline]
pub(super) fn moment(micros: i64, picos: u32) -> Moment {
    Moment {
        days: micros.div_euclid(DAY_MICROS),
        nanos: micros.rem_euclid(DAY_MICROS) * 1000 + i64::from(picos / 1000),
    }
}

/// The `SQL_DATE_STRUCT` of a day.
#[inline]
pub(super) fn date(days: i64) -> Converted6 {
    let (year, month, day) = civil::date(days);
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

pub(super) const SECOND_NANOS: i64 = 1_000_000_000;
pub(super) const DAY_NANOS: i64 = 86_400 * SECOND_NANOS;
pub(super) const DAY_MICROS: i64 = DAY_NANOS / 1000;

#[cfg(test)]
mod tests {
    use trino_client::columns::civil::days;

    use super::{Moment, date};
    use crate::convert::Error;

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
