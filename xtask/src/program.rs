//! Programs of this machine: where they are.

use std::env;
use std::path::{Path, PathBuf};

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
