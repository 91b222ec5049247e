//! Ending early, and doing two things at once.

use std::thread;
use std::time::{Duration, Instant};

use client_tests::client::Connection;
use client_tests::driver;
use client_tests::odbc::SQL_SUCCESS;
use scripted_trino::{Answer, Endpoint, Fault, QueryState, Server, Spooling, columns};
use serde_json::json;

const SOON: Duration = Duration::from_secs(5);

fn endless() -> Answer {
    Answer::generated(&["bigint", "varchar"], 20_000, 1)
        .rows_per_page(100)
        .spooled(Spooling {
            rows_per_segment: 100,
            segments_per_page: 2,
            ..Spooling::default()
        })
}

fn slow(time: Duration) -> Answer {
    Answer::rows(columns![("n", "integer")], vec![vec![json!(1)]]).runs_for(time)
}

fn all_stopped(server: &Server) {
    let stopped = server.wait_until(SOON, |server| server.running_queries().is_empty());
    assert!(stopped, "still running: {:?}", server.queries());
}

#[test]
fn a_cancel_from_another_thread_wakes_a_waiting_execute() {
    let server = Server::start();
    server.on("SELECT slow", slow(Duration::from_secs(60)));
    let connection = Connection::open(&driver::string(&server)).unwrap();
    let mut statement = connection.statement();
    let canceller = statement.canceller();
    let start = Instant::now();
    let failure = thread::scope(|scope| {
        scope.spawn(|| {
            let seen = server.wait_until(SOON, |server| !server.running_queries().is_empty());
            assert!(seen);
            thread::sleep(Duration::from_millis(100));
            assert_eq!(canceller.cancel(), SQL_SUCCESS);
        });
        let executed = statement.execute("SELECT slow");
        executed
            .and_then(|_| statement.fetch().map(|_| 0))
            .unwrap_err()
    });
    assert_eq!(failure.state(), "HY008", "{failure}");
    assert!(start.elapsed() < SOON, "{:?}", start.elapsed());
    all_stopped(&server);
    assert_eq!(server.queries()[0].state, QueryState::Cancelled);

    statement.execute("SELECT 1").unwrap();
    assert_eq!(statement.rest().unwrap().len(), 1);
}

#[test]
fn a_cancel_wakes_a_fetch_that_waits_for_a_segment() {
    let server = Server::start();
    let answer = endless().fault(Endpoint::Segment(5), Fault::StallAfter(10));
    server.on("SELECT stalls", answer);
    let connection = Connection::open(&driver::string(&server)).unwrap();
    let mut statement = connection.run("SELECT stalls").unwrap();
    let canceller = statement.canceller();
    let start = Instant::now();
    let (rows, failure) = thread::scope(|scope| {
        scope.spawn(|| {
            thread::sleep(Duration::from_millis(700));
            canceller.cancel();
        });
        let mut rows = 0;
        loop {
            match statement.fetch() {
                Ok(true) => rows += 1,
                Ok(false) => panic!("a short result of {rows} rows"),
                Err(failure) => break (rows, failure),
            }
        }
    });
    assert_eq!(failure.state(), "HY008", "{failure}");
    assert_eq!(rows, 500);
    assert!(start.elapsed() < SOON, "{:?}", start.elapsed());
    all_stopped(&server);
}

#[test]
fn dropping_a_half_read_cursor_cancels_on_the_server() {
    for more in ["Encoding=none;", "Encoding=json+zstd;MemoryLimit=1MB;"] {
        let server = Server::start();
        server.on(
            "SELECT endless",
            endless().page_delay(Duration::from_millis(30)),
        );
        let connection = Connection::open(&(driver::string(&server) + more)).unwrap();
        let mut statement = connection.run("SELECT endless").unwrap();
        assert!(statement.fetch().unwrap());
        let start = Instant::now();
        drop(statement);
        assert!(
            start.elapsed() < Duration::from_secs(1),
            "{:?}",
            start.elapsed()
        );
        all_stopped(&server);
        assert_eq!(server.queries()[0].state, QueryState::Cancelled, "{more}");
        assert_eq!(connection.rows("SELECT 1").unwrap().len(), 1);
    }
}

#[test]
fn closing_a_half_read_cursor_cancels_on_the_server() {
    let server = Server::start();
    server.on(
        "SELECT endless",
        endless().page_delay(Duration::from_millis(30)),
    );
    let connection = Connection::open(&driver::string(&server)).unwrap();
    let mut statement = connection.run("SELECT endless").unwrap();
    assert!(statement.fetch().unwrap());
    statement.close_cursor().unwrap();
    all_stopped(&server);
}

#[test]
fn disconnecting_with_open_queries_leaves_none_running() {
    let server = Server::start();
    server.on(
        "SELECT endless",
        endless().page_delay(Duration::from_millis(30)),
    );
    let connection = Connection::open(&driver::string(&server)).unwrap();
    let statements: Vec<_> = (0..4)
        .map(|_| {
            let mut statement = connection.run("SELECT endless").unwrap();
            assert!(statement.fetch().unwrap());
            statement
        })
        .collect();
    // The handles are the manager's to free now.
    statements.into_iter().for_each(std::mem::forget);
    let start = Instant::now();
    connection.close().unwrap();
    assert!(start.elapsed() < SOON, "{:?}", start.elapsed());
    all_stopped(&server);
    assert_eq!(server.queries().len(), 4);
}

#[test]
fn closing_is_quick_while_downloads_stall() {
    let server = Server::start();
    let answer = endless().fault(Endpoint::AnySegment, Fault::StallAfter(10));
    server.on("SELECT stalls", answer);
    let text = driver::string(&server) + "ParallelDownloads=64;";
    let connection = Connection::open(&text).unwrap();
    let mut statement = connection.run("SELECT stalls").unwrap();
    assert!(statement.fetch().unwrap());
    assert!(server.wait_until(SOON, |server| server.concurrent_now() > 1));
    let start = Instant::now();
    statement.close().unwrap();
    drop(statement);
    connection.close().unwrap();
    assert!(
        start.elapsed() < Duration::from_secs(2),
        "{:?}",
        start.elapsed()
    );
    all_stopped(&server);
}

#[test]
fn two_statements_of_one_connection_run_at_once() {
    let server = Server::start();
    let time = Duration::from_millis(1500);
    server.on("SELECT slow", slow(time));
    let connection = Connection::open(&driver::string(&server)).unwrap();
    let start = Instant::now();
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| assert_eq!(connection.rows("SELECT slow").unwrap().len(), 1));
        }
    });
    assert!(
        start.elapsed() < time * 2 - Duration::from_millis(300),
        "{:?}",
        start.elapsed()
    );
}

#[test]
fn two_cursors_of_one_connection_are_read_in_turn() {
    let server = Server::start();
    let connection = Connection::open(&driver::string(&server)).unwrap();
    let mut first = connection.run("SELECT * FROM sequence 3000").unwrap();
    let mut second = connection.run("SELECT * FROM sequence 3000").unwrap();
    for row in 0..3000 {
        for statement in [&mut first, &mut second] {
            assert!(statement.fetch().unwrap());
            assert_eq!(statement.text(1).unwrap(), Some(row.to_string()));
        }
    }
    assert!(!first.fetch().unwrap() && !second.fetch().unwrap());
}
