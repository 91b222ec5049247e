//! ConfigDSN: a data source is added, changed or removed.
//!
//! <https://learn.microsoft.com/sql/odbc/reference/syntax/configdsn-function>

use super::attributes::{check, check_name, is_complete, merge, take};
use super::{Attributes, Dialog, Failure, NameField, Store, require_driver};
use crate::abi::{
    ODBC_ADD_DSN, ODBC_CONFIG_DSN, ODBC_ERROR_INVALID_DSN, ODBC_ERROR_INVALID_REQUEST_TYPE,
    ODBC_ERROR_REQUEST_FAILED, ODBC_ERROR_USER_CANCELED, ODBC_REMOVE_DSN,
};
use crate::config::{self, Id};

/// Carries out a request for the data source that the attribute `DSN` names.
pub fn configure(
    request: u16,
    driver: &str,
    mut attributes: Attributes,
    store: &dyn Store,
    dialog: Option<&dyn Dialog>,
) -> Result<(), Failure> {
    if !matches!(request, ODBC_ADD_DSN | ODBC_CONFIG_DSN | ODBC_REMOVE_DSN) {
        return Err(Failure::new(
            ODBC_ERROR_INVALID_REQUEST_TYPE,
            format!("ConfigDSN has no request {request}."),
        ));
    }
    let name = take(&mut attributes, Id::Dsn).unwrap_or_default();
    // The caller names the driver beside the attributes.
    take(&mut attributes, Id::Driver);
    if request == ODBC_REMOVE_DSN {
        require(store, &name)?;
        return store.remove(&name).map_err(failed);
    }
    require_driver(store, driver)?;
    if request == ODBC_ADD_DSN {
        add(&name, driver, attributes, store, dialog)
    } else {
        change(&name, driver, attributes, store, dialog)
    }
}

fn add(
    name: &str,
    driver: &str,
    attributes: Attributes,
    store: &dyn Store,
    dialog: Option<&dyn Dialog>,
) -> Result<(), Failure> {
    let named = !name.is_empty();
    if named {
        check_name(name)?;
    }
    let mut edited = (name.to_owned(), merge(Vec::new(), attributes));
    if let Some(dialog) = dialog
        && !(named && is_complete(&edited.1))
    {
        let field = if named {
            NameField::Fixed
        } else {
            NameField::Editable
        };
        edited = edit(dialog, edited, field)?;
    }
    let (name, attributes) = edited;
    check_name(&name)?;
    check(&attributes)?;
    let old = store.attributes(&name);
    if old.is_some() {
        may_replace(&name, dialog)?;
    }
    write(&name, driver, &attributes, old.as_ref(), store)
}

fn change(
    name: &str,
    driver: &str,
    changes: Attributes,
    store: &dyn Store,
    dialog: Option<&dyn Dialog>,
) -> Result<(), Failure> {
    let old = require(store, name)?;
    let mut edited = (name.to_owned(), merge(old.clone(), changes));
    if let Some(dialog) = dialog {
        edited = edit(dialog, edited, NameField::Editable)?;
    }
    let (new_name, attributes) = edited;
    check_name(&new_name)?;
    check(&attributes)?;
    if new_name == name {
        return write(name, driver, &attributes, Some(&old), store);
    }
    // The store does not tell names apart by case: the old one has to go first.
    if new_name.eq_ignore_ascii_case(name) {
        store.remove(name).map_err(failed)?;
        return store
            .write(&new_name, driver, &attributes)
            .map_err(|problem| {
                let _ = store.remove(&new_name);
                let _ = store.write(name, driver, &old);
                failed(problem)
            });
    }
    let replaced = store.attributes(&new_name);
    if replaced.is_some() {
        may_replace(&new_name, dialog)?;
    }
    write(&new_name, driver, &attributes, replaced.as_ref(), store)?;
    store.remove(name).map_err(|problem| {
        put_back(&new_name, driver, replaced.as_ref(), store);
        failed(problem)
    })
}

/// Lets the user edit name and attributes.
fn edit(
    dialog: &dyn Dialog,
    (name, mut attributes): (String, Attributes),
    field: NameField,
) -> Result<(String, Attributes), Failure> {
    if !name.is_empty() {
        attributes.insert(0, (Id::Dsn.to_string(), name.clone()));
    }
    let mut edited = dialog.edit(attributes, field)?.ok_or_else(canceled)?;
    let entered = take(&mut edited, Id::Dsn).unwrap_or_default();
    take(&mut edited, Id::Driver);
    let name = match field {
        NameField::Fixed => name,
        NameField::Editable => entered.trim().to_owned(),
    };
    Ok((name, merge(Vec::new(), edited)))
}

/// Without a window there is nobody to refuse.
fn may_replace(name: &str, dialog: Option<&dyn Dialog>) -> Result<(), Failure> {
    match dialog {
        Some(dialog) if !dialog.may_replace(name) => Err(canceled()),
        _ => Ok(()),
    }
}

/// Writes a data source, or leaves it as it was.
fn write(
    name: &str,
    driver: &str,
    attributes: &Attributes,
    old: Option<&Attributes>,
    store: &dyn Store,
) -> Result<(), Failure> {
    store.write(name, driver, attributes).map_err(|problem| {
        put_back(name, driver, old, store);
        failed(problem)
    })
}

/// As far as possible: the failure that made it necessary is reported.
fn put_back(name: &str, driver: &str, old: Option<&Attributes>, store: &dyn Store) {
    let _ = match old {
        Some(old) => store.write(name, driver, old),
        None => store.remove(name),
    };
}

fn require(store: &dyn Store, name: &str) -> Result<Attributes, Failure> {
    check_name(name)?;
    store.attributes(name).ok_or_else(|| {
        let missing = config::Error::DataSourceNotFound(name.to_owned());
        Failure::new(ODBC_ERROR_INVALID_DSN, missing.to_string())
    })
}

fn canceled() -> Failure {
    Failure::new(ODBC_ERROR_USER_CANCELED, "The user canceled the request.")
}

fn failed(problem: String) -> Failure {
    Failure::new(ODBC_ERROR_REQUEST_FAILED, problem)
}
