//! Strings of the application, in and out.
//!
//! The type of a pointer says which of a function's two forms was called: [`WChar`] is wide, `u8` is narrow. `SQLWCHAR` has
//! 2 bytes (UTF-16) on Windows and with unixODBC, and 4 (UTF-32) with iODBC: which it is stands in the object that a call
//! is on. Narrow strings are UTF-8. Lengths are in units or in bytes as the function has it; each reader and writer
//! here says which.

use std::ffi::c_void;
use std::ptr;

use crate::abi::WideUnit;
use crate::diagnostics::{Error, SqlState};

/// Where a wide string begins. Its units have the width of a [`WideUnit`], whatever this type has.
pub type WChar = u16;

/// What strings of one of a function's two forms consist of.
pub trait Unit: Copy {
    /// Whether it is the form that Driver Managers call by a name with `W`.
    const IS_WIDE: bool;

    /// How such strings are encoded where wide characters have that width.
    fn encoding(wide: WideUnit) -> Encoding;
}

impl Unit for WChar {
    const IS_WIDE: bool = true;

    fn encoding(wide: WideUnit) -> Encoding {
        match wide {
            WideUnit::Utf16 => Encoding::Utf16,
            WideUnit::Utf32 => Encoding::Utf32,
        }
    }
}

impl Unit for u8 {
    const IS_WIDE: bool = false;

    fn encoding(_: WideUnit) -> Encoding {
        Encoding::Utf8
    }
}

/// How a string is encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    Utf8,
    Utf16,
    Utf32,
}

impl Encoding {
    /// Bytes of one unit.
    pub fn size(self) -> usize {
        match self {
            Self::Utf8 => 1,
            Self::Utf16 => 2,
            Self::Utf32 => 4,
        }
    }

    /// Units of a character.
    fn units(self, character: char) -> usize {
        match self {
            Self::Utf8 => character.len_utf8(),
            Self::Utf16 => character.len_utf16(),
            Self::Utf32 => 1,
        }
    }
}

/// The string of `length` units at `text`, or up to its null for `SQL_NTS`. `None` for a null pointer. Nulls at the end are
/// no part of it: applications count the terminator, too.
///
/// # Safety
/// `text` is null, or as many characters as `length` says can be read from it.
pub unsafe fn read<U: Unit>(
    text: *const U,
    length: isize,
    wide: WideUnit,
) -> Result<Option<String>, Error> {
    if text.is_null() {
        return Ok(None);
    }
    Ok(Some(match U::encoding(wide) {
        Encoding::Utf8 => {
            // SAFETY: the caller's promise.
            let units = unsafe { units(text.cast::<u8>(), length) }?;
            String::from_utf8(units).map_err(|_| {
                Error::new(
                    SqlState::GENERAL_ERROR,
                    "A narrow string is not valid UTF-8.",
                )
            })?
        }
        Encoding::Utf16 => {
            // SAFETY: the caller's promise.
            String::from_utf16_lossy(&unsafe { units(text.cast::<u16>(), length) }?)
        }
        Encoding::Utf32 => {
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
unsafe fn units<N: Copy + PartialEq + Default>(
    text: *const N,
    length: isize,
) -> Result<Vec<N>, Error> {
    let count = match length {
        NTS => {
            let mut count = 0;
            // SAFETY: the application promised a terminating null.
            while unsafe { text.add(count).read_unaligned() } != N::default() {
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
    let mut units: Vec<_> = (0..count)
        // SAFETY: within the length that the application gave, or before the null that was found.
        .map(|index| unsafe { text.add(index).read_unaligned() })
        .collect();
    while units.last() == Some(&N::default()) {
        units.pop();
    }
    Ok(units)
}

/// The same; an empty string for a null pointer.
///
/// # Safety
/// As [`read`].
pub unsafe fn read_or_empty<U: Unit>(
    text: *const U,
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
pub unsafe fn read_required<U: Unit>(
    text: *const U,
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
pub unsafe fn read_bytes<U: Unit>(
    text: *const U,
    bytes: isize,
    wide: WideUnit,
) -> Result<Option<String>, Error> {
    let length = if bytes < 0 {
        bytes
    } else {
        bytes / U::encoding(wide).size().cast_signed()
    };
    // SAFETY: the caller's promise.
    unsafe { read(text, length, wide) }
}

/// Writes `text` and a null into `capacity` units; whole characters only. Gives the length of all of `text` in units, and
/// whether it was cut.
///
/// # Safety
/// `out` is null, or `capacity` units can be written to it.
pub unsafe fn write(
    text: &str,
    out: *mut c_void,
    capacity: usize,
    encoding: Encoding,
) -> (usize, bool) {
    let total = text
        .chars()
        .map(|character| encoding.units(character))
        .sum();
    if out.is_null() {
        return (total, false);
    }
    if capacity == 0 {
        return (total, true);
    }
    let mut written = 0;
    for character in text.chars() {
        if written + encoding.units(character) > capacity - 1 {
            break;
        }
        let mut put = |unit| {
            // SAFETY: `written` stays below `capacity`.
            unsafe { store(out, written, unit, encoding) };
            written += 1;
        };
        match encoding {
            Encoding::Utf8 => {
                let mut units = [0; 4];
                let units = character.encode_utf8(&mut units).bytes();
                units.for_each(|unit| put(u32::from(unit)));
            }
            Encoding::Utf16 => {
                let mut units = [0; 2];
                let units = character.encode_utf16(&mut units).iter();
                units.for_each(|unit| put(u32::from(*unit)));
            }
            Encoding::Utf32 => put(u32::from(character)),
        }
    }
    // SAFETY: a place for the null was kept.
    unsafe { store(out, written, 0, encoding) };
    (total, written < total)
}

/// # Safety
/// Unit `index` of `out` can be written to.
unsafe fn store(out: *mut c_void, index: usize, unit: u32, encoding: Encoding) {
    match encoding {
        // SAFETY: the caller's promise.
        Encoding::Utf8 => unsafe { out.cast::<u8>().add(index).write(unit as u8) },
        // SAFETY: the caller's promise.
        Encoding::Utf16 => unsafe { out.cast::<u16>().add(index).write_unaligned(unit as u16) },
        // SAFETY: the caller's promise.
        Encoding::Utf32 => unsafe { out.cast::<u32>().add(index).write_unaligned(unit) },
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
    use super::{Encoding, WChar, WideUnit, read, read_bytes, width, write};

    #[test]
    fn strings_are_read_by_length_or_to_their_null() {
        let text: Vec<u16> = "aé😀b\0c".encode_utf16().collect();
        let wide = WideUnit::Utf16;
        // SAFETY: within the vector.
        unsafe {
            assert_eq!(read(text.as_ptr(), -3, wide).unwrap().unwrap(), "aé😀b");
            assert_eq!(read(text.as_ptr(), 2, wide).unwrap().unwrap(), "aé");
            assert_eq!(read(text.as_ptr(), 6, wide).unwrap().unwrap(), "aé😀b");
            assert_eq!(read(text.as_ptr(), 7, wide).unwrap().unwrap(), "aé😀b\0c");
            assert_eq!(read_bytes(text.as_ptr(), 4, wide).unwrap().unwrap(), "aé");
            assert!(read(text.as_ptr(), -7, wide).is_err());
            assert_eq!(read::<WChar>(std::ptr::null(), 5, wide).unwrap(), None);
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
            assert_eq!(read::<WChar>(start, -3, wide).unwrap().unwrap(), "aé😀b");
            assert_eq!(
                read_bytes::<WChar>(start, 12, wide).unwrap().unwrap(),
                "aé😀"
            );
            let (total, cut) = write("aé😀b", out.as_mut_ptr().cast(), 4, Encoding::Utf32);
            assert_eq!((total, cut), (4, true));
        }
        assert_eq!(out, ['a' as u32, 'é' as u32, '😀' as u32, 0]);
    }

    #[test]
    fn narrow_strings_are_utf_8_whatever_the_width_of_wide_ones() {
        let text = "aé😀b\0c";
        let mut out = [7_u8; 7];
        // SAFETY: within the text and the array.
        unsafe {
            for wide in [WideUnit::Utf16, WideUnit::Utf32] {
                assert_eq!(read(text.as_ptr(), -3, wide).unwrap().unwrap(), "aé😀b");
                assert_eq!(read_bytes(text.as_ptr(), 3, wide).unwrap().unwrap(), "aé");
                assert!(read(text.as_ptr(), 2, wide).is_err(), "half a character");
            }
            let (total, cut) = write("aé😀b", out.as_mut_ptr().cast(), 7, Encoding::Utf8);
            assert_eq!((total, cut), (8, true));
        }
        assert_eq!(&out[..4], "aé\0".as_bytes());
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
        let (total, cut) = unsafe { write("ab😀", out.as_mut_ptr().cast(), 4, Encoding::Utf16) };
        assert_eq!((total, cut), (4, true));
        assert_eq!(out[..3], ['a' as u16, 'b' as u16, 0]);
    }
}
