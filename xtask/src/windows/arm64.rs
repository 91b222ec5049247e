//! `cargo xtask windows arm64`: the library for Windows on ARM64, linked by Zig. Nothing here can run it.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;

use crate::dist::{self, Optimisation};
use crate::{parts, program, project, registration, rustup};

/// Runs `cargo xtask windows arm64`.
pub fn run(parser: &mut lexopt::Parser) -> Result<ExitCode> {
    let mut output = project::target_folder()?.join("dist");
    let mut optimisation = Optimisation::Release;
    while let Some(argument) = parser.next()? {
        match argument {
            lexopt::Arg::Long("output") => output = parser.value()?.into(),
            lexopt::Arg::Long("debug") => optimisation = Optimisation::None,
            lexopt::Arg::Long("help") => {
                println!("{USAGE}");
                return Ok(ExitCode::SUCCESS);
            }
            other => return Err(other.unexpected().into()),
        }
    }
    registration::require_installed(&[("llvm-rc", "llvm"), ("llvm-readobj", "llvm")])?;
    rustup::require_targets(&[TARGET])?;
    fs::create_dir_all(&output)?;
    let library = build(optimisation)?;
    check(&library)?;
    let kept = output.join(format!(
        "trinoodbc-{}-windows-arm64.dll",
        env!("CARGO_PKG_VERSION")
    ));
    fs::copy(&library, &kept).with_context(|| library.display().to_string())?;
    parts::write_sums(&output)?;
    println!("{}", kept.display());
    Ok(ExitCode::SUCCESS)
}

fn build(optimisation: Optimisation) -> Result<PathBuf> {
    let python = dist::environment()?;
    let zig = python.parent().context("python is in a folder")?;
    let tools = Tools::new(&python)?;
    let mut command = project::cargo()?;
    program::prefer(&mut command, &[tools.folder.path(), zig])?;
    command
        .args(["zigbuild", "--locked", "--target", TARGET])
        .args(["--package", "trino-odbc", "--lib"])
        .args(optimisation.arguments())
        .env(
            "CARGO_TARGET_AARCH64_PC_WINDOWS_GNULLVM_LINKER",
            tools.linker(),
        );
    ensure!(command.status()?.success(), "the build for {TARGET} failed");
    let built = project::target_folder()?.join(TARGET);
    Ok(built.join(optimisation.folder()).join("trinoodbc.dll"))
}

/// Programs under the names by which the build calls them.
struct Tools {
    folder: TempDir,
}

impl Tools {
    fn new(python: &Path) -> Result<Self> {
        let folder = tempfile::Builder::new()
            .prefix("trino-odbc-arm64-")
            .tempdir()?;
        // LLVM's compiler of resources takes the target from the name that it is called by, and stands beside the others.
        let known = program::find("llvm-rc").context("llvm-rc is missing")?;
        let resources = known.canonicalize()?.with_file_name("llvm-windres");
        ensure!(
            resources.is_file(),
            "there is no {}: install llvm 14 or newer",
            resources.display()
        );
        symlink(resources, folder.path().join("aarch64-w64-mingw32-windres"))?;
        let tools = Self { folder };
        let script = LINKER.replace("@PYTHON@", &python.display().to_string());
        fs::write(tools.linker(), script)?;
        fs::set_permissions(tools.linker(), fs::Permissions::from_mode(0o755))?;
        Ok(tools)
    }

    fn linker(&self) -> PathBuf {
        self.folder.path().join("zigcc")
    }
}

/// Makes sure that a Driver Manager finds the driver and the ODBC Administrator its setup.
fn check(library: &Path) -> Result<()> {
    let output = Command::new("llvm-readobj")
        .args(["--file-headers", "--coff-exports"])
        .arg(library)
        .output()?;
    let shown = String::from_utf8_lossy(&output.stdout);
    for wanted in [
        "IMAGE_FILE_MACHINE_ARM64",
        "Name: SQLDriverConnectW",
        "Name: SQLFetch",
        "Name: ConfigDSNW",
    ] {
        ensure!(
            shown.contains(wanted),
            "{} has no {wanted}",
            library.display()
        );
    }
    Ok(())
}

const TARGET: &str = "aarch64-pc-windows-gnullvm";

/// Rust hands the list of exports over as an option of the linker, which Zig's ignores, and then exports everything. As an
/// input it counts.
const LINKER: &str = r#"#!/bin/sh
export CARGO_ZIGBUILD_ZIG_COMMAND='@PYTHON@' CARGO_ZIGBUILD_ZIG_COMMAND_ARGS='-m ziglang'
for argument in "$@"; do
    shift
    case $argument in
        -Wl,*.def) argument=${argument#-Wl,} ;;
    esac
    set -- "$@" "$argument"
done
exec cargo-zigbuild zig cc -- -fno-sanitize=all -target aarch64-windows-gnu "$@"
"#;

const USAGE: &str = "\
cargo xtask windows arm64 [--output FOLDER] [--debug]
    the library for Windows on ARM64, in target/dist. It was never run. --debug builds without optimisation";
