//! The end of the process, its children, and how long this library stays loaded, on Windows.

use std::ffi::c_void;
use std::ptr;

/// Does nothing: when a process exits on Windows, its other threads end before a library is notified, and with them the
/// tasks that `work` relies on.
pub fn at_exit(_work: fn()) {}

/// Keeps this library in memory until the process ends, even if it is unloaded; false if that is impossible.
pub fn stay_loaded() -> bool {
    const PIN: u32 = 1;
    const FROM_ADDRESS: u32 = 4;
    let here: fn() -> bool = stay_loaded;
    let mut module = ptr::null_mut();
    // SAFETY: the address is one of this library, and `module` is a place for its handle.
    unsafe { GetModuleHandleExW(PIN | FROM_ADDRESS, here as *const u16, &mut module) != 0 }
}

/// Always 0: processes do not fork.
pub fn forks() -> u32 {
    0
}

#[link(name = "kernel32", kind = "raw-dylib")]
unsafe extern "system" {
    fn GetModuleHandleExW(flags: u32, address: *const u16, module: *mut *mut c_void) -> i32;
}
