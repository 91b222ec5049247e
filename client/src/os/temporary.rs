//! A file without a name, for data that does not fit into memory.
//!
//! Nobody else can open it, and it disappears with the process however that ends: on Unix its name is removed before
//! anything is written, on Windows the system deletes it when its last handle is closed.

use std::fs::File;
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

/// A private temporary file that is read and written at positions.
#[derive(Debug)]
pub struct TemporaryFile(File);

impl TemporaryFile {
    /// Creates one in `folder`, by default in the directory of temporary files. If the process has no file descriptor
    /// left, it waits until one is closed.
    pub fn create(folder: Option<&Path>) -> io::Result<Self> {
        let default = std::env::temp_dir();
        let folder = folder.unwrap_or(&default);
        let end = Instant::now() + FILE_WAIT;
        let file = loop {
            match tempfile::tempfile_in(folder) {
                // It says which folder, and no longer why.
                Err(_) if no_file_is_left(folder) && Instant::now() < end => {
                    std::thread::sleep(PAUSE);
                }
                made => break made?,
            }
        };
        #[cfg(unix)]
        file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
        Ok(Self(file))
    }

    /// Writes all of `bytes`.
    pub fn write_at(&self, mut bytes: &[u8], mut position: u64) -> io::Result<()> {
        while !bytes.is_empty() {
            match write_some(&self.0, bytes, position) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(written) => {
                    bytes = bytes.get(written..).unwrap_or_default();
                    position += written as u64;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Fills `bytes`.
    pub fn read_at(&self, mut bytes: &mut [u8], mut position: u64) -> io::Result<()> {
        while !bytes.is_empty() {
            match read_some(&self.0, bytes, position) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(read) => {
                    bytes = bytes.get_mut(read..).unwrap_or_default();
                    position += read as u64;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Frees what lies behind `length`.
    pub fn truncate(&self, length: u64) -> io::Result<()> {
        self.0.set_len(length)
    }
}

/// Whether the process, or the system, can open no more files.
fn no_file_is_left(folder: &Path) -> bool {
    // Of Unix EMFILE and ENFILE, of Windows ERROR_TOO_MANY_OPEN_FILES.
    let codes = if cfg!(unix) { [24, 23] } else { [4, 4] };
    let error = match std::fs::read_dir(folder) {
        Ok(_) => return false,
        Err(error) => error.raw_os_error(),
    };
    error.is_some_and(|code| codes.contains(&code))
}

const FILE_WAIT: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(50);

#[cfg(unix)]
use std::os::unix::fs::FileExt;
#[cfg(windows)]
use std::os::windows::fs::FileExt;

#[cfg(unix)]
fn write_some(file: &File, bytes: &[u8], position: u64) -> io::Result<usize> {
    file.write_at(bytes, position)
}

#[cfg(windows)]
fn write_some(file: &File, bytes: &[u8], position: u64) -> io::Result<usize> {
    file.seek_write(bytes, position)
}

#[cfg(unix)]
fn read_some(file: &File, bytes: &mut [u8], position: u64) -> io::Result<usize> {
    file.read_at(bytes, position)
}

#[cfg(windows)]
fn read_some(file: &File, bytes: &mut [u8], position: u64) -> io::Result<usize> {
    file.seek_read(bytes, position)
}

#[cfg(test)]
mod tests {
    use super::TemporaryFile;

    #[test]
    fn a_temporary_file_is_gone_once_it_is_closed_and_belongs_to_its_user_alone() {
        let folder = tempfile::tempdir().unwrap();
        let file = TemporaryFile::create(Some(folder.path())).unwrap();
        file.write_at(b"rows", 1000).unwrap();
        let mut read = [0; 4];
        file.read_at(&mut read, 1000).unwrap();
        assert_eq!(&read, b"rows");
        assert!(file.read_at(&mut read, 1001).is_err());
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt;
            assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
            let metadata = file.0.metadata().unwrap();
            assert_eq!((metadata.mode() & 0o777, metadata.nlink()), (0o600, 0));
        }
        drop(file);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
