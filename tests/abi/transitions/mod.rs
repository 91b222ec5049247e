//! Appendix B of the ODBC reference, state by state: what each function answers in each state, and which state it
//! leaves.
//!
//! The tables are written as the appendix writes them. A cell is `--` (success, same state), a state (success, that
//! state), `nf` (SQL_NO_DATA), `need` (SQL_NEED_DATA), `err` (SQL_ERROR without a record), `IH` (SQL_INVALID_HANDLE) or a
//! SQLSTATE; a state may follow each of them. What stands in parentheses there is the Driver Manager's to find out; here
//! the driver is called without one.
//!
//! <https://learn.microsoft.com/sql/odbc/reference/appendixes/appendix-b-odbc-state-transition-tables>

mod asynchronous;
mod others;
mod statements;

use std::collections::BTreeSet;

use trinoodbc::abi::*;
use trinoodbc::ffi::*;

use crate::application::*;

/// What a call answered: its code, and the SQLSTATE that it left.
pub type Answer = (SqlReturn, String);

/// The answer of a call, with the record of the handle that it was made on.
pub fn answer(kind: i16, handle: Handle, code: SqlReturn) -> Answer {
    let state = match code {
        SQL_INVALID_HANDLE => String::new(),
        _ => state(kind, handle),
    };
    (code, state)
}

/// Compares an answer and the state after it with a cell of a table; gives what differs.
pub fn compare(cell: &str, answer: &Answer, before: &str, after: &str) -> Option<String> {
    let (expected, target) = match cell.split_once(' ') {
        Some((expected, target)) => (expected, target),
        None if is_state(cell) => ("--", cell),
        None => (cell, before),
    };
    let (code, state) = answer;
    let right = match expected {
        "--" => matches!(*code, SQL_SUCCESS | SQL_SUCCESS_WITH_INFO),
        "nf" => *code == SQL_NO_DATA,
        "need" => *code == SQL_NEED_DATA,
        "err" => *code == SQL_ERROR,
        "IH" => *code == SQL_INVALID_HANDLE,
        wanted => *code == SQL_ERROR && state == wanted,
    };
    // A state of the table does not say whether something is prepared; an unchanged one does.
    let right = right && (after == target || target != before && after.starts_with(target));
    (!right).then(|| format!("{before}: wanted {cell}, got {code} {state} and {after}"))
}

/// `S1`, `C4` and their like.
fn is_state(cell: &str) -> bool {
    cell.len() == 2 && cell.starts_with(['E', 'C', 'S', 'D'])
}

#[test]
fn every_export_stands_in_a_table() {
    let rows = statements::ROWS.iter().map(|row| row.0);
    let named: BTreeSet<&str> = rows
        .chain(others::names())
        .filter_map(|label| label.split(' ').next())
        .collect();
    let missing: Vec<_> = EXPORTS
        .iter()
        .map(|(_, name)| name.strip_suffix('W').unwrap_or(name))
        .filter(|name| !named.contains(name))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}
