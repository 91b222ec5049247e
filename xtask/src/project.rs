//! The project's own places: its root, its build folder, the built driver.

use std::env;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};

/// The root of the working copy.
pub fn root() -> Result<PathBuf> {
    // Set by `cargo run`; what was there at build time is for who starts the program directly.
    let package =
        env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    let root = PathBuf::from(package);
    Ok(root
        .parent()
        .context("the package is not inside the project")?
        .to_path_buf())
}

/// The Cargo that runs this.
pub fn cargo() -> Result<Command> {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root()?);
    Ok(command)
}

/// The driver, optimised, built anew unless [`LIBRARY`] names one; its absolute path.
pub fn driver() -> Result<PathBuf> {
    if let Some(library) = env::var_os(LIBRARY).map(PathBuf::from) {
        return library
            .canonicalize()
            .with_context(|| format!("{LIBRARY} is {}", library.display()));
    }
    println!("building the driver");
    let status = cargo()?
        .args([
            "build",
            "--profile",
            QUICK,
            "--package",
            "trino-odbc",
            "--lib",
        ])
        .status()?;
    if !status.success() {
        bail!("the driver does not build");
    }
    let name = format!(
        "{}trinoodbc{}",
        env::consts::DLL_PREFIX,
        env::consts::DLL_SUFFIX
    );
    let library = target_folder()?.join(QUICK).join(name);
    ensure!(library.is_file(), "the build left no {}", library.display());
    Ok(library)
}

/// The profile that is optimised and built in a fraction of the time that the released one takes.
const QUICK: &str = "quick";

/// The command `trino-odbc`, built anew without optimisation; its absolute path.
pub fn command() -> Result<PathBuf> {
    let status = cargo()?
        .args(["build", "--package", "trino-odbc-command"])
        .status()?;
    ensure!(status.success(), "the command trino-odbc does not build");
    let name = format!("trino-odbc{}", env::consts::EXE_SUFFIX);
    Ok(target_folder()?.join("debug").join(name))
}

/// Where Cargo builds.
pub fn target_folder() -> Result<PathBuf> {
    let output = cargo()?
        .args([
            "metadata",
            "--format-version",
            "1",
            "--no-deps",
            "--offline",
        ])
        .stderr(Stdio::inherit())
        .output()?;
    let metadata: serde_json::Value =
        serde_json::from_slice(&output.stdout).context("cargo metadata")?;
    let folder = metadata["target_directory"]
        .as_str()
        .context("cargo metadata names no folder")?;
    Ok(PathBuf::from(folder))
}

/// The environment variable that names the driver to test.
pub const LIBRARY: &str = "TRINO_ODBC_LIBRARY";

/// The environment variable that names the command to test.
pub const COMMAND: &str = "TRINO_ODBC_COMMAND";
