//! An encrypted temporary file for the parts of a result that do not fit into memory.
//!
//! Each result has its own unnamed files, and each file has a key that never leaves this process.
//! Freed ranges are reused, so the file is no longer than what it holds.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use parking_lot::Mutex;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::rand::{SecureRandom, SystemRandom};

use crate::os::TemporaryFile;

/// The file of one result.
pub struct Spill {
    file: TemporaryFile,
    key: LessSafeKey,
    space: Mutex<Space>,
}

/// Where a part of the result lies in the file.
#[derive(Debug, PartialEq, Eq)]
pub struct SpilledRange {
    start: u64,
    length: u64,
    /// Never used twice with one key.
    nonce: u64,
}

impl Spill {
    /// Creates an empty file in `folder`, by default in the folder of temporary files.
    pub fn create(folder: Option<&Path>) -> io::Result<Self> {
        let mut key = [0; 32];
        SystemRandom::new()
            .fill(&mut key)
            .map_err(|_| io::Error::other("no random numbers"))?;
        let unbound = UnboundKey::new(&AES_256_GCM, &key);
        zeroize::Zeroize::zeroize(&mut key);
        Ok(Self {
            file: TemporaryFile::create(folder)?,
            key: LessSafeKey::new(unbound.map_err(|_| io::Error::other("no cipher"))?),
            space: Mutex::default(),
        })
    }

    /// Writes a part of the result. Encrypts in place: `bytes` are useless afterwards.
    pub fn store(&self, id: u64, bytes: &mut [u8]) -> io::Result<SpilledRange> {
        let place = {
            let mut space = self.space.lock();
            let nonce = space.nonce;
            space.nonce += 1;
            let length = (bytes.len() + AES_256_GCM.tag_len()) as u64;
            SpilledRange {
                start: space.take(length),
                length,
                nonce,
            }
        };
        let stored = self
            .key
            .seal_in_place_separate_tag(nonce(place.nonce), Aad::from(id.to_le_bytes()), bytes)
            .map_err(|_| io::Error::other("not encrypted"))
            .and_then(|tag| {
                self.file.write_at(bytes, place.start)?;
                let end = place.start + bytes.len() as u64;
                self.file.write_at(tag.as_ref(), end)
            });
        match stored {
            Ok(()) => Ok(place),
            Err(error) => {
                self.free(&place);
                Err(error)
            }
        }
    }

    /// Reads a part back into `buffer` of [`SpilledRange::buffer_size`] bytes, and returns its
    /// length.
    pub fn read(&self, id: u64, place: &SpilledRange, buffer: &mut [u8]) -> io::Result<usize> {
        self.file.read_at(buffer, place.start)?;
        self.key
            .open_in_place(nonce(place.nonce), Aad::from(id.to_le_bytes()), buffer)
            .map(|piece| piece.len())
            .map_err(|_| io::Error::other("its content has changed"))
    }

    /// Frees a range for reuse.
    pub fn free(&self, place: &SpilledRange) {
        let mut space = self.space.lock();
        let before = space.end;
        space.give(place.start, place.length);
        if space.end < before {
            // Under the lock: no one may take the range while it is cut off.
            let _ = self.file.truncate(space.end);
        }
    }
}

impl SpilledRange {
    /// Bytes needed to read it, a few more than were stored.
    pub fn buffer_size(&self) -> io::Result<usize> {
        usize::try_from(self.length).map_err(io::Error::other)
    }
}

fn nonce(number: u64) -> Nonce {
    let mut bytes = [0; NONCE_LEN];
    for (byte, digit) in bytes.iter_mut().zip(number.to_le_bytes()) {
        *byte = digit;
    }
    Nonce::assume_unique_for_key(bytes)
}

/// Which ranges of the file are in use.
#[derive(Debug, Default)]
struct Space {
    end: u64,
    /// Gaps before the end by their start; no two touch each other.
    gaps: BTreeMap<u64, u64>,
    nonce: u64,
}

impl Space {
    /// Takes a range: the first gap that is large enough, else at the end.
    fn take(&mut self, length: u64) -> u64 {
        let gap = self.gaps.iter().find(|(_, size)| **size >= length);
        let Some((start, size)) = gap.map(|(start, size)| (*start, *size)) else {
            let start = self.end;
            self.end += length;
            return start;
        };
        self.gaps.remove(&start);
        if size > length {
            self.gaps.insert(start + length, size - length);
        }
        start
    }

    /// Returns a range.
    fn give(&mut self, mut start: u64, mut length: u64) {
        if let Some((before, size)) = self.gaps.range(..start).next_back()
            && before + size == start
        {
            (start, length) = (*before, length + size);
        }
        if let Some(size) = self.gaps.remove(&(start + length)) {
            length += size;
        }
        self.gaps.insert(start, length);
        if start + length == self.end {
            self.gaps.remove(&start);
            self.end = start;
        }
    }
}

impl std::fmt::Debug for Spill {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Spill")
            .field("space", &self.space)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Space, Spill, SpilledRange};

    fn read(spill: &Spill, id: u64, place: &SpilledRange) -> std::io::Result<Vec<u8>> {
        let mut buffer = vec![0; place.buffer_size()?];
        let length = spill.read(id, place, &mut buffer)?;
        buffer.truncate(length);
        Ok(buffer)
    }

    #[test]
    fn a_part_is_read_back_unchanged_and_only_under_its_own_id() {
        let spill = Spill::create(None).unwrap();
        let one = spill.store(1, &mut b"[[1]]".to_owned()).unwrap();
        let two = spill.store(2, &mut []).unwrap();
        let three = spill.store(3, &mut [7; 100_000]).unwrap();
        assert!(read(&spill, 2, &one).is_err(), "the range of another part");
        for _ in 0..2 {
            assert_eq!(read(&spill, 1, &one).unwrap(), b"[[1]]");
        }
        assert_eq!(read(&spill, 3, &three).unwrap(), [7; 100_000]);
        assert!(read(&spill, 2, &two).unwrap().is_empty());
        for place in [&one, &three, &two] {
            spill.free(place);
        }
        assert_eq!(spill.space.lock().end, 0);
    }

    #[test]
    fn rows_are_encrypted_in_the_file_and_damage_is_detected() {
        let spill = Spill::create(None).unwrap();
        let place = spill.store(0, &mut b"secret row".repeat(10)).unwrap();
        let mut written = vec![0; place.length as usize];
        spill.file.read_at(&mut written, 0).unwrap();
        assert!(!written.windows(6).any(|bytes| bytes == b"secret"));
        spill.file.write_at(&[written[5] ^ 1], 5).unwrap();
        assert!(read(&spill, 0, &place).is_err());
    }

    proptest! {
        #[test]
        fn ranges_never_overlap_and_freed_ones_are_reused(
            steps in prop::collection::vec((any::<prop::sample::Index>(), 1..50u64), 1..100),
        ) {
            let mut space = Space::default();
            let mut taken: Vec<(u64, u64)> = Vec::new();
            for (choice, length) in steps {
                if length % 3 == 0 && !taken.is_empty() {
                    let (start, length) = taken.swap_remove(choice.index(taken.len()));
                    space.give(start, length);
                } else {
                    taken.push((space.take(length), length));
                }
                taken.sort_unstable();
                for pair in taken.windows(2) {
                    prop_assert!(pair[0].0 + pair[0].1 <= pair[1].0);
                }
                let used: u64 = taken.iter().map(|(_, length)| length).sum();
                let gaps: u64 = space.gaps.values().sum();
                prop_assert_eq!(used + gaps, space.end);
            }
            for (start, length) in taken {
                space.give(start, length);
            }
            prop_assert_eq!(space.end, 0);
        }
    }
}
