//! The packages for dpkg and rpm, from the one description in `installer/linux/nfpm.yaml`.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::build::{self, Processor};
use crate::{program, project};

/// A kind of package.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Deb,
    Rpm,
}

impl Format {
    pub const ALL: [Self; 2] = [Self::Deb, Self::Rpm];

    pub fn name(self) -> &'static str {
        match self {
            Self::Deb => "deb",
            Self::Rpm => "rpm",
        }
    }

    /// The name of the package's file, by the rules of each.
    fn file(self, processor: Processor, version: &str) -> String {
        match self {
            Self::Deb => format!("trino-odbc_{version}_{}.deb", processor.debian()),
            Self::Rpm => format!("trino-odbc-{version}-1.{}.rpm", processor.name()),
        }
    }

    /// The driver's section of `odbcinst.ini`.
    pub fn template(self, processor: Processor) -> String {
        let library = match self {
            Self::Deb => format!("/usr/lib/{}/odbc/libtrinoodbc.so", processor.multiarch()),
            Self::Rpm => "/usr/lib64/libtrinoodbc.so".to_owned(),
        };
        let lines = TEMPLATE.lines().filter(|line| !line.starts_with('#'));
        lines
            .map(|line| line.replace("@DRIVER@", &library) + "\n")
            .collect()
    }
}

/// Makes the package of what the folder holds.
pub fn build(
    format: Format,
    processor: Processor,
    files: &Path,
    version: &str,
    output: &Path,
) -> Result<PathBuf> {
    let package = output.join(format.file(processor, version));
    let mut nfpm = nfpm(format, processor, &sources()?.join("nfpm.yaml"), &package)?;
    nfpm.env("VERSION", version)
        .env("TRIPLET", processor.multiarch())
        .env("FILES", files);
    program::run_quietly(&mut nfpm)?;
    Ok(package)
}

/// Makes the package of that description for rpm, which stands for packages that a test lacks; `manager.rpm`.
pub fn stand_in(processor: Processor, description: &Path, output: &Path) -> Result<()> {
    let package = output.join("manager.rpm");
    program::run_quietly(&mut nfpm(Format::Rpm, processor, description, &package)?)
}

fn nfpm(
    format: Format,
    processor: Processor,
    description: &Path,
    package: &Path,
) -> Result<Command> {
    let mut command = Command::new(build::environment()?.with_file_name("nfpm"));
    command
        .args(["package", "--packager", format.name(), "--config"])
        .arg(description)
        .arg("--target")
        .arg(package)
        // The description names files from there.
        .current_dir(project::root()?)
        .env("ARCH", processor.debian())
        .env("SOURCE_DATE_EPOCH", committed()?);
    Ok(command)
}

/// The folder of what the packages have beside what is built.
pub fn sources() -> Result<PathBuf> {
    Ok(project::root()?.join("installer/linux"))
}

/// When the sources were committed, in seconds since 1970: the time of all files in packages.
pub fn committed() -> Result<String> {
    if let Ok(time) = std::env::var("SOURCE_DATE_EPOCH") {
        return Ok(time);
    }
    let output = Command::new("git")
        .args(["log", "-1", "--format=%ct"])
        .current_dir(project::root()?)
        .output()
        .context("cannot run git")?;
    let time = String::from_utf8(output.stdout)?.trim().to_owned();
    ensure!(
        !time.is_empty(),
        "git knows no commit: set SOURCE_DATE_EPOCH to the seconds since 1970"
    );
    Ok(time)
}

const TEMPLATE: &str = include_str!("../../../installer/odbcinst.ini.in");
