//! `trino-odbc`: registers the driver, manages data sources, diagnoses connections and runs
//! queries.
//!
//! It uses the driver's own modules and no Driver Manager, so that its findings concern the server
//! and the configuration only. The exit status is 0 on success, 1 on failure, and 2 for a usage
//! error.

mod check;
mod doctor;
mod dsn;
mod places;
mod query;
mod register;
mod target;

use std::fmt;
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut arguments = lexopt::Parser::from_env();
    match run(&mut arguments) {
        Ok(code) => code,
        Err(Stop::Usage(why)) => {
            eprintln!("trino-odbc: {why}\nTry: trino-odbc --help");
            ExitCode::from(2)
        }
        Err(Stop::Failed(why)) => {
            eprintln!("trino-odbc: {why}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &mut lexopt::Parser) -> Result<ExitCode, Stop> {
    let command = match arguments.next()? {
        None | Some(lexopt::Arg::Long("help") | lexopt::Arg::Short('h')) => {
            print!("{USAGE}");
            return Ok(ExitCode::SUCCESS);
        }
        Some(lexopt::Arg::Long("version") | lexopt::Arg::Short('V')) => {
            println!("trino-odbc {}", env!("CARGO_PKG_VERSION"));
            return Ok(ExitCode::SUCCESS);
        }
        Some(lexopt::Arg::Value(command)) => command,
        Some(other) => return Err(other.unexpected().into()),
    };
    match command.to_str() {
        Some("install") => register::install(arguments),
        Some("uninstall") => register::uninstall(arguments),
        Some("list") => register::list(arguments),
        Some("dsn") => dsn::run(arguments),
        Some("check") => check::run(arguments),
        Some("doctor") => doctor::run(arguments),
        Some("query") => query::run(arguments),
        _ => Err(Stop::Usage(format!(
            "unknown command '{}'",
            command.to_string_lossy()
        ))),
    }
}

/// Why a command ends early.
#[derive(Debug)]
enum Stop {
    /// The arguments are wrong.
    Usage(String),
    /// It failed.
    Failed(String),
}

impl Stop {
    fn failed(why: impl fmt::Display) -> Self {
        Self::Failed(why.to_string())
    }
}

impl From<lexopt::Error> for Stop {
    fn from(error: lexopt::Error) -> Self {
        Self::Usage(error.to_string())
    }
}

const USAGE: &str = "\
trino-odbc install [--user | --system] [--library FILE] [--name NAME]
    register the driver with the Driver Manager, for this user or for all (on Windows: for all)
trino-odbc uninstall [--user | --system] [--name NAME]
    remove the registration
trino-odbc list [--json]
    list registered drivers, and data sources that use this one

trino-odbc dsn add NAME KEYWORD=VALUE... [--user | --system] [--driver NAME] [--force]
trino-odbc dsn show NAME [--json]
trino-odbc dsn remove NAME [--user | --system]
    manage data sources

trino-odbc check TARGET [--json]
    show how the driver reads each keyword, without connecting
trino-odbc doctor TARGET [--json]
    connect step by step, and report what works and what to change
trino-odbc query TARGET [SQL | -] [--table | --csv | --json] [--max-rows N] [--output FILE]
    run a statement; - reads it from standard input

TARGET is the name of a data source, or a connection string (with =). --password-stdin reads PWD from
the first line of standard input. --json prints JSON. The exit status is 0 on success, 1 on failure,
and 2 for a usage error.
";
