use trino_client::columns::{
    AsText, BigIntegers, Field, IntervalField, IntervalFields, Numbers, Type,
};

use super::{Described, Limits, describe};
use crate::abi::*;

fn described(kind: Type) -> Described {
    describe(&kind, &Limits::default())
}

/// Type, column size, decimal digits, octet length, display size.
fn sizes(kind: Type) -> (i16, usize, i16, i64, i64) {
    let d = described(kind);
    (
        d.sql_type,
        d.column_size,
        d.decimal_digits,
        d.octet_length,
        d.display_size,
    )
}

#[test]
fn sizes_are_those_of_appendix_d() {
    let decimal = Type::Decimal {
        precision: 10,
        scale: 3,
    };
    for (kind, expected) in [
        (Type::Boolean, (SQL_BIT, 1, 0, 1, 1)),
        (Type::TinyInt, (SQL_TINYINT, 3, 0, 1, 4)),
        (Type::SmallInt, (SQL_SMALLINT, 5, 0, 2, 6)),
        (Type::Integer, (SQL_INTEGER, 10, 0, 4, 11)),
        (Type::BigInt, (SQL_BIGINT, 19, 0, 8, 20)),
        (Type::Real, (SQL_REAL, 7, 0, 4, 15)),
        (Type::Double, (SQL_DOUBLE, 15, 0, 8, 24)),
        (decimal, (SQL_DECIMAL, 10, 3, 12, 12)),
        (Type::Char { length: 5 }, (SQL_WCHAR, 10, 0, 20, 10)),
        (Type::Char { length: 0 }, (SQL_WCHAR, 2, 0, 4, 2)),
        (
            Type::Varchar { length: Some(20) },
            (SQL_WVARCHAR, 40, 0, 80, 40),
        ),
        (
            Type::Varchar { length: Some(0) },
            (SQL_WVARCHAR, 2, 0, 4, 2),
        ),
        (Type::Date, (SQL_TYPE_DATE, 10, 0, 6, 14)),
        (Type::Time { precision: 0 }, (SQL_TYPE_TIME, 8, 0, 6, 8)),
        (Type::Time { precision: 3 }, (SQL_TYPE_TIME, 12, 3, 6, 12)),
        (
            Type::Timestamp { precision: 0 },
            (SQL_TYPE_TIMESTAMP, 19, 0, 16, 22),
        ),
        (
            Type::Timestamp { precision: 6 },
            (SQL_TYPE_TIMESTAMP, 26, 6, 16, 29),
        ),
        (Type::Uuid, (SQL_GUID, 36, 0, 16, 36)),
    ] {
        assert_eq!(sizes(kind.clone()), expected, "{kind}");
    }
}

#[test]
fn a_bigint_may_be_a_decimal_or_text() {
    let of = |big_integers| {
        let limits = Limits {
            as_text: AsText {
                big_integers,
                ..AsText::default()
            },
            ..Limits::default()
        };
        let smaller = describe(&Type::Integer, &limits);
        assert_eq!(smaller.sql_type, SQL_INTEGER);
        describe(&Type::BigInt, &limits)
    };
    let decimal = of(BigIntegers::Decimal);
    assert_eq!((decimal.sql_type, decimal.column_size), (SQL_DECIMAL, 19));
    assert_eq!((decimal.scale, decimal.precision), (0, 19));
    assert_eq!(decimal.type_name, "bigint");
    let text = of(BigIntegers::Text);
    assert_eq!((text.sql_type, text.column_size), (SQL_WVARCHAR, 20));
    assert_eq!(
        (text.type_name.as_str(), text.literal_prefix),
        ("bigint", "")
    );
    assert_eq!(of(BigIntegers::BigInt).sql_type, SQL_BIGINT);
}

#[test]
fn a_number_is_a_decimal_a_double_or_text() {
    let of = |numbers| {
        let limits = Limits {
            as_text: AsText {
                numbers,
                ..AsText::default()
            },
            ..Limits::default()
        };
        let d = describe(&Type::Number, &limits);
        assert_eq!(d.type_name, "number");
        (
            (d.sql_type, d.column_size, d.decimal_digits, d.display_size),
            (d.precision, d.scale, d.radix, d.unsigned),
            d.literal_prefix,
        )
    };
    let decimal = ((SQL_DECIMAL, 38, 10, 40), (38, 10, 10, false), "");
    assert_eq!(of(Numbers::Decimal), decimal);
    assert_eq!(of(Numbers::default()), decimal);
    let double = ((SQL_DOUBLE, 15, 0, 24), (15, 0, 10, false), "NUMBER '");
    assert_eq!(of(Numbers::Double), double);
    let size = Limits::default().complex;
    let text = (
        (SQL_WVARCHAR, size, 0, size as i64),
        (0, 0, 0, true),
        "NUMBER '",
    );
    assert_eq!(of(Numbers::Text), text);
}

#[test]
fn each_interval_of_the_standard_has_the_sizes_of_its_fields() {
    use IntervalField::{Day, Hour, Minute, Month, Second, Year};
    // Fields, digits; SQL type, column size, decimal digits, display size, name.
    for (first, last, leading, fraction, expected) in [
        (Year, Year, 4, 0, (101, 4, 0, 8, "interval year")),
        (Month, Month, 10, 0, (102, 10, 0, 14, "interval month")),
        (Day, Day, 9, 0, (103, 9, 0, 19, "interval day")),
        (Hour, Hour, 2, 0, (104, 2, 0, 12, "interval hour")),
        (Minute, Minute, 3, 0, (105, 3, 0, 13, "interval minute")),
        (Second, Second, 13, 12, (106, 26, 9, 36, "interval second")),
        (Year, Month, 2, 0, (107, 5, 0, 6, "interval year to month")),
        (Day, Hour, 2, 0, (108, 5, 0, 12, "interval day to hour")),
        (Day, Minute, 2, 0, (109, 8, 0, 12, "interval day to minute")),
        (
            Day,
            Second,
            9,
            6,
            (110, 25, 6, 26, "interval day to second"),
        ),
        (
            Hour,
            Minute,
            2,
            0,
            (111, 5, 0, 12, "interval hour to minute"),
        ),
        (
            Hour,
            Second,
            2,
            0,
            (112, 8, 0, 12, "interval hour to second"),
        ),
        (
            Minute,
            Second,
            2,
            3,
            (113, 9, 3, 16, "interval minute to second"),
        ),
    ] {
        let fields = IntervalFields::new(first, last, leading, fraction).unwrap();
        let d = described(Type::Interval(fields));
        let found = (
            d.sql_type,
            d.column_size,
            d.decimal_digits,
            d.display_size,
            d.type_name.as_str(),
        );
        assert_eq!(found, expected);
        assert_eq!(
            (d.verbose_type, d.datetime_code),
            (SQL_INTERVAL, d.sql_type - 100)
        );
        assert_eq!(
            (d.interval_precision, d.precision),
            (leading.into(), d.decimal_digits)
        );
        assert_eq!(d.octet_length, 34);
    }
}

#[test]
fn what_is_wanted_as_text_has_room_for_it() {
    let limits = Limits {
        as_text: AsText {
            zoned_timestamps: true,
            intervals: true,
            big_integers: BigIntegers::Text,
            numbers: Numbers::Text,
        },
        ..Limits::default()
    };
    for kind in [
        Type::TimestampWithTimeZone { precision: 3 },
        Type::IntervalYearToMonth,
        Type::IntervalDayToSecond,
    ] {
        let (typed, shown) = (described(kind.clone()), describe(&kind, &limits));
        assert_eq!(shown.sql_type, SQL_WVARCHAR);
        assert_eq!(shown.type_name, typed.type_name);
        assert_eq!(shown.display_size, typed.display_size);
        assert_eq!(shown.column_size as i64, typed.display_size);
        assert_eq!((shown.verbose_type, shown.datetime_code), (SQL_WVARCHAR, 0));
    }
    let plain = Type::Timestamp { precision: 3 };
    assert_eq!(describe(&plain, &limits), described(plain));
}

#[test]
fn unbounded_text_has_a_size_that_can_be_set() {
    let limits = Limits {
        text: 255,
        complex: 500,
        binary: 100,
        ..Limits::default()
    };
    let json = describe(&Type::Json, &limits);
    assert_eq!((json.sql_type, json.column_size), (SQL_WVARCHAR, 500));
    let varchar = describe(&Type::Varchar { length: None }, &limits);
    assert_eq!((varchar.sql_type, varchar.column_size), (SQL_WVARCHAR, 255));
    let binary = describe(&Type::Varbinary, &limits);
    assert_eq!(
        (binary.sql_type, binary.column_size, binary.display_size),
        (SQL_VARBINARY, 100, 200)
    );
}

#[test]
fn text_of_a_stated_length_is_held_by_the_limit_too() {
    let limits = Limits {
        text: 255,
        ..Limits::default()
    };
    for (length, size, octets) in [(100, 200, 400), (200, 255, 800), (1_000_000, 255, 1020)] {
        for kind in [
            Type::Varchar {
                length: Some(length),
            },
            Type::Char { length },
        ] {
            let d = describe(&kind, &limits);
            assert_eq!((d.column_size, d.octet_length), (size, octets), "{kind}");
            assert_eq!((d.length, d.display_size), (size, size as i64), "{kind}");
        }
    }
    let kind = Type::Varchar {
        length: Some(u32::MAX),
    };
    assert_eq!(described(kind).column_size, Limits::default().text);
}

#[test]
fn display_sizes_have_room_for_the_longest_text() {
    for (kind, longest) in [
        (Type::IntervalYearToMonth, "-178956970-11"),
        (Type::IntervalDayToSecond, "-106751991167 07:12:55.808"),
        (
            Type::TimeWithTimeZone { precision: 12 },
            "00:00:00.000000000000+00:00",
        ),
        (
            Type::TimestampWithTimeZone { precision: 3 },
            "2020-01-01 00:00:00.000 America/Argentina/ComodRivadavia",
        ),
        (
            Type::Timestamp { precision: 12 },
            "2020-01-01 00:00:00.000000000000",
        ),
    ] {
        let room = described(kind.clone()).display_size;
        assert!(room >= longest.len() as i64, "{kind}: {room}");
    }
}

#[test]
fn decimal_digits_are_what_a_structure_holds() {
    let d = described(Type::Timestamp { precision: 12 });
    assert_eq!((d.decimal_digits, d.precision, d.column_size), (9, 9, 32));
}

#[test]
fn dates_and_intervals_have_verbose_types_too() {
    let d = described(Type::TimestampWithTimeZone { precision: 3 });
    assert_eq!(
        (d.sql_type, d.verbose_type, d.datetime_code),
        (SQL_TYPE_TIMESTAMP, SQL_DATETIME, SQL_CODE_TIMESTAMP)
    );
    let d = described(Type::IntervalDayToSecond);
    assert_eq!(
        (d.sql_type, d.verbose_type, d.datetime_code),
        (
            SQL_INTERVAL_DAY_TO_SECOND,
            SQL_INTERVAL,
            SQL_CODE_DAY_TO_SECOND
        )
    );
}

#[test]
fn type_names_have_no_parameters() {
    let row = Type::Row(vec![Field {
        name: Some("a".to_owned()),
        kind: Type::BigInt,
    }]);
    for (kind, name) in [
        (Type::Varchar { length: Some(3) }, "varchar"),
        (
            Type::Decimal {
                precision: 3,
                scale: 1,
            },
            "decimal",
        ),
        (Type::Timestamp { precision: 3 }, "timestamp"),
        (
            Type::TimestampWithTimeZone { precision: 3 },
            "timestamp with time zone",
        ),
        (Type::Array(Box::new(Type::BigInt)), "array"),
        (row, "row"),
        (Type::IntervalYearToMonth, "interval year to month"),
        (Type::Other("qdigest(bigint)".to_owned()), "qdigest"),
    ] {
        assert_eq!(described(kind).type_name, name);
    }
}

#[test]
fn only_numbers_are_signed() {
    assert!(!described(Type::Double).unsigned);
    assert!(!described(Type::BigInt).unsigned);
    assert!(described(Type::Boolean).unsigned);
    assert!(described(Type::Varchar { length: None }).unsigned);
}
