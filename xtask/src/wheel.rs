//! The Python wheel: the driver, its command and the package of `installer/python` in one file.
//!
//! The files of a wheel have their places in no tool's project: it is written here, as an archive with a list of its
//! files, so that the same library and command give the same wheel.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::{project, python};

/// What a wheel carries beside its Python files.
pub struct Contents<'a> {
    pub library: &'a Path,
    pub command: &'a Path,
    /// Texts for `licenses/`: the project's own and those of what is linked into the library.
    pub licences: &'a [PathBuf],
}

/// Writes the wheel into that folder, and returns its path.
///
/// `platform` is the tag of the systems that it is for: `manylinux_2_28_x86_64`, `linux_x86_64`, `win_amd64`. auditwheel
/// checks those of manylinux, and a wheel that needs a newer system is an error.
pub fn build(
    contents: &Contents<'_>,
    version: &str,
    platform: &str,
    output: &Path,
) -> Result<PathBuf> {
    let information = format!("{DISTRIBUTION}-{version}.dist-info");
    let mut archive =
        Archive::create(output.join(format!("{DISTRIBUTION}-{version}-py3-none-{platform}.whl")))?;
    let sources = project::root()?.join("installer/python");
    for source in python_files(&sources.join(DISTRIBUTION))? {
        let name = file_name(&source)?;
        archive.add(&format!("{DISTRIBUTION}/{name}"), &read(&source)?, READABLE)?;
    }
    for binary in [contents.library, contents.command] {
        let name = format!("{DISTRIBUTION}/{}", file_name(binary)?);
        archive.add(&name, &read(binary)?, EXECUTABLE)?;
    }
    let mut licences = Vec::new();
    for licence in contents.licences {
        let name = file_name(licence)?;
        archive.add(
            &format!("{information}/licenses/{name}"),
            &read(licence)?,
            READABLE,
        )?;
        licences.push(name);
    }
    let description = fs::read_to_string(sources.join("README.md"))?;
    let texts = [
        ("METADATA", metadata(version, &licences, &description)),
        ("WHEEL", wheel(platform)),
        ("entry_points.txt", ENTRY_POINTS.to_owned()),
    ];
    for (name, text) in texts {
        archive.add(&format!("{information}/{name}"), text.as_bytes(), READABLE)?;
    }
    let wheel = archive.finish(&format!("{information}/RECORD"))?;
    if platform.starts_with("manylinux") {
        check_tag(&wheel, platform)?;
    }
    Ok(wheel)
}

/// The tag of a wheel for systems like this one only.
pub fn own_platform() -> Result<String> {
    let processor = std::env::consts::ARCH;
    Ok(match std::env::consts::OS {
        "linux" => format!("linux_{processor}"),
        "windows" => "win_amd64".to_owned(),
        "macos" => format!("macosx_11_0_{}", processor.replace("aarch64", "arm64")),
        other => bail!("no wheels are made for {other}"),
    })
}

/// Lets auditwheel read which versions of the C library's symbols the binaries need.
fn check_tag(wheel: &Path, platform: &str) -> Result<()> {
    let python =
        python::environment_of(&project::root()?.join("installer/python/requirements.txt"))?;
    let output = Command::new(python)
        .args(["-m", "auditwheel", "show"])
        .arg(wheel)
        .output()
        .context("cannot run auditwheel")?;
    let shown = String::from_utf8_lossy(&output.stdout);
    let found = oldest_platform(&shown).with_context(|| {
        format!(
            "auditwheel does not read {}:\n{shown}{}",
            wheel.display(),
            String::from_utf8_lossy(&output.stderr)
        )
    })?;
    ensure!(
        glibc_of(&found).is_some_and(|needed| glibc_of(platform).is_some_and(|tag| needed <= tag)),
        "{} is not {platform}: auditwheel says {found}",
        wheel.display()
    );
    println!("auditwheel: {} is {found}", file_name(wheel)?);
    Ok(())
}

/// The tag that auditwheel reports, which stands in quotes, perhaps on a separate line.
fn oldest_platform(shown: &str) -> Option<String> {
    let (_, after) = shown.split_once("platform tag:")?;
    let mut parts = after.split('"');
    parts.next()?;
    Some(parts.next()?.split_whitespace().collect())
}

/// The version of glibc in a tag: 2.28 in `manylinux_2_28_x86_64`.
fn glibc_of(platform: &str) -> Option<(u32, u32)> {
    let mut parts = platform.strip_prefix("manylinux_")?.splitn(3, '_');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

fn metadata(version: &str, licences: &[String], description: &str) -> String {
    let mut text = format!(
        "Metadata-Version: 2.4\n\
         Name: trino-odbc\n\
         Version: {version}\n\
         Summary: ODBC driver for Trino and Starburst, with a SQLAlchemy dialect\n\
         License-Expression: Apache-2.0\n\
         Requires-Python: >=3.9\n"
    );
    for licence in licences {
        let _ = writeln!(text, "License-File: {licence}");
    }
    for (extra, packages) in EXTRAS {
        let _ = writeln!(text, "Provides-Extra: {extra}");
        for package in *packages {
            let _ = writeln!(text, "Requires-Dist: {package}; extra == \"{extra}\"");
        }
    }
    text + "Description-Content-Type: text/markdown\n\n" + description
}

fn wheel(platform: &str) -> String {
    format!(
        "Wheel-Version: 1.0\n\
         Generator: xtask\n\
         Root-Is-Purelib: false\n\
         Tag: py3-none-{platform}\n"
    )
}

fn python_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        if path.extension() == Some("py".as_ref()) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| path.display().to_string())
}

fn file_name(path: &Path) -> Result<String> {
    let name = path.file_name().and_then(|name| name.to_str());
    Ok(name.context("a file without a name")?.to_owned())
}

/// An archive in the making, with the list of its files.
struct Archive {
    zip: ZipWriter<BufWriter<File>>,
    path: PathBuf,
    record: String,
}

impl Archive {
    fn create(path: PathBuf) -> Result<Self> {
        let file = File::create(&path).with_context(|| path.display().to_string())?;
        Ok(Self {
            zip: ZipWriter::new(BufWriter::new(file)),
            path,
            record: String::new(),
        })
    }

    fn add(&mut self, name: &str, bytes: &[u8], mode: u32) -> Result<()> {
        let digest = ring::digest::digest(&ring::digest::SHA256, bytes);
        let digest = URL_SAFE_NO_PAD.encode(digest);
        let _ = writeln!(self.record, "{name},sha256={digest},{}", bytes.len());
        self.write(name, bytes, mode)
    }

    fn finish(mut self, record: &str) -> Result<PathBuf> {
        let _ = writeln!(self.record, "{record},,");
        let text = std::mem::take(&mut self.record);
        self.write(record, text.as_bytes(), READABLE)?;
        self.zip.finish()?.flush()?;
        Ok(self.path)
    }

    fn write(&mut self, name: &str, bytes: &[u8], mode: u32) -> Result<()> {
        // The same time in every file, by default the first that archives know.
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .last_modified_time(zip::DateTime::default())
            .unix_permissions(mode);
        self.zip.start_file(name, options)?;
        self.zip.write_all(bytes)?;
        Ok(())
    }
}

/// The package as Python imports it.
const DISTRIBUTION: &str = "trino_odbc";

const READABLE: u32 = 0o644;
const EXECUTABLE: u32 = 0o755;

const ENTRY_POINTS: &str = "\
[console_scripts]
trino-odbc = trino_odbc.command:main

[sqlalchemy.dialects]
trino.pyodbc = trino_odbc.dialect:TrinoPyodbcDialect
";

/// What `pip install trino-odbc[EXTRA]` installs beside.
const EXTRAS: &[(&str, &[&str])] = &[
    ("pyodbc", &["pyodbc>=5"]),
    (
        "sqlalchemy",
        &["pyodbc>=5", "sqlalchemy>=2", "trino>=0.330", "tzdata"],
    ),
    (
        "pandas",
        &["pyodbc>=5", "sqlalchemy>=2", "trino>=0.330", "pandas>=2"],
    ),
];

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    #[test]
    fn the_oldest_platform_is_read_from_what_auditwheel_shows() {
        let shown =
            "\nx.whl is consistent with the\nfollowing platform tag:\n\"manylinux_2_28_x86_64\".\n";
        assert_eq!(
            oldest_platform(shown).as_deref(),
            Some("manylinux_2_28_x86_64")
        );
        assert_eq!(glibc_of("manylinux_2_28_x86_64"), Some((2, 28)));
        assert_eq!(glibc_of("linux_x86_64"), None);
        assert!(oldest_platform("nothing").is_none());
    }

    #[test]
    fn a_wheel_lists_each_of_its_files_and_is_the_same_each_time() {
        let folder = tempfile::tempdir().expect("a folder");
        let library = folder.path().join("libtrinoodbc.so");
        let command = folder.path().join("trino-odbc");
        fs::write(&library, "library").expect("writable");
        fs::write(&command, "command").expect("writable");
        let licence = project::root().expect("a root").join("LICENSE");
        let build = || {
            let contents = Contents {
                library: &library,
                command: &command,
                licences: std::slice::from_ref(&licence),
            };
            let path = build(&contents, "1.2.3", "linux_x86_64", folder.path()).expect("a wheel");
            fs::read(path).expect("readable")
        };
        let bytes = build();
        assert_eq!(build(), bytes);
        let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).expect("an archive");
        let information = format!("{DISTRIBUTION}-1.2.3.dist-info");
        let mut record = String::new();
        archive
            .by_name(&format!("{information}/RECORD"))
            .expect("a record")
            .read_to_string(&mut record)
            .expect("text");
        for index in 0..archive.len() {
            let file = archive.by_index(index).expect("a file");
            let name = file.name().expect("text");
            let listed = |line: &str| line.split(',').next() == Some(&*name);
            assert!(record.lines().any(listed), "{name}");
            let binaries = ["trino_odbc/trino-odbc", "trino_odbc/libtrinoodbc.so"];
            let mode = file.unix_mode().map(|mode| mode & 0o777);
            let executable = binaries.contains(&&*name);
            assert_eq!(mode, Some(if executable { EXECUTABLE } else { READABLE }));
        }
        assert_eq!(record.lines().count(), archive.len());
        for name in ["trino_odbc/dialect.py", "trino_odbc/__init__.py"] {
            assert!(record.contains(&format!("{name},sha256=")), "{name}");
        }
    }
}
