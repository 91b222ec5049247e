//! SQLSetPos within a rowset, SQLBulkOperations, and the names of cursors.

use std::ptr::{null, null_mut};

use trinoodbc::abi::*;
use trinoodbc::ffi::*;

use crate::application::*;

fn set_position(application: &Application, row: u8, operation: u16) -> SqlReturn {
    // SAFETY: the handle is the application's; what is bound outlives the test's calls.
    unsafe {
        SQLSetPos(
            application.statement,
            row.into(),
            operation,
            SQL_LOCK_NO_CHANGE,
        )
    }
}

#[track_caller]
fn refused(application: &Application, code: SqlReturn, wanted: &str) {
    assert_eq!(code, SQL_ERROR);
    assert_eq!(application.state(), wanted);
}

#[test]
fn each_row_of_a_block_can_be_the_one_that_data_is_got_from() {
    let application = Application::start();
    application.set(SQL_ATTR_ROW_ARRAY_SIZE, 3);
    assert_eq!(application.execute(THREE), SQL_SUCCESS);
    assert_eq!(application.fetch(), SQL_SUCCESS);
    for row in [3, 1, 2] {
        assert_eq!(set_position(&application, row, SQL_POSITION), SQL_SUCCESS);
        assert_eq!(application.number(), i64::from(row));
        assert_eq!(application.get(SQL_ATTR_ROW_NUMBER), usize::from(row));
    }
    refused(
        &application,
        set_position(&application, 4, SQL_POSITION),
        "HY107",
    );
    refused(
        &application,
        set_position(&application, 0, SQL_POSITION),
        "HY109",
    );
    assert_eq!(application.get(SQL_ATTR_ROW_NUMBER), 2);
    assert_eq!(application.fetch(), SQL_NO_DATA);
    refused(
        &application,
        set_position(&application, 1, SQL_POSITION),
        "24000",
    );
}

#[test]
fn rows_are_given_again_but_for_those_left_out() {
    let application = Application::start();
    let (mut ids, mut lengths) = ([0_i32; 3], [0; 3]);
    let operations = [SQL_ROW_PROCEED, SQL_ROW_IGNORE, SQL_ROW_PROCEED];
    application.set(SQL_ATTR_ROW_ARRAY_SIZE, 3);
    application.bind(1, C_SLONG, &mut ids, 4, &mut lengths);
    assert_eq!(application.execute(THREE), SQL_SUCCESS);
    assert_eq!(application.fetch(), SQL_SUCCESS);
    assert_eq!(ids, [1, 2, 3]);

    ids = [0; 3];
    assert_eq!(set_position(&application, 2, SQL_REFRESH), SQL_SUCCESS);
    assert_eq!(ids, [0, 2, 0]);
    ids = [0; 3];
    application.set(
        SQL_ATTR_ROW_OPERATION_PTR,
        operations.as_ptr().expose_provenance(),
    );
    assert_eq!(set_position(&application, 0, SQL_REFRESH), SQL_SUCCESS);
    assert_eq!(ids, [1, 0, 3]);
    // The array is for all rows; the one that is asked for alone is given.
    assert_eq!(set_position(&application, 2, SQL_REFRESH), SQL_SUCCESS);
    assert_eq!(ids, [1, 2, 3]);
}

#[test]
fn a_refresh_fills_the_current_bindings_and_reports_warnings() {
    let application = Application::start();
    application.set(SQL_ATTR_ROW_ARRAY_SIZE, 3);
    assert_eq!(application.execute(THREE), SQL_SUCCESS);
    assert_eq!(application.fetch(), SQL_SUCCESS);
    let (mut names, mut lengths, mut status) = ([[0_u8; 8]; 3], [0; 3], [9_u16; 3]);
    application.set(
        SQL_ATTR_ROW_STATUS_PTR,
        status.as_mut_ptr().expose_provenance(),
    );
    application.bind(2, C_CHAR, &mut names, 8, &mut lengths);
    assert_eq!(
        set_position(&application, 0, SQL_REFRESH),
        SQL_SUCCESS_WITH_INFO
    );
    assert_eq!(application.state(), "01004");
    assert_eq!(&names[0], b"one\0\0\0\0\0");
    assert_eq!(&names[1], b"two, wh\0");
    assert_eq!(lengths[2], SQL_NULL_DATA);
    assert_eq!(
        status,
        [SQL_ROW_SUCCESS, SQL_ROW_SUCCESS_WITH_INFO, SQL_ROW_SUCCESS]
    );
}

#[test]
fn a_refresh_reports_where_the_fetch_did() {
    let application = Application::start();
    let (mut names, mut lengths) = ([[0_u8; 8]; 3], [0; 3]);
    let (mut of_fetch, mut of_extended_fetch) = ([9_u16; 3], [9_u16; 3]);
    application.set(SQL_ROWSET_SIZE, 3);
    application.set(
        SQL_ATTR_ROW_STATUS_PTR,
        of_fetch.as_mut_ptr().expose_provenance(),
    );
    application.bind(2, C_CHAR, &mut names, 8, &mut lengths);
    assert_eq!(application.execute(THREE), SQL_SUCCESS);
    let (place, mut rows) = (of_extended_fetch.as_mut_ptr(), 0);
    // SAFETY: what is bound outlives the test's calls.
    let code = unsafe {
        SQLExtendedFetch(
            application.statement,
            SQL_FETCH_NEXT as u16,
            0,
            &mut rows,
            place,
        )
    };
    assert_eq!((code, rows), (SQL_SUCCESS_WITH_INFO, 3));
    let warned = [SQL_ROW_SUCCESS, SQL_ROW_SUCCESS_WITH_INFO, SQL_ROW_SUCCESS];
    assert_eq!(of_extended_fetch, warned);
    for (row, expected) in [
        (0, warned),
        (2, [9, SQL_ROW_SUCCESS_WITH_INFO, 9]),
        (3, [9, 9, SQL_ROW_SUCCESS]),
    ] {
        of_extended_fetch = [9; 3];
        let code = set_position(&application, row, SQL_REFRESH);
        assert!(matches!(code, SQL_SUCCESS | SQL_SUCCESS_WITH_INFO));
        assert_eq!(of_extended_fetch, expected);
    }
    assert_eq!(of_fetch, [9; 3]);

    // Without an array it reports nowhere.
    // SAFETY: as above.
    unsafe {
        SQLFreeStmt(application.statement, SQL_CLOSE);
        assert_eq!(application.execute(THREE), SQL_SUCCESS);
        let next = SQL_FETCH_NEXT as u16;
        SQLExtendedFetch(application.statement, next, 0, &mut rows, null_mut());
    }
    set_position(&application, 0, SQL_REFRESH);
    assert_eq!(of_fetch, [9; 3]);
    // SAFETY: as above.
    unsafe { SQLFreeStmt(application.statement, SQL_CLOSE) };
    application.set(SQL_ATTR_ROW_ARRAY_SIZE, 3);
    assert_eq!(application.execute(THREE), SQL_SUCCESS);
    assert_eq!(application.fetch(), SQL_SUCCESS_WITH_INFO);
    of_fetch = [9; 3];
    set_position(&application, 0, SQL_REFRESH);
    assert_eq!(of_fetch, warned);
}

#[test]
fn results_are_not_changed_through_their_cursor() {
    let application = Application::start();
    assert_eq!(application.execute(THREE), SQL_SUCCESS);
    assert_eq!(application.fetch(), SQL_SUCCESS);
    for operation in [SQL_UPDATE, SQL_DELETE, SQL_ADD] {
        refused(
            &application,
            set_position(&application, 1, operation),
            "HYC00",
        );
    }
    refused(&application, set_position(&application, 1, 77), "HY092");
    let statement = application.statement;
    // SAFETY: nothing is bound.
    unsafe {
        let code = SQLSetPos(statement, 1, SQL_POSITION, SQL_LOCK_EXCLUSIVE);
        refused(&application, code, "HYC00");
        refused(
            &application,
            SQLSetPos(statement, 1, SQL_POSITION, 9),
            "HY092",
        );
        for operation in SQL_ADD..=SQL_FETCH_BY_BOOKMARK {
            refused(
                &application,
                SQLBulkOperations(statement, operation),
                "HYC00",
            );
        }
        refused(&application, SQLBulkOperations(statement, 1), "HY092");
    }
    assert_eq!(application.number(), 1);
}

fn name_of(statement: Handle) -> String {
    let mut text = [0_u16; 32];
    let mut length = 0;
    // SAFETY: the buffer has the stated size.
    let code = unsafe { SQLGetCursorNameW(statement, text.as_mut_ptr(), 32, &mut length) };
    assert_eq!(code, SQL_SUCCESS);
    String::from_utf16(&text[..usize::try_from(length).unwrap()]).unwrap()
}

fn name(statement: Handle, name: &str) -> SqlReturn {
    let name = wide(name);
    // SAFETY: the string ends with 0.
    unsafe { SQLSetCursorNameW(statement, name.as_ptr(), SQL_NTS as i16) }
}

#[test]
fn each_statement_has_a_cursor_name_of_the_drivers_own_until_it_is_given_one() {
    let application = Application::start();
    let second = allocate(SQL_HANDLE_STMT, application.connection);
    let [one, other] = [application.statement, second].map(name_of);
    assert!(one.starts_with("SQL_CUR") && one.len() <= 18, "{one}");
    assert_ne!(one, other);
    assert_eq!(name_of(application.statement), one);
    assert_eq!(name(application.statement, " rows "), SQL_SUCCESS);
    assert_eq!(name_of(application.statement), "ROWS");
    assert_eq!(application.execute(THREE), SQL_SUCCESS);
    assert_eq!(name_of(application.statement), "ROWS");
    refused(&application, name(application.statement, "other"), "24000");
}

#[test]
fn names_of_cursors_are_unique_within_a_connection() {
    let application = Application::start();
    let second = allocate(SQL_HANDLE_STMT, application.connection);
    assert_eq!(name(second, "Rows"), SQL_SUCCESS);
    refused(&application, name(application.statement, "ROWS"), "3C000");
    assert_eq!(name(application.statement, "\"Rows\""), SQL_SUCCESS);
    assert_eq!(name(application.statement, "\"Rows\""), SQL_SUCCESS);
    // SAFETY: freed once.
    unsafe { SQLFreeHandle(SQL_HANDLE_STMT, second) };
    assert_eq!(name(application.statement, "ROWS"), SQL_SUCCESS);

    let other = Application::start();
    assert_eq!(name(other.statement, "ROWS"), SQL_SUCCESS);
}

#[test]
fn bad_names_of_cursors_are_refused() {
    let application = Application::start();
    let long = "c".repeat(129);
    for bad in ["", "  ", "SQLCUR1", "sql_cursor", long.as_str()] {
        refused(&application, name(application.statement, bad), "34000");
    }
    // SAFETY: a null pointer, and a length that is none.
    unsafe {
        let code = SQLSetCursorNameW(application.statement, null(), 3);
        refused(&application, code, "HY009");
        let code = SQLSetCursorNameW(application.statement, [0].as_ptr(), -9);
        refused(&application, code, "HY090");
        let mut text = [7_u16; 4];
        let (mut length, place) = (0, text.as_mut_ptr());
        let code = SQLGetCursorNameW(application.statement, place, 4, &mut length);
        assert_eq!(code, SQL_SUCCESS_WITH_INFO);
        assert_eq!(application.state(), "01004");
        assert_eq!(String::from_utf16(&text[..3]).unwrap(), "SQL");
        assert!(length > 7);
        let code = SQLGetCursorNameW(application.statement, place, -1, null_mut());
        refused(&application, code, "HY090");
    }
}
