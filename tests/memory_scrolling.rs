//! A result that is scrolled through takes no more memory than its limit says, however long it is.
//!
//! In its own process: what other tests hold would count too.
#![cfg(target_os = "linux")]

#[path = "abi/application.rs"]
#[allow(dead_code, reason = "the tests of the interface use all of it")]
mod application;

#[path = "memory/long.rs"]
mod long;

use scripted_trino::Server;
use trinoodbc::abi::*;
use trinoodbc::ffi::*;

use application::*;
use long::{QUERY, ROWS, long_result, resident};

#[test]
fn a_long_result_scrolled_both_ways_stays_within_its_limit_and_64_mb() {
    let repetitions = 20;
    let server = Server::start();
    server.on(QUERY, long_result(repetitions));
    let limit = 32 << 20;
    let application = Application::with(server);
    application.set(SQL_ATTR_TRINO_MEMORY_LIMIT, limit);
    // What the server encodes once and keeps does not count.
    assert_eq!(application.execute(QUERY), SQL_SUCCESS);
    assert_eq!(application.fetch(), SQL_SUCCESS);
    let statement = application.statement;
    // SAFETY: the handle is the application's own.
    assert_eq!(unsafe { SQLFreeStmt(statement, SQL_CLOSE) }, SQL_SUCCESS);
    let before = resident();

    let (mut numbers, mut lengths) = (vec![0_i64; 1000], vec![0; 1000]);
    application.bind(1, C_SBIGINT, &mut numbers, 8, &mut lengths);
    application.set(SQL_ATTR_CURSOR_TYPE, SQL_CURSOR_STATIC);
    application.set(SQL_ATTR_ROW_ARRAY_SIZE, 1000);
    assert_eq!(application.execute(QUERY), SQL_SUCCESS);
    let mut peak = 0;
    let mut at = |orientation: i16, offset: usize, first: usize| {
        // SAFETY: what is bound lives as long as the test.
        let code = unsafe { SQLFetchScroll(statement, orientation, offset as isize) };
        assert_eq!(code, SQL_SUCCESS, "{}", application.message());
        for (row, number) in numbers.iter().enumerate() {
            // SAFETY: a reference is valid.
            let number = unsafe { std::ptr::from_ref(number).read_volatile() };
            assert_eq!(number, ((first + row) % ROWS) as i64);
        }
        peak = peak.max(resident());
        // What the server remembers does not count either.
        application.server.forget_requests();
    };
    let rows = repetitions * ROWS;
    for first in (0..rows / 2).step_by(1000) {
        at(SQL_FETCH_NEXT, 0, first);
    }
    at(SQL_FETCH_LAST, 0, rows - 1000);
    for first in (0..rows - 1000).step_by(1000).rev() {
        at(SQL_FETCH_PRIOR, 0, first);
    }
    let mut first = 0;
    for _ in 0..300 {
        first = (first + 7919 * 97) % (rows - 999);
        at(SQL_FETCH_ABSOLUTE, first + 1, first);
    }
    let taken = peak.saturating_sub(before);
    println!("{taken} bytes taken, limit {limit}");
    assert!(
        taken < limit + (64 << 20),
        "{taken} bytes taken, limit {limit}"
    );
}
