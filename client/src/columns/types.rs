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
    /// A decimal of any precision and scale, NaN or an infinity; kept as text.
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
    /// An interval that states its fields and digits.
    Interval(IntervalFields),
    Uuid,
    IpAddress,
    /// JSON text in a string.
    Json,
    /// Any value, as JSON.
    Variant,
    Array(Box<Self>),
    Map(Box<Self>, Box<Self>),
    Row(Vec<Field>),
    /// The type of `NULL`.
    Unknown,
    /// Any other type, by its display name; its values are shown as the server sends them.
    Other(String),
}

/// Which fields an interval has: those from the first to the last, all of months or all of days and seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IntervalFields {
    pub first: IntervalField,
    pub last: IntervalField,
    /// Digits of the first field.
    pub leading: u8,
    /// Digits of the seconds' fraction; 0 where the last field is another.
    pub fraction: u8,
}

/// A field of an interval, in the order of the standard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum IntervalField {
    Year,
    Month,
    Day,
    Hour,
    Minute,
    Second,
}

impl IntervalFields {
    /// Fields with so many digits; `None` where no type has them.
    pub fn new(
        first: IntervalField,
        last: IntervalField,
        leading: u8,
        fraction: u8,
    ) -> Option<Self> {
        let months = first <= IntervalField::Month;
        let one_kind = months == (last <= IntervalField::Month);
        let longest = if months { 10 } else { 13 };
        let finest = if last == IntervalField::Second { 12 } else { 0 };
        let known =
            first <= last && one_kind && (1..=longest).contains(&leading) && fraction <= finest;
        known.then_some(Self {
            first,
            last,
            leading,
            fraction,
        })
    }

    /// Whether it is an interval of years and months.
    pub fn of_months(self) -> bool {
        self.first <= IntervalField::Month
    }

    /// The code that the SQL standard has for the fields: 1 for years to 13 for minutes to seconds.
    pub fn code(self) -> i16 {
        use IntervalField::{Day, Hour, Minute, Month, Second, Year};
        match (self.first, self.last) {
            (Year, Year) => 1,
            (Month, Month) => 2,
            (Day, Day) => 3,
            (Hour, Hour) => 4,
            (Minute, Minute) => 5,
            (Second, _) => 6,
            (Year | Month, _) => 7,
            (Day, Hour) => 8,
            (Day, Minute) => 9,
            (Day, _) => 10,
            (Hour, Minute) => 11,
            (Hour, _) => 12,
            (Minute, _) => 13,
        }
    }

    /// The names of the fields, without digits: `hour to minute`.
    pub fn names(self) -> String {
        if self.first == self.last {
            self.first.name().to_owned()
        } else {
            format!("{} to {}", self.first.name(), self.last.name())
        }
    }
}

impl IntervalField {
    /// Every field, in its order: Trino counts them from 0.
    pub const ALL: [Self; 6] = [
        Self::Year,
        Self::Month,
        Self::Day,
        Self::Hour,
        Self::Minute,
        Self::Second,
    ];

    /// Its name in a type.
    pub fn name(self) -> &'static str {
        match self {
            Self::Year => "year",
            Self::Month => "month",
            Self::Day => "day",
            Self::Hour => "hour",
            Self::Minute => "minute",
            Self::Second => "second",
        }
    }
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
            Self::Interval(fields) => write!(f, "{fields}"),
            Self::Uuid => f.write_str("uuid"),
            Self::IpAddress => f.write_str("ipaddress"),
            Self::Json => f.write_str("json"),
            Self::Variant => f.write_str("variant"),
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

impl fmt::Display for IntervalFields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            first,
            last,
            leading,
            fraction,
        } = *self;
        let (start, end) = (first.name(), last.name());
        match last {
            IntervalField::Second if first == last => {
                write!(f, "interval second({leading}, {fraction})")
            }
            IntervalField::Second => write!(f, "interval {start}({leading}) to second({fraction})"),
            _ if first == last => write!(f, "interval {start}({leading})"),
            _ => write!(f, "interval {start}({leading}) to {end}"),
        }
    }
}
