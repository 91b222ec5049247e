//! What is summed over all cells, and the line that says so.

use crate::columns::NULL;

/// Sums that no wrong cell leaves as they are, and that do not depend on the order of rows.
#[derive(Default)]
pub struct Sums {
    pub rows: u64,
    /// Cells that are not null.
    pub cells: u64,
    pub bytes: u64,
    /// UTF-16 units of text; counted only when asked for.
    pub units: u64,
    /// First bytes of texts that begin with ASCII.
    pub heads: u64,
    pub integers: i64,
    pub doubles: [f64; 16],
    pub days: u64,
    pub unscaled: u64,
}

impl Sums {
    /// Adds each cell that is not null.
    pub fn each<T>(&mut self, cells: &[T], lengths: &[i64], mut add: impl FnMut(&mut Self, &T)) {
        for (cell, length) in cells.iter().zip(lengths) {
            if *length != NULL {
                self.cells += 1;
                add(self, cell);
            }
        }
    }

    /// Prints one line of JSON.
    pub fn print(&self, check: bool, cpu: f64, wall: f64, first: f64) {
        let units = if check {
            format!(r#","units":{}"#, self.units)
        } else {
            String::new()
        };
        println!(
            r#"{{"rows":{},"cells":{},"bytes":{}{units},"heads":{},"integers":{},"doubles":{:?},"days":{},"unscaled":{},"cpu":{cpu:.6},"wall":{wall:.6},"first":{first:.6},"peak":{}}}"#,
            self.rows,
            self.cells,
            self.bytes,
            self.heads,
            self.integers,
            self.doubles.iter().sum::<f64>(),
            self.days,
            self.unscaled,
            peak()
        );
    }
}

/// User and system time of this process so far, in seconds.
pub fn cpu() -> f64 {
    // SAFETY: all zeros is a value of this struct of numbers.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    // SAFETY: the struct is writable, and that is all the function asks for.
    unsafe { libc::getrusage(libc::RUSAGE_SELF, &raw mut usage) };
    let seconds = |time: libc::timeval| time.tv_sec as f64 + time.tv_usec as f64 * 1e-6;
    seconds(usage.ru_utime) + seconds(usage.ru_stime)
}

/// The most memory that this program held, in kilobytes.
fn peak() -> u64 {
    std::fs::read_to_string("/proc/self/status")
        .unwrap_or_default()
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:")?.split_whitespace().next())
        .and_then(|number| number.parse().ok())
        .unwrap_or(0)
}
