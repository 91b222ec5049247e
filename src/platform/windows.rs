//! Data sources of Windows, from the installer library, which reads the user's and the machine's
//! registry.

pub mod installer;

use installer::{DATA_SOURCES, DRIVERS};

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
            // Not every installer library lists the sections of a file.
            installer::entries("ODBC Drivers", DRIVERS)
                .iter()
                .filter_map(|name| section(name, DRIVERS))
                .find(|settings| super::is_driver_file(settings, driver))
        })
    }
}

/// The entries of a section that have text; `None` if it has none.
fn section(name: &str, file: &str) -> Option<Vec<(String, String)>> {
    let entries: Vec<_> = installer::entries(name, file)
        .into_iter()
        .filter_map(|entry| {
            let value = installer::value(name, &entry, file);
            if value.is_none() {
                tracing::warn!("{entry} of {name} in {file} is no text, or too long");
            }
            Some((entry, value?))
        })
        .collect();
    (!entries.is_empty()).then_some(entries)
}
