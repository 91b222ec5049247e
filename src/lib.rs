//! ODBC driver for Trino and Starburst.
//!
//! The driver is two halves that never speak of each other, and a narrow waist of decoded columns between them. The half
//! that speaks with Trino is a separate crate, `trino_client`:
//!
//! ```text
//! trino_client: asynchronous, no ODBC words       waist        this crate: blocking, no HTTP words
//! auth http protocol spool decode session    ->  columns  ->  cursor convert bind descriptor statement ffi
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
//! | [`escape`] | ODBC's escape sequences in SQL text |
//! | [`bind`] | the application's buffers |
//! | [`convert`] | from columns to C types and back |
//! | [`cursor`] | where the application stands in a result |
//! | [`config`] | keywords, connection strings, data sources, and the options they amount to |
//! | [`setup`] | what installers call: data sources added, changed and removed; the dialog that edits them |
//! | [`platform`], [`log`] | what differs by Driver Manager, the log |
//!
//! Cargo keeps the driver out of the client. `tests/architecture.rs` holds which module of each may use which, and where
//! unsafe code may stand.
#![deny(unsafe_code, unsafe_op_in_unsafe_fn)]
#![deny(
    clippy::undocumented_unsafe_blocks,
    clippy::multiple_unsafe_ops_per_block
)]

pub mod abi;
pub mod bind;
pub mod catalog;
pub mod config;
mod connection;
pub mod convert;
pub mod cursor;
pub mod descriptor;
pub mod diagnostics;
mod environment;
pub mod escape;
pub mod ffi;
mod handle;
pub mod info;
mod log;
pub mod platform;
pub mod setup;
mod statement;
