//! What listing tables and columns costs: a million columns of a scripted server, and what a real Trino holds, where the
//! same query without any client is the server's part of it.

use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use scripted_trino::{Answer, Server, columns_of_jdbc_columns, columns_of_jdbc_tables};
use serde::Deserialize;

use super::report::Special;
use super::request::{Connection, Took};
use super::rounds::median;
use super::tools::Tools;
use crate::lab::{self, Lab};
use crate::progress::Step;
use crate::registration;

/// What the program read.
#[derive(Debug, Deserialize)]
struct Listed {
    rows: u32,
    first: f64,
    wall: f64,
    cpu: f64,
    /// Kilobytes.
    peak: u32,
}

/// A server, and what it is asked.
struct Question<'a> {
    function: &'static str,
    of: &'static str,
    host: &'a str,
    port: u16,
    /// The query that the driver runs for it.
    sql: &'a str,
}

/// All of them, in turns.
pub fn measure(tools: &Tools, rounds: u32) -> Result<Vec<Special>> {
    let scripted = server();
    // What is asked is recorded, for the way without a client.
    let mut texts = Vec::new();
    for function in [TABLES, COLUMNS] {
        list(tools, scripted.host(), scripted.port(), function)?;
        let query = scripted.queries().pop().context("nothing was asked")?;
        texts.push(query.sql);
    }
    let step = Step::start("A real Trino, for its tables and columns");
    let lab = Lab::start(&lab::Options::default(), &|line| eprintln!("  {line}"))?;
    let mut raw = Connection::open(&format!("{}:{}", lab.facts.host, lab.facts.port))?;
    fill(&mut raw)?;
    drop(step);
    let question = |function, of, host, port| Question {
        function,
        of,
        host,
        port,
        sql: &texts[usize::from(function == COLUMNS)],
    };
    let (host, port) = (lab.facts.host.as_str(), lab.facts.port);
    let of_script = "a million columns, scripted";
    let of_lab = "1,000 tables of 50 columns, a real Trino";
    [
        question(COLUMNS, of_script, scripted.host(), scripted.port()),
        question(COLUMNS, of_lab, host, port),
        question(TABLES, of_lab, host, port),
    ]
    .iter()
    .map(|question| ask(tools, question, rounds))
    .collect()
}

fn ask(tools: &Tools, question: &Question<'_>, rounds: u32) -> Result<Special> {
    let mut raw = Connection::open(&format!("{}:{}", question.host, question.port))?;
    let mut figures: [Vec<f64>; 6] = Default::default();
    let mut rows = 0;
    for _ in 0..rounds {
        let served: Took = raw.read(question.sql)?;
        let listed = list(tools, question.host, question.port, question.function)?;
        ensure!(listed.rows == served.rows, "rows are missing");
        rows = listed.rows;
        let values = [
            listed.first * 1e3,
            f64::from(listed.rows) / listed.wall,
            listed.cpu / f64::from(listed.rows) * 1e6,
            f64::from(listed.peak) / 1024.0,
            served.first.as_secs_f64() * 1e3,
            f64::from(served.rows) / served.whole.as_secs_f64(),
        ];
        figures
            .iter_mut()
            .zip(values)
            .for_each(|(all, one)| all.push(one));
    }
    let [first, speed, cpu, peak, served_first, served_speed] = figures.map(median);
    Ok(Special {
        what: format!("{} of {} ({rows} rows)", question.function, question.of),
        measured: format!(
            "first row {first:.0} ms, {speed:.0} rows/s, {cpu:.2} CPU s a million, peak {peak:.0} MB; \
             without a client first row {served_first:.0} ms, {served_speed:.0} rows/s"
        ),
        reach: "flat memory, the first row at once",
    })
}

fn list(tools: &Tools, host: &str, port: u16, function: &str) -> Result<Listed> {
    let mut command = Command::new(&tools.catalog);
    command.arg(format!(
        "DRIVER={{{}}};Host={host};Port={port};UID=bench",
        registration::NAME
    ));
    command.arg(if function == TABLES {
        "tables"
    } else {
        "columns"
    });
    tools.registration.apply(&mut command);
    let output = command.output()?;
    if !output.status.success() {
        bail!("{}", String::from_utf8_lossy(&output.stderr).trim());
    }
    serde_json::from_slice(&output.stdout).context("a figure is not understood")
}

/// A server with a million columns, on pages as large as Trino's.
fn server() -> Server {
    let columns = columns_of_jdbc_columns();
    let row = |number: usize| {
        let (table, position) = (number / 50, number % 50 + 1);
        format!(
            "[\"memory\",\"bench_{}\",\"table_number_{table}\",\"column_number_{position}\",\"{}\",null,null,{position},\"\"]",
            table / 50,
            TYPES[number % TYPES.len()],
        )
    };
    let listed = Answer::raw_rows(columns, (0..HELD).map(row).collect())
        .rows_per_page(10_000)
        .repeat(MILLION / HELD);
    let columns = columns_of_jdbc_tables();
    let none = Answer::rows(columns, Vec::new());
    let server = Server::start();
    server.on_matching(move |sql| {
        let listed = sql
            .contains("FROM system.jdbc.columns")
            .then(|| listed.clone());
        listed.or_else(|| {
            sql.contains("FROM system.jdbc.tables")
                .then(|| none.clone())
        })
    });
    server
}

/// Makes 20 schemas of 50 tables of 50 columns.
fn fill(raw: &mut Connection) -> Result<()> {
    let columns: Vec<_> = (0..50)
        .map(|number| format!("column_number_{number} {}", TYPES[number % TYPES.len()]))
        .collect();
    let columns = columns.join(", ");
    for schema in 0..20 {
        raw.run(&format!("CREATE SCHEMA memory.bench_{schema}"))?;
        for table in 0..50 {
            let table = format!("memory.bench_{schema}.table_number_{table}");
            raw.run(&format!("CREATE TABLE {table} ({columns})"))?;
        }
    }
    Ok(())
}

const TABLES: &str = "SQLTables";
const COLUMNS: &str = "SQLColumns";
const MILLION: usize = 1_000_000;

/// Rows that the scripted server holds; they come over and over.
const HELD: usize = 50_000;

const TYPES: [&str; 10] = [
    "bigint",
    "varchar",
    "double",
    "date",
    "decimal(18,2)",
    "timestamp(6)",
    "varchar(20)",
    "boolean",
    "integer",
    "array(varchar)",
];
