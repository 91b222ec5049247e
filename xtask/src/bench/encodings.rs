//! Which encoding is fastest over a link of what speed, and whether `Encoding=auto` finds it.

use anyhow::{Context, Result};

use super::client::Client;
use super::job::Job;
use super::replay::LINKS;
use super::report::Special;
use super::rounds::{Bench, median};
use super::workload::{Encoding, Workload};

/// Reads over each link in both encodings that compress, and in the one that the driver chooses.
pub fn measure(bench: &mut Bench, rounds: u32) -> Result<Vec<Special>> {
    let workload = Workload::find("lineitem").context("lineitem")?;
    let links = LINKS.iter().map(|megabits| Some(*megabits)).chain([None]);
    links
        .map(|link| over(bench, workload, link, rounds))
        .collect()
}

fn over(bench: &mut Bench, workload: &Workload, link: Option<u32>, rounds: u32) -> Result<Special> {
    let is_thin = link.is_some_and(|megabits| megabits < 100);
    let zstd = Job {
        link,
        times: if is_thin { 1 } else { workload.times },
        iterations: if is_thin { 1 } else { 2 },
        ..Job::new(Client::Odbc, workload)
    };
    let lz4 = Job {
        encoding: Encoding::Lz4,
        ..zstd.clone()
    };
    let json = Job {
        encoding: Encoding::Json,
        ..zstd.clone()
    };
    // The first query is what it learns from.
    let auto = Job {
        auto: true,
        iterations: zstd.iterations + 1,
        ..zstd.clone()
    };
    let name = link.map_or_else(
        || "loopback".to_owned(),
        |megabits| format!("{megabits} Mbit/s"),
    );
    let mut rates = [const { Vec::new() }; 4];
    // Over a thin link a round takes minutes, and varies little.
    for _ in 0..if is_thin { 1 } else { rounds } {
        for (job, rates) in [&zstd, &lz4, &auto, &json].into_iter().zip(&mut rates) {
            if is_thin && job.encoding == Encoding::Json {
                continue;
            }
            let reading = bench.read(job)?;
            let rate = reading.sums.rows as f64 / reading.wall / 1e6;
            let encoding = if job.auto {
                "auto"
            } else {
                job.encoding.name()
            };
            eprintln!(
                "{name}, {encoding}: {rate:.3} M rows/s, {:.3} CPU s a million rows",
                reading.cpu / reading.sums.rows as f64 * 1e6
            );
            rates.push(rate);
        }
    }
    let [zstd, lz4, auto, json] = rates.map(median);
    Ok(Special {
        what: format!(
            "{} over {name}, million rows/s as json+zstd, json+lz4, json, and auto (from its second query on)",
            workload.name
        ),
        measured: format!(
            "{zstd:.3}, {lz4:.3}, {json:.3}, {auto:.3} = {:.2} x the better of the first two",
            auto / zstd.max(lz4)
        ),
        reach: "at least 0.9 x",
    })
}
