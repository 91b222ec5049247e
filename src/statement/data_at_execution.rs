//! SQLParamData, SQLPutData: values that come after the execution has begun.
//!
//! Between those calls the whole execution rests in the statement's state, and goes on where it was.

use tokio_util::sync::CancellationToken;

use super::parameter_execution::{Coming, Supply, refused};
use super::{Outcome, State, Statement};
use crate::bind;
use crate::diagnostics::{Error, SqlState};

impl Statement {
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
        let outcome = self.run_sets(supply, cancel)?;
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
