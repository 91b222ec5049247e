//! The addresses of one bound column, turned into cells.
//!
//! This is the only place where conversion meets raw memory. It is sound because the application
//! promises, at SQLBindCol and when it sets the row array's attributes, that the memory of every
//! row of the rowset is valid until the fetch returns. Addresses are computed by wrapping
//! arithmetic and used only for rows of the rowset.
#![allow(unsafe_code)]

use super::{Address, Issues};
use crate::abi::CType;
use crate::convert::{Encoding, Error, Form, Issue, Sink, Warning, without_zero};

/// A bound column, from SQLBindCol or the fields of an ARD record.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// Counted from 0.
    pub column: usize,
    pub c_type: CType,
    /// [`Form::UNSET`] where it is not set.
    pub precision: i16,
    /// [`Form::UNSET`] where it is not set.
    pub scale: i16,
    pub data: Address,
    /// Bytes of one cell, for types of variable length.
    pub capacity: isize,
    pub length: Address,
    pub indicator: Address,
}

/// How the rows of a rowset lie in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Layout {
    /// Bytes of a row; 0 (`SQL_BIND_BY_COLUMN`) when each column is an array of its own.
    pub row_size: usize,
    /// Bytes to add to every address: the value that `SQL_ATTR_ROW_BIND_OFFSET_PTR` points at.
    pub offset: isize,
}

impl Layout {
    /// Bytes from one element of `size` bytes to that of the next row.
    pub(super) fn stride(&self, size: usize) -> usize {
        match self.row_size {
            0 => size,
            row_size => row_size,
        }
    }
}

impl Target {
    /// The C type with its precision and scale.
    pub fn form(&self) -> Form {
        Form {
            c_type: self.c_type,
            precision: self.precision,
            scale: self.scale,
        }
    }
}

/// The cells of one target, from one row of the rowset on.
pub(super) struct Cells<'a> {
    data: Strided,
    capacity: usize,
    length: Strided,
    /// Null where it is the same as `length`.
    indicator: Strided,
    /// Whether the application has bound an indicator for NULL.
    nullable: bool,
    first: usize,
    column: usize,
    issues: &'a mut Issues,
}

/// An address that repeats every `stride` bytes.
#[derive(Clone, Copy)]
struct Strided {
    start: *mut u8,
    stride: usize,
}

impl<'a> Cells<'a> {
    /// The cells of `target` for row `first` of the rowset and those after it.
    pub(super) fn new(
        target: &Target,
        layout: &Layout,
        first: usize,
        issues: &'a mut Issues,
    ) -> Self {
        let capacity = usize::try_from(target.capacity).unwrap_or_default();
        let data_size = target.c_type.size().unwrap_or(capacity);
        let indicator = if target.indicator == target.length {
            Address::NULL
        } else {
            target.indicator
        };
        Self {
            data: Strided::new(target.data, data_size, layout, first),
            capacity,
            length: Strided::new(target.length, size_of::<isize>(), layout, first),
            indicator: Strided::new(indicator, size_of::<isize>(), layout, first),
            nullable: !target.indicator.is_null(),
            first,
            column: target.column,
            issues,
        }
    }
}

impl Cells<'_> {
    /// A text that does not fit its cell, of which as much was written as fits. Apart from the
    /// others, which would pay for the room that it takes.
    #[cold]
    #[inline(never)]
    fn cut<E: Encoding>(&mut self, row: usize, source: &[u8], whole: usize) {
        if whole > 0 && self.capacity > 0 && whole * E::WIDTH + E::TERMINATOR > self.capacity {
            self.issue(row, Issue::Error(Error::NumericOutOfRange));
            return;
        }
        let Some(shorter) = without_zero::<E>(source, whole, self.capacity) else {
            self.length(row, E::length(source));
            self.issue(row, Issue::Warning(Warning::StringTruncated));
            return;
        };
        let start = self.data.at(row);
        // SAFETY: the application promised `capacity` writable bytes for each row of the rowset,
        // and a text was written there, so `start` is not null; nothing else refers to them while
        // the cell lives.
        let cell = unsafe { std::slice::from_raw_parts_mut(start, self.capacity) };
        let written = E::encode(shorter.as_bytes(), cell);
        self.length(row, written.bytes);
    }
}

impl Sink for Cells<'_> {
    #[inline]
    fn block<const N: usize>(&mut self, rows: usize) -> Option<&mut [[u8; N]]> {
        if self.data.is_null() || self.data.stride != N {
            return None;
        }
        let start = self.data.start.cast::<[u8; N]>();
        // SAFETY: cells of `N` bytes lie side by side and the application promised those of each
        // row of the rowset; byte arrays need no alignment, and nothing else refers to them while
        // the block lives.
        Some(unsafe { std::slice::from_raw_parts_mut(start, rows) })
    }

    #[inline]
    fn put<const N: usize>(&mut self, row: usize, value: [u8; N]) {
        self.data.write(row, value);
    }

    // A call costs as much as what is done for a short text.
    #[inline(always)]
    fn string<E: Encoding>(&mut self, row: usize, source: &[u8], whole: usize) {
        let start = self.data.at(row);
        if start.is_null() {
            self.length(row, E::length(source));
            return;
        }
        // SAFETY: the application promised `capacity` writable bytes for each row of the rowset,
        // and `start` is not null; nothing else refers to them while the cell lives.
        let cell = unsafe { std::slice::from_raw_parts_mut(start, self.capacity) };
        let written = E::encode(source, cell);
        if written.source == source.len() && written.bytes + E::TERMINATOR <= cell.len() {
            self.length(row, written.bytes);
        } else {
            self.cut::<E>(row, source, whole);
        }
    }

    #[inline]
    fn lengths(&mut self, rows: usize, length: usize) {
        self.length.fill(rows, signed(length));
        self.indicator.fill(rows, 0);
    }

    #[inline]
    fn length(&mut self, row: usize, length: usize) {
        self.length.write(row, signed(length).to_ne_bytes());
        self.indicator.write(row, 0isize.to_ne_bytes());
    }

    #[inline]
    fn null(&mut self, row: usize) {
        let place = if self.indicator.is_null() {
            self.length
        } else {
            self.indicator
        };
        if !self.nullable {
            self.issue(row, Issue::Error(Error::IndicatorRequired));
        } else {
            place.write(row, NULL_DATA.to_ne_bytes());
        }
    }

    #[cold]
    fn issue(&mut self, row: usize, issue: Issue) {
        self.issues.push(self.first + row, self.column, issue);
    }
}

impl Strided {
    /// The cells from row `first` on; null stays null whatever the offset.
    fn new(start: Address, size: usize, layout: &Layout, first: usize) -> Self {
        let stride = layout.stride(size);
        let start = start.pointer::<u8>();
        let start = if start.is_null() {
            start
        } else {
            start
                .wrapping_offset(layout.offset)
                .wrapping_add(first.wrapping_mul(stride))
        };
        Self { start, stride }
    }

    #[inline]
    fn is_null(self) -> bool {
        self.start.is_null()
    }

    #[inline]
    fn at(self, row: usize) -> *mut u8 {
        if self.start.is_null() {
            self.start
        } else {
            self.start.wrapping_add(row.wrapping_mul(self.stride))
        }
    }

    /// Writes a value, unless there is no memory for it.
    #[inline]
    fn write<const N: usize>(self, row: usize, value: [u8; N]) {
        let cell = self.at(row).cast::<[u8; N]>();
        if !cell.is_null() {
            // SAFETY: the application promised the cell of each row of the rowset, and byte arrays
            // need no alignment.
            unsafe { cell.write(value) }
        }
    }

    /// Writes the same number to the first `rows` cells.
    #[inline]
    fn fill(self, rows: usize, value: isize) {
        const SIZE: usize = size_of::<isize>();
        if self.is_null() {
            return;
        }
        if self.stride == SIZE {
            let start = self.start.cast::<[u8; SIZE]>();
            // SAFETY: the application promised an array of lengths, one for each row of the rowset;
            // byte arrays need no alignment, and nothing else refers to them meanwhile.
            let cells = unsafe { std::slice::from_raw_parts_mut(start, rows) };
            cells.fill(value.to_ne_bytes());
        } else {
            for row in 0..rows {
                self.write(row, value.to_ne_bytes());
            }
        }
    }
}

fn signed(length: usize) -> isize {
    isize::try_from(length).unwrap_or(isize::MAX)
}

/// `SQL_NULL_DATA`.
const NULL_DATA: isize = -1;
