//! The attempts of one request: whether there is another one, and after which pause.
//!
//! How long a failure is worth another attempt is the table of [`Exchange`]. A pause ([`Backoff`])
//! lasts at least as long as the server requests (`Retry-After`), and at most as the table says.
//! Time is counted from the first failure. No pause outlasts the time that is left, whether the
//! table's, the application's (login timeout, query timeout) or that of a sign-in: the last attempt
//! is made just before the end, and its failure is what the application gets. So a timeout never
//! hides an answer of the server.
//!
//! Nothing here reads a clock: callers pass `now`.

use std::time::Duration;

use tokio::time::Instant;

use super::exchange::Limit;
use super::{Backoff, Exchange, Failure};
use crate::runtime;

/// The attempts of one request.
#[derive(Debug)]
pub struct Retry {
    exchange: Exchange,
    /// Replaces the first pause of the table.
    first_pause: Option<Duration>,
    /// When the last attempt must be made, however much time the table gives.
    end: Option<Instant>,
    /// When the first failure happened.
    since: Option<Instant>,
    failures: u32,
    damages: u32,
}

impl Retry {
    /// No attempt has failed yet. The deadline of the call that waits for the request, if any, ends
    /// the attempts too.
    pub fn new(exchange: Exchange, now: Instant) -> Self {
        let retry = Self {
            exchange,
            first_pause: None,
            end: None,
            since: None,
            failures: 0,
            damages: 0,
        };
        match runtime::deadline() {
            Some(deadline) => retry.before(deadline.into(), now),
            None => retry,
        }
    }

    /// The same, with another first pause.
    pub fn with_first_pause(mut self, pause: Duration) -> Self {
        self.first_pause = Some(pause);
        self
    }

    /// The same, with the last attempt early enough before `deadline` for its answer to arrive.
    pub fn before(mut self, deadline: Instant, now: Instant) -> Self {
        let end = answerable_before(deadline, now);
        self.end = Some(self.end.map_or(end, |other| other.min(end)));
        self
    }

    /// The request counts as `exchange` from now on.
    pub fn count_as(&mut self, exchange: Exchange) {
        self.exchange = exchange;
    }

    /// The request made progress: the next failure counts as the first one.
    pub fn progressed(&mut self) {
        self.since = None;
        self.failures = 0;
    }

    /// How many attempts failed.
    pub fn failures(&self) -> u32 {
        self.failures
    }

    /// The pause before the next attempt; `None` if there is no further attempt. `requested` is the
    /// pause that the server requested.
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
        let policy = self.exchange.policy();
        let (limit, tries) = match failure {
            Failure::Damaged => {
                self.damages += 1;
                (Limit::Tries(DAMAGED_TRIES), self.damages)
            }
            failure => (policy.limit(self.exchange.class(failure)?), self.failures),
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
        let backoff = Backoff {
            first: self.first_pause.unwrap_or(policy.backoff.first),
            ..policy.backoff
        };
        let requested = requested.unwrap_or_default().min(policy.longest_requested);
        let pause = backoff.pause(self.failures).max(requested);
        Some(left.map_or(pause, |left| pause.min(left)))
    }
}

/// When the last attempt must begin for its answer to arrive before `deadline`.
fn answerable_before(deadline: Instant, now: Instant) -> Instant {
    let left = deadline.saturating_duration_since(now);
    deadline - (left / 4).min(LONGEST_MARGIN)
}

/// How often an answer that arrives damaged is requested, in all.
pub const DAMAGED_TRIES: u32 = 3;

/// The most time that is reserved for the answer to the last attempt.
const LONGEST_MARGIN: Duration = Duration::from_millis(500);

#[cfg(test)]
mod tests;
