//! Values of each type, in their natural C type, as text, and in parts.

use client_tests::client::{Connection, Statement};
use client_tests::driver;
use client_tests::odbc::*;
use client_tests::value::{canonical, expected};
use scripted_trino::{Answer, EVERY_TYPE, Generated, Server, columns};
use serde_json::{Value, json};

const ROWS: usize = 400;

fn every_type() -> (Server, Generated) {
    let server = Server::start();
    let generated = Generated::new(EVERY_TYPE, ROWS, 3);
    server.on("SELECT every", Answer::from_generated(generated.clone()));
    (server, generated)
}

fn one(columns: Vec<scripted_trino::Column>, row: Vec<Value>) -> Server {
    let server = Server::start();
    server.on("SELECT one", Answer::rows(columns, vec![row]));
    server
}

#[test]
fn every_type_arrives_as_wide_text() {
    let (server, generated) = every_type();
    let connection = Connection::open(&driver::string(&server)).unwrap();
    let mut statement = connection.run("SELECT every").unwrap();
    for row in 0..ROWS {
        assert!(statement.fetch().unwrap());
        for (at, column) in generated.columns.iter().enumerate() {
            let kind = &column.type_text;
            let wanted = expected(&column.signature, &generated.cell_text(row, at));
            let text = statement.text(at as u16 + 1).unwrap();
            let text = text.map(|text| canonical(&column.signature, &text));
            assert_eq!(text, wanted, "row {row}, column {at}, {kind}");
        }
    }
    assert!(!statement.fetch().unwrap());
}

#[test]
fn every_type_arrives_in_its_natural_c_type() {
    let (server, generated) = every_type();
    let text = driver::string(&server) + "TimeZone=UTC;";
    let connection = Connection::open(&text).unwrap();
    let mut statement = connection.run("SELECT every").unwrap();
    for row in 0..ROWS {
        assert!(statement.fetch().unwrap());
        for (at, column) in generated.columns.iter().enumerate() {
            let kind = &column.type_text;
            let Some(wanted) = expected(&column.signature, &generated.cell_text(row, at)) else {
                let got = natural(&mut statement, at as u16 + 1, kind);
                assert_eq!(got, None, "row {row}, column {at}, {kind}");
                continue;
            };
            // A zone other than the session's moves the wall clock.
            if kind.contains("timestamp") && kind.contains("zone") && !wanted.ends_with(" UTC") {
                continue;
            }
            let got = natural(&mut statement, at as u16 + 1, kind);
            let got = got.map(|text| canonical(&column.signature, &text));
            assert_eq!(
                got.unwrap(),
                whole(kind, &wanted),
                "row {row}, column {at}, {kind}"
            );
        }
    }
}

/// What is left of a text when the natural C type holds less.
fn whole(kind: &str, text: &str) -> String {
    let text = text.strip_suffix(" UTC").unwrap_or(text);
    match text.split_once('.') {
        Some((seconds, _)) if kind.starts_with("time(") && !kind.contains("zone") => {
            seconds.to_owned()
        }
        Some((seconds, digits)) if kind.starts_with("timestamp") => {
            format!("{seconds}.{}", &digits[..digits.len().min(9)])
        }
        _ => text.to_owned(),
    }
}

/// The value in its natural C type, written out as text again.
fn natural(statement: &mut Statement<'_>, column: u16, kind: &str) -> Option<String> {
    let base = kind.split('(').next().unwrap();
    let zoned = kind.contains("zone");
    Some(match base {
        "boolean" => statement.fixed::<1>(column, SQL_C_BIT).unwrap()?[0].to_string(),
        "tinyint" => {
            i8::from_ne_bytes(statement.fixed(column, SQL_C_STINYINT).unwrap()?).to_string()
        }
        "smallint" => {
            i16::from_ne_bytes(statement.fixed(column, SQL_C_SSHORT).unwrap()?).to_string()
        }
        "integer" => i32::from_ne_bytes(statement.fixed(column, SQL_C_SLONG).unwrap()?).to_string(),
        "bigint" => {
            i64::from_ne_bytes(statement.fixed(column, SQL_C_SBIGINT).unwrap()?).to_string()
        }
        "real" => {
            let value = f32::from_ne_bytes(statement.fixed(column, SQL_C_FLOAT).unwrap()?);
            format!("{value:?}")
        }
        "double" => {
            let value = f64::from_ne_bytes(statement.fixed(column, SQL_C_DOUBLE).unwrap()?);
            format!("{value:?}")
        }
        "decimal" => numeric(statement.fixed(column, SQL_C_NUMERIC).unwrap()?),
        "varbinary" => {
            let bytes = statement.byte_parts(column, SQL_C_BINARY, 16).unwrap()?;
            bytes.iter().map(|byte| format!("{byte:02X}")).collect()
        }
        "date" => date(&statement.fixed::<6>(column, SQL_C_TYPE_DATE).unwrap()?),
        "time" if !zoned => time(&statement.fixed::<6>(column, SQL_C_TYPE_TIME).unwrap()?),
        "timestamp" => {
            let bytes = statement
                .fixed::<16>(column, SQL_C_TYPE_TIMESTAMP)
                .unwrap()?;
            let mut text = format!("{} {}", date(&bytes), time(&bytes[6..]));
            let digits: usize = kind[10..].split(')').next().unwrap().parse().unwrap();
            if digits > 0 {
                let fraction = format!("{:09}", u32_at(&bytes, 12));
                text = format!("{text}.{}", &fraction[..digits.min(9)]);
            }
            text
        }
        "interval day to second" => {
            let bytes = statement
                .fixed::<28>(column, SQL_C_INTERVAL_DAY_TO_SECOND)
                .unwrap()?;
            let part = |index: usize| u32_at(&bytes, 8 + index * 4);
            let sign = if bytes[4..6] == [0, 0] { "" } else { "-" };
            let fraction = format!("{:09}", part(4) * 1000);
            assert_eq!(u32_at(&bytes, 0), 10, "interval_type");
            format!(
                "{sign}{} {:02}:{:02}:{:02}.{}",
                part(0),
                part(1),
                part(2),
                part(3),
                &fraction[..3]
            )
        }
        "interval year to month" => {
            let bytes = statement
                .fixed::<28>(column, SQL_C_INTERVAL_YEAR_TO_MONTH)
                .unwrap()?;
            let sign = if bytes[4..6] == [0, 0] { "" } else { "-" };
            assert_eq!(u32_at(&bytes, 0), 7, "interval_type");
            format!("{sign}{}-{}", u32_at(&bytes, 8), u32_at(&bytes, 12))
        }
        "uuid" => {
            let bytes = statement.fixed::<16>(column, SQL_C_GUID).unwrap()?;
            let mut text = format!(
                "{:08x}-{:04x}-{:04x}-",
                u32_at(&bytes, 0),
                u16_at(&bytes, 4),
                u16_at(&bytes, 6)
            );
            for (at, byte) in bytes[8..].iter().enumerate() {
                if at == 2 {
                    text.push('-');
                }
                text += &format!("{byte:02x}");
            }
            text
        }
        _ => {
            let bytes = statement.byte_parts(column, SQL_C_CHAR, 4096).unwrap()?;
            String::from_utf8(bytes).expect("UTF-8")
        }
    })
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_ne_bytes([bytes[at], bytes[at + 1]])
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_ne_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

fn date(bytes: &[u8]) -> String {
    let year = u16_at(bytes, 0) as i16;
    let (month, day) = (u16_at(bytes, 2), u16_at(bytes, 4));
    match year {
        0..=9999 => format!("{year:04}-{month:02}-{day:02}"),
        10_000.. => format!("+{year}-{month:02}-{day:02}"),
        _ => format!("-{:04}-{month:02}-{day:02}", -year),
    }
}

fn time(bytes: &[u8]) -> String {
    let (hour, minute, second) = (u16_at(bytes, 0), u16_at(bytes, 2), u16_at(bytes, 4));
    format!("{hour:02}:{minute:02}:{second:02}")
}

/// SQL_NUMERIC_STRUCT as text.
fn numeric(bytes: [u8; 19]) -> String {
    let scale = usize::from(bytes[1]);
    let value = u128::from_le_bytes(bytes[3..].try_into().unwrap());
    let mut digits = value.to_string();
    if digits.len() <= scale {
        digits.insert_str(0, &"0".repeat(scale + 1 - digits.len()));
    }
    if scale > 0 {
        digits.insert(digits.len() - scale, '.');
    }
    if bytes[2] == 0 {
        digits.insert(0, '-');
    }
    digits
}

#[test]
fn long_text_comes_in_parts() {
    let long: String = (0..40_000)
        .map(|at| char::from(b'a' + (at % 26) as u8))
        .collect();
    let server = one(columns![("t", "varchar")], vec![json!(long)]);
    let connection = Connection::open(&driver::string(&server)).unwrap();
    let mut statement = connection.run("SELECT one").unwrap();
    assert!(statement.fetch().unwrap());
    let mut out = [0; 11];
    let (code, indicator) = statement.get_data(1, SQL_C_CHAR, &mut out).unwrap();
    assert_eq!((code, indicator), (SQL_SUCCESS_WITH_INFO, 40_000));
    assert_eq!(statement.warnings[0].state, "01004");
    assert_eq!(&out, b"abcdefghij\0");
    let (_, indicator) = statement.get_data(1, SQL_C_CHAR, &mut out).unwrap();
    assert_eq!((indicator, &out), (39_990, b"klmnopqrst\0"));
    let rest = statement.byte_parts(1, SQL_C_CHAR, 1000).unwrap().unwrap();
    assert_eq!(rest, long.as_bytes()[20..]);
    let (code, _) = statement.get_data(1, SQL_C_CHAR, &mut out).unwrap();
    assert_eq!(code, SQL_NO_DATA);
}

#[test]
fn wide_text_beyond_the_first_plane_survives_parts_of_any_size() {
    let long = "a😀𝄞ä".repeat(300);
    let server = one(columns![("t", "varchar")], vec![json!(long)]);
    let connection = Connection::open(&driver::string(&server)).unwrap();
    let wanted: Vec<u16> = long.encode_utf16().collect();
    for capacity in [2, 3, 4, 5, 64, 65, 5000] {
        let mut statement = connection.run("SELECT one").unwrap();
        assert!(statement.fetch().unwrap());
        let units = statement.wide_parts(1, capacity).unwrap().unwrap();
        assert!(
            units == wanted,
            "parts of {capacity} units: {:?}",
            &units[..12]
        );
    }
}

#[test]
fn narrow_text_survives_parts_of_any_size() {
    let long = "a😀𝄞ä".repeat(300);
    let server = one(columns![("t", "varchar")], vec![json!(long)]);
    let connection = Connection::open(&driver::string(&server)).unwrap();
    for capacity in [2, 5, 6, 7, 8, 64, 65, 8000] {
        let mut statement = connection.run("SELECT one").unwrap();
        assert!(statement.fetch().unwrap());
        let bytes = statement
            .byte_parts(1, SQL_C_CHAR, capacity)
            .unwrap()
            .unwrap();
        assert!(
            bytes == long.as_bytes(),
            "parts of {capacity} bytes: {:?}",
            &bytes[..12]
        );
    }
}

#[test]
fn binary_comes_in_parts() {
    let server = one(
        columns![("b", "varbinary")],
        vec![json!("AAECAwQFBgcICQ==")],
    );
    let connection = Connection::open(&driver::string(&server)).unwrap();
    let mut statement = connection.run("SELECT one").unwrap();
    assert!(statement.fetch().unwrap());
    let mut out = [0; 4];
    let (code, indicator) = statement.get_data(1, SQL_C_BINARY, &mut out).unwrap();
    assert_eq!(
        (code, indicator, out),
        (SQL_SUCCESS_WITH_INFO, 10, [0, 1, 2, 3])
    );
    let rest = statement.byte_parts(1, SQL_C_BINARY, 4).unwrap().unwrap();
    assert_eq!(rest, [4, 5, 6, 7, 8, 9]);
}

#[test]
fn an_empty_value_is_not_null() {
    let server = one(
        columns![("t", "varchar"), ("b", "varbinary"), ("n", "varchar")],
        vec![json!(""), json!(""), json!(null)],
    );
    let connection = Connection::open(&driver::string(&server)).unwrap();
    let mut statement = connection.run("SELECT one").unwrap();
    assert!(statement.fetch().unwrap());
    let mut out = [7; 4];
    assert_eq!(
        statement.get_data(1, SQL_C_CHAR, &mut out).unwrap(),
        (SQL_SUCCESS, 0)
    );
    assert_eq!(out[0], 0);
    assert_eq!(
        statement.get_data(2, SQL_C_BINARY, &mut out).unwrap(),
        (SQL_SUCCESS, 0)
    );
    assert_eq!(
        statement.get_data(3, SQL_C_CHAR, &mut out).unwrap(),
        (SQL_SUCCESS, SQL_NULL_DATA)
    );
}

#[test]
fn numbers_that_do_not_fit_are_22003_and_fractions_lost_01s07() {
    let server = one(
        columns![("big", "bigint"), ("x", "double")],
        vec![json!(5_000_000_000_i64), json!(2.75)],
    );
    let connection = Connection::open(&driver::string(&server)).unwrap();
    let mut statement = connection.run("SELECT one").unwrap();
    assert!(statement.fetch().unwrap());
    let failure = statement.fixed::<4>(1, SQL_C_SLONG).unwrap_err();
    assert_eq!(failure.state(), "22003", "{failure}");
    let value = statement.fixed::<4>(2, SQL_C_SLONG).unwrap().unwrap();
    assert_eq!(i32::from_ne_bytes(value), 2);
    assert_eq!(statement.warnings[0].state, "01S07");
}

#[test]
fn columns_may_be_read_in_any_order() {
    let server = one(
        columns![("a", "integer"), ("b", "varchar"), ("c", "integer")],
        vec![json!(1), json!("two"), json!(3)],
    );
    let connection = Connection::open(&driver::string(&server)).unwrap();
    let mut statement = connection.run("SELECT one").unwrap();
    assert!(statement.fetch().unwrap());
    for (column, wanted) in [(3, "3"), (1, "1"), (2, "two"), (1, "1")] {
        assert_eq!(statement.text(column).unwrap().as_deref(), Some(wanted));
    }
}
