//! The rules of "SQL to C": what a value is in a C type and a buffer.

use super::values::{Meaning, Reads, Sql};
use super::{
    Clock, Day, UNITS, date_struct, fields_of, guid_struct, interval_struct, numeric_struct, ten,
    time_struct, timestamp_struct,
};

/// What the application sees.
#[derive(Debug, Clone, PartialEq)]
pub struct Expected {
    /// Empty for SQL_SUCCESS.
    pub state: &'static str,
    /// What the buffer holds, without a terminator; `None` where the reference calls it undefined.
    pub data: Option<Vec<u8>>,
    /// `None` where it is undefined.
    pub length: Option<isize>,
}

/// The date in the answer is that of the call.
pub const TODAY: Day = Day(-9999, 99, 99);

/// What the reference has for a value, a C type and a buffer of `capacity` bytes. `fills` where a text that is cut
/// fills its buffer, across a character if need be: in the parts of SQLGetData.
pub fn expect(sql: &Sql, c_type: i16, capacity: usize, fills: bool) -> Expected {
    match c_type {
        CHAR => text(sql, 1, capacity, fills),
        WCHAR => text(sql, 2, capacity, fills),
        BINARY => binary(sql, capacity),
        DEFAULT => expect(sql, own_type(sql), capacity, fills),
        // Those of ODBC 2.
        9..=11 => expect(sql, c_type + 82, capacity, fills),
        NUMERIC => of_numeric(sql).unwrap_or_else(error),
        _ => fixed(&sql.meaning, c_type).unwrap_or_else(error),
    }
}

/// SQL_C_NUMERIC without a record: with the precision and scale of the column, or else the scale of the value.
fn of_numeric(sql: &Sql) -> Fixed {
    let struct_of = |precision, unscaled, scale: u32| {
        Ok(given("", numeric_struct(precision, scale as i8, unscaled)))
    };
    let floating = |number: f64, text: &str| {
        if number.abs() < 1e38 && number.fract() == 0.0 {
            return struct_of(38, number as i128, 0);
        }
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        match fraction.len() as u32 {
            _ if !number.is_finite() || number.abs() >= 1e38 => Err("22003"),
            scale @ ..=38 => struct_of(38, format!("{whole}{fraction}").parse().unwrap(), scale),
            // All of its digits are beyond the 38th.
            _ => Ok(given("01S07", numeric_struct(38, 0, 0))),
        }
    };
    match &sql.meaning {
        Meaning::Bit(bit) => struct_of(1, i128::from(*bit), 0),
        Meaning::Exact(unscaled, scale) => struct_of(precision(sql.kind), *unscaled, *scale),
        Meaning::Double(number) => floating(*number, &format!("{number}")),
        Meaning::Real(number) => floating(f64::from(*number), &format!("{number}")),
        Meaning::Text(Reads {
            number: Some((unscaled, scale)),
            ..
        }) => struct_of(38, *unscaled, *scale),
        meaning => fixed(meaning, NUMERIC),
    }
}

/// Digits of an exact type.
fn precision(kind: &str) -> u8 {
    match kind {
        "tinyint" => 3,
        "smallint" => 5,
        "integer" => 10,
        "bigint" => 19,
        _ => {
            let (_, rest) = kind.split_once('(').unwrap();
            rest.split_once(',').unwrap().0.parse().unwrap()
        }
    }
}

fn given(state: &'static str, data: Vec<u8>) -> Expected {
    Expected {
        state,
        length: Some(data.len() as isize),
        data: Some(data),
    }
}

fn error(state: &'static str) -> Expected {
    Expected {
        state,
        data: None,
        length: None,
    }
}

/// SQL_C_CHAR and SQL_C_WCHAR, of `unit` bytes.
fn text(sql: &Sql, unit: usize, capacity: usize, fills: bool) -> Expected {
    let shown = &sql.shown;
    let encoded = |text: &str| -> Vec<u8> {
        match unit {
            1 => text.as_bytes().to_vec(),
            _ => text.encode_utf16().flat_map(u16::to_ne_bytes).collect(),
        }
    };
    let whole = encoded(shown);
    let length = Some(whole.len() as isize);
    if whole.len() + unit <= capacity {
        return given("", whole);
    }
    // Nor is this: a negative fraction gives its zero rather than a digit.
    if let (Some(fraction), Meaning::Exact(..) | Meaning::Real(_) | Meaning::Double(_)) =
        (shown.strip_prefix("-0."), &sql.meaning)
        && !fraction.contains('E')
        && whole.len() <= capacity
    {
        return given("", encoded(&format!("-.{fraction}")));
    }
    // Not in the reference: who has no buffer asks for the length.
    if capacity == 0 {
        return Expected {
            state: "01004",
            data: Some(Vec::new()),
            length,
        };
    }
    let uncut = uncut(sql);
    if uncut > 0 && uncut * unit + unit > capacity {
        return error("22003");
    }
    let room = capacity.saturating_sub(unit) / unit * unit;
    let data = match &sql.meaning {
        // The reference's pairs of digits.
        Meaning::Bytes(_) => whole[..room / (2 * unit) * (2 * unit)].to_vec(),
        _ if fills => whole[..room].to_vec(),
        _ => {
            let mut cut = String::new();
            for character in shown.chars() {
                cut.push(character);
                if encoded(&cut).len() > room {
                    cut.pop();
                    break;
                }
            }
            encoded(&cut)
        }
    };
    Expected {
        state: "01004",
        data: Some(data),
        length,
    }
}

/// Characters that must not be cut: whole digits, and dates and times but for the fraction.
fn uncut(sql: &Sql) -> usize {
    let shown = &sql.shown;
    let all = shown.len();
    let point = || shown.find('.').unwrap_or(all);
    match &sql.meaning {
        Meaning::Text(_) | Meaning::Bytes(_) => 0,
        Meaning::Real(_) | Meaning::Double(_) if shown.contains('E') => all,
        Meaning::Exact(..) | Meaning::Real(_) | Meaning::Double(_) | Meaning::Millis(_) => point(),
        Meaning::Time(_) => 8,
        Meaning::Timestamp(..) => shown.find(' ').unwrap() + 9,
        Meaning::Bit(_) | Meaning::Date(_) | Meaning::Months(_) | Meaning::Guid(_) => all,
    }
}

/// SQL_C_BINARY: text and bytes as they are, anything else as the bytes of its own C type, all or none.
fn binary(sql: &Sql, capacity: usize) -> Expected {
    let own = match &sql.meaning {
        Meaning::Text(_) => Ok(sql.shown.clone().into_bytes()),
        Meaning::Bytes(bytes) => Ok(bytes.clone()),
        Meaning::Guid(guid) => Ok(guid.to_be_bytes().to_vec()),
        Meaning::Exact(unscaled, scale) if sql.kind.starts_with("decimal") => {
            Ok(numeric_struct(precision(sql.kind), *scale as i8, *unscaled))
        }
        meaning => match fixed(meaning, own_type(sql)) {
            Ok(Expected {
                state: "",
                data: Some(data),
                ..
            }) => Ok(data),
            Ok(lossy) => Err(lossy),
            Err(state) => Err(error(state)),
        },
    };
    let (state, whole) = match own {
        Ok(bytes) => ("", bytes),
        Err(Expected {
            state,
            data: Some(data),
            ..
        }) => (state, data),
        Err(failed) => return failed,
    };
    if whole.len() <= capacity {
        return given(state, whole);
    }
    if !matches!(sql.meaning, Meaning::Text(_) | Meaning::Bytes(_)) && capacity > 0 {
        return error("22003");
    }
    Expected {
        state: "01004",
        data: Some(whole[..capacity].to_vec()),
        length: Some(whole.len() as isize),
    }
}

/// The C type that a type has of its own: SQL_C_DEFAULT.
fn own_type(sql: &Sql) -> i16 {
    match (&sql.meaning, sql.kind) {
        (Meaning::Bit(_), _) => -7,
        (_, "tinyint") => -26,
        (_, "smallint") => -15,
        (_, "integer") => -16,
        (_, "bigint") => -25,
        (Meaning::Exact(..), _) => CHAR,
        (Meaning::Real(_), _) => 7,
        (Meaning::Double(_), _) => 8,
        (Meaning::Text(_), _) => WCHAR,
        (Meaning::Bytes(_), _) => BINARY,
        (Meaning::Date(_), _) => 91,
        (Meaning::Time(_), _) => 92,
        (Meaning::Timestamp(..), _) => 93,
        (Meaning::Months(_), _) => 107,
        (Meaning::Millis(_), _) => 110,
        (Meaning::Guid(_), _) => -11,
    }
}

type Fixed = Result<Expected, &'static str>;

fn fixed(meaning: &Meaning, c_type: i16) -> Fixed {
    let restricted = Err("07006");
    match meaning {
        Meaning::Bit(bit) if is_number(c_type) => of_exact(i128::from(*bit), 0, c_type),
        Meaning::Exact(unscaled, scale) if is_number(c_type) => of_exact(*unscaled, *scale, c_type),
        Meaning::Exact(unscaled, scale) => of_exact_interval(*unscaled, *scale, c_type),
        Meaning::Real(number) => match c_type {
            7 => Ok(given("", number.to_ne_bytes().to_vec())),
            _ => of_floating(f64::from(*number), &number.to_string(), c_type),
        },
        Meaning::Double(number) => of_floating(*number, &number.to_string(), c_type),
        Meaning::Text(reads) => of_text(reads, c_type),
        Meaning::Date(day) => match c_type {
            91 => Ok(given("", checked(*day, date_struct)?)),
            93 => Ok(given(
                "",
                checked(*day, |day| timestamp_struct(day, Clock::default()))?,
            )),
            _ => restricted,
        },
        Meaning::Time(clock) => match c_type {
            92 => Ok(given(
                lost(clock.nanos != 0 || clock.finer),
                time_struct(*clock),
            )),
            93 => Ok(given(lost(clock.finer), timestamp_struct(TODAY, *clock))),
            _ => restricted,
        },
        Meaning::Timestamp(day, clock) => of_timestamp(*day, *clock, c_type),
        Meaning::Months(months) => match c_type {
            101 | 102 | 107 => {
                let size = months.abs();
                let (fields, rest) = match c_type {
                    101 => ([size / 12, 0], size % 12),
                    102 => ([0, size], 0),
                    _ => ([size / 12, size % 12], 0),
                };
                let fields = [fields[0] as u32, fields[1] as u32, 0, 0, 0];
                Ok(given(
                    lost(rest != 0),
                    interval_struct(c_type, *months < 0, fields),
                ))
            }
            7 | 8 | -7 => restricted,
            _ if is_number(c_type) => Err("22015"),
            _ => restricted,
        },
        Meaning::Millis(millis) => match c_type {
            103..=106 | 108..=113 => of_millis(*millis, c_type),
            _ => restricted,
        },
        Meaning::Guid(guid) if c_type == -11 => Ok(given("", guid_struct(*guid))),
        Meaning::Bit(_) | Meaning::Bytes(_) | Meaning::Guid(_) => restricted,
    }
}

/// A year that the struct does not hold is 22008.
fn checked(day: Day, pack: impl Fn(Day) -> Vec<u8>) -> Result<Vec<u8>, &'static str> {
    if i16::try_from(day.0).is_ok() {
        Ok(pack(day))
    } else {
        Err("22008")
    }
}

fn of_timestamp(day: Day, clock: Clock, c_type: i16) -> Fixed {
    let nonzero = time_struct(clock).iter().any(|byte| *byte != 0);
    let fraction = clock.nanos != 0 || clock.finer;
    match c_type {
        91 => Ok(given(lost(nonzero || fraction), checked(day, date_struct)?)),
        92 => Ok(given(lost(fraction), time_struct(clock))),
        93 => Ok(given(
            lost(clock.finer),
            checked(day, |day| timestamp_struct(day, clock))?,
        )),
        _ => Err("07006"),
    }
}

fn of_text(reads: &Reads, c_type: i16) -> Fixed {
    let invalid = Err("22018");
    match c_type {
        7 | 8 if reads.special.is_some() => {
            let special = reads.special.unwrap();
            Ok(given(
                "",
                match c_type {
                    7 => (special as f32).to_ne_bytes().to_vec(),
                    _ => special.to_ne_bytes().to_vec(),
                },
            ))
        }
        _ if is_number(c_type) => match reads.number {
            Some((unscaled, scale)) => of_exact(unscaled, scale, c_type),
            None if reads.special.is_some() => Err("22003"),
            None => invalid,
        },
        91 => match (reads.day, reads.clock) {
            (Some(day), clock) => of_timestamp(day, clock.unwrap_or_default(), 91),
            _ => invalid,
        },
        92 => match (reads.day, reads.clock) {
            (_, Some(clock)) => of_timestamp(TODAY, clock, 92),
            _ => invalid,
        },
        93 => match (reads.day, reads.clock) {
            (None, None) => invalid,
            (day, clock) => of_timestamp(day.unwrap_or(TODAY), clock.unwrap_or_default(), 93),
        },
        -11 => reads
            .guid
            .map_or(invalid, |guid| Ok(given("", guid_struct(guid)))),
        101..=113 => {
            let read = reads.intervals.iter().find(|read| read.0 == c_type);
            read.map_or(invalid, |(_, negative, fields, beyond)| {
                Ok(given(
                    lost(*beyond),
                    interval_struct(c_type, *negative, *fields),
                ))
            })
        }
        _ => Err("07006"),
    }
}

/// A number in the C type of a number.
fn of_exact(unscaled: i128, scale: u32, c_type: i16) -> Fixed {
    let (whole, rest) = (unscaled / ten(scale), unscaled % ten(scale));
    let text = format!(
        "{}{}.{:0>width$}",
        if unscaled < 0 { "-" } else { "" },
        whole.unsigned_abs(),
        rest.unsigned_abs(),
        width = scale as usize
    );
    match c_type {
        7 | 8 => of_nearest(&text, c_type),
        -7 if unscaled < 0 || whole > 1 => Err("22003"),
        _ => of_whole(whole, rest != 0, c_type),
    }
}

fn of_nearest(text: &str, c_type: i16) -> Fixed {
    let (finite, bytes) = match c_type {
        7 => {
            let number: f32 = text.parse().unwrap();
            (number.is_finite(), number.to_ne_bytes().to_vec())
        }
        _ => {
            let number: f64 = text.parse().unwrap();
            (number.is_finite(), number.to_ne_bytes().to_vec())
        }
    };
    if finite {
        Ok(given("", bytes))
    } else {
        Err("22003")
    }
}

fn of_whole(whole: i128, fraction: bool, c_type: i16) -> Fixed {
    macro_rules! integer {
        ($kind:ty) => {
            <$kind>::try_from(whole).map(|whole| whole.to_ne_bytes().to_vec())
        };
    }
    let bytes = match c_type {
        -7 | -28 => integer!(u8),
        -26 | -6 => integer!(i8),
        -15 | 5 => integer!(i16),
        -17 => integer!(u16),
        -16 | 4 => integer!(i32),
        -18 => integer!(u32),
        -25 => integer!(i64),
        -27 => integer!(u64),
        _ => panic!("{c_type} is no number"),
    };
    bytes
        .map(|bytes| given(lost(fraction), bytes))
        .map_err(|_| "22003")
}

/// A floating point number in another C type; `text` is its decimal expansion.
fn of_floating(number: f64, text: &str, c_type: i16) -> Fixed {
    match c_type {
        8 => Ok(given("", number.to_ne_bytes().to_vec())),
        7 if !number.is_finite() => Ok(given("", (number as f32).to_ne_bytes().to_vec())),
        7 => of_nearest(text, 7),
        _ if !is_number(c_type) => Err("07006"),
        -7 if !(0.0..2.0).contains(&number) => Err("22003"),
        _ if number.is_finite() && number.abs() < 1e38 => {
            of_whole(number.trunc() as i128, number.fract() != 0.0, c_type)
        }
        _ => Err("22003"),
    }
}

/// An exact number as an interval: only of one field, and only seconds have a fraction.
fn of_exact_interval(unscaled: i128, scale: u32, c_type: i16) -> Fixed {
    if !(101..=113).contains(&c_type) {
        return Err("07006");
    }
    let (_, first, last) = fields_of(c_type);
    if first != last {
        return Err("22015");
    }
    let size = unscaled.abs();
    let mut fields = [0; 5];
    fields[first] = u32::try_from(size / ten(scale)).map_err(|_| "22015")?;
    let mut rest = size % ten(scale);
    if c_type == 106 {
        // Six digits are the default.
        let micros = if scale > 6 {
            rest / ten(scale - 6)
        } else {
            rest * ten(6 - scale)
        };
        rest = if scale > 6 { rest % ten(scale - 6) } else { 0 };
        fields[4] = micros as u32;
    }
    Ok(given(
        lost(rest != 0),
        interval_struct(c_type, unscaled < 0, fields),
    ))
}

fn of_millis(millis: i128, c_type: i16) -> Fixed {
    let (_, first, last) = fields_of(c_type);
    let mut rest = millis.abs();
    let mut fields = [0; 5];
    for place in first..=last {
        fields[place] = u32::try_from(rest / UNITS[place]).map_err(|_| "22015")?;
        rest %= UNITS[place];
    }
    if last == 3 {
        fields[4] = rest as u32 * 1000;
        rest = 0;
    }
    Ok(given(
        lost(rest != 0),
        interval_struct(c_type, millis < 0, fields),
    ))
}

fn lost(lost: bool) -> &'static str {
    if lost { "01S07" } else { "" }
}

pub fn is_number(c_type: i16) -> bool {
    matches!(
        c_type,
        -28 | -27 | -26 | -25 | -18 | -17 | -16 | -15 | -7 | -6 | 2 | 4 | 5 | 7 | 8
    )
}

pub const CHAR: i16 = 1;
pub const WCHAR: i16 = -8;
pub const BINARY: i16 = -2;
pub const DEFAULT: i16 = 99;
const NUMERIC: i16 = 2;
