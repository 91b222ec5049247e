//! Programs of this machine: where they are, and running one for its effect.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use anstream::adapter::strip_bytes;
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

/// Has that command find programs in these folders first.
pub fn prefer(command: &mut Command, folders: &[&Path]) -> Result<()> {
    let path = env::var_os("PATH").unwrap_or_default();
    let mut all: Vec<_> = folders.iter().map(|folder| folder.to_path_buf()).collect();
    all.extend(env::split_paths(&path));
    command.env("PATH", env::join_paths(all)?);
    Ok(())
}

/// Runs a command whose output matters only when it fails, and then without the escape codes of
/// terminals, which some programs print into pipes: Maven ends each run with one.
pub fn run_quietly(command: &mut Command) -> Result<()> {
    let name = command.get_program().to_owned();
    let output = command
        .output()
        .with_context(|| format!("cannot run {}", name.display()))?;
    ensure!(
        output.status.success(),
        "{} failed:\n{}{}",
        name.display(),
        plain(&output.stdout),
        plain(&output.stderr)
    );
    Ok(())
}

/// The text without escape codes.
fn plain(output: &[u8]) -> String {
    String::from_utf8_lossy(&strip_bytes(output).into_vec()).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_output_of_a_failed_program_is_shown_without_escape_codes() {
        let mut command = Command::new("sh");
        command.args([
            "-c",
            r"printf '\033[31mno\033[0m'; printf '\033[0mway' >&2; exit 1",
        ]);
        let error = run_quietly(&mut command).unwrap_err();
        assert_eq!(error.to_string(), "sh failed:\nnoway");
    }
}
