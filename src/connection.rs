//! SQL_HANDLE_DBC: attributes before the connection is made, a session after.

mod attributes;
mod complete;
mod info;
mod open;
mod transaction;

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use trino_client::runtime::SharedLease;
use trino_client::session::{Pool, Session, Transactions};

use crate::abi::{self, WideUnit};
use crate::config::{ConnectionString, Presentation, Secret};
use crate::descriptor::DESCRIPTORS;
use crate::diagnostics::{Diagnostics, Error, SqlState};
use crate::environment::Environment;
use crate::escape;
use crate::handle::{Children, Kind, Notification, Table, Token};
use crate::statement::{Attributes, Context, STATEMENTS, Statement};

pub use attributes::{is_text, is_wide};
pub use complete::Prompting;
pub use open::{Attempt, Browse};
pub use transaction::end_transactions;

/// All connections.
pub static CONNECTIONS: Table<Connection> = Table::new(Kind::Connection);

/// A connection.
#[derive(Debug)]
pub struct Connection {
    pub diagnostics: Diagnostics,
    /// The Driver Manager's callback for the end of an asynchronous function.
    pub notification: Notification,
    /// The output of connecting, until it is written to the application's buffer.
    pub reply: Option<Reply>,
    /// SQL_ATTR_ASYNC_DBC_FUNCTIONS_ENABLE.
    asynchronous: bool,
    environment: Token,
    pool: Pool,
    odbc_version: usize,
    session: Option<Arc<Session>>,
    /// How the session appears to the application, while there is one.
    presentation: Presentation,
    /// SQL_DATA_SOURCE_NAME.
    data_source: Arc<str>,
    children: Arc<Children>,
    /// SQL_ATTR_LOGIN_TIMEOUT in seconds, when it was set; 0 is no limit.
    login_timeout: Option<usize>,
    connection_timeout: u32,
    access_mode: usize,
    transactions: Transactions,
    /// SQL_ATTR_CURRENT_CATALOG, when it was set before connecting.
    catalog: Option<String>,
    /// SQL_ATTR_TRINO_ROUTING_GROUP, when it was set before connecting.
    routing_group: Option<String>,
    /// Addresses of the application's function that shows where to sign in, and of what it is called with; else 0.
    sign_in: SignIn,
    /// What statements start with.
    statement_attributes: Attributes,
    /// Attributes that were set: those can be read before there is a session.
    attributes_set: BTreeSet<i32>,
    /// The attributes that SQLBrowseConnect was given so far, while it needs more.
    browsing: Option<ConnectionString>,
    /// The width of the application's wide characters; `None` while it is not known.
    wide: Option<WideUnit>,
}

/// The addresses in SQL_ATTR_TRINO_SIGN_IN_CALLBACK and SQL_ATTR_TRINO_SIGN_IN_CONTEXT.
#[derive(Debug, Clone, Copy, Default)]
pub struct SignIn {
    pub callback: usize,
    pub context: usize,
}

/// Text that an application gets while it connects.
#[derive(Debug)]
pub struct Reply {
    /// What it is, as a message about it begins.
    pub what: &'static str,
    pub text: Secret,
    pub wide: WideUnit,
}

impl Connection {
    /// A connection that is not made yet.
    pub fn new(token: Token, environment: &Environment) -> Self {
        Self {
            diagnostics: Diagnostics::default(),
            notification: Notification::default(),
            reply: None,
            asynchronous: false,
            environment: token,
            pool: environment.pool().clone(),
            odbc_version: environment.version(),
            session: None,
            presentation: Presentation::default(),
            data_source: Arc::default(),
            children: Arc::default(),
            login_timeout: None,
            connection_timeout: 0,
            access_mode: abi::SQL_MODE_READ_WRITE,
            transactions: Transactions::default(),
            catalog: None,
            routing_group: None,
            sign_in: SignIn::default(),
            statement_attributes: Attributes::default(),
            attributes_set: BTreeSet::new(),
            browsing: None,
            wide: environment.wide,
        }
    }

    /// The environment that it was allocated in.
    pub fn environment(&self) -> Token {
        self.environment
    }

    /// The width of the application's wide characters.
    pub fn wide(&self) -> WideUnit {
        self.wide.unwrap_or_default()
    }

    /// Guesses the width of wide characters from a connection string, while it is not known.
    pub fn guess_wide(&mut self, guess: impl FnOnce() -> WideUnit) -> WideUnit {
        *self.wide.get_or_insert_with(guess)
    }

    /// How the application shows where to sign in.
    pub fn sign_in(&self) -> SignIn {
        self.sign_in
    }

    /// Its share of the runtime.
    pub fn lease(&self) -> &SharedLease {
        self.pool.lease()
    }

    /// Whether functions that wait for the server run asynchronously.
    pub fn is_asynchronous(&self) -> bool {
        self.asynchronous
    }

    /// Statements and descriptors allocated on it.
    pub fn children(&self) -> &Arc<Children> {
        &self.children
    }

    /// A new statement; `token` is this connection's.
    pub fn new_statement(&self, token: Token) -> Result<Statement, Error> {
        Statement::new(Context {
            session: Arc::clone(self.session()?),
            lease: Arc::clone(self.pool.lease()),
            connection: token,
            children: Arc::clone(&self.children),
            attributes: self.statement_attributes.clone(),
            odbc2: self.odbc_version == abi::SQL_OV_ODBC2,
            wide: self.wide(),
            data_source: Arc::clone(&self.data_source),
            presentation: self.presentation,
        })
    }

    /// SQL_DATA_SOURCE_NAME: empty without a data source.
    pub fn data_source(&self) -> &Arc<str> {
        &self.data_source
    }

    /// Whether SQL_ATTR_ACCESS_MODE is read-only.
    pub fn is_read_only(&self) -> bool {
        self.access_mode == abi::SQL_MODE_READ_ONLY
    }

    /// The session; 08003 when there is none.
    pub fn session(&self) -> Result<&Arc<Session>, Error> {
        let session = self.session.as_ref().ok_or_else(not_open)?;
        if self.pool.is_ours() {
            Ok(session)
        } else {
            Err(Error::forked())
        }
    }

    /// Whether there is a session.
    pub fn is_connected(&self) -> bool {
        self.session.is_some()
    }

    /// SQLNativeSql: the text in Trino's words.
    ///
    /// <https://learn.microsoft.com/sql/odbc/reference/syntax/sqlnativesql-function>
    pub fn native_sql<'a>(&self, text: &'a str) -> Result<Cow<'a, str>, Error> {
        self.session()?;
        Ok(escape::translate(text)?)
    }

    /// Ends the session and everything that was allocated on the connection.
    pub fn disconnect(&mut self) -> Result<(), Error> {
        if self.browsing.take().is_some() {
            return Ok(());
        }
        if self.pool.is_ours() {
            self.check_idle()?;
        }
        if self.pool.is_ours() && self.session()?.has_changes() {
            return Err(Error::new(
                SqlState::INVALID_TRANSACTION_STATE,
                "A transaction with changes is open; commit it or roll it back (SQLEndTran) before disconnecting.",
            ));
        }
        let session = self.session.take().ok_or_else(not_open)?;
        self.presentation = Presentation::default();
        // Statements first: each stops its query when it goes.
        for statement in self.children.take_statements() {
            // What executes here is executed by a thread of the parent's, which this process does not have.
            if !STATEMENTS.abandon(statement) {
                drop(STATEMENTS.remove(statement));
            }
        }
        for descriptor in self.children.take_descriptors() {
            drop(DESCRIPTORS.remove(descriptor));
        }
        if self.pool.is_ours() {
            session.close(CLOSE_LIMIT);
        } else {
            // The sockets are the parent's; its process goes on using them.
            std::mem::forget(session);
        }
        Ok(())
    }

    /// Refuses what cannot be done while a statement is detached.
    fn check_attached(&self) -> Result<(), Error> {
        let statements = self.children.statements();
        if statements
            .iter()
            .any(|token| STATEMENTS.is_detached(*token))
        {
            return Err(Error::new(
                SqlState::FUNCTION_SEQUENCE,
                "A statement of the connection is still executing.",
            ));
        }
        Ok(())
    }

    /// The same, or while a statement waits for data. Calls that other threads are in are no matter.
    pub fn check_idle(&self) -> Result<(), Error> {
        self.check_attached()?;
        for token in self.children.statements() {
            let statement = STATEMENTS.try_lock(token);
            if statement.is_some_and(|statement| statement.check_needs_no_data().is_err()) {
                return Err(Error::new(
                    SqlState::FUNCTION_SEQUENCE,
                    "A statement of the connection is waiting for parameter data.",
                ));
            }
        }
        Ok(())
    }
}

fn in_use() -> Error {
    Error::new(
        SqlState::CONNECTION_NAME_IN_USE,
        "The connection is already open.",
    )
}

fn not_open() -> Error {
    Error::new(SqlState::CONNECTION_NOT_OPEN, "The connection is not open.")
}

const NO_TRANSACTIONS: &str =
    "Transactions are disabled (Transactions=false); each statement commits immediately.";

/// How long closing a session may wait for the server to confirm that its queries are cancelled.
const CLOSE_LIMIT: Duration = Duration::from_secs(2);
