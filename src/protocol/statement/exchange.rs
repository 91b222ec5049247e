//! One request and its answer: sent again while that is worth it, with credentials that are renewed when they are
//! refused.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use jiff::Timestamp;
use reqwest::header::{HeaderMap, LOCATION, RETRY_AFTER};
use reqwest::{RequestBuilder, StatusCode};
use tokio::time::timeout_at;
use tokio_util::sync::CancellationToken;

use super::{Coordinator, authorized};
use crate::auth::{self, Challenge};
use crate::http::{self, Client, Exchange, Failure, Kind, Retry};
use crate::protocol::Error;
use crate::protocol::excerpt::excerpt;

impl Coordinator {
    /// Sends a request of `uri` until it has an answer or is not worth sending again.
    pub(super) async fn exchange(
        &self,
        exchange: Exchange,
        uri: &str,
        request: impl Fn() -> RequestBuilder,
    ) -> Result<Answer, Error> {
        self.exchange_unless(&CancellationToken::new(), exchange, uri, request)
            .await
    }

    /// The same, which gets no credentials any more once `given_up` is fired.
    pub(super) async fn exchange_unless(
        &self,
        given_up: &CancellationToken,
        exchange: Exchange,
        uri: &str,
        request: impl Fn() -> RequestBuilder,
    ) -> Result<Answer, Error> {
        let own = self.is_own(uri);
        let mut renewals = 0;
        let mut retry = Retry::new(exchange);
        let silence = self.silence();
        let mut heard = Instant::now();
        loop {
            let asked = Instant::now();
            let shown = match own {
                true => unless(given_up, self.credentials.authorization()).await?,
                false => None,
            };
            // Whoever signs in may take his time.
            heard += asked.elapsed();
            let request = authorized(request(), shown.as_ref());
            let answer = match silence {
                None => receive(&self.client, request).await,
                Some(limit) => self.receive_within(limit, heard, request).await,
            };
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
                    retry = Retry::new(exchange);
                    heard = Instant::now();
                    continue;
                }
            }
            let (failure, asked, error) = match answer {
                Ok(answer) if answer.status.is_success() => {
                    self.met.store(true, Ordering::Relaxed);
                    return Ok(answer);
                }
                Ok(answer) => {
                    heard = Instant::now();
                    (
                        Failure::Status(answer.status.as_u16()),
                        answer.retry_after(),
                        self.refused(&answer),
                    )
                }
                Err(error) => (Failure::of(&error), None, Error::Http(error)),
            };
            // Not for a server that was spoken to before.
            if !self.met.swap(true, Ordering::Relaxed)
                && let Some(other) = self.other_scheme(failure).await
            {
                self.met.store(false, Ordering::Relaxed);
                return Err(Error::Http(other));
            }
            let Some(pause) = retry.after(failure) else {
                return Err(error);
            };
            if silence.is_some_and(|limit| heard.elapsed() + pause >= limit) {
                return Err(error);
            }
            let pause = asked.map_or(pause, |asked| asked.clamp(pause, LONGEST_ASKED_PAUSE));
            tracing::debug!(%error, ?pause, "asking the coordinator again");
            tokio::time::sleep(pause).await;
        }
    }

    /// An answer that begins within `limit` after `heard`, and is not silent for longer in between.
    async fn receive_within(
        &self,
        limit: Duration,
        mut heard: Instant,
        request: RequestBuilder,
    ) -> Result<Answer, http::Error> {
        let told = |error: reqwest::Error| self.client.tell(&error);
        let silent = |_| http::Error::silent(&self.endpoint);
        let sent = timeout_at((heard + limit).into(), request.send()).await;
        let mut response = sent.map_err(silent)?.map_err(told)?;
        let mut body = BytesMut::new();
        loop {
            heard = Instant::now();
            let chunk = timeout_at((heard + limit).into(), response.chunk()).await;
            match chunk.map_err(silent)?.map_err(told)? {
                Some(chunk) => body.extend_from_slice(&chunk),
                None => break,
            }
        }
        let status = response.status();
        let headers = std::mem::take(response.headers_mut());
        Ok(Answer::new(status, headers, body.freeze()))
    }

    /// The error of a server that speaks TLS where it was spoken to without, or the reverse, if `failure` may be that.
    async fn other_scheme(&self, failure: Failure) -> Option<http::Error> {
        let is_tls = self.base.scheme() == "https";
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
        let speaks = match request.send().await {
            // Without TLS, a server that wants it answers too.
            Ok(answer) => !is_tls || answer.status().is_success(),
            Err(error) => {
                let error = self.client.tell(&error);
                !is_tls && (error.is_about_trust() || error.kind() == Kind::Tls)
            }
        };
        speaks.then(|| http::Error::other_scheme(&self.endpoint, is_tls))
    }

    /// The error that an answer other than success is.
    pub(super) fn refused(&self, answer: &Answer) -> Error {
        if let Some(error) = self.client.refused_by_proxy(&self.base, answer.status) {
            return Error::Http(error);
        }
        let location = answer.headers.get(LOCATION).and_then(|to| to.to_str().ok());
        match location.and_then(|to| self.base.join(to).ok()) {
            Some(to) if answer.status.is_redirection() => Error::Redirected {
                endpoint: self.endpoint.clone(),
                to: format!("{}://{}", to.scheme(), http::endpoint_of(&to)),
            },
            _ => self.told(answer),
        }
    }

    /// A refusal in the server's words, and what it would take instead.
    fn told(&self, answer: &Answer) -> Error {
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

/// An answer, complete.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Answer {
    fn new(status: StatusCode, mut headers: HeaderMap, body: Bytes) -> Self {
        let body = http::decoded(&mut headers, body);
        Self {
            status,
            headers,
            body,
        }
    }

    /// The pause that the server asks for.
    fn retry_after(&self) -> Option<Duration> {
        http::retry_after(self.headers.get(RETRY_AFTER)?, Timestamp::now())
    }
}

/// What `work` brings, unless `given_up` is fired first.
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

async fn receive(client: &Client, request: RequestBuilder) -> Result<Answer, http::Error> {
    let told = |error: reqwest::Error| client.tell(&error);
    let mut response = request.send().await.map_err(told)?;
    let status = response.status();
    let headers = std::mem::take(response.headers_mut());
    let body = response.bytes().await.map_err(told)?;
    Ok(Answer::new(status, headers, body))
}

/// A look at how a port answers to the other scheme; a server that speaks it does so at once.
const OTHER_SCHEME_LIMIT: Duration = Duration::from_secs(3);

/// Whoever asks for more has the wrong idea of how long a query is kept for a silent client.
const LONGEST_ASKED_PAUSE: Duration = Duration::from_secs(60);
