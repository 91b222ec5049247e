//! SQLGetData: one cell, as often as the application asks, a part at a time.

use super::{Encoding, Error, Form, Format, Issue, Sink, Warning, run};
use crate::columns::Column;

/// How far the parts of one cell have gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    /// Bytes of the value's text or of its bytes that were given.
    given: usize,
    /// Bytes that were given of the character after those.
    cut: usize,
    finished: bool,
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
    /// Bytes there were to give before this call: the length/indicator. `None` when it cannot be told.
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

    fn string<E: Encoding>(&mut self, _row: usize, source: &[u8], whole: usize) {
        let rest = source.get(self.progress.given..).unwrap_or_default();
        // Parts follow a first one that held the whole digits. An application that only asks for the length has no
        // buffer, and loses nothing by it.
        if self.progress.given == 0
            && self.progress.cut == 0
            && whole * E::WIDTH + E::TERMINATOR > self.out.len()
            && whole > 0
            && !self.out.is_empty()
        {
            self.error = Some(Error::NumericOutOfRange);
            return;
        }
        let remaining = E::length(rest) - self.progress.cut;
        let unit = E::TERMINATOR.max(1);
        let room = self.out.len().saturating_sub(E::TERMINATOR) / unit * unit;
        let mut at = 0;
        // The rest of the character that the part before ended in.
        if self.progress.cut > 0 {
            let next = Character::of::<E>(rest);
            let tail = next.encoded().get(self.progress.cut..).unwrap_or_default();
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
        self.part = Part {
            written: at,
            remaining: Some(remaining),
            complete: self.progress.given == source.len() && at + E::TERMINATOR <= self.out.len(),
            warning: None,
        };
        if !self.part.complete {
            self.part.warning = Some(Warning::StringTruncated);
        }
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
