//! Functions that go on after their call, where SQL_ATTR_ASYNC_ENABLE or SQL_ATTR_ASYNC_DBC_FUNCTIONS_ENABLE is on.
//!
//! The object of such a call is set apart in its table, and a thread of the runtime does with it what the call would have
//! done. Until the application has asked for the answer, by calling the function again, all that other calls find is the
//! [`Operation`], for which they wait for nobody.
//!
//! <https://learn.microsoft.com/sql/odbc/reference/develop-app/asynchronous-execution-polling-method>

use std::ffi::c_void;
use std::sync::atomic::{AtomicI16, Ordering};
use std::sync::{Arc, OnceLock};

use parking_lot::{MappedMutexGuard, Mutex};

use super::entry::{self, Diagnosed};
use crate::abi::{SQL_ERROR, SQL_INVALID_HANDLE, SQL_STILL_EXECUTING, SqlReturn, WideUnit};
use crate::connection::Connection;
use crate::diagnostics::{Diagnostics, Error, SqlState};
use crate::handle::{Cancel, Notification, Table, Token, Waiting};
use crate::runtime::{self, SharedLease};
use crate::statement::{Outcome, Statement};
use crate::{os, platform};

/// An object whose functions may go on after their call.
pub trait Lasting: Diagnosed + Send + 'static {
    /// Whether the application wants them to.
    fn is_asynchronous(&self) -> bool;

    /// Whom to tell when one is done.
    fn notification(&self) -> Notification;

    /// Its share of the runtime.
    fn lease(&self) -> &SharedLease;
}

impl Lasting for Connection {
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

impl Lasting for Statement {
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

/// A call that goes on, and the object that it found.
pub struct Call<T: 'static> {
    pub table: &'static Table<T>,
    /// The function's name in the ODBC reference.
    pub name: &'static str,
    pub token: Token,
    pub handle: *mut c_void,
}

// SAFETY: the handle is a number, which only the application takes for an address.
unsafe impl<T> Send for Call<T> {}

/// What there is to say to a call whose object cannot be found.
pub enum News<T: 'static> {
    /// It can be found by now.
    Back,
    /// No such object.
    Gone,
    /// The function is not done.
    Executing,
    /// The function is done: its answer, with its diagnostics in the object's own area. The object has been locked since
    /// before other calls could find it, so none of them comes between.
    Done(SqlReturn, MappedMutexGuard<'static, T>),
    /// The call has to wait for the end of another one.
    Refused(Error),
}

/// A function that goes on.
struct Operation {
    name: &'static str,
    /// The handle that it was called on, which may be a descriptor of the object.
    handle: usize,
    wide: WideUnit,
    /// Of which process its thread is.
    forks: u32,
    /// SQL_STILL_EXECUTING until it is done.
    answer: AtomicI16,
    /// The diagnostics of the object's handle until then.
    meanwhile: Mutex<Diagnostics>,
}

/// Whether another function may go on. Where too many do, the next one has its call wait, as the standard allows.
pub fn has_room() -> bool {
    OPERATIONS.lock().len() < MOST
}

/// Whether the Driver Manager follows all functions that go on. unixODBC takes a connection that is still being made for
/// one that failed, and a statement for one that executes for ever after the answer of all but executions and catalog
/// functions; with it, the others have their calls wait.
pub fn is_followed() -> bool {
    static FOLLOWED: OnceLock<bool> = OnceLock::new();
    *FOLLOWED.get_or_init(|| !platform::has_unixodbc())
}

/// Sets the object to `work` and apart.
#[cold]
pub fn start<T: Lasting>(
    call: Call<T>,
    object: MappedMutexGuard<'static, T>,
    cancel: &'static Cancel,
    work: impl FnOnce(&mut T, &Waiting<'_>) -> Result<Outcome, Error> + 'static,
) -> SqlReturn {
    let (table, token, name, handle) = (call.table, call.token, call.name, call.handle);
    let operation = Arc::new(Operation {
        name,
        handle: handle.addr(),
        wide: object.wide(),
        forks: os::forks(),
        answer: AtomicI16::new(SQL_STILL_EXECUTING),
        meanwhile: Mutex::new(Diagnostics::default()),
    });
    operation.tell(SQL_STILL_EXECUTING, None);
    let task = Task {
        call,
        operation: Arc::clone(&operation),
        notification: object.notification(),
        // Begun here, so that a cancel that comes before the thread is not lost.
        waiting: Some(cancel.begin()),
        answer: None,
    };
    // In this order: whoever does not find the object finds the operation.
    OPERATIONS.lock().push((token, operation));
    table.set_apart(token);
    let workers = object.lease().handle().clone();
    drop(object);
    let work = Carried(work);
    runtime::spawn_blocking(&workers, move || task.run(work));
    tracing::trace!(function = name, ?handle, "goes on");
    SQL_STILL_EXECUTING
}

/// What there is to say to a call of `name` on `handle`, for which the object of `token` cannot be found.
#[cold]
pub fn news<T>(
    table: &'static Table<T>,
    token: Token,
    name: &'static str,
    handle: *mut c_void,
) -> News<T> {
    let mut operations = OPERATIONS.lock();
    if table.holds(token) {
        return News::Back;
    }
    if !table.is_apart(token) {
        operations.retain(|(of, _)| *of != token);
        return News::Gone;
    }
    let found = operations.iter().position(|(of, _)| *of == token);
    let Some((at, (_, operation))) = found.and_then(|at| Some((at, operations.get(at)?))) else {
        return News::Gone;
    };
    if operation.is_inherited() {
        return News::Refused(Error::new(
            SqlState::COMMUNICATION_LINK_FAILURE,
            "The function goes on in the process that this one was forked off.",
        ));
    }
    if operation.name != name || operation.handle != handle.addr() {
        return News::Refused(Error::new(
            SqlState::FUNCTION_SEQUENCE,
            format!("{} is still executing.", operation.name),
        ));
    }
    match operation.answer.load(Ordering::Acquire) {
        SQL_STILL_EXECUTING => News::Executing,
        answer => {
            operations.swap_remove(at);
            let Some(object) = table.lock_apart(token) else {
                return News::Gone;
            };
            table.put_back(token);
            News::Done(answer, object)
        }
    }
}

/// What a call answers whose object cannot be found, and the object when the call was the last of a function that went
/// on.
pub struct Answered<T: 'static> {
    pub code: SqlReturn,
    pub object: Option<MappedMutexGuard<'static, T>>,
}

/// What a call of `name` on the handle of `token` answers, when the object cannot be found; `None` when it can be by now.
#[cold]
pub fn answer<T>(
    table: &'static Table<T>,
    token: Token,
    name: &'static str,
    handle: *mut c_void,
) -> Option<Answered<T>> {
    let only = |code| Answered { code, object: None };
    let (answer, error) = match news(table, token, name, handle) {
        News::Back => return None,
        News::Gone => return Some(only(SQL_INVALID_HANDLE)),
        News::Done(code, object) => {
            let object = Some(object);
            return Some(Answered { code, object });
        }
        News::Executing => (SQL_STILL_EXECUTING, None),
        News::Refused(error) => (SQL_ERROR, Some(error)),
    };
    if let Some(operation) = operation(token) {
        operation.tell(answer, error);
    }
    Some(only(answer))
}

/// The diagnostics of a handle whose object is set apart.
#[cold]
pub fn diagnostics<R>(
    token: Token,
    read: impl FnOnce(&mut Diagnostics, WideUnit) -> R,
) -> Option<R> {
    let operation = operation(token)?;
    let mut meanwhile = operation.meanwhile.lock();
    Some(read(&mut meanwhile, operation.wide))
}

/// Whether one of the objects whose functions go on is what `is_it` says.
pub fn is_any(is_it: impl Fn(Token) -> bool) -> bool {
    OPERATIONS.lock().iter().any(|(of, _)| is_it(*of))
}

/// Whether the object is set apart by a function that goes on in another process.
pub fn is_inherited(token: Token) -> bool {
    operation(token).is_some_and(|operation| operation.is_inherited())
}

fn operation(token: Token) -> Option<Arc<Operation>> {
    let operations = OPERATIONS.lock();
    let found = operations.iter().find(|(of, _)| *of == token);
    found.map(|(_, operation)| Arc::clone(operation))
}

impl Operation {
    fn is_inherited(&self) -> bool {
        self.forks != os::forks()
    }

    /// Leaves what a call answered while the function goes on.
    fn tell(&self, answer: SqlReturn, error: Option<Error>) {
        let mut meanwhile = self.meanwhile.lock();
        meanwhile.clear();
        meanwhile.return_code = answer;
        if let Some(error) = error {
            meanwhile.push(error.into());
        }
    }
}

/// What a thread does of a function; dropping it is the function's end.
struct Task<T: Lasting> {
    call: Call<T>,
    operation: Arc<Operation>,
    notification: Notification,
    waiting: Option<Waiting<'static>>,
    answer: Option<SqlReturn>,
}

impl<T: Lasting> Task<T> {
    fn run<W>(mut self, work: Carried<W>)
    where
        W: FnOnce(&mut T, &Waiting<'_>) -> Result<Outcome, Error>,
    {
        let object = self.call.table.lock_apart(self.call.token);
        if let (Some(mut object), Some(waiting)) = (object, self.waiting.take()) {
            self.answer = Some(entry::carry_out(
                self.call.name,
                self.call.handle,
                &mut *object,
                waiting,
                work.unpack(),
            ));
        }
    }
}

impl<T: Lasting> Drop for Task<T> {
    fn drop(&mut self) {
        let answer = self.answer.unwrap_or_else(|| {
            // No thread came to do it.
            if let Some(mut object) = self.call.table.lock_apart(self.call.token) {
                object.diagnostics().clear();
                object.diagnostics().push(entry::internal().into());
            }
            SQL_ERROR
        });
        self.waiting = None;
        self.operation.answer.store(answer, Ordering::Release);
        notify(self.notification);
    }
}

/// Tells the Driver Manager that its next call gets the answer.
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

/// Work on its way to the thread that does it.
struct Carried<W>(W);

// SAFETY: all that is not `Send` in it are addresses, which the application leaves to the function until it is done.
unsafe impl<W> Send for Carried<W> {}

impl<W> Carried<W> {
    fn unpack(self) -> W {
        self.0
    }
}

/// Functions that go on, or whose answer nobody has asked for. They are few, and looked for only when they are there.
static OPERATIONS: Mutex<Vec<(Token, Arc<Operation>)>> = Mutex::new(Vec::new());

/// They share the threads of the runtime with the decoding of segments, for which they may be waiting.
const MOST: usize = 256;
