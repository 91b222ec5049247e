//! Many results of one process open at a time: what they take together, and whether each gets its part.

use std::fmt::Write as _;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};

use super::replay::Addresses;
use super::tools::Tools;
use crate::registration;

/// What was seen of so many results that were read in one manner.
#[derive(Debug, Serialize)]
pub struct Crowd {
    pub results: u32,
    pub manner: &'static str,
    #[serde(flatten)]
    pub seen: Seen,
}

/// What the program says.
#[derive(Debug, Serialize, Deserialize)]
pub struct Seen {
    pub rows: u64,
    /// Rows of the result that came least far.
    pub slowest: u64,
    pub wall: f64,
    pub cpu: f64,
    /// Kilobytes, at most.
    pub peak: u64,
    pub sockets: u64,
    pub threads: u64,
}

/// Measures all of them, once each: a run is as many readings as it has results.
pub fn measure(tools: &Tools, addresses: &Addresses) -> Result<Vec<Crowd>> {
    let mut crowds = Vec::new();
    for (results, manner) in RUNS {
        let seen = run(tools, addresses, *results, manner)?;
        eprintln!(
            "{results} results, {manner}: {:.2} M rows/s, {} MB, {} sockets",
            seen.rows as f64 / seen.wall / 1e6,
            seen.peak / 1024,
            seen.sockets
        );
        crowds.push(Crowd {
            results: *results,
            manner,
            seen,
        });
    }
    Ok(crowds)
}

fn run(tools: &Tools, addresses: &Addresses, results: u32, manner: &str) -> Result<Seen> {
    let mut command = Command::new(&tools.many);
    command
        .arg(format!(
            "DRIVER={{{}}};Host=127.0.0.1;Port={};UID=bench;TimeZone=UTC",
            registration::NAME,
            addresses.plain
        ))
        .arg("SELECT * FROM replay.bench.lineitem_x1")
        .args([&results.to_string(), manner, seconds(manner)])
        .stdin(Stdio::null())
        .stderr(Stdio::piped());
    tools.registration.apply(&mut command);
    let output = command.output().context("cannot run `many`")?;
    if !output.status.success() {
        bail!("{}", String::from_utf8_lossy(&output.stderr).trim());
    }
    serde_json::from_slice(&output.stdout).context("what `many` says is not understood")
}

/// The table of many results.
pub fn table(crowds: &[Crowd]) -> String {
    let mut table = String::from(
        "| results | read | million rows/s in sum | CPU s a million rows | slowest to mean | peak MB | sockets | threads |\n\
         |---|---|---|---|---|---|---|---|\n",
    );
    for crowd in crowds {
        let seen = &crowd.seen;
        let mean = seen.rows as f64 / f64::from(crowd.results);
        let [rate, cost, part] = if seen.rows == 0 {
            Default::default()
        } else {
            [
                seen.rows as f64 / seen.wall / 1e6,
                seen.cpu / seen.rows as f64 * 1e6,
                seen.slowest as f64 / mean,
            ]
            .map(|figure| format!("{figure:.2}"))
        };
        let _ = writeln!(
            table,
            "| {} | {} | {rate} | {cost} | {part} | {} | {} | {} |",
            crowd.results,
            crowd.manner,
            seen.peak / 1024,
            seen.sockets,
            seen.threads,
        );
    }
    table
}

/// How many results, and how they are read; `idle` are connections without any.
const RUNS: &[(u32, &str)] = &[
    (1, "fast"),
    (10, "fast"),
    (100, "fast"),
    (500, "fast"),
    (1, "slowly"),
    (10, "slowly"),
    (100, "slowly"),
    (500, "slowly"),
    (1, "lying"),
    (10, "lying"),
    (100, "lying"),
    (500, "lying"),
    (100, "turns"),
    (2000, "idle"),
];

/// How long a run takes, beside opening and ending. A result moves by whole segments, and what the slowest of a hundred
/// has got says nothing until each has got several.
fn seconds(manner: &str) -> &'static str {
    if manner == "fast" { "24" } else { "8" }
}
