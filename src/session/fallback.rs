//! The fallback for segments that cannot be had: the same query, with its rows in the coordinator's answers.
//!
//! Storage may be out of reach, refuse signatures or lack a certificate; a gateway may let nothing but statements
//! through, or change bytes that are no text. Where it is the bytes, uncompressed segments are tried first.
//!
//! A query is run again only when it cannot have changed anything and while none of its rows was handed out. To know
//! in time, the first query of a session that spools is not read before one of its segments was fetched: Trino puts
//! the first rows inside of its answers, and once those are read it is too late.

use std::time::{Duration, Instant};

use parking_lot::Mutex;

use crate::columns::ColumnInfo;
use crate::config;
use crate::protocol::{Delivery, SessionState};
use crate::spool::{self, Bounds};
use crate::sql;

/// How a session's statements get their rows: from storage, or by a fallback.
#[derive(Debug)]
pub(super) struct Fallback {
    allowed: bool,
    /// Whether uncompressed segments may be requested, and compressed ones are.
    may_be_plain: bool,
    /// Another delivery for all statements, and until when.
    remembered: Mutex<Option<(Delivery, Instant)>>,
}

/// A query as it was submitted, to be submitted once more.
#[derive(Debug)]
pub(super) struct Submitted {
    pub(super) sql: String,
    /// The session's state then: a later statement may have changed it.
    pub(super) state: SessionState,
    pub(super) bounds: Bounds,
    pub(super) columns: Vec<ColumnInfo>,
    /// How its rows were to come the last time.
    pub(super) delivery: Delivery,
}

impl Fallback {
    /// No statement has failed yet.
    pub(super) fn new(options: &config::Spooling) -> Self {
        Self {
            allowed: options.fallback && !options.encodings.is_empty(),
            may_be_plain: options.encodings.len() > 1
                && options.encodings.contains(&config::Encoding::Json),
            remembered: Mutex::new(None),
        }
    }

    /// How the rows of a statement that begins now are to come.
    pub(super) fn delivery(&self) -> Delivery {
        let mut remembered = self.remembered.lock();
        match *remembered {
            Some((delivery, until)) if Instant::now() < until => delivery,
            _ => {
                *remembered = None;
                Delivery::Any
            }
        }
    }

    /// How the rows are to come after `cause` kept them from coming as `before` says.
    pub(super) fn next_delivery(&self, before: Delivery, cause: &spool::Error) -> Delivery {
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

    /// Has the rows of all statements delivered so for a while.
    pub(super) fn remember(&self, delivery: Delivery) {
        *self.remembered.lock() = Some((delivery, Instant::now() + TIME));
    }
}

/// How long statements avoid segments that could not be fetched, before these are tried again.
const TIME: Duration = Duration::from_secs(300);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_reads_outside_of_a_transaction_is_repeated() {
        let fallback = Fallback::new(&config::Spooling::default());
        let state = SessionState::default();
        assert!(fallback.may_repeat("SELECT 1", &state, Delivery::Any));
        assert!(!fallback.may_repeat("SELECT 1", &state, Delivery::Direct));
        assert!(!fallback.may_repeat("CALL p()", &state, Delivery::Any));
        let within = SessionState {
            transaction: Some("t".to_owned()),
            ..SessionState::default()
        };
        assert!(!fallback.may_repeat("SELECT 1", &within, Delivery::Any));
        let forbidden = config::Spooling {
            fallback: false,
            ..config::Spooling::default()
        };
        assert!(!Fallback::new(&forbidden).may_repeat("SELECT 1", &state, Delivery::Any));
    }

    #[test]
    fn uncompressed_segments_are_tried_where_bytes_are_changed() {
        let fallback = Fallback::new(&config::Spooling::default());
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
        assert_eq!(
            fallback.next_delivery(Delivery::Any, &longer),
            Delivery::Plain
        );
        assert_eq!(
            fallback.next_delivery(Delivery::Plain, &longer),
            Delivery::Direct
        );
        assert_eq!(
            fallback.next_delivery(Delivery::Any, &absent),
            Delivery::Direct
        );
        let compressed = Fallback::new(&config::Spooling {
            encodings: vec![config::Encoding::JsonZstd],
            ..config::Spooling::default()
        });
        assert_eq!(
            compressed.next_delivery(Delivery::Any, &longer),
            Delivery::Direct
        );
    }

    #[test]
    fn later_statements_fall_back_for_some_time_only() {
        let fallback = Fallback::new(&config::Spooling::default());
        assert_eq!(fallback.delivery(), Delivery::Any);
        fallback.remember(Delivery::Direct);
        assert_eq!(fallback.delivery(), Delivery::Direct);
        let past = Instant::now().checked_sub(Duration::from_secs(1)).unwrap();
        *fallback.remembered.lock() = Some((Delivery::Direct, past));
        assert_eq!(fallback.delivery(), Delivery::Any);
    }
}
