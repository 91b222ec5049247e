//! Reads tokens of JSON text that is known to be UTF-8.

use memchr::memchr2;

use super::Fault;

/// A place in JSON text.
#[derive(Debug, Clone)]
pub struct Scanner<'a> {
    bytes: &'a [u8],
    at: usize,
}

/// A string as it stands in the text, without its quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Text<'a> {
    /// Without escapes: the string itself.
    Plain(&'a [u8]),
    /// With escapes.
    Escaped(&'a [u8]),
}

impl<'a> Scanner<'a> {
    /// At the start of `bytes`.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// How many bytes were read.
    pub fn offset(&self) -> usize {
        self.at
    }

    /// The next byte that is not white space, not consumed; 0 at the end.
    #[inline]
    pub fn peek(&mut self) -> u8 {
        match self.bytes.get(self.at) {
            Some(&byte) if byte > b' ' => byte,
            _ => self.peek_slow(),
        }
    }

    /// Consumes the byte that was peeked.
    #[inline]
    pub fn bump(&mut self) {
        self.at += 1;
    }

    /// Consumes `byte`.
    #[inline]
    pub fn expect(&mut self, byte: u8, name: Fault) -> Result<(), Fault> {
        if self.peek() == byte {
            self.at += 1;
            Ok(())
        } else {
            Err(name)
        }
    }

    /// Whether nothing but white space is left.
    pub fn at_end(&mut self) -> bool {
        self.peek();
        self.at >= self.bytes.len()
    }

    /// Consumes `null` if it stands here.
    #[inline]
    pub fn null(&mut self) -> bool {
        self.peek() == b'n' && self.word(b"null")
    }

    /// A boolean.
    #[inline]
    pub fn boolean(&mut self) -> Result<bool, Fault> {
        match self.peek() {
            b't' if self.word(b"true") => Ok(true),
            b'f' if self.word(b"false") => Ok(false),
            _ => Err("a boolean"),
        }
    }

    /// The characters of a number, not yet checked to be one.
    #[inline]
    pub fn number(&mut self) -> &'a [u8] {
        self.peek();
        let rest = self.rest();
        let length =
            rest.iter().position(|byte| !NUMBER[usize::from(*byte)]).unwrap_or(rest.len());
        self.at += length;
        rest.get(..length).unwrap_or_default()
    }

    /// A string.
    #[inline]
    pub fn string(&mut self) -> Result<Text<'a>, Fault> {
        if self.peek() != b'"' {
            return Err("a string");
        }
        let start = self.at + 1;
        let body = self.bytes.get(start..).unwrap_or_default();
        match memchr2(b'"', b'\\', body) {
            Some(length) if body.get(length) == Some(&b'"') => {
                self.at = start + length + 1;
                Ok(Text::Plain(body.get(..length).unwrap_or_default()))
            }
            Some(length) => self.escaped(start, length),
            None => Err("the end of a string"),
        }
    }

    /// Any value, unread: its text as it stands.
    pub fn raw(&mut self) -> Result<&'a [u8], Fault> {
        self.peek();
        let start = self.at;
        let mut depth = 0usize;
        loop {
            match self.peek() {
                b'[' | b'{' => {
                    depth += 1;
                    self.bump();
                    // An empty one closes at once.
                    if matches!(self.peek(), b']' | b'}') {
                        continue;
                    }
                    continue;
                }
                b']' | b'}' if depth > 0 => {
                    depth -= 1;
                    self.bump();
                }
                b',' | b':' if depth > 0 => {
                    self.bump();
                    continue;
                }
                b'"' => {
                    self.string()?;
                }
                b'n' if self.word(b"null") => {}
                b't' | b'f' => {
                    self.boolean()?;
                }
                b'-' | b'0'..=b'9' => {
                    self.number();
                }
                _ => return Err("a value"),
            }
            if depth == 0 {
                return Ok(self.bytes.get(start..self.at).unwrap_or_default());
            }
        }
    }

    fn escaped(&mut self, start: usize, first: usize) -> Result<Text<'a>, Fault> {
        let body = self.bytes.get(start..).unwrap_or_default();
        let mut length = first;
        loop {
            // At a backslash: it and the next byte belong together.
            length += 2;
            let rest = body.get(length..).unwrap_or_default();
            length += memchr2(b'"', b'\\', rest).ok_or("the end of a string")?;
            if body.get(length) == Some(&b'"') {
                self.at = start + length + 1;
                return Ok(Text::Escaped(body.get(..length).unwrap_or_default()));
            }
        }
    }

    #[inline]
    fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    fn word(&mut self, word: &[u8]) -> bool {
        let found = self.rest().starts_with(word);
        if found {
            self.at += word.len();
        }
        found
    }

    #[cold]
    fn peek_slow(&mut self) -> u8 {
        while let Some(&byte) = self.bytes.get(self.at) {
            if !matches!(byte, b' ' | b'\t' | b'\n' | b'\r') {
                return byte;
            }
            self.at += 1;
        }
        0
    }
}

impl<'a> Text<'a> {
    /// Appends the string that is meant.
    #[inline]
    pub fn append_to(self, out: &mut Vec<u8>) -> Result<(), Fault> {
        match self {
            Self::Plain(text) => {
                out.extend_from_slice(text);
                Ok(())
            }
            Self::Escaped(text) => unescape(text, out),
        }
    }

    /// The string that is meant; `scratch` holds it when it has escapes.
    #[inline]
    pub fn resolve<'b>(self, scratch: &'b mut Vec<u8>) -> Result<&'b [u8], Fault>
    where
        'a: 'b,
    {
        match self {
            Self::Plain(text) => Ok(text),
            Self::Escaped(text) => {
                scratch.clear();
                unescape(text, scratch)?;
                Ok(scratch)
            }
        }
    }

    /// The string as it stands, with its escapes.
    pub fn as_written(self) -> &'a [u8] {
        match self {
            Self::Plain(text) | Self::Escaped(text) => text,
        }
    }
}

fn unescape(mut text: &[u8], out: &mut Vec<u8>) -> Result<(), Fault> {
    while let Some(at) = memchr::memchr(b'\\', text) {
        let (plain, rest) = text.split_at_checked(at).unwrap_or((text, &[]));
        out.extend_from_slice(plain);
        let (used, byte) = match rest.get(1) {
            Some(b'"') => (2, b'"'),
            Some(b'\\') => (2, b'\\'),
            Some(b'/') => (2, b'/'),
            Some(b'b') => (2, 8),
            Some(b'f') => (2, 12),
            Some(b'n') => (2, b'\n'),
            Some(b'r') => (2, b'\r'),
            Some(b't') => (2, b'\t'),
            Some(b'u') => {
                let (used, character) = unicode_escape(rest)?;
                let mut buffer = [0; 4];
                out.extend_from_slice(character.encode_utf8(&mut buffer).as_bytes());
                text = rest.get(used..).unwrap_or_default();
                continue;
            }
            _ => return Err("a string with known escapes"),
        };
        out.push(byte);
        text = rest.get(used..).unwrap_or_default();
    }
    out.extend_from_slice(text);
    Ok(())
}

/// The character of `\uXXXX` or of a surrogate pair of two, and how many bytes that is. A surrogate without its other half
/// becomes the replacement character.
fn unicode_escape(text: &[u8]) -> Result<(usize, char), Fault> {
    let first = hex(text.get(2..6)).ok_or("a string with known escapes")?;
    if (0xd800..0xdc00).contains(&first) && text.get(6..8) == Some(b"\\u") {
        let second = hex(text.get(8..12)).ok_or("a string with known escapes")?;
        if (0xdc00..0xe000).contains(&second) {
            let code = 0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00);
            return Ok((12, char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)));
        }
    }
    Ok((6, char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER)))
}

fn hex(digits: Option<&[u8]>) -> Option<u32> {
    digits?.iter().try_fold(0, |code, digit| Some(code * 16 + char::from(*digit).to_digit(16)?))
}

/// The characters that numbers are made of.
const NUMBER: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        #[expect(clippy::cast_possible_truncation, reason = "below 256")]
        let character = byte as u8;
        #[expect(clippy::indexing_slicing, reason = "below 256")]
        {
            table[byte] =
                matches!(character, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E');
        }
        byte += 1;
    }
    table
};
