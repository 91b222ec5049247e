//! SQLNumResultCols, SQLDescribeCol, SQLColAttribute: the columns of a result, also of one that is
//! only prepared.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;
use trino_client::columns::ColumnInfo;
use trino_client::session;

use super::{State, Statement};
use crate::abi;
use crate::descriptor::{Record, Value};
use crate::diagnostics::{Error, SqlState};

impl Statement {
    /// Whether the server must describe the columns first.
    pub fn columns_wait(&self) -> bool {
        matches!(&self.state, State::Prepared(prepared) if prepared.columns.is_none())
    }

    /// The columns of the result; none for a statement without a result set. After SQLPrepare the
    /// server describes them once, without running the statement.
    pub fn columns(&mut self, cancel: CancellationToken) -> Result<Arc<[ColumnInfo]>, Error> {
        match &self.state {
            State::Open { open, .. } => return Ok(Arc::clone(&open.columns)),
            State::Executed { .. } => return Ok(Arc::default()),
            State::Prepared(prepared) => {
                if let Some(columns) = &prepared.columns {
                    return Ok(Arc::clone(columns));
                }
            }
            State::Allocated | State::NeedData(_) | State::Poisoned => {
                return Err(Error::new(
                    SqlState::FUNCTION_SEQUENCE,
                    "No statement was prepared or executed.",
                ));
            }
        }
        self.check_process()?;
        let wait = self.wait(cancel);
        let limits = self.limits();
        let State::Prepared(prepared) = &mut self.state else {
            return Ok(Arc::default());
        };
        let output = if prepared.sql.returns_rows() == Some(false) {
            session::Output::default()
        } else {
            self.session.describe(&prepared.sql, &wait)?
        };
        let columns: Arc<[ColumnInfo]> = output.columns.into();
        prepared.columns = Some(Arc::clone(&columns));
        prepared.bases = output.bases.into();
        let ird = &self.own.ird.descriptor;
        ird.lock().describe(&columns, &prepared.bases, &limits);
        Ok(columns)
    }

    /// Fills the IRD for an application that reads it through its handle: HY007 if no statement was
    /// prepared or executed.
    pub fn describe_ird(&mut self, cancel: CancellationToken) -> Result<(), Error> {
        if matches!(self.state, State::Allocated) {
            return Err(Error::new(
                SqlState::ASSOCIATED_STATEMENT_NOT_PREPARED,
                "There are no columns to describe. Prepare or execute a statement first.",
            ));
        }
        self.check_has_result()?;
        self.columns(cancel).map(drop)
    }

    /// SQLDescribeCol: name, SQL type, column size and decimal digits of a column, from 1. Whether
    /// it may be NULL is not known.
    ///
    /// <https://learn.microsoft.com/sql/odbc/reference/syntax/sqldescribecol-function>
    pub fn describe_column(
        &mut self,
        number: u16,
        cancel: CancellationToken,
    ) -> Result<(String, i16, usize, i16), Error> {
        let record = self.column(number, cancel)?;
        let implementation = record
            .implementation
            .expect("the IRD describes its columns");
        let described = implementation.described;
        Ok((
            implementation.name,
            described.sql_type,
            described.column_size,
            described.decimal_digits,
        ))
    }

    /// SQLColAttribute.
    ///
    /// <https://learn.microsoft.com/sql/odbc/reference/syntax/sqlcolattribute-function>
    pub fn column_attribute(
        &mut self,
        number: u16,
        field: u16,
        cancel: CancellationToken,
    ) -> Result<Value, Error> {
        let field = field as i16;
        self.check_has_result()?;
        if matches!(field, abi::SQL_DESC_COUNT | abi::SQL_COLUMN_COUNT) {
            let count = self.columns(cancel)?.len();
            return Ok(Value::Length(isize::try_from(count).unwrap_or(isize::MAX)));
        }
        self.column(number, cancel)?;
        let ird = self.own.ird.descriptor.lock();
        ird.column_attribute(usize::from(number), field)
    }

    /// SQLColAttribute for applications with narrow strings, which size their buffers by these
    /// lengths: text has as many bytes as its longest UTF-8.
    pub fn narrow_column_attribute(
        &mut self,
        number: u16,
        field: u16,
        cancel: CancellationToken,
    ) -> Result<Value, Error> {
        let value = self.column_attribute(number, field, cancel)?;
        let is_length = matches!(
            field as i16,
            abi::SQL_DESC_LENGTH
                | abi::SQL_DESC_OCTET_LENGTH
                | abi::SQL_DESC_DISPLAY_SIZE
                | abi::SQL_COLUMN_LENGTH
        );
        if !is_length {
            return Ok(value);
        }
        let ird = self.own.ird.descriptor.lock();
        let record = ird.record(usize::from(number));
        let column = record.and_then(|record| record.implementation.as_ref());
        Ok(match column.map(|column| &column.described) {
            Some(told) if told.is_text() => {
                Value::Length(isize::try_from(told.octet_length).unwrap_or(isize::MAX))
            }
            _ => value,
        })
    }

    /// 24000 after an execution without a result set.
    fn check_has_result(&self) -> Result<(), Error> {
        if matches!(self.state, State::Executed { .. }) {
            return Err(Error::no_result_set());
        }
        Ok(())
    }

    fn column(&mut self, number: u16, cancel: CancellationToken) -> Result<Record, Error> {
        self.check_has_result()?;
        let columns = self.columns(cancel)?;
        if columns.is_empty() {
            return Err(Error::new(
                SqlState::PREPARED_STATEMENT_NOT_A_CURSOR_SPECIFICATION,
                "The statement has no result set.",
            ));
        }
        if number == 0 {
            return Err(Error::bookmark());
        }
        let ird = self.own.ird.descriptor.lock();
        ird.record(usize::from(number))
            .cloned()
            .ok_or_else(|| Error::no_column(number))
    }
}
