//! `cargo xtask dist`: what users install on Linux, with the lists of its parts and the checksums.

mod archive;
mod build;
mod elf;
mod packages;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;

pub use archive::pack as archive_of;
use build::Files;
pub use build::{Optimisation, Processor, WITH_SYMBOLS, build, environment, require, split};
use packages::Format;
pub use packages::stand_in;

use crate::parts::Part;
use crate::wheel::{self, Contents};
use crate::{parts, program, project};

/// Runs `cargo xtask dist`.
pub fn run(parser: &mut lexopt::Parser) -> Result<ExitCode> {
    let mut output = project::target_folder()?.join("dist");
    let (mut processors, mut optimisation) = (Vec::new(), Optimisation::Release);
    while let Some(argument) = parser.next()? {
        match argument {
            lexopt::Arg::Long("output") => output = parser.value()?.into(),
            lexopt::Arg::Long("processor") => {
                processors.push(Processor::parse(&parser.value()?.to_string_lossy())?);
            }
            lexopt::Arg::Long("debug") => optimisation = Optimisation::None,
            lexopt::Arg::Long("help") => {
                println!("{USAGE}");
                return Ok(ExitCode::SUCCESS);
            }
            other => return Err(other.unexpected().into()),
        }
    }
    if processors.is_empty() {
        processors = Processor::ALL.to_vec();
    }
    require(&processors)?;
    fs::create_dir_all(&output)?;
    let output = output.canonicalize()?;
    let mut made = Vec::new();
    for processor in processors {
        let files = build(processor, optimisation)?;
        made.extend(pack(&files, VERSION, &output)?);
    }
    parts::write_sums(&output)?;
    for file in made {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let size = megabytes(fs::metadata(&file)?.len());
        println!("{size:>7.1} MB  {name}");
    }
    println!("in {}, with SHA256SUMS", output.display());
    Ok(ExitCode::SUCCESS)
}

/// Makes all packages of what was built for one processor, and the list of its parts.
pub fn pack(files: &Files, version: &str, output: &Path) -> Result<Vec<PathBuf>> {
    let parts = parts::of_targets(&[files.processor.triple()])?;
    let stage = stage(files, &parts)?;
    let mut made = Vec::new();
    for format in Format::ALL {
        made.push(packages::build(
            format,
            files.processor,
            stage.path(),
            version,
            output,
        )?);
    }
    made.push(archive::build(
        files.processor,
        stage.path(),
        version,
        output,
    )?);
    let staged = |name: &str| stage.path().join(name);
    made.push(wheel::build(
        &Contents {
            library: &staged("lib/libtrinoodbc.so"),
            command: &staged("bin/trino-odbc"),
            licences: &[staged("LICENSE"), staged("THIRD-PARTY-LICENSES.txt")],
        },
        version,
        &files.processor.wheel_platform(),
        output,
    )?);
    if let Some(symbols) = archive::symbols(files, version, output)? {
        made.push(symbols);
    }
    let list = output.join(format!(
        "{}.cdx.json",
        archive::name(files.processor, version)
    ));
    fs::write(&list, parts::bill_of_materials(&parts, version)?)?;
    made.push(list);
    Ok(made)
}

/// A folder with what the packages contain: `bin`, `lib`, manual pages, completions, the licences, and the registration's template for each format.
fn stage(files: &Files, parts: &[Part]) -> Result<TempDir> {
    let folder = tempfile::Builder::new()
        .prefix("trino-odbc-dist-")
        .tempdir()?;
    let copy = |from: &Path, to: &str| -> Result<()> {
        let to = folder.path().join(to);
        fs::create_dir_all(to.parent().context("a file stands in a folder")?)?;
        fs::copy(from, to)
            .map(drop)
            .with_context(|| from.display().to_string())
    };
    copy(&files.library, "lib/libtrinoodbc.so")?;
    copy(&files.command, "bin/trino-odbc")?;
    copy(&project::root()?.join("LICENSE"), "LICENSE")?;
    for name in ["odbc.ini.example", "README.txt"] {
        copy(&packages::sources()?.join(name), name)?;
    }
    write_manuals(&files.command_for_this_machine()?, folder.path())?;
    fs::write(
        folder.path().join("THIRD-PARTY-LICENSES.txt"),
        parts::licences(parts, "\n")?,
    )?;
    for format in Format::ALL {
        let place = folder.path().join(format.name());
        fs::create_dir(&place)?;
        fs::write(place.join("odbcinst.ini"), format.template(files.processor))?;
    }
    Ok(folder)
}

/// Has the command write its manual pages into `man`, compressed, and its completions into `completions`.
fn write_manuals(command: &Path, folder: &Path) -> Result<()> {
    let pages = folder.join("man");
    fs::create_dir(&pages)?;
    program::run_quietly(Command::new(command).args(["man", "--output"]).arg(&pages))?;
    // Without the time and the name, the same page gives the same bytes.
    let mut gzip = Command::new("gzip");
    gzip.args(["-9", "--no-name"]);
    for page in fs::read_dir(&pages)? {
        gzip.arg(page?.path());
    }
    program::run_quietly(&mut gzip)?;
    let completions = folder.join("completions");
    fs::create_dir(&completions)?;
    for (shell, name) in COMPLETIONS {
        let output = Command::new(command)
            .args(["completions", shell])
            .output()?;
        ensure!(
            output.status.success() && !output.stdout.is_empty(),
            "the command prints no completions for {shell}"
        );
        fs::write(completions.join(name), output.stdout)?;
    }
    Ok(())
}

/// Shells, and the file's name that each looks for.
const COMPLETIONS: [(&str, &str); 3] = [
    ("bash", "trino-odbc"),
    ("fish", "trino-odbc.fish"),
    ("zsh", "_trino-odbc"),
];

#[expect(clippy::cast_precision_loss, reason = "printed with one digit")]
fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

pub const VERSION: &str = env!("CARGO_PKG_VERSION");

const USAGE: &str = "\
cargo xtask dist [--processor x86_64|aarch64]... [--output FOLDER] [--debug]
    .deb, .rpm, .tar.gz and the Python wheel for Linux with glibc 2.28 or newer, the debug symbols, the lists of parts (CycloneDX) and
    the checksums, in target/dist. Without --processor for both: those for aarch64 are not run by any test.
    --debug packages what is built without optimisation, which takes less time";
