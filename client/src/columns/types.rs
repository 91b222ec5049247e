//! Trino's types, as far as they decide how a value is decoded, stored and described.

use std::fmt;

/// The type of a column or of a part of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Type {
    /// True and false.
    Boolean,
    /// Integers of 8 bits.
    TinyInt,
    /// Integers of 16 bits.
    SmallInt,
    /// Integers of 32 bits.
    Integer,
    /// Integers of 64 bits.
    BigInt,
    /// Floating point numbers of 32 bits.
    Real,
    /// Floating point numbers of 64 bits.
    Double,
    /// Numbers of up to 38 digits, a fixed number of them after the point.
    Decimal {
        /// Digits in all.
        precision: u8,
        /// Digits after the point.
        scale: u8,
    },
    /// A decimal of any precision and scale, NaN or an infinity; kept as text.
    Number,
    /// Text.
    Varchar {
        /// The most code points; `None` when unbounded.
        length: Option<u32>,
    },
    /// Text that is padded with spaces.
    Char {
        /// Code points.
        length: u32,
    },
    /// Bytes.
    Varbinary,
    /// Days of the proleptic Gregorian calendar.
    Date,
    /// Times of day.
    Time {
        /// Digits after the seconds.
        precision: u8,
    },
    /// Times of day with an offset.
    TimeWithTimeZone {
        /// Digits after the seconds.
        precision: u8,
    },
    /// Dates with a time of day.
    Timestamp {
        /// Digits after the seconds.
        precision: u8,
    },
    /// Dates with a time of day, in a zone.
    TimestampWithTimeZone {
        /// Digits after the seconds.
        precision: u8,
    },
    /// Trino's own interval of months.
    IntervalYearToMonth,
    /// Trino's own interval of milliseconds.
    IntervalDayToSecond,
    /// An interval that states its fields and digits.
    Interval(IntervalFields),
    /// 16 bytes with a text of their own.
    Uuid,
    /// An address of IPv4 or IPv6.
    IpAddress,
    /// JSON text in a string.
    Json,
    /// Any value, as JSON.
    Variant,
    /// Values of one type.
    Array(Box<Self>),
    /// Values by key: the types of both, keys first.
    Map(Box<Self>, Box<Self>),
    /// Fields, each with its type.
    Row(Vec<Field>),
    /// The type of `NULL`.
    Unknown,
    /// Any other type, by its display name; its values are shown as the server sends them.
    Other(String),
}

/// Which fields an interval has: those from the first to the last, all of months or all of days and seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IntervalFields {
    /// The largest field.
    pub first: IntervalField,
    /// The smallest field; the same as the first where there is one.
    pub last: IntervalField,
    /// Digits of the first field.
    pub leading: u8,
    /// Digits of the seconds' fraction; 0 where the last field is another.
    pub fraction: u8,
}

/// A field of an interval, in the order of the standard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum IntervalField {
    /// Years.
    Year,
    /// Months: up to 11 after years.
    Month,
    /// Days.
    Day,
    /// Hours: up to 23 after days.
    Hour,
    /// Minutes: up to 59 after hours.
    Minute,
    /// Seconds, with their fraction: below 60 after minutes.
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
    /// Its name, if it has one.
    pub name: Option<String>,
    /// The type of its values.
    pub kind: Type,
}

/// A column of a result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnInfo {
    /// Its name or label.
    pub name: String,
    /// The type of its values.
    pub kind: Type,
}

/// The column of a table that a result's column is; empty as far as that is not known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BaseColumn {
    /// The catalog of the table.
    pub catalog: String,
    /// The schema of the table.
    pub schema: String,
    /// The table.
    pub table: String,
    /// The column's name in the table.
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
