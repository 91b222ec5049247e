//! Parameters that `odbc-api` binds: equal to the literal that a person would type, and of the same type.

use client_tests::driver;
use client_tests::lab::Lab;
use odbc_api::buffers::TextRowSet;
use odbc_api::parameter::{InputParameter, VarBinaryBox, VarWCharBox, WithDataType};
use odbc_api::sys::{Date, SqlDataType, Time, Timestamp};
use odbc_api::{Bit, Connection, ConnectionOptions, Cursor, DataType, IntoParameter};

fn connect() -> Connection<'static> {
    driver::register();
    odbc_api::environment()
        .unwrap()
        .connect_with_connection_string(&Lab::get().string(""), ConnectionOptions::default())
        .unwrap()
}

/// The only row of a query, as text.
fn row<P: InputParameter>(connection: &Connection<'_>, sql: &str, values: &[P]) -> Vec<String> {
    let mut cursor = connection
        .execute(sql, values, None)
        .unwrap_or_else(|error| panic!("{sql}: {error}"))
        .expect("rows");
    let mut buffer = TextRowSet::for_cursor(1, &mut cursor, Some(4096)).unwrap();
    let mut rows = cursor.bind_buffer(&mut buffer).unwrap();
    let batch = rows.fetch().unwrap().expect("a row");
    let text = |column| batch.at(column, 0).unwrap_or(b"NULL");
    (0..batch.num_cols())
        .map(|column| String::from_utf8_lossy(text(column)).into_owned())
        .collect()
}

/// Holds that each value is its literal, and has its type. How many there are.
fn are_literals<P: InputParameter>(values: Vec<(P, String)>) -> usize {
    let connection = connect();
    let (values, literals): (Vec<P>, Vec<String>) = values.into_iter().unzip();
    for (values, literals) in values.chunks(20).zip(literals.chunks(20)) {
        let names: Vec<_> = (0..literals.len()).map(|n| format!("v{n}")).collect();
        let compared: Vec<_> = literals
            .iter()
            .zip(&names)
            .map(|(literal, name)| {
                format!("{name} IS NOT DISTINCT FROM {literal}, typeof({name}), typeof({literal})")
            })
            .collect();
        let sql = format!(
            "SELECT {} FROM (VALUES ({})) t ({})",
            compared.join(", "),
            vec!["?"; literals.len()].join(", "),
            names.join(", ")
        );
        let cells = row(&connection, &sql, values);
        for (cells, literal) in cells.chunks(3).zip(literals) {
            assert_eq!(cells[0], "1", "{literal}");
            assert_eq!(cells[1], cells[2], "{literal}");
        }
    }
    values.len()
}

/// Text that stands for a value of an SQL type, and its literal.
fn as_text<'a>(
    kind: DataType,
    name: &str,
    values: impl IntoIterator<Item = &'a str>,
) -> Vec<(WithDataType<VarWCharBox>, String)> {
    values
        .into_iter()
        .map(|value| {
            let value = value.to_owned();
            let literal = format!("{name} '{}'", value.replace('\'', "''"));
            (WithDataType::new(value.into_parameter(), kind), literal)
        })
        .collect()
}

fn other(number: i16) -> DataType {
    DataType::Other {
        data_type: SqlDataType(number),
        column_size: None,
        decimal_digits: 0,
    }
}

const DECIMALS: [&str; 14] = [
    "0",
    "0.0",
    "0.000",
    "1",
    "-1",
    "10",
    "100.00",
    "-0.05",
    "99999999999999999999999999999999999999",
    "-99999999999999999999999999999999999999",
    "0.99999999999999999999999999999999999999",
    "-0.00000000000000000000000000000000000001",
    "1234567890123456789.0123456789012345678",
    "-12345678901234567890123456789012345678",
];

const MOMENTS: [&str; 14] = [
    "0001-01-01 00:00:00",
    "1582-10-10 12:00:00",
    "1969-12-31 23:59:59.9",
    "1970-01-01 00:00:00.12",
    "2000-02-29 01:02:03.123",
    "2000-02-29 01:02:03.1234",
    "2000-02-29 01:02:03.12345",
    "2000-02-29 01:02:03.123456",
    "2000-02-29 01:02:03.1234567",
    "2000-02-29 01:02:03.12345678",
    "2000-02-29 01:02:03.123456789",
    "2000-02-29 01:02:03.1234567891",
    "2000-02-29 01:02:03.123456789012",
    "9999-12-31 23:59:59.999999999999",
];

const CLOCKS: [&str; 8] = [
    "00:00:00",
    "00:00:01.5",
    "12:34:56.123",
    "12:34:56.123456",
    "12:34:56.123456789",
    "12:34:56.12345678901",
    "12:34:56.123456789012",
    "23:59:59.999999999999",
];

#[test]
fn text_that_stands_for_a_value_is_that_value() {
    let decimal = DataType::Decimal {
        precision: 0,
        scale: 0,
    };
    let timestamp = DataType::Timestamp { precision: 12 };
    let time = DataType::Time { precision: 12 };
    let mut count = 0;
    for values in [
        as_text(decimal, "DECIMAL", DECIMALS),
        as_text(timestamp, "TIMESTAMP", MOMENTS),
        as_text(time, "TIME", CLOCKS),
        as_text(
            DataType::Date,
            "DATE",
            [
                "0001-01-01",
                "1582-10-04",
                "1969-12-31",
                "2024-02-29",
                "9999-12-31",
            ],
        ),
        as_text(DataType::TinyInt, "TINYINT", ["0", "-128", "127"]),
        as_text(DataType::SmallInt, "SMALLINT", ["0", "-32768", "32767"]),
        as_text(
            DataType::Integer,
            "INTEGER",
            ["0", "-2147483648", "2147483647"],
        ),
        as_text(
            DataType::BigInt,
            "BIGINT",
            ["0", "-9223372036854775808", "9223372036854775807"],
        ),
        as_text(
            DataType::Double,
            "DOUBLE",
            [
                "0.0",
                "-0.0",
                "0.1",
                "5e-324",
                "1.7976931348623157e308",
                "NaN",
                "Infinity",
                "-Infinity",
            ],
        ),
        as_text(
            DataType::Real,
            "REAL",
            ["0.0", "0.1", "1.4e-45", "3.4028235e38", "NaN", "-Infinity"],
        ),
        as_text(DataType::Bit, "BOOLEAN", ["true", "false"]),
        as_text(
            other(-11),
            "UUID",
            [
                "00000000-0000-0000-0000-000000000000",
                "12151fd2-7586-11e9-8f9e-2a86e4085a59",
                "ffffffff-ffff-ffff-ffff-ffffffffffff",
            ],
        ),
        as_text(
            DataType::Varchar { length: None },
            "",
            [
                "",
                " ",
                "a ",
                "it's",
                "\"",
                "\\",
                "?",
                "--",
                "/*",
                "\n",
                "\u{1}",
                "ä",
                "日本語",
                "🌍",
                "e\u{301}",
            ],
        ),
        as_text(
            DataType::WVarchar { length: None },
            "",
            ["", "'", "''", "ß", "🌍🌍", "\u{feff}"],
        ),
        as_text(
            DataType::WChar { length: None },
            "",
            ["a", "ab ", "it's", "ä"],
        ),
    ] {
        count += are_literals(values);
    }
    assert!(count > 90, "{count}");
}

#[test]
fn intervals_are_their_literals() {
    let months = ["0-1", "1-0", "-3-11", "1000-2"];
    let days = [
        "0 00:00:00.001",
        "1 02:03:04.567",
        "-1 00:00:00",
        "99999 23:59:59.999",
    ];
    let interval = |number, unit: &str, values: [&str; 4]| {
        let with_unit = |(value, literal)| (value, format!("{literal} {unit}"));
        as_text(other(number), "INTERVAL", values)
            .into_iter()
            .map(with_unit)
            .collect::<Vec<_>>()
    };
    assert_eq!(are_literals(interval(107, "YEAR TO MONTH", months)), 4);
    assert_eq!(are_literals(interval(110, "DAY TO SECOND", days)), 4);
}

#[test]
fn numbers_are_their_literals() {
    let literals = |name: &str, values: &[i64]| -> Vec<(i64, String)> {
        let literal = |value: &i64| (*value, format!("{name} '{value}'"));
        values.iter().map(literal).collect()
    };
    let big = [
        0,
        1,
        -1,
        i64::MAX,
        i64::MIN,
        1 << 53,
        10_i64.pow(18),
        -(10_i64.pow(17)) - 3,
    ];
    assert_eq!(are_literals(literals("BIGINT", &big)), 8);
    let small: Vec<_> = [0_i32, 1, -1, i32::MAX, i32::MIN, 65_536]
        .map(|value| (value, format!("INTEGER '{value}'")))
        .into();
    are_literals(small);
    let small: Vec<_> = [0_i16, -1, i16::MAX, i16::MIN]
        .map(|value| (value, format!("SMALLINT '{value}'")))
        .into();
    are_literals(small);
    let small: Vec<_> = [0_i8, -1, i8::MAX, i8::MIN]
        .map(|value| (value, format!("TINYINT '{value}'")))
        .into();
    are_literals(small);
    let doubles = [
        0.0,
        -0.0,
        0.1,
        1.0 / 3.0,
        f64::MAX,
        f64::MIN_POSITIVE,
        5e-324,
        1e21,
        123_456.789,
    ];
    let doubles: Vec<_> = doubles
        .map(|value| (value, format!("DOUBLE '{value:e}'")))
        .into();
    are_literals(doubles);
    let unusual = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY];
    let words = ["nan()", "infinity()", "-infinity()"].map(str::to_owned);
    are_literals(unusual.into_iter().zip(words).collect());
    let reals = [0.0_f32, 0.1, 1.0 / 3.0, f32::MAX, f32::MIN_POSITIVE, 1e-45];
    let reals: Vec<_> = reals
        .map(|value| (value, format!("REAL '{value:e}'")))
        .into();
    are_literals(reals);
    are_literals(vec![
        (Bit(1), "true".to_owned()),
        (Bit(0), "false".to_owned()),
    ]);
}

#[test]
fn powers_of_ten_are_their_literals() {
    let big: Vec<_> = (0..19)
        .flat_map(|power| [10_i64.pow(power), -(10_i64.pow(power)) + 1])
        .map(|value| (value, format!("BIGINT '{value}'")))
        .collect();
    assert_eq!(are_literals(big), 38);
    let doubles: Vec<_> = (-20..20)
        .map(|power| 1.5 * 10_f64.powi(power * 15))
        .map(|value| (value, format!("DOUBLE '{value:e}'")))
        .collect();
    assert_eq!(are_literals(doubles), 40);
}

#[test]
fn dates_and_times_are_their_literals() {
    let dates = [
        (1, 1, 1),
        (1582, 10, 10),
        (1970, 1, 1),
        (2024, 2, 29),
        (9999, 12, 31),
    ];
    let date = |(year, month, day)| {
        let value = Date { year, month, day };
        (
            value.into_parameter(),
            format!("DATE '{year:04}-{month:02}-{day:02}'"),
        )
    };
    are_literals(dates.map(date).into());
    let clocks = [(0, 0, 0), (1, 2, 3), (23, 59, 59)];
    let clock = |(hour, minute, second)| {
        let value = Time {
            hour,
            minute,
            second,
        };
        let value = WithDataType::new(value, DataType::Time { precision: 0 });
        (value, format!("TIME '{hour:02}:{minute:02}:{second:02}'"))
    };
    are_literals(clocks.map(clock).into());
    let fractions = [
        (0, ""),
        (500_000_000, ".5"),
        (123_000_000, ".123"),
        (1_000, ".000001"),
        (1, ".000000001"),
        (999_999_999, ".999999999"),
    ];
    let moment = |(fraction, digits): (u32, &str)| {
        let value = Timestamp {
            year: 2020,
            month: 2,
            day: 29,
            hour: 23,
            minute: 59,
            second: 58,
            fraction,
        };
        let value = WithDataType::new(value, DataType::Timestamp { precision: 9 });
        (value, format!("TIMESTAMP '2020-02-29 23:59:58{digits}'"))
    };
    are_literals(fractions.map(moment).into());
}

#[test]
fn bytes_are_their_literals() {
    let all: Vec<u8> = (0..=255).collect();
    let values = [
        vec![],
        vec![0],
        vec![0x27],
        vec![0xff, 0xfe],
        all,
        vec![7; 3000],
    ];
    let bytes = |value: Vec<u8>| {
        let digits: String = value.iter().map(|byte| format!("{byte:02x}")).collect();
        (VarBinaryBox::from_vec(value), format!("X'{digits}'"))
    };
    assert_eq!(are_literals(values.map(bytes).into()), 6);
}
