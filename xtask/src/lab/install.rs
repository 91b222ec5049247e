//! The Trino server on this machine: fetched once by Maven, unpacked into the user's cache.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::{cache, program};

/// The folder of the unpacked server, fetched when it is not there yet.
pub fn trino_home(say: &dyn Fn(&str)) -> Result<PathBuf> {
    if let Some(home) = env::var_os("TRINO_HOME").map(PathBuf::from) {
        if home.join("lib").is_dir() {
            return Ok(home);
        }
        bail!("TRINO_HOME is {}, where no Trino server is", home.display());
    }
    let cache = cache::folder()?;
    let home = cache.join(format!("trino-server-{VERSION}"));
    if home.join("lib").is_dir() {
        return Ok(home);
    }
    // Unpacked beside its place and renamed, so that an interrupted run leaves nothing half done.
    let scratch = tempfile::Builder::new()
        .prefix("unpack-")
        .tempdir_in(&cache)?;
    say(&format!("fetching Trino {VERSION} (0.8 GB, once)"));
    let archive = fetch(scratch.path())?;
    say("unpacking Trino");
    unpack(&archive, scratch.path())?;
    fs::remove_file(&archive)?;
    let unpacked = scratch.path().join(format!("trino-server-{VERSION}"));
    if let Err(error) = fs::rename(&unpacked, &home) {
        // Another run may have been first; its copy is as good.
        if !home.join("lib").is_dir() {
            return Err(error).with_context(|| format!("cannot move Trino to {}", home.display()));
        }
    }
    Ok(home)
}

/// Has Maven bring the server's archive into `folder`.
fn fetch(folder: &Path) -> Result<PathBuf> {
    let Some(maven) = program::find("mvn") else {
        bail!(
            "Trino {VERSION} is not in the cache and Maven is not installed. Install Maven (package \
             `maven`), or name an unpacked server's folder in TRINO_HOME, or use a running server \
             with --server."
        );
    };
    let status = Command::new(maven)
        .args(["-q", "-B", "dependency:copy", "-Dmdep.useBaseVersion=true"])
        .arg(format!("-Dartifact=io.trino:trino-server:{VERSION}:tar.gz"))
        .arg(format!("-DoutputDirectory={}", folder.display()))
        .current_dir(folder)
        .status()
        .context("cannot run mvn")?;
    let archive = folder.join(format!("trino-server-{VERSION}.tar.gz"));
    if !status.success() || !archive.is_file() {
        bail!("Maven could not get io.trino:trino-server:{VERSION}:tar.gz (see above)");
    }
    Ok(archive)
}

fn unpack(archive: &Path, folder: &Path) -> Result<()> {
    let status = Command::new("tar")
        .arg("-xzf")
        .arg(archive)
        .arg("-C")
        .arg(folder)
        .status();
    match status.context("cannot run tar")? {
        status if status.success() => Ok(()),
        status => bail!("tar could not unpack {}: {status}", archive.display()),
    }
}

/// The newest version whose server archive is published to Maven.
pub const VERSION: &str = "476";
