//! What every call has in common, whichever thread runs it: diagnostics, panics, the log.

use std::ffi::c_void;
use std::marker::PhantomData;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;

use tracing::{Level, Span, error_span};

use crate::abi::{
    SQL_ERROR, SQL_NEED_DATA, SQL_NO_DATA, SQL_SUCCESS, SQL_SUCCESS_WITH_INFO, SqlReturn, WideUnit,
};
use crate::connection::{CONNECTIONS, Connection};
use crate::descriptor::{DESCRIPTORS, DescriptorHandle, Origin};
use crate::diagnostics::{Diagnostics, Error, SqlState};
use crate::environment::{ENVIRONMENTS, Environment};
use crate::handle::{Table, Token, Waiting};
use crate::log;
use crate::statement::{Outcome, STATEMENTS, Statement};

/// What stands behind a handle.
pub trait Object: Sized + 'static {
    /// All objects of its kind.
    fn table() -> &'static Table<Self>;

    /// Its diagnostics area.
    fn diagnostics(&mut self) -> &mut Diagnostics;

    /// The width of the application's wide characters.
    fn wide(&self) -> WideUnit;

    /// What its events in the log have in common during a call.
    fn span(&self, function: &'static str, token: Token) -> Span;

    /// Refuses a call that is out of sequence, whatever the function: HY010.
    fn check_sequence(&self) -> Result<(), Error> {
        Ok(())
    }

    /// Brings it into a defined state after a panic interrupted a call.
    fn poison(&mut self) {}
}

impl Object for Environment {
    fn table() -> &'static Table<Self> {
        &ENVIRONMENTS
    }

    fn diagnostics(&mut self) -> &mut Diagnostics {
        &mut self.diagnostics
    }

    fn wide(&self) -> WideUnit {
        self.wide.unwrap_or_default()
    }

    fn span(&self, function: &'static str, token: Token) -> Span {
        error_span!("call", function, environment = ?token.as_ptr())
    }
}

impl Object for Connection {
    fn table() -> &'static Table<Self> {
        &CONNECTIONS
    }

    fn diagnostics(&mut self) -> &mut Diagnostics {
        &mut self.diagnostics
    }

    fn wide(&self) -> WideUnit {
        Self::wide(self)
    }

    fn span(&self, function: &'static str, token: Token) -> Span {
        error_span!("call", function, connection = ?token.as_ptr())
    }
}

impl Object for Statement {
    fn table() -> &'static Table<Self> {
        &STATEMENTS
    }

    fn diagnostics(&mut self) -> &mut Diagnostics {
        &mut self.diagnostics
    }

    fn wide(&self) -> WideUnit {
        Self::wide(self)
    }

    fn check_sequence(&self) -> Result<(), Error> {
        self.check_needs_no_data()
    }

    fn poison(&mut self) {
        Self::poison(self);
    }

    fn span(&self, function: &'static str, token: Token) -> Span {
        error_span!(
            "call",
            function,
            connection = ?self.connection().as_ptr(),
            statement = ?token.as_ptr(),
            query_id = self.open_query_id(),
        )
    }
}

impl Object for DescriptorHandle {
    fn table() -> &'static Table<Self> {
        &DESCRIPTORS
    }

    fn diagnostics(&mut self) -> &mut Diagnostics {
        &mut self.diagnostics
    }

    fn wide(&self) -> WideUnit {
        self.wide
    }

    fn check_sequence(&self) -> Result<(), Error> {
        if let Origin::Statement(Some(owner)) = self.origin
            && STATEMENTS.is_detached(owner)
        {
            return Err(Error::new(
                SqlState::FUNCTION_SEQUENCE,
                "The statement that the descriptor belongs to is still executing.",
            ));
        }
        Ok(())
    }

    fn span(&self, function: &'static str, token: Token) -> Span {
        error_span!("call", function, descriptor = ?token.as_ptr())
    }
}

/// A call of a function on a handle.
pub struct Call<T> {
    /// The function's name in the ODBC reference.
    pub name: &'static str,
    pub handle: *mut c_void,
    /// Whether the function is in sequence whatever the object's state.
    pub any_state: bool,
    kind: PhantomData<T>,
}

impl<T: Object> Call<T> {
    #[inline(always)]
    pub fn new(name: &'static str, handle: *mut c_void) -> Self {
        Self {
            name,
            handle,
            any_state: false,
            kind: PhantomData,
        }
    }

    /// The function may be called whatever the object's state.
    #[inline(always)]
    pub fn in_any_state(self) -> Self {
        Self {
            any_state: true,
            ..self
        }
    }

    #[inline(always)]
    pub fn check_sequence(&self, object: &T) -> Result<(), Error> {
        if self.any_state {
            return Ok(());
        }
        object.check_sequence()
    }
}

/// Runs a call on its locked object, and leaves the outcome in the object's diagnostics.
#[inline(always)]
pub fn carry_out<T: Object>(
    name: &'static str,
    handle: *mut c_void,
    object: &mut T,
    waiting: Waiting<'_>,
    call: impl FnOnce(&mut T, &Waiting<'_>) -> Result<Outcome, Error>,
) -> SqlReturn {
    object.diagnostics().clear();
    carry_on(name, handle, object, waiting, call)
}

/// [`carry_out`], with the diagnostics that an earlier part of the call left.
#[inline(always)]
pub fn carry_on<T: Object>(
    name: &'static str,
    handle: *mut c_void,
    object: &mut T,
    waiting: Waiting<'_>,
    call: impl FnOnce(&mut T, &Waiting<'_>) -> Result<Outcome, Error>,
) -> SqlReturn {
    // Looked at once: most calls have no log, and some are made for every cell.
    let logged = log::is_at(Level::ERROR);
    let _in_call =
        logged.then(|| Token::from_ptr(handle).map(|token| object.span(name, token).entered()));
    let result = catch_unwind(AssertUnwindSafe(|| call(object, &waiting)));
    drop(waiting);
    let code = match result {
        Ok(Ok(Outcome::Done)) if object.diagnostics().records().is_empty() => SQL_SUCCESS,
        Ok(Ok(Outcome::Done)) => SQL_SUCCESS_WITH_INFO,
        Ok(Ok(Outcome::NoData)) => SQL_NO_DATA,
        Ok(Ok(Outcome::NeedData)) => SQL_NEED_DATA,
        Ok(Err(error)) => failed(object, error),
        Err(_) => interrupted(object),
    };
    object.diagnostics().return_code = code;
    if logged {
        tracing::trace!(code, "returned");
    }
    code
}

#[cold]
fn failed<T: Object>(object: &mut T, error: Error) -> SqlReturn {
    tracing::debug!(
        state = error.state().as_str(),
        message = %error.record().message,
        "call failed"
    );
    object.diagnostics().push(error.into());
    SQL_ERROR
}

#[cold]
fn interrupted<T: Object>(object: &mut T) -> SqlReturn {
    object.poison();
    object.diagnostics().push(internal().into());
    SQL_ERROR
}

/// Reports a panic to the application.
pub fn internal() -> Error {
    Error::new(
        SqlState::GENERAL_ERROR,
        "An internal driver error interrupted the call; see the log for details.",
    )
}

/// No panic crosses the C interface.
pub fn guarded(call: impl FnOnce() -> SqlReturn) -> SqlReturn {
    catch_unwind(AssertUnwindSafe(call)).unwrap_or(SQL_ERROR)
}

/// Logs panics of the driver, with file and line, instead of printing them on the application's terminal. The hook is of
/// this library's own copy of the standard library, and affects no other.
pub fn log_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        if cfg!(test) {
            return;
        }
        std::panic::set_hook(Box::new(|panic| {
            let place = panic
                .location()
                .map(ToString::to_string)
                .unwrap_or_default();
            tracing::error!(place, "internal error");
        }));
    });
}
