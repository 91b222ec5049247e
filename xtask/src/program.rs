//! Programs of this machine: where they are.

use std::env;
use std::path::PathBuf;

/// The program of that name in the folders of PATH.
pub fn find(name: &str) -> Option<PathBuf> {
    env::split_paths(&env::var_os("PATH")?)
        .map(|folder| folder.join(name))
        .find(|p| p.is_file())
}
