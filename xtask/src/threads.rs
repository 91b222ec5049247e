//! `cargo xtask threads`: statements in eight threads, with every access to memory watched.

use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};
use lexopt::ValueExt;

use crate::project;

/// Runs `cargo xtask threads`.
pub fn run(parser: &mut lexopt::Parser) -> Result<ExitCode> {
    let mut minutes = 1.0_f64;
    while let Some(argument) = parser.next()? {
        match argument {
            lexopt::Arg::Long("minutes") => minutes = parser.value()?.parse()?,
            lexopt::Arg::Long("help") => {
                println!("{USAGE}");
                return Ok(ExitCode::SUCCESS);
            }
            lexopt::Arg::Long(name) => bail!("threads has no option --{name}\n\n{USAGE}"),
            other => return Err(other.unexpected().into()),
        }
    }
    let target = host()?;
    let root = project::root()?;
    let suppressions = root.join("tests/abi/tsan.supp");
    // The project's own Cargo cannot become another toolchain's: rustup does.
    let mut command = Command::new("rustup");
    command
        .current_dir(&root)
        .env_remove("RUSTUP_TOOLCHAIN")
        .args(["run", "nightly", "cargo", "test", "-Zbuild-std"])
        .args(["--target", &target, "--test", "abi", "threads::"])
        .env("RUSTFLAGS", "-Zsanitizer=thread")
        .env(
            "CARGO_TARGET_DIR",
            project::target_folder()?.join("threads"),
        )
        .env("TRINO_ODBC_THREADS_SECONDS", (minutes * 60.0).to_string())
        .env(
            "TSAN_OPTIONS",
            format!("suppressions={}", suppressions.display()),
        );
    let status = command
        .status()
        .context("rustup is missing, or its nightly toolchain")?;
    Ok(if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// The triple of this machine: the sanitizer wants a target that is named.
fn host() -> Result<String> {
    let output = Command::new("rustc").arg("-vV").output()?;
    let text = String::from_utf8(output.stdout)?;
    let line = text.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(line.context("rustc does not say its host")?.to_owned())
}

const USAGE: &str = "\
cargo xtask threads [options]: eight threads with their own statements, on one connection and on eight, under the
thread sanitizer; needs rustup's nightly toolchain with rust-src

  --minutes N               how long (default 1)";
