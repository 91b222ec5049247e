//! Segments that come late, damaged, otherwise or not at all: what the application sees, row by
//! row, after how many tries.

use std::ops::RangeInclusive;
use std::time::{Duration, Instant};

use scripted_trino::{
    Answer, Endpoint, Fault, Party, Planned, Retrieval, Server, Spooling, columns,
};
use serde_json::json;
use trinoodbc::abi::*;
use trinoodbc::ffi::*;

use crate::application::*;

const QUERY: &str = "SELECT n FROM numbers";
const ROWS: usize = 3000;
const ROWS_PER_SEGMENT: usize = 500;

/// The segment that faults meet: with rows before it and after.
const FAULTY: usize = 3;

fn spooling() -> Spooling {
    Spooling {
        rows_per_segment: ROWS_PER_SEGMENT,
        inline_first: 0,
        segments_per_page: 2,
        compression_threshold: 0,
        ..Spooling::default()
    }
}

/// The numbers from 0 to 2999 in six spooled segments.
fn numbers() -> Answer {
    let rows = (0..ROWS).map(|n| format!("[{n}]")).collect();
    Answer::raw_rows(columns![("n", "bigint")], rows).spooled(spooling())
}

/// What came of a query.
struct Outcome {
    rows: Vec<i64>,
    end: SqlReturn,
    state: String,
    message: String,
    /// Requests of the faulty segment's bytes.
    tries: usize,
}

fn run(application: &Application) -> Outcome {
    let (mut rows, mut value, mut length) = (Vec::new(), [0_i64], [0]);
    application.bind(1, C_SBIGINT, &mut value, 8, &mut length);
    let mut end = application.execute(QUERY);
    while matches!(end, SQL_SUCCESS | SQL_SUCCESS_WITH_INFO) {
        end = application.fetch();
        if matches!(end, SQL_SUCCESS | SQL_SUCCESS_WITH_INFO) {
            rows.push(value[0]);
        }
    }
    let requests = application.server.storage_requests();
    let object = format!("/{FAULTY:05}.");
    Outcome {
        rows,
        end,
        state: application.state(),
        message: application.message(),
        tries: requests
            .iter()
            .filter(|request| request.path.contains(&object))
            .count(),
    }
}

/// The outcome without the fallback, which takes place while the failure is known before the first row is read.
fn outcome_of(answer: Answer) -> Outcome {
    let server = Server::start();
    server.on(QUERY, answer);
    run(&Application::connected(
        server,
        "ReadTimeout=1;StorageRetryTimeout=1;SpoolingFallback=false;",
    ))
}

/// All rows, in order, and no error.
fn assert_whole(outcome: &Outcome, what: &str) {
    assert_eq!(outcome.end, SQL_NO_DATA, "{what}: {}", outcome.message);
    assert!(outcome.rows.iter().copied().eq(0..ROWS as i64), "{what}");
}

/// All rows before the faulty segment, perhaps some of its own, and an error that tells of it.
fn assert_cut(outcome: &Outcome, what: &str, words: &str) {
    assert_eq!(outcome.end, SQL_ERROR, "{what}");
    let before = FAULTY * ROWS_PER_SEGMENT;
    let count = outcome.rows.len();
    assert!(
        (before..=before + ROWS_PER_SEGMENT).contains(&count),
        "{what}: {count} rows"
    );
    assert!(outcome.rows.iter().copied().eq(0..count as i64), "{what}");
    assert!(
        outcome.message.contains(words),
        "{what}: {}",
        outcome.message
    );
    assert!(!outcome.message.contains("X-Amz"), "{}", outcome.message);
    assert!(!outcome.state.is_empty(), "{what}");
}

#[test]
fn a_fault_that_passes_costs_no_row() {
    let date = jiff_date(Duration::from_secs(1));
    let later = Fault::Respond(503, vec![("Retry-After".to_owned(), date)], String::new());
    let faults = [
        Fault::ResetAfter(40),
        Fault::CloseAfter(40),
        Fault::Refuse,
        Fault::StallAfter(40),
        Fault::StallAfter(0),
        Fault::Truncate(40),
        Fault::Extra(1),
        Fault::CorruptByte(20),
        Fault::Status(408),
        Fault::Status(429),
        Fault::Status(500),
        Fault::Status(502),
        Fault::Status(503),
        Fault::Status(504),
        Fault::RetryAfter(429, 1),
        later,
    ];
    for fault in faults {
        let what = format!("{fault:?}");
        let answer = numbers().fault(Endpoint::Segment(FAULTY), fault.times(1));
        let outcome = outcome_of(answer);
        assert_whole(&outcome, &what);
        assert_eq!(outcome.tries, 2, "{what}");
    }
}

#[test]
fn slow_storage_is_no_fault_as_long_as_bytes_come() {
    let slow = Fault::FirstByteDelay(Duration::from_millis(600));
    for fault in [slow, Fault::SlowBody(400)] {
        let what = format!("{fault:?}");
        let outcome = outcome_of(numbers().fault(Endpoint::Segment(FAULTY), fault));
        assert_whole(&outcome, &what);
        assert_eq!(outcome.tries, 1, "{what}");
    }
}

#[test]
fn retry_after_is_waited_for() {
    let server = Server::start();
    let busy: Planned = Fault::RetryAfter(503, 1).times(1);
    server.on(QUERY, numbers().fault(Endpoint::Segment(FAULTY), busy));
    let application = Application::with(server);
    let started = Instant::now();
    assert_whole(&run(&application), "busy");
    assert!(started.elapsed() >= Duration::from_secs(1));
    assert_eq!(application.get(SQL_ATTR_TRINO_RETRIES), 1);
}

#[test]
fn a_fault_that_stays_is_an_error_after_the_rows_before_it() {
    // A second is enough for three attempts at least.
    let for_some_time = 3..=8;
    let faults = [
        (Fault::Status(401), 1..=1, "HTTP status 401"),
        (Fault::Status(403), 1..=1, "HTTP status 403"),
        (Fault::Status(404), 1..=1, "no longer exists"),
        (Fault::Status(501), 1..=1, "HTTP status 501"),
        (Fault::Status(503), for_some_time.clone(), "HTTP status 503"),
        (
            Fault::ResetAfter(40),
            for_some_time.clone(),
            "Cannot fetch a result segment",
        ),
        (
            Fault::Truncate(40),
            for_some_time,
            "bytes of a result segment of",
        ),
        (Fault::Extra(1), 3..=3, "bytes of a result segment of"),
        (Fault::CorruptByte(20), 3..=3, "cannot be read"),
        (
            Fault::RedirectLoop,
            6..=6,
            "redirects a result segment too often",
        ),
        (
            Fault::RedirectWithoutLocation,
            1..=1,
            "without saying where to",
        ),
        (
            Fault::RedirectTo("ftp://files/x".to_owned()),
            1..=1,
            "not an http address",
        ),
    ];
    for (fault, tries, words) in faults {
        let what = format!("{fault:?}");
        let outcome = outcome_of(numbers().fault(Endpoint::Segment(FAULTY), fault));
        assert_cut(&outcome, &what, words);
        assert!(tries.contains(&outcome.tries), "{what}: {}", outcome.tries);
    }
}

#[test]
fn an_expired_uri_is_told_in_the_words_of_each_storage() {
    let azure = "\u{feff}<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>AuthenticationFailed</Code><Message>\
                 Server failed to authenticate the request. Make sure the value of Authorization header is formed \
                 correctly including the signature.\nRequestId:8f6fd6d2\nTime:2026-01-02T03:04:05.0000000Z</Message>\
                 <AuthenticationErrorDetail>Signature not valid in the specified time frame: \
                 Start [Fri, 02 Jan 2026 01:04:05 GMT] - Expiry [Fri, 02 Jan 2026 02:04:05 GMT] - \
                 Current [Fri, 02 Jan 2026 03:04:05 GMT]</AuthenticationErrorDetail></Error>";
    let s3 = "<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>";
    let google = "<Error><Code>ExpiredToken</Code><Message>The provided token has expired.</Message></Error>";
    for (status, body) in [(403, azure), (403, s3), (400, google)] {
        let fault = Fault::Respond(status, Vec::new(), body.to_owned());
        let outcome = outcome_of(numbers().fault(Endpoint::Segment(FAULTY), fault));
        assert_cut(&outcome, body, "has expired before it was read");
        assert_eq!(outcome.tries, 1);
    }
    let early = azure.replace(
        "Current [Fri, 02 Jan 2026 03",
        "Current [Fri, 02 Jan 2026 00",
    );
    let fault = Fault::Respond(403, Vec::new(), early);
    let outcome = outcome_of(numbers().fault(Endpoint::Segment(FAULTY), fault));
    assert_cut(&outcome, "not valid yet", "clocks of this computer");
}

#[test]
fn what_a_segment_says_of_itself_is_held_against_its_rows() {
    type Lie = fn(&mut serde_json::Value);
    let lies: [(Lie, RangeInclusive<usize>, &str); 5] = [
        (
            |it| it["metadata"]["rowsCount"] = json!(499),
            1..=1,
            "rows instead of 499",
        ),
        (
            |it| it["metadata"]["rowsCount"] = json!(501),
            1..=1,
            "500 rows instead of 501",
        ),
        (
            |it| it["metadata"]["rowOffset"] = json!(1501),
            // The reader may be there before the segment is requested.
            0..=1,
            "starts at row 1501",
        ),
        (
            |it| it["metadata"]["rowOffset"] = json!(1499),
            0..=1,
            "starts at row 1499",
        ),
        (
            |it| it["metadata"]["uncompressedSize"] = json!(9),
            3..=3,
            "cannot be read",
        ),
    ];
    for (lie, tries, words) in lies {
        let outcome = outcome_of(numbers().edit_segment(FAULTY, lie));
        assert_cut(&outcome, words, words);
        assert!(tries.contains(&outcome.tries), "{words}: {}", outcome.tries);
    }
}

#[test]
fn metadata_that_is_unknown_or_text_is_no_fault() {
    let outcome = outcome_of(numbers().edit_segment(FAULTY, |segment| {
        let metadata = &mut segment["metadata"];
        metadata["colour"] = json!({"name": "green"});
        for name in ["rowsCount", "rowOffset", "segmentSize", "uncompressedSize"] {
            metadata[name] = json!(metadata[name].to_string());
        }
    }));
    assert_whole(&outcome, "text for numbers");
}

#[test]
fn an_inline_segment_that_is_no_base64_is_an_error() {
    for data in ["*not base64*", "W1s="] {
        let all_inline = Spooling {
            inline_first: 6,
            ..spooling()
        };
        let answer = numbers()
            .spooled(all_inline)
            .edit_segment(FAULTY, move |segment| segment["data"] = json!(data));
        let outcome = outcome_of(answer);
        assert_cut(&outcome, data, "inline result segment");
    }
}

#[test]
fn acknowledgements_that_fail_or_hang_are_never_an_error() {
    for fault in [
        Fault::Status(404),
        Fault::Status(500),
        Fault::Refuse,
        Fault::StallAfter(0),
    ] {
        let what = format!("{fault:?}");
        let started = Instant::now();
        let outcome = outcome_of(numbers().fault(Endpoint::AnyAck, fault));
        assert_whole(&outcome, &what);
        assert!(started.elapsed() < Duration::from_secs(4), "{what}");
    }
}

/// The warnings of acknowledgements, of running the query again and again.
fn warnings(application: &Application, queries: usize) -> Vec<String> {
    let mut warnings = Vec::new();
    for _ in 0..queries {
        let mut code = application.execute(QUERY);
        while matches!(code, SQL_SUCCESS | SQL_SUCCESS_WITH_INFO) {
            if code == SQL_SUCCESS_WITH_INFO {
                assert_eq!(application.state(), "01000");
                warnings.push(application.message());
            }
            code = application.fetch();
        }
        assert_eq!(code, SQL_NO_DATA);
        // What came with the last row.
        let last = application.message();
        warnings.extend(Some(last).filter(|last| !last.is_empty()));
        application.close_cursor();
        // Those under way come to their end.
        std::thread::sleep(Duration::from_millis(100));
    }
    warnings
}

#[test]
fn acknowledgements_that_never_arrive_bring_one_warning_with_the_likely_cause() {
    let page = Fault::Respond(
        200,
        vec![("Content-Type".to_owned(), "text/html".to_owned())],
        "<html><title>Sign in</title></html>".to_owned(),
    );
    for (fault, words) in [
        (Fault::Status(404), ["HTTP status 404", "/v1/spooled"]),
        (
            Fault::Status(403),
            ["HTTP status 403", "extraWhitelistPaths"],
        ),
        (
            Fault::Status(500),
            ["HTTP status 500", "permission to delete"],
        ),
        (page, ["web page", "/v1/spooled"]),
    ] {
        let server = Server::start();
        server.on(QUERY, numbers());
        server.fault(Endpoint::AnyAck, fault);
        let application = Application::with(server);
        let warnings = warnings(&application, 3);
        assert_eq!(warnings.len(), 1, "{warnings:?}");
        let host = format!("127.0.0.1:{}", application.server.port());
        for part in [words[0], words[1], &host] {
            assert!(warnings[0].contains(part), "{warnings:?}");
        }
        let requests = application.server.requests();
        let attempts = requests.iter().filter(|it| it.path.contains("/ack/"));
        // Eighteen segments: the first failures are tried twice, later ones once.
        let attempts = attempts.count();
        assert!((18..=24).contains(&attempts), "{attempts}");
    }
}

#[test]
fn acknowledgements_that_fail_now_and_then_bring_no_warning() {
    let server = Server::start();
    server.on(QUERY, numbers().fault(Endpoint::Ack(1), Fault::Status(404)));
    let application = Application::with(server);
    assert_eq!(warnings(&application, 4), Vec::<String>::new());
}

#[test]
fn each_segment_is_acknowledged_once_after_it_was_read() {
    let server = Server::start();
    server.on(QUERY, numbers());
    let application = Application::with(server);
    assert_whole(&run(&application), "no fault");
    let all = |server: &Server| server.acknowledged().len() >= 6;
    assert!(application.server.wait_until(Duration::from_secs(5), all));
    let mut segments: Vec<usize> = application
        .server
        .acknowledged()
        .iter()
        .map(|it| it.segment)
        .collect();
    segments.sort_unstable();
    assert_eq!(segments, [0, 1, 2, 3, 4, 5]);
}

#[test]
fn redirects_to_storage_carry_the_key_and_no_credentials() {
    let server = Server::builder()
        .retrieval(Retrieval::CoordinatorRedirect)
        .start();
    let busy = Fault::Status(503).times(1);
    server.on(QUERY, numbers().fault(Endpoint::Download(FAULTY), busy));
    let application = Application::with(server);
    assert_whole(&run(&application), "redirect");
    assert!(application.server.leaks().is_empty());
    let requests = application.server.requests();
    assert!(
        requests
            .iter()
            .any(|request| request.party == Party::Storage)
    );
}

#[test]
fn a_redirect_from_https_to_http_is_refused() {
    let server = Server::builder()
        .coordinator_tls(true)
        .retrieval(Retrieval::CoordinatorRedirect)
        .start();
    server.on(QUERY, numbers());
    let authority = server.coordinator_ca_pem_path().display().to_string();
    let keywords =
        format!("SSL=1;SSLTrustStore={authority};SSLUseSystemTrustStore=0;SpoolingFallback=0;");
    let outcome = run(&Application::connected(server, &keywords));
    assert_eq!((outcome.end, outcome.rows.len()), (SQL_ERROR, 0));
    let words = "from https to http, which is refused";
    assert!(outcome.message.contains(words), "{}", outcome.message);
    assert_eq!(outcome.tries, 0);
}

#[test]
fn a_statement_has_downloads_and_memory_of_its_own() {
    let server = Server::start();
    let slow = Fault::FirstByteDelay(Duration::from_millis(30));
    server.on(QUERY, numbers().fault(Endpoint::AnySegment, slow));
    let application = Application::connected(server, "ParallelDownloads=5;MemoryLimit=3MB;");
    assert_eq!(application.get(SQL_ATTR_TRINO_PARALLEL_DOWNLOADS), 5);
    assert_eq!(application.get(SQL_ATTR_TRINO_MEMORY_LIMIT), 3 << 20);
    assert_eq!(
        application.set(SQL_ATTR_TRINO_PARALLEL_DOWNLOADS, 65),
        SQL_ERROR
    );
    assert_eq!(application.state(), "HY024");
    assert_eq!(
        application.set(SQL_ATTR_TRINO_PARALLEL_DOWNLOADS, 1),
        SQL_SUCCESS
    );
    assert_eq!(
        application.set(SQL_ATTR_TRINO_MEMORY_LIMIT, 2 << 20),
        SQL_SUCCESS
    );
    assert_eq!(application.get(SQL_ATTR_TRINO_PARALLEL_DOWNLOADS), 1);
    assert_eq!(application.get(SQL_ATTR_TRINO_MEMORY_LIMIT), 2 << 20);
    assert_whole(&run(&application), "one by one");
    assert_eq!(application.server.concurrent_peak(), 1);
}

/// Rows of 20 KB that do not compress, in segments of 200 KB whose URIs live two seconds.
fn wide_numbers() -> Answer {
    let mut state = 1_u64;
    let rows = (0..400)
        .map(|n| {
            let text: String = (0..1250)
                .map(|_| {
                    state = state.wrapping_mul(6364136223846793005).wrapping_add(n);
                    format!("{:016x}", state ^ (state >> 29))
                })
                .collect();
            format!("[{n},\"{text}\"]")
        })
        .collect();
    Answer::raw_rows(columns![("n", "bigint"), ("text", "varchar")], rows).spooled(Spooling {
        rows_per_segment: 10,
        inline_first: 0,
        segments_per_page: 8,
        direct_ttl: Duration::from_secs(4),
        ..Spooling::default()
    })
}

/// Executes, waits until all URIs are over, reads.
fn read_after_lunch(application: &Application) -> (usize, SqlReturn) {
    let (mut value, mut length) = ([0_i64], [0]);
    application.bind(1, C_SBIGINT, &mut value, 8, &mut length);
    assert_eq!(application.execute(QUERY), SQL_SUCCESS);
    std::thread::sleep(Duration::from_millis(5200));
    let mut rows = 0;
    loop {
        match application.fetch() {
            SQL_SUCCESS => assert_eq!(value[0], rows as i64),
            end => return (rows, end),
        }
        rows += 1;
    }
}

#[test]
fn segments_whose_uris_end_wait_on_disk_and_leave_nothing_there() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start();
    server.on(QUERY, wide_numbers());
    let keywords = format!("MemoryLimit=1MB;SpillPath={};", folder.path().display());
    let application = Application::connected(server, &keywords);
    let (rows, end) = read_after_lunch(&application);
    assert_eq!((rows, end), (400, SQL_NO_DATA), "{}", application.message());
    assert!(application.get(SQL_ATTR_TRINO_SEGMENTS_SPILLED) > 20);
    assert!(application.get(SQL_ATTR_TRINO_BYTES_SPILLED) > 1 << 20);
    assert!(application.get(SQL_ATTR_TRINO_PEAK_MEMORY) < 2 << 20);
    // Windows removes the name of a file when it is closed.
    let named = usize::from(cfg!(windows));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), named);
    // SAFETY: the handle is ours.
    unsafe { SQLFreeStmt(application.statement, SQL_CLOSE) };
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    assert_eq!(open_files_in(folder.path()), 0);
}

#[test]
fn without_disk_an_expired_uri_is_an_error_that_names_the_setting() {
    let server = Server::start();
    server.on(QUERY, wide_numbers());
    let application = Application::connected(server, "MemoryLimit=1MB;Spill=0;");
    let (rows, end) = read_after_lunch(&application);
    assert_eq!(end, SQL_ERROR);
    assert!((10..400).contains(&rows), "{rows}");
    let message = application.message();
    assert!(message.contains("fs.segment.direct.ttl"), "{message}");
    assert_eq!(application.get(SQL_ATTR_TRINO_SEGMENTS_SPILLED), 0);
}

#[test]
fn a_folder_that_cannot_be_written_is_told_by_the_segments_that_expire() {
    let server = Server::start();
    server.on(QUERY, wide_numbers());
    let application = Application::connected(server, "MemoryLimit=1MB;SpillPath=/no/such/folder;");
    let (rows, end) = read_after_lunch(&application);
    assert_eq!(end, SQL_ERROR);
    assert!((10..400).contains(&rows), "{rows}");
    assert!(application.message().contains("expired"));
}

#[test]
fn clocks_that_differ_are_told_by_how_much() {
    let hour_ahead = jiff_date(Duration::from_secs(3600));
    let headers = vec![("Date".to_owned(), hour_ahead)];
    let body = "<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>";
    let fault = Fault::Respond(403, headers, body.to_owned());
    let outcome = outcome_of(numbers().fault(Endpoint::Segment(FAULTY), fault));
    assert_cut(&outcome, "an hour", "seconds ahead of this computer");
    assert_eq!(outcome.tries, 1);
}

/// Files of a folder that this process has open, those without a name included.
fn open_files_in(folder: &std::path::Path) -> usize {
    let Ok(open) = std::fs::read_dir("/proc/self/fd") else {
        return 0;
    };
    open.flatten()
        .filter_map(|entry| std::fs::read_link(entry.path()).ok())
        .filter(|path| path.starts_with(folder))
        .count()
}

/// The date of HTTP so long from now.
fn jiff_date(later: Duration) -> String {
    let time = jiff::Timestamp::now() + later;
    time.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

const C_SBIGINT: i16 = -25;
