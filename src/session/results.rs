//! The rows of a query, as they come.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::query::Notes;
use super::{Error, Session};
use crate::columns::{Chunk, ChunkSource};
use crate::protocol::Warning;
use crate::runtime::{Interrupted, Wait};
use crate::spool::{Feed, Gauge, Statistics};

/// The rows of a query. The query is cancelled on the server when they are dropped before their end.
#[derive(Debug)]
pub struct Results {
    session: Arc<Session>,
    feed: Feed,
    query_id: String,
    notes: Arc<Notes>,
    cancel: CancellationToken,
}

/// How far a query is, in the server's words.
#[derive(Debug, Clone, PartialEq)]
pub struct Progress {
    /// QUEUED, PLANNING, RUNNING, FINISHED and others.
    pub state: String,
    /// 0 to 100, once the server knows.
    pub percentage: Option<f64>,
}

/// What is known of a query, while it runs and after.
#[derive(Debug, Clone)]
pub struct Status {
    query_id: String,
    fetched: Option<(Arc<Notes>, Gauge)>,
}

impl Status {
    /// The status of a query that was over when it was run.
    pub fn finished(query_id: String) -> Self {
        Self {
            query_id,
            fetched: None,
        }
    }

    /// The query's id.
    pub fn query_id(&self) -> &str {
        &self.query_id
    }

    /// How the rows were fetched so far.
    pub fn statistics(&self) -> Statistics {
        self.fetched
            .as_ref()
            .map(|(_, gauge)| gauge.statistics())
            .unwrap_or_default()
    }

    /// How far the query is.
    pub fn progress(&self) -> Progress {
        match &self.fetched {
            Some((notes, _)) => {
                let stats = notes.stats();
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
}

impl Results {
    pub(super) fn new(
        session: Arc<Session>,
        feed: Feed,
        query_id: String,
        notes: Arc<Notes>,
        cancel: CancellationToken,
    ) -> Self {
        Self {
            session,
            feed,
            query_id,
            notes,
            cancel,
        }
    }

    /// The query's id.
    pub fn query_id(&self) -> &str {
        &self.query_id
    }

    /// How the rows were fetched so far.
    pub fn statistics(&self) -> Statistics {
        self.feed.statistics()
    }

    /// How far the query is.
    pub fn progress(&self) -> Progress {
        let stats = self.notes.stats();
        Progress {
            state: stats.state,
            percentage: stats.progress_percentage,
        }
    }

    /// What the server warned of so far.
    pub fn warnings(&self) -> Vec<Warning> {
        self.notes.warnings()
    }

    /// What is known of the query, for whoever outlives the rows.
    pub fn status(&self) -> Status {
        Status {
            query_id: self.query_id.clone(),
            fetched: Some((Arc::clone(&self.notes), self.feed.gauge())),
        }
    }

    /// Ends the query, on the server too, without waiting for that.
    pub fn cancel(&self) {
        self.cancel.cancel();
    }
}

impl ChunkSource for Results {
    type Error = Error;
    type Wait = Wait;

    fn next(&mut self, wait: &Wait) -> Result<Option<Arc<Chunk>>, Error> {
        if !self.session.lease.is_ours() {
            return Err(Error::Forked);
        }
        match wait.block_on(self.session.lease.handle(), self.feed.next()) {
            Ok(chunk) => chunk.map_err(|error| Error::of_spool(error, &self.query_id)),
            Err(cause) => {
                // A passed deadline leaves the query be: the caller may come back.
                if cause == Interrupted::Cancelled {
                    self.cancel();
                }
                Err(Error::Interrupted {
                    cause,
                    query_id: Some(self.query_id.clone()),
                })
            }
        }
    }
}

impl Drop for Results {
    fn drop(&mut self) {
        self.cancel.cancel();
    }
}
