//! How often an issuer is polled for a person's sign-in, and until when.

use std::time::Duration;

use tokio::time::Instant;
use url::Url;

use super::{TokenAnswer, answer_of, failure_of};
use crate::auth::Error;
use crate::http::{self, Answer, Exchange, Failure, Kind, Retry};

/// The state of polling an issuer for a person's sign-in.
///
/// <https://www.rfc-editor.org/rfc/rfc8628#section-3.5>
#[derive(Debug)]
pub(super) struct Polling {
    /// Time before the next request.
    pub(super) pause: Duration,
    interval: Duration,
    end: Instant,
    retry: Retry,
}

impl Polling {
    pub(super) fn new(interval: Duration, end: Instant, now: Instant) -> Self {
        let interval = interval.max(SHORTEST_INTERVAL);
        Self {
            pause: interval,
            interval,
            end,
            retry: Retry::new(Exchange::SignIn, now).before(end, now),
        }
    }

    /// The token of `answer`, or none yet; an error if there will be none.
    pub(super) fn after(
        &mut self,
        answer: Result<Answer, http::Error>,
        address: &Url,
        now: Instant,
    ) -> Result<Option<TokenAnswer>, Error> {
        self.pause = self.interval;
        let refusal = match answer.as_ref().map(|answer| answer_of(answer, address)) {
            Ok(Ok(Ok(token))) => return Ok(Some(token)),
            Ok(Ok(Err(refusal))) => Some(refusal),
            Ok(Err(_)) | Err(_) => None,
        };
        match refusal.as_ref().map(|refusal| refusal.error.as_str()) {
            Some("authorization_pending") => {
                self.retry.progressed();
                return Ok(None);
            }
            Some("slow_down") => {
                self.retry.progressed();
                self.interval += SLOWER;
                self.pause = self.interval;
                return Ok(None);
            }
            _ => {}
        }
        let (failure, requested) = failure_of(&answer);
        let silent = Failure::Network(Kind::ReadTimeout);
        if [silent, Failure::Network(Kind::ConnectTimeout)].contains(&failure) {
            self.interval = (self.interval * 2).min(LONGEST_INTERVAL.max(self.interval));
        }
        let pause = self.retry.after(failure, requested, now);
        // Where no other request is in time, the failure says more than that time is over.
        let pause = pause.map(|pause| self.interval.max(pause));
        if let Some(pause) = pause.filter(|pause| now + *pause < self.end) {
            tracing::debug!(?failure, "asking again whether the person has signed in");
            self.pause = pause;
            return Ok(None);
        }
        match (refusal, answer) {
            (Some(refusal), _) => Err(refusal.into_error(address)),
            (None, Ok(answer)) => answer_of::<TokenAnswer>(&answer, address).map(|_| None),
            (None, Err(error)) => Err(error.into()),
        }
    }
}

const SHORTEST_INTERVAL: Duration = Duration::from_millis(200);
/// How much longer to wait after an issuer was polled too often.
const SLOWER: Duration = Duration::from_secs(5);
/// The interval that requests without an answer lead to.
const LONGEST_INTERVAL: Duration = Duration::from_secs(30);

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::super::{DEVICE_INTERVAL, DEVICE_LIFE};
    use super::*;

    fn answer(status: u16, body: &str) -> Result<Answer, http::Error> {
        Ok(Answer {
            status: reqwest::StatusCode::from_u16(status).unwrap(),
            headers: reqwest::header::HeaderMap::new(),
            body: Bytes::from(body.to_owned()),
        })
    }

    fn refused(error: &str) -> Result<Answer, http::Error> {
        answer(400, &format!("{{\"error\":\"{error}\"}}"))
    }

    fn silent() -> Result<Answer, http::Error> {
        Err(http::Error::silent("i.example:443"))
    }

    /// A sign-in that has ten minutes, polled every five seconds.
    struct Session {
        polling: Polling,
        now: Instant,
    }

    impl Session {
        fn new() -> Self {
            let now = Instant::now();
            let polling = Polling::new(DEVICE_INTERVAL, now + DEVICE_LIFE, now);
            Self { polling, now }
        }

        /// The token that the next answer brings.
        fn hears(&mut self, answer: Result<Answer, http::Error>) -> Result<Option<String>, Error> {
            self.now += self.polling.pause;
            let address = Url::parse("https://i.example/token").unwrap();
            let answer = self.polling.after(answer, &address, self.now)?;
            Ok(answer.map(|answer| answer.access_token))
        }

        /// Seconds before the next request, after an answer that brings nothing.
        fn waits_after(&mut self, answer: Result<Answer, http::Error>) -> u64 {
            assert_eq!(self.hears(answer), Ok(None));
            self.polling.pause.as_secs()
        }
    }

    const TOKEN: &str = "{\"access_token\":\"t\"}";

    #[test]
    fn a_sign_in_goes_on_after_answers_that_fail() {
        let mut session = Session::new();
        for failing in [
            refused("authorization_pending"),
            answer(429, ""),
            answer(500, "oops"),
            answer(503, "{\"error\":\"temporarily_unavailable\"}"),
            silent(),
            answer(408, ""),
            answer(200, "{\"error\":\"authorization_pending\"}"),
        ] {
            assert!(session.waits_after(failing) >= 5);
        }
        assert_eq!(session.hears(answer(200, TOKEN)), Ok(Some("t".to_owned())));
    }

    #[test]
    fn an_issuer_that_is_slow_is_polled_less_often() {
        let mut session = Session::new();
        assert_eq!(session.waits_after(refused("slow_down")), 10);
        assert_eq!(session.waits_after(refused("authorization_pending")), 10);
        assert_eq!(
            session.waits_after(answer(429, "{\"error\":\"slow_down\"}")),
            15
        );
        let mut session = Session::new();
        assert_eq!(session.waits_after(silent()), 10);
        assert_eq!(session.waits_after(refused("authorization_pending")), 10);
        assert_eq!(session.waits_after(silent()), 20);
        assert_eq!(session.waits_after(silent()), 30);
        assert_eq!(session.waits_after(silent()), 30);
    }

    #[test]
    fn a_sign_in_ends_with_a_no_or_with_its_time() {
        for error in [
            "access_denied",
            "expired_token",
            "invalid_grant",
            "invalid_client",
        ] {
            let failure = Session::new().hears(refused(error)).unwrap_err();
            assert!(failure.to_string().contains(error), "{failure}");
        }
        let failure = Session::new().hears(answer(404, "<html>")).unwrap_err();
        assert!(failure.to_string().contains("404"), "{failure}");
        let (mut session, mut answers) = (Session::new(), 0);
        let failure = loop {
            match session.hears(silent()) {
                Ok(_) => answers += 1,
                Err(error) => break error,
            }
        };
        assert!(failure.to_string().contains("i.example:443"), "{failure}");
        assert!((15..40).contains(&answers), "{answers}");
    }
}
