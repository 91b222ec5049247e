//! NUMBER: described as a decimal, a double or text, and read as anything; no digit is lost in silence.

use std::ptr::{null_mut, without_provenance_mut};

use scripted_trino::{Answer, Server, columns};
use serde_json::json;
use trinoodbc::abi::*;
use trinoodbc::ffi::*;

use super::zones::{application, described, get};
use crate::application::*;

const LONG: &str = "123456789012345678901234567890.123456789012345678901234567890";

fn narrow(text: &str) -> Vec<u8> {
    text.as_bytes().to_vec()
}

fn double(value: f64) -> Vec<u8> {
    value.to_ne_bytes().to_vec()
}

/// An SQL_NUMERIC_STRUCT of 38 digits.
fn numeric(unscaled: i128, scale: u8) -> Vec<u8> {
    let mut bytes = vec![38, scale, u8::from(unscaled >= 0)];
    bytes.extend(unscaled.unsigned_abs().to_le_bytes());
    bytes
}

/// What SQLGetData gives of a value: its bytes, or none where it fails, and the SQLSTATE.
fn read(keywords: &str, value: &str, c_type: i16) -> (Option<Vec<u8>>, String) {
    let shown = application(keywords, "number", value);
    assert_eq!(shown.fetch(), SQL_SUCCESS);
    let (code, bytes) = get(&shown, 1, c_type);
    match code {
        SQL_SUCCESS => (Some(bytes), String::new()),
        SQL_SUCCESS_WITH_INFO => (Some(bytes), shown.state()),
        _ => (None, shown.state()),
    }
}

#[test]
fn a_keyword_has_numbers_described_as_decimals_doubles_or_text() {
    let wide: Vec<u8> = "1E+2".encode_utf16().flat_map(u16::to_ne_bytes).collect();
    for (keywords, told, by_default) in [
        ("", (SQL_DECIMAL, 38, 40), narrow("100")),
        ("Number=decimal", (SQL_DECIMAL, 38, 40), narrow("100")),
        ("Number=Double", (SQL_DOUBLE, 15, 24), double(100.0)),
        ("Number=Text", (SQL_WVARCHAR, 32_767, 32_767), wide),
        (
            "Number=Text;ComplexColumnLength=50",
            (SQL_WVARCHAR, 50, 50),
            "1E+2".encode_utf16().flat_map(u16::to_ne_bytes).collect(),
        ),
    ] {
        let shown = application(keywords, "number", "1E+2");
        assert_eq!(described(&shown), told, "{keywords}");
        assert_eq!(shown.fetch(), SQL_SUCCESS);
        assert_eq!(
            get(&shown, 1, SQL_C_DEFAULT),
            (SQL_SUCCESS, by_default),
            "{keywords}"
        );
    }
}

#[test]
fn every_c_type_is_exact_or_says_what_it_lacks() {
    let whole = |text: &str| (Some(narrow(text)), String::new());
    let of = |bytes, state: &str| (Some(bytes), state.to_owned());
    let failed = |state: &str| (None, state.to_owned());
    for (value, c_type, expected) in [
        ("1.5", SQL_C_CHAR, whole("1.5")),
        (
            "1E-30",
            SQL_C_CHAR,
            whole("0.000000000000000000000000000001"),
        ),
        ("-1.2E+3", SQL_C_CHAR, whole("-1200")),
        (LONG, SQL_C_CHAR, whole(LONG)),
        ("NaN", SQL_C_CHAR, whole("NaN")),
        ("+Infinity", SQL_C_CHAR, whole("Infinity")),
        ("-Infinity", SQL_C_CHAR, whole("-Infinity")),
        ("1.5", SQL_C_DOUBLE, of(double(1.5), "")),
        ("0.1", SQL_C_DOUBLE, of(double(0.1), "")),
        (
            "9007199254740993",
            SQL_C_DOUBLE,
            of(double(9_007_199_254_740_992.0), "01S07"),
        ),
        (
            LONG,
            SQL_C_DOUBLE,
            of(double(LONG.parse().unwrap()), "01S07"),
        ),
        ("1E-400", SQL_C_DOUBLE, of(double(0.0), "01S07")),
        ("1E+400", SQL_C_DOUBLE, failed("22003")),
        ("+Infinity", SQL_C_DOUBLE, of(double(f64::INFINITY), "")),
        (
            "16777217",
            SQL_C_FLOAT,
            of(16_777_216_f32.to_ne_bytes().to_vec(), "01S07"),
        ),
        ("2", SQL_C_SLONG, of(2_i32.to_ne_bytes().to_vec(), "")),
        (
            "2.5",
            SQL_C_SLONG,
            of(2_i32.to_ne_bytes().to_vec(), "01S07"),
        ),
        ("1E+10", SQL_C_SLONG, failed("22003")),
        (
            "1E+10",
            SQL_C_SBIGINT,
            of(10_000_000_000_i64.to_ne_bytes().to_vec(), ""),
        ),
        ("NaN", SQL_C_SLONG, failed("22003")),
        ("1", SQL_C_BIT, of(vec![1], "")),
        // A structure has the scale of its value.
        ("-1.5", SQL_C_NUMERIC, of(numeric(-15, 1), "")),
        ("1E-30", SQL_C_NUMERIC, of(numeric(1, 30), "")),
        ("1E-39", SQL_C_NUMERIC, of(numeric(0, 0), "01S07")),
        ("1E+37", SQL_C_NUMERIC, of(numeric(10_i128.pow(37), 0), "")),
        ("1E+38", SQL_C_NUMERIC, failed("22003")),
        (
            LONG,
            SQL_C_NUMERIC,
            of(
                numeric(12_345_678_901_234_567_890_123_456_789_012_345_678, 8),
                "01S07",
            ),
        ),
        ("NaN", SQL_C_NUMERIC, failed("22003")),
        ("-Infinity", SQL_C_NUMERIC, failed("22003")),
        ("-1.5", SQL_C_BINARY, of(numeric(-15, 1), "")),
        ("1.5", SQL_C_TYPE_DATE, failed("07006")),
        ("1.5", SQL_C_GUID, failed("07006")),
    ] {
        assert_eq!(read("", value, c_type), expected, "{value} as {c_type}");
    }
    for (value, c_type, expected) in [
        ("1E+2", SQL_C_CHAR, whole("1E+2")),
        ("1.5", SQL_C_BINARY, of(double(1.5), "")),
        ("NaN", SQL_C_CHAR, whole("NaN")),
        (
            "9007199254740993",
            SQL_C_DOUBLE,
            of(double(9_007_199_254_740_992.0), "01S07"),
        ),
        ("1.5", SQL_C_TYPE_DATE, failed("07006")),
    ] {
        assert_eq!(
            read("Number=Double", value, c_type),
            expected,
            "{value} as {c_type}"
        );
    }
    for (value, c_type, expected) in [
        ("1E+2", SQL_C_CHAR, whole("1E+2")),
        ("1.5", SQL_C_BINARY, whole("1.5")),
        (
            "0.12345678901",
            SQL_C_NUMERIC,
            of(numeric(12_345_678_901, 11), ""),
        ),
        ("1.5", SQL_C_TYPE_DATE, failed("22018")),
    ] {
        assert_eq!(
            read("Number=Text", value, c_type),
            expected,
            "{value} as {c_type}"
        );
    }
}

#[test]
fn a_scale_that_was_set_cuts_a_number_and_says_so() {
    for (value, expected) in [
        ("1.5", (SQL_SUCCESS, numeric(15_000_000_000, 10), "")),
        (
            "0.12345678901",
            (SQL_SUCCESS_WITH_INFO, numeric(1_234_567_890, 10), "01S07"),
        ),
        ("1E-30", (SQL_SUCCESS_WITH_INFO, numeric(0, 10), "01S07")),
        ("1E+27", (SQL_SUCCESS, numeric(10_i128.pow(37), 10), "")),
        ("1E+28", (SQL_ERROR, Vec::new(), "22003")),
    ] {
        let shown = application("", "number", value);
        // As it is described.
        let fields = [
            (SQL_DESC_TYPE, SQL_C_NUMERIC),
            (SQL_DESC_PRECISION, 38),
            (SQL_DESC_SCALE, 10),
        ];
        let mut ard: Handle = null_mut();
        // SAFETY: a place for a handle, and fields that are numbers.
        unsafe {
            let place = (&raw mut ard).cast();
            SQLGetStmtAttrW(shown.statement, SQL_ATTR_APP_ROW_DESC, place, 0, null_mut());
            for (field, number) in fields {
                let number = without_provenance_mut(number as usize);
                assert_eq!(SQLSetDescFieldW(ard, 1, field, number, 0), SQL_SUCCESS);
            }
        }
        assert_eq!(shown.fetch(), SQL_SUCCESS);
        let (code, mut bytes) = get(&shown, 1, SQL_ARD_TYPE);
        bytes.truncate(expected.1.len());
        assert_eq!((code, bytes), (expected.0, expected.1), "{value}");
        if code != SQL_SUCCESS {
            assert_eq!(shown.state(), expected.2, "{value}");
        }
    }
}

#[test]
fn a_buffer_too_small_for_a_number_loses_fractions_only_and_says_so() {
    let bound = |value: &str| {
        let shown = application("", "number", value);
        let (mut cell, mut length) = ([0_u8; 41], [0_isize]);
        shown.bind(1, SQL_C_CHAR, &mut cell, 41, &mut length);
        let code = shown.fetch();
        let end = cell.iter().position(|byte| *byte == 0).unwrap_or(0);
        let text = String::from_utf8(cell[..end].to_vec()).unwrap();
        (code, shown.state(), text, length[0])
    };
    let (code, state, text, length) = bound(LONG);
    assert_eq!((code, state.as_str()), (SQL_SUCCESS_WITH_INFO, "01004"));
    assert_eq!((text.as_str(), length), (&LONG[..40], LONG.len() as isize));
    let (code, state, ..) = bound("1E+60");
    assert_eq!((code, state.as_str()), (SQL_ERROR, "22003"));
    // The whole arrives in parts.
    let shown = application("", "number", "1E-300");
    assert_eq!(shown.fetch(), SQL_SUCCESS);
    let (code, first) = get(&shown, 1, SQL_C_CHAR);
    assert_eq!((code, first.len()), (SQL_SUCCESS_WITH_INFO, 200));
    assert_eq!(shown.state(), "01004");
    let (code, rest) = get(&shown, 1, SQL_C_CHAR);
    assert_eq!((code, rest.len()), (SQL_SUCCESS, 302 - 199));
    assert_eq!(rest.last(), Some(&b'1'));
}

#[test]
fn a_number_within_another_value_is_one_of_json() {
    for keywords in ["", "Number=Double", "Number=Text"] {
        let application = Application::connected(Server::start(), keywords);
        let columns = columns![
            ("a", "array(number)"),
            (
                "b",
                "row(x number,y map(number,number),z array(decimal(3,1)))"
            )
        ];
        let row = vec![
            json!(["1.5", "1E-30", "NaN", "+Infinity", null, LONG]),
            json!(["1E+2", {"1.5": "-2.5"}, ["1.0"]]),
        ];
        application
            .server
            .on("SELECT", Answer::rows(columns, vec![row]));
        assert_eq!(application.execute("SELECT"), SQL_SUCCESS);
        assert_eq!(application.fetch(), SQL_SUCCESS);
        let list = format!(r#"[1.5,1E-30,"NaN","+Infinity",null,{LONG}]"#);
        assert_eq!(
            get(&application, 1, SQL_C_CHAR),
            (SQL_SUCCESS, narrow(&list))
        );
        let row = r#"{"x":1E+2,"y":{"1.5":-2.5},"z":["1.0"]}"#;
        assert_eq!(get(&application, 2, SQL_C_CHAR), (SQL_SUCCESS, narrow(row)));
    }
}

#[test]
fn a_variant_is_json_and_so_are_its_parts() {
    let application = Application::connected(Server::start(), "");
    let columns = columns![
        ("a", "variant"),
        ("b", "variant"),
        ("c", "variant"),
        ("d", "array(variant)")
    ];
    let row = vec![
        json!({"a": [1, "x", null]}),
        json!("x"),
        json!(null),
        json!([{"a": 1}, "x", null, 2.5]),
    ];
    application
        .server
        .on("SELECT", Answer::rows(columns, vec![row]));
    assert_eq!(application.execute("SELECT"), SQL_SUCCESS);
    assert_eq!(application.fetch(), SQL_SUCCESS);
    for (column, text) in [
        (1, r#"{"a":[1,"x",null]}"#),
        (2, r#""x""#),
        (4, r#"[{"a":1},"x",null,2.5]"#),
    ] {
        let read = get(&application, column, SQL_C_CHAR);
        assert_eq!(read, (SQL_SUCCESS, narrow(text)), "{column}");
    }
}
