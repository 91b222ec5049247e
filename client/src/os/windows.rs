//! The end of the process, its children, and how long this library stays loaded, on Windows.

use std::ptr;

use windows_sys::Win32::System::LibraryLoader::{
    GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS, GET_MODULE_HANDLE_EX_FLAG_PIN, GetModuleHandleExW,
};

/// Does nothing: when a process exits on Windows, its other threads end before a library is notified, and with them the
/// tasks that `work` relies on.
pub fn at_exit(_work: fn()) {}

/// Keeps this library in memory until the process ends, even if it is unloaded; false if that is impossible.
pub fn stay_loaded() -> bool {
    let flags = GET_MODULE_HANDLE_EX_FLAG_PIN | GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS;
    let here: fn() -> bool = stay_loaded;
    let mut module = ptr::null_mut();
    // SAFETY: the address is one of this library, and `module` is a place for its handle.
    unsafe { GetModuleHandleExW(flags, here as *const u16, &mut module) != 0 }
}

/// A text as the functions of Windows take it: UTF-16 that ends with zero.
pub(super) fn wide(text: &str) -> Vec<u16> {
    text.encode_utf16().chain([0]).collect()
}

/// Always 0: processes do not fork.
pub fn forks() -> u32 {
    0
}
