//! A long result, and what the process takes to read it.

use scripted_trino::{Answer, Spooling, columns};

pub const QUERY: &str = "SELECT n, text FROM long";

/// Of one repetition, in five segments of about 2 MB of JSON.
pub const ROWS: usize = 50_000;

/// About 10 MB of JSON for each repetition.
pub fn long_result(repetitions: usize) -> Answer {
    let text = "a text that is as long as texts are, ".repeat(5);
    let rows = (0..ROWS)
        .map(|n| format!("[{n},\"{n}: {text}\"]"))
        .collect();
    Answer::raw_rows(columns![("n", "bigint"), ("text", "varchar")], rows)
        .repeat(repetitions)
        .spooled(Spooling {
            rows_per_segment: ROWS / 5,
            inline_first: 0,
            ..Spooling::default()
        })
}

/// Bytes of the process that are in memory.
pub fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().nth(1));
    kilobytes.unwrap().parse::<usize>().unwrap() << 10
}
