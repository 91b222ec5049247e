//! The rows of a scrollable cursor: the stored ones, and the source of the rest.

use std::ops::Deref;
use std::sync::Arc;

use trino_client::columns::Chunk;
use trino_client::runtime::Wait;

use super::chunk_store::ChunkStore;
use super::motion::Extent;
use super::rowset::{Rowset, Run};
use super::{Error, Source, StoreLimits};

/// Reads a result only as far as needed, and stores the rows that it read.
pub(super) struct ScrollableRows<E> {
    source: Source<E>,
    store: ChunkStore,
    /// The most rows to give.
    limit: u64,
    ended: bool,
}

/// [`ScrollableRows`] during one call, which waits for rows with `wait`.
pub(super) struct Reading<'a, E, W> {
    pub(super) rows: &'a mut ScrollableRows<E>,
    pub(super) wait: &'a W,
}

impl<E> ScrollableRows<E> {
    pub(super) fn new(source: Source<E>, limit: u64, limits: StoreLimits) -> Self {
        Self {
            source,
            store: ChunkStore::new(limits),
            limit,
            ended: false,
        }
    }
}

impl<E, W: Deref<Target = Wait>> Reading<'_, E, W> {
    /// Appends up to `size` rows after row `before` to `rowset`. Returns the rest of the last
    /// row's chunk.
    pub(super) fn gather(
        &mut self,
        before: u64,
        size: usize,
        rowset: &mut Rowset,
    ) -> Result<Option<(Arc<Chunk>, usize)>, Error<E>> {
        let there = self.read(before.saturating_add(size as u64))?;
        let wanted = usize::try_from(there.saturating_sub(before)).map_or(size, |it| it.min(size));
        let mut rest = None;
        while rowset.rows() < wanted {
            let next = before + rowset.rows() as u64;
            let found = self.rows.store.find(next).map_err(Error::Store)?;
            let (chunk, from) = found.expect("a row that was read is in the store");
            let end = chunk.rows().min(from + wanted - rowset.rows());
            rest = (end < chunk.rows()).then(|| (Arc::clone(&chunk), end));
            rowset.push(Run {
                chunk,
                rows: from..end,
            });
        }
        Ok(rest)
    }

    /// Reads until the store has `rows` rows or the result ends, and returns how many it has.
    fn read(&mut self, rows: u64) -> Result<u64, Error<E>> {
        let ScrollableRows {
            source,
            store,
            limit,
            ended,
        } = &mut *self.rows;
        while !*ended && store.rows() < rows.min(*limit) {
            store.make_room().map_err(Error::Store)?;
            match source.next(self.wait).map_err(Error::Source)? {
                Some(chunk) if chunk.rows() > 0 => store.add(chunk),
                Some(_) => {}
                None => *ended = true,
            }
        }
        Ok(store.rows().min(*limit))
    }
}

impl<E, W: Deref<Target = Wait>> Extent for Reading<'_, E, W> {
    type Error = Error<E>;

    fn has(&mut self, row: u64) -> Result<bool, Error<E>> {
        Ok(self.read(row)? >= row)
    }

    fn last(&mut self) -> Result<u64, Error<E>> {
        self.read(u64::MAX)
    }
}
