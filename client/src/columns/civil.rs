//! The calendar: days since 1970-01-01, and their years, months and days.
//!
//! It is the proleptic Gregorian one of ISO 8601, as in Trino: there is a year 0, and no Julian dates.

/// Year, month and day of a day since 1970-01-01.
///
/// Years are taken to begin on March 1, so that the leap day is the last of a year; 400 of them always have 146,097 days.
#[inline]
pub fn date(days: i64) -> (i64, u32, u32) {
    // Nearly all values lie in these centuries, of which the days, four times, fit 32 bits.
    let Some(shifted) = u32::try_from(days + 719_468)
        .ok()
        .filter(|days| *days < 1 << 30)
    else {
        return any_date(days);
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

/// As [`date`], for every day that there is.
#[cold]
fn any_date(days: i64) -> (i64, u32, u32) {
    let cycle = days.div_euclid(CYCLE_DAYS);
    let (year, month, day) = date(days.rem_euclid(CYCLE_DAYS));
    (cycle * 400 + year, month, day)
}

/// Days since 1970-01-01 of a day that exists in the proleptic Gregorian calendar.
#[inline]
pub fn days(year: i64, month: u32, day: u32) -> Option<i64> {
    let (before, length) = MONTHS.get((month as usize).checked_sub(1)?)?;
    let leap = year & 3 == 0 && (year % 100 != 0 || year % 400 == 0);
    let length = *length + u32::from(leap && month == 2);
    if day == 0 || day > length {
        return None;
    }
    let past = year - 1;
    let leap_days = past.div_euclid(4) - past.div_euclid(100) + past.div_euclid(400);
    let in_year = *before + u32::from(leap && month > 2) + day;
    Some(past * 365 + leap_days + i64::from(in_year) - DAYS_TO_1970)
}

/// Days of 400 years, after which the calendar repeats.
const CYCLE_DAYS: i64 = 146_097;

/// Days from 0000-12-31 to 1970-01-01.
const DAYS_TO_1970: i64 = 719_163;

/// Days of a common year before each month, and in it.
const MONTHS: [(u32, u32); 12] = [
    (0, 31),
    (31, 28),
    (59, 31),
    (90, 30),
    (120, 31),
    (151, 30),
    (181, 31),
    (212, 31),
    (243, 30),
    (273, 31),
    (304, 30),
    (334, 31),
];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{date, days};

    #[test]
    fn every_day_comes_back_from_its_date() {
        for day in (-2_200_000_000i64..2_200_000_000)
            .step_by(99_991)
            // Four hundred years and more, day by day.
            .chain(-800_000..-600_000)
            .chain(-150_000..150_000)
        {
            let (year, month, day_of_month) = date(day);
            assert_eq!(days(year, month, day_of_month), Some(day), "{day}");
        }
        assert_eq!(date(0), (1970, 1, 1));
        assert_eq!(date(-719_528), (0, 1, 1));
        assert_eq!(date(19_782), (2024, 2, 29));
        assert_eq!(days(2023, 2, 29), None);
        assert_eq!(days(1900, 2, 29), None);
    }

    proptest! {
        #[test]
        fn the_day_after_is_one_more(
            year in -9999_i64..=99_999,
            month in 1_u32..=12,
            day in 1_u32..=31,
        ) {
            let Some(today) = days(year, month, day) else { return Ok(()) };
            let tomorrow = days(year, month, day + 1)
                .or_else(|| days(year, month + 1, 1))
                .or_else(|| days(year + 1, 1, 1));
            prop_assert_eq!(tomorrow, Some(today + 1));
        }
    }
}
