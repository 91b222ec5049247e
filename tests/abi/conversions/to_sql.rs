//! The rules of "C to SQL": what a value is for a parameter of an SQL type.

use super::parameters::{Given, Is};
use super::to_c::{TODAY, is_number};
use super::values::Reads;
use super::{Clock, Day, UNITS, fields_of, ten};

/// An SQL type as SQLBindParameter is told it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Target {
    pub sql_type: i16,
    pub size: usize,
    pub digits: i16,
}

/// What becomes of a parameter.
#[derive(Debug, Clone, PartialEq)]
pub enum Expected {
    /// SQLBindParameter answers 07006.
    Unbindable,
    Error(&'static str),
    /// The server gets this literal; with 01S07 where `true`.
    Literal(String, bool),
    /// The server gets a literal of this type that is this number.
    Number(&'static str, f64),
}

use Expected::{Error, Literal, Number, Unbindable};

/// Every SQL type, with sizes that matter.
pub fn targets() -> Vec<Target> {
    let mut all: Vec<Target> = [
        (1, 0, 0),
        (1, 9, 0),
        (12, 0, 0),
        (12, 19, 0),
        (-1, 0, 0),
        (-8, 0, 0),
        (-8, 3, 0),
        (-9, 0, 0),
        (-9, 36, 0),
        (-10, 0, 0),
        (-10, 5, 0),
        (3, 0, 0),
        (3, 5, 2),
        (3, 38, 0),
        (2, 0, 0),
        (2, 20, 10),
        (-6, 0, 0),
        (5, 0, 0),
        (4, 0, 0),
        (-5, 0, 0),
        (-7, 0, 0),
        (7, 0, 0),
        (6, 0, 0),
        (8, 0, 0),
        (-2, 0, 0),
        (-3, 0, 0),
        (-3, 1, 0),
        (-4, 0, 0),
        (91, 0, 0),
        (92, 0, 0),
        (92, 8, 0),
        (92, 12, 3),
        (93, 0, 0),
        (93, 19, 0),
        (93, 23, 3),
        (93, 29, 9),
        (-11, 0, 0),
    ]
    .map(|(sql_type, size, digits)| Target {
        sql_type,
        size,
        digits,
    })
    .to_vec();
    all.extend((101..=113).map(|sql_type| Target {
        sql_type,
        size: 0,
        digits: 0,
    }));
    all
}

/// What the reference has for a value and a target.
pub fn expect(given: &Given, to: Target) -> Expected {
    match expected(&given.meaning, &given.bytes, given.c_type, to) {
        Ok(expected) => expected,
        Err(state) => Error(state),
    }
}

type Outcome = Result<Expected, &'static str>;

fn expected(is: &Is, bytes: &[u8], c_type: i16, to: Target) -> Outcome {
    let interval = (101..=113).contains(&to.sql_type);
    match is {
        Is::Text(text, reads) => of_text(text, reads, to),
        Is::Exact(unscaled, scale) => match to.sql_type {
            _ if is_text(to) => text(&decimal(*unscaled, *scale), to),
            _ if interval => of_exact_interval(*unscaled, *scale, to),
            _ => of_number(*unscaled, *scale, false, to),
        },
        Is::Bit(bit) => match to.sql_type {
            _ if is_text(to) => text(&bit.to_string(), to),
            _ => of_number(i128::from(*bit), 0, false, to),
        },
        Is::Floating(number, shown) => match to.sql_type {
            _ if is_text(to) => text(shown, to),
            7 if number.is_finite() && (*number as f32).is_infinite() => Err("22003"),
            7 => Ok(Number("REAL", f64::from(*number as f32))),
            6 | 8 => Ok(Number("DOUBLE", *number)),
            _ if !is_exact(to) && to.sql_type != -7 => Ok(Unbindable),
            _ if number.is_finite() && number.abs() < 1e38 => {
                // All of them have one digit after the point, which their text shows if it has no exponent.
                let unscaled = (number * 10.0) as i128;
                let whole = number.abs() >= 1e7;
                let (unscaled, scale) = if whole {
                    (unscaled / 10, 0)
                } else {
                    (unscaled, 1)
                };
                of_number(unscaled, scale, false, to)
            }
            _ => Err("22003"),
        },
        Is::Bytes => of_bytes(bytes, to),
        Is::Date(day) => match to.sql_type {
            _ if is_text(to) => text(&date(day.ok_or("22008")?), to),
            91 => Ok(literal("DATE", &date(day.ok_or("22007")?))),
            93 => timestamp(day.ok_or("22007")?, Clock::default(), "", to),
            _ => Ok(Unbindable),
        },
        Is::Time(clock) => match to.sql_type {
            _ if is_text(to) => text(&time(clock.ok_or("22008")?, ""), to),
            92 => Ok(literal("TIME", &time(clock.ok_or("22007")?, ""))),
            93 => timestamp(TODAY, clock.ok_or("22007")?, "", to),
            _ => Ok(Unbindable),
        },
        Is::Timestamp(moment) => {
            let fraction = moment.map_or(String::new(), |(_, clock)| {
                format!("{:09}", clock.nanos)
                    .trim_end_matches('0')
                    .to_owned()
            });
            match to.sql_type {
                _ if is_text(to) => {
                    let (day, clock) = moment.ok_or("22008")?;
                    text(&format!("{} {}", date(day), time(clock, &fraction)), to)
                }
                91..=93 => {
                    let (day, clock) = moment.ok_or("22007")?;
                    of_moment(Some(day), Some(clock), &fraction, to)
                }
                _ => Ok(Unbindable),
            }
        }
        Is::Guid(guid) => match to.sql_type {
            _ if is_text(to) => text(&guid_text(*guid), to),
            -11 => Ok(literal("UUID", &guid_text(*guid))),
            _ => Ok(Unbindable),
        },
        Is::Interval(value) => of_interval(*value, c_type, to),
    }
}

fn of_text(shown: &str, reads: &Reads, to: Target) -> Outcome {
    let invalid = Err("22018");
    let trimmed = shown.trim();
    match to.sql_type {
        _ if is_text(to) => text(shown, to),
        6..=8 => match (reads.number, reads.special) {
            (None, None) => invalid,
            (_, Some(special)) => Ok(Number(floating_name(to), special)),
            _ if to.sql_type == 7 => Ok(Number("REAL", f64::from(trimmed.parse::<f32>().unwrap()))),
            _ => Ok(Number("DOUBLE", trimmed.parse().unwrap())),
        },
        _ if is_exact(to) || to.sql_type == -7 => match (reads.number, reads.special) {
            (Some((unscaled, scale)), _) => of_number(unscaled, scale, true, to),
            (None, Some(_)) => Err("22003"),
            (None, None) => invalid,
        },
        -4..=-2 => {
            if !shown.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                return invalid;
            }
            let pairs = shown.len() / 2;
            sized(pairs, to)?;
            Ok(Literal(format!("X'{}'", &shown[..2 * pairs]), false))
        }
        91..=93 => {
            let fraction = shown
                .trim()
                .split_once('.')
                .map_or("", |(_, digits)| digits);
            of_moment(reads.day, reads.clock, fraction.trim_end_matches('0'), to)
        }
        -11 => reads
            .guid
            .map_or(invalid, |guid| Ok(literal("UUID", &guid_text(guid)))),
        _ => match reads.intervals.iter().find(|read| read.0 == to.sql_type) {
            None => invalid,
            Some((.., true)) => Err("22015"),
            Some((kind, negative, fields, false)) => {
                interval(total(*kind, *fields)?, *negative, to)
            }
        },
    }
}

/// A date, a time or both for the three types of them.
fn of_moment(day: Option<Day>, clock: Option<Clock>, fraction: &str, to: Target) -> Outcome {
    match (to.sql_type, day, clock) {
        (91, Some(day), clock) => {
            if clock.is_some_and(|clock| clock != Clock::default()) {
                return Err("22008");
            }
            Ok(literal("DATE", &date(day)))
        }
        (92, _, Some(clock)) => {
            let most = match (to.digits, to.size) {
                (0, 8) => 0,
                (0, _) => 12,
                (digits, _) => digits as usize,
            };
            if fraction.len() > most {
                return Err("22008");
            }
            Ok(literal("TIME", &time(clock, fraction)))
        }
        (93, None, None) | (91, None, _) | (92, _, None) => Err("22018"),
        (_, day, clock) => timestamp(
            day.unwrap_or(TODAY),
            clock.unwrap_or_default(),
            fraction,
            to,
        ),
    }
}

fn timestamp(day: Day, clock: Clock, fraction: &str, to: Target) -> Outcome {
    let most = match (to.digits, to.size) {
        (0, 19) => 0,
        (0, _) => 12,
        (digits, _) => digits as usize,
    };
    if fraction.len() > most {
        return Err("22008");
    }
    Ok(literal(
        "TIMESTAMP",
        &format!("{} {}", date(day), time(clock, fraction)),
    ))
}

/// A number for a numeric type or a bit. What a text loses is an error.
fn of_number(unscaled: i128, scale: u32, text: bool, to: Target) -> Outcome {
    let (whole, rest) = (unscaled / ten(scale), unscaled % ten(scale));
    let cut = |lost: bool| if lost && text { Err("22001") } else { Ok(lost) };
    let (name, least, most) = match to.sql_type {
        -7 => {
            return match (whole, rest) {
                (0, 0) => Ok(Literal("false".to_owned(), false)),
                (1, 0) => Ok(Literal("true".to_owned(), false)),
                (0 | 1, 1..) => Err("22001"),
                _ => Err("22003"),
            };
        }
        7 => {
            let number: f32 = decimal(unscaled, scale).parse().unwrap();
            return Ok(Number("REAL", f64::from(number)));
        }
        6 | 8 => return Ok(Number("DOUBLE", decimal(unscaled, scale).parse().unwrap())),
        2 | 3 => {
            let (mut unscaled, mut scale, mut lost) = (unscaled, scale, false);
            if to.size > 0 {
                let digits = to.digits as u32;
                if scale > digits {
                    let unit = ten(scale - digits);
                    lost = unscaled % unit != 0;
                    (unscaled, scale) = (unscaled / unit, digits);
                }
                if (unscaled / ten(scale)).abs() >= ten(to.size as u32 - digits) {
                    return Err("22003");
                }
            }
            return Ok(Literal(
                format!("DECIMAL '{}'", decimal(unscaled, scale)),
                cut(lost)?,
            ));
        }
        -6 => ("TINYINT", i128::from(i8::MIN), i128::from(i8::MAX)),
        5 => ("SMALLINT", i128::from(i16::MIN), i128::from(i16::MAX)),
        4 => ("INTEGER", i128::from(i32::MIN), i128::from(i32::MAX)),
        -5 => ("BIGINT", i128::from(i64::MIN), i128::from(i64::MAX)),
        _ => return Ok(Unbindable),
    };
    if !(least..=most).contains(&whole) {
        return Err("22003");
    }
    Ok(Literal(format!("{name} '{whole}'"), cut(rest != 0)?))
}

/// An exact number for an interval: of one field, and only seconds have a fraction.
fn of_exact_interval(unscaled: i128, scale: u32, to: Target) -> Outcome {
    let (months, first, last) = fields_of(to.sql_type);
    if first != last {
        return Ok(Unbindable);
    }
    let unit = match (months, first) {
        (true, 0) => 12,
        (true, _) => 1,
        (false, place) => UNITS[place],
    };
    let fraction = unscaled % ten(scale) != 0;
    let amount = unscaled.abs().checked_mul(unit).ok_or("22015")?;
    if (fraction && to.sql_type != 106) || amount % ten(scale) != 0 {
        return Err("22015");
    }
    interval(amount / ten(scale), unscaled < 0, to)
}

fn of_interval(value: Option<(bool, [u32; 5])>, c_type: i16, to: Target) -> Outcome {
    let (months, first, last) = fields_of(c_type);
    if is_text(to) {
        let (negative, fields) = value.ok_or("22015")?;
        let mut shown = if negative { "-" } else { "" }.to_owned();
        for (place, field) in fields.iter().enumerate().take(last + 1).skip(first) {
            shown += &match (place == first, months, place) {
                (true, ..) => field.to_string(),
                (false, true, _) => format!("-{field}"),
                (false, false, 1) => format!(" {field:02}"),
                (false, false, _) => format!(":{field:02}"),
            };
        }
        if !months && last == 3 {
            // As Trino shows milliseconds, and what there is more.
            let micros = format!("{:06}", fields[4]);
            let digits = micros.trim_end_matches('0').len().max(3);
            shown += &format!(".{}", &micros[..digits]);
        }
        return text(&shown, to);
    }
    if is_exact(to) && first == last {
        let (negative, fields) = value.ok_or("22015")?;
        let size = i128::from(fields[first]);
        let (mut unscaled, mut scale) = match c_type {
            106 => (size * ten(6) + i128::from(fields[4]), 6),
            _ => (size, 0),
        };
        while scale > 0 && unscaled % 10 == 0 {
            (unscaled, scale) = (unscaled / 10, scale - 1);
        }
        return of_number(
            if negative { -unscaled } else { unscaled },
            scale,
            false,
            to,
        );
    }
    if !(101..=113).contains(&to.sql_type) || fields_of(to.sql_type).0 != months {
        return Ok(Unbindable);
    }
    let (negative, fields) = value.ok_or("22015")?;
    interval(total(c_type, fields)?, negative, to)
}

/// Months or milliseconds of an interval's fields.
fn total(interval: i16, fields: [u32; 5]) -> Result<i128, &'static str> {
    let fields = fields.map(i128::from);
    if fields_of(interval).0 {
        return Ok(fields[0] * 12 + fields[1]);
    }
    if fields[4] % 1000 != 0 {
        // Trino has milliseconds.
        return Err("22015");
    }
    let whole: i128 = fields
        .iter()
        .zip(UNITS)
        .map(|(field, unit)| field * unit)
        .sum();
    Ok(whole + fields[4] / 1000)
}

/// So many months or milliseconds as a literal of an interval type, all of whose lower fields must be 0.
fn interval(amount: i128, negative: bool, to: Target) -> Outcome {
    let (months, _, last) = fields_of(to.sql_type);
    let sign = if negative && amount != 0 { "-" } else { "" };
    if months {
        if (to.sql_type == 101 && amount % 12 != 0) || amount > i128::from(i32::MAX) {
            return Err("22015");
        }
        let shown = format!("{sign}{}-{}", amount / 12, amount % 12);
        return Ok(Literal(format!("INTERVAL '{shown}' YEAR TO MONTH"), false));
    }
    if (last < 3 && amount % UNITS[last] != 0) || amount > i128::from(i64::MAX) {
        return Err("22015");
    }
    let mut fields = [0; 4];
    let mut rest = amount;
    for (field, unit) in fields.iter_mut().zip(UNITS) {
        *field = rest / unit;
        rest %= unit;
    }
    let [d, h, m, s] = fields;
    let shown = format!("{sign}{d} {h:02}:{m:02}:{s:02}.{rest:03}");
    Ok(Literal(format!("INTERVAL '{shown}' DAY TO SECOND"), false))
}

fn of_bytes(bytes: &[u8], to: Target) -> Outcome {
    macro_rules! own {
        ($kind:ty) => {
            <$kind>::from_ne_bytes(bytes.try_into().map_err(|_| "22003")?)
        };
    }
    let exact = |unscaled: i128| of_number(unscaled, 0, false, to);
    match to.sql_type {
        _ if is_text(to) => text(std::str::from_utf8(bytes).map_err(|_| "22018")?, to),
        -4..=-2 => {
            sized(bytes.len(), to)?;
            let digits: String = bytes.iter().map(|byte| format!("{byte:02X}")).collect();
            Ok(Literal(format!("X'{digits}'"), false))
        }
        -7 => exact(own!(u8).into()),
        -6 => exact(own!(i8).into()),
        5 => exact(own!(i16).into()),
        4 => exact(own!(i32).into()),
        -5 => exact(own!(i64).into()),
        7 => Ok(Number("REAL", own!(f32).into())),
        6 | 8 => Ok(Number("DOUBLE", own!(f64))),
        // There is one SQL_NUMERIC_STRUCT among the values.
        2 | 3 if bytes.len() == 19 => of_number(-12_345, 2, false, to),
        // One SQL_DATE_STRUCT, which is no time.
        91 if bytes.len() == 6 => Ok(literal("DATE", "2024-02-29")),
        92 if bytes.len() == 6 => Err("22007"),
        // And one SQL_TIMESTAMP_STRUCT, as long as a UUID.
        93 if bytes.len() == 16 => Ok(literal("TIMESTAMP", "2024-02-29 01:02:03")),
        -11 if bytes.len() == 16 => {
            let guid = u128::from_be_bytes(bytes.try_into().unwrap());
            Ok(literal("UUID", &guid_text(guid)))
        }
        101..=113 => Ok(Unbindable),
        _ => Err("22003"),
    }
}

/// Text for a type of text.
fn text(shown: &str, to: Target) -> Outcome {
    sized(shown.chars().count(), to)?;
    let quoted = format!("'{}'", shown.replace('\'', "''"));
    Ok(Literal(quoted, false))
}

/// 22001 for what is longer than the type.
fn sized(length: usize, to: Target) -> Result<(), &'static str> {
    if to.size > 0 && length > to.size {
        Err("22001")
    } else {
        Ok(())
    }
}

fn literal(name: &str, shown: &str) -> Expected {
    Literal(format!("{name} '{shown}'"), false)
}

fn decimal(unscaled: i128, scale: u32) -> String {
    let sign = if unscaled < 0 { "-" } else { "" };
    let whole = (unscaled / ten(scale)).abs();
    let rest = (unscaled % ten(scale)).abs();
    match scale {
        0 => format!("{sign}{whole}"),
        _ => format!("{sign}{whole}.{rest:0>width$}", width = scale as usize),
    }
}

fn date(Day(year, month, day): Day) -> String {
    format!("{year:04}-{month:02}-{day:02}")
}

fn time(clock: Clock, fraction: &str) -> String {
    let point = if fraction.is_empty() { "" } else { "." };
    format!(
        "{:02}:{:02}:{:02}{point}{fraction}",
        clock.hour, clock.minute, clock.second
    )
}

fn guid_text(guid: u128) -> String {
    let digits = format!("{guid:032x}");
    let [a, b, c, d, e] = [0..8, 8..12, 12..16, 16..20, 20..32].map(|part| digits[part].to_owned());
    format!("{a}-{b}-{c}-{d}-{e}")
}

fn is_text(to: Target) -> bool {
    matches!(to.sql_type, 1 | 12 | -1 | -10..=-8)
}

/// Integers and decimals have the numbers of their C types.
fn is_exact(to: Target) -> bool {
    matches!(to.sql_type, 3 | -5)
        || (is_number(to.sql_type) && matches!(to.sql_type, 2 | 4 | 5 | -6))
}

fn floating_name(to: Target) -> &'static str {
    if to.sql_type == 7 { "REAL" } else { "DOUBLE" }
}
