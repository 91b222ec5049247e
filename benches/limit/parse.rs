//! One pass from the JSON of a segment to its columns.
//!
//! The text has zeros behind it, so that eight bytes can be looked at anywhere; a zero is never what is expected.

use crate::Result;
use crate::columns::{BLOCK, Column, Date, Text, Timestamp, Values};

/// Parses all rows and counts them.
pub fn rows(text: &[u8], columns: &mut [Column]) -> Result<usize> {
    let mut at = 0;
    let mut rows = 0;
    expect(text, &mut at, b'[')?;
    loop {
        expect(text, &mut at, b'[')?;
        for (number, column) in columns.iter_mut().enumerate() {
            if number > 0 {
                expect(text, &mut at, b',')?;
            }
            if text[at] == b'n' {
                column.push_null(rows);
                at += 4;
                continue;
            }
            match &mut column.values {
                Values::Long(values) => values.push(integer(text, &mut at)),
                Values::Integer(values) => values.push(i32::try_from(integer(text, &mut at))?),
                Values::Double(values) => values.push(double(text, &mut at)?),
                Values::Date(values) => {
                    values.push(date(text, at + 1));
                    at += 12;
                }
                Values::Timestamp(values) => values.push(timestamp(text, &mut at)?),
                Values::Decimal(values) => values.push(decimal(text, &mut at)?),
                Values::Text(values) => string(text, &mut at, values)?,
            }
        }
        expect(text, &mut at, b']')?;
        rows += 1;
        if text[at] == b']' {
            return Ok(rows);
        }
        expect(text, &mut at, b',')?;
    }
}

#[inline]
fn expect(text: &[u8], at: &mut usize, wanted: u8) -> Result<()> {
    if text[*at] == wanted {
        *at += 1;
        Ok(())
    } else {
        Err(format!("byte {at} is not what was expected").into())
    }
}

#[inline]
fn eight(text: &[u8], at: usize) -> u64 {
    let mut word = [0; 8];
    word.copy_from_slice(&text[at..at + 8]);
    u64::from_le_bytes(word)
}

/// How many of the eight bytes are digits, counted from the first.
#[inline]
fn leading_digits(word: u64) -> usize {
    let beyond_nine = word.wrapping_add(0x0606_0606_0606_0606);
    let wrong = (word ^ 0x3030_3030_3030_3030 | beyond_nine ^ 0x3030_3030_3030_3030)
        & 0xf0f0_f0f0_f0f0_f0f0;
    (wrong.trailing_zeros() / 8) as usize
}

/// The number that the first `count` bytes, all digits, are.
#[inline]
fn value_of(word: u64, count: usize) -> u64 {
    if count == 0 {
        return 0;
    }
    // Zeros in front.
    let word = (word & 0x0f0f_0f0f_0f0f_0f0f) << (64 - 8 * count);
    let pairs = (word.wrapping_mul(10) + (word >> 8)) & 0x00ff_00ff_00ff_00ff;
    let fours = (pairs.wrapping_mul(100) + (pairs >> 16)) & 0x0000_ffff_0000_ffff;
    (fours.wrapping_mul(10_000) + (fours >> 32)) & 0xffff_ffff
}

/// Reads digits as a number carried on from `start`; how many there were.
#[inline]
fn digits(text: &[u8], at: &mut usize, start: u64) -> (u64, usize) {
    let mut value = start;
    let mut total = 0;
    loop {
        let word = eight(text, *at);
        let count = leading_digits(word);
        if count > 0 {
            value = value
                .wrapping_mul(POWERS[count])
                .wrapping_add(value_of(word, count));
            *at += count;
            total += count;
        }
        if count < 8 {
            return (value, total);
        }
    }
}

#[inline]
fn sign(text: &[u8], at: &mut usize) -> bool {
    let negative = text[*at] == b'-';
    *at += usize::from(negative);
    negative
}

#[inline]
fn integer(text: &[u8], at: &mut usize) -> i64 {
    let negative = sign(text, at);
    let (value, _) = digits(text, at, 0);
    let value = value.cast_signed();
    if negative {
        value.wrapping_neg()
    } else {
        value
    }
}

#[inline]
fn double(text: &[u8], at: &mut usize) -> Result<f64> {
    let start = *at;
    let negative = sign(text, at);
    let (mut mantissa, mut count) = digits(text, at, 0);
    let mut fraction = 0;
    if text[*at] == b'.' {
        *at += 1;
        (mantissa, fraction) = digits(text, at, mantissa);
        count += fraction;
    }
    if text[*at] | 0x20 != b'e' && count <= 19 && mantissa < 1 << 53 && fraction < EXACT.len() {
        let value = mantissa as f64 / EXACT[fraction];
        return Ok(if negative { -value } else { value });
    }
    let (value, length) = fast_float2::parse_partial(&text[start..])?;
    *at = start + length;
    Ok(value)
}

#[inline]
fn decimal(text: &[u8], at: &mut usize) -> Result<i128> {
    expect(text, at, b'"')?;
    let negative = sign(text, at);
    let mut value = 0_i128;
    loop {
        let word = eight(text, *at);
        let count = leading_digits(word);
        value = value * i128::from(POWERS[count]) + i128::from(value_of(word, count));
        *at += count;
        if count == 8 {
            continue;
        }
        if text[*at] != b'.' {
            break;
        }
        *at += 1;
    }
    expect(text, at, b'"')?;
    Ok(if negative { -value } else { value })
}

/// Two digits.
#[inline]
fn two(text: &[u8], at: usize) -> u16 {
    u16::from(text[at] & 15) * 10 + u16::from(text[at + 1] & 15)
}

#[inline]
fn date(text: &[u8], at: usize) -> Date {
    Date {
        year: (two(text, at) * 100 + two(text, at + 2)).cast_signed(),
        month: two(text, at + 5),
        day: two(text, at + 8),
    }
}

/// A timestamp with up to nine digits of a second, and perhaps a zone; it is given as UTC has it.
#[inline]
fn timestamp(text: &[u8], at: &mut usize) -> Result<Timestamp> {
    expect(text, at, b'"')?;
    let mut value = Timestamp {
        date: date(text, *at),
        hour: two(text, *at + 11),
        minute: two(text, *at + 14),
        second: two(text, *at + 17),
        fraction: 0,
    };
    *at += 19;
    if text[*at] == b'.' {
        *at += 1;
        let (fraction, count) = digits(text, at, 0);
        value.fraction = u32::try_from(fraction * POWERS_OF_NANOS[count])?;
    }
    if text[*at] == b' ' {
        if text[*at + 1..].starts_with(b"UTC\"") {
            *at += 4;
        } else if text[*at + 1..].starts_with(BERLIN) {
            *at += 1 + BERLIN.len();
            let minutes = if is_summer(&value) { -120 } else { -60 };
            shift(&mut value, minutes);
        } else {
            let west = text[*at + 1] == b'-';
            let offset = i32::from(two(text, *at + 2)) * 60 + i32::from(two(text, *at + 5));
            *at += 7;
            shift(&mut value, if west { offset } else { -offset });
        }
    }
    expect(text, at, b'"')?;
    Ok(value)
}

/// Whether it is summer in Berlin, by the rule that holds since 1996: from two o'clock on the last Sunday of March to three
/// o'clock on the last Sunday of October.
#[inline]
fn is_summer(value: &Timestamp) -> bool {
    let (date, year) = (value.date, i32::from(value.date.year));
    let last_sunday = |ends_before: i32| (31 - (5 * year / 4 + ends_before) % 7) as u16;
    match date.month {
        4..=9 => true,
        3 => (date.day, value.hour) >= (last_sunday(4), 2),
        10 => (date.day, value.hour) < (last_sunday(1), 3),
        _ => false,
    }
}

/// Moves a timestamp by minutes.
fn shift(value: &mut Timestamp, minutes: i32) {
    let minute = i32::from(value.hour) * 60 + i32::from(value.minute) + minutes;
    let within = minute.rem_euclid(1440) as u16;
    (value.hour, value.minute) = (within / 60, within % 60);
    match minute.div_euclid(1440) {
        0 => {}
        days => value.date = civil(days_of(value.date) + days),
    }
}

/// Days since 1970-01-01.
fn days_of(date: Date) -> i32 {
    let month = i32::from(date.month);
    let year = i32::from(date.year) - i32::from(month <= 2);
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + i32::from(date.day) - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

fn civil(days: i32) -> Date {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let shifted = (5 * of_year + 2) / 153;
    let month = if shifted < 10 {
        shifted + 3
    } else {
        shifted - 9
    };
    Date {
        year: (year + era * 400 + i32::from(month <= 2)) as i16,
        month: month as u16,
        day: (of_year - (153 * shifted + 2) / 5 + 1) as u16,
    }
}

/// Copies whole blocks, of which what lies behind the end is written over by the next.
#[inline]
fn string(text: &[u8], at: &mut usize, values: &mut Text) -> Result<()> {
    expect(text, at, b'"')?;
    loop {
        let block: &[u8; BLOCK] = text[*at..*at + BLOCK].try_into()?;
        *values.room() = *block;
        let length = plain(block);
        values.length += length;
        *at += length;
        if length < BLOCK {
            *at += 1;
            if text[*at - 1] == b'"' {
                values.ends.push(values.length);
                return Ok(());
            }
            escape(text, at, values)?;
        }
    }
}

/// Bytes of a block before the first quote or backslash.
#[inline]
fn plain(block: &[u8; BLOCK]) -> usize {
    for (step, word) in block.as_chunks::<8>().0.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        let hit = zeros(word ^ 0x2222_2222_2222_2222) | zeros(word ^ 0x5c5c_5c5c_5c5c_5c5c);
        if hit != 0 {
            return step * 8 + (hit.trailing_zeros() / 8) as usize;
        }
    }
    BLOCK
}

/// The lowest bit set belongs to the first byte that is zero.
#[inline]
fn zeros(word: u64) -> u64 {
    word.wrapping_sub(0x0101_0101_0101_0101) & !word & 0x8080_8080_8080_8080
}

/// What stands after a backslash.
fn escape(text: &[u8], at: &mut usize, values: &mut Text) -> Result<()> {
    let byte = text[*at];
    *at += 1;
    values.append(&[match byte {
        b'n' => b'\n',
        b't' => b'\t',
        b'r' => b'\r',
        b'b' => 8,
        b'f' => 12,
        b'u' => {
            let mut unit = || -> Result<u32> {
                let hexadecimal = str::from_utf8(&text[*at..*at + 4])?;
                *at += 4;
                Ok(u32::from_str_radix(hexadecimal, 16)?)
            };
            let mut code = unit()?;
            if (0xd800..0xdc00).contains(&code) {
                *at += 2;
                let low = u32::from_str_radix(str::from_utf8(&text[*at..*at + 4])?, 16)?;
                *at += 4;
                code = 0x10000 + ((code - 0xd800) << 10) + low.wrapping_sub(0xdc00);
            }
            let character = char::from_u32(code).ok_or("half a character")?;
            values.append(character.encode_utf8(&mut [0; 4]).as_bytes());
            return Ok(());
        }
        other => other,
    }]);
    Ok(())
}

const BERLIN: &[u8] = b"Europe/Berlin";

const POWERS: [u64; 9] = [
    1,
    10,
    100,
    1_000,
    10_000,
    100_000,
    1_000_000,
    10_000_000,
    100_000_000,
];
/// What a fraction of so many digits is multiplied by, to be nanoseconds.
const POWERS_OF_NANOS: [u64; 10] = [
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
/// Powers of ten that a double holds exactly.
const EXACT: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
];
