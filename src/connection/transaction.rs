//! SQLEndTran and the attributes about transactions: whether, how far apart, and how they end.
//!
//! The end of a transaction ends the queries that still run in it, so cursors are closed by it (SQL_CB_CLOSE). A
//! connection whose statements always committed by themselves keeps them.
//!
//! <https://learn.microsoft.com/sql/odbc/reference/syntax/sqlendtran-function>

use tokio_util::sync::CancellationToken;

use super::{Connection, EACH_BY_ITSELF};
use crate::abi;
use crate::diagnostics::{Error, SqlState};
use crate::runtime::Wait;
use crate::session::{Completion, Isolation};
use crate::statement::STATEMENTS;

impl Connection {
    /// SQLEndTran.
    pub fn end_transaction(
        &mut self,
        completion: Completion,
        cancel: CancellationToken,
    ) -> Result<(), Error> {
        let session = self.session()?;
        let statements = self.children.statements();
        for token in &statements {
            let Some(statement) = STATEMENTS.try_lock(*token) else {
                return Err(Error::new(
                    SqlState::FUNCTION_SEQUENCE,
                    "A statement of the connection is being executed.",
                ));
            };
            statement.check_needs_no_data()?;
        }
        let closes = self.closes_cursors() || session.in_transaction();
        let wait = Wait {
            deadline: None,
            cancel,
        };
        let ended = session.end_transaction(completion, &wait);
        if closes {
            for token in statements {
                if let Some(mut statement) = STATEMENTS.lock(token) {
                    statement.end_cursor();
                }
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

    /// Whether the end of a transaction closes cursors, as far as this connection has shown.
    pub fn closes_cursors(&self) -> bool {
        self.was_manual
    }

    /// Whether applications may have transactions.
    pub fn offers_transactions(&self) -> bool {
        let session = self.session.as_ref();
        session.is_none_or(|session| session.options().transactions)
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
                .warn(SqlState::OPTION_VALUE_CHANGED, EACH_BY_ITSELF),
            abi::SQL_AUTOCOMMIT_OFF => {
                self.transactions.manual = true;
                self.was_manual = true;
            }
            _ => return Err(no_such_value("SQL_ATTR_AUTOCOMMIT", value)),
        }
        self.tell_transactions();
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
        self.tell_transactions();
        Ok(())
    }

    /// SQL_ATTR_TXN_ISOLATION.
    pub(super) fn isolation(&self) -> usize {
        let isolation = self.transactions.isolation;
        let level = LEVELS.iter().find(|(_, level)| *level == isolation);
        level.map_or(0, |(bit, _)| *bit as usize)
    }

    /// Has later statements kept in transactions as the attributes say.
    pub(super) fn tell_transactions(&self) {
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
        format!("{attribute} cannot be {value}."),
    )
}

const LEVELS: [(u32, Isolation); 4] = [
    (abi::SQL_TXN_READ_UNCOMMITTED, Isolation::ReadUncommitted),
    (abi::SQL_TXN_READ_COMMITTED, Isolation::ReadCommitted),
    (abi::SQL_TXN_REPEATABLE_READ, Isolation::RepeatableRead),
    (abi::SQL_TXN_SERIALIZABLE, Isolation::Serializable),
];
