//! The rows of a query, as they come.

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::fallback::{Submitted, manner, unspooled};
use super::query::QueryProgress;
use super::run::{self, Live, StartedOutcome};
use super::{Error, Session};
use crate::columns::{Chunk, ChunkSource};
use crate::protocol::Delivery;
use crate::runtime::{Interrupted, Wait};
use crate::spool::{self, Gauge, Statistics};

/// The rows of a query. The query is cancelled on the server when they are dropped before their
/// end, or when a wait for them ends early.
#[derive(Debug)]
pub struct Results {
    session: Arc<Session>,
    /// Absent once a wait ended early.
    live: Option<Live>,
    status: Status,
    /// The query, for a fallback. Absent once a row was handed out.
    submitted: Option<Box<Submitted>>,
    /// Whether the choice of encodings knows of these rows.
    learned: bool,
    /// The query's text as the fallback remembers it, once a row was handed out.
    statement: Option<u64>,
    interrupted: Option<Interrupted>,
}

/// How far a query is, in the server's words.
#[derive(Debug, Clone, PartialEq)]
pub struct Progress {
    /// QUEUED, PLANNING, RUNNING, FINISHED and others.
    pub state: String,
    /// 0 to 100, once the server knows.
    pub percentage: Option<f64>,
}

/// The status of a query, while it runs and after.
#[derive(Clone)]
pub struct Status {
    known: Arc<Mutex<Known>>,
}

/// The facts behind a status.
struct Known {
    query_id: String,
    fetched: Option<(Arc<QueryProgress>, Gauge)>,
    notice: Option<String>,
}

impl Status {
    /// The status of a query that was over when it was run.
    pub fn finished(query_id: String) -> Self {
        Self::new(query_id, None)
    }

    /// The query's id.
    pub fn query_id(&self) -> String {
        self.known.lock().query_id.clone()
    }

    /// How the rows were fetched so far.
    pub fn statistics(&self) -> Statistics {
        let known = self.known.lock();
        known
            .fetched
            .as_ref()
            .map(|(_, gauge)| gauge.statistics())
            .unwrap_or_default()
    }

    /// How far the query is.
    pub fn progress(&self) -> Progress {
        match &self.known.lock().fetched {
            Some((progress, _)) => {
                let stats = progress.stats();
                Progress {
                    state: stats.state,
                    percentage: stats.progress_percentage,
                }
            }
            None => Progress {
                state: "FINISHED".to_owned(),
                percentage: Some(100.0),
            },
        }
    }

    /// A warning about how the rows come; given once.
    pub fn take_notice(&self) -> Option<String> {
        let mut known = self.known.lock();
        let gauge = known.fetched.as_ref().map(|(_, gauge)| gauge.clone());
        let notice = known.notice.take();
        notice.or_else(|| Some(gauge?.take_warning()?.message))
    }

    fn new(query_id: String, fetched: Option<(Arc<QueryProgress>, Gauge)>) -> Self {
        Self {
            known: Arc::new(Mutex::new(Known {
                query_id,
                fetched,
                notice: None,
            })),
        }
    }
}

impl fmt::Debug for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Status")
            .field("query_id", &self.query_id())
            .finish_non_exhaustive()
    }
}

impl Results {
    pub(super) fn new(
        session: Arc<Session>,
        live: Live,
        submitted: Option<Box<Submitted>>,
    ) -> Self {
        let fetched = (Arc::clone(&live.progress), live.feed.gauge());
        if submitted.is_none() {
            live.feed.rely_on_segments();
        }
        Self {
            session,
            status: Status::new(live.query_id.clone(), Some(fetched)),
            live: Some(live),
            submitted,
            learned: false,
            statement: None,
            interrupted: None,
        }
    }

    /// The status of the query, which outlives the rows.
    pub fn status(&self) -> Status {
        self.status.clone()
    }

    /// The next chunk; a wait that ends early leaves the query running, for other statements that
    /// want its rows.
    pub(super) fn next_of_shared(&mut self, wait: &Wait) -> Result<Option<Arc<Chunk>>, Error> {
        let session = Arc::clone(&self.session);
        if !session.lease.is_ours() {
            return Err(Error::Forked);
        }
        match wait.block_on(session.lease.handle(), self.advance()) {
            Ok(chunk) => session.note(chunk),
            Err(cause) => {
                let trouble = self.live.as_ref().and_then(Live::trouble);
                Err(Error::Interrupted {
                    cause,
                    query_id: Some(self.status.query_id()),
                    trouble: trouble.filter(|_| cause == Interrupted::TimedOut),
                })
            }
        }
    }

    /// The next chunk, after a fallback if the first rows need one.
    async fn advance(&mut self) -> Result<Option<Arc<Chunk>>, Error> {
        while let Some(submitted) = self.submitted.take() {
            let cause = match self.first_failure().await {
                Some(cause) => cause,
                None => match self.read().await {
                    Err(error) if self.session.can_fall_back(&error) => error,
                    Err(error) => return Err(self.fail(error)),
                    Ok(chunk) => {
                        let fallback = &self.session.shared.fallback;
                        self.statement = Some(fallback.statement(&submitted.sql));
                        return Ok(chunk);
                    }
                },
            };
            // Boxed, so that the future of each fetch has no room for it.
            self.submitted = Box::pin(self.fall_back(submitted, cause)).await?;
        }
        self.read().await.map_err(|error| self.fail(error))
    }

    /// The next chunk of the query that runs now.
    async fn read(&mut self) -> Result<Option<Arc<Chunk>>, spool::Error> {
        let Some(live) = &mut self.live else {
            return Err(spool::Error::Over);
        };
        let chunk = live.feed.next().await;
        if let Ok(None) = chunk {
            self.learn();
        }
        chunk
    }

    /// Lets the next query request the encoding that would have been best for these rows, and
    /// expect segments.
    fn learn(&mut self) {
        if let Some(live) = self.live.as_ref().filter(|_| !self.learned) {
            self.learned = true;
            let encodings = &self.session.shared.encodings;
            encodings.learn(&live.query_id, &live.feed.statistics());
            self.session.shared.fallback.note_service(Instant::now());
        }
    }

    /// The error of the reader. A query that the server could not spool falls back when it is run
    /// again.
    fn fail(&self, error: spool::Error) -> Error {
        if self.session.can_fall_back(&error) {
            self.session.shared.fallback.doubt_service();
        }
        if let (Some(statement), Some(_)) = (self.statement, error.server_failure()) {
            self.session
                .shared
                .fallback
                .remember_statement(statement, Instant::now());
        }
        Error::of_spool(error, &self.status.query_id())
    }

    /// Why the rows after the first ones cannot be fetched, when a fallback avoids it.
    async fn first_failure(&mut self) -> Option<spool::Error> {
        let live = self.live.as_mut()?;
        if !self.session.shared.fallback.expects_service(Instant::now()) {
            live.feed.availability(PATIENCE).await;
        }
        let session = &self.session;
        live.feed.take_failure(|error| session.can_fall_back(error))
    }

    /// Runs the query again, with its rows delivered otherwise; returns how to do so once more, if
    /// that may help. When that does not come about, the error is why it was tried.
    async fn fall_back(
        &mut self,
        mut submitted: Box<Submitted>,
        cause: spool::Error,
    ) -> Result<Option<Box<Submitted>>, Error> {
        let session = Arc::clone(&self.session);
        let shared = &session.shared;
        // The query on the way is of no use any more; the server learns so first.
        let before = self.live.take().map(|live| live.query_id.clone());
        let before = before.unwrap_or_default();
        submitted.delivery = shared.fallback.next_delivery(submitted.delivery, &cause);
        let delivery = submitted.delivery;
        tracing::warn!(query_id = before, %cause, ?delivery, "running the query again");
        let id = OnceLock::new();
        let started = tokio::select! {
            biased;
            () = shared.closing.cancelled() => return Err(Error::Closed),
            started = run::start(
                shared,
                &submitted.sql,
                &submitted.state,
                delivery,
                submitted.bounds,
                &id,
            ) => started,
        };
        let live = match started {
            Ok(started) if started.columns == submitted.columns => match started.outcome {
                StartedOutcome::Rows(live) => live,
                StartedOutcome::Updated(_) => {
                    return Err(Error::of_spool(cause.for_good(), &before));
                }
            },
            Ok(_) => {
                tracing::warn!(query_id = before, "the query has other columns now");
                return Err(Error::of_spool(cause.for_good(), &before));
            }
            Err(error) => {
                tracing::warn!(query_id = before, %error, "the query fails the other way, too");
                return Err(Error::of_spool(cause.for_good(), &before));
            }
        };
        let notice = match cause.server_failure() {
            Some(error) => {
                let statement = shared.fallback.statement(&submitted.sql);
                shared
                    .fallback
                    .remember_statement(statement, Instant::now());
                unspooled(error, &live.query_id)
            }
            None => {
                let reason = format!("{cause}{}", session.remedy(&cause));
                let how = match delivery {
                    Delivery::Plain => manner(delivery),
                    _ => "with its rows through the coordinator",
                };
                let notice = format!(
                    "{cause} The query was run again as {} {how} (SpoolingFallback).{} (query {before})",
                    live.query_id,
                    session.remedy(&cause)
                );
                shared.fallback.remember(delivery, reason, Instant::now());
                notice
            }
        };
        {
            let mut known = self.status.known.lock();
            known.fetched = Some((Arc::clone(&live.progress), live.feed.gauge()));
            known.notice = Some(notice);
            known.query_id.clone_from(&live.query_id);
        }
        self.live = Some(live);
        Ok((delivery != Delivery::Direct).then_some(submitted))
    }
}

impl Session {
    /// Whether rows that come through the coordinator would avoid `error`.
    fn can_fall_back(&self, error: &spool::Error) -> bool {
        error.is_about_segment(self.endpoint()) || error.server_failure().is_some()
    }

    /// The change that lets segments be fetched.
    fn remedy(&self, cause: &spool::Error) -> &'static str {
        if cause.endpoint() == Some(self.endpoint()) {
            " The gateway or proxy in front of the coordinator must let /v1/spooled through, unchanged (Trino Gateway: \
             extraWhitelistPaths); Encoding=none avoids the attempt."
        } else {
            " Encoding=none avoids the attempt."
        }
    }
}

impl ChunkSource for Results {
    type Error = Error;
    type Wait = Wait;

    fn next(&mut self, wait: &Wait) -> Result<Option<Arc<Chunk>>, Error> {
        if let Some(cause) = self.interrupted {
            return Err(Error::Interrupted {
                cause,
                query_id: Some(self.status.query_id()),
                trouble: None,
            });
        }
        let chunk = self.next_of_shared(wait);
        if let Err(Error::Interrupted { cause, .. }) = &chunk {
            self.interrupted = Some(*cause);
            self.live = None;
        }
        chunk
    }
}

impl Drop for Results {
    fn drop(&mut self) {
        if !self.session.lease.is_ours() {
            // Cancelling the query would write to sockets that the parent still uses.
            std::mem::forget(self.live.take());
        } else {
            self.learn();
        }
    }
}

/// How long the first rows are held back while no segment of theirs shows.
const PATIENCE: Duration = Duration::from_millis(500);
