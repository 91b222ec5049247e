//! The rows of a query about catalogs and tables, as one statement reads them.

use std::collections::VecDeque;
use std::sync::Arc;

use super::incoming::{Part, Progress};
use crate::columns::{Chunk, ChunkSource};
use crate::runtime::{Interrupted, Wait};
use crate::session::{Error, Results, Status};
use crate::spool;

/// The rows of a query about catalogs and tables.
#[derive(Debug, Default)]
pub struct MetadataRows {
    /// Rows that are here.
    pub(super) chunks: VecDeque<Arc<Chunk>>,
    pub(super) rest: Rest,
    pub(super) status: Option<Status>,
}

/// Where the rows come from that follow those that are here.
#[derive(Debug, Default)]
pub(super) enum Rest {
    #[default]
    None,
    Own(Results),
    /// From an answer that others may read too.
    Shared(Part),
    /// A wait for them ended early.
    Interrupted(Interrupted),
    /// They cannot be had, as the reader knows.
    Failed,
}

impl MetadataRows {
    /// Rows that were kept.
    pub(super) fn of(chunks: VecDeque<Arc<Chunk>>) -> Self {
        Self {
            chunks,
            ..Self::default()
        }
    }

    /// The rows of a query, the first of which are waited for.
    pub(super) fn begin(results: Results, wait: &Wait) -> Result<Self, Error> {
        let mut rows = Self {
            status: Some(results.status()),
            rest: Rest::Own(results),
            ..Self::default()
        };
        let first = rows.next(wait)?;
        rows.chunks.extend(first);
        Ok(rows)
    }

    /// The status of the query; none if the rows were kept from an earlier one.
    pub fn status(&self) -> Option<Status> {
        self.status.clone()
    }

    fn interrupted(&self, cause: Interrupted, trouble: Option<String>) -> Error {
        Error::Interrupted {
            cause,
            query_id: self.status.as_ref().map(Status::query_id),
            trouble,
        }
    }
}

impl ChunkSource for MetadataRows {
    type Error = Error;
    type Wait = Wait;

    fn next(&mut self, wait: &Wait) -> Result<Option<Arc<Chunk>>, Error> {
        loop {
            if let Some(chunk) = self.chunks.pop_front() {
                return Ok(Some(chunk));
            }
            match &mut self.rest {
                Rest::None => return Ok(None),
                Rest::Own(results) => {
                    let chunk = results.next(wait)?;
                    if chunk.is_none() {
                        self.rest = Rest::None;
                    }
                    return Ok(chunk);
                }
                Rest::Shared(part) => match part.next(wait) {
                    Ok(Progress::Chunk(chunk)) => return Ok(Some(chunk)),
                    Ok(Progress::End) => self.rest = Rest::None,
                    Ok(Progress::Unshared(chunks, rest)) => {
                        self.chunks = chunks;
                        self.rest = Rest::Own(rest);
                    }
                    Err(Error::Interrupted { cause, trouble, .. }) => {
                        self.rest = Rest::Interrupted(cause);
                        return Err(self.interrupted(cause, trouble));
                    }
                    Err(error) => {
                        self.rest = Rest::Failed;
                        return Err(error);
                    }
                },
                Rest::Interrupted(cause) => {
                    let cause = *cause;
                    return Err(self.interrupted(cause, None));
                }
                Rest::Failed => {
                    let query_id = self.status.as_ref().map(Status::query_id);
                    let query_id = query_id.unwrap_or_default();
                    return Err(Error::of_spool(spool::Error::Over, &query_id));
                }
            }
        }
    }
}
