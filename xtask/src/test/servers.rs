//! The tests of `tests/python` whose subject differs between releases of Trino, on a real server of each:
//! `cargo xtask servers`, and of the newest in `cargo xtask test`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Result, bail};
use lexopt::ValueExt;

use super::runner::{Count, count, of_pytest};
use super::session::{RunningLab, pytest};
use crate::lab::{self, Version};
use crate::registration::{self, Registration};
use crate::{document, project, python};

/// Runs `cargo xtask servers`.
pub fn run(parser: &mut lexopt::Parser) -> Result<ExitCode> {
    let mut only = Vec::new();
    while let Some(argument) = parser.next()? {
        match argument {
            lexopt::Arg::Long("only") => only.push(parser.value()?.parse::<Version>()?),
            lexopt::Arg::Long("help") => {
                println!("{USAGE}");
                return Ok(ExitCode::SUCCESS);
            }
            lexopt::Arg::Long(name) => bail!("servers has no option --{name}\n\n{USAGE}"),
            other => return Err(other.unexpected().into()),
        }
    }
    if only.is_empty() {
        only = VERSIONS
            .iter()
            .map(|text| text.parse())
            .collect::<Result<_>>()?;
    }
    registration::require_manager()?;
    let python = python::environment()?;
    let registration = Registration::new(&project::driver()?)?;
    let mut failed = false;
    for version in only {
        println!("\n=== Trino {version}");
        let ran = RunningLab::start(&options(version, &lab::Options::default()))
            .and_then(|lab| suite(&lab, &python, &registration));
        match ran {
            Ok(count) => {
                failed |= count.failed > 0;
                // After each, so that an interrupted run leaves what it found out.
                record(version, count)?;
            }
            Err(error) => {
                failed = true;
                println!("Trino {version} was not run: {error:#}");
            }
        }
    }
    println!("{}", document::read(PAGE, PART)?);
    Ok(if failed {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

/// The lab of that version, otherwise as `others` says.
pub(super) fn options(version: Version, others: &lab::Options) -> lab::Options {
    lab::Options {
        trino: version,
        heap: "1500M".to_owned(),
        ..others.clone()
    }
}

/// Runs the tests on that server.
pub(super) fn suite(lab: &RunningLab, python: &Path, registration: &Registration) -> Result<Count> {
    let folder = project::root()?.join("tests/python");
    let mut command = pytest(python)?;
    command
        .args(FILES.map(|name| folder.join(format!("test_{name}.py"))))
        .env("TRINO_LAB", &lab.facts);
    registration.apply(&mut command);
    count(&mut command, of_pytest)
}

/// Puts a version's line into the page of servers; the others stay.
fn record(version: Version, count: Count) -> Result<()> {
    let mut lines = lines(&document::read(PAGE, PART)?);
    let Count { passed, failed } = count;
    let today = document::today();
    lines.insert(
        version,
        format!("| {version} | {today} | {passed} | {failed} |"),
    );
    let mut table = HEAD.to_owned();
    for line in lines.values() {
        let _ = writeln!(table, "{line}");
    }
    document::write(PAGE, PART, &table)
}

/// The lines of a table by the version in their first column.
fn lines(table: &str) -> BTreeMap<Version, String> {
    let version = |line: &str| line.split('|').nth(1)?.trim().parse().ok();
    table
        .lines()
        .filter_map(|line| Some((version(line)?, line.to_owned())))
        .collect()
}

/// The versions that people have, and that are to be had from Maven.
const VERSIONS: [&str; 6] = ["435", "459", "468", "470", "476", NEWEST];

/// The newest version whose jars are all published.
pub(super) const NEWEST: &str = "483";

/// The files of `tests/python` whose subject may differ from one version of the server to another.
const FILES: [&str; 13] = [
    "types",
    "new_types",
    "values",
    "conversions",
    "catalog",
    "info",
    "escapes",
    "parameters",
    "inserts",
    "effects",
    "errors",
    "scrolling",
    "headers",
];

const PAGE: &str = "docs/servers.md";
const PART: &str = "servers";
const HEAD: &str = "| Version | Run on | Passed | Failed |\n|---|---|---|---|\n";

const USAGE: &str = "\
cargo xtask servers [options]: the tests whose subject differs between releases, on a real Trino of
each, with the table of docs/servers.md as result

  --only VERSION            may be given again";

#[cfg(test)]
mod tests {
    use super::{HEAD, lines};

    #[test]
    fn a_table_is_read_by_its_versions() {
        let line = "| 483 | 2026-11-30 | 900 | 0 |";
        let read = lines(&format!("\n{HEAD}{line}\n"));
        let expected = ("483".parse().expect("a version"), line.to_owned());
        assert_eq!(read.into_iter().collect::<Vec<_>>(), [expected]);
    }
}
