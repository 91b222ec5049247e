//! Whether all ways of reading give the same: every style, every encoding, cell by cell.

use anyhow::{Context, Result, bail};

use super::client::Client;
use super::job::{self, Job};
use super::rounds::Bench;
use super::workload::{Encoding, Workload};

/// Reads each workload in every way and fails at the first difference; how many ways there were.
pub fn prove(bench: &mut Bench, workloads: &[&'static Workload]) -> Result<usize> {
    let mut ways = 0;
    for workload in workloads {
        let mut first: Option<String> = None;
        for encoding in Encoding::ALL {
            for (style, array) in STYLES {
                let job = Job {
                    encoding,
                    style,
                    array,
                    iterations: 1,
                    check: true,
                    ..Job::new(Client::Odbc, workload)
                };
                ways += 1;
                let way = format!("{} {} {style} {array}", workload.name, encoding.name());
                eprintln!("{way}");
                if !style.contains("text") {
                    // Its sums are checked against those of the minimum, which has its own parser.
                    bench.read(&job)?;
                    continue;
                }
                let reading = job::read(bench.tools, bench.addresses, &job)?.pop();
                let hash = reading.and_then(|reading| reading.sums.hash);
                let hash = hash.context("the reader gave no hash")?;
                match &first {
                    None => first = Some(hash),
                    Some(first) if *first == hash => {}
                    Some(_) => bail!("{way}: the text of cells differs from that of the first way"),
                }
            }
        }
    }
    Ok(ways)
}

/// How cells are asked for, and rows at a time.
const STYLES: [(&str, u32); 11] = [
    ("text", 1000),
    ("text", 1),
    ("text", 7),
    ("text-wide", 1000),
    ("get-text", 1),
    ("get-text-wide", 1),
    ("typed", 1000),
    ("typed", 1),
    ("typed-wide", 10_000),
    ("get", 1),
    ("get-wide", 1),
];
