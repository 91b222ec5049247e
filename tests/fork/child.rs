//! A piece of a test in a fork of the test's process.

use std::time::{Duration, Instant};

/// Runs `child` in a child process, for no longer than `limit`; what it gives is the process's exit code.
pub fn in_a_child(limit: Duration, child: impl FnOnce() -> i32) -> i32 {
    // SAFETY: the child uses what a fork leaves intact, and ends without running what is not its own.
    let process = unsafe { libc::fork() };
    assert!(process >= 0);
    if process == 0 {
        let code = std::panic::catch_unwind(std::panic::AssertUnwindSafe(child));
        // SAFETY: ends the process.
        unsafe { libc::_exit(code.unwrap_or(101)) }
    }
    let begun = Instant::now();
    loop {
        let mut status = 0;
        // SAFETY: `status` is a place for a status.
        let ended = unsafe { libc::waitpid(process, &mut status, libc::WNOHANG) };
        if ended == process {
            return libc::WEXITSTATUS(status);
        }
        if begun.elapsed() > limit {
            // SAFETY: the process is our child.
            unsafe { libc::kill(process, libc::SIGKILL) };
            panic!("the child hangs");
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}
