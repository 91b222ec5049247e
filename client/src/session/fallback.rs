//! The fallback for segments that cannot be fetched: the same query, with its rows in the
//! coordinator's answers.
//!
//! Storage may be out of reach, refuse signatures or lack a valid certificate; a gateway may let
//! nothing but statements through, or change bytes that are not text.
//!
//! | What failed | Next attempt | Remembered for five minutes |
//! |---|---|---|
//! | a segment arrived with other bytes, compressed | uncompressed segments ([`Delivery::Plain`]) | for the session, and for others of the process |
//! | the same, uncompressed | rows in the answers ([`Delivery::Direct`]) | the same |
//! | a segment cannot be fetched | rows in the answers | the same |
//! | the server failed to write segments | rows in the answers | for the statement, by its text |
//! | anything else | none: the error is reported | – |
//!
//! What a failure shows holds for the session and, in a [`Memory`], for the process, unless storage
//! has served this session before. Another session that takes such a finding over warns once.
//!
//! A query is run again only if it cannot have changed anything ([`Statement::only_reads`]), outside
//! of a transaction with changes, and while none of its rows was handed out. So the first query of a
//! session that spools is not read before one of its segments was fetched, unless another connection
//! has fetched some lately: Trino puts the first rows inside its answers, and once those are read it
//! is too late to fall back.

mod memory;

use std::collections::VecDeque;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use crate::columns::ColumnInfo;
use crate::options::{self, Options};
use crate::protocol::{self, Delivery, SessionState, Warning};
use crate::spool::{self, Bounds, Spool};
use crate::sql::Statement;
use memory::{Finding, Key};

pub use memory::Memory;

/// How a session's statements get their rows: from storage, or by a fallback.
#[derive(Debug)]
pub(super) struct Fallback {
    allowed: bool,
    /// Whether uncompressed segments may be requested, and compressed ones are.
    may_be_plain: bool,
    spool: Arc<Spool>,
    memory: Arc<Memory>,
    key: Key,
    hasher: RandomState,
    known: Mutex<Known>,
}

/// The findings of the session.
#[derive(Debug, Default)]
struct Known {
    /// Of all statements.
    finding: Option<Finding>,
    /// Hashes of statements whose rows the server cannot write to segments, and until when.
    statements: VecDeque<(u64, Instant)>,
    /// When the process was last informed that segments were fetched.
    service_noted: Option<Instant>,
    /// Whether a finding of another connection was taken over.
    warned: bool,
    warning: Option<Warning>,
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
    /// No statement has failed yet, unless `memory` knows of one.
    pub(super) fn new(options: &Options, spool: Arc<Spool>, memory: Arc<Memory>) -> Self {
        let spooling = &options.spooling;
        Self {
            allowed: spooling.fallback && !spooling.encodings.is_empty(),
            may_be_plain: spooling.encodings.len() > 1
                && spooling.encodings.contains(&options::Encoding::Json),
            spool,
            key: memory.key(options),
            memory,
            hasher: RandomState::new(),
            known: Mutex::default(),
        }
    }

    /// How the rows of `sql`, which begins now, are to come.
    pub(super) fn delivery(&self, sql: &str, now: Instant) -> Delivery {
        if !self.allowed {
            return Delivery::Any;
        }
        let mut known = self.known.lock();
        if known.finding.as_ref().is_some_and(|f| f.until <= now) {
            known.finding = None;
            // Rows that arrived meanwhile came in another form.
            self.spool.forget_service();
        }
        if known.finding.is_none() && !self.spool.has_served() {
            known.inherit(self.memory.finding(&self.key, now));
        }
        known.statements.retain(|(_, until)| now < *until);
        let delivery = known.finding.as_ref().map(|finding| finding.delivery);
        match delivery {
            Some(Delivery::Direct) => Delivery::Direct,
            _ if !known.statements.is_empty() && known.has(self.statement(sql)) => Delivery::Direct,
            Some(delivery) => delivery,
            None => Delivery::Any,
        }
    }

    /// Whether segments can be expected to be had: this session or another connection has fetched
    /// some lately.
    pub(super) fn expects_service(&self, now: Instant) -> bool {
        self.spool.has_served() || self.memory.has_served(&self.key, now)
    }

    /// Lets the process know that the session's segments can be fetched, if they were.
    pub(super) fn note_service(&self, now: Instant) {
        if !self.spool.has_served() {
            return;
        }
        let mut known = self.known.lock();
        let is_known = |noted: Instant| now < noted + TIME / 5;
        if !known.service_noted.is_some_and(is_known) {
            known.service_noted = Some(now);
            self.memory.note_service(&self.key, now + TIME);
        }
    }

    /// Makes the next queries wait for their first segment again, after one could not be had.
    pub(super) fn doubt_service(&self) {
        self.memory.forget_service(&self.key);
        self.known.lock().service_noted = None;
    }

    /// How the rows are to come after `cause` kept them from coming as `before` says.
    pub(super) fn next_delivery(&self, before: Delivery, cause: &spool::Error) -> Delivery {
        match before {
            Delivery::Any if self.may_be_plain && cause.is_about_bytes() => Delivery::Plain,
            _ => Delivery::Direct,
        }
    }

    /// Whether `sql`, submitted with `state`, may be submitted once more.
    pub(super) fn may_rerun(
        &self,
        sql: &Statement,
        state: &SessionState,
        delivery: Delivery,
    ) -> bool {
        // In a transaction, the query that failed may have ended it.
        self.allowed
            && delivery != Delivery::Direct
            && state.transaction.is_none()
            && sql.only_reads()
    }

    /// Has the rows of all statements delivered so for a while, for `reason`.
    pub(super) fn remember(&self, delivery: Delivery, reason: String, now: Instant) {
        let finding = Finding {
            delivery,
            until: now + TIME,
            reason,
        };
        // Storage that has served this session before may be open to others, too.
        if !self.spool.has_served() {
            self.memory.note(&self.key, finding.clone());
        }
        let mut known = self.known.lock();
        known.finding = Some(finding);
        // The session already had a warning about its own failure.
        known.warned = true;
    }

    /// The hash by which `sql` is remembered.
    pub(super) fn statement(&self, sql: &str) -> u64 {
        self.hasher.hash_one(sql)
    }

    /// Has the rows of a statement delivered in the coordinator's answers for a while.
    pub(super) fn remember_statement(&self, hash: u64, now: Instant) {
        let mut known = self.known.lock();
        known.statements.retain(|(statement, _)| *statement != hash);
        if known.statements.len() >= MOST_STATEMENTS {
            known.statements.pop_front();
        }
        known.statements.push_back((hash, now + TIME));
    }

    /// The warning that statements fall back because of what another connection found; given once.
    pub(super) fn take_warning(&self) -> Option<Warning> {
        self.known.lock().warning.take()
    }
}

impl Known {
    /// Takes over what another connection found.
    fn inherit(&mut self, finding: Option<Finding>) {
        let Some(finding) = finding else {
            return;
        };
        tracing::info!(
            delivery = ?finding.delivery,
            reason = finding.reason,
            "segments could not be fetched by an earlier connection and are not requested"
        );
        if !self.warned {
            self.warned = true;
            self.warning = Some(Warning {
                code: 0,
                name: FALLBACK.to_owned(),
                message: format!(
                    "{} Results come {}, as an earlier connection of this process found out (SpoolingFallback).",
                    finding.reason,
                    manner(finding.delivery)
                ),
            });
        }
        self.finding = Some(finding);
    }

    fn has(&self, statement: u64) -> bool {
        self.statements.iter().any(|(known, _)| *known == statement)
    }
}

/// How rows come by `delivery`, for people.
pub(super) fn manner(delivery: Delivery) -> &'static str {
    match delivery {
        Delivery::Plain => "with segments that are not compressed",
        Delivery::Any | Delivery::Direct => "with their rows through the coordinator",
    }
}

/// The warning of a query that the server could not spool and that was run again, under another id.
pub(super) fn unspooled(error: &protocol::QueryError, query_id: &str) -> String {
    let before = error.query_id.as_deref().unwrap_or_default();
    format!(
        "The server could not write the result as segments: {error} The query was run again as {query_id} with its rows \
         through the coordinator (SpoolingFallback).{UNSPOOLED_REMEDY} (query {before})"
    )
}

/// The remedy if a server cannot write segments.
const UNSPOOLED_REMEDY: &str = " Encoding=none avoids the attempt; the server's log has the cause, which may \
    be its access to the storage or a fault of Trino 477 to 482.";

/// The name of warnings about it.
pub(super) const FALLBACK: &str = "SPOOLING_FALLBACK";

/// How long statements avoid segments that could not be fetched, before these are tried again.
const TIME: Duration = Duration::from_secs(300);

/// Statements that are remembered at a time.
const MOST_STATEMENTS: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::{Client, OwnOrigin, Settings};
    use crate::protocol::{Error, QueryError};

    fn fallback(options: &Options, memory: &Arc<Memory>) -> Fallback {
        let client = || Client::new(&Settings::default()).unwrap();
        let base = url::Url::parse("http://127.0.0.1:1/").unwrap();
        let own = Arc::new(OwnOrigin::new(base, Default::default(), false));
        let budget = spool::Budget::new(u64::MAX, 1);
        let spool = Spool::new(client(), client(), own, &options.spooling, budget);
        Fallback::new(options, spool, Arc::clone(memory))
    }

    fn of(spooling: options::Spooling) -> Fallback {
        let options = Options {
            spooling,
            ..Options::default()
        };
        fallback(&options, &Arc::default())
    }

    #[test]
    fn only_what_reads_outside_of_a_transaction_is_repeated() {
        let fallback = of(options::Spooling::default());
        let state = SessionState::default();
        let (select, call) = (Statement::parse("SELECT 1"), Statement::parse("CALL p()"));
        assert!(fallback.may_rerun(&select, &state, Delivery::Any));
        assert!(!fallback.may_rerun(&select, &state, Delivery::Direct));
        assert!(!fallback.may_rerun(&call, &state, Delivery::Any));
        let within = SessionState {
            transaction: Some("t".to_owned()),
            ..SessionState::default()
        };
        assert!(!fallback.may_rerun(&select, &within, Delivery::Any));
        let forbidden = of(options::Spooling {
            fallback: false,
            ..options::Spooling::default()
        });
        assert!(!forbidden.may_rerun(&select, &state, Delivery::Any));
    }

    #[test]
    fn uncompressed_segments_are_tried_where_bytes_are_changed() {
        let fallback = of(options::Spooling::default());
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
        let compressed = of(options::Spooling {
            encodings: vec![options::Encoding::JsonZstd],
            ..options::Spooling::default()
        });
        assert_eq!(
            compressed.next_delivery(Delivery::Any, &longer),
            Delivery::Direct
        );
        let failure = spool::Error::Pager(Error::Query(Box::default()));
        assert_eq!(
            fallback.next_delivery(Delivery::Any, &failure),
            Delivery::Direct
        );
    }

    #[test]
    fn later_statements_fall_back_for_some_time_only() {
        let (fallback, now) = (of(options::Spooling::default()), Instant::now());
        assert_eq!(fallback.delivery("SELECT 1", now), Delivery::Any);
        fallback.remember(Delivery::Direct, String::new(), now);
        let almost = now + TIME - Duration::from_millis(1);
        assert_eq!(fallback.delivery("SELECT 1", almost), Delivery::Direct);
        assert_eq!(fallback.delivery("SELECT 1", now + TIME), Delivery::Any);
    }

    #[test]
    fn another_connection_inherits_with_one_warning() {
        let (options, memory, now) = (Options::default(), Arc::default(), Instant::now());
        let first = fallback(&options, &memory);
        first.remember(Delivery::Plain, "g:80 changes bytes.".to_owned(), now);
        assert_eq!(first.take_warning(), None);
        let second = fallback(&options, &memory);
        assert_eq!(second.delivery("SELECT 1", now), Delivery::Plain);
        let warning = second.take_warning().unwrap().message;
        assert!(warning.contains("g:80 changes bytes."), "{warning}");
        assert_eq!(second.delivery("SELECT 1", now), Delivery::Plain);
        assert_eq!(second.take_warning(), None);
        let forbidden = Options {
            spooling: options::Spooling {
                fallback: false,
                ..options::Spooling::default()
            },
            ..Options::default()
        };
        let third = fallback(&forbidden, &memory);
        assert_eq!(third.delivery("SELECT 1", now), Delivery::Any);
        let another_process = fallback(&options, &Arc::default());
        assert_eq!(another_process.delivery("SELECT 1", now), Delivery::Any);
    }

    #[test]
    fn what_the_server_cannot_spool_is_remembered_by_its_text() {
        let (memory, now) = (Arc::default(), Instant::now());
        let first = fallback(&Options::default(), &memory);
        first.remember_statement(first.statement("SELECT long"), now);
        assert_eq!(first.delivery("SELECT long", now), Delivery::Direct);
        assert_eq!(first.delivery("SELECT other", now), Delivery::Any);
        for n in 0..MOST_STATEMENTS {
            first.remember_statement(first.statement(&n.to_string()), now);
        }
        assert_eq!(first.delivery("SELECT long", now), Delivery::Any);
        let second = fallback(&Options::default(), &memory);
        assert_eq!(second.delivery("0", now), Delivery::Any);
        let error = QueryError {
            query_id: Some("q1".to_owned()),
            ..QueryError::default()
        };
        assert!(unspooled(&error, "q2").contains("as q2"));
    }
}
