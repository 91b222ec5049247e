//! The C interface: the exported functions, and what all of them have in common.
//!
//! Nothing is decided here. An export reads its arguments, finds the object behind its handle through [`call`], calls one
//! method of it and writes what that gave. Exports never call each other: a Driver Manager exports the same names, and a
//! call through the symbol table could land there.
//!
//! Functions with strings have a wide form (`SQLWCHAR`) and, where the Driver Manager has a use for it, a narrow one; what
//! is behind both is generic in the unit of their strings.
#![allow(unsafe_code)]
#![allow(
    clippy::too_many_arguments,
    reason = "the argument lists are those of the ODBC reference"
)]
#![allow(
    clippy::multiple_unsafe_ops_per_block,
    reason = "one promise of the application covers all outputs of a call"
)]

mod asynchronous;
mod call;
mod catalog;
mod connection;
mod descriptor;
mod diagnostics;
mod environment;
mod exports;
mod guard;
mod operation;
mod output;
mod parameter;
#[cfg(windows)]
mod setup;
mod sign_in;
mod statement;
mod text;
mod trace;

pub use exports::*;
#[cfg(windows)]
pub use setup::{ConfigDSNW, ConfigDriverW};
