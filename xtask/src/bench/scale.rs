//! Computers and networks that are not at hand: the engine's decisions under a virtual clock, and whether what that says
//! of this computer is so.

use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use super::client::Client;
use super::job::{self, Job};
use super::replay::{Addresses, FIRST_BYTE, SPEED};
use super::report::Special;
use super::rounds::median;
use super::tools::Tools;
use super::workload::Workload;
use crate::project;

/// What the simulation says of a case.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Simulated {
    rows_per_second: f64,
}

/// What was measured of some readings.
#[derive(Clone, Copy)]
struct Measured {
    rows_per_second: f64,
    /// Seconds of all cores for each row.
    cpu: f64,
}

/// Prints what is reached of what the resource that binds would allow.
pub fn simulate() -> Result<()> {
    let status = bench()?.status()?;
    ensure!(status.success(), "the simulation ended with {status}");
    Ok(())
}

/// One and two decoders, measured and simulated.
pub fn compare(tools: &Tools, addresses: &Addresses, rounds: u32) -> Result<Vec<Special>> {
    let workload = Workload::find("lineitem").context("lineitem")?;
    let mut jobs = Vec::new();
    for (style, what) in [
        ("typed", "all columns bound"),
        ("first", "one column bound"),
    ] {
        for shaped in [false, true] {
            for (decoders, keywords) in [(1, "DecodeThreads=1"), (2, "DecodeThreads=2")] {
                let job = Job {
                    times: 20,
                    style,
                    keywords,
                    shaped,
                    ..Job::new(Client::Odbc, workload)
                };
                jobs.push((job, decoders, what));
            }
        }
    }
    let mut readings: Vec<Vec<Measured>> = vec![Vec::new(); jobs.len()];
    for _ in 0..rounds {
        for ((job, ..), readings) in jobs.iter().zip(&mut readings) {
            let reading = job::read(tools, addresses, job)?
                .pop()
                .context("no reading")?;
            let rows = reading.sums.rows as f64;
            ensure!(rows > 0.0, "nothing was read");
            readings.push(Measured {
                rows_per_second: rows / reading.wall,
                cpu: reading.cpu / rows,
            });
        }
    }
    let mut specials = Vec::new();
    let mut before: Option<Measured> = None;
    for ((job, decoders, what), readings) in jobs.iter().zip(readings) {
        let of = |value: fn(&Measured) -> f64| median(readings.iter().map(value).collect());
        let measured = Measured {
            rows_per_second: of(|it| it.rows_per_second),
            cpu: of(|it| it.cpu),
        };
        let simulated = simulated(job.shaped, *decoders, measured.cpu)?;
        let network = if job.shaped {
            "storage-shaped"
        } else {
            "loopback"
        };
        let ratio = simulated / measured.rows_per_second;
        specials.push(Special {
            what: format!(
                "lineitem x 20, {network}, {what}, {decoders} decoders: measured, simulated"
            ),
            measured: format!(
                "{:.2}, {:.2} million rows/s: {ratio:.2} x",
                measured.rows_per_second / 1e6,
                simulated / 1e6
            ),
            reach: "0.85 to 1.15 x",
        });
        if let Some(one) = before.take().filter(|_| *decoders == 2) {
            specials.push(Special {
                what: "the same, two decoders against one".to_owned(),
                measured: format!("{:.2} x", measured.rows_per_second / one.rows_per_second),
                reach: if job.style == "first" {
                    "at least 1.6 x"
                } else {
                    ""
                },
            });
        } else {
            before = Some(measured);
        }
    }
    Ok(specials)
}

/// Rows a second that the simulation says of this computer. What a row costs beside the engine's stages is the
/// application's.
fn simulated(shaped: bool, decoders: usize, cpu: f64) -> Result<f64> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    // Loopback is as good as no network.
    let [connection, latency] = if shaped {
        [SPEED / 1e6, FIRST_BYTE.as_secs_f64() * 1e3]
    } else {
        [2000.0, 0.1]
    };
    let numbers = [cores as f64, 100.0, connection, latency];
    let output = bench()?
        .args(["--encoding", "json+zstd", "--case"])
        .args(numbers.map(|number| number.to_string()))
        .arg("0")
        .args(["--cpu", &cpu.to_string()])
        .args(["--decoders", &decoders.to_string()])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .output()?;
    ensure!(
        output.status.success(),
        "the simulation ended with {}",
        output.status
    );
    let simulated: Simulated = serde_json::from_slice(&output.stdout)
        .context("what the simulation says is not understood")?;
    Ok(simulated.rows_per_second)
}

fn bench() -> Result<Command> {
    let mut command = project::cargo()?;
    command.args([
        "bench",
        "--quiet",
        "--package",
        "trino-odbc",
        "--bench",
        "scale",
        "--",
    ]);
    Ok(command)
}
