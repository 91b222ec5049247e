//! The outcome of an execution's parameter sets.

use super::execute::changes_rows;
use crate::abi;
use crate::bind::Address;
use crate::diagnostics::{Diagnostics, Error, Record, SqlState};

/// The application's arrays and counter for parameter sets. Addresses, or 0.
#[derive(Debug)]
pub(super) struct SetReport {
    pub(super) operations: Address,
    pub(super) status: Address,
    pub(super) processed: Address,
}

/// The outcome of the sets so far.
#[derive(Debug)]
pub(super) struct Tally {
    report: SetReport,
    /// The number of sets.
    pub(super) sets: usize,
    /// The last set with a status.
    processed: usize,
    pub(super) succeeded: usize,
    pub(super) rows: u64,
    /// Whether some set did something else than change rows.
    pub(super) does_more: bool,
    pub(super) errors: Vec<Record>,
}

impl Tally {
    /// No set has been processed yet.
    pub(super) fn new(sets: usize, report: SetReport) -> Self {
        report.status.fill_status(0..sets, abi::SQL_PARAM_UNUSED);
        report.processed.write_usize(0);
        Self {
            report,
            sets,
            processed: 0,
            succeeded: 0,
            rows: 0,
            does_more: false,
            errors: Vec::new(),
        }
    }

    pub(super) fn is_ignored(&self, set: usize) -> bool {
        self.report.operations.read_u16(set) == abi::SQL_PARAM_IGNORE
    }

    /// Records the status of a set.
    pub(super) fn set_status(&mut self, set: usize, status: u16) {
        self.report.status.fill_status(set..set + 1, status);
        self.processed = self.processed.max(set + 1);
        self.report.processed.write_usize(self.processed);
    }

    /// Counts successful sets of a kind of statement, and the rows that they changed.
    pub(super) fn succeeded(&mut self, sets: usize, rows: Option<u64>, update_type: Option<&str>) {
        self.succeeded += sets;
        self.rows += rows.unwrap_or_default();
        self.does_more |= rows.is_none() || !changes_rows(update_type);
    }

    /// Records that sets failed together. Returns the error if it ends the execution.
    pub(super) fn fail(
        &mut self,
        mut sets: impl Iterator<Item = usize>,
        error: Error,
        diagnostics: &mut Diagnostics,
    ) -> Result<(), Error> {
        let Some(first) = sets.next() else {
            return Ok(());
        };
        self.set_status(first, abi::SQL_PARAM_ERROR);
        let mut last = first;
        for set in sets {
            self.set_status(set, abi::SQL_PARAM_ERROR);
            last = set;
        }
        if self.sets == 1 || ends_execution(error.state()) {
            diagnostics.extend(self.errors.drain(..));
            return Err(error);
        }
        let mut record = Record::from(error);
        record.message = if first == last {
            format!("Parameter set {}: {}", first + 1, record.message)
        } else {
            format!(
                "Parameter sets {} to {} failed together: {}",
                first + 1,
                last + 1,
                record.message
            )
        };
        record.row = Some(first + 1);
        self.errors.push(record);
        Ok(())
    }
}

/// Whether further sets would fail as well.
fn ends_execution(state: SqlState) -> bool {
    let state = state.as_str();
    ["08", "25", "28", "40", "HY008", "HYT"]
        .iter()
        .any(|start| state.starts_with(start))
}
