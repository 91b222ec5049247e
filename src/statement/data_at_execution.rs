//! SQLParamData, SQLPutData: values that the application supplies during an execution.
//!
//! Between these calls the statement's state holds the suspended execution.

use tokio_util::sync::CancellationToken;

use super::parameter_execution::{ParameterExecution, PendingValue, refused};
use super::{Outcome, State, Statement};
use crate::bind::{self, Address};
use crate::diagnostics::{Error, SqlState};

impl Statement {
    /// Whether SQLParamData would run the statement: all values of the set have been supplied.
    pub fn data_wait(&self) -> bool {
        matches!(&self.state, State::NeedData(execution) if execution.later.is_empty())
    }

    /// SQLParamData: returns the address that identifies the next parameter to supply; runs the
    /// statement if none is left.
    ///
    /// <https://learn.microsoft.com/sql/odbc/reference/syntax/sqlparamdata-function>
    pub fn parameter_data(
        &mut self,
        cancel: CancellationToken,
    ) -> Result<(Outcome, Option<Address>), Error> {
        let State::NeedData(execution) = &mut self.state else {
            return Err(no_data_wanted());
        };
        if execution
            .pending
            .as_ref()
            .is_some_and(|pending| !pending.begun)
        {
            return Err(Error::new(
                SqlState::FUNCTION_SEQUENCE,
                "No data has been supplied for this parameter; call SQLPutData first.",
            ));
        }
        let mut failed = None;
        if let Some(pending) = execution.pending.take() {
            failed = execution
                .take(&pending, &self.format, &mut self.diagnostics)
                .err();
        }
        if failed.is_none()
            && let Some(address) = execution.next_pending()
        {
            return Ok((Outcome::NeedData, Some(address)));
        }
        let Some(mut execution) = self.take_execution() else {
            return Err(no_data_wanted());
        };
        match failed {
            Some(error) => execution.fail(error, &mut self.diagnostics)?,
            None => {
                if let Some(outcome) = self.run_set(&mut execution, cancel.clone())? {
                    return Ok((outcome, None));
                }
            }
        }
        let outcome = self.run_sets(execution, cancel)?;
        let address = match &mut self.state {
            State::NeedData(execution) => execution.next_pending(),
            _ => None,
        };
        Ok((outcome, address))
    }

    /// SQLPutData: supplies the data of the parameter that SQLParamData returned, or a part of it.
    ///
    /// <https://learn.microsoft.com/sql/odbc/reference/syntax/sqlputdata-function>
    pub fn put_data(&mut self, data: Address, length: isize) -> Result<Outcome, Error> {
        let State::NeedData(execution) = &mut self.state else {
            return Err(no_data_wanted());
        };
        let Some(pending) = &mut execution.pending else {
            return Err(Error::new(
                SqlState::FUNCTION_SEQUENCE,
                "No parameter has been selected; call SQLParamData first.",
            ));
        };
        let (bound, _) = &execution.bound[pending.index];
        let c_type = bound.form.c_type;
        let part = bind::put(data, length, c_type, self.format.wide)
            .map_err(|error| refused(pending.index, error))?;
        match part {
            None if pending.begun => return Err(mixed_with_null()),
            None => pending.null = true,
            Some(_) if pending.null => return Err(mixed_with_null()),
            Some(_) if pending.begun && c_type.size().is_some() => {
                return Err(Error::new(
                    SqlState::DATA_SENT_IN_PIECES,
                    "Only character and binary data can be sent in parts.",
                ));
            }
            Some(part) => pending.bytes.extend(part),
        }
        pending.begun = true;
        Ok(Outcome::Done)
    }

    /// SQLCancel on a statement that waits for data: discards the execution.
    pub fn cancel_data(&mut self) {
        drop(self.take_execution());
    }

    /// Takes the suspended execution out of the state; a prepared statement stays prepared.
    fn take_execution(&mut self) -> Option<Box<ParameterExecution>> {
        if !matches!(self.state, State::NeedData(_)) {
            return None;
        }
        match std::mem::replace(&mut self.state, State::Allocated) {
            State::NeedData(execution) => {
                if let Some(prepared) = &execution.prepared {
                    self.state = State::Prepared(prepared.clone());
                }
                Some(execution)
            }
            _ => None,
        }
    }
}

impl ParameterExecution {
    /// Starts the next value to be supplied, and returns the address that identifies it.
    fn next_pending(&mut self) -> Option<Address> {
        let (index, address) = self.later.pop_front()?;
        self.pending = Some(PendingValue {
            index,
            bytes: Vec::new(),
            null: false,
            begun: false,
        });
        Some(address)
    }
}

fn no_data_wanted() -> Error {
    Error::new(
        SqlState::FUNCTION_SEQUENCE,
        "The statement is not waiting for parameter data.",
    )
}

fn mixed_with_null() -> Error {
    Error::new(
        SqlState::CONCATENATED_NULL,
        "NULL and data cannot be combined in one parameter value.",
    )
}
