//! Chunks that the reader has taken, whose memory decoders use again.
//!
//! Chunks of one result are alike. Without this each would be allocated by one thread and freed by
//! another, page by page, and the allocator would keep much of it for the wrong one.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::columns::Chunk;

/// Chunks in the order in which the reader took them.
#[derive(Debug)]
pub(super) struct ChunkPool {
    chunks: VecDeque<(Arc<Chunk>, u64)>,
    bytes: u64,
    most: u64,
}

impl ChunkPool {
    /// Keeps no more than about `most` bytes.
    pub(super) fn new(most: u64) -> Self {
        Self {
            chunks: VecDeque::new(),
            bytes: 0,
            most,
        }
    }

    /// Keeps no more than about `most` bytes from now on.
    pub(super) fn keep(&mut self, most: u64) {
        self.most = most;
        self.make_room();
    }

    /// The reader takes a chunk of that size; it may hold it for a while.
    pub(super) fn put(&mut self, chunk: Arc<Chunk>, bytes: u64) {
        self.bytes += bytes;
        self.chunks.push_back((chunk, bytes));
        self.make_room();
    }

    fn make_room(&mut self) {
        while self.bytes > self.most {
            let Some((_, bytes)) = self.chunks.pop_front() else {
                return;
            };
            self.bytes -= bytes;
        }
    }

    /// A chunk that the reader has released.
    pub(super) fn take(&mut self) -> Option<Chunk> {
        // The reader lets go of them in order.
        self.chunks
            .front()
            .is_some_and(|(chunk, _)| Arc::strong_count(chunk) == 1)
            .then(|| self.chunks.pop_front())
            .flatten()
            .and_then(|(chunk, bytes)| {
                self.bytes -= bytes;
                Arc::into_inner(chunk)
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chunk_is_given_again_once_its_reader_let_go_of_it() {
        let mut pool = ChunkPool::new(100);
        let held = Arc::new(Chunk::default());
        pool.put(Arc::clone(&held), 40);
        assert_eq!(pool.take(), None);
        drop(held);
        assert_eq!(pool.take(), Some(Chunk::default()));
        assert_eq!((pool.take(), pool.bytes), (None, 0));
    }

    #[test]
    fn no_more_is_kept_than_was_said() {
        let mut pool = ChunkPool::new(100);
        for _ in 0..5 {
            pool.put(Arc::new(Chunk::default()), 40);
        }
        assert_eq!((pool.chunks.len(), pool.bytes), (2, 80));
        pool.keep(40);
        assert_eq!((pool.chunks.len(), pool.bytes), (1, 40));
        pool.put(Arc::new(Chunk::default()), 101);
        assert_eq!((pool.chunks.len(), pool.bytes), (0, 0));
    }
}
