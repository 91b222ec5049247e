//! The project's chores: a real Trino, all tests, a matrix of servers, a soak, a race hunt, a benchmark, clients,
//! a count, a demonstration, packages, connectors, Windows.
//!
//! `cargo xtask lab | test | servers | soak | threads | bench | bi | clients | count | demo | dist | windows`, each with
//! `--help`.

mod bench;
mod bi;
mod cache;
mod clients;
mod count;
mod debian;
mod demo;
mod dist;
mod document;
mod guard;
mod lab;
mod npm;
mod parts;
mod program;
mod progress;
mod project;
mod python;
mod registration;
mod rustup;
mod soak;
mod test;
mod threads;
mod tool;
mod wheel;
mod windows;

use std::process::ExitCode;

use anyhow::Result;

fn main() -> ExitCode {
    match run() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<ExitCode> {
    let mut arguments = std::env::args_os().skip(1);
    let Some(command) = arguments.next() else {
        println!("{USAGE}");
        return Ok(ExitCode::FAILURE);
    };
    if command == guard::COMMAND {
        return guard::run(arguments);
    }
    if command == windows::wine::COMMAND {
        return windows::wine::run(arguments);
    }
    let mut parser = lexopt::Parser::from_args(arguments);
    match command.to_str() {
        Some("lab") => lab::run(&mut parser).map(|()| ExitCode::SUCCESS),
        Some("test") => test::run(&mut parser),
        Some("servers") => test::servers::run(&mut parser),
        Some("soak") => soak::run(&mut parser),
        Some("threads") => threads::run(&mut parser),
        Some("bench") => bench::run(&mut parser),
        Some("bi") => bi::run(&mut parser),
        Some("clients") => clients::run(&mut parser),
        Some("count") => count::run(&mut parser),
        Some("demo") => demo::run(&mut parser),
        Some("dist") => dist::run(&mut parser),
        Some("windows") => windows::run(&mut parser),
        _ => {
            println!("{USAGE}");
            Ok(ExitCode::FAILURE)
        }
    }
}

const USAGE: &str = "\
cargo xtask lab     a real Trino with spooling on this machine, until Ctrl-C
cargo xtask test    all tests of the project
cargo xtask servers the tests that depend on the release, on servers of each
cargo xtask soak    random statements and faults for some minutes
cargo xtask threads statements in many threads under the thread sanitizer
cargo xtask bench   what reading large results costs, against other clients
cargo xtask bi      the connectors for Power BI and Tableau
cargo xtask clients programs that people use, each with the driver
cargo xtask count   how the sources of a folder read, in numbers
cargo xtask demo    a query through unixODBC on a real Trino
cargo xtask dist    the packages that users install on Linux
cargo xtask windows the driver for Windows, under Wine

Each has --help.";
