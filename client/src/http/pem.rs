//! Text files of certificates and keys (PEM), as people have them: from editors that begin a file
//! with a mark of its encoding, with text between the blocks, and now and then with a block that is
//! damaged.
//!
//! A block is read apart from the others, and its place is known, so that one that is damaged can
//! be named.

use std::borrow::Cow;
use std::str;

use base64::Engine;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};

/// A block between a BEGIN and its END.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Block<'a> {
    /// Such as `CERTIFICATE`.
    pub(super) label: &'a str,
    /// The line of its BEGIN; the first one is 1.
    pub(super) line: usize,
    /// Its bytes; `None` when it is damaged.
    pub(super) bytes: Option<Vec<u8>>,
}

/// The text of a file in UTF-8, without a mark of its encoding before it. Bytes that are no text
/// stay what they are.
pub(super) fn text(bytes: &[u8]) -> Cow<'_, [u8]> {
    let (rest, unit): (_, fn([u8; 2]) -> u16) = match bytes {
        [0xEF, 0xBB, 0xBF, rest @ ..] => return Cow::Borrowed(rest),
        [0xFF, 0xFE, rest @ ..] => (rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => (rest, u16::from_be_bytes),
        _ => return Cow::Borrowed(bytes),
    };
    let (pairs, _) = rest.as_chunks::<2>();
    let units: Vec<u16> = pairs.iter().map(|pair| unit(*pair)).collect();
    Cow::Owned(String::from_utf16_lossy(&units).into_bytes())
}

/// The blocks of a text, in their order.
pub(super) fn blocks(text: &[u8]) -> Vec<Block<'_>> {
    let mut blocks = Vec::new();
    let mut open: Option<(Block<'_>, Vec<u8>)> = None;
    // A file may end its lines as Windows, Unix or old Macs do.
    let lines = text.split(|byte| *byte == b'\n');
    let lines = lines.enumerate().flat_map(|(index, line)| {
        let parts = line.split(|byte| *byte == b'\r');
        parts.map(move |part| (index + 1, part.trim_ascii()))
    });
    for (line, content) in lines {
        if let Some(label) = mark(content, b"-----BEGIN ") {
            // One that does not end is cut off by the next one.
            blocks.extend(open.take().map(|(block, _)| block));
            let block = Block {
                label,
                line,
                bytes: None,
            };
            open = Some((block, Vec::new()));
        } else if let Some(label) = mark(content, b"-----END ") {
            if let Some((mut block, body)) = open.take() {
                block.bytes = (block.label == label)
                    .then(|| BASE64.decode(&body).ok())
                    .flatten();
                blocks.push(block);
            }
        } else if let Some((_, body)) = &mut open {
            let content = content.iter().filter(|byte| !byte.is_ascii_whitespace());
            body.extend(content);
        }
    }
    blocks.extend(open.map(|(block, _)| block));
    blocks
}

/// The label of a line that begins or ends a block.
fn mark<'a>(line: &'a [u8], before: &[u8]) -> Option<&'a str> {
    let label = line.strip_prefix(before)?.strip_suffix(b"-----")?;
    str::from_utf8(label).ok()
}

/// Padding is often lost where a certificate is copied by hand.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Vec<(String, usize, Option<Vec<u8>>)> {
        let blocks = blocks(text.as_bytes()).into_iter();
        blocks
            .map(|block| (block.label.to_owned(), block.line, block.bytes))
            .collect()
    }

    #[test]
    fn blocks_are_found_between_text_and_with_any_ends_of_lines() {
        let expected = [
            ("CERTIFICATE".to_owned(), 2, Some(b"hello".to_vec())),
            ("X509 CRL".to_owned(), 7, Some(b"world!".to_vec())),
        ];
        let text = "# mine\n-----BEGIN CERTIFICATE-----\naGVs\nbG8=\n-----END CERTIFICATE-----\nand\n\
                    -----BEGIN X509 CRL-----\nd29ybGQh\n-----END X509 CRL-----";
        assert_eq!(shown(text), expected);
        assert_eq!(shown(&text.replace('\n', "\r\n")), expected);
        assert_eq!(shown(&text.replace('\n', "  \n  \t")), expected);
        let of_a_mac = shown(&text.replace('\n', "\r"));
        let bytes: Vec<_> = of_a_mac.into_iter().map(|(.., bytes)| bytes).collect();
        assert_eq!(bytes, [Some(b"hello".to_vec()), Some(b"world!".to_vec())]);
    }

    #[test]
    fn a_damaged_block_spoils_no_other() {
        let good = "-----BEGIN A-----\naGVsbG8=\n-----END A-----\n";
        for damaged in [
            "-----BEGIN A-----\naGVs*G8=\n-----END A-----\n",
            "-----BEGIN A-----\naGVsbG8=\n-----END B-----\n",
            "-----BEGIN A-----\naGVsbG8=\n",
        ] {
            let shown = shown(&format!("{good}{damaged}{good}"));
            let bytes: Vec<_> = shown.iter().map(|(.., bytes)| bytes.is_some()).collect();
            assert_eq!(bytes, [true, false, true], "{damaged}");
            assert_eq!(shown.get(1).map(|(_, line, _)| *line), Some(4));
        }
        assert_eq!(
            shown("-----BEGIN A-----\naGVsbG8="),
            [("A".to_owned(), 1, None)]
        );
        assert_eq!(shown("nothing"), []);
    }

    #[test]
    fn a_mark_of_the_encoding_is_no_part_of_the_text() {
        let utf_16 = |mark: char, bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
            let text = format!("{mark}hé");
            text.encode_utf16().flat_map(bytes).collect()
        };
        for file in [
            "\u{feff}hé".as_bytes().to_vec(),
            utf_16('\u{feff}', u16::to_le_bytes),
            utf_16('\u{feff}', u16::to_be_bytes),
            "hé".as_bytes().to_vec(),
        ] {
            assert_eq!(text(&file).as_ref(), "hé".as_bytes());
        }
        assert_eq!(text(&[0x30, 0x82]).as_ref(), [0x30, 0x82]);
    }
}
