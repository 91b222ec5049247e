//! A process that runs one program and ends it when its owner goes away.
//!
//! The owner holds the other end of the guard's standard input. However the owner ends, the system closes
//! that pipe, and the guard kills the program and removes the folder it worked in.

use std::ffi::OsString;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};

/// A program under guard, owned by this process.
pub struct Guarded {
    guard: Child,
}

impl Guarded {
    /// Starts `program`, to be ended and `folder` removed when this process goes away.
    pub fn start(program: &Command, folder: &Path, log: &Path) -> Result<Self> {
        let output = std::fs::File::create(log).with_context(|| log.display().to_string())?;
        let mut command = Command::new(this_program()?);
        command
            .arg(COMMAND)
            .arg(folder)
            .arg(program.get_program())
            .args(program.get_args())
            .current_dir(program.get_current_dir().unwrap_or(folder))
            .stdin(Stdio::piped())
            .stdout(output.try_clone()?)
            .stderr(output)
            // Ctrl-C at the terminal is for the owner; the guard follows when the owner is done.
            .process_group(0);
        for (name, value) in program.get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        let guard = command.spawn().context("cannot start the guard process")?;
        Ok(Self { guard })
    }

    /// Whether the program still runs.
    pub fn is_running(&mut self) -> bool {
        matches!(self.guard.try_wait(), Ok(None))
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        drop(self.guard.stdin.take());
        let _ = self.guard.wait();
    }
}

/// This program, for processes that it starts and for theirs: a path that holds while this process runs, even when a
/// build has meanwhile put another program in its place.
pub fn this_program() -> io::Result<PathBuf> {
    let running = PathBuf::from(format!("/proc/{}/exe", std::process::id()));
    if running.exists() {
        Ok(running)
    } else {
        std::env::current_exe()
    }
}

/// The guard process: `xtask guard FOLDER PROGRAM ARGUMENTS...`.
pub fn run(mut arguments: impl Iterator<Item = OsString>) -> Result<ExitCode> {
    let (Some(folder), Some(program)) = (arguments.next(), arguments.next()) else {
        bail!("a guard needs a folder and a program");
    };
    let folder = PathBuf::from(folder);
    let mut child = Command::new(&program)
        .args(arguments)
        .stdin(Stdio::null())
        .spawn()
        .with_context(|| format!("cannot start {}", program.display()))?;

    let released = Arc::new(AtomicBool::new(false));
    thread::spawn({
        let released = Arc::clone(&released);
        move || {
            let _ = io::copy(&mut io::stdin().lock(), &mut io::sink());
            released.store(true, Ordering::Release);
        }
    });

    let code = loop {
        if let Some(status) = child.try_wait()? {
            break status.code().unwrap_or(1);
        }
        if released.load(Ordering::Acquire) {
            child.kill()?;
            child.wait()?;
            break 0;
        }
        thread::sleep(POLL);
    };
    // A program that ended by itself leaves its log to be read; its owner removes the folder.
    if released.load(Ordering::Acquire) && std::env::var_os(KEEP).is_none() {
        remove(&folder);
    }
    Ok(ExitCode::from(u8::try_from(code).unwrap_or(1)))
}

/// Removes a folder that another guard may be removing too.
fn remove(folder: &Path) {
    for _ in 0..20 {
        if std::fs::remove_dir_all(folder).is_ok() || !folder.exists() {
            return;
        }
        thread::sleep(POLL);
    }
}

/// The subcommand under which `main` calls [`run`].
pub const COMMAND: &str = "guard";

/// An environment variable that leaves the folder in place, to look at what went wrong.
pub const KEEP: &str = "TRINO_LAB_KEEP";

const POLL: Duration = Duration::from_millis(20);

#[cfg(test)]
mod tests {
    use std::{env, fs};

    use super::*;

    const COPY: &str = "XTASK_TEST_COPY";

    #[test]
    fn this_program_starts_after_its_file_is_gone() {
        if env::var_os(COPY).is_some() {
            fs::remove_file(env::current_exe().unwrap()).unwrap();
            // By a shell, as Cargo starts its runner: a child's own /proc/self/exe is another program.
            let listed = Command::new("sh")
                .args(["-c", "$0 --list", this_program().unwrap().to_str().unwrap()])
                .output()
                .unwrap();
            let listed = String::from_utf8(listed.stdout).unwrap();
            assert!(listed.contains("this_program_starts"), "{listed}");
            return;
        }
        let folder = tempfile::tempdir().unwrap();
        let copy = folder.path().join("copy");
        fs::copy(env::current_exe().unwrap(), &copy).unwrap();
        let status = Command::new(copy)
            .args([
                "guard::tests::this_program_starts_after_its_file_is_gone",
                "--exact",
            ])
            .env(COPY, "1")
            .status()
            .unwrap();
        assert!(status.success());
    }
}
