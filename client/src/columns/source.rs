//! Sources of chunks, as their reader sees them.

use std::sync::Arc;

use super::Chunk;

/// A stream of chunks in row order: a running query's feed, or fixed rows.
pub trait ChunkSource: Send {
    /// Why no further chunk can be had.
    type Error;

    /// How the caller bounds a wait: deadline and cancellation.
    type Wait: ?Sized;

    /// The next chunk, `None` after the last. Blocks until it is there, as far as `wait` allows.
    fn next(&mut self, wait: &Self::Wait) -> Result<Option<Arc<Chunk>>, Self::Error>;
}

/// Rows that are there already: a catalog function's own answer.
#[derive(Debug, Default)]
pub struct FixedRows {
    chunk: Option<Arc<Chunk>>,
}

impl FixedRows {
    /// A source of these rows and no others.
    pub fn new(chunk: Chunk) -> Self {
        Self {
            chunk: Some(Arc::new(chunk)),
        }
    }

    /// The rows, once.
    pub fn take(&mut self) -> Option<Arc<Chunk>> {
        self.chunk.take().filter(|chunk| chunk.rows() > 0)
    }
}
