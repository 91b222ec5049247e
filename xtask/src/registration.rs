//! The driver registered with unixODBC in folders of its own, so that nothing of the user's is touched.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use tempfile::TempDir;

use crate::program;

/// The name that connection strings give: `Driver={Trino ODBC}`.
pub const NAME: &str = "Trino ODBC";

/// A folder with an `odbcinst.ini` that knows our driver, and an empty `odbc.ini`.
pub struct Registration {
    folder: TempDir,
    library: PathBuf,
}

impl Registration {
    /// Registers the library at that absolute path.
    pub fn new(library: &Path) -> Result<Self> {
        let folder = tempfile::Builder::new()
            .prefix("trino-odbc-ini-")
            .tempdir()?;
        // The statement level: the default serialises a whole environment, and SQLCancel would wait behind the
        // very call that it is to interrupt.
        let text = format!(
            "[ODBC]\nPooling = No\n\n[{NAME}]\nDescription = ODBC driver for Trino\n\
             Driver = {}\nThreading = 1\nUsageCount = 1\n",
            library.display()
        );
        let file = folder.path().join("odbcinst.ini");
        fs::write(&file, text).with_context(|| file.display().to_string())?;
        fs::write(folder.path().join("odbc.ini"), "")?;
        Ok(Self {
            folder,
            library: library.to_path_buf(),
        })
    }

    /// Has that command see this registration and no other.
    pub fn apply(&self, command: &mut Command) {
        command
            .env("ODBCSYSINI", self.folder.path())
            .env("ODBCINI", self.folder.path().join("odbc.ini"))
            .env("TRINO_ODBC_LIBRARY", &self.library);
    }
}

/// Makes sure that unixODBC and its headers are there, installing them where that is ours to do.
pub fn require_manager() -> Result<()> {
    if manager_is_there() {
        return Ok(());
    }
    if program::find("apt-get").is_some() && is_root() {
        for arguments in [
            &["update", "-q"][..],
            &["install", "-y", "-q", "unixodbc", "unixodbc-dev"],
        ] {
            let status = Command::new("apt-get")
                .args(arguments)
                .env("DEBIAN_FRONTEND", "noninteractive")
                .status()?;
            if !status.success() {
                bail!("apt-get could not install unixodbc and unixodbc-dev");
            }
        }
        if manager_is_there() {
            return Ok(());
        }
    }
    bail!(
        "unixODBC is missing: install its tools and headers (Debian, Ubuntu: unixodbc and unixodbc-dev; \
         Fedora: unixODBC and unixODBC-devel; macOS: brew install unixodbc)"
    )
}

fn is_root() -> bool {
    Command::new("id")
        .arg("-u")
        .output()
        .is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

fn manager_is_there() -> bool {
    let headers = [
        "/usr/include",
        "/usr/local/include",
        "/opt/homebrew/include",
    ];
    program::find("isql").is_some()
        && headers
            .iter()
            .any(|folder| Path::new(folder).join("sql.h").is_file())
}
