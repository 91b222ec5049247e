//! For which programs a library of Windows is, by its header.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::Path;

/// The programs that can load a library.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Width {
    Bits64,
    Bits32,
}

/// Reads the machine that a library of Windows is for.
pub fn width(library: &Path) -> io::Result<Width> {
    let mut file = File::open(library)?;
    let mut start = [0; 64];
    let mut header = [0; 6];
    let read = file.read_exact(&mut start).and_then(|()| {
        let offset = u32::from_le_bytes([start[60], start[61], start[62], start[63]]);
        file.seek(SeekFrom::Start(offset.into()))?;
        file.read_exact(&mut header)
    });
    let problem = |text| Err(io::Error::new(io::ErrorKind::InvalidData, text));
    match read {
        Err(error) if error.kind() != io::ErrorKind::UnexpectedEof => return Err(error),
        _ if !start.starts_with(b"MZ") || !header.starts_with(b"PE\0\0") => {
            return problem("it is no library of Windows");
        }
        _ => {}
    }
    match u16::from_le_bytes([header[4], header[5]]) {
        AMD64 | ARM64 => Ok(Width::Bits64),
        I386 => Ok(Width::Bits32),
        _ => problem("it is a library for another kind of computer"),
    }
}

const I386: u16 = 0x014c;
const AMD64: u16 = 0x8664;
const ARM64: u16 = 0xaa64;

#[cfg(test)]
mod tests {
    use super::*;

    fn library(machine: u16) -> Vec<u8> {
        let mut bytes = vec![0; 128];
        bytes[..2].copy_from_slice(b"MZ");
        bytes[60] = 100;
        bytes[100..104].copy_from_slice(b"PE\0\0");
        bytes[104..106].copy_from_slice(&machine.to_le_bytes());
        bytes
    }

    #[test]
    fn the_header_says_which_programs_load_the_library() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("x.dll");
        let of = |bytes: &[u8]| {
            std::fs::write(&file, bytes).unwrap();
            width(&file).map_err(|error| error.to_string())
        };
        assert_eq!(of(&library(AMD64)), Ok(Width::Bits64));
        assert_eq!(of(&library(ARM64)), Ok(Width::Bits64));
        assert_eq!(of(&library(I386)), Ok(Width::Bits32));
        for wrong in [&b"\x7fELF"[..], &b"MZ"[..], &library(AMD64)[..101], b""] {
            let error = of(wrong).unwrap_err();
            assert!(error.contains("no library of Windows"), "{error}");
        }
        assert!(of(&library(1)).unwrap_err().contains("another kind"));
        assert!(width(&folder.path().join("none")).is_err());
    }
}
