//! The programs that are measured: built once a run, or fetched once into the user's cache.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};

use super::client::Client;
use crate::lab::{self, Java};
use crate::registration::{self, Registration};
use crate::{cache, program, project, python};

/// What there is to run.
pub struct Tools {
    /// The hand-made minimum; not built where many results are all that is measured.
    pub limit: Option<PathBuf>,
    /// The C program that reads through the Driver Manager.
    pub reader: PathBuf,
    /// The C program that inserts through the Driver Manager.
    pub writer: PathBuf,
    /// The C program that has many results open.
    pub many: PathBuf,
    /// The C program that lists tables and columns.
    pub catalog: PathBuf,
    /// Our driver, registered.
    pub registration: Registration,
    /// A driver that does nothing, registered.
    pub nothing: Registration,
    pub jdbc: Option<Jdbc>,
    pub python: Option<PathBuf>,
    /// Whether that environment has turbodbc, which PyPI has no binaries of for Linux.
    pub turbodbc: bool,
    pub go: Option<PathBuf>,
}

/// Trino's JDBC driver, and the program that reads with it.
pub struct Jdbc {
    pub java: Java,
    pub class_path: String,
}

impl Tools {
    /// Prepares what these clients need, in `folder`; the minimum where one of them is compared with it.
    pub fn prepare(clients: &[Client], compared: bool, folder: &Path) -> Result<Self> {
        registration::require_manager()?;
        let sources = project::root()?.join("benches/clients");
        let reader = folder.join("reader");
        compile(&sources.join("odbc/reader.c"), &reader, &["-lodbc"])?;
        let writer = folder.join("writer");
        compile(&sources.join("odbc/writer.c"), &writer, &["-lodbc"])?;
        let many = folder.join("many");
        compile(
            &sources.join("odbc/many.c"),
            &many,
            &["-lodbc", "-lpthread"],
        )?;
        let catalog = folder.join("catalog");
        compile(&sources.join("odbc/catalog.c"), &catalog, &["-lodbc"])?;
        let nothing = folder.join("libnulldrv.so");
        compile(
            &sources.join("odbc/nulldrv.c"),
            &nothing,
            &["-shared", "-fPIC"],
        )?;
        let wanted = |client| compared && clients.contains(&client);
        let python = wanted(Client::Python)
            .then(python::environment)
            .transpose()?;
        Ok(Self {
            limit: compared.then(limit).transpose()?,
            reader,
            writer,
            many,
            catalog,
            registration: Registration::new(&project::driver()?)?,
            nothing: Registration::new(&nothing)?,
            jdbc: wanted(Client::Jdbc)
                .then(|| jdbc(&sources, folder))
                .transpose()?,
            turbodbc: python.as_deref().is_some_and(has_turbodbc),
            python,
            go: wanted(Client::Go)
                .then(|| go(&sources, folder))
                .transpose()?,
        })
    }
}

fn has_turbodbc(python: &Path) -> bool {
    let mut command = Command::new(python);
    command.args(["-c", "import turbodbc"]);
    let status = command.stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}

/// Compiles a C program as a user's would be.
fn compile(source: &Path, output: &Path, arguments: &[&str]) -> Result<()> {
    let Some(compiler) = program::find("cc") else {
        bail!("no C compiler is installed (Debian, Ubuntu: gcc)");
    };
    let mut command = Command::new(compiler);
    command.args(["-O2", "-o"]).arg(output).arg(source);
    run(command.args(arguments))
}

/// Builds the hand-made minimum and finds where it is.
fn limit() -> Result<PathBuf> {
    println!("building the minimum");
    let output = project::cargo()?
        .args(["build", "--release", "--package", "trino-odbc"])
        .args(["--bench", "limit", "--message-format", "json"])
        .stderr(Stdio::inherit())
        .output()?;
    ensure!(output.status.success(), "the minimum does not build");
    String::from_utf8(output.stdout)?
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
        .filter(|message| message["target"]["name"] == "limit")
        .find_map(|message| message["executable"].as_str().map(PathBuf::from))
        .context("cargo does not say where the minimum is")
}

/// Has Maven bring the driver, and compiles the program that uses it.
fn jdbc(sources: &Path, folder: &Path) -> Result<Jdbc> {
    let java = Java::find(lab::VERSION)?;
    let library = cache::folder()?.join(format!("trino-jdbc-{JDBC}.jar"));
    if !library.is_file() {
        let Some(maven) = program::find("mvn") else {
            bail!("Maven is not installed (package `maven`); leave jdbc out with --clients");
        };
        println!("fetching trino-jdbc {JDBC} (once)");
        program::run_quietly(
            Command::new(maven)
                .args(["-q", "-B", "dependency:copy", "-Dmdep.useBaseVersion=true"])
                .arg(format!("-Dartifact=io.trino:trino-jdbc:{JDBC}"))
                .arg(format!("-DoutputDirectory={}", folder.display()))
                .current_dir(folder),
        )?;
        // Copied beside its place and renamed, so that an interrupted run leaves nothing half done.
        let part = library.with_extension("part");
        fs::copy(folder.join(format!("trino-jdbc-{JDBC}.jar")), &part)?;
        fs::rename(&part, &library)?;
    }
    run(Command::new(java.program("javac"))
        .arg("-cp")
        .arg(&library)
        .arg("-d")
        .arg(folder)
        .arg(sources.join("jdbc/Reader.java"))
        .arg(sources.join("jdbc/Writer.java")))?;
    Ok(Jdbc {
        java,
        class_path: format!("{}:{}", library.display(), folder.display()),
    })
}

fn go(sources: &Path, folder: &Path) -> Result<PathBuf> {
    let Some(go) = program::find("go") else {
        bail!("Go is not installed; leave it out with --clients");
    };
    let reader = folder.join("go-reader");
    run(Command::new(go)
        .args(["build", "-o"])
        .arg(&reader)
        .arg(".")
        .current_dir(sources.join("go")))?;
    Ok(reader)
}

fn run(command: &mut Command) -> Result<()> {
    let name = command.get_program().to_owned();
    let status = command
        .status()
        .with_context(|| format!("cannot run {}", name.display()))?;
    ensure!(status.success(), "{} ended with {status}", name.display());
    Ok(())
}

/// The newest version published.
pub const JDBC: &str = "484";
