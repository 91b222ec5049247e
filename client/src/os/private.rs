//! Private folders and files.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// The driver's folder in the user's cache directory.
pub fn cache_folder() -> Option<PathBuf> {
    let variable = |name| {
        std::env::var_os(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    let folder = if cfg!(windows) {
        variable("LOCALAPPDATA")
    } else if cfg!(target_os = "macos") {
        variable("HOME").map(|home| home.join("Library/Caches"))
    } else {
        variable("XDG_CACHE_HOME").or_else(|| variable("HOME").map(|home| home.join(".cache")))
    };
    Some(folder?.join("trino-odbc"))
}

/// Creates a folder that only the user can read, unless it exists.
pub fn create_private_folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Whether only the user can read and write the file. On Windows the folder ensures that.
pub fn is_private(file: &File) -> io::Result<bool> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let facts = file.metadata()?;
        // SAFETY: it takes nothing and cannot fail.
        let user = unsafe { libc::geteuid() };
        Ok(facts.uid() == user && facts.mode() & 0o077 == 0)
    }
    #[cfg(windows)]
    {
        file.metadata().map(|facts| facts.is_file())
    }
}
