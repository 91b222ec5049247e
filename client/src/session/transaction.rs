//! Transactions of a session: begun when the first statement needs one, ended by the application.
//!
//! A statement that only reads needs none at Trino's default isolation, READ UNCOMMITTED: a
//! transaction would promise it nothing, cost a request, and bind it to one coordinator where a
//! gateway has several. Once a transaction is open, statements that read run in it too, so that they
//! see its changes.
//!
//! ```text
//!                 prepare: a statement that changes something, or any statement
//!                 if isolation or read-only were set
//!    +--------+ -------------------------------------------> +-------------------+
//!    |  none  |                                              |  open, unchanged  |
//!    +--------+ <------------------------------------------- +-------------------+
//!        ^                 end: COMMIT, ROLLBACK               |   |          ^
//!        |                                                     |   |          |
//!        |                          prepare: a statement that  |   | the      | replace: a new
//!        |                          changes something          |   | server   | one, unnoticed
//!        |                                                     v   | ended it |
//!        |     end: COMMIT, ROLLBACK      +-----------------+      |          |
//!        +------------------------------- |  open, changed  |      +----------+
//!                                         +-----------------+
//!                                           |          ^
//!                        the server ended   |          | every statement fails
//!                        it: changes lost   +----------+ until ROLLBACK
//! ```
//!
//! The server ends transactions after an error, after a query that was cancelled, and after minutes
//! of silence, and then refuses every statement until a rollback. A transaction in which nothing was
//! changed loses nothing by that, so a new one replaces it unnoticed: programs that only read, and do
//! not care about transactions, continue to read. For the same reason, a query that only reads within
//! a changed transaction is read to its end, for up to a minute, instead of being cancelled.

use std::sync::{Arc, OnceLock};

use parking_lot::Mutex;

use super::{Session, Shared, run};
use crate::protocol::{Delivery, Error, SessionState};
use crate::runtime::Wait;
use crate::spool::Bounds;
use crate::sql::Statement;

/// How far transactions are kept apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Isolation {
    /// Trino's default.
    #[default]
    ReadUncommitted,
    /// No statement sees changes that are not committed.
    ReadCommitted,
    /// In addition, rows that were read do not change.
    RepeatableRead,
    /// Transactions behave as if they ran one after the other.
    Serializable,
}

/// How a transaction ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Completion {
    /// Its changes become permanent.
    Commit,
    /// Its changes are undone.
    Rollback,
}

/// How a session's statements are kept in transactions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Transactions {
    /// Whether statements wait for a commit; else each commits by itself.
    pub manual: bool,
    /// The isolation level of later transactions.
    pub isolation: Isolation,
    /// Whether later transactions only read.
    pub read_only: bool,
}

/// The state of a session's transactions.
#[derive(Debug, Default)]
pub(super) struct TransactionState {
    settings: Mutex<Transactions>,
    /// The transaction in which a statement may have changed something.
    changed: Mutex<Option<String>>,
    /// Held while a transaction begins, so that statements which run at the same time share one.
    beginning: tokio::sync::Mutex<()>,
}

impl Session {
    /// Sets how later statements are kept in transactions.
    pub fn set_transactions(&self, settings: Transactions) {
        *self.shared.transactions.settings.lock() = settings;
    }

    /// Whether a transaction is open, as far as is known without a request.
    pub fn in_transaction(&self) -> bool {
        self.shared.state.lock().transaction.is_some()
    }

    /// Whether the open transaction may have changed something.
    pub fn has_changes(&self) -> bool {
        self.shared.has_changes()
    }

    /// Whether a statement that fails ends a transaction whose place no other can take.
    pub fn failure_loses_changes(&self) -> bool {
        let settings = *self.shared.transactions.settings.lock();
        (settings.manual || self.in_transaction()) && !settings.may_replace(&self.shared)
    }

    /// Ends the open transaction; does nothing when there is none.
    pub fn end_transaction(&self, completion: Completion, wait: &Wait) -> Result<(), super::Error> {
        if !self.in_transaction() {
            return Ok(());
        }
        self.call(wait, None, end(&self.shared, completion))
    }
}

impl Shared {
    /// The state for a query of the driver's own. It has a transaction only if that may have
    /// something to show: such a query must neither begin one nor fail because the server ended it.
    pub(super) fn internal_state(&self) -> SessionState {
        let mut state = self.state.lock().clone();
        if !self.has_changes() {
            state.transaction = None;
        }
        state
    }

    /// Whether the open transaction may have changed something.
    pub(super) fn has_changes(&self) -> bool {
        let open = self.state.lock().transaction.clone();
        open.is_some() && open == *self.transactions.changed.lock()
    }

    /// The state of a query that is run once more because its rows did not come: the first try may
    /// have ended the transaction. None where that would be noticed.
    pub(super) fn state_for_rerun(&self, mut state: SessionState) -> Option<SessionState> {
        if state.transaction.is_some() && !self.transactions.settings.lock().may_replace(self) {
            return None;
        }
        state.transaction = None;
        Some(state)
    }
}

impl Transactions {
    /// Whether `sql` has to run in a transaction.
    fn wants_transaction(self, sql: &Statement) -> bool {
        let promises = self.isolation != Isolation::default() || self.read_only;
        self.manual && sql.belongs_into_transaction() && (promises || !sql.leaves_data_alone())
    }

    /// Whether a new transaction may take the open one's place.
    fn may_replace(self, shared: &Shared) -> bool {
        self.manual && self.isolation == Isolation::default() && !shared.has_changes()
    }

    /// The text of START TRANSACTION.
    fn start(self) -> String {
        let mut text = "START TRANSACTION".to_owned();
        let level = match self.isolation {
            Isolation::ReadUncommitted => None,
            Isolation::ReadCommitted => Some("READ COMMITTED"),
            Isolation::RepeatableRead => Some("REPEATABLE READ"),
            Isolation::Serializable => Some("SERIALIZABLE"),
        };
        if let Some(level) = level {
            text.push_str(" ISOLATION LEVEL ");
            text.push_str(level);
        }
        if self.read_only {
            text.push_str(if level.is_some() { ", " } else { " " });
            text.push_str("READ ONLY");
        }
        text
    }
}

/// Begins a transaction when `sql` needs one and none is open, and progress whether `sql` may
/// change something. Whether something before it may have.
pub(super) async fn prepare(shared: &Arc<Shared>, sql: &Statement) -> Result<bool, Error> {
    let settings = *shared.transactions.settings.lock();
    if settings.wants_transaction(sql) {
        let _one_at_a_time = shared.transactions.beginning.lock().await;
        if shared.state.lock().transaction.is_none() {
            run_alone(shared, &settings.start()).await?;
        }
    }
    let had_changes = shared.has_changes();
    if !sql.leaves_data_alone() && !sql.ends_transaction() {
        let open = shared.state.lock().transaction.clone();
        *shared.transactions.changed.lock() = open;
    }
    Ok(had_changes)
}

/// Notes that a statement failed: one that was refused for its types has changed nothing.
pub(super) fn note_failure(shared: &Shared, error: &Error, had_changes: bool) {
    let never_ran =
        matches!(error, Error::Query(error) if error.is_about_types() || error.is_ambiguous());
    if never_ran && !had_changes {
        *shared.transactions.changed.lock() = None;
    }
}

/// Puts a new transaction in the place of one that the server has ended, as `error` says, when
/// nothing is lost by that. Whether the statement that failed should be run again.
pub(super) async fn replace(
    shared: &Arc<Shared>,
    sql: &Statement,
    error: &Error,
    had_changes: bool,
) -> Result<bool, Error> {
    if !is_gone(error) {
        return Ok(false);
    }
    if sql.ends_transaction() {
        // The server says so once, and forgets the transaction.
        shared.state.lock().transaction = None;
        return Ok(false);
    }
    if !had_changes {
        // The statement that was refused did not run.
        *shared.transactions.changed.lock() = None;
    }
    let settings = *shared.transactions.settings.lock();
    if !settings.may_replace(shared) || !sql.belongs_into_transaction() {
        return Ok(false);
    }
    {
        let _one_at_a_time = shared.transactions.beginning.lock().await;
        end(shared, Completion::Rollback).await?;
    }
    prepare(shared, sql).await?;
    Ok(true)
}

/// Ends the open transaction. One that the server has ended already is as good as rolled back.
pub(super) async fn end(shared: &Arc<Shared>, completion: Completion) -> Result<(), Error> {
    let Some(open) = shared.state.lock().transaction.clone() else {
        return Ok(());
    };
    let changed = shared.has_changes();
    let ended = run_alone(
        shared,
        match completion {
            Completion::Commit => "COMMIT",
            Completion::Rollback => "ROLLBACK",
        },
    )
    .await;
    let gone = ended.as_ref().is_err_and(is_gone);
    if gone && completion == Completion::Commit {
        // A server that no longer knows it takes a rollback for the word to forget it.
        let _ = run_alone(shared, "ROLLBACK").await;
    }
    {
        let mut state = shared.state.lock();
        if state.transaction.as_deref() == Some(&open) {
            state.transaction = None;
        }
    }
    *shared.transactions.changed.lock() = None;
    match ended {
        Err(_) if gone && (completion == Completion::Rollback || !changed) => Ok(()),
        ended => ended,
    }
}

/// Whether the server has ended the transaction that a statement was to run in.
fn is_gone(error: &Error) -> bool {
    matches!(error, Error::Query(error) if matches!(
        error.name.as_str(),
        "TRANSACTION_ALREADY_ABORTED" | "UNKNOWN_TRANSACTION" | "NOT_IN_TRANSACTION"
    ))
}

/// Runs a statement without rows.
async fn run_alone(shared: &Arc<Shared>, sql: &str) -> Result<(), Error> {
    let state = shared.state.lock().clone();
    let (delivery, bounds) = (Delivery::Direct, Bounds::default());
    let id = OnceLock::new();
    run::start(shared, sql, &state, delivery, bounds, &id).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Isolation, Transactions};

    #[test]
    fn a_transaction_begins_with_what_was_set() {
        let start = |isolation, read_only| {
            let manual = true;
            Transactions {
                manual,
                isolation,
                read_only,
            }
            .start()
        };
        assert_eq!(
            start(Isolation::ReadUncommitted, false),
            "START TRANSACTION"
        );
        assert_eq!(
            start(Isolation::ReadUncommitted, true),
            "START TRANSACTION READ ONLY"
        );
        assert_eq!(
            start(Isolation::Serializable, true),
            "START TRANSACTION ISOLATION LEVEL SERIALIZABLE, READ ONLY"
        );
    }
}
