//! SQLSetConnectAttr and SQLGetConnectAttr: one table of the attributes, and what each of them does.
//!
//! <https://learn.microsoft.com/sql/odbc/reference/syntax/sqlsetconnectattr-function>

use tokio_util::sync::CancellationToken;
use trino_client::session::{Completion, Session, Transactions};

use super::{Connection, in_use, not_open};
use crate::abi::{self, WideUnit};
use crate::descriptor::DESCRIPTORS;
use crate::diagnostics::{Error, SqlState};
use crate::statement::Attributes;

/// An attribute of connections: its number, its value, when it can be set, and when it can be read.
struct Attribute(i32, Kind, Set, Get);

/// What kind of value an attribute has.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// An SQLUINTEGER.
    Number,
    /// As wide as an address: an SQLULEN, or an address itself.
    Wide,
    Text,
}

/// When an attribute can be set.
#[derive(Clone, Copy)]
enum Set {
    Either,
    Before,
    After,
    Never,
    /// HYC00.
    Unsupported,
}

/// When an attribute can be read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Get {
    Always,
    /// While the connection is open, or once the attribute was set.
    Open,
    Never,
    /// HYC00.
    Unsupported,
}

/// Attributes of connections. Those of statements can be set on a connection too, for its later statements.
const ATTRIBUTES: &[Attribute] = &[
    Attribute(abi::SQL_ATTR_ACCESS_MODE, Number, Either, Always),
    Attribute(abi::SQL_ATTR_ANSI_APP, Number, Either, Get::Never),
    Attribute(abi::SQL_ATTR_APP_WCHAR_TYPE, Number, Either, Get::Never),
    Attribute(
        abi::SQL_ATTR_ASYNC_DBC_FUNCTIONS_ENABLE,
        Number,
        Either,
        Open,
    ),
    Attribute(abi::SQL_ATTR_ASYNC_DBC_PCALLBACK, Wide, Either, Open),
    Attribute(abi::SQL_ATTR_ASYNC_DBC_PCONTEXT, Wide, Either, Open),
    Attribute(abi::SQL_ATTR_AUTOCOMMIT, Number, Either, Always),
    Attribute(abi::SQL_ATTR_AUTO_IPD, Number, Set::Never, Open),
    Attribute(abi::SQL_ATTR_CONNECTION_DEAD, Number, Set::Never, Open),
    Attribute(abi::SQL_ATTR_CONNECTION_TIMEOUT, Number, Either, Open),
    Attribute(abi::SQL_ATTR_CURRENT_CATALOG, Text, Either, Open),
    Attribute(
        abi::SQL_ATTR_DISCONNECT_BEHAVIOR,
        Number,
        Either,
        Get::Never,
    ),
    Attribute(
        abi::SQL_ATTR_ENLIST_IN_DTC,
        Wide,
        Set::Unsupported,
        Get::Unsupported,
    ),
    Attribute(abi::SQL_ATTR_LOGIN_TIMEOUT, Number, Either, Always),
    // Of a statement it is an SQLULEN.
    Attribute(abi::SQL_ATTR_METADATA_ID, Number, Either, Open),
    Attribute(abi::SQL_ATTR_ODBC_CURSORS, Wide, Before, Always),
    Attribute(abi::SQL_ATTR_PACKET_SIZE, Number, Before, Open),
    Attribute(abi::SQL_ATTR_QUIET_MODE, Wide, Either, Open),
    Attribute(abi::SQL_ATTR_RESET_CONNECTION, Number, Either, Get::Never),
    Attribute(abi::SQL_ATTR_TRACE, Number, Either, Always),
    Attribute(
        abi::SQL_ATTR_TRACEFILE,
        Text,
        Set::Unsupported,
        Get::Unsupported,
    ),
    Attribute(abi::SQL_ATTR_TRANSLATE_LIB, Wide, After, Get::Unsupported),
    Attribute(
        abi::SQL_ATTR_TRANSLATE_OPTION,
        Number,
        After,
        Get::Unsupported,
    ),
    Attribute(abi::SQL_ATTR_TRINO_ROUTING_GROUP, Text, Either, Open),
    Attribute(abi::SQL_ATTR_TRINO_SIGN_IN_CALLBACK, Wide, Before, Open),
    Attribute(abi::SQL_ATTR_TRINO_SIGN_IN_CONTEXT, Wide, Before, Open),
    Attribute(abi::SQL_ATTR_TXN_ISOLATION, Number, Either, Open),
];

use Get::{Always, Open};
use Kind::{Number, Text, Wide};
use Set::{After, Before, Either};

fn find(attribute: i32) -> Option<&'static Attribute> {
    ATTRIBUTES.iter().find(|row| row.0 == attribute)
}

/// Whether an attribute's value is as wide as an address: an SQLULEN, or an address itself. Any other is an SQLUINTEGER.
pub fn is_wide(attribute: i32) -> bool {
    match find(attribute) {
        Some(row) => row.1 == Wide,
        None => Attributes::knows(attribute),
    }
}

/// Whether an attribute's value is text.
pub fn is_text(attribute: i32) -> bool {
    find(attribute).is_some_and(|row| row.1 == Text)
}

impl Connection {
    /// SQLSetConnectAttr for attributes of integer value.
    ///
    /// <https://learn.microsoft.com/sql/odbc/reference/syntax/sqlsetconnectattr-function>
    pub fn set_attribute(
        &mut self,
        attribute: i32,
        value: usize,
        cancel: CancellationToken,
    ) -> Result<(), Error> {
        self.check_settable(attribute)?;
        // What an application has in the other half of the argument is no part of the value.
        let value = match is_wide(attribute) {
            true => value,
            false => value as u32 as usize,
        };
        self.set(attribute, value, cancel)?;
        self.attributes_set.insert(attribute);
        Ok(())
    }

    fn check_settable(&self, attribute: i32) -> Result<(), Error> {
        self.check_not_browsing()?;
        self.check_idle()?;
        let Some(Attribute(_, _, set, _)) = find(attribute) else {
            // ODBC 2 applications set statement options on the connection, for all its statements.
            return match Attributes::knows(attribute) {
                true => Ok(()),
                false => Err(unknown(attribute)),
            };
        };
        match set {
            Before if self.is_connected() && attribute == abi::SQL_ATTR_ODBC_CURSORS => {
                Err(in_use())
            }
            Before if self.is_connected() => Err(Error::new(
                SqlState::ATTRIBUTE_CANNOT_BE_SET_NOW,
                format!("Connection attribute {attribute} must be set before connecting."),
            )),
            After if !self.is_connected() => Err(not_open()),
            Set::Never => Err(Error::new(
                SqlState::INVALID_ATTRIBUTE,
                format!("Connection attribute {attribute} is read-only."),
            )),
            Set::Unsupported => Err(not_supported(attribute)),
            Either | Before | After => Ok(()),
        }
    }

    /// SQL_ATTR_APP_WCHAR_TYPE, also for what is allocated already.
    fn set_wide(&mut self, wide: WideUnit, cancel: &CancellationToken) -> Result<(), Error> {
        for statement in &mut self.hold_statements(cancel)? {
            statement.set_wide(wide);
        }
        for descriptor in self.children.descriptors() {
            if let Some(mut descriptor) = DESCRIPTORS.lock(descriptor) {
                descriptor.wide = wide;
            }
        }
        self.wide = Some(wide);
        Ok(())
    }

    fn set(
        &mut self,
        attribute: i32,
        value: usize,
        cancel: CancellationToken,
    ) -> Result<(), Error> {
        match attribute {
            abi::SQL_ATTR_APP_WCHAR_TYPE => {
                let wide = match i32::try_from(value) {
                    Ok(abi::SQL_DM_CP_UTF16) => WideUnit::Utf16,
                    Ok(abi::SQL_DM_CP_UCS4) => WideUnit::Utf32,
                    _ => return Err(not_supported(attribute)),
                };
                self.set_wide(wide, &cancel)?;
            }
            abi::SQL_ATTR_AUTOCOMMIT => self.set_autocommit(value, cancel)?,
            abi::SQL_ATTR_RESET_CONNECTION if value == abi::SQL_RESET_CONNECTION_YES => {
                self.reset(cancel)?;
            }
            abi::SQL_ATTR_RESET_CONNECTION => {
                return Err(Error::new(
                    SqlState::INVALID_ATTRIBUTE_VALUE,
                    "Invalid value of SQL_ATTR_RESET_CONNECTION; expected 1.",
                ));
            }
            abi::SQL_ATTR_ACCESS_MODE => {
                self.access_mode = value;
                self.transactions.read_only = self.is_read_only();
                self.apply_transactions();
            }
            abi::SQL_ATTR_LOGIN_TIMEOUT => self.login_timeout = Some(value),
            abi::SQL_ATTR_CONNECTION_TIMEOUT => {
                self.connection_timeout = u32::try_from(value).unwrap_or(u32::MAX);
                if let Some(session) = &self.session {
                    session.limit_silence(self.connection_timeout);
                }
            }
            abi::SQL_ATTR_TRINO_SIGN_IN_CALLBACK => self.sign_in.callback = value,
            abi::SQL_ATTR_TRINO_SIGN_IN_CONTEXT => self.sign_in.context = value,
            // For the Driver Manager, or without meaning for HTTP.
            abi::SQL_ATTR_ODBC_CURSORS
            | abi::SQL_ATTR_TRACE
            | abi::SQL_ATTR_QUIET_MODE
            | abi::SQL_ATTR_ANSI_APP
            | abi::SQL_ATTR_DISCONNECT_BEHAVIOR
            | abi::SQL_ATTR_PACKET_SIZE => {}
            abi::SQL_ATTR_TXN_ISOLATION => self.set_isolation(value)?,
            abi::SQL_ATTR_ASYNC_ENABLE
                if value != abi::SQL_ASYNC_ENABLE_OFF && self.children.has_open_cursor() =>
            {
                return Err(Error::new(
                    SqlState::ATTRIBUTE_CANNOT_BE_SET_NOW,
                    "Statements cannot be made asynchronous while a cursor is open.",
                ));
            }
            abi::SQL_ATTR_ASYNC_DBC_FUNCTIONS_ENABLE => {
                self.asynchronous = match value {
                    abi::SQL_ASYNC_DBC_ENABLE_OFF => false,
                    abi::SQL_ASYNC_DBC_ENABLE_ON => true,
                    _ => {
                        return Err(Error::new(
                            SqlState::INVALID_ATTRIBUTE_VALUE,
                            "Invalid value of SQL_ATTR_ASYNC_DBC_FUNCTIONS_ENABLE; expected 0 or 1.",
                        ));
                    }
                };
            }
            abi::SQL_ATTR_ASYNC_DBC_PCALLBACK => self.notification.callback = value,
            abi::SQL_ATTR_ASYNC_DBC_PCONTEXT => self.notification.context = value,
            _ if Attributes::knows(attribute) => {
                self.statement_attributes
                    .set(attribute, value, &mut self.diagnostics)?;
            }
            _ => return Err(not_supported(attribute)),
        }
        Ok(())
    }

    /// SQL_ATTR_RESET_CONNECTION: restores the state after opening, for the next user of a pooled connection.
    fn reset(&mut self, cancel: CancellationToken) -> Result<(), Error> {
        for statement in &mut self.hold_statements(&cancel)? {
            statement.close();
        }
        self.asynchronous = false;
        self.access_mode = abi::SQL_MODE_READ_WRITE;
        self.connection_timeout = 0;
        self.statement_attributes = Attributes::default();
        self.attributes_set.clear();
        let rolled_back = match &self.session {
            Some(_) => self.end_transaction(Completion::Rollback, cancel),
            None => Ok(()),
        };
        self.transactions = Transactions::default();
        self.apply_transactions();
        if let Some(session) = &self.session {
            session.reset();
            session.limit_silence(0);
        }
        rolled_back
    }

    /// SQLSetConnectAttr for attributes of text.
    pub fn set_text_attribute(&mut self, attribute: i32, text: String) -> Result<(), Error> {
        self.check_settable(attribute)?;
        match attribute {
            abi::SQL_ATTR_CURRENT_CATALOG => self.set_catalog(text)?,
            abi::SQL_ATTR_TRINO_ROUTING_GROUP => self.set_routing_group(text)?,
            _ => return Err(unknown(attribute)),
        }
        self.attributes_set.insert(attribute);
        Ok(())
    }

    fn set_catalog(&mut self, catalog: String) -> Result<(), Error> {
        if self.children.has_open_cursor() {
            return Err(Error::new(
                SqlState::INVALID_CURSOR_STATE,
                "The catalog cannot be changed while a cursor is open.",
            ));
        }
        check_sendable("SQL_ATTR_CURRENT_CATALOG", &catalog)?;
        match &self.session {
            Some(session) => session.set_catalog(&catalog),
            None => self.catalog = Some(catalog),
        }
        Ok(())
    }

    fn set_routing_group(&mut self, group: String) -> Result<(), Error> {
        check_sendable("SQL_ATTR_TRINO_ROUTING_GROUP", &group)?;
        match &self.session {
            Some(session) => session.set_routing_group(&group)?,
            None => self.routing_group = Some(group),
        }
        Ok(())
    }

    /// Refuses to read an attribute that only an open connection has: 08003.
    pub fn check_readable(&self, attribute: i32) -> Result<(), Error> {
        self.check_not_browsing()?;
        let get = find(attribute).map(|row| row.3);
        let is_open = self.is_connected() || self.attributes_set.contains(&attribute);
        if get != Some(Always) && !is_open {
            return Err(not_open());
        }
        match get {
            Some(Get::Never) => Err(unknown(attribute)),
            Some(Get::Unsupported) => Err(not_supported(attribute)),
            _ => Ok(()),
        }
    }

    /// SQL_ATTR_CURRENT_CATALOG: empty when there is none.
    pub fn catalog(&self) -> String {
        match &self.session {
            Some(session) => session.catalog().unwrap_or_default(),
            None => self.catalog.clone().unwrap_or_default(),
        }
    }

    /// SQLGetConnectAttr for attributes of text.
    pub fn text_attribute(&self, attribute: i32) -> Result<String, Error> {
        Ok(match (attribute, &self.session) {
            (abi::SQL_ATTR_CURRENT_CATALOG, _) => self.catalog(),
            (abi::SQL_ATTR_TRINO_ROUTING_GROUP, Some(session)) => session.routing_group(),
            (abi::SQL_ATTR_TRINO_ROUTING_GROUP, None) => {
                self.routing_group.clone().unwrap_or_default()
            }
            _ => return Err(unknown(attribute)),
        })
    }

    /// SQLGetConnectAttr for attributes of integer value.
    ///
    /// <https://learn.microsoft.com/sql/odbc/reference/syntax/sqlgetconnectattr-function>
    pub fn attribute(&self, attribute: i32) -> Result<usize, Error> {
        Ok(match attribute {
            abi::SQL_ATTR_ACCESS_MODE => self.access_mode,
            abi::SQL_ATTR_AUTOCOMMIT if self.transactions.manual => abi::SQL_AUTOCOMMIT_OFF,
            abi::SQL_ATTR_AUTOCOMMIT => abi::SQL_AUTOCOMMIT_ON,
            abi::SQL_ATTR_LOGIN_TIMEOUT => self.login_timeout.unwrap_or_default(),
            abi::SQL_ATTR_CONNECTION_TIMEOUT => self.connection_timeout as usize,
            abi::SQL_ATTR_CONNECTION_DEAD => {
                let alive = self
                    .session
                    .as_ref()
                    .is_some_and(|session| session.is_alive());
                if alive {
                    abi::SQL_CD_FALSE
                } else {
                    abi::SQL_CD_TRUE
                }
            }
            abi::SQL_ATTR_AUTO_IPD => abi::SQL_FALSE as usize,
            abi::SQL_ATTR_ASYNC_DBC_FUNCTIONS_ENABLE => usize::from(self.asynchronous),
            abi::SQL_ATTR_ASYNC_DBC_PCALLBACK => self.notification.callback,
            abi::SQL_ATTR_ASYNC_DBC_PCONTEXT => self.notification.context,
            abi::SQL_ATTR_ODBC_CURSORS => abi::SQL_CUR_USE_DRIVER,
            abi::SQL_ATTR_TRACE => abi::SQL_OPT_TRACE_OFF,
            abi::SQL_ATTR_PACKET_SIZE | abi::SQL_ATTR_QUIET_MODE => 0,
            abi::SQL_ATTR_TRINO_SIGN_IN_CALLBACK => self.sign_in.callback,
            abi::SQL_ATTR_TRINO_SIGN_IN_CONTEXT => self.sign_in.context,
            abi::SQL_ATTR_TXN_ISOLATION => self.isolation(),
            _ if Attributes::knows(attribute) => self.statement_attributes.get(attribute)?,
            _ => return Err(unknown(attribute)),
        })
    }
}

/// Refuses text, the value of that attribute, that no header can carry.
fn check_sendable(attribute: &'static str, text: &str) -> Result<(), Error> {
    Session::check_name(attribute, text)
        .map_err(|error| Error::new(SqlState::INVALID_ATTRIBUTE_VALUE, error.to_string()))
}

fn not_supported(attribute: i32) -> Error {
    Error::new(
        SqlState::NOT_IMPLEMENTED,
        format!("Connection attribute {attribute} is not supported with this value."),
    )
}

fn unknown(attribute: i32) -> Error {
    Error::new(
        SqlState::INVALID_ATTRIBUTE,
        format!("Unknown connection attribute {attribute}."),
    )
}
