//! Whether the sources compile for macOS. Nothing is linked and nothing runs.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::runner::{Ended, Stop, check};
use crate::{project, rustup};

pub fn run() -> Ended {
    Stop::unless(rustup::require_targets(&[TARGET]))?;
    // The crates in C are compiled all the same, for which Apple's headers would be needed.
    let folder = tempfile::Builder::new()
        .prefix("trino-odbc-macos-")
        .tempdir()?;
    let mut command = project::cargo()?;
    command.args(["check", "--target", TARGET]).args([
        "--package",
        "trino-client",
        "--package",
        "trino-odbc",
        "--package",
        "trino-odbc-command",
    ]);
    let suffix = TARGET.replace('-', "_");
    for (variable, script) in [("CC", COMPILER), ("AR", ARCHIVER)] {
        let program = folder.path().join(variable);
        fs::write(&program, script)?;
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755))?;
        command.env(format!("{variable}_{suffix}"), program);
    }
    Ok(check(&mut command)?)
}

const TARGET: &str = "aarch64-apple-darwin";

/// Leaves an empty file in the place of an object.
const COMPILER: &str = r#"#!/bin/sh
while [ $# -gt 0 ]; do
    if [ "$1" = -o ]; then
        : > "$2"
    fi
    shift
done
"#;

/// Leaves an empty file in the place of an archive.
const ARCHIVER: &str = r#"#!/bin/sh
for argument; do
    case $argument in
        *.a) : > "$argument" ;;
    esac
done
"#;
