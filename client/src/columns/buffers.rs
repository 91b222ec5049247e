//! The memory of a column apart from what its values mean.
//!
//! A type decides how a cell is read and converted. That a column has so many rows, takes so much memory, is cleared,
//! grows by a NULL or is written to disk depends on its buffers alone, of which there are four sorts, laid out as
//! Arrow has them:
//!
//! | Buffer | Memory | Arrow |
//! |---|---|---|
//! | `Vec<T>` of a [`Plain`] | one value a row, as the machine stores it | primitive, fixed-size binary |
//! | [`Bytes`] | `rows + 1` ascending offsets of 32 bits, and the bytes | utf8, binary |
//! | [`Zones`] | an index of 16 bits a row, and the names | dictionary |
//! | `usize` | a count of NULLs | null |
//!
//! [`Values::buffers`] names the buffers of each kind of values, once; everything else here is the same for all kinds.
//! Each call is made for a buffer whose type the compiler knows, so that none of it costs more than a `match` would.

use zerocopy::{FromBytes, Immutable, IntoBytes};

use super::pack::Reader;
use super::{Bytes, Values, Zones};

/// One vector of a column, with an entry for each row.
pub(super) trait Buffer {
    /// How many rows there are.
    fn rows(&self) -> usize;

    /// Bytes of memory held.
    fn size(&self) -> usize;

    /// Forgets all rows and keeps the memory for others.
    fn clear(&mut self);

    /// Makes room for exactly so many more rows, and as many more bytes where their length varies.
    fn reserve(&mut self, rows: usize, bytes: usize);

    /// Appends the value that stands for NULL.
    fn push_null(&mut self);

    /// Appends the rows to `out`.
    fn pack(&self, out: &mut Vec<u8>);

    /// Replaces the rows by those that [`Self::pack`] wrote; `None` when these are other bytes.
    fn unpack(&mut self, packed: &mut Reader<'_>) -> Option<()>;
}

/// A value that is its bytes, and zero where it is NULL.
pub(super) trait Plain: Copy + Default + FromBytes + IntoBytes + Immutable {}

impl<T: Copy + Default + FromBytes + IntoBytes + Immutable> Plain for T {}

/// Calls `$visit` with each buffer of `$values`, borrowed as `$values` is.
macro_rules! visit {
    ($values:expr, $visit:expr) => {
        match $values {
            Values::Boolean(values) => $visit(values),
            Values::Int8(values) => $visit(values),
            Values::Int16(values) => $visit(values),
            Values::Int32(values) | Values::Date(values) | Values::IntervalYearToMonth(values) => {
                $visit(values)
            }
            Values::Int64(values) | Values::IntervalDayToSecond(values) => $visit(values),
            Values::Float32(values) => $visit(values),
            Values::Float64(values) => $visit(values),
            Values::Decimal64 { unscaled, .. } => $visit(unscaled),
            Values::Decimal128 { unscaled, .. } => $visit(unscaled),
            Values::Text(bytes) | Values::Number(bytes) | Values::Binary(bytes) => $visit(bytes),
            Values::Time { picos, .. } => $visit(picos),
            Values::TimeWithTimeZone { picos, offsets, .. } => {
                $visit(picos);
                $visit(offsets);
            }
            Values::Timestamp {
                micros,
                picos,
                precision,
            }
            | Values::FineInterval {
                micros,
                picos,
                precision,
            } => {
                $visit(micros);
                if *precision > 6 {
                    $visit(picos);
                }
            }
            Values::TimestampWithTimeZone {
                micros,
                picos,
                zones,
                precision,
            } => {
                $visit(micros);
                if *precision > 6 {
                    $visit(picos);
                }
                $visit(zones);
            }
            Values::Uuid(values) => $visit(values),
            Values::Null(rows) => $visit(rows),
        }
    };
}

impl Values {
    /// Calls `visit` with each buffer, in a fixed order.
    #[inline]
    pub(super) fn buffers(&self, mut visit: impl FnMut(&dyn Buffer)) {
        visit!(self, visit);
    }

    /// As [`Self::buffers`], to change them.
    #[inline]
    pub(super) fn buffers_mut(&mut self, mut visit: impl FnMut(&mut dyn Buffer)) {
        visit!(self, visit);
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        let mut rows = 0;
        self.buffers(|buffer| rows = buffer.rows());
        rows
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether every buffer has so many rows.
    pub(super) fn have(&self, rows: usize) -> bool {
        let mut all = true;
        self.buffers(|buffer| all &= buffer.rows() == rows);
        all
    }

    /// Bytes of memory held.
    pub fn size(&self) -> usize {
        let mut size = 0;
        self.buffers(|buffer| size += buffer.size());
        size
    }

    /// Forgets all rows and keeps the memory for others.
    pub fn clear(&mut self) {
        self.buffers_mut(|buffer| buffer.clear());
    }

    /// Makes room for exactly so many more rows, and for as many more bytes of text.
    pub(crate) fn reserve(&mut self, rows: usize, bytes: usize) {
        self.buffers_mut(|buffer| buffer.reserve(rows, bytes));
    }

    /// Appends the value that a NULL row has.
    #[inline]
    pub(crate) fn push_null(&mut self) {
        self.buffers_mut(|buffer| buffer.push_null());
    }
}

impl<T: Plain> Buffer for Vec<T> {
    fn rows(&self) -> usize {
        self.len()
    }

    fn size(&self) -> usize {
        self.capacity() * size_of::<T>()
    }

    fn clear(&mut self) {
        self.clear();
    }

    fn reserve(&mut self, rows: usize, _: usize) {
        self.reserve_exact(rows);
    }

    #[inline]
    fn push_null(&mut self) {
        self.push(T::default());
    }

    fn pack(&self, out: &mut Vec<u8>) {
        pack_slice(self, out);
    }

    fn unpack(&mut self, packed: &mut Reader<'_>) -> Option<()> {
        let length = packed.length()?;
        let bytes = packed.take(length.checked_mul(size_of::<T>())?)?;
        *self = vec![T::default(); length];
        self.as_mut_bytes().copy_from_slice(bytes);
        Some(())
    }
}

impl Buffer for Bytes {
    fn rows(&self) -> usize {
        self.len()
    }

    fn size(&self) -> usize {
        Buffer::size(&self.offsets) + Buffer::size(&self.bytes)
    }

    fn clear(&mut self) {
        self.offsets.truncate(1);
        self.bytes.clear();
    }

    fn reserve(&mut self, rows: usize, bytes: usize) {
        self.offsets.reserve_exact(rows);
        self.bytes.reserve_exact(bytes);
    }

    #[inline]
    fn push_null(&mut self) {
        let end = self.offsets.last().copied();
        self.offsets.push(end.expect("the first offset is 0"));
    }

    fn pack(&self, out: &mut Vec<u8>) {
        self.offsets.pack(out);
        self.bytes.pack(out);
    }

    fn unpack(&mut self, packed: &mut Reader<'_>) -> Option<()> {
        self.offsets.unpack(packed)?;
        self.bytes.unpack(packed)
    }
}

impl Buffer for Zones {
    fn rows(&self) -> usize {
        self.indexes.len()
    }

    fn size(&self) -> usize {
        Buffer::size(&self.indexes)
    }

    fn clear(&mut self) {
        self.names.clear();
        self.indexes.clear();
    }

    fn reserve(&mut self, rows: usize, _: usize) {
        self.indexes.reserve_exact(rows);
    }

    #[inline]
    fn push_null(&mut self) {
        self.indexes.push(0);
    }

    fn pack(&self, out: &mut Vec<u8>) {
        self.names.len().pack(out);
        for name in &self.names {
            pack_slice(name.as_bytes(), out);
        }
        self.indexes.pack(out);
    }

    fn unpack(&mut self, packed: &mut Reader<'_>) -> Option<()> {
        for _ in 0..packed.length()? {
            let mut name = Vec::new();
            name.unpack(packed)?;
            self.names.push(String::from_utf8(name).ok()?.into());
        }
        self.indexes.unpack(packed)
    }
}

/// NULLs and nothing else: their number is all there is.
impl Buffer for usize {
    fn rows(&self) -> usize {
        *self
    }

    fn size(&self) -> usize {
        0
    }

    fn clear(&mut self) {
        *self = 0;
    }

    fn reserve(&mut self, _: usize, _: usize) {}

    #[inline]
    fn push_null(&mut self) {
        *self += 1;
    }

    fn pack(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&(*self as u64).to_ne_bytes());
    }

    fn unpack(&mut self, packed: &mut Reader<'_>) -> Option<()> {
        *self = packed.length()?;
        Some(())
    }
}

fn pack_slice<T: Plain>(values: &[T], out: &mut Vec<u8>) {
    values.len().pack(out);
    out.extend_from_slice(values.as_bytes());
}
