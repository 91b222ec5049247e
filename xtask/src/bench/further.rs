//! Figures that are not CPU seconds a row: wall clock, threads, memory, latency, requests.

use std::time::Duration;

use anyhow::{Context, Result, ensure};

use super::client::{Client, Cores};
use super::job::{self, Job, Reading};
use super::report::Special;
use super::request::Connection;
use super::rounds::{Bench, Figure, median};
use super::workload::Workload;
use crate::lab::{self, Lab};
use crate::progress::Step;

/// Measures all of them that need no Trino.
pub fn measure(bench: &mut Bench, rounds: u32) -> Result<Vec<Special>> {
    let lineitem = Workload::find("lineitem").context("lineitem")?;
    let mut specials = vec![
        shaped(bench, lineitem, rounds)?,
        threads(bench, lineitem, rounds)?,
        tls(bench, lineitem, rounds)?,
        wide_text(bench, lineitem, rounds)?,
        wide_text(bench, Workload::find("wide").context("wide")?, rounds)?,
        memory(bench, lineitem)?,
        first_row(bench, lineitem, rounds)?,
        first_row(bench, Workload::find("narrow").context("narrow")?, rounds)?,
        connecting(bench, false)?,
        connecting(bench, true)?,
        get_data(bench, lineitem, rounds)?,
    ];
    if bench.tools.python.is_some() {
        specials.extend(fetch_all(bench, lineitem, rounds)?);
    }
    Ok(specials)
}

/// The medians over interleaved rounds of what `value` takes of each job's reading.
fn medians<const N: usize>(
    bench: &mut Bench,
    jobs: [Job; N],
    rounds: u32,
    value: impl Fn(&Reading) -> f64,
) -> Result<[f64; N]> {
    let mut values: [Vec<f64>; N] = std::array::from_fn(|_| Vec::new());
    for _ in 0..rounds {
        for (job, values) in jobs.iter().zip(&mut values) {
            let reading = bench.read(job)?;
            eprintln!(
                "{} {} {}: {:.3} CPU s, {:.3} s, {} MB",
                job.workload.name,
                job.client.name(),
                job.style,
                reading.cpu,
                reading.wall,
                reading.peak / 1024
            );
            values.push(value(&reading));
        }
    }
    Ok(values.map(median))
}

fn shaped(bench: &mut Bench, workload: &Workload, rounds: u32) -> Result<Special> {
    let limit = Job {
        times: 5,
        shaped: true,
        connections: 8,
        ..Job::new(Client::Limit, workload)
    };
    let odbc = Job {
        client: Client::Odbc,
        ..limit.clone()
    };
    let [limit, odbc] = medians(bench, [limit, odbc], rounds, |reading| reading.wall)?;
    Ok(Special {
        what: format!(
            "wall clock, storage-shaped replay, {} x 5, against the limit with 8 connections",
            workload.name
        ),
        measured: format!("{odbc:.2} s / {limit:.2} s = {:.2} x", odbc / limit),
        reach: "at most 1.3 x",
    })
}

fn threads(bench: &mut Bench, workload: &Workload, rounds: u32) -> Result<Special> {
    let all = Job {
        times: 5,
        ..Job::new(Client::Odbc, workload)
    };
    let decoder = Job {
        keywords: "DecodeThreads=1",
        ..all.clone()
    };
    let core = Job {
        cores: Cores::One,
        ..all.clone()
    };
    let jobs = [all, decoder, core];
    let [all, decoder, core] = medians(bench, jobs, rounds, |reading| reading.wall)?;
    Ok(Special {
        what: format!(
            "{} x 5, two decode threads against one beside the application, and against one core for everything",
            workload.name
        ),
        measured: format!(
            "{all:.2} s, {decoder:.2} s ({:.2} x), {core:.2} s ({:.2} x)",
            decoder / all,
            core / all
        ),
        reach: "at least 1.7 x",
    })
}

fn tls(bench: &mut Bench, workload: &Workload, rounds: u32) -> Result<Special> {
    let jobs = [false, true].map(|tls| Job {
        times: workload.times,
        tls,
        ..Job::new(Client::Odbc, workload)
    });
    let [plain, tls] = medians(bench, jobs, rounds, |reading| reading.cpu)?;
    Ok(Special {
        what: format!("{} over TLS, CPU against plain HTTP", workload.name),
        measured: format!("{:.2} x", tls / plain),
        reach: "",
    })
}

fn wide_text(bench: &mut Bench, workload: &Workload, rounds: u32) -> Result<Special> {
    let jobs = ["typed", "typed-wide", "text", "text-wide"].map(|style| Job {
        times: workload.times,
        style,
        ..Job::new(Client::Odbc, workload)
    });
    let [typed, typed_wide, text, text_wide] = medians(bench, jobs, rounds, |reading| reading.cpu)?;
    Ok(Special {
        what: format!("{}, UTF-16 text against narrow text, CPU", workload.name),
        measured: format!(
            "typed {:.2} x, all as text {:.2} x",
            typed_wide / typed,
            text_wide / text
        ),
        reach: "at most 1.2 x",
    })
}

fn memory(bench: &mut Bench, workload: &Workload) -> Result<Special> {
    let jobs = [1, 10].map(|times| Job {
        times,
        iterations: 1,
        ..Job::new(Client::Odbc, workload)
    });
    let [one, ten] = medians(bench, jobs, 2, |reading| reading.peak as f64 / 1024.0)?;
    Ok(Special {
        what: format!(
            "peak memory of the process, {}, 10 times the rows",
            workload.name
        ),
        measured: format!("{one:.0} MB, {ten:.0} MB"),
        reach: "at most 200 MB, no growth",
    })
}

fn first_row(bench: &mut Bench, workload: &Workload, rounds: u32) -> Result<Special> {
    let jobs = [Client::Limit, Client::Odbc].map(|client| Job {
        iterations: 5,
        ..Job::new(client, workload)
    });
    let [limit, odbc] = medians(bench, jobs, rounds.max(3), |reading| reading.first * 1e3)?;
    Ok(Special {
        what: format!("time to the first row, warm, {}", workload.name),
        measured: format!("{odbc:.1} ms, limit {limit:.1} ms"),
        reach: "below the limit's",
    })
}

/// What connecting asks of a server, counted there.
fn connecting(bench: &mut Bench, tls: bool) -> Result<Special> {
    let workload = Workload::find("lineitem").context("lineitem")?;
    let job = Job {
        style: "connect",
        iterations: CONNECTS,
        tls,
        ..Job::new(Client::Odbc, workload)
    };
    let mut counter = Connection::open(&format!("127.0.0.1:{}", bench.addresses.plain))?;
    let before = counter.exchange("GET", "/counts", "")?;
    let readings = job::read(bench.tools, bench.addresses, &job)?;
    let after = counter.exchange("GET", "/counts", "")?;
    let counted = |name: &str| {
        after[name].as_u64().unwrap_or_default() - before[name].as_u64().unwrap_or_default()
    };
    let warm = readings.iter().skip(1).map(|reading| reading.wall * 1e3);
    Ok(Special {
        what: format!(
            "SQLConnect + SQLDisconnect, {CONNECTS} times{}",
            if tls { ", over TLS" } else { "" }
        ),
        measured: format!(
            "{:.2} ms each; {} queries, {} checks, {} connections to the server",
            median(warm.collect()),
            counted("statements"),
            counted("validations") + counted("info"),
            counted("connections"),
        ),
        reach: "no query, connections and TLS sessions reused",
    })
}

fn get_data(bench: &mut Bench, workload: &Workload, rounds: u32) -> Result<Special> {
    let get = Job {
        style: "get",
        ..Job::new(Client::Odbc, workload)
    };
    let nothing = Job {
        style: "get",
        client: Client::Nothing,
        ..get.clone()
    };
    let columns = Job {
        columns_only: true,
        times: workload.times,
        ..Job::new(Client::Limit, workload)
    };
    let mut values = [Vec::new(), Vec::new(), Vec::new()];
    for _ in 0..rounds {
        for (job, values) in [&get, &nothing, &columns].into_iter().zip(&mut values) {
            let reading = job::read(bench.tools, bench.addresses, job)?.pop();
            let reading = reading.context("no reading")?;
            values.push(reading.cpu / reading.sums.rows as f64 * 1e6);
        }
    }
    let [get, nothing, columns] = values.map(median);
    Ok(Special {
        what: format!(
            "SQLGetData cell by cell, {}, CPU s a million rows against the limit's columns and a driver that does nothing",
            workload.name
        ),
        measured: format!(
            "{get:.2} / ({columns:.2} + {nothing:.2}) = {:.2} x",
            get / (columns + nothing)
        ),
        reach: "at most 1.5 x",
    })
}

/// Python's `fetchall` of some million rows.
fn fetch_all(bench: &mut Bench, workload: &Workload, rounds: u32) -> Result<Vec<Special>> {
    let times = 2;
    let ours = [Client::Pyodbc, Client::Turbodbc];
    let ours = ours.into_iter().filter(|client| match client {
        Client::Turbodbc => bench.tools.turbodbc,
        _ => true,
    });
    let jobs: Vec<_> = [Client::PythonAll]
        .into_iter()
        .chain(ours)
        .map(|client| Job {
            times,
            ..Job::new(client, workload)
        })
        .collect();
    let figures = bench.rounds(&jobs, rounds)?;
    let Some((python, ours)) = figures.split_first() else {
        return Ok(Vec::new());
    };
    let special = |figure: &Figure| Special {
        what: format!(
            "{}(), {} x {times}, against the Python client's",
            figure.client, workload.name
        ),
        measured: format!(
            "{:.2} CPU s a million rows, {:.0} thousand rows/s; {:.2} CPU s ({:.1} x), {:.0} thousand rows/s",
            figure.cpu_per_million,
            figure.rows as f64 / figure.wall / 1e3,
            python.cpu_per_million,
            python.cpu_per_million / figure.cpu_per_million,
            python.rows as f64 / python.wall / 1e3,
        ),
        reach: "",
    };
    Ok(ours.iter().map(special).collect())
}

/// `SELECT 1` on a real Trino: raw HTTP on a kept connection, and the driver, in turns. Its rows come inline where they
/// may come in segments, and in the answers where not.
pub fn latency(bench: &mut Bench, rounds: u32) -> Result<Vec<Special>> {
    let step = Step::start("A real Trino, for SELECT 1");
    let lab = Lab::start(&lab::Options::default(), &|line| eprintln!("  {line}"))?;
    drop(step);
    let facts = &lab.facts;
    let mut raw = Connection::open(&format!("{}:{}", facts.host, facts.port))?;
    // Both get to know the server, and the server itself, first.
    for _ in 0..WARM {
        raw.run(ONE)?;
    }
    let mut specials = Vec::new();
    for (manner, encoding, keyword) in [
        ("rows in the answers", None, "Encoding=none"),
        ("rows inline", Some("json+zstd"), "Encoding=json+zstd"),
    ] {
        raw.wants(encoding);
        let (mut firsts, mut wholes) = (Turns::default(), Turns::default());
        for _ in 0..rounds * TURNS {
            for _ in 0..QUERIES {
                let took = raw.read(ONE)?;
                firsts.raw.push(took.first);
                wholes.raw.push(took.whole);
            }
            let place = (facts.host.as_str(), facts.port, keyword);
            // The first connects.
            let readings = job::select(bench.tools, place, ONE, QUERIES + 1)?;
            ensure!(
                readings.iter().all(|reading| reading.sums.rows == 1),
                "not one row"
            );
            for reading in readings.iter().skip(1) {
                firsts.driver.push(Duration::from_secs_f64(reading.first));
                wholes.driver.push(Duration::from_secs_f64(reading.wall));
            }
        }
        for (what, turns, reach) in [
            ("first row", firsts, "at most 1 ms more"),
            ("whole result", wholes, "at most 2 ms more"),
        ] {
            specials.push(Special {
                what: format!(
                    "`SELECT 1` on a real Trino, {manner}, {what}, against raw HTTP on a kept connection"
                ),
                measured: turns.compared(),
                reach,
            });
        }
    }
    Ok(specials)
}

/// How long raw HTTP and the driver took, in turns.
#[derive(Default)]
struct Turns {
    raw: Vec<Duration>,
    driver: Vec<Duration>,
}

impl Turns {
    fn compared(mut self) -> String {
        let parts = [("median", 0.5), ("p90", 0.9)].map(|(name, part)| {
            let [raw, driver] =
                [&mut self.raw, &mut self.driver].map(|times| quantile(times, part));
            format!(
                "{name} {driver:.1} ms / {raw:.1} ms: {:+.1} ms",
                driver - raw
            )
        });
        parts.join("; ")
    }
}

/// The time that this part of them stays below, in milliseconds.
fn quantile(times: &mut [Duration], part: f64) -> f64 {
    times.sort();
    let at = (times.len() as f64 * part) as usize;
    times
        .get(at)
        .map_or(f64::NAN, |time| time.as_secs_f64() * 1e3)
}

const CONNECTS: u32 = 50;
/// Statements of each in a turn.
const QUERIES: u32 = 20;
/// Turns in a round.
const TURNS: u32 = 5;
const WARM: u32 = 30;
const ONE: &str = "SELECT 1";
