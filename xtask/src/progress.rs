//! Shows that a long step is still running, and for how long.

use std::io::{self, IsTerminal, Write};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// A step under way. Dropping it ends it.
pub struct Step {
    // Dropped when the step is over, which ends the thread.
    running: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Step {
    /// Shows the step on standard error: with running seconds at a terminal, else now and then.
    pub fn start(what: &str) -> Self {
        let (running, over) = mpsc::channel();
        let what = what.to_owned();
        let thread = thread::spawn(move || {
            let terminal = io::stderr().is_terminal();
            let started = Instant::now();
            let pause = if terminal { TICK } else { REMINDER };
            eprint!("{what} …{}", if terminal { "" } else { "\n" });
            while over.recv_timeout(pause) == Err(RecvTimeoutError::Timeout) {
                let seconds = started.elapsed().as_secs();
                if terminal {
                    eprint!("\r{what} … {seconds} s");
                    let _ = io::stderr().flush();
                } else {
                    eprintln!("{what} … {seconds} s");
                }
            }
            let seconds = started.elapsed().as_secs_f64();
            eprintln!("{}{what}: {seconds:.1} s", if terminal { "\r" } else { "" });
        });
        Self {
            running: Some(running),
            thread: Some(thread),
        }
    }
}

impl Drop for Step {
    fn drop(&mut self) {
        drop(self.running.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

const TICK: Duration = Duration::from_secs(1);
const REMINDER: Duration = Duration::from_secs(10);
