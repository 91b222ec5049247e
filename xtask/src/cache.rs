//! The folder of this user where what is costly to get is kept between runs.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// The project's folder in the user's cache, created when missing.
pub fn folder() -> Result<PathBuf> {
    let base = env::var_os("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .filter(|path| path.is_absolute())
        .or_else(|| env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache")))
        .context("neither XDG_CACHE_HOME nor HOME says where the cache is")?;
    let folder = base.join("trino-odbc");
    fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
    Ok(folder)
}

/// The folder of that name in the cache. If it is not there whole, says `what` and has it made in its place, since not
/// everything can be moved; a file in it marks that it is whole.
pub fn made(name: &str, what: &str, make: impl FnOnce(&Path) -> Result<()>) -> Result<PathBuf> {
    let folder = folder()?.join(name);
    let complete = folder.join("complete");
    if !complete.is_file() {
        let _ = fs::remove_dir_all(&folder);
        println!("{what} (once)");
        fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
        make(&folder)?;
        fs::write(&complete, "")?;
    }
    Ok(folder)
}
