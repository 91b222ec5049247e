//! Single values in the application's memory: indicators, counters, row status.
//!
//! An application passes addresses in one call and promises that they stay valid in later ones
//! (deferred fields). This module relies on that promise. A null address means that the
//! application does not want the value. Addresses may be unaligned.
#![allow(unsafe_code)]

use std::ops::Range;
use std::ptr;

/// An address in the application's memory, or null. A plain number until it is used: the thread
/// that uses it acts for the call for which the application promised the memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Address(usize);

impl Address {
    pub const NULL: Self = Self(0);

    /// The address of a pointer that the application passed.
    pub fn of<T>(pointer: *const T) -> Self {
        Self(pointer.expose_provenance())
    }

    /// The address in an attribute of integer value.
    pub fn new(address: usize) -> Self {
        Self(address)
    }

    #[inline]
    pub fn get(self) -> usize {
        self.0
    }

    #[inline]
    pub fn is_null(self) -> bool {
        self.0 == 0
    }

    #[inline]
    pub(super) fn pointer<T>(self) -> *mut T {
        ptr::with_exposed_provenance_mut(self.0)
    }

    /// Writes an SQLULEN.
    pub fn write_usize(self, value: usize) {
        self.write(0, value);
    }

    /// Writes an SQLLEN.
    pub fn write_isize(self, value: isize) {
        self.write(0, value);
    }

    /// Reads an SQLLEN; 0 from a null address.
    pub fn read_isize(self) -> isize {
        if self.is_null() {
            return 0;
        }
        // SAFETY: the application promised a readable SQLLEN at this address (bind offset,
        // length/indicator).
        unsafe { self.pointer::<isize>().read_unaligned() }
    }

    /// Element `index` of an array of SQLUSMALLINT; 0 from a null address.
    pub fn read_u16(self, index: usize) -> u16 {
        if self.is_null() {
            return 0;
        }
        let element = self.pointer::<u16>().wrapping_add(index);
        // SAFETY: the application promised as many readable elements as the rowset has rows (row
        // operation array).
        unsafe { element.read_unaligned() }
    }

    /// Sets rows of a row status array.
    pub fn fill_status(self, rows: Range<usize>, status: u16) {
        if self.is_null() {
            return;
        }
        for row in rows {
            self.write(row, status);
        }
    }

    /// `size` bytes that the application lets the driver write; none at a null address.
    pub fn bytes<'a>(self, size: usize) -> &'a mut [u8] {
        if self.is_null() || size == 0 {
            return &mut [];
        }
        // SAFETY: the application promised `size` writable bytes at this address for the length of
        // the call.
        unsafe { std::slice::from_raw_parts_mut(self.pointer(), size) }
    }

    fn write<T>(self, index: usize, value: T) {
        if self.is_null() {
            return;
        }
        let element = self.pointer::<T>().wrapping_add(index);
        // SAFETY: the application promised a writable element of this type at this address.
        unsafe { element.write_unaligned(value) }
    }
}

#[cfg(test)]
mod tests {
    use super::Address;

    #[test]
    fn a_null_address_is_not_accessed() {
        Address::NULL.write_isize(1);
        Address::NULL.fill_status(0..3, 1);
        assert_eq!(Address::NULL.read_isize(), 0);
        assert!(Address::NULL.bytes(10).is_empty());
    }

    #[test]
    fn status_is_written_by_row() {
        let mut status = [9u16; 4];
        Address::of(status.as_mut_ptr()).fill_status(1..3, 5);
        assert_eq!(status, [9, 5, 5, 9]);
    }
}
