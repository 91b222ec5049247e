//! The packages for Linux: installed, used, upgraded and removed in a clean root.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::runner::{Count, count};
use crate::demo;
use crate::dist::{self, Processor};
use crate::lab::Facts;
use crate::{cache, debian, project};

/// Makes sure that packages can be built and installed.
pub fn require() -> Result<()> {
    debian::require("packages are installed")?;
    dist::require(&[PROCESSOR])?;
    prepare_root().map(drop)
}

/// Builds packages of two versions, and tests each kind of package in a separate copy of the root.
pub fn run(facts: &Facts) -> Result<Count> {
    let files = dist::build(PROCESSOR, dist::Optimisation::None)?;
    let folder = tempfile::Builder::new()
        .prefix("trino-odbc-packages-")
        .tempdir()?;
    for (name, version) in [("1", dist::VERSION), ("2", HIGHER)] {
        let place = folder.path().join(name);
        fs::create_dir(&place)?;
        for package in dist::pack(&files, version, &place)? {
            let file = package.file_name().unwrap_or_default().to_string_lossy();
            for (ending, to) in NAMES {
                if file.ends_with(ending) && !file.contains("debug") {
                    fs::rename(&package, place.join(to))?;
                }
            }
        }
    }
    let tests = project::root()?.join("tests/packages");
    dist::stand_in(PROCESSOR, &tests.join("manager.yaml"), folder.path())?;
    write_data_sources(facts, folder.path())?;
    let mut total = Count::default();
    for script in SCRIPTS {
        println!("--- {script}");
        for name in ["common.sh", script] {
            fs::copy(tests.join(name), folder.path().join(name)).context(name)?;
        }
        let work = folder.path().join("work");
        fs::create_dir_all(&work)?;
        let mut command = Command::new("unshare");
        command
            .args(["--mount", "--propagation", "private"])
            .args(["sh", "-c", ENTER, "sh"])
            .arg(prepare_root()?)
            .arg(folder.path())
            .arg(work)
            .arg(script);
        total += count(&mut command, of_claim)?;
    }
    Ok(total)
}

/// Data sources of the server that name the driver, and the driver that ours takes the place of.
fn write_data_sources(facts: &Facts, folder: &Path) -> Result<()> {
    let mut text = String::new();
    for (name, driver) in [("Mine", "Trino"), ("DropIn", "Starburst ODBC Driver")] {
        writeln!(text, "[{name}]\nDriver = {driver}")?;
        for (keyword, value) in demo::keywords(facts) {
            // Authorities are files of this machine.
            let value = if keyword.ends_with("TrustStore") {
                fs::copy(&value, folder.join(format!("{keyword}.pem"))).context(value)?;
                format!("/packages/{keyword}.pem")
            } else {
                value
            };
            writeln!(text, "{keyword} = {value}")?;
        }
    }
    fs::write(folder.join("odbc.ini"), text)?;
    Ok(())
}

/// A Debian with the Driver Manager and rpm, made if the cache has none.
fn prepare_root() -> Result<PathBuf> {
    let name = format!("packages-{RELEASE}-{REVISION}");
    let folder = cache::made(&name, "preparing a root for packages", |folder| {
        debian::bootstrap(&folder.join(ROOT), RELEASE, PACKAGES)
    })?;
    Ok(folder.join(ROOT))
}

/// `passed: the command runs`
fn of_claim(line: &str) -> Option<Count> {
    match line.split_once(": ")?.0 {
        "passed" => Some(Count::PASSED),
        "failed" => Some(Count::FAILED),
        _ => None,
    }
}

/// What this machine runs.
const PROCESSOR: Processor = if cfg!(target_arch = "aarch64") {
    Processor::Aarch64
} else {
    Processor::X86_64
};

/// Where the root is in the folder that is kept.
const ROOT: &str = "root";

const RELEASE: &str = "trixie";
const PACKAGES: &str = "unixodbc,odbcinst,rpm";

/// Counts what this file puts into the folder.
const REVISION: u32 = 1;

/// A version that is newer than all others.
const HIGHER: &str = "99.0.0";

const SCRIPTS: [&str; 3] = ["deb.sh", "rpm.sh", "archive.sh"];

/// How the names of packages end, and what the scripts call them.
const NAMES: [(&str, &str); 3] = [
    (".deb", "trino-odbc.deb"),
    (".rpm", "trino-odbc.rpm"),
    (".tar.gz", "archive.tar.gz"),
];

/// Enters the root in which a script writes to memory only, so that nothing of it stays.
const ENTER: &str = r#"
set -e
base=$1 packages=$2 work=$3 script=$4
mount -t tmpfs tmpfs "$work"
mkdir "$work/upper" "$work/work" "$work/root"
mount -t overlay -o "lowerdir=$base,upperdir=$work/upper,workdir=$work/work" overlay "$work/root"
root=$work/root
for part in /proc /sys /dev; do
    mount --rbind "$part" "$root$part"
done
mkdir "$root/packages"
mount --bind "$packages" "$root/packages"
exec chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 HOME=/root sh "/packages/$script"
"#;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn claims_are_counted() {
        assert_eq!(of_claim("passed: the command runs"), Some(Count::PASSED));
        assert_eq!(of_claim("failed: nothing is left"), Some(Count::FAILED));
        assert_eq!(of_claim("    passed: in the output of a claim"), None);
    }
}
