//! Calls that continue after they returned, where SQL_ATTR_ASYNC_ENABLE or SQL_ATTR_ASYNC_DBC_FUNCTIONS_ENABLE is on.
//!
//! ```text
//! application              object in its table       worker thread
//!
//! SQLExecDirect ──────────▶ locked
//!                           arguments read
//!   SQL_STILL_EXECUTING ◀── detached ──────────────▶ locks it, sends the statement
//! SQLFetch ───────────────▶ not found: Operation     │
//!   SQL_ERROR, HY010 ◀──────┘                        │  (SQLCancel fires its token)
//! SQLExecDirect ──────────▶ not found: Operation     │
//!   SQL_STILL_EXECUTING ◀───┘                        ▼
//!                           still detached ◀──────── unlocks it, stores the return code,
//!                                                    calls the Driver Manager's callback
//! SQLExecDirect ──────────▶ not found: Operation
//!                           locked, attached
//!                           results written
//!   SQL_SUCCESS ◀───────────┘
//! ```
//!
//! A detached object is hidden in its table: a lookup finds only the [`Operation`](super::operation), and never waits for
//! the worker. The application polls by calling the same function on the same handle. The first poll after the worker is
//! done locks the object *before* it is attached again, so no other thread's call comes between the function and its
//! return code. Arguments are read by the first call only; results are written by the last, to the buffers it names.
//!
//! <https://learn.microsoft.com/sql/odbc/reference/develop-app/asynchronous-execution-polling-method>

use std::ffi::c_void;
use std::marker::PhantomData;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, OnceLock};

use trino_client::runtime::{self, SharedLease};

use super::guard::{self, Call, Object, carry_on, carry_out, guarded};
use super::operation::{self, Answered, CallStatus, Entered, Operation};
use crate::abi::{
    SQL_ERROR, SQL_INVALID_HANDLE, SQL_NEED_DATA, SQL_STILL_EXECUTING, SQL_SUCCESS,
    SQL_SUCCESS_WITH_INFO, SqlReturn,
};
use crate::connection::Connection;
use crate::descriptor::{DESCRIPTORS, Origin, Role};
use crate::diagnostics::Error;
use crate::handle::{Notification, Token, Waiting};
use crate::platform;
use crate::statement::{Outcome, STATEMENTS, Statement};

/// An object whose calls may continue after they returned.
pub trait AsyncObject: Object + Send {
    /// Whether the application wants them to.
    fn is_asynchronous(&self) -> bool;

    /// The callback for the end of a call.
    fn notification(&self) -> Notification;

    /// Its share of the runtime.
    fn lease(&self) -> &SharedLease;
}

impl AsyncObject for Connection {
    fn is_asynchronous(&self) -> bool {
        Self::is_asynchronous(self)
    }

    fn notification(&self) -> Notification {
        self.notification
    }

    fn lease(&self) -> &SharedLease {
        Self::lease(self)
    }
}

impl AsyncObject for Statement {
    #[inline]
    fn is_asynchronous(&self) -> bool {
        self.attributes.is_asynchronous()
    }

    fn notification(&self) -> Notification {
        self.notification
    }

    fn lease(&self) -> &SharedLease {
        Self::lease(self)
    }
}

/// A call that may continue after it returned.
///
/// [`read`](Self::read) reads the application's arguments, [`run`](Self::run) does the work, in a worker thread when the
/// object is detached, and [`write`](Self::write) writes to the application's buffers in the call that returns the result.
pub struct AsyncCall<T, P, R = Nothing<T>, W = NothingToWrite<T>> {
    call: Call<T>,
    waits: P,
    needs_follower: bool,
    read: R,
    write: W,
}

type Nothing<T> = fn(&mut T) -> Result<(), Error>;
type NothingToWrite<T> = fn(&mut T, &Waiting<'_>) -> Result<(), Error>;

impl<T: AsyncObject, P: FnOnce(&T) -> bool> AsyncCall<T, P> {
    /// `waits` expects the work to wait for the server; with `needs_follower`, the Driver Manager has to follow the call.
    #[inline(always)]
    pub fn new(call: Call<T>, waits: P, needs_follower: bool) -> Self {
        Self {
            call,
            waits,
            needs_follower,
            read: |_| Ok(()),
            write: |_, _| Ok(()),
        }
    }
}

impl<T: AsyncObject, P: FnOnce(&T) -> bool, R, W> AsyncCall<T, P, R, W> {
    /// Reads the arguments; only the first of several calls does so.
    #[inline(always)]
    pub fn read<I, N: FnOnce(&mut T) -> Result<I, Error>>(self, read: N) -> AsyncCall<T, P, N, W> {
        AsyncCall {
            call: self.call,
            waits: self.waits,
            needs_follower: self.needs_follower,
            read,
            write: self.write,
        }
    }

    /// Writes the results once the work succeeded.
    #[inline(always)]
    pub fn write<N>(self, write: N) -> AsyncCall<T, P, R, N>
    where
        N: FnOnce(&mut T, &Waiting<'_>) -> Result<(), Error>,
    {
        AsyncCall {
            call: self.call,
            waits: self.waits,
            needs_follower: self.needs_follower,
            read: self.read,
            write,
        }
    }

    /// Runs the call as far as it goes now.
    #[inline(always)]
    pub fn run<I: 'static>(
        self,
        work: impl FnOnce(&mut T, I, &Waiting<'_>) -> Result<Outcome, Error> + 'static,
    ) -> SqlReturn
    where
        R: FnOnce(&mut T) -> Result<I, Error>,
        W: FnOnce(&mut T, &Waiting<'_>) -> Result<(), Error>,
    {
        guarded(|| {
            let Self {
                call,
                waits,
                needs_follower,
                read,
                write,
            } = self;
            let (name, handle) = (call.name, call.handle);
            let (mut object, cancel) = match enter(name, handle) {
                Ok(entered) => entered,
                Err(answered) => return complete(&call, answered, write),
            };
            let read = |object: &mut T| {
                call.check_sequence(object)?;
                read(object)
            };
            if object.is_asynchronous() && may_detach(&*object, needs_follower, waits) {
                return detach(name, handle, (object, cancel), read, work);
            }
            carry_out(
                name,
                handle,
                &mut *object,
                cancel.begin(),
                |object, waiting| {
                    let input = read(object)?;
                    let outcome = work(object, input, waiting)?;
                    write(object, waiting)?;
                    Ok(outcome)
                },
            )
        })
    }
}

/// The locked object of a handle, or what the call returns instead.
#[inline(always)]
pub fn enter<T: Object>(
    name: &'static str,
    handle: *mut c_void,
) -> Result<Entered<T>, Answered<T>> {
    let Some(token) = Token::from_ptr(handle) else {
        return Err(SQL_INVALID_HANDLE.into());
    };
    loop {
        if let Some(entered) = T::table().enter(token) {
            return Ok(entered);
        }
        if let Some(answered) = operation::answer(token, name, handle) {
            return Err(answered);
        }
    }
}

/// Describes the columns of the statement that an IRD belongs to, for the function `name`, so that the descriptor can be
/// read. Any other descriptor can be read as it is. `None` while the statement is detached.
pub fn describe(name: &'static str, handle: *mut c_void) -> Option<Result<(), Error>> {
    // The statement is locked before any of its descriptors.
    let Some(owner) = owner_to_describe(handle) else {
        return Some(Ok(()));
    };
    let (mut statement, cancel) = loop {
        if let Some(entered) = STATEMENTS.enter(owner) {
            break entered;
        }
        match operation::status::<Statement>(owner, name, handle) {
            CallStatus::Attached => {}
            CallStatus::Gone => return Some(Ok(())),
            CallStatus::Executing => return None,
            CallStatus::OutOfSequence(error) => return Some(Err(error)),
            CallStatus::Done(SQL_ERROR, (mut statement, _)) => {
                let failure = statement.diagnostics.take_error();
                return Some(Err(failure.map_or_else(guard::internal, Error::from)));
            }
            CallStatus::Done(..) => return Some(Ok(())),
        }
    };
    if statement.is_asynchronous() && may_detach(&*statement, true, Statement::columns_wait) {
        start((name, owner, handle), (statement, cancel), describe_ird);
        return None;
    }
    let statement = &mut *statement;
    let waiting = cancel.begin();
    let described = catch_unwind(AssertUnwindSafe(|| describe_ird(statement, &waiting)));
    Some(match described {
        Ok(described) => described.map(drop),
        Err(_) => {
            statement.poison();
            Err(guard::internal())
        }
    })
}

fn owner_to_describe(handle: *mut c_void) -> Option<Token> {
    let descriptor = DESCRIPTORS.lock(Token::from_ptr(handle)?)?;
    let Origin::Statement(Some(owner)) = descriptor.origin else {
        return None;
    };
    // The worker of a detached statement may have the descriptor itself locked.
    let described = STATEMENTS.is_detached(owner)
        || descriptor.descriptor.lock().role == Role::ImplementationRow;
    described.then_some(owner)
}

fn describe_ird(statement: &mut Statement, waiting: &Waiting<'_>) -> Result<Outcome, Error> {
    statement.describe_ird(waiting.token())?;
    Ok(Outcome::Done)
}

/// Whether the rest of a call may run in a worker thread.
#[cold]
fn may_detach<T: AsyncObject>(
    object: &T,
    needs_follower: bool,
    waits: impl FnOnce(&T) -> bool,
) -> bool {
    (!needs_follower || is_followed())
        && waits(object)
        && object.lease().is_ours()
        && operation::has_room()
}

/// Whether the Driver Manager follows all calls until their end. unixODBC takes a connection that is still being made for
/// one that failed, and a statement for one that executes for ever after the end of all but executions and catalog
/// functions; with it, the others have their calls wait.
fn is_followed() -> bool {
    static FOLLOWED: OnceLock<bool> = OnceLock::new();
    *FOLLOWED.get_or_init(|| !platform::has_unixodbc())
}

/// Reads the arguments, and leaves the work to a worker thread.
#[cold]
fn detach<T: AsyncObject, I: 'static>(
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
    start(
        (name, token, handle),
        (object, cancel),
        |object, waiting| work(object, input, waiting),
    )
}

/// Writes the results of a call whose work is done.
#[cold]
fn complete<T: AsyncObject>(
    call: &Call<T>,
    answered: Answered<T>,
    write: impl FnOnce(&mut T, &Waiting<'_>) -> Result<(), Error>,
) -> SqlReturn {
    let outcome = match answered.code {
        SQL_SUCCESS | SQL_SUCCESS_WITH_INFO => Outcome::Done,
        SQL_NEED_DATA => Outcome::NeedData,
        code => return code,
    };
    let Some((mut object, cancel)) = answered.entered else {
        return answered.code;
    };
    carry_on(
        call.name,
        call.handle,
        &mut *object,
        cancel.begin(),
        |object, waiting| write(object, waiting).map(|()| outcome),
    )
}

/// Detaches the object of `token` and starts `work` on it, for the function `name` that was called on `handle`.
#[cold]
fn start<T: AsyncObject>(
    (name, token, handle): (&'static str, Token, *mut c_void),
    (object, cancel): Entered<T>,
    work: impl FnOnce(&mut T, &Waiting<'_>) -> Result<Outcome, Error> + 'static,
) -> SqlReturn {
    let operation = Arc::new(Operation::new(name, handle, object.wide()));
    let task = Task {
        token,
        operation: Arc::clone(&operation),
        notification: object.notification(),
        // Begun here, so that a cancel that comes before the thread is not lost.
        waiting: Some(cancel.begin()),
        code: None,
        object: PhantomData::<fn(&mut T)>,
    };
    // In this order: a call that does not find the object finds the operation.
    operation::add(token, operation);
    T::table().detach(token);
    let workers = object.lease().handle().clone();
    drop(object);
    let work = Carried(work);
    runtime::spawn_blocking(&workers, move || task.run(work));
    tracing::trace!(function = name, ?handle, "continues in a worker thread");
    SQL_STILL_EXECUTING
}

/// The worker's part of a call; dropping it ends the call.
struct Task<T: AsyncObject> {
    token: Token,
    operation: Arc<Operation>,
    notification: Notification,
    waiting: Option<Waiting<'static>>,
    code: Option<SqlReturn>,
    object: PhantomData<fn(&mut T)>,
}

impl<T: AsyncObject> Task<T> {
    fn run<F>(mut self, work: Carried<F>)
    where
        F: FnOnce(&mut T, &Waiting<'_>) -> Result<Outcome, Error>,
    {
        let object = T::table().lock_detached(self.token);
        if let (Some(mut object), Some(waiting)) = (object, self.waiting.take()) {
            let (name, handle) = (self.operation.name, self.token.as_ptr());
            self.code = Some(carry_out(
                name,
                handle,
                &mut *object,
                waiting,
                work.unpack(),
            ));
        }
    }
}

impl<T: AsyncObject> Drop for Task<T> {
    fn drop(&mut self) {
        let code = self.code.unwrap_or_else(|| {
            // No thread came to do it.
            if let Some(mut object) = T::table().lock_detached(self.token) {
                object.diagnostics().clear();
                object.diagnostics().push(guard::internal().into());
            }
            SQL_ERROR
        });
        self.waiting = None;
        self.operation.finish(code);
        notify(self.notification);
    }
}

/// Calls the Driver Manager, which polls for the result.
fn notify(notification: Notification) {
    type Callback = unsafe extern "system" fn(context: *mut c_void, last: i32) -> SqlReturn;
    if notification.callback == 0 {
        return;
    }
    let callback = std::ptr::with_exposed_provenance::<c_void>(notification.callback);
    // SAFETY: the Driver Manager set the attribute to a function of this type, which is not 0.
    let callback = unsafe { std::mem::transmute::<*const c_void, Callback>(callback) };
    let context = std::ptr::with_exposed_provenance_mut(notification.context);
    // SAFETY: the callback may be called from any thread, with the context that came along with it.
    unsafe { callback(context, 1) };
}

/// Work on its way to a worker thread.
struct Carried<F>(F);

// SAFETY: all that is not `Send` in it are addresses, which the application leaves to the function until it is done.
unsafe impl<F> Send for Carried<F> {}

impl<F> Carried<F> {
    fn unpack(self) -> F {
        self.0
    }
}
