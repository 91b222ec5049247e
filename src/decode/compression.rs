//! zstd, LZ4 or nothing around the rows of a segment.
//!
//! The size after decompression is announced; no more than that is ever allocated or accepted.

use std::cell::RefCell;

use super::Error;
use crate::config::Encoding;

/// Decompresses a segment into `into`, which is emptied first. Data without `uncompressed_size` is not compressed,
/// whatever the encoding: the server leaves small segments as they are.
pub fn decompress(
    encoding: Encoding,
    bytes: &[u8],
    uncompressed_size: Option<u64>,
    into: &mut Vec<u8>,
) -> Result<(), Error> {
    into.clear();
    let Some(expected) = uncompressed_size else {
        into.extend_from_slice(bytes);
        return Ok(());
    };
    if encoding == Encoding::Json {
        let actual = bytes.len() as u64;
        if actual != expected {
            return Err(Error::WrongLength { expected, actual });
        }
        into.extend_from_slice(bytes);
        return Ok(());
    }
    let size = usize::try_from(expected)
        .ok()
        .filter(|_| expected <= LARGEST)
        .ok_or(Error::TooLarge { size: expected })?;
    let actual = match encoding {
        Encoding::JsonZstd => {
            into.reserve(size);
            CONTEXT.with_borrow_mut(|context| {
                if context.is_none() {
                    *context = zstd::bulk::Decompressor::new().ok();
                }
                // The buffer's capacity bounds what is written.
                context.as_mut()?.decompress_to_buffer(bytes, into).ok()
            })
        }
        _ => {
            into.resize(size, 0);
            lz4_flex::block::decompress_into(bytes, into).ok()
        }
    };
    let Some(actual) = actual else { return Err(Error::Corrupt { encoding: encoding.name() }) };
    if actual != size {
        return Err(Error::WrongLength { expected, actual: actual as u64 });
    }
    Ok(())
}

thread_local! {
    /// Allocating a context costs more than decompressing a small segment.
    static CONTEXT: RefCell<Option<zstd::bulk::Decompressor<'static>>> = const { RefCell::new(None) };
}

/// The protocol counts sizes in 32-bit integers.
const LARGEST: u64 = i32::MAX as u64;

#[cfg(test)]
mod tests {
    use super::decompress;
    use crate::config::Encoding;
    use crate::decode::Error;

    const TEXT: &[u8] = b"[[1,\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"],[2,\"aaaaaaaaaaaaaaaaaaaaaaaa\"]]";

    fn compressed(encoding: Encoding) -> Vec<u8> {
        match encoding {
            Encoding::Json => TEXT.to_vec(),
            Encoding::JsonZstd => zstd::bulk::compress(TEXT, 3).unwrap(),
            Encoding::JsonLz4 => lz4_flex::block::compress(TEXT),
        }
    }

    const ALL: [Encoding; 3] = [Encoding::Json, Encoding::JsonZstd, Encoding::JsonLz4];

    #[test]
    fn each_encoding_comes_back() {
        let mut out = Vec::new();
        for encoding in ALL {
            decompress(encoding, &compressed(encoding), Some(TEXT.len() as u64), &mut out).unwrap();
            assert_eq!(out, TEXT, "{encoding:?}");
        }
    }

    #[test]
    fn data_without_an_announced_size_is_plain() {
        let mut out = vec![1];
        for encoding in ALL {
            decompress(encoding, TEXT, None, &mut out).unwrap();
            assert_eq!(out, TEXT);
        }
    }

    #[test]
    fn another_size_than_announced_is_refused() {
        let mut out = Vec::new();
        for encoding in ALL {
            for wrong in [0, 1, TEXT.len() as u64 - 1, TEXT.len() as u64 + 1] {
                // A buffer that was larger before must not hide that the data is.
                out.reserve(4096);
                let result = decompress(encoding, &compressed(encoding), Some(wrong), &mut out);
                assert!(result.is_err(), "{encoding:?} {wrong}");
            }
            let absurd = decompress(encoding, &compressed(encoding), Some(1 << 40), &mut out);
            assert!(absurd.is_err());
        }
    }

    #[test]
    fn corrupt_data_is_refused() {
        let mut out = Vec::new();
        for encoding in [Encoding::JsonZstd, Encoding::JsonLz4] {
            let whole = compressed(encoding);
            for cut in 0..whole.len() {
                assert!(
                    decompress(encoding, &whole[..cut], Some(TEXT.len() as u64), &mut out).is_err(),
                    "{encoding:?} cut at {cut}"
                );
            }
        }
        assert_eq!(
            decompress(Encoding::JsonZstd, b"nonsense", Some(9), &mut out),
            Err(Error::Corrupt { encoding: "json+zstd" })
        );
    }
}
