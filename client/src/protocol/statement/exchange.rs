//! One request and its answer, with redirects, renewed credentials and retries.
//!
//! ```text
//!             +------------------------------------------------------------+
//!             |                                                            |
//!             v                                                            |
//!   credentials (may wait for a sign-in)                                   |
//!             |                                                            |
//!             v                                                            |
//!        the request                                                       |
//!             |                                                            |
//!             +-- success ----------------> the answer                     |
//!             +-- 401 of the own origin --> renew, once or twice ----------+
//!             +-- redirect of the host ---> follow, up to five ------------+
//!             +-- another failure --------> Retry: pause ------------------+
//!                                                |
//!                                                +--> the policy or the time is exhausted: the error
//! ```
//!
//! Credentials go to the coordinator's own origin only. Redirects are followed to the same host only,
//! and never from https to http. A sign-in does not count against the time of the retries. If the
//! connection limits silence, the last attempt begins while a quarter of that time is left for its
//! answer.

use std::borrow::Cow;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::BytesMut;
use parking_lot::Mutex;
use reqwest::header::LOCATION;
use reqwest::{RequestBuilder, StatusCode};
use tokio::time::{Instant, timeout_at};
use tokio_util::sync::CancellationToken;
use url::Url;

use super::{Coordinator, authorized};
use crate::auth::{self, Challenge};
use crate::http::{self, Answer, Exchange, Failure, Kind, Retry};
use crate::protocol::Error;
use crate::protocol::excerpt::{excerpt, is_web_page};
use crate::protocol::header_size::{self, HeaderSize};

impl Coordinator {
    /// Sends a request of `uri`, or of where its host redirects, until it has an answer or is not
    /// worth sending again.
    pub(super) async fn exchange(
        &self,
        exchange: Exchange,
        uri: &str,
        request: impl Fn(&str) -> RequestBuilder,
    ) -> Result<Answer, Error> {
        let (given_up, trouble) = (CancellationToken::new(), Trouble::default());
        self.exchange_unless(&given_up, &trouble, exchange, uri, request)
            .await
    }

    /// The same, which gets no credentials any more once `given_up` is fired, and notes in
    /// `trouble` why it sends the request again.
    pub(super) async fn exchange_unless(
        &self,
        given_up: &CancellationToken,
        trouble: &Trouble,
        exchange: Exchange,
        uri: &str,
        request: impl Fn(&str) -> RequestBuilder,
    ) -> Result<Answer, Error> {
        let mut uri = Cow::Borrowed(uri);
        let mut redirects = 0;
        let mut renewals = 0;
        let mut heard = Instant::now();
        let mut retry = Retry::new(exchange, heard);
        let silence = self.silence();
        loop {
            let own = self.is_own(&uri);
            let asked = Instant::now();
            let shown = match own {
                true => unless(given_up, self.credentials.authorization()).await?,
                false => None,
            };
            // The time of a sign-in does not count.
            heard += asked.elapsed();
            let sending = authorized(request(&uri), shown.as_ref());
            let answer = match silence {
                None => self.client.receive(sending).await,
                Some(limit) => self.receive_within(limit, heard, sending).await,
            };
            if answer.is_ok() && own {
                self.answered.store(true, Ordering::Relaxed);
            }
            if let Ok(answer) = &answer
                && answer.status == StatusCode::UNAUTHORIZED
                && own
                // Once, and once more where it came down to showing nothing.
                && (renewals == 0 || renewals == 1 && shown.is_none())
            {
                renewals += 1;
                let challenges = Challenge::read(&answer.headers);
                tracing::debug!(?challenges, "the coordinator refuses the credentials");
                if unless(
                    given_up,
                    self.credentials.renew(shown.as_ref(), &challenges),
                )
                .await?
                {
                    // A person may have taken longer than anything that is worth retrying.
                    heard = Instant::now();
                    retry = Retry::new(exchange, heard);
                    continue;
                }
            }
            if let Ok(answer) = &answer
                && redirects < MOST_REDIRECTS
                && let Some(target) = self.redirected(&uri, answer)
            {
                redirects += 1;
                tracing::debug!(to = http::endpoint_of(&target), "following a redirect");
                uri = Cow::Owned(target.into());
                continue;
            }
            let (failure, requested, refused) = match answer {
                Ok(answer) if answer.status.is_success() => {
                    self.met.store(true, Ordering::Relaxed);
                    trouble.clear();
                    return Ok(answer);
                }
                Ok(answer) => {
                    heard = Instant::now();
                    (
                        Failure::Status(answer.status.as_u16()),
                        answer.retry_after(),
                        Refused::Answered(answer),
                    )
                }
                Err(error) => (Failure::of(&error), None, Refused::Unanswered(error)),
            };
            let sent = authorized(request(&uri), shown.as_ref());
            let error = self.refused_with(exchange, sent, refused);
            // Not for a server that was spoken to before.
            if !self.met.swap(true, Ordering::Relaxed)
                && let Some(other) = self.other_scheme(failure).await
            {
                self.met.store(false, Ordering::Relaxed);
                return Err(Error::Http(other));
            }
            // The rest of the silence is for the answer to the next attempt.
            let end = silence.map(|limit| heard + limit * 3 / 4);
            let pause = retry.after_within(failure, requested, end, Instant::now());
            let Some(pause) = pause else {
                return Err(error);
            };
            tracing::debug!(%error, ?pause, "sending the request again");
            trouble.set(&error);
            tokio::time::sleep(pause).await;
        }
    }

    /// Where an answer about `uri` redirects a request as it is: to the same host, never away from
    /// TLS.
    fn redirected(&self, uri: &str, answer: &Answer) -> Option<Url> {
        if !matches!(answer.status.as_u16(), 301 | 302 | 307 | 308) {
            return None;
        }
        let from = Url::parse(uri).ok()?;
        let to = from
            .join(answer.headers.get(LOCATION)?.to_str().ok()?)
            .ok()?;
        let is_allowed = match (from.scheme(), to.scheme()) {
            ("http", "http" | "https") => true,
            (_, to) => to == "https",
        };
        if !is_allowed || to.host() != from.host() || to == from {
            return None;
        }
        if from.scheme() != to.scheme() && self.own.contains(&from) {
            let mut base = to.clone();
            base.set_path("/");
            base.set_query(None);
            base.set_fragment(None);
            self.own.move_to(base);
        }
        Some(to)
    }

    /// An answer that begins within `limit` after `heard`, and is not silent for longer in between.
    async fn receive_within(
        &self,
        limit: Duration,
        mut heard: Instant,
        request: RequestBuilder,
    ) -> Result<Answer, http::Error> {
        let of_client = |error: reqwest::Error| self.client.error(&error);
        let silent = |_| http::Error::silent(&self.endpoint);
        let sent = timeout_at(heard + limit, self.client.send(request)).await;
        let mut response = sent.map_err(silent)?.map_err(of_client)?;
        let mut body = BytesMut::new();
        loop {
            heard = Instant::now();
            let chunk = timeout_at(heard + limit, response.chunk()).await;
            match chunk.map_err(silent)?.map_err(of_client)? {
                Some(chunk) => body.extend_from_slice(&chunk),
                None => break,
            }
        }
        let status = response.status();
        let headers = std::mem::take(response.headers_mut());
        Ok(Answer::new(status, headers, body.freeze()))
    }

    /// The error of a server that speaks TLS where it was spoken to without, or the reverse, if
    /// `failure` may be that.
    async fn other_scheme(&self, failure: Failure) -> Option<http::Error> {
        let is_tls = self.own.base().scheme() == "https";
        let may_be = match failure {
            Failure::Network(Kind::Broken) => true,
            Failure::Network(Kind::NotHttp) | Failure::Status(400 | 426) => !is_tls,
            Failure::Network(Kind::NotTls) => is_tls,
            _ => false,
        };
        if !may_be {
            return None;
        }
        let scheme = if is_tls { "http" } else { "https" };
        let uri = format!("{scheme}://{}/v1/info", self.endpoint);
        let request = self.client.get(&uri).timeout(OTHER_SCHEME_LIMIT);
        let speaks = match self.client.send(request).await {
            // Without TLS, a server that wants it answers too.
            Ok(answer) => !is_tls || answer.status().is_success(),
            Err(error) => {
                let error = self.client.error(&error);
                !is_tls && (error.is_about_trust() || error.kind() == Kind::Tls)
            }
        };
        speaks.then(|| http::Error::other_scheme(&self.endpoint, is_tls))
    }

    /// The error that an answer other than success is.
    pub(super) fn refused(&self, answer: &Answer) -> Error {
        if let Some(error) = self
            .client
            .refused_by_proxy(&self.own.base(), answer.status)
        {
            return Error::Http(error);
        }
        let location = answer.headers.get(LOCATION).and_then(|to| to.to_str().ok());
        match location.and_then(|to| self.own.base().join(to).ok()) {
            Some(to) if answer.status.is_redirection() => Error::Redirected {
                endpoint: self.endpoint.clone(),
                to: format!("{}://{}", to.scheme(), http::endpoint_of(&to)),
            },
            _ => self.refusal(answer),
        }
    }

    /// The error of a request like `sent`, which may come from the size of its headers.
    fn refused_with(&self, exchange: Exchange, sent: RequestBuilder, refused: Refused) -> Error {
        let (status, is_wordless, error) = match refused {
            Refused::Answered(answer) => {
                let is_wordless =
                    answer.body.is_empty() || is_web_page(&answer.headers, &answer.body);
                let status = Some(answer.status.as_u16());
                (status, is_wordless, self.refused(&answer))
            }
            Refused::Unanswered(error) if error.kind() == Kind::Broken => {
                (None, false, Error::Http(error))
            }
            Refused::Unanswered(error) => return Error::Http(error),
        };
        let words = match &error {
            Error::Status { message, .. } => message.as_str(),
            Error::Http(_) => "",
            _ => return error,
        };
        let Some(request) = sent.build().ok() else {
            return error;
        };
        let size = HeaderSize::of(request.headers());
        let body = request.body().and_then(|body| body.as_bytes());
        let has_larger_body = body.is_some_and(|body| body.len() > size.total());
        let is_tried_briefly = exchange == Exchange::LargeSubmit;
        let is_certain = match status {
            Some(431 | 494) => true,
            Some(400 | 413) if header_size::is_said(words) => true,
            Some(413) => size.is_large() && !has_larger_body,
            Some(400) => size.is_large() && is_wordless,
            _ => false,
        };
        let is_likely = is_tried_briefly && matches!(status, None | Some(502 | 504 | 520..=524));
        if !is_certain && !is_likely {
            return error;
        }
        let answer = match (&error, status) {
            (Error::Status { message, .. }, Some(status)) => {
                format!("HTTP status {status}: {message}")
            }
            _ => "it closes the connection".to_owned(),
        };
        Error::HeadersTooLarge {
            endpoint: self.endpoint.clone(),
            answer,
            size: size.summary(),
            is_certain,
        }
    }

    /// A refusal in the server's words, and what it would take instead.
    fn refusal(&self, answer: &Answer) -> Error {
        let words = excerpt(&answer.headers, &answer.body);
        let mut error = Error::from_status(answer.status, self.endpoint.clone(), words);
        if let Error::Authentication { message, .. } = &mut error
            && let Some(advice) = self.credentials.advice(&Challenge::read(&answer.headers))
        {
            *message = format!("{} {advice}", message.trim_end());
        }
        error
    }
}

/// The outcome of a request that did not succeed.
enum Refused {
    Answered(Answer),
    Unanswered(http::Error),
}

/// Why a request is being sent again.
#[derive(Debug, Default)]
pub struct Trouble(Mutex<Option<String>>);

impl Trouble {
    /// The failure of the latest attempt; `None` while none failed.
    pub fn text(&self) -> Option<String> {
        self.0.lock().clone()
    }

    /// An attempt failed.
    fn set(&self, error: &Error) {
        *self.0.lock() = Some(error.to_string());
    }

    /// An attempt succeeded.
    fn clear(&self) {
        *self.0.lock() = None;
    }
}

/// The output of `work`, unless `given_up` is fired first.
async fn unless<T>(
    given_up: &CancellationToken,
    work: impl Future<Output = Result<T, auth::Error>>,
) -> Result<T, Error> {
    tokio::select! {
        biased;
        () = given_up.cancelled() => Err(Error::Cancelled),
        done = work => Ok(done?),
    }
}

/// A look at how a port answers to the other scheme; a server that speaks it does so at once.
const OTHER_SCHEME_LIMIT: Duration = Duration::from_secs(3);

/// A chain that is longer goes in a circle.
const MOST_REDIRECTS: usize = 5;
