//! Calls that meet each other on several threads.

use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use scripted_trino::Answer;
use trinoodbc::abi::*;
use trinoodbc::ffi::*;

use crate::application::*;

const SOON: Duration = Duration::from_secs(8);

/// A handle that goes to another thread.
#[derive(Clone, Copy)]
struct Sent(usize);

impl Sent {
    fn new(handle: Handle) -> Self {
        Self(handle.expose_provenance())
    }

    fn handle(self) -> Handle {
        std::ptr::with_exposed_provenance_mut(self.0)
    }
}

/// What `work` comes to on its own thread; panics when that takes too long. A thread that
/// hangs stays behind.
fn promptly<T: Send + 'static>(what: &str, work: impl FnOnce() -> T + Send + 'static) -> T {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || sender.send(work()));
    receiver
        .recv_timeout(SOON)
        .unwrap_or_else(|_| panic!("{what} hangs"))
}

/// An application whose statement is executing a query of a minute.
fn executing() -> (Application, mpsc::Receiver<(SqlReturn, String)>) {
    let application = Application::start();
    let answer = Answer::generated(&["bigint"], 1, 1).runs_for(Duration::from_secs(60));
    application.server.on("SELECT slow", answer);
    let statement = Sent::new(application.statement);
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut code = execute(statement.handle(), "SELECT slow");
        if code == SQL_SUCCESS {
            // SAFETY: nothing is bound.
            code = unsafe { SQLFetch(statement.handle()) };
        }
        let _ = sender.send((code, state(SQL_HANDLE_STMT, statement.handle())));
    });
    let started = application
        .server
        .wait_until(SOON, |server| !server.running_queries().is_empty());
    assert!(started);
    thread::sleep(Duration::from_millis(100));
    (application, receiver)
}

#[test]
fn a_cancel_wakes_a_waiting_call() {
    let (application, receiver) = executing();
    // SAFETY: the handle is ours.
    assert_eq!(unsafe { SQLCancel(application.statement) }, SQL_SUCCESS);
    let (code, state) = receiver.recv_timeout(SOON).expect("the call wakes");
    assert_eq!((code, state.as_str()), (SQL_ERROR, "HY008"));
    assert_eq!(application.execute("SELECT 1"), SQL_SUCCESS);
}

#[test]
fn a_cancel_by_handle_wakes_a_waiting_call() {
    let (application, receiver) = executing();
    // SAFETY: the handle is ours.
    let code = unsafe { SQLCancelHandle(SQL_HANDLE_STMT, application.statement) };
    assert_eq!(code, SQL_SUCCESS);
    let (code, state) = receiver.recv_timeout(SOON).expect("the call wakes");
    assert_eq!((code, state.as_str()), (SQL_ERROR, "HY008"));
}

#[test]
fn disconnecting_does_not_wait_for_a_call_that_waits() {
    let (application, receiver) = executing();
    let connection = Sent::new(application.connection);
    let start = Instant::now();
    promptly("SQLDisconnect", move || {
        // SAFETY: the handle is ours.
        unsafe { SQLDisconnect(connection.handle()) }
    });
    assert!(start.elapsed() < SOON);
    let (code, _) = receiver.recv_timeout(SOON).expect("the call wakes");
    assert_ne!(code, SQL_SUCCESS);
    let stopped = application
        .server
        .wait_until(SOON, |server| server.running_queries().is_empty());
    assert!(stopped);
}

#[test]
fn freeing_does_not_wait_for_a_call_that_waits() {
    let (application, receiver) = executing();
    let statement = Sent::new(application.statement);
    promptly("SQLFreeHandle", move || {
        // SAFETY: the handle is ours.
        unsafe { SQLFreeHandle(SQL_HANDLE_STMT, statement.handle()) }
    });
    let (code, _) = receiver.recv_timeout(SOON).expect("the call wakes");
    assert_ne!(code, SQL_SUCCESS);
}

#[test]
fn a_statement_waits_for_nothing_that_its_sibling_does() {
    let (application, receiver) = executing();
    let connection = Sent::new(application.connection);
    promptly("a second statement", move || {
        let second = allocate(SQL_HANDLE_STMT, connection.handle());
        assert_eq!(execute(second, THREE), SQL_SUCCESS);
        // SAFETY: nothing is bound.
        assert_eq!(unsafe { SQLFetch(second) }, SQL_SUCCESS);
        // SAFETY: freed once.
        assert_eq!(
            unsafe { SQLFreeHandle(SQL_HANDLE_STMT, second) },
            SQL_SUCCESS
        );
    });
    // SAFETY: the handle is ours.
    unsafe { SQLCancel(application.statement) };
    receiver.recv_timeout(SOON).expect("the call wakes");
}

#[test]
fn disconnecting_meets_calls_of_its_statements_without_a_deadlock() {
    let application = Application::start();
    let server = application.server.port();
    let environment = Sent::new(application.environment);
    promptly("disconnecting", move || {
        for round in 0..100 {
            let connection = allocate(SQL_HANDLE_DBC, environment.handle());
            assert_eq!(connect_to(connection, server), SQL_SUCCESS);
            let statements: Vec<_> = (0..2)
                .map(|_| Sent::new(allocate(SQL_HANDLE_STMT, connection)))
                .collect();
            let threads: Vec<_> = statements
                .into_iter()
                .map(|statement| {
                    thread::spawn(move || {
                        loop {
                            // SAFETY: a freed handle is refused.
                            let code = unsafe { SQLGetTypeInfoW(statement.handle(), 0) };
                            if code == SQL_INVALID_HANDLE {
                                return;
                            }
                            // SAFETY: as above.
                            unsafe { SQLFreeStmt(statement.handle(), SQL_CLOSE) };
                            // Locks are not fair: who never pauses keeps others out.
                            thread::sleep(Duration::from_micros(20));
                        }
                    })
                })
                .collect();
            thread::sleep(Duration::from_micros(round * 37 % 1000));
            // SAFETY: the handle is ours.
            assert_eq!(unsafe { SQLDisconnect(connection) }, SQL_SUCCESS);
            threads
                .into_iter()
                .for_each(|thread| thread.join().unwrap());
            // SAFETY: freed once.
            assert_eq!(
                unsafe { SQLFreeHandle(SQL_HANDLE_DBC, connection) },
                SQL_SUCCESS
            );
        }
    });
}
