//! `cargo xtask bench`: what reading large results costs, against other clients and against a hand-made minimum.
//!
//! The answers of a real Trino are recorded once and replayed by a process that costs next to nothing, so that
//! the client is what is measured. All clients read the same bytes in turns, in several rounds, and a figure
//! counts only when the sums over all cells agree.

mod record;
mod recording;
mod replay;
mod workload;

use std::process::ExitCode;

use anyhow::{Result, bail};

use workload::Workload;

/// Runs `cargo xtask bench`.
pub fn run(parser: &mut lexopt::Parser) -> Result<ExitCode> {
    while let Some(argument) = parser.next()? {
        match argument {
            lexopt::Arg::Long("serve") => return replay::serve().map(|()| ExitCode::SUCCESS),
            lexopt::Arg::Long("help") => {
                println!("{USAGE}");
                return Ok(ExitCode::SUCCESS);
            }
            lexopt::Arg::Long(name) => bail!("bench has no option --{name}\n\n{USAGE}"),
            other => return Err(other.unexpected().into()),
        }
    }
    let workloads: Vec<&Workload> = workload::ALL.iter().collect();
    record::ensure(&workloads)?;
    Ok(ExitCode::SUCCESS)
}

const USAGE: &str = "\
cargo xtask bench [options]: what reading large results costs, measured
";
