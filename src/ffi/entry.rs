//! What every exported function goes through: handle, lock, diagnostics, panics, log.

use std::ffi::c_void;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;

use tokio_util::sync::CancellationToken;
use tracing::{Level, Span, error_span};

use crate::abi::{
    SQL_ERROR, SQL_INVALID_HANDLE, SQL_NEED_DATA, SQL_NO_DATA, SQL_SUCCESS, SQL_SUCCESS_WITH_INFO,
    SqlReturn, WideUnit,
};
use crate::connection::CONNECTIONS;
use crate::connection::Connection;
use crate::descriptor::{DESCRIPTORS, DescriptorHandle, Origin, Role};
use crate::diagnostics::{Diagnostics, Error, SqlState};
use crate::environment::ENVIRONMENTS;
use crate::environment::Environment;
use crate::handle::{Cancel, Table, Token, Waiting};
use crate::log;
use crate::statement::STATEMENTS;
use crate::statement::{Outcome, Statement};

/// An object that has a diagnostics area.
pub trait Diagnosed {
    /// Its diagnostics area.
    fn diagnostics(&mut self) -> &mut Diagnostics;

    /// The width of the application's wide characters.
    fn wide(&self) -> WideUnit;

    /// What its events in the log have in common during a call.
    fn span(&self, function: &'static str, token: Token) -> Span;

    /// What is left of it after a panic interrupted a call.
    fn break_down(&mut self) {}
}

impl Diagnosed for Environment {
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

impl Diagnosed for Connection {
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

impl Diagnosed for Statement {
    fn diagnostics(&mut self) -> &mut Diagnostics {
        &mut self.diagnostics
    }

    fn wide(&self) -> WideUnit {
        Self::wide(self)
    }

    fn break_down(&mut self) {
        Self::break_down(self);
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

impl Diagnosed for DescriptorHandle {
    fn diagnostics(&mut self) -> &mut Diagnostics {
        &mut self.diagnostics
    }

    fn wide(&self) -> WideUnit {
        self.wide
    }

    fn span(&self, function: &'static str, token: Token) -> Span {
        error_span!("call", function, descriptor = ?token.as_ptr())
    }
}

/// A call on an environment.
pub fn environment(
    name: &'static str,
    handle: *mut c_void,
    call: impl FnOnce(&mut Environment) -> Result<Outcome, Error>,
) -> SqlReturn {
    on(&ENVIRONMENTS, name, handle, |environment, _| {
        call(environment)
    })
}

/// A call on a connection. The token is fired by SQLCancelHandle.
pub fn connection(
    name: &'static str,
    handle: *mut c_void,
    call: impl FnOnce(&mut Connection, CancellationToken) -> Result<Outcome, Error>,
) -> SqlReturn {
    on(&CONNECTIONS, name, handle, |connection, waiting| {
        call(connection, waiting.token())
    })
}

/// A call on a statement. The token is fired by SQLCancel.
pub fn statement(
    name: &'static str,
    handle: *mut c_void,
    call: impl FnOnce(&mut Statement, CancellationToken) -> Result<Outcome, Error>,
) -> SqlReturn {
    on(&STATEMENTS, name, handle, |statement, waiting| {
        statement.check_needs_no_data()?;
        call(statement, waiting.token())
    })
}

/// A call that a statement waits for when it waits for data.
pub fn bringing_data(
    name: &'static str,
    handle: *mut c_void,
    call: impl FnOnce(&mut Statement, CancellationToken) -> Result<Outcome, Error>,
) -> SqlReturn {
    on(&STATEMENTS, name, handle, |statement, waiting| {
        call(statement, waiting.token())
    })
}

/// A call on a statement that is made for every row or every cell, and seldom has to wait.
pub fn repeated(
    name: &'static str,
    handle: *mut c_void,
    call: impl FnOnce(&mut Statement, &Waiting<'_>) -> Result<Outcome, Error>,
) -> SqlReturn {
    on(&STATEMENTS, name, handle, |statement, waiting| {
        statement.check_needs_no_data()?;
        call(statement, waiting)
    })
}

/// A call on a descriptor.
pub fn descriptor(
    name: &'static str,
    handle: *mut c_void,
    call: impl FnOnce(&mut DescriptorHandle) -> Result<Outcome, Error>,
) -> SqlReturn {
    on(&DESCRIPTORS, name, handle, |descriptor, _| call(descriptor))
}

/// Has the statement that an IRD belongs to describe its columns, so that the descriptor can be read. Any other
/// descriptor can be read as it is.
pub fn describe(handle: *mut c_void) -> Result<(), Error> {
    let owner = Token::from_ptr(handle).and_then(|token| {
        let descriptor = DESCRIPTORS.lock(token)?;
        let role = descriptor.descriptor.lock().role;
        match descriptor.origin {
            Origin::Statement(owner) if role == Role::ImplementationRow => owner,
            _ => None,
        }
    });
    // The statement is locked before any of its descriptors.
    let Some(owner) = owner else {
        return Ok(());
    };
    let Some((mut statement, cancel)) = STATEMENTS.enter(owner) else {
        return Ok(());
    };
    let statement = &mut *statement;
    let waiting = cancel.begin();
    let described = catch_unwind(AssertUnwindSafe(|| statement.describe_ird(waiting.token())));
    described.unwrap_or_else(|_| {
        statement.break_down();
        Err(internal())
    })
}

/// A call that reads the diagnostics of a handle, and so leaves them as they are.
pub fn reading<T: Diagnosed>(
    table: &Table<T>,
    handle: *mut c_void,
    call: impl FnOnce(&mut T) -> SqlReturn,
) -> SqlReturn {
    guarded(|| {
        let object = Token::from_ptr(handle).and_then(|token| table.lock(token));
        object.map_or(SQL_INVALID_HANDLE, |mut object| call(&mut object))
    })
}

/// A call that needs no handle, or one that it looks up itself.
pub fn unlocked(call: impl FnOnce() -> SqlReturn) -> SqlReturn {
    guarded(call)
}

/// The means to cancel what a handle is doing.
pub fn cancel<T>(table: &Table<T>, handle: *mut c_void) -> Option<&Cancel> {
    table.cancel(Token::from_ptr(handle)?)
}

/// SQLCancel: ends the wait of a call that has the statement; where there is none, the wait for data of parameters.
/// False when there is no such statement.
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

fn on<T: Diagnosed>(
    table: &Table<T>,
    name: &'static str,
    handle: *mut c_void,
    call: impl FnOnce(&mut T, &Waiting<'_>) -> Result<Outcome, Error>,
) -> SqlReturn {
    guarded(|| {
        let Some(token) = Token::from_ptr(handle) else {
            return SQL_INVALID_HANDLE;
        };
        let Some((mut object, cancel)) = table.enter(token) else {
            return SQL_INVALID_HANDLE;
        };
        let object = &mut *object;
        let _in_call = log::is_at(Level::ERROR).then(|| object.span(name, token).entered());
        object.diagnostics().clear();
        let waiting = cancel.begin();
        let result = catch_unwind(AssertUnwindSafe(|| call(object, &waiting)));
        drop(waiting);
        let code = match result {
            Ok(Ok(Outcome::Done)) if object.diagnostics().records().is_empty() => SQL_SUCCESS,
            Ok(Ok(Outcome::Done)) => SQL_SUCCESS_WITH_INFO,
            Ok(Ok(Outcome::NoData)) => SQL_NO_DATA,
            Ok(Ok(Outcome::NeedData)) => SQL_NEED_DATA,
            Ok(Err(error)) => {
                tracing::debug!(
                    state = error.state().as_str(),
                    message = %error.record().message,
                    "call failed"
                );
                object.diagnostics().push(error.into());
                SQL_ERROR
            }
            Err(_) => {
                object.break_down();
                object.diagnostics().push(internal().into());
                SQL_ERROR
            }
        };
        object.diagnostics().return_code = code;
        tracing::trace!(code, "returned");
        code
    })
}

fn internal() -> Error {
    Error::new(
        SqlState::GENERAL_ERROR,
        "An internal error of the driver interrupted the call; the log has details.",
    )
}

/// No panic crosses the C interface.
fn guarded(call: impl FnOnce() -> SqlReturn) -> SqlReturn {
    catch_unwind(AssertUnwindSafe(call)).unwrap_or(SQL_ERROR)
}

/// Has panics of the driver logged, with file and line, instead of printed on the application's terminal. The hook is of
/// this library's own copy of the standard library, so it touches nobody else's.
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
