//! The fallback for segments that cannot be had: the same query, with its rows in the coordinator's answers.
//!
//! Storage may be out of reach, refuse signatures or lack a certificate; a gateway may let nothing but statements
//! through, or change bytes that are no text. Where it is the bytes, uncompressed segments are tried first.
//!
//! A query is run again only when it cannot have changed anything and while none of its rows was handed out. To know
//! in time, the first query of a session that spools is not read before one of its segments was fetched: Trino puts
//! the first rows inside of its answers, and once those are read there is no way back.

use std::time::{Duration, Instant};

use parking_lot::Mutex;

use crate::columns::ColumnInfo;
use crate::config;
use crate::protocol::{Delivery, SessionState};
use crate::spool::{self, Bounds};
use crate::sql;

/// Whether a session's statements get their rows from storage or round it.
#[derive(Debug)]
pub(super) struct Detour {
    allowed: bool,
    /// Whether uncompressed segments may be requested, and compressed ones are.
    may_be_plain: bool,
    /// Another delivery for all statements, and until when.
    taken: Mutex<Option<(Delivery, Instant)>>,
}

/// A query as it was submitted, to be submitted once more.
#[derive(Debug)]
pub(super) struct Again {
    pub(super) sql: String,
    /// The session's state then: a later statement may have changed it.
    pub(super) state: SessionState,
    pub(super) bounds: Bounds,
    pub(super) columns: Vec<ColumnInfo>,
    /// How its rows were to come the last time.
    pub(super) delivery: Delivery,
}

impl Detour {
    /// No statement has failed yet.
    pub(super) fn new(options: &config::Spooling) -> Self {
        Self {
            allowed: options.fallback && !options.encodings.is_empty(),
            may_be_plain: options.encodings.len() > 1
                && options.encodings.contains(&config::Encoding::Json),
            taken: Mutex::new(None),
        }
    }

    /// How the rows of a statement that begins now are to come.
    pub(super) fn delivery(&self) -> Delivery {
        let mut taken = self.taken.lock();
        match *taken {
            Some((delivery, until)) if Instant::now() < until => delivery,
            _ => {
                *taken = None;
                Delivery::Any
            }
        }
    }

    /// How the rows are to come after `cause` kept them from coming as `before` says.
    pub(super) fn after(&self, before: Delivery, cause: &spool::Error) -> Delivery {
        match before {
            Delivery::Any if self.may_be_plain && cause.is_about_bytes() => Delivery::Plain,
            _ => Delivery::Direct,
        }
    }

    /// Whether `sql`, submitted with `state`, may be submitted once more.
    pub(super) fn may_repeat(&self, sql: &str, state: &SessionState, delivery: Delivery) -> bool {
        // In a transaction, the query that failed may have ended it.
        self.allowed
            && delivery != Delivery::Direct
            && state.transaction.is_none()
            && sql::only_reads(sql)
    }

    /// Has the rows of all statements of some time to come delivered so.
    pub(super) fn take(&self, delivery: Delivery) {
        *self.taken.lock() = Some((delivery, Instant::now() + TIME));
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
    fn uncompressed_segments_are_tried_where_bytes_are_changed() {
        let detour = Detour::new(&config::Spooling::default());
        let longer = spool::Error::Length {
            endpoint: "g:80".to_owned(),
            expected: 1,
            actual: 2,
        };
        let absent = spool::Error::Refused {
            endpoint: "g:80".to_owned(),
            status: 404,
            detail: String::new(),
        };
        assert_eq!(detour.after(Delivery::Any, &longer), Delivery::Plain);
        assert_eq!(detour.after(Delivery::Plain, &longer), Delivery::Direct);
        assert_eq!(detour.after(Delivery::Any, &absent), Delivery::Direct);
        let compressed = Detour::new(&config::Spooling {
            encodings: vec![config::Encoding::JsonZstd],
            ..config::Spooling::default()
        });
        assert_eq!(compressed.after(Delivery::Any, &longer), Delivery::Direct);
    }

    #[test]
    fn later_statements_go_round_for_some_time_only() {
        let detour = Detour::new(&config::Spooling::default());
        assert_eq!(detour.delivery(), Delivery::Any);
        detour.take(Delivery::Direct);
        assert_eq!(detour.delivery(), Delivery::Direct);
        let past = Instant::now().checked_sub(Duration::from_secs(1)).unwrap();
        *detour.taken.lock() = Some((Delivery::Direct, past));
        assert_eq!(detour.delivery(), Delivery::Any);
    }
}
