//! `cargo xtask bench`: what reading large results costs, against other clients and against a hand-made minimum.
//!
//! The answers of a real Trino are recorded once and replayed by a process that costs next to nothing, so that
//! the client is what is measured. All clients read the same bytes in turns, in several rounds, and a figure
//! counts only when the sums over all cells agree.

mod client;
mod record;
mod recording;
mod replay;
mod report;
mod rounds;
mod sums;
mod tools;
mod workload;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use lexopt::ValueExt;

use client::{Client, Job};
use report::{Machine, Report};
use rounds::Bench;
use tools::Tools;
use workload::Workload;

/// What to measure.
struct Options {
    workloads: Vec<&'static Workload>,
    clients: Vec<Client>,
    rounds: u32,
    quick: bool,
    json: PathBuf,
}

/// Runs `cargo xtask bench`.
pub fn run(parser: &mut lexopt::Parser) -> Result<ExitCode> {
    let mut options = Options {
        workloads: workload::ALL.iter().collect(),
        clients: Client::ALL.to_vec(),
        rounds: 3,
        quick: false,
        json: crate::project::target_folder()?.join("bench.json"),
    };
    while let Some(argument) = parser.next()? {
        match argument {
            lexopt::Arg::Long("only") => {
                options.workloads = list(parser, Workload::find)?;
            }
            lexopt::Arg::Long("clients") => options.clients = list(parser, Client::find)?,
            lexopt::Arg::Long("rounds") => options.rounds = parser.value()?.parse()?,
            lexopt::Arg::Long("quick") => options.quick = true,
            lexopt::Arg::Long("json") => options.json = PathBuf::from(parser.value()?),
            lexopt::Arg::Long("serve") => return replay::serve().map(|()| ExitCode::SUCCESS),
            lexopt::Arg::Long("help") => {
                println!("{USAGE}");
                return Ok(ExitCode::SUCCESS);
            }
            lexopt::Arg::Long(name) => bail!("bench has no option --{name}\n\n{USAGE}"),
            other => return Err(other.unexpected().into()),
        }
    }
    measure(&options)?;
    Ok(ExitCode::SUCCESS)
}

/// The values of an option that is a list with commas.
fn list<T>(parser: &mut lexopt::Parser, find: impl Fn(&str) -> Option<T>) -> Result<Vec<T>> {
    let value = parser.value()?.string()?;
    value
        .split(',')
        .map(|name| find(name).with_context(|| format!("bench knows no {name}\n\n{USAGE}")))
        .collect()
}

fn measure(options: &Options) -> Result<()> {
    record::ensure(&options.workloads)?;
    let scratch = tempfile::Builder::new()
        .prefix("trino-odbc-bench-")
        .tempdir()?;
    let tools = Tools::prepare(&options.clients, scratch.path())?;
    let replay = replay::Process::start()?;
    let mut bench = Bench::new(&tools, &replay.addresses);
    let machine = Machine::here();
    println!(
        "{}, {} cores, {}, load {}",
        machine.processor, machine.cores, machine.date, machine.load
    );

    let rounds = if options.quick { 1 } else { options.rounds };
    let jobs: Vec<Job> = options
        .workloads
        .iter()
        .flat_map(|workload| {
            options.clients.iter().map(|client| Job {
                times: if options.quick || client.reads_less() {
                    1
                } else {
                    workload.times
                },
                ..Job::new(*client, workload)
            })
        })
        .collect();
    let clients = bench.rounds(&jobs, rounds)?;
    println!("\n{}", report::clients(&clients));
    let specials = Vec::new();
    println!("{}", report::specials(&specials));
    Report {
        machine: &machine,
        clients: &clients,
        specials: &specials,
    }
    .write(&options.json)?;
    println!("written to {}", options.json.display());
    Ok(())
}

const USAGE: &str = "\
cargo xtask bench [options]: what reading large results costs, on recorded answers of a real Trino

  --only NAMES              of these workloads: lineitem, orders, narrow, wide, dectime, doubles
  --clients NAMES           with these: limit (a hand-made minimum), odbc, jdbc, go, python
  --rounds N                how often each reads, in turns (default 3)
  --quick                   one round of a third of the rows
  --json FILE               where the figures go (default target/bench.json)
  --serve                   only serves the recordings, until the end of standard input";
