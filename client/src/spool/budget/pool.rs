//! Unused buffers, which one result leaves to the next.

use parking_lot::Mutex;

use crate::decode::Buffer;

/// Empty buffers, those that were used last on top.
#[derive(Debug, Default)]
pub(in crate::spool) struct Pool {
    buffers: Mutex<Vec<Buffer>>,
}

impl Pool {
    /// An empty buffer.
    pub(in crate::spool) fn take(&self) -> Buffer {
        self.buffers.lock().pop().unwrap_or_default()
    }

    /// Keeps a buffer for the next, unless all would take more than `most` bytes then.
    pub(in crate::spool) fn give(&self, mut buffer: Buffer, most: usize) {
        buffer.clear();
        let mut buffers = self.buffers.lock();
        let held: usize = buffers.iter().map(Buffer::capacity).sum();
        if held + buffer.capacity() <= most {
            buffers.push(buffer);
        }
    }

    /// Frees all of them.
    pub(super) fn empty(&self) {
        drop(std::mem::take(&mut *self.buffers.lock()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_buffer_comes_back_empty_and_no_more_are_kept_than_was_said() {
        let pool = Pool::default();
        let sized = |size| Buffer::from(vec![b'x'; size].as_slice());
        pool.give(sized(100), 250);
        pool.give(sized(100), 250);
        pool.give(sized(100), 250);
        let taken: Vec<_> = (0..3).map(|_| pool.take()).collect();
        assert!(taken.iter().all(|buffer| buffer.is_empty()));
        assert_eq!(
            taken.iter().filter(|buffer| buffer.capacity() > 0).count(),
            2
        );
    }
}
