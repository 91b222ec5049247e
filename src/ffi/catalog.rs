//! Behind the exports: catalog functions.

use std::ffi::c_void;

use super::entry;
use super::text::{self, WChar};
use crate::abi::{SqlReturn, WideUnit};
use crate::catalog::EmptyFunction;
use crate::diagnostics::{Error, SqlState};
use crate::statement::{CatalogFunction, Names, Statement};

/// A name that the application gave: where it begins, and how many characters it has.
pub type Given = (*const WChar, i16);

pub unsafe fn tables(statement: *mut c_void, names: [Given; 4]) -> SqlReturn {
    entry::waiting(
        "SQLTables",
        statement,
        Statement::execution_waits,
        // SAFETY: the application's strings.
        |statement| unsafe { read(names, statement.wide()) },
        |statement, names, waiting| {
            statement.catalog(&CatalogFunction::Tables(names), waiting.token())
        },
    )
}

pub unsafe fn columns(statement: *mut c_void, names: [Given; 4]) -> SqlReturn {
    entry::waiting(
        "SQLColumns",
        statement,
        Statement::execution_waits,
        // SAFETY: the application's strings.
        |statement| unsafe { read(names, statement.wide()) },
        |statement, names, waiting| {
            statement.catalog(&CatalogFunction::Columns(names), waiting.token())
        },
    )
}

pub unsafe fn type_info(statement: *mut c_void, data_type: i16) -> SqlReturn {
    entry::statement("SQLGetTypeInfo", statement, |statement, cancel| {
        statement.catalog(&CatalogFunction::TypeInfo { data_type }, cancel)
    })
}

/// Trino has no keys, indexes or row ids: the answer has the standard's columns and no row. At least one of the tables
/// must be named, where there are any.
pub unsafe fn empty(
    name: &'static str,
    statement: *mut c_void,
    function: EmptyFunction,
    tables: &[Given],
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
unsafe fn read(names: [Given; 4], wide: WideUnit) -> Result<Names, Error> {
    // SAFETY: the caller's promise.
    let read = |(text, length): Given| unsafe { text::read(text, length.into(), wide) };
    let [catalog, schema, table, last] = names;
    Ok(Names {
        catalog: read(catalog)?,
        schema: read(schema)?,
        table: read(table)?,
        types_or_column: read(last)?,
    })
}
