//! Typed columns of one segment, in memory that is used for each segment.

use crate::Result;

/// A column, and the rows of it that are null.
pub struct Column {
    pub values: Values,
    pub nulls: Vec<usize>,
    /// Bytes of the widest text that the column may hold.
    pub width: usize,
}

pub enum Values {
    Long(Vec<i64>),
    Integer(Vec<i32>),
    Double(Vec<f64>),
    Date(Vec<Date>),
    Timestamp(Vec<Timestamp>),
    /// Unscaled.
    Decimal(Vec<i128>),
    Text(Text),
}

/// `DATE_STRUCT`.
#[derive(Clone, Copy, Default)]
#[repr(C)]
pub struct Date {
    pub year: i16,
    pub month: u16,
    pub day: u16,
}

/// `TIMESTAMP_STRUCT`.
#[derive(Clone, Copy, Default)]
#[repr(C)]
pub struct Timestamp {
    pub date: Date,
    pub hour: u16,
    pub minute: u16,
    pub second: u16,
    /// Nanoseconds.
    pub fraction: u32,
}

/// Text of all rows, one after another.
#[derive(Default)]
pub struct Text {
    pub bytes: Vec<u8>,
    /// Where the text of each row ends.
    pub ends: Vec<usize>,
}

impl Column {
    /// An empty column of that type of Trino's.
    pub fn new(name: &str) -> Result<Self> {
        let (base, arguments) = name.split_once('(').unwrap_or((name, ""));
        let mut width = 0;
        let values = match base {
            "bigint" => Values::Long(Vec::new()),
            "integer" => Values::Integer(Vec::new()),
            "double" => Values::Double(Vec::new()),
            "date" => Values::Date(Vec::new()),
            "timestamp" => Values::Timestamp(Vec::new()),
            "decimal" => Values::Decimal(Vec::new()),
            "varchar" => {
                width = arguments.trim_end_matches(')').parse()?;
                Values::Text(Text::default())
            }
            other => return Err(format!("no workload has {other}").into()),
        };
        Ok(Self {
            values,
            nulls: Vec::new(),
            width,
        })
    }

    pub fn clear(&mut self) {
        self.nulls.clear();
        match &mut self.values {
            Values::Long(values) => values.clear(),
            Values::Integer(values) => values.clear(),
            Values::Double(values) => values.clear(),
            Values::Date(values) => values.clear(),
            Values::Timestamp(values) => values.clear(),
            Values::Decimal(values) => values.clear(),
            Values::Text(text) => {
                text.bytes.clear();
                text.ends.clear();
            }
        }
    }

    /// Puts in a null of `row`.
    pub fn push_null(&mut self, row: usize) {
        self.nulls.push(row);
        match &mut self.values {
            Values::Long(values) => values.push(0),
            Values::Integer(values) => values.push(0),
            Values::Double(values) => values.push(0.0),
            Values::Date(values) => values.push(Date::default()),
            Values::Timestamp(values) => values.push(Timestamp::default()),
            Values::Decimal(values) => values.push(0),
            Values::Text(text) => text.ends.push(text.bytes.len()),
        }
    }
}
