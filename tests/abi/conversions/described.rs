//! Columns described as text are text in every respect: each C type gets the same from them as from a varchar with the
//! same characters, however their values are stored.

use std::ptr::null_mut;

use scripted_trino::{Answer, Column, Server};
use serde_json::json;
use trinoodbc::abi::*;
use trinoodbc::ffi::*;

use super::columns::{C_TYPES, Seen};
use crate::application::*;

const VALUES: &[(&str, &str)] = &[
    ("time(0) with time zone", "23:59:59-08:00"),
    ("time(3) with time zone", "01:02:03.450+05:30"),
    ("time(12) with time zone", "01:02:03.123456789012+00:00"),
    ("timestamp(0) with time zone", "2024-07-01 12:00:00 UTC"),
    (
        "timestamp(3) with time zone",
        "2024-07-01 01:30:00.450 Asia/Tokyo",
    ),
    (
        "timestamp(12) with time zone",
        "1969-12-31 23:59:59.123456789012 +05:30",
    ),
    (
        "timestamp(3) with time zone",
        "-0044-03-15 01:02:03.000 Europe/Berlin",
    ),
    ("timestamp(0) with time zone", "+32768-01-01 00:00:00 UTC"),
    ("interval year to month", "3-2"),
    ("interval year to month", "-0-11"),
    ("interval year to month", "178956970-7"),
    ("interval day to second", "0 00:00:00.000"),
    ("interval day to second", "-2 03:04:05.678"),
    ("interval day to second", "106751991167 07:12:55.807"),
    ("bigint", "-123"),
    ("bigint", "0"),
    ("bigint", "-9223372036854775808"),
    ("json", "{\"a\":1.5}"),
    ("ipaddress", "2001:db8::1"),
    ("array(integer)", "[1,2]"),
];

fn application() -> Application {
    let keywords = "TimeZone=Asia/Tokyo;TimestampWithTimeZone=Text;Interval=Text;BigInt=Text";
    Application::connected(Server::start(), keywords)
}

/// SQL_DESC_CONCISE_TYPE.
fn described(application: &Application, column: u16) -> isize {
    let mut kind = 0;
    // SAFETY: the number has a place, and text is not asked for.
    let code = unsafe {
        SQLColAttributeW(
            application.statement,
            column,
            SQL_DESC_CONCISE_TYPE as u16,
            null_mut(),
            0,
            null_mut(),
            &mut kind,
        )
    };
    assert_eq!(code, SQL_SUCCESS);
    kind
}

#[test]
fn each_c_type_gets_the_same_as_from_a_varchar() {
    let (mut cells, mut wrong) = (0, Vec::new());
    let application = application();
    for (number, (kind, text)) in VALUES.iter().enumerate() {
        let json = match *kind {
            "array(integer)" => json!([1, 2]),
            "bigint" => json!(text.parse::<i64>().unwrap()),
            _ => json!(text),
        };
        let mut all: Vec<(i16, usize)> = Vec::new();
        for c_type in C_TYPES {
            let units = [0, 1, 2, 5, 10, 20, text.len(), text.len() + 1, 60];
            match *c_type {
                1 | -2 => all.extend(units.map(|size| (*c_type, size))),
                -8 | 99 => all.extend(units.map(|size| (*c_type, size * 2))),
                _ => all.push((*c_type, 0)),
            }
        }
        // The columns of `Seen::bound` and `Seen::got`.
        let of = |kind: &'static str, value: &serde_json::Value, query: &str| {
            let rows = vec![vec![value.clone(), value.clone()]; all.len()];
            let columns = vec![Column::new("a", kind), Column::new("b", kind)];
            application.server.on(query, Answer::rows(columns, rows));
            assert_eq!(application.execute(query), SQL_SUCCESS);
            assert_eq!(described(&application, 1), isize::from(SQL_WVARCHAR));
            let mut seen = Vec::new();
            for (c_type, capacity) in &all {
                seen.push(Seen::bound(&application, *c_type, *capacity));
                seen.push(Seen::got(&application, *c_type, *capacity));
            }
            // SAFETY: the handle is ours.
            unsafe { SQLCloseCursor(application.statement) };
            seen
        };
        let plain = of("varchar", &json!(text), &format!("SELECT plain {number}"));
        let typed = of(kind, &json, &format!("SELECT typed {number}"));
        for (index, (plain, typed)) in plain.iter().zip(&typed).enumerate() {
            cells += 1;
            let (c_type, capacity) = all[index / 2];
            if plain != typed {
                wrong.push(format!(
                    "{kind} {text} as {c_type} in {capacity}: {typed:?}, not {plain:?}"
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(cells > 2000, "{cells} cells");
}

#[test]
fn their_parts_are_those_of_text() {
    let application = application();
    let answer = Answer::rows(
        vec![
            Column::new("a", "time(3) with time zone"),
            Column::new("b", "timestamp(3) with time zone"),
            Column::new("c", "interval day to second"),
        ],
        vec![vec![
            json!("01:02:03.450+05:30"),
            json!("2024-07-01 01:30:00.450 Asia/Tokyo"),
            json!("-2 03:04:05.678"),
        ]],
    );
    application.server.on("SELECT a, b, c FROM t", answer);
    assert_eq!(application.execute("SELECT a, b, c FROM t"), SQL_SUCCESS);
    assert_eq!(application.fetch(), SQL_SUCCESS);
    for (column, c_type, whole) in [
        (1, SQL_C_CHAR, "01:02:03.450+05:30"),
        (2, SQL_C_BINARY, "2024-07-01 01:30:00.450 Asia/Tokyo"),
        (3, SQL_C_CHAR, "-2 03:04:05.678"),
    ] {
        let mut text = Vec::new();
        loop {
            let (mut part, mut length) = ([0_u8; 5], 0);
            let place = part.as_mut_ptr().cast();
            // SAFETY: the part has the stated size.
            let code =
                unsafe { SQLGetData(application.statement, column, c_type, place, 5, &mut length) };
            assert_eq!(length, (whole.len() - text.len()) as isize);
            let room = if c_type == SQL_C_CHAR { 4 } else { 5 };
            text.extend(&part[..room.min(length as usize)]);
            if code == SQL_SUCCESS {
                break;
            }
            assert_eq!(code, SQL_SUCCESS_WITH_INFO);
            assert_eq!(application.state(), "01004");
        }
        assert_eq!(String::from_utf8(text).unwrap(), whole);
    }
}

#[test]
fn types_that_are_not_described_as_text_keep_their_conversions() {
    let application = Application::connected(Server::start(), "Interval=Interval");
    let answer = Answer::rows(
        vec![
            Column::new("a", "timestamp(0) with time zone"),
            Column::new("b", "interval year to month"),
            Column::new("c", "uuid"),
        ],
        vec![vec![
            json!("2024-07-01 12:00:00 UTC"),
            json!("3-2"),
            json!("12151fd2-7586-11e9-8f9e-2a86e4085a59"),
        ]],
    );
    application.server.on("SELECT a, b, c FROM t", answer);
    assert_eq!(application.execute("SELECT a, b, c FROM t"), SQL_SUCCESS);
    assert_eq!(application.fetch(), SQL_SUCCESS);
    for (column, number) in [(1, "07006"), (2, "22015"), (3, "07006")] {
        let (mut data, mut length) = ([0_u8; 40], 0);
        let place = data.as_mut_ptr().cast();
        for (c_type, capacity, state) in [(SQL_C_CHAR, 3, "22003"), (SQL_C_SLONG, 0, number)] {
            // SAFETY: the buffer has room for both.
            let code = unsafe {
                SQLGetData(
                    application.statement,
                    column,
                    c_type,
                    place,
                    capacity,
                    &mut length,
                )
            };
            assert_eq!(
                (code, application.state().as_str()),
                (SQL_ERROR, state),
                "{column}"
            );
        }
    }
}
