//! The system's browser.
//!
//! The crate `webbrowser` finds more browsers, but is made for programs, not for a library in one: its child process stays
//! a zombie until the application exits, belongs to the application's process group and inherits the signals that the
//! driver's threads block, and a text browser in `BROWSER` takes over the terminal until it is closed.

use std::io;

/// Opens the address in the system's browser, without waiting for it.
#[cfg(unix)]
pub fn open_in_browser(address: &str) -> io::Result<()> {
    use std::os::unix::process::CommandExt;
    use std::process::{Command, Stdio};

    // The shell detaches the opener: it may run for as long as the person likes, and is no child that the application
    // would have to wait for.
    let script = r#"command -v "$0" >/dev/null || exit 127; "$0" "$1" >/dev/null 2>&1 &"#;
    let mut shell = Command::new("/bin/sh");
    // SAFETY: the function called between fork and exec changes the mask of signals and allocates nothing.
    unsafe { shell.pre_exec(super::signals::release_signals) };
    let status = shell
        .args(["-c", script, OPENER, address])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        // A signal from the application's terminal does not end the browser.
        .process_group(0)
        .status()?;
    match status.code() {
        Some(0) => Ok(()),
        Some(127) => Err(io::Error::other(format!("{OPENER} is not installed"))),
        _ => Err(io::Error::other(format!("{OPENER} could not be started"))),
    }
}

#[cfg(target_os = "macos")]
const OPENER: &str = "/usr/bin/open";
#[cfg(all(unix, not(target_os = "macos")))]
const OPENER: &str = "xdg-open";

/// Opens the address in the system's browser, without waiting for it.
#[cfg(windows)]
pub fn open_in_browser(address: &str) -> io::Result<()> {
    use std::ptr::{null, null_mut};

    use windows_sys::Win32::UI::Shell::ShellExecuteW;
    use windows_sys::Win32::UI::WindowsAndMessaging::SW_SHOWNORMAL;

    use super::windows::wide;

    const LARGEST_ERROR: usize = 32;
    let (verb, file) = (wide("open"), wide(address));
    // SAFETY: the texts end with zero and outlive the call; the others may be null.
    let instance = unsafe {
        ShellExecuteW(
            null_mut(),
            verb.as_ptr(),
            file.as_ptr(),
            null(),
            null(),
            SW_SHOWNORMAL,
        )
    };
    if instance.addr() > LARGEST_ERROR {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
    }
}
