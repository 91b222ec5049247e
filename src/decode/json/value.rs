//! The texts of Trino's values: numbers, dates, times, intervals. Pure functions; `None` is a text that is no such value.

/// A whole number.
#[inline]
pub fn integer(text: &[u8]) -> Option<i64> {
    let (negative, digits) = sign(text);
    if digits.is_empty() || digits.len() > 19 {
        return None;
    }
    let mut magnitude = 0u64;
    for byte in digits {
        magnitude = magnitude * 10 + digit(*byte)?;
    }
    if negative { 0i64.checked_sub_unsigned(magnitude) } else { i64::try_from(magnitude).ok() }
}

/// The unscaled value of a decimal with `scale` digits after the point; fewer are filled up, more are no such value.
#[inline]
pub fn decimal64(text: &[u8], scale: u8) -> Option<i64> {
    let (negative, digits) = sign(text);
    if digits.len() > 19 {
        // Leading zeros may make it longer than its digits need.
        return decimal128(text, scale).and_then(|unscaled| i64::try_from(unscaled).ok());
    }
    let mut magnitude = 0u64;
    let mut fraction = None;
    for byte in digits {
        if *byte == b'.' && fraction.is_none() {
            fraction = Some(0u8);
            continue;
        }
        magnitude = magnitude * 10 + digit(*byte)?;
        fraction = fraction.map(|digits| digits + 1);
    }
    if digits.is_empty() || digits == b"." {
        return None;
    }
    for _ in 0..scale.checked_sub(fraction.unwrap_or(0))? {
        magnitude = magnitude.checked_mul(10)?;
    }
    let magnitude = i64::try_from(magnitude).ok()?;
    Some(if negative { -magnitude } else { magnitude })
}

/// As [`decimal64`], for up to 38 digits.
pub fn decimal128(text: &[u8], scale: u8) -> Option<i128> {
    let (negative, digits) = sign(text);
    let mut magnitude = 0i128;
    let mut fraction = None;
    let mut seen = false;
    for byte in digits {
        if *byte == b'.' && fraction.is_none() {
            fraction = Some(0u8);
            continue;
        }
        magnitude = magnitude.checked_mul(10)?.checked_add(i128::from(digit(*byte)?))?;
        seen = true;
        if let Some(digits) = &mut fraction {
            *digits = digits.checked_add(1)?;
        }
    }
    if !seen {
        return None;
    }
    for _ in 0..scale.checked_sub(fraction.unwrap_or(0))? {
        magnitude = magnitude.checked_mul(10)?;
    }
    Some(if negative { -magnitude } else { magnitude })
}

/// A REAL: a number, or the name of one that JSON lacks.
pub fn real(text: &[u8]) -> Option<f32> {
    match text {
        b"NaN" => Some(f32::NAN),
        b"Infinity" => Some(f32::INFINITY),
        b"-Infinity" => Some(f32::NEG_INFINITY),
        [b'-' | b'0'..=b'9', ..] => std::str::from_utf8(text).ok()?.parse().ok(),
        _ => None,
    }
}

/// A DOUBLE: a number, or the name of one that JSON lacks.
#[inline]
pub fn double(text: &[u8]) -> Option<f64> {
    match text {
        [b'-' | b'0'..=b'9', ..] if !text.starts_with(b"-I") => {
            std::str::from_utf8(text).ok()?.parse().ok()
        }
        b"NaN" => Some(f64::NAN),
        b"Infinity" => Some(f64::INFINITY),
        b"-Infinity" => Some(f64::NEG_INFINITY),
        _ => None,
    }
}

/// Days since 1970-01-01 of `[+-]yyyy-mm-dd`.
#[inline]
pub fn date(text: &[u8]) -> Option<i32> {
    let days = match text {
        // Years of four digits: almost all.
        [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] => {
            let year = i64::from(pair(*y1, *y2)?) * 100 + i64::from(pair(*y3, *y4)?);
            days_from_civil(year, pair(*m1, *m2)?, pair(*d1, *d2)?)?
        }
        _ => {
            let (negative, rest) = sign(text.strip_prefix(b"+").unwrap_or(text));
            let (year, month_and_day) = rest.split_at_checked(rest.len().checked_sub(6)?)?;
            let [b'-', m1, m2, b'-', d1, d2] = month_and_day else { return None };
            if year.len() < 4 || year.len() > 9 {
                return None;
            }
            let year = integer(year)?;
            let year = if negative { -year } else { year };
            days_from_civil(year, pair(*m1, *m2)?, pair(*d1, *d2)?)?
        }
    };
    i32::try_from(days).ok()
}

/// Picoseconds since midnight of `hh:mm:ss[.f]` with up to 12 digits of fraction.
#[inline]
pub fn time(text: &[u8]) -> Option<i64> {
    let [h1, h2, b':', m1, m2, b':', s1, s2, fraction @ ..] = text else { return None };
    let (hour, minute, second) = (pair(*h1, *h2)?, pair(*m1, *m2)?, pair(*s1, *s2)?);
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let seconds = i64::from(hour * 3600 + minute * 60 + second);
    let picos = match fraction {
        [] => 0,
        [b'.', digits @ ..] => fraction_in_picos(digits)?,
        _ => return None,
    };
    Some(seconds * PICOS_PER_SECOND + picos)
}

/// Picoseconds since midnight and the offset in minutes of `hh:mm:ss[.f]+hh:mm`.
pub fn time_with_zone(text: &[u8]) -> Option<(i64, i16)> {
    let (local, zone) = text.split_at_checked(text.len().checked_sub(6)?)?;
    let [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] = zone else { return None };
    let minutes = i16::from(pair(*h1, *h2)?.try_into().ok().filter(|hours: &u8| *hours <= 14)?) * 60
        + i16::try_from(pair(*m1, *m2)?).ok()?;
    Some((time(local)?, if *sign == b'-' { -minutes } else { minutes }))
}

/// Microseconds since 1970-01-01 00:00:00 and picoseconds within the microsecond of `yyyy-mm-dd hh:mm:ss[.f]`.
#[inline]
pub fn timestamp(text: &[u8]) -> Option<(i64, u32)> {
    // The usual year has four digits; for others the blank is looked for.
    let blank = match text.get(10) {
        Some(b' ') => 10,
        _ => text.iter().position(|byte| *byte == b' ')?,
    };
    let days = i64::from(date(text.get(..blank)?)?);
    let picos = time(text.get(blank + 1..)?)?;
    let micros = days.checked_mul(MICROS_PER_DAY)?.checked_add(picos / PICOS_PER_MICRO)?;
    Some((micros, u32::try_from(picos % PICOS_PER_MICRO).ok()?))
}

/// As [`timestamp`], and the zone's id after a blank.
#[inline]
pub fn timestamp_with_zone(text: &[u8]) -> Option<(i64, u32, &[u8])> {
    let blank = memchr::memrchr(b' ', text)?;
    let (micros, picos) = timestamp(text.get(..blank)?)?;
    let zone = text.get(blank + 1..)?;
    (!zone.is_empty()).then_some((micros, picos, zone))
}

/// Months of `[-]y-m`.
pub fn interval_year_to_month(text: &[u8]) -> Option<i32> {
    let (negative, rest) = sign(text);
    let dash = rest.iter().position(|byte| *byte == b'-')?;
    let years = integer(rest.get(..dash)?)?;
    let months = integer(rest.get(dash + 1..)?).filter(|months| (0..12).contains(months))?;
    let total = years.checked_mul(12)?.checked_add(months)?;
    i32::try_from(if negative { -total } else { total }).ok()
}

/// Milliseconds of `[-]d hh:mm:ss.fff`.
pub fn interval_day_to_second(text: &[u8]) -> Option<i64> {
    let (negative, rest) = sign(text);
    let blank = rest.iter().position(|byte| *byte == b' ')?;
    let days = integer(rest.get(..blank)?)?;
    let picos = time(rest.get(blank + 1..)?)?;
    let sign = if negative { -1 } else { 1 };
    // In the sign's direction from the start: the least interval has no positive twin.
    (days * sign)
        .checked_mul(MILLIS_PER_DAY)?
        .checked_add(sign * (picos / (PICOS_PER_SECOND / 1000)))
}

/// The 16 bytes of a UUID's text.
pub fn uuid(text: &[u8]) -> Option<[u8; 16]> {
    if text.len() != 36 {
        return None;
    }
    let mut bytes = [0u8; 16];
    let mut digits = text.iter().enumerate().filter_map(|(at, byte)| match (at, byte) {
        (8 | 13 | 18 | 23, b'-') => None,
        (_, byte) => Some(char::from(*byte).to_digit(16)),
    });
    for byte in &mut bytes {
        let (high, low) = (digits.next()??, digits.next()??);
        *byte = u8::try_from(high * 16 + low).ok()?;
    }
    digits.next().is_none().then_some(bytes)
}

/// Days since 1970-01-01 in the proleptic Gregorian calendar.
#[inline]
fn days_from_civil(year: i64, month: u32, day: u32) -> Option<i64> {
    if month == 0 || month > 12 || day == 0 || day > days_in_month(year, month) {
        return None;
    }
    // Years that begin in March have the leap day at their end, in eras of 400 years.
    let shifted = if month <= 2 { year - 1 } else { year };
    let era = shifted.div_euclid(400);
    let year_of_era = shifted.rem_euclid(400);
    let month_from_march = i64::from((month + 9) % 12);
    let day_of_year = (153 * month_from_march + 2) / 5 + i64::from(day) - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    Some(era * 146_097 + day_of_era - 719_468)
}

#[inline]
fn days_in_month(year: i64, month: u32) -> u32 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[inline]
fn fraction_in_picos(digits: &[u8]) -> Option<i64> {
    let scale = POWERS.get(digits.len())?;
    let mut value = 0;
    for byte in digits {
        value = value * 10 + i64::try_from(digit(*byte)?).ok()?;
    }
    Some(value * scale)
}

#[inline]
fn sign(text: &[u8]) -> (bool, &[u8]) {
    match text {
        [b'-', rest @ ..] => (true, rest),
        _ => (false, text),
    }
}

#[inline]
fn digit(byte: u8) -> Option<u64> {
    let value = byte.wrapping_sub(b'0');
    (value <= 9).then_some(u64::from(value))
}

#[inline]
fn pair(tens: u8, ones: u8) -> Option<u32> {
    let (tens, ones) = (tens.wrapping_sub(b'0'), ones.wrapping_sub(b'0'));
    (tens <= 9 && ones <= 9).then_some(u32::from(tens) * 10 + u32::from(ones))
}

const PICOS_PER_SECOND: i64 = 1_000_000_000_000;
const PICOS_PER_MICRO: i64 = 1_000_000;
const MICROS_PER_DAY: i64 = 86_400_000_000;
const MILLIS_PER_DAY: i64 = 86_400_000;

/// What the last digit of a fraction of so many digits is worth, in picoseconds.
const POWERS: [i64; 13] = [
    PICOS_PER_SECOND,
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
    use super::*;

    #[test]
    fn integers_are_exact_to_their_ends() {
        assert_eq!(integer(b"9223372036854775807"), Some(i64::MAX));
        assert_eq!(integer(b"-9223372036854775808"), Some(i64::MIN));
        for bad in ["9223372036854775808", "-9223372036854775809", "", "-", "1.0", "1e3", "--1"] {
            assert_eq!(integer(bad.as_bytes()), None, "{bad}");
        }
    }

    #[test]
    fn decimals_are_scaled() {
        assert_eq!(decimal64(b"-0.50", 2), Some(-50));
        assert_eq!(decimal64(b"12", 3), Some(12_000));
        assert_eq!(decimal64(b"1.234", 2), None);
        assert_eq!(decimal64(b"999999999999999999", 0), Some(999_999_999_999_999_999));
        assert_eq!(decimal64(b"-123456789012345.678", 3), Some(-123_456_789_012_345_678));
        assert_eq!(
            decimal128(b"-99999999999999999999999999999999999999", 0),
            Some(-99_999_999_999_999_999_999_999_999_999_999_999_999)
        );
        assert_eq!(
            decimal128(b"0.00000000000000000000000000000000000001", 38),
            Some(1)
        );
        for bad in ["", ".", "-", "1.2.3", "1e5", "NaN", "999999999999999999999999999999999999999999"] {
            assert_eq!(decimal64(bad.as_bytes(), 2), None, "{bad}");
            assert_eq!(decimal128(bad.as_bytes(), 2), None, "{bad}");
        }
    }

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
        for bad in ["2001-02-29", "1900-02-29", "2000-13-01", "2000-00-01", "2000-1-1", "", "10:00:00"] {
            assert_eq!(date(bad.as_bytes()), None, "{bad}");
        }
    }

    #[test]
    fn times_keep_twelve_digits() {
        assert_eq!(time(b"00:00:00"), Some(0));
        assert_eq!(time(b"23:59:59.999999999999"), Some(86_399_999_999_999_999));
        assert_eq!(time(b"01:02:03.4"), Some(3_723_400_000_000_000));
        assert_eq!(time_with_zone(b"01:02:03.4-05:30"), Some((3_723_400_000_000_000, -330)));
        assert_eq!(time_with_zone(b"00:00:00+14:00"), Some((0, 840)));
        for bad in ["24:00:00", "00:60:00", "00:00:60", "1:00:00", "00:00:00.", "00:00:00,5"] {
            let expected = (bad == "00:00:00.").then_some(0);
            assert_eq!(time(bad.as_bytes()), expected, "{bad}");
        }
    }

    #[test]
    fn timestamps_keep_the_wall_clock_and_the_zone() {
        assert_eq!(timestamp(b"1970-01-01 00:00:01"), Some((1_000_000, 0)));
        assert_eq!(timestamp(b"1969-12-31 23:59:59.999999999999"), Some((-1, 999_999)));
        assert_eq!(timestamp(b"+294247-01-10 04:00:54.775807"), Some((i64::MAX, 0)));
        assert_eq!(timestamp(b"+294247-01-10 04:00:54.775808"), None);
        assert_eq!(
            timestamp_with_zone(b"1970-01-01 00:00:00.001 America/New_York"),
            Some((1000, 0, b"America/New_York".as_slice()))
        );
        assert_eq!(timestamp_with_zone(b"1970-01-01 00:00:00"), None);
    }

    #[test]
    fn intervals_reach_their_least_values() {
        assert_eq!(interval_year_to_month(b"-178956970-8"), Some(i32::MIN));
        assert_eq!(interval_year_to_month(b"1-11"), Some(23));
        assert_eq!(interval_year_to_month(b"1-12"), None);
        assert_eq!(interval_day_to_second(b"-106751991167 07:12:55.808"), Some(i64::MIN));
        assert_eq!(interval_day_to_second(b"2 03:04:05.006"), Some(183_845_006));
    }

    #[test]
    fn uuids_are_read_in_the_order_of_their_text() {
        let bytes = uuid(b"00112233-4455-6677-8899-aabbccddeeff").unwrap();
        assert_eq!(bytes, [0, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff]);
        assert_eq!(uuid(b"00112233-4455-6677-8899-aabbccddeef"), None);
        assert_eq!(uuid(b"00112233x4455-6677-8899-aabbccddeeff"), None);
    }
}
