//! A Trino session as a blocking caller sees it: open it, run statements, describe them, close it.
//!
//! Calls block as long as their [`Wait`] allows. The work between calls (requesting pages, fetching
//! segments) is done by tasks on the runtime. Tasks hold `Shared` and never a lease of the runtime,
//! because a thread of the runtime must not drop the runtime.
//!
//! # A statement on its way
//!
//! ```text
//!  Session::run_within                        the caller's thread, within its Wait
//!    |  parameters::Text    the text to send, and how values travel with it
//!    |  transaction         begins one if the statement needs it
//!    v
//!  run::start
//!    |  Submission          POST; dropped early, it still arrives, to be cancelled there
//!    |  Query               one page after the other until the columns are known
//!    |                      dropped before its end, it is cancelled on the server
//!    v
//!  StartedOutcome::Updated        no rows: read to the end here
//!  StartedOutcome::Rows(Live)     rows:
//!    |
//!    +--> pager::run        a task: requests pages, sends heartbeats while the reader is slow
//!    |       | PageSender
//!    |       v
//!    |    spool             segments fetched and decoded ahead
//!    |       | Feed
//!    v       v
//!  Results                  the rows; falls back to the direct protocol (fallback) if segments
//!                           cannot be fetched before the first row was handed out
//! ```
//!
//! # Errors
//!
//! [`Error`] says what failed and, if there is a query, its id. Whatever ends a statement early (an
//! interrupted wait, a dropped [`Results`], a closed session) cancels its query on the server, so a
//! caller never has to clean up.

mod budget;
mod describe;
mod encoding;
mod error;
mod exit;
mod fallback;
mod metadata;
mod pager;
mod parameters;
mod pool;
mod query;
mod recent;
mod results;
mod run;
mod spooling_probe;
mod transaction;
mod underway;
mod version;

use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::auth::Credentials;
use crate::columns::{ColumnInfo, Type};
use crate::http::{ClientPool, Domain, Settings};
use crate::options::Options;
use crate::protocol::{self, Coordinator, Delivery, SessionState, Warning};
use crate::runtime::{self, Interrupted, SharedLease, Wait};
use crate::spool::Spool;
use crate::sql::Statement;

use encoding::Encodings;
use fallback::{FALLBACK, Fallback, Submitted, unspooled};
use metadata::Metadata;
use parameters::Text;
use run::{Started, StartedOutcome};
use version::Version;

pub use crate::protocol::from_display;
pub use crate::spool::{Bounds, Capacity};
pub use describe::Output;
pub use error::Error;
pub use metadata::{MetadataRows, Unlisted};
pub use pool::Pool;
pub use results::{Progress, Results, Status};
pub use spooling_probe::SpoolingProbe;
pub use transaction::{Completion, Isolation, Transactions};
pub use underway::Underway;

/// A session with a coordinator. Its statements run concurrently.
#[derive(Debug)]
pub struct Session {
    shared: Arc<Shared>,
    options: Options,
    version: Version,
    text_limit: AtomicUsize,
    lease: SharedLease,
}

/// The findings of the process's sessions about hosts, which later sessions use.
#[derive(Debug, Default)]
pub struct Memory {
    fallbacks: Arc<fallback::Memory>,
    encodings: Arc<encoding::Memory>,
}

/// A statement that was run.
#[derive(Debug)]
pub struct Execution {
    /// The query's id.
    pub query_id: String,
    /// The columns; none for a change.
    pub columns: Vec<ColumnInfo>,
    /// The rows, or what was changed.
    pub outcome: Outcome,
    /// Warnings of the server and of the driver so far.
    pub warnings: Vec<Warning>,
    /// The kind of change that the statement makes; absent for a query.
    pub update_type: Option<String>,
}

/// The result of a statement.
#[derive(Debug)]
pub enum Outcome {
    /// Rows, as they come.
    Rows(Results),
    /// A change of that many rows, if the server counts them; the statement is over.
    Updated(Option<u64>),
}

impl Session {
    /// Opens a session. Runs no query; checks host, TLS and credentials if the options say so.
    /// `clients` are shared with other sessions of the runtime, `memory` with others of the
    /// process.
    pub fn open(
        options: Options,
        runtime: SharedLease,
        clients: &ClientPool,
        memory: &Arc<Memory>,
        wait: &Wait,
    ) -> Result<Arc<Self>, Error> {
        Self::open_in(None, options, runtime, clients, memory, wait)
    }

    /// The same, in another routing group of a gateway than the options'.
    fn open_in(
        routing_group: Option<&str>,
        options: Options,
        runtime: SharedLease,
        clients: &ClientPool,
        memory: &Arc<Memory>,
        wait: &Wait,
    ) -> Result<Arc<Self>, Error> {
        let client_of = |settings| clients.get(settings).map_err(Error::Connect);
        let of_protocol = |error| Error::of_protocol(error, None);
        let own = Arc::new(protocol::own_origin(&options).map_err(of_protocol)?);
        let client = client_of(Settings::identified(&options))?.with_origin(&own);
        // Workers must not see credentials: segments carry their own headers.
        let segments = client_of(Settings::of(&options, Domain::Coordinator))?.with_origin(&own);
        let storage = client_of(Settings::of(&options, Domain::Storage))?;
        let credentials = Credentials::new(&options, &client, clients)?;
        let coordinator = Coordinator::new(&client, Arc::clone(&own), &options, credentials)
            .map_err(of_protocol)?;
        if let Some(group) = routing_group {
            coordinator.set_routing_group(group).map_err(of_protocol)?;
        }
        let budget = budget::of_process(&options.spooling);
        let spool = Spool::new(segments, storage, own, &options.spooling, budget);
        let fallback = Fallback::new(&options, Arc::clone(&spool), Arc::clone(&memory.fallbacks));
        let encodings = Encodings::new(&options, Arc::clone(&memory.encodings));
        let session = Arc::new(Self {
            shared: Arc::new(Shared {
                coordinator,
                spool,
                state: Mutex::new(SessionState::new(&options)),
                handle: runtime.handle().clone(),
                closing: CancellationToken::new(),
                lost: AtomicBool::new(false),
                running: watch::Sender::new(0),
                fallback,
                encodings,
                transactions: transaction::TransactionState::default(),
                metadata: Metadata::default(),
                heartbeat: options.heartbeat,
            }),
            text_limit: AtomicUsize::new(options.query_max_length),
            options,
            version: Version::default(),
            lease: runtime,
        });
        if session.options.validate_connection {
            session.prove(wait)?;
        }
        exit::cancel_on_exit(&session);
        tracing::info!(
            coordinator = session.shared.coordinator.endpoint(),
            user = session.options.user,
            "session opened"
        );
        Ok(session)
    }

    /// Proves host, TLS and credentials, as opening does when the options say so. Gives why HEAD
    /// was refused.
    pub fn prove(&self, wait: &Wait) -> Result<Option<Error>, Error> {
        let refused = self.call(wait, None, self.shared.coordinator.probe());
        let refused = refused.map_err(Error::while_connecting)?;
        Ok(refused.map(|error| Error::of_protocol(error, None)))
    }

    /// Runs a query of the driver's own, which begins no transaction; returns when its columns are
    /// known.
    pub fn run(self: &Arc<Self>, sql: &str, wait: &Wait) -> Result<Execution, Error> {
        let id = OnceLock::new();
        let sql = Statement::parse(sql);
        let text = Text::internal(&sql);
        self.call(wait, Some(&id), self.start(&text, Bounds::default(), &id))
    }

    /// Runs a statement of the application, with literals for its parameters and bounds for
    /// fetching its rows; returns when its columns are known or it has ended.
    pub fn run_within(
        self: &Arc<Self>,
        sql: &Statement,
        values: &[impl AsRef<str>],
        bounds: Bounds,
        wait: &Wait,
    ) -> Result<Execution, Error> {
        let text = self.text(sql, values, wait)?;
        let id = OnceLock::new();
        self.call(wait, Some(&id), self.start(&text, bounds, &id))
            .map_err(|error| {
                self.note_limit(&error);
                let error = parameters::placed(error, &text);
                match sql.leaves_data_alone() {
                    true => error,
                    false => error.of_change(),
                }
            })
    }

    /// Learns from a statement that was refused for its size how long the next ones may be.
    fn note_limit(&self, error: &Error) {
        let halved = |bytes: usize| match self.shared.coordinator.longest_statement() {
            longest if longest < bytes => longest.max(bytes / 2),
            _ => bytes / 2,
        };
        let limit = error.text_limit();
        if let Some(limit) = limit.or_else(|| error.oversized().map(halved)) {
            self.text_limit.fetch_min(limit, Ordering::Relaxed);
        }
    }

    /// The types of the columns of a query for a table, which returns no rows. It runs outside of
    /// any transaction, which it would end if the table may not be read.
    pub fn column_types(self: &Arc<Self>, query: &str, wait: &Wait) -> Result<Vec<Type>, Error> {
        let id = OnceLock::new();
        let sql = format!("{query} LIMIT 0");
        let mut state = self.shared.internal_state();
        state.transaction = None;
        let (delivery, bounds) = (Delivery::Direct, Bounds::default());
        let started = run::start(&self.shared, &sql, &state, delivery, bounds, &id);
        let columns = self.call(wait, Some(&id), started)?.columns;
        Ok(columns.into_iter().map(|column| column.kind).collect())
    }

    /// Characters that a statement may have on this server, as far as is known.
    pub fn text_limit(&self) -> usize {
        self.text_limit.load(Ordering::Relaxed)
    }

    /// The columns that `sql` would return, without running it; none if it returns no rows.
    pub fn describe(self: &Arc<Self>, sql: &Statement, wait: &Wait) -> Result<Output, Error> {
        let id = OnceLock::new();
        self.call(wait, Some(&id), describe::describe(self, sql, &id))
    }

    /// The types of the parameters of `sql`, in order; runs nothing of it.
    pub fn parameters(self: &Arc<Self>, sql: &Statement, wait: &Wait) -> Result<Vec<Type>, Error> {
        let id = OnceLock::new();
        self.call(wait, Some(&id), describe::parameters(self, sql, &id))
    }

    /// The user that statements run as: that of the connection, or of SET SESSION AUTHORIZATION.
    pub fn user(&self) -> Option<String> {
        let state = self.shared.state.lock();
        state
            .authorization_user
            .clone()
            .or_else(|| self.options.session_user.clone())
            .or_else(|| self.options.user.clone())
    }

    /// The current catalog.
    pub fn catalog(&self) -> Option<String> {
        self.shared.state.lock().catalog.clone()
    }

    /// The current schema.
    pub fn schema(&self) -> Option<String> {
        self.shared.state.lock().schema.clone()
    }

    /// Refuses a name, the value of `what`, that no header can carry.
    pub fn check_name(what: &'static str, name: &str) -> Result<(), Error> {
        protocol::check_sendable(what, name).map_err(|error| Error::of_protocol(error, None))
    }

    /// Makes later statements run in `catalog`; in none when that is empty. Whether it exists shows
    /// when one runs.
    pub fn set_catalog(&self, catalog: &str) {
        self.shared.state.lock().catalog = Some(catalog.to_owned()).filter(|name| !name.is_empty());
    }

    /// The routing group that later requests name to a gateway; empty when it is the gateway's
    /// choice.
    pub fn routing_group(&self) -> String {
        self.shared.coordinator.routing_group().unwrap_or_default()
    }

    /// Has later requests name another routing group; none when that is empty.
    pub fn set_routing_group(&self, group: &str) -> Result<(), Error> {
        let set = self.shared.coordinator.set_routing_group(group);
        set.map_err(|error| Error::of_protocol(error, None))
    }

    /// The session's time zone; `None` when it is the server's own.
    pub fn time_zone(&self) -> Option<String> {
        let state = self.shared.state.lock();
        // SET TIME ZONE comes back as a session property, which overrides the header.
        let set = state.properties.get("time_zone_id").cloned();
        set.or_else(|| self.options.time_zone.clone())
    }

    /// Host and port of the coordinator.
    pub fn endpoint(&self) -> &str {
        self.shared.coordinator.endpoint()
    }

    /// The default limits of one statement.
    pub fn capacity(&self) -> Capacity {
        self.shared.spool.capacity()
    }

    /// The options of the session.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// Whether statements can still be run, as far as is known without a request: the last request
    /// had an answer.
    pub fn is_alive(&self) -> bool {
        self.lease.is_ours()
            && !self.shared.closing.is_cancelled()
            && !self.shared.lost.load(Ordering::Relaxed)
    }

    /// Gives up requests for which the coordinator, or storage, is silent for so many seconds; 0
    /// sets no limit but the options' own.
    pub fn limit_silence(&self, seconds: u32) {
        self.shared.coordinator.limit_silence(seconds);
        self.shared.spool.limit_silence(seconds);
    }

    /// Forgets what statements and calls changed in the session since it was opened.
    pub fn reset(&self) {
        *self.shared.state.lock() = SessionState::new(&self.options);
        self.shared.coordinator.reset_routing_group();
    }

    /// Rolls back, ends every query that still runs, on the server too, and lets the server forget
    /// what of it lies in storage; waits for that at most `limit`, and for storage less.
    pub fn close(&self, limit: Duration) {
        if !self.lease.is_ours() {
            return;
        }
        let mut running = self.shared.running.subscribe();
        let ended = runtime::block_on(self.lease.handle(), async {
            // The server would keep it open for minutes.
            let rollback = transaction::end(&self.shared, Completion::Rollback);
            let _ = tokio::time::timeout(limit / 2, rollback).await;
            self.shared.closing.cancel();
            let queries = running.wait_for(|running| *running == 0);
            let ended = tokio::time::timeout(limit, queries).await.is_ok();
            let acknowledged = self.shared.spool.idle();
            let _ = tokio::time::timeout(limit.min(ACKNOWLEDGE_LIMIT), acknowledged).await;
            ended
        });
        tracing::info!(coordinator = self.endpoint(), ended, "session closed");
    }

    /// Starts a statement: begins a transaction if it needs one, replaces one that the server
    /// ended, and falls back if the server fails to write segments.
    async fn start(
        self: &Arc<Self>,
        text: &Text<'_>,
        bounds: Bounds,
        id: &OnceLock<String>,
    ) -> Result<Execution, protocol::Error> {
        let shared = &self.shared;
        let had_changes = if text.is_internal {
            false
        } else {
            transaction::prepare(shared, text.own).await?
        };
        let mut state = text.state(shared);
        let mut delivery = shared.fallback.delivery(&text.sent, Instant::now());
        let mut started = run::start(shared, &text.sent, &state, delivery, bounds, id).await;
        if let Err(error) = &started
            && !text.is_internal
            && transaction::replace(shared, text.own, error, had_changes).await?
        {
            state = text.state(shared);
            let id = OnceLock::new();
            started = run::start(shared, &text.sent, &state, delivery, bounds, &id).await;
        }
        if let Err(protocol::Error::Query(error)) = &started
            && error.in_spooling
            && let Some(state) = shared.state_for_rerun(state.clone())
            && shared.fallback.may_rerun(text.own, &state, delivery)
        {
            started = self.start_unspooled(text, &state, bounds, error).await;
            delivery = Delivery::Direct;
        }
        let mut started = started.inspect_err(|error| {
            if !text.is_internal {
                transaction::note_failure(shared, error, had_changes);
            }
        })?;
        let outcome = match started.outcome {
            StartedOutcome::Updated(count) => {
                shared.metadata.after(started.update_type.as_deref());
                Outcome::Updated(count)
            }
            StartedOutcome::Rows(live) => {
                if !text.is_internal {
                    started.warnings.extend(shared.fallback.take_warning());
                }
                let state = shared.state_for_rerun(state);
                let state =
                    state.filter(|state| shared.fallback.may_rerun(text.own, state, delivery));
                let submitted = state.map(|state| {
                    Box::new(Submitted {
                        sql: text.sent.to_string(),
                        state,
                        bounds,
                        columns: started.columns.clone(),
                        delivery,
                    })
                });
                Outcome::Rows(Results::new(Arc::clone(self), live, submitted))
            }
        };
        Ok(Execution {
            query_id: started.query_id,
            columns: started.columns,
            outcome,
            warnings: started.warnings,
            update_type: started.update_type,
        })
    }

    /// Runs a query again whose result the server could not write to segments. When that fails,
    /// too, the error is the first one.
    async fn start_unspooled(
        &self,
        text: &Text<'_>,
        state: &SessionState,
        bounds: Bounds,
        error: &protocol::QueryError,
    ) -> Result<Started, protocol::Error> {
        let shared = &self.shared;
        tracing::warn!(query_id = error.query_id, %error, "running the query again without segments");
        let id = OnceLock::new();
        let started = run::start(shared, &text.sent, state, Delivery::Direct, bounds, &id);
        let mut started = started.await.map_err(|again| {
            tracing::warn!(error = %again, "the query fails without segments, too");
            protocol::Error::Query(Box::new(error.clone())).for_good()
        })?;
        let statement = shared.fallback.statement(&text.sent);
        shared
            .fallback
            .remember_statement(statement, Instant::now());
        started.warnings.push(Warning {
            code: 0,
            name: FALLBACK.to_owned(),
            message: unspooled(error, &started.query_id),
        });
        Ok(started)
    }

    /// Waits for `work`, as long as `wait` allows and the session is open. `id` is the query's,
    /// once it has one.
    fn call<T>(
        &self,
        wait: &Wait,
        id: Option<&OnceLock<String>>,
        work: impl Future<Output = Result<T, protocol::Error>>,
    ) -> Result<T, Error> {
        if !self.lease.is_ours() {
            return Err(Error::Forked);
        }
        // Large, and moved by each layer around it otherwise.
        let work = pin!(work);
        let ended = wait.block_on(self.lease.handle(), async {
            tokio::select! {
                biased;
                () = self.shared.closing.cancelled() => None,
                ended = work => Some(ended),
            }
        });
        self.ended(ended, id)
    }

    /// The result of a wait.
    fn ended<T>(
        &self,
        ended: Result<Option<Result<T, protocol::Error>>, Interrupted>,
        id: Option<&OnceLock<String>>,
    ) -> Result<T, Error> {
        let id = || id.and_then(|id| id.get().cloned());
        match ended {
            Ok(Some(ended)) => self.note(ended.map_err(|error| Error::of_protocol(error, id()))),
            Ok(None) => Err(Error::Closed),
            Err(cause) => Err(Error::Interrupted {
                cause,
                query_id: id(),
                trouble: None,
            }),
        }
    }

    /// Records whether the coordinator answers.
    fn note<T>(&self, result: Result<T, Error>) -> Result<T, Error> {
        let lost = result.as_ref().is_err_and(Error::is_about_the_link);
        self.shared.lost.store(lost, Ordering::Relaxed);
        result
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.shared.closing.cancel();
    }
}

/// The part of a session that its tasks share.
#[derive(Debug)]
pub(crate) struct Shared {
    coordinator: Coordinator,
    spool: Arc<Spool>,
    state: Mutex<SessionState>,
    handle: Handle,
    /// Fired when the session closes; ends every wait and every query.
    closing: CancellationToken,
    /// Whether the last request had no answer.
    lost: AtomicBool,
    /// Queries, and cancellations of queries, that are under way.
    running: watch::Sender<usize>,
    fallback: Fallback,
    encodings: Encodings,
    transactions: transaction::TransactionState,
    metadata: Metadata,
    /// How often a query that waits for its reader is kept alive.
    heartbeat: Duration,
}

/// Segments that are not acknowledged by then are deleted by the server's own rules.
const ACKNOWLEDGE_LIMIT: Duration = Duration::from_millis(300);

#[cfg(test)]
mod tests;
