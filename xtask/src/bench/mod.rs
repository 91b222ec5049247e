//! `cargo xtask bench`: what reading large results costs, against other clients and against a hand-made minimum.
//!
//! The answers of a real Trino are recorded once and replayed by a process that costs next to nothing, so that
//! the client is what is measured. All clients read the same bytes in turns, in several rounds, and a figure
//! counts only when the sums over all cells agree.

mod client;
mod encodings;
mod further;
mod inserts;
mod job;
mod many;
mod metadata;
mod plot;
mod priority;
mod readme;
mod record;
mod recording;
mod replay;
mod report;
mod request;
mod rounds;
mod same;
mod scale;
mod sums;
mod tools;
mod workload;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use lexopt::ValueExt;

use client::Client;
use job::Job;
use priority::Priority;
use report::{Machine, Report};
use rounds::{Bench, Figure};
use tools::Tools;
use workload::Encoding;
use workload::Workload;

/// What to measure.
struct Options {
    workloads: Vec<&'static Workload>,
    clients: Vec<Client>,
    rounds: u32,
    quick: bool,
    parts: Vec<Part>,
    readme: bool,
    json: PathBuf,
}

/// A part of the measurement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// Whether all ways of reading give the same.
    Same,
    /// CPU and speed of all clients on all workloads.
    Clients,
    /// Our driver in all styles and encodings.
    Styles,
    /// Wall clock, threads, memory, connecting.
    Further,
    /// `SELECT 1` on a real Trino: the first row, and the whole.
    Latency,
    /// Inserting rows, on a real Trino.
    Inserts,
    /// Many results of one process.
    Many,
    /// Computers and networks that are not at hand, simulated.
    Scale,
    /// Lists of tables and columns.
    Metadata,
    /// Which encoding is fastest over which link.
    Encodings,
}

impl Part {
    const ALL: [Self; 10] = [
        Self::Same,
        Self::Clients,
        Self::Styles,
        Self::Further,
        Self::Latency,
        Self::Inserts,
        Self::Many,
        Self::Scale,
        Self::Metadata,
        Self::Encodings,
    ];

    fn find(name: &str) -> Option<Self> {
        let names = [
            "same",
            "clients",
            "styles",
            "further",
            "latency",
            "inserts",
            "many",
            "scale",
            "metadata",
            "encodings",
        ];
        let at = names.iter().position(|known| *known == name)?;
        Self::ALL.get(at).copied()
    }
}

/// Runs `cargo xtask bench`.
pub fn run(parser: &mut lexopt::Parser) -> Result<ExitCode> {
    let mut options = Options {
        workloads: workload::ALL.iter().collect(),
        clients: Client::ALL.to_vec(),
        rounds: 3,
        quick: false,
        parts: Vec::new(),
        readme: false,
        json: crate::project::target_folder()?.join("bench.json"),
    };
    while let Some(argument) = parser.next()? {
        match argument {
            lexopt::Arg::Long("only") => {
                options.workloads = list(parser, Workload::find)?;
            }
            lexopt::Arg::Long("clients") => options.clients = list(parser, Client::find)?,
            lexopt::Arg::Long("parts") => options.parts = list(parser, Part::find)?,
            lexopt::Arg::Long("rounds") => options.rounds = parser.value()?.parse()?,
            lexopt::Arg::Long("quick") => options.quick = true,
            lexopt::Arg::Long("readme") => options.readme = true,
            lexopt::Arg::Long("json") => options.json = PathBuf::from(parser.value()?),
            lexopt::Arg::Long("plot") => return plot::write().map(|()| ExitCode::SUCCESS),
            lexopt::Arg::Long("serve") => return replay::serve().map(|()| ExitCode::SUCCESS),
            lexopt::Arg::Long("help") => {
                println!("{USAGE}");
                return Ok(ExitCode::SUCCESS);
            }
            lexopt::Arg::Long(name) => bail!("bench has no option --{name}\n\n{USAGE}"),
            other => return Err(other.unexpected().into()),
        }
    }
    if options.parts.is_empty() {
        options.parts = if options.quick {
            vec![Part::Clients]
        } else {
            Part::ALL.to_vec()
        };
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
    let alone = [Part::Many, Part::Scale, Part::Metadata];
    let compared = options.parts.iter().any(|part| !alone.contains(part));
    let tools = Tools::prepare(&options.clients, compared, scratch.path())?;
    let replay = replay::Process::start()?;
    let mut bench = Bench::new(&tools, &replay.addresses);
    let machine = Machine::here();
    println!(
        "{}, {} cores, {}, load {}",
        machine.processor, machine.cores, machine.date, machine.load
    );
    let _priority = Priority::raise();
    let has = |part| options.parts.contains(&part);
    let rounds = if options.quick { 1 } else { options.rounds };

    if has(Part::Same) {
        let ways = same::prove(&mut bench, &options.workloads)?;
        println!("\n{ways} ways of reading gave the same cells");
    }
    let mut clients = Vec::new();
    if has(Part::Clients) {
        clients = bench.rounds(&all_clients(options), rounds)?;
        println!("\n{}", report::clients(&clients));
    }
    let mut styles = Vec::new();
    if has(Part::Styles) {
        styles = all_styles(&mut bench, options, rounds)?;
        println!("\n{}", report::styles(&styles));
    }
    let mut specials = Vec::new();
    if has(Part::Further) {
        specials = further::measure(&mut bench, rounds)?;
    }
    if has(Part::Encodings) {
        specials.extend(encodings::measure(&mut bench, rounds)?);
    }
    if has(Part::Latency) {
        specials.extend(further::latency(&mut bench, rounds)?);
    }
    if has(Part::Inserts) {
        specials.extend(inserts::measure(&tools, rounds)?);
    }
    if has(Part::Scale) {
        scale::simulate()?;
        specials.extend(scale::compare(&tools, &replay.addresses, rounds)?);
    }
    if has(Part::Metadata) {
        specials.extend(metadata::measure(&tools, rounds)?);
    }
    if !specials.is_empty() {
        println!("\n{}", report::specials(&specials));
    }
    let mut crowds = Vec::new();
    if has(Part::Many) {
        crowds = many::measure(&tools, &replay.addresses)?;
        println!("\n{}", many::table(&crowds));
    }
    Report {
        machine: &machine,
        crowds: &crowds,
        clients: &clients,
        styles: &styles,
        specials: &specials,
    }
    .write(&options.json)?;
    println!("written to {}", options.json.display());
    if options.readme {
        readme::write(&machine, &clients, &specials)?;
        plot::write()?;
    }
    Ok(())
}

/// Every client on every workload.
fn all_clients(options: &Options) -> Vec<Job<'static>> {
    let mut jobs = Vec::new();
    for workload in &options.workloads {
        for client in &options.clients {
            let less = options.quick || client.reads_less();
            jobs.push(Job {
                times: if less { 1 } else { workload.times },
                ..Job::new(*client, workload)
            });
        }
    }
    jobs
}

/// Our driver in all styles of reading; and it and the minimum in all encodings.
fn all_styles(bench: &mut Bench, options: &Options, rounds: u32) -> Result<Vec<Figure>> {
    let mut jobs = Vec::new();
    for workload in options.workloads.iter().take(1) {
        for (style, array) in STYLES {
            jobs.push(Job {
                style,
                array,
                ..Job::new(Client::Odbc, workload)
            });
        }
        for encoding in [Encoding::Lz4, Encoding::Json, Encoding::Direct] {
            for client in [Client::Limit, Client::Odbc] {
                // The minimum knows segments only.
                if client == Client::Odbc || encoding != Encoding::Direct {
                    jobs.push(Job {
                        encoding,
                        ..Job::new(client, workload)
                    });
                }
            }
        }
    }
    bench.rounds(&jobs, rounds)
}

/// How cells are asked for, and rows at a time.
const STYLES: [(&str, u32); 11] = [
    ("typed", 1),
    ("typed", 100),
    ("typed", 1000),
    ("typed", 10_000),
    ("typed-wide", 1000),
    ("text", 1000),
    ("text-wide", 1000),
    ("get", 1),
    ("get-wide", 1),
    ("get-text", 1),
    ("get-text-wide", 1),
];

const USAGE: &str = "\
cargo xtask bench [options]: what reading large results costs, on recorded answers of a real Trino

  --only NAMES              of these workloads: lineitem, orders, narrow, wide, dectime, zoned, doubles, digits
  --clients NAMES           with these: limit (a hand-made minimum), odbc, jdbc, go, python
  --parts NAMES             only these: same (all ways of reading give the same), clients (all clients on
                            all workloads), styles (ours in all styles and encodings, on the first
                            workload), further (wall clock, threads, memory), latency (SELECT 1:
                            first row and whole, against raw HTTP),
                            inserts (rows a second into a real Trino),
                            many (1 to 500 results of one process, and 2,000 idle connections),
                            scale (1 to 32 cores on links of 0.1 to 100 Gbit/s, simulated, and what is
                            simulated against what is measured with one and two decoders;
                            `cargo bench --bench scale` is the simulation alone),
                            metadata (lists of tables and columns, scripted and of a real Trino),
                            encodings (zstd, lz4 and what the driver chooses, over links of 10 Mbit/s,
                            1 Gbit/s and without limit)
  --rounds N                how often each reads, in turns (default 3)
  --quick                   only the clients, one round of a third of the rows
  --json FILE               where the figures go (default target/bench.json)
  --readme                  puts the tables into README.md and docs/benchmarks.md, with this machine and the date
  --plot                    draws the picture of docs/benchmarks.md from its table again, and measures nothing
  --serve                   only serves the recordings, until the end of standard input";
