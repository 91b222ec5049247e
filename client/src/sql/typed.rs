//! Literals that the driver wrote, taken apart into a type and a text.
//!
//! A value that travels as text is cast to the type of the literal that it would be: Trino makes a typed literal of its
//! text by the same cast.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// A literal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Typed<'a> {
    Null,
    /// The text stands between quotes as in the literal, with those inside doubled.
    Value {
        kind: Kind,
        text: &'a str,
    },
}

/// The type of a literal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// One whose literal is its name and its text.
    Plain(&'static str),
    Decimal {
        whole: usize,
        scale: usize,
    },
    /// Text of so many characters.
    Varchar(usize),
    Char(usize),
    Time {
        digits: usize,
        zoned: bool,
    },
    Timestamp {
        digits: usize,
        zoned: bool,
    },
    Varbinary,
    Json,
    Months,
    Millis,
}

impl<'a> Typed<'a> {
    /// Reads a literal; absent for text that the driver writes for no value.
    pub fn parse(literal: &'a str) -> Option<Self> {
        if literal == "NULL" || literal.starts_with("CAST(NULL AS ") {
            return Some(Self::Null);
        }
        if literal == "true" || literal == "false" {
            return Some(Self::Value {
                kind: Kind::Plain("boolean"),
                text: literal,
            });
        }
        let (name, rest) = literal.split_once('\'')?;
        let (text, unit) = rest.rsplit_once('\'')?;
        let kind = match (name, unit) {
            ("INTERVAL ", " YEAR TO MONTH") => Kind::Months,
            ("INTERVAL ", " DAY TO SECOND") => Kind::Millis,
            (_, unit) if !unit.is_empty() => return None,
            ("", _) => Kind::Varchar(characters(text)),
            ("CHAR ", _) => Kind::Char(characters(text)),
            ("X", _) => Kind::Varbinary,
            ("JSON ", _) => Kind::Json,
            ("DECIMAL ", _) => decimal(text)?,
            ("TIME ", _) => {
                let (digits, zoned) = clock(text);
                Kind::Time { digits, zoned }
            }
            ("TIMESTAMP ", _) => {
                let (digits, zoned) = clock(text.split_once(' ')?.1);
                Kind::Timestamp { digits, zoned }
            }
            (name, _) => Kind::Plain(PLAIN.iter().find(|(it, _)| *it == name)?.1),
        };
        Some(Self::Value { kind, text })
    }
}

impl Kind {
    /// The type that values of both have when they stand in the same column of VALUES; absent where a cast of their
    /// texts would not do.
    pub fn common(self, other: Self) -> Option<Self> {
        Some(match (self, other) {
            (Self::Varchar(a), Self::Varchar(b)) => Self::Varchar(a.max(b)),
            (Self::Char(a), Self::Char(b)) => Self::Char(a.max(b)),
            (Self::Decimal { whole: a, scale: b }, Self::Decimal { whole: c, scale: d }) => {
                let (whole, scale) = (a.max(c), b.max(d));
                if whole + scale > MOST_DIGITS {
                    return None;
                }
                Self::Decimal { whole, scale }
            }
            (
                Self::Time { digits: a, zoned },
                Self::Time {
                    digits: b,
                    zoned: other,
                },
            ) if zoned == other => Self::Time {
                digits: a.max(b),
                zoned,
            },
            (
                Self::Timestamp { digits: a, zoned },
                Self::Timestamp {
                    digits: b,
                    zoned: other,
                },
            ) if zoned == other => Self::Timestamp {
                digits: a.max(b),
                zoned,
            },
            (one, other) if one == other => one,
            _ => return None,
        })
    }

    /// The name of the type that the text in JSON is cast to.
    pub fn push_name(self, sql: &mut String) {
        let name = match self {
            Self::Plain(name) => return sql.push_str(name),
            Self::Decimal { whole, scale } => format!("decimal({}, {scale})", whole + scale),
            Self::Varchar(length) => format!("varchar({length})"),
            Self::Char(length) => format!("char({length})"),
            Self::Time { digits, zoned } => format!("time({digits}){}", zone_name(zoned)),
            Self::Timestamp { digits, zoned } => format!("timestamp({digits}){}", zone_name(zoned)),
            Self::Varbinary | Self::Json => return sql.push_str("varchar"),
            Self::Months | Self::Millis => return sql.push_str("bigint"),
        };
        sql.push_str(&name);
    }

    /// The expression that makes the value of what `reference` names, which is of the type that was cast to.
    pub fn push_value(self, reference: &str, sql: &mut String) {
        let (before, after) = match self {
            Self::Varbinary => ("from_base64(", ")"),
            Self::Json => ("json_parse(", ")"),
            // Intervals have no cast from text. Products with whole numbers are exact.
            Self::Months => ("(INTERVAL '1' MONTH * ", ")"),
            Self::Millis => ("(INTERVAL '0.001' SECOND * ", ")"),
            _ => ("", ""),
        };
        for part in [before, reference, after] {
            sql.push_str(part);
        }
    }

    /// Appends the text of a literal as a string of JSON, which itself stands in a string of SQL. Whether it could be
    /// read.
    pub fn push_json(self, text: &str, json: &mut String) -> bool {
        json.push('"');
        let is_read = match self {
            Self::Varbinary => match bytes(text) {
                Some(bytes) => {
                    STANDARD.encode_string(bytes, json);
                    true
                }
                None => false,
            },
            Self::Months => push_number(months(text), json),
            Self::Millis => push_number(millis(text), json),
            Self::Varchar(_) | Self::Char(_) | Self::Json => {
                push_escaped(text, json);
                true
            }
            // Digits and names.
            _ => {
                json.push_str(text);
                true
            }
        };
        json.push('"');
        is_read
    }
}

/// Characters of a text whose quotes are doubled.
fn characters(text: &str) -> usize {
    let bytes = text.as_bytes();
    let quotes = memchr::memchr_iter(b'\'', bytes).count();
    let characters = if text.is_ascii() {
        bytes.len()
    } else {
        text.chars().count()
    };
    characters - quotes / 2
}

/// What the name of a type with a zone ends with.
fn zone_name(zoned: bool) -> &'static str {
    if zoned { " with time zone" } else { "" }
}

fn decimal(text: &str) -> Option<Kind> {
    let digits = text.trim_start_matches(['-', '+']);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if ![whole, fraction]
        .iter()
        .all(|part| part.bytes().all(|byte| byte.is_ascii_digit()))
    {
        return None;
    }
    let scale = fraction.len();
    let whole = whole.trim_start_matches('0').len();
    Some(Kind::Decimal {
        whole: whole.max(usize::from(scale == 0)),
        scale,
    })
}

/// Digits after the seconds, and whether there is a zone after them.
fn clock(text: &str) -> (usize, bool) {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != ':' && c != '.');
    let time = end.map_or(text, |end| text.split_at(end).0);
    let digits = time.split_once('.').map_or(0, |(_, digits)| digits.len());
    (digits, end.is_some())
}

/// The bytes that hexadecimal digits stand for.
fn bytes(digits: &str) -> Option<Vec<u8>> {
    let (pairs, []) = digits.as_bytes().as_chunks::<2>() else {
        return None;
    };
    pairs.iter().map(byte).collect()
}

fn byte(digits: &[u8; 2]) -> Option<u8> {
    let [high, low] = digits.map(|digit| char::from(digit).to_digit(16));
    u8::try_from(high? * 16 + low?).ok()
}

/// Months of `[-]years-months`.
fn months(text: &str) -> Option<i64> {
    let (negative, text) = sign(text);
    let (years, months) = text.split_once('-')?;
    let months = years.parse::<i64>().ok()?.checked_mul(12)? + months.parse::<i64>().ok()?;
    Some(if negative { -months } else { months })
}

/// Milliseconds of `[-]days hours:minutes:seconds[.fraction]`.
fn millis(text: &str) -> Option<i64> {
    let (negative, text) = sign(text);
    let (days, clock) = text.split_once(' ')?;
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    let mut fields = clock.split(':').map(|field| field.parse::<i128>().ok());
    let (hours, minutes, seconds) = (fields.next()??, fields.next()??, fields.next()??);
    let mut millis: i128 = format!("{fraction:0<3}").parse().ok()?;
    if fields.next().is_some() || fraction.len() > 3 {
        return None;
    }
    let hours = days.parse::<i128>().ok()?.checked_mul(24)? + hours;
    millis += ((hours * 60 + minutes) * 60 + seconds) * 1000;
    i64::try_from(if negative { -millis } else { millis }).ok()
}

fn sign(text: &str) -> (bool, &str) {
    match text.strip_prefix('-') {
        Some(text) => (true, text),
        None => (false, text),
    }
}

fn push_number(number: Option<i64>, json: &mut String) -> bool {
    if let Some(number) = number {
        json.push_str(&number.to_string());
    }
    number.is_some()
}

fn push_escaped(text: &str, json: &mut String) {
    let mut rest = text;
    while let Some(at) = rest.find(|c| c < ' ' || matches!(c, '"' | '\\')) {
        let (before, from) = rest.split_at(at);
        json.push_str(before);
        let Some((byte, after)) = from.split_at_checked(1) else {
            break;
        };
        match byte {
            "\"" => json.push_str("\\\""),
            "\\" => json.push_str("\\\\"),
            control => {
                let code = control.bytes().next().unwrap_or_default();
                json.push_str(&format!("\\u{code:04x}"));
            }
        }
        rest = after;
    }
    json.push_str(rest);
}

/// How literals begin whose type has no parameters, and the name of the type.
const PLAIN: &[(&str, &str)] = &[
    ("BIGINT ", "bigint"),
    ("INTEGER ", "integer"),
    ("SMALLINT ", "smallint"),
    ("TINYINT ", "tinyint"),
    ("DOUBLE ", "double"),
    ("REAL ", "real"),
    ("DATE ", "date"),
    ("UUID ", "uuid"),
    ("IPADDRESS ", "ipaddress"),
    ("NUMBER ", "number"),
];

/// Digits of the longest decimal.
const MOST_DIGITS: usize = 38;

#[cfg(test)]
mod tests {
    use super::{Kind, Typed};

    fn read(literal: &str) -> Option<(String, String, String)> {
        let Some(Typed::Value { kind, text }) = Typed::parse(literal) else {
            return None;
        };
        let (mut name, mut json, mut value) = Default::default();
        kind.push_name(&mut name);
        assert!(kind.push_json(text, &mut json), "{literal}");
        kind.push_value("v", &mut value);
        Some((name, json, value))
    }

    #[test]
    fn a_literal_is_a_type_and_a_text() {
        for (literal, name, json) in [
            ("true", "boolean", r#""true""#),
            ("BIGINT '-7'", "bigint", r#""-7""#),
            ("DOUBLE '-0.0'", "double", r#""-0.0""#),
            ("DECIMAL '-123.45'", "decimal(5, 2)", r#""-123.45""#),
            ("DECIMAL '0.00'", "decimal(2, 2)", r#""0.00""#),
            ("DECIMAL '0'", "decimal(1, 0)", r#""0""#),
            ("DATE '-0001-01-01'", "date", r#""-0001-01-01""#),
            ("TIME '01:02:03.5'", "time(1)", r#""01:02:03.5""#),
            (
                "TIME '01:02:03+01:00'",
                "time(0) with time zone",
                r#""01:02:03+01:00""#,
            ),
            (
                "TIMESTAMP '-2020-01-02 03:04:05.123456789012'",
                "timestamp(12)",
                r#""-2020-01-02 03:04:05.123456789012""#,
            ),
            (
                "TIMESTAMP '2020-10-25 02:30:00.50 Europe/Berlin'",
                "timestamp(2) with time zone",
                r#""2020-10-25 02:30:00.50 Europe/Berlin""#,
            ),
            ("''", "varchar(0)", r#""""#),
            (
                "'it''s \"a\" \\ \u{0}\n🌍'",
                "varchar(14)",
                "\"it''s \\\"a\\\" \\\\ \\u0000\\u000a🌍\"",
            ),
            ("CHAR 'ä '", "char(2)", "\"ä \""),
            ("UUID 'x'", "uuid", r#""x""#),
        ] {
            let expected = (name.to_owned(), json.to_owned(), "v".to_owned());
            assert_eq!(read(literal), Some(expected), "{literal}");
        }
    }

    #[test]
    fn what_no_cast_makes_is_made_by_an_expression() {
        for (literal, name, json, value) in [
            ("X'00fF'", "varchar", r#""AP8=""#, "from_base64(v)"),
            (
                r#"JSON '{"a":1}'"#,
                "varchar",
                r#""{\"a\":1}""#,
                "json_parse(v)",
            ),
            (
                "INTERVAL '-1-2' YEAR TO MONTH",
                "bigint",
                r#""-14""#,
                "(INTERVAL '1' MONTH * v)",
            ),
            (
                "INTERVAL '-1 02:03:04.005' DAY TO SECOND",
                "bigint",
                r#""-93784005""#,
                "(INTERVAL '0.001' SECOND * v)",
            ),
        ] {
            let expected = (name.to_owned(), json.to_owned(), value.to_owned());
            assert_eq!(read(literal), Some(expected), "{literal}");
        }
    }

    #[test]
    fn nulls_are_known_and_the_rest_is_not_guessed() {
        for null in ["NULL", "CAST(NULL AS time(0))"] {
            assert_eq!(Typed::parse(null), Some(Typed::Null));
        }
        for other in [
            "",
            "1",
            "current_date",
            "XYZ 'a'",
            "DECIMAL '1e5'",
            "INTERVAL '1' DAY",
        ] {
            assert_eq!(Typed::parse(other), None, "{other}");
        }
    }

    #[test]
    fn types_in_a_column_have_room_for_all() {
        let decimal = |whole, scale| Kind::Decimal { whole, scale };
        let stamp = |digits, zoned| Kind::Timestamp { digits, zoned };
        assert_eq!(decimal(5, 0).common(decimal(1, 3)), Some(decimal(5, 3)));
        assert_eq!(decimal(30, 0).common(decimal(1, 10)), None);
        assert_eq!(
            Kind::Varchar(3).common(Kind::Varchar(1)),
            Some(Kind::Varchar(3))
        );
        assert_eq!(stamp(0, true).common(stamp(6, true)), Some(stamp(6, true)));
        assert_eq!(stamp(0, true).common(stamp(6, false)), None);
        assert_eq!(Kind::Varchar(3).common(Kind::Char(3)), None);
        assert_eq!(Kind::Plain("date").common(Kind::Plain("real")), None);
    }
}
