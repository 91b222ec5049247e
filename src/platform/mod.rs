//! What differs by operating system: where data sources are kept, how wide a character is, files without a name, files
//! of the user's own, the browser, Kerberos, memory and open files, the end of the process.
#![allow(unsafe_code)]

mod browser;
mod negotiate;
#[cfg(unix)]
mod odbc_ini;
mod private;
mod resources;
mod signals;
mod temporary;
#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

pub use browser::open_in_browser;
pub use negotiate::{Means, Negotiation, NegotiationError, negotiate};
pub use private::{cache_folder, create_private_folder, is_private};
pub use resources::{memory, open_files, thread_time};
pub use signals::{hold_signals, holding_signals};
pub use temporary::TemporaryFile;
#[cfg(unix)]
pub use unix::{InstalledDataSources, at_exit, forks, has_unixodbc, stay_loaded, wide_unit};
#[cfg(windows)]
pub use windows::{InstalledDataSources, at_exit, forks, has_unixodbc, stay_loaded, wide_unit};

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
