//! Behind the exports: handles, and attributes of environments.

use std::ffi::c_void;
use std::sync::Arc;

use super::guard::{self, guarded};
use super::{call, operation, text};
use crate::abi::{self, SQL_ERROR, SQL_INVALID_HANDLE, SQL_SUCCESS, SqlReturn};
use crate::connection::{CONNECTIONS, Connection};
use crate::descriptor::{DESCRIPTORS, Described, Origin, Role};
use crate::diagnostics::{Error, SqlState};
use crate::environment::{ENVIRONMENTS, Environment};
use crate::handle::{Children, Token};
use crate::platform;
use crate::statement::{Outcome, STATEMENTS, Statement};

pub unsafe fn alloc_handle(kind: i16, parent: *mut c_void, out: *mut *mut c_void) -> SqlReturn {
    if out.is_null() {
        return SQL_ERROR;
    }
    let give = |token: Token| {
        // SAFETY: not null, and the application promised that a handle can be written to it.
        unsafe { text::put(out, token.as_ptr()) };
        Ok(Outcome::Done)
    };
    // SAFETY: as above.
    unsafe { text::put(out, std::ptr::null_mut()) };
    let parent_token = Token::from_ptr(parent);
    match kind {
        abi::SQL_HANDLE_ENV => guarded(|| {
            guard::log_panics();
            let allocated = Environment::new(platform::wide_unit())
                .ok()
                .and_then(|new| ENVIRONMENTS.insert(new));
            allocated
                .and_then(|token| give(token).ok())
                .map_or(SQL_ERROR, |_| SQL_SUCCESS)
        }),
        abi::SQL_HANDLE_DBC => call::environment("SQLAllocHandle", parent).run(|environment, _| {
            let Some(parent) = parent_token else {
                return Err(Error::too_many_handles());
            };
            environment.adopt().map_err(|error| {
                Error::new(
                    SqlState::GENERAL_ERROR,
                    format!("Cannot start threads: {error}."),
                )
            })?;
            let new = Connection::new(parent, environment);
            let token = CONNECTIONS
                .insert(new)
                .ok_or_else(Error::too_many_handles)?;
            environment.add_connection(token);
            give(token)
        }),
        abi::SQL_HANDLE_STMT => call::connection("SQLAllocHandle", parent).run(|connection, _| {
            let Some(parent) = parent_token else {
                return Err(Error::too_many_handles());
            };
            let new = connection.new_statement(parent)?;
            let token = STATEMENTS.insert(new).ok_or_else(Error::too_many_handles)?;
            connection.children().add_statement(token);
            if let Some(statement) = STATEMENTS.lock(token) {
                for own in statement.own_descriptors() {
                    if let Some(mut own) = DESCRIPTORS.lock(own) {
                        own.origin = Origin::Statement(Some(token));
                    }
                }
            }
            give(token)
        }),
        abi::SQL_HANDLE_DESC => call::connection("SQLAllocHandle", parent).run(|connection, _| {
            connection.session()?;
            let Some(parent) = parent_token else {
                return Err(Error::too_many_handles());
            };
            let origin = Origin::Connection(parent);
            let described = Described::allocate(
                Role::Application,
                origin,
                connection.wide(),
                connection.data_source(),
            )
            .ok_or_else(Error::too_many_handles)?;
            connection.children().add_descriptor(described.token);
            give(described.token)
        }),
        _ => SQL_ERROR,
    }
}

pub unsafe fn free_handle(kind: i16, handle: *mut c_void) -> SqlReturn {
    match kind {
        abi::SQL_HANDLE_ENV => {
            let checked = call::environment("SQLFreeHandle", handle).run(|environment, _| {
                if environment.has_connections() {
                    return Err(out_of_sequence(
                        "The environment still has connections; free them first.",
                    ));
                }
                Ok(Outcome::Done)
            });
            if checked != SQL_SUCCESS {
                return checked;
            }
            guarded(|| removed(Token::from_ptr(handle).and_then(|it| ENVIRONMENTS.remove(it))))
        }
        abi::SQL_HANDLE_DBC => {
            let checked = call::connection("SQLFreeHandle", handle).run(|connection, _| {
                if connection.is_connected() || connection.is_browsing() {
                    return Err(out_of_sequence(
                        "The connection is open; disconnect it first.",
                    ));
                }
                Ok(Outcome::Done)
            });
            if checked != SQL_SUCCESS {
                return checked;
            }
            guarded(|| {
                let Some(token) = Token::from_ptr(handle) else {
                    return SQL_INVALID_HANDLE;
                };
                let Some(gone) = CONNECTIONS.remove(token) else {
                    return SQL_INVALID_HANDLE;
                };
                if let Some(mut environment) = ENVIRONMENTS.lock(gone.environment()) {
                    environment.remove_connection(token);
                }
                SQL_SUCCESS
            })
        }
        abi::SQL_HANDLE_STMT => free_statement(handle),
        abi::SQL_HANDLE_DESC => {
            let mut parent = None;
            let checked = call::descriptor("SQLFreeHandle", handle).run(|descriptor, _| {
                match descriptor.origin {
                    Origin::Connection(connection) => parent = Some(connection),
                    Origin::Statement(_) => {
                        return Err(Error::new(
                            SqlState::INVALID_USE_OF_IMPLICIT_DESCRIPTOR,
                            "An implicitly allocated descriptor is freed with its statement.",
                        ));
                    }
                }
                Ok(Outcome::Done)
            });
            if checked != SQL_SUCCESS {
                return checked;
            }
            guarded(|| free_descriptor(handle, parent))
        }
        _ => SQL_INVALID_HANDLE,
    }
}

/// SQLFreeHandle of a statement, and SQLFreeStmt(SQL_DROP).
pub fn free_statement(handle: *mut c_void) -> SqlReturn {
    guarded(|| {
        let Some(token) = Token::from_ptr(handle) else {
            return SQL_INVALID_HANDLE;
        };
        // A statement that executes is freed all the same, and its call ends.
        if let Some(mut statement) = STATEMENTS.try_lock(token)
            && let Err(error) = statement.check_needs_no_data()
        {
            statement.diagnostics.clear();
            statement.diagnostics.push(error.into());
            return SQL_ERROR;
        }
        loop {
            if let Some(gone) = STATEMENTS.remove(token) {
                gone.children().remove_statement(token);
                return SQL_SUCCESS;
            }
            // Nobody here can end what the parent of this process began.
            if operation::is_inherited(token) && STATEMENTS.abandon(token) {
                return SQL_SUCCESS;
            }
            let answered = operation::answer::<Statement>(token, "SQLFreeHandle", handle);
            if let Some(answered) = answered {
                return answered.code;
            }
        }
    })
}

/// Frees an explicit descriptor; statements that used it go back to their own.
fn free_descriptor(handle: *mut c_void, parent: Option<Token>) -> SqlReturn {
    let Some(token) = Token::from_ptr(handle) else {
        return SQL_INVALID_HANDLE;
    };
    let children = parent.and_then(|parent| Some(Arc::clone(CONNECTIONS.lock(parent)?.children())));
    let is_detached = |children: &Arc<Children>| {
        operation::is_any(|it| children.has_statement(it) && STATEMENTS.is_detached(it))
    };
    if children.as_ref().is_some_and(is_detached) {
        return call::descriptor("SQLFreeHandle", handle).run(|_, _| {
            Err(out_of_sequence(
                "A statement that may use the descriptor is still executing.",
            ))
        });
    }
    let Some(gone) = DESCRIPTORS.remove(token) else {
        return SQL_INVALID_HANDLE;
    };
    let Some(children) = children else {
        return SQL_SUCCESS;
    };
    children.remove_descriptor(token);
    // Most are used by no statement, and then none has to be looked at.
    if Arc::strong_count(&gone.descriptor) == 1 {
        return SQL_SUCCESS;
    }
    for statement in children.statements() {
        if let Some(mut statement) = STATEMENTS.lock(statement) {
            let [ard, apd, ..] = statement.descriptors();
            let uses_ard = Arc::ptr_eq(&ard.descriptor, &gone.descriptor);
            let uses_apd = Arc::ptr_eq(&apd.descriptor, &gone.descriptor);
            if uses_ard {
                statement.set_ard(None);
            }
            if uses_apd {
                statement.set_apd(None);
            }
        }
    }
    SQL_SUCCESS
}

pub unsafe fn set_attribute(
    environment: *mut c_void,
    attribute: i32,
    value: *mut c_void,
    _length: i32,
) -> SqlReturn {
    call::environment("SQLSetEnvAttr", environment).run(|environment, _| {
        environment.set_attribute(attribute, value.addr())?;
        Ok(Outcome::Done)
    })
}

pub unsafe fn get_attribute(
    environment: *mut c_void,
    attribute: i32,
    value: *mut c_void,
    _capacity: i32,
    length: *mut i32,
) -> SqlReturn {
    call::environment("SQLGetEnvAttr", environment).run(|environment, _| {
        let found = environment.attribute(attribute)?;
        // SAFETY: the application promised room for a 32-bit integer.
        unsafe { text::put(value.cast(), found) };
        // SAFETY: the application promised room for a length.
        unsafe { text::put(length, 4) };
        Ok(Outcome::Done)
    })
}

fn removed<T>(object: Option<T>) -> SqlReturn {
    object.map_or(SQL_INVALID_HANDLE, |_| SQL_SUCCESS)
}

fn out_of_sequence(message: &str) -> Error {
    Error::new(SqlState::FUNCTION_SEQUENCE, message)
}
