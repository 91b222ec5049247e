//! Eight threads with their own statements, on one connection and on eight.
//!
//! A second of it shows little; `cargo xtask threads` runs it for minutes under the thread sanitizer.

use std::ptr::null_mut;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use scripted_trino::{Answer, QueryError, Spooling};
use trinoodbc::abi::*;
use trinoodbc::ffi::*;

use crate::application::*;

#[test]
fn eight_threads_have_statements_of_their_own_on_one_connection() {
    let stage = Stage::new(1);
    stage.play();
}

#[test]
fn eight_threads_have_connections_of_their_own() {
    let stage = Stage::new(THREADS);
    stage.play();
}

/// A server, connections to it, and the statement that each thread is at.
struct Stage {
    application: Application,
    connections: Vec<Handle>,
    /// Where a thread's neighbour finds the statement to cancel.
    current: [AtomicUsize; THREADS],
    /// What one thread alone reads of [`MANY`].
    expected: i64,
    end: Instant,
}

// SAFETY: handles may be used from any thread: that is what is tested.
unsafe impl Sync for Stage {}

impl Stage {
    fn new(connections: usize) -> Self {
        let application = Application::start();
        let error = QueryError::new("TABLE_NOT_FOUND", 46, "Table 'a.b.c' does not exist");
        let many = Answer::generated(&["bigint", "varchar"], ROWS, 7).spooled(Spooling {
            rows_per_segment: 300,
            ..Spooling::default()
        });
        let server = &application.server;
        server.on("SELECT missing", Answer::error(error));
        server.on(MANY, many);
        assert_eq!(application.execute(MANY), SQL_SUCCESS);
        let (count, sum) = read(application.statement, true).expect("alone, nobody cancels");
        assert_eq!(count, ROWS);
        let connections = (0..connections).map(|_| {
            let connection = allocate(SQL_HANDLE_DBC, application.environment);
            assert_eq!(connect(connection, server), SQL_SUCCESS);
            connection
        });
        let connections = connections.collect();
        let seconds = std::env::var("TRINO_ODBC_THREADS_SECONDS");
        let seconds = seconds.map_or(1.0, |text| text.parse().expect("seconds"));
        Self {
            application,
            connections,
            current: Default::default(),
            expected: sum,
            end: Instant::now() + Duration::from_secs_f64(seconds),
        }
    }

    fn play(&self) {
        let rounds: usize = thread::scope(|scope| {
            let threads: Vec<_> = (0..THREADS)
                .map(|number| scope.spawn(move || self.part(number)))
                .collect();
            let parts = threads.into_iter().map(|thread| thread.join().unwrap());
            parts.sum()
        });
        assert!(rounds >= THREADS, "{rounds} rounds");
        println!("{rounds} rounds");
        for connection in &self.connections {
            // SAFETY: the handle is ours.
            assert_eq!(unsafe { SQLDisconnect(*connection) }, SQL_SUCCESS);
            free(SQL_HANDLE_DBC, *connection);
        }
        let server = &self.application.server;
        let limit = Duration::from_secs(20);
        let stopped = server.wait_until(limit, |server| server.running_queries().is_empty());
        assert!(stopped, "{:?}", server.running_queries());
    }

    /// What one thread does, until the time is over; gives how often.
    fn part(&self, number: usize) -> usize {
        let connection = self.connections[number % self.connections.len()];
        let mut round = 0;
        while round == 0 || Instant::now() < self.end {
            let statement = allocate(SQL_HANDLE_STMT, connection);
            self.current[number].store(statement.expose_provenance(), Ordering::Relaxed);
            for turn in 0..4 {
                self.statement((round + turn + number) % KINDS, number, statement);
            }
            ask(connection);
            self.current[number].store(0, Ordering::Relaxed);
            free(SQL_HANDLE_STMT, statement);
            if self.connections.len() > 1 && round % 8 == 7 {
                // SAFETY: the handle is ours, and without statements.
                assert_eq!(unsafe { SQLDisconnect(connection) }, SQL_SUCCESS);
                assert_eq!(connect(connection, &self.application.server), SQL_SUCCESS);
            }
            round += 1;
        }
        round
    }

    fn statement(&self, kind: usize, number: usize, statement: Handle) {
        let is_cancelled = |statement| state(SQL_HANDLE_STMT, statement) == "HY008";
        let run = |sql| match execute(statement, sql) {
            SQL_SUCCESS => true,
            SQL_ERROR if is_cancelled(statement) => false,
            code => panic!("{sql}: {code} {}", message(SQL_HANDLE_STMT, statement)),
        };
        match kind {
            0 | 1 if run(MANY) => match read(statement, kind == 0) {
                Ok(read) => assert_eq!(read, (ROWS, self.expected)),
                Err(state) => assert_eq!(state, "HY008"),
            },
            2 if run(THREE) => {
                // SAFETY: nothing is bound.
                while [SQL_SUCCESS, SQL_SUCCESS_WITH_INFO].contains(&unsafe { SQLFetch(statement) })
                {
                    let mut text = [0_u8; 8];
                    let place = text.as_mut_ptr().cast();
                    // SAFETY: the place has 8 bytes.
                    unsafe { SQLGetData(statement, 2, C_CHAR, place, 8, null_mut()) };
                }
            }
            3 => {
                assert_eq!(execute(statement, "SELECT missing"), SQL_ERROR);
                let state = state(SQL_HANDLE_STMT, statement);
                assert!(["42S02", "HY008"].contains(&state.as_str()), "{state}");
            }
            4 if run(UPDATE) => {}
            5 => {
                // SAFETY: the handle is ours.
                unsafe { SQLGetTypeInfoW(statement, SQL_ALL_TYPES) };
                // SAFETY: nothing is bound.
                unsafe { SQLFetch(statement) };
            }
            6 => {
                let neighbour = self.current[(number + 1) % THREADS].load(Ordering::Relaxed);
                if neighbour != 0 {
                    // SAFETY: a statement that was freed meanwhile is refused.
                    unsafe { SQLCancel(std::ptr::with_exposed_provenance_mut(neighbour)) };
                }
            }
            _ => {}
        }
        // SAFETY: the handle is ours.
        unsafe { SQLFreeStmt(statement, SQL_CLOSE) };
        // SAFETY: as above.
        unsafe { SQLFreeStmt(statement, SQL_UNBIND) };
    }
}

/// Count of the rows and sum of the first column; the SQLSTATE when a fetch failed.
fn read(statement: Handle, in_blocks: bool) -> Result<(usize, i64), String> {
    let (mut numbers, mut lengths, mut fetched) = ([0_i64; 100], [0_isize; 100], 0_usize);
    let size = if in_blocks { numbers.len() } else { 1 };
    let set = |attribute, value| {
        // SAFETY: numbers, and an address that outlives the fetches below.
        let code = unsafe { SQLSetStmtAttrW(statement, attribute, value, 0) };
        assert_eq!(code, SQL_SUCCESS);
    };
    set(
        SQL_ATTR_ROW_ARRAY_SIZE,
        std::ptr::without_provenance_mut(size),
    );
    set(SQL_ATTR_ROWS_FETCHED_PTR, (&raw mut fetched).cast());
    let place = numbers.as_mut_ptr().cast();
    // SAFETY: the buffers outlive the fetches below.
    unsafe { SQLBindCol(statement, 1, C_SBIGINT, place, 8, lengths.as_mut_ptr()) };
    let (mut count, mut sum) = (0, 0_i64);
    let end = loop {
        // SAFETY: what is bound is still there.
        match unsafe { SQLFetch(statement) } {
            SQL_SUCCESS | SQL_SUCCESS_WITH_INFO => {
                count += fetched;
                let cells = numbers[..fetched].iter().zip(&lengths);
                let known = cells.filter(|(_, length)| **length != SQL_NULL_DATA);
                sum = known.fold(sum, |sum, (number, _)| sum.wrapping_add(*number));
            }
            SQL_NO_DATA => break Ok((count, sum)),
            _ => break Err(state(SQL_HANDLE_STMT, statement)),
        }
    };
    set(SQL_ATTR_ROWS_FETCHED_PTR, null_mut());
    end
}

/// What tools ask a connection between statements.
fn ask(connection: Handle) {
    for info_type in [SQL_DBMS_VER, SQL_DATABASE_NAME, SQL_KEYWORDS] {
        let mut text = [0_u16; 1000];
        let place = text.as_mut_ptr().cast();
        // SAFETY: the buffer is as long as said.
        let code = unsafe { SQLGetInfoW(connection, info_type, place, 2000, null_mut()) };
        assert_eq!(code, SQL_SUCCESS);
    }
}

fn free(kind: i16, handle: Handle) {
    // SAFETY: freed once.
    assert_eq!(unsafe { SQLFreeHandle(kind, handle) }, SQL_SUCCESS);
}

const THREADS: usize = 8;
/// Kinds of things that a thread does.
const KINDS: usize = 7;
const MANY: &str = "SELECT many";
const ROWS: usize = 4_000;
