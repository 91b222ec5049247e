//! The matrix of Appendix D: which conversions there are, and the one place that chooses among them.

use std::ops::Range;

use trino_client::columns::{AsText, BigIntegers, Column, Numbers, Type, Values};

use super::binary::AsBinary;
use super::literal::Literal;
use super::span;
use super::text::{Encoding, Hex, Narrow, Raw, Wide16, Wide32};
use super::{Error, Form, Format, Run, Sink, WideUnit};
use crate::abi::{CType, Interval, SQL_C_INTERVAL_YEAR};

/// Whether the standard has a conversion of this type to this C type: SQLSTATE 07006 where not. What [`AsText`] describes
/// as text converts to whatever text does.
pub fn supported(kind: &Type, c_type: CType) -> bool {
    use crate::abi::CType::{Binary, Char, Date, Guid, Time, Timestamp, WChar};
    let family = Family::of(kind);
    match (family, c_type) {
        (_, Char | WChar | Binary) | (Family::Nothing, _) => true,
        (Family::Bit | Family::Exact | Family::Approximate | Family::Text, _)
            if is_number(c_type) =>
        {
            true
        }
        _ if always_overflows(kind, c_type) => true,
        (Family::Exact, CType::Interval(_)) => true,
        (Family::Text, Date | Time | Timestamp | Guid | CType::Interval(_)) => true,
        (Family::Date, Date | Timestamp) => true,
        (Family::Time, Time | Timestamp) => true,
        (Family::Timestamp, Date | Time | Timestamp) => true,
        (Family::Months, CType::Interval(to)) => span::of_months(to),
        (Family::Millis, CType::Interval(to)) => !span::of_months(to),
        (Family::Uuid, Guid) => true,
        _ => false,
    }
}

/// Whether the conversion ends with SQLSTATE 22015 whatever the value: the standard has it so for numbers as intervals of
/// several fields, and for intervals of years and months as numbers.
pub fn always_overflows(kind: &Type, c_type: CType) -> bool {
    match (Family::of(kind), c_type) {
        (Family::Exact, CType::Interval(to)) => span::single(to).is_none(),
        (Family::Months, CType::Bit | CType::Float | CType::Double) => false,
        (Family::Months, to) => is_number(to),
        _ => false,
    }
}

/// The C type that `SQL_C_DEFAULT` means for a column of this type.
pub fn default_c_type(kind: &Type, as_text: AsText) -> CType {
    if let Some(number) = as_text.number(kind) {
        return default_c_type(&number, as_text);
    }
    match kind {
        _ if as_text.holds(kind) => CType::WChar,
        Type::Boolean => CType::Bit,
        Type::TinyInt => CType::STinyInt,
        Type::SmallInt => CType::SShort,
        Type::Integer => CType::SLong,
        Type::BigInt => CType::SBigInt,
        Type::Real => CType::Float,
        Type::Double => CType::Double,
        Type::Decimal { .. } => CType::Char,
        Type::Varbinary => CType::Binary,
        Type::Date => CType::Date,
        Type::Time { .. } => CType::Time,
        Type::Timestamp { .. } | Type::TimestampWithTimeZone { .. } => CType::Timestamp,
        Type::IntervalYearToMonth => CType::Interval(Interval::YearToMonth),
        Type::IntervalDayToSecond => CType::Interval(Interval::DayToSecond),
        Type::Interval(fields) => {
            let c_type = CType::from_raw(SQL_C_INTERVAL_YEAR - 1 + fields.code());
            c_type.unwrap_or(CType::WChar)
        }
        Type::Uuid => CType::Guid,
        // A time with an offset has no C type that keeps it.
        Type::TimeWithTimeZone { .. }
        | Type::Number
        | Type::Varchar { .. }
        | Type::Char { .. }
        | Type::IpAddress
        | Type::Json
        | Type::Variant
        | Type::Array(_)
        | Type::Map(..)
        | Type::Row(_)
        | Type::Unknown
        | Type::Other(_) => CType::WChar,
    }
}

/// A C type with the precision and scale that `SQL_C_NUMERIC`, and decimals as bytes, have of columns of this type. Where
/// the type has none, as text has none, each value has its own.
pub fn own_form(kind: &Type, c_type: CType, as_text: AsText) -> Form {
    let (precision, scale) = match (c_type, kind) {
        _ if as_text.holds(kind) => (Form::UNSET, Form::UNSET),
        (CType::Numeric | CType::Binary, Type::Decimal { precision, scale }) => {
            (i16::from(*precision), i16::from(*scale))
        }
        (CType::Numeric, Type::Boolean) => (1, 0),
        (CType::Numeric, Type::TinyInt) => (3, 0),
        (CType::Numeric, Type::SmallInt) => (5, 0),
        (CType::Numeric, Type::Integer) => (10, 0),
        (CType::Numeric, Type::BigInt) => (19, 0),
        _ => (Form::UNSET, Form::UNSET),
    };
    Form {
        c_type,
        precision,
        scale,
    }
}

/// Converts `rows` of `column` to the C type of `form`, into `sink`.
pub fn run<S: Sink>(
    column: &Column,
    rows: Range<usize>,
    form: Form,
    format: &Format,
    sink: &mut S,
) {
    let run = Run {
        nulls: column.nulls.as_ref(),
        start: rows.start,
        rows: rows.len(),
        text: false,
        sink,
    };
    match form.c_type {
        CType::Char => text::<Narrow, Hex<1>, S>(run, &column.values, format),
        CType::WChar => match format.wide {
            WideUnit::Utf16 => text::<Wide16, Hex<2>, S>(run, &column.values, format),
            WideUnit::Utf32 => text::<Wide32, Hex<4>, S>(run, &column.values, format),
        },
        CType::Binary => binary(run, &column.values, form, format),
        _ => fixed(run, &column.values, form, format),
    }
}

/// Every type as text in the encoding `E`; bytes in `H`.
fn text<E: Encoding, H: Encoding, S: Sink>(mut run: Run<'_, S>, values: &Values, format: &Format) {
    // Asked only of those that may be: most runs are of a single row.
    let is_text = || is_described_as_text(values, format.as_text);
    match values {
        Values::Boolean(values) => run.integer_text::<E, _>(values),
        Values::Int8(values) => run.integer_text::<E, _>(values),
        Values::Int16(values) => run.integer_text::<E, _>(values),
        Values::Int32(values) => run.integer_text::<E, _>(values),
        Values::Int64(values) => {
            run.text = is_text();
            run.integer_text::<E, _>(values);
        }
        Values::Float32(values) => run.float_text::<E, _>(values),
        Values::Float64(values) => run.float_text::<E, _>(values),
        Values::Decimal64 { unscaled, scale } => run.decimal_text::<E, _>(unscaled, *scale),
        Values::Decimal128 { unscaled, scale } => run.decimal_text::<E, _>(unscaled, *scale),
        Values::Text(bytes) => run.stored::<E>(|row| bytes.get(row)),
        Values::Number(bytes) if is_text() => run.stored::<E>(|row| bytes.get(row)),
        Values::Number(bytes) => {
            let plain = format.as_text.numbers == Numbers::Decimal;
            run.unbounded_text::<E>(bytes, plain);
        }
        Values::Binary(bytes) => run.stored::<H>(|row| bytes.get(row)),
        Values::Date(values) => run.date_text::<E>(values),
        Values::Time { picos, precision } => run.time_text::<E>(picos, *precision, |_| None),
        Values::TimeWithTimeZone {
            picos,
            offsets,
            precision,
        } => {
            run.text = is_text();
            run.time_text::<E>(picos, *precision, |row| {
                Some(offsets.get(row).copied().unwrap_or_default())
            });
        }
        Values::Timestamp {
            micros,
            picos,
            precision,
        } => run.timestamp_text::<E>(micros, picos, *precision, None),
        Values::TimestampWithTimeZone {
            micros,
            picos,
            zones,
            precision,
        } => {
            run.text = is_text();
            run.timestamp_text::<E>(micros, picos, *precision, Some(zones));
        }
        Values::IntervalYearToMonth(values) => {
            run.text = is_text();
            run.months_text::<E>(values);
        }
        Values::IntervalDayToSecond(values) => {
            run.text = is_text();
            run.millis_text::<E>(values);
        }
        Values::FineInterval {
            micros,
            picos,
            precision,
        } => {
            run.text = is_text();
            run.fine_text::<E>(micros, picos, *precision);
        }
        Values::Uuid(values) => run.uuid_text::<E>(values),
        Values::Null(_) => run.nothing(),
    }
}

/// Whether values that are stored in another form are described as text.
fn is_described_as_text(values: &Values, as_text: AsText) -> bool {
    match values {
        // ODBC has no type for it.
        Values::TimeWithTimeZone { .. } => true,
        Values::TimestampWithTimeZone { .. } => as_text.zoned_timestamps,
        Values::IntervalYearToMonth(_)
        | Values::IntervalDayToSecond(_)
        | Values::FineInterval { .. } => as_text.intervals,
        Values::Number(_) => as_text.numbers == Numbers::Text,
        Values::Int64(_) => as_text.big_integers == BigIntegers::Text,
        _ => false,
    }
}

/// Byte strings and text as they are, and other values as the bytes of their own C type.
fn binary<S: Sink>(mut run: Run<'_, S>, values: &Values, form: Form, format: &Format) {
    let c_type = match values {
        Values::Text(bytes) | Values::Binary(bytes) => {
            return run.stored::<Raw>(|row| bytes.get(row));
        }
        _ if is_described_as_text(values, format.as_text) => {
            return text::<Raw, Raw, S>(run, values, format);
        }
        Values::Uuid(values) => {
            return run.written::<Raw, _>(run.of(values).iter(), |_, value, text| {
                text.push(value);
                text.len()
            });
        }
        Values::Null(_) => return run.nothing(),
        Values::Boolean(_) => CType::Bit,
        Values::Int8(_) => CType::STinyInt,
        Values::Int16(_) => CType::SShort,
        Values::Int32(_) => CType::SLong,
        Values::Int64(_) => CType::SBigInt,
        Values::Float32(_) => CType::Float,
        Values::Float64(_) => CType::Double,
        Values::Decimal64 { .. } | Values::Decimal128 { .. } => CType::Numeric,
        Values::Number(_) if format.as_text.numbers == Numbers::Double => CType::Double,
        Values::Number(_) => CType::Numeric,
        Values::Date(_) => CType::Date,
        Values::Time { .. } | Values::TimeWithTimeZone { .. } => CType::Time,
        Values::Timestamp { .. } | Values::TimestampWithTimeZone { .. } => CType::Timestamp,
        Values::IntervalYearToMonth(_) => CType::Interval(Interval::YearToMonth),
        Values::IntervalDayToSecond(_) | Values::FineInterval { .. } => {
            CType::Interval(Interval::DayToSecond)
        }
    };
    let run = Run {
        nulls: run.nulls,
        start: run.start,
        rows: run.rows,
        text: run.text,
        sink: &mut AsBinary(run.sink),
    };
    fixed(run, values, Form { c_type, ..form }, format);
}

/// C types of fixed length.
fn fixed<S: Sink>(mut run: Run<'_, S>, values: &Values, form: Form, format: &Format) {
    let today = || format.zone.today();
    let is_text = || is_described_as_text(values, format.as_text);
    match (values, form.c_type) {
        (
            Values::Int64(_)
            | Values::TimeWithTimeZone { .. }
            | Values::TimestampWithTimeZone { .. }
            | Values::IntervalYearToMonth(_)
            | Values::IntervalDayToSecond(_)
            | Values::FineInterval { .. },
            to,
        ) if is_text() && !is_literal_of(values, to) => run.refuse(Error::InvalidText),
        (Values::Boolean(_) | Values::Float32(_) | Values::Float64(_), CType::Interval(_)) => {
            run.refuse(Error::RestrictedType);
        }
        (Values::Boolean(values), _) => run.numbers(form, run.of(values).iter(), |_, v| *v),
        (Values::Int8(values), _) => run.numbers(form, run.of(values).iter(), |_, v| *v),
        (Values::Int16(values), _) => run.numbers(form, run.of(values).iter(), |_, v| *v),
        (Values::Int32(values), _) => run.numbers(form, run.of(values).iter(), |_, v| *v),
        (Values::Int64(values), CType::Interval(to)) if is_text() => {
            run.interval_integers(to, form, values);
        }
        (Values::Int64(values), _) => run.numbers(form, run.of(values).iter(), |_, v| *v),
        (Values::Float32(values), _) => run.numbers(form, run.of(values).iter(), |_, v| *v),
        (Values::Float64(values), _) => run.numbers(form, run.of(values).iter(), |_, v| *v),
        (Values::Decimal64 { unscaled, scale }, _) => run.decimals(form, unscaled, *scale),
        (Values::Decimal128 { unscaled, scale }, _) => run.decimals(form, unscaled, *scale),
        (Values::Number(bytes), to) if is_number(to) => run.unbounded(form, bytes),
        (Values::Number(bytes), CType::Interval(_))
            if format.as_text.numbers == Numbers::Decimal =>
        {
            run.unbounded(form, bytes);
        }
        (Values::Number(_), _) if !is_text() => run.refuse(Error::RestrictedType),
        (
            Values::Text(bytes) | Values::Number(bytes),
            CType::Date | CType::Time | CType::Timestamp,
        ) => run.datetime_literals(form.c_type, bytes, &format.zone),
        (Values::Text(bytes) | Values::Number(bytes), CType::Guid) => run.guid_literals(bytes),
        (Values::Text(bytes) | Values::Number(bytes), CType::Interval(to)) => {
            run.interval_literals(to, form, bytes);
        }
        (Values::Text(bytes), _) => {
            run.numbers(form, 0..run.rows, |row, _| Literal(bytes.get(row)));
        }
        (Values::Date(values), to) => run.dates(to, values),
        (Values::Time { picos, .. } | Values::TimeWithTimeZone { picos, .. }, to) => {
            run.times(to, picos, today);
        }
        (Values::Timestamp { micros, picos, .. }, to) => run.timestamps(to, micros, picos),
        (
            Values::TimestampWithTimeZone {
                micros,
                picos,
                zones,
                ..
            },
            to,
        ) => run.zoned_timestamps(to, micros, picos, zones, &format.zone),
        (Values::IntervalYearToMonth(values), CType::Interval(to)) => {
            run.months(to, form, values);
        }
        (Values::IntervalYearToMonth(_), CType::Bit | CType::Float | CType::Double) => {
            run.refuse(Error::RestrictedType);
        }
        (Values::IntervalYearToMonth(_), to) if is_number(to) => {
            run.refuse(Error::IntervalOverflow);
        }
        (Values::IntervalDayToSecond(values), CType::Interval(to)) => {
            run.millis(to, form, values);
        }
        (Values::FineInterval { micros, picos, .. }, CType::Interval(to)) => {
            run.fine(to, form, micros, picos);
        }
        (Values::Uuid(values), CType::Guid) => run.guids(values),
        (Values::Null(_), _) => run.nothing(),
        _ => run.refuse(Error::RestrictedType),
    }
}

/// Whether the text of values that are described as text is a literal of a C type.
fn is_literal_of(values: &Values, c_type: CType) -> bool {
    match (values, c_type) {
        (Values::TimeWithTimeZone { .. }, CType::Time | CType::Timestamp) => true,
        (Values::TimestampWithTimeZone { .. }, CType::Date | CType::Time | CType::Timestamp) => {
            true
        }
        (Values::Int64(_), CType::Interval(_)) => true,
        (Values::Int64(_), to) => is_number(to),
        (Values::IntervalYearToMonth(_), CType::Interval(to)) => span::of_months(to),
        (Values::IntervalDayToSecond(_) | Values::FineInterval { .. }, CType::Interval(to)) => {
            !span::of_months(to)
        }
        _ => false,
    }
}

/// Types that convert to the same C types.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Family {
    Bit,
    /// Integers and decimals.
    Exact,
    /// REAL and DOUBLE.
    Approximate,
    Text,
    Bytes,
    Date,
    Time,
    Timestamp,
    Months,
    Millis,
    Uuid,
    /// Always NULL.
    Nothing,
}

impl Family {
    fn of(kind: &Type) -> Self {
        match kind {
            Type::Boolean => Self::Bit,
            Type::TinyInt
            | Type::SmallInt
            | Type::Integer
            | Type::BigInt
            | Type::Decimal { .. }
            | Type::Number => Self::Exact,
            Type::Real | Type::Double => Self::Approximate,
            Type::Varbinary => Self::Bytes,
            Type::Date => Self::Date,
            Type::Time { .. } => Self::Time,
            Type::Timestamp { .. } | Type::TimestampWithTimeZone { .. } => Self::Timestamp,
            Type::IntervalYearToMonth => Self::Months,
            Type::IntervalDayToSecond => Self::Millis,
            Type::Interval(fields) if fields.of_months() => Self::Months,
            Type::Interval(_) => Self::Millis,
            Type::Uuid => Self::Uuid,
            Type::Unknown => Self::Nothing,
            Type::TimeWithTimeZone { .. }
            | Type::Varchar { .. }
            | Type::Char { .. }
            | Type::IpAddress
            | Type::Json
            | Type::Variant
            | Type::Array(_)
            | Type::Map(..)
            | Type::Row(_)
            | Type::Other(_) => Self::Text,
        }
    }
}

fn is_number(c_type: CType) -> bool {
    matches!(
        c_type,
        CType::Bit
            | CType::STinyInt
            | CType::UTinyInt
            | CType::SShort
            | CType::UShort
            | CType::SLong
            | CType::ULong
            | CType::SBigInt
            | CType::UBigInt
            | CType::Float
            | CType::Double
            | CType::Numeric
    )
}
