//! What differs by Driver Manager: where data sources are kept, and how wide a character is.
#![allow(unsafe_code)]

mod ini;
#[cfg(unix)]
mod odbc_ini;
#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

pub use ini::Ini;
#[cfg(unix)]
pub use unix::{InstalledDataSources, has_unixodbc, wide_unit};
#[cfg(windows)]
pub use windows::{InstalledDataSources, has_unixodbc, wide_unit};

/// Splits a list of texts, each ended by a zero; the list ends at an empty one.
fn zero_ended<T: PartialEq + Default>(list: &[T]) -> impl Iterator<Item = &[T]> {
    list.split(|unit| *unit == T::default())
        .take_while(|text| !text.is_empty())
}

/// Whether the settings of a driver's registration name that file.
fn is_driver_file(settings: &[(String, String)], file: &str) -> bool {
    settings.iter().any(|(name, value)| {
        value == file
            && (name.eq_ignore_ascii_case("Driver") || name.eq_ignore_ascii_case("Driver64"))
    })
}
