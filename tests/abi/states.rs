//! Calls out of sequence.

use std::ptr::null_mut;

use trinoodbc::abi::*;
use trinoodbc::ffi::*;

use crate::application::*;

fn get_data(application: &Application, column: u16) -> SqlReturn {
    let (mut value, mut length) = (0_i32, 0_isize);
    // SAFETY: places of the right size.
    unsafe {
        SQLGetData(
            application.statement,
            column,
            C_SLONG,
            (&raw mut value).cast(),
            4,
            &mut length,
        )
    }
}

fn refused(application: &Application, code: SqlReturn, wanted: &str) {
    assert_eq!(code, SQL_ERROR);
    assert_eq!(application.state(), wanted);
}

#[test]
fn nothing_is_fetched_before_something_was_executed() {
    let application = Application::start();
    let statement = application.statement;
    refused(&application, application.fetch(), "HY010");
    refused(&application, get_data(&application, 1), "HY010");
    let (mut small, mut long) = (0, 0);
    // SAFETY: places of the right size.
    let code = unsafe { SQLNumResultCols(statement, &mut small) };
    refused(&application, code, "HY010");
    // SAFETY: as above.
    let code = unsafe { SQLRowCount(statement, &mut long) };
    refused(&application, code, "HY010");
    // SAFETY: the handle is ours.
    let code = unsafe { SQLExecute(statement) };
    refused(&application, code, "HY010");
    // SAFETY: the handle is ours.
    let code = unsafe { SQLCloseCursor(statement) };
    refused(&application, code, "24000");
    // SAFETY: the handle is ours.
    assert_eq!(unsafe { SQLFreeStmt(statement, SQL_CLOSE) }, SQL_SUCCESS);
}

#[test]
fn an_open_cursor_must_be_closed_before_the_next_query() {
    let application = Application::start();
    assert_eq!(application.execute(THREE), SQL_SUCCESS);
    refused(&application, application.execute(THREE), "24000");
    let sql = wide(THREE);
    // SAFETY: the string ends with 0.
    let code = unsafe { SQLPrepareW(application.statement, sql.as_ptr().cast(), -3) };
    refused(&application, code, "24000");
    assert_eq!(application.fetch(), SQL_SUCCESS);
    application.close_cursor();
    assert_eq!(application.execute(THREE), SQL_SUCCESS);
}

#[test]
fn an_update_opens_no_cursor() {
    let application = Application::start();
    assert_eq!(application.execute(UPDATE), SQL_SUCCESS);
    refused(&application, application.fetch(), "24000");
    refused(&application, get_data(&application, 1), "24000");
    let (mut columns, mut rows) = (9, 0);
    // SAFETY: places of the right size.
    unsafe {
        assert_eq!(
            SQLNumResultCols(application.statement, &mut columns),
            SQL_SUCCESS
        );
        assert_eq!(SQLRowCount(application.statement, &mut rows), SQL_SUCCESS);
    }
    assert_eq!((columns, rows), (0, 4));
    assert_eq!(application.execute(UPDATE), SQL_SUCCESS);
}

#[test]
fn data_is_got_only_from_a_row() {
    let application = Application::start();
    assert_eq!(application.execute(THREE), SQL_SUCCESS);
    refused(&application, get_data(&application, 1), "24000");
    assert_eq!(application.fetch(), SQL_SUCCESS);
    assert_eq!(get_data(&application, 1), SQL_SUCCESS);
    refused(&application, get_data(&application, 0), "07009");
    refused(&application, get_data(&application, 4), "07009");
    while application.fetch() == SQL_SUCCESS {}
    refused(&application, get_data(&application, 1), "24000");
}

#[test]
fn after_the_last_row_there_is_no_data_for_ever() {
    let application = Application::start();
    assert_eq!(application.execute(THREE), SQL_SUCCESS);
    for _ in 0..3 {
        assert_eq!(application.fetch(), SQL_SUCCESS);
    }
    for _ in 0..3 {
        assert_eq!(application.fetch(), SQL_NO_DATA);
    }
    // SAFETY: the handle is ours.
    assert_eq!(
        unsafe { SQLMoreResults(application.statement) },
        SQL_NO_DATA
    );
    assert_eq!(application.execute(THREE), SQL_SUCCESS);
}

#[test]
fn only_the_next_rowset_can_be_fetched() {
    let application = Application::start();
    assert_eq!(application.execute(THREE), SQL_SUCCESS);
    // SAFETY: nothing is bound.
    let code = unsafe { SQLFetchScroll(application.statement, SQL_FETCH_NEXT, 0) };
    assert_eq!(code, SQL_SUCCESS);
    for orientation in [
        SQL_FETCH_FIRST,
        SQL_FETCH_LAST,
        SQL_FETCH_PRIOR,
        SQL_FETCH_ABSOLUTE,
        77,
    ] {
        // SAFETY: nothing is bound.
        let code = unsafe { SQLFetchScroll(application.statement, orientation, 1) };
        refused(&application, code, "HY106");
    }
}

#[test]
fn a_prepared_statement_outlives_its_cursor() {
    let application = Application::start();
    let statement = application.statement;
    let sql = wide(THREE);
    // SAFETY: the string ends with 0.
    let code = unsafe { SQLPrepareW(statement, sql.as_ptr().cast(), -3) };
    assert_eq!(code, SQL_SUCCESS);
    refused(&application, application.fetch(), "HY010");
    for _ in 0..2 {
        // SAFETY: the handle is ours.
        assert_eq!(unsafe { SQLExecute(statement) }, SQL_SUCCESS);
        // SAFETY: the handle is ours.
        refused(&application, unsafe { SQLExecute(statement) }, "24000");
        assert_eq!(application.fetch(), SQL_SUCCESS);
        // SAFETY: the handle is ours.
        assert_eq!(unsafe { SQLFreeStmt(statement, SQL_CLOSE) }, SQL_SUCCESS);
    }
}

#[test]
fn a_connection_is_opened_once() {
    let application = Application::start();
    assert_eq!(
        connect(application.connection, &application.server),
        SQL_ERROR
    );
    assert_eq!(state(SQL_HANDLE_DBC, application.connection), "08002");
}

#[test]
fn impossible_arguments_are_refused_with_their_own_states() {
    let application = Application::start();
    let statement = application.statement;
    let mut value = 0_i32;
    let place = (&raw mut value).cast();
    // SAFETY: places of the right size, or null.
    unsafe {
        refused(
            &application,
            SQLBindCol(statement, 1, 12_345, place, 4, null_mut()),
            "HY003",
        );
        refused(
            &application,
            SQLBindCol(statement, 1, C_CHAR, place, -1, null_mut()),
            "HY090",
        );
        refused(
            &application,
            SQLBindCol(statement, 0, C_SLONG, place, 4, null_mut()),
            "07009",
        );
        refused(
            &application,
            SQLExecDirectW(statement, null_mut(), -3),
            "HY009",
        );
        refused(
            &application,
            SQLExecDirectW(statement, [0].as_ptr(), -7),
            "HY090",
        );
        refused(&application, SQLFreeStmt(statement, 99), "HY092");
    }
    refused(&application, application.execute(" ; "), "42000");
}

#[test]
fn a_cancel_of_an_idle_statement_does_nothing() {
    let application = Application::start();
    // SAFETY: the handle is ours.
    assert_eq!(unsafe { SQLCancel(application.statement) }, SQL_SUCCESS);
    assert_eq!(application.execute(THREE), SQL_SUCCESS);
    assert_eq!(application.fetch(), SQL_SUCCESS);
}
