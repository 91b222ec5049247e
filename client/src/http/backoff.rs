//! Pauses between the attempts of one request.

use std::time::Duration;

/// Exponential backoff with jitter: pauses double from the first to the longest, and each varies
/// between half of that and all of it, so that clients that failed together do not come back
/// together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    /// The pause after the first failure, before jitter.
    pub first: Duration,
    /// No pause is longer.
    pub longest: Duration,
}

impl Backoff {
    /// The pause after so many failures in a row, at least one.
    pub fn pause(self, failures: u32) -> Duration {
        let doubled = 1_u32 << failures.saturating_sub(1).min(MOST_DOUBLINGS);
        let whole = self.first.saturating_mul(doubled).min(self.longest);
        whole.mul_f64(0.5 + fastrand::f64() / 2.0)
    }
}

/// Beyond that, any pause is the longest.
const MOST_DOUBLINGS: u32 = 16;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest_and_vary_by_half() {
        let backoff = Backoff {
            first: Duration::from_millis(100),
            longest: Duration::from_secs(5),
        };
        for (failures, whole) in [
            (1, 100),
            (2, 200),
            (3, 400),
            (6, 3200),
            (7, 5000),
            (99, 5000),
        ] {
            let whole = Duration::from_millis(whole);
            for _ in 0..20 {
                let pause = backoff.pause(failures);
                assert!(
                    (whole / 2..=whole).contains(&pause),
                    "{pause:?} of {whole:?}"
                );
            }
        }
        let pauses: std::collections::HashSet<_> = (0..20).map(|_| backoff.pause(1)).collect();
        assert!(pauses.len() > 10, "{pauses:?}");
    }
}
