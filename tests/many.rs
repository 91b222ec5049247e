//! Many results open at a time in one process: what they take together, that each goes on, and that a process which may
//! open no more files waits.
//!
//! In its own process: what other tests hold would count too.
#![cfg(target_os = "linux")]

#[path = "abi/application.rs"]
#[allow(dead_code, reason = "the tests of the interface use all of it")]
mod application;

#[path = "fork/child.rs"]
mod child;

#[path = "memory/long.rs"]
mod long;

use std::fs::File;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use scripted_trino::Server;
use trinoodbc::abi::*;
use trinoodbc::ffi::*;

use application::*;
use child::in_a_child;
use long::{QUERY, ROWS, long_result, resident};

/// One at a time: they look at the whole process.
static ALONE: Mutex<()> = Mutex::new(());

#[test]
fn results_that_one_thread_reads_in_turn_share_the_memory_of_the_process() {
    let _alone = ALONE.lock();
    let server = Server::start();
    server.on(QUERY, long_result(2));
    let application = Application::connected(server, "ProcessMemoryLimit=48MB;");
    let statement = || allocate(SQL_HANDLE_STMT, application.connection);
    // What the server encodes once and keeps does not count.
    let warm = statement();
    assert_eq!(execute(warm, QUERY), SQL_SUCCESS);
    // SAFETY: the handle is the test's own.
    unsafe { SQLFreeHandle(SQL_HANDLE_STMT, warm) };
    let before = resident();

    let statements: Vec<_> = (0..16).map(|_| statement()).collect();
    let (mut numbers, mut lengths) = (vec![0_i64; 1000], vec![0_isize; 1000]);
    for handle in &statements {
        assert_eq!(execute(*handle, QUERY), SQL_SUCCESS);
        let rows = std::ptr::without_provenance_mut(1000);
        // SAFETY: a number, and buffers that outlive the fetches.
        unsafe {
            SQLSetStmtAttrW(*handle, SQL_ATTR_ROW_ARRAY_SIZE, rows, 0);
            let place = numbers.as_mut_ptr().cast();
            SQLBindCol(*handle, 1, C_SBIGINT, place, 8, lengths.as_mut_ptr());
        }
    }
    let mut peak = 0;
    for first in (0..2 * ROWS).step_by(1000) {
        for handle in &statements {
            // SAFETY: as above.
            assert_eq!(unsafe { SQLFetch(*handle) }, SQL_SUCCESS);
            // SAFETY: a reference is valid.
            let number = unsafe { std::ptr::from_ref(&numbers[999]).read_volatile() };
            assert_eq!(number, ((first + 999) % ROWS) as i64);
        }
        if first % 10_000 == 0 {
            peak = peak.max(resident());
            application.server.forget_requests();
        }
    }
    for handle in statements {
        // SAFETY: as above.
        assert_eq!(unsafe { SQLFetch(handle) }, SQL_NO_DATA);
        // SAFETY: each is freed once.
        unsafe { SQLFreeHandle(SQL_HANDLE_STMT, handle) };
    }
    let taken = peak.saturating_sub(before);
    println!("{taken} bytes taken");
    // All of them whole would be 320 MB.
    assert!(taken < 176 << 20, "{taken} bytes taken");
}

#[test]
fn a_process_that_may_open_no_more_files_waits_for_sockets() {
    let _alone = ALONE.lock();
    let server = Server::start();
    server.on(QUERY, long_result(1));
    let port = server.port();
    // The server's sockets are the parent's.
    let code = in_a_child(Duration::from_secs(60), move || {
        let connection = allocate(SQL_HANDLE_DBC, environment());
        if connect_with(connection, port, "SpoolingFallback=false;") != SQL_SUCCESS {
            return 1;
        }
        let statement = allocate(SQL_HANDLE_STMT, connection);
        // The connection to the coordinator is kept, storage has none.
        // SAFETY: the handle is the child's own.
        if execute(statement, "SELECT 1") != SQL_SUCCESS
            || unsafe { SQLFreeStmt(statement, SQL_CLOSE) } != SQL_SUCCESS
        {
            return 2;
        }
        let limit = open_files();
        limit_open_files(64);
        let full: Vec<File> = std::iter::from_fn(|| File::open("/dev/null").ok()).collect();
        std::thread::spawn(move || {
            // Longer than a first segment is tried that another way could replace.
            std::thread::sleep(Duration::from_secs(5));
            drop(full);
            limit_open_files(limit);
        });
        let begun = Instant::now();
        if execute(statement, QUERY) != SQL_SUCCESS {
            return 3;
        }
        let mut rows = 0;
        // SAFETY: nothing is bound.
        while unsafe { SQLFetch(statement) } == SQL_SUCCESS {
            rows += 1;
        }
        match rows {
            ROWS if begun.elapsed() >= Duration::from_secs(4) => 0,
            ROWS => 4,
            _ => 5,
        }
    });
    assert_eq!(code, 0);
}

fn open_files() -> u64 {
    let mut limit = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    // SAFETY: `limit` is a place for what is asked.
    assert_eq!(
        unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &mut limit) },
        0
    );
    limit.rlim_cur
}

fn limit_open_files(files: u64) {
    let mut limit = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    // SAFETY: `limit` is a place for what is asked, and holds a number that is allowed.
    let set = unsafe {
        libc::getrlimit(libc::RLIMIT_NOFILE, &mut limit);
        limit.rlim_cur = files;
        libc::setrlimit(libc::RLIMIT_NOFILE, &limit)
    };
    assert_eq!(set, 0);
}
