//! Content codings that reqwest leaves as they are: those that were not requested, and other names
//! of gzip.
//!
//! Names of codings have no case, and `x-gzip` is gzip.
//! <https://www.rfc-editor.org/rfc/rfc9110#name-content-codings>

use std::io::Read;

use bytes::Bytes;
use flate2::read::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};
use reqwest::header::{CONTENT_ENCODING, HeaderMap, HeaderValue};

/// The body as it was before its codings, which leave the headers. What cannot be undone stays in
/// both.
pub(crate) fn decoded(headers: &mut HeaderMap, mut body: Bytes) -> Bytes {
    let mut names = codings(headers);
    if names.is_empty() && body.starts_with(GZIP) {
        return inflated("gzip", &body).unwrap_or(body);
    }
    while let Some(name) = names.last() {
        match inflated(name, &body) {
            Some(plain) => body = plain,
            None => break,
        }
        names.pop();
    }
    headers.remove(CONTENT_ENCODING);
    if !names.is_empty()
        && let Ok(left) = HeaderValue::try_from(names.join(", "))
    {
        headers.insert(CONTENT_ENCODING, left);
    }
    body
}

/// The codings of a body, in the order in which they were applied.
pub(crate) fn codings(headers: &HeaderMap) -> Vec<String> {
    headers
        .get_all(CONTENT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|name| name.trim().to_ascii_lowercase())
        .filter(|name| !name.is_empty() && name != "identity")
        .collect()
}

/// The plain bytes of a body in that coding; `None` if it is unknown or damaged.
fn inflated(coding: &str, body: &[u8]) -> Option<Bytes> {
    // The answer to HEAD names the coding that a body would have.
    if body.is_empty() {
        return Some(Bytes::new());
    }
    match coding {
        "gzip" | "x-gzip" => read_all(&mut MultiGzDecoder::new(body)),
        // Which of the two forms it is, servers disagree on.
        "deflate" => read_all(&mut ZlibDecoder::new(body))
            .or_else(|| read_all(&mut DeflateDecoder::new(body))),
        "zstd" => read_all(&mut zstd::Decoder::new(body).ok()?),
        _ => None,
    }
}

/// Everything that a decoder gives; `None` if the bytes are damaged.
fn read_all(reader: &mut dyn Read) -> Option<Bytes> {
    let mut plain = Vec::new();
    reader.read_to_end(&mut plain).ok()?;
    Some(Bytes::from(plain))
}

/// The first bytes of gzip, with which no text begins.
const GZIP: &[u8] = &[0x1f, 0x8b, 8];

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};

    use super::*;

    fn headers(coding: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        if !coding.is_empty() {
            headers.insert(CONTENT_ENCODING, HeaderValue::try_from(coding).unwrap());
        }
        headers
    }

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn codings_are_undone_whatever_their_case_and_name() {
        let mut zlib = ZlibEncoder::new(Vec::new(), Compression::fast());
        zlib.write_all(b"text").unwrap();
        let mut raw = DeflateEncoder::new(Vec::new(), Compression::fast());
        raw.write_all(b"text").unwrap();
        for (coding, body) in [
            ("gzip", gzip(b"text")),
            ("GZIP", gzip(b"text")),
            ("x-gzip", gzip(b"text")),
            ("gzip, X-GZip", gzip(&gzip(b"text"))),
            ("", gzip(b"text")),
            ("Deflate", zlib.finish().unwrap()),
            ("deflate", raw.finish().unwrap()),
            ("zstd", zstd::encode_all(&b"text"[..], 1).unwrap()),
            ("identity", b"text".to_vec()),
        ] {
            let mut headers = headers(coding);
            let plain = decoded(&mut headers, Bytes::from(body));
            assert_eq!(&plain[..], b"text", "{coding}");
            assert!(headers.is_empty(), "{coding}");
        }
    }

    #[test]
    fn a_coding_that_cannot_be_undone_stays() {
        for (coding, left, body) in [
            ("br", "br", b"\x8b\x02\x80text\x03".to_vec()),
            ("br, gzip", "br", gzip(b"x")),
            ("gzip", "gzip", b"no gzip".to_vec()),
        ] {
            let mut headers = headers(coding);
            decoded(&mut headers, Bytes::from(body));
            assert_eq!(codings(&headers), [left], "{coding}");
        }
        let mut broken = headers("");
        let body = Bytes::from_static(b"\x1f\x8b\x08 and no more");
        assert_eq!(decoded(&mut broken, body.clone()), body);
    }
}
