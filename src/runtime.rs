//! The tokio runtime inside the driver: leased by environments, joined with the last one.
//!
//! A Driver Manager may unload the library once the last environment is freed, so no thread may outlive the last
//! [`Lease`]. A call of the application waits for the runtime by [`Wait`], which is also where a deadline or a
//! cancellation from another thread ends the wait.

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use tokio::runtime::{Builder, Handle, Runtime};
use tokio_util::sync::CancellationToken;

/// A share of the runtime. The runtime is shut down and joined when the last share is dropped.
#[derive(Debug)]
pub struct Lease {
    handle: Handle,
    process: u32,
}

/// How long a call may wait, and what else ends the wait.
#[derive(Debug, Clone, Default)]
pub struct Wait {
    /// `None` waits for ever.
    pub deadline: Option<Instant>,
    /// Fired by SQLCancel.
    pub cancel: CancellationToken,
}

/// Why a wait ended before what was waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Interrupted {
    #[error("the operation was cancelled")]
    Cancelled,
    #[error("the time limit passed")]
    TimedOut,
}

impl Lease {
    /// A share of the runtime, which is started when there is none.
    pub fn take() -> std::io::Result<Self> {
        let process = std::process::id();
        let mut shared = SHARED.lock();
        if shared.process != process {
            // A fork copies the memory but not the threads: the parent's runtime is dead here, and dropping it would
            // wait for threads that do not exist.
            std::mem::forget(shared.runtime.take());
            shared.leases = 0;
            shared.process = process;
        }
        let handle = match &shared.runtime {
            Some(runtime) => runtime.handle().clone(),
            None => {
                let runtime = Builder::new_multi_thread()
                    .worker_threads(2)
                    .thread_name("trino-odbc")
                    .enable_all()
                    .build()?;
                let handle = runtime.handle().clone();
                shared.runtime = Some(runtime);
                handle
            }
        };
        shared.leases += 1;
        Ok(Self { handle, process })
    }

    /// Where tasks are spawned.
    pub fn handle(&self) -> &Handle {
        &self.handle
    }

    /// Whether this process is the one that took the lease; false in a child after fork.
    pub fn is_ours(&self) -> bool {
        self.process == std::process::id()
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if !self.is_ours() {
            return;
        }
        let last = {
            let mut shared = SHARED.lock();
            shared.leases = shared.leases.saturating_sub(1);
            if shared.leases == 0 {
                shared.runtime.take()
            } else {
                None
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

impl Wait {
    /// Runs `future` to its end on the calling thread, unless the wait ends first; the future is dropped then.
    pub fn block_on<F: Future>(
        &self,
        handle: &Handle,
        future: F,
    ) -> Result<F::Output, Interrupted> {
        let deadline = self.deadline;
        let expiry = async move {
            match deadline {
                Some(deadline) => tokio::time::sleep_until(deadline.into()).await,
                None => std::future::pending().await,
            }
        };
        handle.block_on(async {
            tokio::select! {
                biased;
                () = self.cancel.cancelled() => Err(Interrupted::Cancelled),
                output = future => Ok(output),
                () = expiry => Err(Interrupted::TimedOut),
            }
        })
    }
}

struct Shared {
    runtime: Option<Runtime>,
    leases: usize,
    process: u32,
}

static SHARED: Mutex<Shared> = Mutex::new(Shared {
    runtime: None,
    leases: 0,
    process: 0,
});

/// Blocking tasks (decoding one segment) end by themselves well within this.
const SHUTDOWN_LIMIT: Duration = Duration::from_secs(30);

/// A lease that several owners hold.
pub type SharedLease = Arc<Lease>;
