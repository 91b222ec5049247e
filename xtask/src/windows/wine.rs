//! Wine, in a separate small Debian: the Wine of the machine may be too old to load a Windows driver by its own Driver
//! Manager, as Wine 10 does, or be missing.
//!
//! The folder is made once in the user's cache. Each program runs in a separate mount namespace in which the system's
//! and the project's folders are part of it, so that nothing stays mounted afterwards.

use std::ffi::{OsStr, OsString};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Output, Stdio};
use std::time::Duration;
use std::{env, fs, thread};

use anyhow::{Context, Result, bail, ensure};

use super::target::Target;
use crate::{cache, debian, guard, program, project};

/// The subcommand that is Cargo's runner: `xtask wine-run LOADER PROGRAM ARGUMENTS...`.
pub const COMMAND: &str = "wine-run";

/// Wine's program for that target. The name `wine` alone means the 32-bit one where that is installed, which writes to
/// the other view of the registry.
pub fn loader(target: Target) -> &'static str {
    match target {
        Target::X64 => "/usr/lib/wine/wine64",
        Target::X86 => "/usr/lib/wine/wine",
    }
}

/// Makes sure that Wine can run, making its Debian when the cache has none.
pub fn require() -> Result<()> {
    debian::require("Wine runs")?;
    cache::made(&name(), "preparing Wine", |_| prepare()).map(drop)
}

/// Makes the Debian with Wine.
fn prepare() -> Result<()> {
    debian::bootstrap(&root()?, RELEASE, "ca-certificates")?;
    let install = format!(
        "dpkg --add-architecture i386 && apt-get update -qq && \
         apt-get install -y -qq --no-install-recommends {PACKAGES}"
    );
    let mut install = inside(Path::new("/"), &["sh", "-c", &install])?;
    program::run_quietly(install.env("DEBIAN_FRONTEND", "noninteractive"))?;
    program::run_quietly(&mut inside(
        Path::new("/"),
        &[loader(Target::X64), "wineboot", "--init"],
    )?)
}

/// A command in Wine's root, in that folder, with what tests read of the environment.
pub fn inside<S: AsRef<OsStr>>(folder: &Path, words: &[S]) -> Result<Command> {
    let [project, target] = shared()?;
    let mut command = Command::new("unshare");
    command
        .args(["--mount", "--propagation", "private"])
        .args(["sh", "-c", ENTER, "sh"])
        .arg(root()?)
        .arg(folder)
        .arg(cache::folder()?)
        .arg(project)
        .arg(target)
        .arg("--")
        .args(words)
        .env_clear();
    for (name, value) in env::vars_os() {
        let known = name.to_string_lossy();
        if PASSED.iter().any(|prefix| known.starts_with(prefix)) {
            command.env(name, value);
        }
    }
    command
        .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
        .env("LANG", "C.UTF-8")
        .env("HOME", "/root")
        .env("XDG_RUNTIME_DIR", "/run")
        .env("WINEPREFIX", "/prefix");
    if env::var_os("WINEDEBUG").is_none() {
        command.env("WINEDEBUG", "-all");
    }
    Ok(command)
}

/// The project's folder and that of what Cargo builds. Cargo's runner has them from who called Cargo: its own place says
/// nothing of either.
fn shared() -> Result<[PathBuf; 2]> {
    match [PROJECT, BUILT].map(env::var_os) {
        [Some(project), Some(built)] => Ok([project.into(), built.into()]),
        _ => Ok([project::root()?, project::target_folder()?]),
    }
}

/// Has that Cargo run what it builds for the target under Wine.
pub fn set_runner(command: &mut Command, variable: &str, target: Target) -> Result<()> {
    let [project, built] = shared()?;
    let xtask = guard::this_program()?;
    let runner = format!("{} {COMMAND} {}", xtask.display(), loader(target));
    command
        .env(variable, runner)
        .env(PROJECT, project)
        .env(BUILT, built);
    Ok(())
}

/// A machine of Windows with nothing of others: a prefix of Wine in a folder.
pub struct Prefix {
    folder: PathBuf,
}

impl Prefix {
    /// Makes the prefix within that folder, in which programs then run.
    pub fn new(folder: &Path) -> Result<Self> {
        let prefix = Self {
            folder: folder.to_owned(),
        };
        fs::create_dir(prefix.path())?;
        prefix.succeed(Target::X64, &["wineboot", "--init"])?;
        Ok(prefix)
    }

    fn path(&self) -> PathBuf {
        self.folder.join("prefix")
    }

    /// The folder that programs see as C:.
    pub fn drive(&self) -> PathBuf {
        self.path().join("drive_c")
    }

    /// A command of Wine's root that uses the prefix.
    pub fn inside<S: AsRef<OsStr>>(&self, words: &[S]) -> Result<Command> {
        let mut command = inside(&self.folder, words)?;
        command.env("WINEPREFIX", self.path());
        Ok(command)
    }

    /// A program of Windows.
    pub fn command(&self, target: Target, words: &[&str]) -> Result<Command> {
        self.inside(&[&["timeout", "300", loader(target)], words].concat())
    }

    /// Runs a program; once more if Wine's server ended before it did anything.
    pub fn run(&self, target: Target, words: &[&str]) -> Result<Output> {
        let run = || -> Result<Output> {
            Ok(self.command(target, words)?.stdin(Stdio::null()).output()?)
        };
        let output = run()?;
        let printed = String::from_utf8_lossy(&output.stderr);
        if printed.contains("wineserver crashed") {
            thread::sleep(Duration::from_secs(3));
            return run();
        }
        Ok(output)
    }

    pub fn succeed(&self, target: Target, words: &[&str]) -> Result<Output> {
        let output = self.run(target, words)?;
        ensure!(
            output.status.success(),
            "{} failed: {output:?}",
            words.join(" ")
        );
        Ok(output)
    }

    /// Ends what runs in the prefix, and waits until its registry is saved.
    pub fn end(&self) {
        if let Ok(mut kill) = self.inside(&["timeout", "60", SERVER, "--kill"]) {
            let _ = kill.stderr(Stdio::null()).status();
        }
    }
}

impl Drop for Prefix {
    fn drop(&mut self) {
        // A server that still runs would write into the folder while it is removed.
        self.end();
    }
}

/// The path as Windows programs under Wine have it.
pub fn path(path: &Path) -> String {
    format!("Z:{}", path.display().to_string().replace('/', "\\"))
}

/// Cargo's runner: becomes the program under Wine.
pub fn run(arguments: impl Iterator<Item = OsString>) -> Result<ExitCode> {
    let mut words: Vec<OsString> = ["timeout", LIMIT].map(OsString::from).to_vec();
    words.extend(arguments);
    if words.len() < 4 {
        bail!("the runner needs Wine's program and another");
    }
    let error = inside(&env::current_dir()?, &words)?.exec();
    Err(error).context("cannot run unshare")
}

/// The name of the folder that is kept.
fn name() -> String {
    format!("wine-{RELEASE}-{REVISION}")
}

fn root() -> Result<PathBuf> {
    Ok(cache::folder()?.join(name()).join("root"))
}

/// The program of Wine that all others of a prefix share.
const SERVER: &str = "/usr/lib/wine/wineserver64";

const PROJECT: &str = "TRINO_ODBC_WINE_PROJECT";
const BUILT: &str = "TRINO_ODBC_WINE_BUILT";

/// The Debian that has Wine 10.
const RELEASE: &str = "trixie";

/// Counts what this file puts into the folder.
const REVISION: u32 = 1;

/// Wine for both targets, a display without a screen, and what types and takes pictures.
const PACKAGES: &str = "wine wine64 wine32:i386 xvfb xauth xdotool imagemagick krb5-kdc krb5-user";

/// Puts the system's folders, that of temporary files and the project's into the root, and enters it.
const ENTER: &str = r#"
set -e
root=$1 folder=$2 cache=$3 project=$4 target=$5
shift 6
for part in /proc /sys /dev; do
    mount --rbind "$part" "$root$part"
done
for part in /tmp "$cache" "$project" "$target"; do
    mkdir -p "$root$part"
    mount --bind "$part" "$root$part"
done
exec chroot "$root" env -C "$folder" "$@"
"#;

/// How the names of variables begin that programs see.
const PASSED: [&str; 7] = [
    "CARGO_",
    "KRB5",
    "TRINO_",
    "RUST_",
    "PROPTEST_",
    "PY",
    "WINE",
];

/// After how many seconds a program is ended that a test waits for in vain.
const LIMIT: &str = "900";
