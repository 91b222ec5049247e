//! SQLGetData: one cell, as often as the application asks, a part at a time.

use super::{Encoding, Error, Form, Format, Issue, Sink, Warning, run};
use crate::columns::Column;

/// How far the parts of one cell have gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    /// Bytes of the value's text or of its bytes that were given.
    given: usize,
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
pub fn part(
    column: &Column,
    row: usize,
    form: Form,
    format: &Format,
    progress: &mut Progress,
    out: &mut [u8],
) -> Result<Part, Error> {
    let mut sink = Cell {
        given: progress.given,
        out,
        part: Part::default(),
        error: None,
    };
    run(column, row..row + 1, form, format, &mut sink);
    if let Some(error) = sink.error {
        return Err(error);
    }
    progress.given = sink.given;
    progress.finished = sink.part.complete;
    Ok(sink.part)
}

/// The application's buffer for one cell.
struct Cell<'a> {
    given: usize,
    out: &'a mut [u8],
    part: Part,
    error: Option<Error>,
}

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
        let rest = source.get(self.given..).unwrap_or_default();
        // Parts follow a first one that held the whole digits. An application that only asks for the length has no
        // buffer, and loses nothing by it.
        if self.given == 0
            && !self.out.is_empty()
            && whole * E::WIDTH + E::TERMINATOR > self.out.len()
        {
            self.error = Some(Error::NumericOutOfRange);
            return;
        }
        let written = E::encode(rest, self.out);
        let room = written.bytes + E::TERMINATOR <= self.out.len();
        self.given += written.source;
        self.part = Part {
            written: written.bytes,
            remaining: Some(E::length(rest)),
            complete: written.source == rest.len() && room,
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
            Issue::Warning(warning) => self.part.warning = Some(warning),
            Issue::Error(error) => self.error = Some(error),
        }
    }
}
