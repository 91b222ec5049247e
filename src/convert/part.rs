//! SQLGetData: one cell, a part for each call.

use trino_client::columns::Column;

use super::{Encoding, Error, Form, Format, Issue, Sink, Warning, run, without_zero};

/// How far the parts of one cell have gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    /// Bytes of the value's text or of its bytes that were given.
    given: usize,
    /// Bytes that were given of the character after those.
    cut: usize,
    /// Bytes left after a part. Counting them again would read the rest of the value for each of its parts.
    left: usize,
    /// The encoding that they are counted in, by [`name`]; 0 before there was a part.
    encoding: u8,
    finished: bool,
}

/// A number that distinguishes encodings.
const fn name<E: Encoding>() -> u8 {
    (E::WIDTH << 4 | E::TERMINATOR) as u8
}

impl Progress {
    /// Whether there is nothing more to give: the next call answers SQL_NO_DATA.
    pub fn finished(&self) -> bool {
        self.finished
    }
}

/// What one call gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Part {
    /// Bytes put into the buffer, without terminator.
    pub written: usize,
    /// Bytes there were to give before this call: the length/indicator. `None` when it is unknown.
    pub remaining: Option<usize>,
    /// Whether this was the last part.
    pub complete: bool,
    pub warning: Option<Warning>,
}

/// Gives the next part of the value at `row`, which is not NULL. `progress` is a default at the first call for a cell.
///
/// For C types of fixed length `out` has that length. A part that fails changes nothing, so that a call with a larger
/// buffer can follow.
// Inlined, as a caller reads two fields of what would else be copied in pieces wider than they were written in, for which
// a processor waits.
#[inline(always)]
pub fn part(
    column: &Column,
    row: usize,
    form: Form,
    format: &Format,
    progress: &mut Progress,
    out: &mut [u8],
) -> Result<Part, Error> {
    let mut sink = Cell {
        progress,
        out,
        part: Part::default(),
        error: None,
    };
    run(column, row..row + 1, form, format, &mut sink);
    match sink.error {
        Some(error) => Err(error),
        None => {
            sink.progress.finished = sink.part.complete;
            Ok(sink.part)
        }
    }
}

/// The application's buffer for one cell.
struct Cell<'a> {
    progress: &'a mut Progress,
    out: &'a mut [u8],
    part: Part,
    error: Option<Error>,
}

impl Cell<'_> {
    /// Copies as much of `bytes` as fits between `at` and `room`; gives how much.
    fn copy(&mut self, at: usize, room: usize, bytes: &[u8]) -> usize {
        let count = bytes.len().min(room - at);
        if let (Some(from), Some(to)) = (bytes.get(..count), self.out.get_mut(at..at + count)) {
            to.copy_from_slice(from);
        }
        count
    }

    /// Gives what comes after the parts that were given, as much as fits.
    #[inline(never)]
    fn next_part<E: Encoding>(&mut self, source: &[u8]) {
        let goes_on = self.progress.encoding == name::<E>();
        // Another encoding continues at the character that was cut.
        let cut = if goes_on { self.progress.cut } else { 0 };
        let unit = E::TERMINATOR.max(1);
        let room = self.out.len().saturating_sub(E::TERMINATOR) / unit * unit;
        let rest = source.get(self.progress.given..).unwrap_or_default();
        self.progress.cut = cut;
        let mut at = 0;
        // The rest of the character that the part before ended in.
        if cut > 0 {
            let next = Character::of::<E>(rest);
            let tail = next.encoded().get(cut..).unwrap_or_default();
            at = self.copy(0, room, tail);
            self.progress.cut += at;
            if at == tail.len() {
                self.progress.given += next.source;
                self.progress.cut = 0;
            }
        }
        if self.progress.cut == 0 {
            let rest = source.get(self.progress.given..).unwrap_or_default();
            let written = E::encode(rest, self.out.get_mut(at..).unwrap_or_default());
            self.progress.given += written.source;
            at += written.bytes;
            // Applications take a part that is not the last for a full buffer, so a character is cut if need be.
            let rest = rest.get(written.source..).unwrap_or_default();
            if E::FILLS && !rest.is_empty() && at < room {
                self.progress.cut = self.copy(at, room, Character::of::<E>(rest).encoded());
                at += self.progress.cut;
            }
        }
        if let Some(terminator) = self.out.get_mut(at..at + E::TERMINATOR) {
            terminator.fill(0);
        }
        let remaining = if goes_on {
            self.progress.left
        } else {
            E::length(rest)
        };
        self.progress.left = remaining.saturating_sub(at);
        self.progress.encoding = name::<E>();
        let complete = self.progress.given == source.len() && at + E::TERMINATOR <= self.out.len();
        self.part = Part {
            written: at,
            remaining: Some(remaining),
            complete,
            warning: (!complete).then_some(Warning::StringTruncated),
        };
    }
}

/// The next character of a source, encoded.
struct Character {
    bytes: [u8; LONGEST],
    length: usize,
    /// Bytes of the source it stands for.
    source: usize,
}

impl Character {
    fn of<E: Encoding>(source: &[u8]) -> Self {
        let first = source.get(..E::character(source)).unwrap_or(source);
        let mut bytes = [0; LONGEST];
        let written = E::encode(first, &mut bytes);
        Self {
            bytes,
            length: written.bytes,
            source: first.len(),
        }
    }

    fn encoded(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }
}

/// Bytes of the longest character with its terminator: two hexadecimal digits in UTF-32.
const LONGEST: usize = 12;

impl Sink for Cell<'_> {
    fn block<const N: usize>(&mut self, _rows: usize) -> Option<&mut [[u8; N]]> {
        None
    }

    fn put<const N: usize>(&mut self, _row: usize, value: [u8; N]) {
        match self.out.first_chunk_mut() {
            Some(cell) => *cell = value,
            None => self.error = Some(Error::NumericOutOfRange),
        }
        self.part.written = N;
        self.part.complete = true;
    }

    fn string<E: Encoding>(&mut self, row: usize, source: &[u8], whole: usize) {
        if self.progress.given == 0 && self.progress.cut == 0 {
            // Parts follow a first one that held the whole digits. An application that only reads the length has no
            // buffer, and loses nothing by it.
            if whole * E::WIDTH + E::TERMINATOR > self.out.len()
                && whole > 0
                && !self.out.is_empty()
            {
                self.error = Some(Error::NumericOutOfRange);
                return;
            }
            // Most values fit their buffer.
            let written = E::encode(source, self.out);
            if written.source == source.len() && written.bytes + E::TERMINATOR <= self.out.len() {
                self.part = Part {
                    written: written.bytes,
                    remaining: Some(written.bytes),
                    complete: true,
                    warning: None,
                };
                return;
            }
            // Without its zero the value fits as a whole, so that no part has the zero and another not.
            if let Some(shorter) = without_zero::<E>(source, whole, self.out.len()) {
                return self.string::<E>(row, shorter.as_bytes(), whole - 1);
            }
        }
        self.next_part::<E>(source);
    }

    fn lengths(&mut self, _rows: usize, length: usize) {
        self.length(0, length);
    }

    fn length(&mut self, _row: usize, length: usize) {
        self.part.remaining = Some(length);
    }

    fn null(&mut self, _row: usize) {
        self.error = Some(Error::IndicatorRequired);
    }

    fn issue(&mut self, _row: usize, issue: Issue) {
        match issue {
            // What was cut counts more than a fraction.
            Issue::Warning(warning) => {
                self.part.warning.get_or_insert(warning);
            }
            Issue::Error(error) => self.error = Some(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell as Count;

    use super::super::text::{Hex, Narrow, Raw, Wide16, Wide32, Written};
    use super::{Cell, Encoding, Part, Progress, Sink, name};

    thread_local! {
        /// Bytes of sources that were looked at.
        static READ: Count<usize> = const { Count::new(0) };
    }

    /// UTF-16 that counts what is read for it.
    struct Counted;

    impl Encoding for Counted {
        const WIDTH: usize = Wide16::WIDTH;
        const TERMINATOR: usize = Wide16::TERMINATOR;
        const FILLS: bool = Wide16::FILLS;

        fn encode(source: &[u8], out: &mut [u8]) -> Written {
            let written = Wide16::encode(source, out);
            READ.set(READ.get() + written.source);
            written
        }

        fn length(source: &[u8]) -> usize {
            READ.set(READ.get() + source.len());
            Wide16::length(source)
        }
    }

    fn next<E: Encoding>(source: &[u8], progress: &mut Progress, out: &mut [u8]) -> Part {
        let mut cell = Cell {
            progress,
            out,
            part: Part::default(),
            error: None,
        };
        cell.string::<E>(0, source, 0);
        assert_eq!(cell.error, None);
        cell.part
    }

    #[test]
    fn what_is_read_of_a_value_does_not_grow_with_its_parts() {
        for text in ["plain", "zażółć", "日本語😀"] {
            let source = text.repeat(2000);
            for capacity in [4, 8, 30, 1000, 100_000] {
                READ.set(0);
                let (mut progress, mut out) = (Progress::default(), vec![0; capacity]);
                let mut given = 0;
                let whole = source.encode_utf16().count() * 2;
                loop {
                    let part = next::<Counted>(source.as_bytes(), &mut progress, &mut out);
                    assert_eq!(part.remaining, Some(whole - given));
                    given += part.written;
                    if part.complete {
                        break;
                    }
                }
                assert_eq!(given, whole);
                // Once for the length, once for the parts, and again where a character is cut.
                assert!(READ.get() <= source.len() * 4, "{text} in {capacity}");
            }
        }
    }

    #[test]
    fn every_encoding_has_a_name_of_its_own() {
        let mut names = vec![
            0,
            name::<Narrow>(),
            name::<Wide16>(),
            name::<Wide32>(),
            name::<Raw>(),
            name::<Hex<1>>(),
            name::<Hex<2>>(),
            name::<Hex<4>>(),
        ];
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
    }

    #[test]
    fn a_value_goes_on_in_another_encoding_at_a_character() {
        let source = "a😀b".as_bytes();
        let mut progress = Progress::default();
        // The first half of the surrogate pair.
        let mut out = [0; 6];
        let part = next::<Wide16>(source, &mut progress, &mut out);
        assert_eq!((part.written, part.remaining), (4, Some(8)));
        let mut out = [0; 9];
        let part = next::<Narrow>(source, &mut progress, &mut out);
        assert_eq!(
            (part.written, part.remaining, part.complete),
            (5, Some(5), true)
        );
        assert_eq!(&out[..6], "😀b\0".as_bytes());
    }
}
