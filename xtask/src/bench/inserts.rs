//! What inserting costs, on a real Trino: rows of bigint, varchar, double and date, into memory.

use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;

use super::report::Special;
use super::request::Connection;
use super::rounds::median;
use super::tools::Tools;
use crate::lab::{self, Facts, Lab};
use crate::progress::Step;
use crate::{project, registration};

/// What a program inserted, and what that cost.
#[derive(Debug, Deserialize)]
struct Inserted {
    rows: u32,
    wall: f64,
    cpu: f64,
}

/// A way of inserting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// Arrays of parameters through the Driver Manager, from C.
    Arrays,
    /// `fast_executemany` of pyodbc.
    Pyodbc,
    /// One statement of `VALUES` with literals, without any client.
    Literals,
    /// One statement for each row.
    Rows,
    Jdbc,
    Python,
}

impl Way {
    const ALL: [(Self, u32); 6] = [
        (Self::Arrays, 100_000),
        (Self::Pyodbc, 100_000),
        (Self::Literals, 5000),
        (Self::Rows, 200),
        (Self::Jdbc, 200),
        (Self::Python, 200),
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Arrays => "this driver, from C",
            Self::Pyodbc => "pyodbc fast_executemany through this driver",
            Self::Literals => "5,000 rows of literals in one VALUES, raw",
            Self::Rows => "this driver, FastInserts=false",
            Self::Jdbc => "trino-jdbc executeBatch",
            Self::Python => "the Python client's executemany",
        }
    }
}

/// Rows a second of each way, in turns.
pub fn measure(tools: &Tools, rounds: u32) -> Result<Vec<Special>> {
    let step = Step::start("A real Trino, for inserts");
    let lab = Lab::start(&lab::Options::default(), &|line| eprintln!("  {line}"))?;
    drop(step);
    let facts = &lab.facts;
    let mut raw = Connection::open(&format!("{}:{}", facts.host, facts.port))?;
    let ways = Way::ALL.into_iter().filter(|(way, _)| match way {
        Way::Jdbc => tools.jdbc.is_some(),
        Way::Pyodbc | Way::Python => tools.python.is_some(),
        _ => true,
    });
    let ways: Vec<_> = ways.collect();
    let mut speeds = vec![Vec::new(); ways.len()];
    let mut costs = vec![Vec::new(); ways.len()];
    for _ in 0..rounds {
        for (place, (way, rows)) in ways.iter().enumerate() {
            raw.run(&format!("DROP TABLE IF EXISTS {TABLE}"))?;
            raw.run(&format!("CREATE TABLE {TABLE} {COLUMNS}"))?;
            let inserted = insert(tools, facts, &mut raw, *way, *rows)
                .with_context(|| way.name().to_owned())?;
            ensure!(inserted.rows == *rows, "{} rows", inserted.rows);
            let rows = f64::from(inserted.rows);
            eprintln!("{}: {:.0} rows/s", way.name(), rows / inserted.wall);
            speeds[place].push(rows / inserted.wall);
            costs[place].push(inserted.cpu / rows * 1e6);
        }
    }
    raw.run(&format!("DROP TABLE IF EXISTS {TABLE}"))?;
    let figures = ways.iter().zip(speeds).zip(costs);
    Ok(figures
        .map(|(((way, _), speeds), costs)| Special {
            what: format!("inserting, {}", way.name()),
            measured: match way {
                Way::Literals => format!("{:.0} rows/s", median(speeds)),
                _ => format!(
                    "{:.0} rows/s, {:.1} CPU s a million",
                    median(speeds),
                    median(costs)
                ),
            },
            reach: match way {
                Way::Arrays => "at most 2 CPU s a million",
                Way::Pyodbc => "at least 30,000 rows/s",
                _ => "",
            },
        })
        .collect())
}

fn insert(
    tools: &Tools,
    facts: &Facts,
    raw: &mut Connection,
    way: Way,
    rows: u32,
) -> Result<Inserted> {
    let (host, port) = (&facts.host, facts.port);
    let string = |more: &str| {
        format!(
            "DRIVER={{{}}};Host={host};Port={port};UID=bench;{more}",
            registration::NAME
        )
    };
    let clients = project::root()?.join("benches/clients");
    let python = || -> Result<Command> {
        let python = tools.python.as_ref().context("python was not prepared")?;
        let mut command = Command::new(python);
        command.arg(clients.join("python/writer.py"));
        Ok(command)
    };
    let mut command = match way {
        Way::Arrays | Way::Rows => {
            let more = if way == Way::Rows {
                "FastInserts=0"
            } else {
                ""
            };
            let mut command = Command::new(&tools.writer);
            command.args([&string(more), TABLE]);
            command.args([rows.to_string(), rows.to_string()]);
            command
        }
        Way::Pyodbc => {
            let mut command = python()?;
            command.args(["pyodbc", &string(""), TABLE, &rows.to_string()]);
            command
        }
        Way::Python => {
            let mut command = python()?;
            command.args(["trino", &port.to_string(), TABLE, &rows.to_string()]);
            command
        }
        Way::Jdbc => {
            let jdbc = tools.jdbc.as_ref().context("jdbc was not prepared")?;
            let mut command = Command::new(jdbc.java.program("java"));
            command
                .args(["-Duser.timezone=UTC", "-cp", &jdbc.class_path, "Writer"])
                .arg(format!("jdbc:trino://{host}:{port}"))
                .args([TABLE, &rows.to_string()]);
            command
        }
        Way::Literals => {
            let literal = |row: u32| {
                format!(
                    "(BIGINT '{row}', 'some text {row}', DOUBLE '{}', DATE '2000-01-01')",
                    f64::from(row) / 7.0
                )
            };
            let literals: Vec<_> = (0..rows).map(literal).collect();
            let sql = format!("INSERT INTO {TABLE} VALUES {}", literals.join(", "));
            let wall = raw.run(&sql)?.as_secs_f64();
            let cpu = 0.0;
            return Ok(Inserted { rows, wall, cpu });
        }
    };
    tools.registration.apply(&mut command);
    let output = command.output()?;
    if !output.status.success() {
        bail!("{}", String::from_utf8_lossy(&output.stderr).trim());
    }
    serde_json::from_slice(&output.stdout).context("a figure is not understood")
}

const TABLE: &str = "memory.default.bench_inserts";
const COLUMNS: &str = "(a bigint, b varchar, c double, d date)";
