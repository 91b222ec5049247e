//! The way round a storage that this computer cannot reach: the same query, with its rows in the coordinator's answers.
//!
//! A query is run again only when it cannot have changed anything and while none of its rows was handed out. To know
//! in time, the first query of a session that spools is not read before one of its segments was fetched: Trino puts
//! the first rows inside of its answers, and once those are read there is no way back.

use std::time::{Duration, Instant};

use parking_lot::Mutex;

use crate::columns::ColumnInfo;
use crate::config;
use crate::protocol::{Delivery, SessionState};
use crate::spool::Bounds;
use crate::sql;

/// Whether a session's statements get their rows from storage or round it.
#[derive(Debug)]
pub(super) struct Detour {
    allowed: bool,
    /// Until when all statements go round.
    until: Mutex<Option<Instant>>,
}

/// A query as it was submitted, to be submitted once more.
#[derive(Debug)]
pub(super) struct Again {
    pub(super) sql: String,
    /// The session's state then: a later statement may have changed it.
    pub(super) state: SessionState,
    pub(super) bounds: Bounds,
    pub(super) columns: Vec<ColumnInfo>,
}

impl Detour {
    /// No statement has failed yet.
    pub(super) fn new(options: &config::Spooling) -> Self {
        Self {
            allowed: options.fallback && !options.encodings.is_empty(),
            until: Mutex::new(None),
        }
    }

    /// How the rows of a statement that begins now are to come.
    pub(super) fn delivery(&self) -> Delivery {
        let mut until = self.until.lock();
        if until.is_some_and(|until| Instant::now() < until) {
            return Delivery::Direct;
        }
        *until = None;
        Delivery::Any
    }

    /// Whether `sql`, submitted with `state`, may be submitted once more.
    pub(super) fn may_repeat(&self, sql: &str, state: &SessionState, delivery: Delivery) -> bool {
        // In a transaction, the query that failed may have ended it.
        self.allowed
            && delivery == Delivery::Any
            && state.transaction.is_none()
            && sql::only_reads(sql)
    }

    /// Makes the statements of some time to come go round storage.
    pub(super) fn take(&self) {
        *self.until.lock() = Some(Instant::now() + TIME);
    }
}

/// How long statements go round a storage that could not be reached, before it is tried again.
const TIME: Duration = Duration::from_secs(300);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_reads_outside_of_a_transaction_is_repeated() {
        let detour = Detour::new(&config::Spooling::default());
        let state = SessionState::default();
        assert!(detour.may_repeat("SELECT 1", &state, Delivery::Any));
        assert!(!detour.may_repeat("SELECT 1", &state, Delivery::Direct));
        assert!(!detour.may_repeat("CALL p()", &state, Delivery::Any));
        let within = SessionState {
            transaction: Some("t".to_owned()),
            ..SessionState::default()
        };
        assert!(!detour.may_repeat("SELECT 1", &within, Delivery::Any));
        let forbidden = config::Spooling {
            fallback: false,
            ..config::Spooling::default()
        };
        assert!(!Detour::new(&forbidden).may_repeat("SELECT 1", &state, Delivery::Any));
    }

    #[test]
    fn later_statements_go_round_for_some_time_only() {
        let detour = Detour::new(&config::Spooling::default());
        assert_eq!(detour.delivery(), Delivery::Any);
        detour.take();
        assert_eq!(detour.delivery(), Delivery::Direct);
        *detour.until.lock() = Instant::now().checked_sub(Duration::from_secs(1));
        assert_eq!(detour.delivery(), Delivery::Any);
    }
}
