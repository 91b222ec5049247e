//! The ways to end a query before its rows are read: each ends it on the server, too, and none takes long.

use std::time::{Duration, Instant};

use scripted_trino::{Answer, Endpoint, Fault, QueryState, Server, Spooling};
use trinoodbc::abi::*;
use trinoodbc::ffi::*;

use crate::application::*;

const QUERY: &str = "SELECT endless";
const SOON: Duration = Duration::from_secs(8);
/// Well under the seconds after which something would give up. Closing sockets takes longer on Windows.
const QUICK: Duration = Duration::from_millis(if cfg!(windows) { 2000 } else { 800 });

/// Segments whose bytes never come, 64 on each page; the query goes on for minutes.
fn stalled() -> Answer {
    Answer::generated(&["bigint"], 1000, 3)
        .repeat(100)
        .spooled(Spooling {
            rows_per_segment: 10,
            inline_first: 0,
            segments_per_page: 64,
            ..Spooling::default()
        })
        .page_delay(Duration::from_millis(50))
        .fault(Endpoint::AnySegment, Fault::StallAfter(5))
}

/// A statement that downloads 64 segments none of which comes.
fn downloading() -> Application {
    let server = Server::start();
    server.on(QUERY, stalled());
    let application = Application::connected(server, "ParallelDownloads=64");
    assert_eq!(application.execute(QUERY), SQL_SUCCESS);
    let busy = application
        .server
        .wait_until(SOON, |server| server.concurrent_now() >= 64);
    assert!(busy, "{} downloads", application.server.concurrent_now());
    application
}

/// Ends the query of an application that is downloading, and looks at what is left of it.
fn ends(end: impl FnOnce(&Application) -> SqlReturn) {
    let application = downloading();
    let begun = Instant::now();
    assert_eq!(end(&application), SQL_SUCCESS);
    let took = begun.elapsed();
    assert!(took < QUICK, "{took:?}");
    is_over(&application.server);
}

/// No query runs, no download is under way, and what was not read is acknowledged.
fn is_over(server: &Server) {
    let over = server.wait_until(SOON, |server| {
        server.running_queries().is_empty() && server.concurrent_now() == 0
    });
    assert!(over, "{} downloads", server.concurrent_now());
    assert_eq!(server.queries()[0].state, QueryState::Cancelled);
    assert!(server.wait_until(SOON, |server| !server.acknowledged().is_empty()));
}

#[test]
fn closing_the_cursor_ends_the_query() {
    // SAFETY: the handle is ours.
    ends(|application| unsafe { SQLCloseCursor(application.statement) });
    // SAFETY: the handle is ours.
    ends(|application| unsafe { SQLFreeStmt(application.statement, SQL_CLOSE) });
}

#[test]
fn asking_for_more_results_ends_the_query() {
    let application = downloading();
    let begun = Instant::now();
    // SAFETY: the handle is ours.
    let code = unsafe { SQLMoreResults(application.statement) };
    assert_eq!(code, SQL_NO_DATA);
    assert!(begun.elapsed() < QUICK);
    is_over(&application.server);
}

#[test]
fn freeing_the_statement_ends_the_query() {
    // SAFETY: freed once; what is freed is refused later.
    ends(|application| unsafe { SQLFreeHandle(SQL_HANDLE_STMT, application.statement) });
}

#[test]
fn disconnecting_ends_the_query() {
    // SAFETY: the handle is ours.
    ends(|application| unsafe { SQLDisconnect(application.connection) });
}

#[test]
fn nothing_outlives_the_environment() {
    ends(|application| {
        // SAFETY: freed once; what is freed is refused later.
        unsafe { SQLFreeHandle(SQL_HANDLE_STMT, application.statement) };
        // SAFETY: as above.
        unsafe { SQLDisconnect(application.connection) };
        // SAFETY: as above.
        unsafe { SQLFreeHandle(SQL_HANDLE_DBC, application.connection) };
        // SAFETY: as above.
        unsafe { SQLFreeHandle(SQL_HANDLE_ENV, application.environment) }
    });
}

#[test]
fn a_cancel_ends_the_query_that_a_fetch_waits_for() {
    let application = downloading();
    let statement = application.statement.expose_provenance();
    let canceller = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(200));
        let statement = std::ptr::with_exposed_provenance_mut(statement);
        // SAFETY: the handle is ours.
        unsafe { SQLCancel(statement) }
    });
    assert_eq!(application.fetch(), SQL_ERROR);
    assert_eq!(application.state(), "HY008");
    assert_eq!(canceller.join().unwrap(), SQL_SUCCESS);
    is_over(&application.server);
    // It stays cancelled, and the statement is of use again.
    assert_eq!(application.fetch(), SQL_ERROR);
    assert_eq!(application.state(), "HY008");
    application.close_cursor();
    assert_eq!(application.execute(THREE), SQL_SUCCESS);
    assert_eq!(application.fetch(), SQL_SUCCESS);
}

#[test]
fn a_query_that_exceeds_its_time_while_executing_is_cancelled() {
    let application = Application::start();
    let answer = Answer::generated(&["bigint"], 1, 1).runs_for(Duration::from_secs(60));
    application.server.on(QUERY, answer);
    assert_eq!(application.set(SQL_ATTR_QUERY_TIMEOUT, 1), SQL_SUCCESS);
    let begun = Instant::now();
    assert_eq!(application.execute(QUERY), SQL_ERROR);
    assert_eq!(application.state(), "HYT00");
    assert!(begun.elapsed() < Duration::from_secs(3));
    let over = application
        .server
        .wait_until(SOON, |server| server.running_queries().is_empty());
    assert!(over);
    assert_eq!(application.server.queries()[0].state, QueryState::Cancelled);
}

#[test]
fn a_query_that_exceeds_its_time_while_fetched_is_cancelled() {
    let application = downloading();
    assert_eq!(application.set(SQL_ATTR_QUERY_TIMEOUT, 1), SQL_SUCCESS);
    let begun = Instant::now();
    assert_eq!(application.fetch(), SQL_ERROR);
    assert_eq!(application.state(), "HYT00");
    assert!(begun.elapsed() < Duration::from_secs(3));
    is_over(&application.server);
}

#[test]
fn a_server_that_does_not_confirm_is_not_waited_for_long() {
    let server = Server::start();
    let endless = stalled()
        .fault(
            Endpoint::Cancel,
            Fault::FirstByteDelay(Duration::from_secs(30)),
        )
        .fault(Endpoint::AnyAck, Fault::StallAfter(0));
    server.on(QUERY, endless);
    let application = Application::with(server);
    assert_eq!(application.execute(QUERY), SQL_SUCCESS);
    let begun = Instant::now();
    // SAFETY: the handle is ours.
    let code = unsafe { SQLDisconnect(application.connection) };
    assert_eq!(code, SQL_SUCCESS);
    let took = begun.elapsed();
    assert!(took < Duration::from_millis(2800), "{took:?}");
}
