//! Columns of every storage with the values that conversions stumble over.

use trino_client::columns::{
    Bitmap, Bytes, Column, IntervalField, IntervalFields, Type, Values, Zones,
};

use crate::abi::CType;

/// One column of each storage; every third one has a NULL in its second row.
pub(crate) fn columns() -> Vec<Column> {
    let mut columns = Vec::new();
    for (_, values) in values() {
        let mut nulls = Bitmap::default();
        nulls.set(1);
        columns.push(Column {
            values: values.clone(),
            nulls: None,
        });
        columns.push(Column {
            values,
            nulls: Some(nulls),
        });
    }
    columns
}

/// Values of each storage, with their type.
pub(crate) fn values() -> Vec<(Type, Values)> {
    let precision = 9;
    vec![
        (Type::Boolean, Values::Boolean(vec![1, 0])),
        (Type::TinyInt, Values::Int8(vec![i8::MIN, 0, i8::MAX])),
        (Type::SmallInt, Values::Int16(vec![i16::MIN, 1, i16::MAX])),
        (Type::Integer, Values::Int32(vec![i32::MIN, 0, 1, i32::MAX])),
        (Type::BigInt, Values::Int64(vec![i64::MIN, -1, 1, i64::MAX])),
        (
            Type::Real,
            Values::Float32(vec![0.5, -0.0, f32::NAN, f32::MAX, 1.1]),
        ),
        (
            Type::Double,
            Values::Float64(vec![-1.5, 1.0, 1e300, f64::INFINITY, 1e7, -0.25, 255.0]),
        ),
        (
            Type::Decimal {
                precision: 18,
                scale: 2,
            },
            Values::Decimal64 {
                unscaled: vec![-150, 100, 99, i64::MAX],
                scale: 2,
            },
        ),
        (
            Type::Decimal {
                precision: 38,
                scale: 10,
            },
            Values::Decimal128 {
                unscaled: vec![10i128.pow(38) - 1, -10i128.pow(10), 7],
                scale: 10,
            },
        ),
        (
            Type::Varchar { length: None },
            Values::Text(
                [
                    "",
                    "x",
                    "zażółć 😀 gęślą jaźń",
                    " -12.75 ",
                    "2024-02-29 13:14:15.123456789012",
                    "2023-02-29",
                    "12151fd2-7586-11e9-8f9e-2a86e4085a59",
                    "-3 04:05:06.789",
                    "1-2",
                ]
                .into_iter()
                .collect::<Bytes>(),
            ),
        ),
        (
            Type::Number,
            Values::Number(
                [
                    "1.5",
                    "1E+2",
                    "-1E-30",
                    "NaN",
                    "+Infinity",
                    "12345678901234567890123456789012345678901234567890.5",
                ]
                .into_iter()
                .collect::<Bytes>(),
            ),
        ),
        (
            Type::Varbinary,
            Values::Binary([[0u8, 255, 16].as_slice(), &[]].into_iter().collect()),
        ),
        (
            Type::Date,
            Values::Date(vec![0, -719_528, 19_782, i32::MAX, i32::MIN]),
        ),
        (
            Type::Time { precision },
            Values::Time {
                picos: vec![0, 86_399_999_999_999_000, 1_000_000_000_000],
                precision,
            },
        ),
        (
            Type::TimeWithTimeZone { precision: 12 },
            Values::TimeWithTimeZone {
                picos: vec![0, 86_399_999_999_999_999],
                offsets: vec![-330, 840],
                precision: 12,
            },
        ),
        (
            Type::Timestamp { precision: 3 },
            Values::Timestamp {
                micros: vec![0, -1000, 1_719_835_200_123_000, i64::MAX, i64::MIN],
                picos: Vec::new(),
                precision: 3,
            },
        ),
        (
            Type::TimestampWithTimeZone { precision: 12 },
            Values::TimestampWithTimeZone {
                micros: vec![1_719_835_200_000_000, -1],
                picos: vec![0, 999_999],
                zones: Zones {
                    names: vec!["UTC".into(), "Europe/Berlin".into()],
                    indexes: vec![1, 0],
                },
                precision: 12,
            },
        ),
        (
            Type::IntervalYearToMonth,
            Values::IntervalYearToMonth(vec![38, -1, i32::MIN]),
        ),
        (
            Type::IntervalDayToSecond,
            Values::IntervalDayToSecond(vec![183_845_678, -1000, i64::MIN]),
        ),
        (
            Type::Interval(
                IntervalFields::new(IntervalField::Day, IntervalField::Second, 9, 12)
                    .expect("such an interval"),
            ),
            Values::FineInterval {
                micros: vec![183_845_678_901, -1, i64::MIN],
                picos: vec![0, 999_999, 1],
                precision: 12,
            },
        ),
        (
            Type::Uuid,
            Values::Uuid(vec![
                0x1215_1FD2_7586_11E9_8F9E_2A86_E408_5A59_u128.to_be_bytes(),
                [0; 16],
            ]),
        ),
        (Type::Unknown, Values::Null(2)),
    ]
}

/// Every C type.
pub(crate) fn c_types() -> Vec<CType> {
    use crate::abi::CType::{
        Binary, Bit, Char, Date, Double, Float, Guid, Numeric, SBigInt, SLong, SShort, STinyInt,
        Time, Timestamp, UBigInt, ULong, UShort, UTinyInt, WChar,
    };
    use crate::abi::Interval::{
        Day, DayToHour, DayToMinute, DayToSecond, Hour, HourToMinute, HourToSecond, Minute,
        MinuteToSecond, Month, Second, Year, YearToMonth,
    };
    let intervals = [
        Year,
        Month,
        Day,
        Hour,
        Minute,
        Second,
        YearToMonth,
        DayToHour,
        DayToMinute,
        DayToSecond,
        HourToMinute,
        HourToSecond,
        MinuteToSecond,
    ];
    let mut c_types = vec![
        Char, WChar, Binary, Bit, STinyInt, UTinyInt, SShort, UShort, SLong, ULong, SBigInt,
        UBigInt, Float, Double, Numeric, Date, Time, Timestamp, Guid,
    ];
    c_types.extend(intervals.map(CType::Interval));
    c_types
}
