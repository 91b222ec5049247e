//! `man` and `completions`: the manual pages and the completions of shells.

use std::io::{self, Write as _};
use std::path::Path;
use std::process::ExitCode;

use clap::CommandFactory as _;

use crate::Stop;
use crate::arguments::{Arguments, Completions, Man};

/// Runs `man`.
pub fn pages(arguments: Man) -> Result<ExitCode, Stop> {
    match arguments.output {
        Some(folder) => write(&folder)?,
        None => print(|text| clap_mangen::Man::new(Arguments::command()).render(text))?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Runs `completions`.
pub fn completions(arguments: &Completions) -> Result<ExitCode, Stop> {
    print(|text| {
        let mut command = Arguments::command();
        let name = command.get_name().to_owned();
        clap_complete::generate(arguments.shell, &mut command, name, text);
        Ok(())
    })?;
    Ok(ExitCode::SUCCESS)
}

fn write(folder: &Path) -> Result<(), Stop> {
    clap_mangen::generate_to(Arguments::command(), folder)
        .map_err(|error| Stop::failed(format!("{}: {error}", folder.display())))
}

/// Prints a text when it is complete: `clap_complete` panics when it cannot write.
fn print(render: impl FnOnce(&mut Vec<u8>) -> io::Result<()>) -> Result<(), Stop> {
    let mut text = Vec::new();
    render(&mut text).map_err(Stop::failed)?;
    io::stdout().write_all(&text).map_err(Stop::unwritten)
}
