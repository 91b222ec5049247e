//! Transactions: when one begins and ends, and what the server is told.

use std::ffi::c_void;
use std::time::Duration;

use scripted_trino::{Answer, QueryError, QueryState, columns};
use serde_json::json;
use trinoodbc::abi::*;
use trinoodbc::ffi::*;

use crate::application::*;

/// What was submitted since the last call, and whether it was part of a transaction.
fn submitted(application: &Application) -> Vec<(String, bool)> {
    let requests = application.server.requests();
    application.server.forget_requests();
    requests
        .into_iter()
        .filter(|request| request.method == "POST")
        .map(|request| {
            let id = request.header("x-trino-transaction-id");
            (request.body.clone(), id != Some("NONE"))
        })
        .collect()
}

fn told(expected: &[(&str, bool)]) -> Vec<(String, bool)> {
    let own = |(sql, within): &(&str, bool)| ((*sql).to_owned(), *within);
    expected.iter().map(own).collect()
}

fn set(connection: Handle, attribute: i32, value: usize) -> SqlReturn {
    let value = std::ptr::without_provenance_mut::<c_void>(value);
    // SAFETY: the value of the attribute is a number.
    unsafe { SQLSetConnectAttrW(connection, attribute, value, 0) }
}

fn get(connection: Handle, attribute: i32) -> u32 {
    let mut value = 0_u32;
    let place = (&raw mut value).cast();
    // SAFETY: `value` is a place for a number.
    let code = unsafe { SQLGetConnectAttrW(connection, attribute, place, 4, std::ptr::null_mut()) };
    assert_eq!(code, SQL_SUCCESS);
    value
}

fn end(application: &Application, completion: i16) -> SqlReturn {
    // SAFETY: the handle is ours.
    unsafe { SQLEndTran(SQL_HANDLE_DBC, application.connection, completion) }
}

fn close(application: &Application) {
    // SAFETY: the handle is ours.
    unsafe { SQLFreeStmt(application.statement, SQL_CLOSE) };
}

/// An application in manual-commit mode.
fn manual() -> Application {
    let application = Application::start();
    assert_eq!(
        set(
            application.connection,
            SQL_ATTR_AUTOCOMMIT,
            SQL_AUTOCOMMIT_OFF
        ),
        SQL_SUCCESS
    );
    application
}

/// Has the server refuse a statement because it has ended the transaction.
fn refuse(application: &Application, sql: &str, name: &str) {
    let error = QueryError::new(name, 22, "Current transaction is aborted");
    application.server.on(sql, Answer::error(error));
}

#[test]
fn a_transaction_begins_with_the_first_statement_that_needs_one() {
    let application = manual();
    assert_eq!(get(application.connection, SQL_ATTR_AUTOCOMMIT), 0);
    assert_eq!(end(&application, SQL_COMMIT), SQL_SUCCESS);
    for sql in ["USE tpch.tiny", THREE, UPDATE, THREE] {
        assert_eq!(application.execute(sql), SQL_SUCCESS, "{sql}");
        close(&application);
    }
    assert_eq!(end(&application, SQL_COMMIT), SQL_SUCCESS);
    assert_eq!(end(&application, SQL_ROLLBACK), SQL_SUCCESS);
    assert_eq!(application.execute(THREE), SQL_SUCCESS);
    close(&application);
    assert_eq!(
        submitted(&application),
        told(&[
            ("USE tpch.tiny", false),
            (THREE, false),
            ("START TRANSACTION", false),
            (UPDATE, true),
            (THREE, true),
            ("COMMIT", true),
            (THREE, false),
        ])
    );
    assert_eq!(application.execute(UPDATE), SQL_SUCCESS);
    assert_eq!(end(&application, SQL_ROLLBACK), SQL_SUCCESS);
    assert_eq!(
        submitted(&application),
        told(&[
            ("START TRANSACTION", false),
            (UPDATE, true),
            ("ROLLBACK", true)
        ])
    );
}

#[test]
fn what_only_reads_opens_no_transaction() {
    let application = manual();
    let connection = application.connection;
    for sql in [
        "SELECT n",
        "WITH a AS (SELECT 1) SELECT * FROM a",
        "VALUES 1",
        "TABLE a",
        "SHOW TABLES",
        "DESCRIBE a",
        "EXPLAIN DELETE FROM a",
        "EXPLAIN (TYPE LOGICAL) ANALYZE a",
    ] {
        let answer = Answer::rows(columns![("n", "bigint")], vec![vec![json!(1)]]);
        application.server.on(sql, answer.direct());
        assert_eq!(application.execute(sql), SQL_SUCCESS, "{sql}");
        assert_eq!(application.numbers(), (vec![1], SQL_NO_DATA), "{sql}");
        assert_eq!(end(&application, SQL_COMMIT), SQL_SUCCESS);
        assert_eq!(submitted(&application), told(&[(sql, false)]));
    }
    // Nothing is open, so how the next transaction begins can be set.
    assert_eq!(set(connection, SQL_ATTR_TXN_ISOLATION, 2), SQL_SUCCESS);
    assert_eq!(set(connection, SQL_ATTR_TXN_ISOLATION, 1), SQL_SUCCESS);
    for sql in [
        "CALL p()",
        "SELECT * FROM TABLE(a.system.query('DELETE FROM b'))",
        "EXPLAIN ANALYZE SELECT n",
        "EXECUTE p",
    ] {
        let answer = Answer::rows(columns![("n", "bigint")], vec![vec![json!(1)]]);
        application.server.on(sql, answer.direct());
        assert_eq!(application.execute(sql), SQL_SUCCESS, "{sql}");
        assert_eq!(end(&application, SQL_ROLLBACK), SQL_SUCCESS);
        let expected = [
            ("START TRANSACTION", false),
            (sql, true),
            ("ROLLBACK", true),
        ];
        assert_eq!(submitted(&application), told(&expected));
    }
}

#[test]
fn reading_happens_in_a_transaction_where_one_promises_something() {
    for (attribute, value, start) in [
        (
            SQL_ATTR_TXN_ISOLATION,
            SQL_TXN_REPEATABLE_READ as usize,
            "START TRANSACTION ISOLATION LEVEL REPEATABLE READ",
        ),
        (
            SQL_ATTR_ACCESS_MODE,
            SQL_MODE_READ_ONLY,
            "START TRANSACTION READ ONLY",
        ),
    ] {
        let application = manual();
        let connection = application.connection;
        assert_eq!(set(connection, attribute, value), SQL_SUCCESS);
        assert_eq!(application.execute(THREE), SQL_SUCCESS);
        close(&application);
        assert_eq!(application.execute(THREE), SQL_SUCCESS);
        assert_eq!(end(&application, SQL_COMMIT), SQL_SUCCESS);
        let expected = [
            (start, false),
            (THREE, true),
            (THREE, true),
            ("COMMIT", true),
        ];
        assert_eq!(submitted(&application), told(&expected));
    }
}

#[test]
fn attributes_say_how_a_transaction_begins() {
    let application = manual();
    let connection = application.connection;
    let serializable = SQL_TXN_SERIALIZABLE as usize;
    assert_eq!(
        set(connection, SQL_ATTR_TXN_ISOLATION, serializable),
        SQL_SUCCESS
    );
    assert_eq!(
        set(connection, SQL_ATTR_ACCESS_MODE, SQL_MODE_READ_ONLY),
        SQL_SUCCESS
    );
    assert_eq!(
        get(connection, SQL_ATTR_TXN_ISOLATION),
        SQL_TXN_SERIALIZABLE
    );
    assert_eq!(application.execute(UPDATE), SQL_SUCCESS);
    let first = &submitted(&application)[0].0;
    assert_eq!(
        first,
        "START TRANSACTION ISOLATION LEVEL SERIALIZABLE, READ ONLY"
    );
    assert_eq!(set(connection, SQL_ATTR_TXN_ISOLATION, 1), SQL_ERROR);
    assert_eq!(state(SQL_HANDLE_DBC, connection), "HY011");
    end(&application, SQL_ROLLBACK);
    for (attribute, value) in [(SQL_ATTR_TXN_ISOLATION, 3), (SQL_ATTR_AUTOCOMMIT, 2)] {
        assert_eq!(set(connection, attribute, value), SQL_ERROR);
        assert_eq!(state(SQL_HANDLE_DBC, connection), "HY024");
    }
}

#[test]
fn turning_autocommit_on_commits() {
    let application = manual();
    application.execute(UPDATE);
    submitted(&application);
    let on = SQL_AUTOCOMMIT_ON;
    assert_eq!(
        set(application.connection, SQL_ATTR_AUTOCOMMIT, on),
        SQL_SUCCESS
    );
    assert_eq!(application.execute(UPDATE), SQL_SUCCESS);
    assert_eq!(
        submitted(&application),
        told(&[("COMMIT", true), (UPDATE, false)])
    );
}

#[test]
fn the_end_of_a_transaction_closes_cursors() {
    let without = Application::connected(scripted_trino::Server::start(), "Transactions=0");
    for (application, behaviour) in [
        (manual(), SQL_CB_CLOSE),
        (Application::start(), SQL_CB_CLOSE),
        (without, SQL_CB_PRESERVE),
    ] {
        let told = || {
            [SQL_CURSOR_COMMIT_BEHAVIOR, SQL_CURSOR_ROLLBACK_BEHAVIOR].map(|number| {
                let mut value = 0_u16;
                let place = (&raw mut value).cast();
                let connection = application.connection;
                // SAFETY: a place for a number of 16 bits.
                unsafe { SQLGetInfoW(connection, number, place, 2, std::ptr::null_mut()) };
                value
            })
        };
        assert_eq!(told(), [behaviour; 2]);
        for completion in [SQL_COMMIT, SQL_ROLLBACK] {
            assert_eq!(application.execute(THREE), SQL_SUCCESS);
            assert_eq!(application.fetch(), SQL_SUCCESS);
            assert_eq!(end(&application, completion), SQL_SUCCESS);
            let kept = application.fetch() == SQL_SUCCESS;
            assert_eq!(kept, behaviour == SQL_CB_PRESERVE);
            close(&application);
        }
        // Driver Managers and tools ask once.
        for value in [SQL_AUTOCOMMIT_OFF, SQL_AUTOCOMMIT_ON] {
            set(application.connection, SQL_ATTR_AUTOCOMMIT, value);
            application.execute(UPDATE);
            assert_eq!(told(), [behaviour; 2]);
        }
    }
}

#[test]
fn a_transaction_that_only_read_gives_way_to_a_new_one_when_the_server_has_ended_it() {
    for name in ["TRANSACTION_ALREADY_ABORTED", "UNKNOWN_TRANSACTION"] {
        let application = manual();
        let begun = "START TRANSACTION READ ONLY";
        set(
            application.connection,
            SQL_ATTR_ACCESS_MODE,
            SQL_MODE_READ_ONLY,
        );
        assert_eq!(application.execute(THREE), SQL_SUCCESS);
        close(&application);
        submitted(&application);
        refuse(&application, "SELECT n", name);
        assert_eq!(application.execute("SELECT n"), SQL_ERROR);
        assert_eq!(application.state(), "25S03");
        assert_eq!(
            submitted(&application),
            told(&[
                ("SELECT n", true),
                ("ROLLBACK", true),
                (begun, false),
                ("SELECT n", true)
            ])
        );
        refuse(&application, "COMMIT", name);
        assert_eq!(end(&application, SQL_COMMIT), SQL_SUCCESS);
        submitted(&application);
        application.execute(UPDATE);
        assert_eq!(submitted(&application)[0].0, begun);
    }
}

#[test]
fn what_only_reads_goes_on_without_the_transaction_that_the_server_has_ended() {
    let application = manual();
    application.execute("START TRANSACTION");
    submitted(&application);
    refuse(&application, "SELECT n", "UNKNOWN_TRANSACTION");
    assert_eq!(application.execute("SELECT n"), SQL_ERROR);
    let expected = [("SELECT n", true), ("ROLLBACK", true), ("SELECT n", false)];
    assert_eq!(submitted(&application), told(&expected));
}

#[test]
fn a_transaction_with_changes_that_the_server_has_ended_stays_until_it_is_rolled_back() {
    let application = manual();
    assert_eq!(application.execute(UPDATE), SQL_SUCCESS);
    refuse(&application, "SELECT n", "UNKNOWN_TRANSACTION");
    submitted(&application);
    assert_eq!(application.execute("SELECT n"), SQL_ERROR);
    assert_eq!(application.state(), "25S03");
    assert!(application.message().contains("transaction.idle-timeout"));
    assert_eq!(submitted(&application), told(&[("SELECT n", true)]));
    refuse(&application, "COMMIT", "UNKNOWN_TRANSACTION");
    assert_eq!(end(&application, SQL_COMMIT), SQL_ERROR);
    assert_eq!(state(SQL_HANDLE_DBC, application.connection), "25S03");
    assert_eq!(
        submitted(&application),
        told(&[("COMMIT", true), ("ROLLBACK", true)])
    );
    assert_eq!(end(&application, SQL_ROLLBACK), SQL_SUCCESS);
    assert_eq!(submitted(&application), []);
}

#[test]
fn a_cursor_that_is_closed_early_costs_no_changes() {
    let application = manual();
    let rows = (0..10).map(|n| vec![json!(n)]).collect();
    let answer = Answer::rows(columns![("n", "bigint")], rows).direct();
    let answer = answer
        .rows_per_page(1)
        .page_delay(Duration::from_millis(50));
    application.server.on("SELECT n", answer);
    let deletes = || {
        let requests = application.server.requests().into_iter();
        let deletes = requests.filter(|request| request.method == "DELETE");
        deletes.map(|request| request.path).collect::<Vec<_>>()
    };
    assert_eq!(application.execute(UPDATE), SQL_SUCCESS);
    assert_eq!(application.execute("SELECT n"), SQL_SUCCESS);
    assert_eq!(application.fetch(), SQL_SUCCESS);
    close(&application);
    while !application.server.running_queries().is_empty() {
        std::thread::sleep(Duration::from_millis(10));
    }
    assert!(deletes().iter().all(|path| path.contains("partialCancel")));
    let states: Vec<_> = application.server.queries();
    let of_query = states.iter().find(|query| query.sql == "SELECT n");
    assert_eq!(of_query.unwrap().state, QueryState::Finished);
    assert!(!deletes().is_empty());
    end(&application, SQL_COMMIT);
    assert_eq!(application.execute("SELECT n"), SQL_SUCCESS);
    close(&application);
    while !application.server.running_queries().is_empty() {
        std::thread::sleep(Duration::from_millis(10));
    }
    assert!(deletes().iter().any(|path| !path.contains("partialCancel")));
}

#[test]
fn a_connection_does_not_close_in_the_middle_of_a_change() {
    let application = manual();
    application.execute(UPDATE);
    // SAFETY: the handle is ours.
    assert_eq!(unsafe { SQLDisconnect(application.connection) }, SQL_ERROR);
    assert_eq!(state(SQL_HANDLE_DBC, application.connection), "25000");
    end(&application, SQL_COMMIT);
    // A transaction that has only read is in nobody's way.
    let serializable = SQL_TXN_SERIALIZABLE as usize;
    set(application.connection, SQL_ATTR_TXN_ISOLATION, serializable);
    application.execute(THREE);
    submitted(&application);
    // SAFETY: the handle is ours.
    assert_eq!(
        unsafe { SQLDisconnect(application.connection) },
        SQL_SUCCESS
    );
    assert_eq!(submitted(&application), told(&[("ROLLBACK", true)]));
}

#[test]
fn an_environment_ends_the_transactions_of_all_its_connections() {
    let application = manual();
    let other = allocate(SQL_HANDLE_DBC, application.environment);
    assert_eq!(connect(other, &application.server), SQL_SUCCESS);
    set(other, SQL_ATTR_AUTOCOMMIT, SQL_AUTOCOMMIT_OFF);
    let statement = allocate(SQL_HANDLE_STMT, other);
    application.execute(UPDATE);
    execute(statement, UPDATE);
    submitted(&application);
    // SAFETY: the handle is ours.
    let code = unsafe { SQLEndTran(SQL_HANDLE_ENV, application.environment, SQL_COMMIT) };
    assert_eq!(code, SQL_SUCCESS);
    assert_eq!(
        submitted(&application),
        told(&[("COMMIT", true), ("COMMIT", true)])
    );
    // One that fails leaves none of the others open.
    application.execute(UPDATE);
    execute(statement, UPDATE);
    application
        .server
        .on("COMMIT", Answer::error(QueryError::new("X", 1, "no")));
    submitted(&application);
    // SAFETY: the handle is ours.
    let code = unsafe { SQLEndTran(SQL_HANDLE_ENV, application.environment, SQL_COMMIT) };
    assert_eq!(code, SQL_ERROR);
    assert_eq!(
        submitted(&application),
        told(&[("COMMIT", true), ("COMMIT", true)])
    );
    // SAFETY: the handle is ours.
    assert_eq!(unsafe { SQLDisconnect(other) }, SQL_SUCCESS);
    // SAFETY: as above.
    unsafe { SQLFreeHandle(SQL_HANDLE_DBC, other) };
}

#[test]
fn transactions_in_sql_are_followed() {
    let application = Application::start();
    for sql in ["START TRANSACTION", UPDATE, "COMMIT", UPDATE] {
        assert_eq!(application.execute(sql), SQL_SUCCESS, "{sql}");
    }
    assert_eq!(
        submitted(&application),
        told(&[
            ("START TRANSACTION", false),
            (UPDATE, true),
            ("COMMIT", true),
            (UPDATE, false)
        ])
    );
    application.execute("START TRANSACTION");
    refuse(&application, "COMMIT", "TRANSACTION_ALREADY_ABORTED");
    assert_eq!(application.execute("COMMIT"), SQL_ERROR);
    submitted(&application);
    application.execute(UPDATE);
    assert_eq!(submitted(&application), told(&[(UPDATE, false)]));
}

#[test]
fn questions_of_the_driver_begin_no_transaction() {
    let application = manual();
    let sql = wide(THREE);
    // SAFETY: the string ends with 0.
    unsafe { SQLPrepareW(application.statement, sql.as_ptr(), SQL_NTS as i32) };
    let mut columns = 0;
    // SAFETY: a place for a number.
    let code = unsafe { SQLNumResultCols(application.statement, &mut columns) };
    assert_eq!((code, columns), (SQL_SUCCESS, 3));
    assert!(
        submitted(&application)
            .iter()
            .all(|(sql, _)| sql.starts_with("DESCRIBE"))
    );
}

#[test]
fn without_transactions_each_statement_commits_by_itself() {
    let application = Application::connected(scripted_trino::Server::start(), "Transactions=0");
    let off = SQL_AUTOCOMMIT_OFF;
    let connection = application.connection;
    assert_eq!(
        set(connection, SQL_ATTR_AUTOCOMMIT, off),
        SQL_SUCCESS_WITH_INFO
    );
    assert_eq!(state(SQL_HANDLE_DBC, connection), "01S02");
    assert_eq!(get(connection, SQL_ATTR_AUTOCOMMIT), 1);
    application.execute(UPDATE);
    assert_eq!(end(&application, SQL_ROLLBACK), SQL_SUCCESS);
    assert_eq!(submitted(&application), told(&[(UPDATE, false)]));
}
