//! Answers of catalog functions on their way: rows are handed out as they come, with a cache and without, and several
//! statements may want the same answer.

use std::time::Duration;

use scripted_trino::{Answer, Endpoint, Fault, QueryError, Server, columns_of_jdbc_tables};
use serde_json::json;
use trinoodbc::abi::*;
use trinoodbc::ffi::*;

use crate::application::*;
use crate::catalog::{Call, asked, call, text, texts};

const TABLES: Call = Call::Tables([None; 4]);

const ROWS: usize = 20;

/// So many tables, `t0` and so on, two on a page.
fn tables() -> Answer {
    let row = |number: usize| {
        let names = ["c", "s", &format!("t{number}"), "TABLE", ""].map(|text| json!(text));
        names.to_vec()
    };
    Answer::rows(columns_of_jdbc_tables(), (0..ROWS).map(row).collect()).rows_per_page(2)
}

/// A server that gives `answer` to the first question about tables, and all of them to later ones.
fn server(answer: Answer) -> Server {
    let server = Server::start();
    let first = std::sync::Mutex::new(Some(answer));
    server.on_matching(move |sql| {
        sql.contains("FROM system.jdbc.tables")
            .then(|| first.lock().unwrap().take().unwrap_or_else(tables))
    });
    server
}

fn names(rows: std::ops::Range<usize>) -> Vec<String> {
    rows.map(|number| format!("t{number}")).collect()
}

fn next(statement: Handle) -> String {
    // SAFETY: the handle is the test's own.
    assert_eq!(unsafe { SQLFetch(statement) }, SQL_SUCCESS);
    text(statement, 3)
}

#[test]
fn the_first_row_is_there_while_the_server_has_others_to_give() {
    for keywords in ["", "MetadataCache=600;"] {
        let stalled = tables().fault(Endpoint::Page(2), Fault::StallAfter(0));
        let application = Application::connected(server(stalled), keywords);
        // Only so that a failing test ends.
        application.set(SQL_ATTR_QUERY_TIMEOUT, 20);
        assert_eq!(call(application.statement, &TABLES), SQL_SUCCESS);
        assert_eq!(next(application.statement), "t0");
        // SAFETY: the handle is the application's own.
        let closed = unsafe { SQLFreeStmt(application.statement, SQL_CLOSE) };
        assert_eq!(closed, SQL_SUCCESS);
        let is_over = |server: &Server| server.running_queries().is_empty();
        let limit = Duration::from_secs(5);
        assert!(application.server.wait_until(limit, is_over), "{keywords}");
        // What was left is not taken for the whole.
        assert_eq!(call(application.statement, &TABLES), SQL_SUCCESS);
        assert_eq!(texts(&application, 3), names(0..ROWS));
    }
}

#[test]
fn one_thread_may_read_an_answer_twice_at_a_time() {
    let application = Application::connected(server(tables()), "MetadataCache=600;");
    let second = allocate(SQL_HANDLE_STMT, application.connection);
    assert_eq!(call(application.statement, &TABLES), SQL_SUCCESS);
    assert_eq!(next(application.statement), "t0");
    assert_eq!(call(second, &TABLES), SQL_SUCCESS);
    for name in names(0..ROWS) {
        assert_eq!(next(second), name);
    }
    // SAFETY: the handle is the test's own.
    assert_eq!(unsafe { SQLFetch(second) }, SQL_NO_DATA);
    assert_eq!(texts(&application, 3), names(1..ROWS));
    assert_eq!(asked(&application.server).len(), 1);
    // SAFETY: as above.
    unsafe { SQLFreeHandle(SQL_HANDLE_STMT, second) };
}

#[test]
fn an_answer_that_fails_is_the_first_ones_alone() {
    let failing = tables().then_error(QueryError::new("HIVE_METASTORE_ERROR", 44, "gone"));
    let application = Application::connected(server(failing), "MetadataCache=600;");
    let second = allocate(SQL_HANDLE_STMT, application.connection);
    assert_eq!(call(application.statement, &TABLES), SQL_SUCCESS);
    assert_eq!(next(application.statement), "t0");
    assert_eq!(call(second, &TABLES), SQL_SUCCESS);
    for name in names(0..ROWS) {
        assert_eq!(next(second), name);
    }
    let mut rows = 1;
    let end = loop {
        match application.fetch() {
            SQL_SUCCESS => rows += 1,
            end => break end,
        }
    };
    assert!(rows <= ROWS);
    assert_eq!(end, SQL_ERROR);
    assert!(application.message().contains("gone"));
    assert_eq!(application.fetch(), SQL_ERROR);
    // SAFETY: the handle is the test's own.
    unsafe { SQLFreeHandle(SQL_HANDLE_STMT, second) };
}

#[test]
fn an_answer_from_before_a_change_is_given_to_nobody_else() {
    let server = server(tables());
    server.on("CREATE TABLE u", Answer::done("CREATE TABLE"));
    let application = Application::connected(server, "MetadataCache=600;");
    let second = allocate(SQL_HANDLE_STMT, application.connection);
    assert_eq!(call(application.statement, &TABLES), SQL_SUCCESS);
    assert_eq!(next(application.statement), "t0");
    assert_eq!(execute(second, "CREATE TABLE u"), SQL_SUCCESS);
    asked(&application.server);
    assert_eq!(call(second, &TABLES), SQL_SUCCESS);
    assert_eq!(asked(&application.server).len(), 1);
    assert_eq!(texts(&application, 3), names(1..ROWS));
    // SAFETY: the handle is the test's own.
    unsafe { SQLFreeHandle(SQL_HANDLE_STMT, second) };
}

#[test]
fn who_gives_up_reading_leaves_the_answer_to_the_others() {
    let slow = tables().page_delay(Duration::from_millis(100));
    let application = Application::connected(server(slow), "MetadataCache=600;");
    let second = allocate(SQL_HANDLE_STMT, application.connection).expose_provenance();
    assert_eq!(call(application.statement, &TABLES), SQL_SUCCESS);
    let other = std::thread::spawn(move || {
        let second = std::ptr::with_exposed_provenance_mut(second);
        assert_eq!(call(second, &TABLES), SQL_SUCCESS);
        names(0..ROWS).iter().all(|name| next(second) == *name)
    });
    std::thread::sleep(Duration::from_millis(200));
    // SAFETY: the handle is the application's own.
    let closed = unsafe { SQLFreeStmt(application.statement, SQL_CLOSE) };
    assert_eq!(closed, SQL_SUCCESS);
    assert!(other.join().unwrap());
    assert_eq!(asked(&application.server).len(), 1);
}
