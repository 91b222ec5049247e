//! Behind the exports: connections.

use std::ffi::c_void;

use tokio_util::sync::CancellationToken;
use tracing::{Span, error_span};

use super::output::{Name, Place};
use super::text::{self, Unit};
use super::{FUNCTIONS, entry, sign_in};
use crate::abi::{self, SQL_INVALID_HANDLE, SqlReturn, WideUnit};
use crate::config::{self, Authentication, ConnectionString, Refusal, Secret, Settings};
use crate::connection::{self, CONNECTIONS, Connection, Reply};
use crate::diagnostics::{Error, SqlState};
use crate::runtime::Wait;
use crate::session::Completion;
use crate::statement::Outcome;
use crate::{info, log, platform};

pub unsafe fn connect<U: Unit>(
    connection: *mut c_void,
    source: *const U,
    source_length: i16,
    user: *const U,
    user_length: i16,
    password: *const U,
    password_length: i16,
) -> SqlReturn {
    let handle = connection.addr();
    let read = |connection: &mut Connection| {
        connection.check_closed()?;
        let wide = connection.wide();
        // SAFETY: the application's strings.
        let source = unsafe { text::read_or_empty(source, source_length.into(), wide) }?;
        // SAFETY: the application's strings.
        let user = unsafe { text::read(user, user_length.into(), wide) }?;
        // SAFETY: the application's strings.
        let password = unsafe { text::read(password, password_length.into(), wide) }?;
        let (settings, warnings) = config::from_data_source(
            &source,
            user.as_deref(),
            password.as_deref(),
            &platform::InstalledDataSources,
        )?;
        Ok((source, settings, warnings))
    };
    entry::waiting_connection(
        "SQLConnect",
        connection,
        read,
        move |connection, (source, settings, warnings), cancel| {
            open(connection, handle, settings, warnings, &source, cancel)
        },
        |_| {},
    )
}

pub unsafe fn driver_connect<U: Unit>(
    connection: *mut c_void,
    _window: *mut c_void,
    text: *const U,
    length: i16,
    out: *mut U,
    capacity: i16,
    out_length: *mut i16,
    _completion: u16,
) -> SqlReturn {
    let handle = connection.addr();
    let out = Name {
        text: out,
        capacity,
        length: out_length,
    };
    let read = |connection: &mut Connection| {
        connection.check_closed()?;
        out.check()?;
        // SAFETY: the application's string.
        let (given, wide) = unsafe { connection_string(connection, text, length) }?;
        let (settings, warnings) = config::parse(&given, &platform::InstalledDataSources)?;
        connection.reply = None;
        Ok((given, wide, settings, warnings))
    };
    entry::waiting_connection(
        "SQLDriverConnect",
        connection,
        read,
        move |connection, (given, wide, settings, warnings), cancel| {
            let source = source_of(&given);
            let outcome = open(connection, handle, settings, warnings, source, cancel)?;
            connection.reply = Some(completed(&given, wide));
            Ok(outcome)
        },
        |connection| {
            let wide = connection.reply.as_ref().map(|reply| reply.wide);
            let out = wide.map_or(out, |wide| within_iodbc(out, wide));
            // SAFETY: the application's buffer.
            unsafe { put_reply(connection, out) }
        },
    )
}

/// The buffer as far as there is one. To an application that gives none, iODBC 3.52.5 to 3.52.16 gives one of its own,
/// and says its bytes for its characters.
fn within_iodbc<U: Unit>(out: Name<U, i16>, wide: WideUnit) -> Name<U, i16> {
    const CHARACTERS: i16 = 2048;
    const SAID: i16 = CHARACTERS * 4;
    let is_its_own = U::IS_WIDE && wide == WideUnit::Utf32 && out.capacity == SAID;
    Name {
        capacity: if is_its_own { CHARACTERS } else { out.capacity },
        ..out
    }
}

fn completed(given: &ConnectionString, wide: WideUnit) -> Reply {
    Reply {
        what: "The completed connection string",
        text: Secret::new(given.completed()),
        wide,
    }
}

/// Writes what connecting came to, wherever it was done; leaves 01004 when it was cut.
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
        true => connection.suppose_wide(width),
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
    let handle = connection.addr();
    let out = Name {
        text: out,
        capacity,
        length: out_length,
    };
    let read = |connection: &mut Connection| {
        out.check()?;
        // SAFETY: the application's string.
        let (given, wide) = unsafe { connection_string(connection, text, length) }?;
        connection.reply = None;
        Ok((connection.browse(given)?, wide))
    };
    let work = move |connection: &mut Connection, (given, wide): (ConnectionString, _), cancel| {
        match config::parse(&given, &platform::InstalledDataSources) {
            Err(Refusal {
                error: config::Error::Missing { keyword, .. },
                ..
            }) => {
                connection.reply = Some(Reply {
                    what: "The request",
                    text: Secret::new(config::browse_request(&given, keyword)),
                    wide,
                });
                connection.browse_further(given);
                Ok(Outcome::NeedData)
            }
            Err(refusal) => Err(refusal.into()),
            Ok((settings, warnings)) => {
                let source = source_of(&given);
                let outcome = open(connection, handle, settings, warnings, source, cancel)?;
                connection.reply = Some(completed(&given, wide));
                Ok(outcome)
            }
        }
    };
    // SAFETY: the application's buffer.
    let tell = |connection: &mut Connection| unsafe { put_reply(connection, out) };
    entry::waiting_connection("SQLBrowseConnect", connection, read, work, tell)
}

fn source_of(given: &ConnectionString) -> &str {
    given.data_source().unwrap_or_default()
}

fn open(
    connection: &mut Connection,
    handle: usize,
    mut settings: Settings,
    warnings: Vec<config::Warning>,
    source: &str,
    cancel: CancellationToken,
) -> Result<Outcome, Error> {
    let notice = match log::start(&settings.log) {
        Ok(overridden) => overridden.map(|overridden| overridden.to_string()),
        Err(error) => Some(error.to_string()),
    };
    if let Some(notice) = notice {
        connection
            .diagnostics
            .warn(SqlState::GENERAL_WARNING, notice);
    }
    // The call began before the log that it asks for.
    let _connecting = Span::current().is_none().then(|| {
        let handle = std::ptr::without_provenance::<c_void>(handle);
        error_span!("connecting", connection = ?handle).entered()
    });
    let connection::SignIn { callback, context } = connection.sign_in();
    if let Authentication::OAuth2(oauth2) = &mut settings.client.authentication
        && let Some(callback) = sign_in::callback(callback, context)
    {
        oauth2.show = config::Show {
            callback: Some(callback),
            ..config::Show::default()
        };
    }
    connection
        .connect(settings, source, cancel)
        .map_err(|error| error.followed_by(&config::unknown_keywords(&warnings)))?;
    for warning in warnings {
        connection.diagnostics.push(warning.into());
    }
    Ok(Outcome::Done)
}

pub unsafe fn disconnect(connection: *mut c_void) -> SqlReturn {
    entry::waiting_connection(
        "SQLDisconnect",
        connection,
        |_| Ok(()),
        |connection, (), _| {
            connection.disconnect()?;
            Ok(Outcome::Done)
        },
        |_| {},
    )
}

pub unsafe fn set_attribute<U: Unit>(
    connection: *mut c_void,
    attribute: i32,
    value: *mut c_void,
    length: i32,
) -> SqlReturn {
    entry::connection("SQLSetConnectAttr", connection, |connection, cancel| {
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
            connection.set_attribute(attribute, value.expose_provenance(), cancel)?;
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
    entry::connection("SQLGetConnectAttr", connection, |connection, _| {
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
    let asked = match completion {
        abi::SQL_COMMIT => Ok(Completion::Commit),
        abi::SQL_ROLLBACK => Ok(Completion::Rollback),
        _ => Err(Error::new(
            SqlState::INVALID_TRANSACTION_OPERATION,
            "A transaction is either committed or rolled back.",
        )),
    };
    match kind {
        abi::SQL_HANDLE_ENV => entry::environment("SQLEndTran", handle, |environment| {
            let completion = asked?;
            let each = |act: &dyn Fn(&mut Connection) -> Result<(), Error>| {
                let mut failed = Ok(());
                for token in environment.connections() {
                    let done = match CONNECTIONS.lock(*token) {
                        Some(connection) if !connection.is_connected() => Ok(()),
                        Some(mut connection) => act(&mut connection),
                        None => Err(Error::new(
                            SqlState::FUNCTION_SEQUENCE,
                            "A function of a connection is still executing.",
                        )),
                    };
                    failed = failed.and(done);
                }
                failed
            };
            // All or none, as far as can be known before.
            each(&|connection| connection.check_idle())?;
            // One that fails keeps none of the others open.
            each(&|connection| connection.end_transaction(completion, CancellationToken::new()))?;
            Ok(Outcome::Done)
        }),
        abi::SQL_HANDLE_DBC => entry::waiting_connection(
            "SQLEndTran",
            handle,
            |connection| {
                connection.session()?;
                connection.check_idle()?;
                asked
            },
            |connection, completion, cancel| {
                connection.end_transaction(completion, cancel)?;
                Ok(Outcome::Done)
            },
            |_| {},
        ),
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
    entry::connection("SQLGetInfo", connection, |connection, cancel| {
        let place = Place {
            value,
            capacity,
            length,
            encoding: U::encoding(connection.wide()),
        };
        if connection.is_browsing() || !info::is_known_before_connecting(info_type) {
            connection.session()?;
        }
        let found = {
            let session = connection.session().ok();
            let wait = || Wait {
                deadline: Some(std::time::Instant::now() + INFO_LIMIT),
                cancel: cancel.clone(),
            };
            info::lookup(
                info_type,
                &info::Facts {
                    data_source: connection.data_source(),
                    server: session
                        .map(|session| session.endpoint())
                        .unwrap_or_default(),
                    user: session
                        .and_then(|session| session.user())
                        .unwrap_or_default(),
                    catalog: connection.catalog(),
                    read_only: connection.is_read_only(),
                    transactions: connection.offers_transactions(),
                    version: &|| session?.server_version(&wait()).ok(),
                    release: &|| session?.server_release(&wait()),
                },
            )
        };
        let found = found.ok_or_else(|| {
            Error::new(
                SqlState::INVALID_INFORMATION_TYPE,
                format!("There is no information of type {info_type}."),
            )
        })?;
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
    entry::connection("SQLGetFunctions", connection, |connection, _| {
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
    entry::connection("SQLNativeSql", connection, |connection, _| {
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

/// SQLGetInfo may ask the server for its version; it does not wait longer than this.
const INFO_LIMIT: std::time::Duration = std::time::Duration::from_secs(10);
