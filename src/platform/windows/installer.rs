//! The installer library of Windows, which keeps drivers and data sources in the registry.
//!
//! `windows-sys` has no odbccp32, so its functions are declared here, and nowhere else.
//!
//! <https://learn.microsoft.com/sql/odbc/reference/syntax/odbc-installer-dll-api-reference>

use std::ptr;

use super::wide;
use crate::platform::{whole, zero_ended};

/// The parts of the registry, by the names that the functions expect.
pub const DATA_SOURCES: &str = "ODBC.INI";
pub const DRIVERS: &str = "ODBCINST.INI";

/// Whose data sources and drivers the functions read and write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConfigMode {
    /// Reads the user's, then the system's; writes the user's.
    Both,
    User,
    System,
}

/// The value of an entry; `None` if there is none, or if it is no text.
pub fn value(section: &str, entry: &str, file: &str) -> Option<String> {
    let (section, entry) = (named(section)?, named(entry)?);
    let value = read(&section, Some(&entry), file)?;
    let value = value.split(|unit| *unit == 0).next().unwrap_or_default();
    Some(String::from_utf16_lossy(value))
}

/// The names of a section's entries; empty if it does not exist.
pub fn entries(section: &str, file: &str) -> Vec<String> {
    let list = named(section).and_then(|section| read(&section, None, file));
    zero_ended(&list.unwrap_or_default())
        .map(String::from_utf16_lossy)
        .collect()
}

/// Reports an error of a setup function to the installer library, which shows it to the user.
pub fn post_error(code: u32, message: &str) {
    let message = wide(message);
    // SAFETY: the text ends with zero and outlives the call.
    unsafe { SQLPostInstallerErrorW(code, message.as_ptr()) };
}

/// The mode of this process, `Both` at first.
pub fn config_mode() -> ConfigMode {
    let mut mode = 0;
    // SAFETY: `mode` is a place for the result.
    unsafe { SQLGetConfigMode(&mut mode) };
    match mode {
        ODBC_USER_DSN => ConfigMode::User,
        ODBC_SYSTEM_DSN => ConfigMode::System,
        _ => ConfigMode::Both,
    }
}

/// The value of an entry, or the list of a section's entries without one.
fn read(section: &[u16], entry: Option<&[u16]>, file: &str) -> Option<Vec<u16>> {
    let file = wide(file);
    // A value that does not fit is cut, or replaced by the default: no text that anyone sets.
    let default = [ABSENT, 0];
    whole(|buffer| {
        // SAFETY: the texts end with zero and outlive the call, and as many units of the buffer may
        // be written as are stated.
        let length = unsafe {
            SQLGetPrivateProfileStringW(
                section.as_ptr(),
                entry.map_or(ptr::null(), <[u16]>::as_ptr),
                default.as_ptr(),
                buffer.as_mut_ptr(),
                i32::try_from(buffer.len()).unwrap_or(i32::MAX),
                file.as_ptr(),
            )
        };
        if buffer.starts_with(&default) {
            return None;
        }
        usize::try_from(length).ok()
    })
}

/// A name with a zero at its end; `None` if it is empty or holds one.
fn named(name: &str) -> Option<Vec<u16>> {
    (!name.is_empty() && !name.contains('\0')).then(|| wide(name))
}

/// U+0001.
const ABSENT: u16 = 1;

const ODBC_USER_DSN: u16 = 1;
const ODBC_SYSTEM_DSN: u16 = 2;

type Text = *const u16;

windows_link::link!("odbccp32.dll" "system" fn SQLGetPrivateProfileStringW(section: Text, entry: Text, default: Text, buffer: *mut u16, size: i32, file: Text) -> i32);
windows_link::link!("odbccp32.dll" "system" fn SQLPostInstallerErrorW(code: u32, message: Text) -> i16);
windows_link::link!("odbccp32.dll" "system" fn SQLGetConfigMode(mode: *mut u16) -> i32);

#[cfg(test)]
mod tests {
    use super::super::registry::{Part, Registry, Scope, View};
    use super::*;

    #[test]
    fn a_data_source_is_read_whole_until_it_is_removed() {
        let name = "trino-odbc installer test";
        let sources = Registry {
            part: Part::DataSources,
            scope: Scope::User,
            view: View::Own,
        };
        let token = "t".repeat(40_000);
        let names: Vec<_> = (0..2000)
            .map(|number| format!("Entry of a long list {number}"))
            .collect();
        let first = [("Host", "trino.example"), ("AccessToken", &token)];
        let first = first.map(|(entry, value)| (entry.to_owned(), value.to_owned()));
        let others = names.iter().map(|entry| (entry.clone(), "x".to_owned()));
        let written: Vec<_> = first.into_iter().chain(others).collect();
        let _ = sources.remove(name);
        sources.put(name, "No such driver", &written).unwrap();
        assert_eq!(
            value(name, "Host", DATA_SOURCES).as_deref(),
            Some("trino.example")
        );
        assert!(value(name, "AccessToken", DATA_SOURCES) == Some(token));
        assert_eq!(value(name, "No such entry", DATA_SOURCES), None);
        let found = entries(name, DATA_SOURCES);
        assert!(names.iter().all(|name| found.contains(name)), "{found:?}");
        sources.remove(name).unwrap();
        assert_eq!(entries(name, DATA_SOURCES), Vec::<String>::new());
    }

    #[test]
    fn an_empty_name_and_one_with_a_zero_have_no_entries() {
        assert_eq!(entries("", DATA_SOURCES), Vec::<String>::new());
        assert_eq!(value("a\0b", "c", DATA_SOURCES), None);
    }
}
