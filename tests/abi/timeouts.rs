//! The limits that an application sets: for logging in, for a query, for any request; and what is left of a connection
//! after one.

use std::time::{Duration, Instant};

use scripted_trino::{Answer, Endpoint, Fault, Server};
use trinoodbc::abi::*;
use trinoodbc::ffi::*;

use crate::application::*;

const QUERY: &str = "SELECT n FROM pages";
const LONG: Duration = Duration::from_secs(60);

fn set(connection: Handle, attribute: i32, value: usize) {
    let value = std::ptr::without_provenance_mut(value);
    // SAFETY: a number.
    let code = unsafe { SQLSetConnectAttrW(connection, attribute, value, 0) };
    assert_eq!(code, SQL_SUCCESS);
}

fn get(connection: Handle, attribute: i32) -> u32 {
    let mut value = 0_u32;
    let place = (&raw mut value).cast();
    // SAFETY: a place for a number of 32 bits.
    let code = unsafe { SQLGetConnectAttrW(connection, attribute, place, 4, std::ptr::null_mut()) };
    assert_eq!(code, SQL_SUCCESS);
    value
}

/// Pages that come one by one.
fn pages() -> Answer {
    Answer::generated(&["bigint"], 10, 1)
        .direct()
        .rows_per_page(2)
}

/// Code, SQLSTATE and message of an attempt to connect, and how long it took.
fn connecting(login_timeout: usize, server: &Server) -> (SqlReturn, String, String, Duration) {
    let environment = environment();
    let connection = allocate(SQL_HANDLE_DBC, environment);
    set(connection, SQL_ATTR_LOGIN_TIMEOUT, login_timeout);
    let begun = Instant::now();
    let code = connect_with(
        connection,
        server.port(),
        "ValidateConnection=1;ConnectTimeout=1",
    );
    let took = begun.elapsed();
    let state = state(SQL_HANDLE_DBC, connection);
    let message = message(SQL_HANDLE_DBC, connection);
    // SAFETY: each is freed once; where it is not connected there is nothing to end.
    unsafe {
        SQLDisconnect(connection);
        SQLFreeHandle(SQL_HANDLE_DBC, connection);
        SQLFreeHandle(SQL_HANDLE_ENV, environment);
    }
    (code, state, message, took)
}

#[test]
fn a_server_that_does_not_answer_ends_the_login_in_time() {
    let server = Server::start();
    server.fault(Endpoint::Validate, Fault::FirstByteDelay(LONG));
    let (code, state, _, took) = connecting(2, &server);
    assert_eq!((code, state.as_str()), (SQL_ERROR, "HYT00"));
    assert!(
        (Duration::from_secs(2)..Duration::from_secs(4)).contains(&took),
        "{took:?}"
    );
}

#[test]
fn a_pause_that_the_server_requests_does_not_outlast_the_login_timeout() {
    let date = jiff::Timestamp::now() + Duration::from_secs(30);
    let date = date.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    let dated = Fault::Respond(
        503,
        vec![("Retry-After".to_owned(), date)],
        "busy".to_owned(),
    );
    for fault in [
        Fault::RetryAfter(503, 20),
        Fault::RetryAfter(429, 30),
        dated,
    ] {
        let status = match &fault {
            Fault::RetryAfter(429, _) => "429",
            _ => "503",
        };
        let server = Server::start();
        server.fault(Endpoint::Validate, fault);
        let (code, state, message, took) = connecting(1, &server);
        assert_eq!((code, state.as_str()), (SQL_ERROR, "08S01"), "{message}");
        assert!(message.contains(status), "{message}");
        assert!(took < Duration::from_secs(1), "{took:?}");
        assert_eq!(server.requests().len(), 2);
    }
}

#[test]
fn a_server_that_is_busy_when_a_login_begins_is_given_five_seconds() {
    let server = Server::start();
    server.fault(Endpoint::Validate, Fault::RetryAfter(503, 20));
    let (code, _, message, took) = connecting(0, &server);
    assert_eq!(code, SQL_ERROR);
    assert!(message.contains("503"), "{message}");
    let expected = Duration::from_millis(4900)..Duration::from_millis(6500);
    assert!(expected.contains(&took), "{took:?}");
}

#[test]
fn a_login_without_a_limit_takes_its_time() {
    let server = Server::start();
    let slow = Fault::FirstByteDelay(Duration::from_millis(1500));
    server.fault(Endpoint::Validate, slow);
    let (code, state, ..) = connecting(0, &server);
    assert_eq!((code, state.as_str()), (SQL_SUCCESS, ""));
}

#[test]
fn a_request_without_an_answer_ends_with_the_connection_timeout() {
    for (endpoint, fault) in [
        (Endpoint::Submit, Fault::FirstByteDelay(LONG)),
        (Endpoint::AnyPage, Fault::FirstByteDelay(LONG)),
        (Endpoint::AnyPage, Fault::StallAfter(30)),
    ] {
        let application = Application::start();
        application.server.on(QUERY, pages());
        application.server.fault(endpoint, fault);
        set(application.connection, SQL_ATTR_CONNECTION_TIMEOUT, 1);
        let begun = Instant::now();
        let code = match application.execute(QUERY) {
            SQL_SUCCESS => application.fetch(),
            code => code,
        };
        assert_eq!(code, SQL_ERROR);
        assert_eq!(application.state(), "HYT01", "{}", application.message());
        let took = begun.elapsed();
        assert!(took < Duration::from_secs(4), "{took:?}");
        assert_eq!(get(application.connection, SQL_ATTR_CONNECTION_DEAD), 1);
    }
}

#[test]
fn the_connection_timeout_is_no_limit_for_what_goes_on() {
    let server = Server::start();
    let application = Application::with(server);
    set(application.connection, SQL_ATTR_CONNECTION_TIMEOUT, 1);
    // The server answers all the time that the query runs, and a page may come slowly.
    let running = pages()
        .runs_for(Duration::from_millis(1500))
        .fault(Endpoint::Page(0), Fault::SlowBody(250));
    application.server.on(QUERY, running);
    let begun = Instant::now();
    assert_eq!(application.execute(QUERY), SQL_SUCCESS);
    let (numbers, end) = application.numbers();
    assert_eq!(end, SQL_NO_DATA, "{}", application.message());
    assert_eq!(numbers.len(), 10);
    assert!(
        begun.elapsed() > Duration::from_millis(1700),
        "{:?}",
        begun.elapsed()
    );
}

#[test]
fn a_connection_is_dead_while_its_server_does_not_answer() {
    let application = Application::start();
    let connection = application.connection;
    assert_eq!(get(connection, SQL_ATTR_CONNECTION_DEAD), 0);
    // A query that fails was answered.
    assert_eq!(application.execute("SELECT nonsense"), SQL_ERROR);
    assert_eq!(get(connection, SQL_ATTR_CONNECTION_DEAD), 0);
    let broken = pages().fault(Endpoint::Page(2), Fault::ResetAfter(0));
    application.server.on(QUERY, broken);
    assert_eq!(application.execute(QUERY), SQL_SUCCESS);
    // Asking again is given up soon.
    set(connection, SQL_ATTR_CONNECTION_TIMEOUT, 1);
    let (_, end) = application.numbers();
    assert_eq!(end, SQL_ERROR);
    assert_eq!(application.state(), "08S01");
    // Cancelling the query is a request too.
    let cancelled = |server: &Server| server.running_queries().is_empty();
    let limit = Duration::from_secs(5);
    assert!(application.server.wait_until(limit, cancelled));
    let requests = application.server.requests().len();
    assert_eq!(get(connection, SQL_ATTR_CONNECTION_DEAD), 1);
    assert_eq!(application.server.requests().len(), requests);
    // It is not dead for good.
    // SAFETY: the handle is ours.
    unsafe { SQLFreeStmt(application.statement, SQL_CLOSE) };
    assert_eq!(application.execute(THREE), SQL_SUCCESS);
    assert_eq!(get(connection, SQL_ATTR_CONNECTION_DEAD), 0);
}
