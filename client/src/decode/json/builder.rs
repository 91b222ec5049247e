//! One column while its rows are being read.
//!
//! The kind of `Values` chooses the reader; `Form` holds what the kind leaves open, such as the limit of a decimal or
//! the fields of a row type. The zones of a column are numbered as they come: neighbours mostly have the same
//! zone, so the last one is tried first, then a short list, then a map.
//!
//! `push_usual` appends a cell whole or not at all, as `push` then takes it from its start: where a value has several
//! vectors, all of its parts are read before the first is pushed. After an error all rows are forgotten.

use std::collections::HashMap;

use base64::Engine;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};

use super::super::Problem;
use super::compact::End;
use super::nested::{DEPTH, Shape};
use super::scanner::{self, Scanner};
use super::{compact, datetime, number};
use crate::columns::{Bitmap, Bytes, Column, Type, Values, Zones};

/// Appends cells to a column. How a cell is read follows from `values`, for text and decimals
/// together with `form`.
pub(super) struct Builder {
    values: Values,
    form: Form,
    nulls: Option<Bitmap>,
    /// Bytes that a row of the column took so far, for the next buffer's size.
    bytes_per_row: usize,
}

/// What the kind of values does not say about a column.
enum Form {
    /// Nothing more to know.
    Typed,
    /// A decimal: ten to the power of its precision.
    Below(u128),
    /// A string.
    String,
    /// A string without its quotes, any other value as it is written.
    Loose,
    /// Nested values.
    Nested(Shape),
    /// Zones by their names; where there are few, their list is as fast.
    Zoned(HashMap<Box<[u8]>, u16>),
}

impl Builder {
    /// A column of that type, without rows.
    pub(super) fn new(kind: &Type) -> Self {
        let form = match kind {
            Type::Decimal { precision, .. } => {
                Form::Below(10_u128.pow(u32::from((*precision).min(38))))
            }
            Type::Varchar { .. } | Type::Char { .. } => Form::String,
            Type::Array(_) | Type::Map(..) | Type::Row(_) => Form::Nested(Shape::new(kind)),
            Type::Number | Type::IpAddress | Type::Json | Type::Other(_) => Form::Loose,
            Type::Variant => Form::Nested(Shape::Plain),
            Type::TimestampWithTimeZone { .. } => Form::Zoned(HashMap::new()),
            _ => Form::Typed,
        };
        Self {
            values: Values::new(kind),
            form,
            nulls: None,
            bytes_per_row: 0,
        }
    }

    /// Makes room for `rows` rows of a text of `length` bytes. Just that: columns are used again for chunks of a few rows
    /// more, and would have twice the memory in the end.
    pub(super) fn reserve(&mut self, rows: usize, length: usize) {
        // The next rows are seldom longer than that on average, as growing doubles the memory.
        let estimate = rows.saturating_mul(self.bytes_per_row);
        let estimate = estimate.saturating_add(estimate / 8);
        self.values.reserve(rows, estimate.min(length));
    }

    /// Appends the cell that `text` starts with and gives the text behind it, if it is written as usual. Nothing is
    /// appended otherwise.
    #[inline]
    pub(super) fn push_usual<'t>(&mut self, text: &'t [u8]) -> Option<&'t [u8]> {
        let rest = match &mut self.values {
            Values::Int64(values) => {
                let (value, rest) = compact::integer(text)?;
                values.push(value);
                rest
            }
            Values::Int32(values) => {
                let (value, rest) = compact::integer(text)?;
                values.push(i32::try_from(value).ok()?);
                rest
            }
            Values::Float64(values) => {
                let (value, rest) = compact::double(text)?;
                values.push(value);
                rest
            }
            Values::Decimal64 { unscaled, scale } => {
                let (value, rest) = compact::decimal64(text, *scale)?;
                if u128::from(value.unsigned_abs()) >= self.form.limit() {
                    return None;
                }
                unscaled.push(value);
                rest
            }
            Values::Decimal128 { unscaled, scale } => {
                let (value, rest) = compact::decimal128(text, *scale)?;
                if value.unsigned_abs() >= self.form.limit() {
                    return None;
                }
                unscaled.push(value);
                rest
            }
            Values::Text(bytes) if matches!(self.form, Form::String) => {
                let before = bytes.bytes.len();
                let (end, rest) = compact::string_into(text, &mut bytes.bytes)?;
                let rest = match end {
                    End::Quote => Some(rest),
                    End::Backslash => scanner::rest_of_string(rest, &mut bytes.bytes),
                };
                if rest.is_none() || end_row(bytes).is_err() {
                    bytes.bytes.truncate(before);
                    return None;
                }
                rest?
            }
            Values::Date(values) => {
                let (value, rest) = compact::date(text)?;
                values.push(value);
                rest
            }
            Values::Timestamp {
                micros,
                picos,
                precision,
            } => {
                let (time, beyond, rest) = compact::timestamp(text, *precision)?;
                let rest = rest.strip_prefix(b"\"")?;
                micros.push(time);
                if *precision > 6 {
                    picos.push(beyond);
                }
                rest
            }
            Values::TimestampWithTimeZone {
                micros,
                picos,
                zones,
                precision,
            } => {
                let (time, beyond, rest) = compact::timestamp(text, *precision)?;
                // The last row's zone is the likeliest; where there are many, others are looked for where there is time.
                let text = rest.strip_prefix(b" ")?;
                let last = *zones.indexes.last()?;
                let (zone, rest) = match behind_zone(&zones.names, last, text) {
                    Some(rest) => (last, rest),
                    None => other_zone(&zones.names, text)?,
                };
                zones.indexes.push(zone);
                micros.push(time);
                if *precision > 6 {
                    picos.push(beyond);
                }
                rest
            }
            _ => return None,
        };
        Some(rest)
    }

    /// Takes a cell however it is written, and appends it as row `row`.
    #[inline]
    pub(super) fn push(&mut self, scanner: &mut Scanner<'_>, row: usize) -> Result<(), Problem> {
        // Neither of the two saves the registers of the other.
        if scanner.null()? {
            self.push_null(row);
            Ok(())
        } else {
            self.push_value(scanner)
        }
    }

    #[inline(never)]
    fn push_value(&mut self, scanner: &mut Scanner<'_>) -> Result<(), Problem> {
        match &mut self.values {
            Values::Boolean(values) => values.push(u8::from(scanner.boolean()?)),
            Values::Int8(values) => values.push(narrow(number::integer(scanner)?)?),
            Values::Int16(values) => values.push(narrow(number::integer(scanner)?)?),
            Values::Int32(values) => values.push(narrow(number::integer(scanner)?)?),
            Values::Int64(values) => values.push(number::integer(scanner)?),
            Values::Float32(values) => values.push(number::float(scanner)?),
            Values::Float64(values) => values.push(number::float(scanner)?),
            Values::Decimal64 { unscaled, scale } => {
                let limit = u64::try_from(self.form.limit()).unwrap_or(u64::MAX);
                unscaled.push(number::decimal64(decimal(scanner)?, *scale, limit)?);
            }
            Values::Decimal128 { unscaled, scale } => {
                let limit = self.form.limit();
                unscaled.push(number::decimal128(decimal(scanner)?, *scale, limit)?);
            }
            Values::Text(bytes) | Values::Number(bytes) => {
                match &self.form {
                    Form::Nested(shape) => shape.render(scanner, &mut bytes.bytes, DEPTH)?,
                    Form::Loose if scanner.peek()? != b'"' => {
                        Shape::Plain.render(scanner, &mut bytes.bytes, DEPTH)?;
                    }
                    _ => scanner.string_into("a string", &mut bytes.bytes)?,
                }
                end_row(bytes)?;
            }
            Values::Binary(bytes) => {
                BASE64
                    .decode_vec(scanner.string("base64")?, &mut bytes.bytes)
                    .map_err(|_| Problem::Expected("base64"))?;
                end_row(bytes)?;
            }
            Values::Date(values) => values.push(
                datetime::date(scanner.string("a date")?).ok_or(Problem::Expected("a date"))?,
            ),
            Values::Time { picos, precision } => picos.push(
                datetime::time(scanner.string("a time")?, *precision)
                    .ok_or(Problem::Expected("a time"))?,
            ),
            Values::TimeWithTimeZone {
                picos,
                offsets,
                precision,
            } => {
                const WHAT: &str = "a time with an offset";
                let (time, offset) = datetime::time_with_zone(scanner.string(WHAT)?, *precision)
                    .ok_or(Problem::Expected(WHAT))?;
                picos.push(time);
                offsets.push(offset);
            }
            Values::Timestamp {
                micros,
                picos,
                precision,
            } => {
                const WHAT: &str = "a timestamp";
                let Some((time, rest, [])) = datetime::timestamp(scanner.string(WHAT)?, *precision)
                else {
                    return Err(Problem::Expected(WHAT));
                };
                micros.push(time);
                if *precision > 6 {
                    picos.push(rest);
                }
            }
            Values::TimestampWithTimeZone {
                micros,
                picos,
                zones,
                precision,
            } => {
                const WHAT: &str = "a timestamp with a time zone";
                let Some((time, rest, [b' ', zone @ ..])) =
                    datetime::timestamp(scanner.string(WHAT)?, *precision)
                else {
                    return Err(Problem::Expected(WHAT));
                };
                let Form::Zoned(known) = &mut self.form else {
                    return Err(Problem::Expected(WHAT));
                };
                push_zone(zones, known, zone)?;
                micros.push(time);
                if *precision > 6 {
                    picos.push(rest);
                }
            }
            Values::IntervalYearToMonth(values) => {
                const WHAT: &str = "an interval of years and months";
                values.push(
                    datetime::year_to_month(scanner.string(WHAT)?)
                        .ok_or(Problem::Expected(WHAT))?,
                );
            }
            Values::IntervalDayToSecond(values) => {
                const WHAT: &str = "an interval of days and seconds";
                values.push(
                    datetime::day_to_second(scanner.string(WHAT)?)
                        .ok_or(Problem::Expected(WHAT))?,
                );
            }
            Values::FineInterval {
                micros,
                picos,
                precision,
            } => {
                const WHAT: &str = "an interval of days and seconds";
                let (time, beyond) =
                    datetime::fine_day_to_second(scanner.string(WHAT)?, *precision)
                        .ok_or(Problem::Expected(WHAT))?;
                micros.push(time);
                if *precision > 6 {
                    picos.push(beyond);
                }
            }
            Values::Uuid(values) => {
                values.push(uuid(scanner.string("a UUID")?).ok_or(Problem::Expected("a UUID"))?);
            }
            Values::Null(_) => return Err(Problem::Expected("null")),
        }
        Ok(())
    }

    /// The rows pushed so far as a column; none are left.
    pub(super) fn finish(&mut self, kind: &Type) -> Column {
        let mut values = std::mem::replace(&mut self.values, Values::new(kind));
        match &mut values {
            Values::Text(bytes) | Values::Number(bytes) | Values::Binary(bytes)
                if !bytes.is_empty() =>
            {
                self.bytes_per_row = bytes.bytes.len().div_ceil(bytes.len());
            }
            // The index of a NULL row is 0 and must name something.
            Values::TimestampWithTimeZone { zones, .. }
                if zones.names.is_empty() && !zones.indexes.is_empty() =>
            {
                zones.names.push("UTC".into());
            }
            _ => {}
        }
        self.form.forget();
        Column {
            values,
            nulls: self.nulls.take(),
        }
    }

    /// Forgets its rows.
    pub(super) fn clear(&mut self) {
        self.values.clear();
        self.nulls = None;
        self.form.forget();
    }

    /// Takes the memory of a column that this builder made and that is no longer read. There must be no row here.
    pub(super) fn recycle(&mut self, mut column: Column) {
        if self.values.is_empty() {
            column.clear();
            self.values = column.values;
        }
    }

    #[inline(never)]
    fn push_null(&mut self, row: usize) {
        // Of nothing but NULLs the kind of values says so.
        if !matches!(self.values, Values::Null(_)) {
            self.nulls.get_or_insert_default().set(row);
        }
        self.values.push_null();
    }
}

impl Form {
    fn limit(&self) -> u128 {
        match self {
            Self::Below(limit) => *limit,
            _ => u128::MAX,
        }
    }

    /// Forgets what it knows of the rows so far.
    fn forget(&mut self) {
        if let Self::Zoned(known) = self {
            known.clear();
        }
    }
}

/// Ends a row at the end of the bytes.
#[inline]
fn end_row(bytes: &mut Bytes) -> Result<(), Problem> {
    let end = u32::try_from(bytes.bytes.len()).map_err(|_| Problem::ColumnTooLarge)?;
    bytes.offsets.push(end);
    Ok(())
}

#[inline]
fn narrow<T: TryFrom<i64>>(value: i64) -> Result<T, Problem> {
    T::try_from(value).map_err(|_| Problem::OutOfRange("its integer type"))
}

/// Takes a decimal's text: a string, or a bare number from a server that does not quote.
#[inline]
fn decimal<'s>(scanner: &'s mut Scanner<'_>) -> Result<&'s [u8], Problem> {
    if scanner.peek()? == b'"' {
        scanner.string("a decimal")
    } else {
        scanner.number("a decimal")
    }
}

/// What follows the zone of that index and its quote, if the text starts with them.
#[inline]
fn behind_zone<'t>(names: &[Box<str>], index: u16, text: &'t [u8]) -> Option<&'t [u8]> {
    let name = names.get(usize::from(index))?;
    text.strip_prefix(name.as_bytes())?.strip_prefix(b"\"")
}

/// The zone, of few, that the text starts with, and what follows.
fn other_zone<'t>(names: &[Box<str>], text: &'t [u8]) -> Option<(u16, &'t [u8])> {
    (0..)
        .zip(names.get(..names.len().min(FEW_ZONES))?)
        .find_map(|(index, _)| Some((index, behind_zone(names, index, text)?)))
}

/// Appends the index of a zone's name; the last row's zone is the likeliest.
#[inline]
fn push_zone(
    zones: &mut Zones,
    known: &mut HashMap<Box<[u8]>, u16>,
    zone: &[u8],
) -> Result<(), Problem> {
    if let Some(last) = zones.indexes.last().copied()
        && let Some(name) = zones.names.get(usize::from(last))
        && name.as_bytes() == zone
    {
        zones.indexes.push(last);
        return Ok(());
    }
    let found = if zones.names.len() <= FEW_ZONES {
        let place = zones.names.iter().position(|name| name.as_bytes() == zone);
        place.and_then(|place| u16::try_from(place).ok())
    } else {
        known.get(zone).copied()
    };
    let index = match found {
        Some(index) => index,
        None => u16::try_from(zones.names.len()).map_err(|_| Problem::TooManyZones)?,
    };
    if found.is_none() {
        if zones.names.len() >= MOST_ZONES {
            return Err(Problem::TooManyZones);
        }
        let name = std::str::from_utf8(zone)
            .ok()
            .filter(|name| !name.is_empty())
            .ok_or(Problem::Expected("a time zone"))?;
        zones.names.push(name.into());
        known.insert(zone.into(), index);
    }
    zones.indexes.push(index);
    Ok(())
}

/// The bytes of `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx`.
fn uuid(text: &[u8]) -> Option<[u8; 16]> {
    let mut value: u128 = 0;
    if text.len() != 36 {
        return None;
    }
    for (index, byte) in text.iter().enumerate() {
        if matches!(index, 8 | 13 | 18 | 23) {
            if *byte != b'-' {
                return None;
            }
        } else {
            value = value << 4 | u128::from(char::from(*byte).to_digit(16)?);
        }
    }
    Some(value.to_be_bytes())
}

/// Zones that are found as fast one by one.
const FEW_ZONES: usize = 8;

/// More zones than Trino knows; what has more is not a zone.
const MOST_ZONES: usize = 4096;

/// Standard alphabet; padding is not insisted on.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);
