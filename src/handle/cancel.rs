//! How SQLCancel reaches a call that is waiting in another thread.

use parking_lot::Mutex;
use tokio_util::sync::CancellationToken;

/// Stands beside a handle's lock, so that it can be fired while the lock is held.
#[derive(Debug, Default)]
pub struct Cancel {
    waiting: Mutex<Waiter>,
}

#[derive(Debug, Default)]
struct Waiter {
    token: Option<CancellationToken>,
    /// Whether the handle is being freed: nobody waits on it any more.
    closing: bool,
}

impl Cancel {
    /// The token of a call that is about to wait. Dropping the [`Waiting`] ends its time.
    pub fn begin(&self) -> Waiting<'_> {
        let token = CancellationToken::new();
        let mut waiting = self.waiting.lock();
        if waiting.closing {
            token.cancel();
        }
        waiting.token = Some(token.clone());
        drop(waiting);
        Waiting {
            cancel: self,
            token,
        }
    }

    /// Ends the wait of the call that is waiting; does nothing when none is.
    pub fn fire(&self) -> bool {
        let waiting = self.waiting.lock();
        if let Some(token) = waiting.token.as_ref() {
            token.cancel();
        }
        waiting.token.is_some()
    }

    /// Ends the wait of the call that is waiting and of any that comes: the handle is being freed.
    pub fn close(&self) {
        self.waiting.lock().closing = true;
        self.fire();
    }

    /// The handle's slot has a new object.
    pub fn reopen(&self) {
        self.waiting.lock().closing = false;
    }
}

/// A call that can be cancelled.
#[derive(Debug)]
pub struct Waiting<'a> {
    cancel: &'a Cancel,
    token: CancellationToken,
}

impl Waiting<'_> {
    /// What the call waits with.
    pub fn token(&self) -> CancellationToken {
        self.token.clone()
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.cancel.waiting.lock().token = None;
    }
}

#[cfg(test)]
mod tests {
    use super::Cancel;

    #[test]
    fn firing_reaches_the_call_that_waits_and_no_later_one() {
        let cancel = Cancel::default();
        assert!(!cancel.fire());
        let first = cancel.begin();
        assert!(cancel.fire());
        assert!(first.token().is_cancelled());
        drop(first);
        assert!(!cancel.begin().token().is_cancelled());
    }
}
