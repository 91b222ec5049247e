use std::ops::ControlFlow;
use std::sync::Arc;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::RowDecoder;
use crate::columns::{Chunk, Column, Field, Type, Values};

fn decode(types: &[Type], rows: &str) -> Result<Chunk, crate::decode::Error> {
    RowDecoder::new(types.into()).decode(rows.as_bytes(), 10)
}

fn one(kind: Type, value: &str) -> Option<Column> {
    let chunk = decode(&[kind], &format!("[[{value}]]")).ok()?;
    Some(chunk.columns()[0].clone())
}

fn text(kind: Type, value: &str) -> String {
    match one(kind, value).unwrap().values {
        Values::Text(bytes) => String::from_utf8(bytes.get(0).to_vec()).unwrap(),
        other => panic!("{other:?}"),
    }
}

fn varchar() -> Type {
    Type::Varchar { length: None }
}

#[test]
fn each_type_is_stored_in_its_own_form() {
    let day = Type::Timestamp { precision: 9 };
    let cases = [
        (Type::Boolean, "true", Values::Boolean(vec![1])),
        (Type::TinyInt, "-128", Values::Int8(vec![-128])),
        (Type::SmallInt, "\"32767\"", Values::Int16(vec![32767])),
        (Type::Integer, "-2147483648", Values::Int32(vec![i32::MIN])),
        (
            Type::BigInt,
            "9223372036854775807",
            Values::Int64(vec![i64::MAX]),
        ),
        (Type::Real, "1.1", Values::Float32(vec![1.1])),
        (
            Type::Real,
            "\"-Infinity\"",
            Values::Float32(vec![f32::NEG_INFINITY]),
        ),
        (Type::Double, "1.0E10", Values::Float64(vec![1e10])),
        (Type::Double, "4.9E-324", Values::Float64(vec![5e-324])),
        (
            Type::Decimal {
                precision: 18,
                scale: 2,
            },
            "\"-0.50\"",
            Values::Decimal64 {
                unscaled: vec![-50],
                scale: 2,
            },
        ),
        (
            Type::Decimal {
                precision: 38,
                scale: 0,
            },
            "\"99999999999999999999999999999999999999\"",
            Values::Decimal128 {
                unscaled: vec![99_999_999_999_999_999_999_999_999_999_999_999_999],
                scale: 0,
            },
        ),
        (
            Type::Varbinary,
            "\"AP8=\"",
            Values::Binary([[0u8, 255]].iter().collect()),
        ),
        (Type::Date, "\"1970-01-02\"", Values::Date(vec![1])),
        (
            Type::Time { precision: 0 },
            "\"00:00:01\"",
            Values::Time {
                picos: vec![1_000_000_000_000],
                precision: 0,
            },
        ),
        (
            day,
            "\"1970-01-01 00:00:00.000001002\"",
            Values::Timestamp {
                micros: vec![1],
                picos: vec![2000],
                precision: 9,
            },
        ),
        (
            Type::IntervalYearToMonth,
            "\"-1-2\"",
            Values::IntervalYearToMonth(vec![-14]),
        ),
        (
            Type::IntervalDayToSecond,
            "\"0 00:00:00.001\"",
            Values::IntervalDayToSecond(vec![1]),
        ),
        (
            Type::Uuid,
            "\"00000000-0000-0000-0000-0000000000ff\"",
            Values::Uuid(vec![[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255]]),
        ),
    ];
    for (kind, value, expected) in cases {
        let column = one(kind.clone(), value).unwrap_or_else(|| panic!("{kind} {value}"));
        assert_eq!(column.values, expected, "{kind} {value}");
        let null = one(kind.clone(), "null").unwrap();
        assert!(null.is_null(0), "{kind}");
        assert_eq!(null.values.len(), 1, "{kind}");
    }
    assert!(one(Type::Unknown, "null").unwrap().is_null(0));
}

#[test]
fn a_value_of_another_type_is_refused() {
    let cases = [
        (Type::Boolean, "1"),
        (Type::TinyInt, "128"),
        (Type::SmallInt, "1.5"),
        (Type::Integer, "2147483648"),
        (Type::BigInt, "9223372036854775808"),
        (Type::BigInt, "true"),
        (Type::Double, "\"abc\""),
        (Type::Double, "\"inf\""),
        (
            Type::Decimal {
                precision: 5,
                scale: 2,
            },
            "\"1.234\"",
        ),
        (varchar(), "1"),
        (varchar(), "[1]"),
        (Type::Varbinary, "\"!!\""),
        (Type::Date, "\"2001-02-30\""),
        (Type::Unknown, "1"),
        (Type::Row(vec![]), "[1]"),
        (Type::Array(Box::new(Type::Integer)), "{\"a\":1}"),
    ];
    for (kind, value) in cases {
        assert!(one(kind.clone(), value).is_none(), "{kind} {value}");
    }
}

#[test]
fn strings_are_unescaped() {
    assert_eq!(
        text(varchar(), r#""a\"\\\/\b\f\n\r\té""#),
        "a\"\\/\u{8}\u{c}\n\r\té"
    );
    assert_eq!(text(varchar(), r#""😀""#), "😀");
    assert_eq!(text(varchar(), r#""\ud83dx""#), "\u{fffd}x");
    assert_eq!(text(varchar(), r#""\udc00""#), "\u{fffd}");
    assert!(one(varchar(), r#""\x""#).is_none());
    assert!(one(varchar(), r#""\u12""#).is_none());
}

#[test]
fn invalid_utf8_is_replaced() {
    let chunk = RowDecoder::new([varchar()].into())
        .decode(b"[[\"a\xffb\"],[\"c\"]]", 2)
        .unwrap();
    let Values::Text(bytes) = &chunk.columns()[0].values else {
        panic!()
    };
    assert_eq!(bytes.get(0), "a\u{fffd}b".as_bytes());
    assert_eq!(bytes.get(1), b"c");
}

#[test]
fn nested_values_become_json_with_names() {
    let row = Type::Row(vec![
        Field {
            name: Some("x\"y".into()),
            kind: Type::Integer,
        },
        Field {
            name: None,
            kind: Type::Array(Box::new(Type::Row(vec![Field {
                name: Some("d".into()),
                kind: Type::Decimal {
                    precision: 5,
                    scale: 2,
                },
            }]))),
        },
        Field {
            name: Some("m".into()),
            kind: Type::Map(Box::new(varchar()), Box::new(Type::BigInt)),
        },
    ]);
    assert_eq!(
        text(row, r#"[1, [["1.50"], [null]], {"k\n": 2, "l": null}]"#),
        r#"{"x\"y":1,"field1":[{"d":"1.50"},{"d":null}],"m":{"k\n":2,"l":null}}"#
    );
    assert_eq!(text(Type::Array(Box::new(varchar())), "[]"), "[]");
}

#[test]
fn values_of_unknown_types_are_shown_as_they_are() {
    let other = || Type::Other("BingTile".into());
    assert_eq!(
        text(other(), r#"{"x":1,"y":[2,{}]}"#),
        r#"{"x":1,"y":[2,{}]}"#
    );
    assert_eq!(text(other(), r#""a\n""#), "a\n");
    assert_eq!(text(other(), "1.5"), "1.5");
    assert_eq!(text(Type::Json, r#""{\"a\":1}""#), r#"{"a":1}"#);
}

#[test]
fn nested_values_must_be_well_formed() {
    let other = || Type::Other("KdbTree".into());
    let list = || Type::Array(Box::new(Type::Integer));
    let bad = [
        "[1 2]",
        "[1,]",
        "[,1]",
        "[1",
        "[}",
        "{]",
        r#"{"a"}"#,
        r#"{"a":}"#,
        r#"{"a":1,}"#,
        "{1:2}",
        "[01x]",
        "[1.]",
        "[-]",
        "[1e+-]",
        "[nul]",
        r#"["\x"]"#,
        r#"["\u12"]"#,
        "[\"\n\"]",
        "]",
    ];
    for bad in bad {
        assert!(one(other(), bad).is_none(), "{bad}");
        assert!(one(list(), bad).is_none(), "{bad}");
    }
    assert_eq!(
        text(other(), " { \"a\" : [ 1 , 2.5E-3 ] } "),
        r#"{"a":[1,2.5E-3]}"#
    );
}

#[test]
fn nesting_is_limited() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert!(one(Type::Other("tree".into()), &nested(150)).is_some());
    for depth in [1000, 1_000_000] {
        assert!(one(Type::Other("tree".into()), &nested(depth)).is_none());
        assert!(one(Type::Other("tree".into()), &"[".repeat(depth)).is_none());
        assert!(one(Type::Other("tree".into()), &"{\"\":".repeat(depth)).is_none());
    }
}

#[test]
fn an_error_names_row_and_column_but_no_value() {
    let types = [Type::BigInt, Type::Date];
    let error = decode(&types, r#"[[1,"2000-01-01"],[2,"secret"]]"#).unwrap_err();
    assert_eq!(
        error.to_string(),
        "cannot read row 2, column 2: expected a date"
    );
    let error = decode(&types, r#"[[1,"2000-01-01"],[2]]"#).unwrap_err();
    assert_eq!(
        error.to_string(),
        "cannot read row 2: the row has fewer values than the result has columns"
    );
}

#[test]
fn a_decoder_starts_afresh_after_an_error_or_a_stop() {
    let mut decoder = RowDecoder::new([varchar(), Type::BigInt].into());
    let good = br#"[["a",1],[null,2],["b",null]]"#;
    let expected = decoder.decode(good, 0).unwrap();
    decoder.decode(br#"[["x",1],["y"]]"#, 2).unwrap_err();
    assert_eq!(decoder.decode(good, 0).unwrap(), expected);
    let rows = decoder
        .decode_in_chunks(good, 3, 1, &mut |_| ControlFlow::Break(()))
        .unwrap();
    assert_eq!(rows, 1);
    assert_eq!(decoder.decode(good, 3).unwrap(), expected);
}

#[test]
fn memory_that_is_used_again_brings_nothing_of_what_was_in_it() {
    let text = format!("[{},{0}]", &SAMPLE[1..SAMPLE.len() - 1]);
    let types: Arc<[Type]> = sample_types().into();
    let expected = RowDecoder::new(types.clone())
        .decode(text.as_bytes(), 0)
        .unwrap();
    let mut decoder = RowDecoder::new(types);
    let mut spent = Some(expected.clone());
    for _ in 0..3 {
        let mut sizes = Vec::new();
        let rows = decoder
            .decode_in_chunks(text.as_bytes(), 4, 1, &mut |chunk| {
                sizes.push(chunk.rows());
                ControlFlow::Continue(spent.replace(chunk))
            })
            .unwrap();
        assert_eq!((rows, sizes), (4, vec![1; 4]));
        let whole = decoder.decode(text.as_bytes(), 4).unwrap();
        // NaN is not equal to itself.
        assert_eq!(format!("{whole:?}"), format!("{expected:?}"));
    }
}

#[test]
fn memory_that_is_used_again_stays_as_large_as_rows_need() {
    let types: Arc<[Type]> = vec![Type::BigInt, Type::Varchar { length: None }].into();
    let text = |rows: usize| {
        let rows: Vec<String> = (0..rows)
            .map(|row| format!("[{row},\"{}\"]", "x".repeat(10 + row % 3)))
            .collect();
        format!("[{}]", rows.join(","))
    };
    let mut decoder = RowDecoder::new(types);
    let mut spent = None;
    for rows in 1000..1010 {
        let mut decode = |text: &str| {
            decoder
                .decode_in_chunks(text.as_bytes(), rows, rows, &mut |chunk| {
                    assert!(chunk.size() < rows * 30, "{} bytes", chunk.size());
                    ControlFlow::Continue(spent.replace(chunk))
                })
                .unwrap()
        };
        assert_eq!(decode(&text(rows)), rows as u64);
    }
}

#[test]
fn a_lie_about_the_number_of_rows_allocates_nothing() {
    let types = sample_types();
    let chunk = RowDecoder::new(types.into())
        .decode(SAMPLE.as_bytes(), usize::MAX)
        .unwrap();
    assert!(chunk.size() < 4096, "{}", chunk.size());
}

#[test]
fn rows_without_columns_are_counted() {
    assert_eq!(decode(&[], "[[],[]]").unwrap().rows(), 2);
    assert!(decode(&[], "[[1]]").is_err());
}

#[test]
fn each_chunk_distinguishes_many_zones() {
    let kind = Type::TimestampWithTimeZone { precision: 0 };
    let mut decoder = RowDecoder::new([kind].into());
    for chunk in 0..3 {
        let zone = |row: usize| format!("+{:02}:{:02}", (row + chunk) % 13, row % 30);
        let rows: Vec<_> = (0..400)
            .map(|row| json!([format!("2024-02-29 12:00:00 {}", zone(row))]))
            .collect();
        let text = Value::from(rows).to_string();
        let decoded = decoder.decode(text.as_bytes(), 400).unwrap();
        let Values::TimestampWithTimeZone { zones, .. } = &decoded.columns()[0].values else {
            panic!("other values");
        };
        assert!(zones.names.len() > 50);
        for (row, index) in zones.indexes.iter().enumerate() {
            assert_eq!(*zones.names[usize::from(*index)], *zone(row));
        }
    }
}

#[test]
fn zones_are_kept_once_each() {
    let kind = Type::TimestampWithTimeZone { precision: 3 };
    let rows = r#"[["2020-01-01 00:00:00.000 UTC"],["2020-01-01 00:00:00.000 +05:30"],[null],
        ["2020-01-01 00:00:00.000 UTC"]]"#;
    let chunk = decode(&[kind], rows).unwrap();
    let Values::TimestampWithTimeZone { zones, .. } = &chunk.columns()[0].values else {
        panic!()
    };
    assert_eq!(
        zones.names.iter().map(AsRef::as_ref).collect::<Vec<&str>>(),
        ["UTC", "+05:30"]
    );
    assert_eq!(zones.indexes, [0, 1, 0, 0]);
    let rows: Vec<String> = (0..=4096)
        .map(|n| format!("[\"2020-01-01 00:00:00 Z{n}\"]"))
        .collect();
    let decode = |rows: &[String]| {
        let kind = Type::TimestampWithTimeZone { precision: 3 };
        decode(&[kind], &format!("[{}]", rows.join(",")))
    };
    assert!(decode(&rows[..4096]).is_ok());
    assert!(decode(&rows).is_err());
}

#[test]
fn chunks_have_the_requested_number_of_rows() {
    let rows = format!(
        "[{}]",
        (0..10)
            .map(|n| format!("[{n}]"))
            .collect::<Vec<_>>()
            .join(",")
    );
    let mut sizes = Vec::new();
    let decoded = RowDecoder::new([Type::BigInt].into())
        .decode_in_chunks(rows.as_bytes(), 10, 4, &mut |chunk| {
            sizes.push(chunk.rows());
            ControlFlow::Continue(None)
        })
        .unwrap();
    assert_eq!((decoded, sizes), (10, vec![4, 4, 2]));
}

#[test]
fn text_after_the_rows_or_in_place_of_them_is_refused() {
    for bad in [
        "", "null", "{}", "[", "[]]", "[[1]] x", "[[1],]", "[[1 2]]", "[[1,2]]", "[[]]", "[1]",
        "[[1]",
    ] {
        assert!(decode(&[Type::BigInt], bad).is_err(), "{bad}");
    }
    assert_eq!(decode(&[Type::BigInt], " [ ] ").unwrap().rows(), 0);
}

const SAMPLE: &str = r#"[[1,"a\u00e9\"b",1.5E3,"1.20","2020-01-01",null,[1,"x"],{"k":[true]}],[-2,"","NaN",null,"+10000-12-31","AA==",[null,null],{}]]"#;

fn sample_types() -> Vec<Type> {
    vec![
        Type::BigInt,
        varchar(),
        Type::Double,
        Type::Decimal {
            precision: 10,
            scale: 2,
        },
        Type::Date,
        Type::Varbinary,
        Type::Row(vec![
            Field {
                name: Some("a".into()),
                kind: Type::Integer,
            },
            Field {
                name: Some("b".into()),
                kind: varchar(),
            },
        ]),
        Type::Map(
            Box::new(varchar()),
            Box::new(Type::Array(Box::new(Type::Boolean))),
        ),
    ]
}

#[test]
fn rows_cut_anywhere_are_refused() {
    let types = sample_types();
    assert_eq!(decode(&types, SAMPLE).unwrap().rows(), 2);
    for cut in 0..SAMPLE.len() {
        assert!(decode(&types, &SAMPLE[..cut]).is_err(), "cut at {cut}");
    }
}

fn value_of(kind: u8) -> BoxedStrategy<Value> {
    match kind {
        0 => any::<i64>().prop_map(|value| json!(value)).boxed(),
        1 => any::<f64>()
            .prop_filter("finite", |value| value.is_finite())
            .prop_map(|value| json!(value))
            .boxed(),
        2 => any::<String>().prop_map(|value| json!(value)).boxed(),
        _ => any::<bool>().prop_map(|value| json!(value)).boxed(),
    }
}

fn rows() -> impl Strategy<Value = (Vec<u8>, Vec<Vec<Value>>)> {
    proptest::collection::vec(0u8..4, 1..6).prop_flat_map(|kinds| {
        let cells: Vec<_> = kinds
            .iter()
            .map(|kind| prop_oneof![4 => value_of(*kind), 1 => Just(Value::Null)])
            .collect();
        (Just(kinds), proptest::collection::vec(cells, 0..20))
    })
}

proptest! {
    #[test]
    fn decoding_agrees_with_serde_json((kinds, rows) in rows(), pretty in any::<bool>()) {
        let types: Vec<Type> = kinds.iter().map(|kind| match kind {
            0 => Type::BigInt,
            1 => Type::Double,
            2 => varchar(),
            _ => Type::Boolean,
        }).collect();
        let text = if pretty {
            serde_json::to_string_pretty(&rows).unwrap()
        } else {
            serde_json::to_string(&rows).unwrap()
        };
        let chunk = decode(&types, &text).unwrap();
        prop_assert_eq!(chunk.rows(), rows.len());
        for (row, expected) in rows.iter().enumerate() {
            for (column, expected) in chunk.columns().iter().zip(expected) {
                let actual = if column.is_null(row) { Value::Null } else {
                    match &column.values {
                        Values::Int64(values) => json!(values[row]),
                        Values::Float64(values) => json!(values[row]),
                        Values::Text(bytes) => json!(std::str::from_utf8(bytes.get(row)).unwrap()),
                        Values::Boolean(values) => json!(values[row] == 1),
                        other => panic!("{other:?}"),
                    }
                };
                prop_assert_eq!(&actual, expected);
            }
        }
    }

    #[test]
    fn any_bytes_are_decoded_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = RowDecoder::new(sample_types().into()).decode(&bytes, 3);
    }

    #[test]
    fn a_changed_byte_never_panics(at in 0..SAMPLE.len(), byte in any::<u8>()) {
        let mut bytes = SAMPLE.as_bytes().to_vec();
        bytes[at] = byte;
        let _ = RowDecoder::new(sample_types().into()).decode(&bytes, 3);
    }
}
