//! Wide strings of the application, in and out.
//!
//! `SQLWCHAR` has 2 bytes (UTF-16) with unixODBC and on Windows. Lengths are in characters or in bytes as the function
//! has it; each reader and writer here says which.

use std::ptr;

use crate::diagnostics::{Error, SqlState};

/// One unit of a wide string.
pub type WChar = u16;

/// The string of `length` characters at `text`, or up to its null for `SQL_NTS`. `None` for a null pointer.
///
/// # Safety
/// `text` is null, or as many characters as `length` says can be read from it.
pub unsafe fn read(text: *const WChar, length: isize) -> Result<Option<String>, Error> {
    if text.is_null() {
        return Ok(None);
    }
    let units = match length {
        NTS => {
            let mut units = 0;
            // SAFETY: the application promised a terminating null.
            while unsafe { text.add(units).read_unaligned() } != 0 {
                units += 1;
            }
            units
        }
        _ => usize::try_from(length).map_err(|_| {
            Error::new(
                SqlState::INVALID_LENGTH,
                "The length of a string cannot be negative.",
            )
        })?,
    };
    let copied: Vec<WChar> = (0..units)
        // SAFETY: within the length that the application gave, or before the null that was found.
        .map(|index| unsafe { text.add(index).read_unaligned() })
        .collect();
    Ok(Some(String::from_utf16_lossy(&copied)))
}

/// The same; an empty string for a null pointer.
///
/// # Safety
/// As [`read`].
pub unsafe fn read_or_empty(text: *const WChar, length: isize) -> Result<String, Error> {
    // SAFETY: the caller's promise.
    unsafe { read(text, length) }.map(Option::unwrap_or_default)
}

/// The same, for lengths in bytes, as SQLSetConnectAttr and SQLSetStmtAttr have them.
///
/// # Safety
/// As [`read`], in bytes.
pub unsafe fn read_bytes(text: *const WChar, bytes: isize) -> Result<Option<String>, Error> {
    let length = if bytes < 0 {
        bytes
    } else {
        bytes / size_of::<WChar>() as isize
    };
    // SAFETY: the caller's promise.
    unsafe { read(text, length) }
}

/// Writes `text` and a null into `capacity` characters; whole characters only. Gives the length of all of `text` in
/// characters, and whether it was cut.
///
/// # Safety
/// `out` is null, or `capacity` characters can be written to it.
pub unsafe fn write(text: &str, out: *mut WChar, capacity: usize) -> (usize, bool) {
    let total = text.encode_utf16().count();
    if out.is_null() {
        return (total, false);
    }
    if capacity == 0 {
        return (total, true);
    }
    let mut written = 0;
    for character in text.chars() {
        if written + character.len_utf16() > capacity - 1 {
            break;
        }
        let mut units = [0; 2];
        for unit in character.encode_utf16(&mut units) {
            // SAFETY: `written` stays below `capacity`.
            unsafe { out.add(written).write_unaligned(*unit) };
            written += 1;
        }
    }
    // SAFETY: a place for the null was kept.
    unsafe { out.add(written).write_unaligned(0) };
    (total, written < total)
}

/// Writes a value if the application wants it.
///
/// # Safety
/// `out` is null or can be written to.
pub unsafe fn put<T>(out: *mut T, value: T) {
    if !out.is_null() {
        // SAFETY: not null, and the caller's promise.
        unsafe { ptr::write_unaligned(out, value) };
    }
}

/// SQL_NTS.
const NTS: isize = -3;

#[cfg(test)]
mod tests {
    use super::{read, read_bytes, write};

    #[test]
    fn strings_are_read_by_length_or_to_their_null() {
        let text: Vec<u16> = "aé😀b\0c".encode_utf16().collect();
        // SAFETY: within the vector.
        unsafe {
            assert_eq!(read(text.as_ptr(), -3).unwrap().unwrap(), "aé😀b");
            assert_eq!(read(text.as_ptr(), 2).unwrap().unwrap(), "aé");
            assert_eq!(read_bytes(text.as_ptr(), 4).unwrap().unwrap(), "aé");
            assert!(read(text.as_ptr(), -7).is_err());
            assert_eq!(read(std::ptr::null(), 5).unwrap(), None);
        }
    }

    #[test]
    fn a_surrogate_pair_is_never_cut() {
        let mut out = [7u16; 4];
        // SAFETY: within the array.
        let (total, cut) = unsafe { write("ab😀", out.as_mut_ptr(), 4) };
        assert_eq!((total, cut), (4, true));
        assert_eq!(out[..3], ['a' as u16, 'b' as u16, 0]);
    }
}
