//! JSON's tokens, one after the other.
//!
//! The scanner reads all of JSON, whitespace and escapes included, and decides what is an error. It is the slow way:
//! cells as Trino writes them do not come here.
//!
//! The scanner keeps only what is still to be read, so that no position can point outside the text.
//! The text is valid UTF-8, which makes every string token valid UTF-8 too: quotes and backslashes
//! are ASCII and never part of a longer character.

use super::super::Problem;

/// What is left of a JSON text.
pub(super) struct Scanner<'a> {
    rest: &'a [u8],
    /// Holds the last string that had escapes.
    unescaped: Vec<u8>,
}

impl<'a> Scanner<'a> {
    /// Reads `text` from its start.
    pub(super) fn new(text: &'a [u8]) -> Self {
        Self {
            rest: text,
            unescaped: Vec::new(),
        }
    }

    /// Bytes not read yet.
    pub(super) fn remaining(&self) -> usize {
        self.rest.len()
    }

    /// The next byte that is not whitespace, without taking it.
    #[inline]
    pub(super) fn peek(&mut self) -> Result<u8, Problem> {
        match self.rest.first() {
            Some(byte) if *byte > b' ' => Ok(*byte),
            _ => self.peek_behind_space(),
        }
    }

    // Trino writes no whitespace.
    #[cold]
    fn peek_behind_space(&mut self) -> Result<u8, Problem> {
        loop {
            match self.rest.split_first() {
                None => return Err(Problem::Truncated),
                Some((byte, _)) if *byte > b' ' => return Ok(*byte),
                Some((b' ' | b'\t' | b'\n' | b'\r', rest)) => self.rest = rest,
                Some(_) => return Err(Problem::Expected("JSON")),
            }
        }
    }

    /// Takes `byte` if it is next, over whitespace.
    #[inline]
    pub(super) fn take(&mut self, byte: u8) -> Result<bool, Problem> {
        match self.rest.split_first() {
            Some((first, rest)) if *first == byte => {
                self.rest = rest;
                Ok(true)
            }
            Some((first, _)) if *first > b' ' => Ok(false),
            _ => {
                let next = self.peek_behind_space()? == byte;
                if next {
                    self.skip(1);
                }
                Ok(next)
            }
        }
    }

    /// Takes `byte`, which must be next; `what` names it.
    #[inline]
    pub(super) fn expect(&mut self, byte: u8, what: &'static str) -> Result<(), Problem> {
        if self.take(byte)? {
            Ok(())
        } else {
            Err(Problem::Expected(what))
        }
    }

    /// Takes a `null` if one is next.
    #[inline]
    pub(super) fn null(&mut self) -> Result<bool, Problem> {
        if self.peek()? != b'n' {
            return Ok(false);
        }
        self.word(b"null", "null").map(|()| true)
    }

    /// Takes `true` or `false`.
    pub(super) fn boolean(&mut self) -> Result<bool, Problem> {
        match self.peek()? {
            b't' => self.word(b"true", "a boolean").map(|()| true),
            b'f' => self.word(b"false", "a boolean").map(|()| false),
            b'"' => match self.string("a boolean")? {
                b"true" => Ok(true),
                b"false" => Ok(false),
                _ => Err(Problem::Expected("a boolean")),
            },
            _ => Err(Problem::Expected("a boolean")),
        }
    }

    /// Makes sure that nothing but whitespace is left.
    pub(super) fn end(&mut self) -> Result<(), Problem> {
        match self.peek() {
            Err(Problem::Truncated) => Ok(()),
            _ => Err(Problem::Expected("the end of the rows")),
        }
    }

    /// Takes a string and returns what it stands for; `what` names the value it should hold.
    #[inline]
    pub(super) fn string(&mut self, what: &'static str) -> Result<&[u8], Problem> {
        self.expect(b'"', what)?;
        let text = self.rest;
        let end = special(text).ok_or(Problem::Truncated)?;
        let (head, tail) = text.split_at(end);
        if let Some((b'"', rest)) = tail.split_first() {
            self.rest = rest;
            return Ok(head);
        }
        let mut unescaped = std::mem::take(&mut self.unescaped);
        unescaped.clear();
        let result = self.rest_of_string(&mut unescaped);
        self.unescaped = unescaped;
        result.map(|()| self.unescaped.as_slice())
    }

    /// Takes a string and appends what it stands for.
    #[inline]
    pub(super) fn string_into(
        &mut self,
        what: &'static str,
        out: &mut Vec<u8>,
    ) -> Result<(), Problem> {
        self.expect(b'"', what)?;
        self.rest_of_string(out)
    }

    /// Takes a string and appends it as it is written, quotes and escapes included.
    pub(super) fn raw_string_into(&mut self, out: &mut Vec<u8>) -> Result<(), Problem> {
        self.expect(b'"', "a string")?;
        out.push(b'"');
        loop {
            let (head, special) = self.plain_part()?;
            if head.iter().any(|byte| *byte < b' ') {
                return Err(Problem::Expected("a JSON string"));
            }
            out.extend_from_slice(head);
            out.push(special);
            if special == b'"' {
                return Ok(());
            }
            let (escape, rest) = self.rest.split_first().ok_or(Problem::Truncated)?;
            self.rest = rest;
            out.push(*escape);
            match escape {
                b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => {}
                b'u' => {
                    let digits = self.rest.get(..4).ok_or(Problem::Truncated)?;
                    out.extend_from_slice(digits);
                    self.unit()?;
                }
                _ => return Err(Problem::Expected("a JSON escape")),
            }
        }
    }

    /// Takes a number as it is written; `what` names the value it should be.
    pub(super) fn number(&mut self, what: &'static str) -> Result<&'a [u8], Problem> {
        self.peek()?;
        let text = self.rest;
        self.skip_if(b'-');
        self.digits(what)?;
        if self.skip_if(b'.') {
            self.digits(what)?;
        }
        if self.skip_if(b'e') || self.skip_if(b'E') {
            if !self.skip_if(b'-') {
                self.skip_if(b'+');
            }
            self.digits(what)?;
        }
        Ok(self.since(text))
    }

    /// Takes `true`, `false` or `null` as it is written.
    pub(super) fn literal(&mut self) -> Result<&'static [u8], Problem> {
        match self.peek()? {
            b't' => self.word(b"true", "a JSON value").map(|()| &b"true"[..]),
            b'f' => self.word(b"false", "a JSON value").map(|()| &b"false"[..]),
            b'n' => self.word(b"null", "a JSON value").map(|()| &b"null"[..]),
            _ => Err(Problem::Expected("a JSON value")),
        }
    }

    /// The unread text, for readers of bytes that then call [`Self::advance_to`].
    #[inline]
    pub(super) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Goes on at `rest`, a tail of the unread text.
    #[inline]
    pub(super) fn advance_to(&mut self, rest: &'a [u8]) {
        self.rest = rest;
    }

    /// What was read since `before` was the unread text.
    fn since(&self, before: &'a [u8]) -> &'a [u8] {
        before
            .get(..before.len().saturating_sub(self.rest.len()))
            .unwrap_or_default()
    }

    fn skip(&mut self, count: usize) {
        self.rest = self.rest.get(count..).unwrap_or_default();
    }

    fn skip_if(&mut self, byte: u8) -> bool {
        match self.rest.split_first() {
            Some((first, rest)) if *first == byte => {
                self.rest = rest;
                true
            }
            _ => false,
        }
    }

    /// Takes one digit or more.
    fn digits(&mut self, what: &'static str) -> Result<(), Problem> {
        match self.rest.iter().position(|byte| !byte.is_ascii_digit()) {
            Some(0) => Err(Problem::Expected(what)),
            Some(count) => {
                self.skip(count);
                Ok(())
            }
            // Nothing can end with a number: the array around it must be closed.
            None => Err(Problem::Truncated),
        }
    }

    #[inline]
    fn word(&mut self, word: &'static [u8], what: &'static str) -> Result<(), Problem> {
        match self.rest.strip_prefix(word) {
            Some(rest) => {
                self.rest = rest;
                Ok(())
            }
            None if word.starts_with(self.rest) => Err(Problem::Truncated),
            None => Err(Problem::Expected(what)),
        }
    }

    /// Takes the characters up to the next quote or backslash, and that one too.
    #[inline]
    fn plain_part(&mut self) -> Result<(&'a [u8], u8), Problem> {
        let text = self.rest;
        let (head, tail) = special(text)
            .and_then(|end| text.split_at_checked(end))
            .ok_or(Problem::Truncated)?;
        let (special, rest) = tail.split_first().ok_or(Problem::Truncated)?;
        self.rest = rest;
        Ok((head, *special))
    }

    /// Appends what a string stands for whose opening quote was taken.
    #[inline]
    fn rest_of_string(&mut self, out: &mut Vec<u8>) -> Result<(), Problem> {
        loop {
            let (head, special) = self.plain_part()?;
            out.extend_from_slice(head);
            if special == b'"' {
                return Ok(());
            }
            self.escape(out)?;
        }
    }

    /// Appends what an escape stands for whose backslash was taken.
    fn escape(&mut self, out: &mut Vec<u8>) -> Result<(), Problem> {
        let (escape, rest) = self.rest.split_first().ok_or(Problem::Truncated)?;
        self.rest = rest;
        out.push(match escape {
            b'"' | b'\\' | b'/' => *escape,
            b'b' => 0x08,
            b'f' => 0x0C,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'u' => {
                let character = self.character()?;
                out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                return Ok(());
            }
            _ => return Err(Problem::Expected("a JSON escape")),
        });
        Ok(())
    }

    /// The character of a `\u` escape, or of a pair of them; half a pair is U+FFFD.
    fn character(&mut self) -> Result<char, Problem> {
        let unit = self.unit()?;
        if !(0xD800..0xDC00).contains(&unit) {
            return Ok(char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER));
        }
        let Some(rest) = self.rest.strip_prefix(b"\\u") else {
            return Ok(char::REPLACEMENT_CHARACTER);
        };
        let before = std::mem::replace(&mut self.rest, rest);
        let low = self.unit()?;
        if (0xDC00..0xE000).contains(&low) {
            let code = 0x1_0000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
            return Ok(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
        }
        self.rest = before;
        Ok(char::REPLACEMENT_CHARACTER)
    }

    /// Takes four hexadecimal digits.
    fn unit(&mut self) -> Result<u32, Problem> {
        let (digits, rest) = self
            .rest
            .split_first_chunk::<4>()
            .ok_or(Problem::Truncated)?;
        self.rest = rest;
        digits.iter().try_fold(0, |unit, digit| {
            let digit = char::from(*digit).to_digit(16);
            Ok(unit << 4 | digit.ok_or(Problem::Expected("a JSON escape"))?)
        })
    }
}

/// Appends what the rest of a string stands for, and gives the text behind its closing quote; what is appended of a wrong
/// one is for the caller to cut off again.
pub(super) fn rest_of_string<'a>(text: &'a [u8], out: &mut Vec<u8>) -> Option<&'a [u8]> {
    let mut scanner = Scanner::new(text);
    scanner.rest_of_string(out).ok()?;
    Some(scanner.rest)
}

/// Where the next quote or backslash is.
#[inline]
fn special(text: &[u8]) -> Option<usize> {
    // Most strings of a result are short: looking at four words is done before memchr is warm.
    let mut rest = text;
    for index in 0..4 {
        let Some((word, tail)) = rest.split_first_chunk::<8>() else {
            break;
        };
        let word = u64::from_le_bytes(*word);
        let hits = zero_bytes(word ^ (ONES * 0x22)) | zero_bytes(word ^ (ONES * 0x5C));
        if hits != 0 {
            return Some(index * 8 + (hits.trailing_zeros() / 8) as usize);
        }
        rest = tail;
    }
    memchr::memchr2(b'"', b'\\', rest).map(|found| text.len() - rest.len() + found)
}

/// Marks the zero bytes of a word; the lowest mark is exact.
#[inline]
fn zero_bytes(word: u64) -> u64 {
    word.wrapping_sub(ONES) & !word & (ONES * 0x80)
}

const ONES: u64 = 0x0101_0101_0101_0101;
