//! Functions that go on after their call, and are asked for their answer by calling them again.

mod connections;
mod descriptions;
mod notification;
mod statements;

use std::time::{Duration, Instant};

use scripted_trino::{Answer, QueryState, Server, columns};
use serde_json::json;
use trinoodbc::abi::*;
use trinoodbc::ffi::*;

use crate::application::*;

/// A query of three rows that takes half a second.
const SLOW: &str = "SELECT n FROM slow";
/// A query that does not end.
const ENDLESS: &str = "SELECT n FROM endless";
const SOON: Duration = Duration::from_secs(10);
/// What a call takes at most that waits for nobody; the machine may be busy.
const AT_ONCE: Duration = Duration::from_millis(250);

/// An application whose statement is asynchronous.
fn application() -> Application {
    let application = Application::start();
    application.server.on(SLOW, slow());
    application.server.on(
        ENDLESS,
        Answer::generated(&["bigint"], 1, 1).runs_for(Duration::from_secs(60)),
    );
    assert_eq!(
        application.set(SQL_ATTR_ASYNC_ENABLE, SQL_ASYNC_ENABLE_ON),
        SQL_SUCCESS
    );
    application
}

fn slow() -> Answer {
    let rows = (1..=3).map(|n| vec![json!(n)]).collect();
    Answer::rows(columns![("n", "bigint")], rows).runs_for(Duration::from_millis(500))
}

/// Calls until there is another answer than SQL_STILL_EXECUTING, none of them for long; how often it was given.
fn poll(mut call: impl FnMut() -> SqlReturn) -> (SqlReturn, usize) {
    let begun = Instant::now();
    let mut times = 0;
    loop {
        let asked = Instant::now();
        let code = call();
        assert!(asked.elapsed() < AT_ONCE, "{:?}", asked.elapsed());
        if code != SQL_STILL_EXECUTING {
            return (code, times);
        }
        times += 1;
        assert!(begun.elapsed() < SOON, "it goes on and on");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// [`poll`], whatever the number of times.
fn answer(call: impl FnMut() -> SqlReturn) -> SqlReturn {
    poll(call).0
}

/// No query runs on the server any more, and the last one was cancelled.
fn is_cancelled(server: &Server) {
    assert!(server.wait_until(SOON, |server| server.running_queries().is_empty()));
    assert_eq!(
        server.queries().last().unwrap().state,
        QueryState::Cancelled
    );
}

/// The address of a buffer, for a thread that uses it.
fn address(handle: Handle) -> usize {
    handle.expose_provenance()
}

fn cancel(statement: Handle) {
    // SAFETY: the handle is the application's.
    assert_eq!(unsafe { SQLCancel(statement) }, SQL_SUCCESS);
}
