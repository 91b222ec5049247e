//! When a request is sent again: one policy for every request of the driver.
//!
//! Pauses double from 0.1 s and vary by half, so that clients that failed together do not come back together. A pause
//! lasts at least as long as the server requests (`Retry-After`), and at most as the table says. Time is counted from
//! the first failure. No pause outlasts the time that is left, be it the table's, the application's (login timeout,
//! query timeout) or that of a sign-in: the last attempt is made just before the end, and its failure is what the
//! application gets. So a time-out never hides an answer of the server.
//!
//! | Request | Busy | Broken | Absent | Blocked | Silent | Garbled | Crowded | Longest pause | Longest requested pause |
//! |---|---|---|---|---|---|---|---|---|---|
//! | probe while connecting, issuer of tokens | 5 s | 5 s | – | – | – | – | 5 s | 5 s | 5 s |
//! | version of the server | 1 s | 1 s | – | – | – | – | 1 s | 1 s | 1 s |
//! | first statement of a session | 120 s | 10 s | – | 120 s | 120 s | – | 120 s | 5 s | 60 s |
//! | later statements | 120 s | 10 s | 10 s | 120 s | 120 s | – | 120 s | 5 s | 60 s |
//! | statement with larger headers than any before | 120 s | 2 tries | 10 s | 120 s | 120 s | – | 120 s | 5 s | 60 s |
//! | page of a result | 120 s | 120 s | 120 s | 120 s | 120 s | 120 s | 120 s | 5 s | 60 s |
//! | token of a sign-in that is under way | its limit | its limit | its limit | its limit | its limit | – | its limit | 5 s | 60 s |
//! | first segment, while the direct protocol can replace it | 6 tries | 6 tries | 3 tries | 1 try | 2 tries | – | 120 s | 5 s | 5 s |
//! | segment before any byte of the result | ≤ 10 s | ≤ 10 s | ≤ 10 s | ≤ 10 s | ≤ 10 s | – | 120 s | 5 s | 5 s |
//! | segment | `StorageRetryTimeout` | the same | the same | the same | the same | the same | 120 s | 5 s | 5 s |
//! | acknowledgement | 2 tries | 2 tries | 2 tries | 2 tries | 2 tries | – | 30 s | 1 s | 1 s |
//! | cancellation | 3 tries | 3 tries | 3 tries | 3 tries | 3 tries | – | 30 s | 1 s | 1 s |
//!
//! Crowded is this side: the process may open no more sockets. Whatever the request, an answer that came damaged is
//! requested 3 times in all. A heartbeat is never repeated: the next one makes up for it. What a certificate proves wrong, and statuses that stay what they are, end at once.

use std::time::Duration;

use tokio::time::Instant;

use super::{Error, Kind};
use crate::runtime;

/// The attempts of one request.
#[derive(Debug)]
pub struct Retry {
    exchange: Exchange,
    first_pause: Duration,
    /// When the last attempt must be made, however much time the table gives.
    end: Option<Instant>,
    since: Option<Instant>,
    failures: u32,
    damages: u32,
}

impl Retry {
    /// No attempt failed yet. The call that waits for the request ends it, too.
    pub fn new(exchange: Exchange) -> Self {
        let retry = Self {
            exchange,
            first_pause: FIRST_PAUSE,
            end: None,
            since: None,
            failures: 0,
            damages: 0,
        };
        match runtime::deadline() {
            Some(deadline) => retry.before(deadline.into(), Instant::now()),
            None => retry,
        }
    }

    /// The same, with another first pause.
    pub fn with_first_pause(mut self, pause: Duration) -> Self {
        self.first_pause = pause;
        self
    }

    /// The same, with the last attempt early enough before `deadline` for its answer to arrive.
    pub fn before(mut self, deadline: Instant, now: Instant) -> Self {
        let end = answerable_before(deadline, now);
        self.end = Some(self.end.map_or(end, |other| other.min(end)));
        self
    }

    /// What is requested counts as `exchange` from now on.
    pub fn count_as(&mut self, exchange: Exchange) {
        self.exchange = exchange;
    }

    /// Something new came before the next failure, which is the first one again.
    pub fn progressed(&mut self) {
        self.since = None;
        self.failures = 0;
    }

    /// How many attempts failed.
    pub fn failures(&self) -> u32 {
        self.failures
    }

    /// The pause before the next attempt; `None` when there is none. The server requests a pause of `requested`.
    pub fn after(
        &mut self,
        failure: Failure,
        requested: Option<Duration>,
        now: Instant,
    ) -> Option<Duration> {
        self.after_within(failure, requested, None, now)
    }

    /// The same, when the next attempt cannot begin later than `end`.
    pub fn after_within(
        &mut self,
        failure: Failure,
        requested: Option<Duration>,
        end: Option<Instant>,
        now: Instant,
    ) -> Option<Duration> {
        self.failures += 1;
        let since = *self.since.get_or_insert(now);
        let row = self.exchange.row();
        let (limit, tries) = match failure {
            Failure::Damaged => {
                self.damages += 1;
                (Limit::Tries(DAMAGED_TRIES), self.damages)
            }
            failure => (row.limit(self.exchange.class(failure)?), self.failures),
        };
        let limit = match limit {
            Limit::Never => return None,
            Limit::Tries(most) if tries >= most => return None,
            Limit::Tries(_) => None,
            Limit::Within(time) => since.checked_add(time),
        };
        let end = [limit, self.end, end].into_iter().flatten().min();
        let left = end.map(|end| end.saturating_duration_since(now));
        if left.is_some_and(|left| left.is_zero()) {
            return None;
        }
        let doubled = 1_u32 << (self.failures - 1).min(16);
        let own = self.first_pause.saturating_mul(doubled).min(row.longest);
        let requested = requested.unwrap_or_default().min(row.longest_requested);
        let pause = half_to_whole(own).max(requested);
        Some(left.map_or(pause, |left| pause.min(left)))
    }
}

/// When an attempt must begin whose answer is to be here before `deadline`.
fn answerable_before(deadline: Instant, now: Instant) -> Instant {
    let left = deadline.saturating_duration_since(now);
    deadline - (left / 4).min(LONGEST_MARGIN)
}

fn half_to_whole(pause: Duration) -> Duration {
    pause.mul_f64(0.5 + fastrand::f64() / 2.0)
}

const FIRST_PAUSE: Duration = Duration::from_millis(100);
const EARLY_LIMIT: Duration = Duration::from_secs(10);

/// How often an answer is requested that comes damaged.
pub const DAMAGED_TRIES: u32 = 3;

/// Time that is kept for the answer to a last attempt.
const LONGEST_MARGIN: Duration = Duration::from_millis(500);

#[cfg(test)]
mod tests;
