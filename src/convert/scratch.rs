//! The text of one value while it is put together.

use std::fmt;

/// A short text in a fixed place, written again for each value.
#[derive(Debug)]
pub struct Scratch {
    bytes: [u8; Self::CAPACITY],
    length: usize,
}

impl Scratch {
    /// Longer than any number, date or interval. Only a zone id could pass it, and none does; it would be cut.
    const CAPACITY: usize = 192;

    /// An empty text.
    pub(super) fn new() -> Self {
        Self {
            bytes: [0; Self::CAPACITY],
            length: 0,
        }
    }

    /// Starts again.
    #[inline]
    pub(super) fn clear(&mut self) {
        self.length = 0;
    }

    /// How many bytes there are.
    #[inline]
    pub(super) fn len(&self) -> usize {
        self.length
    }

    /// What was written.
    #[inline]
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }

    /// Appends bytes, as far as they fit.
    #[inline]
    pub(super) fn push(&mut self, bytes: &[u8]) {
        let free = self.bytes.get_mut(self.length..).unwrap_or_default();
        let count = bytes.len().min(free.len());
        if let (Some(to), Some(from)) = (free.get_mut(..count), bytes.get(..count)) {
            to.copy_from_slice(from);
        }
        self.length += count;
    }

    /// Appends bytes whose number the compiler knows; nothing if they do not fit.
    #[inline]
    pub(super) fn push_array<const N: usize>(&mut self, bytes: [u8; N]) {
        let free = self.bytes.get_mut(self.length..).unwrap_or_default();
        if let Some(to) = free.first_chunk_mut() {
            *to = bytes;
            self.length += N;
        }
    }

    /// Appends one byte.
    #[inline]
    pub(super) fn push_byte(&mut self, byte: u8) {
        self.push_array([byte]);
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
    [b'0' + (value / 10 % 10) as u8, b'0' + (value % 10) as u8]
}
