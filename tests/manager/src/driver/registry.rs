//! Registration in the registry, where the manager of Windows looks. Every run writes the same names anew; the tests run
//! in a prefix of Wine that holds nothing else.

use windows_registry::{CURRENT_USER, Key, LOCAL_MACHINE};

use super::{NAME, library};

pub(super) fn register() {
    set(
        LOCAL_MACHINE,
        &format!("{DRIVERS}\\ODBC Drivers"),
        NAME,
        "Installed",
    );
    set(
        LOCAL_MACHINE,
        &format!("{DRIVERS}\\{NAME}"),
        "Driver",
        &path(),
    );
}

pub(super) fn add_source(name: &str, attributes: &str) {
    let key = format!("{SOURCES}\\{name}");
    // Keywords of an earlier run.
    let _ = CURRENT_USER.remove_tree(&key);
    set(
        CURRENT_USER,
        &format!("{SOURCES}\\ODBC Data Sources"),
        name,
        NAME,
    );
    set(CURRENT_USER, &key, "Driver", &path());
    for attribute in attributes
        .split(';')
        .filter(|attribute| !attribute.is_empty())
    {
        let (keyword, value) = attribute.split_once('=').expect("a keyword and its value");
        set(CURRENT_USER, &key, keyword.trim(), value.trim());
    }
}

/// The library's path without the prefix that `canonicalize` puts before it.
fn path() -> String {
    let path = library().display().to_string();
    path.strip_prefix(r"\\?\").unwrap_or(&path).to_owned()
}

fn set(root: &Key, key: &str, name: &str, value: &str) {
    let written = root.create(key).and_then(|key| key.set_string(name, value));
    written.unwrap_or_else(|error| panic!("{key}, {name}: {error}"));
}

const DRIVERS: &str = r"SOFTWARE\ODBC\ODBCINST.INI";
const SOURCES: &str = r"SOFTWARE\ODBC\ODBC.INI";
