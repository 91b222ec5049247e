//! Trino servers on this machine: fetched once by Maven into the user's cache.
//!
//! The whole server is published as an archive up to [`VERSION`]; other versions are put together from their jars.

use std::collections::BTreeMap;
use std::env;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::str::FromStr;

use anyhow::{Context, Result, bail, ensure};

use crate::{cache, program};

/// A version of Trino.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(u32);

impl Version {
    /// Whether Java of that major version runs it.
    pub fn runs_on(self, java: u32) -> bool {
        if self < FIRST_PAST_JAVA_17 {
            java == 17
        } else {
            java >= self.oldest_java()
        }
    }

    /// The Java to install for it.
    pub fn java(self) -> String {
        if self < FIRST_PAST_JAVA_17 {
            "Java 17 (Debian, Ubuntu: openjdk-17-jdk-headless)".to_owned()
        } else {
            format!(
                "Java {} or newer (for example the JDK of Temurin 25)",
                self.oldest_java()
            )
        }
    }

    fn oldest_java(self) -> u32 {
        if self <= VERSION { 24 } else { 25 }
    }

    /// Whether the server comes as its jars, which a program of ours starts from its source.
    pub fn comes_as_jars(self) -> bool {
        self != VERSION
    }

    /// Whether it knows the spooling protocol.
    pub fn can_spool(self) -> bool {
        self >= FIRST_WITH_SPOOLING
    }
}

impl fmt::Display for Version {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl FromStr for Version {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        let number = text
            .parse()
            .with_context(|| format!("{text} is not a version of Trino, such as {VERSION}"))?;
        Ok(Self(number))
    }
}

/// An installed server.
pub struct Server {
    pub version: Version,
    /// The folder of its jars.
    lib: PathBuf,
    /// The folders of the plugins that a lab uses, as far as this version has them.
    pub plugins: BTreeMap<&'static str, PathBuf>,
    launcher: Option<PathBuf>,
}

impl Server {
    /// The server of that version with all that is to be had of `plugins`, fetched when it is not there yet.
    pub fn install(version: Version, plugins: &[&'static str], say: &dyn Fn(&str)) -> Result<Self> {
        let home = if version.comes_as_jars() {
            jars(version, say)?
        } else {
            archive(say)?
        };
        let mut found = BTreeMap::new();
        for &name in plugins {
            // Some plugins are published within the archive alone.
            let folder = match name {
                "spooling-filesystem" if version > VERSION => spooling(version, say)?,
                "spooling-filesystem" | "password-authenticators" if version.comes_as_jars() => {
                    archive(say)?.join("plugin").join(name)
                }
                _ => home.join("plugin").join(name),
            };
            if folder.is_dir() {
                found.insert(name, folder);
            }
        }
        Ok(Self {
            version,
            lib: home.join("lib"),
            plugins: found,
            launcher: version.comes_as_jars().then(|| home.join("Launcher.java")),
        })
    }

    /// Adds to a Java command line what starts this server.
    pub fn launch(&self, command: &mut Command) {
        command.arg("-cp").arg(self.lib.join("*"));
        match &self.launcher {
            Some(source) => command.arg(source).arg(self.version.to_string()),
            None => command.arg("io.trino.server.TrinoServer"),
        };
    }
}

/// The folder of the unpacked server of [`VERSION`].
fn archive(say: &dyn Fn(&str)) -> Result<PathBuf> {
    if let Some(home) = env::var_os("TRINO_HOME").map(PathBuf::from) {
        if home.join("lib").is_dir() {
            return Ok(home);
        }
        bail!("TRINO_HOME is {}, where no Trino server is", home.display());
    }
    install(&format!("trino-server-{VERSION}"), |folder| {
        say(&format!("fetching Trino {VERSION} (0.8 GB, once)"));
        let mut maven = maven(VERSION)?;
        maven
            .args(["dependency:copy", "-Dmdep.useBaseVersion=true"])
            .arg(format!("-Dartifact=io.trino:trino-server:{VERSION}:tar.gz"))
            .arg(format!("-DoutputDirectory={}", folder.display()))
            .current_dir(folder);
        program::run_quietly(&mut maven)?;
        let archive = folder.join(format!("trino-server-{VERSION}.tar.gz"));
        ensure!(
            archive.is_file(),
            "Maven could not get io.trino:trino-server:{VERSION}:tar.gz"
        );
        say("unpacking Trino");
        unpack(&archive, folder)?;
        fs::remove_file(&archive)?;
        Ok(folder.join(format!("trino-server-{VERSION}")))
    })
}

/// The folder of a server of that version from its jars.
fn jars(version: Version, say: &dyn Fn(&str)) -> Result<PathBuf> {
    install(&format!("trino-jars-{version}"), |folder| {
        say(&format!(
            "fetching the jars of Trino {version} (0.15 GB, once)"
        ));
        let home = folder.join("server");
        copy_jars(version, "main", &home.join("lib"))?;
        for (name, class) in PUBLISHED {
            let plugin = home.join("plugin").join(name);
            if copy_jars(version, name, &plugin).is_err() {
                say(&format!("Trino {version} has no plugin {name} at Maven"));
                let _ = fs::remove_dir_all(&plugin);
                continue;
            }
            // What says which class is the plugin is in the plugin's archive, not in its jar.
            let services = plugin.join("services/META-INF/services");
            fs::create_dir_all(&services)?;
            fs::write(services.join("io.trino.spi.Plugin"), class)?;
        }
        fs::write(home.join("Launcher.java"), LAUNCHER)?;
        Ok(home)
    })
}

/// The folder of the spooling plugin of [`VERSION`] for a server of that version: with the file system of its own,
/// since the plugin of another version brings classes that do not fit to those that it shares with the server.
fn spooling(version: Version, say: &dyn Fn(&str)) -> Result<PathBuf> {
    let archive = archive(say)?.join("plugin/spooling-filesystem");
    install(&format!("trino-spooling-{version}"), |folder| {
        say(&format!(
            "fetching the file system of Trino {version} (40 MB, once)"
        ));
        let plugin = folder.join("plugin");
        for name in ["filesystem-s3", "plugin-toolkit"] {
            copy_jars(version, name, &plugin)?;
        }
        for entry in fs::read_dir(&archive)? {
            let name = entry?.file_name().to_string_lossy().into_owned();
            if OF_SPOOLING.iter().any(|part| name.contains(part)) {
                // The last in the order of the class path, for what the others lack.
                fs::copy(archive.join(&name), plugin.join(format!("zz-{name}")))?;
            }
        }
        Ok(plugin)
    })
}

/// Has Maven bring an artifact and what it needs into `target`.
fn copy_jars(version: Version, name: &str, target: &Path) -> Result<()> {
    let folder = tempfile::Builder::new().prefix("maven-").tempdir()?;
    fs::write(folder.path().join("pom.xml"), POM)?;
    let mut maven = maven(version)?;
    maven
        .args(["dependency:copy-dependencies", "-DincludeScope=runtime"])
        .arg(format!("-Dtrino.version={version}"))
        .arg(format!("-Dtrino.artifact=trino-{name}"))
        .arg(format!("-DoutputDirectory={}", target.display()))
        .current_dir(folder.path());
    program::run_quietly(&mut maven)
        .with_context(|| format!("Maven could not get io.trino:trino-{name}:{version}"))
}

fn maven(version: Version) -> Result<Command> {
    let Some(maven) = program::find("mvn") else {
        bail!(
            "Trino {version} is not in the cache and Maven is not installed. Install Maven (package \
             `maven`), or name an unpacked server's folder in TRINO_HOME, or use a running server \
             with --server."
        );
    };
    let mut command = Command::new(maven);
    command.args(["-q", "-B"]);
    Ok(command)
}

/// The folder of that name in the cache, which `make` prepares when it is not there.
///
/// `make` works in a folder beside it and returns what is renamed at the end, so that an interrupted run leaves
/// nothing half done.
fn install(name: &str, make: impl FnOnce(&Path) -> Result<PathBuf>) -> Result<PathBuf> {
    let cache = cache::folder()?;
    let home = cache.join(name);
    if home.is_dir() {
        return Ok(home);
    }
    let scratch = tempfile::Builder::new()
        .prefix("unpack-")
        .tempdir_in(&cache)?;
    let made = make(scratch.path())?;
    if let Err(error) = fs::rename(&made, &home) {
        // Another run may have been first; its copy is as good.
        if !home.is_dir() {
            return Err(error).with_context(|| format!("cannot move Trino to {}", home.display()));
        }
    }
    Ok(home)
}

fn unpack(archive: &Path, folder: &Path) -> Result<()> {
    let status = Command::new("tar")
        .arg("-xzf")
        .arg(archive)
        .arg("-C")
        .arg(folder)
        .status();
    match status.context("cannot run tar")? {
        status if status.success() => Ok(()),
        status => bail!("tar could not unpack {}: {status}", archive.display()),
    }
}

/// The newest version whose server archive is published to Maven.
pub const VERSION: Version = Version(476);

/// From this version on, Trino needs a newer Java than 17.
const FIRST_PAST_JAVA_17: Version = Version(436);

const FIRST_WITH_SPOOLING: Version = Version(466);

/// The plugins whose jars are published, and their classes.
const PUBLISHED: [(&str, &str); 2] = [
    ("tpch", "io.trino.plugin.tpch.TpchPlugin"),
    ("memory", "io.trino.plugin.memory.MemoryPlugin"),
];

/// The jars of the spooling plugin that are published within the archive alone, or needed in its version.
const OF_SPOOLING: [&str; 3] = ["trino-spooling-filesystem", "trino-plugin-toolkit", "ulidj"];

const POM: &str = include_str!("jars.xml");

const LAUNCHER: &str = include_str!("Launcher.java");

#[cfg(test)]
mod tests {
    use super::{VERSION, Version};

    #[test]
    fn each_version_has_its_java() {
        let version = |number: &str| number.parse::<Version>().expect("a version");
        assert!(version("435").runs_on(17) && !version("435").runs_on(25));
        assert!(!VERSION.runs_on(17) && VERSION.runs_on(24));
        assert!(!version("483").runs_on(24) && version("483").runs_on(25));
        assert!(version("435").java().contains("openjdk-17"));
        assert!(version("483").java().contains("Java 25 or newer"));
    }

    #[test]
    fn a_version_is_a_number() {
        let error = "latest".parse::<Version>().expect_err("no version");
        assert_eq!(
            error.to_string(),
            "latest is not a version of Trino, such as 476"
        );
    }
}
