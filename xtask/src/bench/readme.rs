//! The tables of the README and of the book: what was measured last, between two markers.

use std::fmt::Write as _;

use anyhow::Result;

use super::report::{Machine, Special};
use super::rounds::Figure;
use super::tools;
use crate::document;

/// Puts the figures in the place of the former ones.
pub fn write(machine: &Machine, figures: &[Figure], specials: &[Special]) -> Result<()> {
    let clients = clients(machine, figures);
    document::write("README.md", "speed", &clients)?;
    document::write(
        "docs/benchmarks.md",
        "bench",
        &(clients + &further(specials)),
    )
}

fn clients(machine: &Machine, figures: &[Figure]) -> String {
    let mut text = format!(
        "{}, {} cores, {}; trino-jdbc {}. CPU seconds (user and system, whole process) for a million rows, \
         json+zstd, row arrays of 1000:\n\n\
         | result | this driver | minimum | trino-jdbc | Go | Python | rows a second here |\n\
         |---|---|---|---|---|---|---|\n",
        machine.processor,
        machine.cores,
        machine.date,
        tools::JDBC
    );
    let mut workloads: Vec<&str> = figures.iter().map(|figure| figure.workload).collect();
    workloads.dedup();
    for workload in workloads {
        let of = |client: &str| {
            figures
                .iter()
                .find(|figure| figure.workload == workload && figure.client == client)
        };
        let Some(ours) = of("odbc") else { continue };
        let cost = |client: &str| {
            of(client).map_or_else(
                || "-".to_owned(),
                |other| {
                    let ratio = other.cpu_per_million / ours.cpu_per_million;
                    format!("{} ({ratio:.1} x)", seconds(other.cpu_per_million))
                },
            )
        };
        let _ = writeln!(
            text,
            "| `{workload}`: {} | **{}** | {} | {} | {} | {} | {:.1} million |",
            ours.what,
            seconds(ours.cpu_per_million),
            cost("limit"),
            cost("jdbc"),
            cost("go"),
            cost("python"),
            ours.rows as f64 / ours.wall / 1e6
        );
    }
    text
}

fn further(specials: &[Special]) -> String {
    if specials.is_empty() {
        return String::new();
    }
    let mut text = String::from("\n| further | |\n|---|---|\n");
    for special in specials {
        let _ = writeln!(text, "| {} | {} |", special.what, special.measured);
    }
    text
}

/// Seconds with two digits that say something.
pub fn seconds(seconds: f64) -> String {
    if seconds < 0.1 {
        format!("{seconds:.3}")
    } else {
        format!("{seconds:.2}")
    }
}
