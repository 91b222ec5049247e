//! Data sources of Windows, from the installer library, which reads the user's and the machine's
//! registry.

use std::ptr;

use super::zero_ended;
use crate::abi::WideUnit;
use crate::config::DataSources;

/// Whether the process has unixODBC: never here.
pub fn has_unixodbc() -> bool {
    false
}

/// The width of the application's wide characters.
pub fn wide_unit() -> Option<WideUnit> {
    Some(WideUnit::Utf16)
}

/// The data sources of this user and this machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct InstalledDataSources;

impl DataSources for InstalledDataSources {
    fn attributes(&self, dsn: &str) -> Option<Vec<(String, String)>> {
        section(dsn, DATA_SOURCES)
    }

    fn variable(&self, name: &str) -> Option<String> {
        std::env::var(name).ok()
    }

    fn driver(&self, driver: &str) -> Option<Vec<(String, String)>> {
        section(driver, DRIVERS).or_else(|| {
            let titles = read(None, None, DRIVERS)?;
            zero_ended(&titles)
                .filter_map(|title| section(&String::from_utf16_lossy(title), DRIVERS))
                .find(|settings| super::is_driver_file(settings, driver))
        })
    }
}

fn section(name: &str, file: &str) -> Option<Vec<(String, String)>> {
    if name.is_empty() || name.contains('\0') {
        return None;
    }
    let section = wide(name);
    let attributes: Vec<_> = zero_ended(&read(Some(&section), None, file)?)
        .filter_map(|key| {
            let key = String::from_utf16_lossy(key);
            let value = read(Some(&section), Some(&wide(&key)), file)?;
            let value = value.split(|unit| *unit == 0).next().unwrap_or_default();
            Some((key, String::from_utf16_lossy(value)))
        })
        .collect();
    (!attributes.is_empty()).then_some(attributes)
}

/// The names of the parts of the registry for the installer library.
const DATA_SOURCES: &str = "ODBC.INI";
const DRIVERS: &str = "ODBCINST.INI";

/// One value, or the list of keys without an entry, or the list of sections without a section.
fn read(section: Option<&[u16]>, entry: Option<&[u16]>, file: &str) -> Option<Vec<u16>> {
    let empty = wide("");
    let file = wide(file);
    let mut buffer = vec![0_u16; BUFFER];
    let size = i32::try_from(buffer.len()).ok()?;
    // SAFETY: the texts end with zero and outlive the call, and `size` units of the buffer may be
    // written.
    let length = unsafe {
        SQLGetPrivateProfileStringW(
            section.map_or(ptr::null(), <[u16]>::as_ptr),
            entry.map_or(ptr::null(), <[u16]>::as_ptr),
            empty.as_ptr(),
            buffer.as_mut_ptr(),
            size,
            file.as_ptr(),
        )
    };
    buffer.truncate(usize::try_from(length).ok()?.min(BUFFER));
    Some(buffer)
}

fn wide(text: &str) -> Vec<u16> {
    text.encode_utf16().chain([0]).collect()
}

#[link(name = "odbccp32", kind = "raw-dylib")]
unsafe extern "system" {
    fn SQLGetPrivateProfileStringW(
        section: *const u16,
        entry: *const u16,
        default: *const u16,
        buffer: *mut u16,
        size: i32,
        file: *const u16,
    ) -> i32;
}

const BUFFER: usize = 32 << 10;
