//! What installers and the ODBC Data Source Administrator call: ConfigDSN and ConfigDriver. They have no handles; errors
//! are left with the installer library.

use std::ffi::c_void;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::guard;
use super::text::{self, WChar};
use crate::abi::{
    ODBC_CONFIG_DRIVER, ODBC_ERROR_GENERAL_ERR, ODBC_ERROR_INVALID_BUFF_LEN,
    ODBC_ERROR_INVALID_HWND, ODBC_ERROR_INVALID_NAME, ODBC_ERROR_REQUEST_FAILED, SQL_NTS, WideUnit,
};
use crate::platform::{InstallerStore, confirm, installer, is_window};
use crate::setup::{self, Attributes, Dialog, Failure, NameField, Purpose, Window};

/// BOOL.
type Success = i32;

/// Adds, changes or removes a data source.
///
/// # Safety
/// `driver` is null or ends with a zero, `attributes` is null or ends with two.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn ConfigDSNW(
    window: *mut c_void,
    request: u16,
    driver: *const WChar,
    attributes: *const WChar,
) -> Success {
    answer(|| {
        check_window(window)?;
        // SAFETY: the caller's promise.
        let driver = unsafe { name(driver) }?;
        // SAFETY: the caller's promise.
        let texts = unsafe { texts(attributes) };
        let attributes = setup::list(texts.iter().map(String::as_str))?;
        let dialog = Window::from_ptr(window)
            .filter(|window| setup::can_edit(*window))
            .map(AtWindow);
        let dialog = dialog.as_ref().map(|dialog| dialog as &dyn Dialog);
        setup::configure_data_source(request, &driver, attributes, &InstallerStore, dialog)
    })
}

/// Changes the driver's registration. There are no messages beyond errors: `message` becomes empty.
///
/// # Safety
/// The texts are null or end with a zero; `capacity` units of `message` can be written unless it is null, and
/// `length` unless it is null.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn ConfigDriverW(
    window: *mut c_void,
    request: u16,
    driver: *const WChar,
    arguments: *const WChar,
    message: *mut WChar,
    capacity: u16,
    length: *mut u16,
) -> Success {
    answer(|| {
        check_window(window)?;
        if !message.is_null() && capacity == 0 {
            return Err(Failure::new(
                ODBC_ERROR_INVALID_BUFF_LEN,
                "The buffer for messages has no room for a null.",
            ));
        }
        // SAFETY: the caller's promise.
        let driver = unsafe { name(driver) }?;
        let arguments = if request == ODBC_CONFIG_DRIVER {
            // SAFETY: the caller's promise.
            unsafe { read(arguments) }.unwrap_or_default()
        } else {
            String::new()
        };
        setup::configure_driver(request, &driver, &arguments, &InstallerStore)?;
        let encoding = text::Encoding::Utf16;
        // SAFETY: the caller's promise.
        let (total, _) =
            unsafe { text::write("", message.cast(), usize::from(capacity), encoding) };
        // SAFETY: the caller's promise.
        unsafe { text::put(length, total as u16) };
        Ok(())
    })
}

/// Carries out a request, and leaves what went wrong with the installer library. No panic crosses the C interface.
fn answer(request: impl FnOnce() -> Result<(), Failure>) -> Success {
    guard::log_panics();
    let outcome = catch_unwind(AssertUnwindSafe(request)).unwrap_or_else(|_| {
        let message = guard::internal().record().message.clone();
        Err(Failure::new(ODBC_ERROR_GENERAL_ERR, message))
    });
    match outcome {
        Ok(()) => 1,
        Err(failure) => {
            installer::post_error(failure.code, &failure.message);
            0
        }
    }
}

/// A user at the window of the caller.
struct AtWindow(Window);

impl Dialog for AtWindow {
    fn edit(&self, attributes: Attributes, name: NameField) -> Result<Option<Attributes>, Failure> {
        setup::edit(self.0, attributes, &Purpose::DataSource(name))
            .map_err(|error| Failure::new(ODBC_ERROR_REQUEST_FAILED, error.to_string()))
    }

    fn may_replace(&self, name: &str) -> bool {
        let question = format!("The data source {name:?} exists. Replace it?");
        confirm(self.0, "ODBC driver for Trino", &question)
    }
}

fn check_window(window: *mut c_void) -> Result<(), Failure> {
    match Window::from_ptr(window) {
        Some(window) if !is_window(window) => Err(Failure::new(
            ODBC_ERROR_INVALID_HWND,
            "The handle of the parent window names no window.",
        )),
        _ => Ok(()),
    }
}

/// # Safety
/// `driver` is null or ends with a zero.
unsafe fn name(driver: *const WChar) -> Result<String, Failure> {
    // SAFETY: the caller's promise.
    unsafe { read(driver) }
        .filter(|name| !name.is_empty())
        .ok_or_else(|| Failure::new(ODBC_ERROR_INVALID_NAME, "The request names no driver."))
}

/// # Safety
/// `text` is null or ends with a zero.
unsafe fn read(text: *const WChar) -> Option<String> {
    // SAFETY: the caller's promise.
    unsafe { text::read(text, SQL_NTS, WideUnit::Utf16) }
        .ok()
        .flatten()
}

/// # Safety
/// `list` is null, or holds texts that end with a zero each and ends with an empty one.
unsafe fn texts(list: *const WChar) -> Vec<String> {
    let mut texts = Vec::new();
    let mut next = list;
    // SAFETY: the caller's promise.
    while let Some(text) = unsafe { read(next) }.filter(|text| !text.is_empty()) {
        let units = text.encode_utf16().count();
        // SAFETY: the text and its zero are part of the list.
        next = unsafe { next.add(units + 1) };
        texts.push(text);
    }
    texts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_end_at_the_second_of_two_zeros() {
        let list: Vec<u16> = "DSN=a\0Host=é😀\0\0Port=1\0\0".encode_utf16().collect();
        // SAFETY: both lists are as they must be.
        let read = unsafe { (texts(list.as_ptr()), texts(std::ptr::null())) };
        assert_eq!(
            read,
            (vec!["DSN=a".to_owned(), "Host=é😀".to_owned()], Vec::new())
        );
    }

    #[test]
    fn a_panic_becomes_a_failed_request() {
        assert_eq!(answer(|| panic!("on purpose")), 0);
        assert_eq!(answer(|| Ok(())), 1);
    }

    #[test]
    fn a_request_without_a_driver_or_with_no_window_fails() {
        let driver: Vec<u16> = "Trino\0".encode_utf16().collect();
        // SAFETY: null pointers are allowed, and the name ends with a zero.
        unsafe {
            assert_eq!(
                ConfigDSNW(std::ptr::null_mut(), 1, std::ptr::null(), std::ptr::null()),
                0
            );
            let no_window = std::ptr::without_provenance_mut(0xdead_beef_usize);
            assert_eq!(
                ConfigDSNW(no_window, 1, driver.as_ptr(), std::ptr::null()),
                0
            );
        }
    }
}
