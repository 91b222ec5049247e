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
fn a_message_longer_than_the_buffer_is_cut_and_its_length_returned() {
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
fn diagnostic_fields_agree_with_their_record() {
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
fn a_value_that_does_not_fit_is_reported_with_row_and_column() {
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
    let (_, second, _) = text_field(
        SQL_HANDLE_STMT,
        application.statement,
        2,
        SQL_DIAG_SQLSTATE,
        20,
    );
    assert_eq!(second, "01S01");
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
fn an_execution_reports_the_kind_of_its_statement() {
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

/// SQLGetDiagField of text: code, text, and the length that is told, in characters.
fn text_field(
    kind: i16,
    handle: Handle,
    record: i16,
    field: i16,
    capacity: i16,
) -> (SqlReturn, String, i16) {
    let (mut text, mut length) = ([0_u16; 600], -1);
    let place = text.as_mut_ptr().cast();
    // SAFETY: the buffer has at least the room that is told.
    let code =
        unsafe { SQLGetDiagFieldW(kind, handle, record, field, place, capacity, &mut length) };
    let end = text.iter().position(|unit| *unit == 0).unwrap();
    (code, String::from_utf16(&text[..end]).unwrap(), length / 2)
}

/// The SQLLEN -1 in a place of 64 bits, of which it fills 32 on some systems.
const MINUS_ONE: i64 = usize::MAX as i64;

/// SQLGetDiagField of a number; the code, and what it leaves of a zero of 64 bits.
fn number_field(kind: i16, handle: Handle, record: i16, field: i16) -> (SqlReturn, i64) {
    let mut value = 0_i64;
    let place = (&raw mut value).cast();
    // SAFETY: a place for the widest number.
    let code = unsafe { SQLGetDiagFieldW(kind, handle, record, field, place, 0, null_mut()) };
    (code, value)
}

#[test]
fn every_field_of_a_record_can_be_read() {
    let application = failed();
    let statement = application.statement;
    let text = |field| {
        let (code, text, length) = text_field(SQL_HANDLE_STMT, statement, 1, field, 1200);
        assert_eq!(
            (code, text.len()),
            (SQL_SUCCESS, length as usize),
            "{field}"
        );
        text
    };
    assert_eq!(text(SQL_DIAG_SQLSTATE), "42S02");
    assert_eq!(text(SQL_DIAG_CLASS_ORIGIN), "ISO 9075");
    assert_eq!(text(SQL_DIAG_SUBCLASS_ORIGIN), "ODBC 3.0");
    assert!(
        text(SQL_DIAG_MESSAGE_TEXT).ends_with(')'),
        "a query is named"
    );
    // Without a data source's name there is none to tell.
    assert_eq!(text(SQL_DIAG_SERVER_NAME), "");
    assert_eq!(text(SQL_DIAG_CONNECTION_NAME), "");
    let number = |field| number_field(SQL_HANDLE_STMT, statement, 1, field);
    assert_eq!(number(SQL_DIAG_NATIVE), (SQL_SUCCESS, 46));
    assert_eq!(number(SQL_DIAG_ROW_NUMBER), (SQL_SUCCESS, MINUS_ONE));
    assert_eq!(
        number(SQL_DIAG_COLUMN_NUMBER),
        (SQL_SUCCESS, i64::from(u32::MAX))
    );
}

#[test]
fn text_fields_are_cut_as_messages_are() {
    let application = failed();
    let statement = application.statement;
    let field = |capacity| {
        text_field(
            SQL_HANDLE_STMT,
            statement,
            1,
            SQL_DIAG_CLASS_ORIGIN,
            capacity,
        )
    };
    assert_eq!(field(8), (SQL_SUCCESS_WITH_INFO, "ISO".to_owned(), 8));
    assert_eq!(field(0), (SQL_SUCCESS_WITH_INFO, String::new(), 8));
    assert_eq!(field(-1).0, SQL_ERROR, "a buffer has no negative length");
    // Reading leaves no diagnostics of its own.
    assert_eq!(
        number_field(SQL_HANDLE_STMT, statement, 0, SQL_DIAG_NUMBER),
        (SQL_SUCCESS, 1)
    );
    // SAFETY: the other places may be null.
    let code = unsafe {
        let (none, text) = (null_mut(), null_mut());
        SQLGetDiagRecW(
            SQL_HANDLE_STMT,
            statement,
            1,
            none,
            null_mut(),
            text,
            -1,
            null_mut(),
        )
    };
    assert_eq!(code, SQL_ERROR);
}

#[test]
fn fields_of_statements_are_no_other_handles() {
    let application = failed();
    let (statement, connection) = (application.statement, application.connection);
    for field in [
        SQL_DIAG_ROW_COUNT,
        SQL_DIAG_CURSOR_ROW_COUNT,
        SQL_DIAG_DYNAMIC_FUNCTION,
        SQL_DIAG_DYNAMIC_FUNCTION_CODE,
        4711,
    ] {
        assert_eq!(
            number_field(SQL_HANDLE_DBC, connection, 0, field).0,
            SQL_ERROR,
            "{field}"
        );
        assert_eq!(
            number_field(SQL_HANDLE_DBC, connection, 1, field).0,
            SQL_ERROR,
            "{field}"
        );
    }
    assert_eq!(
        number_field(SQL_HANDLE_STMT, statement, 1, 4711).0,
        SQL_ERROR
    );
    assert_eq!(
        number_field(SQL_HANDLE_STMT, statement, 2, SQL_DIAG_NATIVE).0,
        SQL_NO_DATA
    );
    assert_eq!(
        number_field(SQL_HANDLE_STMT, statement, 0, SQL_DIAG_NATIVE).0,
        SQL_ERROR
    );
    assert_eq!(
        number_field(SQL_HANDLE_DBC, connection, 0, SQL_DIAG_NUMBER),
        (SQL_SUCCESS, 0)
    );
    assert_eq!(
        number_field(SQL_HANDLE_DBC, connection, 1, SQL_DIAG_NATIVE).0,
        SQL_NO_DATA
    );
    assert_eq!(
        number_field(77, connection, 0, SQL_DIAG_NUMBER).0,
        SQL_INVALID_HANDLE
    );
}

#[test]
fn counts_of_rows_are_those_of_the_last_execution() {
    let application = Application::start();
    let statement = application.statement;
    let count = |field| number_field(SQL_HANDLE_STMT, statement, 0, field);
    assert_eq!(
        count(SQL_DIAG_ROW_COUNT).0,
        SQL_ERROR,
        "nothing was executed"
    );
    assert_eq!(application.execute(UPDATE), SQL_SUCCESS);
    assert_eq!(count(SQL_DIAG_ROW_COUNT), (SQL_SUCCESS, 4));
    assert_eq!(application.execute(THREE), SQL_SUCCESS);
    assert_eq!(
        count(SQL_DIAG_CURSOR_ROW_COUNT),
        (SQL_SUCCESS, MINUS_ONE),
        "nobody knows before the end"
    );
}

#[test]
fn the_records_of_a_block_go_row_by_row() {
    let application = Application::start();
    assert_eq!(
        application.execute("SELECT id, name, x FROM three"),
        SQL_SUCCESS
    );
    let (mut names, mut name_lengths) = ([[0_u8; 6]; 3], [0; 3]);
    let (mut numbers, mut lengths) = ([0_i32; 3], [0; 3]);
    application.set(SQL_ATTR_ROW_ARRAY_SIZE, 3);
    application.bind(2, C_CHAR, &mut names, 6, &mut name_lengths);
    application.bind(3, C_SLONG, &mut numbers, 4, &mut lengths);
    assert_eq!(application.fetch(), SQL_SUCCESS_WITH_INFO);
    let (_, count) = number_field(SQL_HANDLE_STMT, application.statement, 0, SQL_DIAG_NUMBER);
    let records = (1..=i16::try_from(count).unwrap()).map(|record| {
        let statement = application.statement;
        let (_, state, _) = text_field(SQL_HANDLE_STMT, statement, record, SQL_DIAG_SQLSTATE, 20);
        (
            state,
            number_field(SQL_HANDLE_STMT, statement, record, SQL_DIAG_ROW_NUMBER).1,
        )
    });
    let told: Vec<_> = records.collect();
    let expected = [("01S07", 1), ("01004", 2), ("01S07", 3)];
    assert_eq!(told, expected.map(|(state, row)| (state.to_owned(), row)));
}
