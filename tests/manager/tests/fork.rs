//! A process that forks with a connection open, as pools of workers do, behind the manager.
//!
//! Its own process: a fork copies locks that other tests might hold.

#[path = "../../fork/child.rs"]
mod child;

use std::time::Duration;

use client_tests::client::Connection;
use client_tests::driver;
use scripted_trino::Server;

use child::in_a_child;

#[test]
fn a_child_has_no_use_for_its_parents_connection_and_opens_its_own() {
    let server = Server::start();
    let text = driver::string(&server);
    let connection = Connection::open(&text).unwrap();
    let sql = "SELECT * FROM sequence 5000";
    let mut statement = connection.run(sql).unwrap();
    assert!(statement.fetch().unwrap());
    let code = in_a_child(Duration::from_secs(20), || {
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
