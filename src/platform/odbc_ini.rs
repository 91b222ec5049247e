//! The driver's own reading of `odbc.ini` and `odbcinst.ini`, for when no installer library is there to ask.

use std::fs;
use std::path::{Path, PathBuf};

/// Finds the attributes of a data source in the user's file, then in the system's.
pub(super) fn attributes(dsn: &str) -> Option<Vec<(String, String)>> {
    texts(&DATA_SOURCES).find_map(|text| section(&text, dsn))
}

/// Finds the settings of the driver that is registered by that name, or with that file.
pub(super) fn driver(name: &str) -> Option<Vec<(String, String)>> {
    texts(&DRIVERS).find_map(|text| {
        section(&text, name).or_else(|| {
            let titles = text.lines().filter_map(title);
            titles
                .filter_map(|title| section(&text, title))
                .find(|settings| super::is_driver_file(settings, name))
        })
    })
}

fn texts(kind: &Kind) -> impl Iterator<Item = String> {
    files(kind, |name| {
        std::env::var_os(name).filter(|value| !value.is_empty())
    })
    .into_iter()
    .filter_map(|file| fs::read(file).ok())
    .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}

/// A kind of file, and how it is called.
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

/// The files to look into, in order.
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

/// The title of the section that the line begins.
fn title(line: &str) -> Option<&str> {
    let title = line.trim().strip_prefix('[')?.strip_suffix(']')?;
    Some(title.trim())
}

/// The attributes of one section; `None` when there is no such section.
fn section(text: &str, name: &str) -> Option<Vec<(String, String)>> {
    let mut found = None::<Vec<_>>;
    let mut inside = false;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    for line in text.lines().map(str::trim) {
        if line.is_empty() || line.starts_with([';', '#']) {
            continue;
        }
        if let Some(title) = title(line) {
            inside = found.is_none() && title.eq_ignore_ascii_case(name);
            if inside {
                found = Some(Vec::new());
            }
        } else if let (true, Some((key, value)), Some(found)) =
            (inside, line.split_once('='), found.as_mut())
        {
            found.push((key.trim().to_owned(), value.trim().to_owned()));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::{DATA_SOURCES, files, section};

    const FILE: &str = "\u{feff}; data sources\n[ODBC Data Sources]\nDemo=Trino\n\n[Demo]\r\nHost = h\r\n\
        # old\nPWD=a=b;c\nEmpty=\nnonsense\n[Other]\nHost=o\n[demo]\nHost=again\n";

    #[test]
    fn a_section_is_read_by_its_name_in_any_case() {
        let own = |(a, b): (&str, &str)| (a.to_owned(), b.to_owned());
        let demo = [("Host", "h"), ("PWD", "a=b;c"), ("Empty", "")].map(own);
        assert_eq!(section(FILE, "DEMO").unwrap(), demo);
        assert_eq!(section(FILE, "Missing"), None);
    }

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

    proptest::proptest! {
        #[test]
        fn any_file_is_read(text in "([\\[\\]=;#a-c\\n ]{0,60})") {
            let _ = section(&text, "a");
        }
    }
}
