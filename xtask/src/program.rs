//! Programs of this machine: where they are, and running one for its effect.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

/// The program of that name in the folders of PATH.
pub fn find(name: &str) -> Option<PathBuf> {
    env::split_paths(&env::var_os("PATH")?)
        .map(|folder| folder.join(name))
        .find(|p| p.is_file())
}

/// The same, also where administrators' programs are.
pub fn find_system(name: &str) -> Option<PathBuf> {
    let beside = ["/usr/sbin", "/usr/local/sbin"].map(|folder| Path::new(folder).join(name));
    find(name).or_else(|| beside.into_iter().find(|path| path.is_file()))
}

/// Runs a command whose output matters only when it fails.
pub fn run_quietly(command: &mut Command) -> Result<()> {
    let name = command.get_program().to_owned();
    let output = command
        .output()
        .with_context(|| format!("cannot run {}", name.display()))?;
    ensure!(
        output.status.success(),
        "{} failed:\n{}{}",
        name.display(),
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(())
}
