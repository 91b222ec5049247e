//! SQLEndTran, and the attributes about transactions: autocommit and isolation.
//!
//! The end of a transaction closes the cursors of its connection (SQL_CB_CLOSE), even when no transaction was open: a
//! Driver Manager reads SQL_CURSOR_COMMIT_BEHAVIOR once, and drops the cursors of every connection at SQLEndTran.
//!
//! <https://learn.microsoft.com/sql/odbc/reference/syntax/sqlendtran-function>

use std::sync::Arc;

use parking_lot::MappedMutexGuard;
use tokio_util::sync::CancellationToken;
use trino_client::runtime::{Interrupted, Wait};
use trino_client::session::{self, Completion, Isolation};

use super::{CONNECTIONS, Connection, NO_TRANSACTIONS};
use crate::abi;
use crate::diagnostics::{Error, SqlState};
use crate::environment::Environment;
use crate::statement::{STATEMENTS, Statement};

/// SQLEndTran on an environment: of all its open connections.
pub fn end_transactions(environment: &Environment, completion: Completion) -> Result<(), Error> {
    // All or none, as far as can be known before.
    on_each_open(environment, |connection| connection.check_idle())?;
    // One that fails keeps none of the others open.
    on_each_open(environment, |connection| {
        connection.end_transaction(completion, CancellationToken::new())
    })
}

/// Does the same on all open connections; the first error when there is one.
fn on_each_open(
    environment: &Environment,
    act: impl Fn(&mut Connection) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut outcome = Ok(());
    for token in environment.connections() {
        let done = match CONNECTIONS.lock(*token) {
            Some(connection) if !connection.is_connected() => Ok(()),
            Some(mut connection) => act(&mut connection),
            None => Err(Error::new(
                SqlState::FUNCTION_SEQUENCE,
                "A connection of the environment is still executing a function.",
            )),
        };
        outcome = outcome.and(done);
    }
    outcome
}

impl Connection {
    /// SQLEndTran. The calls that other threads are in are waited for; new ones wait for it.
    pub fn end_transaction(
        &mut self,
        completion: Completion,
        cancel: CancellationToken,
    ) -> Result<(), Error> {
        let session = Arc::clone(self.session()?);
        let mut statements = self.hold_statements(&cancel)?;
        let wait = Wait {
            deadline: None,
            cancel,
        };
        let ended = session.end_transaction(completion, &wait);
        if self.offers_transactions() {
            for statement in &mut statements {
                statement.end_cursor();
            }
        }
        ended.map_err(|error| {
            let error = Error::from(error);
            if error.state() == SqlState::COMMUNICATION_LINK_FAILURE {
                let message = error.record().message.clone();
                return Error::new(SqlState::CONNECTION_FAILURE_DURING_TRANSACTION, message);
            }
            error
        })
    }

    /// All statements of the connection, between two calls. HY010 when one is detached or waits
    /// for data.
    pub(super) fn hold_statements(
        &self,
        cancel: &CancellationToken,
    ) -> Result<Vec<MappedMutexGuard<'static, Statement>>, Error> {
        // Before any wait, so that a call out of sequence fails at once.
        self.check_idle()?;
        let mut held = Vec::new();
        for token in self.children.statements() {
            if let Some(statement) = STATEMENTS.lock_while(token, || !cancel.is_cancelled()) {
                held.push(statement);
            } else if cancel.is_cancelled() {
                return Err(session::Error::Interrupted {
                    cause: Interrupted::Cancelled,
                    query_id: None,
                    trouble: None,
                }
                .into());
            }
        }
        // The calls that had them may have ended in such a state.
        for statement in &held {
            statement.check_needs_no_data()?;
        }
        self.check_attached()?;
        Ok(held)
    }

    /// Whether applications may have transactions.
    pub fn offers_transactions(&self) -> bool {
        self.presentation.transactions
    }

    /// SQL_ATTR_AUTOCOMMIT. Turning it on commits.
    pub(super) fn set_autocommit(
        &mut self,
        value: usize,
        cancel: CancellationToken,
    ) -> Result<(), Error> {
        match value {
            abi::SQL_AUTOCOMMIT_ON => {
                if self.transactions.manual && self.is_connected() {
                    self.end_transaction(Completion::Commit, cancel)?;
                }
                self.transactions.manual = false;
            }
            abi::SQL_AUTOCOMMIT_OFF if !self.offers_transactions() => self
                .diagnostics
                .warn(SqlState::OPTION_VALUE_CHANGED, NO_TRANSACTIONS),
            abi::SQL_AUTOCOMMIT_OFF => self.transactions.manual = true,
            _ => return Err(no_such_value("SQL_ATTR_AUTOCOMMIT", value)),
        }
        self.apply_transactions();
        Ok(())
    }

    /// SQL_ATTR_TXN_ISOLATION: for the next transaction, so not within one.
    pub(super) fn set_isolation(&mut self, value: usize) -> Result<(), Error> {
        let level = LEVELS.iter().find(|(bit, _)| *bit as usize == value);
        let Some((_, isolation)) = level else {
            return Err(no_such_value("SQL_ATTR_TXN_ISOLATION", value));
        };
        if self.in_transaction() {
            return Err(Error::new(
                SqlState::ATTRIBUTE_CANNOT_BE_SET_NOW,
                "The isolation level cannot be changed within a transaction.",
            ));
        }
        self.transactions.isolation = *isolation;
        self.apply_transactions();
        Ok(())
    }

    /// SQL_ATTR_TXN_ISOLATION.
    pub(super) fn isolation(&self) -> usize {
        let isolation = self.transactions.isolation;
        let level = LEVELS.iter().find(|(_, level)| *level == isolation);
        level.map_or(0, |(bit, _)| *bit as usize)
    }

    /// Applies the attributes about transactions to later statements.
    pub(super) fn apply_transactions(&self) {
        if let Some(session) = &self.session {
            session.set_transactions(self.transactions);
        }
    }

    fn in_transaction(&self) -> bool {
        let session = self.session.as_ref();
        session.is_some_and(|session| session.in_transaction())
    }
}

fn no_such_value(attribute: &str, value: usize) -> Error {
    Error::new(
        SqlState::INVALID_ATTRIBUTE_VALUE,
        format!("Invalid value {value} of {attribute}."),
    )
}

const LEVELS: [(u32, Isolation); 4] = [
    (abi::SQL_TXN_READ_UNCOMMITTED, Isolation::ReadUncommitted),
    (abi::SQL_TXN_READ_COMMITTED, Isolation::ReadCommitted),
    (abi::SQL_TXN_REPEATABLE_READ, Isolation::RepeatableRead),
    (abi::SQL_TXN_SERIALIZABLE, Isolation::Serializable),
];
