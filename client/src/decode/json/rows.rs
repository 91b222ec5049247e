//! The rows of a segment, or of a page.

use std::borrow::Cow;
use std::ops::ControlFlow;
use std::sync::Arc;

use super::super::{Error, Problem};
use super::builder::Builder;
use super::scanner::Scanner;
use crate::columns::{Chunk, Type};

/// Reads `[[…],[…]]` into chunks of columns of given types. Can be used again and again.
pub struct RowDecoder {
    types: Arc<[Type]>,
    builders: Vec<Builder>,
}

/// Takes a chunk; gives back one that is spent, or ends the decoding.
pub type Emit<'a> = dyn FnMut(Chunk) -> ControlFlow<(), Option<Chunk>> + 'a;

impl RowDecoder {
    /// A decoder of rows with these types.
    pub fn new(types: Arc<[Type]>) -> Self {
        let builders = types.iter().map(Builder::new).collect();
        Self { types, builders }
    }

    /// Decodes a whole text into one chunk. `expected_rows` sizes buffers and need not be right.
    pub fn decode(&mut self, json: &[u8], expected_rows: usize) -> Result<Chunk, Error> {
        let mut whole = None;
        self.decode_in_chunks(json, expected_rows, usize::MAX, &mut |chunk| {
            whole = Some(chunk);
            ControlFlow::Continue(None)
        })?;
        match whole {
            Some(chunk) => Ok(chunk),
            None => self.chunk(0),
        }
    }

    /// Decodes a whole text and calls `emit` whenever `rows_per_chunk` rows are complete, and at
    /// the end for the rest; never for no rows. Returns how many rows were emitted.
    ///
    /// The last chunk is only emitted when the text is right up to its end. `emit` may give back a chunk that this
    /// decoder, or another one of the same types, made and that is no longer read: its memory is used again.
    pub fn decode_in_chunks(
        &mut self,
        json: &[u8],
        expected_rows: usize,
        rows_per_chunk: usize,
        emit: &mut Emit<'_>,
    ) -> Result<u64, Error> {
        // One check for the whole text spares one for each cell.
        let text = match std::str::from_utf8(json) {
            Ok(_) => Cow::Borrowed(json),
            Err(_) => Cow::Owned(String::from_utf8_lossy(json).into_owned().into_bytes()),
        };
        // An error or a stop may have left rows behind.
        for builder in &mut self.builders {
            builder.clear();
        }
        let mut scanner = Scanner::new(&text);
        let mut emitted: u64 = 0;
        let mut rows: usize = 0;

        scanner
            .expect(b'[', "an array of rows")
            .map_err(at_row(0))?;
        if !scanner.take(b']').map_err(at_row(0))? {
            self.reserve(expected_rows.min(rows_per_chunk), scanner.remaining());
            loop {
                self.row(&mut scanner, rows, emitted)?;
                rows += 1;
                let row = emitted + rows as u64;
                if scanner.take(b']').map_err(at_row(row))? {
                    break;
                }
                scanner
                    .expect(b',', "a comma between rows")
                    .map_err(at_row(row))?;
                if rows >= rows_per_chunk {
                    let chunk = self.chunk(rows)?;
                    emitted = row;
                    rows = 0;
                    match emit(chunk) {
                        ControlFlow::Continue(spent) => self.recycle(spent),
                        ControlFlow::Break(()) => return Ok(emitted),
                    }
                    let left = usize::try_from(emitted)
                        .map_or(0, |emitted| expected_rows.saturating_sub(emitted));
                    self.reserve(left.min(rows_per_chunk), scanner.remaining());
                }
            }
        }
        let row = emitted + rows as u64;
        scanner.end().map_err(at_row(row))?;
        if rows > 0
            && let ControlFlow::Continue(spent) = emit(self.chunk(rows)?)
        {
            self.recycle(spent);
        }
        Ok(row)
    }

    /// Reads one row; `emitted` rows went before those in the builders.
    #[inline]
    fn row(&mut self, scanner: &mut Scanner<'_>, row: usize, emitted: u64) -> Result<(), Error> {
        let broken = |problem| Error::Row {
            row: emitted + row as u64,
            problem,
        };
        scanner.expect(b'[', "a row").map_err(broken)?;
        // While cells are as usual the scanner stays where it is, and the rest of the text in registers.
        let mut text = scanner.rest();
        for (column, builder) in self.builders.iter_mut().enumerate() {
            if column > 0 {
                text = match text.split_first() {
                    Some((b',', rest)) => rest,
                    _ => {
                        scanner.advance_to(text);
                        comma(scanner).map_err(broken)?;
                        scanner.rest()
                    }
                };
            }
            text = match builder.push_usual(text) {
                Some(rest) => rest,
                None => {
                    scanner.advance_to(text);
                    builder.push(scanner, row).map_err(|problem| Error::Cell {
                        row: emitted + row as u64,
                        column,
                        problem,
                    })?;
                    scanner.rest()
                }
            };
        }
        scanner.advance_to(text);
        if !scanner.take(b']').map_err(broken)? {
            return Err(broken(match scanner.peek() {
                Ok(b',') => Problem::TooManyValues,
                _ if self.builders.is_empty() => Problem::TooManyValues,
                _ => Problem::Expected("the end of the row"),
            }));
        }
        Ok(())
    }

    /// Makes room for the next rows, but never for more than the text can hold.
    fn reserve(&mut self, rows: usize, length: usize) {
        // A cell takes two bytes at least: a digit and what follows it.
        let most = length / (2 * self.builders.len().max(1)) + 1;
        let rows = rows.min(most);
        for builder in &mut self.builders {
            builder.reserve(rows, length);
        }
    }

    fn recycle(&mut self, spent: Option<Chunk>) {
        let columns = spent.map(Chunk::into_columns).unwrap_or_default();
        for (builder, column) in self.builders.iter_mut().zip(columns) {
            builder.recycle(column);
        }
    }

    fn chunk(&mut self, rows: usize) -> Result<Chunk, Error> {
        let columns = self
            .builders
            .iter_mut()
            .zip(&*self.types)
            .map(|(builder, kind)| builder.finish(kind))
            .collect();
        Chunk::new(rows, columns).ok_or(Error::Row {
            row: 0,
            problem: Problem::TooFewValues,
        })
    }
}

/// The error of a problem between the cells of a row.
fn at_row(row: u64) -> impl FnOnce(Problem) -> Error {
    move |problem| Error::Row { row, problem }
}

/// Takes the comma between two values.
#[cold]
fn comma(scanner: &mut Scanner<'_>) -> Result<(), Problem> {
    if scanner.take(b',')? {
        return Ok(());
    }
    Err(match scanner.peek() {
        Ok(b']') => Problem::TooFewValues,
        _ => Problem::Expected("a comma between values"),
    })
}
