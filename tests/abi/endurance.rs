//! Storage and coordinators that are away for a while: what is waited for, for how long, and what the application is
//! told when that is too long.

use std::thread;
use std::time::{Duration, Instant};

use scripted_trino::{Answer, Endpoint, Fault, Gate, Planned, Server, Spooling, columns};
use serde_json::json;
use trinoodbc::abi::*;
use trinoodbc::ffi::*;

use crate::application::*;

const QUERY: &str = "SELECT n FROM numbers";
/// The segment that cannot be had, after some that can.
const FAULTY: usize = 3;

/// The numbers from 0 to 599 in six spooled segments.
fn numbers() -> Answer {
    let rows = (0..600).map(|n| format!("[{n}]")).collect();
    Answer::raw_rows(columns![("n", "bigint")], rows).spooled(Spooling {
        rows_per_segment: 100,
        inline_first: 0,
        segments_per_page: 2,
        compression_threshold: 0,
        ..Spooling::default()
    })
}

fn failing(fault: impl Into<Planned>) -> Answer {
    numbers().fault(Endpoint::Segment(FAULTY), fault)
}

fn reads_all(application: &Application) {
    assert_eq!(application.execute(QUERY), SQL_SUCCESS);
    let (numbers, end) = application.numbers();
    assert_eq!(end, SQL_NO_DATA, "{}", application.message());
    assert_eq!(numbers, (0..600).collect::<Vec<_>>());
}

#[test]
fn storage_that_resets_connections_for_seconds_costs_no_row() {
    let application = Application::start();
    // Longer than six attempts take.
    let away = Fault::Refuse.during(Duration::from_millis(3500));
    application.server.on(QUERY, failing(away));
    reads_all(&application);
}

#[test]
fn storage_that_wants_to_be_tried_again_at_once_is_tried_with_pauses() {
    let application = Application::start();
    let busy = Fault::RetryAfter(503, 0).during(Duration::from_secs(1));
    application.server.on(QUERY, failing(busy));
    reads_all(&application);
    let requests = application.server.storage_requests();
    let path = format!("/{FAULTY:05}.");
    let tries = requests
        .iter()
        .filter(|request| request.path.contains(&path));
    let tries = tries.count();
    assert!((3..12).contains(&tries), "{tries}");
}

#[test]
fn storage_that_refuses_connections_for_a_second_costs_no_row() {
    let application = Application::start();
    let mut gate = Gate::closed();
    let authority = gate.authority();
    let answer = numbers().edit_segment(FAULTY, move |segment| {
        let uri = segment["uri"].as_str().unwrap();
        let path = uri.splitn(4, '/').last().unwrap();
        segment["uri"] = json!(format!("http://{authority}/{path}"));
    });
    application.server.on(QUERY, answer);
    let port = application.server.storage_port();
    thread::scope(|scope| {
        scope.spawn(|| {
            thread::sleep(Duration::from_secs(1));
            gate.open(port);
        });
        reads_all(&application);
    });
}

#[test]
fn storage_that_stays_away_ends_the_query_when_the_time_for_it_is_over() {
    let server = Server::start();
    server.on(QUERY, failing(Fault::Refuse));
    let application = Application::connected(server, "StorageRetryTimeout=2");
    let begun = Instant::now();
    assert_eq!(application.execute(QUERY), SQL_SUCCESS);
    let (numbers, end) = application.numbers();
    assert_eq!((numbers, end), ((0..300).collect(), SQL_ERROR));
    assert_eq!(application.state(), "08S01");
    let took = begun.elapsed();
    assert!(
        (Duration::from_secs(2)..Duration::from_secs(5)).contains(&took),
        "{took:?}"
    );
}

#[test]
fn a_query_timeout_ends_the_attempts_and_names_what_failed() {
    let application = Application::start();
    application.server.on(QUERY, failing(Fault::Status(503)));
    assert_eq!(application.set(SQL_ATTR_QUERY_TIMEOUT, 1), SQL_SUCCESS);
    assert_eq!(application.execute(QUERY), SQL_SUCCESS);
    let begun = Instant::now();
    let (numbers, end) = application.numbers();
    assert_eq!((numbers, end), ((0..300).collect(), SQL_ERROR));
    assert_eq!(application.state(), "HYT00");
    let message = application.message();
    assert!(message.contains("HTTP status 503"), "{message}");
    assert!(begun.elapsed() < Duration::from_secs(3));
}

#[test]
fn a_connection_timeout_ends_the_attempts() {
    let application = Application::start();
    let seconds = std::ptr::without_provenance_mut(1);
    // SAFETY: a number.
    let code = unsafe {
        SQLSetConnectAttrW(
            application.connection,
            SQL_ATTR_CONNECTION_TIMEOUT,
            seconds,
            0,
        )
    };
    assert_eq!(code, SQL_SUCCESS);
    application.server.on(QUERY, failing(Fault::Refuse));
    let begun = Instant::now();
    assert_eq!(application.execute(QUERY), SQL_SUCCESS);
    let (numbers, end) = application.numbers();
    assert_eq!((numbers, end), ((0..300).collect(), SQL_ERROR));
    assert_eq!(application.state(), "08S01");
    assert!(begun.elapsed() < Duration::from_secs(4));
}

#[test]
fn cancelling_ends_the_attempts_at_once() {
    let application = Application::start();
    application.server.on(QUERY, failing(Fault::Refuse));
    assert_eq!(application.execute(QUERY), SQL_SUCCESS);
    let statement = application.statement.expose_provenance();
    let end = thread::scope(|scope| {
        scope.spawn(move || {
            thread::sleep(Duration::from_millis(700));
            // SAFETY: the statement lives.
            unsafe { SQLCancel(std::ptr::with_exposed_provenance_mut(statement)) };
        });
        let begun = Instant::now();
        let (_, end) = application.numbers();
        assert!(begun.elapsed() < Duration::from_secs(2));
        end
    });
    assert_eq!((end, application.state().as_str()), (SQL_ERROR, "HY008"));
}

#[test]
fn a_pause_that_the_server_requests_does_not_outlast_a_query_timeout() {
    for endpoint in [Endpoint::Submit, Endpoint::Queued, Endpoint::AnyPage] {
        let application = Application::start();
        application.server.on(QUERY, numbers());
        let busy = Fault::RetryAfter(503, 30);
        application.server.fault(endpoint, busy);
        assert_eq!(application.set(SQL_ATTR_QUERY_TIMEOUT, 1), SQL_SUCCESS);
        let begun = Instant::now();
        assert_eq!(application.execute(QUERY), SQL_ERROR, "{endpoint:?}");
        assert_eq!(application.state(), "08S01", "{endpoint:?}");
        let message = application.message();
        assert!(message.contains("503"), "{message}");
        assert!(begun.elapsed() < Duration::from_secs(2), "{endpoint:?}");
    }
}

#[test]
fn a_page_that_is_requested_again_is_named_when_the_query_timeout_ends_a_fetch() {
    let application = Application::start();
    let rows = (0..10).map(|row| vec![json!(row)]).collect();
    let answer = Answer::rows(columns![("n", "bigint")], rows)
        .direct()
        .rows_per_page(2)
        .fault(Endpoint::Page(2), Fault::RetryAfter(503, 30));
    application.server.on(QUERY, answer);
    assert_eq!(application.set(SQL_ATTR_QUERY_TIMEOUT, 1), SQL_SUCCESS);
    assert_eq!(application.execute(QUERY), SQL_SUCCESS);
    let (numbers, end) = application.numbers();
    assert_eq!((numbers, end), (vec![0, 1, 2, 3], SQL_ERROR));
    assert_eq!(application.state(), "HYT00");
    let message = application.message();
    assert!(message.contains("HTTP status 503"), "{message}");
}

/// Executes a statement with a parameter so many times.
fn execute_with_parameter(application: &Application, times: u32) -> Duration {
    let (mut value, mut length) = (5_i32, 0_isize);
    application.bind_integer(&mut value, &mut length);
    let begun = Instant::now();
    for _ in 0..times {
        let code = application.execute("SELECT n FROM t WHERE n = ?");
        assert_eq!(code, SQL_SUCCESS, "{}", application.message());
        // SAFETY: the handle is ours.
        unsafe { SQLFreeStmt(application.statement, SQL_CLOSE) };
    }
    begun.elapsed()
}

#[test]
fn a_version_that_cannot_be_looked_up_costs_statements_little_and_once() {
    let redirect = Fault::RedirectTo("https://login.example/".to_owned());
    for (fault, requests) in [
        (Fault::Status(403), 1..=1),
        (Fault::Status(404), 1..=1),
        (redirect, 1..=1),
        (Fault::Respond(200, Vec::new(), "<html>".to_owned()), 1..=1),
        (Fault::Status(503), 2..=8),
        (Fault::RetryAfter(503, 30), 2..=2),
        (Fault::Refuse, 2..=8),
    ] {
        let what = format!("{fault:?}");
        let application = Application::start();
        let answer = || Answer::rows(columns![("n", "integer")], vec![vec![json!(5)]]);
        let server = &application.server;
        server.on_matching(move |sql| sql.starts_with("EXECUTE").then(answer));
        server.fault(Endpoint::Info, fault);
        let took = execute_with_parameter(&application, 4);
        assert!(took < Duration::from_secs(4), "{what}: {took:?}");
        let all = application.server.requests();
        let looked_up = all.iter().filter(|request| request.path == "/v1/info");
        let looked_up = looked_up.count();
        assert!(requests.contains(&looked_up), "{what}: {looked_up}");
    }
}

#[test]
fn a_version_that_takes_too_long_leaves_the_statement_most_of_its_time() {
    let application = Application::start();
    let answer = || Answer::rows(columns![("n", "integer")], vec![vec![json!(5)]]);
    let server = &application.server;
    server.on_matching(move |sql| sql.starts_with("EXECUTE").then(answer));
    server.fault(Endpoint::Info, Fault::StallAfter(0));
    assert_eq!(application.set(SQL_ATTR_QUERY_TIMEOUT, 2), SQL_SUCCESS);
    let took = execute_with_parameter(&application, 2);
    assert!(took < Duration::from_secs(1), "{took:?}");
}

#[test]
fn rows_of_a_server_that_does_not_spool_come_at_once() {
    let application = Application::with(Server::builder().spooling(false).start());
    let rows = (0..6).map(|row| vec![json!(row)]).collect();
    let answer = Answer::rows(columns![("n", "bigint")], rows)
        .rows_per_page(2)
        .page_delay(Duration::from_millis(900));
    application.server.on(QUERY, answer);
    assert_eq!(application.execute(QUERY), SQL_SUCCESS);
    let mut longest = Duration::ZERO;
    for row in 0..6 {
        let begun = Instant::now();
        assert_eq!(application.fetch(), SQL_SUCCESS);
        assert_eq!(application.number(), row);
        if row % 2 == 0 {
            continue;
        }
        longest = longest.max(begun.elapsed());
    }
    assert!(longest < Duration::from_millis(300), "{longest:?}");
}
