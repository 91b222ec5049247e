//! `cargo xtask soak`: many statements, random faults, and what the process holds afterwards.

use std::process::ExitCode;

use anyhow::{Result, bail};
use lexopt::ValueExt;

use crate::project;
use crate::registration::{self, Registration};

/// Runs `cargo xtask soak`.
pub fn run(parser: &mut lexopt::Parser) -> Result<ExitCode> {
    let mut minutes = 5.0_f64;
    let mut seed = None;
    while let Some(argument) = parser.next()? {
        match argument {
            lexopt::Arg::Long("minutes") => minutes = parser.value()?.parse()?,
            lexopt::Arg::Long("seed") => seed = Some(parser.value()?.parse::<u64>()?),
            lexopt::Arg::Long("help") => {
                println!("{USAGE}");
                return Ok(ExitCode::SUCCESS);
            }
            lexopt::Arg::Long(name) => bail!("soak has no option --{name}\n\n{USAGE}"),
            other => return Err(other.unexpected().into()),
        }
    }
    registration::require_manager()?;
    let registration = Registration::new(&project::driver()?)?;
    let mut command = project::cargo()?;
    command
        .args(["run", "--quiet", "--package", "client-tests"])
        .args(["--bin", "soak", "--", "--minutes", &minutes.to_string()]);
    if let Some(seed) = seed {
        command.args(["--seed", &seed.to_string()]);
    }
    registration.apply(&mut command);
    Ok(if command.status()?.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

const USAGE: &str = "\
cargo xtask soak [options]: statements in many threads through unixODBC, against a scripted server with
random faults; fails when a row is wrong, or when the process holds more at the end than at the start

  --minutes N               how long (default 5)
  --seed N                  the chances of an earlier run";
