//! Where rows are written: standard output, or a file that appears when it is complete.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, IsTerminal as _, Stdout, Write};
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile};

use crate::Stop;

pub enum Output {
    Standard(BufWriter<Stdout>),
    /// A file next to `path`, renamed to it at the end. It is removed when this is dropped.
    Replaced {
        file: BufWriter<NamedTempFile>,
        path: PathBuf,
    },
    /// A pipe or a device, which nothing can replace.
    Device(BufWriter<File>),
}

impl Output {
    pub fn standard() -> Self {
        Self::Standard(BufWriter::new(io::stdout()))
    }

    /// Writes to that file. One that exists stays as it is until [`Self::complete`]. A symbolic link
    /// keeps its place: its target is replaced.
    pub fn file(path: &Path) -> Result<Self, Stop> {
        let failed = |error| Stop::failed(format!("{}: {error}", path.display()));
        let former = fs::metadata(path).ok();
        if former.as_ref().is_some_and(|former| !former.is_file()) {
            let device = OpenOptions::new().write(true).open(path);
            return Ok(Self::Device(BufWriter::new(device.map_err(failed)?)));
        }
        let path = match former {
            Some(_) => path.canonicalize().map_err(failed)?,
            None => path.to_owned(),
        };
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let mut builder = Builder::new();
        builder.prefix(".trino-odbc-").suffix(".part");
        #[cfg(unix)]
        builder.permissions(permissions(former.as_ref()));
        let file = builder.tempfile_in(folder).map_err(failed)?;
        Ok(Self::Replaced {
            file: BufWriter::with_capacity(BUFFER, file),
            path,
        })
    }

    pub fn is_terminal(&self) -> bool {
        matches!(self, Self::Standard(_)) && io::stdout().is_terminal()
    }

    pub fn is_file(&self) -> bool {
        !matches!(self, Self::Standard(_))
    }

    /// Writes what is left, and gives the file its name.
    pub fn complete(self) -> io::Result<()> {
        match self {
            Self::Standard(mut out) => out.flush(),
            Self::Device(mut out) => out.flush(),
            Self::Replaced { file, path } => {
                let file = file.into_inner()?;
                file.persist(path)?;
                Ok(())
            }
        }
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Standard(out) => out.write(bytes),
            Self::Replaced { file, .. } => file.write(bytes),
            Self::Device(out) => out.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Standard(out) => out.flush(),
            Self::Replaced { file, .. } => file.flush(),
            Self::Device(out) => out.flush(),
        }
    }
}

/// Those of the file that is replaced, or what a new file has; the process's mask applies.
#[cfg(unix)]
fn permissions(former: Option<&fs::Metadata>) -> fs::Permissions {
    use std::os::unix::fs::PermissionsExt as _;
    let new = fs::Permissions::from_mode(0o666);
    former.map_or(new, fs::Metadata::permissions)
}

const BUFFER: usize = 1 << 18;

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name());
        names.map(|name| name.into_string().unwrap()).collect()
    }

    #[test]
    fn a_file_is_replaced_at_the_end_and_not_before() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rows.csv");
        fs::write(&path, "former").unwrap();
        let mut output = Output::file(&path).unwrap();
        output.write_all(b"new").unwrap();
        output.flush().unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "former");
        output.complete().unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
        assert_eq!(names(folder.path()), ["rows.csv"]);
    }

    #[test]
    fn output_that_is_not_completed_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let mut output = Output::file(&folder.path().join("rows.csv")).unwrap();
        output.write_all(b"half").unwrap();
        drop(output);
        assert!(names(folder.path()).is_empty());
    }

    #[cfg(unix)]
    #[test]
    fn a_link_keeps_its_place_and_a_file_its_mode() {
        use std::os::unix::fs::{PermissionsExt as _, symlink};
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("file"), folder.path().join("link"));
        fs::write(&file, "former").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
        symlink(&file, &link).unwrap();
        let mut output = Output::file(&link).unwrap();
        output.write_all(b"new").unwrap();
        output.complete().unwrap();
        assert!(link.is_symlink());
        assert_eq!(fs::read_to_string(&file).unwrap(), "new");
        let mode = fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[cfg(unix)]
    #[test]
    fn a_device_is_written_in_place() {
        use std::os::unix::fs::FileTypeExt as _;
        let mut output = Output::file(Path::new("/dev/null")).unwrap();
        output.write_all(b"rows").unwrap();
        output.complete().unwrap();
        let kind = fs::metadata("/dev/null").unwrap().file_type();
        assert!(kind.is_char_device());
    }
}
