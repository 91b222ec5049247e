//! ODBC driver for Trino and Starburst.
//!
//! The driver is two halves that never speak of each other, and a narrow waist of decoded columns between them:
//!
//! ```text
//! Trino half: asynchronous, no ODBC words      waist        ODBC half: blocking, no HTTP words
//! auth http protocol spool decode         ->  columns  ->  cursor convert bind descriptor statement ffi
//! ```
//!
//! | Module | Holds |
//! |---|---|
//! | [`ffi`] | the C interface: exported functions, and what each call has in common |
//! | [`abi`] | ODBC's own numbers |
//! | [`handle`] | from a handle's number to the object it names |
//! | [`environment`], [`connection`], [`statement`], [`descriptor`] | the four kinds of objects behind handles |
//! | [`diagnostics`] | what SQLGetDiagRec returns; the one place of SQLSTATEs |
//! | [`info`], [`catalog`] | what applications ask about driver, server and tables |
//! | [`bind`] | the application's buffers |
//! | [`convert`] | from columns to C types and back |
//! | [`cursor`] | where the application stands in a result |
//! | [`spill`] | the encrypted file for what of a result outgrows memory |
//! | [`columns`] | the waist: typed, immutable columns, and the source they come from |
//! | [`session`] | the joint: a session with Trino as the ODBC half sees it |
//! | [`sql`] | SQL text: tokens, markers, escapes, quoting |
//! | [`decode`] | from bytes to columns |
//! | [`spool`] | segments fetched ahead of the application |
//! | [`protocol`] | the messages and rules of `/v1/statement` |
//! | [`http`], [`auth`] | requests, trust and credentials |
//! | [`config`] | keywords, connection strings, data sources, options |
//! | [`latin1`] | the character set of headers |
//! | [`runtime`], [`platform`], [`log`] | threads, the operating system, the log |
//!
//! `tests/architecture.rs` holds which module may use which, and where unsafe code may stand.
#![deny(unsafe_code, unsafe_op_in_unsafe_fn)]
#![deny(
    clippy::undocumented_unsafe_blocks,
    clippy::multiple_unsafe_ops_per_block
)]

pub mod abi;
pub mod auth;
pub mod bind;
pub mod catalog;
pub mod columns;
pub mod config;
pub mod connection;
pub mod convert;
pub mod cursor;
pub mod decode;
pub mod descriptor;
pub mod diagnostics;
pub mod environment;
pub mod ffi;
pub mod handle;
pub mod http;
pub mod info;
pub mod latin1;
pub mod log;
pub mod platform;
pub mod protocol;
pub mod runtime;
pub mod session;
pub mod spill;
pub mod spool;
pub mod sql;
pub mod statement;
