//! Packages of Node.js in the user's cache, at the versions and with the digests of a lock file.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::{cache, program, project, python, registration};

/// The `node_modules` of what the lock file in that folder of the project names. Nothing that the packages contain is run
/// while they are installed.
pub fn modules(folder: &str) -> Result<PathBuf> {
    registration::require_installed(&[("node", "nodejs"), ("npm", "npm")])?;
    let folder = project::root()?.join(folder);
    let lock = fs::read(folder.join("package-lock.json"))?;
    let name = format!("npm-{:016x}", python::digest(&[&lock]));
    let kept = cache::made(&name, "getting packages of Node.js", |kept| {
        for name in ["package.json", "package-lock.json"] {
            fs::copy(folder.join(name), kept.join(name)).context(name)?;
        }
        program::run_quietly(
            Command::new("npm")
                .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
                .current_dir(kept),
        )
    })?;
    Ok(kept.join("node_modules"))
}

/// Compiles the addon of a package, unless it is compiled, with the headers that the installed Node.js has.
pub fn compile(modules: &Path, package: &str, addon: &str) -> Result<()> {
    let folder = modules.join(package);
    if folder.join(addon).is_file() {
        return Ok(());
    }
    let node = program::find("node")
        .context("node is missing")?
        .canonicalize()?;
    let prefix = node.ancestors().nth(2).context("node is in a folder")?;
    ensure!(
        prefix.join("include/node/node_api.h").is_file(),
        "the headers of Node.js are missing (Debian, Ubuntu: libnode-dev)"
    );
    println!("compiling {package} for Node.js (once)");
    program::run_quietly(
        Command::new(modules.join(".bin/node-pre-gyp"))
            .args(["rebuild", "--build-from-source"])
            .arg(format!("--nodedir={}", prefix.display()))
            .current_dir(folder),
    )
}
