//! Segments that cannot be fetched: the fallback, and when there is none.

use std::net::TcpListener;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use scripted_trino::{
    Answer, Endpoint, Fault, QueryError, QueryState, Retrieval, Server, Spooling, columns,
};
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
    application.close_cursor();
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
    application.bind_integer(&mut value, &mut length);
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
        "127.0.0.1:1 refused the connection",
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
    falls_back(server, "127.0.0.1:1 refused the connection");
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
    assert!(application.message().contains("127.0.0.1:1 refused"));
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
    assert!(application.message().contains("127.0.0.1:1 refused"));
    application.close_cursor();
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
    let begun = Instant::now();
    assert_eq!(application.fetch(), SQL_SUCCESS);
    assert_eq!(application.number(), 0);
    assert!(begun.elapsed() < Duration::from_millis(1400));
    let (numbers, end) = application.numbers();
    assert_eq!((numbers, end), (vec![1, 2], SQL_NO_DATA));
}

/// Rows of which the first comes inside of its page, and the others in segments of pages that take long.
fn first_inline(page_delay: Duration) -> Answer {
    let spooling = Spooling {
        rows_per_segment: 1,
        inline_first: 1,
        segments_per_page: 1,
        ..Spooling::default()
    };
    let rows = (0..3).map(|row| vec![json!(row)]).collect();
    Answer::rows(columns![("n", "bigint")], rows)
        .spooled(spooling)
        .page_delay(page_delay)
}

fn fetch(statement: Handle) -> SqlReturn {
    // SAFETY: the handle is ours.
    unsafe { SQLFetch(statement) }
}

#[test]
fn first_rows_are_not_held_back_where_another_connection_has_fetched_segments() {
    let application = Application::start();
    assert_eq!(application.execute(QUERY), SQL_SUCCESS);
    assert_eq!(application.numbers().0, all(6000));
    let answer = first_inline(Duration::from_secs(2));
    application.server.on("SELECT slow", answer);
    // A busy machine may hold up one of them.
    let came_at_once = (0..3).any(|_| {
        let (connection, statement) = another(&application, "");
        assert_eq!(execute(statement, "SELECT slow"), SQL_SUCCESS);
        let begun = Instant::now();
        assert_eq!(fetch(statement), SQL_SUCCESS);
        let took = begun.elapsed();
        disconnect((connection, statement));
        took < Duration::from_millis(400)
    });
    assert!(came_at_once);
}

#[test]
fn after_a_segment_that_could_not_be_had_the_next_query_waits_for_its_first_again() {
    let application = Application::start();
    assert_eq!(application.execute(QUERY), SQL_SUCCESS);
    assert_eq!(application.numbers().0, all(6000));
    let answer = first_inline(Duration::from_millis(300));
    application.server.on("SELECT slow", answer);
    application
        .server
        .fault(Endpoint::AnySegment, Fault::Status(404));
    let second = another(&application, "");
    assert_eq!(execute(second.1, "SELECT slow"), SQL_SUCCESS);
    assert_eq!(fetch(second.1), SQL_SUCCESS);
    assert_eq!(fetch(second.1), SQL_ERROR);
    // SAFETY: the handle is ours.
    assert_eq!(unsafe { SQLCloseCursor(second.1) }, SQL_SUCCESS);
    assert_eq!(execute(second.1, "SELECT slow"), SQL_SUCCESS);
    assert_eq!(fetch(second.1), SQL_SUCCESS_WITH_INFO);
    assert_eq!(state(SQL_HANDLE_STMT, second.1), "01000");
    disconnect(second);
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

/// A second connection to the application's server, with a statement.
fn another(application: &Application, keywords: &str) -> (Handle, Handle) {
    let connection = allocate(SQL_HANDLE_DBC, application.environment);
    let port = application.server.port();
    assert_eq!(connect_with(connection, port, keywords), SQL_SUCCESS);
    (connection, allocate(SQL_HANDLE_STMT, connection))
}

fn disconnect((connection, statement): (Handle, Handle)) {
    // SAFETY: both handles are ours.
    unsafe {
        assert_eq!(SQLFreeHandle(SQL_HANDLE_STMT, statement), SQL_SUCCESS);
        assert_eq!(SQLDisconnect(connection), SQL_SUCCESS);
        assert_eq!(SQLFreeHandle(SQL_HANDLE_DBC, connection), SQL_SUCCESS);
    }
}

#[test]
fn a_second_connection_of_the_process_does_not_pay_again() {
    let server = Server::builder().storage_authority(NOWHERE).start();
    let application = Application::with(server);
    assert_eq!(application.execute(QUERY), SQL_SUCCESS);
    assert_eq!(application.numbers().0, all(6000));

    let second = another(&application, "");
    assert_eq!(execute(second.1, QUERY), SQL_SUCCESS_WITH_INFO);
    assert_eq!(state(SQL_HANDLE_STMT, second.1), "01000");
    let message = message(SQL_HANDLE_STMT, second.1);
    for part in ["127.0.0.1:1 refused", "earlier connection", "Encoding=none"] {
        assert!(message.contains(part), "{message}");
    }
    // SAFETY: the handle is ours.
    assert_eq!(unsafe { SQLCloseCursor(second.1) }, SQL_SUCCESS);
    assert_eq!(execute(second.1, QUERY), SQL_SUCCESS);
    disconnect(second);
    assert_eq!(offers(&application.server), [true, false, false, false]);
}

#[test]
fn a_connection_that_trusts_storage_otherwise_does_not_inherit() {
    let application = Application::with(Server::builder().storage_tls(true).start());
    assert_eq!(application.execute(QUERY), SQL_SUCCESS);
    assert_eq!(application.numbers().0, all(6000));
    let store = application
        .server
        .storage_ca_pem_path()
        .display()
        .to_string();
    let second = another(&application, &format!("StorageTrustStore={store}"));
    assert_eq!(execute(second.1, QUERY), SQL_SUCCESS);
    disconnect(second);
    assert_eq!(offers(&application.server), [true, false, true]);
}

/// Errors of statements that fail because they are spooled, in the words and with the stacks of Trino.
fn spooling_errors() -> Vec<QueryError> {
    let internal = |name: &str, code, message: &str, failure| {
        QueryError::new(name, code, message)
            .kind("INTERNAL_ERROR")
            .failure(failure)
    };
    // Trino 477 to 482; 30112.
    let size = "Current partition size 1048 is larger than target size 120";
    let partitioner = json!({
        "type": "com.google.common.base.VerifyException",
        "message": size,
        "suppressed": [],
        "stack": [
            "com.google.common.base.Verify.verify(Verify.java:364)",
            "io.trino.operator.SpoolingPagePartitioner.partition(SpoolingPagePartitioner.java:44)",
            "io.trino.operator.OutputSpoolingOperatorFactory$OutputSpoolingOperator.spoolOrInline(\
             OutputSpoolingOperatorFactory.java:267)",
            "io.trino.operator.Driver.processInternal(Driver.java:421)",
        ],
    });
    // Trino 476, for a value of type BingTile; 29711.
    let encoder = json!({
        "type": "io.trino.spi.TrinoException",
        "message": "Could not serialize data to JSON",
        "cause": {
            "type": "java.lang.IllegalStateException",
            "message": "No ObjectCodec defined for the generator, can only serialize simple wrapper types (type passed \
                        io.trino.plugin.geospatial.BingTile)",
            "suppressed": [],
            "stack": ["com.fasterxml.jackson.core.JsonGenerator._writeSimpleObject(JsonGenerator.java:2755)"],
        },
        "suppressed": [],
        "stack": [
            "io.trino.server.protocol.JsonEncodingUtils.writePagesToJsonGenerator(JsonEncodingUtils.java:143)",
            "io.trino.server.protocol.spooling.encoding.JsonQueryDataEncoder.encodeTo(JsonQueryDataEncoder.java:70)",
            "io.trino.operator.Driver.processInternal(Driver.java:421)",
        ],
    });
    // Trino 476, whose storage takes nothing.
    let storage = json!({
        "type": "java.io.UncheckedIOException",
        "message": "java.io.IOException: Could not serialize to JSON",
        "cause": {
            "type": "java.io.IOException",
            "message": "Put failed for bucket [spooling] key [01M8Q8AR453VBC4NRZ7H8NZJHT.json]",
            "suppressed": [],
            "stack": [
                "io.trino.filesystem.s3.S3OutputStream.close(S3OutputStream.java:149)",
                "io.trino.operator.OutputSpoolingOperatorFactory$OutputSpoolingOperator.spool(\
                 OutputSpoolingOperatorFactory.java:289)",
            ],
        },
        "suppressed": [],
        "stack": ["java.base/java.lang.Thread.run(Thread.java:1474)"],
    });
    let io = "java.io.IOException: Could not serialize to JSON";
    vec![
        internal("GENERIC_INTERNAL_ERROR", 65_536, size, partitioner),
        // A server that keeps its stacks to itself.
        internal("GENERIC_INTERNAL_ERROR", 65_536, size, json!(null)),
        internal(
            "SERIALIZATION_ERROR",
            65_564,
            "Could not serialize data to JSON",
            encoder,
        ),
        internal("GENERIC_INTERNAL_ERROR", 65_536, io, storage),
    ]
}

/// A server that fails to spool `sql` with `error`, after `rows` of it, and has no trouble otherwise.
fn cannot_spool(sql: &'static str, error: QueryError, rows: usize) -> Application {
    let application = Application::connected(Server::start(), "StorageRetryTimeout=1");
    let turns = AtomicUsize::new(0);
    application.server.on_matching(move |text| {
        (text == sql).then(|| match turns.fetch_add(1, Ordering::SeqCst) {
            0 if rows == 0 => Answer::error(error.clone()),
            0 => numbered(rows)
                .page_delay(Duration::from_millis(150))
                .then_error(error.clone()),
            _ => numbered(6),
        })
    });
    application
}

/// Numbers from zero, a page for each, the first inside of the answer.
fn numbered(rows: usize) -> Answer {
    let spooling = Spooling {
        rows_per_segment: 1,
        inline_first: 1,
        segments_per_page: 1,
        ..Spooling::default()
    };
    let rows = (0..rows).map(|row| vec![json!(row)]).collect();
    Answer::rows(columns![("n", "bigint")], rows).spooled(spooling)
}

#[test]
fn a_result_that_the_server_cannot_spool_comes_directly() {
    for error in spooling_errors() {
        let words = error.message.clone();
        let application = cannot_spool("SELECT n FROM t", error, 0);
        assert_eq!(
            application.execute("SELECT n FROM t"),
            SQL_SUCCESS_WITH_INFO
        );
        assert_eq!(application.state(), "01000");
        let message = application.message();
        for part in [&words, "Encoding=none", "SpoolingFallback"] {
            assert!(message.contains(part), "{message}");
        }
        assert_eq!(application.numbers(), (all(6), SQL_NO_DATA));
        application.close_cursor();
        // It holds for this statement, and for no other.
        assert_eq!(application.execute("SELECT n FROM t"), SQL_SUCCESS);
        application.close_cursor();
        assert_eq!(application.execute(QUERY), SQL_SUCCESS);
        assert_eq!(offers(&application.server), [true, false, false, true]);
    }
}

#[test]
fn a_query_with_parameters_that_the_server_cannot_spool_keeps_its_values() {
    let sql = "EXECUTE IMMEDIATE 'SELECT n FROM t WHERE n >= ?' USING INTEGER '0'";
    let application = cannot_spool(sql, spooling_errors().remove(0), 0);
    let (mut value, mut length) = (0_i32, 0_isize);
    application.bind_integer(&mut value, &mut length);
    let code = application.execute("SELECT n FROM t WHERE n >= ?");
    assert_eq!(code, SQL_SUCCESS_WITH_INFO);
    assert_eq!(application.numbers(), (all(6), SQL_NO_DATA));
    assert_eq!(offers(&application.server), [true, false]);
}

#[test]
fn once_a_row_was_handed_out_the_server_failing_to_spool_is_an_error_the_first_time() {
    for error in spooling_errors() {
        let application = cannot_spool("SELECT n FROM t", error, 3);
        // Storage is known to be open, so that first rows are not held back.
        application.server.on("SELECT first", numbered(3));
        assert_eq!(application.execute("SELECT first"), SQL_SUCCESS);
        assert_eq!(application.numbers().1, SQL_NO_DATA);
        application.close_cursor();
        assert_eq!(application.execute("SELECT n FROM t"), SQL_SUCCESS);
        assert_eq!(application.numbers(), (all(3), SQL_ERROR));
        assert!(application.message().contains("Encoding=none"));
        application.close_cursor();
        assert_eq!(application.execute("SELECT n FROM t"), SQL_SUCCESS);
        assert_eq!(application.numbers(), (all(6), SQL_NO_DATA));
        assert_eq!(offers(&application.server), [true, true, false]);
    }
}

#[test]
fn other_failures_of_the_server_are_not_run_again() {
    let elsewhere = json!({
        "type": "java.lang.NullPointerException",
        "stack": ["io.trino.operator.ScanFilterAndProjectOperator.getOutput(X.java:1)"],
    });
    let frames = spooling_errors().remove(0).failure.unwrap();
    for error in [
        QueryError::new("GENERIC_INTERNAL_ERROR", 65_536, "null")
            .kind("INTERNAL_ERROR")
            .failure(elsewhere),
        QueryError::new("DIVISION_BY_ZERO", 8, "Division by zero").failure(frames.clone()),
        QueryError::new("EXCEEDED_LOCAL_MEMORY_LIMIT", 131_079, "too large")
            .kind("INSUFFICIENT_RESOURCES")
            .failure(frames),
    ] {
        let application = cannot_spool("SELECT n FROM t", error, 0);
        assert_eq!(application.execute("SELECT n FROM t"), SQL_ERROR);
        assert!(!application.message().contains("Encoding=none"));
        assert_eq!(application.server.queries().len(), 1);
    }
}

#[test]
fn what_may_have_effects_is_not_run_again_when_the_server_cannot_spool_it() {
    let sql = "SELECT * FROM TABLE(c.system.query('DELETE FROM t'))";
    let application = cannot_spool(sql, spooling_errors().remove(0), 0);
    assert_eq!(application.execute(sql), SQL_ERROR);
    assert!(application.message().contains("Encoding=none"));
    assert_eq!(application.server.queries().len(), 1);
}

#[test]
fn a_query_that_fails_directly_too_has_its_first_error() {
    let application = Application::start();
    let error = spooling_errors().remove(2);
    application
        .server
        .on("SELECT n FROM t", Answer::error(error));
    assert_eq!(application.execute("SELECT n FROM t"), SQL_ERROR);
    let message = application.message();
    assert!(
        message.contains("Could not serialize data to JSON"),
        "{message}"
    );
    assert!(!message.contains("Encoding=none"), "{message}");
    assert_eq!(offers(&application.server), [true, false]);
}
