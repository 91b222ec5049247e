//! Wide strings of the application, in and out.
//!
//! `SQLWCHAR` has 2 bytes (UTF-16) on Windows and with unixODBC, and 4 (UTF-32) with iODBC: which it is stands in the
//! object that a call is on. Lengths are in characters or in bytes as the function has it; each reader and writer here
//! says which.

use std::ptr;

use crate::abi::WideUnit;
use crate::diagnostics::{Error, SqlState};

/// Where a wide string begins. Its units have the width of a [`WideUnit`], whatever this type has.
pub type WChar = u16;

/// The string of `length` characters at `text`, or up to its null for `SQL_NTS`. `None` for a null pointer.
///
/// # Safety
/// `text` is null, or as many characters as `length` says can be read from it.
pub unsafe fn read(
    text: *const WChar,
    length: isize,
    wide: WideUnit,
) -> Result<Option<String>, Error> {
    if text.is_null() {
        return Ok(None);
    }
    Ok(Some(match wide {
        WideUnit::Utf16 => {
            // SAFETY: the caller's promise.
            String::from_utf16_lossy(&unsafe { units(text, length) }?)
        }
        WideUnit::Utf32 => {
            // SAFETY: the caller's promise.
            let units = unsafe { units(text.cast::<u32>(), length) }?;
            let known = |unit| char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER);
            units.into_iter().map(known).collect()
        }
    }))
}

/// The width of a connection string's units, by the string itself: none has only one character, so a 0 after the first
/// two bytes is half a unit and not the end. For programs that have a Driver Manager inside, as iODBC's own have.
///
/// # Safety
/// `text` is null, or as many characters as `length` says can be read from it.
pub unsafe fn width(text: *const WChar, length: isize) -> WideUnit {
    let single = (0..=1).contains(&length);
    if text.is_null() || single || cfg!(target_endian = "big") {
        return WideUnit::Utf16;
    }
    // SAFETY: there is a character or the null.
    let first = unsafe { text.read_unaligned() };
    if first == 0 {
        return WideUnit::Utf16;
    }
    // SAFETY: the first is not the null, so there is more.
    match unsafe { text.add(1).read_unaligned() } {
        0 => WideUnit::Utf32,
        _ => WideUnit::Utf16,
    }
}

/// # Safety
/// As many units as `length` says can be read from `text`.
unsafe fn units<U: Copy + PartialEq + Default>(
    text: *const U,
    length: isize,
) -> Result<Vec<U>, Error> {
    let count = match length {
        NTS => {
            let mut count = 0;
            // SAFETY: the application promised a terminating null.
            while unsafe { text.add(count).read_unaligned() } != U::default() {
                count += 1;
            }
            count
        }
        _ => usize::try_from(length).map_err(|_| {
            Error::new(
                SqlState::INVALID_LENGTH,
                "The length of a string cannot be negative.",
            )
        })?,
    };
    Ok((0..count)
        // SAFETY: within the length that the application gave, or before the null that was found.
        .map(|index| unsafe { text.add(index).read_unaligned() })
        .collect())
}

/// The same; an empty string for a null pointer.
///
/// # Safety
/// As [`read`].
pub unsafe fn read_or_empty(
    text: *const WChar,
    length: isize,
    wide: WideUnit,
) -> Result<String, Error> {
    // SAFETY: the caller's promise.
    unsafe { read(text, length, wide) }.map(Option::unwrap_or_default)
}

/// The same; HY009 for a null pointer. `what` begins the message.
///
/// # Safety
/// As [`read`].
pub unsafe fn read_required(
    text: *const WChar,
    length: isize,
    wide: WideUnit,
    what: &str,
) -> Result<String, Error> {
    // SAFETY: the caller's promise.
    unsafe { read(text, length, wide) }?.ok_or_else(|| {
        Error::new(
            SqlState::INVALID_NULL_POINTER,
            format!("{what} is a null pointer."),
        )
    })
}

/// The same, for lengths in bytes, as SQLSetConnectAttr and SQLSetStmtAttr have them.
///
/// # Safety
/// As [`read`], in bytes.
pub unsafe fn read_bytes(
    text: *const WChar,
    bytes: isize,
    wide: WideUnit,
) -> Result<Option<String>, Error> {
    let length = if bytes < 0 {
        bytes
    } else {
        bytes / wide.size().cast_signed()
    };
    // SAFETY: the caller's promise.
    unsafe { read(text, length, wide) }
}

/// Writes `text` and a null into `capacity` characters; whole characters only. Gives the length of all of `text` in
/// characters, and whether it was cut.
///
/// # Safety
/// `out` is null, or `capacity` characters can be written to it.
pub unsafe fn write(text: &str, out: *mut WChar, capacity: usize, wide: WideUnit) -> (usize, bool) {
    let total = text.chars().map(|character| wide.units(character)).sum();
    if out.is_null() {
        return (total, false);
    }
    if capacity == 0 {
        return (total, true);
    }
    let mut written = 0;
    for character in text.chars() {
        if written + wide.units(character) > capacity - 1 {
            break;
        }
        if wide == WideUnit::Utf32 {
            // SAFETY: `written` stays below `capacity`.
            unsafe { store(out, written, u32::from(character), wide) };
            written += 1;
            continue;
        }
        for unit in character.encode_utf16(&mut [0; 2]) {
            // SAFETY: `written` stays below `capacity`.
            unsafe { store(out, written, u32::from(*unit), wide) };
            written += 1;
        }
    }
    // SAFETY: a place for the null was kept.
    unsafe { store(out, written, 0, wide) };
    (total, written < total)
}

/// # Safety
/// Unit `index` of `out` can be written to.
unsafe fn store(out: *mut WChar, index: usize, unit: u32, wide: WideUnit) {
    match wide {
        // SAFETY: the caller's promise.
        WideUnit::Utf16 => unsafe { out.add(index).write_unaligned(unit as u16) },
        // SAFETY: the caller's promise.
        WideUnit::Utf32 => unsafe { out.cast::<u32>().add(index).write_unaligned(unit) },
    }
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
    use super::{WideUnit, read, read_bytes, width, write};

    #[test]
    fn strings_are_read_by_length_or_to_their_null() {
        let text: Vec<u16> = "aé😀b\0c".encode_utf16().collect();
        let wide = WideUnit::Utf16;
        // SAFETY: within the vector.
        unsafe {
            assert_eq!(read(text.as_ptr(), -3, wide).unwrap().unwrap(), "aé😀b");
            assert_eq!(read(text.as_ptr(), 2, wide).unwrap().unwrap(), "aé");
            assert_eq!(read_bytes(text.as_ptr(), 4, wide).unwrap().unwrap(), "aé");
            assert!(read(text.as_ptr(), -7, wide).is_err());
            assert_eq!(read(std::ptr::null(), 5, wide).unwrap(), None);
        }
    }

    #[test]
    fn strings_of_four_bytes_a_unit_are_read_and_written() {
        let wide = WideUnit::Utf32;
        let text: Vec<u32> = "aé😀b\0c".chars().map(u32::from).collect();
        let start = text.as_ptr().cast();
        let mut out = [7_u32; 4];
        // SAFETY: within the vector and the array.
        unsafe {
            assert_eq!(read(start, -3, wide).unwrap().unwrap(), "aé😀b");
            assert_eq!(read_bytes(start, 12, wide).unwrap().unwrap(), "aé😀");
            let (total, cut) = write("aé😀b", out.as_mut_ptr().cast(), 4, wide);
            assert_eq!((total, cut), (4, true));
        }
        assert_eq!(out, ['a' as u32, 'é' as u32, '😀' as u32, 0]);
    }

    #[test]
    fn the_width_of_a_connection_string_is_seen() {
        let narrow: Vec<u16> = "DSN=x\0".encode_utf16().collect();
        let wide: Vec<u32> = "DSN=x\0".chars().map(u32::from).collect();
        // SAFETY: within the vectors.
        unsafe {
            for length in [-3, 5] {
                assert_eq!(width(narrow.as_ptr(), length), WideUnit::Utf16);
                assert_eq!(width(wide.as_ptr().cast(), length), WideUnit::Utf32);
            }
            assert_eq!(width(std::ptr::null(), -3), WideUnit::Utf16);
            assert_eq!(width([0].as_ptr(), -3), WideUnit::Utf16);
        }
    }

    #[test]
    fn a_surrogate_pair_is_never_cut() {
        let mut out = [7u16; 4];
        // SAFETY: within the array.
        let (total, cut) = unsafe { write("ab😀", out.as_mut_ptr(), 4, WideUnit::Utf16) };
        assert_eq!((total, cut), (4, true));
        assert_eq!(out[..3], ['a' as u16, 'b' as u16, 0]);
    }
}
