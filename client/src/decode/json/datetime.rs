//! Dates, times, timestamps and intervals, from the text Trino writes them as.
//!
//! Every function takes a whole text and returns nothing for one that is not exactly such a value.
//!
//! The range is that of Trino's own storage, which is wider than the years of four digits: dates are days in 32 bits,
//! timestamps microseconds in 64 bits. Beyond the year 9999 and before the year 0 a year has a sign. Wall clocks
//! are kept as they are written: no zone is applied, so that a text comes back exactly.

use super::number::leading_digits;
use crate::columns::civil::days;

/// Days since 1970-01-01 of `[±]yyyy-MM-dd`.
#[inline]
pub(super) fn date(mut text: &[u8]) -> Option<i32> {
    let days = calendar_day(&mut text)?;
    finished(text)?;
    i32::try_from(days).ok()
}

/// Picoseconds since midnight of `HH:mm:ss[.f]` with at most `precision` fraction digits.
pub(super) fn time(mut text: &[u8], precision: u8) -> Option<i64> {
    let picos = time_of_day(&mut text, precision)?;
    finished(text)?;
    Some(picos)
}

/// As [`time`], followed by `±hh:mm`: the offset in minutes.
pub(super) fn time_with_zone(mut text: &[u8], precision: u8) -> Option<(i64, i16)> {
    let picos = time_of_day(&mut text, precision)?;
    let (sign, rest) = text.split_first()?;
    let [a, b, b':', c, d] = <[u8; 5]>::try_from(rest).ok()? else {
        return None;
    };
    let (hours, minutes) = (two(a, b)?, two(c, d)?);
    if hours > 18 || minutes > 59 {
        return None;
    }
    let offset = i16::try_from(hours * 60 + minutes).ok()?;
    match sign {
        b'+' => Some((picos, offset)),
        b'-' => Some((picos, -offset)),
        _ => None,
    }
}

/// Microseconds since 1970-01-01 00:00:00 of `[±]yyyy-MM-dd HH:mm:ss[.f]`, the picoseconds beyond
/// them, and what follows.
#[inline]
pub(super) fn timestamp(mut text: &[u8], precision: u8) -> Option<(i64, u32, &[u8])> {
    let days = calendar_day(&mut text)?;
    text = text.strip_prefix(b" ")?;
    let picos = time_of_day(&mut text, precision)?;
    // The least timestamp's midnight is out of range, the timestamp itself is not.
    let micros = i128::from(days) * 86_400_000_000 + i128::from(picos / 1_000_000);
    let micros = i64::try_from(micros).ok()?;
    Some((micros, u32::try_from(picos % 1_000_000).ok()?, text))
}

/// Months of `[-]Y-M`.
pub(super) fn year_to_month(text: &[u8]) -> Option<i32> {
    let digits = text.strip_prefix(b"-").unwrap_or(text);
    let mut rest = digits;
    let years = number(&mut rest, 1..=10)?;
    rest = rest.strip_prefix(b"-")?;
    let months = number(&mut rest, 1..=2)?;
    finished(rest)?;
    if months > 11 {
        return None;
    }
    let total = years * 12 + months;
    i32::try_from(if digits.len() == text.len() {
        total
    } else {
        -total
    })
    .ok()
}

/// Milliseconds of `[-]D HH:MM:SS[.mmm]`.
pub(super) fn day_to_second(text: &[u8]) -> Option<i64> {
    let digits = text.strip_prefix(b"-").unwrap_or(text);
    let mut rest = digits;
    let days = number(&mut rest, 1..=12)?;
    rest = rest.strip_prefix(b" ")?;
    let picos = time_of_day(&mut rest, 3)?;
    finished(rest)?;
    // The least value has no positive counterpart.
    let total = i128::from(days) * 86_400_000 + i128::from(picos / 1_000_000_000);
    i64::try_from(if digits.len() == text.len() {
        total
    } else {
        -total
    })
    .ok()
}

/// Microseconds of `[-]D HH:MM:SS[.f]` with at most `precision` digits, and the picoseconds beyond them.
pub(super) fn fine_day_to_second(text: &[u8], precision: u8) -> Option<(i64, u32)> {
    let digits = text.strip_prefix(b"-").unwrap_or(text);
    let mut rest = digits;
    let days = number(&mut rest, 1..=12)?;
    rest = rest.strip_prefix(b" ")?;
    let picos = time_of_day(&mut rest, precision)?;
    finished(rest)?;
    let size = i128::from(days) * 86_400_000_000_000_000 + i128::from(picos);
    let total = if digits.len() == text.len() {
        size
    } else {
        -size
    };
    let micros = i64::try_from(total.div_euclid(1_000_000)).ok()?;
    Some((micros, u32::try_from(total.rem_euclid(1_000_000)).ok()?))
}

fn finished(text: &[u8]) -> Option<()> {
    text.is_empty().then_some(())
}

/// Takes `[±]yyyy-MM-dd` as days since 1970-01-01.
#[inline]
fn calendar_day(text: &mut &[u8]) -> Option<i64> {
    if let Some(([a, b, c, d, b'-', e, f, b'-', g, h], rest)) = text.split_first_chunk::<10>()
        && let (Some(century), Some(year)) = (two(*a, *b), two(*c, *d))
    {
        *text = rest;
        return days(i64::from(century * 100 + year), two(*e, *f)?, two(*g, *h)?);
    }
    let (negative, mut rest) = match text.split_first()? {
        (b'-', rest) => (true, rest),
        (b'+', rest) => (false, rest),
        _ => (false, *text),
    };
    let year = number(&mut rest, 4..=9)?;
    let ([b'-', e, f, b'-', g, h], rest) = rest.split_first_chunk::<6>()? else {
        return None;
    };
    *text = rest;
    days(
        if negative { -year } else { year },
        two(*e, *f)?,
        two(*g, *h)?,
    )
}

/// Takes `HH:mm:ss[.f]` as picoseconds since midnight.
#[inline]
fn time_of_day(text: &mut &[u8], precision: u8) -> Option<i64> {
    let ([a, b, b':', c, d, b':', e, f], rest) = text.split_first_chunk::<8>()? else {
        return None;
    };
    let (hour, minute, second) = (two(*a, *b)?, two(*c, *d)?, two(*e, *f)?);
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let seconds = i64::from(hour * 3600 + minute * 60 + second) * 1_000_000_000_000;
    let Some(fraction) = rest.strip_prefix(b".") else {
        *text = rest;
        return Some(seconds);
    };
    let (value, rest) = leading_digits(fraction);
    let count = fraction.len() - rest.len();
    if count == 0 || count > usize::from(precision) {
        return None;
    }
    *text = rest;
    Some(seconds + i64::try_from(value).ok()? * PICOS.get(count)?)
}

/// Takes a number whose count of digits is in `lengths`.
fn number(text: &mut &[u8], lengths: std::ops::RangeInclusive<usize>) -> Option<i64> {
    let (value, rest) = leading_digits(text);
    if !lengths.contains(&(text.len() - rest.len())) {
        return None;
    }
    *text = rest;
    i64::try_from(value).ok()
}

/// Two digits as a number.
#[inline]
fn two(tens: u8, ones: u8) -> Option<u32> {
    let (tens, ones) = (tens.wrapping_sub(b'0'), ones.wrapping_sub(b'0'));
    (tens <= 9 && ones <= 9).then(|| u32::from(tens) * 10 + u32::from(ones))
}

/// Picoseconds of one unit of a fraction's last digit, by count of digits.
const PICOS: [i64; 13] = [
    1_000_000_000_000,
    100_000_000_000,
    10_000_000_000,
    1_000_000_000,
    100_000_000,
    10_000_000,
    1_000_000,
    100_000,
    10_000,
    1_000,
    100,
    10,
    1,
];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn dates_reach_beyond_four_digit_years() {
        assert_eq!(date(b"1970-01-01"), Some(0));
        assert_eq!(date(b"2000-02-29"), Some(11_016));
        assert_eq!(date(b"1969-12-31"), Some(-1));
        assert_eq!(date(b"0000-03-01"), Some(-719_468));
        assert_eq!(date(b"+10000-01-01"), Some(2_932_897));
        assert_eq!(date(b"-0001-12-31"), Some(-719_529));
        assert_eq!(date(b"+5881580-07-11"), Some(i32::MAX));
        assert_eq!(date(b"-5877641-06-23"), Some(i32::MIN));
        let bad = [
            "2001-02-29",
            "1900-02-29",
            "2000-13-01",
            "2000-00-01",
            "2000-01-00",
            "2000-04-31",
            "2000-1-1",
            "",
            "10:00:00",
            "--0001-01-01",
            "+5881580-07-12",
            "2000-01-01 ",
            "2000-01-01x",
        ];
        for bad in bad {
            assert_eq!(date(bad.as_bytes()), None, "{bad}");
        }
    }

    #[test]
    fn times_keep_twelve_digits_but_no_more_than_their_type_has() {
        assert_eq!(time(b"00:00:00", 0), Some(0));
        assert_eq!(
            time(b"23:59:59.999999999999", 12),
            Some(86_399_999_999_999_999)
        );
        assert_eq!(time(b"01:02:03.4", 1), Some(3_723_400_000_000_000));
        assert_eq!(
            time_with_zone(b"01:02:03.4-05:30", 3),
            Some((3_723_400_000_000_000, -330))
        );
        assert_eq!(time_with_zone(b"00:00:00+14:00", 0), Some((0, 840)));
        for bad in [
            "24:00:00",
            "00:60:00",
            "00:00:60",
            "1:00:00",
            "00:00:00.",
            "00:00:00,5",
            "00:00:00.0000",
        ] {
            assert_eq!(time(bad.as_bytes(), 3), None, "{bad}");
            assert_eq!(
                time_with_zone(format!("{bad}+00:00").as_bytes(), 3),
                None,
                "{bad}"
            );
        }
        for bad in [
            "00:00:00",
            "00:00:00Z",
            "00:00:00+0100",
            "00:00:00+01:60",
            "00:00:00 +01:00",
        ] {
            assert_eq!(time_with_zone(bad.as_bytes(), 3), None, "{bad}");
        }
    }

    #[test]
    fn timestamps_keep_the_wall_clock_and_what_follows() {
        let nothing = b"".as_slice();
        assert_eq!(
            timestamp(b"1970-01-01 00:00:01", 0),
            Some((1_000_000, 0, nothing))
        );
        assert_eq!(
            timestamp(b"1969-12-31 23:59:59.999999999999", 12),
            Some((-1, 999_999, nothing))
        );
        assert_eq!(
            timestamp(b"-290308-12-21 19:59:05.224192", 6),
            Some((i64::MIN, 0, nothing))
        );
        assert_eq!(
            timestamp(b"+294247-01-10 04:00:54.775807", 6),
            Some((i64::MAX, 0, nothing))
        );
        assert_eq!(timestamp(b"+294247-01-10 04:00:54.775808", 6), None);
        assert_eq!(
            timestamp(b"1970-01-01 00:00:00.001 A/B", 3),
            Some((1000, 0, b" A/B".as_slice()))
        );
        assert_eq!(timestamp(b"1970-01-01T00:00:00", 3), None);
        assert_eq!(timestamp(b"1970-01-01", 3), None);
    }

    #[test]
    fn intervals_reach_their_least_values() {
        assert_eq!(year_to_month(b"-178956970-8"), Some(i32::MIN));
        assert_eq!(year_to_month(b"178956970-7"), Some(i32::MAX));
        assert_eq!(year_to_month(b"1-11"), Some(23));
        assert_eq!(day_to_second(b"-106751991167 07:12:55.808"), Some(i64::MIN));
        assert_eq!(day_to_second(b"106751991167 07:12:55.807"), Some(i64::MAX));
        assert_eq!(day_to_second(b"-0 00:00:00.001"), Some(-1));
        assert_eq!(day_to_second(b"2 03:04:05.006"), Some(183_845_006));
        for bad in [
            "",
            "1",
            "1-12",
            "178956970-8",
            "1-1x",
            "--1-1",
            "9999999999-1",
        ] {
            assert_eq!(year_to_month(bad.as_bytes()), None, "{bad}");
        }
        for bad in [
            "",
            "1",
            "1 24:00:00.000",
            "106751991167 07:12:55.808",
            "999999999999 00:00:00.000",
        ] {
            assert_eq!(day_to_second(bad.as_bytes()), None, "{bad}");
        }
    }

    #[test]
    fn intervals_keep_twelve_digits_but_no_more_than_their_type_has() {
        for (text, precision, expected) in [
            ("0 00:00:01", 0, Some((1_000_000, 0))),
            ("1 02:03:04.567", 3, Some((93_784_567_000, 0))),
            ("0 00:00:00.000000000001", 12, Some((0, 1))),
            ("-0 00:00:00.000000000001", 12, Some((-1, 999_999))),
            ("-1 00:00:00.5", 1, Some((-86_400_500_000, 0))),
            ("106751991 04:00:54.775807", 6, Some((i64::MAX, 0))),
            ("-106751991 04:00:54.775808", 6, Some((i64::MIN, 0))),
            ("106751991 04:00:54.775808", 6, None),
            ("0 00:00:00.1234", 3, None),
            ("0 24:00:00", 0, None),
            ("1", 0, None),
        ] {
            assert_eq!(
                fine_day_to_second(text.as_bytes(), precision),
                expected,
                "{text}"
            );
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "[-+ :.0-9]{0,40}") {
            let text = text.as_bytes();
            let _ = (date(text), time(text, 12), time_with_zone(text, 12), timestamp(text, 12));
            let _ = (year_to_month(text), day_to_second(text));
        }
    }
}
