//! `cargo xtask demo`: a query through unixODBC on a real Trino, for people to see.
//!
//! The driver is registered in its own folder, so that nothing of the user's is touched. Where no Trino can be
//! had, the scripted server of the tests stands in: the driver is real there too.

mod scripted;

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, Result, bail, ensure};
use lexopt::ValueExt;
use serde_json::json;

use crate::lab::{self, Facts, Lab};
use crate::progress::Step;
use crate::registration::{self, NAME, Registration};
use crate::{project, python};
use scripted::Scripted;

/// What to show.
#[derive(Default)]
struct Options {
    lab: lab::Options,
    sql: Option<String>,
    scripted: bool,
    /// Whether the driver is the one that the system has registered.
    installed: bool,
}

/// The server that the demonstration runs on, for as long as this is held.
enum Server {
    Lab(Box<Lab>),
    Scripted(Box<Scripted>),
}

/// Runs `cargo xtask demo`.
pub fn run(parser: &mut lexopt::Parser) -> Result<ExitCode> {
    let mut options = Options::default();
    while let Some(argument) = parser.next()? {
        match argument {
            lexopt::Arg::Long("sql") => options.sql = Some(parser.value()?.string()?),
            lexopt::Arg::Long("scripted") => options.scripted = true,
            lexopt::Arg::Long("installed") => options.installed = true,
            lexopt::Arg::Long("help") => {
                println!("{USAGE}{}", lab::Options::USAGE);
                return Ok(ExitCode::SUCCESS);
            }
            lexopt::Arg::Long(name) => {
                let name = name.to_owned();
                if !options.lab.take(&name, parser)? {
                    bail!(
                        "demo has no option --{name}\n\n{USAGE}{}",
                        lab::Options::USAGE
                    );
                }
            }
            other => return Err(other.unexpected().into()),
        }
    }
    show(&options)?;
    Ok(ExitCode::SUCCESS)
}

fn show(options: &Options) -> Result<()> {
    registration::require_manager()?;
    let python = python::environment()?;
    let library = match options.installed {
        true => registration::installed()?,
        false => project::driver()?,
    };
    println!("driver: {}", library.display());
    let registration = Registration::new(&library)?;
    let server = Server::start(options)?;
    let scratch = tempfile::Builder::new()
        .prefix("trino-odbc-demo-")
        .tempdir()?;
    let log = scratch.path().join("driver.log");
    let mut keywords = keywords(server.facts());
    keywords.push(("LogLevel", "info".to_owned()));
    keywords.push(("LogPath", log.display().to_string()));

    if options.sql.is_none() {
        registration.write_data_source(DATA_SOURCE, &keywords)?;
        isql(&registration)?;
    }

    let sql = options.sql.as_deref().unwrap_or(LARGE);
    println!("\npyodbc: {sql}");
    println!(
        "  {}\n",
        connection_string(&keywords, &["PWD", "LogLevel", "LogPath"])
    );
    let mut command = Command::new(python);
    command.arg(project::root()?.join("xtask/src/demo/fetch.py"));
    registration.apply(&mut command);
    let input = json!({
        "connection": connection_string(&keywords, &[]),
        "sql": sql,
        "log": log,
    });
    feed(&mut command, &format!("{input}\n"))
}

/// A small query by unixODBC's own tool, with a data source.
fn isql(registration: &Registration) -> Result<()> {
    println!("\nisql -v -b {DATA_SOURCE}: {SMALL}\n");
    let mut command = Command::new("isql");
    command.args(["-v", "-b", DATA_SOURCE]);
    registration.apply(&mut command);
    feed(&mut command, &format!("{SMALL}\n"))
}

/// Runs a command with that standard input.
fn feed(command: &mut Command, input: &str) -> Result<()> {
    let name = command.get_program().to_owned();
    let mut process = command
        .stdin(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot run {}", name.display()))?;
    if let Some(mut pipe) = process.stdin.take() {
        // A program that ended early says why by itself.
        let _ = pipe.write_all(input.as_bytes());
    }
    let status = process.wait()?;
    ensure!(status.success(), "{} ended with {status}", name.display());
    Ok(())
}

/// What a connection to that server needs.
pub fn keywords(facts: &Facts) -> Vec<(&'static str, String)> {
    let path = |path: &PathBuf| path.display().to_string();
    let secured = facts.scheme == "https";
    let keywords = [
        ("Host", Some(facts.host.clone())),
        ("Port", Some(facts.port.to_string())),
        ("SSL", Some(secured.to_string())),
        ("SSLTrustStore", facts.coordinator_ca.as_ref().map(path)),
        ("StorageTrustStore", facts.storage_ca.as_ref().map(path)),
        ("UID", Some(facts.user.clone())),
        ("PWD", facts.password.clone()),
        ("Catalog", Some("tpch".to_owned())),
        ("Schema", Some("tiny".to_owned())),
    ];
    keywords
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .collect()
}

/// The keywords as a connection string, without those of the second list.
fn connection_string(keywords: &[(&str, String)], without: &[&str]) -> String {
    keywords
        .iter()
        .filter(|(name, _)| !without.contains(name))
        .fold(format!("DRIVER={{{NAME}}}"), |text, (name, value)| {
            let plain = |c: char| c.is_ascii_alphanumeric() || "./_-:,".contains(c);
            if value.chars().all(plain) {
                format!("{text};{name}={value}")
            } else {
                format!("{text};{name}={{{}}}", value.replace('}', "}}"))
            }
        })
}

impl Server {
    fn start(options: &Options) -> Result<Self> {
        let lab = &options.lab;
        if !options.scripted {
            let step = Step::start("A Trino with storage behind TLS");
            // The step shows that time passes; what it is spent on matters when it is long, for a download.
            let started = Lab::start(lab, &|line| eprintln!("  {line}"));
            drop(step);
            match started {
                Ok(started) => return Ok(Self::Lab(Box::new(started))),
                Err(error) if lab.server.is_some() => return Err(error),
                Err(error) => println!("No Trino here: {error:#}"),
            }
        }
        println!(
            "The scripted server of the tests stands in; it knows the demonstration's own queries only."
        );
        Ok(Self::Scripted(Box::new(Scripted::start(lab)?)))
    }

    fn facts(&self) -> &Facts {
        match self {
            Self::Lab(lab) => &lab.facts,
            Self::Scripted(scripted) => &scripted.facts,
        }
    }
}

const DATA_SOURCE: &str = "TrinoDemo";
const SMALL: &str = "SELECT nationkey, name, regionkey FROM tpch.tiny.nation ORDER BY name LIMIT 5";
const LARGE: &str = "SELECT * FROM tpch.sf1.orders";

const USAGE: &str = "\
cargo xtask demo [options]: queries through unixODBC, on a Trino of this machine

  --sql TEXT                runs this instead
  --installed               uses the driver that is registered on this machine instead of building it
  --scripted                uses the scripted server of the tests, which needs no Java

The Trino:
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_with_special_characters_stands_in_braces() {
        let keywords = [("Host", "h".to_owned()), ("PWD", "a;b}c".to_owned())];
        assert_eq!(
            connection_string(&keywords, &[]),
            "DRIVER={Trino};Host=h;PWD={a;b}}c}"
        );
        assert_eq!(
            connection_string(&keywords, &["PWD"]),
            "DRIVER={Trino};Host=h"
        );
    }
}
