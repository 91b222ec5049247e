//! One builder a column: reads values of the column's type into a typed vector.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::nested::Shape;
use super::scanner::Scanner;
use super::{Fault, value};
use crate::columns::{Bitmap, Bytes, Column, Type, Values, Zones};

/// Grows a column value by value.
#[derive(Debug)]
pub struct Builder {
    values: Values,
    kind: Kind,
    nulls: Bitmap,
    has_nulls: bool,
    rows: usize,
    /// Holds strings whose escapes are resolved.
    scratch: Vec<u8>,
}

/// What `Values` alone does not say about reading.
#[derive(Debug)]
enum Kind {
    Plain,
    /// A string, or any other value by its own text.
    Loose,
    Nested(Shape),
}

impl Builder {
    /// A builder of columns of type `kind`, with room for `rows` rows.
    pub fn new(kind: &Type, rows: usize) -> Self {
        let reading = match kind {
            Type::Array(_) | Type::Map(..) | Type::Row(_) => Kind::Nested(Shape::of(kind)),
            Type::Json | Type::Number | Type::IpAddress | Type::Other(_) => Kind::Loose,
            _ => Kind::Plain,
        };
        Self {
            values: empty(kind, rows),
            kind: reading,
            nulls: Bitmap::default(),
            has_nulls: false,
            rows: 0,
            scratch: Vec::new(),
        }
    }

    /// Reads one value.
    #[inline]
    pub fn read(&mut self, scanner: &mut Scanner<'_>) -> Result<(), Fault> {
        if scanner.peek() == b'n' && scanner.null() {
            self.push_null();
            return Ok(());
        }
        let scratch = &mut self.scratch;
        match &mut self.values {
            Values::Boolean(values) => values.push(u8::from(scanner.boolean()?)),
            Values::Int8(values) => values.push(narrow(integer(scanner)?, "a tinyint")?),
            Values::Int16(values) => values.push(narrow(integer(scanner)?, "a smallint")?),
            Values::Int32(values) => values.push(narrow(integer(scanner)?, "an integer")?),
            Values::Int64(values) => values.push(integer(scanner)?),
            Values::Float32(values) => {
                let text = word(scanner, scratch)?;
                values.push(value::real(text).ok_or("a real")?);
            }
            Values::Float64(values) => {
                let text = word(scanner, scratch)?;
                values.push(value::double(text).ok_or("a double")?);
            }
            Values::Decimal64 { unscaled, scale } => {
                let text = word(scanner, scratch)?;
                unscaled.push(value::decimal64(text, *scale).ok_or("a decimal of its type")?);
            }
            Values::Decimal128 { unscaled, scale } => {
                let text = word(scanner, scratch)?;
                unscaled.push(value::decimal128(text, *scale).ok_or("a decimal of its type")?);
            }
            Values::Text(bytes) => {
                match &self.kind {
                    Kind::Plain => scanner.string()?.append_to(&mut bytes.bytes)?,
                    Kind::Nested(shape) => shape.rewrite(scanner, &mut bytes.bytes)?,
                    Kind::Loose if scanner.peek() == b'"' => {
                        scanner.string()?.append_to(&mut bytes.bytes)?;
                    }
                    Kind::Loose => bytes.bytes.extend_from_slice(scanner.raw()?),
                }
                close(bytes)?;
            }
            Values::Binary(bytes) => {
                let text = scanner.string()?.resolve(scratch)?;
                STANDARD.decode_vec(text, &mut bytes.bytes).map_err(|_| "base64")?;
                close(bytes)?;
            }
            Values::Date(values) => {
                let text = scanner.string()?.resolve(scratch)?;
                values.push(value::date(text).ok_or("a date")?);
            }
            Values::Time { picos, .. } => {
                let text = scanner.string()?.resolve(scratch)?;
                picos.push(value::time(text).ok_or("a time")?);
            }
            Values::TimeWithTimeZone { picos, offsets, .. } => {
                let text = scanner.string()?.resolve(scratch)?;
                let (local, offset) =
                    value::time_with_zone(text).ok_or("a time with a time zone")?;
                picos.push(local);
                offsets.push(offset);
            }
            Values::Timestamp { micros, picos, precision } => {
                let text = scanner.string()?.resolve(scratch)?;
                let (instant, rest) = value::timestamp(text).ok_or("a timestamp")?;
                micros.push(instant);
                if *precision > 6 {
                    picos.push(rest);
                }
            }
            Values::TimestampWithTimeZone { micros, picos, zones, precision } => {
                let text = scanner.string()?.resolve(scratch)?;
                let (instant, rest, zone) =
                    value::timestamp_with_zone(text).ok_or("a timestamp with a time zone")?;
                micros.push(instant);
                if *precision > 6 {
                    picos.push(rest);
                }
                push_zone(zones, zone)?;
            }
            Values::IntervalYearToMonth(values) => {
                let text = scanner.string()?.resolve(scratch)?;
                values.push(
                    value::interval_year_to_month(text).ok_or("an interval year to month")?,
                );
            }
            Values::IntervalDayToSecond(values) => {
                let text = scanner.string()?.resolve(scratch)?;
                values.push(
                    value::interval_day_to_second(text).ok_or("an interval day to second")?,
                );
            }
            Values::Uuid(values) => {
                let text = scanner.string()?.resolve(scratch)?;
                values.push(value::uuid(text).ok_or("a uuid")?);
            }
            Values::Null(_) => return Err("NULL"),
        }
        self.rows += 1;
        Ok(())
    }

    /// Gives the column so far, and starts anew with as much room as it took.
    pub fn take(&mut self) -> Column {
        let fresh = empty_like(&self.values);
        let values = std::mem::replace(&mut self.values, fresh);
        let nulls = std::mem::take(&mut self.nulls);
        let has_nulls = std::mem::replace(&mut self.has_nulls, false);
        self.rows = 0;
        Column { values, nulls: has_nulls.then_some(nulls) }
    }

    fn push_null(&mut self) {
        match &mut self.values {
            Values::Boolean(values) => values.push(0),
            Values::Int8(values) => values.push(0),
            Values::Int16(values) => values.push(0),
            Values::Int32(values) | Values::Date(values) | Values::IntervalYearToMonth(values) => {
                values.push(0);
            }
            Values::Int64(values) | Values::IntervalDayToSecond(values) => values.push(0),
            Values::Float32(values) => values.push(0.0),
            Values::Float64(values) => values.push(0.0),
            Values::Decimal64 { unscaled, .. } => unscaled.push(0),
            Values::Decimal128 { unscaled, .. } => unscaled.push(0),
            Values::Text(bytes) | Values::Binary(bytes) => {
                let end = bytes.offsets.last().copied().unwrap_or(0);
                bytes.offsets.push(end);
            }
            Values::Time { picos, .. } => picos.push(0),
            Values::TimeWithTimeZone { picos, offsets, .. } => {
                picos.push(0);
                offsets.push(0);
            }
            Values::Timestamp { micros, picos, precision } => {
                micros.push(0);
                if *precision > 6 {
                    picos.push(0);
                }
            }
            Values::TimestampWithTimeZone { micros, picos, zones, precision } => {
                micros.push(0);
                if *precision > 6 {
                    picos.push(0);
                }
                zones.indexes.push(0);
            }
            Values::Uuid(values) => values.push([0; 16]),
            Values::Null(rows) => *rows += 1,
        }
        self.nulls.set(self.rows);
        self.has_nulls = true;
        self.rows += 1;
    }
}

/// A number, or a string that holds one.
#[inline]
fn word<'a: 'b, 'b>(
    scanner: &mut Scanner<'a>,
    scratch: &'b mut Vec<u8>,
) -> Result<&'b [u8], Fault> {
    if scanner.peek() == b'"' { scanner.string()?.resolve(scratch) } else { Ok(scanner.number()) }
}

#[inline]
fn integer(scanner: &mut Scanner<'_>) -> Result<i64, Fault> {
    let text = match scanner.peek() {
        b'"' => scanner.string()?.as_written(),
        _ => scanner.number(),
    };
    value::integer(text).ok_or("a whole number in the range of its type")
}

#[inline]
fn narrow<T: TryFrom<i64>>(wide: i64, name: Fault) -> Result<T, Fault> {
    T::try_from(wide).map_err(|_| name)
}

#[inline]
fn close(bytes: &mut Bytes) -> Result<(), Fault> {
    let end = u32::try_from(bytes.bytes.len())
        .map_err(|_| "within the 4 GiB that a column of one segment may have")?;
    bytes.offsets.push(end);
    Ok(())
}

#[inline]
fn push_zone(zones: &mut Zones, zone: &[u8]) -> Result<(), Fault> {
    // Rows in a row mostly share their zone.
    if let Some(last) = zones.indexes.last()
        && zones.names.get(usize::from(*last)).is_some_and(|name| name.as_bytes() == zone)
    {
        zones.indexes.push(*last);
        return Ok(());
    }
    let known = zones.names.iter().position(|name| name.as_bytes() == zone);
    let index = known.unwrap_or(zones.names.len());
    zones.indexes.push(u16::try_from(index).map_err(|_| "one of few enough time zones")?);
    if known.is_none() {
        zones.names.push(String::from_utf8_lossy(zone).into());
    }
    Ok(())
}

fn empty(kind: &Type, rows: usize) -> Values {
    match kind {
        Type::Boolean => Values::Boolean(Vec::with_capacity(rows)),
        Type::TinyInt => Values::Int8(Vec::with_capacity(rows)),
        Type::SmallInt => Values::Int16(Vec::with_capacity(rows)),
        Type::Integer => Values::Int32(Vec::with_capacity(rows)),
        Type::BigInt => Values::Int64(Vec::with_capacity(rows)),
        Type::Real => Values::Float32(Vec::with_capacity(rows)),
        Type::Double => Values::Float64(Vec::with_capacity(rows)),
        Type::Decimal { precision, scale } if *precision <= 18 => {
            Values::Decimal64 { unscaled: Vec::with_capacity(rows), scale: *scale }
        }
        Type::Decimal { scale, .. } => {
            Values::Decimal128 { unscaled: Vec::with_capacity(rows), scale: *scale }
        }
        Type::Varbinary => Values::Binary(bytes(rows, 0)),
        Type::Date => Values::Date(Vec::with_capacity(rows)),
        Type::Time { precision } => {
            Values::Time { picos: Vec::with_capacity(rows), precision: *precision }
        }
        Type::TimeWithTimeZone { precision } => Values::TimeWithTimeZone {
            picos: Vec::with_capacity(rows),
            offsets: Vec::with_capacity(rows),
            precision: *precision,
        },
        Type::Timestamp { precision } => Values::Timestamp {
            micros: Vec::with_capacity(rows),
            picos: Vec::new(),
            precision: *precision,
        },
        Type::TimestampWithTimeZone { precision } => Values::TimestampWithTimeZone {
            micros: Vec::with_capacity(rows),
            picos: Vec::new(),
            zones: Zones::default(),
            precision: *precision,
        },
        Type::IntervalYearToMonth => Values::IntervalYearToMonth(Vec::with_capacity(rows)),
        Type::IntervalDayToSecond => Values::IntervalDayToSecond(Vec::with_capacity(rows)),
        Type::Uuid => Values::Uuid(Vec::with_capacity(rows)),
        Type::Unknown => Values::Null(0),
        Type::Varchar { .. }
        | Type::Char { .. }
        | Type::Number
        | Type::IpAddress
        | Type::Json
        | Type::Array(_)
        | Type::Map(..)
        | Type::Row(_)
        | Type::Other(_) => Values::Text(bytes(rows, 0)),
    }
}

fn bytes(rows: usize, size: usize) -> Bytes {
    let mut offsets = Vec::with_capacity(rows + 1);
    offsets.push(0);
    Bytes { offsets, bytes: Vec::with_capacity(size) }
}

/// Nothing, with the room that `values` took: the next chunk of a result is much like the last.
fn empty_like(values: &Values) -> Values {
    let rows = values.len();
    match values {
        Values::Boolean(_) => Values::Boolean(Vec::with_capacity(rows)),
        Values::Int8(_) => Values::Int8(Vec::with_capacity(rows)),
        Values::Int16(_) => Values::Int16(Vec::with_capacity(rows)),
        Values::Int32(_) => Values::Int32(Vec::with_capacity(rows)),
        Values::Int64(_) => Values::Int64(Vec::with_capacity(rows)),
        Values::Float32(_) => Values::Float32(Vec::with_capacity(rows)),
        Values::Float64(_) => Values::Float64(Vec::with_capacity(rows)),
        Values::Decimal64 { scale, .. } => {
            Values::Decimal64 { unscaled: Vec::with_capacity(rows), scale: *scale }
        }
        Values::Decimal128 { scale, .. } => {
            Values::Decimal128 { unscaled: Vec::with_capacity(rows), scale: *scale }
        }
        Values::Text(text) => Values::Text(bytes(rows, text.bytes.len() + text.bytes.len() / 8)),
        Values::Binary(text) => {
            Values::Binary(bytes(rows, text.bytes.len() + text.bytes.len() / 8))
        }
        Values::Date(_) => Values::Date(Vec::with_capacity(rows)),
        Values::Time { precision, .. } => {
            Values::Time { picos: Vec::with_capacity(rows), precision: *precision }
        }
        Values::TimeWithTimeZone { precision, .. } => Values::TimeWithTimeZone {
            picos: Vec::with_capacity(rows),
            offsets: Vec::with_capacity(rows),
            precision: *precision,
        },
        Values::Timestamp { picos, precision, .. } => Values::Timestamp {
            micros: Vec::with_capacity(rows),
            picos: Vec::with_capacity(picos.len()),
            precision: *precision,
        },
        Values::TimestampWithTimeZone { picos, precision, .. } => Values::TimestampWithTimeZone {
            micros: Vec::with_capacity(rows),
            picos: Vec::with_capacity(picos.len()),
            zones: Zones { names: Vec::new(), indexes: Vec::with_capacity(rows) },
            precision: *precision,
        },
        Values::IntervalYearToMonth(_) => Values::IntervalYearToMonth(Vec::with_capacity(rows)),
        Values::IntervalDayToSecond(_) => Values::IntervalDayToSecond(Vec::with_capacity(rows)),
        Values::Uuid(_) => Values::Uuid(Vec::with_capacity(rows)),
        Values::Null(_) => Values::Null(0),
    }
}
