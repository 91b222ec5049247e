//! The driver's own reading of `odbc.ini` and `odbcinst.ini`, for when no installer library is
//! installed.

use std::fs;
use std::path::{Path, PathBuf};

use super::Ini;

/// Finds the attributes of a data source in the user's file, then in the system's.
pub(super) fn attributes(dsn: &str) -> Option<Vec<(String, String)>> {
    contents(&DATA_SOURCES).find_map(|file| file.entries(dsn))
}

/// Finds the settings of the driver that is registered by that name, or with that file.
pub(super) fn driver(name: &str) -> Option<Vec<(String, String)>> {
    contents(&DRIVERS).find_map(|file| {
        file.entries(name).or_else(|| {
            file.sections()
                .filter_map(|title| file.entries(title))
                .find(|settings| super::is_driver_file(settings, name))
        })
    })
}

fn contents(kind: &Kind) -> impl Iterator<Item = Ini> {
    files(kind, |name| {
        std::env::var_os(name).filter(|value| !value.is_empty())
    })
    .into_iter()
    .filter_map(|file| fs::read(file).ok())
    .map(|bytes| Ini::parse(&String::from_utf8_lossy(&bytes)))
}

/// A kind of file, and its names.
struct Kind {
    name: &'static str,
    in_home: &'static str,
    variable: &'static str,
}

const DATA_SOURCES: Kind = Kind {
    name: "odbc.ini",
    in_home: ".odbc.ini",
    variable: "ODBCINI",
};

const DRIVERS: Kind = Kind {
    name: "odbcinst.ini",
    in_home: ".odbcinst.ini",
    variable: "ODBCINSTINI",
};

/// The files to search, in order.
fn files(kind: &Kind, environment: impl Fn(&str) -> Option<std::ffi::OsString>) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let home = environment("HOME").map(PathBuf::from);
    match environment(kind.variable) {
        Some(file) => files.push(PathBuf::from(file)),
        None => files.extend(home.as_ref().map(|home| home.join(kind.in_home))),
    }
    if cfg!(target_os = "macos") {
        files.extend(home.map(|home| home.join("Library/ODBC").join(kind.name)));
    }
    match environment("ODBCSYSINI") {
        Some(folder) => files.push(PathBuf::from(folder).join(kind.name)),
        None => files.push(Path::new("/etc").join(kind.name)),
    }
    if cfg!(target_os = "macos") {
        files.push(Path::new("/Library/ODBC").join(kind.name));
    }
    files
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::{DATA_SOURCES, files};

    #[test]
    fn the_users_file_comes_before_the_systems() {
        let set = |name: &str| match name {
            "ODBCINI" => Some("/u/odbc.ini".into()),
            "ODBCSYSINI" => Some("/s".into()),
            _ => None,
        };
        let files = files(&DATA_SOURCES, set);
        assert_eq!(files[0], PathBuf::from("/u/odbc.ini"));
        assert!(files.contains(&PathBuf::from("/s/odbc.ini")));
    }
}
