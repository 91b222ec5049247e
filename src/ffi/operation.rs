//! What other calls find instead of a detached object: the operation that has it, and how far that is.

use std::ffi::c_void;
use std::sync::Arc;
use std::sync::atomic::{AtomicI16, Ordering};

use parking_lot::{MappedMutexGuard, Mutex};
use trino_client::os;

use super::guard::Object;
use crate::abi::{SQL_ERROR, SQL_INVALID_HANDLE, SQL_STILL_EXECUTING, SqlReturn, WideUnit};
use crate::diagnostics::{Diagnostics, Error, SqlState};
use crate::handle::{Cancel, Token};

/// A locked object, and the means to cancel what is done with it.
pub type Entered<T> = (MappedMutexGuard<'static, T>, &'static Cancel);

/// What a call returns that found no object to work on; with the object when it completes an asynchronous call.
pub struct Answered<T: 'static> {
    pub code: SqlReturn,
    pub entered: Option<Entered<T>>,
}

impl<T> From<SqlReturn> for Answered<T> {
    fn from(code: SqlReturn) -> Self {
        Self {
            code,
            entered: None,
        }
    }
}

/// How a call stands to a detached object.
pub enum CallStatus<T: 'static> {
    /// The object is attached by now.
    Attached,
    /// No such object.
    Gone,
    /// The function is not done.
    Executing,
    /// The function is done: its return code, and the object with its diagnostics. The object has been locked since
    /// before other calls could find it.
    Done(SqlReturn, Entered<T>),
    /// Another function has the object.
    OutOfSequence(Error),
}

/// An asynchronous function that has not returned its result.
pub struct Operation {
    pub name: &'static str,
    /// The handle that it was called on, which may be a descriptor of the object.
    handle: usize,
    wide: WideUnit,
    /// The process that its worker belongs to.
    forks: u32,
    /// SQL_STILL_EXECUTING until it is done.
    code: AtomicI16,
    /// The diagnostics of the object's handle until then.
    meanwhile: Mutex<Diagnostics>,
}

impl Operation {
    /// A call of `name` on `handle`, from an application with wide characters of that width.
    pub fn new(name: &'static str, handle: *mut c_void, wide: WideUnit) -> Self {
        let operation = Self {
            name,
            handle: handle.addr(),
            wide,
            forks: os::forks(),
            code: AtomicI16::new(SQL_STILL_EXECUTING),
            meanwhile: Mutex::new(Diagnostics::default()),
        };
        operation.report(SQL_STILL_EXECUTING, None);
        operation
    }

    /// The function is done, and its worker has unlocked the object.
    pub fn finish(&self, code: SqlReturn) {
        self.code.store(code, Ordering::Release);
    }

    fn is_inherited(&self) -> bool {
        self.forks != os::forks()
    }

    /// Leaves the outcome of a call that came meanwhile.
    fn report(&self, code: SqlReturn, error: Option<Error>) {
        let mut meanwhile = self.meanwhile.lock();
        meanwhile.clear();
        meanwhile.return_code = code;
        if let Some(error) = error {
            meanwhile.push(error.into());
        }
    }
}

/// Whether another call may become asynchronous. Beyond that, calls block, as the standard allows.
pub fn has_room() -> bool {
    OPERATIONS.lock().len() < MOST
}

/// The object of `token` is about to be detached by `operation`.
pub fn add(token: Token, operation: Arc<Operation>) {
    OPERATIONS.lock().push((token, operation));
}

/// How a call of `name` on `handle` stands to the object of `token`, which it did not find.
#[cold]
pub fn status<T: Object>(token: Token, name: &'static str, handle: *mut c_void) -> CallStatus<T> {
    let table = T::table();
    let mut operations = OPERATIONS.lock();
    if table.holds(token) {
        return CallStatus::Attached;
    }
    if !table.is_detached(token) {
        operations.retain(|(of, _)| *of != token);
        return CallStatus::Gone;
    }
    let found = operations.iter().position(|(of, _)| *of == token);
    let Some((at, (_, operation))) = found.and_then(|at| Some((at, operations.get(at)?))) else {
        return CallStatus::Gone;
    };
    if operation.is_inherited() {
        return CallStatus::OutOfSequence(Error::new(
            SqlState::COMMUNICATION_LINK_FAILURE,
            "The function is executing in the parent process, before the fork.",
        ));
    }
    if operation.name != name || operation.handle != handle.addr() {
        return CallStatus::OutOfSequence(Error::new(
            SqlState::FUNCTION_SEQUENCE,
            format!("{} is still executing.", operation.name),
        ));
    }
    let code = operation.code.load(Ordering::Acquire);
    if code == SQL_STILL_EXECUTING {
        return CallStatus::Executing;
    }
    operations.swap_remove(at);
    let (Some(object), Some(cancel)) = (table.lock_detached(token), table.cancel(token)) else {
        return CallStatus::Gone;
    };
    table.attach(token);
    CallStatus::Done(code, (object, cancel))
}

/// What a call of `name` on `handle` returns, which did not find the object of `token`; `None` when the object is
/// attached by now.
#[cold]
pub fn answer<T: Object>(
    token: Token,
    name: &'static str,
    handle: *mut c_void,
) -> Option<Answered<T>> {
    let (code, error) = match status(token, name, handle) {
        CallStatus::Attached => return None,
        CallStatus::Gone => return Some(SQL_INVALID_HANDLE.into()),
        CallStatus::Done(code, entered) => {
            let entered = Some(entered);
            return Some(Answered { code, entered });
        }
        CallStatus::Executing => (SQL_STILL_EXECUTING, None),
        CallStatus::OutOfSequence(error) => (SQL_ERROR, Some(error)),
    };
    if let Some(operation) = operation(token) {
        operation.report(code, error);
    }
    Some(code.into())
}

/// The diagnostics of a handle whose object is detached.
#[cold]
pub fn diagnostics<R>(
    token: Token,
    read: impl FnOnce(&mut Diagnostics, WideUnit) -> R,
) -> Option<R> {
    let operation = operation(token)?;
    let mut meanwhile = operation.meanwhile.lock();
    Some(read(&mut meanwhile, operation.wide))
}

/// Whether `predicate` holds for the token of a detached object.
pub fn is_any(predicate: impl Fn(Token) -> bool) -> bool {
    OPERATIONS.lock().iter().any(|(of, _)| predicate(*of))
}

/// Whether the object was detached by the parent process, before a fork.
pub fn is_inherited(token: Token) -> bool {
    operation(token).is_some_and(|operation| operation.is_inherited())
}

fn operation(token: Token) -> Option<Arc<Operation>> {
    let operations = OPERATIONS.lock();
    let found = operations.iter().find(|(of, _)| *of == token);
    found.map(|(_, operation)| Arc::clone(operation))
}

/// Operations whose result the application has not fetched. They are few, and searched only while an object is detached.
static OPERATIONS: Mutex<Vec<(Token, Arc<Operation>)>> = Mutex::new(Vec::new());

/// They share the threads of the runtime with the decoding of segments, for which they may be waiting.
const MOST: usize = 256;
