//! A query on the server, from its first answer to its last.
//!
//! Dropping a [`Query`] before its end cancels it on the server. An interrupted call, a closed
//! cursor and a failed exchange need nothing else.

use std::collections::HashSet;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use parking_lot::Mutex;

use super::Shared;
use crate::columns::{ColumnInfo, Type};
use crate::latin1;
use crate::protocol::{
    Changes, Coordinator, Error, Heartbeat, Page, PageData, StatementStats, Trouble, Warning,
};
use crate::sql::{self, Token};

/// A query on the server, which is cancelled there unless it came to its end.
#[derive(Debug)]
pub(super) struct Query {
    id: String,
    next: Option<String>,
    /// The address that stops the server from producing further rows.
    partial_cancel: Option<String>,
    columns: Option<Vec<ColumnInfo>>,
    update_type: Option<String>,
    update_count: Option<u64>,
    changes: Changes,
    progress: Arc<QueryProgress>,
    warned: Known,
    failed: bool,
    running: Running,
}

/// How far a query is: statistics and warnings of the server, updated by each page.
#[derive(Debug, Default)]
pub(super) struct QueryProgress {
    inner: Mutex<(StatementStats, Vec<Warning>)>,
    trouble: Trouble,
}

/// Warnings that are known, which every page repeats.
type Known = HashSet<Warning>;

/// Counts as work that a closing session waits for.
#[derive(Debug)]
pub(super) struct Running {
    shared: Arc<Shared>,
}

impl Query {
    /// The query whose first answer is `page`, and the data of that page. Sets `id` to the query's
    /// id.
    pub(super) fn accept(
        shared: &Arc<Shared>,
        page: Page,
        id: &OnceLock<String>,
    ) -> Result<(Self, PageData), Error> {
        let query_id = id.get_or_init(|| page.results.id.clone()).clone();
        tracing::debug!(query_id, "statement submitted");
        let mut query = Self {
            id: query_id,
            next: None,
            partial_cancel: None,
            columns: None,
            update_type: None,
            update_count: None,
            changes: Changes::default(),
            progress: Arc::default(),
            warned: Known::new(),
            failed: false,
            running: Running::new(shared),
        };
        let data = query.take(page)?;
        Ok((query, data))
    }

    /// Requests the next page; there must be one.
    pub(super) async fn advance(&mut self) -> Result<PageData, Error> {
        let Some(next) = &self.next else {
            return Ok(PageData::None);
        };
        let coordinator = &self.running.shared.coordinator;
        let page = coordinator.next(next, &self.progress.trouble).await?;
        let repeats = page.results.next_uri.as_ref() == Some(next);
        let data = self.take(page)?;
        if repeats && !data.is_none() {
            // Its rows would come again and again.
            return Err(Error::Malformed(
                "it names itself as the page that comes next".to_owned(),
            ));
        }
        Ok(data)
    }

    /// Takes over the facts of a page, and returns its data.
    fn take(&mut self, page: Page) -> Result<PageData, Error> {
        let Page {
            mut results,
            headers,
        } = page;
        self.next = results.next_uri.take();
        self.partial_cancel = results.partial_cancel_uri.take();
        self.changes.gather(&headers);
        if self.columns.as_ref().is_none_or(Vec::is_empty) {
            self.columns = results.column_infos().or(self.columns.take());
        }
        self.update_type = results.update_type.take().or(self.update_type.take());
        self.update_count = results.update_count.or(self.update_count);
        {
            let mut progress = self.progress.inner.lock();
            progress.0 = std::mem::take(&mut results.stats);
            for warning in std::mem::take(&mut results.warnings) {
                if !self.warned.contains(&warning) {
                    self.warned.insert(warning.clone());
                    progress.1.push(warning);
                }
            }
        }
        if let Some(error) = results.take_error() {
            tracing::debug!(query_id = self.id, error = error.name, "query failed");
            self.fail();
            return Err(Error::Query(error));
        }
        let data = results.take_data()?;
        if !data.is_none() && !self.has_columns() {
            return Err(Error::Malformed(
                "it brings rows without columns".to_owned(),
            ));
        }
        Ok(data)
    }

    /// The query's id.
    pub(super) fn id(&self) -> &str {
        &self.id
    }

    /// Whether the columns are known, and there is one.
    pub(super) fn has_columns(&self) -> bool {
        self.columns
            .as_ref()
            .is_some_and(|columns| !columns.is_empty())
    }

    /// Whether the statement returns rows, as opposed to the number of rows it changed.
    pub(super) fn has_rows(&self) -> bool {
        self.columns
            .as_deref()
            .is_some_and(|columns| returns_rows(columns, self.update_type.is_some()))
    }

    /// The columns; none when the statement has no result.
    pub(super) fn columns(&self) -> Vec<ColumnInfo> {
        self.columns.clone().unwrap_or_default()
    }

    /// The kind of change that the statement makes; absent for a query.
    pub(super) fn update_type(&self) -> Option<&str> {
        self.update_type.as_deref()
    }

    /// The rows that the statement changed, if the server counts them.
    pub(super) fn update_count(&self) -> Option<u64> {
        self.update_count
    }

    /// How far the query is, for those that outlive it.
    pub(super) fn progress(&self) -> Arc<QueryProgress> {
        Arc::clone(&self.progress)
    }

    /// Whether the last page is here: a page that names no next one.
    pub(super) fn is_over(&self) -> bool {
        self.next.is_none()
    }

    /// Whether the statement renames something of the session in headers that lost characters of
    /// `sql`, its text.
    pub(super) fn lost_names(&self, sql: &str) -> bool {
        self.changes.has_names()
            && sql::tokens(sql)
                .filter(Token::is_significant)
                .any(|token| latin1::unfit(token.text).is_some())
    }

    /// Applies to the session what the statement changed; it must be over.
    pub(super) fn finish(&mut self) {
        if !self.failed && !self.changes.is_empty() {
            self.running.shared.state.lock().apply(&self.changes);
        }
        self.changes = Changes::default();
        tracing::debug!(query_id = self.id, "query ended");
    }

    /// Sends heartbeats for as long as this is polled.
    pub(super) async fn keep_alive(&self) -> std::convert::Infallible {
        let shared = &self.running.shared;
        let mut refusals = 0;
        while let Some(next) = &self.next
            && refusals < REFUSALS
        {
            tokio::time::sleep(shared.heartbeat).await;
            // The next one makes up for one that is lost.
            match shared.coordinator.keep_alive(next).await {
                Heartbeat::Noted => refusals = 0,
                Heartbeat::Failed => {}
                Heartbeat::Unsupported => refusals += 1,
            }
        }
        std::future::pending().await
    }

    /// Ends the query on this side: it failed on the server.
    fn fail(&mut self) {
        self.failed = true;
        // A query that failed is over, whatever the page says.
        self.next = None;
        let changes = self.changes.of_failure();
        if !changes.is_empty() {
            self.running.shared.state.lock().apply(&changes);
        }
    }
}

impl Drop for Query {
    fn drop(&mut self) {
        let Some(next) = self.next.take() else {
            return;
        };
        tracing::debug!(query_id = self.id, "cancelling the query");
        let running = Running::new(&self.running.shared);
        let only_reads = self.update_type.is_none() && self.has_columns();
        let gently = only_reads && running.shared.has_changes();
        let partial = self.partial_cancel.take().filter(|_| gently);
        self.running.shared.handle.spawn(async move {
            let coordinator = &running.shared.coordinator;
            let left = match partial {
                Some(partial) => drain_to_end(coordinator, partial, next).await,
                None => Some(next),
            };
            if let Some(next) = left {
                coordinator.cancel(&next).await;
            }
        });
    }
}

impl QueryProgress {
    /// How far the query is.
    pub(super) fn stats(&self) -> StatementStats {
        self.inner.lock().0.clone()
    }

    /// The server's warnings so far.
    pub(super) fn warnings(&self) -> Vec<Warning> {
        self.inner.lock().1.clone()
    }

    /// Why the next page is being requested again.
    pub(super) fn trouble(&self) -> Option<String> {
        self.trouble.text()
    }
}

impl Running {
    pub(super) fn new(shared: &Arc<Shared>) -> Self {
        shared.running.send_modify(|running| *running += 1);
        Self {
            shared: Arc::clone(shared),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.shared
            .running
            .send_modify(|running| *running = running.saturating_sub(1));
    }
}

/// Reads a query whose rows are no longer wanted to its end, because cancelling it would end its
/// transaction. Returns the next page if that takes too long.
async fn drain_to_end(
    coordinator: &Coordinator,
    partial_cancel: String,
    next: String,
) -> Option<String> {
    let mut left = Some(next);
    let _ = tokio::time::timeout(DRAIN_LIMIT, async {
        let mut partial = Some(partial_cancel);
        while let Some(next) = &left {
            if let Some(uri) = &partial {
                coordinator.cancel(uri).await;
            }
            match coordinator.next(next, &Trouble::default()).await {
                Ok(page) => {
                    let named = page.results.partial_cancel_uri;
                    partial = named.filter(|uri| partial.as_ref() != Some(uri));
                    left = page.results.next_uri;
                }
                Err(_) => break,
            }
        }
    })
    .await;
    left
}

/// Whether `columns` are a result; of a statement that changes something, one count is not.
pub(super) fn returns_rows(columns: &[ColumnInfo], changes: bool) -> bool {
    match columns {
        [] => false,
        [only] if changes => !(only.name == "rows" && only.kind == Type::BigInt),
        _ => true,
    }
}

/// Heartbeats that are refused one after the other by a server that takes none. A single refusal
/// may come from a gateway that failed for a moment.
const REFUSALS: u32 = 3;

/// How long the rest of a query that is not cancelled may take.
const DRAIN_LIMIT: Duration = Duration::from_secs(60);
