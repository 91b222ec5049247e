//! Single values in the application's memory: indicators, counters, row status.
//!
//! An application passes addresses in one call and promises that they stay valid in later ones
//! (deferred fields). This module relies on that promise. An address of 0 means that the
//! application does not want the value. Addresses may be unaligned.
#![allow(unsafe_code)]

use std::ops::Range;
use std::ptr;

/// Writes an SQLULEN.
pub fn write_usize(address: usize, value: usize) {
    write(address, 0, value);
}

/// Writes an SQLLEN.
pub fn write_isize(address: usize, value: isize) {
    write(address, 0, value);
}

/// The SQLLEN at `address`; 0 without an address.
pub fn read_isize(address: usize) -> isize {
    if address == 0 {
        return 0;
    }
    // SAFETY: the application promised a readable SQLLEN at this address (bind offset,
    // length/indicator).
    unsafe { ptr::with_exposed_provenance::<isize>(address).read_unaligned() }
}

/// Element `index` of an array of SQLUSMALLINT; 0 without an address.
pub fn read_u16(address: usize, index: usize) -> u16 {
    if address == 0 {
        return 0;
    }
    let element = ptr::with_exposed_provenance::<u16>(address).wrapping_add(index);
    // SAFETY: the application promised as many readable elements as the rowset has rows (row
    // operation array).
    unsafe { element.read_unaligned() }
}

/// Sets rows of a row status array.
pub fn fill_status(address: usize, rows: Range<usize>, status: u16) {
    if address == 0 {
        return;
    }
    for row in rows {
        write(address, row, status);
    }
}

/// `size` bytes that the application lets the driver write; none without an address.
pub fn bytes<'a>(address: usize, size: usize) -> &'a mut [u8] {
    if address == 0 || size == 0 {
        return &mut [];
    }
    let data = ptr::with_exposed_provenance_mut::<u8>(address);
    // SAFETY: the application promised `size` writable bytes at this address for the length of the
    // call.
    unsafe { std::slice::from_raw_parts_mut(data, size) }
}

fn write<T>(address: usize, index: usize, value: T) {
    if address == 0 {
        return;
    }
    let element = ptr::with_exposed_provenance_mut::<T>(address).wrapping_add(index);
    // SAFETY: the application promised a writable element of this type at this address.
    unsafe { element.write_unaligned(value) }
}

#[cfg(test)]
mod tests {
    use super::{bytes, fill_status, read_isize, write_isize};

    #[test]
    fn no_address_is_no_access() {
        write_isize(0, 1);
        fill_status(0, 0..3, 1);
        assert_eq!(read_isize(0), 0);
        assert!(bytes(0, 10).is_empty());
    }

    #[test]
    fn status_is_written_by_row() {
        let mut status = [9u16; 4];
        let address = status.as_mut_ptr().expose_provenance();
        fill_status(address, 1..3, 5);
        assert_eq!(status, [9, 5, 5, 9]);
    }
}
