//! Behind the exports: parameters.

use std::ffi::c_void;

use tokio_util::sync::CancellationToken;

use super::{asynchronous, entry, text};
use crate::abi::{self, SqlReturn};
use crate::bind::Address;
use crate::statement::{Outcome, ParameterBinding, Statement};

pub unsafe fn bind(statement: *mut c_void, number: u16, binding: ParameterBinding) -> SqlReturn {
    entry::statement("SQLBindParameter", statement, |statement, _| {
        statement.bind_parameter(number, &binding)
    })
}

pub unsafe fn count(statement: *mut c_void, count: *mut i16) -> SqlReturn {
    entry::statement("SQLNumParams", statement, |statement, _| {
        let found = statement.parameter_count()?;
        // SAFETY: the application's place for a count.
        unsafe { text::put(count, i16::try_from(found).unwrap_or(i16::MAX)) };
        Ok(Outcome::Done)
    })
}

pub unsafe fn describe(
    statement: *mut c_void,
    number: u16,
    sql_type: *mut i16,
    size: *mut usize,
    digits: *mut i16,
    nullable: *mut i16,
) -> SqlReturn {
    let call = |statement: &mut Statement, cancel: CancellationToken| {
        let (concise, column_size, decimal_digits) =
            statement.describe_parameter(number, cancel)?;
        // SAFETY: the application's places, in each line.
        unsafe {
            text::put(sql_type, concise);
            text::put(size, column_size);
            text::put(digits, decimal_digits);
            text::put(nullable, abi::SQL_NULLABLE_UNKNOWN);
        }
        Ok(Outcome::Done)
    };
    // Those of all parameters are asked for together.
    let ask = |statement: &mut Statement, cancel| statement.describe_parameter(1, cancel).map(drop);
    let waits = Statement::parameters_wait;
    entry::describing("SQLDescribeParam", statement, waits, ask, call)
}

pub unsafe fn data(statement: *mut c_void, value: *mut *mut c_void) -> SqlReturn {
    let work = move |statement: &mut Statement, cancel: CancellationToken| {
        let (outcome, address) = statement.parameter_data(cancel)?;
        if let Some(address) = address {
            // SAFETY: the application's place for an address.
            unsafe { text::put(value, std::ptr::with_exposed_provenance_mut(address.get())) };
        }
        Ok(outcome)
    };
    let waits = |statement: &Statement| asynchronous::is_followed() && statement.data_wait();
    entry::bringing_data("SQLParamData", statement, waits, work)
}

pub unsafe fn put_data(statement: *mut c_void, data: *mut c_void, length: isize) -> SqlReturn {
    let data = Address::of(data);
    let work = move |statement: &mut Statement, _| statement.put_data(data, length);
    entry::bringing_data("SQLPutData", statement, |_| false, work)
}
