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

/// A request, by what sending it twice would mean and what there is to lose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exchange {
    /// HEAD or GET that changes nothing, while a person waits for a connection.
    Probe,
    /// GET of the server's version, which can be done without.
    Version,
    /// POST of a statement. The server only registers it: it runs when its first page is requested.
    Submit {
        /// Whether the server has answered this session before.
        answered: bool,
    },
    /// The same, with headers so large that what is in front of the server may refuse them, by closing the connection or
    /// by an answer about what is behind it.
    LargeSubmit,
    /// GET of a page. The server repeats the last page word for word.
    Poll,
    /// GET or POST of the place where a token will be, while a person signs in.
    SignIn,
    /// GET of a segment while a result can still be had without storage, which has not given any segment so far.
    FirstSegment,
    /// GET of a segment of a result that has no byte yet, with the longest time for it.
    EarlySegment(Duration),
    /// GET of a segment, with the time for it.
    Segment(Duration),
    /// GET that lets the server delete a segment.
    Acknowledge,
    /// DELETE of a statement.
    Cancel,
}

/// How an attempt failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// An answer with that status.
    Status(u16),
    /// No answer.
    Network(Kind),
    /// An answer that ends too early.
    Incomplete,
    /// An answer that is complete and wrong.
    Damaged,
    /// One that another attempt cannot mend.
    Permanent,
}

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

impl Failure {
    /// The failure that `error` is.
    pub fn of(error: &Error) -> Self {
        Self::Network(error.kind())
    }
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

/// Failures that are alike in what they promise of another attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    /// The server, or a gateway before it, has no time.
    Busy,
    /// The connection broke, or the answer did.
    Broken,
    /// Nobody has that name or listens there.
    Absent,
    /// No connection within the time.
    Blocked,
    /// No answer within the time.
    Silent,
    /// The other side speaks something else, as far as can be told.
    Garbled,
    /// No socket is left on this side.
    Crowded,
}

/// How long a failure of a class is worth another attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Limit {
    Never,
    /// So many attempts, the first included.
    Tries(u32),
    /// For that long.
    Within(Duration),
}

/// A row of the table.
#[derive(Debug, Clone, Copy)]
struct Row {
    busy: Limit,
    broken: Limit,
    absent: Limit,
    blocked: Limit,
    silent: Limit,
    garbled: Limit,
    crowded: Limit,
    longest: Duration,
    longest_requested: Duration,
}

impl Exchange {
    #[rustfmt::skip]
    fn row(self) -> Row {
        use Limit::{Never, Tries, Within};

        let seconds = |seconds| Within(Duration::from_secs(seconds));
        // Nothing was sent, and what ends it is on this side.
        let crowded = match self {
            Self::Probe => seconds(5),
            Self::Version => seconds(1),
            Self::SignIn => Within(Duration::MAX),
            Self::Acknowledge | Self::Cancel => seconds(30),
            _ => seconds(120),
        };
        let row = |[busy, broken, absent, blocked, silent, garbled]: [Limit; 6], longest, requested| Row {
            busy, broken, absent, blocked, silent, garbled, crowded,
            longest: Duration::from_secs(longest),
            longest_requested: Duration::from_secs(requested),
        };
        let (short, long) = (seconds(10), seconds(120));
        match self {
            //              busy        broken      absent    blocked   silent    garbled
            Self::Probe =>
                row([seconds(5), seconds(5), Never,    Never,    Never,    Never], 5, 5),
            Self::Version =>
                row([seconds(1), seconds(1), Never,    Never,    Never,    Never], 1, 1),
            Self::Submit { answered: false } =>
                row([long,       short,      Never,    long,     long,     Never], 5, 60),
            Self::Submit { answered: true } =>
                row([long,       short,      short,    long,     long,     Never], 5, 60),
            Self::LargeSubmit =>
                row([long,       Tries(2),   short,    long,     long,     Never], 5, 60),
            Self::Poll =>
                row([long; 6], 5, 60),
            Self::SignIn => {
                let all = Within(Duration::MAX);
                row([all,        all,        all,      all,      all,      Never], 5, 60)
            }
            Self::FirstSegment =>
                row([Tries(6),   Tries(6),   Tries(3), Tries(1), Tries(2), Never], 5, 5),
            Self::EarlySegment(time) => {
                let all = Within(time.min(EARLY_LIMIT));
                row([all,        all,        all,      all,      all,      Never], 5, 5)
            }
            Self::Segment(time) =>
                row([Within(time); 6], 5, 5),
            Self::Acknowledge =>
                row([Tries(2),   Tries(2),   Tries(2), Tries(2), Tries(2), Never], 1, 1),
            Self::Cancel =>
                row([Tries(3),   Tries(3),   Tries(3), Tries(3), Tries(3), Never], 1, 1),
        }
    }

    /// The class of `failure`; `None` when no attempt can mend it.
    fn class(self, failure: Failure) -> Option<Class> {
        Some(match failure {
            Failure::Status(502 | 504 | 520..=524) if self == Self::LargeSubmit => Class::Broken,
            Failure::Status(status) if self.is_busy(status) => Class::Busy,
            Failure::Incomplete => Class::Broken,
            Failure::Network(kind) => match kind {
                Kind::Broken | Kind::Other => Class::Broken,
                Kind::UnknownHost | Kind::Refused | Kind::Proxy => Class::Absent,
                Kind::ConnectTimeout => Class::Blocked,
                Kind::ReadTimeout => Class::Silent,
                Kind::Tls | Kind::NotTls | Kind::NotHttp => Class::Garbled,
                Kind::NoSocket => Class::Crowded,
                Kind::UnknownAuthority
                | Kind::WrongName
                | Kind::Expired
                | Kind::Revoked
                | Kind::BadCertificate
                | Kind::Store
                | Kind::InvalidUri => return None,
            },
            Failure::Status(_) | Failure::Damaged | Failure::Permanent => return None,
        })
    }

    /// Whether a server that answers with `status` may answer otherwise later.
    fn is_busy(self, status: u16) -> bool {
        match status {
            // 520 to 524 are those of a gateway that has trouble with what is behind it.
            408 | 425 | 429 | 502..=504 | 520..=524 => true,
            501 | 505 | 511 => false,
            // A coordinator's own failure is about the statement, and stays.
            500..=599 => matches!(
                self,
                Self::SignIn
                    | Self::FirstSegment
                    | Self::EarlySegment(_)
                    | Self::Segment(_)
                    | Self::Acknowledge
                    | Self::Cancel
            ),
            _ => false,
        }
    }
}

impl Row {
    fn limit(&self, class: Class) -> Limit {
        match class {
            Class::Busy => self.busy,
            Class::Broken => self.broken,
            Class::Absent => self.absent,
            Class::Blocked => self.blocked,
            Class::Silent => self.silent,
            Class::Garbled => self.garbled,
            Class::Crowded => self.crowded,
        }
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
mod tests {
    use super::*;

    const EVERY: [Exchange; 13] = [
        Exchange::Probe,
        Exchange::Version,
        Exchange::Submit { answered: false },
        Exchange::Submit { answered: true },
        Exchange::LargeSubmit,
        Exchange::Poll,
        Exchange::SignIn,
        Exchange::FirstSegment,
        Exchange::EarlySegment(MINUTE),
        Exchange::Segment(MINUTE),
        Exchange::Segment(Duration::from_secs(1)),
        Exchange::Acknowledge,
        Exchange::Cancel,
    ];
    const MINUTE: Duration = Duration::from_secs(60);

    /// Every failure that passes by itself when the network or a server is back.
    const PASSING: [Failure; 12] = [
        Failure::Status(408),
        Failure::Status(429),
        Failure::Status(502),
        Failure::Status(503),
        Failure::Network(Kind::UnknownHost),
        Failure::Network(Kind::Refused),
        Failure::Network(Kind::Proxy),
        Failure::Network(Kind::ConnectTimeout),
        Failure::Network(Kind::ReadTimeout),
        Failure::Network(Kind::Broken),
        Failure::Network(Kind::Other),
        Failure::Incomplete,
    ];

    /// The attempts of a request that always fails: when each began, counted from the first.
    fn attempts(
        retry: Retry,
        failure: Failure,
        requested: Option<Duration>,
        most: usize,
    ) -> Vec<Duration> {
        let (mut retry, start) = (retry, Instant::now());
        let mut attempts = vec![Duration::ZERO];
        while attempts.len() < most
            && let Some(pause) =
                retry.after(failure, requested, start + attempts[attempts.len() - 1])
        {
            attempts.push(attempts[attempts.len() - 1] + pause);
        }
        attempts
    }

    fn all_attempts(exchange: Exchange, failure: Failure) -> Vec<Duration> {
        attempts(Retry::new(exchange), failure, None, 10_000)
    }

    fn last(exchange: Exchange, failure: Failure) -> Duration {
        all_attempts(exchange, failure).pop().unwrap()
    }

    #[test]
    fn pauses_double_and_vary_up_to_the_longest() {
        let attempts = attempts(Retry::new(Exchange::Poll), Failure::Status(503), None, 12);
        for (index, pair) in attempts.windows(2).enumerate() {
            let whole = (FIRST_PAUSE * (1 << index)).min(Duration::from_secs(5));
            let pause = pair[1] - pair[0];
            assert!(
                (whole / 2..=whole).contains(&pause),
                "{pause:?} of {whole:?}"
            );
        }
        let pauses = |_| all_attempts(Exchange::Poll, Failure::Status(503))[1];
        let pauses: std::collections::HashSet<_> = (0..20).map(pauses).collect();
        assert!(pauses.len() > 10, "{pauses:?}");
    }

    #[test]
    fn all_failures_of_the_network_are_alike_to_a_segment_and_to_a_page() {
        for failure in PASSING {
            assert_eq!(
                last(Exchange::Segment(MINUTE), failure),
                MINUTE,
                "{failure:?}"
            );
            assert_eq!(last(Exchange::Poll, failure), MINUTE * 2, "{failure:?}");
            let early = last(Exchange::EarlySegment(MINUTE), failure);
            assert_eq!(early, Duration::from_secs(10), "{failure:?}");
        }
        for kind in [Kind::Tls, Kind::NotTls, Kind::NotHttp] {
            let failure = Failure::Network(kind);
            assert_eq!(last(Exchange::Segment(MINUTE), failure), MINUTE);
            assert_eq!(
                last(Exchange::EarlySegment(MINUTE), failure),
                Duration::ZERO
            );
        }
    }

    #[test]
    fn a_socket_is_waited_for_however_little_the_server_is_worth() {
        let crowded = Failure::Network(Kind::NoSocket);
        for exchange in EVERY {
            let least = match exchange {
                Exchange::Version => 1,
                Exchange::Probe => 5,
                Exchange::Acknowledge | Exchange::Cancel => 30,
                Exchange::SignIn => continue,
                _ => 120,
            };
            assert_eq!(
                last(exchange, crowded),
                Duration::from_secs(least),
                "{exchange:?}"
            );
        }
    }

    #[test]
    fn pauses_between_segments_are_never_longer_than_five_seconds() {
        for requested in [None, Some(Duration::ZERO), Some(MINUTE * 60)] {
            let retry = Retry::new(Exchange::Segment(MINUTE * 10));
            let attempts = attempts(retry, Failure::Status(503), requested, 1000);
            let pauses = attempts.windows(2).map(|pair| pair[1] - pair[0]);
            assert!(pauses.max().unwrap() <= Duration::from_secs(5));
        }
    }

    #[test]
    fn a_first_segment_that_can_be_replaced_ends_soon() {
        for failure in PASSING {
            let attempts = all_attempts(Exchange::FirstSegment, failure);
            assert!(attempts.len() <= 6, "{failure:?}");
            assert!(
                attempts[attempts.len() - 1] < Duration::from_secs(4),
                "{failure:?}"
            );
        }
        let blocked = Failure::Network(Kind::ConnectTimeout);
        assert_eq!(all_attempts(Exchange::FirstSegment, blocked).len(), 1);
        let refused = Failure::Network(Kind::Refused);
        assert_eq!(all_attempts(Exchange::FirstSegment, refused).len(), 3);
    }

    #[test]
    fn headers_that_may_be_too_large_are_tried_twice_and_a_busy_server_as_ever() {
        for failure in [
            Failure::Status(502),
            Failure::Status(504),
            Failure::Network(Kind::Broken),
        ] {
            let attempts = all_attempts(Exchange::LargeSubmit, failure);
            assert_eq!(attempts.len(), 2, "{failure:?}");
        }
        let busy = last(Exchange::LargeSubmit, Failure::Status(503));
        assert_eq!(busy, MINUTE * 2);
    }

    #[test]
    fn a_requested_pause_is_at_least_the_own_one_and_at_most_the_longest() {
        let pause = |exchange, requested| {
            let attempts = attempts(Retry::new(exchange), Failure::Status(503), requested, 2);
            attempts[1]
        };
        let seconds = Duration::from_secs;
        assert_eq!(pause(Exchange::Poll, Some(seconds(7))), seconds(7));
        assert_eq!(pause(Exchange::Poll, Some(seconds(3600))), seconds(60));
        assert_eq!(
            pause(Exchange::Segment(MINUTE), Some(seconds(3600))),
            seconds(5)
        );
        assert!(pause(Exchange::Poll, Some(seconds(0))) >= FIRST_PAUSE / 2);
    }

    #[test]
    fn a_requested_pause_does_not_outlast_the_limit_and_leaves_a_last_attempt() {
        let hour = Some(MINUTE * 60);
        let retry = Retry::new(Exchange::Probe);
        let attempts = attempts(retry, Failure::Status(503), hour, 100);
        assert_eq!(attempts, [Duration::ZERO, Duration::from_secs(5)]);
    }

    #[test]
    fn the_last_attempt_leaves_time_for_an_answer_before_the_deadline() {
        let now = Instant::now();
        for (limit, last) in [(400, 300), (2000, 1500), (10_000, 9500)] {
            let deadline = now + Duration::from_millis(limit);
            for (exchange, requested) in [
                (Exchange::Poll, None),
                (Exchange::Poll, Some(MINUTE)),
                (Exchange::SignIn, None),
                (Exchange::Segment(MINUTE), None),
            ] {
                let mut retry = Retry::new(exchange).before(deadline, now);
                let mut at = now;
                while let Some(pause) = retry.after(Failure::Status(503), requested, at) {
                    at += pause;
                }
                assert_eq!(at - now, Duration::from_millis(last), "{exchange:?}");
            }
        }
    }

    #[test]
    fn a_call_of_the_application_ends_the_attempts() {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .unwrap();
        let wait = runtime::Wait {
            deadline: Some(std::time::Instant::now() + Duration::from_secs(8)),
            ..runtime::Wait::default()
        };
        let attempts = wait.block_on(runtime.handle(), async {
            let retry = Retry::new(Exchange::Poll);
            attempts(retry, Failure::Status(503), Some(MINUTE), 100)
        });
        let attempts = attempts.unwrap();
        assert_eq!(attempts.len(), 2);
        assert!((7000..=7500).contains(&attempts[1].as_millis()));
    }

    #[test]
    fn progress_makes_the_next_failure_the_first() {
        let (mut retry, start) = (Retry::new(Exchange::Segment(MINUTE)), Instant::now());
        let failure = Failure::Network(Kind::Broken);
        assert!(retry.after(failure, None, start).is_some());
        assert_eq!(retry.after(failure, None, start + MINUTE), None);
        retry.progressed();
        assert!(retry.after(failure, None, start + MINUTE).unwrap() <= FIRST_PAUSE);
    }

    #[test]
    fn damage_is_requested_three_times_however_the_attempts_between_fail() {
        let (mut retry, now) = (Retry::new(Exchange::Segment(MINUTE)), Instant::now());
        assert!(retry.after(Failure::Damaged, None, now).is_some());
        assert!(retry.after(Failure::Status(503), None, now).is_some());
        assert!(retry.after(Failure::Damaged, None, now).is_some());
        assert_eq!(retry.after(Failure::Damaged, None, now), None);
        assert_eq!(all_attempts(Exchange::Poll, Failure::Damaged).len(), 3);
    }

    #[test]
    fn a_wrong_host_or_port_shows_at_once_until_the_server_has_answered() {
        for kind in [Kind::UnknownHost, Kind::Refused] {
            let failure = Failure::Network(kind);
            for exchange in [Exchange::Probe, Exchange::Submit { answered: false }] {
                assert_eq!(all_attempts(exchange, failure).len(), 1);
            }
            let later = last(Exchange::Submit { answered: true }, failure);
            assert_eq!(later, Duration::from_secs(10));
        }
    }

    #[test]
    fn what_a_certificate_proves_wrong_ends_at_once() {
        for exchange in EVERY {
            for kind in [
                Kind::UnknownAuthority,
                Kind::WrongName,
                Kind::Expired,
                Kind::Revoked,
                Kind::BadCertificate,
            ] {
                assert_eq!(all_attempts(exchange, Failure::Network(kind)).len(), 1);
            }
            assert_eq!(all_attempts(exchange, Failure::Permanent).len(), 1);
        }
    }

    #[test]
    fn a_busy_gateway_is_tried_again_and_other_statuses_stay() {
        for exchange in EVERY {
            for status in [408, 429, 502, 503, 504] {
                let attempts = attempts(Retry::new(exchange), Failure::Status(status), None, 2);
                assert_eq!(attempts.len(), 2, "{exchange:?} {status}");
            }
            for status in [400, 401, 403, 404, 410, 501, 505, 511] {
                assert_eq!(all_attempts(exchange, Failure::Status(status)).len(), 1);
            }
        }
        assert_eq!(all_attempts(Exchange::Poll, Failure::Status(500)).len(), 1);
        let storage = attempts(
            Retry::new(Exchange::Segment(MINUTE)),
            Failure::Status(500),
            None,
            2,
        );
        assert_eq!(storage.len(), 2);
    }
}
