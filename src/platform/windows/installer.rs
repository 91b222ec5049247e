//! The installer library of Windows, which keeps drivers and data sources in the registry.
//!
//! `windows-sys` has no odbccp32, so its functions are declared here, and nowhere else.
//!
//! <https://learn.microsoft.com/sql/odbc/reference/syntax/odbc-installer-dll-api-reference>

use std::ptr;

use crate::platform::{whole, zero_ended};

/// The parts of the registry, by the names that the functions expect.
pub const DATA_SOURCES: &str = "ODBC.INI";
pub const DRIVERS: &str = "ODBCINST.INI";

/// Why the installer library refused a request.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message} (installer error {code})")]
pub struct InstallerError {
    /// One of the ODBC_ERROR_ numbers of odbcinst.h.
    pub code: u32,
    pub message: String,
}

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
    let (section, entry) = (wide(section)?, wide(entry)?);
    let value = read(&section, Some(&entry), file)?;
    let value = value.split(|unit| *unit == 0).next().unwrap_or_default();
    Some(String::from_utf16_lossy(value))
}

/// The names of a section's entries; empty if it does not exist.
pub fn entries(section: &str, file: &str) -> Vec<String> {
    let list = wide(section).and_then(|section| read(&section, None, file));
    zero_ended(&list.unwrap_or_default())
        .map(String::from_utf16_lossy)
        .collect()
}

/// Writes a value; removes the entry without a value, and the section without an entry.
pub fn write_value(
    section: &str,
    entry: Option<&str>,
    value: Option<&str>,
    file: &str,
) -> Result<(), InstallerError> {
    let (section, file) = (required(section)?, required(file)?);
    let entry = entry.map(required).transpose()?;
    let value = value.map(required).transpose()?;
    // SAFETY: the texts end with zero and outlive the call, or are null, which they may be.
    let done = unsafe {
        SQLWritePrivateProfileStringW(
            section.as_ptr(),
            entry.as_ref().map_or(ptr::null(), |entry| entry.as_ptr()),
            value.as_ref().map_or(ptr::null(), |value| value.as_ptr()),
            file.as_ptr(),
        )
    };
    check(done)
}

/// Adds a data source to the list, for a registered driver; one of the same name is replaced.
pub fn write_data_source(name: &str, driver: &str) -> Result<(), InstallerError> {
    let (name, driver) = (required(name)?, required(driver)?);
    // SAFETY: the texts end with zero and outlive the call.
    check(unsafe { SQLWriteDSNToIniW(name.as_ptr(), driver.as_ptr()) })
}

/// Removes a data source with all its values.
pub fn remove_data_source(name: &str) -> Result<(), InstallerError> {
    let name = required(name)?;
    // SAFETY: the text ends with zero and outlives the call.
    check(unsafe { SQLRemoveDSNFromIniW(name.as_ptr()) })
}

/// Whether a data source may have that name.
pub fn is_valid_name(name: &str) -> bool {
    // SAFETY: the text ends with zero and outlives the call.
    wide(name).is_some_and(|name| unsafe { SQLValidDSNW(name.as_ptr()) } != 0)
}

/// Reports an error of a setup function to the installer library, which shows it to the user.
pub fn post_error(code: u32, message: &str) {
    let message: Vec<u16> = message.encode_utf16().chain([0]).collect();
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

/// Sets the mode of this process.
pub fn set_config_mode(mode: ConfigMode) -> Result<(), InstallerError> {
    let mode = match mode {
        ConfigMode::Both => ODBC_BOTH_DSN,
        ConfigMode::User => ODBC_USER_DSN,
        ConfigMode::System => ODBC_SYSTEM_DSN,
    };
    // SAFETY: a number goes in.
    check(unsafe { SQLSetConfigMode(mode) })
}

/// Registers a driver whose files are in `folder`, and gives the number of its registrations.
/// `attributes` are pairs such as `Driver=file.dll`.
pub fn install_driver(
    name: &str,
    attributes: &[&str],
    folder: &str,
) -> Result<u32, InstallerError> {
    let mut texts = required(name)?;
    for attribute in attributes {
        texts.extend(required(attribute)?);
    }
    texts.push(0);
    let folder = required(folder)?;
    let (mut installed_in, mut length, mut count) = ([0_u16; 1024], 0, 0);
    // SAFETY: the list ends with two zeros and the folder with one, both outlive the call, and the
    // others are places for results, of which the first has the size that is stated.
    let done = unsafe {
        SQLInstallDriverExW(
            texts.as_ptr(),
            folder.as_ptr(),
            installed_in.as_mut_ptr(),
            installed_in.len() as u16,
            &mut length,
            ODBC_INSTALL_COMPLETE,
            &mut count,
        )
    };
    check(done).map(|()| count)
}

/// Takes back one registration of a driver, and gives the number of those that remain. The last
/// one removes the driver, with its data sources if these are to go, too.
pub fn remove_driver(name: &str, data_sources: bool) -> Result<u32, InstallerError> {
    let name = required(name)?;
    let mut count = 0;
    // SAFETY: the text ends with zero and outlives the call, and `count` is a place for the result.
    let done = unsafe { SQLRemoveDriverW(name.as_ptr(), data_sources.into(), &mut count) };
    check(done).map(|()| count)
}

/// The value of an entry, or the list of a section's entries without one.
fn read(section: &[u16], entry: Option<&[u16]>, file: &str) -> Option<Vec<u16>> {
    let file = wide(file)?;
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

/// The outcome of a function that answers with a BOOL.
fn check(done: i32) -> Result<(), InstallerError> {
    if done != 0 {
        return Ok(());
    }
    let (mut code, mut text, mut length) = (0, [0_u16; 512], 0);
    // SAFETY: all are places for results, of which the text has the size that is stated.
    unsafe {
        SQLInstallerErrorW(
            1,
            &mut code,
            text.as_mut_ptr(),
            text.len() as u16,
            &mut length,
        )
    };
    let text = text.split(|unit| *unit == 0).next().unwrap_or_default();
    let message = match String::from_utf16_lossy(text) {
        message if message.is_empty() => "the ODBC installer library does not say why".to_owned(),
        message => message,
    };
    Err(InstallerError { code, message })
}

/// The text with a zero at its end; `None` if it is empty or holds one.
fn wide(text: &str) -> Option<Vec<u16>> {
    let usable = !text.is_empty() && !text.contains('\0');
    usable.then(|| text.encode_utf16().chain([0]).collect())
}

/// The text with a zero at its end, which it must not hold elsewhere.
fn required(text: &str) -> Result<Vec<u16>, InstallerError> {
    if text.contains('\0') {
        return Err(InstallerError {
            code: ODBC_ERROR_INVALID_STR,
            message: "a name or a value contains a zero character".to_owned(),
        });
    }
    Ok(text.encode_utf16().chain([0]).collect())
}

/// U+0001.
const ABSENT: u16 = 1;

const ODBC_BOTH_DSN: u16 = 0;
const ODBC_USER_DSN: u16 = 1;
const ODBC_SYSTEM_DSN: u16 = 2;
const ODBC_INSTALL_COMPLETE: u16 = 2;
const ODBC_ERROR_INVALID_STR: u32 = 8;

type Text = *const u16;

windows_link::link!("odbccp32.dll" "system" fn SQLGetPrivateProfileStringW(section: Text, entry: Text, default: Text, buffer: *mut u16, size: i32, file: Text) -> i32);
windows_link::link!("odbccp32.dll" "system" fn SQLWritePrivateProfileStringW(section: Text, entry: Text, value: Text, file: Text) -> i32);
windows_link::link!("odbccp32.dll" "system" fn SQLWriteDSNToIniW(name: Text, driver: Text) -> i32);
windows_link::link!("odbccp32.dll" "system" fn SQLRemoveDSNFromIniW(name: Text) -> i32);
windows_link::link!("odbccp32.dll" "system" fn SQLValidDSNW(name: Text) -> i32);
windows_link::link!("odbccp32.dll" "system" fn SQLPostInstallerErrorW(code: u32, message: Text) -> i16);
windows_link::link!("odbccp32.dll" "system" fn SQLInstallerErrorW(number: u16, code: *mut u32, message: *mut u16, size: u16, length: *mut u16) -> i16);
windows_link::link!("odbccp32.dll" "system" fn SQLGetConfigMode(mode: *mut u16) -> i32);
windows_link::link!("odbccp32.dll" "system" fn SQLSetConfigMode(mode: u16) -> i32);
windows_link::link!("odbccp32.dll" "system" fn SQLInstallDriverExW(driver: Text, folder: Text, installed_in: *mut u16, size: u16, length: *mut u16, request: u16, count: *mut u32) -> i32);
windows_link::link!("odbccp32.dll" "system" fn SQLRemoveDriverW(driver: Text, data_sources: i32, count: *mut u32) -> i32);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_data_source_is_written_read_whole_and_removed() {
        let name = "faults installer test";
        let driver = "No such driver of faults";
        let _ = remove_data_source(name);
        write_data_source(name, driver).unwrap();
        let token = "t".repeat(40_000);
        for (entry, value) in [("Host", "trino.example"), ("AccessToken", &token)] {
            write_value(name, Some(entry), Some(value), DATA_SOURCES).unwrap();
        }
        let names: Vec<_> = (0..2000)
            .map(|number| format!("Entry of a long list {number}"))
            .collect();
        for entry in &names {
            write_value(name, Some(entry), Some("x"), DATA_SOURCES).unwrap();
        }
        assert_eq!(
            value(name, "Host", DATA_SOURCES).as_deref(),
            Some("trino.example")
        );
        assert!(value(name, "AccessToken", DATA_SOURCES) == Some(token));
        assert_eq!(value(name, "No such entry", DATA_SOURCES), None);
        let found = entries(name, DATA_SOURCES);
        assert!(names.iter().all(|name| found.contains(name)), "{found:?}");
        remove_data_source(name).unwrap();
        assert_eq!(entries(name, DATA_SOURCES), Vec::<String>::new());
    }

    #[test]
    fn a_text_with_a_zero_is_refused_and_an_empty_name_has_no_entries() {
        let error = write_value("a\0b", Some("c"), Some("d"), DATA_SOURCES).unwrap_err();
        assert_eq!(error.code, ODBC_ERROR_INVALID_STR);
        assert_eq!(entries("", DATA_SOURCES), Vec::<String>::new());
        assert_eq!(value("a\0b", "c", DATA_SOURCES), None);
    }
}
