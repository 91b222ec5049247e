//! The rows that a scrollable cursor has read: in memory, and beyond a limit in an encrypted file.
//!
//! Chunks never change, so a chunk is written at most once. To make room, the store drops the
//! chunk that was not used for the longest time, and reads it back when it is needed again. A row
//! is found by its number, without reading the rows before it.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use trino_client::columns::{Chunk, pack, unpack};
use trino_client::spill::{Spill, SpilledRange};

/// How much a store may hold.
#[derive(Debug, Clone)]
pub struct StoreLimits {
    /// Bytes in memory. The most recently used chunk is always admitted.
    pub memory: u64,
    /// Bytes on disk; 0 disables spilling.
    pub disk: u64,
    /// The folder of the file; the folder of temporary files by default.
    pub folder: Option<PathBuf>,
}

/// Why rows cannot be stored or read back. The rows already stored are not lost.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error(
        "The rows of the scrollable cursor do not fit into memory. Raise MemoryLimit, set Spill to \
         true to move them to a temporary file, or use a forward-only cursor."
    )]
    Memory,
    #[error(
        "The rows of the scrollable cursor do not fit into its temporary file. Raise SpillLimit or \
         MemoryLimit, or use a forward-only cursor."
    )]
    Disk,
    #[error(
        "Cannot write the temporary file of the scrollable cursor: {0}. Set SpillPath to a folder \
         with free space, raise MemoryLimit, or use a forward-only cursor."
    )]
    Write(io::Error),
    #[error("Cannot read the temporary file of the scrollable cursor: {0}.")]
    Read(io::Error),
}

/// Chunks in the order of the result.
pub(super) struct ChunkStore {
    slots: Vec<Slot>,
    rows: u64,
    limits: StoreLimits,
    /// Bytes of chunks in memory.
    held: u64,
    /// The chunks in memory, least recently used first.
    used: BTreeMap<u64, usize>,
    clock: u64,
    file: Option<Spill>,
    /// Bytes in the file.
    spilled: u64,
    /// The bytes last written or read.
    scratch: Vec<u8>,
}

/// A chunk of the result, in memory, on disk, or both.
struct Slot {
    /// Rows before it.
    first: u64,
    chunk: Option<Held>,
    spilled: Option<SpilledRange>,
}

/// A chunk in memory.
struct Held {
    chunk: Arc<Chunk>,
    size: u64,
    used: u64,
}

impl ChunkStore {
    pub(super) fn new(limits: StoreLimits) -> Self {
        Self {
            slots: Vec::new(),
            rows: 0,
            limits,
            held: 0,
            used: BTreeMap::new(),
            clock: 0,
            file: None,
            spilled: 0,
            scratch: Vec::new(),
        }
    }

    /// Rows stored so far.
    pub(super) fn rows(&self) -> u64 {
        self.rows
    }

    /// Appends the next rows of the result. They may exceed the memory limit until
    /// [`Self::make_room`].
    pub(super) fn add(&mut self, chunk: Arc<Chunk>) {
        let rows = chunk.rows() as u64;
        self.slots.push(Slot {
            first: self.rows,
            chunk: None,
            spilled: None,
        });
        self.rows += rows;
        self.hold(self.slots.len() - 1, chunk);
    }

    /// The chunk of a row, from 0, and the row's place in it; `None` past the last row stored.
    pub(super) fn find(&mut self, row: u64) -> Result<Option<(Arc<Chunk>, usize)>, StoreError> {
        if row >= self.rows {
            return Ok(None);
        }
        let index = self.slots.partition_point(|slot| slot.first <= row) - 1;
        let slot = slot(&mut self.slots, index);
        let place = usize::try_from(row - slot.first).expect("a chunk's rows are counted in usize");
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
                // If nothing more can be written, drop this chunk again: it is in the file.
                if self.make_room().is_err() {
                    self.release(index);
                }
                chunk
            }
        };
        Ok(Some((chunk, place)))
    }

    /// Moves the least recently used chunks to the file until the others fit into memory.
    pub(super) fn make_room(&mut self) -> Result<(), StoreError> {
        while self.held > self.limits.memory && self.used.len() > 1 {
            let (_, index) = self
                .used
                .first_key_value()
                .expect("two chunks are in memory");
            let index = *index;
            self.spill(index)?;
            self.release(index);
        }
        Ok(())
    }

    /// Drops a chunk from memory.
    fn release(&mut self, index: usize) {
        if let Some(held) = slot(&mut self.slots, index).chunk.take() {
            self.used.remove(&held.used);
            self.held -= held.size;
        }
    }

    /// Puts a chunk into memory.
    fn hold(&mut self, index: usize, chunk: Arc<Chunk>) {
        let size = (chunk.size() + OVERHEAD) as u64;
        self.clock += 1;
        slot(&mut self.slots, index).chunk = Some(Held {
            chunk,
            size,
            used: self.clock,
        });
        self.held += size;
        self.used.insert(self.clock, index);
    }

    /// Writes a chunk in memory to the file, unless it is there already.
    fn spill(&mut self, index: usize) -> Result<(), StoreError> {
        let slot = slot(&mut self.slots, index);
        if slot.spilled.is_some() {
            return Ok(());
        }
        if self.limits.disk == 0 {
            return Err(StoreError::Memory);
        }
        let held = slot
            .chunk
            .as_ref()
            .expect("a chunk that is spilled is in memory");
        self.scratch.clear();
        pack(&held.chunk, &mut self.scratch);
        let size = self.scratch.len() as u64;
        if self.spilled + size > self.limits.disk {
            return Err(StoreError::Disk);
        }
        let file = match &mut self.file {
            Some(file) => file,
            file => {
                let folder = self.limits.folder.as_deref();
                file.insert(Spill::create(folder).map_err(StoreError::Write)?)
            }
        };
        let spilled = file.store(index as u64, &mut self.scratch);
        slot.spilled = Some(spilled.map_err(StoreError::Write)?);
        self.spilled += size;
        Ok(())
    }

    /// Reads a chunk from the file.
    fn load(&mut self, index: usize) -> Result<Arc<Chunk>, StoreError> {
        let spilled = slot(&mut self.slots, index).spilled.as_ref();
        let spilled = spilled.expect("a chunk that is not in memory was spilled");
        let file = self.file.as_ref().expect("a spilled chunk has a file");
        let read = spilled.buffer_size().and_then(|size| {
            self.scratch.clear();
            self.scratch.resize(size, 0);
            let length = file.read(index as u64, spilled, &mut self.scratch)?;
            let chunk = self.scratch.get(..length).and_then(unpack);
            chunk.ok_or_else(|| io::ErrorKind::InvalidData.into())
        });
        read.map(Arc::new).map_err(StoreError::Read)
    }
}

/// A slot by its index. Slots are never removed.
fn slot(slots: &mut [Slot], index: usize) -> &mut Slot {
    slots.get_mut(index).expect("an index of a slot")
}

/// Roughly what a chunk takes in memory beside its values.
const OVERHEAD: usize = 256;

#[cfg(test)]
mod tests;
