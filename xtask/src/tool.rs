//! Programs from crates.io that the chores run, each built once into the user's cache.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::{cache, project};

/// A program that Cargo installs.
pub struct Tool {
    /// The package's name, and the program's.
    pub name: &'static str,
    pub version: &'static str,
    /// Further arguments of `cargo install`.
    pub arguments: &'static [&'static str],
}

/// Checks licences, sources and banned crates.
pub const CARGO_DENY: Tool = Tool {
    name: "cargo-deny",
    version: "0.20.2",
    arguments: &[],
};

/// Has binaries contain the list of their crates.
pub const CARGO_AUDITABLE: Tool = Tool {
    name: "cargo-auditable",
    version: "0.7.7",
    arguments: &[],
};

/// Builds the book, without the server that shows it while it is written.
pub const MDBOOK: Tool = Tool {
    name: "mdbook",
    version: "0.5.4",
    arguments: &["--no-default-features", "--features", "search"],
};

impl Tool {
    /// Where the program is, after it was built if the cache has none of that version.
    pub fn program(&self) -> Result<PathBuf> {
        let Self { name, version, .. } = self;
        let root = cache::folder()?.join(format!("{name}-{version}"));
        let program = root
            .join("bin")
            .join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
        if program.is_file() {
            return Ok(program);
        }
        println!("building {name} {version} (once)");
        let build = tempfile::Builder::new()
            .prefix("trino-odbc-tool-")
            .tempdir()?;
        // Its own folder of artefacts, removed afterwards. Unoptimised: it runs for seconds, and builds in fewer.
        let status = project::cargo()?
            .args(["install", "--locked", "--debug", "--version", version])
            .args(self.arguments)
            .arg("--root")
            .arg(&root)
            .arg("--target-dir")
            .arg(build.path())
            .arg(name)
            .status()
            .context("cannot run cargo install")?;
        ensure!(
            status.success() && program.is_file(),
            "{name} {version} does not build (see above)"
        );
        // What cargo keeps to update it by: nobody does.
        for file in [".crates.toml", ".crates2.json"] {
            let _ = fs::remove_file(root.join(file));
        }
        Ok(program)
    }

    pub fn command(&self) -> Result<Command> {
        let mut command = Command::new(self.program()?);
        command.current_dir(project::root()?);
        Ok(command)
    }
}
