//! A process that ends with a connection open, behind the manager.
//!
//! Its own process: it forks, and a fork copies locks that other tests might hold.

#![cfg(unix)]

use std::io::Write;
use std::time::{Duration, Instant};

use client_tests::client::Connection;
use client_tests::driver;
use client_tests::odbc::{SQL_ASYNC_ENABLE_ON, SQL_ATTR_ASYNC_ENABLE, SQL_STILL_EXECUTING};
use scripted_trino::{Answer, QueryState, Server};

const SQL: &str = "SELECT without an end";

/// Runs `child` in a fork that then ends as a program does that returns from `main`; how long it took to end.
fn ends(child: impl FnOnce()) -> Duration {
    let (mut told, mut tell) = std::io::pipe().unwrap();
    // SAFETY: the child uses what a fork leaves intact.
    let process = unsafe { libc::fork() };
    assert!(process >= 0);
    if process == 0 {
        child();
        tell.write_all(b".").unwrap();
        // SAFETY: ends the process.
        unsafe { libc::exit(0) }
    }
    drop(tell);
    std::io::Read::read_exact(&mut told, &mut [0]).unwrap();
    let begun = Instant::now();
    let mut status = 0;
    // SAFETY: `status` is a place for a status.
    assert_eq!(unsafe { libc::waitpid(process, &mut status, 0) }, process);
    assert!(libc::WIFEXITED(status) && libc::WEXITSTATUS(status) == 0);
    begun.elapsed()
}

#[test]
fn queries_end_with_their_process_and_no_others_do() {
    let server = Server::start();
    let answer = Answer::generated(&["bigint"], 1_000_000, 7).page_delay(Duration::from_millis(50));
    server.on(SQL, answer);
    let text = driver::string(&server);
    let connection = Connection::open(&text).unwrap();
    let mut ours = connection.run(SQL).unwrap();
    assert!(ours.fetch().unwrap());

    let took = ends(|| {
        let connection = Box::leak(Box::new(Connection::open(&text).unwrap()));
        let mut statement = connection.run(SQL).unwrap();
        assert!(statement.fetch().unwrap());
        std::mem::forget(statement);
    });
    // A moment less, and what the rest of ending takes on a busy machine.
    assert!(took < Duration::from_secs(2), "{took:?}");
    let ended = server.wait_until(Duration::from_secs(2), |server| {
        let states: Vec<_> = server.queries().iter().map(|query| query.state).collect();
        matches!(states[..], [QueryState::Running, QueryState::Cancelled])
    });
    assert!(ended, "{:?}", server.queries());
    assert!(ours.fetch().unwrap());
    asynchronous_executions_end_with_their_process(&server, &text);
}

/// In the one test of this process: a second one would fork in the middle of the first.
fn asynchronous_executions_end_with_their_process(server: &Server, text: &str) {
    let endless = Answer::generated(&["bigint"], 1, 7).runs_for(Duration::from_secs(60));
    server.on("SELECT for ever", endless);
    // What is logged at the very end must not stand in its way.
    let log = tempfile::NamedTempFile::new().unwrap();
    let text = &format!("{text}LogLevel=6;LogPath={};", log.path().display());
    let took = ends(|| {
        let connection = Box::leak(Box::new(Connection::open(text).unwrap()));
        let mut statement = connection.statement();
        statement
            .set_attribute(SQL_ATTR_ASYNC_ENABLE, SQL_ASYNC_ENABLE_ON)
            .unwrap();
        let code = statement.execute("SELECT for ever").unwrap();
        assert_eq!(code, SQL_STILL_EXECUTING);
        std::thread::sleep(Duration::from_millis(300));
        std::mem::forget(statement);
    });
    assert!(took < Duration::from_secs(2), "{took:?}");
    let ended = server.wait_until(Duration::from_secs(2), |server| {
        let last = server.queries().pop();
        last.is_some_and(|query| query.state == QueryState::Cancelled)
    });
    assert!(ended, "{:?}", server.queries());
}
