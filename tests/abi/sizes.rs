//! Described sizes: the longest text of every type fits them, however an application asks for them, and whatever it
//! sizes its buffers by.

use std::collections::HashMap;
use std::ffi::c_void;
use std::ptr::{null, null_mut};

use scripted_trino::{Answer, Column, Server, columns, columns_of_jdbc_columns};
use serde_json::{Value, json};
use trinoodbc::abi::*;
use trinoodbc::ffi::*;

use crate::application::*;

const QUERY: &str = "SELECT * FROM longest";

/// Types, and values of them whose text is the longest there is, or odd.
fn longest() -> Vec<(String, Vec<Value>)> {
    let mut all: Vec<(String, Vec<Value>)> = Vec::new();
    let mut add = |kind: &str, values: &[Value]| all.push((kind.to_owned(), values.to_vec()));
    add("boolean", &[json!(true), json!(false)]);
    add("tinyint", &[json!(i8::MIN)]);
    add("smallint", &[json!(i16::MIN)]);
    add("integer", &[json!(i32::MIN)]);
    add("bigint", &[json!(i64::MIN)]);
    add(
        "real",
        &floats(
            |bits| f64::from(f32::from_bits(bits as u32)),
            "-1.17549435E-38",
        ),
    );
    add(
        "double",
        &floats(f64::from_bits, "-2.2250738585072014E-308"),
    );
    for precision in 1..=38 {
        for scale in 0..=precision {
            let (whole, fraction) = ("9".repeat(precision - scale), "9".repeat(scale));
            let zero = if whole.is_empty() { "0" } else { "" };
            let point = if fraction.is_empty() { "" } else { "." };
            let values =
                ["-", ""].map(|sign| json!(format!("{sign}{zero}{whole}{point}{fraction}")));
            add(&format!("decimal({precision},{scale})"), &values);
        }
    }
    for length in [0, 1, 2, 3, 20, 1000] {
        let texts = ["x", "é", "日", "😀"].map(|character| json!(character.repeat(length)));
        add(&format!("varchar({length})"), &texts);
        add(&format!("char({length})"), &texts);
    }
    add("varchar", &[json!(""), json!("😀")]);
    add("varbinary", &[json!("3q2+7w==")]);
    add(
        "date",
        &[
            "-5877641-06-23",
            "+5881580-07-11",
            "-0001-01-01",
            "0000-12-31",
            "2020-02-29",
        ]
        .map(|date| json!(date)),
    );
    for precision in 0..=12 {
        let fraction = match precision {
            0 => String::new(),
            digits => format!(".{}", &"775807999999"[..digits]),
        };
        let texts = |texts: &[&str], end: &str| -> Vec<Value> {
            let texts = texts.iter();
            texts
                .map(|text| json!(format!("{text}{fraction}{end}")))
                .collect()
        };
        add(&format!("time({precision})"), &texts(&["23:59:59"], ""));
        add(
            &format!("time({precision}) with time zone"),
            &texts(&["23:59:59"], "-14:00"),
        );
        let years = [
            "-290307-12-21 19:59:05",
            "+294246-01-10 04:00:54",
            "2020-01-01 00:00:00",
        ];
        add(&format!("timestamp({precision})"), &texts(&years, ""));
        add(
            &format!("timestamp({precision}) with time zone"),
            &texts(&years, " America/Argentina/ComodRivadavia"),
        );
    }
    add("interval year to month", &[json!("-178956970-8")]);
    add(
        "interval day to second",
        &[json!("-106751991167 07:12:55.808")],
    );
    add("uuid", &[json!("12151fd2-7586-11e9-8f9e-2a86e4085a59")]);
    add(
        "ipaddress",
        &[json!("ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255")],
    );
    add("json", &[json!("{\"a\":1}")]);
    // As far as the digits that it is described with go: a number may have any.
    add(
        "number",
        &[
            json!("-1234567890123456789012345678.0123456789"),
            json!("-1E-10"),
            json!("-1E+37"),
        ],
    );
    add("unknown", &[]);
    all
}

/// Numbers of all magnitudes, `least` and what is no number.
fn floats(of_bits: impl Fn(u64) -> f64, least: &str) -> Vec<Value> {
    let mut values = vec![json!("NaN"), json!("-Infinity")];
    values.push(serde_json::from_str(least).unwrap());
    let mut bits = 1_u64;
    for _ in 0..60 {
        // The constants of Knuth's generator: any spread of bits does.
        bits = bits
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let value = of_bits(bits.rotate_left(32) | 1 << 31);
        if value.is_finite() {
            values.push(json!(value));
        }
    }
    values
}

/// What an application hears of a column.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Sizes {
    sql_type: i16,
    column_size: usize,
    digits: i16,
    nullable: i16,
    display: usize,
    octets: usize,
    length: usize,
    precision: isize,
}

/// An application of wide or of narrow functions.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Width {
    Wide,
    #[cfg(not(windows))]
    Narrow,
}

impl Width {
    #[cfg(not(windows))]
    const ALL: &[Self] = &[Self::Wide, Self::Narrow];
    #[cfg(windows)]
    const ALL: &[Self] = &[Self::Wide];

    fn c_type(self) -> i16 {
        match self {
            Self::Wide => C_WCHAR,
            #[cfg(not(windows))]
            Self::Narrow => C_CHAR,
        }
    }

    /// Bytes of a character in an application's buffer.
    fn unit(self) -> usize {
        match self {
            Self::Wide => 2,
            #[cfg(not(windows))]
            Self::Narrow => 1,
        }
    }

    /// Bytes of an application's buffer for text with its terminator; `None` where a type is not sized by that.
    fn capacity(self, told: &Sizes, by: &str) -> Option<usize> {
        let unit = self.unit();
        let is_text = is_text(told.sql_type);
        match by {
            "display size" => Some((told.display + 1) * unit),
            "octet length" if is_text => Some(told.octets + unit),
            "octet length" if told.sql_type == SQL_DECIMAL => Some((told.octets + 1) * unit),
            "column size" if is_text && self == Self::Wide => Some((told.column_size + 1) * unit),
            // As the reference counts, and nanodbc and odbc-api do: a sign, the digits and a point.
            "column size" if told.sql_type == SQL_DECIMAL => Some((told.column_size + 3) * unit),
            _ => None,
        }
    }

    fn sizes(self, statement: Handle, column: u16) -> Sizes {
        let (mut sql_type, mut column_size, mut digits, mut nullable) = (0, 0, 0, -1);
        // SAFETY: places for numbers; the others may be null.
        let code = unsafe {
            let (a, b, c, d) = (&mut sql_type, &mut column_size, &mut digits, &mut nullable);
            match self {
                Self::Wide => {
                    SQLDescribeColW(statement, column, null_mut(), 0, null_mut(), a, b, c, d)
                }
                #[cfg(not(windows))]
                Self::Narrow => {
                    SQLDescribeCol(statement, column, null_mut(), 0, null_mut(), a, b, c, d)
                }
            }
        };
        assert_eq!(code, SQL_SUCCESS);
        let attribute = |field: i16| {
            let (mut number, field) = (0_isize, field as u16);
            let (none, place) = (null_mut::<c_void>(), &raw mut number);
            // SAFETY: a place for a number.
            let code = unsafe {
                match self {
                    Self::Wide => SQLColAttributeW(
                        statement,
                        column,
                        field,
                        none,
                        0,
                        null_mut(),
                        place.cast(),
                    ),
                    #[cfg(not(windows))]
                    Self::Narrow => SQLColAttribute(
                        statement,
                        column,
                        field,
                        none.cast(),
                        0,
                        null_mut(),
                        place.cast(),
                    ),
                }
            };
            assert_eq!(code, SQL_SUCCESS);
            number
        };
        assert_eq!(attribute(SQL_DESC_NULLABLE), isize::from(nullable));
        let size = |field| usize::try_from(attribute(field)).unwrap();
        Sizes {
            sql_type,
            column_size,
            digits,
            nullable,
            display: size(SQL_DESC_DISPLAY_SIZE),
            octets: size(SQL_DESC_OCTET_LENGTH),
            length: size(SQL_DESC_LENGTH),
            precision: attribute(SQL_DESC_PRECISION),
        }
    }
}

/// SQLGetData as text into a buffer of `capacity` bytes: what came of it, and the length; `None` for NULL.
fn get(statement: Handle, column: u16, c_type: i16, capacity: usize) -> (SqlReturn, Option<usize>) {
    let (mut data, mut length) = (vec![0_u8; capacity], 0_isize);
    let place = data.as_mut_ptr().cast();
    // SAFETY: `data` has the stated size.
    let code = unsafe {
        SQLGetData(
            statement,
            column,
            c_type,
            place,
            capacity as isize,
            &mut length,
        )
    };
    (code, usize::try_from(length).ok())
}

/// Whether text of this type is sized by the column size alone.
fn is_text(sql_type: i16) -> bool {
    matches!(sql_type, SQL_WCHAR | SQL_WVARCHAR)
}

/// A query of all types, with their longest values in as many rows as there need be.
fn answer(all: &[(String, Vec<Value>)]) -> Answer {
    let columns = all.iter().enumerate();
    let columns = columns.map(|(at, (kind, _))| Column::new(&format!("c{at}"), kind));
    let height = all.iter().map(|(_, values)| values.len()).max().unwrap();
    let row = |row: usize| {
        let cells = all.iter();
        cells
            .map(|(_, values)| values.get(row).cloned().unwrap_or(Value::Null))
            .collect()
    };
    Answer::rows(columns.collect(), (0..height).map(row).collect())
}

#[test]
fn the_longest_text_of_every_type_fits_what_is_described() {
    let all = longest();
    for keywords in ["", "Interval=Interval", "TimestampWithTimeZone=Text"] {
        for width in Width::ALL {
            let application = Application::connected(Server::start(), keywords);
            application.server.on(QUERY, answer(&all));
            assert_eq!(application.execute(QUERY), SQL_SUCCESS);
            let statement = application.statement;
            let sizes: Vec<_> = (1..=all.len() as u16)
                .map(|column| width.sizes(statement, column))
                .collect();
            let mut values = 0;
            let mut wrong = Vec::new();
            while application.fetch() == SQL_SUCCESS {
                // Column after column, as one that was read to its end is read again only after another.
                for by in ["display size", "octet length", "column size"] {
                    for (at, ((kind, _), told)) in all.iter().zip(&sizes).enumerate() {
                        let Some(capacity) = width.capacity(told, by) else {
                            continue;
                        };
                        let (code, length) =
                            get(statement, at as u16 + 1, width.c_type(), capacity);
                        values += usize::from(length.is_some());
                        if code != SQL_SUCCESS {
                            wrong.push(format!("{kind} {width:?} by {by}: {length:?} in {told:?}"));
                        }
                    }
                }
            }
            assert!(wrong.is_empty(), "{keywords}:\n{}", wrong.join("\n"));
            assert!(values > 2000, "{values} values");
        }
    }
}

#[test]
fn a_negative_decimal_loses_its_zero_rather_than_a_digit() {
    let application = Application::start();
    let values = [json!("-0.99"), json!("0.05"), json!("-0.10")];
    let rows = values.map(|value| vec![value.clone(), value]).to_vec();
    let columns = columns![("a", "decimal(2,2)"), ("b", "decimal(2,2)")];
    application.server.on(QUERY, Answer::rows(columns, rows));
    assert_eq!(application.execute(QUERY), SQL_SUCCESS);
    let (mut bound, mut length) = ([0_u8; 5], [0]);
    application.bind(1, C_CHAR, &mut bound, 5, &mut length);
    for (expected, in_parts) in [("-.99", "-0."), ("0.05", "0.0"), ("-.10", "-0.")] {
        assert_eq!(application.fetch(), SQL_SUCCESS, "{expected}");
        assert_eq!(&bound[..length[0] as usize], expected.as_bytes());
        let mut data = [0_u8; 4];
        let place = data.as_mut_ptr().cast();
        // SAFETY: `data` has the stated size.
        let code = unsafe { SQLGetData(application.statement, 2, C_CHAR, place, 4, null_mut()) };
        assert_eq!(code, SQL_SUCCESS_WITH_INFO, "{expected}");
        assert_eq!(&data[..3], in_parts.as_bytes());
    }
}

/// The rows of a catalog function's answer, by the names of its columns.
fn rows(application: &Application) -> Vec<HashMap<String, String>> {
    let statement = application.statement;
    let mut count = 0;
    // SAFETY: a place for a number.
    unsafe { SQLNumResultCols(statement, &mut count) };
    let names: Vec<_> = (1..=count as u16)
        .map(|column| {
            let (mut name, mut length) = ([0_u16; 64], 0);
            let place = name.as_mut_ptr().cast();
            // SAFETY: the buffer has the stated size; the others may be null.
            unsafe {
                SQLDescribeColW(
                    statement,
                    column,
                    place,
                    64,
                    &mut length,
                    null_mut(),
                    null_mut(),
                    null_mut(),
                    null_mut(),
                )
            };
            String::from_utf16(&name[..length as usize]).unwrap()
        })
        .collect();
    let mut rows = Vec::new();
    while application.fetch() == SQL_SUCCESS {
        let mut row = HashMap::new();
        for (column, name) in (1..).zip(&names) {
            let (mut text, mut length) = ([0_u8; 4000], 0);
            let place = text.as_mut_ptr().cast();
            // SAFETY: the buffer has the stated size.
            let code = unsafe { SQLGetData(statement, column, C_CHAR, place, 4000, &mut length) };
            assert_eq!(code, SQL_SUCCESS, "{name}");
            if let Ok(length) = usize::try_from(length) {
                let text = std::str::from_utf8(&text[..length]).unwrap();
                row.insert(name.clone(), text.to_owned());
            }
        }
        rows.push(row);
    }
    // SAFETY: the handle is ours.
    assert_eq!(unsafe { SQLFreeStmt(statement, SQL_CLOSE) }, SQL_SUCCESS);
    rows
}

/// Answers SQLColumns with a column of each of these types, in order; every third has a constraint, and of every third
/// the server says nothing.
fn with_columns(server: &Server, all: &[(String, Vec<Value>)]) {
    let rows: Vec<_> = all
        .iter()
        .enumerate()
        .map(|(at, (kind, _))| {
            let nullable = [json!("YES"), json!("NO"), json!("")][at % 3].clone();
            let name = format!("c{at}");
            vec![
                json!("c"),
                json!("s"),
                json!("t"),
                json!(name),
                json!(kind),
                json!("r".repeat(1000)),
                json!(null),
                json!(at + 1),
                nullable,
            ]
        })
        .collect();
    server.on_matching(move |sql| {
        let columns = columns_of_jdbc_columns();
        sql.contains("FROM system.jdbc.columns")
            .then(|| Answer::rows(columns, rows.clone()))
    });
}

fn columns_of(application: &Application) -> SqlReturn {
    let (name, none) = (wide("t"), null());
    // SAFETY: the name ends with 0; the others may be null.
    unsafe {
        let name = name.as_ptr().cast();
        let nts = SQL_NTS as i16;
        SQLColumnsW(application.statement, none, 0, none, 0, name, nts, none, 0)
    }
}

#[test]
fn a_tables_columns_have_the_sizes_of_a_querys() {
    let all = longest();
    for keywords in [
        "",
        "Interval=Interval;TimestampWithTimeZone=Text;TextColumnLength=255",
    ] {
        let server = Server::start();
        with_columns(&server, &all);
        let application = Application::connected(server, keywords);
        application.server.on(QUERY, answer(&all));
        assert_eq!(application.execute(QUERY), SQL_SUCCESS);
        let described: Vec<_> = (1..=all.len() as u16)
            .map(|column| Width::Wide.sizes(application.statement, column))
            .collect();
        // SAFETY: the handle is ours.
        unsafe { SQLFreeStmt(application.statement, SQL_CLOSE) };
        assert_eq!(columns_of(&application), SQL_SUCCESS);
        let rows = rows(&application);
        assert_eq!(rows.len(), all.len());
        for (row, told) in rows.iter().zip(described) {
            let number = |name: &str| row.get(name).map(|text| text.parse::<usize>().unwrap());
            let kind = &row["TYPE_NAME"];
            assert_eq!(row["DATA_TYPE"], told.sql_type.to_string(), "{kind}");
            assert_eq!(number("COLUMN_SIZE"), Some(told.column_size), "{kind}");
            assert_eq!(number("BUFFER_LENGTH"), Some(told.octets), "{kind}");
            let octets = number("CHAR_OCTET_LENGTH");
            let has_octets = is_text(told.sql_type) || told.sql_type == SQL_VARBINARY;
            assert_eq!(octets, has_octets.then_some(told.octets), "{kind}");
            assert_eq!(told.length, told.column_size, "{kind}");
            if let Some(digits) = row.get("DECIMAL_DIGITS") {
                assert_eq!(*digits, told.digits.to_string(), "{kind}");
            }
            if told.sql_type == SQL_DECIMAL {
                assert_eq!(told.precision, told.column_size as isize, "{kind}");
            }
        }
    }
}

#[test]
fn both_columns_on_nulls_say_the_same() {
    let all = longest();
    let server = Server::start();
    with_columns(&server, &all);
    let application = Application::with(server);
    assert_eq!(columns_of(&application), SQL_SUCCESS);
    let seen: Vec<_> = rows(&application)
        .into_iter()
        .take(3)
        .map(|row| (row["NULLABLE"].clone(), row["IS_NULLABLE"].clone()))
        .collect();
    let expected = [("1", "YES"), ("0", "NO"), ("2", "")];
    assert_eq!(seen, expected.map(|(a, b)| (a.to_owned(), b.to_owned())));
    // Of a query's columns the server says nothing: they may have NULLs.
    assert_eq!(application.execute(THREE), SQL_SUCCESS);
    for width in Width::ALL {
        let nullable = width.sizes(application.statement, 1).nullable;
        assert_eq!(nullable, SQL_NULLABLE);
    }
}

#[test]
fn a_type_is_listed_with_the_largest_size_of_its_columns() {
    let all = longest();
    let application = Application::start();
    application.server.on(QUERY, answer(&all));
    assert_eq!(application.execute(QUERY), SQL_SUCCESS);
    let sizes: Vec<_> = (1..=all.len() as u16)
        .map(|column| Width::Wide.sizes(application.statement, column))
        .collect();
    // SAFETY: the handle is ours.
    unsafe { SQLFreeStmt(application.statement, SQL_CLOSE) };
    // SAFETY: the handle is ours.
    let code = unsafe { SQLGetTypeInfoW(application.statement, SQL_ALL_TYPES) };
    assert_eq!(code, SQL_SUCCESS);
    let listed = rows(&application);
    for ((kind, _), told) in all.iter().zip(sizes) {
        // Neither can be declared.
        if kind == "unknown" || kind == "number" {
            continue;
        }
        let end = kind.find('(').unwrap_or(kind.len());
        let zone = kind.find(" with").map_or("", |at| &kind[at..]);
        let name = format!("{}{zone}", kind[..end].trim_end_matches(zone));
        let sql_type = told.sql_type.to_string();
        let row = listed
            .iter()
            .find(|row| row["TYPE_NAME"] == name && row["DATA_TYPE"] == sql_type)
            .unwrap_or_else(|| panic!("{name} is not listed as {sql_type}"));
        let size: usize = row["COLUMN_SIZE"].parse().unwrap();
        assert!(size >= told.column_size, "{kind}: {size}");
    }
}

#[test]
fn the_answers_of_catalog_functions_have_room_for_their_texts() {
    let all = longest();
    let server = Server::start();
    with_columns(&server, &all);
    let application = Application::with(server);
    let statement = application.statement;
    // SAFETY: the handle is ours.
    let type_info = || unsafe { SQLGetTypeInfoW(statement, SQL_ALL_TYPES) };
    let columns = || columns_of(&application);
    let calls: [&dyn Fn() -> SqlReturn; 2] = [&type_info, &columns];
    for call in calls {
        assert_eq!(call(), SQL_SUCCESS);
        let mut count = 0;
        // SAFETY: a place for a number.
        unsafe { SQLNumResultCols(statement, &mut count) };
        let sizes: Vec<_> = (1..=count as u16)
            .map(|column| Width::Wide.sizes(statement, column))
            .collect();
        while application.fetch() == SQL_SUCCESS {
            for (column, told) in (1..).zip(&sizes) {
                let room = (told.column_size.max(told.display) + 1) * 2;
                let (code, length) = get(statement, column, C_WCHAR, room);
                assert_eq!(code, SQL_SUCCESS, "column {column}: {length:?} in {told:?}");
            }
        }
        // SAFETY: the handle is ours.
        unsafe { SQLFreeStmt(statement, SQL_CLOSE) };
    }
}
