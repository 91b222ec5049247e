//! The narrow forms of the functions that take or give text: UTF-8, in bytes.

use std::ffi::c_void;
use std::ptr::null_mut;

use scripted_trino::{Answer, QueryError, Server, columns};
use serde_json::json;
use trinoodbc::abi::*;
use trinoodbc::ffi::*;

use crate::application::*;

const NTS: i16 = SQL_NTS as i16;

/// A connection that was opened with a narrow string, and a statement.
fn opened() -> (Application, Handle) {
    let application = Application::with(Server::start());
    let server = &application.server;
    let rows = vec![vec![json!("日本😀")]];
    server.on(
        "SELECT 'zażółć 😀'",
        Answer::rows(columns![("naïve", "varchar(3)")], rows),
    );
    let error = QueryError::new("TABLE_NOT_FOUND", 46, "Table '日本' does not exist");
    server.on("SELECT missing", Answer::error(error));
    let connection = allocate(SQL_HANDLE_DBC, application.environment);
    let text = format!(
        "Host=127.0.0.1;Port={};User=ada;ValidateConnection=0;Catalog=zoë;",
        server.port()
    );
    let mut out = [7_u8; 20];
    let mut length = 0;
    let place = out.as_mut_ptr();
    // SAFETY: the string has the stated length, the buffer the stated size.
    let code = unsafe {
        let (start, count) = (text.as_ptr(), text.len() as i16);
        SQLDriverConnect(
            connection,
            null_mut(),
            start,
            count,
            place,
            20,
            &mut length,
            0,
        )
    };
    assert_eq!(
        code,
        SQL_SUCCESS_WITH_INFO,
        "{}",
        message(SQL_HANDLE_DBC, connection)
    );
    assert_eq!(&out, b"Host=127.0.0.1;Port\0");
    assert_eq!(usize::try_from(length).unwrap(), text.len());
    (application, connection)
}

fn close(connection: Handle) {
    // SAFETY: the handle is ours.
    assert_eq!(unsafe { SQLDisconnect(connection) }, SQL_SUCCESS);
    // SAFETY: freed once.
    unsafe { SQLFreeHandle(SQL_HANDLE_DBC, connection) };
}

fn run(statement: Handle, sql: &str) -> SqlReturn {
    // SAFETY: the string is as long as stated.
    unsafe { SQLExecDirect(statement, sql.as_ptr(), sql.len() as i32) }
}

fn number(statement: Handle, field: i16) -> isize {
    let mut number = 0;
    // SAFETY: a place for a number.
    let code = unsafe {
        SQLColAttribute(
            statement,
            1,
            field as u16,
            null_mut(),
            0,
            null_mut(),
            &mut number,
        )
    };
    assert_eq!(code, SQL_SUCCESS);
    number
}

#[test]
fn statements_names_and_values_are_utf_8() {
    let (_application, connection) = opened();
    let statement = allocate(SQL_HANDLE_STMT, connection);
    assert_eq!(run(statement, "SELECT 'zażółć 😀'"), SQL_SUCCESS);
    let (mut name, mut length) = ([7_u8; 5], 0);
    let none = null_mut::<c_void>();
    let place = name.as_mut_ptr();
    // SAFETY: the buffer has the stated size.
    let code = unsafe {
        let none = none.cast();
        SQLDescribeCol(
            statement,
            1,
            place,
            5,
            &mut length,
            none,
            none.cast(),
            none,
            none,
        )
    };
    assert_eq!((code, length), (SQL_SUCCESS_WITH_INFO, 6));
    assert_eq!(&name, "naï\0".as_bytes(), "whole characters only");
    // SAFETY: nothing is bound.
    assert_eq!(unsafe { SQLFetch(statement) }, SQL_SUCCESS);
    let (mut value, mut length) = ([0_u8; 20], 0);
    let place = value.as_mut_ptr().cast();
    // SAFETY: the buffer has the stated size.
    let code = unsafe { SQLGetData(statement, 1, C_CHAR, place, 20, &mut length) };
    assert_eq!((code, length), (SQL_SUCCESS, 10));
    assert_eq!(&value[..10], "日本😀".as_bytes());
    close(connection);
}

#[test]
fn lengths_of_text_are_those_of_narrow_buffers() {
    let (_application, connection) = opened();
    let statement = allocate(SQL_HANDLE_STMT, connection);
    assert_eq!(run(statement, "SELECT 'zażółć 😀'"), SQL_SUCCESS);
    for field in [
        SQL_DESC_LENGTH,
        SQL_DESC_OCTET_LENGTH,
        SQL_DESC_DISPLAY_SIZE,
    ] {
        assert_eq!(number(statement, field), 12, "{field}");
    }
    // SAFETY: the handle is ours.
    unsafe { SQLCloseCursor(statement) };
    assert_eq!(run(statement, THREE), SQL_SUCCESS);
    assert_eq!(
        number(statement, SQL_DESC_DISPLAY_SIZE),
        11,
        "numbers are ASCII"
    );
    close(connection);
}

#[test]
fn what_is_no_utf_8_is_refused() {
    let (_application, connection) = opened();
    let statement = allocate(SQL_HANDLE_STMT, connection);
    // SAFETY: the string ends with 0.
    let code =
        unsafe { SQLExecDirect(statement, c"SELECT '\xFC'".as_ptr().cast(), SQL_NTS as i32) };
    assert_eq!(code, SQL_ERROR);
    assert_eq!(state(SQL_HANDLE_STMT, statement), "HY000");
    assert!(message(SQL_HANDLE_STMT, statement).contains("UTF-8"));
    close(connection);
}

#[test]
fn diagnostics_and_information_are_utf_8() {
    let (_application, connection) = opened();
    let statement = allocate(SQL_HANDLE_STMT, connection);
    assert_eq!(run(statement, "SELECT missing"), SQL_ERROR);
    let (mut state, mut text, mut native, mut length) = ([7_u8; 6], [0_u8; 200], 0, 0);
    // SAFETY: the buffers have the stated sizes.
    let code = unsafe {
        let (state, text) = (state.as_mut_ptr(), text.as_mut_ptr());
        SQLGetDiagRec(
            SQL_HANDLE_STMT,
            statement,
            1,
            state,
            &mut native,
            text,
            200,
            &mut length,
        )
    };
    assert_eq!((code, native), (SQL_SUCCESS, 46));
    assert_eq!(&state, b"42S02\0");
    let text = std::str::from_utf8(&text[..usize::try_from(length).unwrap()]).unwrap();
    assert!(text.contains("Table '日本' does not exist"), "{text}");
    let (mut user, mut length) = ([7_u8; 10], 0);
    let place = user.as_mut_ptr().cast();
    // SAFETY: the buffer has the stated size.
    let code = unsafe { SQLGetInfo(connection, SQL_DATABASE_NAME, place, 10, &mut length) };
    assert_eq!((code, length), (SQL_SUCCESS, 4));
    assert_eq!(&user[..5], "zoë\0".as_bytes());
    close(connection);
}

#[test]
fn a_data_source_is_named_in_narrow_text() {
    let application = Application::start();
    let connection = allocate(SQL_HANDLE_DBC, application.environment);
    let name = c"nowhere".as_ptr().cast();
    // SAFETY: the strings end with 0.
    let code = unsafe { SQLConnect(connection, name, NTS, name, NTS, name, NTS) };
    assert_eq!(code, SQL_ERROR);
    assert_eq!(state(SQL_HANDLE_DBC, connection), "IM002");
    // SAFETY: freed once.
    unsafe { SQLFreeHandle(SQL_HANDLE_DBC, connection) };
}
