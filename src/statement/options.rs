//! SQLSetStmtAttr and SQLGetStmtAttr: where each attribute lives.
//!
//! Some attributes are fields of descriptors under another name; driver-specific ones describe the
//! last query.
//!
//! <https://learn.microsoft.com/sql/odbc/reference/syntax/sqlsetstmtattr-function>

use super::{State, Statement};
use crate::abi;
use crate::bind::Address;
use crate::descriptor::Value;
use crate::diagnostics::{Error, SqlState};

impl Statement {
    /// Sets an attribute of integer value or one that holds an address.
    pub fn set_attribute(&mut self, attribute: i32, value: usize) -> Result<(), Error> {
        let cursor_matters = matches!(
            attribute,
            abi::SQL_ATTR_CURSOR_TYPE
                | abi::SQL_ATTR_CONCURRENCY
                | abi::SQL_ATTR_SIMULATE_CURSOR
                | abi::SQL_ATTR_USE_BOOKMARKS
                | abi::SQL_ATTR_CURSOR_SCROLLABLE
                | abi::SQL_ATTR_CURSOR_SENSITIVITY
        );
        if cursor_matters {
            self.state.check_cursor_can_change()?;
        }
        let ard = || self.ard.descriptor.lock();
        let apd = || self.apd.descriptor.lock();
        let ird = || self.own.ird.descriptor.lock();
        let ipd = || self.own.ipd.descriptor.lock();
        match attribute {
            abi::SQL_ATTR_ROW_ARRAY_SIZE => {
                return ard().set_field(0, abi::SQL_DESC_ARRAY_SIZE, value);
            }
            abi::SQL_ATTR_ROW_BIND_TYPE => ard().bind_type = value,
            abi::SQL_ATTR_ROW_BIND_OFFSET_PTR => ard().bind_offset = Address::new(value),
            abi::SQL_ATTR_ROW_OPERATION_PTR => ard().array_status = Address::new(value),
            abi::SQL_ATTR_ROW_STATUS_PTR => ird().array_status = Address::new(value),
            abi::SQL_ATTR_ROWS_FETCHED_PTR => ird().rows_processed = Address::new(value),
            abi::SQL_ATTR_PARAMSET_SIZE => {
                return apd().set_field(0, abi::SQL_DESC_ARRAY_SIZE, value);
            }
            abi::SQL_ATTR_PARAM_BIND_TYPE => apd().bind_type = value,
            abi::SQL_ATTR_PARAM_BIND_OFFSET_PTR => apd().bind_offset = Address::new(value),
            abi::SQL_ATTR_PARAM_OPERATION_PTR => apd().array_status = Address::new(value),
            abi::SQL_ATTR_PARAM_STATUS_PTR => ipd().array_status = Address::new(value),
            abi::SQL_ATTR_PARAMS_PROCESSED_PTR => ipd().rows_processed = Address::new(value),
            abi::SQL_ATTR_ASYNC_STMT_PCALLBACK => self.notification.callback = value,
            abi::SQL_ATTR_ASYNC_STMT_PCONTEXT => self.notification.context = value,
            abi::SQL_ATTR_IMP_ROW_DESC | abi::SQL_ATTR_IMP_PARAM_DESC => {
                return Err(Error::new(
                    SqlState::INVALID_USE_OF_IMPLICIT_DESCRIPTOR,
                    "Implementation descriptors cannot be replaced.",
                ));
            }
            _ => return self.attributes.set(attribute, value, &mut self.diagnostics),
        }
        Ok(())
    }

    /// The value of an attribute.
    pub fn attribute(&self, attribute: i32) -> Result<Value, Error> {
        let ard = || self.ard.descriptor.lock();
        let apd = || self.apd.descriptor.lock();
        let ird = || self.own.ird.descriptor.lock();
        let ipd = || self.own.ipd.descriptor.lock();
        let handle = |described: &crate::descriptor::Described| {
            Value::Pointer(described.token.as_ptr().addr())
        };
        Ok(match attribute {
            abi::SQL_ATTR_ROW_ARRAY_SIZE => Value::ULength(ard().array_size),
            abi::SQL_ATTR_ROW_BIND_TYPE => Value::ULength(ard().bind_type),
            abi::SQL_ATTR_ROW_BIND_OFFSET_PTR => Value::Pointer(ard().bind_offset.get()),
            abi::SQL_ATTR_ROW_OPERATION_PTR => Value::Pointer(ard().array_status.get()),
            abi::SQL_ATTR_ROW_STATUS_PTR => Value::Pointer(ird().array_status.get()),
            abi::SQL_ATTR_ROWS_FETCHED_PTR => Value::Pointer(ird().rows_processed.get()),
            abi::SQL_ATTR_PARAMSET_SIZE => Value::ULength(apd().array_size),
            abi::SQL_ATTR_PARAM_BIND_TYPE => Value::ULength(apd().bind_type),
            abi::SQL_ATTR_PARAM_BIND_OFFSET_PTR => Value::Pointer(apd().bind_offset.get()),
            abi::SQL_ATTR_PARAM_OPERATION_PTR => Value::Pointer(apd().array_status.get()),
            abi::SQL_ATTR_PARAM_STATUS_PTR => Value::Pointer(ipd().array_status.get()),
            abi::SQL_ATTR_PARAMS_PROCESSED_PTR => Value::Pointer(ipd().rows_processed.get()),
            abi::SQL_ATTR_APP_ROW_DESC => handle(&self.ard),
            abi::SQL_ATTR_APP_PARAM_DESC => handle(&self.apd),
            abi::SQL_ATTR_IMP_ROW_DESC => handle(&self.own.ird),
            abi::SQL_ATTR_IMP_PARAM_DESC => handle(&self.own.ipd),
            abi::SQL_ATTR_ROW_NUMBER => Value::ULength(self.row_number()?),
            abi::SQL_ATTR_ASYNC_STMT_PCALLBACK => Value::Pointer(self.notification.callback),
            abi::SQL_ATTR_ASYNC_STMT_PCONTEXT => Value::Pointer(self.notification.context),
            abi::SQL_ATTR_TRINO_QUERY_ID..=abi::SQL_ATTR_TRINO_ENCODING => {
                self.query_attribute(attribute)
            }
            abi::SQL_ATTR_TRINO_PARALLEL_DOWNLOADS => {
                let set = self.attributes.bounds().downloads;
                Value::U64(set.unwrap_or(self.session.capacity().downloads) as u64)
            }
            abi::SQL_ATTR_TRINO_MEMORY_LIMIT => {
                let set = self.attributes.bounds().memory;
                Value::U64(set.unwrap_or(self.session.capacity().memory))
            }
            _ => Value::ULength(self.attributes.get(attribute)?),
        })
    }

    /// SQL_ATTR_ROW_NUMBER: the number of the current row in the result, from 1.
    fn row_number(&self) -> Result<usize, Error> {
        let number = match &self.state {
            State::Open { open, .. } => open.cursor.row_number(open.row),
            _ => 0,
        };
        match usize::try_from(number) {
            Ok(number) if number > 0 => Ok(number),
            _ => Err(Error::not_on_row()),
        }
    }

    /// The driver-specific attributes that describe the last query.
    fn query_attribute(&self, attribute: i32) -> Value {
        let statistics = self
            .query
            .as_ref()
            .map(|it| it.statistics())
            .unwrap_or_default();
        let progress = || self.query.as_ref().map(|it| it.progress());
        let number = |number: u64| Value::U64(number);
        match attribute {
            abi::SQL_ATTR_TRINO_QUERY_ID => Value::Text(self.query_id().unwrap_or_default()),
            abi::SQL_ATTR_TRINO_QUERY_STATE => {
                Value::Text(progress().map(|it| it.state).unwrap_or_default())
            }
            abi::SQL_ATTR_TRINO_PROGRESS => {
                let percentage = progress().and_then(|it| it.percentage);
                number(percentage.map_or(abi::SQL_NO_TOTAL as u64, |it| it as u64))
            }
            abi::SQL_ATTR_TRINO_RETRIEVAL_MODE => Value::Text(statistics.mode().to_owned()),
            abi::SQL_ATTR_TRINO_ENCODING => {
                let name = statistics.encoding.map(|encoding| encoding.name());
                Value::Text(name.unwrap_or_default().to_owned())
            }
            abi::SQL_ATTR_TRINO_SEGMENTS_INLINE => number(statistics.inline),
            abi::SQL_ATTR_TRINO_SEGMENTS_SPOOLED => number(statistics.spooled),
            abi::SQL_ATTR_TRINO_BYTES_DOWNLOADED => number(statistics.downloaded),
            abi::SQL_ATTR_TRINO_BYTES_DECODED => number(statistics.decoded),
            abi::SQL_ATTR_TRINO_RETRIES => number(statistics.retries),
            abi::SQL_ATTR_TRINO_SEGMENTS_SPILLED => number(statistics.spilled),
            abi::SQL_ATTR_TRINO_BYTES_SPILLED => number(statistics.spilled_bytes),
            _ => number(statistics.peak_memory),
        }
    }
}
