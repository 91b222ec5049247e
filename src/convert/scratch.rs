//! The text of one value while it is put together.

use std::fmt;
use std::ops::Range;

/// A short text in a fixed place, written again for each value.
#[derive(Debug)]
pub struct Scratch {
    bytes: [u8; Self::CAPACITY],
    /// Where the text starts: not at the front where it was written from its end.
    start: usize,
    /// Where it ends.
    end: usize,
}

impl Scratch {
    /// Longer than any number, date or interval. Only a zone id could pass it, and none does; it would be cut.
    pub(super) const CAPACITY: usize = 192;

    /// An empty text.
    pub(super) fn new() -> Self {
        Self {
            bytes: [0; Self::CAPACITY],
            start: 0,
            end: 0,
        }
    }

    /// Starts again.
    #[inline]
    pub(super) fn clear(&mut self) {
        self.start = 0;
        self.end = 0;
    }

    /// How many bytes there are.
    #[inline]
    pub(super) fn len(&self) -> usize {
        self.end - self.start
    }

    /// What was written.
    #[inline]
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(self.start..self.end).unwrap_or_default()
    }

    /// Appends bytes, as far as they fit.
    #[inline]
    pub(super) fn push(&mut self, bytes: &[u8]) {
        let free = self.bytes.get_mut(self.end..).unwrap_or_default();
        let count = bytes.len().min(free.len());
        if let (Some(to), Some(from)) = (free.get_mut(..count), bytes.get(..count)) {
            to.copy_from_slice(from);
        }
        self.end += count;
    }

    /// Appends bytes whose number the compiler knows; nothing if they do not fit.
    #[inline]
    pub(super) fn push_array<const N: usize>(&mut self, bytes: [u8; N]) {
        let free = self.bytes.get_mut(self.end..).unwrap_or_default();
        if let Some(to) = free.first_chunk_mut() {
            *to = bytes;
            self.end += N;
        }
    }

    /// Has the first `N` bytes written, in the place of all that was, and keeps the part of them that `write` returns.
    #[inline]
    pub(super) fn replace<const N: usize>(
        &mut self,
        write: impl FnOnce(&mut [u8; N]) -> Range<usize>,
    ) {
        self.clear();
        if let Some(bytes) = self.bytes.first_chunk_mut() {
            let part = write(bytes);
            (self.start, self.end) = (part.start, part.end);
        }
    }

    /// Appends one byte.
    #[inline]
    pub(super) fn push_byte(&mut self, byte: u8) {
        self.push_array([byte]);
    }

    /// Takes zeros off the end, down to `least` bytes.
    #[inline]
    pub(super) fn trim_zeros(&mut self, least: usize) {
        while self.len() > least && self.as_bytes().last() == Some(&b'0') {
            self.end -= 1;
        }
    }

    /// Appends `value` with two digits.
    #[inline]
    pub(super) fn push_pair(&mut self, value: u32) {
        self.push_array(pair(value));
    }

    /// Appends `value` with its digits and no more.
    #[inline]
    pub(super) fn push_integer(&mut self, value: impl itoa::Integer) {
        self.push(itoa::Buffer::new().format(value).as_bytes());
    }

    /// Appends the last `digits` decimal digits of `value`, with leading zeros.
    #[inline]
    pub(super) fn push_padded(&mut self, mut value: u64, digits: usize) {
        let mut text = [b'0'; 20];
        let digits = digits.min(text.len());
        let text = text.get_mut(..digits).unwrap_or_default();
        for digit in text.iter_mut().rev() {
            *digit = b'0' + (value % 10) as u8;
            value /= 10;
        }
        self.push(text);
    }
}

impl fmt::Write for Scratch {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.push(text.as_bytes());
        Ok(())
    }
}

/// Two digits of a value below 100.
#[inline]
pub(super) fn pair(value: u32) -> [u8; 2] {
    // A tenth, for such values.
    let tens = (value * 103) >> 10;
    [b'0' + tens as u8, b'0' + (value - tens * 10) as u8]
}

/// Eight digits of a value below 100,000,000.
#[inline]
pub(super) fn eight(value: u32) -> [u8; 8] {
    // Four digits in each half, two in each quarter, one in each byte, the first in the lowest.
    let fours = u64::from(value / 10_000) | u64::from(value % 10_000) << 32;
    let hundreds = (fours * 10_486) >> 20 & 0x0000_007F_0000_007F;
    let pairs = hundreds | (fours - hundreds * 100) << 16;
    let tens = (pairs * 103) >> 10 & 0x000F_000F_000F_000F;
    let digits = tens | (pairs - tens * 10) << 8;
    (digits | 0x3030_3030_3030_3030).to_le_bytes()
}
