//! Behind the exports: statements.

use std::ffi::c_void;

use super::output::Place;
use super::text::{self, WChar};
use super::{entry, environment};
use crate::abi::{self, SQL_INVALID_HANDLE, SQL_SUCCESS, SqlReturn};
use crate::catalog::EmptyFunction;
use crate::connection::CONNECTIONS;
use crate::descriptor::DESCRIPTORS;
use crate::descriptor::{Described, Value};
use crate::diagnostics::{Error, SqlState};
use crate::handle::Token;
use crate::statement::STATEMENTS;
use crate::statement::{CatalogFunction, Orientation, Outcome, Statement};

pub unsafe fn prepare(statement: *mut c_void, text: *const WChar, length: i32) -> SqlReturn {
    entry::statement("SQLPrepare", statement, |statement, _| {
        // SAFETY: the application's string.
        statement.prepare(&unsafe { sql(text, length) }?)
    })
}

pub unsafe fn execute(statement: *mut c_void) -> SqlReturn {
    entry::statement("SQLExecute", statement, |statement, cancel| {
        statement.execute(cancel)
    })
}

pub unsafe fn execute_direct(statement: *mut c_void, text: *const WChar, length: i32) -> SqlReturn {
    entry::statement("SQLExecDirect", statement, |statement, cancel| {
        // SAFETY: the application's string.
        statement.execute_direct(&unsafe { sql(text, length) }?, cancel)
    })
}

unsafe fn sql(text: *const WChar, length: i32) -> Result<String, Error> {
    // SAFETY: the caller's promise.
    unsafe { text::read(text, length as isize) }?.ok_or_else(|| {
        Error::new(
            SqlState::INVALID_NULL_POINTER,
            "The statement's text is a null pointer.",
        )
    })
}

pub unsafe fn row_count(statement: *mut c_void, count: *mut isize) -> SqlReturn {
    entry::statement("SQLRowCount", statement, |statement, _| {
        // SAFETY: the application's place for a count.
        unsafe { text::put(count, statement.row_count()?) };
        Ok(Outcome::Done)
    })
}

pub unsafe fn column_count(statement: *mut c_void, count: *mut i16) -> SqlReturn {
    entry::statement("SQLNumResultCols", statement, |statement, cancel| {
        let columns = statement.columns(cancel)?.len();
        // SAFETY: the application's place for a count.
        unsafe { text::put(count, i16::try_from(columns).unwrap_or(i16::MAX)) };
        Ok(Outcome::Done)
    })
}

pub unsafe fn describe_column(
    statement: *mut c_void,
    column: u16,
    name: *mut WChar,
    capacity: i16,
    name_length: *mut i16,
    sql_type: *mut i16,
    size: *mut usize,
    digits: *mut i16,
    nullable: *mut i16,
) -> SqlReturn {
    entry::statement("SQLDescribeCol", statement, |statement, cancel| {
        let capacity = usize::try_from(capacity).map_err(|_| negative())?;
        let (column_name, concise, column_size, decimal_digits) =
            statement.describe_column(column, cancel)?;
        // SAFETY: the application's buffers, in each line.
        let cut = unsafe {
            let (total, cut) = text::write(&column_name, name, capacity);
            text::put(name_length, i16::try_from(total).unwrap_or(i16::MAX));
            text::put(sql_type, concise);
            text::put(size, column_size);
            text::put(digits, decimal_digits);
            text::put(nullable, abi::SQL_NULLABLE);
            cut
        };
        if cut {
            statement.diagnostics.warn(
                SqlState::STRING_DATA_RIGHT_TRUNCATED,
                "The column's name is longer than the buffer and was cut.",
            );
        }
        Ok(Outcome::Done)
    })
}

pub unsafe fn column_attribute(
    statement: *mut c_void,
    column: u16,
    field: u16,
    text: *mut c_void,
    capacity: i16,
    length: *mut i16,
    number: *mut isize,
) -> SqlReturn {
    entry::statement("SQLColAttribute", statement, |statement, cancel| {
        let value = statement.column_attribute(column, field, cancel)?;
        let numeric = match value {
            Value::Text(found) => {
                let place = Place {
                    value: text,
                    capacity: capacity as isize,
                    length,
                };
                // SAFETY: the application's buffer.
                unsafe { place.text(&found, &mut statement.diagnostics) };
                return Ok(Outcome::Done);
            }
            Value::I16(value) => isize::from(value),
            Value::I32(value) => value as isize,
            Value::U32(value) => value as isize,
            Value::U64(value) => value as isize,
            Value::Length(value) => value,
            Value::ULength(value) | Value::Pointer(value) => {
                isize::try_from(value).unwrap_or(isize::MAX)
            }
        };
        // SAFETY: the application's place for a number.
        unsafe { text::put(number, numeric) };
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
    entry::statement("SQLBindCol", statement, |statement, _| {
        let (data, length) = (data.expose_provenance(), length.expose_provenance());
        statement.bind_column(column, c_type, data, capacity, length)
    })
}

pub unsafe fn fetch(statement: *mut c_void) -> SqlReturn {
    entry::repeated("SQLFetch", statement, |statement, waiting| {
        statement.fetch(Orientation::Next, waiting)
    })
}

pub unsafe fn fetch_scroll(statement: *mut c_void, orientation: i16, _offset: isize) -> SqlReturn {
    entry::repeated("SQLFetchScroll", statement, |statement, waiting| {
        statement.fetch(Orientation::from_raw(orientation)?, waiting)
    })
}

pub unsafe fn extended_fetch(
    statement: *mut c_void,
    orientation: u16,
    _offset: isize,
    rows: *mut usize,
    status: *mut u16,
) -> SqlReturn {
    entry::repeated("SQLExtendedFetch", statement, |statement, waiting| {
        let orientation = Orientation::from_raw(i16::try_from(orientation).unwrap_or(0))?;
        let (rows, status) = (rows.expose_provenance(), status.expose_provenance());
        statement.extended_fetch(orientation, rows, status, waiting)
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
    entry::repeated("SQLGetData", statement, |statement, _| {
        let (data, length) = (data.expose_provenance(), length.expose_provenance());
        statement.get_data(column, c_type, data, capacity, length)
    })
}

pub unsafe fn more_results(statement: *mut c_void) -> SqlReturn {
    entry::statement("SQLMoreResults", statement, |statement, _| {
        statement.more_results()
    })
}

pub unsafe fn free_stmt(statement: *mut c_void, option: u16) -> SqlReturn {
    if option == abi::SQL_DROP {
        return environment::free_statement(statement);
    }
    entry::statement("SQLFreeStmt", statement, |statement, _| {
        match option {
            abi::SQL_CLOSE => statement.close(),
            abi::SQL_UNBIND => statement.unbind(),
            abi::SQL_RESET_PARAMS => statement.reset_parameters(),
            _ => {
                return Err(Error::new(
                    SqlState::INVALID_ATTRIBUTE,
                    format!("SQLFreeStmt has no option {option}."),
                ));
            }
        }
        Ok(Outcome::Done)
    })
}

pub unsafe fn close_cursor(statement: *mut c_void) -> SqlReturn {
    entry::statement("SQLCloseCursor", statement, |statement, _| {
        statement.close_cursor()
    })
}

pub unsafe fn cancel(statement: *mut c_void) -> SqlReturn {
    // Takes no lock: the call to be cancelled holds it.
    entry::unlocked(|| match entry::cancel(&STATEMENTS, statement) {
        Some(cancel) => {
            cancel.fire();
            SQL_SUCCESS
        }
        None => SQL_INVALID_HANDLE,
    })
}

pub unsafe fn cancel_handle(kind: i16, handle: *mut c_void) -> SqlReturn {
    entry::unlocked(|| {
        let cancel = match kind {
            abi::SQL_HANDLE_STMT => entry::cancel(&STATEMENTS, handle),
            abi::SQL_HANDLE_DBC => entry::cancel(&CONNECTIONS, handle),
            _ => None,
        };
        match cancel {
            Some(cancel) => {
                cancel.fire();
                SQL_SUCCESS
            }
            None => SQL_INVALID_HANDLE,
        }
    })
}

pub unsafe fn set_attribute(
    statement: *mut c_void,
    attribute: i32,
    value: *mut c_void,
    _length: i32,
) -> SqlReturn {
    entry::statement("SQLSetStmtAttr", statement, |statement, _| {
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
    let explicit = match Token::from_ptr(handle) {
        None => None,
        Some(token) if statement.own_descriptors()[..2].contains(&token) => None,
        Some(token) => {
            let found = DESCRIPTORS.lock(token);
            let found = found.filter(|found| found.connection == Some(statement.connection()));
            let found = found.ok_or_else(|| {
                Error::new(
                    SqlState::INVALID_ATTRIBUTE_VALUE,
                    "That is no descriptor of this connection.",
                )
            })?;
            Some(Described {
                token,
                descriptor: found.descriptor.clone(),
            })
        }
    };
    if attribute == abi::SQL_ATTR_APP_ROW_DESC {
        statement.set_ard(explicit);
    } else {
        statement.set_apd(explicit);
    }
    Ok(())
}

pub unsafe fn get_attribute(
    statement: *mut c_void,
    attribute: i32,
    value: *mut c_void,
    capacity: i32,
    length: *mut i32,
) -> SqlReturn {
    entry::statement("SQLGetStmtAttr", statement, |statement, _| {
        let place = Place {
            value,
            capacity: capacity as isize,
            length,
        };
        let found = statement.attribute(attribute)?;
        // SAFETY: the application's buffer.
        unsafe { place.field(&found, &mut statement.diagnostics) };
        Ok(Outcome::Done)
    })
}

pub unsafe fn get_type_info(statement: *mut c_void, data_type: i16) -> SqlReturn {
    entry::statement("SQLGetTypeInfo", statement, |statement, cancel| {
        statement.catalog(&CatalogFunction::TypeInfo { data_type }, cancel)
    })
}

pub unsafe fn tables(
    statement: *mut c_void,
    catalog: *const WChar,
    catalog_length: i16,
    schema: *const WChar,
    schema_length: i16,
    table: *const WChar,
    table_length: i16,
    types: *const WChar,
    types_length: i16,
) -> SqlReturn {
    entry::statement("SQLTables", statement, |statement, cancel| {
        // SAFETY: the application's strings, in each line.
        let function = unsafe {
            CatalogFunction::Tables {
                catalog: text::read(catalog, catalog_length.into())?,
                schema: text::read(schema, schema_length.into())?,
                table: text::read(table, table_length.into())?,
                types: text::read(types, types_length.into())?,
            }
        };
        statement.catalog(&function, cancel)
    })
}

pub unsafe fn columns(
    statement: *mut c_void,
    catalog: *const WChar,
    catalog_length: i16,
    schema: *const WChar,
    schema_length: i16,
    table: *const WChar,
    table_length: i16,
    column: *const WChar,
    column_length: i16,
) -> SqlReturn {
    entry::statement("SQLColumns", statement, |statement, cancel| {
        // SAFETY: the application's strings, in each line.
        let function = unsafe {
            CatalogFunction::Columns {
                catalog: text::read(catalog, catalog_length.into())?,
                schema: text::read(schema, schema_length.into())?,
                table: text::read(table, table_length.into())?,
                column: text::read(column, column_length.into())?,
            }
        };
        statement.catalog(&function, cancel)
    })
}

pub unsafe fn primary_keys(
    statement: *mut c_void,
    _catalog: *const WChar,
    _catalog_length: i16,
    _schema: *const WChar,
    _schema_length: i16,
    _table: *const WChar,
    _table_length: i16,
) -> SqlReturn {
    empty("SQLPrimaryKeys", statement, EmptyFunction::PrimaryKeys)
}

pub unsafe fn foreign_keys(
    statement: *mut c_void,
    _pk_catalog: *const WChar,
    _pk_catalog_length: i16,
    _pk_schema: *const WChar,
    _pk_schema_length: i16,
    _pk_table: *const WChar,
    _pk_table_length: i16,
    _fk_catalog: *const WChar,
    _fk_catalog_length: i16,
    _fk_schema: *const WChar,
    _fk_schema_length: i16,
    _fk_table: *const WChar,
    _fk_table_length: i16,
) -> SqlReturn {
    empty("SQLForeignKeys", statement, EmptyFunction::ForeignKeys)
}

pub unsafe fn statistics(
    statement: *mut c_void,
    _catalog: *const WChar,
    _catalog_length: i16,
    _schema: *const WChar,
    _schema_length: i16,
    _table: *const WChar,
    _table_length: i16,
    _unique: u16,
    _reserved: u16,
) -> SqlReturn {
    empty("SQLStatistics", statement, EmptyFunction::Statistics)
}

pub unsafe fn special_columns(
    statement: *mut c_void,
    _kind: u16,
    _catalog: *const WChar,
    _catalog_length: i16,
    _schema: *const WChar,
    _schema_length: i16,
    _table: *const WChar,
    _table_length: i16,
    _scope: u16,
    _nullable: u16,
) -> SqlReturn {
    empty(
        "SQLSpecialColumns",
        statement,
        EmptyFunction::SpecialColumns,
    )
}

/// Trino has no keys, indexes or row ids: the answer has the standard's columns and no row.
fn empty(name: &'static str, statement: *mut c_void, function: EmptyFunction) -> SqlReturn {
    entry::statement(name, statement, |statement, cancel| {
        statement.catalog(&CatalogFunction::Empty(function), cancel)
    })
}

fn negative() -> Error {
    Error::new(
        SqlState::INVALID_LENGTH,
        "The length of a buffer cannot be negative.",
    )
}
