//! Python environments with what tests and packages need, kept in the user's cache.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::{cache, program, project};

/// The `python` of an environment with the packages of `tests/python/requirements.txt`.
pub fn environment() -> Result<PathBuf> {
    environment_of(&project::root()?.join("tests/python/requirements.txt"))
}

/// The `python` of an environment with the packages of that file.
pub fn environment_of(requirements: &Path) -> Result<PathBuf> {
    let python = python()?;
    let wanted = fs::read(requirements).with_context(|| requirements.display().to_string())?;
    let version = Command::new(&python)
        .arg("--version")
        .output()
        .context("cannot run python3")?;
    let name = format!("python-{:016x}", digest(&[&wanted, &version.stdout]));
    let folder = cache::made(&name, "preparing a Python environment", |folder| {
        let inside = make(folder)?;
        install(&inside, &["-r".as_ref(), requirements.as_os_str()])
    })?;
    Ok(inside(&folder))
}

/// Makes an empty environment in that folder, and returns its `python`.
pub fn make(folder: &Path) -> Result<PathBuf> {
    let made = Command::new(python()?)
        .args(["-m", "venv"])
        .arg(folder)
        .status()?;
    if !made.success() {
        bail!("python3 cannot make an environment (Debian, Ubuntu: install python3-venv)");
    }
    Ok(inside(folder))
}

/// The `python` of the environment in that folder.
fn inside(folder: &Path) -> PathBuf {
    folder.join("bin/python")
}

/// Installs by pip what these arguments name.
pub fn install(python: &Path, arguments: &[&OsStr]) -> Result<()> {
    let installed = Command::new(python)
        .args(["-m", "pip", "install", "--quiet"])
        .arg("--disable-pip-version-check")
        .args(arguments)
        .status()?;
    if !installed.success() {
        bail!(
            "pip could not install {}",
            arguments.join(" ".as_ref()).display()
        );
    }
    Ok(())
}

fn python() -> Result<PathBuf> {
    program::find("python3")
        .context("python3 is not installed (Debian, Ubuntu: python3 and python3-venv)")
}

/// A number that differs when the parts differ (FNV-1a).
pub fn digest(parts: &[&[u8]]) -> u64 {
    parts
        .iter()
        .flat_map(|part| part.iter())
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
        })
}
