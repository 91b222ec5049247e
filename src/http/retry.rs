//! When a request is sent again: one table, and a pause that grows.

use std::time::{Duration, Instant};

use super::{Error, Kind};

/// A request, by what sending it twice would mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exchange {
    /// POST of a statement. The server only registers it: it runs when its first page is asked for.
    Submit,
    /// GET of a page. The server repeats the last page word for word.
    Poll,
    /// HEAD or GET that changes nothing, while a person waits for a connection.
    Probe,
}

/// How a request failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// An answer with that status.
    Status(u16),
    /// No answer.
    Network(Kind),
}

/// The pauses between attempts of one request.
#[derive(Debug)]
pub struct Retry {
    exchange: Exchange,
    started: Instant,
    attempts: u32,
}

impl Failure {
    /// The failure that `error` is.
    pub fn of(error: &Error) -> Self {
        Self::Network(error.kind())
    }
}

impl Retry {
    /// No attempt failed yet.
    pub fn new(exchange: Exchange) -> Self {
        Self {
            exchange,
            started: Instant::now(),
            attempts: 0,
        }
    }

    /// How long to pause before the next attempt; `None` when there shall be none.
    pub fn after(&mut self, failure: Failure) -> Option<Duration> {
        let limit = limit(self.exchange, failure)?;
        self.attempts += 1;
        let pause = (STEP * self.attempts).min(LONGEST_PAUSE);
        (self.started.elapsed() + pause <= limit).then_some(pause)
    }
}

/// How long after the first attempt `failure` is still worth another one; `None` when it never is.
fn limit(exchange: Exchange, failure: Failure) -> Option<Duration> {
    match (exchange, failure) {
        (Exchange::Probe, Failure::Status(429 | 502..=504)) => Some(PROBE_LIMIT),
        (_, Failure::Status(429 | 502..=504)) => Some(LIMIT),
        // A kept connection may have died while it was idle.
        (Exchange::Probe, Failure::Network(Kind::Broken)) => Some(PROBE_LIMIT),
        (Exchange::Submit, Failure::Network(Kind::Broken)) => Some(SHORT_LIMIT),
        (
            Exchange::Submit | Exchange::Poll,
            Failure::Network(Kind::ConnectTimeout | Kind::ReadTimeout),
        ) => Some(LIMIT),
        // Whoever listened there is gone; a coordinator that returns no longer knows the query.
        (Exchange::Poll, Failure::Network(Kind::Refused | Kind::Proxy | Kind::Broken)) => {
            Some(SHORT_LIMIT)
        }
        (Exchange::Poll, Failure::Network(Kind::UnknownHost | Kind::Other)) => Some(LIMIT),
        _ => None,
    }
}

const STEP: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
const LIMIT: Duration = Duration::from_secs(120);
const SHORT_LIMIT: Duration = Duration::from_secs(10);
const PROBE_LIMIT: Duration = Duration::from_secs(5);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gateway_that_is_busy_is_asked_again() {
        for exchange in [Exchange::Submit, Exchange::Poll, Exchange::Probe] {
            for status in [429, 502, 503, 504] {
                assert!(limit(exchange, Failure::Status(status)).is_some());
            }
            for status in [400, 401, 403, 404, 408, 410, 500, 501] {
                assert_eq!(limit(exchange, Failure::Status(status)), None);
            }
        }
    }

    #[test]
    fn a_certificate_is_never_asked_for_again() {
        for exchange in [Exchange::Submit, Exchange::Poll, Exchange::Probe] {
            for kind in [
                Kind::UnknownAuthority,
                Kind::WrongName,
                Kind::Expired,
                Kind::NotTls,
            ] {
                assert_eq!(limit(exchange, Failure::Network(kind)), None);
            }
        }
    }

    #[test]
    fn a_wrong_host_or_port_is_told_at_once() {
        for exchange in [Exchange::Submit, Exchange::Probe] {
            for kind in [Kind::UnknownHost, Kind::Refused] {
                assert_eq!(limit(exchange, Failure::Network(kind)), None);
            }
        }
        assert_eq!(
            limit(Exchange::Probe, Failure::Network(Kind::ConnectTimeout)),
            None
        );
    }

    #[test]
    fn a_page_is_asked_for_again_after_any_network_failure() {
        for kind in [
            Kind::UnknownHost,
            Kind::Refused,
            Kind::ConnectTimeout,
            Kind::ReadTimeout,
            Kind::Broken,
            Kind::Other,
        ] {
            assert!(limit(Exchange::Poll, Failure::Network(kind)).is_some());
        }
    }

    #[test]
    fn pauses_grow_by_a_tenth_of_a_second() {
        let mut retry = Retry::new(Exchange::Poll);
        let pauses: Vec<_> = (0..3)
            .filter_map(|_| retry.after(Failure::Status(503)))
            .collect();
        assert_eq!(pauses, [100, 200, 300].map(Duration::from_millis));
    }
}
