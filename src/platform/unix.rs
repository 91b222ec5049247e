//! Data sources of Unix: from the installer library of the loaded Driver Manager, else read from
//! the files.
//!
//! The library is loaded at run time and unloaded again: the driver works without one, and keeps
//! nothing loaded when a Driver Manager unloads it.

use std::ffi::{CStr, CString, c_char, c_int};
use std::ptr;

use libloading::os::unix::{Library, RTLD_LAZY, RTLD_LOCAL};

use super::{odbc_ini, zero_ended};
use crate::abi::WideUnit;
use crate::config::DataSources;

/// The data sources of this user and this machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct InstalledDataSources;

impl DataSources for InstalledDataSources {
    fn attributes(&self, dsn: &str) -> Option<Vec<(String, String)>> {
        match Installer::load().and_then(|installer| installer.attributes(dsn)) {
            // unixODBC cuts lines of odbc.ini, and gives what it cut off as further keys. Tokens
            // are that long. iODBC cuts them at a blank before a semicolon, also within braces.
            Some(attributes) if attributes.iter().any(is_cut) => {
                odbc_ini::attributes(dsn).or(Some(attributes))
            }
            Some(attributes) => Some(attributes),
            None => odbc_ini::attributes(dsn),
        }
    }

    fn variable(&self, name: &str) -> Option<String> {
        std::env::var(name).ok()
    }

    fn driver(&self, driver: &str) -> Option<Vec<(String, String)>> {
        match Installer::load() {
            Some(installer) => installer.driver(driver),
            None => odbc_ini::driver(driver),
        }
    }
}

/// The width of the application's wide characters, by the Driver Manager that the process has:
/// iODBC's are those of `wchar_t`. With both they are as with unixODBC, and iODBC's newer versions
/// then query it. `None` without either: the program calls the driver itself, or has a manager
/// inside.
pub fn wide_unit() -> Option<WideUnit> {
    if has_unixodbc() {
        Some(WideUnit::Utf16)
    } else if is_loaded(IODBC.library) || is_linked(c"iodbc_version") {
        Some(WideUnit::Utf32)
    } else {
        None
    }
}

/// Whether the process has unixODBC.
pub fn has_unixodbc() -> bool {
    is_loaded(UNIXODBC.library)
}

/// SQLGetPrivateProfileString: section, entry, default, buffer, its size, file.
type GetPrivateProfileString = unsafe extern "C" fn(
    *const c_char,
    *const c_char,
    *const c_char,
    *mut c_char,
    c_int,
    *const c_char,
) -> c_int;

/// The installer library of a Driver Manager.
struct Installer {
    get: GetPrivateProfileString,
    /// Keeps `get` callable.
    _library: Library,
}

impl Installer {
    /// Loads the library of this process's manager, or any other one.
    fn load() -> Option<Self> {
        let mut managers = MANAGERS;
        managers.sort_by_key(|manager| !is_loaded(manager.library));
        managers
            .iter()
            .flat_map(|manager| manager.installers)
            .find_map(|name| Self::open(name))
    }

    fn open(name: &str) -> Option<Self> {
        // SAFETY: installer libraries of Driver Managers run no initialiser that a process could
        // not stand.
        let library = unsafe { Library::open(Some(name), RTLD_LAZY | RTLD_LOCAL) }.ok()?;
        // SAFETY: the type is the function's signature in the ODBC reference, on Unix with C's
        // calling convention.
        let get = *unsafe {
            library
                .get::<GetPrivateProfileString>(c"SQLGetPrivateProfileString".to_bytes_with_nul())
        }
        .ok()?;
        Some(Self {
            get,
            _library: library,
        })
    }

    /// The attributes of a data source; `None` if it has none.
    fn attributes(&self, dsn: &str) -> Option<Vec<(String, String)>> {
        self.section(dsn, DATA_SOURCES)
    }

    /// The settings of the driver that is registered by that name, or with that file.
    fn driver(&self, driver: &str) -> Option<Vec<(String, String)>> {
        self.section(driver, DRIVERS).or_else(|| {
            let titles = self.read(None, None, DRIVERS)?;
            zero_ended(&titles)
                .filter_map(|title| self.section(std::str::from_utf8(title).ok()?, DRIVERS))
                .find(|settings| super::is_driver_file(settings, driver))
        })
    }

    fn section(&self, name: &str, file: &CStr) -> Option<Vec<(String, String)>> {
        let section = CString::new(name).ok().filter(|name| !name.is_empty())?;
        let keys = self.read(Some(&section), None, file)?;
        let attributes: Vec<_> = zero_ended(&keys)
            .filter_map(|key| {
                let value = self.read(Some(&section), Some(&CString::new(key).ok()?), file)?;
                let value = value.split(|byte| *byte == 0).next().unwrap_or_default();
                Some((
                    String::from_utf8_lossy(key).into_owned(),
                    String::from_utf8_lossy(value).into_owned(),
                ))
            })
            .collect();
        (!attributes.is_empty()).then_some(attributes)
    }

    /// One value, or the list of keys without an entry, or the list of sections without a section.
    fn read(&self, section: Option<&CStr>, entry: Option<&CStr>, file: &CStr) -> Option<Vec<u8>> {
        super::whole(|buffer: &mut [u8]| {
            // SAFETY: the texts end with zero and outlive the call, and as many bytes of the buffer
            // may be written as are stated.
            let length = unsafe {
                (self.get)(
                    section.map_or(ptr::null(), CStr::as_ptr),
                    entry.map_or(ptr::null(), CStr::as_ptr),
                    c"".as_ptr(),
                    buffer.as_mut_ptr().cast(),
                    c_int::try_from(buffer.len()).unwrap_or(c_int::MAX),
                    file.as_ptr(),
                )
            };
            usize::try_from(length).ok()
        })
    }
}

/// The names of the files for installer libraries.
const DATA_SOURCES: &CStr = c"odbc.ini";
const DRIVERS: &CStr = c"odbcinst.ini";

/// A Driver Manager and the names of its installer library.
#[derive(Clone, Copy)]
struct Manager {
    library: &'static str,
    installers: &'static [&'static str],
}

/// Whether the process has the library already.
fn is_loaded(name: &str) -> bool {
    // SAFETY: RTLD_NOLOAD loads nothing, so no initialiser runs.
    unsafe { Library::open(Some(name), RTLD_LAZY | libc::RTLD_NOLOAD) }.is_ok()
}

/// Whether a library that the program was linked with has that symbol: manager libraries have other
/// names in frameworks.
fn is_linked(symbol: &CStr) -> bool {
    // SAFETY: the symbol's address is not used.
    unsafe { Library::this().get::<*const c_char>(symbol.to_bytes_with_nul()) }.is_ok()
}

/// Whether the manager may have cut the line of this attribute: at 1000 bytes or less, or within
/// its braces.
fn is_cut((key, value): &(String, String)) -> bool {
    key.len() + value.len() > 900 || value.starts_with('{') && !value.ends_with('}')
}

#[cfg(target_os = "macos")]
const UNIXODBC: Manager = Manager {
    library: "libodbc.2.dylib",
    installers: &["libodbcinst.2.dylib", "libodbcinst.dylib"],
};
#[cfg(target_os = "macos")]
const IODBC: Manager = Manager {
    library: "libiodbc.2.dylib",
    installers: &["libiodbcinst.2.dylib", "libiodbcinst.dylib"],
};
/// That of the system first.
#[cfg(target_os = "macos")]
const MANAGERS: [Manager; 2] = [IODBC, UNIXODBC];

#[cfg(not(target_os = "macos"))]
const UNIXODBC: Manager = Manager {
    library: "libodbc.so.2",
    installers: &["libodbcinst.so.2", "libodbcinst.so"],
};
#[cfg(not(target_os = "macos"))]
const IODBC: Manager = Manager {
    library: "libiodbc.so.2",
    installers: &["libiodbcinst.so.2", "libiodbcinst.so"],
};
#[cfg(not(target_os = "macos"))]
const MANAGERS: [Manager; 2] = [UNIXODBC, IODBC];

#[cfg(test)]
mod tests {
    use super::{Installer, is_cut};

    #[test]
    fn a_data_source_without_a_name_has_no_attributes() {
        if let Some(installer) = Installer::load() {
            assert_eq!(installer.attributes(""), None);
            assert_eq!(installer.attributes("a\0b"), None);
            assert_eq!(installer.attributes("no such data source"), None);
        }
    }

    #[test]
    fn an_attribute_that_is_long_or_open_counts_as_cut() {
        assert!(is_cut(&("AccessToken".to_owned(), "a".repeat(987))));
        assert!(is_cut(&("Roles".to_owned(), "{a:b".to_owned())));
        assert!(!is_cut(&("Roles".to_owned(), "{a:b}".to_owned())));
        assert!(!is_cut(&("Host".to_owned(), "localhost".to_owned())));
    }
}
