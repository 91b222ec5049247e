//! One column's cells as JSON.

use std::io::Write as _;

use trino_client::columns::{Field, Type};

/// How a column's cells look.
#[derive(Debug, Clone, Copy)]
pub(super) enum Cell {
    Boolean,
    /// The row's number times `step`.
    Key {
        step: u64,
    },
    BigInt {
        below: u64,
    },
    /// BIGINT, every third one NULL.
    Nullable,
    Integer {
        below: u64,
    },
    Double {
        decimals: u32,
        below: u64,
    },
    Decimal {
        precision: u8,
        scale: u8,
    },
    /// One of these.
    Words(&'static [&'static str]),
    /// Words with blanks; `odd` of a hundred have escapes and letters beyond ASCII.
    Text {
        least: u64,
        most: u64,
        odd: u64,
    },
    Binary,
    Date,
    Time {
        precision: u8,
    },
    Timestamp {
        precision: u8,
    },
    Zoned {
        precision: u8,
    },
    Months,
    Interval,
    Uuid,
    /// A row with an array.
    Nested,
}

impl Cell {
    /// The column's type.
    pub(super) fn kind(&self) -> Type {
        match *self {
            Self::Boolean => Type::Boolean,
            Self::Key { .. } | Self::BigInt { .. } | Self::Nullable => Type::BigInt,
            Self::Integer { .. } => Type::Integer,
            Self::Double { .. } => Type::Double,
            Self::Decimal { precision, scale } => Type::Decimal { precision, scale },
            Self::Words(_) => Type::Varchar { length: Some(25) },
            Self::Text { most, .. } => Type::Varchar {
                length: u32::try_from(most).ok(),
            },
            Self::Binary => Type::Varbinary,
            Self::Date => Type::Date,
            Self::Time { precision } => Type::Time { precision },
            Self::Timestamp { precision } => Type::Timestamp { precision },
            Self::Zoned { precision } => Type::TimestampWithTimeZone { precision },
            Self::Months => Type::IntervalYearToMonth,
            Self::Interval => Type::IntervalDayToSecond,
            Self::Uuid => Type::Uuid,
            Self::Nested => Type::Row(vec![
                Field {
                    name: Some("a".to_owned()),
                    kind: Type::Integer,
                },
                Field {
                    name: Some("b".to_owned()),
                    kind: Type::Array(Box::new(Type::Varchar { length: None })),
                },
            ]),
        }
    }

    /// Appends the cell of a row.
    pub(super) fn write(&self, row: u64, random: &mut Random, out: &mut Vec<u8>) {
        // Each cell has numbers of its own, so that a column does not depend on its neighbours.
        *random = Random::new(random.0 ^ row);
        let written = match *self {
            Self::Boolean => write!(out, "{}", random.below(2) == 0),
            Self::Key { step } => write!(out, "{}", row * step + 1),
            Self::Nullable if row.is_multiple_of(3) => write!(out, "null"),
            Self::Nullable => write!(out, "{}", random.below(1 << 40)),
            Self::BigInt { below } | Self::Integer { below } => {
                write!(out, "{}", random.below(below))
            }
            Self::Double { decimals, below } => {
                let value = random.below(below) as f64 / 10_f64.powi(decimals as i32);
                write!(out, "{value:?}")
            }
            Self::Decimal { precision, scale } => decimal(precision, scale, random, out),
            Self::Words(words) => {
                let word = words[random.below(words.len() as u64) as usize];
                write!(out, "\"{word}\"")
            }
            Self::Text { least, most, odd } => text(least, most, odd, random, out),
            Self::Binary => {
                let length = random.below(30) as usize * 4;
                out.push(b'"');
                for _ in 0..length {
                    out.push(b'A' + random.below(26) as u8);
                }
                write!(out, "\"")
            }
            Self::Date => date(random, out).and_then(|()| write!(out, "\"")),
            Self::Time { precision } => {
                out.push(b'"');
                time(precision, random, out).and_then(|()| write!(out, "\""))
            }
            Self::Timestamp { precision } => date(random, out)
                .and_then(|()| write!(out, " "))
                .and_then(|()| time(precision, random, out))
                .and_then(|()| write!(out, "\"")),
            Self::Zoned { precision } => {
                let zone = ["UTC", "Europe/Berlin", "America/New_York"][row as usize / 7 % 3];
                date(random, out)
                    .and_then(|()| write!(out, " "))
                    .and_then(|()| time(precision, random, out))
                    .and_then(|()| write!(out, " {zone}\""))
            }
            Self::Months => write!(out, "\"{}-{}\"", random.below(100), random.below(12)),
            Self::Interval => {
                let days = random.below(1000);
                write!(out, "\"{days} ")
                    .and_then(|()| time(3, random, out))
                    .and_then(|()| write!(out, "\""))
            }
            Self::Uuid => {
                let (a, b) = (random.next(), random.next());
                let tail = b & 0xFFFF_FFFF_FFFF;
                write!(
                    out,
                    "\"{:08x}-{:04x}-{:04x}-{:04x}-{tail:012x}\"",
                    a >> 32,
                    a >> 16 & 0xFFFF,
                    a & 0xFFFF,
                    b >> 48
                )
            }
            Self::Nested => {
                let (a, b) = (random.below(1000), random.below(1000));
                write!(out, "[{a},[\"x{b}\",null,\"a text of some length\"]]")
            }
        };
        written.expect("a vector takes all bytes");
    }
}

/// splitmix64.
#[derive(Debug)]
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
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
}

fn decimal(
    precision: u8,
    scale: u8,
    random: &mut Random,
    out: &mut Vec<u8>,
) -> std::io::Result<()> {
    let sign = if random.below(3) == 0 { "-" } else { "" };
    let digits = u64::from(precision - scale);
    // Money has far fewer digits than its type.
    let digits = 1 + random.below(digits.min(12));
    write!(out, "\"{sign}{}.", 1 + random.below(9))?;
    out.pop();
    for _ in 1..digits {
        out.push(b'0' + random.below(10) as u8);
    }
    out.push(b'.');
    for _ in 0..scale {
        out.push(b'0' + random.below(10) as u8);
    }
    write!(out, "\"")
}

fn text(
    least: u64,
    most: u64,
    odd: u64,
    random: &mut Random,
    out: &mut Vec<u8>,
) -> std::io::Result<()> {
    const WORDS: [&str; 8] = [
        "carefully ",
        "final ",
        "deposits ",
        "sleep ",
        "quickly ",
        "ideas ",
        "requests ",
        "the ",
    ];
    const ODD: [&str; 4] = [
        "na\u{ef}ve ",
        "\\\"quoted\\\" ",
        "a\\nb ",
        "\u{65e5}\u{672c} ",
    ];
    out.push(b'"');
    let start = out.len();
    let length = (least + random.below(most - least + 1)) as usize;
    if random.below(100) < odd {
        for _ in 0..3 {
            out.extend_from_slice(WORDS[random.below(8) as usize].as_bytes());
            out.extend_from_slice(ODD[random.below(4) as usize].as_bytes());
        }
    }
    while out.len() - start < length {
        out.extend_from_slice(WORDS[random.below(8) as usize].as_bytes());
    }
    if out[start..].is_ascii() && !out[start..].contains(&b'\\') {
        out.truncate(start + length);
    }
    write!(out, "\"")
}

/// A quote and a date.
fn date(random: &mut Random, out: &mut Vec<u8>) -> std::io::Result<()> {
    let (year, month, day) = (random.below(7), random.below(12), random.below(28));
    write!(out, "\"{}-{:02}-{:02}", 1992 + year, month + 1, day + 1)
}

fn time(precision: u8, random: &mut Random, out: &mut Vec<u8>) -> std::io::Result<()> {
    let (hour, minute, second) = (random.below(24), random.below(60), random.below(60));
    write!(out, "{hour:02}:{minute:02}:{second:02}")?;
    if precision > 0 {
        out.push(b'.');
    }
    for _ in 0..precision {
        out.push(b'0' + random.below(10) as u8);
    }
    Ok(())
}
