//! Intervals that state their fields and digits, in the form of Trino 484's client classes: the thirteen types of the
//! standard, and fractions of twelve digits.

use std::ptr::null_mut;

use scripted_trino::{Answer, Server, columns};
use serde_json::json;
use trinoodbc::abi::*;
use trinoodbc::ffi::*;

use super::zones::get;
use crate::application::*;

/// The type as 484 names it, a value as it sends it, SQL type, column size, digits of the first field and of seconds, and
/// the fields of the structure.
type Case = (
    &'static str,
    &'static str,
    i16,
    usize,
    (isize, isize),
    (bool, [u32; 5], &'static str),
);

const CASES: [Case; 16] = [
    (
        "interval year(4)",
        "1234-0",
        101,
        4,
        (4, 0),
        (false, [1234, 0, 0, 0, 0], ""),
    ),
    (
        "interval month(3)",
        "-1-2",
        102,
        3,
        (3, 0),
        (true, [0, 14, 0, 0, 0], ""),
    ),
    (
        "interval day(9)",
        "100000000 00:00:00",
        103,
        9,
        (9, 0),
        (false, [100_000_000, 0, 0, 0, 0], ""),
    ),
    (
        "interval hour(2)",
        "1 02:00:00",
        104,
        2,
        (2, 0),
        (false, [0, 26, 0, 0, 0], ""),
    ),
    (
        "interval minute(4)",
        "0 01:39:00",
        105,
        4,
        (4, 0),
        (false, [0, 0, 99, 0, 0], ""),
    ),
    (
        "interval second(2, 6)",
        "0 00:00:59.123456",
        106,
        9,
        (2, 6),
        (false, [0, 0, 0, 59, 123_456], ""),
    ),
    (
        "interval year(4) to month",
        "-12-11",
        107,
        7,
        (4, 0),
        (true, [12, 11, 0, 0, 0], ""),
    ),
    (
        "interval day(2) to hour",
        "12 23:00:00",
        108,
        5,
        (2, 0),
        (false, [12, 23, 0, 0, 0], ""),
    ),
    (
        "interval day(2) to minute",
        "12 23:59:00",
        109,
        8,
        (2, 0),
        (false, [12, 23, 59, 0, 0], ""),
    ),
    (
        "interval day(9) to second(6)",
        "-1 02:03:04.000005",
        110,
        25,
        (9, 6),
        (true, [1, 2, 3, 4, 5], ""),
    ),
    (
        "interval hour(2) to minute",
        "1 01:30:00",
        111,
        5,
        (2, 0),
        (false, [0, 25, 30, 0, 0], ""),
    ),
    (
        "interval hour(3) to second(0)",
        "0 23:59:58",
        112,
        9,
        (3, 0),
        (false, [0, 23, 59, 58, 0], ""),
    ),
    (
        "interval minute(2) to second(3)",
        "0 00:59:58.500",
        113,
        9,
        (2, 3),
        (false, [0, 0, 59, 58, 500_000], ""),
    ),
    // A structure has nine digits at most, and six unless the application says otherwise.
    (
        "interval day(9) to second(9)",
        "0 00:00:00.123456789",
        110,
        28,
        (9, 9),
        (false, [0, 0, 0, 0, 123_456], "01S07"),
    ),
    (
        "interval day(9) to second(12)",
        "-0 00:00:00.000001000001",
        110,
        31,
        (9, 9),
        (true, [0, 0, 0, 0, 1], "01S07"),
    ),
    (
        "interval second(13, 12)",
        "0 00:00:01.500000000000",
        106,
        26,
        (13, 9),
        (false, [0, 0, 0, 1, 500_000], ""),
    ),
];

fn shown(keywords: &str, kind: &str, value: &str) -> Application {
    let server = Server::builder().version("484").start();
    let application = Application::connected(server, keywords);
    let rows = vec![vec![json!(value), json!(value)]];
    let columns = columns![("a", kind), ("b", kind)];
    application.server.on("SELECT", Answer::rows(columns, rows));
    assert_eq!(application.execute("SELECT"), SQL_SUCCESS);
    application
}

fn attribute(application: &Application, field: i16) -> isize {
    let mut value = 0;
    // SAFETY: a place for a number; text is not asked for.
    let code = unsafe {
        SQLColAttributeW(
            application.statement,
            1,
            field as u16,
            null_mut(),
            0,
            null_mut(),
            &mut value,
        )
    };
    assert_eq!(code, SQL_SUCCESS);
    value
}

#[test]
fn each_interval_of_the_standard_is_described_and_read() {
    for (kind, value, sql_type, size, digits, (negative, fields, state)) in CASES {
        let application = shown("Interval=Interval", kind, value);
        let of = |field| attribute(&application, field);
        assert_eq!(of(SQL_DESC_CONCISE_TYPE), sql_type as isize, "{kind}");
        assert_eq!(of(SQL_DESC_TYPE), SQL_INTERVAL as isize, "{kind}");
        assert_eq!(of(SQL_DESC_LENGTH), size as isize, "{kind}");
        let described = (
            of(SQL_DESC_DATETIME_INTERVAL_PRECISION),
            of(SQL_DESC_PRECISION),
        );
        assert_eq!(described, digits, "{kind}");
        assert!(of(SQL_DESC_DISPLAY_SIZE) >= value.len() as isize, "{kind}");
        assert_eq!(
            application.fetch(),
            SQL_SUCCESS,
            "{kind}: {}",
            application.message()
        );
        let (code, bytes) = get(&application, 1, SQL_C_DEFAULT);
        let expected = if state.is_empty() {
            SQL_SUCCESS
        } else {
            SQL_SUCCESS_WITH_INFO
        };
        assert_eq!(code, expected, "{kind}");
        if !state.is_empty() {
            assert_eq!(application.state(), state, "{kind}");
        }
        let number = |at: usize| u32::from_ne_bytes(bytes[at..at + 4].try_into().unwrap());
        assert_eq!(number(0), (sql_type - 100) as u32, "{kind}");
        assert_eq!(bytes[4] != 0, negative, "{kind}");
        let read: Vec<_> = (0..5).map(|field| number(8 + 4 * field)).collect();
        assert_eq!(read, fields, "{kind}");
        // Text keeps all that the server sent.
        let text = get(&application, 2, SQL_C_CHAR);
        assert_eq!(text, (SQL_SUCCESS, value.as_bytes().to_vec()), "{kind}");
    }
}

#[test]
fn intervals_are_text_of_their_display_size_as_a_rule() {
    for (kind, value, ..) in CASES {
        let application = shown("", kind, value);
        let sql_type = attribute(&application, SQL_DESC_CONCISE_TYPE);
        assert_eq!(sql_type, SQL_WVARCHAR as isize, "{kind}");
        assert!(
            attribute(&application, SQL_DESC_LENGTH) >= value.len() as isize,
            "{kind}"
        );
        assert_eq!(application.fetch(), SQL_SUCCESS);
        let wide: Vec<u8> = value.encode_utf16().flat_map(u16::to_ne_bytes).collect();
        assert_eq!(
            get(&application, 1, SQL_C_DEFAULT),
            (SQL_SUCCESS, wide),
            "{kind}"
        );
    }
}

#[test]
fn the_client_says_that_it_knows_intervals_numbers_and_variants() {
    let application = shown("", "interval year(4)", "1-0");
    let requests = application.server.requests();
    let capabilities = requests
        .iter()
        .find_map(|request| request.header("x-trino-client-capabilities"))
        .expect("a statement was sent");
    for capability in [
        "PARAMETRIC_DATETIME",
        "PARAMETRIC_INTERVAL",
        "NUMBER",
        "VARIANT",
    ] {
        assert!(
            capabilities.split(',').any(|known| known == capability),
            "{capabilities}"
        );
    }
}
