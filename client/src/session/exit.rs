//! Cancels the queries of sessions that are still open when the process exits normally.
//!
//! Programs end without closing their connections, and the server would run their queries until it
//! abandons them, five minutes later. Where the end of the process can be observed (`exit` on
//! Unix), the tasks still run for a moment.

use std::sync::{Arc, OnceLock, Weak};
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::Session;
use crate::{os, runtime};

/// Cancels the session's queries when the process exits.
pub(super) fn cancel_on_exit(session: &Arc<Session>) {
    /// Set once the hook of the process is registered.
    static REGISTERED: OnceLock<()> = OnceLock::new();
    REGISTERED.get_or_init(|| os::at_exit(end));
    let mut open = OPEN.lock();
    // Only when there is no room, so that many sessions are not all looked at for each that is
    // opened.
    if open.len() == open.capacity() {
        open.retain(|session| session.strong_count() > 0);
        let more = open.len().max(FEW);
        open.reserve_exact(more);
    }
    open.push(Arc::downgrade(session));
}

/// Closes what is open, within a moment.
fn end() {
    // The thread that holds the lock may no longer run.
    let Some(open) = OPEN.try_lock_for(LOCK_LIMIT) else {
        return;
    };
    let sessions: Vec<_> = open.iter().filter_map(Weak::upgrade).collect();
    drop(open);
    for session in sessions.iter().filter(|session| session.lease.is_ours()) {
        session.shared.closing.cancel();
    }
    let deadline = Instant::now() + LIMIT;
    for session in &sessions {
        session.close(deadline.saturating_duration_since(Instant::now()));
    }
    // The last owner of a session would end the runtime, with all the time it takes.
    std::mem::forget(sessions);
    runtime::end_unleased(deadline.saturating_duration_since(Instant::now()));
}

/// Sessions that were opened; some are gone.
static OPEN: Mutex<Vec<Weak<Session>>> = Mutex::new(Vec::new());

/// How long the process waits in all for its queries, and then for the driver's threads.
const LIMIT: Duration = Duration::from_millis(900);

/// How long the hook waits for the list of sessions.
const LOCK_LIMIT: Duration = Duration::from_millis(100);

/// Sessions that there is room for at first.
const FEW: usize = 16;
