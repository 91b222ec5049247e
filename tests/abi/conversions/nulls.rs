//! NULL is NULL in every C type, also where no value of the column's type could be converted.

use std::ptr::null_mut;

use scripted_trino::{Answer, Column};
use serde_json::{Value, json};
use trinoodbc::abi::*;
use trinoodbc::ffi::*;

use super::columns::{C_TYPES, Seen};
use crate::application::*;

const KINDS: &[&str] = &[
    "boolean",
    "tinyint",
    "bigint",
    "real",
    "double",
    "decimal(10,2)",
    "decimal(38,2)",
    "varchar",
    "char(3)",
    "varbinary",
    "date",
    "time(3)",
    "time(3) with time zone",
    "timestamp(3)",
    "timestamp(12) with time zone",
    "interval year to month",
    "interval day to second",
    "uuid",
    "json",
    "ipaddress",
    "array(date)",
    "unknown",
];

/// An application with rows of two columns of a type, each of the same value.
fn opened(kind: &str, values: Vec<Value>) -> Application {
    let application = Application::start();
    let rows = values.into_iter().map(|value| vec![value.clone(), value]);
    let columns = vec![Column::new("a", kind), Column::new("b", kind)];
    application
        .server
        .on("SELECT a, b FROM t", Answer::rows(columns, rows.collect()));
    assert_eq!(application.execute("SELECT a, b FROM t"), SQL_SUCCESS);
    application
}

#[test]
fn null_is_sql_null_data_in_every_c_type() {
    for kind in KINDS {
        let application = opened(kind, vec![json!(null); C_TYPES.len()]);
        for c_type in C_TYPES {
            let bound = Seen::bound(&application, *c_type, 40);
            let got = Seen::got(&application, *c_type, 40);
            for seen in [bound, got] {
                let told = (seen.code, seen.state.as_str(), seen.length);
                assert_eq!(told, (SQL_SUCCESS, "", SQL_NULL_DATA), "{kind} as {c_type}");
            }
        }
    }
}

#[test]
fn only_rows_with_a_value_fail_in_a_block() {
    let values = vec![json!(null), json!("2024-02-29"), json!(null)];
    let application = opened("date", values);
    let (mut numbers, mut number_lengths) = ([77_i32; 3], [0_isize; 3]);
    let (mut texts, mut text_lengths) = ([[0_u8; 12]; 3], [0_isize; 3]);
    let mut status = [9_u16; 3];
    application.bind(1, C_SLONG, &mut numbers, 4, &mut number_lengths);
    application.bind(2, C_CHAR, &mut texts, 12, &mut text_lengths);
    application.set(SQL_ATTR_ROW_ARRAY_SIZE, 3);
    application.set(
        SQL_ATTR_ROW_STATUS_PTR,
        status.as_mut_ptr().expose_provenance(),
    );
    assert_eq!(application.fetch(), SQL_SUCCESS_WITH_INFO);
    assert_eq!(status, [SQL_ROW_SUCCESS, SQL_ROW_ERROR, SQL_ROW_SUCCESS]);
    assert_eq!(
        [number_lengths[0], number_lengths[2]],
        [SQL_NULL_DATA, SQL_NULL_DATA]
    );
    assert_eq!(numbers, [77; 3]);
    assert_eq!(text_lengths, [SQL_NULL_DATA, 10, SQL_NULL_DATA]);
    assert_eq!(&texts[1], b"2024-02-29\0\0");
    assert_eq!(application.state(), "07006");
    let message = application.message();
    assert!(
        message.ends_with("Row 2: Column 1 of type date cannot be converted to C type -16."),
        "{message}"
    );
    assert_eq!(application.fetch(), SQL_NO_DATA);
}

#[test]
fn a_fetch_fails_when_all_of_its_rows_fail() {
    let application = opened(
        "uuid",
        vec![json!("12151fd2-7586-11e9-8f9e-2a86e4085a59"); 2],
    );
    let (mut numbers, mut lengths) = ([77_i32; 2], [0_isize; 2]);
    application.bind(1, C_SLONG, &mut numbers, 4, &mut lengths);
    application.set(SQL_ATTR_ROW_ARRAY_SIZE, 2);
    assert_eq!(application.fetch(), SQL_ERROR);
    assert_eq!(application.state(), "07006");
    assert_eq!(numbers, [77; 2]);
    assert_eq!(application.fetch(), SQL_NO_DATA);
}

#[test]
fn a_null_without_an_indicator_and_an_unknown_c_type_stay_errors() {
    let application = opened("date", vec![json!(null); 2]);
    let mut number = 0_i32;
    let place = (&raw mut number).cast();
    // SAFETY: `number` outlives the fetches.
    let code = unsafe { SQLBindCol(application.statement, 1, C_SLONG, place, 4, null_mut()) };
    assert_eq!(code, SQL_SUCCESS);
    assert_eq!(application.fetch(), SQL_ERROR);
    assert_eq!(application.state(), "22002");
    for (c_type, state) in [(C_SLONG, "22002"), (77, "HY003")] {
        // SAFETY: as above.
        let code = unsafe { SQLGetData(application.statement, 2, c_type, place, 4, null_mut()) };
        assert_eq!((code, application.state().as_str()), (SQL_ERROR, state));
    }
}

#[test]
fn a_refresh_and_an_extended_fetch_return_null_too() {
    let application = opened("date", vec![json!(null); 2]);
    let (mut numbers, mut lengths) = ([77_i32; 1], [0_isize; 1]);
    application.bind(1, C_SLONG, &mut numbers, 4, &mut lengths);
    assert_eq!(application.fetch(), SQL_SUCCESS);
    lengths[0] = 0;
    // SAFETY: what is bound outlives the call.
    let code = unsafe { SQLSetPos(application.statement, 1, SQL_REFRESH, SQL_LOCK_NO_CHANGE) };
    assert_eq!((code, lengths[0]), (SQL_SUCCESS, SQL_NULL_DATA));
    // SAFETY: the handle is ours.
    unsafe { SQLFreeStmt(application.statement, SQL_CLOSE) };
    assert_eq!(application.execute("SELECT a, b FROM t"), SQL_SUCCESS);
    lengths[0] = 0;
    let (mut fetched, mut status) = (0_usize, [9_u16; 1]);
    // SAFETY: the places outlive the call.
    let code = unsafe {
        SQLExtendedFetch(
            application.statement,
            SQL_FETCH_NEXT as u16,
            0,
            &mut fetched,
            status.as_mut_ptr(),
        )
    };
    assert_eq!((code, lengths[0]), (SQL_SUCCESS, SQL_NULL_DATA));
    assert_eq!((fetched, status), (1, [SQL_ROW_SUCCESS]));
}
