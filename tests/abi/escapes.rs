//! Escape sequences: what SQLNativeSql gives, what the server is sent, and what it is not.

use std::ptr::null_mut;

use scripted_trino::{Answer, columns};
use serde_json::json;
use trinoodbc::abi::*;
use trinoodbc::ffi::*;

use crate::application::{Application, message, state, wide};

const ESCAPED: &str = "SELECT {fn UCASE('é?')}, {d '2020-01-02'} -- {t";
const NATIVE: &str = "SELECT upper('é?'), DATE '2020-01-02' -- {t";

/// SQLNativeSql with a buffer of `capacity` characters; the code, the text and the length that it told.
fn native(
    application: &Application,
    sql: &str,
    length: i32,
    capacity: i32,
) -> (SqlReturn, String, i32) {
    let sql = wide(sql);
    let mut text = [7_u16; 200];
    let mut total = -7;
    // SAFETY: the text ends with 0, and the buffer is larger than any capacity that is told.
    let code = unsafe {
        SQLNativeSqlW(
            application.connection,
            sql.as_ptr().cast(),
            length,
            text.as_mut_ptr().cast(),
            capacity,
            &mut total,
        )
    };
    let end = text.iter().position(|unit| *unit == 0).unwrap_or(0);
    (code, String::from_utf16(&text[..end]).unwrap(), total)
}

fn code_of(application: &Application) -> String {
    state(SQL_HANDLE_DBC, application.connection)
}

#[test]
fn native_sql_is_the_text_that_the_server_would_get() {
    let application = Application::start();
    let length = NATIVE.encode_utf16().count() as i32;
    let (code, text, total) = native(&application, ESCAPED, SQL_NTS as i32, 200);
    assert_eq!((code, text.as_str(), total), (SQL_SUCCESS, NATIVE, length));
    // A length without a null, and semicolons and markers that only SQLPrepare looks at.
    let (code, text, _) = native(&application, "SELECT ?; {fn PI()}garbage", 19, 200);
    assert_eq!((code, text.as_str()), (SQL_SUCCESS, "SELECT ?; pi()"));
    // Text without escapes, however wrong, is given back.
    let (code, text, total) = native(&application, "selec 'é ;", SQL_NTS as i32, 200);
    assert_eq!(
        (code, text.as_str(), total),
        (SQL_SUCCESS, "selec 'é ;", 10)
    );
}

#[test]
fn native_sql_is_cut_to_the_buffer_and_its_length_returned() {
    let application = Application::start();
    let length = NATIVE.encode_utf16().count() as i32;
    let (code, text, total) = native(&application, ESCAPED, SQL_NTS as i32, 13);
    assert_eq!(
        (code, text.as_str()),
        (SQL_SUCCESS_WITH_INFO, "SELECT upper")
    );
    assert_eq!((code_of(&application).as_str(), total), ("01004", length));
    let (code, _, total) = native(&application, ESCAPED, SQL_NTS as i32, 0);
    assert_eq!((code, total), (SQL_SUCCESS_WITH_INFO, length));
    let (code, text, _) = native(&application, ESCAPED, SQL_NTS as i32, length + 1);
    assert_eq!((code, text.as_str()), (SQL_SUCCESS, NATIVE));
    let (code, text, _) = native(&application, ESCAPED, SQL_NTS as i32, length);
    assert_eq!(code, SQL_SUCCESS_WITH_INFO);
    assert_eq!(text.chars().count(), NATIVE.chars().count() - 1);
    let (sql, mut total) = (wide(ESCAPED), 0);
    let sql = sql.as_ptr().cast();
    // SAFETY: the text ends with 0; the others may be null.
    let code = unsafe {
        SQLNativeSqlW(
            application.connection,
            sql,
            SQL_NTS as i32,
            null_mut(),
            0,
            &mut total,
        )
    };
    assert_eq!((code, total), (SQL_SUCCESS, length));
}

#[test]
fn native_sql_refuses_bad_lengths_and_bad_escapes() {
    let application = Application::start();
    for (length, capacity, expected) in [(-7, 200, "HY090"), (SQL_NTS as i32, -1, "HY090")] {
        let (code, _, total) = native(&application, ESCAPED, length, capacity);
        assert_eq!((code, total), (SQL_ERROR, -7));
        assert_eq!(code_of(&application), expected);
    }
    // SAFETY: null where a text must be is what is tested.
    let code = unsafe {
        SQLNativeSqlW(
            application.connection,
            null_mut(),
            SQL_NTS as i32,
            null_mut(),
            0,
            null_mut(),
        )
    };
    assert_eq!((code, code_of(&application).as_str()), (SQL_ERROR, "HY009"));
    for (sql, expected) in [
        ("SELECT {d '2020-02-30'}", "22007"),
        ("SELECT {fn CONVERT('a', SQL_FOO)}", "42000"),
        ("SELECT {fn PI()", "42000"),
        ("{?=call p()}", "HYC00"),
    ] {
        let (code, _, _) = native(&application, sql, SQL_NTS as i32, 200);
        assert_eq!(
            (code, code_of(&application).as_str()),
            (SQL_ERROR, expected)
        );
    }
    let message = message(SQL_HANDLE_DBC, application.connection);
    assert!(
        message.contains("line 1:1: Trino's procedures"),
        "{message}"
    );
}

#[test]
fn the_server_is_sent_what_escapes_mean() {
    let application = Application::start();
    let answer = || Answer::rows(columns![("a", "varchar")], vec![vec![json!("b")]]);
    application.server.on(NATIVE, answer());
    assert_eq!(application.execute(ESCAPED), SQL_SUCCESS);
    assert_eq!(application.fetch(), SQL_SUCCESS);
}

#[test]
fn text_is_sent_as_it_is_when_the_application_says_so() {
    let application = Application::start();
    let text = "SELECT {fn FOO(1} AS x";
    let answer = Answer::rows(columns![("x", "integer")], vec![vec![json!(1)]]);
    application.server.on(text, answer);
    assert_eq!(application.execute(text), SQL_ERROR);
    assert_eq!(application.state(), "42000");
    assert_eq!(application.set(SQL_ATTR_NOSCAN, SQL_NOSCAN_ON), SQL_SUCCESS);
    assert_eq!(application.execute(text), SQL_SUCCESS);
    assert_eq!(application.fetch(), SQL_SUCCESS);
}

#[test]
fn preparing_reports_errors_and_counts_markers_in_escapes() {
    let application = Application::start();
    let prepare = |sql: &str| {
        let sql = wide(sql);
        // SAFETY: the text ends with 0.
        unsafe { SQLPrepareW(application.statement, sql.as_ptr().cast(), SQL_NTS as i32) }
    };
    for (sql, expected) in [
        ("SELECT {ts '2020-01-01 24:00:00'}", "22007"),
        ("SELECT {fn SOUNDEX(}", "42000"),
        ("SELECT 1; DROP TABLE t", "42000"),
    ] {
        assert_eq!(prepare(sql), SQL_ERROR);
        assert_eq!(application.state(), expected, "{sql}");
    }
    let sql = "SELECT {fn LOCATE(?, {fn RIGHT(?, ?)}, 2)}, '{fn ABS(?)}' FROM {oj a LEFT OUTER JOIN b ON a.x = ?};";
    assert_eq!(prepare(sql), SQL_SUCCESS);
    let mut count = 0;
    // SAFETY: `count` is a place for a count.
    assert_eq!(
        unsafe { SQLNumParams(application.statement, &mut count) },
        SQL_SUCCESS
    );
    assert_eq!(count, 4);
}

#[test]
fn a_second_statement_never_reaches_the_server() {
    let application = Application::start();
    let before = application.server.queries().len();
    assert_eq!(application.execute("SELECT 1; DELETE FROM t"), SQL_ERROR);
    assert_eq!(application.state(), "42000");
    let message = application.message();
    assert!(
        message.contains("a second one starts at: DELETE FROM t"),
        "{message}"
    );
    assert_eq!(application.server.queries().len(), before);
}
