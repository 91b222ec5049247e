//! SQLSetConnectAttr and SQLGetConnectAttr: attributes of integer value, the current catalog and the routing group.
//!
//! <https://learn.microsoft.com/sql/odbc/reference/syntax/sqlsetconnectattr-function>

use tokio_util::sync::CancellationToken;

use super::{Connection, in_use, not_open};
use crate::abi::{self, WideUnit};
use crate::descriptor::DESCRIPTORS;
use crate::diagnostics::{Error, SqlState};
use crate::session::{Completion, Session, Transactions};
use crate::statement::Attributes;

/// Whether an attribute's value is as wide as an address: an SQLULEN, or an address itself. Any other is an SQLUINTEGER.
pub fn is_wide(attribute: i32) -> bool {
    match attribute {
        // Of a statement it is an SQLULEN.
        abi::SQL_ATTR_METADATA_ID => false,
        abi::SQL_ATTR_ODBC_CURSORS
        | abi::SQL_ATTR_QUIET_MODE
        | abi::SQL_ATTR_ENLIST_IN_DTC
        | abi::SQL_ATTR_TRANSLATE_LIB
        | abi::SQL_ATTR_ASYNC_DBC_PCALLBACK
        | abi::SQL_ATTR_ASYNC_DBC_PCONTEXT
        | abi::SQL_ATTR_TRINO_SIGN_IN_CALLBACK
        | abi::SQL_ATTR_TRINO_SIGN_IN_CONTEXT => true,
        // Attributes of statements, among them SQL_ATTR_ASYNC_ENABLE.
        _ => Attributes::knows(attribute),
    }
}

/// Whether an attribute's value is text.
pub fn is_text(attribute: i32) -> bool {
    matches!(
        attribute,
        abi::SQL_ATTR_CURRENT_CATALOG | abi::SQL_ATTR_TRINO_ROUTING_GROUP
    )
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
        self.check_not_browsing()?;
        self.check_idle()?;
        // What an application has in the other half of the argument is no part of the value.
        let value = match is_wide(attribute) {
            true => value,
            false => value as u32 as usize,
        };
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
            _ => self.set(attribute, value)?,
        }
        self.attributes_set.insert(attribute);
        Ok(())
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

    fn set(&mut self, attribute: i32, value: usize) -> Result<(), Error> {
        match attribute {
            abi::SQL_ATTR_ODBC_CURSORS if self.is_connected() => return Err(in_use()),
            abi::SQL_ATTR_PACKET_SIZE if self.is_connected() => {
                return Err(Error::new(
                    SqlState::ATTRIBUTE_CANNOT_BE_SET_NOW,
                    "The packet size can be set before connecting only.",
                ));
            }
            abi::SQL_ATTR_TRANSLATE_LIB | abi::SQL_ATTR_TRANSLATE_OPTION
                if !self.is_connected() =>
            {
                return Err(not_open());
            }
            abi::SQL_ATTR_ACCESS_MODE => {
                self.access_mode = value;
                self.transactions.read_only = self.is_read_only();
                self.tell_transactions();
            }
            abi::SQL_ATTR_LOGIN_TIMEOUT => self.login_timeout = Some(value),
            abi::SQL_ATTR_CONNECTION_TIMEOUT => {
                self.connection_timeout = u32::try_from(value).unwrap_or(u32::MAX);
                if let Some(session) = &self.session {
                    session.limit_silence(self.connection_timeout);
                }
            }
            abi::SQL_ATTR_RESET_CONNECTION => {
                return Err(Error::new(
                    SqlState::INVALID_ATTRIBUTE_VALUE,
                    "A connection is reset by the value 1.",
                ));
            }
            abi::SQL_ATTR_TRINO_SIGN_IN_CALLBACK | abi::SQL_ATTR_TRINO_SIGN_IN_CONTEXT
                if self.is_connected() =>
            {
                return Err(Error::new(
                    SqlState::ATTRIBUTE_CANNOT_BE_SET_NOW,
                    "How to sign in can be set before connecting only.",
                ));
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
                            "Asynchronous functions are either off (0) or on (1).",
                        ));
                    }
                };
            }
            abi::SQL_ATTR_ASYNC_DBC_PCALLBACK => self.notification.callback = value,
            abi::SQL_ATTR_ASYNC_DBC_PCONTEXT => self.notification.context = value,
            abi::SQL_ATTR_METADATA_ID => {
                return self
                    .statement_attributes
                    .set(attribute, value, &mut self.diagnostics);
            }
            abi::SQL_ATTR_ENLIST_IN_DTC
            | abi::SQL_ATTR_TRANSLATE_LIB
            | abi::SQL_ATTR_TRANSLATE_OPTION => return Err(not_supported(attribute)),
            abi::SQL_ATTR_CONNECTION_DEAD | abi::SQL_ATTR_AUTO_IPD => {
                return Err(Error::new(
                    SqlState::INVALID_ATTRIBUTE,
                    format!("Connection attribute {attribute} can only be read."),
                ));
            }
            // ODBC 2 applications set statement options on the connection, for all its statements.
            _ if Attributes::knows(attribute) => {
                return self
                    .statement_attributes
                    .set(attribute, value, &mut self.diagnostics);
            }
            _ => return Err(unknown(attribute)),
        }
        Ok(())
    }

    /// SQL_ATTR_RESET_CONNECTION: leaves the connection as it was when it was opened, for the next one whom a pool gives
    /// it to.
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
        self.tell_transactions();
        if let Some(session) = &self.session {
            session.reset();
            session.limit_silence(0);
        }
        rolled_back
    }

    /// SQLSetConnectAttr for attributes of text.
    pub fn set_text_attribute(&mut self, attribute: i32, text: String) -> Result<(), Error> {
        self.check_not_browsing()?;
        self.check_idle()?;
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
        let always = matches!(
            attribute,
            abi::SQL_ATTR_ACCESS_MODE
                | abi::SQL_ATTR_AUTOCOMMIT
                | abi::SQL_ATTR_LOGIN_TIMEOUT
                | abi::SQL_ATTR_ODBC_CURSORS
                | abi::SQL_ATTR_TRACE
                | abi::SQL_ATTR_TRACEFILE
        );
        if always || self.is_connected() || self.attributes_set.contains(&attribute) {
            return Ok(());
        }
        Err(not_open())
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
            abi::SQL_ATTR_TRANSLATE_LIB
            | abi::SQL_ATTR_TRANSLATE_OPTION
            | abi::SQL_ATTR_ENLIST_IN_DTC => return Err(not_supported(attribute)),
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
        format!("Connections have no attribute {attribute}."),
    )
}
