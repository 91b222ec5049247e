//! Behind the exports: SQLGetDiagRec and SQLGetDiagField, which leave the diagnostics as they are.

use std::ffi::c_void;

use super::call::{self, read_diagnostics};
use super::output::{Name, Place};
use super::text::{self, Unit};
use crate::abi::{
    self, SQL_ERROR, SQL_INVALID_HANDLE, SQL_NO_DATA, SQL_SUCCESS, SQL_SUCCESS_WITH_INFO,
    SqlReturn, WideUnit,
};
use crate::connection::Connection;
use crate::descriptor::{DescriptorHandle, Value};
use crate::diagnostics::{Diagnostics, Record, SqlState};
use crate::environment::Environment;
use crate::statement::Statement;

pub unsafe fn get_record<U: Unit>(
    kind: i16,
    handle: *mut c_void,
    number: i16,
    state: *mut U,
    native: *mut i32,
    text: *mut U,
    capacity: i16,
    length: *mut i16,
) -> SqlReturn {
    on(kind, handle, |diagnostics, wide| {
        let name = Name {
            text,
            capacity,
            length,
        };
        if name.check().is_err() {
            return SQL_ERROR;
        }
        let record = match find(diagnostics, number) {
            Ok(record) => record,
            Err(code) => return code,
        };
        // SAFETY: the application's buffers; a state has room for five characters and a null.
        let cut = unsafe {
            text::write(record.state.as_str(), state.cast(), 6, U::encoding(wide));
            text::put(native, record.native);
            name.write(&record.text(), wide)
        };
        if cut {
            SQL_SUCCESS_WITH_INFO
        } else {
            SQL_SUCCESS
        }
    })
}

pub unsafe fn get_field<U: Unit>(
    kind: i16,
    handle: *mut c_void,
    number: i16,
    field: i16,
    value: *mut c_void,
    capacity: i16,
    length: *mut i16,
) -> SqlReturn {
    if kind == abi::SQL_HANDLE_STMT && field == abi::SQL_DIAG_ROW_COUNT {
        // Only an execution has a row count.
        let executed = call::read(handle, |statement: &mut Statement| {
            if statement.state().is_executed() {
                SQL_SUCCESS
            } else {
                SQL_ERROR
            }
        });
        if executed != SQL_SUCCESS {
            return executed;
        }
    }
    on(kind, handle, |diagnostics, wide| {
        let found = match of_header(diagnostics, kind, field) {
            Some(found) => found,
            None => match find(diagnostics, number) {
                Ok(record) => match of_record(record, field, &diagnostics.server) {
                    Some(found) => found,
                    None => return SQL_ERROR,
                },
                // A field that no record has is no question of how many there are.
                Err(_)
                    if of_record(&Record::new(SqlState::GENERAL_ERROR, ""), field, "")
                        .is_none() =>
                {
                    return SQL_ERROR;
                }
                Err(code) => return code,
            },
        };
        if matches!(found, Value::Text(_)) && capacity < 0 {
            return SQL_ERROR;
        }
        let mut area = Diagnostics::default();
        let place = Place {
            value,
            capacity,
            length,
            encoding: U::encoding(wide),
        };
        // SAFETY: the application's buffer.
        unsafe { place.field(&found, &mut area) };
        if area.records().is_empty() {
            SQL_SUCCESS
        } else {
            SQL_SUCCESS_WITH_INFO
        }
    })
}

/// A field of the header; `None` where it is none of that kind of handle.
fn of_header(diagnostics: &Diagnostics, kind: i16, field: i16) -> Option<Value> {
    Some(match (kind, field) {
        (_, abi::SQL_DIAG_NUMBER) => {
            Value::I32(i32::try_from(diagnostics.records().len()).unwrap_or(i32::MAX))
        }
        (_, abi::SQL_DIAG_RETURNCODE) => Value::I16(diagnostics.return_code),
        (abi::SQL_HANDLE_STMT, abi::SQL_DIAG_ROW_COUNT) => {
            Value::Length(isize::try_from(diagnostics.row_count).unwrap_or(-1))
        }
        (abi::SQL_HANDLE_STMT, abi::SQL_DIAG_CURSOR_ROW_COUNT) => Value::Length(-1),
        (abi::SQL_HANDLE_STMT, abi::SQL_DIAG_DYNAMIC_FUNCTION) => {
            Value::Text(diagnostics.dynamic_function.0.to_owned())
        }
        (abi::SQL_HANDLE_STMT, abi::SQL_DIAG_DYNAMIC_FUNCTION_CODE) => {
            Value::I32(diagnostics.dynamic_function.1)
        }
        _ => return None,
    })
}

/// A field of a record; `None` where records have none such.
fn of_record(record: &Record, field: i16, server: &str) -> Option<Value> {
    let origin = |iso| Value::Text(if iso { "ISO 9075" } else { "ODBC 3.0" }.to_owned());
    Some(match field {
        abi::SQL_DIAG_SQLSTATE => Value::Text(record.state.to_string()),
        abi::SQL_DIAG_NATIVE => Value::I32(record.native),
        abi::SQL_DIAG_MESSAGE_TEXT => Value::Text(record.text()),
        abi::SQL_DIAG_CLASS_ORIGIN => origin(record.state.class_is_iso()),
        abi::SQL_DIAG_SUBCLASS_ORIGIN => origin(record.state.subclass_is_iso()),
        // Connections have no names but their data source's.
        abi::SQL_DIAG_CONNECTION_NAME | abi::SQL_DIAG_SERVER_NAME => Value::Text(server.to_owned()),
        abi::SQL_DIAG_ROW_NUMBER => {
            Value::Length(record.row.map_or(abi::SQL_NO_ROW_NUMBER, |row| {
                isize::try_from(row).unwrap_or(-2)
            }))
        }
        abi::SQL_DIAG_COLUMN_NUMBER => Value::I32(
            record
                .column
                .map_or(-1, |column| i32::try_from(column).unwrap_or(-2)),
        ),
        _ => return None,
    })
}

fn find(diagnostics: &Diagnostics, number: i16) -> Result<&Record, SqlReturn> {
    let index = usize::try_from(number)
        .ok()
        .and_then(|number| number.checked_sub(1));
    let index = index.ok_or(SQL_ERROR)?;
    diagnostics.records().get(index).ok_or(SQL_NO_DATA)
}

fn on(
    kind: i16,
    handle: *mut c_void,
    call: impl FnOnce(&mut Diagnostics, WideUnit) -> SqlReturn,
) -> SqlReturn {
    match kind {
        abi::SQL_HANDLE_ENV => read_diagnostics::<Environment>(handle, call),
        abi::SQL_HANDLE_DBC => read_diagnostics::<Connection>(handle, call),
        abi::SQL_HANDLE_STMT => read_diagnostics::<Statement>(handle, call),
        abi::SQL_HANDLE_DESC => read_diagnostics::<DescriptorHandle>(handle, call),
        _ => SQL_INVALID_HANDLE,
    }
}
