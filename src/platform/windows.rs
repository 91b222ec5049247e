//! Data sources of Windows, from the installer library, which reads the user's and the machine's
//! registry.

pub mod installer;
pub mod registry;
mod store;

use std::ffi::c_void;

use installer::{DATA_SOURCES, DRIVERS};

use crate::abi::WideUnit;
use crate::config::DataSources;

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
pub fn is_window(handle: *mut c_void) -> bool {
    // SAFETY: any value may be given.
    unsafe { IsWindow(handle.addr()) != 0 }
}

/// Whether the user at the window answers a question with yes.
pub fn confirm(window: *mut c_void, title: &str, question: &str) -> bool {
    const MB_YESNO: u32 = 0x04;
    const MB_ICONQUESTION: u32 = 0x20;
    const IDYES: i32 = 6;
    let wide = |text: &str| text.encode_utf16().chain([0]).collect::<Vec<_>>();
    let (title, question) = (wide(title), wide(question));
    // SAFETY: the texts end with zero and outlive the call, and any window may be given.
    let answer = unsafe {
        MessageBoxW(
            window.addr(),
            question.as_ptr(),
            title.as_ptr(),
            MB_YESNO | MB_ICONQUESTION,
        )
    };
    answer == IDYES
}

// A handle is a number here: nothing behind it is read.
windows_link::link!("user32.dll" "system" fn IsWindow(window: usize) -> i32);
windows_link::link!("user32.dll" "system" fn MessageBoxW(window: usize, text: *const u16, title: *const u16, kind: u32) -> i32);

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
