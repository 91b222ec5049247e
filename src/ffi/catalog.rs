//! Behind the exports: catalog functions.

use std::ffi::c_void;

use super::call;
use super::text::{self, Unit};
use crate::abi::*;
use crate::catalog::EmptyFunction;
use crate::diagnostics::{Error, SqlState};
use crate::statement::{CatalogFunction, Names, Statement};

/// A name that the application gave: where it begins, and how many characters it has.
pub type Given<U> = (*const U, i16);

pub unsafe fn tables<U: Unit>(statement: *mut c_void, names: [Given<U>; 4]) -> SqlReturn {
    call::statement("SQLTables", statement)
        .detach_if(Statement::execution_waits)
        // SAFETY: the application's strings.
        .read(|statement| unsafe { read(names, statement.wide()) })
        .run(|statement, names, waiting| {
            statement.catalog(&CatalogFunction::Tables(names), waiting.token())
        })
}

pub unsafe fn columns<U: Unit>(statement: *mut c_void, names: [Given<U>; 4]) -> SqlReturn {
    call::statement("SQLColumns", statement)
        .detach_if(Statement::execution_waits)
        // SAFETY: the application's strings.
        .read(|statement| unsafe { read(names, statement.wide()) })
        .run(|statement, names, waiting| {
            statement.catalog(&CatalogFunction::Columns(names), waiting.token())
        })
}

pub unsafe fn table_privileges<U: Unit>(statement: *mut c_void, names: [Given<U>; 3]) -> SqlReturn {
    let [catalog, schema, table] = names;
    let names = [catalog, schema, table, (std::ptr::null(), 0)];
    call::statement("SQLTablePrivileges", statement)
        .detach_if(Statement::execution_waits)
        // SAFETY: the application's strings, and a null pointer.
        .read(|statement| unsafe { read(names, statement.wide()) })
        .run(|statement, names, waiting| {
            statement.catalog(&CatalogFunction::TablePrivileges(names), waiting.token())
        })
}

pub unsafe fn column_privileges<U: Unit>(
    statement: *mut c_void,
    names: [Given<U>; 4],
) -> SqlReturn {
    call::statement("SQLColumnPrivileges", statement)
        .detach_if(Statement::execution_waits)
        .read(|statement| {
            // SAFETY: the application's strings.
            let names = unsafe { read(names, statement.wide()) }?;
            match names.table {
                Some(_) => Ok(names),
                None => Err(no_table()),
            }
        })
        .run(|statement, names, waiting| {
            statement.catalog(&CatalogFunction::ColumnPrivileges(names), waiting.token())
        })
}

pub unsafe fn type_info(statement: *mut c_void, data_type: i16) -> SqlReturn {
    call::statement("SQLGetTypeInfo", statement).run(|statement, waiting| {
        statement.catalog(&CatalogFunction::TypeInfo { data_type }, waiting.token())
    })
}

pub unsafe fn primary_keys<U: Unit>(statement: *mut c_void, names: [Given<U>; 3]) -> SqlReturn {
    call::statement("SQLPrimaryKeys", statement).run(|statement, waiting| {
        // SAFETY: the application's strings.
        let has_null = unsafe { has_null(statement, &names) }?;
        table_required(&names)?;
        statement.catalog(
            &empty(EmptyFunction::PrimaryKeys, has_null),
            waiting.token(),
        )
    })
}

/// One of the two tables may be left out.
pub unsafe fn foreign_keys<U: Unit>(
    statement: *mut c_void,
    primary: [Given<U>; 3],
    foreign: [Given<U>; 3],
) -> SqlReturn {
    call::statement("SQLForeignKeys", statement).run(|statement, waiting| {
        let mut either = false;
        let mut has_null = false;
        for names in [primary, foreign] {
            // SAFETY: the application's strings.
            let null = unsafe { self::has_null(statement, &names) }?;
            if table_required(&names).is_ok() {
                either = true;
                has_null |= null;
            }
        }
        if !either {
            return Err(no_table());
        }
        statement.catalog(
            &empty(EmptyFunction::ForeignKeys, has_null),
            waiting.token(),
        )
    })
}

pub unsafe fn statistics<U: Unit>(
    statement: *mut c_void,
    names: [Given<U>; 3],
    unique: u16,
    accuracy: u16,
) -> SqlReturn {
    call::statement("SQLStatistics", statement).run(|statement, waiting| {
        // SAFETY: the application's strings.
        let has_null = unsafe { has_null(statement, &names) }?;
        table_required(&names)?;
        if !matches!(unique, SQL_INDEX_UNIQUE | SQL_INDEX_ALL) {
            return Err(Error::new(
                SqlState::UNIQUENESS_OPTION_OUT_OF_RANGE,
                format!("Invalid index type {unique}."),
            ));
        }
        if !matches!(accuracy, SQL_QUICK | SQL_ENSURE) {
            return Err(Error::new(
                SqlState::ACCURACY_OPTION_OUT_OF_RANGE,
                format!("Invalid accuracy option {accuracy}."),
            ));
        }
        statement.catalog(&empty(EmptyFunction::Statistics, has_null), waiting.token())
    })
}

pub unsafe fn special_columns<U: Unit>(
    statement: *mut c_void,
    kind: u16,
    names: [Given<U>; 3],
    scope: u16,
    nullable: u16,
) -> SqlReturn {
    call::statement("SQLSpecialColumns", statement).run(|statement, waiting| {
        // SAFETY: the application's strings.
        let has_null = unsafe { has_null(statement, &names) }?;
        table_required(&names)?;
        if !matches!(kind, SQL_BEST_ROWID | SQL_ROWVER) {
            return Err(Error::new(
                SqlState::COLUMN_TYPE_OUT_OF_RANGE,
                format!("Invalid special column type {kind}."),
            ));
        }
        if scope > SQL_SCOPE_SESSION {
            return Err(Error::new(
                SqlState::SCOPE_OUT_OF_RANGE,
                format!("Invalid scope {scope}."),
            ));
        }
        if !matches!(nullable.cast_signed(), SQL_NO_NULLS | SQL_NULLABLE) {
            return Err(Error::new(
                SqlState::NULLABLE_TYPE_OUT_OF_RANGE,
                format!("Invalid nullable option {nullable}."),
            ));
        }
        statement.catalog(
            &empty(EmptyFunction::SpecialColumns, has_null),
            waiting.token(),
        )
    })
}

pub unsafe fn procedures<U: Unit>(statement: *mut c_void, names: [Given<U>; 3]) -> SqlReturn {
    call::statement("SQLProcedures", statement).run(|statement, waiting| {
        // SAFETY: the application's strings.
        let has_null = unsafe { has_null(statement, &names) }?;
        statement.catalog(&empty(EmptyFunction::Procedures, has_null), waiting.token())
    })
}

pub unsafe fn procedure_columns<U: Unit>(
    statement: *mut c_void,
    names: [Given<U>; 4],
) -> SqlReturn {
    call::statement("SQLProcedureColumns", statement).run(|statement, waiting| {
        // SAFETY: the application's strings.
        let has_null = unsafe { has_null(statement, &names) }?;
        statement.catalog(
            &empty(EmptyFunction::ProcedureColumns, has_null),
            waiting.token(),
        )
    })
}

fn empty(function: EmptyFunction, has_null: bool) -> CatalogFunction {
    CatalogFunction::Empty { function, has_null }
}

/// HY009 when the table, which comes third, is a null pointer.
fn table_required<U: Unit>(names: &[Given<U>; 3]) -> Result<(), Error> {
    if names[2].0.is_null() {
        return Err(no_table());
    }
    Ok(())
}

fn no_table() -> Error {
    Error::new(
        SqlState::INVALID_NULL_POINTER,
        "The table's name is a null pointer.",
    )
}

/// Whether one of the names is a null pointer; HY090 when one has no length that a name can have.
///
/// # Safety
/// Each name is null or as long as the application said.
unsafe fn has_null<U: Unit>(statement: &Statement, names: &[Given<U>]) -> Result<bool, Error> {
    let mut has_null = false;
    for (text, length) in names {
        // SAFETY: the caller's promise.
        let name = unsafe { text::read(*text, (*length).into(), statement.wide()) }?;
        has_null |= name.is_none();
    }
    Ok(has_null)
}

/// # Safety
/// Each name is null or as long as the application said.
unsafe fn read<U: Unit>(names: [Given<U>; 4], wide: WideUnit) -> Result<Names, Error> {
    // SAFETY: the caller's promise.
    let read = |(text, length): Given<U>| unsafe { text::read(text, length.into(), wide) };
    let [catalog, schema, table, last] = names;
    let names = Names {
        catalog: read(catalog)?,
        schema: read(schema)?,
        table: read(table)?,
        types_or_column: read(last)?,
    };
    tracing::trace!(?names, "the names");
    Ok(names)
}
