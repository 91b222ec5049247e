//! The rows that a scrollable cursor has read: in memory, and beyond a limit in an encrypted file.
//!
//! Chunks never change, so that one which was written once is never written again: memory is made by letting go of the
//! chunk that was used the longest time ago, and a chunk that is wanted again is read back. Each row is found by its
//! number, without reading what lies before it.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use crate::columns::{Chunk, pack, unpack};
use crate::spill::{Parked, Spill};

/// What the rows that are kept may take.
#[derive(Debug, Clone)]
pub struct Room {
    /// Bytes in memory. The chunk that was used last is always admitted.
    pub memory: u64,
    /// Bytes on disk; 0 when nothing may go there.
    pub disk: u64,
    /// Where the file is, by default in the folder of temporary files.
    pub folder: Option<PathBuf>,
}

/// Why rows cannot be kept, or cannot be had again. The rows that are kept already are not lost.
#[derive(Debug, thiserror::Error)]
pub enum KeepError {
    #[error(
        "The rows that a scrollable cursor keeps do not fit into memory. Raise MemoryLimit, set Spill to true so that \
         they may go to a temporary file, or use a forward-only cursor."
    )]
    Memory,
    #[error(
        "The rows that a scrollable cursor keeps do not fit into its temporary file. Raise SpillLimit or MemoryLimit, \
         or use a forward-only cursor."
    )]
    Disk,
    #[error(
        "The temporary file for the rows that a scrollable cursor keeps cannot be written: {0}. Set SpillPath to a \
         folder with room, raise MemoryLimit, or use a forward-only cursor."
    )]
    Write(io::Error),
    #[error("The temporary file for the rows that a scrollable cursor keeps cannot be read: {0}.")]
    Read(io::Error),
}

/// Chunks in the order of the result.
pub(super) struct Shelf {
    slots: Vec<Slot>,
    rows: u64,
    room: Room,
    /// Bytes of chunks in memory.
    held: u64,
    /// The chunks in memory by when they were used last.
    used: BTreeMap<u64, usize>,
    clock: u64,
    file: Option<Spill>,
    /// Bytes in the file.
    parked: u64,
    /// What is being written or was read last.
    scratch: Vec<u8>,
}

struct Slot {
    /// Rows before it.
    first: u64,
    chunk: Option<Held>,
    parked: Option<Parked>,
}

/// A chunk in memory.
struct Held {
    chunk: Arc<Chunk>,
    size: u64,
    used: u64,
}

impl Shelf {
    pub(super) fn new(room: Room) -> Self {
        Self {
            slots: Vec::new(),
            rows: 0,
            room,
            held: 0,
            used: BTreeMap::new(),
            clock: 0,
            file: None,
            parked: 0,
            scratch: Vec::new(),
        }
    }

    /// How many rows it has.
    pub(super) fn rows(&self) -> u64 {
        self.rows
    }

    /// Adds the rows that come next. What is in memory may pass the limit by them, until [`Self::make_room`].
    pub(super) fn add(&mut self, chunk: Arc<Chunk>) {
        let rows = chunk.rows() as u64;
        self.slots.push(Slot {
            first: self.rows,
            chunk: None,
            parked: None,
        });
        self.rows += rows;
        self.hold(self.slots.len() - 1, chunk);
    }

    /// The chunk of a row, from 0, and the row's place in it; `None` past the end.
    pub(super) fn find(&mut self, row: u64) -> Result<Option<(Arc<Chunk>, usize)>, KeepError> {
        if row >= self.rows {
            return Ok(None);
        }
        let index = self.slots.partition_point(|slot| slot.first <= row) - 1;
        let Some(slot) = self.slots.get_mut(index) else {
            return Ok(None);
        };
        let place = usize::try_from(row - slot.first).unwrap_or(usize::MAX);
        let chunk = match &mut slot.chunk {
            Some(held) => {
                self.used.remove(&held.used);
                self.clock += 1;
                held.used = self.clock;
                self.used.insert(held.used, index);
                Arc::clone(&held.chunk)
            }
            None => {
                let chunk = self.load(index)?;
                self.hold(index, Arc::clone(&chunk));
                // When nothing more can be written, it is this chunk, which is, that memory has no room for.
                if self.make_room().is_err() {
                    self.let_go(index);
                }
                chunk
            }
        };
        Ok(Some((chunk, place)))
    }

    /// Lets go of chunks until the rest is within its limit.
    pub(super) fn make_room(&mut self) -> Result<(), KeepError> {
        while self.held > self.room.memory && self.used.len() > 1 {
            let Some(index) = self.used.values().next().copied() else {
                break;
            };
            self.park(index)?;
            self.let_go(index);
        }
        Ok(())
    }

    fn let_go(&mut self, index: usize) {
        if let Some(held) = self.slots.get_mut(index).and_then(|slot| slot.chunk.take()) {
            self.used.remove(&held.used);
            self.held -= held.size;
        }
    }

    fn hold(&mut self, index: usize, chunk: Arc<Chunk>) {
        let size = (chunk.size() + OVERHEAD) as u64;
        self.clock += 1;
        if let Some(slot) = self.slots.get_mut(index) {
            slot.chunk = Some(Held {
                chunk,
                size,
                used: self.clock,
            });
            self.held += size;
            self.used.insert(self.clock, index);
        }
    }

    /// Writes a chunk to the file, unless it is there.
    fn park(&mut self, index: usize) -> Result<(), KeepError> {
        let Some(slot) = self.slots.get_mut(index) else {
            return Ok(());
        };
        let Some(held) = slot.chunk.as_ref().filter(|_| slot.parked.is_none()) else {
            return Ok(());
        };
        if self.room.disk == 0 {
            return Err(KeepError::Memory);
        }
        self.scratch.clear();
        pack(&held.chunk, &mut self.scratch);
        let size = self.scratch.len() as u64;
        if self.parked + size > self.room.disk {
            return Err(KeepError::Disk);
        }
        let file = match &mut self.file {
            Some(file) => file,
            file => {
                file.insert(Spill::create(self.room.folder.as_deref()).map_err(KeepError::Write)?)
            }
        };
        let parked = file.store(index as u64, &mut self.scratch);
        slot.parked = Some(parked.map_err(KeepError::Write)?);
        self.parked += size;
        Ok(())
    }

    /// Reads a chunk from the file.
    fn load(&mut self, index: usize) -> Result<Arc<Chunk>, KeepError> {
        let parked = self.slots.get(index).and_then(|slot| slot.parked.as_ref());
        let (Some(file), Some(parked)) = (&self.file, parked) else {
            return Err(KeepError::Read(io::ErrorKind::NotFound.into()));
        };
        let read = parked.room().and_then(|room| {
            self.scratch.clear();
            self.scratch.resize(room, 0);
            let length = file.read(index as u64, parked, &mut self.scratch)?;
            let chunk = self.scratch.get(..length).and_then(unpack);
            chunk.ok_or_else(|| io::ErrorKind::InvalidData.into())
        });
        read.map(Arc::new).map_err(KeepError::Read)
    }
}

/// About what a chunk takes beside its values.
const OVERHEAD: usize = 256;

#[cfg(test)]
mod tests;
