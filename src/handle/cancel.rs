//! How SQLCancel reaches a call that is waiting in another thread.
//!
//! Most calls never wait, and SQLGetData is called for every cell. So what such a call leaves behind is one bit, and the
//! token to wait with is made when it is first used.

use std::cell::Cell;
use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::Mutex;
use tokio_util::sync::CancellationToken;

/// Stands beside a handle's lock, so that it can be fired while the lock is held.
///
/// The thread that begins and ends a call holds that lock, or has the object detached, so there is one call at a time. It
/// writes plain stores, in an order that lets a thread that sees the call fire this one and none before it.
#[derive(Debug, Default)]
pub struct Cancel {
    /// Whether a call has the handle.
    calling: AtomicBool,
    /// Whether that call was cancelled.
    fired: AtomicBool,
    /// Whether the handle is being freed; no call waits on it any more.
    closing: AtomicBool,
    /// What the call waits with, once it waits.
    token: Mutex<Option<CancellationToken>>,
}

impl Cancel {
    /// Marks the handle as in use by a call. Dropping the [`Waiting`] ends its time.
    #[inline]
    pub fn begin(&self) -> Waiting<'_> {
        self.fired.store(false, Ordering::Relaxed);
        self.calling.store(true, Ordering::Release);
        Waiting {
            cancel: self,
            has_token: Cell::new(false),
        }
    }

    /// Ends the wait of the call that has the handle, also one that is yet to come; does nothing when there is no call.
    pub fn fire(&self) -> bool {
        let calling = self.calling.load(Ordering::Acquire);
        if calling {
            let token = self.token.lock();
            self.fired.store(true, Ordering::Release);
            if let Some(token) = &*token {
                token.cancel();
            }
        }
        calling
    }

    /// Ends the wait of the call that has the handle and of any that comes: the handle is being freed.
    pub fn close(&self) {
        self.closing.store(true, Ordering::Release);
        // Reaches a call that has a token; one that takes it later waits for the lock, and sees the line above.
        if let Some(token) = &*self.token.lock() {
            token.cancel();
        }
    }

    #[cold]
    fn forget_token(&self) {
        *self.token.lock() = None;
    }

    /// The handle's slot has a new object.
    pub fn reopen(&self) {
        self.closing.store(false, Ordering::Release);
    }
}

/// A call that can be cancelled.
#[derive(Debug)]
pub struct Waiting<'a> {
    cancel: &'a Cancel,
    has_token: Cell<bool>,
}

impl Waiting<'_> {
    /// What the call waits with.
    pub fn token(&self) -> CancellationToken {
        let mut kept = self.cancel.token.lock();
        let token = match &*kept {
            Some(token) if self.has_token.get() => token.clone(),
            _ => kept.insert(CancellationToken::new()).clone(),
        };
        self.has_token.set(true);
        // A thread that fired before found no token; one that fires later waits for the lock.
        if self.cancel.fired.load(Ordering::Acquire) || self.cancel.closing.load(Ordering::Acquire)
        {
            token.cancel();
        }
        token
    }
}

impl Drop for Waiting<'_> {
    #[inline(always)]
    fn drop(&mut self) {
        self.cancel.calling.store(false, Ordering::Release);
        if self.has_token.get() {
            self.cancel.forget_token();
        }
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
        let token = first.token();
        assert!(cancel.fire());
        assert!(token.is_cancelled());
        assert!(first.token().is_cancelled());
        drop(first);
        assert!(!cancel.begin().token().is_cancelled());
    }

    #[test]
    fn firing_reaches_a_call_before_it_waits() {
        let cancel = Cancel::default();
        let call = cancel.begin();
        assert!(cancel.fire());
        assert!(call.token().is_cancelled());
        drop(call);
        assert!(!cancel.fire());
    }

    #[test]
    fn freeing_a_handle_ends_the_wait_of_the_call_that_has_it() {
        let cancel = Cancel::default();
        let call = cancel.begin();
        let token = call.token();
        cancel.close();
        assert!(token.is_cancelled());
    }

    #[test]
    fn no_call_waits_on_a_handle_that_is_being_freed() {
        let cancel = Cancel::default();
        cancel.close();
        assert!(cancel.begin().token().is_cancelled());
        cancel.reopen();
        assert!(!cancel.begin().token().is_cancelled());
    }
}
