//! The library and the command for Linux, linked against an old glibc, with their debug symbols apart.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use anyhow::{Context, Result, ensure};

use super::elf;
use crate::{program, project, python, rustup, tool};

/// A processor of Linux.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Processor {
    X86_64,
    Aarch64,
}

/// How fast what is built runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Optimisation {
    /// As users get it.
    Release,
    /// Builds in a fraction of the time: for tests of what is around the driver.
    None,
}

impl Optimisation {
    /// What Cargo is told.
    pub fn arguments(self) -> &'static [&'static str] {
        match self {
            Self::Release => &["--release"],
            Self::None => &["--config", "profile.dev.package.'*'.opt-level=0"],
        }
    }

    /// Where Cargo leaves what it builds.
    pub fn folder(self) -> &'static str {
        match self {
            Self::Release => "release",
            Self::None => "debug",
        }
    }
}

/// What was built for a processor.
pub struct Files {
    pub processor: Processor,
    pub library: PathBuf,
    pub command: PathBuf,
    /// The debug symbols of both.
    pub symbols: Vec<PathBuf>,
}

impl Processor {
    pub const ALL: [Self; 2] = [Self::X86_64, Self::Aarch64];

    pub fn parse(name: &str) -> Result<Self> {
        Self::ALL
            .into_iter()
            .find(|processor| processor.name() == name)
            .with_context(|| format!("no packages are built for {name}"))
    }

    /// Its name in the names of archives, and for rpm.
    pub fn name(self) -> &'static str {
        match self {
            Self::X86_64 => "x86_64",
            Self::Aarch64 => "aarch64",
        }
    }

    /// Its name for dpkg, which nfpm understands for rpm, too.
    pub fn debian(self) -> &'static str {
        match self {
            Self::X86_64 => "amd64",
            Self::Aarch64 => "arm64",
        }
    }

    /// The folder of its libraries on Debian.
    pub fn multiarch(self) -> &'static str {
        match self {
            Self::X86_64 => "x86_64-linux-gnu",
            Self::Aarch64 => "aarch64-linux-gnu",
        }
    }

    /// The tag of Python wheels for the systems that the packages are for.
    pub fn wheel_platform(self) -> String {
        format!("manylinux_{}_{}", GLIBC.replace('.', "_"), self.name())
    }

    /// Rust's target.
    pub fn triple(self) -> &'static str {
        match self {
            Self::X86_64 => "x86_64-unknown-linux-gnu",
            Self::Aarch64 => "aarch64-unknown-linux-gnu",
        }
    }
}

impl Files {
    /// The command that this machine can run: the one that was built, or one that is built for it.
    pub fn command_for_this_machine(&self) -> Result<PathBuf> {
        if env::consts::OS == "linux" && env::consts::ARCH == self.processor.name() {
            return Ok(self.command.clone());
        }
        project::command()
    }
}

/// Makes sure that programs for these processors can be built.
pub fn require(processors: &[Processor]) -> Result<()> {
    let targets: Vec<_> = processors.iter().map(|it| it.triple()).collect();
    rustup::require_targets(&targets)?;
    environment().map(drop)
}

/// The `python` of the environment with the linker and what writes packages.
pub fn environment() -> Result<PathBuf> {
    python::environment_of(&project::root()?.join("installer/requirements.txt"))
}

/// Builds the library and the command. Each contains the list of its crates, which `cargo audit bin` reads.
pub fn build(processor: Processor, optimisation: Optimisation) -> Result<Files> {
    println!("building for {}", processor.triple());
    let auditable = tool::CARGO_AUDITABLE.program()?;
    let environment = environment()?;
    let programs = environment.parent().context("python is in a folder")?;
    let mut command = project::cargo()?;
    let auditable = auditable.parent().context("it is in a folder")?;
    program::prefer(&mut command, &[programs, auditable])?;
    command
        .args(["auditable", "zigbuild", "--locked"])
        .args(["--target", &format!("{}.{GLIBC}", processor.triple())])
        .args(["--package", "trino-odbc", "--package", "trino-odbc-command"])
        .args(["--lib", "--bins"])
        .args(optimisation.arguments())
        .envs(WITH_SYMBOLS)
        .env("RUSTFLAGS", without_places()?);
    let status = command.status().context("cannot run cargo")?;
    ensure!(
        status.success(),
        "the build for {} failed",
        processor.triple()
    );
    let built = project::target_folder()?
        .join(processor.triple())
        .join(optimisation.folder());
    let (library, library_symbols) = split(&built.join("libtrinoodbc.so"))?;
    let (command, command_symbols) = split(&built.join("trino-odbc"))?;
    for file in [&library, &command] {
        elf::check(file, GLIBC)?;
    }
    Ok(Files {
        processor,
        library,
        command,
        symbols: vec![library_symbols, command_symbols],
    })
}

/// Compiler flags that leave the folders of this machine out of what is built.
fn without_places() -> Result<OsString> {
    let home = env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| env::var_os("HOME").map(|home| Path::new(&home).join(".cargo")))
        .context("neither CARGO_HOME nor HOME says where the crates are")?;
    let mut flags = OsString::from("--remap-path-prefix=");
    flags.push(home);
    flags.push("=/cargo --remap-path-prefix=");
    flags.push(project::root()?);
    flags.push("=/trino-odbc");
    Ok(flags)
}

/// Writes the file without its symbols, and the symbols that it refers to, into the folder `dist` beside it.
pub fn split(file: &Path) -> Result<(PathBuf, PathBuf)> {
    let folder = file.with_file_name("dist");
    fs::create_dir_all(&folder)?;
    let name = file.file_name().context("a file has a name")?;
    let stripped = folder.join(name);
    let symbols = folder.join(format!("{}.debug", name.to_string_lossy()));
    program::run_quietly(objcopy()?.arg("--only-keep-debug").arg(file).arg(&symbols))?;
    let mut link = OsString::from("--add-gnu-debuglink=");
    link.push(&symbols);
    program::run_quietly(
        objcopy()?
            .arg("--strip-unneeded")
            .arg(link)
            .arg(file)
            .arg(&stripped),
    )?;
    Ok((stripped, symbols))
}

/// LLVM's `objcopy`, which comes with the compiler and knows the files of all processors.
fn objcopy() -> Result<Command> {
    let output = Command::new("rustc")
        .args(["--print", "target-libdir"])
        .current_dir(project::root()?)
        .output()
        .context("cannot run rustc")?;
    let libraries = PathBuf::from(String::from_utf8(output.stdout)?.trim());
    let program = libraries.with_file_name("bin").join("rust-objcopy");
    ensure!(
        program.is_file(),
        "the compiler comes without {}",
        program.display()
    );
    // It does not find the compiler's LLVM by itself.
    let compiler = libraries
        .ancestors()
        .nth(3)
        .context("the folder is in the compiler's")?;
    let mut command = Command::new(program);
    command.env("LD_LIBRARY_PATH", compiler);
    Ok(command)
}

/// Settings of Cargo with which a release has the lines for traces, until [`split`] puts them apart with the other symbols.
pub const WITH_SYMBOLS: [(&str, &str); 2] = [
    ("CARGO_PROFILE_RELEASE_DEBUG", "line-tables-only"),
    ("CARGO_PROFILE_RELEASE_STRIP", "none"),
];

/// The oldest glibc that the packages run with: that of RHEL 8 and Debian 10.
const GLIBC: &str = "2.28";
