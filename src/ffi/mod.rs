//! The C interface: the exported functions, and what all of them have in common.
//!
//! Nothing is decided here. An export reads its arguments, finds the object behind its handle through [`entry`], calls one
//! method of it and writes what that gave. Exports never call each other: a Driver Manager exports the same names, and a
//! call through the symbol table could land there.
//!
//! Strings are wide (`SQLWCHAR`) throughout; Driver Managers map applications that use narrow ones.
#![allow(unsafe_code)]
#![allow(
    clippy::too_many_arguments,
    reason = "the argument lists are those of the ODBC reference"
)]
#![allow(
    clippy::multiple_unsafe_ops_per_block,
    reason = "one promise of the application covers all outputs of a call"
)]

mod call;
mod catalog;
mod connection;
mod descriptor;
mod diagnostics;
mod entry;
mod environment;
mod exports;
mod output;
mod parameter;
mod sign_in;
mod statement;
mod text;

pub use exports::*;
