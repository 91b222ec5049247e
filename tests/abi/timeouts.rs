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

fn connecting(login_timeout: usize, server: &Server) -> (SqlReturn, String, Duration) {
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
    let told = state(SQL_HANDLE_DBC, connection);
    // SAFETY: each is freed once; where it is not connected there is nothing to end.
    unsafe {
        SQLDisconnect(connection);
        SQLFreeHandle(SQL_HANDLE_DBC, connection);
        SQLFreeHandle(SQL_HANDLE_ENV, environment);
    }
    (code, told, took)
}

#[test]
fn a_server_that_does_not_answer_ends_the_login_in_time() {
    let server = Server::start();
    server.fault(Endpoint::Validate, Fault::FirstByteDelay(LONG));
    let (code, state, took) = connecting(2, &server);
    assert_eq!((code, state.as_str()), (SQL_ERROR, "HYT00"));
    assert!(
        (Duration::from_secs(2)..Duration::from_secs(4)).contains(&took),
        "{took:?}"
    );
}

#[test]
fn a_login_without_a_limit_takes_its_time() {
    let server = Server::start();
    let slow = Fault::FirstByteDelay(Duration::from_millis(1500));
    server.fault(Endpoint::Validate, slow);
    let (code, state, _) = connecting(0, &server);
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
    let requests = application.server.requests().len();
    assert_eq!(get(connection, SQL_ATTR_CONNECTION_DEAD), 1);
    assert_eq!(application.server.requests().len(), requests);
    // It is not dead for good.
    // SAFETY: the handle is ours.
    unsafe { SQLFreeStmt(application.statement, SQL_CLOSE) };
    assert_eq!(application.execute(THREE), SQL_SUCCESS);
    assert_eq!(get(connection, SQL_ATTR_CONNECTION_DEAD), 0);
}
