//! Behind the exports: catalog functions.

use std::ffi::c_void;

use super::entry;
use super::text::{self, Unit};
use crate::abi::{SqlReturn, WideUnit};
use crate::catalog::EmptyFunction;
use crate::diagnostics::{Error, SqlState};
use crate::statement::{CatalogFunction, Names};

/// A name that the application gave: where it begins, and how many characters it has.
pub type Given<U> = (*const U, i16);

pub unsafe fn tables<U: Unit>(statement: *mut c_void, names: [Given<U>; 4]) -> SqlReturn {
    entry::statement("SQLTables", statement, |statement, cancel| {
        // SAFETY: the application's strings.
        let names = unsafe { read(names, statement.wide()) }?;
        statement.catalog(&CatalogFunction::Tables(names), cancel)
    })
}

pub unsafe fn columns<U: Unit>(statement: *mut c_void, names: [Given<U>; 4]) -> SqlReturn {
    entry::statement("SQLColumns", statement, |statement, cancel| {
        // SAFETY: the application's strings.
        let names = unsafe { read(names, statement.wide()) }?;
        statement.catalog(&CatalogFunction::Columns(names), cancel)
    })
}

pub unsafe fn type_info(statement: *mut c_void, data_type: i16) -> SqlReturn {
    entry::statement("SQLGetTypeInfo", statement, |statement, cancel| {
        statement.catalog(&CatalogFunction::TypeInfo { data_type }, cancel)
    })
}

/// Trino has no keys, indexes or row ids: the answer has the standard's columns and no row. At least one of the tables
/// must be named, where there are any.
pub unsafe fn empty<U: Unit>(
    name: &'static str,
    statement: *mut c_void,
    function: EmptyFunction,
    tables: &[Given<U>],
) -> SqlReturn {
    entry::statement(name, statement, |statement, cancel| {
        if !tables.is_empty() && tables.iter().all(|(text, _)| text.is_null()) {
            return Err(Error::new(
                SqlState::INVALID_NULL_POINTER,
                "The table's name is a null pointer.",
            ));
        }
        statement.catalog(&CatalogFunction::Empty(function), cancel)
    })
}

/// # Safety
/// Each name is null or as long as the application said.
unsafe fn read<U: Unit>(names: [Given<U>; 4], wide: WideUnit) -> Result<Names, Error> {
    // SAFETY: the caller's promise.
    let read = |(text, length): Given<U>| unsafe { text::read(text, length.into(), wide) };
    let [catalog, schema, table, last] = names;
    Ok(Names {
        catalog: read(catalog)?,
        schema: read(schema)?,
        table: read(table)?,
        types_or_column: read(last)?,
    })
}
