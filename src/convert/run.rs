//! One column's consecutive rows on their way to the application.
//!
//! [`Run`] owns the loops; what differs between types comes in as closures that are compiled into them.

use trino_client::columns::Bitmap;

use super::text::Encoding;
use super::{Converted, Error, Issue, scratch::Scratch};

/// Where the C values of one column go. Rows count from 0 at the first row of the run.
pub trait Sink {
    /// The cells of `rows` rows as one array, where memory has that shape.
    fn block<const N: usize>(&mut self, rows: usize) -> Option<&mut [[u8; N]]>;

    /// Writes a value of fixed length.
    fn put<const N: usize>(&mut self, row: usize, value: [u8; N]);

    /// Writes a value of variable length, and its length. `whole` bytes of the source must not be cut.
    fn string<E: Encoding>(&mut self, row: usize, source: &[u8], whole: usize);

    /// Writes `length` as the length of the first `rows` rows.
    fn lengths(&mut self, rows: usize, length: usize);

    /// Writes `length` as the length of `row`.
    fn length(&mut self, row: usize, length: usize);

    /// Writes that `row` is NULL.
    fn null(&mut self, row: usize);

    /// Reports a warning or an error of `row`.
    fn issue(&mut self, row: usize, issue: Issue);
}

/// Rows `start..start + rows` of a column, and where they go.
pub struct Run<'a, S> {
    pub(super) nulls: Option<&'a Bitmap>,
    pub(super) start: usize,
    pub(super) rows: usize,
    /// Whether values of another storage are described as text, of which any character may be cut.
    pub(super) text: bool,
    pub(super) sink: &'a mut S,
}

impl<S: Sink> Run<'_, S> {
    /// The run's part of the values of a whole column.
    pub(super) fn of<'v, T>(&self, values: &'v [T]) -> &'v [T] {
        values
            .get(self.start..)
            .map(|rest| rest.get(..self.rows).unwrap_or(rest))
            .unwrap_or_default()
    }

    /// Converts each value to a C value of fixed length. `convert` gets the row of the column and its value.
    #[inline]
    pub(super) fn each<T, const N: usize>(
        &mut self,
        mut values: impl Iterator<Item = T>,
        mut convert: impl FnMut(usize, T) -> Converted<[u8; N]>,
    ) {
        let mut done = 0;
        if self.nulls.is_none() {
            // The loop nearly every column ends in: no NULLs and cells side by side. It is left at the first
            // value that does not convert cleanly.
            let mut odd = None;
            if let Some(block) = self.sink.block::<N>(self.rows) {
                for (cell, value) in block.iter_mut().zip(values.by_ref()) {
                    match convert(self.start + done, value) {
                        Ok((bytes, None)) => *cell = bytes,
                        other => {
                            odd = Some(other);
                            break;
                        }
                    }
                    done += 1;
                }
                self.sink.lengths(done, N);
            }
            if let Some(converted) = odd {
                self.place(done, converted);
                done += 1;
            }
        }
        for value in values {
            if self.is_null(done) {
                self.sink.null(done);
            } else {
                let converted = convert(self.start + done, value);
                self.place(done, converted);
            }
            done += 1;
        }
    }

    /// What is left of a number of bytes that must not be cut: all of it, or nothing where the values are described as
    /// text. A mask, since a branch in each cell costs more.
    pub(super) fn whole_mask(&self) -> usize {
        if self.text { 0 } else { usize::MAX }
    }

    /// Gives each value as text: `form` writes it and returns how many bytes of it must not be cut.
    pub(super) fn written<E: Encoding, T>(
        &mut self,
        values: impl Iterator<Item = T>,
        mut form: impl FnMut(usize, T, &mut Scratch) -> usize,
    ) {
        let mut scratch = Scratch::new();
        let mask = self.whole_mask();
        for (row, value) in values.enumerate() {
            if self.is_null(row) {
                self.sink.null(row);
            } else {
                scratch.clear();
                let whole = form(self.start + row, value, &mut scratch);
                self.sink.string::<E>(row, scratch.as_bytes(), whole & mask);
            }
        }
    }

    /// Gives each byte string as it is stored.
    pub(super) fn stored<'v, E: Encoding>(&mut self, get: impl Fn(usize) -> &'v [u8]) {
        for row in 0..self.rows {
            if self.is_null(row) {
                self.sink.null(row);
            } else {
                self.sink.string::<E>(row, get(self.start + row), 0);
            }
        }
    }

    /// Every row that is not NULL has the same error.
    pub(super) fn refuse(&mut self, error: Error) {
        for row in 0..self.rows {
            if self.is_null(row) {
                self.sink.null(row);
            } else {
                self.sink.issue(row, Issue::Error(error));
            }
        }
    }

    /// Every row is NULL.
    pub(super) fn nothing(&mut self) {
        for row in 0..self.rows {
            self.sink.null(row);
        }
    }

    /// Whether a row of the run is NULL.
    #[inline]
    pub(super) fn is_null(&self, row: usize) -> bool {
        self.nulls
            .is_some_and(|nulls| nulls.contains(self.start + row))
    }

    #[inline]
    fn place<const N: usize>(&mut self, row: usize, converted: Converted<[u8; N]>) {
        match converted {
            Ok((bytes, warning)) => {
                self.sink.put(row, bytes);
                self.sink.length(row, N);
                if let Some(warning) = warning {
                    self.sink.issue(row, Issue::Warning(warning));
                }
            }
            Err(error) => self.sink.issue(row, Issue::Error(error)),
        }
    }
}
