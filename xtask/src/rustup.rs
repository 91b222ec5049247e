//! Standard libraries for other systems, from rustup.

use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

use crate::project;

/// Makes sure that programs for these targets can be compiled.
pub fn require_targets(targets: &[&str]) -> Result<()> {
    let installed = rustup(&["list", "--installed"])?
        .stderr(Stdio::inherit())
        .output()
        .context("cannot run rustup, which has the standard libraries of other systems")?;
    let installed = String::from_utf8_lossy(&installed.stdout).into_owned();
    let missing: Vec<_> = targets
        .iter()
        .copied()
        .filter(|target| !installed.lines().any(|line| line == *target))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let status = rustup(&["add"])?.args(&missing).status()?;
    ensure!(
        status.success(),
        "rustup could not add {}",
        missing.join(" and ")
    );
    Ok(())
}

fn rustup(arguments: &[&str]) -> Result<Command> {
    let mut command = Command::new("rustup");
    command
        .arg("target")
        .args(arguments)
        .current_dir(project::root()?);
    Ok(command)
}
