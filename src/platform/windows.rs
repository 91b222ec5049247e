//! Data sources of Windows, from the installer library, which reads the user's and the machine's
//! registry.

pub mod installer;
pub mod registry;
mod store;

use installer::{DATA_SOURCES, DRIVERS};
use windows_sys::Win32::UI::WindowsAndMessaging::{
    IDYES, IsWindow, MB_ICONQUESTION, MB_YESNO, MessageBoxW,
};

use crate::abi::WideUnit;
use crate::config::DataSources;
use crate::setup::Window;

pub use store::InstallerStore;

/// Whether the process has unixODBC: never here.
pub fn has_unixodbc() -> bool {
    false
}

/// The width of the application's wide characters.
pub fn wide_unit() -> Option<WideUnit> {
    Some(WideUnit::Utf16)
}

/// Whether the handle is that of a window.
pub fn is_window(window: Window) -> bool {
    // SAFETY: any value may be given.
    unsafe { IsWindow(window.as_ptr()) != 0 }
}

/// Whether the user at the window answers a question with yes.
pub fn confirm(window: Window, title: &str, question: &str) -> bool {
    let (title, question) = (wide(title), wide(question));
    // SAFETY: the texts end with zero and outlive the call, and any window may be given.
    let answer = unsafe {
        MessageBoxW(
            window.as_ptr(),
            question.as_ptr(),
            title.as_ptr(),
            MB_YESNO | MB_ICONQUESTION,
        )
    };
    answer == IDYES
}

/// A text as the functions of Windows take it: UTF-16 that ends with zero.
pub fn wide(text: &str) -> Vec<u16> {
    text.encode_utf16().chain([0]).collect()
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
