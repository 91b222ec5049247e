//! When a request for a segment is repeated: pauses that double, with jitter, bounded in number and
//! time.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::{Duration, Instant};

/// The attempts of one segment.
#[derive(Debug)]
pub(super) struct Backoff {
    limits: Limits,
    failures: u32,
    since: Option<Instant>,
}

/// How long a segment is tried.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// Attempts in all, the first included.
    pub(super) attempts: u32,
    /// Time from the first failure on.
    pub(super) time: Duration,
    /// The first pause; each further one is twice as long.
    pub(super) pause: Duration,
    /// The longest pause, whatever the server asks for.
    pub(super) longest: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            attempts: 6,
            time: Duration::from_secs(120),
            pause: Duration::from_millis(100),
            longest: Duration::from_secs(20),
        }
    }
}

impl Backoff {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            limits,
            failures: 0,
            since: None,
        }
    }

    /// The pause before the next attempt, or `None` when there were enough. `asked` is what the
    /// server asks for.
    pub(super) fn next(&mut self, attempts: u32, asked: Option<Duration>) -> Option<Duration> {
        self.failures += 1;
        if self.failures >= attempts.min(self.limits.attempts) {
            return None;
        }
        let doubled = self
            .limits
            .pause
            .saturating_mul(1 << self.failures.saturating_sub(1).min(16));
        let pause = asked
            .unwrap_or_else(|| half_to_whole(doubled, random()))
            .min(self.limits.longest);
        let since = *self.since.get_or_insert_with(Instant::now);
        (since.elapsed() + pause <= self.limits.time).then_some(pause)
    }

    /// How many attempts failed.
    pub(super) fn failures(&self) -> u32 {
        self.failures
    }
}

/// Between half of `pause` and all of it, so that clients that failed together do not return
/// together.
fn half_to_whole(pause: Duration, random: u16) -> Duration {
    pause / 2 + (pause / 2) * u32::from(random) / u32::from(u16::MAX)
}

/// 16 random bits; the hasher's own seed is random enough for jitter.
fn random() -> u16 {
    let [low, high, ..] = RandomState::new().build_hasher().finish().to_le_bytes();
    u16::from_le_bytes([low, high])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_and_end() {
        let mut backoff = Backoff::new(Limits::default());
        let pauses: Vec<Duration> = std::iter::from_fn(|| backoff.next(u32::MAX, None)).collect();
        assert_eq!(pauses.len(), 5);
        for (index, pause) in pauses.iter().enumerate() {
            let whole = Duration::from_millis(100) * (1 << index);
            assert!(
                (whole / 2..=whole).contains(pause),
                "{pause:?} of {whole:?}"
            );
        }
    }

    #[test]
    fn what_the_server_asks_for_is_honoured_up_to_a_limit() {
        let mut backoff = Backoff::new(Limits::default());
        let second = Duration::from_secs(1);
        assert_eq!(backoff.next(9, Some(second)), Some(second));
        assert_eq!(backoff.next(9, Some(second * 3600)), Some(second * 20));
    }
}
