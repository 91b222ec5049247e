//! Behind the exports: statements.

use std::ffi::c_void;
use std::sync::Arc;

use tracing::Level;
use trino_client::sql;

use super::guard::guarded;
use super::output::{Name, Place};
use super::text::{self, Unit};
use super::{call, environment};
use crate::abi::{self, SQL_INVALID_HANDLE, SQL_SUCCESS, SqlReturn, SqlSetPosIRow, WideUnit};
use crate::bind::Address;
use crate::connection::Connection;
use crate::descriptor::{COLUMN_NULLABLE, DESCRIPTORS, Described, Origin, Value};
use crate::diagnostics::{Error, SqlState};
use crate::handle::{Token, Waiting};
use crate::log;
use crate::statement::{Outcome, Statement, motion};

pub unsafe fn prepare<U: Unit>(statement: *mut c_void, text: *const U, length: i32) -> SqlReturn {
    call::statement("SQLPrepare", statement).run(|statement, _| {
        // SAFETY: the application's string.
        let sql = unsafe { sql(text, length, statement.wide()) }?;
        statement.prepare(&sql)
    })
}

pub unsafe fn execute(statement: *mut c_void) -> SqlReturn {
    call::statement("SQLExecute", statement)
        .detach_if(|statement| {
            statement.state().prepared().is_some() && statement.execution_waits()
        })
        .run(|statement, (), waiting| statement.execute(waiting.token()))
}

pub unsafe fn execute_direct<U: Unit>(
    statement: *mut c_void,
    text: *const U,
    length: i32,
) -> SqlReturn {
    call::statement("SQLExecDirect", statement)
        .detach_if(Statement::execution_waits)
        // SAFETY: the application's string.
        .read(|statement| unsafe { sql(text, length, statement.wide()) })
        .run(|statement, sql, waiting| statement.execute_direct(&sql, waiting.token()))
}

unsafe fn sql<U: Unit>(text: *const U, length: i32, wide: WideUnit) -> Result<String, Error> {
    // SAFETY: the caller's promise.
    let sql = unsafe { text::read_required(text, length as isize, wide, "The statement's text") }?;
    if log::is_at(Level::TRACE) {
        tracing::trace!(sql = sql::without_strings(&sql), "the statement's text");
    }
    Ok(sql)
}

pub unsafe fn row_count(statement: *mut c_void, count: *mut isize) -> SqlReturn {
    call::statement("SQLRowCount", statement).run(|statement, _| {
        // SAFETY: the application's place for a count.
        unsafe { text::put(count, statement.row_count()?) };
        Ok(Outcome::Done)
    })
}

pub unsafe fn column_count(statement: *mut c_void, count: *mut i16) -> SqlReturn {
    describing("SQLNumResultCols", statement, |statement, waiting| {
        let columns = statement.columns(waiting.token())?.len();
        // SAFETY: the application's place for a count.
        unsafe { text::put(count, i16::try_from(columns).unwrap_or(i16::MAX)) };
        Ok(())
    })
}

pub unsafe fn describe_column<U: Unit>(
    statement: *mut c_void,
    column: u16,
    name: *mut U,
    capacity: i16,
    name_length: *mut i16,
    sql_type: *mut i16,
    size: *mut usize,
    digits: *mut i16,
    nullable: *mut i16,
) -> SqlReturn {
    describing("SQLDescribeCol", statement, |statement, waiting| {
        let name = Name {
            text: name,
            capacity,
            length: name_length,
        };
        name.check()?;
        let (column_name, concise, column_size, decimal_digits) =
            statement.describe_column(column, waiting.token())?;
        // SAFETY: the application's buffers, in each line.
        unsafe {
            let wide = statement.wide();
            let area = &mut statement.diagnostics;
            name.put(&column_name, "The column's name", wide, area);
            text::put(sql_type, concise);
            text::put(size, column_size);
            text::put(digits, decimal_digits);
            text::put(nullable, COLUMN_NULLABLE);
        }
        Ok(())
    })
}

pub unsafe fn column_attribute<U: Unit>(
    statement: *mut c_void,
    column: u16,
    field: u16,
    text: *mut c_void,
    capacity: i16,
    length: *mut i16,
    number: *mut isize,
) -> SqlReturn {
    describing("SQLColAttribute", statement, |statement, waiting| {
        let value = match U::IS_WIDE {
            true => statement.column_attribute(column, field, waiting.token())?,
            false => statement.narrow_column_attribute(column, field, waiting.token())?,
        };
        let numeric = match value {
            Value::Text(found) => {
                let place = Place {
                    value: text,
                    capacity,
                    length,
                    encoding: U::encoding(statement.wide()),
                };
                // SAFETY: the application's buffer.
                unsafe { place.text(&found, &mut statement.diagnostics) };
                return Ok(());
            }
            Value::I16(value) => isize::from(value),
            Value::I32(value) => value as isize,
            Value::U64(value) => value as isize,
            Value::Length(value) => value,
            Value::ULength(value) | Value::Pointer(value) => {
                isize::try_from(value).unwrap_or(isize::MAX)
            }
        };
        // SAFETY: the application's place for a number.
        unsafe { text::put(number, numeric) };
        Ok(())
    })
}

/// A call that writes a description of the columns.
fn describing(
    name: &'static str,
    statement: *mut c_void,
    write: impl FnOnce(&mut Statement, &Waiting<'_>) -> Result<(), Error>,
) -> SqlReturn {
    call::statement(name, statement)
        .detach_if_followed(Statement::columns_wait)
        .write(write)
        .run(|statement, (), waiting| {
            if statement.columns_wait() {
                statement.columns(waiting.token())?;
            }
            Ok(Outcome::Done)
        })
}

pub unsafe fn bind_column(
    statement: *mut c_void,
    column: u16,
    c_type: i16,
    data: *mut c_void,
    capacity: isize,
    length: *mut isize,
) -> SqlReturn {
    call::statement("SQLBindCol", statement).run(|statement, _| {
        let (data, length) = (Address::of(data), Address::of(length));
        statement.bind_column(column, c_type, data, capacity, length)
    })
}

pub unsafe fn fetch(statement: *mut c_void) -> SqlReturn {
    call::statement("SQLFetch", statement)
        .detach_if_followed(Statement::fetch_waits)
        .run(|statement, (), waiting| statement.fetch(waiting))
}

pub unsafe fn fetch_scroll(statement: *mut c_void, orientation: i16, offset: isize) -> SqlReturn {
    call::statement("SQLFetchScroll", statement)
        // Only of what comes next is it known whether it is there.
        .detach_if_followed(|statement| {
            orientation != abi::SQL_FETCH_NEXT || statement.fetch_waits()
        })
        .read(|_| motion(orientation, offset))
        .run(|statement, motion, waiting| statement.fetch_scroll(motion, waiting))
}

pub unsafe fn extended_fetch(
    statement: *mut c_void,
    orientation: u16,
    offset: isize,
    rows: *mut usize,
    status: *mut u16,
) -> SqlReturn {
    let (rows, status) = (Address::of(rows), Address::of(status));
    let orientation = i16::try_from(orientation).unwrap_or(0);
    call::statement("SQLExtendedFetch", statement)
        .detach_if(|statement| orientation != abi::SQL_FETCH_NEXT || statement.fetch_waits())
        .read(|_| motion(orientation, offset))
        .run(move |statement, motion, waiting| {
            statement.extended_fetch(motion, rows, status, waiting)
        })
}

pub unsafe fn get_data(
    statement: *mut c_void,
    column: u16,
    c_type: i16,
    data: *mut c_void,
    capacity: isize,
    length: *mut isize,
) -> SqlReturn {
    call::statement("SQLGetData", statement).run(|statement, _| {
        let (data, length) = (Address::of(data), Address::of(length));
        statement.get_data(column, c_type, data, capacity, length)
    })
}

#[cfg_attr(
    target_pointer_width = "64",
    expect(clippy::useless_conversion, reason = "the row has 16 bits elsewhere")
)]
pub unsafe fn set_position(
    statement: *mut c_void,
    row: SqlSetPosIRow,
    operation: u16,
    lock: u16,
) -> SqlReturn {
    call::statement("SQLSetPos", statement)
        .run(|statement, _| statement.set_position(usize::from(row), operation, lock))
}

pub unsafe fn bulk_operation(statement: *mut c_void, operation: u16) -> SqlReturn {
    call::statement("SQLBulkOperations", statement)
        .run(|statement, _| statement.bulk_operation(operation))
}

pub unsafe fn get_cursor_name<U: Unit>(
    statement: *mut c_void,
    name: *mut U,
    capacity: i16,
    length: *mut i16,
) -> SqlReturn {
    call::statement("SQLGetCursorName", statement).run(|statement, _| {
        let name = Name {
            text: name,
            capacity,
            length,
        };
        name.check()?;
        let found = statement.cursor_name().to_owned();
        let wide = statement.wide();
        // SAFETY: the application's buffer.
        unsafe {
            name.put(
                &found,
                "The cursor's name",
                wide,
                &mut statement.diagnostics,
            );
        };
        Ok(Outcome::Done)
    })
}

pub unsafe fn set_cursor_name<U: Unit>(
    statement: *mut c_void,
    name: *const U,
    length: i16,
) -> SqlReturn {
    call::statement("SQLSetCursorName", statement).run(|statement, _| {
        let wide = statement.wide();
        // SAFETY: the application's string.
        let name = unsafe { text::read_required(name, length.into(), wide, "The cursor's name") }?;
        statement.set_cursor_name(&name)
    })
}

pub unsafe fn more_results(statement: *mut c_void) -> SqlReturn {
    call::statement("SQLMoreResults", statement).run(|statement, _| statement.more_results())
}

pub unsafe fn free_stmt(statement: *mut c_void, option: u16) -> SqlReturn {
    if option == abi::SQL_DROP {
        return environment::free_statement(statement);
    }
    call::statement("SQLFreeStmt", statement).run(|statement, _| {
        match option {
            abi::SQL_CLOSE => statement.close(),
            abi::SQL_UNBIND => statement.unbind(),
            abi::SQL_RESET_PARAMS => statement.reset_parameters(),
            _ => {
                return Err(Error::new(
                    SqlState::INVALID_ATTRIBUTE,
                    format!("Invalid SQLFreeStmt option {option}."),
                ));
            }
        }
        Ok(Outcome::Done)
    })
}

pub unsafe fn close_cursor(statement: *mut c_void) -> SqlReturn {
    call::statement("SQLCloseCursor", statement).run(|statement, _| statement.close_cursor())
}

pub unsafe fn cancel(statement: *mut c_void) -> SqlReturn {
    guarded(|| {
        if call::cancel_statement(statement) {
            SQL_SUCCESS
        } else {
            SQL_INVALID_HANDLE
        }
    })
}

pub unsafe fn cancel_handle(kind: i16, handle: *mut c_void) -> SqlReturn {
    guarded(|| {
        let known = match kind {
            abi::SQL_HANDLE_STMT => call::cancel_statement(handle),
            abi::SQL_HANDLE_DBC => call::cancel::<Connection>(handle),
            _ => false,
        };
        if known {
            SQL_SUCCESS
        } else {
            SQL_INVALID_HANDLE
        }
    })
}

pub unsafe fn set_attribute(
    statement: *mut c_void,
    attribute: i32,
    value: *mut c_void,
    _length: i32,
) -> SqlReturn {
    call::statement("SQLSetStmtAttr", statement).run(|statement, _| {
        if matches!(
            attribute,
            abi::SQL_ATTR_APP_ROW_DESC | abi::SQL_ATTR_APP_PARAM_DESC
        ) {
            set_descriptor(statement, attribute, value)?;
        } else {
            statement.set_attribute(attribute, value.expose_provenance())?;
        }
        Ok(Outcome::Done)
    })
}

fn set_descriptor(
    statement: &mut Statement,
    attribute: i32,
    handle: *mut c_void,
) -> Result<(), Error> {
    let is_ard = attribute == abi::SQL_ATTR_APP_ROW_DESC;
    let [own_ard, own_apd, ..] = statement.own_descriptors();
    let own = if is_ard { own_ard } else { own_apd };
    let explicit = match Token::from_ptr(handle).filter(|token| *token != own) {
        None => None,
        Some(token) => {
            let found = DESCRIPTORS.lock(token);
            match found.as_ref().map(|found| found.origin) {
                Some(Origin::Statement(_)) => {
                    return Err(Error::new(
                        SqlState::INVALID_USE_OF_IMPLICIT_DESCRIPTOR,
                        "An implicitly allocated descriptor can be set only on its own statement, in its original role.",
                    ));
                }
                Some(Origin::Connection(connection)) if connection == statement.connection() => {}
                _ => {
                    return Err(Error::new(
                        SqlState::INVALID_ATTRIBUTE_VALUE,
                        "The descriptor does not belong to this connection.",
                    ));
                }
            }
            found.map(|found| Described {
                token,
                descriptor: Arc::clone(&found.descriptor),
            })
        }
    };
    if is_ard {
        statement.set_ard(explicit);
    } else {
        statement.set_apd(explicit);
    }
    Ok(())
}

pub unsafe fn get_attribute<U: Unit>(
    statement: *mut c_void,
    attribute: i32,
    value: *mut c_void,
    capacity: i32,
    length: *mut i32,
) -> SqlReturn {
    call::statement("SQLGetStmtAttr", statement).run(|statement, _| {
        let place = Place {
            value,
            capacity,
            length,
            encoding: U::encoding(statement.wide()),
        };
        let found = statement.attribute(attribute)?;
        // SAFETY: the application's buffer.
        unsafe { place.field(&found, &mut statement.diagnostics) };
        Ok(Outcome::Done)
    })
}
