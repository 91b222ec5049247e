//! Queries about catalogs and tables that the driver runs for the application, and answers that it
//! keeps for a while when it may.
//!
//! Such a query is the driver's own: it runs outside of the application's transaction, which its
//! failure would abort, and over the direct protocol, so that an application can browse where
//! storage is out of reach. Rows are handed out as they come, and what is kept is gathered as they
//! pass. What this session itself creates, alters or drops is seen by the next query; what
//! others do, when the answer's time is over.

mod answers;
mod incoming;
mod rows;

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::run::{self, StartedOutcome};
use super::{Error, Results, Session};
use crate::protocol::{self, Delivery};
use crate::runtime::Wait;
use crate::spool::Bounds;
use answers::Answers;
use incoming::{Incoming, Part};

pub use rows::MetadataRows;

/// A catalog that the server could not list the last time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unlisted {
    /// The name of the catalog.
    pub catalog: String,
    /// The server's words.
    pub reason: String,
}

/// Answers about catalogs and tables that a session keeps.
#[derive(Debug, Default)]
pub(super) struct Metadata {
    answers: Mutex<Answers>,
    /// Answers on their way, by the query's text.
    incoming: Mutex<HashMap<String, Arc<Incoming>>>,
    unlisted: Mutex<Vec<(Unlisted, Instant)>>,
}

impl Metadata {
    /// Forgets the answers if a statement of that kind may have made them untrue.
    pub(super) fn after(&self, update_type: Option<&str>) {
        let only_rows = matches!(update_type, Some("INSERT" | "UPDATE" | "DELETE" | "MERGE"));
        if !only_rows {
            self.answers.lock().forget();
        }
    }
}

impl Session {
    /// The rows of a query about catalogs and tables; the first of them are here when it returns,
    /// so that what keeps the server from answering shows at once. Statements that request the same
    /// while an answer comes wait for that one, unless it is too large to be kept.
    pub fn metadata(self: &Arc<Self>, sql: &str, wait: &Wait) -> Result<MetadataRows, Error> {
        let time = self.options.metadata_cache;
        if time.is_zero() {
            return self.query(sql, wait);
        }
        loop {
            if let Some(rows) = self.kept(sql) {
                return Ok(rows);
            }
            let part = Part::join(self, sql);
            if let Some(rows) = part.rows(wait, time)? {
                return Ok(rows);
            }
        }
    }

    /// The catalogs that could not be listed a moment ago.
    pub fn unlisted(&self) -> Vec<Unlisted> {
        let mut unlisted = self.shared.metadata.unlisted.lock();
        unlisted.retain(|(_, at)| at.elapsed() < UNLISTED_TIME);
        unlisted
            .iter()
            .map(|(unlisted, _)| unlisted.clone())
            .collect()
    }

    /// Notes that a catalog cannot be listed, so that it is not tried again at once.
    pub fn note_unlisted(&self, catalog: Unlisted) {
        let mut unlisted = self.shared.metadata.unlisted.lock();
        unlisted.retain(|(known, _)| known.catalog != catalog.catalog);
        unlisted.push((catalog, Instant::now()));
    }

    /// A kept answer to the query, if it is fresh.
    fn kept(&self, sql: &str) -> Option<MetadataRows> {
        let answers = self.shared.metadata.answers.lock();
        let chunks = answers.get(sql, Instant::now())?;
        Some(MetadataRows::of(chunks))
    }

    /// The rows of the query, which runs outside of any transaction and reads little ahead.
    fn query(self: &Arc<Self>, sql: &str, wait: &Wait) -> Result<MetadataRows, Error> {
        let id = OnceLock::new();
        let results = self.call(wait, Some(&id), async {
            let shared = &self.shared;
            let mut state = shared.state.lock().clone();
            state.transaction = None;
            let limit = self.options.spooling.memory;
            let bounds = Bounds {
                memory: Some(limit.map_or(READ_AHEAD, |limit| limit.min(READ_AHEAD))),
                ..Bounds::default()
            };
            let started = run::start(shared, sql, &state, Delivery::Direct, bounds, &id).await?;
            match started.outcome {
                StartedOutcome::Rows(live) => Ok(Results::new(Arc::clone(self), live, None)),
                StartedOutcome::Updated(_) => Err(protocol::Error::Malformed(
                    "it gives no rows for a query about tables".to_owned(),
                )),
            }
        })?;
        MetadataRows::begin(results, wait)
    }
}

/// Bytes of an answer that are read ahead of the application: several pages, as the server makes
/// them.
const READ_AHEAD: u64 = 8 << 20;

/// How long a catalog that could not be listed is left out unasked.
const UNLISTED_TIME: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_of_rows_leave_the_answers() {
        let metadata = Metadata::default();
        for (kind, forgotten) in [
            (Some("INSERT"), 0),
            (Some("MERGE"), 0),
            (Some("CREATE TABLE"), 1),
            (Some("SET ROLE"), 2),
            (None, 3),
        ] {
            metadata.after(kind);
            assert_eq!(metadata.answers.lock().generation, forgotten, "{kind:?}");
        }
    }
}
