//! What the application sees when something fails.

use std::time::{Duration, Instant};

use client_tests::client::{Connection, Failure};
use client_tests::driver;
use client_tests::odbc::SQL_ATTR_QUERY_TIMEOUT;
use scripted_trino::{Answer, Endpoint, Fault, QueryError, Server, Spooling};

const SQL: &str = "SELECT * FROM t";
const ROWS: usize = 5000;

fn answer() -> Answer {
    Answer::generated(&["bigint", "varchar"], ROWS, 1)
        .rows_per_page(500)
        .spooled(Spooling {
            rows_per_segment: 500,
            inline_first: 1,
            ..Spooling::default()
        })
}

/// Fetches until the end or the first error, and counts the rows before.
fn read(server: &Server, more: &str) -> (usize, Option<Failure>) {
    read_within(server, more, 0)
}

/// The same with a query timeout in seconds; 0 sets none.
fn read_within(server: &Server, more: &str, seconds: usize) -> (usize, Option<Failure>) {
    let text = driver::string(server) + more;
    let connection = Connection::open(&text).unwrap();
    let mut statement = connection.statement();
    statement
        .set_attribute(SQL_ATTR_QUERY_TIMEOUT, seconds)
        .unwrap();
    if let Err(failure) = statement.execute(SQL) {
        return (0, Some(failure));
    }
    let mut rows = 0;
    loop {
        match statement.fetch() {
            Ok(true) => rows += 1,
            Ok(false) => return (rows, None),
            Err(failure) => return (rows, Some(failure)),
        }
    }
}

#[test]
fn an_error_of_the_server_is_told_whole() {
    let server = Server::start();
    let message = "line 1:15: Table 'memory.default.nope' does not exist";
    server.on(
        SQL,
        Answer::error(QueryError::new("TABLE_NOT_FOUND", 46, message)),
    );
    let connection = Connection::open(&driver::string(&server)).unwrap();
    let failure = connection.run(SQL).unwrap_err();
    assert_eq!(failure.state(), "42S02", "{failure}");
    assert_eq!(failure.native(), 46);
    assert!(failure.message().contains(message), "{failure}");
    let [query] = &server.queries()[..] else {
        panic!("one query")
    };
    assert!(failure.message().contains(&query.id), "{failure}");
}

#[test]
fn errors_of_the_server_have_the_sqlstate_of_their_kind() {
    let cases = [
        ("SYNTAX_ERROR", 1, "USER_ERROR", "42000"),
        ("COLUMN_NOT_FOUND", 47, "USER_ERROR", "42S22"),
        ("DIVISION_BY_ZERO", 8, "USER_ERROR", "22012"),
        (
            "EXCEEDED_TIME_LIMIT",
            131_075,
            "INSUFFICIENT_RESOURCES",
            "HYT00",
        ),
        ("GENERIC_INTERNAL_ERROR", 65_536, "INTERNAL_ERROR", "HY000"),
    ];
    let server = Server::start();
    let connection = Connection::open(&driver::string(&server)).unwrap();
    for (name, code, kind, state) in cases {
        let error = QueryError::new(name, code, "why").kind(kind);
        server.on(SQL, Answer::error(error));
        let failure = connection.run(SQL).unwrap_err();
        assert_eq!(
            (failure.state(), failure.native()),
            (state, code as i32),
            "{name}: {failure}"
        );
    }
}

#[test]
fn an_error_after_rows_is_an_error_of_the_fetch() {
    for more in ["Encoding=none;", "Encoding=json+zstd;"] {
        let server = Server::start();
        let error = QueryError::new("DIVISION_BY_ZERO", 8, "Division by zero");
        server.on(SQL, answer().then_error(error));
        let (rows, failure) = read(&server, more);
        let failure = failure.unwrap_or_else(|| panic!("{more} a short result of {rows} rows"));
        assert_eq!(failure.state(), "22012", "{more} {failure}");
    }
}

#[test]
fn a_coordinator_that_dies_between_pages_is_an_error_and_no_short_result() {
    for more in ["Encoding=none;", "Encoding=json;"] {
        let server = Server::start();
        server.on(SQL, answer().fault(Endpoint::Page(2), Fault::Refuse));
        let start = Instant::now();
        // Without it, the page is requested again for two minutes.
        let (rows, failure) = read_within(&server, more, 4);
        let failure = failure.unwrap_or_else(|| panic!("{more} a short result of {rows} rows"));
        assert!(
            failure.state().starts_with("08") || failure.state() == "HYT00",
            "{more} {failure}"
        );
        assert!(rows < ROWS);
        assert!(
            start.elapsed() < Duration::from_secs(20),
            "{:?}",
            start.elapsed()
        );
    }
}

#[test]
fn a_page_that_fails_now_and_then_loses_nothing() {
    let server = Server::start();
    let faulty = answer()
        .fault(Endpoint::Page(1), Fault::Status(503).times(2))
        .fault(Endpoint::Page(2), Fault::ResetAfter(40).times(1));
    server.on(SQL, faulty);
    let (rows, failure) = read(&server, "Encoding=json;");
    assert!(failure.is_none(), "{}", failure.unwrap());
    assert_eq!(rows, ROWS);
}

#[test]
fn a_segment_that_never_comes_is_an_error_and_no_short_result() {
    for fault in [
        Fault::Status(404),
        Fault::Status(403),
        Fault::Truncate(100),
        Fault::CorruptByte(30),
    ] {
        let server = Server::start();
        let text = format!("{fault:?}");
        server.on(SQL, answer().fault(Endpoint::Segment(4), fault));
        let (rows, failure) = read(&server, "Encoding=json+zstd;SpoolingFallback=false;");
        let failure = failure.unwrap_or_else(|| panic!("{text}: a short result of {rows} rows"));
        assert!(rows <= 2000, "{text}: {rows} rows before {failure}");
        assert!(!failure.message().contains("X-Amz"), "{text}: {failure}");
        assert!(!failure.message().contains('?'), "{text}: {failure}");
    }
}

#[test]
fn a_segment_that_fails_now_and_then_loses_nothing() {
    let server = Server::start();
    let faulty = answer()
        .fault(Endpoint::Segment(2), Fault::Status(503).times(2))
        .fault(Endpoint::Segment(3), Fault::ResetAfter(200).times(1));
    server.on(SQL, faulty);
    let (rows, failure) = read(&server, "Encoding=json+lz4;");
    assert!(failure.is_none(), "{}", failure.unwrap());
    assert_eq!(rows, ROWS);
}

#[test]
fn a_connection_survives_a_query_that_failed() {
    let server = Server::start();
    server.on(SQL, Answer::error(QueryError::new("SYNTAX_ERROR", 1, "no")));
    let connection = Connection::open(&driver::string(&server)).unwrap();
    let mut statement = connection.statement();
    assert!(statement.execute(SQL).is_err());
    statement.execute("SELECT 1").unwrap();
    assert_eq!(statement.rest().unwrap().len(), 1);
}

#[test]
fn a_query_that_outlives_its_timeout_is_hyt00_and_stops() {
    let server = Server::start();
    server.on(SQL, answer().runs_for(Duration::from_secs(60)));
    let connection = Connection::open(&driver::string(&server)).unwrap();
    let mut statement = connection.statement();
    statement.set_attribute(SQL_ATTR_QUERY_TIMEOUT, 1).unwrap();
    let start = Instant::now();
    let failure = statement
        .execute(SQL)
        .and_then(|_| statement.fetch().map(|_| 0))
        .unwrap_err();
    assert_eq!(failure.state(), "HYT00", "{failure}");
    assert!(
        start.elapsed() < Duration::from_secs(10),
        "{:?}",
        start.elapsed()
    );
    let stopped = server.wait_until(Duration::from_secs(5), |s| s.running_queries().is_empty());
    assert!(stopped, "{:?}", server.queries());
}
