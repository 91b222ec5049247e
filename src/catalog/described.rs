//! How ODBC describes a Trino type.
//!
//! Sizes are those of ODBC's Appendix D, and no text of a column is longer than its display size.
//! Where the reference leaves a choice:
//!
//! - **Text of a stated length** has `n` characters in Trino, and ODBC measures wide text in units
//!   of UTF-16, of which a character may take two. So the column size is 2n and the octet length
//!   4n, which is also what UTF-8 takes: many clients bind as many units as the column size says
//!   and lose the rest, or crash. A length of 0 is described as 1, because a size of 0 means
//!   "unknown".
//! - **Unbounded text** (`varchar`, and all that is shown as text) is SQL_WVARCHAR of a stated
//!   size, not SQL_WLONGVARCHAR and not "unknown". Most columns in a lake are unbounded; as long
//!   columns they could not be keys, joined or grouped in Access, SSIS and Tableau. A size of 2 GB
//!   makes every application that binds buffers by size fail (odbc-api, turbodbc, SAS), a size of 0
//!   makes some refuse the column. The stated size is a hint: a longer value arrives whole through
//!   SQLGetData, and with its true length and 01004 in a bound buffer. An Excel cell and a SAS
//!   column hold 32,767 characters: hence the default. It also caps text of a stated length: for
//!   applications that allocate buffers, `varchar(1000000)` differs little from `varchar`.
//! - **Decimals** whose digits all stand after the point have a zero before it, beside the sign,
//!   the digits and the point that Appendix D counts.
//! - **Fractions of seconds** have up to 12 digits, ODBC's structures hold 9. Decimal digits say at
//!   most 9; sizes in characters have room for the whole text.
//! - **Dates** have the column size of four-digit years, from which applications compute the digits
//!   of a fraction; the display size has room for all years of Trino.
//! - **REAL and DOUBLE** are described in decimal digits (radix 10).
//! - **TIMESTAMP WITH TIME ZONE** is a timestamp, as applications expect dates they can compute
//!   with. Its display size has room for the zone, which its text ends with. TIME WITH TIME ZONE
//!   has no ODBC type and is text.
//! - **What a connection wants as text** ([`AsText`]) is SQL_WVARCHAR as long as its display size.
//!   BIGINT may be DECIMAL(19, 0) too; either way the type's name stays Trino's.
//! - **NUMBER** has any precision and scale, and no type of ODBC has. It is a decimal of 38 digits
//!   with ten after the point, since that is what its users keep in it (money from `numeric` and
//!   `NUMBER` without precision), what applications sum and compare, and what the server compares
//!   it with: it takes no DOUBLE for it. Its text has every digit all the same.
//! - **Intervals that state their digits** have the sizes of their fields. The driver's text of an
//!   interval is Trino's (`D HH:MM:SS.f`, `Y-M`) whatever its fields, for which the display size
//!   has room.

use trino_client::columns::{AsText, IntervalFields, Type};

use crate::abi::*;

/// A Trino type in ODBC's terms: the fields of an implementation row descriptor, and more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Described {
    /// SQL_DESC_CONCISE_TYPE.
    pub sql_type: i16,
    /// SQL_DESC_TYPE: the concise type, save for dates, times and intervals.
    pub verbose_type: i16,
    /// SQL_DESC_DATETIME_INTERVAL_CODE; 0 for other types.
    pub datetime_code: i16,
    /// Trino's name of the type, without parameters.
    pub type_name: String,
    /// Column size as SQLDescribeCol and SQLColumns say it.
    pub column_size: usize,
    /// Decimal digits; 0 where the type has none.
    pub decimal_digits: i16,
    /// SQL_DESC_OCTET_LENGTH: bytes in the default C type, without a terminator. Text has no more
    /// bytes in UTF-8.
    pub octet_length: i64,
    /// SQL_DESC_DISPLAY_SIZE: characters of the longest text, in units of UTF-16.
    pub display_size: i64,
    /// SQL_DESC_PRECISION: digits of numbers, digits of fractional seconds.
    pub precision: i16,
    /// SQL_DESC_SCALE of decimals.
    pub scale: i16,
    /// SQL_DESC_LENGTH.
    pub length: usize,
    /// SQL_DESC_NUM_PREC_RADIX; 0 where the type is no number.
    pub radix: i16,
    /// SQL_DESC_DATETIME_INTERVAL_PRECISION: digits of an interval's leading field.
    pub interval_precision: i16,
    pub unsigned: bool,
    pub case_sensitive: bool,
    /// SQL_DESC_SEARCHABLE: which predicates a WHERE clause may use.
    pub searchable: i16,
    pub literal_prefix: &'static str,
    pub literal_suffix: &'static str,
    pub fixed_prec_scale: bool,
}

/// Sizes to describe for types that have none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Characters of unbounded text, and the most of text of a stated length.
    pub text: usize,
    /// Characters of arrays, rows, JSON and all else that is shown as text.
    pub complex: usize,
    /// Bytes of VARBINARY.
    pub binary: usize,
    /// Types that are described as text.
    pub as_text: AsText,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            text: 32_767,
            complex: 32_767,
            binary: 32_767,
            as_text: AsText::default(),
        }
    }
}

impl Described {
    /// Whether decimal digits mean anything for the type; where not, catalog functions say NULL.
    pub fn has_decimal_digits(&self) -> bool {
        matches!(
            self.sql_type,
            SQL_BIT
                | SQL_TINYINT
                | SQL_SMALLINT
                | SQL_INTEGER
                | SQL_BIGINT
                | SQL_DECIMAL
                | SQL_TYPE_TIME
                | SQL_TYPE_TIMESTAMP
                | SQL_C_INTERVAL_SECOND
                | SQL_INTERVAL_DAY_TO_SECOND
                | SQL_C_INTERVAL_HOUR_TO_SECOND
                | SQL_C_INTERVAL_MINUTE_TO_SECOND
        )
    }

    /// Whether the type is text.
    pub fn is_text(&self) -> bool {
        matches!(self.sql_type, SQL_WCHAR | SQL_WVARCHAR | SQL_WLONGVARCHAR)
    }

    /// Whether the type is text or bytes: CHAR_OCTET_LENGTH is NULL for all others.
    pub fn has_octets(&self) -> bool {
        self.is_text() || matches!(self.sql_type, SQL_VARBINARY | SQL_LONGVARBINARY)
    }
}

/// Describes a type to ODBC.
pub fn describe(kind: &Type, limits: &Limits) -> Described {
    // NUMBER has no size as anything but text.
    if limits.as_text.holds(kind) && *kind != Type::Number {
        let plain = Limits {
            as_text: AsText::default(),
            ..*limits
        };
        let typed = describe(kind, &plain);
        return Described {
            literal_prefix: typed.literal_prefix,
            literal_suffix: typed.literal_suffix,
            searchable: typed.searchable,
            case_sensitive: false,
            ..ascii(
                typed.type_name,
                usize::try_from(typed.display_size).expect("no size is negative"),
            )
        };
    }
    let name = base_name(kind);
    if let Some(number) = limits.as_text.number(kind) {
        let mut described = Described {
            type_name: name,
            ..describe(&number, limits)
        };
        // The server takes no literal of a DOUBLE for it.
        if *kind == Type::Number && number == Type::Double {
            (described.literal_prefix, described.literal_suffix) = NUMBER_LITERAL;
        }
        return described;
    }
    match kind {
        Type::Boolean => Described {
            octet_length: 1,
            display_size: 1,
            radix: 0,
            unsigned: true,
            ..number(name, SQL_BIT, 1)
        },
        Type::TinyInt => Described {
            octet_length: 1,
            display_size: 4,
            ..number(name, SQL_TINYINT, 3)
        },
        Type::SmallInt => Described {
            octet_length: 2,
            display_size: 6,
            ..number(name, SQL_SMALLINT, 5)
        },
        Type::Integer => Described {
            octet_length: 4,
            display_size: 11,
            ..number(name, SQL_INTEGER, 10)
        },
        Type::BigInt => Described {
            octet_length: 8,
            display_size: 20,
            ..number(name, SQL_BIGINT, 19)
        },
        Type::Real => Described {
            octet_length: 4,
            // A sign, nine digits, a point and an exponent of two digits.
            display_size: 15,
            ..number(name, SQL_REAL, 7)
        },
        Type::Double => Described {
            octet_length: 8,
            display_size: 24,
            ..number(name, SQL_DOUBLE, 15)
        },
        Type::Decimal { precision, scale } => {
            let size = i64::from(*precision) + 2 + i64::from(scale == precision);
            Described {
                decimal_digits: i16::from(*scale),
                scale: i16::from(*scale),
                octet_length: size,
                display_size: size,
                ..number(name, SQL_DECIMAL, i16::from(*precision))
            }
        }
        Type::Varchar { length: None } => Described {
            searchable: SQL_PRED_SEARCHABLE,
            ..text(name, SQL_WVARCHAR, limits.text)
        },
        Type::Varchar {
            length: Some(length),
        } => Described {
            searchable: SQL_PRED_SEARCHABLE,
            ..bounded(name, SQL_WVARCHAR, *length, limits)
        },
        Type::Char { length } => Described {
            searchable: SQL_PRED_SEARCHABLE,
            ..bounded(name, SQL_WCHAR, *length, limits)
        },
        Type::Varbinary => Described {
            column_size: limits.binary,
            length: limits.binary,
            octet_length: signed(limits.binary),
            display_size: signed(limits.binary).saturating_mul(2),
            literal_prefix: "X'",
            literal_suffix: "'",
            ..blank(name, SQL_VARBINARY)
        },
        Type::Date => Described {
            literal_prefix: "DATE '",
            display_size: signed(LONGEST_DATE.len()),
            octet_length: 6,
            ..moment(name, SQL_TYPE_DATE, SQL_CODE_DATE, "YYYY-MM-DD", 0)
        },
        Type::Time { precision } => Described {
            literal_prefix: "TIME '",
            octet_length: 6,
            ..moment(name, SQL_TYPE_TIME, SQL_CODE_TIME, "hh:mm:ss", *precision)
        },
        Type::TimeWithTimeZone { precision } => Described {
            literal_prefix: "TIME '",
            ..ascii(name, 8 + fraction(*precision) + OFFSET.len())
        },
        Type::Timestamp { precision } => Described {
            literal_prefix: "TIMESTAMP '",
            display_size: signed(LONGEST_TIMESTAMP.len() + fraction(*precision)),
            octet_length: 16,
            ..moment(
                name,
                SQL_TYPE_TIMESTAMP,
                SQL_CODE_TIMESTAMP,
                "YYYY-MM-DD hh:mm:ss",
                *precision,
            )
        },
        Type::TimestampWithTimeZone { precision } => {
            let plain = describe(
                &Type::Timestamp {
                    precision: *precision,
                },
                limits,
            );
            Described {
                type_name: name,
                display_size: plain.display_size + 1 + signed(LONGEST_ZONE.len()),
                ..plain
            }
        }
        Type::IntervalYearToMonth => Described {
            literal_suffix: "' YEAR TO MONTH",
            interval_precision: 9,
            ..interval(
                name,
                SQL_INTERVAL_YEAR_TO_MONTH,
                SQL_CODE_YEAR_TO_MONTH,
                3 + 9,
            )
        },
        Type::IntervalDayToSecond => Described {
            literal_suffix: "' DAY TO SECOND",
            interval_precision: 12,
            decimal_digits: 3,
            precision: 3,
            ..interval(
                name,
                SQL_INTERVAL_DAY_TO_SECOND,
                SQL_CODE_DAY_TO_SECOND,
                10 + 12 + 3,
            )
        },
        Type::Interval(fields) => parametric(name, *fields),
        Type::Uuid => Described {
            column_size: 36,
            length: 36,
            octet_length: 16,
            display_size: 36,
            literal_prefix: "UUID '",
            literal_suffix: "'",
            ..blank(name, SQL_GUID)
        },
        Type::IpAddress => Described {
            literal_prefix: "IPADDRESS '",
            case_sensitive: false,
            // The longest is an IPv4 address written as IPv6.
            ..ascii(name, 45)
        },
        Type::Json => Described {
            literal_prefix: "JSON '",
            ..text(name, SQL_WVARCHAR, limits.complex)
        },
        Type::Variant => Described {
            // A VARIANT literal is always a string.
            literal_prefix: "CAST(JSON '",
            literal_suffix: "' AS variant)",
            ..text(name, SQL_WVARCHAR, limits.complex)
        },
        Type::Number => Described {
            literal_prefix: NUMBER_LITERAL.0,
            literal_suffix: NUMBER_LITERAL.1,
            case_sensitive: false,
            ..text(name, SQL_WVARCHAR, limits.complex)
        },
        Type::Array(_) | Type::Map(..) | Type::Row(_) => Described {
            literal_prefix: "",
            literal_suffix: "",
            ..text(name, SQL_WVARCHAR, limits.complex)
        },
        Type::Other(_) => Described {
            literal_prefix: "",
            literal_suffix: "",
            searchable: SQL_PRED_NONE,
            ..text(name, SQL_WVARCHAR, limits.complex)
        },
        // Only NULLs, yet a size of 0 would be "unknown" to applications.
        Type::Unknown => Described {
            literal_prefix: "",
            literal_suffix: "",
            ..ascii(name, 1)
        },
    }
}

/// A number of up to `digits` decimal digits.
fn number(name: String, sql_type: i16, digits: i16) -> Described {
    let size = usize::from(digits.unsigned_abs());
    Described {
        column_size: size,
        length: size,
        precision: digits,
        radix: 10,
        unsigned: false,
        ..blank(name, sql_type)
    }
}

/// Text that has up to `length` characters of any kind.
fn bounded(name: String, sql_type: i16, length: u32, limits: &Limits) -> Described {
    let characters = (length as usize).max(1);
    let size = characters.saturating_mul(2).min(limits.text);
    Described {
        column_size: size,
        length: size,
        display_size: signed(size),
        ..text(name, sql_type, characters.min(limits.text))
    }
}

/// Text that has up to `size` characters, all of them ASCII.
fn ascii(name: String, size: usize) -> Described {
    Described {
        octet_length: signed(size).saturating_mul(2),
        ..text(name, SQL_WVARCHAR, size)
    }
}

/// Text that is described with `characters`.
fn text(name: String, sql_type: i16, characters: usize) -> Described {
    Described {
        column_size: characters,
        length: characters,
        octet_length: signed(characters).saturating_mul(LONGEST_CHARACTER),
        display_size: signed(characters),
        case_sensitive: true,
        literal_prefix: "'",
        literal_suffix: "'",
        ..blank(name, sql_type)
    }
}

/// A date, time or timestamp whose text looks like `whole` before the fraction.
fn moment(name: String, sql_type: i16, code: i16, whole: &str, precision: u8) -> Described {
    let size = whole.len() + fraction(precision);
    let digits = i16::from(precision.min(9));
    Described {
        verbose_type: SQL_DATETIME,
        datetime_code: code,
        column_size: size,
        length: size,
        decimal_digits: digits,
        precision: digits,
        display_size: signed(size),
        literal_suffix: "'",
        ..blank(name, sql_type)
    }
}

/// An interval whose text has `size` characters, not counting a sign.
fn interval(name: String, sql_type: i16, code: i16, size: usize) -> Described {
    Described {
        verbose_type: SQL_INTERVAL,
        datetime_code: code,
        column_size: size,
        length: size,
        octet_length: 34,
        display_size: signed(size) + 1,
        literal_prefix: "INTERVAL '",
        ..blank(name, sql_type)
    }
}

/// An interval that states its fields and their digits.
fn parametric(name: String, fields: IntervalFields) -> Described {
    let fraction_digits = fields.fraction;
    let leading = usize::from(fields.leading);
    let count = (fields.last as usize) - (fields.first as usize);
    let seconds = fraction(fraction_digits);
    let months = fields.of_months();
    // The text has days or years before the rest, and no more digits of them than the first field
    // has.
    let shown = leading + if months { 3 } else { 9 + seconds };
    let digits = i16::from(fraction_digits.min(9));
    // ODBC's intervals have the same numbers in SQL and in C.
    let described = interval(
        name,
        SQL_C_INTERVAL_YEAR - 1 + fields.code(),
        fields.code(),
        leading + 3 * count + seconds,
    );
    Described {
        interval_precision: i16::from(fields.leading),
        decimal_digits: digits,
        precision: digits,
        display_size: signed(shown) + 1,
        // The literal has the form of the driver's text.
        literal_suffix: if months {
            "' YEAR TO MONTH"
        } else {
            "' DAY TO SECOND"
        },
        ..described
    }
}

fn blank(type_name: String, sql_type: i16) -> Described {
    Described {
        sql_type,
        verbose_type: sql_type,
        datetime_code: 0,
        type_name,
        column_size: 0,
        decimal_digits: 0,
        octet_length: 0,
        display_size: 0,
        precision: 0,
        scale: 0,
        length: 0,
        radix: 0,
        interval_precision: 0,
        unsigned: true,
        case_sensitive: false,
        searchable: SQL_PRED_BASIC,
        literal_prefix: "",
        literal_suffix: "",
        fixed_prec_scale: false,
    }
}

/// The name without parameters, as SQLGetTypeInfo lists it.
fn base_name(kind: &Type) -> String {
    match kind {
        Type::Array(_) => "array".to_owned(),
        Type::Map(..) => "map".to_owned(),
        Type::Row(_) => "row".to_owned(),
        Type::TimeWithTimeZone { .. } => "time with time zone".to_owned(),
        Type::TimestampWithTimeZone { .. } => "timestamp with time zone".to_owned(),
        Type::Interval(fields) => format!("interval {}", fields.names()),
        other => {
            let mut name = other.to_string();
            if let Some(parameters) = name.find('(') {
                name.truncate(parameters);
            }
            name
        }
    }
}

fn fraction(precision: u8) -> usize {
    match precision {
        0 => 0,
        digits => usize::from(digits) + 1,
    }
}

fn signed(size: usize) -> i64 {
    i64::try_from(size).unwrap_or(i64::MAX)
}

/// The prefix and suffix of a NUMBER literal.
const NUMBER_LITERAL: (&str, &str) = ("NUMBER '", "'");

const OFFSET: &str = "+00:00";
const LONGEST_ZONE: &str = "America/Argentina/ComodRivadavia";

/// As far as days go in 32 bits, and microseconds in 64.
const LONGEST_DATE: &str = "-5877641-06-23";
const LONGEST_TIMESTAMP: &str = "-290308-12-21 19:59:05";

/// Bytes of a character, both in UTF-16 and in UTF-8.
const LONGEST_CHARACTER: i64 = 4;

#[cfg(test)]
mod tests;
