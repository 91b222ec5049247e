use proptest::prelude::*;

use super::{from_display, from_signature};
use crate::columns::IntervalField::{self, Day, Hour, Minute, Month, Second, Year};
use crate::columns::{Field, IntervalFields, Type};

fn interval(first: IntervalField, last: IntervalField, leading: u8, fraction: u8) -> Type {
    Type::Interval(IntervalFields::new(first, last, leading, fraction).expect("such a type"))
}

#[test]
fn signatures_of_each_form_are_read() {
    let row = r#"{"rawType":"row","arguments":[
        {"kind":"NAMED_TYPE","value":{"fieldName":{"name":"a"},"typeSignature":
            {"rawType":"decimal","arguments":[{"kind":"LONG","value":10},{"kind":"LONG","value":2}]}}},
        {"kind":"NAMED_TYPE_SIGNATURE","value":{"typeSignature":{"rawType":"map","arguments":[
            {"kind":"TYPE","value":{"rawType":"varchar","arguments":[{"kind":"LONG_LITERAL","value":2147483647}]}},
            {"kind":"TYPE","value":{"rawType":"timestamp with time zone","arguments":[]}}]}}}]}"#;
    assert_eq!(
        from_signature(row, "row(...)"),
        Type::Row(vec![
            Field {
                name: Some("a".into()),
                kind: Type::Decimal {
                    precision: 10,
                    scale: 2
                }
            },
            Field {
                name: None,
                kind: Type::Map(
                    Box::new(Type::Varchar { length: None }),
                    Box::new(Type::TimestampWithTimeZone { precision: 3 })
                )
            },
        ])
    );
    assert_eq!(
        from_signature(r#"{"rawType":"HyperLogLog","arguments":[]}"#, "HyperLogLog"),
        Type::Other("HyperLogLog".into())
    );
    assert_eq!(
        from_signature(
            r#"{"rawType":"qdigest","arguments":[{"kind":"TYPE","value":{"rawType":"bigint","arguments":[]}}]}"#,
            "qdigest(bigint)"
        ),
        Type::Other("qdigest(bigint)".into())
    );
    assert_eq!(
        from_signature(r#"{"rawType":"bigint"}"#, "bigint"),
        Type::BigInt
    );
}

#[test]
fn display_text_of_each_form_is_read() {
    let named = |name: &str, kind| Field {
        name: Some(name.into()),
        kind,
    };
    let cases = [
        ("varchar", Type::Varchar { length: None }),
        ("VARCHAR(15)", Type::Varchar { length: Some(15) }),
        ("char", Type::Char { length: 1 }),
        (
            "timestamp(6) with time zone",
            Type::TimestampWithTimeZone { precision: 6 },
        ),
        (
            "timestamp with time zone",
            Type::TimestampWithTimeZone { precision: 3 },
        ),
        ("time(0)", Type::Time { precision: 0 }),
        ("interval day to second", Type::IntervalDayToSecond),
        ("INTERVAL YEAR TO MONTH", Type::IntervalYearToMonth),
        ("interval day(9) to second(6)", interval(Day, Second, 9, 6)),
        ("interval second(13, 12)", interval(Second, Second, 13, 12)),
        ("interval hour(2) to minute", interval(Hour, Minute, 2, 0)),
        ("interval year(4) to month", interval(Year, Month, 4, 0)),
        ("interval year(4)", interval(Year, Year, 4, 0)),
        ("interval month", interval(Month, Month, 2, 0)),
        ("interval day to hour", interval(Day, Hour, 2, 0)),
        (
            "interval second to day",
            Type::Other("interval second to day".into()),
        ),
        (
            "interval year to second",
            Type::Other("interval year to second".into()),
        ),
        ("variant", Type::Variant),
        (
            "decimal(38, 10)",
            Type::Decimal {
                precision: 38,
                scale: 10,
            },
        ),
        ("decimal(39,10)", Type::Other("decimal(39,10)".into())),
        (
            "row(x integer, \"select \"\"y\" array(double))",
            Type::Row(vec![
                named("x", Type::Integer),
                named("select \"y", Type::Array(Box::new(Type::Double))),
            ]),
        ),
        (
            "row(time time(3) with time zone, bigint)",
            Type::Row(vec![
                named("time", Type::TimeWithTimeZone { precision: 3 }),
                Field {
                    name: None,
                    kind: Type::BigInt,
                },
            ]),
        ),
        (
            "row(a b bigint, select bigint, x\"y array(row(p q varchar(3))), ü-1 date)",
            Type::Row(vec![
                named("a b", Type::BigInt),
                named("select", Type::BigInt),
                named(
                    "x\"y",
                    Type::Array(Box::new(Type::Row(vec![named(
                        "p q",
                        Type::Varchar { length: Some(3) },
                    )]))),
                ),
                named("ü-1", Type::Date),
            ]),
        ),
        (
            "row(\"a b\" bigint, \"select\" bigint, \"x\"\"y\" array(row(\"größe (,)\" varchar(3))))",
            Type::Row(vec![
                named("a b", Type::BigInt),
                named("select", Type::BigInt),
                named(
                    "x\"y",
                    Type::Array(Box::new(Type::Row(vec![named(
                        "größe (,)",
                        Type::Varchar { length: Some(3) },
                    )]))),
                ),
            ]),
        ),
        (
            "row(\"x\" Geometry, y Geometry)",
            Type::Row(vec![
                named("x", Type::Other("Geometry".into())),
                named("y", Type::Other("Geometry".into())),
            ]),
        ),
        ("qdigest(bigint)", Type::Other("qdigest(bigint)".into())),
        (
            "map(Color, array(qdigest(array(bigint))))",
            Type::Map(
                Box::new(Type::Other("Color".into())),
                Box::new(Type::Array(Box::new(Type::Other("qdigest".into())))),
            ),
        ),
        ("Geometry", Type::Other("Geometry".into())),
        ("", Type::Other(String::new())),
        ("array(", Type::Other("array(".into())),
    ];
    for (text, expected) in cases {
        assert_eq!(from_display(text), expected, "{text}");
    }
    let deep = "array(".repeat(10_000);
    assert_eq!(from_display(&deep), Type::Other(deep.clone()));
}

#[test]
fn an_interval_of_other_arguments_is_unknown() {
    for arguments in [
        "[2,5]",
        "[2,5,0]",
        "[5,2,2]",
        "[0,5,2]",
        "[2,4,2,3]",
        "[2,5,2,13]",
        "[2,5,2,3,4]",
        "[6,6,2]",
    ] {
        let values: Vec<u8> = serde_json::from_str(arguments).expect("numbers");
        let values: Vec<_> = values
            .iter()
            .map(|value| format!(r#"{{"kind":"LONG","value":{value}}}"#))
            .collect();
        let signature = format!(
            r#"{{"rawType":"interval day to second","arguments":[{}]}}"#,
            values.join(",")
        );
        let kind = from_signature(&signature, "interval x");
        assert_eq!(kind, Type::Other("interval x".into()), "{arguments}");
    }
}

#[test]
fn a_type_is_the_same_in_a_description_and_in_a_result() {
    let of = |raw: &str| format!(r#"{{"rawType":"{raw}","arguments":[]}}"#);
    let array = |element: &str| {
        let value = of(element);
        format!(r#"{{"rawType":"array","arguments":[{{"kind":"TYPE","value":{value}}}]}}"#)
    };
    let digits = |raw: &str, numbers: &[u8]| {
        let argument = |number: &u8| format!(r#"{{"kind":"LONG","value":{number}}}"#);
        let arguments: Vec<_> = numbers.iter().map(argument).collect();
        let arguments = arguments.join(",");
        format!(r#"{{"rawType":"{raw}","arguments":[{arguments}]}}"#)
    };
    for (described, in_result) in [
        ("number", of("number")),
        ("variant", of("variant")),
        ("array(variant)", array("variant")),
        ("array(Geometry)", array("Geometry")),
        ("array(qdigest(bigint))", array("qdigest")),
        (
            "interval day(9) to second(6)",
            digits("interval day to second", &[2, 5, 9, 6]),
        ),
        (
            "interval second(2, 12)",
            digits("interval day to second", &[5, 5, 2, 12]),
        ),
        (
            "interval hour(2) to minute",
            digits("interval day to second", &[3, 4, 2]),
        ),
        (
            "interval year(4)",
            digits("interval year to month", &[0, 0, 4]),
        ),
        ("interval day to second", of("interval day to second")),
    ] {
        assert_eq!(
            from_display(described),
            from_signature(&in_result, described),
            "{described}"
        );
    }
}

fn kinds() -> impl Strategy<Value = Type> {
    let leaf = prop_oneof![
        Just(Type::Boolean),
        Just(Type::BigInt),
        Just(Type::Double),
        Just(Type::IntervalYearToMonth),
        Just(Type::Json),
        Just(Type::Variant),
        (0usize..6, 0usize..6, 1u8..=10, 0u8..=12).prop_filter_map(
            "fields of one kind",
            |(first, last, leading, fraction)| {
                let (first, last) = (IntervalField::ALL[first], IntervalField::ALL[last]);
                let fraction = if last == Second { fraction } else { 0 };
                IntervalFields::new(first, last, leading, fraction).map(Type::Interval)
            }
        ),
        (0u8..=12).prop_map(|precision| Type::Timestamp { precision }),
        (0u8..=12).prop_map(|precision| Type::TimeWithTimeZone { precision }),
        (1u8..=38)
            .prop_flat_map(|precision| (0..=precision)
                .prop_map(move |scale| Type::Decimal { precision, scale })),
        proptest::option::of(1u32..1000).prop_map(|length| Type::Varchar { length }),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            inner.clone().prop_map(|kind| Type::Array(Box::new(kind))),
            (inner.clone(), inner.clone())
                .prop_map(|(key, value)| Type::Map(Box::new(key), Box::new(value))),
            proptest::collection::vec(
                (proptest::option::of("[a-z \",()]{1,8}"), inner)
                    .prop_map(|(name, kind)| Field { name, kind }),
                1..4
            )
            .prop_map(Type::Row),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_written_is_read(kind in kinds()) {
        prop_assert_eq!(from_display(&kind.to_string()), kind);
    }

    #[test]
    fn any_text_is_read_as_some_type(
        text in "\\PC{0,60}|(array|map|row|time|varchar|interval|with|zone|x|[ (),\"0-9])*"
    ) {
        let kind = from_display(&text);
        if let Type::Other(shown) = &kind {
            prop_assert_eq!(shown, text.trim());
        }
        prop_assert_eq!(from_display(&kind.to_string()), kind);
    }
}
