//! `cargo xtask windows`: the driver for Windows, built on Linux with MinGW and run under Wine.

mod arm64;
mod dialog;
mod msi;
mod python;
mod suites;
mod target;
pub mod wine;

use std::process::ExitCode;

use anyhow::{Result, bail};

pub use suites::{require, run_quick};

/// Runs `cargo xtask windows`.
pub fn run(parser: &mut lexopt::Parser) -> Result<ExitCode> {
    let Some(lexopt::Arg::Value(command)) = parser.next()? else {
        println!("{USAGE}");
        return Ok(ExitCode::FAILURE);
    };
    match command.to_str() {
        Some("test") => suites::run(parser),
        Some("msi") => msi::run(parser),
        Some("arm64") => arm64::run(parser),
        _ => bail!("there is no such command\n\n{USAGE}"),
    }
}

const USAGE: &str = "\
cargo xtask windows test    the tests of the driver for Windows, under Wine
cargo xtask windows msi     the installer package
cargo xtask windows arm64   the library for ARM64, which was never run

Each has --help.";
