//! Segments that cannot be fetched: the fallback, and when there is none.

use std::net::TcpListener;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use scripted_trino::{Answer, Endpoint, Fault, QueryState, Retrieval, Server, Spooling, columns};
use serde_json::json;
use trinoodbc::abi::*;
use trinoodbc::ffi::*;

use crate::application::*;

/// Where nobody listens.
const NOWHERE: &str = "127.0.0.1:1";
/// Two inline segments of a thousand rows, then spooled ones.
const QUERY: &str = "SELECT * FROM sequence 6000";

fn all(rows: i64) -> Vec<i64> {
    (0..rows).collect()
}

/// Whether each statement so far offered encodings of segments.
fn offers(server: &Server) -> Vec<bool> {
    server
        .requests()
        .iter()
        .filter(|request| request.method == "POST")
        .map(|request| request.header("X-Trino-Query-Data-Encoding").is_some())
        .collect()
}

fn states(server: &Server) -> Vec<QueryState> {
    server.queries().iter().map(|query| query.state).collect()
}

fn falls_back(server: Server, reason: &str) {
    let application = Application::with(server);
    assert_eq!(application.execute(QUERY), SQL_SUCCESS);
    assert_eq!(application.fetch(), SQL_SUCCESS_WITH_INFO);
    assert_eq!(application.state(), "01000");
    let message = application.message();
    assert!(message.contains(reason), "{message}");
    assert!(message.contains("SpoolingFallback"), "{message}");
    assert!(!message.contains("Signature"), "{message}");
    assert_eq!(application.number(), 0);
    let (numbers, end) = application.numbers();
    assert_eq!(end, SQL_NO_DATA);
    assert_eq!(numbers, all(6000)[1..]);

    // The next statement does not even try.
    // SAFETY: the handle is ours.
    assert_eq!(
        unsafe { SQLCloseCursor(application.statement) },
        SQL_SUCCESS
    );
    assert_eq!(application.execute(QUERY), SQL_SUCCESS);
    let (numbers, end) = application.numbers();
    assert_eq!((numbers, end), (all(6000), SQL_NO_DATA));
    assert_eq!(offers(&application.server), [true, false, false]);
    let states = states(&application.server);
    assert_eq!(states[1..], [QueryState::Finished; 2]);
    assert!(application.server.running_queries().is_empty());
}

#[test]
fn a_query_with_parameters_falls_back_with_its_values() {
    let server = Server::builder().storage_authority(NOWHERE).start();
    let application = Application::with(server);
    let rows = (0..6000).map(|n| vec![json!(n)]).collect();
    let sql = "EXECUTE IMMEDIATE 'SELECT n FROM t WHERE n >= ?' USING INTEGER '0'";
    let answer = Answer::rows(columns![("n", "bigint")], rows);
    application.server.on(sql, answer);
    let (mut value, mut length) = (0_i32, 0_isize);
    // SAFETY: what is bound outlives the execution.
    let code = unsafe {
        SQLBindParameter(
            application.statement,
            1,
            SQL_PARAM_INPUT,
            C_SLONG,
            SQL_INTEGER,
            0,
            0,
            (&raw mut value).cast(),
            0,
            &mut length,
        )
    };
    assert_eq!(code, SQL_SUCCESS);
    assert_eq!(
        application.execute("SELECT n FROM t WHERE n >= ?"),
        SQL_SUCCESS
    );
    assert_eq!(application.fetch(), SQL_SUCCESS_WITH_INFO);
    assert_eq!(application.state(), "01000");
    let (numbers, end) = application.numbers();
    assert_eq!((numbers.len(), end), (5999, SQL_NO_DATA));
    assert_eq!(offers(&application.server), [true, false]);
}

#[test]
fn storage_that_refuses_connections_is_avoided() {
    falls_back(
        Server::builder().storage_authority(NOWHERE).start(),
        "127.0.0.1:1 refuses the connection",
    );
}

#[test]
fn storage_of_an_unknown_authority_is_avoided() {
    falls_back(
        Server::builder().storage_tls(true).start(),
        "signed by an unknown authority",
    );
}

#[test]
fn storage_whose_name_is_not_known_is_avoided() {
    let server = Server::builder().storage_authority("storage.invalid:9000");
    falls_back(server.start(), "storage.invalid:9000");
}

#[test]
fn storage_behind_a_firewall_is_avoided_after_one_wait() {
    // The system takes the connection, and nobody ever says a word.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let authority = silent.local_addr().unwrap().to_string();
    let server = Server::builder()
        .storage_tls(true)
        .storage_authority(&authority)
        .start();
    let application = Application::connected(server, "StorageConnectTimeout=1");
    let start = Instant::now();
    assert_eq!(application.execute(QUERY), SQL_SUCCESS);
    assert_eq!(application.fetch(), SQL_SUCCESS_WITH_INFO);
    let waited = start.elapsed();
    assert!(waited < Duration::from_millis(1900), "{waited:?}");
    assert!(application.message().contains(&authority));
    assert_eq!(application.numbers().0, all(6000)[1..]);
}

#[test]
fn a_worker_that_cannot_be_reached_is_avoided() {
    let server = Server::builder().retrieval(Retrieval::WorkerProxy).start();
    let worker = format!("http://{NOWHERE}/v1/spooled/download/segment");
    for segment in 0..6 {
        server.fault(
            Endpoint::Download(segment),
            Fault::RedirectTo(worker.clone()),
        );
    }
    falls_back(server, "127.0.0.1:1 refuses the connection");
}

#[test]
fn the_query_that_came_to_nothing_is_cancelled() {
    let server = Server::builder().storage_authority(NOWHERE).start();
    let application = Application::with(server);
    let answer = Answer::generated(&["bigint"], 20_000, 7).page_delay(Duration::from_millis(200));
    application.server.on("SELECT slow", answer);
    assert_eq!(application.execute("SELECT slow"), SQL_SUCCESS);
    assert_eq!(application.fetch(), SQL_SUCCESS_WITH_INFO);
    assert_eq!(states(&application.server)[0], QueryState::Cancelled);
    assert_eq!(application.numbers().0.len(), 19_999);
}

#[test]
fn without_the_fallback_rows_end_in_the_reason() {
    let server = Server::builder().storage_authority(NOWHERE).start();
    let keywords = "SpoolingFallback=false;StorageRetryTimeout=1";
    let application = Application::connected(server, keywords);
    assert_eq!(application.execute(QUERY), SQL_SUCCESS);
    let (numbers, end) = application.numbers();
    assert_eq!((numbers, end), (all(2000), SQL_ERROR));
    assert_eq!(application.state(), "08S01");
    assert!(application.message().contains("127.0.0.1:1 refuses"));
    assert_eq!(offers(&application.server), [true]);
}

#[test]
fn what_may_have_effects_is_never_run_again() {
    let server = Server::builder().storage_authority(NOWHERE).start();
    let application = Application::connected(server, "StorageRetryTimeout=1");
    let sql = "SELECT * FROM TABLE(c.system.query('DELETE FROM t'))";
    let answer = Answer::generated(&["bigint"], 6000, 7);
    application.server.on(sql, answer);
    assert_eq!(application.execute(sql), SQL_SUCCESS);
    let (numbers, end) = application.numbers();
    assert_eq!((numbers.len(), end), (2000, SQL_ERROR));
    assert_eq!(application.state(), "08S01");
    assert_eq!(application.server.queries().len(), 1);
}

#[test]
fn once_a_row_was_handed_out_there_is_no_fallback() {
    let application = Application::connected(Server::start(), "StorageRetryTimeout=1");
    let rows = (0..6).map(|row| vec![json!(row)]).collect();
    let spooling = Spooling {
        rows_per_segment: 1,
        inline_first: 0,
        segments_per_page: 1,
        ..Spooling::default()
    };
    let answer = Answer::rows(columns![("n", "bigint")], rows)
        .spooled(spooling)
        .page_delay(Duration::from_millis(150))
        .edit_segment(4, |segment| {
            segment["uri"] = json!(format!("http://{NOWHERE}/gone"));
        });
    application.server.on("SELECT six", answer);
    assert_eq!(application.execute("SELECT six"), SQL_SUCCESS);
    assert_eq!(application.fetch(), SQL_SUCCESS);
    assert_eq!(application.number(), 0);
    let (numbers, end) = application.numbers();
    assert_eq!((numbers, end), (vec![1, 2, 3], SQL_ERROR));
    assert_eq!(application.state(), "08S01");
    assert_eq!(application.server.queries().len(), 1);
}

#[test]
fn a_query_that_has_other_columns_by_then_is_an_error() {
    let server = Server::builder().storage_authority(NOWHERE).start();
    let application = Application::with(server);
    let turns = AtomicUsize::new(0);
    application.server.on_matching(move |sql| {
        (sql == "SELECT changing").then(|| match turns.fetch_add(1, Ordering::SeqCst) {
            0 => Answer::generated(&["bigint"], 6000, 1),
            _ => Answer::generated(&["bigint", "bigint"], 6000, 1),
        })
    });
    assert_eq!(application.execute("SELECT changing"), SQL_SUCCESS);
    let (numbers, end) = application.numbers();
    assert_eq!((numbers, end), (Vec::new(), SQL_ERROR));
    assert_eq!(application.state(), "08S01");
    assert!(application.message().contains("127.0.0.1:1 refuses"));
    // SAFETY: the handle is ours.
    assert_eq!(
        unsafe { SQLCloseCursor(application.statement) },
        SQL_SUCCESS
    );
    let ended = application
        .server
        .wait_until(Duration::from_secs(5), |server| {
            server.running_queries().is_empty()
        });
    assert!(ended);
}

#[test]
fn first_rows_are_not_held_back_for_long() {
    let application = Application::start();
    let spooling = Spooling {
        rows_per_segment: 1,
        inline_first: 3,
        segments_per_page: 1,
        ..Spooling::default()
    };
    let rows = (0..3).map(|row| vec![json!(row)]).collect();
    let answer = Answer::rows(columns![("n", "bigint")], rows)
        .spooled(spooling)
        .page_delay(Duration::from_millis(1500));
    application.server.on("SELECT slow", answer);
    assert_eq!(application.execute("SELECT slow"), SQL_SUCCESS);
    thread::sleep(Duration::from_millis(10));
    let begun = std::time::Instant::now();
    assert_eq!(application.fetch(), SQL_SUCCESS);
    assert_eq!(application.number(), 0);
    assert!(begun.elapsed() < Duration::from_millis(1400));
    let (numbers, end) = application.numbers();
    assert_eq!((numbers, end), (vec![1, 2], SQL_NO_DATA));
}

#[test]
fn a_first_segment_that_cannot_be_fetched_for_any_reason_comes_directly() {
    let page = |status| {
        let kind = (
            "Content-Type".to_owned(),
            "text/html; charset=utf-8".to_owned(),
        );
        Fault::Respond(status, vec![kind], "<html>Sign in</html>".to_owned())
    };
    for retrieval in [Retrieval::Storage, Retrieval::CoordinatorProxy] {
        for (fault, reason) in [
            (Fault::Status(401), "HTTP status 401"),
            (Fault::Status(403), "HTTP status 403"),
            (Fault::Status(404), ""),
            (Fault::Status(405), "HTTP status 405"),
            (Fault::Status(410), ""),
            (Fault::Status(501), "HTTP status 501"),
            (page(200), "web page"),
            (page(403), "HTTP status 403"),
            (Fault::RedirectWithoutLocation, "redirects a result segment"),
        ] {
            let server = Server::builder().retrieval(retrieval).start();
            server.fault(Endpoint::AnySegment, fault);
            falls_back(server, reason);
        }
    }
}

#[test]
fn the_warning_says_what_a_gateway_has_to_let_through() {
    let server = Server::builder()
        .retrieval(Retrieval::CoordinatorProxy)
        .start();
    server.fault(Endpoint::AnySegment, Fault::Status(404));
    let application = Application::with(server);
    assert_eq!(application.execute(QUERY), SQL_SUCCESS);
    assert_eq!(application.fetch(), SQL_SUCCESS_WITH_INFO);
    let message = application.message();
    for part in ["/v1/spooled", "extraWhitelistPaths", "Encoding=none"] {
        assert!(message.contains(part), "{message}");
    }
}

#[test]
fn segments_with_other_bytes_are_requested_uncompressed_before_rows_come_directly() {
    let server = Server::builder()
        .retrieval(Retrieval::CoordinatorProxy)
        .start();
    server.fault(Endpoint::AnySegment, Fault::Extra(9));
    let application = Application::with(server);
    assert_eq!(application.execute(QUERY), SQL_SUCCESS);
    let (numbers, end) = application.numbers();
    assert_eq!((numbers, end), (all(6000), SQL_NO_DATA));
    let offered: Vec<_> = application
        .server
        .requests()
        .iter()
        .filter(|request| request.method == "POST")
        .map(|request| {
            request
                .header("X-Trino-Query-Data-Encoding")
                .map(str::to_owned)
        })
        .collect();
    let expected = [Some("json+zstd,json+lz4,json"), Some("json"), None];
    assert_eq!(offered, expected.map(|names| names.map(str::to_owned)));
}
