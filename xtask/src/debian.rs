//! Small Debians in folders, for programs that the machine lacks and for packages that it must not get.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::{program, registration};

/// Makes sure that a Debian can be made and entered; `what` needs it.
pub fn require(what: &str) -> Result<()> {
    ensure!(
        registration::is_root(),
        "{what} in a separate root folder, which requires root"
    );
    registration::require_installed(&[("debootstrap", "debootstrap"), ("unshare", "util-linux")])
}

/// Makes a Debian of that release with these packages, separated by commas, in the folder.
pub fn bootstrap(root: &Path, release: &str, packages: &str) -> Result<()> {
    fs::create_dir_all(root)?;
    program::run_quietly(
        Command::new("debootstrap")
            .arg("--variant=minbase")
            .arg(format!("--include={packages}"))
            .args([release, "."])
            .current_dir(root),
    )?;
    fs::copy("/etc/resolv.conf", root.join("etc/resolv.conf")).context("/etc/resolv.conf")?;
    // Programs find no `localhost` without it.
    fs::write(root.join("etc/hosts"), "127.0.0.1 localhost\n")?;
    Ok(())
}
