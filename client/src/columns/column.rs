//! One column of a chunk: a typed vector of values and the rows that are NULL.
//!
//! A NULL row has a value all the same (zero, the empty string), so that `values` can be indexed by row.

use super::{Bitmap, Type};

/// The values of one column, row by row, and which of them are NULL.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// The values; that of a NULL row is zero or empty.
    pub values: Values,
    /// `None` when no row is NULL.
    pub nulls: Option<Bitmap>,
}

/// Values by how they are stored. Which [`super::Type`] has which:
#[derive(Debug, Clone, PartialEq)]
pub enum Values {
    /// BOOLEAN, as 0 and 1.
    Boolean(Vec<u8>),
    /// TINYINT.
    Int8(Vec<i8>),
    /// SMALLINT.
    Int16(Vec<i16>),
    /// INTEGER.
    Int32(Vec<i32>),
    /// BIGINT.
    Int64(Vec<i64>),
    /// REAL.
    Float32(Vec<f32>),
    /// DOUBLE.
    Float64(Vec<f64>),
    /// DECIMAL of up to 18 digits: unscaled values.
    Decimal64 {
        /// The digits of each value as a whole number.
        unscaled: Vec<i64>,
        /// How many of them follow the point.
        scale: u8,
    },
    /// DECIMAL of 19 to 38 digits: unscaled values.
    Decimal128 {
        /// The digits of each value as a whole number.
        unscaled: Vec<i128>,
        /// How many of them follow the point.
        scale: u8,
    },
    /// VARCHAR, CHAR, JSON, VARIANT, IPADDRESS, ARRAY, MAP, ROW and every type that no other kind is for: valid UTF-8.
    Text(Bytes),
    /// NUMBER: its text as the server writes it, such as `1.5`, `1E+2`, `NaN`.
    Number(Bytes),
    /// VARBINARY: the bytes themselves.
    Binary(Bytes),
    /// DATE: days since 1970-01-01.
    Date(Vec<i32>),
    /// TIME.
    Time {
        /// Picoseconds since midnight.
        picos: Vec<i64>,
        /// Digits after the seconds.
        precision: u8,
    },
    /// TIME WITH TIME ZONE.
    TimeWithTimeZone {
        /// Local picoseconds since midnight.
        picos: Vec<i64>,
        /// Minutes that the local time is ahead of UTC.
        offsets: Vec<i16>,
        /// Digits after the seconds.
        precision: u8,
    },
    /// TIMESTAMP.
    Timestamp {
        /// Microseconds since 1970-01-01 00:00:00.
        micros: Vec<i64>,
        /// The picoseconds within the microsecond; empty up to a precision of 6.
        picos: Vec<u32>,
        /// Digits after the seconds.
        precision: u8,
    },
    /// TIMESTAMP WITH TIME ZONE: as TIMESTAMP, in the wall clock of the value's own zone.
    ///
    /// The server sends wall clock and zone. Keeping both makes the text exact and needs no zone database while decoding.
    TimestampWithTimeZone {
        /// Microseconds of the wall clock since 1970-01-01 00:00:00.
        micros: Vec<i64>,
        /// The picoseconds within the microsecond; empty up to a precision of 6.
        picos: Vec<u32>,
        /// The zone of each value.
        zones: Zones,
        /// Digits after the seconds.
        precision: u8,
    },
    /// INTERVAL YEAR TO MONTH: months.
    IntervalYearToMonth(Vec<i32>),
    /// INTERVAL DAY TO SECOND: milliseconds.
    IntervalDayToSecond(Vec<i64>),
    /// Intervals of days and seconds that state their digits.
    FineInterval {
        /// Microseconds, rounded down.
        micros: Vec<i64>,
        /// The picoseconds beyond them; empty up to a precision of 6.
        picos: Vec<u32>,
        /// Digits after the seconds.
        precision: u8,
    },
    /// UUID: 16 bytes, in the order of its text.
    Uuid(Vec<[u8; 16]>),
    /// UNKNOWN: that many NULLs.
    Null(usize),
}

/// Byte strings of any length, end to end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bytes {
    /// `rows + 1` offsets into `bytes`, ascending; the first is 0.
    pub offsets: Vec<u32>,
    /// All strings, one after another.
    pub bytes: Vec<u8>,
}

/// Zone ids of a column: few distinct names, one index a row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Zones {
    /// The distinct names, in the order in which they came.
    pub names: Vec<Box<str>>,
    /// The name of each row, by its place among them.
    pub indexes: Vec<u16>,
}

impl Column {
    /// Whether `row` is NULL.
    #[inline]
    pub fn is_null(&self, row: usize) -> bool {
        self.nulls.as_ref().is_some_and(|nulls| nulls.contains(row))
            || matches!(self.values, Values::Null(_))
    }

    /// Forgets all rows and keeps the memory for others.
    pub fn clear(&mut self) {
        self.values.clear();
        self.nulls = None;
    }

    /// Bytes of memory held.
    pub fn size(&self) -> usize {
        self.values.size() + self.nulls.as_ref().map_or(0, Bitmap::size)
    }
}

impl Values {
    /// The values of a column of that type, without rows.
    pub fn new(kind: &Type) -> Self {
        match *kind {
            Type::Boolean => Self::Boolean(Vec::new()),
            Type::TinyInt => Self::Int8(Vec::new()),
            Type::SmallInt => Self::Int16(Vec::new()),
            Type::Integer => Self::Int32(Vec::new()),
            Type::BigInt => Self::Int64(Vec::new()),
            Type::Real => Self::Float32(Vec::new()),
            Type::Double => Self::Float64(Vec::new()),
            Type::Decimal { precision, scale } if precision <= 18 => Self::Decimal64 {
                unscaled: Vec::new(),
                scale,
            },
            Type::Decimal { scale, .. } => Self::Decimal128 {
                unscaled: Vec::new(),
                scale,
            },
            Type::Varbinary => Self::Binary(Bytes::default()),
            Type::Date => Self::Date(Vec::new()),
            Type::Time { precision } => Self::Time {
                picos: Vec::new(),
                precision,
            },
            Type::TimeWithTimeZone { precision } => Self::TimeWithTimeZone {
                picos: Vec::new(),
                offsets: Vec::new(),
                precision,
            },
            Type::Timestamp { precision } => Self::Timestamp {
                micros: Vec::new(),
                picos: Vec::new(),
                precision,
            },
            Type::TimestampWithTimeZone { precision } => Self::TimestampWithTimeZone {
                micros: Vec::new(),
                picos: Vec::new(),
                zones: Zones::default(),
                precision,
            },
            Type::IntervalYearToMonth => Self::IntervalYearToMonth(Vec::new()),
            Type::IntervalDayToSecond => Self::IntervalDayToSecond(Vec::new()),
            Type::Interval(fields) if fields.of_months() => Self::IntervalYearToMonth(Vec::new()),
            Type::Interval(fields) => Self::FineInterval {
                micros: Vec::new(),
                picos: Vec::new(),
                precision: fields.fraction,
            },
            Type::Uuid => Self::Uuid(Vec::new()),
            Type::Unknown => Self::Null(0),
            Type::Number => Self::Number(Bytes::default()),
            Type::Varchar { .. }
            | Type::Char { .. }
            | Type::IpAddress
            | Type::Json
            | Type::Variant
            | Type::Array(_)
            | Type::Map(..)
            | Type::Row(_)
            | Type::Other(_) => Self::Text(Bytes::default()),
        }
    }
}

impl Default for Bytes {
    fn default() -> Self {
        Self {
            offsets: vec![0],
            bytes: Vec::new(),
        }
    }
}

impl Bytes {
    /// How many byte strings there are.
    #[inline]
    pub fn len(&self) -> usize {
        self.offsets.len().saturating_sub(1)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The bytes of `row`; empty past the end.
    #[inline]
    pub fn get(&self, row: usize) -> &[u8] {
        match (self.offsets.get(row), self.offsets.get(row + 1)) {
            (Some(start), Some(end)) => self
                .bytes
                .get(*start as usize..*end as usize)
                .unwrap_or_default(),
            _ => &[],
        }
    }

    /// Appends one byte string. False when the column would pass 4 GiB; nothing is appended then.
    pub fn push(&mut self, value: &[u8]) -> bool {
        match u32::try_from(self.bytes.len() + value.len()) {
            Ok(end) => {
                self.bytes.extend_from_slice(value);
                self.offsets.push(end);
                true
            }
            Err(_) => false,
        }
    }
}

impl<T: AsRef<[u8]>> FromIterator<T> for Bytes {
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Self {
        let mut bytes = Self::default();
        for value in values {
            bytes.push(value.as_ref());
        }
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::Bytes;

    #[test]
    fn byte_strings_come_back_as_pushed() {
        let bytes: Bytes = ["a", "", "bcd"].into_iter().collect();
        assert_eq!(bytes.len(), 3);
        assert_eq!(
            [bytes.get(0), bytes.get(1), bytes.get(2)],
            [b"a".as_slice(), b"", b"bcd"]
        );
        assert_eq!(bytes.get(3), b"");
    }
}
