//! Header values as Jetty reads and writes them: in ISO-8859-1, with a blank for what that lacks.

use hyper::header::HeaderValue;

/// The text of a header's bytes.
pub fn decode(bytes: &[u8]) -> String {
    bytes.iter().copied().map(char::from).collect()
}

/// The bytes of a text.
pub fn encode(text: &str) -> Vec<u8> {
    text.chars()
        .map(|c| u8::try_from(c).unwrap_or(b' '))
        .collect()
}

/// The text as a header's value.
pub(crate) fn value(text: &str) -> HeaderValue {
    HeaderValue::from_bytes(&encode(text)).expect("a text without control characters")
}
