//! The one way from an exported function to the object behind its handle.
//!
//! Running a [`Call`] locks the object, clears its diagnostics, runs the function's own code and leaves the outcome in the
//! diagnostics. Calls that may wait for the server say so with [`Call::detach_if`]; the rest of their description is in
//! [`super::asynchronous`].

use std::ffi::c_void;

use super::asynchronous::{self, AsyncCall, AsyncObject};
use super::guard::{self, Call, Object, guarded};
use super::operation;
use crate::abi::{SQL_ERROR, SQL_INVALID_HANDLE, SqlReturn, WideUnit};
use crate::connection::Connection;
use crate::descriptor::DescriptorHandle;
use crate::diagnostics::{Diagnostics, Error};
use crate::environment::Environment;
use crate::handle::{Cancel, Token, Waiting};
use crate::statement::{Outcome, STATEMENTS, Statement};

/// A call on an environment.
pub fn environment(name: &'static str, handle: *mut c_void) -> Call<Environment> {
    Call::new(name, handle)
}

/// A call on a connection.
pub fn connection(name: &'static str, handle: *mut c_void) -> Call<Connection> {
    Call::new(name, handle)
}

/// A call on a statement.
#[inline(always)]
pub fn statement(name: &'static str, handle: *mut c_void) -> Call<Statement> {
    Call::new(name, handle)
}

/// A call on a descriptor.
pub fn descriptor(name: &'static str, handle: *mut c_void) -> Call<DescriptorHandle> {
    Call::new(name, handle)
}

impl<T: Object> Call<T> {
    /// Runs the call, which does not wait, or has the application wait with it.
    #[inline(always)]
    pub fn run(
        self,
        work: impl FnOnce(&mut T, &Waiting<'_>) -> Result<Outcome, Error>,
    ) -> SqlReturn {
        guarded(|| {
            let (mut object, cancel) = match asynchronous::enter(self.name, self.handle) {
                Ok(entered) => entered,
                Err(answered) => return answered.code,
            };
            let waiting = cancel.begin();
            guard::carry_out(
                self.name,
                self.handle,
                &mut *object,
                waiting,
                |object, waiting| {
                    self.check_sequence(object)?;
                    work(object, waiting)
                },
            )
        })
    }
}

impl<T: AsyncObject> Call<T> {
    /// Detaches the object and continues the call in a worker thread, when the object is asynchronous and `waits` expects
    /// a wait for the server.
    #[inline(always)]
    pub fn detach_if<P: FnOnce(&T) -> bool>(self, waits: P) -> AsyncCall<T, P> {
        AsyncCall::new(self, waits, false)
    }

    /// [`Self::detach_if`], for functions that unixODBC does not follow until their end.
    #[inline(always)]
    pub fn detach_if_followed<P: FnOnce(&T) -> bool>(self, waits: P) -> AsyncCall<T, P> {
        AsyncCall::new(self, waits, true)
    }
}

/// Reads the object of a handle and leaves its diagnostics as they are: SQL_ERROR while it is still executing.
pub fn read<T: Object>(handle: *mut c_void, read: impl FnOnce(&mut T) -> SqlReturn) -> SqlReturn {
    guarded(|| {
        let Some(token) = Token::from_ptr(handle) else {
            return SQL_INVALID_HANDLE;
        };
        match T::table().lock(token) {
            Some(mut object) => read(&mut object),
            None if T::table().is_detached(token) => SQL_ERROR,
            None => SQL_INVALID_HANDLE,
        }
    })
}

/// Reads the diagnostics of a handle, and so leaves them as they are.
pub fn read_diagnostics<T: Object>(
    handle: *mut c_void,
    read: impl FnOnce(&mut Diagnostics, WideUnit) -> SqlReturn,
) -> SqlReturn {
    guarded(|| {
        let Some(token) = Token::from_ptr(handle) else {
            return SQL_INVALID_HANDLE;
        };
        match T::table().lock(token) {
            Some(mut object) => {
                let wide = object.wide();
                read(object.diagnostics(), wide)
            }
            None => operation::diagnostics(token, read).unwrap_or(SQL_INVALID_HANDLE),
        }
    })
}

/// Cancels the call that has the object of a handle. False when there is no such object.
pub fn cancel<T: Object>(handle: *mut c_void) -> bool {
    let cancel = Token::from_ptr(handle).and_then(|token| T::table().cancel(token));
    cancel.map(Cancel::fire).is_some()
}

/// SQLCancel: cancels the call that has the statement; where there is none, ends the wait for data of parameters. False
/// when there is no such statement.
pub fn cancel_statement(handle: *mut c_void) -> bool {
    let Some(token) = Token::from_ptr(handle) else {
        return false;
    };
    let Some(cancel) = STATEMENTS.cancel(token) else {
        return false;
    };
    // Takes no lock that a call has: that is the call to be cancelled.
    if !cancel.fire() {
        match STATEMENTS.try_lock(token) {
            Some(mut statement) => statement.cancel_data(),
            None => {
                cancel.fire();
            }
        }
    }
    true
}
