//! A link that all connections share, of so many bytes a second.

use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// A token bucket: who sends waits until the link has room.
pub struct Link {
    /// Bytes a second.
    rate: f64,
    /// When everything that was let through so far has passed.
    passed: Mutex<Instant>,
}

impl Link {
    /// A link of so many megabits a second.
    pub fn new(megabits: u32) -> Self {
        Self {
            rate: f64::from(megabits) * 1e6 / 8.0,
            passed: Mutex::new(Instant::now()),
        }
    }

    /// Bytes to send at a time: some milliseconds' worth.
    pub fn piece(&self) -> usize {
        ((self.rate * BURST.as_secs_f64()) as usize).clamp(4 << 10, 128 << 10)
    }

    /// Waits until so many bytes have passed.
    pub fn pass(&self, bytes: usize) {
        let now = Instant::now();
        let due = {
            let mut passed = self.passed.lock().unwrap_or_else(PoisonError::into_inner);
            let idle = now.checked_sub(BURST).unwrap_or(now);
            *passed = idle.max(*passed) + Duration::from_secs_f64(bytes as f64 / self.rate);
            *passed
        };
        thread::sleep(due.saturating_duration_since(now));
    }
}

/// What the link makes up for after it was idle, or its sender late.
const BURST: Duration = Duration::from_millis(10);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_who_send_share_the_link() {
        let link = Link::new(80);
        let began = Instant::now();
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| (0..10).for_each(|_| link.pass(50_000)));
            }
        });
        // Two megabytes, at ten a second.
        let seconds = began.elapsed().as_secs_f64();
        assert!(seconds >= 0.18, "{seconds}");
    }
}
