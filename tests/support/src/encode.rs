//! Rows as the bytes of segments: encoded once, sent as often as asked.

use bytes::Bytes;
use serde_json::Value;

use crate::generate::Generated;

/// An encoding of the spooling protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Encoding {
    Json,
    JsonZstd,
    JsonLz4,
}

impl Encoding {
    pub const ALL: [Self; 3] = [Self::JsonZstd, Self::JsonLz4, Self::Json];

    pub fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::JsonZstd => "json+zstd",
            Self::JsonLz4 => "json+lz4",
        }
    }

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|encoding| encoding.name() == name)
    }

    fn compress(self, plain: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::Json => None,
            Self::JsonZstd => Some(zstd::bulk::compress(plain, 1).expect("memory is enough")),
            Self::JsonLz4 => Some(lz4_flex::block::compress(plain)),
        }
    }
}

/// The rows of an answer.
#[derive(Debug, Clone)]
pub(crate) enum Content {
    /// JSON arrays, as given.
    Rows(Vec<Bytes>),
    Generated(Generated),
}

impl Content {
    pub(crate) fn from_values(rows: Vec<Vec<Value>>) -> Self {
        let rows = rows
            .into_iter()
            .map(|row| Bytes::from(Value::Array(row).to_string()))
            .collect();
        Self::Rows(rows)
    }

    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Rows(rows) => rows.len(),
            Self::Generated(generated) => generated.rows,
        }
    }

    /// Cuts the rows into pieces of `rows_per_piece` and encodes each.
    pub(crate) fn encode(
        &self,
        encoding: Encoding,
        rows_per_piece: usize,
        compression_threshold: usize,
    ) -> Vec<Encoded> {
        let mut pieces = Vec::new();
        let mut start = 0;
        while start < self.len() {
            let end = self.len().min(start.saturating_add(rows_per_piece.max(1)));
            let plain = self.plain(start, end);
            let compressed = (plain.len() >= compression_threshold)
                .then(|| encoding.compress(&plain))
                .flatten();
            pieces.push(Encoded {
                row_offset: start,
                rows: end - start,
                uncompressed_size: compressed.as_ref().map(|_| plain.len()),
                bytes: Bytes::from(compressed.unwrap_or(plain)),
            });
            start = end;
        }
        pieces
    }

    fn plain(&self, start: usize, end: usize) -> Vec<u8> {
        let mut out = vec![b'['];
        for row in start..end {
            if row > start {
                out.push(b',');
            }
            match self {
                Self::Rows(rows) => out.extend_from_slice(&rows[row]),
                Self::Generated(generated) => generated.write_row(row, &mut out),
            }
        }
        out.push(b']');
        out
    }
}

/// The rows of one segment or one direct page.
#[derive(Debug, Clone)]
pub(crate) struct Encoded {
    pub(crate) row_offset: usize,
    pub(crate) rows: usize,
    /// Present when `bytes` are compressed.
    pub(crate) uncompressed_size: Option<usize>,
    pub(crate) bytes: Bytes,
}
