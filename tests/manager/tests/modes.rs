//! One retrieval mode of a real two-node Trino, whose storage encrypts each segment.
//!
//! Run once for each mode: what is asserted follows from the mode of the lab that is there.

use std::time::{Duration, Instant};

use client_tests::client::{Connection, Failure, RETRIEVAL_MODE, SEGMENTS_SPILLED, Statement};
use client_tests::lab::Lab;
use client_tests::odbc::SQL_ATTR_QUERY_TIMEOUT;
use client_tests::rows::{assert_same, fetched_and_told, rows_of};

/// Each way in which a segment may be encoded.
const ENCODINGS: [&str; 3] = ["json+zstd", "json+lz4", "json"];

const ORDERED: &str = "SELECT * FROM tpch.sf1.orders WHERE orderkey <= 240000 ORDER BY orderkey";
const ROWS: usize = 60_000;

/// Whether clients of that mode talk to storage themselves.
fn goes_to_storage(lab: &Lab) -> bool {
    match lab.fact("mode").expect("a mode") {
        "STORAGE" | "COORDINATOR_STORAGE_REDIRECT" => true,
        "COORDINATOR_PROXY" | "WORKER_PROXY" => false,
        other => panic!("no mode is called {other}"),
    }
}

/// The number of rows, or the first error.
fn count(text: &str) -> Result<usize, Failure> {
    let connection = Connection::open(text)?;
    let mut statement = connection.run(ORDERED)?;
    let mut rows = 0;
    while statement.fetch()? {
        rows += 1;
    }
    Ok(rows)
}

#[test]
fn each_encoding_gives_the_rows_of_the_direct_protocol_in_their_order() {
    let lab = Lab::get();
    let table = lab.read(ORDERED);
    let wanted = rows_of(&table);
    assert_eq!(wanted.len(), ROWS);
    let mode = lab.fact("mode").expect("a mode");
    for encoding in ENCODINGS {
        let text = lab.string(&format!("Encoding={encoding};"));
        let fetched = fetched_and_told(&text, ORDERED, &table.columns);
        let context = format!("{mode}, {encoding}");
        assert_same(&context, &fetched.rows, &wanted);
        assert_eq!(fetched.mode, mode, "{context}");
        assert!(
            fetched.segments > 1,
            "{context}: {} spooled",
            fetched.segments
        );
    }
    let direct = fetched_and_told(&lab.string("Encoding=none;"), ORDERED, &table.columns);
    assert_same("direct", &direct.rows, &wanted);
    assert_eq!((direct.mode.as_str(), direct.segments), ("DIRECT", 0));
}

#[test]
fn only_who_goes_to_storage_needs_its_trust_store() {
    let lab = Lab::get();
    let text = lab.string_without("storage_ca", "SpoolingFallback=false;");
    let counted = count(&text);
    if !goes_to_storage(&lab) {
        assert_eq!(counted.unwrap(), ROWS);
        return;
    }
    let failure = counted.unwrap_err();
    let storage = lab.fact("storage").expect("a storage");
    let host = storage.trim_start_matches("https://");
    assert!(failure.state().starts_with("08"), "{failure}");
    assert!(failure.message().contains(host), "{failure}");
    assert!(failure.message().contains("StorageTrustStore"), "{failure}");
}

#[test]
fn without_trust_in_storage_the_rows_come_another_way_or_the_error_says_why() {
    let lab = Lab::get();
    let connection = Connection::open(&lab.string_without("storage_ca", "")).unwrap();
    let mut statement = connection.statement();
    statement.execute(ORDERED).unwrap();
    let mut warnings = statement.warnings.clone();
    let mut rows = 0;
    loop {
        match statement.fetch() {
            Ok(true) => rows += 1,
            Ok(false) => break,
            Err(failure) => {
                // With rows handed out already, there is no other way.
                assert!(goes_to_storage(&lab) && rows > 0, "{failure}");
                assert!(failure.message().contains("StorageTrustStore"), "{failure}");
                return;
            }
        }
        warnings.append(&mut statement.warnings);
    }
    assert_eq!(rows, ROWS);
    if goes_to_storage(&lab) {
        let [warning] = &warnings[..] else {
            panic!("one warning: {warnings:?}")
        };
        assert_eq!(warning.state, "01000", "{warning:?}");
        assert_eq!(statement.text_attribute(RETRIEVAL_MODE).unwrap(), "DIRECT");
    } else {
        assert_eq!(warnings, []);
    }
}

#[test]
fn neither_authority_is_trusted_in_the_others_place() {
    let lab = Lab::get();
    let storage = lab.fact("storage_ca").expect("storage's authority");
    if lab.fact("scheme") == Some("https") {
        let more = format!("SSLTrustStore={storage};");
        let failure = count(&lab.string_without("coordinator_ca", &more)).unwrap_err();
        assert!(failure.message().contains("SSLTrustStore"), "{failure}");
        assert!(
            !failure.message().contains("StorageTrustStore"),
            "{failure}"
        );
    }
    if goes_to_storage(&lab) {
        // Over plain HTTP the coordinator has no authority; storage's stands in its place.
        let more = match lab.fact("coordinator_ca") {
            Some(authority) => format!("StorageTrustStore={authority};"),
            None => format!("SSLTrustStore={storage};"),
        };
        let more = more + "SpoolingFallback=false;";
        let text = lab.string_without("storage_ca", &more);
        let failure = count(&text).unwrap_err();
        assert!(failure.message().contains("StorageTrustStore"), "{failure}");
    }
}

#[test]
fn no_query_is_left_after_disconnecting() {
    let lab = Lab::get();
    let source = format!("modes-{}", std::process::id());
    let connection = Connection::open(&lab.string(&format!("Source={source};"))).unwrap();
    for _ in 0..3 {
        let mut statement = connection.run("SELECT * FROM tpch.sf1.lineitem").unwrap();
        assert!(statement.fetch().unwrap());
        std::mem::forget(statement);
    }
    assert_eq!(lab.queries_of(&source).len(), 3);
    let start = Instant::now();
    connection.close().unwrap();
    let closing = start.elapsed();
    assert!(closing < Duration::from_secs(5), "{closing:?}");
    lab.assert_nothing_runs(&source);
}

#[test]
fn a_query_that_ran_into_its_time_is_cancelled_on_the_server() {
    let lab = Lab::get();
    let source = format!("modes-late-{}", std::process::id());
    let connection = Connection::open(&lab.string(&format!("Source={source};"))).unwrap();
    let mut statement = connection.statement();
    statement.set_attribute(SQL_ATTR_QUERY_TIMEOUT, 1).unwrap();
    // Much to do, and not a row before all of it is done.
    let sql = "SELECT count(*) FROM tpch.sf1.lineitem a CROSS JOIN tpch.sf1.lineitem b \
               WHERE a.comment < b.comment";
    let failure = statement
        .execute(sql)
        .and_then(|_| statement.fetch().map(|_| 0))
        .unwrap_err();
    assert_eq!(failure.state(), "HYT00", "{failure}");
    lab.assert_nothing_runs(&source);
    statement.close().unwrap();
    // That may take a second on a busy machine.
    statement.set_attribute(SQL_ATTR_QUERY_TIMEOUT, 0).unwrap();
    statement.execute("SELECT 1").unwrap();
    assert_eq!(statement.rest().unwrap().len(), 1);
}

/// Reads one row, leaves the rest alone until no URI that was handed out by then works any more, and reads on.
/// The statement, the order keys that were read, and how that ended.
fn read_after_a_pause<'c>(
    connection: &'c Connection,
) -> (Statement<'c>, Vec<String>, Result<(), Failure>) {
    let mut statement = connection.run(ORDERED).unwrap();
    let mut keys = Vec::new();
    let ended = loop {
        match statement.fetch() {
            Ok(true) => keys.push(statement.text(1).unwrap().expect("an order key")),
            Ok(false) => break Ok(()),
            Err(failure) => break Err(failure),
        }
        if keys.len() == 1 {
            std::thread::sleep(PAST_THE_URIS);
        }
    };
    (statement, keys, ended)
}

#[test]
fn rows_wait_on_disk_for_a_reader_who_was_away_longer_than_the_uris_live() {
    let lab = Lab::get();
    if lab.fact("mode") != Some("STORAGE") {
        // Elsewhere the URIs live as long as the segments, which is hours.
        return;
    }
    let wanted =
        lab.read("SELECT orderkey FROM tpch.sf1.orders WHERE orderkey <= 240000 ORDER BY 1");
    let wanted: Vec<_> = wanted
        .rows
        .iter()
        .map(|row| row[0].get().to_owned())
        .collect();
    let connection = Connection::open(&lab.string("MemoryLimit=1MB;")).unwrap();
    let (mut statement, keys, ended) = read_after_a_pause(&connection);
    ended.unwrap();
    assert_eq!(keys, wanted);
    let spilled = statement.number_attribute(SEGMENTS_SPILLED).unwrap();
    assert!(spilled > 0, "no segment waited on disk");
}

#[test]
fn without_a_disk_a_reader_who_was_away_too_long_is_told_so() {
    let lab = Lab::get();
    if lab.fact("mode") != Some("STORAGE") {
        return;
    }
    let connection = Connection::open(&lab.string("MemoryLimit=1MB;Spill=false;")).unwrap();
    let (_, keys, ended) = read_after_a_pause(&connection);
    let failure = ended.expect_err("URIs that still work");
    assert!(keys.len() < ROWS, "{}", keys.len());
    assert!(failure.message().contains("has expired"), "{failure}");
    assert!(
        failure.message().contains("fs.segment.direct.ttl"),
        "{failure}"
    );
}

/// More than signed URIs live in this lab.
const PAST_THE_URIS: Duration = Duration::from_secs(27);
