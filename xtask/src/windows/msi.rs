//! `cargo xtask windows msi`: the installer package, what it is made of, and its checksums.

mod round_trip;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::{env, fs};

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;

use super::target::{self, Target};
use super::wine;
use crate::test::Count;
use crate::{bi, dist, parts, program, project, registration};

/// Runs `cargo xtask windows msi`.
pub fn run(parser: &mut lexopt::Parser) -> Result<ExitCode> {
    let mut output = project::target_folder()?.join("dist");
    let (mut files, mut debug, mut test) = (None, false, false);
    while let Some(argument) = parser.next()? {
        match argument {
            lexopt::Arg::Long("output") => output = parser.value()?.into(),
            lexopt::Arg::Long("files") => files = Some(PathBuf::from(parser.value()?)),
            lexopt::Arg::Long("debug") => debug = true,
            lexopt::Arg::Long("test") => test = true,
            lexopt::Arg::Long("help") => {
                println!("{USAGE}");
                return Ok(ExitCode::SUCCESS);
            }
            other => return Err(other.unexpected().into()),
        }
    }
    require()?;
    let staged = stage()?;
    let files = match files {
        Some(files) => files.canonicalize()?,
        None => {
            target::require()?;
            build(debug || test, staged.path())?;
            staged.path().to_owned()
        }
    };
    if test {
        wine::require()?;
        return round_trip::run(&files).map(|()| ExitCode::SUCCESS);
    }
    let package = package(&files, env!("CARGO_PKG_VERSION"), &output)?;
    println!("{}", package.display());
    Ok(ExitCode::SUCCESS)
}

/// Installs, upgrades, repairs and removes packages of what is built now.
pub fn test() -> Result<Count> {
    require()?;
    let staged = stage()?;
    build(true, staged.path())?;
    round_trip::run(staged.path())?;
    Ok(Count::PASSED)
}

fn require() -> Result<()> {
    registration::require_installed(&[("wixl", "wixl"), ("msibuild", "msitools")])
}

fn stage() -> Result<TempDir> {
    let mut builder = tempfile::Builder::new();
    Ok(builder.prefix("trino-odbc-msi-").tempdir()?)
}

/// Builds the libraries and the command into the folder, each for its processor.
fn build(debug: bool, folder: &Path) -> Result<()> {
    for target in Target::ALL {
        let mut arguments = vec!["--package", "trino-odbc", "--package", "trino-odbc-command"];
        arguments.extend(["--lib", "--bins"]);
        arguments.extend((!debug).then_some("--release"));
        target.build(&arguments)?;
        let profile = if debug { "debug" } else { "release" };
        let built = project::target_folder()?
            .join(target.triple())
            .join(profile);
        let place = folder.join(folder_of(target));
        fs::create_dir_all(&place)?;
        for name in files_of(target) {
            let (file, symbols) = dist::split(&built.join(name))
                .with_context(|| format!("{} of {}", name, target.triple()))?;
            fs::copy(file, place.join(name))?;
            fs::copy(symbols, place.join(symbols_of(name)))?;
        }
    }
    Ok(())
}

/// Makes the package of the built files, and beside it the list of its parts and the checksums.
fn package(files: &Path, version: &str, output: &Path) -> Result<PathBuf> {
    fs::create_dir_all(output)?;
    let output = output.canonicalize()?;
    let certificate = Certificate::of_environment()?;
    if certificate.is_none() {
        println!("not signed: {CERTIFICATE} names no certificate");
    }
    let staged = stage()?;
    for target in Target::ALL {
        let folder = staged.path().join(folder_of(target));
        fs::create_dir_all(&folder)?;
        for name in files_of(target) {
            let (from, to) = (files.join(folder_of(target)).join(name), folder.join(name));
            match &certificate {
                Some(certificate) => certificate.sign(&from, &to)?,
                None => fs::copy(&from, &to)
                    .map(drop)
                    .with_context(|| from.display().to_string())?,
            }
        }
    }
    fs::copy(
        project::root()?.join("LICENSE"),
        staged.path().join("LICENSE.txt"),
    )?;
    let parts = parts::of_targets(&Target::ALL.map(Target::triple))?;
    fs::write(
        staged.path().join("THIRD-PARTY-LICENSES.txt"),
        parts::licences(&parts, "\r\n")?,
    )?;
    bi::write(staged.path())?;

    let name = format!("trino-odbc-{version}.msi");
    let unsigned = staged.path().join("unsigned.msi");
    program::run_quietly(
        Command::new("wixl")
            .args(["--arch", "x64", "--define", &format!("VERSION={version}")])
            .arg("--output")
            .arg(&unsigned)
            .arg(project::root()?.join("installer/windows/trino-odbc.wxs"))
            // wixl looks for files in the current folder alone.
            .current_dir(staged.path()),
    )?;
    for (table, wixls, ours) in CHANGES {
        change(&unsigned, table, wixls, ours)?;
    }
    let package = output.join(&name);
    match &certificate {
        Some(certificate) => certificate.sign(&unsigned, &package)?,
        None => fs::copy(&unsigned, &package).map(drop)?,
    }
    pack_symbols(files, version, &output)?;
    let list = format!("trino-odbc-{version}.cdx.json");
    fs::write(
        output.join(&list),
        parts::bill_of_materials(&parts, version)?,
    )?;
    parts::write_sums(&output)?;
    Ok(package)
}

/// Makes the archive of the debug symbols, if they were built.
fn pack_symbols(files: &Path, version: &str, output: &Path) -> Result<()> {
    let mut found = Vec::new();
    for target in Target::ALL {
        for name in files_of(target) {
            let path = Path::new(folder_of(target)).join(symbols_of(name));
            if files.join(&path).is_file() {
                found.push(path);
            }
        }
    }
    if found.is_empty() {
        return Ok(());
    }
    let name = format!("trino-odbc-{version}-windows-debug");
    let entries: Vec<_> = found.iter().map(|path| path.as_os_str()).collect();
    let archive = output.join(format!("{name}.tar.gz"));
    dist::archive_of(&archive, files, &name, &entries)
}

fn symbols_of(name: &str) -> String {
    format!("{name}.debug")
}

fn folder_of(target: Target) -> &'static str {
    match target {
        Target::X64 => "x64",
        Target::X86 => "x86",
    }
}

fn files_of(target: Target) -> &'static [&'static str] {
    match target {
        Target::X64 => &["trinoodbc.dll", "trino-odbc.exe"],
        Target::X86 => &["trinoodbc.dll"],
    }
}

/// A certificate for signing code, with its key.
struct Certificate {
    file: PathBuf,
    password: Option<PathBuf>,
    timestamp: Option<String>,
}

impl Certificate {
    fn of_environment() -> Result<Option<Self>> {
        let Some(file) = env::var_os(CERTIFICATE).filter(|file| !file.is_empty()) else {
            return Ok(None);
        };
        registration::require_installed(&[("osslsigncode", "osslsigncode")])?;
        Ok(Some(Self {
            file: file.into(),
            password: env::var_os(PASSWORD).map(PathBuf::from),
            timestamp: env::var(TIMESTAMP).ok(),
        }))
    }

    fn sign(&self, from: &Path, to: &Path) -> Result<()> {
        let mut command = Command::new("osslsigncode");
        command.args([
            "sign",
            "-h",
            "sha256",
            "-n",
            "ODBC driver for Trino",
            "-pkcs12",
        ]);
        command.arg(&self.file);
        if let Some(password) = &self.password {
            command.arg("-readpass").arg(password);
        }
        if let Some(server) = &self.timestamp {
            command.args(["-ts", server]);
        }
        program::run_quietly(command.arg("-in").arg(from).arg("-out").arg(to))
    }
}

/// Replaces a text in a table of the package.
fn change(package: &Path, table: &str, from: &str, to: &str) -> Result<()> {
    let output = Command::new("msiinfo")
        .arg("export")
        .arg(package)
        .arg(table)
        .output()?;
    let text = String::from_utf8(output.stdout)?;
    ensure!(text.contains(from), "wixl's table {table} lacks {from:?}");
    let file = package.with_extension("idt");
    fs::write(&file, text.replace(from, to))?;
    program::run_quietly(Command::new("msibuild").arg(package).arg("-i").arg(file))
}

/// What wixl cannot say: a package of the same version replaces the installed one, and the service that installs takes the
/// name of the driver from the command line. A table, a text that wixl writes, and ours.
const CHANGES: [(&str, &str, &str); 2] = [
    (
        "Upgrade",
        "\t1\t\tWIX_UPGRADE_DETECTED",
        "\t513\t\tWIX_UPGRADE_DETECTED",
    ),
    (
        "Property",
        "SecureCustomProperties\t",
        "SecureCustomProperties\tDRIVERNAME;",
    ),
];

const CERTIFICATE: &str = "TRINO_ODBC_SIGN_CERTIFICATE";
const PASSWORD: &str = "TRINO_ODBC_SIGN_PASSWORD_FILE";
const TIMESTAMP: &str = "TRINO_ODBC_SIGN_TIMESTAMP";

const USAGE: &str = "\
cargo xtask windows msi [--output FOLDER] [--debug] [--files FOLDER]
    the installer package with both libraries and the command, the list of its parts and the checksums.
    --files takes the libraries and the command from there (x64, x86) instead of building them.
    TRINO_ODBC_SIGN_CERTIFICATE names a PKCS #12 file to sign all of them with,
    TRINO_ODBC_SIGN_PASSWORD_FILE a file with its password, TRINO_ODBC_SIGN_TIMESTAMP the address of a
    time-stamp server
cargo xtask windows msi --test [--files FOLDER]
    installs, upgrades, repairs and removes packages of unoptimised files under Wine";
