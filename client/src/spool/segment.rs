//! A segment as the engine keeps it: where its bytes are, and what was said about them.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde_json::value::RawValue;
use url::Url;

use super::Error;
use super::window::Sizes;
use crate::latin1;
use crate::options::Encoding;
use crate::protocol::{self, DataAttributes, PageData};

/// A segment that has not been decoded.
#[derive(Debug)]
pub(super) struct Segment {
    pub(super) source: Source,
    pub(super) facts: Facts,
}

/// Where the bytes are.
pub(super) enum Source {
    /// Rows of the direct protocol.
    Direct(Box<RawValue>),
    /// Base64 of encoded bytes.
    Inline(String),
    /// To be fetched.
    Spooled(Arc<Spooled>),
}

/// The metadata of a segment. Each part may be missing.
#[derive(Debug, Clone, Copy)]
pub(super) struct Facts {
    pub(super) encoding: Encoding,
    pub(super) row_offset: Option<u64>,
    pub(super) rows_count: Option<u64>,
    pub(super) segment_size: Option<u64>,
    pub(super) uncompressed_size: Option<u64>,
}

/// Where a spooled segment is fetched and acknowledged.
pub(super) struct Spooled {
    pub(super) uri: String,
    pub(super) ack_uri: Option<String>,
    /// They carry the segment's key: marked sensitive, never shown.
    pub(super) headers: HeaderMap,
    pub(super) segment_size: Option<u64>,
    /// A time without a zone.
    pub(super) expires_at: Option<String>,
}

impl Segment {
    /// The rows of a page of the direct protocol.
    pub(super) fn direct(rows: Box<RawValue>) -> Self {
        Self {
            source: Source::Direct(rows),
            facts: Facts::of(Encoding::Json, &DataAttributes::default()),
        }
    }

    /// A segment of the spooling protocol.
    pub(super) fn spooling(encoding: Encoding, segment: protocol::Segment) -> Result<Self, Error> {
        match segment {
            protocol::Segment::Inline { data, attributes } => Ok(Self {
                source: Source::Inline(data),
                facts: Facts::of(encoding, &attributes),
            }),
            protocol::Segment::Spooled {
                uri,
                ack_uri,
                headers,
                mut attributes,
            } => {
                let mut sent = HeaderMap::with_capacity(headers.len());
                for (name, value) in &headers {
                    let header = HeaderName::from_bytes(name.as_bytes()).ok();
                    let value = latin1::encode(value.reveal())
                        .and_then(|bytes| HeaderValue::try_from(bytes).ok());
                    // Whether the segment can be had without it, its host says.
                    let (Some(header), Some(mut value)) = (header, value) else {
                        tracing::debug!(name, "a segment's header cannot be sent");
                        continue;
                    };
                    value.set_sensitive(true);
                    sent.append(header, value);
                }
                let spooled = Spooled {
                    uri,
                    ack_uri,
                    headers: sent,
                    segment_size: attributes.segment_size,
                    expires_at: attributes.expires_at.take(),
                };
                Ok(Self {
                    source: Source::Spooled(Arc::new(spooled)),
                    facts: Facts::of(encoding, &attributes),
                })
            }
        }
    }

    /// The bytes that the segment is expected to take.
    pub(super) fn sizes(&self) -> Sizes {
        let wire = match &self.source {
            Source::Direct(rows) => rows.get().len() as u64,
            Source::Inline(data) => data.len() as u64,
            Source::Spooled(_) => self.facts.segment_size.unwrap_or(UNTOLD_SIZE),
        };
        let json = self.facts.uncompressed_size.unwrap_or(wire);
        let text = match &self.source {
            _ if self.facts.is_compressed() => json,
            // Without its base64.
            Source::Inline(_) => wire,
            Source::Direct(_) | Source::Spooled(_) => 0,
        };
        // Sizes come from outside: absurd ones must not overflow the sums.
        Sizes {
            wire: wire.min(LARGEST_SIZE),
            text: text.min(LARGEST_SIZE),
            json: json.min(LARGEST_SIZE),
        }
    }
}

impl Facts {
    fn of(encoding: Encoding, attributes: &DataAttributes) -> Self {
        Self {
            encoding,
            row_offset: attributes.row_offset,
            rows_count: attributes.rows_count,
            segment_size: attributes.segment_size,
            uncompressed_size: attributes.uncompressed_size,
        }
    }

    /// Whether the bytes are compressed. A small segment is plain whatever its encoding is called.
    pub(super) fn is_compressed(&self) -> bool {
        self.encoding != Encoding::Json && self.uncompressed_size.is_some()
    }
}

/// Whether all rows of a page came with it, and are so few that the thread that has the page
/// decodes them: handing them to another task would take longer.
pub fn is_small(page: &PageData) -> bool {
    let size: usize = match page {
        PageData::None => 0,
        PageData::Direct(rows) => rows.get().len(),
        PageData::Spooled { segments, .. } => segments
            .iter()
            .map(|segment| match segment {
                protocol::Segment::Inline { data, .. } => data.len(),
                protocol::Segment::Spooled { .. } => SMALL,
            })
            .sum(),
    };
    size < SMALL
}

/// The bytes of an inline segment.
pub(super) fn inline_bytes(data: &str, segment_size: Option<u64>) -> Result<Vec<u8>, Error> {
    let mut bytes = STANDARD.decode(data).map_err(|_| Error::Base64)?;
    if let Some(expected) = segment_size {
        let actual = bytes.len() as u64;
        if actual < expected {
            return Err(Error::InlineLength { expected, actual });
        }
        // Some servers send the buffer behind the segment; the segment is its beginning.
        bytes.truncate(usize::try_from(expected).unwrap_or(usize::MAX));
    }
    Ok(bytes)
}

impl std::fmt::Debug for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Direct(rows) => write!(f, "Direct({} bytes)", rows.get().len()),
            Self::Inline(data) => write!(f, "Inline({} bytes)", data.len()),
            Self::Spooled(spooled) => spooled.fmt(f),
        }
    }
}

impl std::fmt::Debug for Spooled {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let host = Url::parse(&self.uri)
            .ok()
            .and_then(|uri| uri.host_str().map(str::to_owned));
        f.debug_struct("Spooled")
            .field("host", &host.unwrap_or_default())
            .field("segment_size", &self.segment_size)
            .finish_non_exhaustive()
    }
}

/// Below so many bytes, decoding takes less than handing the segment to another thread.
pub(super) const SMALL: usize = 64 << 10;

/// The assumed size of a segment of unknown size: about the default of servers.
const UNTOLD_SIZE: u64 = 8 << 20;

/// Sizes are 31 bits on the wire.
const LARGEST_SIZE: u64 = 4 << 30;

#[cfg(test)]
mod tests {
    use super::{Error, inline_bytes};

    #[test]
    fn an_inline_segment_is_the_first_bytes_of_its_data() {
        assert_eq!(
            inline_bytes("W1sxXV0=", Some(5)).ok().as_deref(),
            Some(b"[[1]]".as_slice())
        );
        assert_eq!(
            inline_bytes("W1sxXV0=", Some(3)).ok().as_deref(),
            Some(b"[[1".as_slice())
        );
        assert_eq!(
            inline_bytes("W1sxXV0=", None).ok().as_deref(),
            Some(b"[[1]]".as_slice())
        );
    }

    #[test]
    fn an_inline_segment_that_is_too_short_is_refused() {
        let result = inline_bytes("W1sxXV0=", Some(6));
        assert!(matches!(
            result,
            Err(Error::InlineLength {
                expected: 6,
                actual: 5
            })
        ));
        assert!(matches!(inline_bytes("W1sx*", None), Err(Error::Base64)));
    }
}
