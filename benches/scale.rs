//! Rows a second that the engine reaches on computers and networks that are not at hand, against what the resource that
//! binds would allow: the window's decisions under a virtual clock (`trino_client::spool::simulation`).
//!
//! ```text
//! scale [--encoding NAME] [--rows NAME] [--full | --json]      all cases, in sum or each
//! scale --case CORES GIGABITS MEGABYTES MILLISECONDS ROWS [--decoders N] [--memory BYTES] [--downloads N]
//!       [--cpu SECONDS]                                       one
//! ```
//!
//! `--cpu` is what a row costs in all, of which the application has what the engine's stages leave; ROWS counts nothing
//! then.

use std::env;
use std::fmt::Write as _;
use std::process::ExitCode;

use serde_json::json;
use trino_client::spool::simulation::{Case, Network, Outcome, Resource, Rows, Segments, grid};
use trinoodbc::config::Encoding;

struct Options {
    rows: Rows,
    encodings: Vec<Encoding>,
    full: bool,
    json: bool,
    /// Cores, and what [`Network::new`] and the application take.
    case: Option<[f64; 5]>,
    decoders: Option<usize>,
    downloads: Option<usize>,
    memory: Option<u64>,
    cpu: Option<f64>,
}

fn main() -> ExitCode {
    let Some(options) = options() else {
        eprintln!("the head of benches/scale.rs says what there is");
        return ExitCode::FAILURE;
    };
    if let Some(case) = options.case {
        one(&options, case);
        return ExitCode::SUCCESS;
    }
    for encoding in &options.encodings {
        let cases = grid::cases(options.rows, *encoding);
        let outcomes: Vec<_> = cases.iter().map(|case| (case, case.run())).collect();
        if options.json || options.full {
            for (case, outcome) in &outcomes {
                if options.json {
                    println!("{}", as_json(case, outcome));
                } else {
                    println!("{} cores, {}", case.cores, described(case, outcome));
                }
            }
        } else {
            println!("{}", table(options.rows, *encoding, &outcomes));
        }
    }
    ExitCode::SUCCESS
}

fn options() -> Option<Options> {
    let mut options = Options {
        rows: Rows::LINEITEM,
        encodings: vec![Encoding::JsonZstd, Encoding::JsonLz4],
        full: false,
        json: false,
        case: None,
        decoders: None,
        downloads: None,
        memory: None,
        cpu: None,
    };
    let mut arguments = env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            // Cargo says it to every benchmark.
            "--bench" => {}
            "--full" => options.full = true,
            "--json" => options.json = true,
            "--encoding" => {
                options.encodings = vec![Encoding::from_name(&arguments.next()?)?];
            }
            "--rows" => {
                let name = arguments.next()?;
                let kinds = [Rows::LINEITEM, Rows::NARROW, Rows::WIDE];
                options.rows = kinds.into_iter().find(|rows| rows.name == name)?;
            }
            "--case" => {
                let mut case = [0.0; 5];
                for number in &mut case {
                    *number = arguments.next()?.parse().ok()?;
                }
                options.case = Some(case);
            }
            "--decoders" => options.decoders = Some(arguments.next()?.parse().ok()?),
            "--downloads" => options.downloads = Some(arguments.next()?.parse().ok()?),
            "--memory" => options.memory = Some(arguments.next()?.parse().ok()?),
            "--cpu" => options.cpu = Some(arguments.next()?.parse().ok()?),
            _ => return None,
        }
    }
    Some(options)
}

/// Runs one case in each encoding.
fn one(options: &Options, [cores, link, connection, latency, application]: [f64; 5]) {
    let cores = cores as usize;
    let mut capacity = grid::usual_capacity(cores);
    capacity.decoders = options.decoders.unwrap_or(capacity.decoders);
    capacity.downloads = options.downloads.unwrap_or(capacity.downloads);
    capacity.memory = options.memory.unwrap_or(capacity.memory);
    for encoding in &options.encodings {
        let mut case = Case {
            rows: options.rows,
            encoding: *encoding,
            segments: Segments::Usual,
            cores,
            network: Network::new(link, connection, latency),
            application,
            capacity,
        };
        if let Some(cpu) = options.cpu {
            // Some that the application does is left in any case.
            case.application = 1.0 / (cpu - case.engine()).max(10e-9);
        }
        println!("{}", as_json(&case, &case.run()));
    }
}

/// Of each computer and each resource that binds: how many cases there are, and the worst of them.
fn table(rows: Rows, encoding: Encoding, outcomes: &[(&Case, Outcome)]) -> String {
    let mut table = format!(
        "{} in {}:\n\n\
         | cores | memory, decoders, downloads | bound by | cases | reach, half of them | reach, all | the worst |\n\
         |---|---|---|---|---|---|---|\n",
        rows.name,
        encoding.name()
    );
    for cores in grid::CORES {
        for resource in Resource::ALL {
            let mut bound: Vec<_> = outcomes
                .iter()
                .filter(|(case, outcome)| case.cores == cores && outcome.binding == resource)
                .collect();
            bound.sort_by(|(_, one), (_, other)| one.share().total_cmp(&other.share()));
            let (Some((case, worst)), Some((_, middle))) =
                (bound.first(), bound.get(bound.len() / 2))
            else {
                continue;
            };
            let capacity = case.capacity;
            let _ = writeln!(
                table,
                "| {cores} | {} MB, {}, {} | {} | {} | {:.0} % | {:.0} % | {} |",
                capacity.memory >> 20,
                capacity.decoders,
                capacity.downloads,
                resource.name(),
                bound.len(),
                middle.share().min(1.0) * 100.0,
                worst.share().min(1.0) * 100.0,
                described(case, worst),
            );
        }
    }
    table
}

fn described(case: &Case, outcome: &Outcome) -> String {
    let network = case.network;
    let mut text = format!(
        "{} Gbit/s, {} MB/s a connection, {} ms, {} M rows/s taken{}: {:.2} of {:.2} M rows/s",
        network.link * 8.0 / 1e9,
        network.connection / 1e6,
        network.latency * 1e3,
        case.application / 1e6,
        match case.segments {
            Segments::Usual => "",
            Segments::OneLarge => ", a segment of 64 MB",
        },
        outcome.rows_per_second / 1e6,
        outcome.allowed / 1e6,
    );
    if let Some(reason) = case.shortfall(outcome) {
        let _ = write!(text, ", {}", reason.name());
    }
    text
}

fn as_json(case: &Case, outcome: &Outcome) -> serde_json::Value {
    json!({
        "rows": case.rows.name,
        "encoding": case.encoding.name(),
        "large": case.segments == Segments::OneLarge,
        "cores": case.cores,
        "link": case.network.link,
        "connection": case.network.connection,
        "latency": case.network.latency,
        "application": case.application,
        "memory": case.capacity.memory,
        "decoders": case.capacity.decoders,
        "downloads": case.capacity.downloads,
        "rowsPerSecond": outcome.rows_per_second,
        "firstRow": outcome.first_row,
        "peak": outcome.peak,
        "binding": outcome.binding.name(),
        "allowed": outcome.allowed,
        "shortfall": case.shortfall(outcome).map(|reason| reason.name()),
    })
}
