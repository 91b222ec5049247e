//! From the bytes of a segment to chunks: base64, decompression, rows.

use std::borrow::Cow;
use std::ops::ControlFlow;
use std::time::Duration;

use super::Error;
use super::segment::{Facts, inline_bytes};
use crate::decode::{Buffer, Emit, RowDecoder, decompress};
use crate::os;
use serde_json::value::RawValue;

/// The bytes of a segment that is there.
#[derive(Debug)]
pub(super) enum Payload {
    Direct(Box<RawValue>),
    Inline(String),
    Downloaded(Buffer),
}

impl Payload {
    /// About how much there is to decode, in bytes.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Direct(rows) => rows.get().len(),
            Self::Inline(data) => data.len(),
            Self::Downloaded(bytes) => bytes.len(),
        }
    }
}

/// The outcome of unpacking a segment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Unpacked {
    pub(super) rows: u64,
    pub(super) text: u64,
    /// CPU time of decompressing a downloaded segment.
    pub(super) unpacking: Duration,
    /// CPU time of reading its JSON.
    pub(super) parsing: Duration,
}

/// Decodes a segment piece by piece. `text` is a buffer to work in.
pub(super) fn unpack(
    id: u64,
    payload: &Payload,
    facts: Facts,
    decoder: &mut RowDecoder,
    text: &mut Buffer,
    emit: &mut Emit<'_>,
) -> Result<Unpacked, Error> {
    let timed = matches!(payload, Payload::Downloaded(_));
    let clock = || match timed {
        true => os::thread_time(),
        false => Duration::ZERO,
    };
    let began = clock();
    let wire: Cow<'_, [u8]> = match payload {
        Payload::Direct(rows) => Cow::Borrowed(rows.get().as_bytes()),
        Payload::Inline(data) => Cow::Owned(inline_bytes(data, facts.segment_size)?),
        Payload::Downloaded(bytes) => Cow::Borrowed(bytes),
    };
    let failed = |cause| Error::Decode { segment: id, cause };
    let is_told_empty = matches!(payload, Payload::Inline(_)) || facts.rows_count == Some(0);
    let json: &[u8] = if wire.is_empty() && is_told_empty {
        b"[]"
    } else if facts.is_compressed() {
        text.clear();
        decompress(facts.encoding, &wire, facts.uncompressed_size, text).map_err(failed)?;
        text
    } else {
        &wire
    };
    let unpacked = clock();
    let expected = facts.rows_count;
    let mut rows = 0;
    let mut excess = false;
    decoder
        .decode_in_chunks(
            json,
            capacity(expected, json.len()),
            rows_per_chunk(expected, json.len()),
            &mut |chunk| {
                rows += chunk.rows() as u64;
                // Rows beyond the promised number never reach the reader.
                excess = expected.is_some_and(|expected| rows > expected);
                if excess {
                    ControlFlow::Break(())
                } else {
                    emit(chunk)
                }
            },
        )
        .map_err(failed)?;
    match expected {
        Some(expected) if excess || rows != expected => Err(Error::RowCount {
            segment: id,
            expected,
            actual: rows,
        }),
        _ => Ok(Unpacked {
            rows,
            text: json.len() as u64,
            unpacking: unpacked.saturating_sub(began),
            parsing: clock().saturating_sub(unpacked),
        }),
    }
}

/// The number of rows to make room for. A promised number counts as far as the text can hold it.
fn capacity(expected: Option<u64>, text: usize) -> usize {
    // A row is at least `[]` and a comma.
    let most = text / 3 + 1;
    expected
        .and_then(|rows| usize::try_from(rows).ok())
        .map_or(0, |rows| rows.min(most))
}

/// So many rows that a chunk comes from about a megabyte of text: soon there, and still long runs
/// to convert.
pub(super) fn rows_per_chunk(expected: Option<u64>, text: usize) -> usize {
    let rows = capacity(expected, text);
    if rows == 0 {
        return ROWS_UNTOLD;
    }
    let row = (text / rows).max(1);
    (TEXT_PER_CHUNK / row).clamp(FEWEST_ROWS, MOST_ROWS)
}

const TEXT_PER_CHUNK: usize = 1 << 20;
const FEWEST_ROWS: usize = 64;
const MOST_ROWS: usize = 64 * 1024;
const ROWS_UNTOLD: usize = 4096;
