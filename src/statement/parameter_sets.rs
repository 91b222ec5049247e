//! Runs a statement for each of its parameter sets.

use std::collections::VecDeque;

use tokio_util::sync::CancellationToken;
use trino_client::session;
use trino_client::sql;

use super::bulk::{Added, Bulk};
use super::markers::Fitting;
use super::parameter_execution::ParameterExecution;
use super::tally::{SetReport, Tally};
use super::{Outcome, Prepared, State, Statement};
use crate::abi;
use crate::bind::Layout;
use crate::diagnostics::{Error, SqlState};

impl Statement {
    /// Runs a statement with parameters for each of its parameter sets.
    pub(super) fn execute_with_parameters(
        &mut self,
        sql: sql::Statement,
        prepared: Option<Prepared>,
        cancel: CancellationToken,
    ) -> Result<Outcome, Error> {
        let bound = self.bound_parameters(sql.parameters())?;
        let (layout, sets, operations) = {
            let apd = self.apd.descriptor.lock();
            let layout = Layout {
                row_size: apd.bind_type,
                offset: apd.bind_offset.read_isize(),
            };
            (layout, apd.array_size, apd.array_status)
        };
        let report = {
            let ipd = self.own.ipd.descriptor.lock();
            SetReport {
                operations,
                status: ipd.array_status,
                processed: ipd.rows_processed,
            }
        };
        if sets > 1 && sql.returns_rows() == Some(true) {
            return Err(only_one_set());
        }
        let together = sets > 1 && self.presentation.fast_inserts;
        let loses_changes = self.session.failure_loses_changes();
        let bulk = together
            .then(|| Bulk::new(sql.text(), loses_changes))
            .flatten();
        let markers = self.known_markers(sql.text(), prepared.as_ref());
        let execution = ParameterExecution {
            bulk,
            fitting: Fitting::new(sql.text(), markers),
            sql,
            prepared,
            values: Vec::new(),
            bound,
            layout,
            tally: Tally::new(sets, report),
            set: 0,
            later: VecDeque::new(),
            pending: None,
        };
        self.run_sets(Box::new(execution), cancel)
    }

    /// Continues an execution from the current set until it ends or needs data.
    pub(super) fn run_sets(
        &mut self,
        mut execution: Box<ParameterExecution>,
        cancel: CancellationToken,
    ) -> Result<Outcome, Error> {
        self.find_form(&mut execution, &cancel)?;
        while execution.set < execution.tally.sets {
            let warnings = self.diagnostics.records().len();
            if execution.is_ignored() {
                self.await_inserted(&mut execution, &cancel)?;
                execution.report(abi::SQL_PARAM_UNUSED);
            } else if let Err(error) = execution.gather(&self.format, &mut self.diagnostics) {
                self.await_inserted(&mut execution, &cancel)?;
                execution.fail(error, &mut self.diagnostics)?;
            } else if !execution.later.is_empty() {
                self.insert_all_gathered(&mut execution, &cancel)?;
                self.state = State::NeedData(execution);
                return Ok(Outcome::NeedData);
            } else if execution.bulk.is_some()
                && let Err(error) = self.learn_before_loss(&mut execution, &cancel)
            {
                execution.fail(error, &mut self.diagnostics)?;
            } else if let Some(bulk) = &mut execution.bulk {
                let warned = self.diagnostics.records().len() > warnings;
                let known = (warned, execution.fitting.revision());
                let bounds = (execution.tally.sets, self.session.text_limit());
                if bulk.push(execution.set, &execution.values, known, bounds) == Added::Full {
                    self.insert_gathered(&mut execution, &cancel)?;
                    if let Some(bulk) = &mut execution.bulk {
                        // A set alone is accepted whatever its length.
                        bulk.push(execution.set, &execution.values, known, bounds);
                    }
                }
                execution.set += 1;
                if execution.set.is_multiple_of(BETWEEN_LOOKS)
                    && let Some(bulk) = &mut execution.bulk
                {
                    bulk.advance();
                }
            } else if let Some(outcome) = self.run_set(&mut execution, cancel.clone())? {
                return Ok(outcome);
            }
        }
        self.insert_all_gathered(&mut execution, &cancel)?;
        self.conclude_sets(*execution)
    }

    /// Runs the current set, whose values are complete. Returns the outcome if it is the only set.
    pub(super) fn run_set(
        &mut self,
        execution: &mut ParameterExecution,
        cancel: CancellationToken,
    ) -> Result<Option<Outcome>, Error> {
        let warned = !self.diagnostics.records().is_empty();
        let result = match self.submit_set(execution, &cancel) {
            Ok(result) => result,
            Err(error) => {
                return execution.fail(error, &mut self.diagnostics).map(|()| None);
            }
        };
        let success = if warned {
            abi::SQL_PARAM_SUCCESS_WITH_INFO
        } else {
            abi::SQL_PARAM_SUCCESS
        };
        if execution.tally.sets == 1 {
            execution.report(success);
            return Ok(Some(self.conclude(result, execution.prepared.take())));
        }
        match result.outcome {
            session::Outcome::Updated(count) => {
                self.query = Some(session::Status::finished(result.query_id));
                execution
                    .tally
                    .succeeded(1, count, result.update_type.as_deref());
                execution.report(success);
            }
            session::Outcome::Rows(_) => execution.fail(only_one_set(), &mut self.diagnostics)?,
        }
        Ok(None)
    }

    /// Ends an execution of many sets. It fails only if some set failed and none succeeded.
    fn conclude_sets(&mut self, execution: ParameterExecution) -> Result<Outcome, Error> {
        let Tally {
            succeeded,
            rows,
            does_more,
            mut errors,
            ..
        } = execution.tally;
        errors.sort_by_key(|record| record.row);
        let mut errors = errors.into_iter();
        let failure = if succeeded == 0 { errors.next() } else { None };
        let is_whole = failure.is_none() && errors.len() == 0;
        self.diagnostics.extend(errors);
        if let Some(record) = failure {
            return Err(record.into());
        }
        self.diagnostics.row_count = i64::try_from(rows).unwrap_or(i64::MAX);
        self.own.ird.descriptor.lock().set_count(0);
        self.state = State::Executed {
            row_count: Some(rows),
            prepared: execution.prepared,
        };
        // All sets together have one row count, as one statement would.
        if is_whole && succeeded > 0 && rows == 0 && !does_more {
            return Ok(self.nothing_changed());
        }
        Ok(Outcome::Done)
    }
}

/// How many sets to read before driving the running statement again.
const BETWEEN_LOOKS: usize = 128;

fn only_one_set() -> Error {
    Error::new(
        SqlState::NOT_IMPLEMENTED,
        "A query accepts only one set of parameters.",
    )
}
