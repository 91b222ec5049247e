//! `SQL_C_BINARY` of values of fixed length: the bytes of their own C type, all or none.

use super::text::Raw;
use super::{Encoding, Issue, Sink};

/// Turns values of fixed length into byte strings of that length.
pub(super) struct AsBinary<'a, S>(pub(super) &'a mut S);

impl<S: Sink> Sink for AsBinary<'_, S> {
    fn block<const N: usize>(&mut self, _rows: usize) -> Option<&mut [[u8; N]]> {
        None
    }

    fn put<const N: usize>(&mut self, row: usize, value: [u8; N]) {
        self.0.string::<Raw>(row, &value, N);
    }

    fn string<E: Encoding>(&mut self, row: usize, source: &[u8], whole: usize) {
        self.0.string::<E>(row, source, whole);
    }

    // A string has reported its length.
    fn lengths(&mut self, _rows: usize, _length: usize) {}

    fn length(&mut self, _row: usize, _length: usize) {}

    fn null(&mut self, row: usize) {
        self.0.null(row);
    }

    fn issue(&mut self, row: usize, issue: Issue) {
        self.0.issue(row, issue);
    }
}
