//! Runs a test runner, shows what it says, and counts what it counted.

use std::io::{BufRead, BufReader};
use std::ops::AddAssign;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result};

/// How many tests passed and failed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    pub passed: u64,
    pub failed: u64,
}

impl AddAssign for Count {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

impl Count {
    pub const PASSED: Self = Self {
        passed: 1,
        failed: 0,
    };
    pub const FAILED: Self = Self {
        passed: 0,
        failed: 1,
    };

    /// The line of a table about what took so long.
    pub fn line(self, name: &str, time: Duration) -> String {
        let Self { passed, failed } = self;
        let seconds = time.as_secs_f64();
        format!("{name:<12} {passed:>5} passed {failed:>5} failed {seconds:>7.1} s")
    }
}

/// How a kind of test ended.
pub type Ended = Result<Count, Stop>;

/// Why a kind has no counts.
pub enum Stop {
    /// Something that it needs is missing.
    NotRun(String),
    Failed(anyhow::Error),
}

impl Stop {
    /// What the kind needs, or the reason why it cannot run.
    pub fn unless<T>(needed: Result<T>) -> Result<T, Self> {
        needed.map_err(|error| Self::NotRun(format!("{error:#}")))
    }
}

impl<E: Into<anyhow::Error>> From<E> for Stop {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

/// Runs a command whose output carries counts, each line of which `read` understands or not.
///
/// A runner that fails without having counted a failure did not get as far as its tests: that is one failure.
pub fn count(command: &mut Command, read: fn(&str) -> Option<Count>) -> Result<Count> {
    let name = command.get_program().to_owned();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot run {}", name.display()))?;
    let mut total = Count::default();
    if let Some(output) = child.stdout.take() {
        for line in BufReader::new(output).split(b'\n') {
            let line = line?;
            // Programs of Windows end lines with both.
            let line =
                String::from_utf8_lossy(line.strip_suffix(b"\r").unwrap_or(&line)).into_owned();
            println!("{line}");
            if let Some(count) = read(&line) {
                total += count;
            }
        }
    }
    let status = child.wait()?;
    if !status.success() && total.failed == 0 {
        println!("{} ended with {status}", name.display());
        total.failed = 1;
    }
    Ok(total)
}

/// Runs a command that as a whole is one test.
pub fn check(command: &mut Command) -> Result<Count> {
    let count = count(command, |_| None)?;
    Ok(if count.failed == 0 {
        Count::PASSED
    } else {
        Count::FAILED
    })
}

/// `test result: ok. 12 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.01s`
pub fn of_cargo(line: &str) -> Option<Count> {
    let (_, counts) = line.strip_prefix("test result: ")?.split_once(". ")?;
    let mut total = Count::default();
    for part in counts.split("; ") {
        match part.split_once(' ') {
            Some((number, "passed")) => total.passed = number.parse().ok()?,
            Some((number, "failed")) => total.failed = number.parse().ok()?,
            _ => {}
        }
    }
    Some(total)
}

/// `=== 1 failed, 11 passed, 2 errors in 3.21s ===`, with or without the rules around it.
pub fn of_pytest(line: &str) -> Option<Count> {
    let (counts, time) = line.trim_matches(['=', ' ']).rsplit_once(" in ")?;
    // The time may be followed by the same in hours and minutes.
    time.split(' ')
        .next()?
        .strip_suffix('s')?
        .parse::<f64>()
        .ok()?;
    let mut total = Count::default();
    for part in counts.split(", ") {
        let (number, what) = part.split_once(' ')?;
        let number: u64 = number.parse().ok()?;
        match what {
            "passed" | "xfailed" => total.passed += number,
            "failed" | "error" | "errors" | "xpassed" => total.failed += number,
            _ => {}
        }
    }
    Some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cargos_summary_is_counted() {
        let line = "test result: FAILED. 12 passed; 3 failed; 0 ignored; 0 measured; 1 filtered out; \
                    finished in 0.01s";
        assert_eq!(
            of_cargo(line),
            Some(Count {
                passed: 12,
                failed: 3
            })
        );
        assert_eq!(of_cargo("test a_test ... ok"), None);
    }

    #[test]
    fn pytests_summary_is_counted() {
        let line = "====== 1 failed, 11 passed, 1 skipped, 2 errors in 83.21s (0:01:23) ======";
        assert_eq!(
            of_pytest(line),
            Some(Count {
                passed: 11,
                failed: 3
            })
        );
        assert_eq!(
            of_pytest("3 passed in 0.12s"),
            Some(Count {
                passed: 3,
                failed: 0
            })
        );
        assert_eq!(of_pytest("rows in 3 columns"), None);
    }

    #[test]
    fn a_runner_that_dies_is_one_failure() {
        let count = count(
            Command::new("sh").args(["-c", "echo hello; exit 3"]),
            of_cargo,
        );
        assert_eq!(count.expect("sh runs"), Count::FAILED);
    }

    #[test]
    fn a_command_that_succeeds_is_one_passed_test() {
        assert_eq!(
            check(&mut Command::new("true")).expect("true runs"),
            Count::PASSED
        );
    }
}
