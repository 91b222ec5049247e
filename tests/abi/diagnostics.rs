//! SQLGetDiagRec and SQLGetDiagField.

use std::ptr::null_mut;

use scripted_trino::{Answer, QueryError};
use trinoodbc::abi::*;
use trinoodbc::ffi::*;

use crate::application::*;

fn failed() -> Application {
    let application = Application::start();
    let error = QueryError::new("TABLE_NOT_FOUND", 46, "Table 'a.b.c' does not exist");
    application
        .server
        .on("SELECT missing", Answer::error(error));
    assert_eq!(application.execute("SELECT missing"), SQL_ERROR);
    application
}

/// Code, text and full length of the first record's message, with room for `capacity` units.
fn message(statement: Handle, capacity: usize) -> (SqlReturn, String, i16) {
    let mut text = vec![0xFFFF_u16; capacity];
    let (mut native, mut length) = (0, 0);
    // SAFETY: the buffer is as long as said.
    let code = unsafe {
        SQLGetDiagRecW(
            SQL_HANDLE_STMT,
            statement,
            1,
            null_mut(),
            &mut native,
            text.as_mut_ptr().cast(),
            capacity as i16,
            &mut length,
        )
    };
    assert_eq!(native, 46);
    let end = text
        .iter()
        .position(|unit| *unit == 0)
        .expect("a terminator");
    (code, String::from_utf16(&text[..end]).unwrap(), length)
}

#[test]
fn a_record_has_state_native_error_and_text() {
    let application = failed();
    assert_eq!(application.state(), "42S02");
    let (code, text, length) = message(application.statement, 1000);
    assert_eq!(code, SQL_SUCCESS);
    assert!(text.contains("Table 'a.b.c' does not exist"), "{text}");
    assert!(text.starts_with('['), "{text}");
    assert_eq!(text.encode_utf16().count(), length as usize);
}

#[test]
fn a_message_longer_than_the_buffer_is_cut_and_its_length_told() {
    let application = failed();
    let (_, whole, length) = message(application.statement, 1000);
    let (code, text, told) = message(application.statement, 12);
    assert_eq!((code, told), (SQL_SUCCESS_WITH_INFO, length));
    assert_eq!(text, whole[..11]);
}

#[test]
fn records_are_counted_from_one_and_end() {
    let application = failed();
    let record = |number| {
        // SAFETY: all places may be null.
        unsafe {
            SQLGetDiagRecW(
                SQL_HANDLE_STMT,
                application.statement,
                number,
                null_mut(),
                null_mut(),
                null_mut(),
                0,
                null_mut(),
            )
        }
    };
    assert!([SQL_SUCCESS, SQL_SUCCESS_WITH_INFO].contains(&record(1)));
    assert_eq!(record(2), SQL_NO_DATA);
    assert_eq!(record(0), SQL_ERROR);
    assert_eq!(record(-1), SQL_ERROR);
}

#[test]
fn reading_diagnostics_leaves_them_and_the_next_call_clears_them() {
    let application = failed();
    for _ in 0..3 {
        assert_eq!(application.state(), "42S02");
    }
    assert_eq!(application.execute("SELECT 1"), SQL_SUCCESS);
    assert_eq!(application.state(), "");
}

#[test]
fn fields_tell_what_the_record_tells() {
    let application = failed();
    let statement = application.statement;
    let mut text = [0_u16; 64];
    let (mut number, mut code, mut length) = (0_i32, 0_i16, 0_i16);
    // SAFETY: places of the right size.
    unsafe {
        let field = SQLGetDiagFieldW(
            SQL_HANDLE_STMT,
            statement,
            1,
            SQL_DIAG_SQLSTATE,
            text.as_mut_ptr().cast(),
            128,
            &mut length,
        );
        assert_eq!((field, length), (SQL_SUCCESS, 10));
        let place = (&raw mut number).cast();
        let field = SQLGetDiagFieldW(
            SQL_HANDLE_STMT,
            statement,
            1,
            SQL_DIAG_NATIVE,
            place,
            0,
            null_mut(),
        );
        assert_eq!((field, number), (SQL_SUCCESS, 46));
        let field = SQLGetDiagFieldW(
            SQL_HANDLE_STMT,
            statement,
            0,
            SQL_DIAG_NUMBER,
            place,
            0,
            null_mut(),
        );
        assert_eq!((field, number), (SQL_SUCCESS, 1));
        let place = (&raw mut code).cast();
        let field = SQLGetDiagFieldW(
            SQL_HANDLE_STMT,
            statement,
            0,
            SQL_DIAG_RETURNCODE,
            place,
            0,
            null_mut(),
        );
        assert_eq!((field, code), (SQL_SUCCESS, SQL_ERROR));
    }
    assert_eq!(String::from_utf16_lossy(&text[..5]), "42S02");
}

#[test]
fn a_value_that_does_not_fit_tells_its_row_and_column() {
    let application = Application::start();
    application.server.on(
        "SELECT large",
        Answer::rows(
            scripted_trino::columns![("a", "bigint"), ("b", "bigint")],
            vec![
                vec![serde_json::json!(1), serde_json::json!(1)],
                vec![serde_json::json!(1), serde_json::json!(5_000_000_000_i64)],
            ],
        ),
    );
    assert_eq!(application.execute("SELECT large"), SQL_SUCCESS);
    let (mut values, mut lengths, mut status) = ([0_i32; 2], [0; 2], [9_u16; 2]);
    application.set(SQL_ATTR_ROW_ARRAY_SIZE, 2);
    application.set(
        SQL_ATTR_ROW_STATUS_PTR,
        status.as_mut_ptr().expose_provenance(),
    );
    application.bind(2, C_SLONG, &mut values, 4, &mut lengths);
    assert_eq!(application.fetch(), SQL_SUCCESS_WITH_INFO);
    assert_eq!(status, [SQL_ROW_SUCCESS, SQL_ROW_ERROR]);
    assert_eq!(application.state(), "22003");
    let (mut row, mut column) = (0_isize, 0_i32);
    // SAFETY: places of the right size.
    unsafe {
        SQLGetDiagFieldW(
            SQL_HANDLE_STMT,
            application.statement,
            1,
            SQL_DIAG_ROW_NUMBER,
            (&raw mut row).cast(),
            0,
            null_mut(),
        );
        SQLGetDiagFieldW(
            SQL_HANDLE_STMT,
            application.statement,
            1,
            SQL_DIAG_COLUMN_NUMBER,
            (&raw mut column).cast(),
            0,
            null_mut(),
        );
    }
    assert_eq!((row, column), (2, 2));
}

#[test]
fn an_execution_tells_what_kind_of_statement_it_was() {
    let application = failed();
    let told = || {
        let mut text = [0_u16; 64];
        let (mut code, mut length) = (9_i32, 0_i16);
        let statement = application.statement;
        // SAFETY: places of the right size.
        unsafe {
            let place = text.as_mut_ptr().cast();
            let field = SQL_DIAG_DYNAMIC_FUNCTION;
            SQLGetDiagFieldW(
                SQL_HANDLE_STMT,
                statement,
                0,
                field,
                place,
                128,
                &mut length,
            );
            let place = (&raw mut code).cast();
            let field = SQL_DIAG_DYNAMIC_FUNCTION_CODE;
            SQLGetDiagFieldW(SQL_HANDLE_STMT, statement, 0, field, place, 0, null_mut());
        }
        let text = String::from_utf16(&text[..usize::try_from(length).unwrap() / 2]).unwrap();
        (text, code)
    };
    assert_eq!(told(), ("SELECT CURSOR".to_owned(), SQL_DIAG_SELECT_CURSOR));
    assert_eq!(application.execute(UPDATE), SQL_SUCCESS);
    assert_eq!(told(), ("INSERT".to_owned(), SQL_DIAG_INSERT));
    assert_eq!(application.set(SQL_ATTR_QUERY_TIMEOUT, 1), SQL_SUCCESS);
    assert_eq!(told(), (String::new(), SQL_DIAG_UNKNOWN_STATEMENT));
}
