//! The rows of a scrollable cursor: those that were read, and the source of those that were not.

use std::ops::Deref;
use std::sync::Arc;

use super::motion::Extent;
use super::rowset::{Rowset, Run};
use super::shelf::Shelf;
use super::{Error, Room, Source};
use crate::columns::Chunk;
use crate::runtime::Wait;

/// Reads a result as far as somebody wanted to see it, and keeps what it read.
pub(super) struct Kept<E> {
    source: Source<E>,
    shelf: Shelf,
    /// Rows of the result that are given at most.
    limit: u64,
    ended: bool,
}

/// The same during one call, which waits for rows with `wait`.
pub(super) struct Reading<'a, E, W> {
    pub(super) kept: &'a mut Kept<E>,
    pub(super) wait: &'a W,
}

impl<E> Kept<E> {
    pub(super) fn new(source: Source<E>, limit: u64, room: Room) -> Self {
        Self {
            source,
            shelf: Shelf::new(room),
            limit,
            ended: false,
        }
    }
}

impl<E, W: Deref<Target = Wait>> Reading<'_, E, W> {
    /// Puts the rows from `before` on into `rowset`: `size`, or as many as there are. What follows them in the chunk of
    /// the last one is given back.
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
            let Some((chunk, from)) = self.kept.shelf.find(next).map_err(Error::Keep)? else {
                break;
            };
            let end = chunk.rows().min(from + wanted - rowset.rows());
            rest = (end < chunk.rows()).then(|| (Arc::clone(&chunk), end));
            rowset.push(Run {
                chunk,
                rows: from..end,
            });
        }
        Ok(rest)
    }

    /// Reads on until there are `rows` rows or the result ends; gives how many there are.
    fn read(&mut self, rows: u64) -> Result<u64, Error<E>> {
        let Kept {
            source,
            shelf,
            limit,
            ended,
        } = &mut *self.kept;
        while !*ended && shelf.rows() < rows.min(*limit) {
            shelf.make_room().map_err(Error::Keep)?;
            match source.next(self.wait).map_err(Error::Source)? {
                Some(chunk) if chunk.rows() > 0 => shelf.add(chunk),
                Some(_) => {}
                None => *ended = true,
            }
        }
        Ok(shelf.rows().min(*limit))
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
