//! The tokio runtime of the process: leased by its users, and ended a moment after the last lease.
//!
//! A program that closes its last connection and opens another a moment later should find its
//! sockets and TLS sessions again, which depend on the runtime. The process may also unload the
//! library after the last connection, so no thread may outlive the last [`Lease`] unless the
//! library stays in memory. If it cannot be kept there, the last lease joins the threads. A
//! blocking call waits by [`Wait`], which ends early at a deadline or by a cancellation from
//! another thread.
//!
//! ```text
//!   first lease        last lease ends      no new lease for ten seconds
//!      |                    |                         |
//!      v                    v                         v
//!   started ===============[ lingers: sockets kept ]= shut down in the background
//!                           |
//!                           +-- the library may be unloaded: shut down here, threads joined
//!
//!   fork: the child has the memory but not the threads. It forgets the runtime (never drops it),
//!   refuses inherited objects ([`Lease::is_ours`]), and starts another runtime for new ones.
//!
//!   exit: `end_unleased` ends a lingering runtime within a time limit.
//! ```

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use tokio::runtime::{Builder, Handle, Runtime};
use tokio_util::sync::CancellationToken;

use crate::os;

/// A share of the runtime. The runtime is shut down some time after the last share was dropped.
#[derive(Debug)]
pub struct Lease {
    handle: Handle,
    /// The process that took it, by the number of its forks.
    forks: u32,
}

/// How long a call may wait, and what else ends the wait.
#[derive(Debug, Clone, Default)]
pub struct Wait {
    /// `None` waits for ever.
    pub deadline: Option<Instant>,
    /// Fired by a cancellation from another thread.
    pub cancel: CancellationToken,
}

/// Why a wait ended before what was waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Interrupted {
    /// Another thread cancelled the wait.
    #[error("the operation was cancelled")]
    Cancelled,
    /// The deadline passed.
    #[error("the time limit passed")]
    TimedOut,
}

impl Lease {
    /// A share of the runtime, which is started when there is none.
    pub fn take() -> std::io::Result<Self> {
        let forks = os::forks();
        let mut shared = SHARED.lock();
        if shared.forks != forks {
            // A fork copies the memory but not the threads: the parent's runtime is dead here, and
            // dropping it would wait for threads that do not exist.
            std::mem::forget(shared.runtime.take());
            shared.leases = 0;
            shared.forks = forks;
        }
        let handle = match &shared.runtime {
            Some(runtime) => runtime.handle().clone(),
            None => {
                let mut builder = Builder::new_multi_thread();
                builder
                    .worker_threads(2)
                    .thread_name("trino-odbc")
                    .on_thread_start(os::hold_signals)
                    .enable_all();
                let runtime = os::holding_signals(|| builder.build())?;
                let handle = runtime.handle().clone();
                shared.runtime = Some(runtime);
                handle
            }
        };
        shared.leases += 1;
        shared.taken += 1;
        Ok(Self { handle, forks })
    }

    /// Where tasks are spawned.
    pub fn handle(&self) -> &Handle {
        &self.handle
    }

    /// Whether this process is the one that took the lease; false in a child after fork.
    pub fn is_ours(&self) -> bool {
        self.forks == os::forks()
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if !self.is_ours() {
            return;
        }
        let stays = *STAYS.get_or_init(os::stay_loaded);
        let last = {
            let mut shared = SHARED.lock();
            shared.leases = shared.leases.saturating_sub(1);
            if shared.leases > 0 {
                None
            } else if stays {
                self.handle.spawn(linger(shared.taken));
                None
            } else {
                shared.end()
            }
        };
        if let Some(runtime) = last {
            if Handle::try_current().is_ok() {
                // A task holds the last lease: its thread cannot wait for itself.
                runtime.shutdown_background();
            } else {
                runtime.shutdown_timeout(SHUTDOWN_LIMIT);
            }
        }
    }
}

/// Runs `work` just before the runtime ends, to drop what depends on it. Only the first call
/// counts.
pub(crate) fn before_end(work: fn()) {
    SHARED.lock().before_end.get_or_insert(work);
}

/// Ends a runtime without leases, for the end of the process; waits at most `limit` for its
/// threads.
pub(crate) fn end_unleased(limit: Duration) {
    let unleased = SHARED
        .try_lock_for(LOCK_LIMIT)
        .filter(|shared| shared.leases == 0 && shared.forks == os::forks());
    if let Some(runtime) = unleased.and_then(|mut shared| shared.end()) {
        runtime.shutdown_timeout(limit);
    }
}

/// Ends the runtime after a while without a new lease.
async fn linger(taken: u64) {
    tokio::time::sleep(LINGER).await;
    let mut shared = SHARED.lock();
    let unleased = shared.leases == 0 && shared.taken == taken;
    if let Some(runtime) = unleased.then(|| shared.end()).flatten() {
        runtime.shutdown_background();
    }
}

impl Wait {
    /// Runs `future` to its end on the calling thread, unless the wait ends first; the future is
    /// dropped then.
    pub fn block_on<F: Future>(
        &self,
        handle: &Handle,
        future: F,
    ) -> Result<F::Output, Interrupted> {
        // Futures of statements are large, and each layer around them would move them.
        let future = pin!(future);
        let deadline = self.deadline;
        let expiry = async move {
            match deadline {
                Some(deadline) => tokio::time::sleep_until(deadline.into()).await,
                None => std::future::pending().await,
            }
        };
        let work = DEADLINE.scope(deadline, async {
            tokio::select! {
                biased;
                () = self.cancel.cancelled() => Err(Interrupted::Cancelled),
                output = future => Ok(output),
                () = expiry => Err(Interrupted::TimedOut),
            }
        });
        block_on(handle, work)
    }
}

tokio::task_local! {
    static DEADLINE: Option<Instant>;
}

/// When the [`Wait`] ends in which this runs; `None` when it never does, and in tasks that no call
/// waits for.
pub(crate) fn deadline() -> Option<Instant> {
    DEADLINE.try_with(|deadline| *deadline).ok().flatten()
}

/// Runs `future` to its end on the calling thread, which takes signals while it waits, and none
/// while it works: that may start threads.
pub(crate) fn block_on<F: Future>(handle: &Handle, future: F) -> F::Output {
    let mut future = pin!(future);
    handle.block_on(poll_fn(|context| {
        os::holding_signals(|| future.as_mut().poll(context))
    }))
}

/// Runs work that may take long or wait on a thread of the runtime.
pub fn spawn_blocking(handle: &Handle, work: impl FnOnce() + Send + 'static) {
    drop(os::holding_signals(|| handle.spawn_blocking(work)));
}

struct Shared {
    runtime: Option<Runtime>,
    leases: usize,
    /// Leases that were ever taken.
    taken: u64,
    before_end: Option<fn()>,
    forks: u32,
}

impl Shared {
    /// The runtime, which the caller must shut down.
    fn end(&mut self) -> Option<Runtime> {
        if let Some(work) = self.before_end {
            work();
        }
        self.runtime.take()
    }
}

static SHARED: Mutex<Shared> = Mutex::new(Shared {
    runtime: None,
    leases: 0,
    taken: 0,
    before_end: None,
    forks: 0,
});

/// Whether this library stays in memory, so that threads may outlive the last lease.
static STAYS: OnceLock<bool> = OnceLock::new();

/// How long the runtime, and what is kept on it, waits for the next lease.
const LINGER: Duration = Duration::from_secs(10);

/// A thread that holds the lock longer when the process ends may no longer run.
const LOCK_LIMIT: Duration = Duration::from_millis(100);

/// Blocking tasks (decoding one segment) end by themselves well within this.
const SHUTDOWN_LIMIT: Duration = Duration::from_secs(30);

/// A lease that several owners hold.
pub type SharedLease = Arc<Lease>;
