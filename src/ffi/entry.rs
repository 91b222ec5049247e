//! What every exported function goes through: handle, lock, diagnostics, panics, log.

use std::ffi::c_void;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;

use parking_lot::MappedMutexGuard;
use tokio_util::sync::CancellationToken;
use tracing::{Level, Span, error_span};

use super::asynchronous::{self, Answered, Call, Lasting, News};
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
    fn poison(&mut self) {}
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

/// A call on a connection that may have to wait for the server. `read` reads what the application gives, `work` does the
/// rest, later and in another thread where the application wants it so, and `tell` writes what it is to be told.
pub fn waiting_connection<I: 'static>(
    name: &'static str,
    handle: *mut c_void,
    read: impl FnOnce(&mut Connection) -> Result<I, Error>,
    work: impl FnOnce(&mut Connection, I, CancellationToken) -> Result<Outcome, Error> + 'static,
    tell: impl FnOnce(&mut Connection),
) -> SqlReturn {
    may_wait(
        &CONNECTIONS,
        name,
        handle,
        |_| asynchronous::is_followed(),
        read,
        |connection, input, waiting| work(connection, input, waiting.token()),
        tell,
    )
}

/// A call on a statement that does not wait. The token is fired by SQLCancel.
pub fn statement(
    name: &'static str,
    handle: *mut c_void,
    call: impl FnOnce(&mut Statement, CancellationToken) -> Result<Outcome, Error>,
) -> SqlReturn {
    repeated(name, handle, |statement, waiting| {
        call(statement, waiting.token())
    })
}

/// A call on a statement that may have to wait for the server. `read` reads what the application gives, `work` does the
/// rest: later, in another thread, where the application wants it so and `waits` says that it is worth it.
pub fn waiting<I: 'static>(
    name: &'static str,
    handle: *mut c_void,
    waits: impl FnOnce(&Statement) -> bool,
    read: impl FnOnce(&mut Statement) -> Result<I, Error>,
    work: impl FnOnce(&mut Statement, I, &Waiting<'_>) -> Result<Outcome, Error> + 'static,
) -> SqlReturn {
    let read = |statement: &mut Statement| {
        statement.check_needs_no_data()?;
        read(statement)
    };
    may_wait(&STATEMENTS, name, handle, waits, read, work, |_| {})
}

/// A call that wants to know something of a statement that the server may have to be asked for, which `ask` does. Only
/// that goes on after the call: Driver Managers let go of buffers of their own meanwhile.
pub fn describing(
    name: &'static str,
    handle: *mut c_void,
    waits: impl FnOnce(&Statement) -> bool,
    ask: fn(&mut Statement, CancellationToken) -> Result<(), Error>,
    call: impl FnOnce(&mut Statement, CancellationToken) -> Result<Outcome, Error>,
) -> SqlReturn {
    guarded(|| {
        let (mut object, cancel) = match enter(&STATEMENTS, name, handle) {
            Ok(entered) => entered,
            Err(answered) => match (answered.code, answered.object, cancel(&STATEMENTS, handle)) {
                // It is known now.
                (SQL_SUCCESS, Some(object), Some(cancel)) => (object, cancel),
                (code, ..) => return code,
            },
        };
        if object.is_asynchronous()
            && goes_on(&*object, |statement| {
                asynchronous::is_followed() && waits(statement)
            })
        {
            let entered = (object, cancel);
            let read = |_: &mut Statement| Ok(());
            return begin(
                &STATEMENTS,
                name,
                handle,
                entered,
                read,
                move |statement, (), waiting| {
                    ask(statement, waiting.token()).map(|()| Outcome::Done)
                },
            );
        }
        carry_out(
            name,
            handle,
            &mut *object,
            cancel.begin(),
            |statement, waiting| {
                statement.check_needs_no_data()?;
                call(statement, waiting.token())
            },
        )
    })
}

/// A call that a statement waits for when it waits for data, and that may have to wait for the server.
pub fn bringing_data(
    name: &'static str,
    handle: *mut c_void,
    waits: impl FnOnce(&Statement) -> bool,
    work: impl FnOnce(&mut Statement, CancellationToken) -> Result<Outcome, Error> + 'static,
) -> SqlReturn {
    may_wait(
        &STATEMENTS,
        name,
        handle,
        waits,
        |_| Ok(()),
        |statement, (), waiting| work(statement, waiting.token()),
        |_| {},
    )
}

/// A call on a statement that is made for every row or every cell, and does not wait.
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
    on(&DESCRIPTORS, name, handle, |descriptor, _| {
        if let Origin::Statement(Some(owner)) = descriptor.origin
            && STATEMENTS.is_apart(owner)
        {
            return Err(Error::new(
                SqlState::FUNCTION_SEQUENCE,
                "The statement that the descriptor belongs to is still executing.",
            ));
        }
        call(descriptor)
    })
}

/// Has the statement that an IRD belongs to describe its columns, for the function `name`, so that the descriptor can be
/// read. Any other descriptor can be read as it is. `None` while the description goes on.
pub fn describe(name: &'static str, handle: *mut c_void) -> Option<Result<(), Error>> {
    let owner = Token::from_ptr(handle).and_then(|token| {
        let descriptor = DESCRIPTORS.lock(token)?;
        match descriptor.origin {
            Origin::Statement(Some(owner)) => {
                // What executes may have the descriptor itself locked.
                let is_ird = || descriptor.descriptor.lock().role == Role::ImplementationRow;
                (STATEMENTS.is_apart(owner) || is_ird()).then_some(owner)
            }
            _ => None,
        }
    });
    // The statement is locked before any of its descriptors.
    let Some(owner) = owner else {
        return Some(Ok(()));
    };
    let (mut statement, cancel) = loop {
        if let Some(entered) = STATEMENTS.enter(owner) {
            break entered;
        }
        match asynchronous::news(&STATEMENTS, owner, name, handle) {
            News::Back => {}
            News::Gone => return Some(Ok(())),
            News::Executing => return None,
            News::Refused(error) => return Some(Err(error)),
            News::Done(SQL_ERROR, mut statement) => {
                let failure = statement.diagnostics.take_error();
                return Some(Err(failure.map_or_else(internal, Error::from)));
            }
            News::Done(..) => return Some(Ok(())),
        }
    };
    let work = |statement: &mut Statement, waiting: &Waiting<'_>| {
        statement.describe_ird(waiting.token())?;
        Ok(Outcome::Done)
    };
    if goes_on(&*statement, |statement| {
        asynchronous::is_followed() && statement.columns_wait()
    }) {
        let call = Call {
            table: &STATEMENTS,
            name,
            token: owner,
            handle,
        };
        asynchronous::start(call, statement, cancel, work);
        return None;
    }
    let statement = &mut *statement;
    let waiting = cancel.begin();
    let described = catch_unwind(AssertUnwindSafe(|| work(statement, &waiting).map(drop)));
    Some(described.unwrap_or_else(|_| {
        statement.poison();
        Err(internal())
    }))
}

/// A call that reads the object of a handle and leaves its diagnostics as they are: SQL_ERROR while it is still
/// executing.
pub fn reading<T: Diagnosed>(
    table: &Table<T>,
    handle: *mut c_void,
    call: impl FnOnce(&mut T) -> SqlReturn,
) -> SqlReturn {
    guarded(|| {
        let Some(token) = Token::from_ptr(handle) else {
            return SQL_INVALID_HANDLE;
        };
        match table.lock(token) {
            Some(mut object) => call(&mut object),
            None if table.is_apart(token) => SQL_ERROR,
            None => SQL_INVALID_HANDLE,
        }
    })
}

/// A call that reads the diagnostics of a handle, and so leaves them as they are.
pub fn diagnosis<T: Diagnosed>(
    table: &Table<T>,
    handle: *mut c_void,
    call: impl FnOnce(&mut Diagnostics, WideUnit) -> SqlReturn,
) -> SqlReturn {
    guarded(|| {
        let Some(token) = Token::from_ptr(handle) else {
            return SQL_INVALID_HANDLE;
        };
        match table.lock(token) {
            Some(mut object) => {
                let wide = object.wide();
                call(object.diagnostics(), wide)
            }
            None => asynchronous::diagnostics(token, call).unwrap_or(SQL_INVALID_HANDLE),
        }
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
    table: &'static Table<T>,
    name: &'static str,
    handle: *mut c_void,
    call: impl FnOnce(&mut T, &Waiting<'_>) -> Result<Outcome, Error>,
) -> SqlReturn {
    guarded(|| {
        let (mut object, cancel) = match enter(table, name, handle) {
            Ok(entered) => entered,
            Err(answered) => return answered.code,
        };
        carry_out(name, handle, &mut *object, cancel.begin(), call)
    })
}

fn may_wait<T: Lasting, I: 'static>(
    table: &'static Table<T>,
    name: &'static str,
    handle: *mut c_void,
    waits: impl FnOnce(&T) -> bool,
    read: impl FnOnce(&mut T) -> Result<I, Error>,
    work: impl FnOnce(&mut T, I, &Waiting<'_>) -> Result<Outcome, Error> + 'static,
    tell: impl FnOnce(&mut T),
) -> SqlReturn {
    guarded(|| {
        let (mut object, cancel) = match enter(table, name, handle) {
            Ok(entered) => entered,
            Err(answered) => return told(answered, tell),
        };
        if object.is_asynchronous() && goes_on(&*object, waits) {
            return begin(table, name, handle, (object, cancel), read, work);
        }
        carry_out(
            name,
            handle,
            &mut *object,
            cancel.begin(),
            |object, waiting| {
                let input = read(object)?;
                let outcome = work(object, input, waiting)?;
                tell(object);
                Ok(outcome)
            },
        )
    })
}

/// Reads what the application gives, and has the rest done after the call.
#[cold]
fn begin<T: Lasting, I: 'static>(
    table: &'static Table<T>,
    name: &'static str,
    handle: *mut c_void,
    (mut object, cancel): Entered<T>,
    read: impl FnOnce(&mut T) -> Result<I, Error>,
    work: impl FnOnce(&mut T, I, &Waiting<'_>) -> Result<Outcome, Error> + 'static,
) -> SqlReturn {
    let mut input = None;
    let code = carry_out(name, handle, &mut *object, cancel.begin(), |object, _| {
        input = Some(read(object)?);
        Ok(Outcome::Done)
    });
    let (Some(input), Some(token)) = (input, Token::from_ptr(handle)) else {
        return code;
    };
    let call = Call {
        table,
        name,
        token,
        handle,
    };
    asynchronous::start(call, object, cancel, move |object, waiting| {
        work(object, input, waiting)
    })
}

/// The answer of a function that went on, once the application was told what there is to tell; any other answer of
/// `code` as it is.
fn told<T: Diagnosed>(answered: Answered<T>, tell: impl FnOnce(&mut T)) -> SqlReturn {
    let code = answered.code;
    let Some(mut object) = answered.object else {
        return code;
    };
    if !matches!(code, SQL_SUCCESS | SQL_SUCCESS_WITH_INFO | SQL_NEED_DATA) {
        return code;
    }
    tell(&mut object);
    let diagnostics = object.diagnostics();
    if code == SQL_SUCCESS && !diagnostics.records().is_empty() {
        diagnostics.return_code = SQL_SUCCESS_WITH_INFO;
    }
    diagnostics.return_code
}

/// Whether what a call has to do goes on after it.
#[cold]
fn goes_on<T: Lasting>(object: &T, waits: impl FnOnce(&T) -> bool) -> bool {
    object.is_asynchronous()
        && waits(object)
        && object.lease().is_ours()
        && asynchronous::has_room()
}

/// An object, locked, and the means to cancel what is done with it.
type Entered<T> = (MappedMutexGuard<'static, T>, &'static Cancel);

#[inline(always)]
fn enter<T>(
    table: &'static Table<T>,
    name: &'static str,
    handle: *mut c_void,
) -> Result<Entered<T>, Answered<T>> {
    let Some(token) = Token::from_ptr(handle) else {
        return Err(Answered {
            code: SQL_INVALID_HANDLE,
            object: None,
        });
    };
    loop {
        if let Some(entered) = table.enter(token) {
            return Ok(entered);
        }
        if let Some(answered) = asynchronous::answer(table, token, name, handle) {
            return Err(answered);
        }
    }
}

/// Does what a call has to do with its object, and leaves what came of it in the object's diagnostics.
#[inline(always)]
pub fn carry_out<T: Diagnosed>(
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
    object.diagnostics().clear();
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
fn failed<T: Diagnosed>(object: &mut T, error: Error) -> SqlReturn {
    tracing::debug!(
        state = error.state().as_str(),
        message = %error.record().message,
        "call failed"
    );
    object.diagnostics().push(error.into());
    SQL_ERROR
}

#[cold]
fn interrupted<T: Diagnosed>(object: &mut T) -> SqlReturn {
    object.poison();
    object.diagnostics().push(internal().into());
    SQL_ERROR
}

/// What is told of a panic.
pub fn internal() -> Error {
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
