//! Bytes into a buffer of limited size: narrow, wide, hexadecimal, or as they are.
//!
//! Each encoding says how much of the source went in, so that the next call can continue there. Encodings never cut a
//! character: neither a UTF-8 sequence, nor a surrogate pair, nor a pair of hexadecimal digits. What is cut off is reported by
//! 01004, and the length is that of the whole in bytes, so that an application sees how much was lost, and by a shorter
//! text where.
//!
//! Parts of SQLGetData are filled to the last unit, across a character if need be, and the next part continues inside of
//! it: applications (pyodbc) take a part that is not the last for a full buffer and put the parts together by its size.
//! A part that ended early would leave a null in the middle of their text. Only hexadecimal digits stay in pairs.

use super::scratch::Scratch;

/// What became of a source in one buffer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Written {
    /// Bytes of the buffer that hold data, without terminator.
    pub bytes: usize,
    /// Bytes of the source they stand for.
    pub source: usize,
}

/// A way to put a source into a buffer.
pub trait Encoding {
    /// Bytes that one byte of ASCII source becomes.
    const WIDTH: usize;

    /// Bytes of the terminator.
    const TERMINATOR: usize;

    /// Whether a part of SQLGetData may end inside of a character, so that the buffer is full.
    const FILLS: bool;

    /// Writes as much as fits, and the terminator if the buffer has room for one.
    fn encode(source: &[u8], out: &mut [u8]) -> Written;

    /// Bytes that the whole source becomes, without terminator.
    fn length(source: &[u8]) -> usize;

    /// Bytes of the source's first character.
    fn character(source: &[u8]) -> usize {
        match source.first() {
            Some(0xF0..) => 4,
            Some(0xE0..) => 3,
            Some(0xC0..) => 2,
            _ => 1,
        }
    }
}

/// A negative fraction without the zero before its point, where that is all it needs to fit into `room` bytes. The zero
/// says nothing, and a digit that was cut off did: clients that count a sign, the digits and a point, as the reference
/// does, have no room for it. `whole` bytes are the number's sign and whole digits.
#[cold]
pub fn without_zero<E: Encoding>(source: &[u8], whole: usize, room: usize) -> Option<Scratch> {
    let (b"-0", fraction) = source.split_at_checked(whole)? else {
        return None;
    };
    let fits = (source.len() - 1) * E::WIDTH + E::TERMINATOR <= room;
    if fraction.first() != Some(&b'.') || !fits || source.len() > Scratch::CAPACITY {
        return None;
    }
    let mut text = Scratch::new();
    text.push_byte(b'-');
    text.push(fraction);
    Some(text)
}

/// UTF-8 with a terminator.
#[derive(Debug)]
pub(super) struct Narrow;

/// UTF-16 with a terminator.
#[derive(Debug)]
pub(super) struct Wide16;

/// UTF-32 with a terminator.
#[derive(Debug)]
pub(super) struct Wide32;

/// Bytes as they are, without terminator.
#[derive(Debug)]
pub(super) struct Raw;

/// Two upper-case digits a byte, in characters of `U` bytes.
#[derive(Debug)]
pub(super) struct Hex<const U: usize>;

impl Encoding for Narrow {
    const WIDTH: usize = 1;
    const TERMINATOR: usize = 1;
    const FILLS: bool = true;

    #[inline(always)]
    fn encode(source: &[u8], out: &mut [u8]) -> Written {
        let length = source.len();
        if let Some((text, [terminator, ..])) = out.split_at_mut_checked(length) {
            copy(source, text);
            *terminator = 0;
            return Written {
                bytes: length,
                source: length,
            };
        }
        cut(source, out)
    }

    fn length(source: &[u8]) -> usize {
        source.len()
    }
}

impl Encoding for Raw {
    const WIDTH: usize = 1;
    const TERMINATOR: usize = 0;
    const FILLS: bool = true;

    #[inline]
    fn encode(source: &[u8], out: &mut [u8]) -> Written {
        let count = source.len().min(out.len());
        if let (Some(from), Some(to)) = (source.get(..count), out.get_mut(..count)) {
            copy(from, to);
        }
        Written {
            bytes: count,
            source: count,
        }
    }

    fn length(source: &[u8]) -> usize {
        source.len()
    }
}

impl Encoding for Wide16 {
    const WIDTH: usize = 2;
    const TERMINATOR: usize = 2;
    const FILLS: bool = true;

    #[inline]
    fn encode(source: &[u8], out: &mut [u8]) -> Written {
        widen::<2>(source, out, |code, cell| {
            let mut units = [0; 2];
            match char::from_u32(code)
                .unwrap_or(char::REPLACEMENT_CHARACTER)
                .encode_utf16(&mut units)
            {
                [unit] => put(cell, unit.to_ne_bytes()),
                _ => {
                    let [[a, b], [c, d]] = units.map(u16::to_ne_bytes);
                    put(cell, [a, b, c, d])
                }
            }
        })
    }

    fn length(source: &[u8]) -> usize {
        // Every sequence is a unit, and those of four bytes are two.
        let units: usize = source
            .iter()
            .map(|byte| usize::from(byte & 0xC0 != 0x80) + usize::from(*byte >= 0xF0))
            .sum();
        units * 2
    }
}

impl Encoding for Wide32 {
    const WIDTH: usize = 4;
    const TERMINATOR: usize = 4;
    const FILLS: bool = true;

    #[inline]
    fn encode(source: &[u8], out: &mut [u8]) -> Written {
        widen::<4>(source, out, |code, cell| put(cell, code.to_ne_bytes()))
    }

    fn length(source: &[u8]) -> usize {
        source.iter().filter(|byte| *byte & 0xC0 != 0x80).count() * 4
    }
}

impl<const U: usize> Encoding for Hex<U> {
    const WIDTH: usize = 2 * U;
    const TERMINATOR: usize = U;
    // The standard wants pairs of digits, and leaves the rest of the buffer unused.
    const FILLS: bool = false;

    fn encode(source: &[u8], out: &mut [u8]) -> Written {
        let Some(room) = out.len().checked_sub(U) else {
            return Written::default();
        };
        let (text, rest) = out.split_at_mut((room / (2 * U)).min(source.len()) * 2 * U);
        for (cell, byte) in text.chunks_exact_mut(2 * U).zip(source) {
            let (high, low) = cell.split_at_mut(U);
            digit(high, byte >> 4);
            digit(low, byte & 15);
        }
        if let Some(terminator) = rest.get_mut(..U) {
            terminator.fill(0);
        }
        Written {
            bytes: text.len(),
            source: text.len() / (2 * U),
        }
    }

    fn length(source: &[u8]) -> usize {
        source.len() * 2 * U
    }

    fn character(_source: &[u8]) -> usize {
        1
    }
}

/// UTF-8 to characters of `U` bytes or pairs of them; `encode` writes one code point and returns its bytes, `None`
/// when they do not fit.
#[inline]
fn widen<const U: usize>(
    source: &[u8],
    out: &mut [u8],
    encode: impl Fn(u32, &mut [u8]) -> Option<usize>,
) -> Written {
    let Some(room) = out.len().checked_sub(U) else {
        return Written::default();
    };
    if source.len() <= room / U && source.is_ascii() {
        let (text, rest) = out.split_at_mut(source.len() * U);
        widen_ascii::<U>(source, text);
        if let Some(terminator) = rest.first_chunk_mut::<U>() {
            *terminator = [0; U];
        }
        return Written {
            bytes: source.len() * U,
            source: source.len(),
        };
    }
    widen_any::<U>(source, out, room, encode)
}

/// As [`widen`], for what is not all ASCII or does not fit.
#[inline(never)]
fn widen_any<const U: usize>(
    source: &[u8],
    out: &mut [u8],
    room: usize,
    encode: impl Fn(u32, &mut [u8]) -> Option<usize>,
) -> Written {
    let (text, _) = out.split_at_mut(room / U * U);
    let (mut read, mut at) = (0, 0);
    loop {
        // Eight characters at a time while they are ASCII.
        while let (Some(from), Some(to)) = (
            source.get(read..).and_then(<[u8]>::first_chunk::<8>),
            text.get_mut(at..at + 8 * U),
        ) {
            if u64::from_ne_bytes(*from) & 0x8080_8080_8080_8080 != 0 {
                break;
            }
            widen_block::<U, 8>(from, to);
            read += 8;
            at += 8 * U;
        }
        while let (Some(byte @ 0..0x80), Some(to)) = (source.get(read), text.get_mut(at..at + U)) {
            to.copy_from_slice(&ascii::<U>(*byte));
            read += 1;
            at += U;
        }
        let Some((code, size)) = source.get(read..).and_then(decode) else {
            break;
        };
        let Some(bytes) = text.get_mut(at..).and_then(|cell| encode(code, cell)) else {
            break;
        };
        read += size;
        at += bytes;
    }
    if let Some(terminator) = out.get_mut(at..at + U) {
        terminator.fill(0);
    }
    Written {
        bytes: at,
        source: read,
    }
}

/// ASCII to characters of `U` bytes, for which there is exactly room.
#[inline]
fn widen_ascii<const U: usize>(source: &[u8], text: &mut [u8]) {
    let (blocks, tail) = source.as_chunks::<16>();
    for (block, cells) in blocks.iter().zip(text.chunks_exact_mut(16 * U)) {
        widen_block::<U, 16>(block, cells);
    }
    if tail.is_empty() {
        return;
    }
    // The rest is widened in blocks that overlap those before, or each other.
    let start = text.len() - tail.len() * U;
    match (
        source.last_chunk::<16>(),
        tail.first_chunk::<8>(),
        tail.last_chunk::<8>(),
    ) {
        (Some(block), ..) => {
            let start = text.len() - 16 * U;
            widen_block::<U, 16>(block, text.get_mut(start..).unwrap_or_default());
        }
        (None, Some(first), Some(last)) => {
            widen_block::<U, 8>(first, text.get_mut(start..).unwrap_or_default());
            let start = text.len() - 8 * U;
            widen_block::<U, 8>(last, text.get_mut(start..).unwrap_or_default());
        }
        _ => {
            let cells = text.as_chunks_mut::<U>().0;
            for (cell, byte) in cells.iter_mut().zip(source) {
                *cell = ascii::<U>(*byte);
            }
        }
    }
}

/// As many ASCII characters as a few instructions can widen.
#[inline]
fn widen_block<const U: usize, const N: usize>(source: &[u8; N], text: &mut [u8]) {
    let cells = text.as_chunks_mut::<U>().0;
    if let Some(cells) = cells.first_chunk_mut::<N>() {
        for (cell, byte) in cells.iter_mut().zip(source) {
            *cell = ascii::<U>(*byte);
        }
    }
}

/// The first code point of some UTF-8 and its length; `None` at the end. What is not UTF-8 is one replacement
/// character a sequence.
#[inline]
fn decode(source: &[u8]) -> Option<(u32, usize)> {
    let (&lead, rest) = source.split_first()?;
    if lead < 0x80 {
        return Some((u32::from(lead), 1));
    }
    let (mut code, size) = match lead {
        0xC0..0xE0 => (u32::from(lead & 0x1F), 2),
        0xE0..0xF0 => (u32::from(lead & 0x0F), 3),
        0xF0.. => (u32::from(lead & 0x07), 4),
        _ => return Some((0xFFFD, 1)),
    };
    for index in 0..size - 1 {
        match rest.get(index) {
            Some(byte) if byte & 0xC0 == 0x80 => code = code << 6 | u32::from(byte & 0x3F),
            _ => return Some((0xFFFD, index + 1)),
        }
    }
    Some((code, size))
}

/// One ASCII character of `U` bytes.
#[inline]
fn ascii<const U: usize>(byte: u8) -> [u8; U] {
    let mut cell = [0; U];
    // A plain number, so that the compiler sees a widening.
    match U {
        2 => cell.copy_from_slice(&u16::from(byte).to_ne_bytes()),
        4 => cell.copy_from_slice(&u32::from(byte).to_ne_bytes()),
        _ => cell.fill(byte),
    }
    cell
}

/// One hexadecimal digit as a character of `U` bytes.
#[inline]
fn digit(cell: &mut [u8], value: u8) {
    let byte = b"0123456789ABCDEF".get(usize::from(value)).copied();
    let byte = byte.unwrap_or_default();
    match cell.len() {
        1 => put(cell, [byte]),
        2 => put(cell, u16::from(byte).to_ne_bytes()),
        _ => put(cell, u32::from(byte).to_ne_bytes()),
    };
}

/// Writes at the start of `cell`, if there is room.
#[inline]
fn put<const N: usize>(cell: &mut [u8], value: [u8; N]) -> Option<usize> {
    *cell.first_chunk_mut::<N>()? = value;
    Some(N)
}

/// A copy that is a few moves for the short texts most cells hold. Both have the same length.
#[inline]
fn copy(from: &[u8], to: &mut [u8]) {
    match from.len() {
        16..=32 => ends::<16>(from, to),
        8..16 => ends::<8>(from, to),
        4..8 => ends::<4>(from, to),
        0..4 => {
            for (to, from) in to.iter_mut().zip(from) {
                *to = *from;
            }
        }
        _ => to.copy_from_slice(from),
    }
}

/// The beginning of a text that does not fit, in whole characters, and its terminator.
#[cold]
#[inline(never)]
fn cut(source: &[u8], out: &mut [u8]) -> Written {
    let Some(mut end) = out.len().checked_sub(1) else {
        return Written::default();
    };
    // Back to the start of the sequence that the cut would go through.
    while end > 0 && source.get(end).is_some_and(|byte| byte & 0xC0 == 0x80) {
        end -= 1;
    }
    if let Some((text, [terminator, ..])) = out.split_at_mut_checked(end) {
        copy(source.get(..end).unwrap_or_default(), text);
        *terminator = 0;
    }
    Written {
        bytes: end,
        source: end,
    }
}

/// Copies the first and the last `N` bytes, which overlap or meet.
#[inline]
fn ends<const N: usize>(from: &[u8], to: &mut [u8]) {
    if let (Some(from), Some(to)) = (from.first_chunk::<N>(), to.first_chunk_mut()) {
        *to = *from;
    }
    if let (Some(from), Some(to)) = (from.last_chunk::<N>(), to.last_chunk_mut()) {
        *to = *from;
    }
}

#[cfg(test)]
mod tests {
    use super::{Encoding, Hex, Narrow, Wide16, Wide32, Written};

    fn utf16(text: &str, capacity: usize) -> (Vec<u16>, Written) {
        let mut out = vec![0xAA; capacity];
        let written = Wide16::encode(text.as_bytes(), &mut out);
        let units = out[..written.bytes]
            .chunks_exact(2)
            .map(|unit| u16::from_ne_bytes([unit[0], unit[1]]))
            .collect();
        if capacity >= 2 {
            assert_eq!(out[written.bytes..written.bytes + 2], [0, 0]);
        }
        (units, written)
    }

    #[test]
    fn wide_text_equals_what_std_encodes() {
        let texts = [
            "",
            "a",
            "plain ascii, longer than eight",
            "zażółć gęślą jaźń",
            "日本語 mixed 😀 end 12345678",
        ];
        for text in texts {
            let (units, written) = utf16(text, 200);
            assert_eq!(units, text.encode_utf16().collect::<Vec<_>>());
            assert_eq!(written.source, text.len());
            assert_eq!(Wide16::length(text.as_bytes()), written.bytes);
            let mut out = [0; 400];
            let written = Wide32::encode(text.as_bytes(), &mut out);
            assert_eq!(written.bytes, text.chars().count() * 4);
            assert_eq!(Wide32::length(text.as_bytes()), written.bytes);
        }
    }

    #[test]
    fn wide_ascii_of_every_length_is_whole() {
        for length in 0..70 {
            let text: String = ('0'..='~').take(length).collect();
            for spare in 0..3 {
                let (units, written) = utf16(&text, text.len() * 2 + 2 + spare);
                assert_eq!(units, text.encode_utf16().collect::<Vec<_>>());
                assert_eq!(written.source, text.len());
                let mut out = vec![0xAA; text.len() * 4 + 4 + spare];
                let written = Wide32::encode(text.as_bytes(), &mut out);
                let units: Vec<u8> = text
                    .chars()
                    .flat_map(|c| u32::from(c).to_ne_bytes())
                    .collect();
                assert_eq!(out[..written.bytes], units);
                assert_eq!(out[written.bytes..written.bytes + 4], [0; 4]);
            }
        }
    }

    #[test]
    fn a_surrogate_pair_is_never_cut() {
        for capacity in 0..20 {
            let (units, written) = utf16("ab😀cd", capacity);
            assert!(String::from_utf16(&units).is_ok(), "capacity {capacity}");
            assert!("ab😀cd".is_char_boundary(written.source));
        }
        assert_eq!(utf16("ab😀cd", 9).0.len(), 2);
        assert_eq!(utf16("ab😀cd", 10).0.len(), 4);
    }

    #[test]
    fn a_utf8_sequence_is_never_cut() {
        let text = "aé日😀z";
        for capacity in 0..=text.len() + 2 {
            let mut out = vec![0xAA; capacity];
            let written = Narrow::encode(text.as_bytes(), &mut out);
            assert!(text.is_char_boundary(written.bytes));
            assert_eq!(&out[..written.bytes], &text.as_bytes()[..written.bytes]);
            if capacity > 0 {
                assert_eq!(out[written.bytes], 0);
                assert!(written.bytes < capacity);
                assert!(written.bytes == text.len() || written.bytes + 5 > capacity);
            }
        }
    }

    #[test]
    fn hexadecimal_digits_come_in_pairs() {
        let mut out = [0xAA; 4];
        let written = Hex::<1>::encode(&[0x1F, 0xC0], &mut out);
        assert_eq!(
            written,
            Written {
                bytes: 2,
                source: 1
            }
        );
        assert_eq!(out, [b'1', b'F', 0, 0xAA]);
        let mut out = [0xAA; 10];
        let written = Hex::<2>::encode(&[0x1F, 0xC0], &mut out);
        assert_eq!(
            written,
            Written {
                bytes: 8,
                source: 2
            }
        );
    }

    #[test]
    fn copies_of_every_length_are_whole() {
        let source: Vec<u8> = (0..100).collect();
        for length in 0..100 {
            let mut out = vec![0xAA; length + 1];
            Narrow::encode(&source[..length], &mut out);
            assert_eq!(out[..length], source[..length]);
            assert_eq!(out[length], 0);
        }
    }

    #[test]
    fn what_is_not_utf8_becomes_replacement_characters() {
        let mut out = [0; 64];
        let written = Wide16::encode(b"a\xFF\xE2\x82b\xF0", &mut out);
        assert_eq!(written.source, 6);
        let units: Vec<u16> = out[..written.bytes]
            .chunks_exact(2)
            .map(|unit| u16::from_ne_bytes([unit[0], unit[1]]))
            .collect();
        assert_eq!(units, [0x61, 0xFFFD, 0xFFFD, 0x62, 0xFFFD]);
    }
}
