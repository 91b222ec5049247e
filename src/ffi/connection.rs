//! Behind the exports: connections.

use std::ffi::c_void;

use trino_client::session::Completion;

use super::output::{Name, Place};
use super::text::{self, Unit};
use super::{FUNCTIONS, call, guard, sign_in};
use crate::abi::{self, SQL_INVALID_HANDLE, SqlReturn, WideUnit};
use crate::config::{self, ConnectionString, Secret};
use crate::connection::{self, Attempt, Browse, Connection, Prompting, Reply, end_transactions};
use crate::diagnostics::{Error, SqlState};
use crate::handle::{Token, Waiting};
use crate::setup::Window;
use crate::statement::Outcome;
use crate::{info, platform};

pub unsafe fn connect<U: Unit>(
    connection: *mut c_void,
    source: *const U,
    source_length: i16,
    user: *const U,
    user_length: i16,
    password: *const U,
    password_length: i16,
) -> SqlReturn {
    let handle = Token::from_ptr(connection);
    call::connection("SQLConnect", connection)
        .detach_if_followed(|_| true)
        .read(|connection| {
            connection.check_closed()?;
            let wide = connection.wide();
            // SAFETY: the application's strings, in each line.
            let (source, user, password) = unsafe {
                (
                    text::read_or_empty(source, source_length.into(), wide)?,
                    text::read(user, user_length.into(), wide)?,
                    text::read(password, password_length.into(), wide)?,
                )
            };
            let (user, password) = (user.as_deref(), password.as_deref());
            let data_sources = &platform::InstalledDataSources;
            let settings = config::from_data_source(&source, user, password, data_sources)?;
            Ok((source, settings))
        })
        .run(move |connection, (source, settings), waiting| {
            let attempt = attempt(connection, handle, waiting)?;
            connection.open(&source, settings, attempt)?;
            Ok(Outcome::Done)
        })
}

pub unsafe fn driver_connect<U: Unit>(
    connection: *mut c_void,
    window: *mut c_void,
    text: *const U,
    length: i16,
    out: *mut U,
    capacity: i16,
    out_length: *mut i16,
    completion: u16,
) -> SqlReturn {
    let handle = Token::from_ptr(connection);
    let out = Name {
        text: out,
        capacity,
        length: out_length,
    };
    call::connection("SQLDriverConnect", connection)
        .detach_if_followed(|_| true)
        .read(|connection| {
            connection.check_closed()?;
            out.check()?;
            // SAFETY: the application's string.
            let (given, wide) = unsafe { connection_string(connection, text, length) }?;
            let prompting = Prompting::new(completion, Window::from_ptr(window))?;
            let parsed = config::parse(&given, &platform::InstalledDataSources);
            prompting.check(&parsed)?;
            connection.reply = None;
            Ok((given, wide, parsed, prompting))
        })
        .write(|connection, _| {
            let wide = connection.reply.as_ref().map(|reply| reply.wide);
            let out = wide.map_or(out, |wide| within_iodbc(out, wide));
            // SAFETY: the application's buffer.
            unsafe { put_reply(connection, out) };
            Ok(())
        })
        .run(
            move |connection, (given, wide, parsed, prompting), waiting| {
                let attempt = attempt(connection, handle, waiting)?;
                let Some(completed) = connection.complete(given, parsed, prompting, attempt)?
                else {
                    return Ok(Outcome::NoData);
                };
                connection.reply = Some(Reply {
                    what: COMPLETED,
                    text: Secret::new(completed),
                    wide,
                });
                Ok(Outcome::Done)
            },
        )
}

/// How the connection of `handle` is opened by a call that waits like `waiting`.
fn attempt(
    connection: &Connection,
    handle: Option<Token>,
    waiting: &Waiting<'_>,
) -> Result<Attempt, Error> {
    Ok(Attempt {
        connection: handle.ok_or_else(guard::internal)?,
        sign_in: sign_in::callback(connection.sign_in()),
        cancel: waiting.token(),
    })
}

/// The usable part of the buffer. When the application passes none, iODBC 3.52.5 to 3.52.16 passes its own buffer, with
/// its size in bytes instead of characters.
fn within_iodbc<U: Unit>(out: Name<U, i16>, wide: WideUnit) -> Name<U, i16> {
    const CHARACTERS: i16 = 2048;
    const SAID: i16 = CHARACTERS * 4;
    let is_iodbcs = U::IS_WIDE && wide == WideUnit::Utf32 && out.capacity == SAID;
    Name {
        capacity: if is_iodbcs { CHARACTERS } else { out.capacity },
        ..out
    }
}

/// Writes the output of connecting; leaves 01004 when it was cut.
///
/// # Safety
/// The pointers are null or as large as the application said.
unsafe fn put_reply<U: Unit>(connection: &mut Connection, out: Name<U, i16>) {
    if let Some(reply) = connection.reply.take() {
        let area = &mut connection.diagnostics;
        // SAFETY: the caller's promise.
        unsafe { out.put(reply.text.reveal(), reply.what, reply.wide, area) };
    }
}

/// A connection string of the application, and the width of its characters, which it may be the first to show.
///
/// # Safety
///
/// As for [`text::read_or_empty`].
unsafe fn connection_string<U: Unit>(
    connection: &mut Connection,
    text: *const U,
    length: i16,
) -> Result<(ConnectionString, WideUnit), Error> {
    // SAFETY: as the caller promised.
    let width = || unsafe { text::width(text.cast(), length.into()) };
    let wide = match U::IS_WIDE {
        true => connection.guess_wide(width),
        false => connection.wide(),
    };
    // SAFETY: as the caller promised.
    let text = unsafe { text::read_or_empty(text, length.into(), wide) }?;
    Ok((ConnectionString::parse(&text)?, wide))
}

pub unsafe fn browse_connect<U: Unit>(
    connection: *mut c_void,
    text: *const U,
    length: i16,
    out: *mut U,
    capacity: i16,
    out_length: *mut i16,
) -> SqlReturn {
    let handle = Token::from_ptr(connection);
    let out = Name {
        text: out,
        capacity,
        length: out_length,
    };
    call::connection("SQLBrowseConnect", connection)
        .detach_if_followed(|_| true)
        .read(|connection| {
            out.check()?;
            // SAFETY: the application's string.
            let read = unsafe { connection_string(connection, text, length) }?;
            connection.check_not_connected()?;
            connection.reply = None;
            Ok(read)
        })
        .write(|connection, _| {
            // SAFETY: the application's buffer.
            unsafe { put_reply(connection, out) };
            Ok(())
        })
        .run(move |connection, (given, wide), waiting| {
            let attempt = attempt(connection, handle, waiting)?;
            let (outcome, what, text) = match connection.browse(given, attempt)? {
                Browse::Needs(request) => (Outcome::NeedData, "The request", request),
                Browse::Open(completed) => (Outcome::Done, COMPLETED, completed),
            };
            let text = Secret::new(text);
            connection.reply = Some(Reply { what, text, wide });
            Ok(outcome)
        })
}

pub unsafe fn disconnect(connection: *mut c_void) -> SqlReturn {
    call::connection("SQLDisconnect", connection)
        .detach_if_followed(|_| true)
        .run(|connection, (), _| {
            connection.disconnect()?;
            Ok(Outcome::Done)
        })
}

pub unsafe fn set_attribute<U: Unit>(
    connection: *mut c_void,
    attribute: i32,
    value: *mut c_void,
    length: i32,
) -> SqlReturn {
    call::connection("SQLSetConnectAttr", connection).run(|connection, waiting| {
        if connection::is_text(attribute) {
            // SAFETY: the application's string.
            let text = unsafe {
                text::read_bytes(
                    value.cast_const().cast::<U>(),
                    length as isize,
                    connection.wide(),
                )
            }?;
            connection.set_text_attribute(attribute, text.unwrap_or_default())?;
        } else {
            connection.set_attribute(attribute, value.expose_provenance(), waiting.token())?;
        }
        Ok(Outcome::Done)
    })
}

pub unsafe fn get_attribute<U: Unit>(
    connection: *mut c_void,
    attribute: i32,
    value: *mut c_void,
    capacity: i32,
    length: *mut i32,
) -> SqlReturn {
    call::connection("SQLGetConnectAttr", connection).run(|connection, _| {
        let place = Place {
            value,
            capacity,
            length,
            encoding: U::encoding(connection.wide()),
        };
        connection.check_readable(attribute)?;
        if connection::is_text(attribute) {
            let text = connection.text_attribute(attribute)?;
            // SAFETY: the application's buffer.
            unsafe { place.text(&text, &mut connection.diagnostics) };
            return Ok(Outcome::Done);
        }
        let found = connection.attribute(attribute)?;
        // SAFETY: the application's place for a value.
        unsafe {
            match connection::is_wide(attribute) {
                true => place.fixed(found),
                false => place.fixed(found as u32),
            }
        }
        Ok(Outcome::Done)
    })
}

pub unsafe fn end_transaction(kind: i16, handle: *mut c_void, completion: i16) -> SqlReturn {
    let completion = match completion {
        abi::SQL_COMMIT => Ok(Completion::Commit),
        abi::SQL_ROLLBACK => Ok(Completion::Rollback),
        _ => Err(Error::new(
            SqlState::INVALID_TRANSACTION_OPERATION,
            "Invalid completion type; expected SQL_COMMIT or SQL_ROLLBACK.",
        )),
    };
    match kind {
        abi::SQL_HANDLE_ENV => call::environment("SQLEndTran", handle).run(|environment, _| {
            end_transactions(environment, completion?)?;
            Ok(Outcome::Done)
        }),
        abi::SQL_HANDLE_DBC => call::connection("SQLEndTran", handle)
            .detach_if_followed(|_| true)
            .read(|connection| {
                connection.session()?;
                connection.check_idle()?;
                completion
            })
            .run(|connection, completion, waiting| {
                connection.end_transaction(completion, waiting.token())?;
                Ok(Outcome::Done)
            }),
        _ => SQL_INVALID_HANDLE,
    }
}

pub unsafe fn get_info<U: Unit>(
    connection: *mut c_void,
    info_type: u16,
    value: *mut c_void,
    capacity: i16,
    length: *mut i16,
) -> SqlReturn {
    call::connection("SQLGetInfo", connection).run(|connection, waiting| {
        let place = Place {
            value,
            capacity,
            length,
            encoding: U::encoding(connection.wide()),
        };
        let found = connection.info(info_type, &waiting.token())?;
        // SAFETY: the application's buffer.
        unsafe {
            match found {
                info::Value::Text(found) => place.text(&found, &mut connection.diagnostics),
                info::Value::U16(found) => place.fixed(found),
                info::Value::U32(found) => place.fixed(found),
            }
        }
        Ok(Outcome::Done)
    })
}

pub unsafe fn get_functions(
    connection: *mut c_void,
    function: u16,
    supported: *mut u16,
) -> SqlReturn {
    call::connection("SQLGetFunctions", connection).run(|connection, _| {
        if !connection.is_connected() {
            return Err(Error::new(
                SqlState::FUNCTION_SEQUENCE,
                "SQLGetFunctions needs an open connection.",
            ));
        }
        match function {
            abi::SQL_API_ODBC3_ALL_FUNCTIONS => {
                for (index, word) in info::bitmap(FUNCTIONS).iter().enumerate() {
                    // SAFETY: the application promised SQL_API_ODBC3_ALL_FUNCTIONS_SIZE (250) words.
                    unsafe { text::put(supported.wrapping_add(index), *word) };
                }
            }
            abi::SQL_API_ALL_FUNCTIONS => {
                for function in 0..100 {
                    let exported = u16::from(FUNCTIONS.contains(&function));
                    // SAFETY: the application promised 100 words.
                    unsafe { text::put(supported.wrapping_add(function.into()), exported) };
                }
            }
            _ => {
                // SAFETY: the application promised one word.
                unsafe { text::put(supported, u16::from(FUNCTIONS.contains(&function))) };
            }
        }
        Ok(Outcome::Done)
    })
}

pub unsafe fn native_sql<U: Unit>(
    connection: *mut c_void,
    text: *const U,
    length: i32,
    out: *mut U,
    capacity: i32,
    out_length: *mut i32,
) -> SqlReturn {
    call::connection("SQLNativeSql", connection).run(|connection, _| {
        let out = Name {
            text: out,
            capacity,
            length: out_length,
        };
        out.check()?;
        let wide = connection.wide();
        // SAFETY: the application's string.
        let sql = unsafe { text::read_required(text, length as isize, wide, STATEMENT) }?;
        let native = connection.native_sql(&sql)?;
        // SAFETY: the application's buffer.
        unsafe { out.put(&native, "The statement", wide, &mut connection.diagnostics) };
        Ok(Outcome::Done)
    })
}

const STATEMENT: &str = "The statement's text";
const COMPLETED: &str = "The completed connection string";
