//! What was measured, as tables for people and as JSON for programs.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde::Serialize;

use super::many::Crowd;
use super::rounds::Figure;
use crate::document;

/// Where and when it was measured.
#[derive(Debug, Serialize)]
pub struct Machine {
    pub processor: String,
    pub cores: usize,
    pub date: String,
    /// Processes that wanted a core, on average of the last minute, before it began.
    pub load: String,
}

impl Machine {
    pub fn here() -> Self {
        let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let named = |name: &str| {
            let line = cpu.lines().find(|line| line.starts_with(name))?;
            Some(line.split_once(':')?.1.trim().to_owned())
        };
        let processor = named("model name").unwrap_or_else(|| "unknown processor".to_owned());
        let model = named("model").unwrap_or_default();
        let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
        Self {
            processor: format!("{processor}, model {model}"),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            date: document::today(),
            load: load.split(' ').next().unwrap_or_default().to_owned(),
        }
    }
}

/// The table of clients, with each figure as ratio to the limit and to trino-jdbc.
pub fn clients(figures: &[Figure]) -> String {
    let mut table = String::from(
        "| workload | client | CPU s a million rows | times the limit | jdbc's is | million rows/s | MB/s of JSON | peak MB | first row ms |\n\
         |---|---|---|---|---|---|---|---|---|\n",
    );
    for (number, figure) in figures.iter().enumerate() {
        let first = number == 0 || figures[number - 1].workload != figure.workload;
        let name = if first {
            format!("{}: {}", figure.workload, figure.what)
        } else {
            String::new()
        };
        let of = |client: &str| {
            figures
                .iter()
                .find(|other| other.workload == figure.workload && other.client == client)
                .map(|other| other.cpu_per_million)
        };
        let ratio =
            |ratio: Option<f64>| ratio.map_or_else(String::new, |ratio| format!("{ratio:.2} x"));
        let _ = writeln!(
            table,
            "| {name} | {} | {:.3} | {} | {} | {:.2} | {:.0} | {} | {:.1} |",
            figure.client,
            figure.cpu_per_million,
            ratio(of("limit").map(|limit| figure.cpu_per_million / limit)),
            ratio(of("jdbc").map(|jdbc| jdbc / figure.cpu_per_million)),
            figure.rows as f64 / figure.wall / 1e6,
            figure.rows as f64 * figure.json / figure.wall / 1e6,
            figure.peak / 1024,
            figure.first * 1e3,
        );
    }
    table
}

/// The table of styles and encodings.
pub fn styles(figures: &[Figure]) -> String {
    let mut table = String::from(
        "| workload | client | encoding | style | rows at a time | CPU s a million rows | million rows/s | peak MB |\n\
         |---|---|---|---|---|---|---|---|\n",
    );
    for figure in figures {
        let _ = writeln!(
            table,
            "| {} | {} | {} | {} | {} | {:.3} | {:.2} | {} |",
            figure.workload,
            figure.client,
            figure.encoding,
            figure.style,
            figure.array,
            figure.cpu_per_million,
            figure.rows as f64 / figure.wall / 1e6,
            figure.peak / 1024,
        );
    }
    table
}

/// One row of the table of further figures.
#[derive(Debug, Serialize)]
pub struct Special {
    pub what: String,
    pub measured: String,
    /// The figure that is to be reached.
    pub reach: &'static str,
}

/// The table of further figures.
pub fn specials(specials: &[Special]) -> String {
    let mut table = String::from("| what | measured | to reach |\n|---|---|---|\n");
    for special in specials {
        let _ = writeln!(
            table,
            "| {} | {} | {} |",
            special.what, special.measured, special.reach
        );
    }
    table
}

/// Everything, for programs.
#[derive(Serialize)]
pub struct Report<'a> {
    pub machine: &'a Machine,
    pub clients: &'a [Figure],
    pub styles: &'a [Figure],
    pub specials: &'a [Special],
    pub crowds: &'a [Crowd],
}

impl Report<'_> {
    pub fn write(&self, path: &Path) -> Result<()> {
        let text = serde_json::to_string_pretty(self)? + "\n";
        fs::write(path, text).with_context(|| path.display().to_string())
    }
}
