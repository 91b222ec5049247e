//! An execution with parameters: the values of the current set, and the outcome of the sets before
//! it.

use std::collections::VecDeque;

use trino_client::sql;

use super::bulk::Bulk;
use super::markers::{Fitting, Value, is_floating};
use super::prepared::Prepared;
use super::tally::Tally;
use crate::bind::{Address, Layout, Parameter, ParameterInput};
use crate::convert::{Form, Format, ParameterError, ParameterType, is_text_parameter, parameter};
use crate::diagnostics::{Diagnostics, Error, Record};

/// A running execution with parameters.
#[derive(Debug)]
pub struct ParameterExecution {
    pub(super) sql: sql::Statement,
    pub(super) prepared: Option<Prepared>,
    pub(super) bound: Vec<(Parameter, ParameterType)>,
    /// How to write values.
    pub(super) fitting: Fitting,
    pub(super) layout: Layout,
    /// The current set, from 0.
    pub(super) set: usize,
    /// Values of the current set.
    pub(super) values: Vec<Value>,
    /// Values of the current set that SQLPutData must supply.
    pub(super) later: Awaited,
    /// The value being supplied.
    pub(super) pending: Option<PendingValue>,
    pub(super) tally: Tally,
    /// Sets to send together, if the statement can take many.
    pub(super) bulk: Option<Bulk>,
}

/// Values to be supplied: the index of each parameter, and the address that identifies it.
type Awaited = VecDeque<(usize, Address)>;

impl ParameterExecution {
    /// The prepared statement, if it executes one.
    pub fn into_prepared(self) -> Option<Prepared> {
        self.prepared
    }

    /// The sets of an execution that gathers them.
    pub(super) fn bulk_mut(&mut self) -> &mut Bulk {
        self.bulk.as_mut().expect("the execution gathers sets")
    }

    /// Reads the values of the current set, except data at execution.
    pub(super) fn gather(
        &mut self,
        format: &Format,
        warnings: &mut Diagnostics,
    ) -> Result<(), Error> {
        (self.values, self.later) = self.read(self.set, format, warnings)?;
        Ok(())
    }

    /// The values of a set, except data at execution.
    pub(super) fn read(
        &self,
        set: usize,
        format: &Format,
        warnings: &mut Diagnostics,
    ) -> Result<(Vec<Value>, Awaited), Error> {
        let mut values = Vec::with_capacity(self.bound.len());
        let mut later = VecDeque::new();
        for (index, (bound, kind)) in self.bound.iter().enumerate() {
            let given = bound.input(&self.layout, set, format.wide);
            let given = given.map_err(|error| refused(index, error))?;
            let given = match given {
                ParameterInput::Null => None,
                ParameterInput::Value(bytes) => Some(bytes),
                ParameterInput::Later(address) => {
                    later.push_back((index, address));
                    values.push(Value::later());
                    continue;
                }
            };
            values.push(self.value(index, (bound.form, kind), given, format, warnings)?);
        }
        Ok((values, later))
    }

    /// Stores a supplied value.
    pub(super) fn take(
        &mut self,
        pending: &PendingValue,
        format: &Format,
        warnings: &mut Diagnostics,
    ) -> Result<(), Error> {
        let index = pending.index;
        let (bound, kind) = &self.bound[index];
        let given = (!pending.null).then_some(&*pending.bytes);
        let value = self.value(index, (bound.form, kind), given, format, warnings)?;
        self.values[index] = value;
        Ok(())
    }

    /// The value of a parameter from its bytes; NULL without any.
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

    /// How many sets remain.
    pub(super) fn remaining_sets(&self) -> usize {
        self.tally.sets - self.set
    }

    /// Whether a parameter is bound as text.
    pub(super) fn is_text(&self, index: usize) -> bool {
        let bound = self.bound.get(index);
        bound.is_some_and(|(_, kind)| is_text_parameter(kind))
    }

    /// Whether some value might be written as another type than it is bound.
    pub(super) fn may_fit(&self) -> bool {
        let mut bound = self.bound.iter();
        bound.any(|(_, kind)| is_text_parameter(kind) || is_floating(kind))
            || self.values.iter().any(Value::is_null)
    }

    /// Rewrites the values of the current set after learning more. Returns whether one changed.
    pub(super) fn refit(&mut self) -> Result<bool, Error> {
        let mut changed = false;
        for (index, (value, (_, kind))) in self.values.iter_mut().zip(&self.bound).enumerate() {
            changed |= self.fitting.fit(index, kind, value)?;
        }
        Ok(changed)
    }

    pub(super) fn is_ignored(&self) -> bool {
        self.tally.is_ignored(self.set)
    }

    /// Records the status of the current set and moves to the next.
    pub(super) fn report(&mut self, status: u16) {
        self.tally.set_status(self.set, status);
        self.set += 1;
    }

    /// Records that the current set failed. Returns the error if it ends the execution.
    pub(super) fn fail(
        &mut self,
        error: Error,
        diagnostics: &mut Diagnostics,
    ) -> Result<(), Error> {
        let set = self.set;
        self.set += 1;
        self.tally.fail(std::iter::once(set), error, diagnostics)
    }
}

/// A value that SQLPutData supplies in parts.
#[derive(Debug)]
pub(super) struct PendingValue {
    pub(super) index: usize,
    pub(super) bytes: Vec<u8>,
    pub(super) null: bool,
    pub(super) begun: bool,
}

pub(super) fn refused(index: usize, error: ParameterError) -> Error {
    Record::of_parameter(Err(error), index + 1).into()
}
