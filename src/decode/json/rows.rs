//! The rows of a segment, a chunk at a time.

use std::borrow::Cow;
use std::ops::ControlFlow;
use std::sync::Arc;

use super::builder::Builder;
use super::scanner::Scanner;
use crate::columns::{Chunk, Type};
use crate::decode::Error;

/// Decodes rows of fixed types.
#[derive(Debug)]
pub struct RowDecoder {
    types: Arc<[Type]>,
}

impl RowDecoder {
    /// A decoder of rows with these columns.
    pub fn new(types: Arc<[Type]>) -> Self {
        Self { types }
    }

    /// All rows of `json` in one chunk. `expected_rows` only says how much room to make.
    pub fn decode(&mut self, json: &[u8], expected_rows: usize) -> Result<Chunk, Error> {
        let mut whole = Chunk::default();
        self.decode_in_chunks(json, expected_rows, usize::MAX, &mut |chunk| {
            whole = chunk;
            ControlFlow::Continue(())
        })?;
        Ok(whole)
    }

    /// The rows of `json`, `rows_per_chunk` at a time as they are decoded; `emit` may end it early. Gives the number of
    /// rows that were decoded. Rows given before an error are good, but there is no knowing how many are missing.
    pub fn decode_in_chunks(
        &mut self,
        json: &[u8],
        expected_rows: usize,
        rows_per_chunk: usize,
        emit: &mut dyn FnMut(Chunk) -> ControlFlow<()>,
    ) -> Result<u64, Error> {
        // Checked once, so that strings need no check of their own.
        let text = match std::str::from_utf8(json) {
            Ok(_) => Cow::Borrowed(json),
            Err(_) => Cow::Owned(String::from_utf8_lossy(json).into_owned().into_bytes()),
        };
        let scanner = &mut Scanner::new(&text);
        // A row takes two bytes at least; a lie about their number must not allocate.
        let room = expected_rows.min(rows_per_chunk).min(json.len() / 2);
        let mut builders: Vec<Builder> =
            self.types.iter().map(|kind| Builder::new(kind, room)).collect();
        let mut decoded = 0u64;
        let mut in_chunk = 0usize;
        let syntax = |scanner: &Scanner<'_>, row, expected| Error::Syntax {
            row,
            offset: scanner.offset(),
            expected,
        };

        scanner.expect(b'[', "[").map_err(|expected| syntax(scanner, 0, expected))?;
        if scanner.peek() == b']' {
            scanner.bump();
        } else {
            loop {
                row(scanner, &mut builders, decoded)?;
                decoded += 1;
                in_chunk += 1;
                let last = match scanner.peek() {
                    b',' => false,
                    b']' => true,
                    _ => return Err(syntax(scanner, decoded, ", or ]")),
                };
                scanner.bump();
                if last {
                    break;
                }
                if in_chunk >= rows_per_chunk {
                    if emit(take(&mut builders, in_chunk)).is_break() {
                        return Ok(decoded);
                    }
                    in_chunk = 0;
                }
            }
        }
        if !scanner.at_end() {
            return Err(syntax(scanner, decoded, "the end"));
        }
        if in_chunk > 0 {
            // The last chunk of the segment: whether to go on is no longer a question.
            let _ = emit(take(&mut builders, in_chunk));
        }
        Ok(decoded)
    }
}

#[inline]
fn row(scanner: &mut Scanner<'_>, builders: &mut [Builder], row: u64) -> Result<(), Error> {
    let syntax = |scanner: &Scanner<'_>, expected| Error::Syntax {
        row,
        offset: scanner.offset(),
        expected,
    };
    scanner.expect(b'[', "[").map_err(|expected| syntax(scanner, expected))?;
    for (column, builder) in builders.iter_mut().enumerate() {
        if column > 0 {
            scanner
                .expect(b',', "the next column")
                .map_err(|expected| syntax(scanner, expected))?;
        }
        builder.read(scanner).map_err(|expected| Error::Value { row, column, expected })?;
    }
    scanner.expect(b']', "the end of the row").map_err(|expected| syntax(scanner, expected))
}

fn take(builders: &mut [Builder], rows: usize) -> Chunk {
    Chunk::new(rows, builders.iter_mut().map(Builder::take).collect()).unwrap_or_default()
}
