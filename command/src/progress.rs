//! Progress on standard error, for a person who watches a terminal.

use std::fmt::Write as _;
use std::io::{self, IsTerminal as _};
use std::time::Duration;
use std::{env, fmt};

use indicatif::{HumanCount, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use trino_client::session::Status;

/// A line that says what runs and how far it is. It is removed when this is dropped, and never
/// written where nobody watches.
pub struct Progress(ProgressBar);

impl Progress {
    /// A line on standard error, if that is a terminal.
    pub fn start() -> Self {
        if !is_watched() {
            return Self(ProgressBar::hidden());
        }
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        bar.set_style(style(STEP));
        bar.enable_steady_tick(TICK);
        Self(bar)
    }

    /// The step that runs now.
    pub fn step(&self, what: &str) {
        self.0.set_style(style(STEP));
        self.0.set_message(what.to_owned());
    }

    /// A query runs: shows its state, and the rows so far.
    pub fn query(&self, status: &Status) {
        let status = status.clone();
        let style = style("{spinner} {rows} rows, {state}, {per_second}/s, {elapsed}")
            .with_key("rows", |bar: &ProgressState, text: &mut dyn fmt::Write| {
                let _ = write!(text, "{}", HumanCount(bar.pos()));
            })
            .with_key(
                "per_second",
                |bar: &ProgressState, text: &mut dyn fmt::Write| {
                    let _ = write!(text, "{}", HumanCount(bar.per_sec() as u64));
                },
            )
            .with_key(
                "state",
                move |_: &ProgressState, text: &mut dyn fmt::Write| {
                    let _ = text.write_str(&state(&status));
                },
            );
        self.0.set_style(style);
    }

    /// The rows so far.
    pub fn rows(&self, rows: u64) {
        self.0.set_position(rows);
    }

    /// Prints a line to standard error, above the progress.
    pub fn print(&self, line: fmt::Arguments) {
        self.0.suspend(|| eprintln!("{line}"));
    }

    /// Removes the line.
    pub fn end(&self) {
        self.0.finish_and_clear();
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.end();
    }
}

/// The state of the query on the server, and its percentage while it runs.
fn state(status: &Status) -> String {
    let progress = status.progress();
    let mut text = progress.state.to_lowercase();
    if let Some(percentage) = progress.percentage.filter(|percentage| *percentage < 100.0) {
        let _ = write!(text, " {percentage:.0} %");
    }
    text
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).expect("the template is one of this file's")
}

/// Whether standard error is a terminal that can rewrite a line.
fn is_watched() -> bool {
    io::stderr().is_terminal() && !is_dumb()
}

/// Whether the terminal says that it can only print.
pub fn is_dumb() -> bool {
    env::var_os("TERM").is_some_and(|terminal| terminal == "dumb")
}

const STEP: &str = "{spinner} {msg}, {elapsed}";

const TICK: Duration = Duration::from_millis(100);
