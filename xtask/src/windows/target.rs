//! The targets of Windows: what Cargo needs to build for them and to run what it built.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, ensure};

use super::wine;
use crate::{dist, project, registration, rustup};

/// A processor of Windows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    X64,
    X86,
}

impl Target {
    pub const ALL: [Self; 2] = [Self::X64, Self::X86];

    pub fn triple(self) -> &'static str {
        match self {
            Self::X64 => "x86_64-pc-windows-gnu",
            Self::X86 => "i686-pc-windows-gnu",
        }
    }

    /// The compiler of MinGW, which links.
    pub fn linker(self) -> &'static str {
        match self {
            Self::X64 => "x86_64-w64-mingw32-gcc",
            Self::X86 => "i686-w64-mingw32-gcc",
        }
    }

    /// Cargo, set up to build for this target and to run its programs under Wine.
    pub fn cargo(self, subcommand: &str) -> Result<Command> {
        let mut command = project::cargo()?;
        command.args([subcommand, "--target", self.triple()]);
        let prefix = self.triple().to_uppercase().replace('-', "_");
        command.env(format!("CARGO_TARGET_{prefix}_LINKER"), self.linker());
        wine::set_runner(&mut command, &format!("CARGO_TARGET_{prefix}_RUNNER"), self)?;
        if self == Self::X86 {
            // A trace of the stack crashes in the 32-bit Wine, and with it a test that expects a panic.
            command.env("RUST_BACKTRACE", "0");
        }
        Ok(command)
    }

    /// Builds the driver as [`NARROW`] has it; its absolute path.
    pub fn driver(self) -> Result<PathBuf> {
        self.build(&["--lib", "--package", "trino-odbc", "--features", NARROW])?;
        Ok(self.folder()?.join("trinoodbc.dll"))
    }

    /// Builds the command `trino-odbc`; its absolute path.
    pub fn command(self) -> Result<PathBuf> {
        self.build(&["--package", "trino-odbc-command"])?;
        Ok(self.folder()?.join("trino-odbc.exe"))
    }

    /// Builds what these arguments name.
    pub fn build(self, arguments: &[&str]) -> Result<()> {
        let mut command = self.cargo("build")?;
        let status = command.args(arguments).envs(dist::WITH_SYMBOLS).status()?;
        let triple = self.triple();
        ensure!(status.success(), "the build for {triple} failed");
        Ok(())
    }

    /// The folder of what is built without optimisation.
    pub fn folder(self) -> Result<PathBuf> {
        Ok(project::target_folder()?.join(self.triple()).join("debug"))
    }
}

/// The feature with which the DLL exports narrow functions too. Wine's Driver Manager serves the narrow calls of an
/// application with a driver's narrow functions alone.
const NARROW: &str = "narrow-exports";

/// Makes sure that programs for both targets can be built.
pub fn require() -> Result<()> {
    let compilers = [
        (Target::X64.linker(), "gcc-mingw-w64-x86-64"),
        (Target::X86.linker(), "gcc-mingw-w64-i686"),
    ];
    registration::require_installed(&compilers)?;
    rustup::require_targets(&Target::ALL.map(Target::triple))
}
