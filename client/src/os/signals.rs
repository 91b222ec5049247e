//! Signals of the application, which its handlers expect in its own threads.
//!
//! A handler may rely on the application's threads, or jump out of the call that it interrupts. So the driver's threads
//! block all signals but those that their own instructions cause. A thread inherits its creator's mask, and would receive
//! signals until it has set its own: the creator blocks signals while it starts threads.

#[cfg(unix)]
use std::{mem::MaybeUninit, ptr};

/// Runs `work` while this thread blocks signals.
#[cfg(unix)]
pub fn holding_signals<T>(work: impl FnOnce() -> T) -> T {
    struct Held(MaybeUninit<libc::sigset_t>);
    impl Drop for Held {
        fn drop(&mut self) {
            // SAFETY: the set was written when they were held back.
            unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, self.0.as_ptr(), ptr::null_mut()) };
        }
    }
    let mut before = MaybeUninit::uninit();
    let failed = block(before.as_mut_ptr());
    let _held = (!failed).then(|| Held(before));
    work()
}

/// Blocks signals in this thread until it ends.
#[cfg(unix)]
pub fn hold_signals() {
    block(ptr::null_mut());
}

/// Blocks signals in the calling thread and writes its former mask to `before`. Returns whether that failed.
#[cfg(unix)]
fn block(before: *mut libc::sigset_t) -> bool {
    let mut set = MaybeUninit::uninit();
    // SAFETY: `set` is a place for a set.
    unsafe { libc::sigfillset(set.as_mut_ptr()) };
    for signal in SYNCHRONOUS {
        // SAFETY: the set was filled above.
        unsafe { libc::sigdelset(set.as_mut_ptr(), signal) };
    }
    // SAFETY: the set was filled above, and `before` is null or a place for one.
    unsafe { libc::pthread_sigmask(libc::SIG_BLOCK, set.as_ptr(), before) != 0 }
}

/// Unblocks signals in a child process, between fork and exec.
#[cfg(unix)]
pub(super) fn release_signals() -> std::io::Result<()> {
    let mut set = MaybeUninit::uninit();
    // SAFETY: `set` is a place for a set.
    unsafe { libc::sigemptyset(set.as_mut_ptr()) };
    // SAFETY: the set was emptied above.
    unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, set.as_ptr(), ptr::null_mut()) };
    Ok(())
}

/// Signals that a thread's own instructions cause.
#[cfg(unix)]
const SYNCHRONOUS: [libc::c_int; 6] = [
    libc::SIGSEGV,
    libc::SIGBUS,
    libc::SIGFPE,
    libc::SIGILL,
    libc::SIGTRAP,
    libc::SIGSYS,
];

/// Runs `work`: there are no signals to block.
#[cfg(windows)]
pub fn holding_signals<T>(work: impl FnOnce() -> T) -> T {
    work()
}

/// Does nothing: there are no signals to block.
#[cfg(windows)]
pub fn hold_signals() {}
