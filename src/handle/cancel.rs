//! How SQLCancel reaches a call that is waiting in another thread.
//!
//! Most calls never wait, and SQLGetData is called for every cell. So what such a call leaves behind is one bit, and the
//! token to wait with is made when it is asked for.

use std::cell::Cell;
use std::sync::atomic::{AtomicU8, Ordering};

use parking_lot::Mutex;
use tokio_util::sync::CancellationToken;

/// Stands beside a handle's lock, so that it can be fired while the lock is held.
#[derive(Debug, Default)]
pub struct Cancel {
    /// [`CALLING`], [`FIRED`] and [`CLOSING`].
    state: AtomicU8,
    /// What the call waits with, once it has asked.
    token: Mutex<Option<CancellationToken>>,
}

impl Cancel {
    /// Tells that a call has the handle. Dropping the [`Waiting`] ends its time.
    pub fn begin(&self) -> Waiting<'_> {
        self.state.fetch_or(CALLING, Ordering::AcqRel);
        Waiting {
            cancel: self,
            has_token: Cell::new(false),
        }
    }

    /// Ends the wait of the call that has the handle, also one that is yet to come; does nothing when there is no call.
    pub fn fire(&self) -> bool {
        let token = self.token.lock();
        let calling = self
            .state
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |state| {
                (state & CALLING != 0).then_some(state | FIRED)
            });
        if calling.is_ok()
            && let Some(token) = &*token
        {
            token.cancel();
        }
        calling.is_ok()
    }

    /// Ends the wait of the call that has the handle and of any that comes: the handle is being freed.
    pub fn close(&self) {
        self.state.fetch_or(CLOSING, Ordering::AcqRel);
        self.fire();
    }

    /// The handle's slot has a new object.
    pub fn reopen(&self) {
        self.state.fetch_and(!CLOSING, Ordering::AcqRel);
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
        // Whoever fired before found no token; whoever does so later waits for the lock.
        if self.cancel.state.load(Ordering::Acquire) & (FIRED | CLOSING) != 0 {
            token.cancel();
        }
        token
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        if self.has_token.get() {
            *self.cancel.token.lock() = None;
        }
        self.cancel
            .state
            .fetch_and(!(CALLING | FIRED), Ordering::AcqRel);
    }
}

/// A call has the handle.
const CALLING: u8 = 1;
/// It shall not wait any more.
const FIRED: u8 = 2;
/// The handle is being freed: nobody waits on it any more.
const CLOSING: u8 = 4;

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
    fn nobody_waits_on_a_handle_that_is_being_freed() {
        let cancel = Cancel::default();
        cancel.close();
        assert!(cancel.begin().token().is_cancelled());
        cancel.reopen();
        assert!(!cancel.begin().token().is_cancelled());
    }
}
