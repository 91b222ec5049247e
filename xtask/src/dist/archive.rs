//! The archive that runs from any folder, and the one of the debug symbols.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::build::{Files, Processor};
use super::packages;
use crate::program;

/// The name of the archive's folder, and of its file without the ending.
pub fn name(processor: Processor, version: &str) -> String {
    format!("trino-odbc-{version}-linux-{}", processor.name())
}

/// Makes the archive of what the folder holds.
pub fn build(processor: Processor, files: &Path, version: &str, output: &Path) -> Result<PathBuf> {
    let name = name(processor, version);
    let archive = output.join(format!("{name}.tar.gz"));
    let contents = CONTENTS.map(OsStr::new);
    pack(&archive, files, &name, &contents)?;
    Ok(archive)
}

/// Makes the archive of the debug symbols, for a debugger's folder of them; none if nothing was built.
pub fn symbols(files: &Files, version: &str, output: &Path) -> Result<Option<PathBuf>> {
    let Some(folder) = files.symbols.first().and_then(|file| file.parent()) else {
        return Ok(None);
    };
    let name = format!("{}-debug", name(files.processor, version));
    let archive = output.join(format!("{name}.tar.gz"));
    let contents = files.symbols.iter().map(|file| file.file_name());
    let contents = contents
        .collect::<Option<Vec<_>>>()
        .context("files have names")?;
    pack(&archive, folder, &name, &contents)?;
    Ok(Some(archive))
}

/// Packs these entries of a folder under a folder of that name. The same entries give the same bytes.
pub fn pack(archive: &Path, folder: &Path, name: &str, entries: &[&OsStr]) -> Result<()> {
    program::run_quietly(
        Command::new("tar")
            .arg("--create")
            .arg("--gzip")
            .arg("--file")
            .arg(archive)
            .args(["--sort=name", "--owner=0", "--group=0", "--numeric-owner"])
            .arg("--mode=u=rwX,go=rX")
            .arg(format!("--mtime=@{}", packages::committed()?))
            .arg(format!("--transform=s,^,{name}/,"))
            .arg("--directory")
            .arg(folder)
            .args(entries),
    )
}

const CONTENTS: [&str; 8] = [
    "LICENSE",
    "README.txt",
    "THIRD-PARTY-LICENSES.txt",
    "bin",
    "completions",
    "lib",
    "man",
    "odbc.ini.example",
];
