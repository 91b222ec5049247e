//! Running a statement until it shows what it is: rows that come, or a change that is done.

use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};

use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;

use super::query::{Query, QueryProgress, Running};
use super::{Shared, pager};
use crate::columns::{ColumnInfo, Type};
use crate::protocol::{Delivery, Error, Page, PageData, SessionState, Warning};
use crate::spool::{self, Bounds, Feed};

/// A statement whose columns are known, or which is over.
#[derive(Debug)]
pub(super) struct Started {
    pub(super) query_id: String,
    pub(super) columns: Vec<ColumnInfo>,
    pub(super) update_type: Option<String>,
    pub(super) warnings: Vec<Warning>,
    pub(super) outcome: StartedOutcome,
}

/// The outcome of a statement that was started.
#[derive(Debug)]
pub(super) enum StartedOutcome {
    Rows(Live),
    Updated(Option<u64>),
}

/// A query whose rows are on their way. Dropping it ends the query, on the server too.
#[derive(Debug)]
pub(super) struct Live {
    pub(super) query_id: String,
    pub(super) feed: Feed,
    pub(super) progress: Arc<QueryProgress>,
    pub(super) cancel: CancellationToken,
}

/// A statement on its way to the server. Dropping it before it arrived lets it arrive, to be
/// cancelled there: the server may have it already, under an id that is not known here yet.
struct Submission {
    shared: Arc<Shared>,
    sending: Option<Sending>,
    /// Fired if the caller no longer waits, because a person may have to sign in before anything is
    /// sent.
    given_up: CancellationToken,
}

/// A statement that is being sent.
type Sending = Pin<Box<dyn Future<Output = Result<Page, Error>> + Send>>;

impl Submission {
    fn new(shared: &Arc<Shared>, sql: &str, state: &SessionState, delivery: Delivery) -> Self {
        let given_up = CancellationToken::new();
        let sending = {
            let (shared, sql, state) = (Arc::clone(shared), sql.to_owned(), state.clone());
            let given_up = given_up.clone();
            async move {
                let (coordinator, first) = (&shared.coordinator, shared.encodings.first());
                coordinator
                    .submit(&sql, &state, delivery, first, &given_up)
                    .await
            }
        };
        Self {
            shared: Arc::clone(shared),
            sending: Some(Box::pin(sending)),
            given_up,
        }
    }
}

impl Future for Submission {
    type Output = Result<Page, Error>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let Some(sending) = &mut self.sending else {
            return Poll::Pending;
        };
        let answer = sending.as_mut().poll(context);
        if answer.is_ready() {
            self.sending = None;
        }
        answer
    }
}

impl Drop for Submission {
    fn drop(&mut self) {
        let Some(sending) = self.sending.take() else {
            return;
        };
        self.given_up.cancel();
        let shared = Arc::clone(&self.shared);
        let running = Running::new(&shared);
        self.shared.handle.spawn(async move {
            if let Ok(page) = sending.await {
                drop(Query::accept(&shared, page, &OnceLock::new()));
            }
            drop(running);
        });
    }
}

/// Submits `sql` with `state`, and waits for its columns or its end. Sets `id` to the query's id.
pub(super) async fn start(
    shared: &Arc<Shared>,
    sql: &str,
    state: &SessionState,
    delivery: Delivery,
    bounds: Bounds,
    id: &OnceLock<String>,
) -> Result<Started, Error> {
    let page = Submission::new(shared, sql, state, delivery).await?;
    let (mut query, mut data) = Query::accept(shared, page, id)?;
    while !query.has_columns() && !query.is_over() {
        data = query.advance().await?;
    }
    let update_type = query.update_type().map(str::to_owned);
    let query_id = query.id().to_owned();
    if !query.has_rows() {
        let mut counted = data.count();
        while !query.is_over() {
            counted = query.advance().await?.count().or(counted);
        }
        let count = query.update_count().or(counted);
        if query.lost_names(sql) {
            return Err(Error::Renamed);
        }
        query.finish();
        return Ok(Started {
            query_id,
            columns: Vec::new(),
            update_type,
            warnings: warnings(shared, &query.progress()),
            outcome: StartedOutcome::Updated(count),
        });
    }
    let columns = query.columns();
    let types: Arc<[Type]> = columns.iter().map(|column| column.kind.clone()).collect();
    let progress = query.progress();
    let warnings = warnings(shared, &progress);
    let cancel = shared.closing.child_token();
    let (mut sender, feed) = spool::open(
        &shared.spool.within(bounds),
        &shared.handle,
        types,
        &query_id,
    );
    // A few rows are decoded on the spot: handing them to a task would take longer.
    let mut rest = data;
    if spool::is_small(&rest) {
        let small = std::mem::replace(&mut rest, PageData::None);
        if !small.is_none() {
            // It fails only if the reader is gone, which the pager finds out too.
            let _ = sender.send(small).await;
        }
    }
    if query.is_over() && rest.is_none() {
        query.finish();
        sender.finish();
    } else {
        shared
            .handle
            .spawn(pager::run(query, sender, cancel.clone(), rest).in_current_span());
    }
    let live = Live {
        query_id: query_id.clone(),
        feed,
        progress,
        cancel,
    };
    Ok(Started {
        query_id,
        columns,
        update_type,
        warnings,
        outcome: StartedOutcome::Rows(live),
    })
}

impl Live {
    /// Why the rows that come next are being requested again.
    pub(super) fn trouble(&self) -> Option<String> {
        self.feed.trouble().or_else(|| self.progress.trouble())
    }
}

/// The server's warnings, and the driver's about how the server is reached.
fn warnings(shared: &Shared, progress: &QueryProgress) -> Vec<Warning> {
    let mut warnings = progress.warnings();
    warnings.extend(shared.coordinator.take_warning());
    warnings.extend(shared.spool.take_warning());
    warnings
}

impl Drop for Live {
    fn drop(&mut self) {
        self.cancel.cancel();
    }
}
