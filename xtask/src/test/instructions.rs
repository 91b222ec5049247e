//! Instructions that the driver's inner loops take, counted by valgrind's Callgrind and compared with what they took before.
//!
//! Counts do not depend on how busy a machine is, so a few percent show. They depend on the compiler, which the project
//! pins, and a little on the processor, whose vector instructions the C library chooses by: hence the tolerance.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context, Result, bail, ensure};
use tempfile::TempDir;

use super::runner::{Count, Ended, Stop};
use crate::{program, project, registration};

/// Counts every case and compares.
pub(super) fn run() -> Ended {
    Stop::unless(registration::require_valgrind())?;
    let file = project::root()?.join("benches/instructions.txt");
    let before = read(&fs::read_to_string(&file).unwrap_or_default())?;
    let now = measure(&build()?)?;
    let mut total = Count::default();
    for (case, verdict) in compare(&before, &now) {
        match verdict {
            None => total += Count::PASSED,
            Some(verdict) => {
                println!("{}: {verdict}", case.replace('-', " "));
                total += Count::FAILED;
            }
        }
    }
    if std::env::var("UPDATE_COUNTS").is_ok_and(|value| value == "1") {
        fs::write(&file, write(&now)).with_context(|| file.display().to_string())?;
        println!("{} is up to date", file.display());
        total = Count {
            passed: now.len() as u64,
            failed: 0,
        };
    }
    Ok(total)
}

/// Instructions for each unit (a cell, a row or a call) of each case.
type Counts = BTreeMap<String, f64>;

/// What is to be said of each case; nothing when all is as before.
fn compare(before: &Counts, now: &Counts) -> BTreeMap<String, Option<String>> {
    let mut verdicts = BTreeMap::new();
    for (case, now) in now {
        let verdict = match before.get(case) {
            None => Some(format!(
                "{now:.1} instructions; not in the file yet, {UPDATE}"
            )),
            Some(before) => {
                let change = (now - before) / before * 100.0;
                let text = format!("{before:.1} -> {now:.1} instructions, {change:+.0} %");
                if (now - before).abs() <= (before * TOLERANCE).max(LEAST) {
                    None
                } else if now > before {
                    Some(text)
                } else {
                    Some(format!("{text}; to keep it so, {UPDATE}"))
                }
            }
        };
        verdicts.insert(case.clone(), verdict);
    }
    for (case, now, small) in grown(now) {
        if now > small * MOST_GROWTH {
            let text = format!(
                "{now:.1} instructions a unit, and {small:.1} at the smallest size: it grows faster than its size"
            );
            verdicts.insert(case, Some(text));
        }
    }
    for case in before.keys().filter(|case| !now.contains_key(*case)) {
        verdicts.insert(case.clone(), Some(format!("is no more, {UPDATE}")));
    }
    verdicts
}

/// Cases of work that grows, at all sizes but the smallest: the count of each, and that of the smallest.
fn grown(counts: &Counts) -> impl Iterator<Item = (String, f64, f64)> {
    counts.iter().filter_map(|(case, count)| {
        let (name, size) = case.rsplit_once('-')?;
        let small = counts.get(&format!("{name}-1")).filter(|_| size != "1")?;
        (name.starts_with("grow-") && size.parse::<u32>().is_ok())
            .then(|| (case.clone(), *count, *small))
    })
}

/// The file's lines: a case and its count.
fn read(text: &str) -> Result<Counts> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| {
            let (case, count) = line.split_once(' ').context("a line without a count")?;
            let count = count.trim().parse().context("a count that is no number")?;
            Ok((case.to_owned(), count))
        })
        .collect()
}

fn write(counts: &Counts) -> String {
    let mut text = HEAD.to_owned();
    for (case, count) in counts {
        let _ = writeln!(text, "{case:<28} {count:>8.2}");
    }
    text
}

/// Builds the program with the cases.
fn build() -> Result<PathBuf> {
    let mut command = project::cargo()?;
    command.args([
        "bench",
        "--package",
        "trino-odbc",
        "--bench",
        "instructions",
    ]);
    command.args(["--no-run", "--message-format=json-render-diagnostics"]);
    let output = command.stderr(Stdio::inherit()).output()?;
    ensure!(output.status.success(), "the cases do not build");
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
        .filter(|message| message["target"]["name"] == "instructions")
        .find_map(|message| message["executable"].as_str().map(PathBuf::from))
        .context("the build named no program")
}

/// Runs every case, as many at once as there are cores.
fn measure(program: &Path) -> Result<Counts> {
    let list = Command::new(program).arg("--list").output()?;
    let cases: Vec<String> = String::from_utf8_lossy(&list.stdout)
        .lines()
        .map(str::to_owned)
        .collect();
    ensure!(!cases.is_empty(), "there are no cases");
    let folder = TempDir::new()?;
    let next = AtomicUsize::new(0);
    let counts = Mutex::new(Counts::new());
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        let work = || -> Result<()> {
            while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                let count = callgrind(program, case, folder.path())
                    .with_context(|| format!("cannot count {case}"))?;
                let mut counts = counts.lock().unwrap_or_else(|broken| broken.into_inner());
                counts.insert(case.clone(), count);
            }
            Ok(())
        };
        let threads: Vec<_> = (0..cores).map(|_| scope.spawn(work)).collect();
        for thread in threads {
            match thread.join() {
                Ok(result) => result?,
                Err(_) => bail!("a count panicked"),
            }
        }
        Ok(())
    })?;
    Ok(counts
        .into_inner()
        .unwrap_or_else(|broken| broken.into_inner()))
}

/// Instructions for each unit of one case.
fn callgrind(program: &Path, case: &str, folder: &Path) -> Result<f64> {
    let file = folder.join(case);
    let output = Command::new(program::find("valgrind").context("valgrind is missing")?)
        .args([
            "--tool=callgrind",
            "--collect-atstart=no",
            "--toggle-collect=counted",
        ])
        .arg(format!("--callgrind-out-file={}", file.display()))
        .arg(program)
        .arg(case)
        .output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{said}");
    let units = String::from_utf8_lossy(&output.stdout)
        .lines()
        .find_map(|line| line.strip_prefix("units ")?.parse::<f64>().ok())
        .context("it did not print its units")?;
    let collected = said
        .lines()
        .find_map(|line| {
            line.split_once("Collected : ")?
                .1
                .trim()
                .parse::<f64>()
                .ok()
        })
        .with_context(|| format!("Callgrind counted nothing: {said}"))?;
    Ok(collected / units)
}

/// Changes up to this part of a count are none.
const TOLERANCE: f64 = 0.05;

/// Changes up to so many instructions are none.
const LEAST: f64 = 0.1;

/// Work of several sizes may cost so many times as much a unit as at the smallest: a sort, a lookup in a tree.
const MOST_GROWTH: f64 = 2.0;

const UPDATE: &str = "run with UPDATE_COUNTS=1";

const HEAD: &str = "\
# Instructions a cell (decode, convert), a row (fetch-row), a call (get-data) or a unit of work of several sizes
# (grow), as Callgrind counts them.
# Written by UPDATE_COUNTS=1 cargo xtask test --only instructions
";

#[cfg(test)]
mod tests {
    use super::{Counts, compare, read, write};

    fn counts(counts: &[(&str, f64)]) -> Counts {
        let counts = counts.iter();
        counts
            .map(|(case, count)| ((*case).to_owned(), *count))
            .collect()
    }

    #[test]
    fn only_changes_beyond_the_tolerance_are_told() {
        let before = counts(&[("a", 100.0), ("b", 100.0), ("c", 100.0), ("d", 1.0)]);
        let now = counts(&[("a", 104.9), ("b", 114.0), ("c", 80.0), ("e", 7.0)]);
        let verdicts = compare(&before, &now);
        assert_eq!(verdicts["a"], None);
        let text = |case: &str| verdicts[case].clone().unwrap_or_default();
        assert_eq!(text("b"), "100.0 -> 114.0 instructions, +14 %");
        assert!(text("c").starts_with("100.0 -> 80.0 instructions, -20 %; "));
        assert!(text("d").starts_with("is no more"));
        assert!(text("e").starts_with("7.0 instructions; not in the file yet"));
    }

    #[test]
    fn work_that_grows_faster_than_its_size_is_told() {
        let all = counts(&[
            ("grow-a-1", 100.0),
            ("grow-a-4", 120.0),
            ("grow-b-1", 100.0),
            ("grow-b-16", 900.0),
            ("decode-type-varchar-1", 10.0),
            ("decode-type-varchar-15", 100.0),
        ]);
        let verdicts = compare(&all, &all);
        let text = verdicts["grow-b-16"].clone().unwrap_or_default();
        assert!(text.starts_with("900.0 instructions a unit, and 100.0"));
        let quiet = verdicts.values().filter(|verdict| verdict.is_none());
        assert_eq!(quiet.count(), all.len() - 1);
    }

    #[test]
    fn counts_are_read_as_they_were_written() {
        let all = counts(&[("decode-lineitem", 24.25), ("get-data", 1000.5)]);
        assert_eq!(read(&write(&all)).expect("it is right"), all);
    }
}
