//! A buffer for the bytes of a whole segment, or for its text.
//!
//! Segments take megabytes, are filled by one thread and let go by another. Allocators keep such memory for the thread
//! that got it, so that a result of any length would end up with some multiple of its budget. Large buffers are
//! therefore pages straight from the system, which go back to it whole.

use std::fmt;
use std::ops::{Deref, DerefMut};

use memmap2::MmapMut;

/// Bytes one after the other, in memory that is kept until the buffer goes.
#[derive(Default)]
pub struct Buffer {
    memory: Memory,
    length: usize,
}

enum Memory {
    Heap(Box<[u8]>),
    Pages(MmapMut),
}

impl Buffer {
    /// An empty buffer that takes no memory.
    pub fn new() -> Self {
        Self::default()
    }

    /// Bytes that it can hold as it is.
    pub fn capacity(&self) -> usize {
        self.memory.len()
    }

    /// Forgets the bytes and keeps the memory.
    pub fn clear(&mut self) {
        self.length = 0;
    }

    /// Forgets the bytes from `length` on.
    pub fn truncate(&mut self, length: usize) {
        self.length = self.length.min(length);
    }

    /// Makes room for `capacity` bytes in all; false when the system has not that much.
    pub fn try_reserve(&mut self, capacity: usize) -> bool {
        if capacity <= self.memory.len() {
            return true;
        }
        let Some(mut memory) = Memory::new(capacity) else {
            return false;
        };
        let Some(place) = memory.get_mut(..self.length) else {
            return false;
        };
        place.copy_from_slice(self);
        self.memory = memory;
        true
    }

    /// Appends `bytes`; false when there is no memory for them.
    pub fn append(&mut self, bytes: &[u8]) -> bool {
        let end = self.length + bytes.len();
        if end > self.memory.len() && !self.try_reserve(end.max(self.memory.len() * 2)) {
            return false;
        }
        let Some(place) = self.memory.get_mut(self.length..end) else {
            return false;
        };
        place.copy_from_slice(bytes);
        self.length = end;
        true
    }

    /// Replaces the bytes by what `write` puts at the beginning of `length` bytes; it gives how many those are. There
    /// must be room for them.
    pub fn fill<E>(
        &mut self,
        length: usize,
        write: impl FnOnce(&mut [u8]) -> Result<usize, E>,
    ) -> Result<(), E> {
        self.length = 0;
        let place = self.memory.get_mut(..length).unwrap_or_default();
        let length = place.len();
        self.length = write(place)?.min(length);
        Ok(())
    }
}

impl Memory {
    fn new(size: usize) -> Option<Self> {
        if size >= LARGE {
            let pages = MmapMut::map_anon(size).ok()?;
            // A refusal changes nothing but speed: each small page costs a fault when it is first written.
            #[cfg(target_os = "linux")]
            let _ = pages.advise(memmap2::Advice::HugePage);
            return Some(Self::Pages(pages));
        }
        let mut bytes = Vec::new();
        bytes.try_reserve_exact(size).ok()?;
        bytes.resize(size, 0);
        Some(Self::Heap(bytes.into()))
    }
}

impl Default for Memory {
    fn default() -> Self {
        Self::Heap(Box::default())
    }
}

impl Deref for Memory {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Heap(bytes) => bytes,
            Self::Pages(pages) => pages,
        }
    }
}

impl DerefMut for Memory {
    fn deref_mut(&mut self) -> &mut [u8] {
        match self {
            Self::Heap(bytes) => bytes,
            Self::Pages(pages) => pages,
        }
    }
}

impl Deref for Buffer {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.memory.get(..self.length).unwrap_or_default()
    }
}

impl DerefMut for Buffer {
    fn deref_mut(&mut self) -> &mut [u8] {
        self.memory.get_mut(..self.length).unwrap_or_default()
    }
}

impl From<&[u8]> for Buffer {
    fn from(bytes: &[u8]) -> Self {
        let mut buffer = Self::new();
        buffer.append(bytes);
        buffer
    }
}

impl fmt::Debug for Buffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Buffer({} of {} bytes)", self.length, self.capacity())
    }
}

/// From this size on memory comes from the system itself. A smaller buffer is not worth the call.
const LARGE: usize = 256 << 10;

#[cfg(test)]
mod tests {
    use super::{Buffer, LARGE};

    #[test]
    fn bytes_stay_in_order_while_the_buffer_grows_from_heap_to_pages() {
        let mut buffer = Buffer::new();
        let piece: Vec<u8> = (0..=255).collect();
        for _ in 0..LARGE / 64 {
            assert!(buffer.append(&piece));
        }
        assert_eq!(buffer.len(), LARGE * 4);
        assert!(buffer.chunks(256).all(|chunk| chunk == piece));
        let capacity = buffer.capacity();
        buffer.clear();
        assert!(buffer.is_empty());
        assert!(buffer.append(b"x") && *buffer == *b"x");
        assert_eq!(buffer.capacity(), capacity);
    }

    #[test]
    fn a_fill_replaces_what_was_there() {
        let mut buffer = Buffer::new();
        assert!(buffer.append(b"old") && buffer.try_reserve(10));
        let write = |place: &mut [u8]| {
            assert_eq!(place.len(), 6);
            place[..2].copy_from_slice(b"ab");
            Ok::<_, ()>(2)
        };
        assert_eq!(buffer.fill(6, write), Ok(()));
        assert_eq!(*buffer, *b"ab");
        assert_eq!(buffer.fill(6, |_| Err(7)), Err(7));
        assert!(buffer.is_empty());
    }

    #[test]
    fn too_much_is_refused_and_changes_nothing() {
        let mut buffer = Buffer::new();
        assert!(buffer.append(b"kept"));
        assert!(!buffer.try_reserve(isize::MAX as usize));
        assert_eq!(*buffer, *b"kept");
    }
}
