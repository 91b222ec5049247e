//! A scripted Trino: a coordinator, a worker and an object storage that say what a test wants, as a
//! real one would say it.
//!
//! A test starts a [`Server`], sets which [`Answer`] belongs to which statement and which
//! [`Fault`]s happen where, lets its client loose, and looks at what arrived. Everything is on
//! loopback and ends when the server is dropped. Rows are encoded once and sent as often as asked,
//! so that the server is never what a measurement measures.
//!
//! ```
//! use scripted_trino::{Answer, Server, columns};
//! use serde_json::json;
//!
//! let server = Server::builder().storage_tls(true).start();
//! let rows = vec![vec![json!(1), json!("ä")], vec![json!(2), json!(null)]];
//! server.on("SELECT * FROM t", Answer::rows(columns![("a", "integer"), ("b", "varchar")], rows));
//! ```
#![deny(unsafe_code)]

mod answer;
mod body;
mod certificate;
mod clock;
mod column;
mod coordinator;
mod encode;
mod fault;
mod gate;
mod gauge;
mod generate;
pub mod issuer;
pub mod latin1;
mod listen;
mod page;
mod proxy;
mod query;
mod record;
mod script;
mod server;
mod sign_in;
mod storage;

pub use answer::{Answer, QueryError, Retrieval, Spooling};
pub use certificate::Identity;
pub use column::{Argument, Column, Signature, columns_of_jdbc_columns, columns_of_jdbc_tables};
pub use encode::Encoding;
pub use fault::{Endpoint, Fault, Planned};
pub use gate::Gate;
pub use generate::{EVERY_TYPE, Generated};
pub use issuer::Issuer;
pub use proxy::Proxy;
pub use record::{Acknowledged, Party, QueryRecord, QueryState, Recorded};
pub use server::{Builder, Server};
pub use sign_in::SignIn;

/// Reports that a test has nothing to run with. In CI that is a failure: a test that passes because something is
/// missing proves nothing.
///
/// # Panics
///
/// When the environment variable `CI` is `true` or `1`.
pub fn cannot_run(why: &str) {
    let strict = std::env::var("CI").is_ok_and(|value| value == "true" || value == "1");
    assert!(!strict, "cannot run: {why}");
    eprintln!("not run: {why}");
}
