//! What the process holds: threads, descriptors, memory, temporary files.

use std::fmt;
use std::fs;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

/// One look at the process.
#[derive(Debug, Clone)]
pub struct Holding {
    threads: usize,
    descriptors: usize,
    /// Bytes that are allocated, where the allocator reports them; else those that are resident.
    pub memory: usize,
    /// Bytes that are resident: what is allocated, and what the allocator keeps between it.
    resident: usize,
    files: usize,
}

impl Holding {
    /// The process as it is; temporary files are counted in `folder`.
    pub fn now(folder: &Path) -> Self {
        #[cfg(all(target_os = "linux", target_env = "gnu"))]
        // SAFETY: gives free memory back to the system, and touches nothing else.
        unsafe {
            libc::malloc_trim(0);
        }
        Self {
            threads: count(Path::new("/proc/self/task")),
            descriptors: count(Path::new("/proc/self/fd")),
            memory: allocated().unwrap_or_else(resident),
            resident: resident(),
            files: count(folder),
        }
    }

    /// The process once nothing waits for another connection any more.
    pub fn rested(folder: &Path) -> Self {
        thread::sleep(SETTLING);
        Self::now(folder)
    }

    /// The process once it holds no more than `first`, or after some seconds as it is then.
    pub fn settled(folder: &Path, first: &Self) -> Self {
        let start = Instant::now();
        loop {
            let holding = Self::now(folder);
            if holding.beyond(first).is_empty() || start.elapsed() > SETTLING {
                return holding;
            }
            thread::sleep(Duration::from_millis(100));
        }
    }

    /// What is held beyond `first`, memory apart, in words.
    pub fn beyond(&self, first: &Self) -> Vec<String> {
        let mut words = Vec::new();
        if self.threads > first.threads {
            words.push(format!("{} threads of {}", self.threads, first.threads));
        }
        if self.descriptors > first.descriptors {
            let (now, before) = (self.descriptors, first.descriptors);
            words.push(format!("{now} descriptors of {before}"));
        }
        if self.files > first.files {
            words.push(format!("{} temporary files of {}", self.files, first.files));
        }
        words
    }
}

impl fmt::Display for Holding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} threads, {} descriptors, {} temporary files, {} kB allocated, {} MB resident",
            self.threads,
            self.descriptors,
            self.files,
            self.memory >> 10,
            self.resident >> 20
        )
    }
}

/// More than the driver's threads and sockets wait for another connection.
const SETTLING: Duration = Duration::from_secs(15);

fn count(folder: &Path) -> usize {
    fs::read_dir(folder).map_or(0, Iterator::count)
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn allocated() -> Option<usize> {
    // SAFETY: reads counts of the allocator.
    let counts = unsafe { libc::mallinfo2() };
    Some(counts.uordblks + counts.hblkhd)
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
fn allocated() -> Option<usize> {
    None
}

fn resident() -> usize {
    let text = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with("VmRSS:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<usize>().ok());
    kilobytes.unwrap_or_default() * 1024
}
