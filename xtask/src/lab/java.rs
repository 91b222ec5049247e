//! Finds a Java that runs Trino, wherever it is installed.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};

use super::Version;
use crate::program;

/// An installed Java runtime.
#[derive(Debug, Clone)]
pub struct Java {
    /// The folder that holds `bin/java`.
    pub home: PathBuf,
    /// The major version.
    pub version: u32,
}

impl Java {
    /// The first Java that runs that version of Trino: named by the environment or found in the usual places.
    pub fn find(trino: Version) -> Result<Self> {
        let mut seen = Vec::new();
        for home in candidates() {
            let Some(version) = version_of(&home) else {
                continue;
            };
            let java = Self { home, version };
            if trino.runs_on(java.version) {
                // A server without a program that starts it is started from our source.
                if !trino.comes_as_jars() || java.program("javac").is_file() {
                    return Ok(java);
                }
                seen.push(format!("{} has no compiler", java.home.display()));
                continue;
            }
            seen.push(format!("{} is {}", java.home.display(), java.version));
        }
        let seen = if seen.is_empty() {
            "none was found".to_owned()
        } else {
            seen.join(", ")
        };
        bail!(
            "Trino {trino} needs {} ({seen}). Install it and, if it is in an unusual place, name its folder in \
             TRINO_JAVA or JAVA_HOME.",
            trino.java()
        )
    }

    /// A program of this Java.
    pub fn program(&self, name: &str) -> PathBuf {
        self.home.join("bin").join(name)
    }
}

fn candidates() -> Vec<PathBuf> {
    let mut homes = Vec::new();
    for name in ["TRINO_JAVA", "JAVA_HOME"] {
        if let Some(path) = env::var_os(name).map(PathBuf::from) {
            // Either the folder or the program in it.
            homes.push(home_of_program(&path).unwrap_or(path));
        }
    }
    if let Some(program) = program::find("java") {
        homes.extend(home_of_program(&program));
    }
    let mut folders: Vec<PathBuf> = homes
        .iter()
        .filter_map(|home| home.parent().map(Path::to_path_buf))
        .collect();
    folders.extend(["/usr/lib/jvm", "/usr/java", "/opt/java", "/opt"].map(PathBuf::from));
    folders.push("/Library/Java/JavaVirtualMachines".into());
    if let Some(user) = env::var_os("HOME").map(PathBuf::from) {
        folders.push(user.join(".sdkman/candidates/java"));
        folders.push(user.join(".jdks"));
    }
    for folder in folders {
        let Ok(entries) = fs::read_dir(folder) else {
            continue;
        };
        let mut found: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
        found.sort();
        for home in found {
            homes.push(home.join("Contents/Home"));
            homes.push(home);
        }
    }
    homes.retain(|home| home.join("bin/java").is_file());
    homes
}

/// The folder above `bin/java`, links resolved.
fn home_of_program(program: &Path) -> Option<PathBuf> {
    let program = fs::canonicalize(program)
        .ok()
        .filter(|program| program.is_file())?;
    Some(program.parent()?.parent()?.to_path_buf())
}

/// The major version, from the `release` file or else from the program itself.
fn version_of(home: &Path) -> Option<u32> {
    let release = fs::read_to_string(home.join("release")).unwrap_or_default();
    let stated = release
        .lines()
        .find_map(|line| line.strip_prefix("JAVA_VERSION="));
    if let Some(version) = stated.and_then(|text| major(text.trim_matches('"'))) {
        return Some(version);
    }
    let output = Command::new(home.join("bin/java"))
        .arg("-version")
        .output()
        .ok()?;
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    major(text.split('"').nth(1)?)
}

/// `25.0.1` is 25, `1.8.0_402` is 8.
fn major(version: &str) -> Option<u32> {
    let mut parts = version.split(['.', '-', '+', '_']).map(str::parse::<u32>);
    match parts.next()?.ok()? {
        1 => parts.next()?.ok(),
        major => Some(major),
    }
}

#[cfg(test)]
mod tests {
    use super::major;

    #[test]
    fn versions_old_and_new_have_a_major_number() {
        assert_eq!(major("25.0.1"), Some(25));
        assert_eq!(major("24"), Some(24));
        assert_eq!(major("26-ea"), Some(26));
        assert_eq!(major("1.8.0_402"), Some(8));
        assert_eq!(major("unknown"), None);
    }
}
