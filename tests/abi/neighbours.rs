//! Functions of a connection while other threads are inside of calls on its statements: those are waited for.

use std::ptr::without_provenance_mut;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use scripted_trino::{Answer, columns};
use serde_json::json;
use trinoodbc::abi::*;
use trinoodbc::ffi::*;

use crate::application::*;

/// A handle that another thread has, too.
#[derive(Clone, Copy)]
struct Shared(Handle);

// SAFETY: handles may be used from any thread: that is what is tested.
unsafe impl Send for Shared {}

impl Shared {
    fn execute(self, sql: &str) -> SqlReturn {
        execute(self.0, sql)
    }

    fn close(self) {
        // SAFETY: the handle is ours.
        unsafe { SQLFreeStmt(self.0, SQL_CLOSE) };
    }
}

/// An application in manual-commit mode, with a statement for a neighbour. `SLOWLY` takes that long.
fn two(time: Duration) -> (Application, Shared) {
    let application = Application::start();
    assert_eq!(set(&application, SQL_ATTR_AUTOCOMMIT, 0), SQL_SUCCESS);
    let rows = Answer::rows(columns![("n", "bigint")], vec![vec![json!(1)]]);
    application.server.on(SLOWLY, rows.runs_for(time));
    let neighbour = allocate(SQL_HANDLE_STMT, application.connection);
    (application, Shared(neighbour))
}

fn set(application: &Application, attribute: i32, value: usize) -> SqlReturn {
    let value = without_provenance_mut(value);
    // SAFETY: the value of the attribute is a number.
    unsafe { SQLSetConnectAttrW(application.connection, attribute, value, 0) }
}

fn end(connection: Handle) -> SqlReturn {
    // SAFETY: the handle is ours.
    unsafe { SQLEndTran(SQL_HANDLE_DBC, connection, SQL_COMMIT) }
}

fn wait_for_slowly(application: &Application) {
    let limit = Duration::from_secs(20);
    let runs = application.server.wait_until(limit, |server| {
        server.queries().iter().any(|query| query.sql == SLOWLY)
    });
    assert!(runs);
}

#[test]
fn the_end_of_a_transaction_waits_for_a_neighbours_call_and_closes_its_cursor() {
    let (application, neighbour) = two(Duration::from_millis(400));
    assert_eq!(application.execute(UPDATE), SQL_SUCCESS);
    thread::scope(|scope| {
        let call = scope.spawn(move || neighbour.execute(SLOWLY));
        wait_for_slowly(&application);
        assert_eq!(end(application.connection), SQL_SUCCESS);
        assert_eq!(call.join().unwrap(), SQL_SUCCESS);
    });
    let requests = application.server.requests().into_iter();
    let sent = requests.filter(|request| request.method == "POST");
    let sent: Vec<_> = sent.map(|request| request.body).collect();
    assert_eq!(sent, ["START TRANSACTION", UPDATE, SLOWLY, "COMMIT"]);
    // SAFETY: nothing is bound.
    assert_eq!(unsafe { SQLFetch(neighbour.0) }, SQL_ERROR);
}

#[test]
fn what_concerns_all_statements_waits_for_neighbours_that_never_rest() {
    let (application, neighbour) = two(Duration::ZERO);
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        let over = &over;
        let calls = scope.spawn(move || {
            let mut calls = 0;
            while !over.load(Ordering::Relaxed) {
                assert_eq!(neighbour.execute(UPDATE), SQL_SUCCESS);
                neighbour.close();
                calls += 1;
            }
            calls
        });
        let until = Instant::now() + Duration::from_secs(1);
        let mut rounds = 0;
        while Instant::now() < until || rounds < 3 {
            assert_eq!(end(application.connection), SQL_SUCCESS);
            for (attribute, value) in [
                (SQL_ATTR_AUTOCOMMIT, SQL_AUTOCOMMIT_ON),
                (SQL_ATTR_APP_WCHAR_TYPE, SQL_DM_CP_UTF16 as usize),
                (SQL_ATTR_RESET_CONNECTION, SQL_RESET_CONNECTION_YES),
                (SQL_ATTR_AUTOCOMMIT, SQL_AUTOCOMMIT_OFF),
            ] {
                assert_eq!(
                    set(&application, attribute, value),
                    SQL_SUCCESS,
                    "{attribute}"
                );
            }
            rounds += 1;
        }
        over.store(true, Ordering::Relaxed);
        assert!(calls.join().unwrap() > 0);
    });
    assert_eq!(end(application.connection), SQL_SUCCESS);
}

#[test]
fn an_environment_waits_for_neighbours_too() {
    let (application, neighbour) = two(Duration::from_millis(300));
    thread::scope(|scope| {
        let call = scope.spawn(move || neighbour.execute(SLOWLY));
        wait_for_slowly(&application);
        // SAFETY: the handle is ours.
        let code = unsafe { SQLEndTran(SQL_HANDLE_ENV, application.environment, SQL_COMMIT) };
        assert_eq!(code, SQL_SUCCESS);
        assert_eq!(call.join().unwrap(), SQL_SUCCESS);
    });
}

#[test]
fn waiting_for_a_neighbour_can_be_cancelled() {
    let (application, neighbour) = two(Duration::from_secs(60));
    let connection = Shared(application.connection);
    thread::scope(|scope| {
        let call = scope.spawn(move || neighbour.execute(SLOWLY));
        wait_for_slowly(&application);
        let ending = scope.spawn(move || {
            let connection = connection;
            end(connection.0)
        });
        while !ending.is_finished() {
            // SAFETY: the handle is ours.
            unsafe { SQLCancelHandle(SQL_HANDLE_DBC, application.connection) };
            thread::sleep(Duration::from_millis(10));
        }
        assert_eq!(ending.join().unwrap(), SQL_ERROR);
        assert_eq!(state(SQL_HANDLE_DBC, application.connection), "HY008");
        // SAFETY: as above.
        unsafe { SQLCancel(neighbour.0) };
        assert_eq!(call.join().unwrap(), SQL_ERROR);
    });
}

#[test]
fn a_neighbour_that_is_freed_is_waited_for_no_longer() {
    let (application, neighbour) = two(Duration::from_secs(60));
    thread::scope(|scope| {
        let call = scope.spawn(move || neighbour.execute(SLOWLY));
        wait_for_slowly(&application);
        scope.spawn(move || {
            let neighbour = neighbour;
            thread::sleep(Duration::from_millis(100));
            // SAFETY: freed once; the call on it ends.
            unsafe { SQLFreeHandle(SQL_HANDLE_STMT, neighbour.0) };
        });
        assert_eq!(end(application.connection), SQL_SUCCESS);
        call.join().unwrap();
    });
}

const SLOWLY: &str = "SELECT slowly";
