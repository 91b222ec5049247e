//! SQL_HANDLE_ENV: the ODBC version that the application speaks, and what its connections share.

use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};

use trino_client::session::Pool;

use crate::abi::{self, WideUnit};
use crate::diagnostics::{Diagnostics, Error, SqlState};
use crate::handle::{Kind, Table, Token};
use crate::log;

/// All environments.
pub static ENVIRONMENTS: Table<Environment> = Table::new(Kind::Environment);

/// Environments that live. The log's files are closed with the last one.
static LIVING: AtomicUsize = AtomicUsize::new(0);

/// An environment.
#[derive(Debug)]
pub struct Environment {
    pub diagnostics: Diagnostics,
    pool: Pool,
    version: Option<usize>,
    connections: HashSet<Token>,
    /// The width of the application's wide characters; `None` while it is not known.
    pub wide: Option<WideUnit>,
}

impl Environment {
    /// An environment without an ODBC version yet.
    pub fn new(wide: Option<WideUnit>) -> std::io::Result<Self> {
        let pool = Pool::of_process()?;
        LIVING.fetch_add(1, Ordering::AcqRel);
        Ok(Self {
            diagnostics: Diagnostics::default(),
            pool,
            version: None,
            connections: HashSet::new(),
            wide,
        })
    }

    /// What its connections share.
    pub fn pool(&self) -> &Pool {
        &self.pool
    }

    /// Makes an environment that was inherited by a fork fit for new connections; those it has stay the parent's.
    pub fn adopt(&mut self) -> std::io::Result<()> {
        self.pool.adopt()
    }

    /// SQL_ATTR_ODBC_VERSION; ODBC 3 until it is set, since a Driver Manager may set it late.
    pub fn version(&self) -> usize {
        self.version.unwrap_or(abi::SQL_OV_ODBC3)
    }

    /// Notes a connection, so that an environment with connections is not freed.
    pub fn add_connection(&mut self, token: Token) {
        self.connections.insert(token);
    }

    /// Forgets a connection.
    pub fn remove_connection(&mut self, token: Token) {
        self.connections.remove(&token);
    }

    /// The connections that are allocated in it.
    pub fn connections(&self) -> impl Iterator<Item = &Token> {
        self.connections.iter()
    }

    /// Whether connection handles are still allocated in it.
    pub fn has_connections(&self) -> bool {
        !self.connections.is_empty()
    }

    /// SQLSetEnvAttr for attributes of integer value.
    ///
    /// <https://learn.microsoft.com/sql/odbc/reference/syntax/sqlsetenvattr-function>
    pub fn set_attribute(&mut self, attribute: i32, value: usize) -> Result<(), Error> {
        match attribute {
            abi::SQL_ATTR_ODBC_VERSION => match value {
                // A Driver Manager may repeat the version.
                abi::SQL_OV_ODBC2 | abi::SQL_OV_ODBC3 | abi::SQL_OV_ODBC3_80
                    if self.has_connections() && value != self.version() =>
                {
                    Err(Error::new(
                        SqlState::ATTRIBUTE_CANNOT_BE_SET_NOW,
                        "The ODBC version cannot be changed while the environment has connections.",
                    ))
                }
                abi::SQL_OV_ODBC2 | abi::SQL_OV_ODBC3 | abi::SQL_OV_ODBC3_80 => {
                    self.version = Some(value);
                    Ok(())
                }
                _ => Err(Error::new(
                    SqlState::INVALID_ATTRIBUTE_VALUE,
                    format!("Unknown ODBC version {value}; expected 2, 3 or 380 (3.8)."),
                )),
            },
            abi::SQL_ATTR_OUTPUT_NTS if value == 1 => Ok(()),
            abi::SQL_ATTR_OUTPUT_NTS => Err(Error::new(
                SqlState::NOT_IMPLEMENTED,
                "Returned strings are always null-terminated.",
            )),
            // The Driver Manager pools connections; the driver has nothing to add.
            abi::SQL_ATTR_CONNECTION_POOLING | abi::SQL_ATTR_CP_MATCH => Ok(()),
            _ => Err(unknown_attribute(attribute)),
        }
    }

    /// SQLGetEnvAttr.
    ///
    /// <https://learn.microsoft.com/sql/odbc/reference/syntax/sqlgetenvattr-function>
    pub fn attribute(&mut self, attribute: i32) -> Result<i32, Error> {
        match attribute {
            // A Driver Manager that reads this converts, and may still set another width on the connection.
            abi::SQL_ATTR_DRIVER_UNICODE_TYPE => Ok(match self.wide.get_or_insert_default() {
                WideUnit::Utf16 => abi::SQL_DM_CP_UTF16,
                WideUnit::Utf32 => abi::SQL_DM_CP_UCS4,
            }),
            abi::SQL_ATTR_ODBC_VERSION => Ok(i32::try_from(self.version()).unwrap_or_default()),
            abi::SQL_ATTR_OUTPUT_NTS => Ok(abi::SQL_TRUE),
            abi::SQL_ATTR_CONNECTION_POOLING | abi::SQL_ATTR_CP_MATCH => Ok(0),
            _ => Err(unknown_attribute(attribute)),
        }
    }
}

fn unknown_attribute(attribute: i32) -> Error {
    Error::new(
        SqlState::INVALID_ATTRIBUTE,
        format!("Unknown environment attribute {attribute}."),
    )
}

impl Drop for Environment {
    fn drop(&mut self) {
        if LIVING.fetch_sub(1, Ordering::AcqRel) == 1 {
            log::stop();
        }
    }
}
