//! Client of Trino and Starburst, built around the spooling protocol: segments of a result are fetched from object
//! storage and decoded in parallel, ahead of the reader, with bounded memory.
//!
//! | Module | Holds |
//! |---|---|
//! | [`options`] | everything that a session is made from |
//! | [`session`] | a session with Trino: statements, transactions, results |
//! | [`columns`] | typed, immutable columns, and the source they come from |
//! | [`sql`] | SQL text: tokens, markers, quoting, rows of values |
//! | [`spool`] | segments fetched ahead of the reader |
//! | [`decode`] | from bytes to columns |
//! | [`protocol`] | the messages and rules of `/v1/statement` |
//! | [`http`], [`auth`] | requests, trust and credentials |
//! | [`spill`] | the encrypted file for what outgrows memory |
//! | [`latin1`] | the character set of headers |
//! | [`runtime`], [`os`] | threads, the operating system |
#![deny(unsafe_code, unsafe_op_in_unsafe_fn)]
#![deny(
    clippy::undocumented_unsafe_blocks,
    clippy::multiple_unsafe_ops_per_block
)]

pub mod auth;
pub mod columns;
pub mod decode;
pub mod http;
pub mod latin1;
pub mod options;
pub mod os;
pub mod protocol;
pub mod runtime;
pub mod session;
pub mod spill;
pub mod spool;
pub mod sql;
