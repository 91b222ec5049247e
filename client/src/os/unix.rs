//! The end of the process, its children, and how long this library stays loaded, on Unix.

use std::ffi::c_void;
use std::mem::MaybeUninit;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Once, OnceLock};
use std::thread::JoinHandle;

use libloading::os::unix::RTLD_LAZY;

/// Runs `work` when the process exits or the library is unloaded, whichever comes first. Only the first call has an
/// effect.
pub fn at_exit(work: fn()) {
    extern "C" fn run() {
        if let Some(work) = AT_EXIT.get() {
            // The thread that ends the process has lost its thread-local values by now, and with them the log and the
            // means to wait for the runtime.
            let spawn = || std::thread::Builder::new().spawn(work);
            let thread = super::holding_signals(spawn);
            // No panic may leave through C.
            drop(thread.map(JoinHandle::join));
        }
    }
    if AT_EXIT.set(work).is_ok() {
        // SAFETY: the function belongs to this library, and C's library runs it no later than that is unloaded.
        unsafe { libc::atexit(run) };
    }
}

static AT_EXIT: OnceLock<fn()> = OnceLock::new();

/// Keeps this library in memory until the process ends, even if it is unloaded; false if that is impossible.
pub fn stay_loaded() -> bool {
    let here: fn() -> bool = stay_loaded;
    let mut info = MaybeUninit::<libc::Dl_info>::zeroed();
    // SAFETY: `info` is a place for the result.
    if unsafe { libc::dladdr(here as *const c_void, info.as_mut_ptr()) } == 0 {
        return false;
    }
    // SAFETY: it was written, or zeroed, which is as good.
    let name = unsafe { info.assume_init() }.dli_fname;
    let flags = RTLD_LAZY | libc::RTLD_NOLOAD | libc::RTLD_NODELETE;
    // SAFETY: the name is the loader's own, and nothing is loaded that is not there already.
    !name.is_null() && !unsafe { libc::dlopen(name, flags) }.is_null()
}

/// How many forks separate this process from the one that loaded the library: if it has not changed, no fork has
/// happened in between. Costs no system call.
pub fn forks() -> u32 {
    extern "C" fn forked() {
        FORKS.fetch_add(1, Ordering::Relaxed);
    }
    static WATCHED: Once = Once::new();
    if !WATCHED.is_completed() {
        WATCHED.call_once(|| {
            // SAFETY: the function counts, which a child may do at once.
            unsafe { libc::pthread_atfork(None, None, Some(forked)) };
        });
    }
    FORKS.load(Ordering::Relaxed)
}

static FORKS: AtomicU32 = AtomicU32::new(0);
