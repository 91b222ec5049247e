//! Statements that change no rows.

use std::ptr::null_mut;

use scripted_trino::Answer;
use trinoodbc::abi::*;
use trinoodbc::ffi::*;

use super::arrays::sets;
use super::later::{parameter_data, put};
use super::{close, number, prepare, row_count, run, text};
use crate::application::*;

const CHANGES: [(&str, &str); 4] = [
    ("UPDATE t SET a = 1 WHERE b = 7", "UPDATE"),
    ("DELETE FROM t WHERE b = 7", "DELETE"),
    ("INSERT INTO t SELECT * FROM u WHERE false", "INSERT"),
    (
        "MERGE INTO t USING u ON t.a = u.a WHEN MATCHED THEN DELETE",
        "MERGE",
    ),
];

fn application() -> Application {
    let application = Application::start();
    for (sql, kind) in CHANGES {
        application.server.on(sql, Answer::update(kind, 0));
    }
    application.server.on_matching(|sql| {
        let values = sql.strip_prefix("EXECUTE IMMEDIATE 'UPDATE")?;
        let count = u64::from(values.contains("INTEGER '1'"));
        Some(Answer::update("UPDATE", count))
    });
    application
}

fn diagnosed(application: &Application) -> (SqlReturn, isize) {
    let (mut code, mut rows) = (0_i16, 0_isize);
    for (field, place) in [
        (SQL_DIAG_RETURNCODE, (&raw mut code).cast()),
        (SQL_DIAG_ROW_COUNT, (&raw mut rows).cast()),
    ] {
        // SAFETY: a place for a number.
        let found = unsafe {
            SQLGetDiagFieldW(
                SQL_HANDLE_STMT,
                application.statement,
                0,
                field,
                place,
                0,
                null_mut(),
            )
        };
        assert_eq!(found, SQL_SUCCESS);
    }
    (code, rows)
}

#[test]
fn a_change_without_rows_has_no_data() {
    let application = application();
    for (sql, _) in CHANGES {
        assert_eq!(application.execute(sql), SQL_NO_DATA, "{sql}");
        assert_eq!(diagnosed(&application), (SQL_NO_DATA, 0));
        assert_eq!(row_count(&application), 0);
        let mut columns = 9;
        // SAFETY: a place for a number.
        let code = unsafe { SQLNumResultCols(application.statement, &mut columns) };
        assert_eq!((code, columns), (SQL_SUCCESS, 0));
        assert_eq!(application.fetch(), SQL_ERROR);
        assert_eq!(application.state(), "24000");
        // SAFETY: the handle is ours.
        assert_eq!(
            unsafe { SQLMoreResults(application.statement) },
            SQL_NO_DATA
        );
        assert_eq!(prepare(&application, sql), SQL_SUCCESS);
        for _ in 0..2 {
            assert_eq!(run(&application), SQL_NO_DATA);
            assert_eq!(row_count(&application), 0);
        }
        close(&application);
    }
}

#[test]
fn other_statements_without_rows_succeed() {
    let application = application();
    for (sql, answer) in [
        (
            "CREATE TABLE t AS SELECT 1 AS a WHERE false",
            Answer::update("CREATE TABLE", 0),
        ),
        ("DROP TABLE t", Answer::done("DROP TABLE")),
        ("DELETE FROM partitions", Answer::done("DELETE")),
        ("INSERT INTO t SELECT 1", Answer::update("INSERT", 1)),
    ] {
        application.server.on(sql, answer);
        assert_eq!(application.execute(sql), SQL_SUCCESS, "{sql}");
    }
}

#[test]
fn before_odbc_3_a_change_without_rows_succeeds() {
    let whole = application();
    let environment = allocate(SQL_HANDLE_ENV, null_mut());
    let version = std::ptr::without_provenance_mut(SQL_OV_ODBC2);
    // SAFETY: a number.
    let code = unsafe { SQLSetEnvAttr(environment, SQL_ATTR_ODBC_VERSION, version, 0) };
    assert_eq!(code, SQL_SUCCESS);
    let connection = allocate(SQL_HANDLE_DBC, environment);
    assert_eq!(connect(connection, &whole.server), SQL_SUCCESS);
    let statement = allocate(SQL_HANDLE_STMT, connection);
    for (sql, _) in CHANGES {
        assert_eq!(execute(statement, sql), SQL_SUCCESS);
        let mut rows = 9;
        // SAFETY: a place for a number.
        assert_eq!(unsafe { SQLRowCount(statement, &mut rows) }, SQL_SUCCESS);
        assert_eq!(rows, 0);
    }
    // SAFETY: each is freed once.
    unsafe {
        SQLFreeHandle(SQL_HANDLE_STMT, statement);
        SQLDisconnect(connection);
        SQLFreeHandle(SQL_HANDLE_DBC, connection);
        SQLFreeHandle(SQL_HANDLE_ENV, environment);
    }
}

#[test]
fn a_change_whose_values_came_later_has_no_data() {
    let application = application();
    let later = [SQL_DATA_AT_EXEC];
    text(b"", 0, &later).bind(&application, 1);
    let sql = "UPDATE t SET a = 1 WHERE b = ?";
    assert_eq!(application.execute(sql), SQL_NEED_DATA);
    assert_eq!(parameter_data(&application).0, SQL_NEED_DATA);
    assert_eq!(put(&application, b"x", 1), SQL_SUCCESS);
    assert_eq!(parameter_data(&application).0, SQL_NO_DATA);
    assert_eq!(row_count(&application), 0);
}

#[test]
fn an_array_of_changes_has_no_data_only_when_none_has_rows() {
    let application = application();
    let sql = "UPDATE t SET a = 2 WHERE b = ?";
    for (numbers, code, rows) in [([2, 3], SQL_NO_DATA, 0), ([2, 1], SQL_SUCCESS, 1)] {
        let (mut status, mut processed) = ([9; 2], 9);
        sets(&application, 2, &mut status, &mut processed);
        number(&numbers, &[]).bind(&application, 1);
        assert_eq!(application.execute(sql), code);
        assert_eq!((row_count(&application), processed), (rows, 2));
        assert_eq!(status, [SQL_PARAM_SUCCESS; 2]);
    }
}

#[test]
fn an_asynchronous_change_without_rows_ends_the_same() {
    let application = application();
    let (sql, kind) = CHANGES[0];
    let slow = Answer::update(kind, 0).runs_for(std::time::Duration::from_millis(200));
    application.server.on(sql, slow);
    application.set(SQL_ATTR_ASYNC_ENABLE, 1);
    let begun = std::time::Instant::now();
    let mut code = application.execute(sql);
    while code == SQL_STILL_EXECUTING && begun.elapsed().as_secs() < 20 {
        std::thread::sleep(std::time::Duration::from_millis(5));
        code = application.execute(sql);
    }
    assert_eq!(code, SQL_NO_DATA);
    application.set(SQL_ATTR_ASYNC_ENABLE, 0);
    assert_eq!(row_count(&application), 0);
}
