//! What the sessions of a process share: the runtime, HTTP connections, and what is known of coordinators.

use std::sync::{Arc, LazyLock};

use parking_lot::Mutex;

use super::{Error, Memory, Session};
use crate::http::ClientPool;
use crate::options::Options;
use crate::os;
use crate::runtime::{self, Lease, SharedLease, Wait};

/// A share of what sessions have in common. Clones share the same.
#[derive(Debug, Clone)]
pub struct Pool {
    // Before the lease: their idle sockets live on the runtime.
    clients: Arc<ClientPool>,
    lease: SharedLease,
}

impl Pool {
    /// The pool of this process, which lives as long as a share of it.
    pub fn of_process() -> std::io::Result<Self> {
        let lease = Arc::new(Lease::take()?);
        Ok(Self {
            clients: clients_of_process(),
            lease,
        })
    }

    /// Its share of the runtime.
    pub fn lease(&self) -> &SharedLease {
        &self.lease
    }

    /// Whether this process made the pool, and not the one that it was forked from.
    pub fn is_ours(&self) -> bool {
        self.lease.is_ours()
    }

    /// Replaces a pool that was inherited by a fork; sessions that exist stay the parent's.
    pub fn adopt(&mut self) -> std::io::Result<()> {
        if !self.is_ours() {
            // Its sockets are the parent's, and so is what watches them.
            std::mem::forget(std::mem::replace(self, Self::of_process()?));
        }
        Ok(())
    }

    /// Opens a session, in another routing group of a gateway than the options' when one is given.
    pub fn open(
        &self,
        routing_group: Option<&str>,
        options: Options,
        wait: &Wait,
    ) -> Result<Arc<Session>, Error> {
        let lease = Arc::clone(&self.lease);
        Session::open_in(routing_group, options, lease, &self.clients, &MEMORY, wait)
    }
}

/// The clients that are kept. A lease must be held, or the runtime may end with them.
fn clients_of_process() -> Arc<ClientPool> {
    runtime::before_end(|| drop(CLIENTS.lock().take()));
    let mut kept = CLIENTS.lock();
    let forks = os::forks();
    match &*kept {
        Some(kept) if kept.forks == forks => return Arc::clone(&kept.clients),
        // The parent's.
        Some(_) => std::mem::forget(kept.take()),
        None => {}
    }
    let clients = Arc::new(ClientPool::of_process(os::open_files()));
    *kept = Some(Kept {
        clients: Arc::clone(&clients),
        forks,
    });
    clients
}

/// ClientPool of this process, or of the one that it was forked from.
struct Kept {
    clients: Arc<ClientPool>,
    forks: u32,
}

/// HTTP clients of all pools, which outlive them for as long as the runtime does: idle connections and TLS sessions serve
/// the next session, whichever pool it is of.
static CLIENTS: Mutex<Option<Kept>> = Mutex::new(None);

/// What sessions found out about hosts.
static MEMORY: LazyLock<Arc<Memory>> = LazyLock::new(Arc::default);
