//! `cargo xtask test`: every kind of test, each with its line, and one line for all.

mod book;
mod deny;
mod instructions;
mod macos;
mod packages;
mod runner;
pub mod servers;
mod session;
mod wheel;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::{bi, lab, project, registration};
pub use runner::{Count, check, count, of_cargo, of_pytest};
use runner::{Ended, Stop};
use session::Session;
pub use session::{RunningLab, pytest};

/// A kind of test: what stands between the test and the driver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// The modules by themselves, format and lints.
    Unit,
    /// The exported functions, called directly.
    Abi,
    /// unixODBC, against a scripted server.
    Manager,
    /// Programs in C: unixODBC, iODBC, and the driver itself under valgrind.
    Programs,
    /// unixODBC, against a real Trino.
    Server,
    /// Programs of other makers, through both Driver Managers, against a real Trino.
    Tools,
    /// unixODBC, against a real Trino of two nodes in each retrieval mode.
    Modes,
    /// pyodbc, against a real Trino.
    Python,
    /// The Python wheel in a fresh environment, against a real Trino.
    Wheel,
    /// pyodbc, against a real Trino of the newest version, beside the one of the other kinds.
    Newest,
    /// pyodbc, against two real Trinos behind gateways and balancers.
    Gateway,
    /// The command that registers the driver.
    Installer,
    /// The packages for Linux in a clean root, against a real Trino.
    Packages,
    /// The connectors for Power BI and Tableau, by other makers' programs.
    Bi,
    /// What the inner loops cost, by valgrind.
    Instructions,
    /// Licences, sources and banned crates among the dependencies.
    Deny,
    /// The book and its links.
    Book,
    /// The sources compile for macOS.
    Macos,
    /// The driver for Windows, under Wine: the part of `cargo xtask windows test` that needs no real Trino.
    Windows,
}

impl Kind {
    const ALL: [Self; 19] = [
        Self::Unit,
        Self::Abi,
        Self::Manager,
        Self::Programs,
        Self::Server,
        Self::Tools,
        Self::Python,
        Self::Packages,
        Self::Wheel,
        Self::Newest,
        Self::Modes,
        Self::Gateway,
        Self::Installer,
        Self::Bi,
        Self::Instructions,
        Self::Deny,
        Self::Book,
        Self::Macos,
        Self::Windows,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Unit => "unit",
            Self::Abi => "abi",
            Self::Manager => "manager",
            Self::Programs => "programs",
            Self::Server => "server",
            Self::Tools => "tools",
            Self::Modes => "modes",
            Self::Python => "python",
            Self::Wheel => "wheel",
            Self::Newest => "newest",
            Self::Gateway => "gateway",
            Self::Installer => "installer",
            Self::Packages => "packages",
            Self::Bi => "bi",
            Self::Instructions => "instructions",
            Self::Deny => "deny",
            Self::Book => "book",
            Self::Macos => "macos",
            Self::Windows => "windows",
        }
    }

    fn parse(name: &str) -> Result<Self> {
        let known = || Self::ALL.map(Self::name).join(", ");
        Self::ALL
            .into_iter()
            .find(|kind| kind.name() == name)
            .with_context(|| format!("no kind of test is called {name}; there are {}", known()))
    }
}

/// Whether a kind that cannot run is a failure.
fn is_strict() -> bool {
    std::env::var("CI").is_ok_and(|value| value == "true" || value == "1")
}

/// Runs `cargo xtask test`.
pub fn run(parser: &mut lexopt::Parser) -> Result<ExitCode> {
    let mut session = Session::default();
    let mut only = Vec::new();
    while let Some(argument) = parser.next()? {
        match argument {
            lexopt::Arg::Long("only") => {
                only.push(Kind::parse(&parser.value()?.to_string_lossy())?);
            }
            lexopt::Arg::Long("help") => {
                println!("{USAGE}{}", lab::Options::USAGE);
                return Ok(ExitCode::SUCCESS);
            }
            lexopt::Arg::Long(name) => {
                let name = name.to_owned();
                if !session.options.take(&name, parser)? {
                    bail!(
                        "test has no option --{name}\n\n{USAGE}{}",
                        lab::Options::USAGE
                    );
                }
            }
            other => return Err(other.unexpected().into()),
        }
    }
    let mut lines = Vec::new();
    let mut total = Count::default();
    for kind in Kind::ALL {
        if !only.is_empty() && !only.contains(&kind) {
            continue;
        }
        println!("\n=== {}", kind.name());
        let started = Instant::now();
        let ended = match session.run(kind) {
            Err(Stop::Failed(error)) => {
                println!("{error:#}");
                Ok(Count::FAILED)
            }
            Ok(count) => Ok(count),
            Err(Stop::NotRun(why)) => Err(why),
        };
        let mut line = line(kind, &ended, started.elapsed());
        match ended {
            Ok(count) => total += count,
            Err(_) if is_strict() => {
                line += " (a failure in CI)";
                total += Count::FAILED;
            }
            Err(_) => {}
        }
        println!("{line}");
        lines.push(line);
    }
    drop(session);
    println!("\n{}", lines.join("\n"));
    println!("{} passed, {} failed", total.passed, total.failed);
    Ok(if total.failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn line(kind: Kind, ended: &Result<Count, String>, time: Duration) -> String {
    let name = kind.name();
    match ended {
        Ok(count) => count.line(name, time),
        Err(why) => format!("{name:<12} not run: {why}"),
    }
}

fn unit() -> Ended {
    let mut total = check(project::cargo()?.args(["fmt", "--all", "--check"]))?;
    total += check(project::cargo()?.args([
        "clippy",
        "--workspace",
        "--all-targets",
        "--",
        "-D",
        "warnings",
    ]))?;
    let mut command = project::cargo()?;
    command.args(["test", "--no-fail-fast", "--lib", "--bins"]);
    command.args(workspace_packages());
    total += count(command.args(["--test", "protocol"]), of_cargo)?;
    total += count(
        project::cargo()?
            .args(["test", "--no-fail-fast", "--doc"])
            .args(workspace_packages()),
        of_cargo,
    )?;
    total += check(
        project::cargo()?
            .args(["doc", "--no-deps", "--package", "trino-client"])
            .env("RUSTDOCFLAGS", "-D warnings"),
    )?;
    Ok(total)
}

/// The packages with unit tests. Commands that name all of them share what Cargo builds: which features the dependencies
/// have follows from the packages that are named.
fn workspace_packages() -> impl Iterator<Item = &'static str> {
    const PACKAGES: [&str; 5] = [
        "trino-client",
        "trino-odbc",
        "trino-odbc-command",
        "scripted-trino",
        "xtask",
    ];
    PACKAGES
        .into_iter()
        .flat_map(|package| ["--package", package])
}

fn bi() -> Ended {
    let modules = Stop::unless(bi::require())?;
    Ok(bi::check(&modules)?)
}

fn installer() -> Ended {
    Stop::unless(registration::require_manager())?;
    let mut command = project::cargo()?;
    command.args([
        "test",
        "--no-fail-fast",
        "--package",
        "xtask",
        "--test",
        "installer",
    ]);
    command.env(project::COMMAND, project::command()?);
    Ok(count(&mut command, of_cargo)?)
}

const USAGE: &str = "\
cargo xtask test [options]: all tests of the project

  --only KIND               unit, abi, manager, programs, server, tools,
                            python, packages, wheel, newest, modes, gateway,
                            installer, bi, instructions, deny, book, macos or windows;
                            may be given again

The real Trino for server, tools, modes, gateway, packages, python and wheel (each mode, and newest, has its own
nodes):
";
