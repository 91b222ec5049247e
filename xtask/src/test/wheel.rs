//! The Python wheel: built, installed into a fresh environment, and used on a real Trino.

use std::ffi::OsStr;
use std::path::Path;

use anyhow::Result;

use super::runner::{Count, count, of_pytest};
use super::session::pytest;
use crate::wheel::{self, Contents};
use crate::{project, python};

/// Runs `tests/wheel` where nothing but the wheel and what pip installs can be found.
pub fn run(library: &Path, facts: &Path) -> Result<Count> {
    let folder = tempfile::Builder::new()
        .prefix("trino-odbc-wheel-")
        .tempdir()?;
    let contents = Contents {
        library,
        command: &project::command()?,
        licences: &[project::root()?.join("LICENSE")],
    };
    let wheel = wheel::build(
        &contents,
        env!("CARGO_PKG_VERSION"),
        &wheel::own_platform()?,
        folder.path(),
    )?;
    let tests = project::root()?.join("tests/wheel");
    let python = python::make(&folder.path().join("environment"))?;
    let mut with_extras = wheel.into_os_string();
    with_extras.push("[pandas]");
    python::install(
        &python,
        &[
            with_extras.as_ref(),
            OsStr::new("-r"),
            tests.join("requirements.txt").as_os_str(),
        ],
    )?;
    let mut command = pytest(&python)?;
    command
        .arg(&tests)
        .env("TRINO_LAB", facts)
        // No driver is registered there.
        .env("ODBCSYSINI", folder.path())
        .env("ODBCINI", folder.path().join("odbc.ini"))
        .env_remove(project::LIBRARY);
    count(&mut command, of_pytest)
}
