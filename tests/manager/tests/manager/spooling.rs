//! Spooled results: trust, credentials, acknowledgements, fallback.

use std::time::{Duration, Instant};

use client_tests::client::Connection;
use client_tests::driver;
use scripted_trino::{Answer, Retrieval, Server, Spooling};

const SQL: &str = "SELECT * FROM t";
const ROWS: usize = 4000;

fn answer() -> Answer {
    Answer::generated(&["bigint", "varchar"], ROWS, 1).spooled(Spooling {
        rows_per_segment: 250,
        inline_first: 2,
        ..Spooling::default()
    })
}

#[test]
fn requests_to_storage_carry_nothing_of_the_coordinators() {
    let server = Server::builder()
        .coordinator_tls(true)
        .storage_tls(true)
        .password("ann", "s3cret")
        .start();
    server.on(SQL, answer());
    let text = driver::string(&server)
        + "UID=ann;PWD=s3cret;ClientTags=a,b;TraceToken=t;ExtraCredentials=k:v;";
    let connection = Connection::open(&text).unwrap();
    assert_eq!(connection.rows(SQL).unwrap().len(), ROWS);
    assert_eq!(server.storage_requests().len(), ROWS / 250 - 2);
    assert!(server.leaks().is_empty(), "{:?}", server.leaks());
}

#[test]
fn every_retrieval_mode_gives_the_rows_and_leaks_nothing() {
    for mode in [
        Retrieval::Storage,
        Retrieval::CoordinatorRedirect,
        Retrieval::CoordinatorProxy,
        Retrieval::WorkerProxy,
    ] {
        let server = Server::builder().storage_tls(true).retrieval(mode).start();
        server.on(SQL, answer());
        let connection = Connection::open(&driver::string(&server)).unwrap();
        let rows = connection
            .rows(SQL)
            .unwrap_or_else(|failure| panic!("{mode:?}: {failure}"));
        assert_eq!(rows.len(), ROWS, "{mode:?}");
        assert!(server.leaks().is_empty(), "{mode:?}: {:?}", server.leaks());
    }
}

#[test]
fn storage_with_a_private_authority_needs_its_own_trust_store() {
    let server = Server::builder().storage_tls(true).start();
    server.on(SQL, answer());
    let plain = format!(
        "Driver={{{}}};Host=127.0.0.1;Port={};User=tester;SpoolingFallback=false;",
        driver::NAME,
        server.port()
    );
    let coordinators = format!(
        "{plain}SSLTrustStore={};",
        server.storage_ca_pem_path().display()
    );
    for text in [&plain, &coordinators] {
        let connection = Connection::open(text).unwrap();
        let start = Instant::now();
        let mut statement = connection.statement();
        let failure = statement
            .execute(SQL)
            .and_then(|_| statement.rest().map(|_| 0))
            .unwrap_err();
        assert!(
            start.elapsed() < Duration::from_secs(15),
            "{:?}",
            start.elapsed()
        );
        assert!(failure.state().starts_with("08"), "{failure}");
        assert!(failure.message().contains("127.0.0.1"), "{failure}");
        assert!(failure.message().contains("StorageTrustStore"), "{failure}");
    }
    let connection = Connection::open(&driver::string(&server)).unwrap();
    assert_eq!(connection.rows(SQL).unwrap().len(), ROWS);
}

#[test]
fn storage_is_not_verified_when_told_so() {
    let server = Server::builder().storage_tls(true).start();
    server.on(SQL, answer());
    let text = format!(
        "Driver={{{}}};Host=127.0.0.1;Port={};User=tester;StorageSSLVerification=None;",
        driver::NAME,
        server.port()
    );
    let connection = Connection::open(&text).unwrap();
    assert_eq!(connection.rows(SQL).unwrap().len(), ROWS);
}

#[test]
fn every_spooled_segment_is_acknowledged_once() {
    let server = Server::start();
    server.on(SQL, answer());
    let connection = Connection::open(&driver::string(&server)).unwrap();
    assert_eq!(connection.rows(SQL).unwrap().len(), ROWS);
    let spooled = ROWS / 250 - 2;
    let limit = Duration::from_secs(5);
    server.wait_until(limit, |server| server.acknowledged().len() >= spooled);
    let mut segments: Vec<_> = server
        .acknowledged()
        .iter()
        .map(|ack| ack.segment)
        .collect();
    segments.sort_unstable();
    assert_eq!(segments, (2..ROWS / 250).collect::<Vec<_>>());
}

#[test]
fn acknowledgements_are_sent_before_the_connection_ends() {
    let server = Server::start();
    server.on(SQL, answer());
    let connection = Connection::open(&driver::string(&server)).unwrap();
    assert_eq!(connection.rows(SQL).unwrap().len(), ROWS);
    connection.close().unwrap();
    let limit = Duration::from_secs(5);
    let all = server.wait_until(limit, |server| {
        server.acknowledged().len() == ROWS / 250 - 2
    });
    assert!(all, "{} acknowledged", server.acknowledged().len());
}

#[test]
fn a_server_that_does_not_spool_is_read_directly() {
    let server = Server::builder().spooling(false).start();
    server.on(SQL, answer());
    let connection = Connection::open(&driver::string(&server)).unwrap();
    assert_eq!(connection.rows(SQL).unwrap().len(), ROWS);
    assert!(server.storage_requests().is_empty());
}

#[test]
fn no_encoding_is_offered_when_none_is_wanted() {
    let server = Server::start();
    server.on(SQL, answer());
    let connection = Connection::open(&(driver::string(&server) + "Encoding=none;")).unwrap();
    assert_eq!(connection.rows(SQL).unwrap().len(), ROWS);
    let requests = server.requests();
    let post = requests
        .iter()
        .find(|request| request.method == "POST")
        .unwrap();
    assert_eq!(post.header("x-trino-query-data-encoding"), None);
}

#[test]
fn segments_are_downloaded_side_by_side_ahead_of_the_application() {
    let server = Server::start();
    let answer = answer().fault(
        scripted_trino::Endpoint::AnySegment,
        scripted_trino::Fault::FirstByteDelay(Duration::from_millis(150)),
    );
    server.on(SQL, answer);
    let text = driver::string(&server) + "ParallelDownloads=8;";
    let connection = Connection::open(&text).unwrap();
    let mut statement = connection.run(SQL).unwrap();
    assert!(statement.fetch().unwrap());
    assert!(
        server.wait_until(Duration::from_secs(5), |server| server.concurrent_peak()
            > 3)
    );
    assert_eq!(statement.rest().unwrap().len(), ROWS - 1);
    assert!(
        server.concurrent_peak() <= 8,
        "{}",
        server.concurrent_peak()
    );
}
