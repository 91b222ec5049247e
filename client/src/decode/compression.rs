//! Decompression of a segment, into exactly the bytes that its metadata announced.
//!
//! No more than the announced length is ever allocated: what would grow beyond it is refused.
//!
//! A segment is decompressed whole, into a buffer that the next one uses again, with a context that the thread keeps. Of a
//! segment of storage, piece by piece takes a quarter longer and a new context a tenth; of a small one, both take half as
//! long again (`benches/compression.rs`).

use std::cell::RefCell;

use zstd::bulk::Decompressor;

use super::{Buffer, Error};
use crate::options::Encoding;

/// Replaces `into` by the segment's text. `uncompressed_size` is what the metadata says; without it
/// the bytes are not compressed, whatever the encoding.
pub fn decompress(
    encoding: Encoding,
    bytes: &[u8],
    uncompressed_size: Option<u64>,
    into: &mut Buffer,
) -> Result<(), Error> {
    into.clear();
    match (encoding, uncompressed_size) {
        (Encoding::Json, _) | (_, None) => {
            let bytes = plain(bytes, uncompressed_size)?;
            let size = bytes.len() as u64;
            into.append(bytes)
                .then_some(())
                .ok_or(Error::TooLarge { size })
        }
        (Encoding::JsonZstd, Some(size)) => zstd(bytes, size, into),
        (Encoding::JsonLz4, Some(size)) => lz4(bytes, size, into),
    }
}

fn plain(bytes: &[u8], size: Option<u64>) -> Result<&[u8], Error> {
    match size {
        Some(expected) => exactly(expected, bytes.len()).map(|()| bytes),
        None => Ok(bytes),
    }
}

fn zstd(bytes: &[u8], size: u64, into: &mut Buffer) -> Result<(), Error> {
    const CORRUPT: Error = Error::Corrupt { encoding: "zstd" };
    match zstd::zstd_safe::get_frame_content_size(bytes) {
        Ok(Some(actual)) if actual != size => {
            return Err(Error::WrongLength {
                expected: size,
                actual,
            });
        }
        Ok(_) => {}
        Err(_) => return Err(CORRUPT),
    }
    let length = reserve(size, into)?;
    into.fill(length, |text| {
        ZSTD.with_borrow_mut(|context| context.decompress_to_buffer(bytes, text))
            .map_err(|_| CORRUPT)
    })?;
    exactly(size, into.len())
}

fn lz4(bytes: &[u8], size: u64, into: &mut Buffer) -> Result<(), Error> {
    // Trino's json+lz4 is a raw block: the length is in the segment's metadata, not in a frame.
    let length = reserve(size, into)?;
    into.fill(length, |text| {
        lz4_flex::block::decompress_into(bytes, text)
            .map_err(|_| Error::Corrupt { encoding: "lz4" })
    })?;
    exactly(size, into.len())
}

/// Makes room for `size` bytes in an empty buffer.
fn reserve(size: u64, into: &mut Buffer) -> Result<usize, Error> {
    let refused = Error::TooLarge { size };
    match usize::try_from(size) {
        Ok(length) if size <= LARGEST && into.try_reserve(length) => Ok(length),
        _ => Err(refused),
    }
}

fn exactly(expected: u64, actual: usize) -> Result<(), Error> {
    let actual = actual as u64;
    if actual == expected {
        Ok(())
    } else {
        Err(Error::WrongLength { expected, actual })
    }
}

/// The server counts a segment's bytes in 31 bits.
const LARGEST: u64 = i32::MAX as u64;

thread_local! {
    /// A context is large and dear to make.
    static ZSTD: RefCell<Decompressor<'static>> = RefCell::default();
}

#[cfg(test)]
mod tests {
    use super::decompress;
    use crate::decode::{Buffer, Error};
    use crate::options::Encoding;

    fn text() -> Vec<u8> {
        (0..5000)
            .flat_map(|n| format!("[{n}],").into_bytes())
            .collect()
    }

    fn packed(encoding: Encoding, text: &[u8]) -> Vec<u8> {
        match encoding {
            Encoding::Json => text.to_vec(),
            Encoding::JsonZstd => zstd::bulk::compress(text, 3).unwrap(),
            Encoding::JsonLz4 => lz4_flex::block::compress(text),
        }
    }

    const ALL: [Encoding; 3] = [Encoding::Json, Encoding::JsonZstd, Encoding::JsonLz4];

    #[test]
    fn every_encoding_gives_the_text_back_into_a_used_buffer() {
        let text = text();
        let mut into = Buffer::from(&*b"old".repeat(100_000));
        for encoding in ALL {
            let packed = packed(encoding, &text);
            let size = Some(text.len() as u64);
            decompress(encoding, &packed, size, &mut into).unwrap();
            assert_eq!(*into, *text);
        }
    }

    #[test]
    fn without_an_announced_size_the_bytes_are_plain() {
        let mut into = Buffer::new();
        for encoding in ALL {
            decompress(encoding, b"[[1]]", None, &mut into).unwrap();
            assert_eq!(*into, *b"[[1]]");
            into.clear();
        }
    }

    #[test]
    fn another_length_than_announced_is_an_error_in_both_directions() {
        let text = text();
        for encoding in ALL {
            let packed = packed(encoding, &text);
            for size in [0, 1, text.len() as u64 - 1, text.len() as u64 + 1] {
                for spare in [0, 1 << 20] {
                    let mut into = Buffer::new();
                    assert!(into.try_reserve(spare));
                    decompress(encoding, &packed, Some(size), &mut into).unwrap_err();
                }
            }
        }
    }

    #[test]
    fn damaged_bytes_are_an_error() {
        let text = text();
        for encoding in [Encoding::JsonZstd, Encoding::JsonLz4] {
            let packed = packed(encoding, &text);
            for cut in 0..packed.len().min(300) {
                let size = Some(text.len() as u64);
                decompress(encoding, &packed[..cut], size, &mut Buffer::new()).unwrap_err();
            }
            assert!(matches!(
                decompress(encoding, &[0xFF; 64], Some(1 << 20), &mut Buffer::new()),
                Err(Error::Corrupt { .. })
            ));
        }
    }

    #[test]
    fn an_absurd_size_allocates_nothing() {
        for encoding in [Encoding::JsonZstd, Encoding::JsonLz4] {
            let mut into = Buffer::new();
            let packed = packed(encoding, b"");
            for size in [1 << 31, u64::MAX] {
                decompress(encoding, &packed, Some(size), &mut into).unwrap_err();
                assert_eq!(into.capacity(), 0);
            }
        }
    }
}
