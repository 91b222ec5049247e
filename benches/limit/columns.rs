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
    /// Longer than what is there.
    pub bytes: Vec<u8>,
    pub length: usize,
    /// Where the text of each row ends.
    pub ends: Vec<usize>,
}

impl Column {
    /// An empty column of that type of Trino's.
    pub fn new(name: &str) -> Result<Self> {
        let (base, arguments) = name.split_once('(').unwrap_or((name, ""));
        let base = base.split(' ').next().unwrap_or(base);
        let mut width = 0;
        let values = match base {
            "bigint" => Values::Long(Vec::new()),
            "integer" => Values::Integer(Vec::new()),
            "double" => Values::Double(Vec::new()),
            "date" => Values::Date(Vec::new()),
            "timestamp" => Values::Timestamp(Vec::new()),
            "decimal" => Values::Decimal(Vec::new()),
            "varchar" => {
                width = match arguments.trim_end_matches(')') {
                    "" => UNBOUNDED,
                    length => length.parse()?,
                };
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
                text.length = 0;
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
            Values::Text(text) => text.ends.push(text.length),
        }
    }
}

impl Text {
    /// The block behind what is there.
    #[inline]
    pub fn room(&mut self) -> &mut [u8; BLOCK] {
        if self.bytes.len() < self.length + BLOCK {
            self.bytes.resize((self.length + BLOCK) * 2, 0);
        }
        let block = self.bytes[self.length..].first_chunk_mut();
        block.expect("the bytes were made longer")
    }

    /// Appends bytes that are fewer than a block.
    pub fn append(&mut self, bytes: &[u8]) {
        self.room()[..bytes.len()].copy_from_slice(bytes);
        self.length += bytes.len();
    }
}

/// The length of a null: `SQL_NULL_DATA`.
pub const NULL: i64 = -1;

/// Bytes that are copied at once.
pub const BLOCK: usize = 16;

/// Room for text of any length; no text of the workloads is as long.
const UNBOUNDED: usize = 255;
