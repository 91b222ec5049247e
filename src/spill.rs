//! A file for what of a result outgrows memory, encrypted.
//!
//! Each result has files of its own, without a name, and each file a key that only this process has and never writes.
//! Places that are free again are used again, so the file is as long as what waits in it.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use parking_lot::Mutex;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::rand::{SecureRandom, SystemRandom};

use crate::platform::TemporaryFile;

/// The file of one result.
pub struct Spill {
    file: TemporaryFile,
    key: LessSafeKey,
    space: Mutex<Space>,
}

/// Where a piece of the result lies.
#[derive(Debug, PartialEq, Eq)]
pub struct Parked {
    start: u64,
    length: u64,
    /// Never used twice with one key.
    nonce: u64,
}

impl Spill {
    /// An empty file in `folder`, by default in the folder of temporary files.
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

    /// Writes a piece. It is encrypted where it stands: `bytes` are of no use after.
    pub fn store(&self, id: u64, bytes: &mut [u8]) -> io::Result<Parked> {
        let place = {
            let mut space = self.space.lock();
            let nonce = space.nonce;
            space.nonce += 1;
            let length = (bytes.len() + AES_256_GCM.tag_len()) as u64;
            Parked {
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

    /// Reads a piece back into `room`, which has [`Parked::room`] bytes; gives how many of them are the piece.
    pub fn read(&self, id: u64, place: &Parked, room: &mut [u8]) -> io::Result<usize> {
        self.file.read_at(room, place.start)?;
        self.key
            .open_in_place(nonce(place.nonce), Aad::from(id.to_le_bytes()), room)
            .map(|piece| piece.len())
            .map_err(|_| io::Error::other("what was read is not what was written"))
    }

    /// Lets another piece have the place.
    pub fn free(&self, place: &Parked) {
        let mut space = self.space.lock();
        let before = space.end;
        space.give(place.start, place.length);
        if space.end < before {
            // Under the lock: nobody may be given what is being cut off.
            let _ = self.file.truncate(space.end);
        }
    }
}

impl Parked {
    /// Bytes that reading it takes, which are a few more than were stored.
    pub fn room(&self) -> io::Result<usize> {
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

/// What of the file is in use.
#[derive(Debug, Default)]
struct Space {
    end: u64,
    /// Gaps before the end by their start; no two touch each other.
    gaps: BTreeMap<u64, u64>,
    nonce: u64,
}

impl Space {
    /// A place of that length: the first gap that is large enough, else the end.
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

    /// Takes a place back.
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

    use super::{Parked, Space, Spill};

    fn read(spill: &Spill, id: u64, place: &Parked) -> std::io::Result<Vec<u8>> {
        let mut room = vec![0; place.room()?];
        let length = spill.read(id, place, &mut room)?;
        room.truncate(length);
        Ok(room)
    }

    #[test]
    fn a_piece_comes_back_as_it_went_and_only_as_itself() {
        let spill = Spill::create(None).unwrap();
        let one = spill.store(1, &mut b"[[1]]".to_owned()).unwrap();
        let two = spill.store(2, &mut []).unwrap();
        let three = spill.store(3, &mut [7; 100_000]).unwrap();
        assert!(read(&spill, 2, &one).is_err(), "the place of another piece");
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
    fn no_row_stands_in_the_file_in_clear_and_damage_is_noticed() {
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
        fn places_never_overlap_and_free_ones_are_used_again(
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
