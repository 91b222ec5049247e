//! Runs a statement for each of its parameter sets.

use std::collections::VecDeque;

use tokio_util::sync::CancellationToken;

use super::bulk::{Added, Bulk};
use super::markers::Fitting;
use super::parameter_execution::Supply;
use super::tally::{Reports, Tally};
use super::{Outcome, Prepared, State, Statement};
use crate::abi;
use crate::bind::{Layout, memory};
use crate::diagnostics::{Error, SqlState};
use crate::session;
use crate::sql;

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
                offset: memory::read_isize(apd.bind_offset),
            };
            (layout, apd.array_size, apd.array_status)
        };
        let reports = {
            let ipd = self.own.ipd.descriptor.lock();
            Reports {
                operations,
                status: ipd.array_status,
                processed: ipd.rows_processed,
            }
        };
        if sets > 1 && sql.returns_rows() == Some(true) {
            return Err(only_one_set());
        }
        let together = sets > 1 && self.session.options().fast_inserts;
        let loses_changes = self.session.failure_loses_changes();
        let bulk = together
            .then(|| Bulk::new(sql.text(), loses_changes))
            .flatten();
        let markers = self.known_markers(sql.text(), prepared.as_ref());
        let supply = Supply {
            bulk,
            fitting: Fitting::new(sql.text(), markers),
            sql,
            prepared,
            values: Vec::new(),
            bound,
            layout,
            tally: Tally::new(sets, reports),
            set: 0,
            later: VecDeque::new(),
            coming: None,
        };
        self.run_sets(Box::new(supply), cancel)
    }

    /// Goes on with an execution, from the current set on, until it is over or waits for data.
    pub(super) fn run_sets(
        &mut self,
        mut supply: Box<Supply>,
        cancel: CancellationToken,
    ) -> Result<Outcome, Error> {
        self.find_form(&mut supply, &cancel)?;
        while supply.set < supply.tally.sets {
            let warnings = self.diagnostics.records().len();
            if supply.is_ignored() {
                self.await_inserted(&mut supply, &cancel)?;
                supply.report(abi::SQL_PARAM_UNUSED);
            } else if let Err(error) = supply.gather(&self.format, &mut self.diagnostics) {
                self.await_inserted(&mut supply, &cancel)?;
                supply.fail(error, &mut self.diagnostics)?;
            } else if !supply.later.is_empty() {
                self.insert_all_gathered(&mut supply, &cancel)?;
                self.state = State::NeedData(supply);
                return Ok(Outcome::NeedData);
            } else if supply.bulk.is_some()
                && let Err(error) = self.ask_before_loss(&mut supply, &cancel)
            {
                supply.fail(error, &mut self.diagnostics)?;
            } else if let Some(bulk) = &mut supply.bulk {
                let warned = self.diagnostics.records().len() > warnings;
                let known = (warned, supply.fitting.knowledge());
                let bounds = (supply.tally.sets, self.session.text_limit());
                if bulk.push(supply.set, &supply.values, known, bounds) == Added::Full {
                    self.insert_gathered(&mut supply, &cancel)?;
                    if let Some(bulk) = &mut supply.bulk {
                        // Alone it is taken, whatever its length.
                        bulk.push(supply.set, &supply.values, known, bounds);
                    }
                }
                supply.set += 1;
                if supply.set.is_multiple_of(BETWEEN_LOOKS)
                    && let Some(bulk) = &mut supply.bulk
                {
                    bulk.advance();
                }
            } else if let Some(outcome) = self.run_set(&mut supply, cancel.clone())? {
                return Ok(outcome);
            }
        }
        self.insert_all_gathered(&mut supply, &cancel)?;
        self.conclude_sets(*supply)
    }

    /// Runs the current set, whose values are all there. An outcome is that of the only set.
    pub(super) fn run_set(
        &mut self,
        supply: &mut Supply,
        cancel: CancellationToken,
    ) -> Result<Option<Outcome>, Error> {
        let warned = !self.diagnostics.records().is_empty();
        let execution = match self.submit_set(supply, &cancel) {
            Ok(execution) => execution,
            Err(error) => {
                return supply.fail(error, &mut self.diagnostics).map(|()| None);
            }
        };
        let success = if warned {
            abi::SQL_PARAM_SUCCESS_WITH_INFO
        } else {
            abi::SQL_PARAM_SUCCESS
        };
        if supply.tally.sets == 1 {
            supply.report(success);
            return Ok(Some(self.conclude(execution, supply.prepared.take())));
        }
        match execution.outcome {
            session::Outcome::Updated(count) => {
                self.query = Some(session::Status::finished(execution.query_id));
                supply
                    .tally
                    .succeeded(1, count, execution.update_type.as_deref());
                supply.report(success);
            }
            session::Outcome::Rows(_) => supply.fail(only_one_set(), &mut self.diagnostics)?,
        }
        Ok(None)
    }

    /// Ends an execution of many sets: it failed when no set succeeded and one failed.
    fn conclude_sets(&mut self, supply: Supply) -> Result<Outcome, Error> {
        let Tally {
            succeeded,
            rows,
            does_more,
            mut errors,
            ..
        } = supply.tally;
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
            prepared: supply.prepared,
        };
        // The sets have one count of rows and are judged by it, as one statement would be.
        if is_whole && succeeded > 0 && rows == 0 && !does_more {
            return Ok(self.nothing_changed());
        }
        Ok(Outcome::Done)
    }
}

/// Sets that are read between two looks at the statement that is under way.
const BETWEEN_LOOKS: usize = 128;

fn only_one_set() -> Error {
    Error::new(
        SqlState::NOT_IMPLEMENTED,
        "A query takes one set of parameters at a time.",
    )
}
