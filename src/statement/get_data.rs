//! SQLGetData: one column of the current row, in parts when it is long.
//!
//! <https://learn.microsoft.com/sql/odbc/reference/syntax/sqlgetdata-function>

use super::fetch::{form, no_conversion};
use super::{Outcome, State, Statement};
use crate::abi::{self, CType};
use crate::bind::Address;
use crate::convert::{self, Issue, Progress};
use crate::diagnostics::{Error, Record, SqlState};

/// How much of a column the application has read.
#[derive(Debug, Default)]
pub struct GetData {
    column: u16,
    done: bool,
    progress: Progress,
}

impl GetData {
    /// Starts over on another row.
    pub fn reset(&mut self) {
        self.column = 0;
        self.done = false;
        self.progress = Progress::default();
    }
}

impl Statement {
    /// SQLGetData. `data` and `indicator` are addresses of the application, or 0.
    #[inline]
    pub fn get_data(
        &mut self,
        column: u16,
        c_type: i16,
        data: Address,
        capacity: isize,
        indicator: Address,
    ) -> Result<Outcome, Error> {
        match self.get_whole(column, c_type, data, capacity, indicator) {
            Some(()) => Ok(Outcome::Done),
            None => self.get_part(column, c_type, data, capacity, indicator),
        }
    }

    /// The common case: a NULL, or a value that is returned as stored and fits its buffer. `None`,
    /// with nothing written, leaves all other cases to [`Self::get_part`].
    #[inline(always)]
    fn get_whole(
        &mut self,
        column: u16,
        c_type: i16,
        data: Address,
        capacity: isize,
        indicator: Address,
    ) -> Option<()> {
        let State::Open { open, .. } = &self.state else {
            return None;
        };
        if self.get_data.column == column {
            return None;
        }
        let (chunk, row) = open.cursor.rowset().locate(open.row)?;
        let index = usize::from(column).checked_sub(1)?;
        let values = chunk.columns().get(index)?;
        let capacity = usize::try_from(capacity).ok()?;
        let c_type = CType::from_raw(c_type)?;
        let length = if !values.is_null(row) {
            let cell = data.bytes(c_type.size().unwrap_or(capacity));
            let length = convert::stored(values, row, c_type, self.format.wide, cell)?;
            isize::try_from(length).ok()?
        } else if !indicator.is_null() {
            abi::SQL_NULL_DATA
        } else {
            return None;
        };
        indicator.write_isize(length);
        self.get_data.column = column;
        self.get_data.done = true;
        Some(())
    }

    /// The next part of a cell, with any conversion.
    #[inline(never)]
    fn get_part(
        &mut self,
        column: u16,
        c_type: i16,
        data: Address,
        capacity: isize,
        indicator: Address,
    ) -> Result<Outcome, Error> {
        let capacity = usize::try_from(capacity).map_err(|_| Error::negative_length())?;
        let open = self.state.open_mut()?;
        let Some((chunk, row)) = open.cursor.rowset().locate(open.row) else {
            return Err(Error::not_on_row());
        };
        let index = usize::from(column).checked_sub(1);
        let Some((info, values)) =
            index.and_then(|index| open.columns.get(index).zip(chunk.columns().get(index)))
        else {
            return Err(Error::no_column(column));
        };
        let wanted = match c_type {
            abi::SQL_C_DEFAULT => None,
            abi::SQL_ARD_TYPE => {
                let ard = self.ard.descriptor.lock();
                let record = ard.record(usize::from(column));
                record.and_then(|record| CType::from_raw(record.concise_type))
            }
            _ => Some(CType::from_raw(c_type).ok_or_else(|| Error::unknown_c_type(c_type))?),
        };
        let wanted =
            wanted.unwrap_or_else(|| convert::default_c_type(&info.kind, self.format.as_text));
        let form = match wanted {
            CType::Numeric | CType::Interval(_) => {
                let ard = self.ard.descriptor.lock();
                let record = ard.record(usize::from(column));
                form(&info.kind, wanted, self.format.as_text, record)
            }
            CType::Binary => convert::own_form(&info.kind, wanted, self.format.as_text),
            _ => wanted.into(),
        };

        let state = &mut self.get_data;
        if state.column == column && (state.done || state.progress.finished()) {
            return Ok(Outcome::NoData);
        }
        if state.column != column {
            *state = GetData {
                column,
                ..GetData::default()
            };
        }
        if values.is_null(row) {
            if indicator.is_null() {
                return Err(cell_error(column, convert::Error::IndicatorRequired));
            }
            indicator.write_isize(abi::SQL_NULL_DATA);
            state.done = true;
            return Ok(Outcome::Done);
        }

        let size = form.c_type.size().unwrap_or(capacity);
        let out = data.bytes(size);
        match convert::part(values, row, form, &self.format, &mut state.progress, out) {
            Ok(part) => {
                let length = part.remaining.map_or(abi::SQL_NO_TOTAL, |bytes| {
                    isize::try_from(bytes).unwrap_or(abi::SQL_NO_TOTAL)
                });
                indicator.write_isize(length);
                if let Some(warning) = part.warning {
                    self.diagnostics.push(Record::of_value(
                        Issue::Warning(warning),
                        None,
                        usize::from(column),
                    ));
                }
                Ok(Outcome::Done)
            }
            Err(convert::Error::RestrictedType) => Err(Error::new(
                SqlState::RESTRICTED_DATA_TYPE,
                no_conversion(usize::from(column), &info.kind, c_type),
            )),
            Err(_) if data.is_null() => Err(Error::new(
                SqlState::INVALID_NULL_POINTER,
                "The target buffer is a null pointer.",
            )),
            Err(error) => Err(cell_error(column, error)),
        }
    }
}

fn cell_error(column: u16, error: convert::Error) -> Error {
    Record::of_value(Issue::Error(error), None, usize::from(column)).into()
}
