//! A process that forks with a connection open, as pools of workers do, behind the manager.
//!
//! A process of its own: a fork copies locks that other tests might hold.

use std::time::{Duration, Instant};

use client_tests::client::Connection;
use client_tests::driver;
use scripted_trino::Server;

/// The exit code of a child that runs `child`.
fn in_a_child(child: impl FnOnce() -> i32) -> i32 {
    // SAFETY: the child uses what a fork leaves intact, and ends without running what is not its own.
    let process = unsafe { libc::fork() };
    assert!(process >= 0);
    if process == 0 {
        let code = std::panic::catch_unwind(std::panic::AssertUnwindSafe(child));
        // SAFETY: ends the process.
        unsafe { libc::_exit(code.unwrap_or(101)) }
    }
    let begun = Instant::now();
    loop {
        let mut status = 0;
        // SAFETY: `status` is a place for a status.
        if unsafe { libc::waitpid(process, &mut status, libc::WNOHANG) } == process {
            return libc::WEXITSTATUS(status);
        }
        if begun.elapsed() > Duration::from_secs(20) {
            // SAFETY: the process is our child.
            unsafe { libc::kill(process, libc::SIGKILL) };
            panic!("the child hangs");
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn a_child_has_no_use_for_its_parents_connection_and_opens_its_own() {
    let server = Server::start();
    let text = driver::string(&server);
    let connection = Connection::open(&text).unwrap();
    let sql = "SELECT * FROM sequence 5000";
    let mut statement = connection.run(sql).unwrap();
    assert!(statement.fetch().unwrap());
    let code = in_a_child(|| {
        match statement.fetch() {
            Err(failure) if failure.state() == "08S01" => {}
            _ => return 1,
        }
        let Ok(own) = Connection::open(&text) else {
            return 2;
        };
        match own.rows(sql) {
            Ok(rows) if rows.len() == 5000 => {}
            _ => return 3,
        }
        if own.close().is_err() { 4 } else { 0 }
    });
    assert_eq!(code, 0);
    assert_eq!(statement.rest().unwrap().len(), 4999);
}
