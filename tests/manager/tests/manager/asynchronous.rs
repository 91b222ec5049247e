//! Asynchronous execution, as far as unixODBC follows it: executions and catalog functions.

use std::time::{Duration, Instant};

use client_tests::client::{Connection, Failure, Statement};
use client_tests::driver;
use client_tests::odbc::{
    SQL_ASYNC_ENABLE_ON, SQL_ATTR_ASYNC_ENABLE, SQL_ATTR_QUERY_TIMEOUT, SQL_STILL_EXECUTING,
    SQL_SUCCESS,
};
use scripted_trino::{Answer, QueryError, QueryState, Server, columns};
use serde_json::json;

const SLOW: &str = "SELECT n FROM slow";
const ENDLESS: &str = "SELECT n FROM endless";
const SOON: Duration = Duration::from_secs(10);

fn server() -> Server {
    let server = Server::start();
    let rows = || Answer::rows(columns![("n", "bigint")], vec![vec![json!(7)]]);
    server.on(SLOW, rows().runs_for(Duration::from_millis(500)));
    server.on(ENDLESS, rows().runs_for(Duration::from_secs(60)));
    let error = QueryError::new("TABLE_NOT_FOUND", 46, "Table 'x' does not exist");
    server.on(
        "SELECT x",
        Answer::error(error).runs_for(Duration::from_millis(200)),
    );
    server
}

fn asynchronous(connection: &Connection) -> Statement<'_> {
    let mut statement = connection.statement();
    let set = statement.set_attribute(SQL_ATTR_ASYNC_ENABLE, SQL_ASYNC_ENABLE_ON);
    assert_eq!(set.unwrap(), SQL_SUCCESS);
    statement
}

/// Calls until there is an answer; how often it was not there.
fn poll(mut call: impl FnMut() -> Result<i16, Failure>) -> (Result<i16, Failure>, usize) {
    let begun = Instant::now();
    for times in 0.. {
        let answer = call();
        if !matches!(answer, Ok(SQL_STILL_EXECUTING)) {
            return (answer, times);
        }
        assert!(begun.elapsed() < SOON, "it goes on and on");
        std::thread::sleep(Duration::from_millis(10));
    }
    unreachable!()
}

#[test]
fn executions_go_on_and_their_rows_are_read() {
    let server = server();
    let connection = Connection::open(&driver::string(&server)).unwrap();
    let mut statement = asynchronous(&connection);
    for _ in 0..3 {
        let (code, times) = poll(|| statement.execute(SLOW));
        assert_eq!(code.unwrap(), SQL_SUCCESS);
        assert!(times > 3, "{times}");
        assert_eq!(statement.column_count().unwrap(), 1);
        assert_eq!(statement.describe(1).unwrap().name, "n");
        assert_eq!(statement.rest().unwrap(), [[Some("7".to_owned())]]);
        statement.close_cursor().unwrap();
    }
    statement.prepare(SLOW).unwrap();
    assert_eq!(statement.column_count().unwrap(), 1);
    let (code, times) = poll(|| statement.execute_prepared());
    assert_eq!(code.unwrap(), SQL_SUCCESS);
    assert!(times > 3, "{times}");
    assert_eq!(statement.rest().unwrap().len(), 1);
}

#[test]
fn an_error_comes_with_the_answer() {
    let server = server();
    let connection = Connection::open(&driver::string(&server)).unwrap();
    let mut statement = asynchronous(&connection);
    let (code, times) = poll(|| statement.execute("SELECT x"));
    assert_eq!(code.unwrap_err().state(), "42S02");
    assert!(times > 3, "{times}");
    let (code, _) = poll(|| statement.execute(SLOW));
    assert_eq!(code.unwrap(), SQL_SUCCESS);
    assert_eq!(statement.rest().unwrap().len(), 1);
}

#[test]
fn a_cancel_and_a_timeout_end_an_execution() {
    let server = server();
    let connection = Connection::open(&driver::string(&server)).unwrap();
    let mut statement = asynchronous(&connection);
    assert_eq!(statement.execute(ENDLESS).unwrap(), SQL_STILL_EXECUTING);
    assert_eq!(statement.canceller().cancel(), SQL_SUCCESS);
    let (code, _) = poll(|| statement.execute(ENDLESS));
    assert_eq!(code.unwrap_err().state(), "HY008");
    drop(statement);

    let mut statement = asynchronous(&connection);
    statement.set_attribute(SQL_ATTR_QUERY_TIMEOUT, 1).unwrap();
    let (code, _) = poll(|| statement.execute(ENDLESS));
    assert_eq!(code.unwrap_err().state(), "HYT00");
    let over = server.wait_until(SOON, |server| server.running_queries().is_empty());
    assert!(over);
    let queries = server.queries();
    assert!(queries.iter().all(|it| it.state == QueryState::Cancelled));
    drop(statement);
    connection.close().unwrap();
}

#[test]
fn eight_statements_execute_side_by_side() {
    let server = server();
    let connection = Connection::open(&driver::string(&server)).unwrap();
    let mut statements: Vec<_> = (0..8).map(|_| asynchronous(&connection)).collect();
    let begun = Instant::now();
    for statement in &mut statements {
        assert_eq!(statement.execute(SLOW).unwrap(), SQL_STILL_EXECUTING);
    }
    for statement in &mut statements {
        let (code, _) = poll(|| statement.execute(SLOW));
        assert_eq!(code.unwrap(), SQL_SUCCESS);
        assert_eq!(statement.rest().unwrap().len(), 1);
    }
    // One after the other, they would take four seconds.
    assert!(
        begun.elapsed() < Duration::from_secs(3),
        "{:?}",
        begun.elapsed()
    );
}

#[test]
fn a_reading_that_fails_leaves_a_statement_of_use() {
    let server = server();
    let pages = Answer::generated(&["bigint"], 10, 1)
        .direct()
        .rows_per_page(2)
        .page_delay(Duration::from_millis(50))
        .then_error(QueryError::new("GENERIC_USER_ERROR", 1, "late"));
    server.on("SELECT late", pages);
    let connection = Connection::open(&driver::string(&server)).unwrap();
    let mut statement = asynchronous(&connection);
    let (code, _) = poll(|| statement.execute("SELECT late"));
    assert_eq!(code.unwrap(), SQL_SUCCESS);
    let failure = statement.rest().unwrap_err();
    assert!(failure.message().contains("late"), "{failure}");
    statement.close_cursor().unwrap();
    let (code, _) = poll(|| statement.execute(SLOW));
    assert_eq!(code.unwrap(), SQL_SUCCESS);
    assert_eq!(statement.rest().unwrap().len(), 1);
}
