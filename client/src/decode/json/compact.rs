//! Cells exactly as Trino writes them: no whitespace, every digit in its place, nothing escaped.
//!
//! Nearly all cells are such. They are read here eight or sixteen bytes at a time, and whatever looks different in any way
//! is `None`: the other readers take it then, from its start, and they alone say what is wrong with it. So this module may
//! refuse what it likes, but what it reads must be what they would read.
//!
//! Every function takes the text from the first byte of a cell on, and returns the value and the text behind it.
//!
//! # Eight bytes at a time
//!
//! A word is read with its first byte lowest, so that `trailing_zeros` finds what comes first. Three steps turn it into
//! a number, none of which branches on a digit:
//!
//! ```text
//!  "1234,567"   xor 0x30 in each byte: digits become 0 to 9, anything else has a higher value
//!                add 0x76 in each byte: bit 7 marks what is above 9. A carry spoils only later bytes, so the first
//!                mark is right, and its place is the count of digits: 4
//!   1 2 3 4      shift the digits up, so that the last is in byte 7 and the bytes before the first are 0
//!   01 23 4…     times 10 plus the neighbour: pairs; times 100 plus the neighbour: fours; times 10,000: the number
//! ```
//!
//! Dates and clocks are checked by a shape, `0000-00-`, in which 0 stands for any digit: one subtraction compares eight
//! bytes, and its marks are collected over the whole value, so that there is one branch for a timestamp.
//!
//! # Near the end
//!
//! A function that looks at eight or sixteen bytes needs them to be there. The last cells of a text are therefore left to
//! the other readers.

use super::nearest;
use crate::columns::tens;

/// An integer of up to 19 digits; all but the least.
#[inline(always)]
pub(super) fn integer(text: &[u8]) -> Option<(i64, &[u8])> {
    let (negative, digits) = sign(text);
    let number = Digits::of(digits)?;
    if number.count > 19 {
        return None;
    }
    let value = i64::try_from(number.value).ok()?;
    Some((if negative { -value } else { value }, number.rest(digits)?))
}

/// A number with a point, as Java writes a double: with an exponent below 0.001 and from 10 million on.
#[inline(always)]
pub(super) fn double(text: &[u8]) -> Option<(f64, &[u8])> {
    let (negative, whole, part, rest) = parts(text)?;
    let (value, rest) = match rest.first()? {
        b'e' | b'E' => long_double(&whole, &part, rest)?,
        _ if whole.count + part.count > 18 => long_double(&whole, &part, rest)?,
        _ => {
            let digits = whole.value * TENS.get(part.count)? + part.value;
            (nearest::fraction(digits, part.count)?, rest)
        }
    };
    Some((if negative { -value } else { value }, rest))
}

/// A double of more digits, or with an exponent, which `rest` starts with then.
#[inline(never)]
fn long_double<'a>(whole: &Digits, part: &Digits, rest: &'a [u8]) -> Option<(f64, &'a [u8])> {
    // A zero before the point is no digit of the number, so that one more may follow.
    if whole.count + part.count - usize::from(whole.value == 0) > 19 {
        return None;
    }
    let digits = match TENS.get(part.count) {
        Some(power) => whole.value * power + part.value,
        None => part.value,
    };
    let (exponent, rest) = match rest.first()? {
        b'e' | b'E' => exponent(rest)?,
        _ => (0, rest),
    };
    let exponent = exponent - i32::try_from(part.count).ok()?;
    Some((nearest::double(digits, exponent)?, rest))
}

/// The exponent that a text starts with, of one to three digits.
#[inline]
fn exponent(text: &[u8]) -> Option<(i32, &[u8])> {
    let (_, text) = text.split_first()?;
    let (negative, digits) = sign(text);
    let number = Digits::of(digits)?;
    if number.count > 3 {
        return None;
    }
    let value = i32::try_from(number.value).ok()?;
    Some((if negative { -value } else { value }, number.rest(digits)?))
}

/// A number without exponent: whether it is negative, its digits as one number, and how many of them are decimals. There
/// are at most 18.
#[inline(always)]
pub(super) fn fraction(text: &[u8]) -> Option<(bool, u64, usize, &[u8])> {
    let (negative, whole, part, rest) = parts(text)?;
    if whole.count + part.count > 18 {
        return None;
    }
    let value = whole.value * TENS.get(part.count)? + part.value;
    match rest.first() {
        Some(b'e' | b'E') | None => None,
        _ => Some((negative, value, part.count, rest)),
    }
}

/// A number with a point: whether it is negative, its digits before the point and behind it, and what follows them.
#[inline(always)]
fn parts(text: &[u8]) -> Option<(bool, Digits, Digits, &[u8])> {
    let (negative, digits) = sign(text);
    let whole = Digits::of(digits)?;
    let (Some(b'.'), Some(decimals)) = (digits.get(whole.count), digits.get(whole.count + 1..))
    else {
        return None;
    };
    let part = Digits::of(decimals)?;
    let rest = part.rest(decimals)?;
    Some((negative, whole, part, rest))
}

/// A quoted decimal of up to 18 digits with exactly `scale` of them after the point: its unscaled value.
#[inline(always)]
pub(super) fn decimal64(text: &[u8], scale: u8) -> Option<(i64, &[u8])> {
    let text = text.strip_prefix(b"\"")?;
    let (negative, unscaled, rest) = if scale == 0 {
        let (value, rest) = integer(text)?;
        let unscaled = value.unsigned_abs();
        if unscaled >= *TENS.last()? {
            return None;
        }
        (value < 0, unscaled, rest)
    } else {
        let (negative, unscaled, decimals, rest) = fraction(text)?;
        if decimals != usize::from(scale) {
            return None;
        }
        (negative, unscaled, rest)
    };
    let value = unscaled.cast_signed();
    Some((
        if negative { -value } else { value },
        rest.strip_prefix(b"\"")?,
    ))
}

/// As [`decimal64`], with up to 18 digits on both sides of the point.
#[inline]
pub(super) fn decimal128(text: &[u8], scale: u8) -> Option<(i128, &[u8])> {
    let (negative, digits) = sign(text.strip_prefix(b"\"")?);
    let whole = Digits::of(digits)?;
    if whole.count > 18 {
        return None;
    }
    let mut rest = whole.rest(digits)?;
    let mut value = i128::from(whole.value);
    if scale > 0 {
        let decimals = rest.strip_prefix(b".")?;
        let part = Digits::of(decimals)?;
        if part.count > 18 || part.count != usize::from(scale) {
            return None;
        }
        value = value * i128::from(*TENS.get(part.count)?) + i128::from(part.value);
        rest = part.rest(decimals)?;
    }
    Some((
        if negative { -value } else { value },
        rest.strip_prefix(b"\"")?,
    ))
}

/// A quoted date of the years 1901 to 2099: days since 1970-01-01.
#[inline(always)]
pub(super) fn date(text: &[u8]) -> Option<(i32, &[u8])> {
    let ([b'"', date @ ..], rest) = text.split_first_chunk::<11>()? else {
        return None;
    };
    Some((day(date.first_chunk()?)?, rest.strip_prefix(b"\"")?))
}

/// A timestamp of those years behind its quote, with at most `precision` decimals: microseconds since 1970-01-01 00:00:00,
/// and the picoseconds beyond them. What follows may be a zone.
#[inline(always)]
pub(super) fn timestamp(text: &[u8], precision: u8) -> Option<(i64, u32, &[u8])> {
    let ([b'"', moment @ ..], _) = text.split_first_chunk::<29>()? else {
        return None;
    };
    let (date, odd_date) = shaped(word(moment, 0)?, b"0000-00-");
    let (clock, odd_clock) = shaped(word(moment, 8)?, b"00 00:00");
    let (rest, odd_rest) = shaped(word(moment, 16)?, b":00.0000");
    // One branch for all three of them; what follows the seconds is seen to below.
    if odd_date | odd_clock | odd_rest << (64 - 3 * 8) != 0 {
        return None;
    }
    let (date, clock, second) = (pairs(date), pairs(clock), pairs(rest) >> 8 & 0xFF);
    let (hour, minute) = (clock >> 24 & 0xFF, clock >> 48 & 0xFF);
    if (hour > 23) | (minute > 59) | (second > 59) {
        return None;
    }
    let days = i64::from(day_of(date, clock & 0xFF)?);
    let seconds = days * 86_400 + ((hour * 60 + minute) * 60 + second).cast_signed();
    let micros = seconds * 1_000_000;
    // The two precisions of nearly every column, whose digits need not be counted: all there, and none behind them.
    match precision {
        3 if odd_rest == LAST_MARK => {
            let millis = (pairs(rest) >> 32 & 0xFF) * 10 + (rest >> 48 & 0xFF);
            return Some((micros + millis.cast_signed() * 1000, 0, text.get(24..)?));
        }
        6 => {
            let (digits, odd) = shaped(word(moment, 20)?, b"00000000");
            if odd_rest | odd << 16 == 0 && odd << 8 == LAST_MARK {
                let fraction = number(digits << 16).cast_signed();
                return Some((micros + fraction, 0, text.get(27..)?));
            }
        }
        _ => {}
    }
    let (fraction, picos, rest) = decimals(text.get(20..)?, precision)?;
    Some((micros + fraction, picos, rest))
}

/// The decimals of a second, if there are any: microseconds, the picoseconds beyond them, and what follows.
#[inline]
fn decimals(text: &[u8], precision: u8) -> Option<(i64, u32, &[u8])> {
    let Some(decimals) = text.strip_prefix(b".") else {
        return Some((0, 0, text));
    };
    let part = Digits::of(decimals)?;
    if part.count > usize::from(precision) || part.count > 12 {
        return None;
    }
    let rest = part.rest(decimals)?;
    if part.count <= 6 {
        let micros = part.value * TENS.get(6 - part.count)?;
        return Some((micros.cast_signed(), 0, rest));
    }
    let picos = part.value * TENS.get(12 - part.count)?;
    let beyond = u32::try_from(picos % 1_000_000).ok()?;
    Some(((picos / 1_000_000).cast_signed(), beyond, rest))
}

/// The beginning of a string, appended to `out`: up to its end, which is taken, or up to a backslash, which the
/// rest begins with.
#[inline]
pub(super) fn string_into<'a>(text: &'a [u8], out: &mut Vec<u8>) -> Option<(End, &'a [u8])> {
    let mut rest = text.strip_prefix(b"\"")?;
    let before = out.len();
    // Most strings are short. Whole blocks are appended and cut off again behind the end, as a copy of known length is a
    // move or two.
    for _ in 0..BLOCKS {
        let Some((block, tail)) = rest.split_first_chunk::<BLOCK>() else {
            break;
        };
        let end = special(block);
        let length = out.len();
        out.extend_from_slice(block);
        if end < BLOCK {
            out.truncate(length + end);
            return match rest.get(end..)?.split_first() {
                Some((b'"', rest)) => Some((End::Quote, rest)),
                _ => Some((End::Backslash, rest.get(end..)?)),
            };
        }
        rest = tail;
    }
    let Some((head, tail)) =
        memchr::memchr2(b'"', b'\\', rest).and_then(|end| rest.split_at_checked(end))
    else {
        out.truncate(before);
        return None;
    };
    out.extend_from_slice(head);
    match tail.split_first() {
        Some((b'"', rest)) => Some((End::Quote, rest)),
        _ => Some((End::Backslash, tail)),
    }
}

/// What the beginning of a string ends at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Quote,
    Backslash,
}

/// Whether there is a sign, and what follows.
#[inline]
fn sign(text: &[u8]) -> (bool, &[u8]) {
    match text.split_first() {
        Some((b'-', digits)) => (true, digits),
        _ => (false, text),
    }
}

/// The digits that a text starts with.
struct Digits {
    /// Right for up to 19 digits.
    value: u64,
    /// One at least.
    count: usize,
}

impl Digits {
    /// The digits at the start of `text`: `None` when there is none, when there are 24, and near the end of the text.
    #[inline(always)]
    fn of(text: &[u8]) -> Option<Self> {
        let text = text.first_chunk::<24>()?;
        let (value, count) = leading(u64::from_le_bytes(*text.first_chunk()?));
        match count {
            0 => None,
            // Most numbers end here.
            1..8 => Some(Self { value, count }),
            _ => Self::long(value, text),
        }
    }

    /// The same for a text that starts with eight digits, of which `value` is made.
    #[inline(never)]
    fn long(value: u64, text: &[u8; 24]) -> Option<Self> {
        let mut digits = Self { value, count: 8 };
        for word in text.as_chunks::<8>().0.get(1..)? {
            let (value, count) = leading(u64::from_le_bytes(*word));
            digits.value = digits
                .value
                .wrapping_mul(*TENS.get(count)?)
                .wrapping_add(value);
            digits.count += count;
            if count < 8 {
                return Some(digits);
            }
        }
        None
    }

    /// What follows them in the text that they are the start of.
    #[inline]
    fn rest<'a>(&self, text: &'a [u8]) -> Option<&'a [u8]> {
        text.get(self.count..)
    }
}

/// The number that eight bytes start with, and how many of them are its digits.
#[inline]
fn leading(word: u64) -> (u64, usize) {
    let digits = word ^ (ONES * 0x30);
    // Marks all but digits; the lowest mark is exact.
    let marks = (digits.wrapping_add(ONES * 0x76) | digits) & (ONES * 0x80);
    let count = marks.trailing_zeros() / 8;
    if count == 0 {
        return (0, 0);
    }
    // The last digit belongs into the highest byte.
    (number(digits << (64 - 8 * count)), count as usize)
}

/// The number of eight digits, of which the last is the highest byte.
#[inline]
fn number(digits: u64) -> u64 {
    let pairs = digits.wrapping_mul(10 << 8 | 1) >> 8 & 0x00FF_00FF_00FF_00FF;
    let fours = pairs.wrapping_mul(100 << 16 | 1) >> 16 & 0x0000_FFFF_0000_FFFF;
    fours.wrapping_mul(10_000 << 32 | 1) >> 32
}

/// The eight bytes from `at` on.
#[inline(always)]
fn word(text: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(*text.get(at..)?.first_chunk()?))
}

/// The bytes of a word less those of a shape, in which a 0 is any digit; and a mark at each that is neither a digit nor the
/// same as in the shape. The lowest mark is exact.
#[inline(always)]
fn shaped(word: u64, shape: &[u8; 8]) -> (u64, u64) {
    let shape = u64::from_le_bytes(*shape);
    let digits = word ^ shape;
    // A digit may be up to 9, a mark must be the same.
    let zeros = ONES * 0x30;
    let is_digit = !(shape ^ zeros).wrapping_add(ONES * 0x7F) & (ONES * 0x80);
    let room = ONES * 0x7F - (is_digit >> 7) * 9;
    let odd = (digits.wrapping_add(room) | digits) & (ONES * 0x80);
    (digits, odd)
}

/// In each byte of eight, the number of it and the next byte as two digits.
#[inline(always)]
fn pairs(digits: u64) -> u64 {
    digits.wrapping_mul(10).wrapping_add(digits >> 8)
}

/// Days since 1970-01-01 of `yyyy-MM-dd` in the years 1901 to 2099.
#[inline]
fn day(text: &[u8; 10]) -> Option<i32> {
    let (head, [tens, ones]) = (text.first_chunk()?, text.last_chunk()?);
    let (date, odd) = shaped(u64::from_le_bytes(*head), b"0000-00-");
    let (tens, ones) = (tens.wrapping_sub(b'0'), ones.wrapping_sub(b'0'));
    if odd != 0 || tens > 9 || ones > 9 {
        return None;
    }
    day_of(pairs(date), u64::from(tens) * 10 + u64::from(ones))
}

/// Days since 1970-01-01 of a day in a year and month, which are the pairs of `yyyy-MM-`, in those years.
#[inline(always)]
fn day_of(date: u64, day: u64) -> Option<i32> {
    let year = (date & 0xFF) * 100 + (date >> 16 & 0xFF);
    let month = usize::try_from(date >> 40 & 0xFF).ok()?;
    // Every fourth of these years is a leap year.
    let since = year.checked_sub(1901).filter(|since| *since < 199)?;
    let leap = usize::from(year.is_multiple_of(4));
    let (before, length) = *MONTHS.get(leap * 16 + month.min(13))?;
    let index = day.wrapping_sub(1);
    if index >= u64::from(length) {
        return None;
    }
    let days = since * 365 + since / 4 + u64::from(before) + index;
    Some(i32::try_from(days).ok()? - DAYS_TO_1970)
}

/// Marks the bytes that are zero; the lowest mark is exact.
#[inline(always)]
fn zeros(word: u64) -> u64 {
    word.wrapping_sub(ONES) & !word & (ONES * 0x80)
}

/// Where the first quote or backslash of a block is; the block's length when there is none.
#[inline]
fn special(block: &[u8; BLOCK]) -> usize {
    for (index, word) in block.as_chunks::<8>().0.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        let marks = zeros(word ^ (ONES * 0x22)) | zeros(word ^ (ONES * 0x5C));
        if marks != 0 {
            return index * 8 + (marks.trailing_zeros() / 8) as usize;
        }
    }
    BLOCK
}

const ONES: u64 = 0x0101_0101_0101_0101;

/// The mark of the last of eight bytes.
const LAST_MARK: u64 = 0x80 << 56;

/// Bytes of a string that are looked at together.
const BLOCK: usize = 16;

/// After so many blocks a search that takes a while to start is the faster one.
const BLOCKS: usize = 2;

/// Days from 1901-01-01 to 1970-01-01.
const DAYS_TO_1970: i32 = 25_202;

/// Days of a year before each month, and in it; leap years from 16 on. Months that do not exist have no days.
const MONTHS: [(u16, u8); 32] = {
    let lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let mut months = [(0, 0); 32];
    let mut leap = 0;
    #[expect(clippy::indexing_slicing, reason = "checked while compiling")]
    while leap < 2 {
        let (mut month, mut before) = (1, 0);
        while month <= 12 {
            let length = if leap == 1 && month == 2 {
                29
            } else {
                lengths[month - 1]
            };
            months[leap * 16 + month] = (before, length);
            before += length as u16;
            month += 1;
        }
        leap += 1;
    }
    months
};

/// Powers of ten up to 18 digits, which 64 bits hold with a sign: numbers with more are left to the
/// general readers.
const TENS: [u64; 19] = *tens::TENS.first_chunk().expect("there are twenty");

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::scanner::{Scanner, rest_of_string};
    use super::super::{datetime, number};
    use super::*;

    /// A cell, and more text than any of the functions looks at.
    fn cell(text: &str) -> Vec<u8> {
        format!("{text},{}", " ".repeat(40)).into_bytes()
    }

    /// What a function made of the whole cell.
    fn whole<T>(read: Option<(T, &[u8])>) -> Option<T> {
        let (value, rest) = read?;
        rest.starts_with(b", ").then_some(value)
    }

    #[test]
    fn every_day_of_two_centuries_is_read() {
        for days in -25_202..47_482 {
            let date = jiff::civil::date(1970, 1, 1) + jiff::Span::new().days(i64::from(days));
            let text = cell(&format!("\"{date}\""));
            assert_eq!(whole(super::date(&text)), Some(days), "{date}");
        }
        for bad in [
            "1900-12-31",
            "2100-01-01",
            "2001-02-29",
            "2000-13-01",
            "2000-00-01",
            "2000-01-00",
            "2000-04-31",
            "2000/01/01",
            "2000-01-0x",
            "200O-01-01",
            "2000-01-32",
            "+999-01-01",
        ] {
            assert_eq!(date(&cell(&format!("\"{bad}\""))), None, "{bad}");
        }
    }

    #[test]
    fn cells_near_the_end_of_the_text_are_left_to_others() {
        for text in [
            "1]",
            "\"1.5\"]",
            "\"2000-01-01\"",
            "\"2000-01-01",
            "\"abc\"]",
            "",
        ] {
            let text = text.as_bytes();
            assert_eq!(integer(text), None);
            assert_eq!(fraction(text), None);
            assert_eq!(decimal64(text, 1), None);
        }
    }

    #[test]
    fn a_string_without_an_end_leaves_nothing_behind() {
        for length in 0..60 {
            let text = format!("\"{}", "a".repeat(length));
            let mut out = vec![b'x'];
            assert_eq!(string_into(text.as_bytes(), &mut out), None);
            assert_eq!(out, b"x");
        }
    }

    proptest! {
        /// Whatever is read is what the readers of general JSON read, and what they refuse is not read.
        #[test]
        fn numbers_are_read_as_by_the_general_readers(
            text in "-?(0|[1-9])[0-9]{0,21}(\\.[0-9]{1,20})?(e-?[0-9])?|[-0-9.e]{0,10}",
            scale in 0_u8..20,
        ) {
            let bytes = cell(&text);
            let general = |reader: fn(&mut Scanner<'_>) -> Result<i64, crate::decode::Problem>| {
                let mut scanner = Scanner::new(&bytes);
                let value = reader(&mut scanner).ok()?;
                scanner.rest().starts_with(b", ").then_some(value)
            };
            if let Some(value) = whole(integer(&bytes)) {
                prop_assert_eq!(general(number::integer), Some(value));
            }
            if let Some((negative, mantissa, decimals, rest)) = fraction(&bytes)
                && rest.starts_with(b", ")
            {
                let sign = if negative { "-" } else { "" };
                let again: f64 = format!("{sign}{mantissa}e-{decimals}").parse().unwrap();
                prop_assert_eq!(again, text.parse::<f64>().unwrap());
            }
            if let Some(value) = whole(double(&bytes)) {
                prop_assert_eq!(value.to_bits(), text.parse::<f64>().unwrap().to_bits());
            }
            let quoted = cell(&format!("\"{text}\""));
            if let Some(value) = whole(decimal64(&quoted, scale)) {
                let limit = 10_u64.pow(18);
                prop_assert_eq!(number::decimal64(text.as_bytes(), scale, limit), Ok(value));
            }
            if let Some(value) = whole(decimal128(&quoted, scale)) {
                let limit = 10_u128.pow(38);
                prop_assert_eq!(number::decimal128(text.as_bytes(), scale, limit), Ok(value));
            }
        }

        #[test]
        fn the_usual_numbers_are_read(value in -i64::MAX..=i64::MAX, scale in 1_u8..=9) {
            prop_assert_eq!(whole(integer(&cell(&value.to_string()))), Some(value));
            let value = value % 10_i64.pow(18);
            prop_assert_eq!(whole(integer(&cell(&value.to_string()))), Some(value));
            let power = 10_u64.pow(u32::from(scale));
            let (whole_part, part) = (value.unsigned_abs() / power, value.unsigned_abs() % power);
            let sign = if value < 0 { "-" } else { "" };
            let width = usize::from(scale);
            let text = cell(&format!("\"{sign}{whole_part}.{part:0width$}\""));
            prop_assert_eq!(whole(decimal64(&text, scale)), Some(value));
            prop_assert_eq!(whole(decimal128(&text, scale)), Some(i128::from(value)));
        }

        #[test]
        fn doubles_are_read_as_java_writes_them(
            mantissa in 0..1_u64 << 52,
            exponent in 923_u64..1189,
            short in -999_999_i32..1_000_000,
        ) {
            let any = f64::from_bits(exponent << 52 | mantissa);
            for value in [any, -any, f64::from(short) / 1000.0, f64::from(short) * 1e8] {
                let text = if value == 0.0 || (1e-3..1e7).contains(&value.abs()) {
                    format!("{value:?}")
                } else {
                    let text = format!("{value:E}");
                    if text.contains('.') { text } else { text.replace('E', ".0E") }
                };
                let read = whole(double(&cell(&text))).map(f64::to_bits);
                prop_assert_eq!(read, Some(value.to_bits()), "{}", text);
            }
        }

        #[test]
        fn moments_are_read_as_by_the_general_readers(
            year in 1890_i32..2110,
            rest in "(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])[ T]([01][0-9]|2[0-4])[:0]([0-5][0-9]|60):[0-6][0-9](\\.[0-9]{0,13})?",
            zone in " [A-Z]{3}|",
            precision in 0_u8..=12,
        ) {
            let text = format!("{year}-{rest}{zone}");
            let bytes = cell(&format!("\"{text}\""));
            let general = datetime::timestamp(text.as_bytes(), precision);
            if let Some((micros, picos, tail)) = timestamp(&bytes, precision) {
                let length = tail.len() - cell("").len() - 1;
                prop_assert_eq!(Some((micros, picos, &tail[..length])), general);
            } else {
                let decimals = text.split_once('.').map_or(0, |(_, tail)| tail.len() - zone.len());
                let usual = (1901..2100).contains(&year) && decimals <= 12;
                prop_assert!(general.is_none() || !usual, "{}", text);
            }
        }

        #[test]
        fn strings_are_read_as_by_the_general_reader(
            text in "[a-z]{0,50}(\\\\n|\\\\\"|é|日)?[a-z]{0,40}",
        ) {
            let bytes = cell(&format!("\"{text}\""));
            let mut expected = b"before".to_vec();
            Scanner::new(&bytes).string_into("a string", &mut expected).unwrap();
            let mut out = b"before".to_vec();
            let (end, rest) = string_into(&bytes, &mut out).unwrap();
            prop_assert_eq!(end == End::Backslash, text.contains('\\'));
            let rest = match end {
                End::Quote => rest,
                End::Backslash => rest_of_string(rest, &mut out).unwrap(),
            };
            prop_assert!(rest.starts_with(b", "));
            prop_assert_eq!(out, expected);
        }
    }
}
