//! `cargo xtask bi`: what Power BI and Tableau install beside the driver.

mod check;
mod icon;
mod mez;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};

use crate::project;
pub use check::{require, run_all as check};

/// Runs `cargo xtask bi`.
pub fn run(parser: &mut lexopt::Parser) -> Result<ExitCode> {
    let mut output = project::target_folder()?.join("dist");
    while let Some(argument) = parser.next()? {
        match argument {
            lexopt::Arg::Long("output") => output = parser.value()?.into(),
            lexopt::Arg::Long("schemas") => {
                check::schemas(Path::new(&parser.value()?))?;
                return Ok(ExitCode::SUCCESS);
            }
            lexopt::Arg::Long("help") => {
                println!("{USAGE}");
                return Ok(ExitCode::SUCCESS);
            }
            other => return Err(other.unexpected().into()),
        }
    }
    for path in write(&output)? {
        println!("{}", path.display());
    }
    Ok(ExitCode::SUCCESS)
}

/// Writes what is installed into the folder; the paths of the files.
pub fn write(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut written = Vec::new();
    for (file, bytes) in files()? {
        let path = folder.join(file);
        fs::create_dir_all(path.parent().context("a file is in a folder")?)?;
        fs::write(&path, bytes).with_context(|| path.display().to_string())?;
        written.push(path);
    }
    Ok(written)
}

/// What is installed, by its path in the program's folder.
fn files() -> Result<Vec<(PathBuf, Vec<u8>)>> {
    let mut files = vec![(PathBuf::from(MEZ), mez::build()?)];
    let tableau = project::root()?.join("installer/tableau");
    for name in TABLEAU {
        let path = tableau.join(name);
        let bytes = fs::read(&path).with_context(|| path.display().to_string())?;
        files.push((Path::new("tableau").join(name), bytes));
    }
    Ok(files)
}

/// The connector for Power BI.
const MEZ: &str = "powerbi/TrinoOdbc.mez";

/// The customization for Tableau's generic connector, and a connector.
const TABLEAU: [&str; 7] = [
    "trino-odbc.tdc",
    "trino_odbc/manifest.xml",
    "trino_odbc/connectionFields.xml",
    "trino_odbc/connectionMetadata.xml",
    "trino_odbc/connectionResolver.tdr",
    "trino_odbc/connectionBuilder.js",
    "trino_odbc/dialect.tdd",
];

const USAGE: &str = "\
cargo xtask bi [--output FOLDER]
    the connector for Power BI (powerbi/TrinoOdbc.mez), and Tableau's customization and connector (tableau)
cargo xtask bi --schemas FOLDER
    validates Tableau's files by the schemas of its connector-plugin-sdk (the .xsd files of its folder
    `validation`), which are not part of the project";
