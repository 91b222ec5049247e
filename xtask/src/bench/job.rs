//! One reading of a result by a client, a separate program that reports what it saw and what that cost.

use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use serde::{Deserialize, Serialize};

use super::client::{Client, Cores};
use super::replay::Addresses;
use super::sums::Sums;
use super::tools::Tools;
use super::workload::{Encoding, Workload};
use crate::registration;

/// What to read, and how.
#[derive(Debug, Clone)]
pub struct Job<'a> {
    pub client: Client,
    pub workload: &'a Workload,
    pub encoding: Encoding,
    /// How many times over.
    pub times: u32,
    pub iterations: u32,
    /// How `odbc` asks for cells.
    pub style: &'static str,
    /// Rows of the row array of `odbc`.
    pub array: u32,
    /// Connections of `limit`.
    pub connections: u32,
    /// Further keywords of the connection string.
    pub keywords: &'static str,
    /// Whether our driver chooses the encoding.
    pub auto: bool,
    /// Megabits a second of the link to the replay, which must have it; without limit when absent.
    pub link: Option<u32>,
    pub shaped: bool,
    pub tls: bool,
    pub cores: Cores,
    /// Whether `limit` stops when the columns are there.
    pub columns_only: bool,
    /// Whether to count and hash what is not summed otherwise.
    pub check: bool,
}

impl<'a> Job<'a> {
    /// An ordinary reading of that workload.
    pub fn new(client: Client, workload: &'a Workload) -> Self {
        Self {
            client,
            workload,
            encoding: Encoding::Zstd,
            times: 1,
            iterations: client.iterations(),
            style: "typed",
            array: 1000,
            connections: 1,
            keywords: "",
            auto: false,
            link: None,
            shaped: false,
            tls: false,
            cores: Cores::All,
            columns_only: false,
            check: false,
        }
    }
}

/// What one iteration saw and cost.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Reading {
    #[serde(flatten)]
    pub sums: Sums,
    /// Seconds of user and system time, of the whole process.
    pub cpu: f64,
    pub wall: f64,
    /// Seconds to the first row.
    pub first: f64,
    /// Kilobytes that the process held at most, up to then.
    pub peak: u64,
}

/// Runs the client and returns one reading an iteration.
pub fn read(tools: &Tools, addresses: &Addresses, job: &Job) -> Result<Vec<Reading>> {
    let mut command = command(tools, addresses, job)?;
    if job.cores == Cores::One {
        let mut pinned = Command::new("taskset");
        pinned
            .args(["-c", "0"])
            .arg(command.get_program())
            .args(command.get_args());
        tools.registration.apply(&mut pinned);
        command = pinned;
    }
    let switches = [
        ("READER_CHECK", job.check),
        ("LIMIT_COLUMNS_ONLY", job.columns_only),
    ];
    for (name, on) in switches {
        if on {
            command.env(name, "1");
        }
    }
    readings(command, job.iterations)
        .with_context(|| format!("{} reads {}", job.client.name(), job.workload.name))
}

/// Runs a statement through our driver so many times, on a server with a keyword.
pub fn select(
    tools: &Tools,
    (host, port, keyword): (&str, u16, &str),
    sql: &str,
    times: u32,
) -> Result<Vec<Reading>> {
    let mut command = Command::new(&tools.reader);
    command
        .arg(format!(
            "DRIVER={{{}}};Host={host};Port={port};UID=bench;{keyword}",
            registration::NAME
        ))
        .args([sql, "typed", "1", &times.to_string()]);
    tools.registration.apply(&mut command);
    readings(command, times)
}

fn readings(mut command: Command, iterations: u32) -> Result<Vec<Reading>> {
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::piped())
        .output()
        .with_context(|| format!("cannot run {}", command.get_program().display()))?;
    if !output.status.success() {
        bail!("{}", String::from_utf8_lossy(&output.stderr).trim());
    }
    let readings: Vec<Reading> = String::from_utf8(output.stdout)?
        .lines()
        .map(serde_json::from_str)
        .collect::<Result<_, _>>()
        .context("a reading is not understood")?;
    ensure!(
        readings.len() == iterations as usize,
        "a reading is missing"
    );
    Ok(readings)
}

fn command(tools: &Tools, addresses: &Addresses, job: &Job) -> Result<Command> {
    let port = match (job.shaped, job.tls) {
        (false, false) => match job.link {
            Some(megabits) => addresses.link(megabits)?,
            None => addresses.plain,
        },
        (false, true) => addresses.tls,
        (true, false) => addresses.shaped,
        (true, true) => addresses.shaped_tls,
    };
    let sql = format!(
        "SELECT * FROM replay.bench.{}_x{}",
        job.workload.name, job.times
    );
    let iterations = job.iterations.to_string();
    let escaped = job.encoding.name().replace('+', "%2B");
    Ok(match job.client {
        Client::Limit => {
            let limit = tools.limit.as_ref().context("the minimum was not built")?;
            let mut command = Command::new(limit);
            command
                .arg(format!("127.0.0.1:{port}"))
                .args([&sql, job.encoding.name(), &iterations])
                .arg(job.connections.to_string());
            command
        }
        Client::Odbc => {
            let mut command = Command::new(&tools.reader);
            command.arg(connection_string(addresses, port, job)).args([
                &sql,
                job.style,
                &job.array.to_string(),
                &iterations,
            ]);
            tools.registration.apply(&mut command);
            command
        }
        Client::Nothing => {
            let mut command = Command::new(&tools.reader);
            command
                .arg(format!("DRIVER={{{}}}", registration::NAME))
                .args([job.workload.columns, job.style])
                .args([&job.array.to_string(), &iterations]);
            tools.nothing.apply(&mut command);
            command
        }
        Client::Jdbc => {
            let jdbc = tools.jdbc.as_ref().context("jdbc was not prepared")?;
            let mut command = Command::new(jdbc.java.program("java"));
            command
                .args(["-Duser.timezone=UTC", "-cp", &jdbc.class_path, "Reader"])
                .arg(format!("jdbc:trino://127.0.0.1:{port}?encoding={escaped}"))
                .args([&sql, &iterations]);
            command
        }
        Client::Go => {
            let mut command = Command::new(tools.go.as_ref().context("go was not prepared")?);
            command
                .arg(format!("http://bench@127.0.0.1:{port}?encoding={escaped}"))
                .args([&sql, &iterations]);
            command
        }
        Client::Python | Client::PythonAll | Client::Pyodbc | Client::Turbodbc => {
            let python = tools.python.as_ref().context("python was not prepared")?;
            let mut command = Command::new(python);
            command.arg(crate::project::root()?.join("benches/clients/python/reader.py"));
            let through_us = match job.client {
                Client::Pyodbc => Some("pyodbc-fetchall"),
                Client::Turbodbc => Some("turbodbc-fetchall"),
                _ => None,
            };
            if let Some(name) = through_us {
                command.args([name, &connection_string(addresses, port, job)]);
                tools.registration.apply(&mut command);
            } else {
                let all = job.client == Client::PythonAll;
                command.arg(if all { "trino-fetchall" } else { "trino" });
                command.args([&port.to_string(), job.encoding.name()]);
            }
            command.args([&sql, &iterations]);
            command
        }
    })
}

/// The connection string of our driver for that job.
fn connection_string(addresses: &Addresses, port: u16, job: &Job) -> String {
    let encoding = match job.auto {
        true => "auto",
        false => job.encoding.header().unwrap_or("none"),
    };
    let mut text = format!(
        "DRIVER={{{}}};Host=127.0.0.1;Port={port};UID=bench;TimeZone=UTC;Encoding={encoding}",
        registration::NAME
    );
    if job.tls {
        let authority = addresses.authority.display();
        text += &format!(";SSL=true;SSLTrustStore={authority};StorageTrustStore={authority}");
    }
    if !job.keywords.is_empty() {
        text += &format!(";{}", job.keywords);
    }
    text
}
