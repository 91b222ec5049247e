//! A process that forks: what the parent opened stays the parent's, and the child opens its own.
#![cfg(unix)]

#[path = "abi/application.rs"]
#[expect(dead_code, reason = "shared with the tests of single calls")]
mod application;

#[path = "fork/child.rs"]
mod child;

use std::time::{Duration, Instant};

use scripted_trino::{Answer, Server};
use trinoodbc::abi::*;
use trinoodbc::ffi::*;

use application::*;
use child::in_a_child;

const QUERY: &str = "SELECT n FROM slow";

/// A child that takes longer hangs.
const LIMIT: Duration = Duration::from_secs(20);

/// An application in the middle of a result that takes its time.
fn reading() -> Application {
    let application = Application::with(Server::start());
    let answer = Answer::generated(&["bigint"], 20_000, 5).page_delay(Duration::from_millis(100));
    application.server.on(QUERY, answer);
    assert_eq!(application.execute(QUERY), SQL_SUCCESS);
    assert_eq!(application.fetch(), SQL_SUCCESS);
    application
}

/// Connects in `environment`, runs a query of three rows and frees everything; 0 when all of that worked.
fn connects_anew(environment: Handle, port: u16) -> i32 {
    let connection = allocate(SQL_HANDLE_DBC, environment);
    if connect_to(connection, port) != SQL_SUCCESS {
        return 20;
    }
    let statement = allocate(SQL_HANDLE_STMT, connection);
    if execute(statement, THREE) != SQL_SUCCESS {
        return 21;
    }
    for _ in 0..3 {
        // SAFETY: nothing is bound.
        if unsafe { SQLFetch(statement) } != SQL_SUCCESS {
            return 22;
        }
    }
    // SAFETY: nothing is bound.
    if unsafe { SQLFetch(statement) } != SQL_NO_DATA {
        return 23;
    }
    // SAFETY: the handle is ours.
    if unsafe { SQLDisconnect(connection) } != SQL_SUCCESS {
        return 24;
    }
    // SAFETY: freed once.
    if unsafe { SQLFreeHandle(SQL_HANDLE_DBC, connection) } != SQL_SUCCESS {
        return 25;
    }
    0
}

#[test]
fn a_child_cannot_use_the_connection_of_its_parent_and_does_not_harm_it() {
    let application = reading();
    let code = in_a_child(LIMIT, || {
        let refused = |code| code == SQL_ERROR && application.state() == "08S01";
        if !refused(application.fetch()) {
            return 1;
        }
        // SAFETY: the handle is valid, if of no use.
        unsafe { SQLFreeStmt(application.statement, SQL_CLOSE) };
        if !refused(application.execute(THREE)) {
            return 2;
        }
        let (code, _) = try_allocate(SQL_HANDLE_STMT, application.connection);
        if code != SQL_ERROR || state(SQL_HANDLE_DBC, application.connection) != "08S01" {
            return 3;
        }
        // SAFETY: the handle is valid, if of no use.
        if unsafe { SQLDisconnect(application.connection) } != SQL_SUCCESS {
            return 4;
        }
        // SAFETY: freed once in this process.
        if unsafe { SQLFreeHandle(SQL_HANDLE_DBC, application.connection) } != SQL_SUCCESS {
            return 5;
        }
        0
    });
    assert_eq!(code, 0);
    assert_eq!(application.server.running_queries().len(), 1);
    let mut rows = 1;
    while application.fetch() == SQL_SUCCESS {
        rows += 1;
    }
    assert_eq!(rows, 20_000, "{}", application.message());
}

#[test]
fn a_child_connects_anew_in_an_environment_of_its_own() {
    let application = reading();
    let port = application.server.port();
    let code = in_a_child(LIMIT, || {
        let environment = environment();
        let code = connects_anew(environment, port);
        // SAFETY: freed once.
        let freed = unsafe { SQLFreeHandle(SQL_HANDLE_ENV, environment) };
        if freed == SQL_SUCCESS { code } else { 30 }
    });
    assert_eq!(code, 0);
    assert_eq!(application.execute(THREE), SQL_ERROR);
    assert_eq!(application.state(), "24000");
    assert_eq!(application.fetch(), SQL_SUCCESS);
}

#[test]
fn a_child_connects_anew_in_the_environment_that_it_inherited() {
    let application = reading();
    let port = application.server.port();
    let environment = application.environment;
    let code = in_a_child(LIMIT, || connects_anew(environment, port));
    assert_eq!(code, 0);
    assert_eq!(application.fetch(), SQL_SUCCESS);
}

#[test]
fn a_child_does_not_wait_for_what_its_parent_executes() {
    let application = Application::start();
    let answer = Answer::generated(&["bigint"], 3, 5).runs_for(Duration::from_millis(1500));
    application.server.on(QUERY, answer);
    application.set(SQL_ATTR_ASYNC_ENABLE, SQL_ASYNC_ENABLE_ON);
    assert_eq!(application.execute(QUERY), SQL_STILL_EXECUTING);
    let code = in_a_child(LIMIT, || {
        for free in [false, true] {
            if application.execute(QUERY) != SQL_ERROR || application.state() != "08S01" {
                return 1;
            }
            // SAFETY: the handle is valid, if of no use.
            if free
                && unsafe { SQLFreeHandle(SQL_HANDLE_STMT, application.statement) } != SQL_SUCCESS
            {
                return 2;
            }
        }
        if application.fetch() != SQL_INVALID_HANDLE {
            return 3;
        }
        // SAFETY: the handle is valid, if of no use.
        if unsafe { SQLDisconnect(application.connection) } != SQL_SUCCESS {
            return 4;
        }
        0
    });
    assert_eq!(code, 0);
    let code = in_a_child(LIMIT, || {
        // SAFETY: the handles are valid, if of no use.
        let codes = unsafe {
            [
                SQLDisconnect(application.connection),
                SQLFreeHandle(SQL_HANDLE_DBC, application.connection),
                SQLFreeHandle(SQL_HANDLE_ENV, application.environment),
            ]
        };
        i32::from(codes != [SQL_SUCCESS; 3])
    });
    assert_eq!(code, 0);
    let begun = Instant::now();
    while application.execute(QUERY) == SQL_STILL_EXECUTING {
        assert!(begun.elapsed() < Duration::from_secs(10));
        std::thread::sleep(Duration::from_millis(10));
    }
    application.set(SQL_ATTR_ASYNC_ENABLE, SQL_ASYNC_ENABLE_OFF);
    assert_eq!(application.fetch(), SQL_SUCCESS);
}
