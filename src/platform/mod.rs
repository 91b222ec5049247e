//! What differs by Driver Manager: where data sources are kept, and how wide a character is.
#![allow(unsafe_code)]

mod ini;
#[cfg(unix)]
mod odbc_ini;
#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

pub use ini::Ini;
#[cfg(unix)]
pub use unix::{InstalledDataSources, has_unixodbc, wide_unit};
#[cfg(windows)]
pub use windows::{
    InstalledDataSources, InstallerStore, confirm, has_unixodbc, installer, is_window, registry,
    wide, wide_unit,
};

/// Splits a list of texts, each ended by a zero. An empty one ends the list by the reference, but
/// stands within it for the registry's default value.
fn zero_ended<T: PartialEq + Default>(list: &[T]) -> impl Iterator<Item = &[T]> {
    list.split(|unit| *unit == T::default())
        .filter(|text| !text.is_empty())
}

/// Reads a text of unknown length: `read` fills a buffer and gives the length, or `None` if the
/// buffer may be too small. A text that fills its buffer may be cut, and is read again into a
/// larger one; `None` if the largest is too small.
fn whole<T: Clone + Default>(read: impl Fn(&mut [T]) -> Option<usize>) -> Option<Vec<T>> {
    SIZES.into_iter().find_map(|size| {
        let mut buffer = vec![T::default(); size];
        let length = read(&mut buffer).filter(|length| length + LONGEST_NAME < size)?;
        buffer.truncate(length);
        Some(buffer)
    })
}

/// Units of the buffers for texts of the installer library.
const SIZES: [usize; 2] = [32 << 10, 2 << 20];
/// A list is cut before the first name that does not fit.
const LONGEST_NAME: usize = 1024;

/// Whether the settings of a driver's registration name that file.
fn is_driver_file(settings: &[(String, String)], file: &str) -> bool {
    settings.iter().any(|(name, value)| {
        is_same_path(value, file)
            && (name.eq_ignore_ascii_case("Driver") || name.eq_ignore_ascii_case("Driver64"))
    })
}

/// Whether two paths name one file, as far as their text says.
fn is_same_path(one: &str, other: &str) -> bool {
    if cfg!(windows) {
        is_same_path_of_windows(one, other)
    } else {
        one == other
    }
}

/// The file systems of Windows ignore the case of names, and take either slash.
fn is_same_path_of_windows(one: &str, other: &str) -> bool {
    let plain = |path: &str| path.replace('/', "\\").to_lowercase();
    plain(one.trim()) == plain(other.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_goes_on_behind_an_empty_text() {
        let texts: Vec<_> = zero_ended(b"\0Host\0\0Port\0\0").collect();
        assert_eq!(texts, [b"Host", b"Port"]);
    }

    #[test]
    fn a_text_that_fills_its_buffer_is_read_into_a_larger_one() {
        let lengths = [
            0,
            10,
            SIZES[0] - 1,
            SIZES[0] + 5,
            SIZES[1] - LONGEST_NAME - 1,
        ];
        for text in lengths.map(|length| vec![b'x'; length]) {
            let read = |buffer: &mut [u8]| {
                let length = text.len().min(buffer.len() - 1);
                buffer[..length].copy_from_slice(&text[..length]);
                Some(length)
            };
            assert!(whole(read).is_some_and(|read| read == text));
        }
        assert_eq!(whole::<u8>(|buffer| Some(buffer.len() - 2)), None);
        assert_eq!(whole::<u8>(|_| None), None);
    }

    #[test]
    fn paths_of_windows_differ_neither_by_case_nor_by_slashes() {
        let path = r"C:\Program Files\Trino\trinoodbc.dll";
        let same = "c:/program files/TRINO/TrinoODBC.dll";
        assert!(is_same_path_of_windows(path, same));
        assert!(!is_same_path_of_windows(
            path,
            r"C:\Program Files\Trino\trinoodbc32.dll"
        ));
    }
}
