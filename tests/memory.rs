//! A long result that is read slowly takes no more memory than its limit says.
//!
//! In its own process: what other tests hold would count too.
#![cfg(target_os = "linux")]

#[path = "abi/application.rs"]
#[allow(dead_code, reason = "the tests of the interface use all of it")]
mod application;

#[path = "memory/long.rs"]
mod long;

use std::time::Duration;

use scripted_trino::Server;
use trinoodbc::abi::*;

use application::*;
use long::{QUERY, ROWS, long_result, resident};

#[test]
fn a_long_result_read_slowly_stays_within_its_limit_and_64_mb() {
    let repetitions = match std::env::var("TRINO_ODBC_MEMORY_TEST_GB") {
        Ok(text) => text.parse::<usize>().unwrap() * 100,
        Err(_) => 40,
    };
    let server = Server::start();
    server.on(QUERY, long_result(repetitions));
    let limit = 32 << 20;
    let application = Application::with(server);
    application.set(SQL_ATTR_TRINO_MEMORY_LIMIT, limit);
    // What the server encodes once and keeps does not count.
    assert_eq!(application.execute(QUERY), SQL_SUCCESS);
    assert_eq!(application.fetch(), SQL_SUCCESS);
    // SAFETY: the handle is the application's own.
    let closed = unsafe { trinoodbc::ffi::SQLFreeStmt(application.statement, SQL_CLOSE) };
    assert_eq!(closed, SQL_SUCCESS);
    let before = resident();

    let (mut numbers, mut lengths) = (vec![0_i64; 1000], vec![0; 1000]);
    let mut fetched = 0_usize;
    application.bind(1, C_SBIGINT, &mut numbers, 8, &mut lengths);
    application.set(SQL_ATTR_ROW_ARRAY_SIZE, 1000);
    application.set(
        SQL_ATTR_ROWS_FETCHED_PTR,
        (&raw mut fetched).expose_provenance(),
    );
    assert_eq!(application.execute(QUERY), SQL_SUCCESS);
    let (mut rows, mut peak) = (0, 0);
    while application.fetch() == SQL_SUCCESS {
        for number in &numbers[..fetched] {
            assert_eq!(*number, (rows % ROWS) as i64);
            rows += 1;
        }
        if rows % (ROWS / 10) == 0 {
            // Time to read ahead as far as it goes.
            std::thread::sleep(Duration::from_millis(5));
            peak = peak.max(resident());
            // Nor does what the server remembers.
            application.server.forget_requests();
        }
    }
    assert_eq!(rows, repetitions * ROWS, "{}", application.state());
    let taken = peak.saturating_sub(before);
    let own = application.get(SQL_ATTR_TRINO_PEAK_MEMORY);
    println!("{taken} bytes taken, {own} by the driver's own count, of {limit}");
    assert!(own > limit / 2, "{own}: nothing was read ahead");
    assert!(
        taken < limit + (64 << 20),
        "{taken} bytes taken, limit {limit}"
    );
}

const C_SBIGINT: i16 = -25;
