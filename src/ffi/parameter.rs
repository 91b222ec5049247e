//! Behind the exports: parameters.

use std::ffi::c_void;

use super::{call, text};
use crate::abi::{self, SqlReturn};
use crate::bind::Address;
use crate::statement::{Outcome, ParameterBinding, Statement};

pub unsafe fn bind(statement: *mut c_void, number: u16, binding: ParameterBinding) -> SqlReturn {
    call::statement("SQLBindParameter", statement)
        .run(|statement, _| statement.bind_parameter(number, &binding))
}

pub unsafe fn count(statement: *mut c_void, count: *mut i16) -> SqlReturn {
    call::statement("SQLNumParams", statement).run(|statement, _| {
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
    call::statement("SQLDescribeParam", statement)
        .detach_if_followed(Statement::parameters_wait)
        .write(|statement, waiting| {
            let (concise, column_size, decimal_digits) =
                statement.describe_parameter(number, waiting.token())?;
            // SAFETY: the application's places, in each line.
            unsafe {
                text::put(sql_type, concise);
                text::put(size, column_size);
                text::put(digits, decimal_digits);
                text::put(nullable, abi::SQL_NULLABLE_UNKNOWN);
            }
            Ok(())
        })
        .run(move |statement, (), waiting| {
            // The server describes all of them together.
            if statement.parameters_wait() {
                statement.describe_parameter(number, waiting.token())?;
            }
            Ok(Outcome::Done)
        })
}

pub unsafe fn data(statement: *mut c_void, value: *mut *mut c_void) -> SqlReturn {
    call::statement("SQLParamData", statement)
        .in_any_state()
        .detach_if_followed(Statement::data_wait)
        .run(move |statement, (), waiting| {
            let (outcome, address) = statement.parameter_data(waiting.token())?;
            if let Some(address) = address {
                // SAFETY: the application's place for an address.
                unsafe { text::put(value, std::ptr::with_exposed_provenance_mut(address.get())) };
            }
            Ok(outcome)
        })
}

pub unsafe fn put_data(statement: *mut c_void, data: *mut c_void, length: isize) -> SqlReturn {
    let data = Address::of(data);
    call::statement("SQLPutData", statement)
        .in_any_state()
        .run(|statement, _| statement.put_data(data, length))
}
