//! `cargo xtask clients`: programs and libraries that people use, each against a real Trino, and the book's table of them.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::registration::{self, Registration};
use crate::test::{RunningLab, count, of_pytest, pytest};
use crate::{document, lab, npm, project, python};

/// Runs `cargo xtask clients`.
pub fn run(parser: &mut lexopt::Parser) -> Result<ExitCode> {
    let mut options = lab::Options::default();
    while let Some(argument) = parser.next()? {
        match argument {
            lexopt::Arg::Long("help") => {
                println!("{USAGE}{}", lab::Options::USAGE);
                return Ok(ExitCode::SUCCESS);
            }
            lexopt::Arg::Long(name) => {
                let name = name.to_owned();
                if !options.take(&name, parser)? {
                    bail!("clients has no option --{name}\n\n{USAGE}");
                }
            }
            other => return Err(other.unexpected().into()),
        }
    }
    registration::require_tools()?;
    // A client that stays missing has a row that says so.
    if let Err(error) = registration::require_clients() {
        println!("{error:#}");
    }
    let node = node().inspect_err(|error| println!("{error:#}")).ok();
    let python = python::environment_of(&project::root()?.join("tests/clients/requirements.txt"))?;
    let registration = Registration::new(&project::driver()?)?;
    let lab = RunningLab::start(&options)?;
    let facts: lab::Facts = serde_json::from_slice(&fs::read(&lab.facts)?)?;
    registration.write_data_source(SOURCE, &keywords(&facts))?;
    let report = lab.facts.with_file_name("clients.json");
    let mut command = pytest(&python)?;
    command
        .arg(project::root()?.join("tests/clients"))
        .env("TRINO_LAB", &lab.facts)
        .env("CLIENTS_DSN", SOURCE)
        .env("CLIENTS_REPORT", &report);
    if let Some(modules) = node {
        command.env("NODE_PATH", modules);
    }
    registration.apply(&mut command);
    let total = count(&mut command, of_pytest)?;
    let text = fs::read(&report).context("the clients' tests left no report")?;
    let rows: Vec<Row> = serde_json::from_slice(&text)?;
    document::write(
        "docs/clients.md",
        "clients",
        &table(
            facts.version.as_deref().unwrap_or("of an unknown version"),
            &rows,
        ),
    )?;
    println!("{} passed, {} failed", total.passed, total.failed);
    Ok(if total.failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// The client of Node.js, compiled.
fn node() -> Result<PathBuf> {
    let modules = npm::modules("tests/clients/node")?;
    npm::compile(&modules, "odbc", "lib/bindings/napi-v8/odbc.node")?;
    Ok(modules)
}

/// What the tests say of a client.
#[derive(Debug, Deserialize)]
struct Row {
    client: String,
    version: Option<String>,
    result: String,
    remarks: String,
}

fn keywords(facts: &lab::Facts) -> Vec<(&'static str, String)> {
    let mut keywords = vec![
        ("Host", facts.host.clone()),
        ("Port", facts.port.to_string()),
        ("UID", facts.user.clone()),
        ("TimeZone", "UTC".to_owned()),
    ];
    if let Some(file) = &facts.storage_ca {
        keywords.push(("StorageTrustStore", file.display().to_string()));
    }
    keywords
}

fn table(trino: &str, rows: &[Row]) -> String {
    let mut text = format!(
        "Trino {trino}, {}.\n\n| Client | Version | Result | Remarks |\n|---|---|---|---|\n",
        document::today()
    );
    for row in rows {
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} |",
            row.client,
            row.version.as_deref().unwrap_or("-"),
            row.result,
            row.remarks
        );
    }
    text
}

/// The data source that the clients connect to.
const SOURCE: &str = "Clients";

const USAGE: &str = "\
cargo xtask clients [options]: each client against a real Trino, and the table of docs/clients.md

The real Trino:
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_that_is_missing_has_a_row_too() {
        let rows = serde_json::from_str::<Vec<Row>>(
            r#"[{"client":"a","version":"1.2","result":"passed","remarks":"slow"},
                {"client":"b","version":null,"result":"not run: missing","remarks":""}]"#,
        )
        .expect("rows");
        let text = table("476", &rows);
        assert!(text.starts_with("Trino 476, "));
        assert!(text.ends_with("| a | 1.2 | passed | slow |\n| b | - | not run: missing |  |\n"));
    }
}
