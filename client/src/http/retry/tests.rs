use super::*;
use crate::http::Kind;

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
        && let Some(pause) = retry.after(failure, requested, start + attempts[attempts.len() - 1])
    {
        attempts.push(attempts[attempts.len() - 1] + pause);
    }
    attempts
}

fn all_attempts(exchange: Exchange, failure: Failure) -> Vec<Duration> {
    attempts(Retry::new(exchange, Instant::now()), failure, None, 10_000)
}

fn last(exchange: Exchange, failure: Failure) -> Duration {
    all_attempts(exchange, failure).pop().unwrap()
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
        let retry = Retry::new(Exchange::Segment(MINUTE * 10), Instant::now());
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
fn large_headers_are_tried_twice_and_a_busy_server_as_usual() {
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
        let attempts = attempts(
            Retry::new(exchange, Instant::now()),
            Failure::Status(503),
            requested,
            2,
        );
        attempts[1]
    };
    let seconds = Duration::from_secs;
    assert_eq!(pause(Exchange::Poll, Some(seconds(7))), seconds(7));
    assert_eq!(pause(Exchange::Poll, Some(seconds(3600))), seconds(60));
    assert_eq!(
        pause(Exchange::Segment(MINUTE), Some(seconds(3600))),
        seconds(5)
    );
    assert!(pause(Exchange::Poll, Some(seconds(0))) >= Duration::from_millis(100) / 2);
}

#[test]
fn a_requested_pause_does_not_outlast_the_limit_and_leaves_a_last_attempt() {
    let hour = Some(MINUTE * 60);
    let retry = Retry::new(Exchange::Probe, Instant::now());
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
            let mut retry = Retry::new(exchange, Instant::now()).before(deadline, now);
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
        let retry = Retry::new(Exchange::Poll, Instant::now());
        attempts(retry, Failure::Status(503), Some(MINUTE), 100)
    });
    let attempts = attempts.unwrap();
    assert_eq!(attempts.len(), 2);
    assert!((7000..=7500).contains(&attempts[1].as_millis()));
}

#[test]
fn progress_makes_the_next_failure_the_first() {
    let (mut retry, start) = (
        Retry::new(Exchange::Segment(MINUTE), Instant::now()),
        Instant::now(),
    );
    let failure = Failure::Network(Kind::Broken);
    assert!(retry.after(failure, None, start).is_some());
    assert_eq!(retry.after(failure, None, start + MINUTE), None);
    retry.progressed();
    assert!(retry.after(failure, None, start + MINUTE).unwrap() <= Duration::from_millis(100));
}

#[test]
fn damage_is_requested_three_times_however_the_attempts_between_fail() {
    let (mut retry, now) = (
        Retry::new(Exchange::Segment(MINUTE), Instant::now()),
        Instant::now(),
    );
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
            let attempts = attempts(
                Retry::new(exchange, Instant::now()),
                Failure::Status(status),
                None,
                2,
            );
            assert_eq!(attempts.len(), 2, "{exchange:?} {status}");
        }
        for status in [400, 401, 403, 404, 410, 501, 505, 511] {
            assert_eq!(all_attempts(exchange, Failure::Status(status)).len(), 1);
        }
    }
    assert_eq!(all_attempts(Exchange::Poll, Failure::Status(500)).len(), 1);
    let storage = attempts(
        Retry::new(Exchange::Segment(MINUTE), Instant::now()),
        Failure::Status(500),
        None,
        2,
    );
    assert_eq!(storage.len(), 2);
}
