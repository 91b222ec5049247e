//! A file of the log, which makes room for itself: when it is full it becomes `name.1`, what was `name.1` becomes
//! `name.2`, and the oldest goes.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use tracing::Level;

use super::Error;
use super::line::now;

/// A file that is being written.
pub struct LogFile {
    /// The path that was configured: a file, or a folder for one.
    pub configured: PathBuf,
    pub level: Level,
    room: Room,
    path: PathBuf,
    file: File,
    /// Bytes that it has.
    size: u64,
    /// The first line of each file.
    header: String,
}

/// How much the log may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    /// Bytes of one file.
    pub size: u64,
    /// Files in all, the one that is written included.
    pub files: u64,
}

impl LogFile {
    pub fn open(
        configured: PathBuf,
        level: Level,
        room: Room,
        origin: &str,
    ) -> Result<Self, Error> {
        let (path, file) = if configured.is_dir() {
            create_in(&configured).map_err(failed(&configured))?
        } else {
            if let Some(folder) = configured.parent() {
                fs::create_dir_all(folder).map_err(failed(folder))?;
            }
            let mut how = private();
            how.create(true);
            let file = how.open(&configured).map_err(failed(&configured))?;
            (configured.clone(), file)
        };
        let header = format!(
            "{level} trino-odbc {}, process {}: log opened, level from {origin}",
            env!("CARGO_PKG_VERSION"),
            std::process::id()
        );
        let size = file
            .metadata()
            .map(|metadata| metadata.len())
            .map_err(failed(&path))?;
        let mut log = Self {
            configured,
            level,
            room,
            path,
            file,
            size,
            header,
        };
        log.begin().map_err(failed(&log.path))?;
        Ok(log)
    }

    /// Whether a log with that path would be written to this file, however the path is spelt.
    pub fn is_at(&self, configured: &Path) -> bool {
        self.configured == configured || is_the_same(&self.file, configured)
    }

    /// Adds a line. A full disk must not disturb the application: what cannot be written is lost.
    pub fn write(&mut self, line: &[u8]) {
        if self.size.saturating_add(line.len() as u64) > self.room.size {
            let _ = self.turn();
        }
        self.size += line.len() as u64;
        let _ = self.file.write_all(line);
    }

    fn begin(&mut self) -> io::Result<()> {
        let header = format!("{} {}\n", now(), self.header);
        self.size += header.len() as u64;
        self.file.write_all(header.as_bytes())
    }

    /// Goes on in a new file; in the same one where that cannot be had.
    fn turn(&mut self) -> io::Result<()> {
        // Not tried again for each line.
        self.size = 0;
        // Another process that writes to the same file may have done it already.
        if is_the_same(&self.file, &self.path) {
            for number in (1..self.room.files.saturating_sub(1)).rev() {
                let _ = fs::rename(self.numbered(number), self.numbered(number + 1));
            }
            if self.room.files > 1 {
                fs::rename(&self.path, self.numbered(1))?;
            } else {
                fs::remove_file(&self.path)?;
            }
        }
        let mut how = private();
        how.create_new(true);
        self.file = match how.open(&self.path) {
            Err(cause)
                if cause.kind() == io::ErrorKind::AlreadyExists && self.path == self.configured =>
            {
                private().open(&self.path)?
            }
            file => file?,
        };
        // One that stays too long, such as a link's target, is not tried again for each line either.
        self.size = Some(self.file.metadata()?.len())
            .filter(|size| *size < self.room.size)
            .unwrap_or_default();
        self.begin()
    }

    fn numbered(&self, number: u64) -> PathBuf {
        let mut name = self.path.clone().into_os_string();
        name.push(format!(".{number}"));
        name.into()
    }
}

/// Creates a new file in a folder that others may write to, such as the one of temporary files.
///
/// A file or link that is there already may have been put there to catch the log: it is left alone.
fn create_in(folder: &Path) -> io::Result<(PathBuf, File)> {
    let process = std::process::id();
    let mut how = private();
    how.create_new(true);
    let mut number = 1;
    loop {
        let name = match number {
            1 => format!("trino-odbc-{process}.log"),
            _ => format!("trino-odbc-{process}-{number}.log"),
        };
        let path = folder.join(name);
        match how.open(&path) {
            Err(cause) if cause.kind() == io::ErrorKind::AlreadyExists && number < 1000 => {
                number += 1;
            }
            result => return Ok((path, result?)),
        }
    }
}

/// The error of a file that cannot be written.
fn failed(path: &Path) -> impl FnOnce(io::Error) -> Error + use<> {
    let path = path.to_owned();
    move |cause| Error::File { path, cause }
}

/// How files are opened: for appending, and for their owner only.
fn private() -> OpenOptions {
    let mut how = OpenOptions::new();
    how.append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut how, 0o600);
    how
}

/// Whether the path still names the open file.
#[cfg(unix)]
fn is_the_same(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    match (file.metadata(), fs::symlink_metadata(path)) {
        (Ok(open), Ok(named)) => (open.dev(), open.ino()) == (named.dev(), named.ino()),
        _ => false,
    }
}

/// Whether the path still names the open file, and is no link to it.
#[cfg(windows)]
fn is_the_same(file: &File, path: &Path) -> bool {
    use same_file::Handle;
    let is_link = fs::symlink_metadata(path).is_ok_and(|facts| facts.is_symlink());
    let open = file.try_clone().and_then(Handle::from_file);
    match (open, Handle::from_path(path)) {
        (Ok(open), Ok(named)) => !is_link && open == named,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_file_becomes_the_first_of_the_old_ones_and_the_oldest_goes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.log");
        let room = Room {
            size: 300,
            files: 3,
        };
        let mut log = LogFile::open(path.clone(), Level::INFO, room, "the test").unwrap();
        for number in 0..50 {
            log.write(format!("line {number:02} {}\n", "x".repeat(90)).as_bytes());
        }
        let mut names: Vec<_> = fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        assert_eq!(names, ["a.log", "a.log.1", "a.log.2"]);
        for name in names {
            let text = fs::read_to_string(folder.path().join(&name)).unwrap();
            assert!(text.len() <= 300, "{name}: {text}");
            assert!(text.contains("log opened"), "{name}: {text}");
        }
        assert!(fs::read_to_string(&path).unwrap().contains("line 49"));
    }

    #[test]
    fn a_file_is_known_by_each_of_its_spellings() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.log");
        let room = Room {
            size: 1000,
            files: 9,
        };
        let log = LogFile::open(path.clone(), Level::INFO, room, "the test").unwrap();
        fs::create_dir(folder.path().join("b")).unwrap();
        assert!(log.is_at(&path) && log.is_at(&folder.path().join("b/../a.log")));
        assert!(!cfg!(windows) || log.is_at(&folder.path().join("A.LOG")));
        assert!(!log.is_at(&folder.path().join("b.log")));
    }

    #[test]
    fn two_writers_of_one_file_turn_it_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.log");
        let room = Room {
            size: 1000,
            files: 9,
        };
        let open = || LogFile::open(path.clone(), Level::INFO, room, "the test").unwrap();
        let (mut one, mut two) = (open(), open());
        for _ in 0..2 {
            one.write(&[b'1'; 600]);
            two.write(&[b'2'; 600]);
        }
        let names: Vec<_> = fs::read_dir(folder.path()).unwrap().collect();
        assert_eq!(names.len(), 2, "{names:?}");
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains("111") && text.ends_with("222"), "{text}");
    }
}
