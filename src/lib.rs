//! ODBC driver for Trino and Starburst.
#![deny(unsafe_code, unsafe_op_in_unsafe_fn)]
#![deny(
    clippy::undocumented_unsafe_blocks,
    clippy::multiple_unsafe_ops_per_block
)]
// Until every room is furnished.
#![allow(dead_code, unused_imports)]

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
pub mod log;
pub mod platform;
pub mod protocol;
pub mod runtime;
pub mod session;
pub mod spool;
pub mod sql;
pub mod statement;
