//! `trino-odbc`: registers the driver, manages data sources, diagnoses connections and runs
//! queries.
//!
//! It uses the driver's own modules and no Driver Manager, so that its findings concern the server
//! and the configuration only. `arguments` describes the command line and its exit codes.

mod arguments;
mod check;
mod doctor;
mod dsn;
mod manual;
mod places;
mod progress;
mod query;
mod register;
mod target;

use std::process::ExitCode;
use std::{fmt, io};

use arguments::{Arguments, Command};
use clap::error::ErrorKind;
use clap::{CommandFactory as _, Parser as _};

fn main() -> ExitCode {
    match run(Arguments::parse().command) {
        Ok(code) => code,
        Err(Stop::Usage(why)) => {
            let mut command = Arguments::command();
            command.error(ErrorKind::ValueValidation, why).exit()
        }
        Err(Stop::Failed(why)) => {
            eprintln!("trino-odbc: {why}");
            ExitCode::FAILURE
        }
        Err(Stop::Interrupted) => {
            eprintln!("trino-odbc: interrupted");
            ExitCode::from(INTERRUPTED)
        }
        Err(Stop::PipeClosed) => ExitCode::SUCCESS,
    }
}

fn run(command: Command) -> Result<ExitCode, Stop> {
    match command {
        Command::Install(arguments) => register::install(arguments),
        Command::Uninstall(arguments) => register::uninstall(arguments),
        Command::List(arguments) => register::list(&arguments),
        Command::Dsn(command) => dsn::run(command),
        Command::Check(arguments) => check::run(arguments),
        Command::Doctor(arguments) => doctor::run(arguments),
        Command::Query(arguments) => query::run(arguments),
        Command::Man(arguments) => manual::pages(arguments),
        Command::Completions(arguments) => manual::completions(&arguments),
    }
}

/// Why a command ends early.
#[derive(Debug)]
enum Stop {
    /// The arguments are wrong.
    Usage(String),
    /// It failed.
    Failed(String),
    /// The user pressed Ctrl-C.
    Interrupted,
    /// The program that reads the output, such as `head`, has read enough.
    PipeClosed,
}

impl Stop {
    fn failed(why: impl fmt::Display) -> Self {
        Self::Failed(why.to_string())
    }

    /// The output cannot be written.
    fn unwritten(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::PipeClosed,
            _ => Self::failed(error),
        }
    }
}

/// The exit code after Ctrl-C: what shells report of a program that the signal ended.
const INTERRUPTED: u8 = 130;
