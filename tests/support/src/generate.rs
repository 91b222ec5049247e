//! Deterministic rows of every Trino type.
//!
//! A cell depends only on the seed, its column and its row, so a test recomputes what it expects
//! without keeping it.

use std::fmt::Write as _;
use std::io::Write as _;

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::Value;

use crate::clock::civil;
use crate::column::{Argument, Column, Signature};

/// Rows computed from a seed.
#[derive(Debug, Clone)]
pub struct Generated {
    pub columns: Vec<Column>,
    pub rows: usize,
    pub seed: u64,
    /// Whether about one cell in eleven is NULL.
    pub nulls: bool,
}

impl Generated {
    /// Columns `c0`, `c1`, … of the given types.
    pub fn new(types: &[&str], rows: usize, seed: u64) -> Self {
        let columns = types
            .iter()
            .enumerate()
            .map(|(index, type_text)| Column::new(&format!("c{index}"), type_text))
            .collect();
        Self {
            columns,
            rows,
            seed,
            nulls: true,
        }
    }

    /// The cell as it stands in the JSON row.
    pub fn cell(&self, row: usize, column: usize) -> Value {
        serde_json::from_str(&self.cell_text(row, column)).expect("generated JSON is valid")
    }

    /// The cell's JSON text, byte for byte; map keys stay in their order.
    pub fn cell_text(&self, row: usize, column: usize) -> String {
        let mut out = Vec::new();
        self.write_cell(row, column, &mut out);
        String::from_utf8(out).expect("generated JSON is UTF-8")
    }

    pub(crate) fn write_row(&self, row: usize, out: &mut Vec<u8>) {
        out.push(b'[');
        for column in 0..self.columns.len() {
            if column > 0 {
                out.push(b',');
            }
            self.write_cell(row, column, out);
        }
        out.push(b']');
    }

    fn write_cell(&self, row: usize, column: usize, out: &mut Vec<u8>) {
        let mut random = Random::new(self.seed, column, row);
        if self.nulls && random.below(11) == 0 {
            out.extend_from_slice(b"null");
        } else {
            write_value(&self.columns[column].signature, &mut random, out);
        }
    }
}

/// One type text of each kind that Trino has, every parametric one at several sizes.
pub const EVERY_TYPE: &[&str] = &[
    "boolean",
    "tinyint",
    "smallint",
    "integer",
    "bigint",
    "real",
    "double",
    "decimal(5,2)",
    "decimal(18,0)",
    "decimal(38,10)",
    "varchar",
    "varchar(7)",
    "char(5)",
    "varbinary",
    "json",
    "date",
    "time(0)",
    "time(3)",
    "time(12)",
    "time(6) with time zone",
    "timestamp(0)",
    "timestamp(3)",
    "timestamp(9)",
    "timestamp(12)",
    "timestamp(3) with time zone",
    "timestamp(12) with time zone",
    "interval day to second",
    "interval year to month",
    "uuid",
    "ipaddress",
    "array(integer)",
    "map(varchar,bigint)",
    "row(a integer,b varchar,c array(date))",
    "HyperLogLog",
    "unknown",
];

/// splitmix64: enough for test data, and the same everywhere.
struct Random(u64);

impl Random {
    fn new(seed: u64, column: usize, row: usize) -> Self {
        let mut random = Self(seed ^ (column as u64).wrapping_mul(0xA24B_AED4_963E_E407));
        random.0 ^= random.next() ^ (row as u64).wrapping_mul(0x9FB2_1C65_1E98_DF25);
        random
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    /// A number of up to `bits` significant bits, small ones as likely as large ones.
    fn signed(&mut self, bits: u32) -> i64 {
        let shift = 64 - bits + self.below(u64::from(bits)) as u32;
        (self.next() as i64) >> shift
    }
}

fn write_value(signature: &Signature, random: &mut Random, out: &mut Vec<u8>) {
    match signature.raw_type.as_str() {
        "boolean" => put(out, format_args!("{}", random.below(2) == 1)),
        "tinyint" => put(out, format_args!("{}", random.signed(8))),
        "smallint" => put(out, format_args!("{}", random.signed(16))),
        "integer" => put(out, format_args!("{}", random.signed(32))),
        "bigint" => put(out, format_args!("{}", random.signed(64))),
        "real" => write_float(random, true, out),
        "double" => write_float(random, false, out),
        "array" => write_list(random, out, |random, out| {
            write_nullable(signature.nested(0), random, out);
        }),
        "map" => write_map(signature, random, out),
        "row" => {
            out.push(b'[');
            for (index, argument) in signature.arguments.iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                if let Argument::Field(_, field) = argument {
                    write_nullable(field, random, out);
                }
            }
            out.push(b']');
        }
        "unknown" => out.extend_from_slice(b"null"),
        _ => {
            let text = text_of(signature, random);
            serde_json::to_writer(out, &text).expect("a vector takes any text");
        }
    }
}

/// Types whose JSON form is a string.
fn text_of(signature: &Signature, random: &mut Random) -> String {
    let digits = signature.long(0).unwrap_or(3) as usize;
    match signature.raw_type.as_str() {
        "decimal" => decimal(digits, signature.long(1).unwrap_or(0) as usize, random),
        "varchar" => words(digits.min(40), random),
        "char" => {
            let text = words(digits, random);
            let missing = digits - text.chars().count();
            text + &" ".repeat(missing)
        }
        "json" => format!(
            r#"{{"k":{},"ü":[true,null,"{}"]}}"#,
            random.signed(20),
            PLAIN[random.below(PLAIN.len() as u64) as usize]
        ),
        "date" => date(random),
        "time" => time(digits, random),
        "time with time zone" => time(digits, random) + offset(random),
        "timestamp" => format!("{} {}", date(random), time(digits, random)),
        "timestamp with time zone" => {
            let zone = ZONES[random.below(ZONES.len() as u64) as usize];
            format!("{} {} {zone}", date(random), time(digits, random))
        }
        "interval day to second" => {
            let millis = random.signed(50);
            let (sign, size) = (sign(millis), millis.unsigned_abs());
            let (days, rest) = (size / 86_400_000, size % 86_400_000);
            let (hours, rest) = (rest / 3_600_000, rest % 3_600_000);
            let (minutes, rest) = (rest / 60_000, rest % 60_000);
            let (seconds, millis) = (rest / 1000, rest % 1000);
            format!("{sign}{days} {hours:02}:{minutes:02}:{seconds:02}.{millis:03}")
        }
        "interval year to month" => {
            let months = random.signed(32);
            let size = months.unsigned_abs();
            format!("{}{}-{}", sign(months), size / 12, size % 12)
        }
        "uuid" => {
            let (high, low) = (random.next(), random.next());
            format!(
                "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
                high >> 32,
                (high >> 16) & 0xFFFF,
                high & 0xFFFF,
                low >> 48,
                low & 0xFFFF_FFFF_FFFF
            )
        }
        "ipaddress" => {
            let bits = random.next();
            if bits.is_multiple_of(2) {
                let [a, b, c, d, ..] = bits.to_be_bytes();
                format!("{a}.{b}.{c}.{d}")
            } else {
                format!("2001:db8::{:x}", (bits >> 48) | 1)
            }
        }
        // varbinary, and every type that the engine only knows as bytes.
        _ => {
            let length = random.below(25) as usize;
            let bytes: Vec<u8> = (0..length).map(|_| random.next() as u8).collect();
            STANDARD.encode(bytes)
        }
    }
}

fn write_nullable(signature: &Signature, random: &mut Random, out: &mut Vec<u8>) {
    if random.below(7) == 0 {
        out.extend_from_slice(b"null");
    } else {
        write_value(signature, random, out);
    }
}

fn write_list(
    random: &mut Random,
    out: &mut Vec<u8>,
    mut one: impl FnMut(&mut Random, &mut Vec<u8>),
) {
    out.push(b'[');
    for index in 0..random.below(5) {
        if index > 0 {
            out.push(b',');
        }
        one(random, out);
    }
    out.push(b']');
}

fn write_map(signature: &Signature, random: &mut Random, out: &mut Vec<u8>) {
    out.push(b'{');
    for index in 0..random.below(4) {
        if index > 0 {
            out.push(b',');
        }
        // Keys are distinct by their prefix, and always strings in JSON.
        let key = format!(
            "{index}{}",
            PLAIN[random.below(PLAIN.len() as u64) as usize]
        );
        let key = match signature.nested(0).raw_type.as_str() {
            "tinyint" | "smallint" | "integer" | "bigint" => index.to_string(),
            _ => key,
        };
        serde_json::to_writer(&mut *out, &key).expect("a vector takes any text");
        out.push(b':');
        write_nullable(signature.nested(1), random, out);
    }
    out.push(b'}');
}

fn write_float(random: &mut Random, single: bool, out: &mut Vec<u8>) {
    match random.below(40) {
        0 => out.extend_from_slice(br#""NaN""#),
        1 => out.extend_from_slice(br#""Infinity""#),
        2 => out.extend_from_slice(br#""-Infinity""#),
        3 => out.extend_from_slice(b"-0.0"),
        4 => put(
            out,
            format_args!("{}.5E{}", random.below(9) + 1, random.below(30) + 7),
        ),
        5 => put(
            out,
            format_args!("-{}.25E-{}", random.below(9) + 1, random.below(25) + 4),
        ),
        _ if single => put(out, format_args!("{:?}", random.signed(24) as f32 / 64.0)),
        _ => put(out, format_args!("{:?}", random.signed(52) as f64 / 1024.0)),
    }
}

fn decimal(precision: usize, scale: usize, random: &mut Random) -> String {
    let length = 1 + random.below(precision as u64) as usize;
    let mut digits: String = (0..length)
        .map(|_| char::from(b'0' + random.below(10) as u8))
        .collect();
    if digits.len() <= scale {
        digits.insert_str(0, &"0".repeat(scale + 1 - digits.len()));
    }
    let (whole, fraction) = digits.split_at(digits.len() - scale);
    let whole = whole.trim_start_matches('0');
    let mut text = if whole.is_empty() { "0" } else { whole }.to_owned();
    if scale > 0 {
        text.push('.');
        text.push_str(fraction);
    }
    if random.below(2) == 0 && text.contains(|digit| ('1'..='9').contains(&digit)) {
        text.insert(0, '-');
    }
    text
}

fn words(limit: usize, random: &mut Random) -> String {
    let mut text = String::new();
    for _ in 0..random.below(6) {
        text.push_str(WORDS[random.below(WORDS.len() as u64) as usize]);
    }
    text.chars().take(limit).collect()
}

fn date(random: &mut Random) -> String {
    // Mostly 1970 to 2060, now and then far outside what ODBC's structure holds.
    let days = match random.below(64) {
        0 => -800_000 + random.below(60_000) as i64,
        1 => 3_000_000 + random.below(60_000) as i64,
        _ => random.below(33_000) as i64,
    };
    let (year, month, day) = civil(days);
    match year {
        0..=9999 => format!("{year:04}-{month:02}-{day:02}"),
        10_000.. => format!("+{year}-{month:02}-{day:02}"),
        _ => format!("-{:04}-{month:02}-{day:02}", -year),
    }
}

fn time(digits: usize, random: &mut Random) -> String {
    let seconds = random.below(86_400);
    let mut text = format!(
        "{:02}:{:02}:{:02}",
        seconds / 3600,
        seconds / 60 % 60,
        seconds % 60
    );
    if digits > 0 {
        let fraction = random.below(10_u64.pow(digits as u32));
        write!(text, ".{fraction:0digits$}").expect("a string takes any text");
    }
    text
}

fn offset(random: &mut Random) -> &'static str {
    ["+00:00", "+05:30", "-08:00", "+14:00", "-14:00"][random.below(5) as usize]
}

fn sign(number: i64) -> &'static str {
    if number < 0 { "-" } else { "" }
}

fn put(out: &mut Vec<u8>, text: std::fmt::Arguments<'_>) {
    out.write_fmt(text).expect("a vector takes any text");
}

const ZONES: &[&str] = &[
    "UTC",
    "America/New_York",
    "Europe/Berlin",
    "+05:30",
    "-11:00",
];
const PLAIN: &[&str] = &["alpha", "βeta", "日本", "𝄞"];
const WORDS: &[&str] = &[
    "lorem ",
    "Größe ",
    "naïve",
    "日本語",
    "emoji 🙂 ",
    "quote\" ",
    "back\\slash",
    "tab\t",
    "line\nfeed",
    "\u{1}",
    "Ω≈ç√",
    "𝒳",
    "'",
    "/",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cell_of_every_type_is_json_and_the_same_each_time() {
        let generated = Generated::new(EVERY_TYPE, 500, 7);
        let mut nulls = 0;
        for row in 0..generated.rows {
            let mut text = Vec::new();
            generated.write_row(row, &mut text);
            let cells: Vec<Value> = serde_json::from_slice(&text).unwrap();
            for (column, cell) in cells.iter().enumerate() {
                assert_eq!(*cell, generated.cell(row, column));
                nulls += usize::from(cell.is_null());
            }
        }
        assert!(nulls > 500);
    }

    #[test]
    fn a_decimal_has_exactly_its_scale() {
        let mut random = Random::new(1, 2, 3);
        for _ in 0..1000 {
            let text = decimal(5, 2, &mut random);
            let (whole, fraction) = text.split_once('.').unwrap();
            assert!(
                fraction.len() == 2 && whole.trim_start_matches('-').len() <= 3,
                "{text}"
            );
        }
    }
}
