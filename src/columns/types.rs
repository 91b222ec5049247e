//! Trino's types, as far as they decide how a value is decoded, stored and described.

use std::fmt;

/// The type of a column or of a part of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Type {
    Boolean,
    TinyInt,
    SmallInt,
    Integer,
    BigInt,
    Real,
    Double,
    Decimal {
        precision: u8,
        scale: u8,
    },
    /// Arbitrary precision decimal; kept as text.
    Number,
    /// `length` in code points; `None` when unbounded.
    Varchar {
        length: Option<u32>,
    },
    Char {
        length: u32,
    },
    Varbinary,
    Date,
    Time {
        precision: u8,
    },
    TimeWithTimeZone {
        precision: u8,
    },
    Timestamp {
        precision: u8,
    },
    TimestampWithTimeZone {
        precision: u8,
    },
    IntervalYearToMonth,
    IntervalDayToSecond,
    Uuid,
    IpAddress,
    /// JSON text in a string.
    Json,
    Array(Box<Type>),
    Map(Box<Type>, Box<Type>),
    Row(Vec<Field>),
    /// The type of `NULL`.
    Unknown,
    /// Any other type, by its display name; its values are shown as the server sends them.
    Other(String),
}

/// A field of a row type; anonymous fields have no name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    pub name: Option<String>,
    pub kind: Type,
}

/// A column of a result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnInfo {
    pub name: String,
    pub kind: Type,
}

/// The column of a table that a result's column is; empty as far as that is not known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BaseColumn {
    pub catalog: String,
    pub schema: String,
    pub table: String,
    pub column: String,
}

/// Trino's own spelling of the type, as in `DESCRIBE`.
impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Boolean => f.write_str("boolean"),
            Self::TinyInt => f.write_str("tinyint"),
            Self::SmallInt => f.write_str("smallint"),
            Self::Integer => f.write_str("integer"),
            Self::BigInt => f.write_str("bigint"),
            Self::Real => f.write_str("real"),
            Self::Double => f.write_str("double"),
            Self::Decimal { precision, scale } => write!(f, "decimal({precision},{scale})"),
            Self::Number => f.write_str("number"),
            Self::Varchar { length: None } => f.write_str("varchar"),
            Self::Varchar {
                length: Some(length),
            } => write!(f, "varchar({length})"),
            Self::Char { length } => write!(f, "char({length})"),
            Self::Varbinary => f.write_str("varbinary"),
            Self::Date => f.write_str("date"),
            Self::Time { precision } => write!(f, "time({precision})"),
            Self::TimeWithTimeZone { precision } => write!(f, "time({precision}) with time zone"),
            Self::Timestamp { precision } => write!(f, "timestamp({precision})"),
            Self::TimestampWithTimeZone { precision } => {
                write!(f, "timestamp({precision}) with time zone")
            }
            Self::IntervalYearToMonth => f.write_str("interval year to month"),
            Self::IntervalDayToSecond => f.write_str("interval day to second"),
            Self::Uuid => f.write_str("uuid"),
            Self::IpAddress => f.write_str("ipaddress"),
            Self::Json => f.write_str("json"),
            Self::Array(element) => write!(f, "array({element})"),
            Self::Map(key, value) => write!(f, "map({key}, {value})"),
            Self::Row(fields) => {
                f.write_str("row(")?;
                for (index, field) in fields.iter().enumerate() {
                    if index > 0 {
                        f.write_str(", ")?;
                    }
                    if let Some(name) = &field.name {
                        write!(f, "\"{}\" ", name.replace('"', "\"\""))?;
                    }
                    write!(f, "{}", field.kind)?;
                }
                f.write_str(")")
            }
            Self::Unknown => f.write_str("unknown"),
            Self::Other(name) => f.write_str(name),
        }
    }
}
