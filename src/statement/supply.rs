//! Execution with parameters: set by set, each set's values gathered first.
//!
//! A value that is not there when a set is gathered is asked for by SQLParamData and comes by SQLPutData (data at
//! execution). Between those calls the whole execution rests in the statement's state, and goes on where it was.

use std::collections::VecDeque;

use tokio_util::sync::CancellationToken;

use super::bulk::{Added, Bulk};
use super::execute::changes_rows;
use super::markers::{Fitting, Value, is_floating};
use super::{Outcome, Prepared, State, Statement};
use crate::abi;
use crate::bind::{self, Given, Layout, Parameter, memory};
use crate::convert::{Form, Format, ParameterError, ParameterType, is_text_parameter, parameter};
use crate::diagnostics::{Diagnostics, Error, Record, SqlState};
use crate::session;
use crate::sql;

/// An execution with parameters that is under way.
#[derive(Debug)]
pub struct Supply {
    pub(super) sql: sql::Statement,
    pub(super) prepared: Option<Prepared>,
    bound: Vec<(Parameter, ParameterType)>,
    /// How values are written.
    pub(super) fitting: Fitting,
    layout: Layout,
    reports: Reports,
    sets: usize,
    /// The current set, from 0.
    set: usize,
    /// Values of the current set.
    pub(super) values: Vec<Value>,
    /// Values of the current set that are yet to come.
    later: Awaited,
    /// The value that is coming.
    coming: Option<Coming>,
    tally: Tally,
    /// Sets that wait to be sent together, where the statement can take many.
    pub(super) bulk: Option<Bulk>,
}

/// Values that are yet to come: which parameter each is of, and the address that asks for it.
type Awaited = VecDeque<(usize, usize)>;

/// Where the application wants to know how sets fared. Addresses, or 0.
#[derive(Debug)]
struct Reports {
    operations: usize,
    status: usize,
    processed: usize,
}

/// How the sets so far fared.
#[derive(Debug, Default)]
struct Tally {
    /// All sets up to here were told of.
    processed: usize,
    succeeded: usize,
    rows: u64,
    /// Whether some set was to do something else than to change rows.
    does_more: bool,
    errors: Vec<Record>,
}

/// A value that comes in parts.
#[derive(Debug)]
struct Coming {
    index: usize,
    bytes: Vec<u8>,
    null: bool,
    begun: bool,
}

impl Supply {
    /// The statement that was prepared, if the execution is one of it.
    pub fn into_prepared(self) -> Option<Prepared> {
        self.prepared
    }

    /// Reads the values of the current set, as far as they are there.
    fn gather(&mut self, format: &Format, warnings: &mut Diagnostics) -> Result<(), Error> {
        (self.values, self.later) = self.read(self.set, format, warnings)?;
        Ok(())
    }

    /// The values of a set, as far as they are there.
    pub(super) fn read(
        &self,
        set: usize,
        format: &Format,
        warnings: &mut Diagnostics,
    ) -> Result<(Vec<Value>, Awaited), Error> {
        let mut values = Vec::with_capacity(self.bound.len());
        let mut later = VecDeque::new();
        for (index, (bound, kind)) in self.bound.iter().enumerate() {
            let given = bound.given(&self.layout, set, format.wide);
            let given = given.map_err(|error| refused(index, error))?;
            let given = match given {
                Given::Null => None,
                Given::Value(bytes) => Some(bytes),
                Given::Later(address) => {
                    later.push_back((index, address));
                    values.push(Value::later());
                    continue;
                }
            };
            values.push(self.value(index, (bound.form, kind), given, format, warnings)?);
        }
        Ok((values, later))
    }

    /// Puts in the value that came.
    fn take(
        &mut self,
        coming: &Coming,
        format: &Format,
        warnings: &mut Diagnostics,
    ) -> Result<(), Error> {
        let index = coming.index;
        let Some((bound, kind)) = self.bound.get(index) else {
            return Ok(());
        };
        let given = (!coming.null).then_some(&*coming.bytes);
        let value = self.value(index, (bound.form, kind), given, format, warnings)?;
        if let Some(place) = self.values.get_mut(index) {
            *place = value;
        }
        Ok(())
    }

    /// The value of a parameter that is given as these bytes; NULL without any.
    fn value(
        &self,
        index: usize,
        (form, kind): (Form, &ParameterType),
        given: Option<&[u8]>,
        format: &Format,
        warnings: &mut Diagnostics,
    ) -> Result<Value, Error> {
        let mut value = match given {
            None => Value::null(),
            Some(bytes) => {
                let (literal, warning) =
                    parameter(bytes, form, kind, format).map_err(|error| refused(index, error))?;
                if let Some(warning) = warning {
                    warnings.push(Record::of_parameter(Ok(warning), index + 1));
                }
                Value::new(literal, kind)
            }
        };
        self.fitting.fit(index, kind, &mut value)?;
        Ok(value)
    }

    /// How many sets are yet to be executed.
    pub(super) fn remaining_sets(&self) -> usize {
        self.sets - self.set
    }

    /// Whether a parameter is bound as text.
    pub(super) fn is_text(&self, index: usize) -> bool {
        let bound = self.bound.get(index);
        bound.is_some_and(|(_, kind)| is_text_parameter(kind))
    }

    /// Whether there are values that may be written in another way than they are bound.
    pub(super) fn may_fit(&self) -> bool {
        let mut bound = self.bound.iter();
        bound.any(|(_, kind)| is_text_parameter(kind) || is_floating(kind))
            || self.values.iter().any(Value::is_null)
    }

    /// Writes the values of the current set anew, after more was learned about them. Whether one changed.
    pub(super) fn refit(&mut self) -> Result<bool, Error> {
        let mut changed = false;
        for (index, (value, (_, kind))) in self.values.iter_mut().zip(&self.bound).enumerate() {
            changed |= self.fitting.fit(index, kind, value)?;
        }
        Ok(changed)
    }

    fn is_ignored(&self) -> bool {
        memory::read_u16(self.reports.operations, self.set) == abi::SQL_PARAM_IGNORE
    }

    /// Tells how the current set fared, and goes on to the next.
    fn report(&mut self, status: u16) {
        self.tell(self.set, status);
        self.set += 1;
    }

    /// Tells how a set fared.
    pub(super) fn tell(&mut self, set: usize, status: u16) {
        memory::fill_status(self.reports.status, set..set + 1, status);
        self.tally.processed = self.tally.processed.max(set + 1);
        memory::write_usize(self.reports.processed, self.tally.processed);
    }

    /// Counts sets that succeeded with a statement of this kind, and the rows that they changed.
    pub(super) fn succeeded(&mut self, sets: usize, rows: Option<u64>, update_type: Option<&str>) {
        self.tally.succeeded += sets;
        self.tally.rows += rows.unwrap_or_default();
        self.tally.does_more |= rows.is_none() || !changes_rows(update_type);
    }

    /// Notes that the current set failed; gives the error back where it ends the execution, after those before it.
    fn fail(&mut self, error: Error, told: &mut Diagnostics) -> Result<(), Error> {
        let set = self.set;
        self.set += 1;
        self.fail_together(std::iter::once(set), error, told)
    }

    /// As [`Self::fail`], for sets that went to the server in one statement.
    pub(super) fn fail_together(
        &mut self,
        mut sets: impl Iterator<Item = usize>,
        error: Error,
        told: &mut Diagnostics,
    ) -> Result<(), Error> {
        let Some(first) = sets.next() else {
            return Ok(());
        };
        self.tell(first, abi::SQL_PARAM_ERROR);
        let mut last = first;
        for set in sets {
            self.tell(set, abi::SQL_PARAM_ERROR);
            last = set;
        }
        if self.sets == 1 || ends_execution(error.state()) {
            self.tell_errors(told);
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
        self.tally.errors.push(record);
        Ok(())
    }

    /// Tells the errors of sets that failed, in the order of the sets.
    fn tell_errors(&mut self, told: &mut Diagnostics) {
        told.extend(self.tally.errors.drain(..));
    }
}

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
        memory::fill_status(reports.status, 0..sets, abi::SQL_PARAM_UNUSED);
        memory::write_usize(reports.processed, 0);
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
            reports,
            sets,
            set: 0,
            later: VecDeque::new(),
            coming: None,
            tally: Tally::default(),
        };
        self.supply(Box::new(supply), cancel)
    }

    /// Goes on with an execution, from the current set on, until it is over or waits for data.
    fn supply(
        &mut self,
        mut supply: Box<Supply>,
        cancel: CancellationToken,
    ) -> Result<Outcome, Error> {
        self.find_form(&mut supply, &cancel)?;
        while supply.set < supply.sets {
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
                let bounds = (supply.sets, self.session.text_limit());
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
    fn run_set(
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
        if supply.sets == 1 {
            supply.report(success);
            return Ok(Some(self.conclude(execution, supply.prepared.take())));
        }
        match execution.outcome {
            session::Outcome::Updated(count) => {
                self.query = Some(session::Status::finished(execution.query_id));
                supply.succeeded(1, count, execution.update_type.as_deref());
                supply.report(success);
            }
            session::Outcome::Rows(_) => supply.fail(only_one_set(), &mut self.diagnostics)?,
        }
        Ok(None)
    }

    /// Ends an execution of many sets: it failed when no set succeeded and one failed.
    fn conclude_sets(&mut self, supply: Supply) -> Result<Outcome, Error> {
        let Tally {
            processed: _,
            succeeded,
            rows,
            does_more,
            mut errors,
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

    /// Whether SQLParamData would have the server run something: no other value of the set is yet to come.
    pub fn data_wait(&self) -> bool {
        matches!(&self.state, State::NeedData(supply) if supply.later.is_empty())
    }

    /// SQLParamData: the address of the parameter whose data is wanted next; runs the statement when there is none.
    ///
    /// <https://learn.microsoft.com/sql/odbc/reference/syntax/sqlparamdata-function>
    pub fn parameter_data(
        &mut self,
        cancel: CancellationToken,
    ) -> Result<(Outcome, Option<usize>), Error> {
        let State::NeedData(supply) = &mut self.state else {
            return Err(no_data_wanted());
        };
        if supply.coming.as_ref().is_some_and(|coming| !coming.begun) {
            return Err(Error::new(
                SqlState::FUNCTION_SEQUENCE,
                "SQLPutData has brought nothing for the parameter yet.",
            ));
        }
        let mut failed = None;
        if let Some(coming) = supply.coming.take() {
            failed = supply
                .take(&coming, &self.format, &mut self.diagnostics)
                .err();
        }
        if failed.is_none()
            && let Some(address) = supply.ask()
        {
            return Ok((Outcome::NeedData, Some(address)));
        }
        let Some(mut supply) = self.leave_need_data() else {
            return Err(no_data_wanted());
        };
        match failed {
            Some(error) => supply.fail(error, &mut self.diagnostics)?,
            None => {
                if let Some(outcome) = self.run_set(&mut supply, cancel.clone())? {
                    return Ok((outcome, None));
                }
            }
        }
        let outcome = self.supply(supply, cancel)?;
        let address = match &mut self.state {
            State::NeedData(supply) => supply.ask(),
            _ => None,
        };
        Ok((outcome, address))
    }

    /// SQLPutData: data of the parameter that SQLParamData told, or a part of it.
    ///
    /// <https://learn.microsoft.com/sql/odbc/reference/syntax/sqlputdata-function>
    pub fn put_data(&mut self, data: usize, length: isize) -> Result<Outcome, Error> {
        let State::NeedData(supply) = &mut self.state else {
            return Err(no_data_wanted());
        };
        let Some(coming) = &mut supply.coming else {
            return Err(Error::new(
                SqlState::FUNCTION_SEQUENCE,
                "SQLParamData has not told a parameter yet.",
            ));
        };
        let Some((bound, _)) = supply.bound.get(coming.index) else {
            return Ok(Outcome::Done);
        };
        let c_type = bound.form.c_type;
        let part = bind::put(data, length, c_type, self.format.wide)
            .map_err(|error| refused(coming.index, error))?;
        match part {
            None if coming.begun => return Err(mixed_with_null()),
            None => coming.null = true,
            Some(_) if coming.null => return Err(mixed_with_null()),
            Some(_) if coming.begun && c_type.size().is_some() => {
                return Err(Error::new(
                    SqlState::DATA_SENT_IN_PIECES,
                    "Only text and bytes can be sent in parts.",
                ));
            }
            Some(part) => coming.bytes.extend(part),
        }
        coming.begun = true;
        Ok(Outcome::Done)
    }

    /// SQLCancel on a statement that waits for data: forgets the execution.
    pub fn cancel_data(&mut self) {
        drop(self.leave_need_data());
    }

    /// Takes out the execution that waits for data; what was prepared stays prepared.
    fn leave_need_data(&mut self) -> Option<Box<Supply>> {
        if !matches!(self.state, State::NeedData(_)) {
            return None;
        }
        match std::mem::replace(&mut self.state, State::Allocated) {
            State::NeedData(supply) => {
                if let Some(prepared) = &supply.prepared {
                    self.state = State::Prepared(prepared.clone());
                }
                Some(supply)
            }
            _ => None,
        }
    }
}

impl Supply {
    /// Begins with the next value that is yet to come: the address that asks for it.
    fn ask(&mut self) -> Option<usize> {
        let (index, address) = self.later.pop_front()?;
        self.coming = Some(Coming {
            index,
            bytes: Vec::new(),
            null: false,
            begun: false,
        });
        Some(address)
    }
}

/// Sets that are read between two looks at the statement that is under way.
const BETWEEN_LOOKS: usize = 128;

/// Whether nothing more would come of further sets.
fn ends_execution(state: SqlState) -> bool {
    let state = state.as_str();
    ["08", "25", "28", "40", "HY008", "HYT"]
        .iter()
        .any(|start| state.starts_with(start))
}

fn refused(index: usize, error: ParameterError) -> Error {
    Record::of_parameter(Err(error), index + 1).into()
}

fn only_one_set() -> Error {
    Error::new(
        SqlState::NOT_IMPLEMENTED,
        "A query takes one set of parameters at a time.",
    )
}

fn no_data_wanted() -> Error {
    Error::new(
        SqlState::FUNCTION_SEQUENCE,
        "The statement does not wait for data.",
    )
}

fn mixed_with_null() -> Error {
    Error::new(
        SqlState::CONCATENATED_NULL,
        "NULL and data cannot be put together.",
    )
}
