//! The exchange with a coordinator: submit, request the next page, cancel, keep alive.
//!
//! Pages are followed literally, wherever they are, unless they lack the TLS of the connection or
//! are at a host that does not exist: a proxy that ends TLS hides from the coordinator how it is
//! reached. Credentials go to the coordinator's own origin only.

mod address;
mod exchange;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use reqwest::{Method, RequestBuilder};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::excerpt::{self, excerpt};
use super::header_size;
use super::{Error, QueryResults, ServerInfo, SessionState, Warning, headers};
use crate::auth::Credentials;
use crate::http::{self, Answer, Client, Exchange, Failure, OwnOrigin, Retry};
use crate::latin1;
use crate::options::{Encoding, Options};
use address::Elsewhere;
pub use exchange::Trouble;

/// A coordinator, with the user and the credentials of its requests.
#[derive(Debug)]
pub struct Coordinator {
    /// Adds the headers and cookies of the own origin to its requests.
    client: Client,
    own: Arc<OwnOrigin>,
    /// Host and port, as URIs have them.
    endpoint: String,
    elsewhere: Elsewhere,
    /// Whether a request has succeeded.
    met: AtomicBool,
    credentials: Credentials,
    user: Option<HeaderValue>,
    /// Headers that every statement has.
    constant: HeaderMap,
    /// Seconds without an answer after which a request is given up; 0 leaves that to the client.
    silence: AtomicU32,
    /// Whether it has ever answered.
    answered: AtomicBool,
    /// Bytes of the longest statement that reached it.
    longest: AtomicUsize,
    taken: Taken,
}

/// Which headers of statements got through to the coordinator, in bytes.
#[derive(Debug)]
struct Taken {
    /// The largest that did.
    largest: AtomicUsize,
    /// The smallest that did not, when another way to say the same did.
    refused: AtomicUsize,
}

impl Default for Taken {
    fn default() -> Self {
        Self {
            largest: AtomicUsize::new(0),
            refused: AtomicUsize::new(usize::MAX),
        }
    }
}

/// One answer about a statement.
#[derive(Debug)]
pub struct Page {
    /// The body.
    pub results: QueryResults,
    /// The headers, which may change the session.
    pub headers: HeaderMap,
}

/// Which side of a statement is described.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The columns that it returns.
    Output,
    /// The parameters that it takes.
    Input,
}

impl Side {
    /// The statement that describes this side of the prepared statement `name`.
    fn of_prepared(self, name: &str) -> String {
        match self {
            Self::Output => format!("DESCRIBE OUTPUT {name}"),
            Self::Input => format!("DESCRIBE INPUT {name}"),
        }
    }
}

/// How the rows of a statement are to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// As the server likes best, of what the options offer.
    Any,
    /// As text that is not compressed, for gateways that change bytes which are no text.
    Plain,
    /// In the coordinator's own answers.
    Direct,
}

/// The result of a heartbeat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heartbeat {
    /// The server took it.
    Noted,
    /// It did not arrive, or the server failed.
    Failed,
    /// The server supports no heartbeats or does not know the query, or a gateway answered in its
    /// place.
    Unsupported,
}

impl Coordinator {
    /// The coordinator that `options` name, at the origin that they name. Sends nothing.
    pub fn new(
        client: &Client,
        own: Arc<OwnOrigin>,
        options: &Options,
        credentials: Credentials,
    ) -> Result<Self, Error> {
        Ok(Self {
            client: client.with_origin(&own),
            endpoint: http::endpoint_of(&own.base()),
            own,
            elsewhere: Elsewhere::default(),
            met: AtomicBool::new(false),
            credentials,
            user: user(options)?,
            constant: headers::constant(options)?,
            silence: AtomicU32::new(0),
            answered: AtomicBool::new(false),
            longest: AtomicUsize::new(0),
            taken: Taken::default(),
        })
    }

    /// Gives up requests that have no answer for so many seconds, however often they are sent; 0
    /// leaves the limit to the client.
    pub fn limit_silence(&self, seconds: u32) {
        self.silence.store(seconds, Ordering::Relaxed);
    }

    /// The limit on silence, if there is one.
    fn silence(&self) -> Option<Duration> {
        match self.silence.load(Ordering::Relaxed) {
            0 => None,
            seconds => Some(Duration::from_secs(seconds.into())),
        }
    }

    /// Host and port.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// The routing group in the requests, which a gateway reads.
    pub fn routing_group(&self) -> Option<String> {
        let group = self.own.header(&headers::ROUTING_GROUP)?;
        Some(latin1::decode(group.as_bytes()))
    }

    /// Sets the routing group of later requests; none if it is empty.
    pub fn set_routing_group(&self, group: &str) -> Result<(), Error> {
        let value = match group {
            "" => None,
            group => Some(headers::routing_group(group)?),
        };
        self.own.set_header(headers::ROUTING_GROUP, value);
        Ok(())
    }

    /// Restores the routing group that the connection was opened with.
    pub fn reset_routing_group(&self) {
        self.own.reset_headers();
    }

    /// Proves host, TLS and credentials without a statement, as far as what is in front of the
    /// coordinator allows. Gives why HEAD, the straight way to prove them, was refused.
    pub async fn probe(&self) -> Result<Option<Error>, Error> {
        let head = |uri: &str| self.request(Method::HEAD, uri);
        let uri = self.uri("v1/statement");
        let refused = match self.exchange(Exchange::Probe, &uri, head).await {
            Ok(answer) if excerpt::is_web_page(&answer.headers, b"<") => {
                // A portal answers everything with its page, which HEAD does not show.
                return match self.info().await {
                    Err(error @ Error::NotTrino { .. }) => Err(error),
                    _ => Ok(None),
                };
            }
            Ok(_) => return Ok(None),
            Err(error) if refuses_method(&error) => error,
            Err(error) => return Err(error.of_probe()),
        };
        tracing::debug!(error = %refused, "HEAD is refused, asking for the version instead");
        match self.info().await {
            Err(error @ (Error::Http(_) | Error::Authentication { .. })) => Err(error.of_probe()),
            Err(Error::Redirected { .. }) if matches!(refused, Error::Redirected { .. }) => {
                Err(refused)
            }
            // A proxy or a network that lets nothing through says so in its page.
            Err(
                error @ Error::Status {
                    status: 407 | 511, ..
                },
            ) => Err(error),
            // Where only statements get through, the first one shows whether they do.
            _ => Ok(Some(refused)),
        }
    }

    /// The facts that the coordinator states about itself.
    pub async fn info(&self) -> Result<ServerInfo, Error> {
        let uri = self.uri("v1/info");
        let get = |uri: &str| self.request(Method::GET, uri);
        let answer = self.exchange(Exchange::Version, &uri, get).await?;
        ServerInfo::parse(&answer.body).ok_or_else(|| {
            let nameless = || Error::Malformed("it names no version".to_owned());
            self.not_trino(&answer.headers, &answer.body)
                .unwrap_or_else(nameless)
        })
    }

    /// Submits `sql`, with the encoding `first` before others where segments are requested. Nothing
    /// runs until the page after the answer is requested. Once `given_up` is fired, the call no
    /// longer waits for a sign-in; the answer to a request that was sent is still read.
    pub async fn submit(
        &self,
        sql: &str,
        state: &SessionState,
        delivery: Delivery,
        first: Option<Encoding>,
        given_up: &CancellationToken,
    ) -> Result<Page, Error> {
        let mut headers = self.statement_headers(sql, state)?;
        match delivery {
            Delivery::Any => {
                if let Some(first) = first {
                    let all = HeaderValue::from_static(headers::all_encodings(first));
                    headers.insert(headers::QUERY_DATA_ENCODING, all);
                }
            }
            Delivery::Plain => {
                let plain = HeaderValue::from_static(Encoding::Json.name());
                headers.insert(headers::QUERY_DATA_ENCODING, plain);
            }
            Delivery::Direct => {
                headers.remove(headers::QUERY_DATA_ENCODING);
            }
        }
        let longest = self.longest.load(Ordering::Relaxed);
        let submitted = self.post(sql, headers, false, given_up).await;
        match submitted {
            Ok(page) => {
                self.longest.fetch_max(sql.len(), Ordering::Relaxed);
                Ok(page)
            }
            Err(cause)
                if cause.refuses_size()
                    || sql.len() > longest.max(SMALL_BODY) && cause.may_refuse_size() =>
            {
                let (bytes, cause) = (sql.len(), Box::new(cause));
                Err(Error::Oversized { bytes, cause })
            }
            Err(error) => Err(error),
        }
    }

    /// Bytes of the longest statement that reached the coordinator.
    pub fn longest_statement(&self) -> usize {
        self.longest.load(Ordering::Relaxed)
    }

    /// Submits a description of the prepared statement `name`, which runs nothing of it. Tries only
    /// a moment to get large headers through when the same can be said otherwise.
    pub async fn describe(
        &self,
        side: Side,
        name: &str,
        state: &SessionState,
        is_replaceable: bool,
    ) -> Result<Page, Error> {
        let sql = side.of_prepared(name);
        let mut headers = self.statement_headers(&sql, state)?;
        // The answer is a handful of rows, wanted here and now.
        headers.remove(headers::QUERY_DATA_ENCODING);
        let given_up = CancellationToken::new();
        self.post(&sql, headers, is_replaceable, &given_up).await
    }

    /// Bytes of the headers of such a description.
    pub async fn size_of_description(
        &self,
        side: Side,
        name: &str,
        state: &SessionState,
    ) -> Result<usize, Error> {
        let headers = self.statement_headers(&side.of_prepared(name), state)?;
        let request = self.at_once(Method::POST, &self.uri("v1/statement")).await;
        Ok(header_size::total(&headers_of(request)) + header_size::total(&headers))
    }

    /// Whether headers of so many bytes get through to the coordinator, as far as is known.
    pub fn takes_headers_of(&self, bytes: usize) -> bool {
        bytes <= self.taken.largest.load(Ordering::Relaxed)
            || bytes <= header_size::USUAL && bytes < self.taken.refused.load(Ordering::Relaxed)
    }

    /// Records that headers of so many bytes do not get through.
    pub fn note_refused_headers_of(&self, bytes: usize) {
        self.taken.refused.fetch_min(bytes, Ordering::Relaxed);
    }

    /// The page at `uri`. Notes in `trouble` why it takes several attempts.
    pub async fn next(&self, uri: &str, trouble: &Trouble) -> Result<Page, Error> {
        let uri = self.address(uri).await?;
        let request = |uri: &str| self.request(Method::GET, uri);
        let given_up = CancellationToken::new();
        let mut retry = Retry::new(Exchange::Poll, Instant::now());
        loop {
            let answer = self.exchange_unless(&given_up, trouble, Exchange::Poll, &uri, request);
            let error = match self.page(answer.await?) {
                // Something between us and the server garbled it; the server repeats it word for
                // word.
                Err(error @ Error::Malformed(_)) => error,
                page => return page,
            };
            let Some(pause) = retry.after(Failure::Damaged, None, Instant::now()) else {
                return Err(error);
            };
            tracing::debug!(%error, "requesting the page again");
            tokio::time::sleep(pause).await;
        }
    }

    /// Cancels a query on the server. The caller does not learn whether that worked.
    pub async fn cancel(&self, uri: &str) {
        let Ok(uri) = self.address(uri).await else {
            return;
        };
        let mut retry = Retry::new(Exchange::Cancel, Instant::now());
        loop {
            let request = self.at_once(Method::DELETE, &uri).await;
            let failure = match self.client.send(request.timeout(CANCEL_LIMIT)).await {
                Ok(answer) => Failure::Status(answer.status().as_u16()),
                Err(error) => Failure::of(&self.client.error(&error)),
            };
            // A status that is no failure, or one that stays, needs no other attempt.
            let Some(pause) = retry.after(failure, None, Instant::now()) else {
                return;
            };
            tokio::time::sleep(pause).await;
        }
    }

    /// Sends a heartbeat: the query whose next page is `uri` is still wanted.
    pub async fn keep_alive(&self, uri: &str) -> Heartbeat {
        let Ok(uri) = self.address(uri).await else {
            return Heartbeat::Unsupported;
        };
        let request = self.at_once(Method::HEAD, &uri).await;
        match self.client.send(request.timeout(HEARTBEAT_LIMIT)).await {
            Ok(answer) if answer.status().is_success() => Heartbeat::Noted,
            Ok(answer) if matches!(answer.status().as_u16(), 404 | 405) => Heartbeat::Unsupported,
            _ => Heartbeat::Failed,
        }
    }

    /// Submits a statement with these headers. Headers that may be too large, and that
    /// `is_replaceable` by another request, are tried only briefly.
    async fn post(
        &self,
        sql: &str,
        headers: HeaderMap,
        is_replaceable: bool,
        given_up: &CancellationToken,
    ) -> Result<Page, Error> {
        let uri = self.uri("v1/statement");
        let body = Bytes::from(sql.to_owned());
        let request = |uri: &str| {
            self.client
                .request(Method::POST, uri)
                .headers(headers.clone())
                .body(body.clone())
        };
        let answered = self.answered.load(Ordering::Relaxed);
        let size = header_size::total(&headers);
        let is_doubtful = size >= header_size::LARGE
            && (is_replaceable || size >= header_size::USUAL)
            && size > self.taken.largest.load(Ordering::Relaxed);
        let exchange = match is_doubtful {
            true => Exchange::LargeSubmit,
            false => Exchange::Submit { answered },
        };
        let trouble = Trouble::default();
        let answer = self.exchange_unless(given_up, &trouble, exchange, &uri, request);
        let page = self.page(answer.await?)?;
        self.taken.largest.fetch_max(size, Ordering::Relaxed);
        Ok(page)
    }

    /// The page in an answer, or the error of an answer that is none.
    fn page(&self, answer: Answer) -> Result<Page, Error> {
        match QueryResults::parse(&answer.body) {
            Ok(results) => Ok(Page {
                results,
                headers: answer.headers,
            }),
            Err(error) => Err(self
                .not_trino(&answer.headers, &answer.body)
                .unwrap_or(error)),
        }
    }

    /// The error of a body that is not JSON, which Trino did not send.
    fn not_trino(&self, headers: &HeaderMap, body: &[u8]) -> Option<Error> {
        let first = body.iter().find(|byte| !byte.is_ascii_whitespace());
        (first != Some(&b'{')).then(|| Error::NotTrino {
            endpoint: self.endpoint.clone(),
            excerpt: excerpt(headers, body)
                .unwrap_or_else(|| "it answers with nothing.".to_owned()),
        })
    }

    /// The headers of a statement: those of the connection, and the state of the session.
    fn statement_headers(&self, sql: &str, state: &SessionState) -> Result<HeaderMap, Error> {
        let mut headers = self.constant.clone();
        state.write(sql, &mut headers)?;
        if let Some(user) = &self.user {
            headers.insert(headers::ORIGINAL_USER, user.clone());
        }
        match (&state.authorization_user, &self.user) {
            (Some(user), _) => headers.insert(headers::USER, headers::user(user)?),
            (None, Some(user)) => headers.insert(headers::USER, user.clone()),
            (None, None) => None,
        };
        Ok(headers)
    }

    /// A request about a statement that is under way, or about the coordinator itself; without
    /// credentials.
    fn request(&self, method: Method, uri: &str) -> RequestBuilder {
        let request = self.client.request(method, uri);
        match &self.user {
            // Other origins of the cluster are shown the user, too.
            Some(user) if !self.is_own(uri) => request.headers(headers::of_user(user)),
            _ => request,
        }
    }

    /// A request that does not wait for a sign-in: it has the credentials that are at hand.
    async fn at_once(&self, method: Method, uri: &str) -> RequestBuilder {
        let shown = match self.is_own(uri) {
            true => self.credentials.at_hand().await,
            false => None,
        };
        authorized(self.request(method, uri), shown.as_ref())
    }

    /// Whether credentials may go there.
    fn is_own(&self, uri: &str) -> bool {
        Url::parse(uri).is_ok_and(|uri| self.own.contains(&uri))
    }

    /// The warning about a coordinator that does not know how it is reached, once in a connection.
    pub fn take_warning(&self) -> Option<Warning> {
        self.elsewhere.take_warning()
    }

    /// The address of a path at the own origin.
    fn uri(&self, path: &str) -> String {
        format!("{}{path}", self.own.base())
    }
}

/// The coordinator's own origin as `options` name it, with what its requests carry.
pub fn own_origin(options: &Options) -> Result<OwnOrigin, Error> {
    let scheme = if options.tls { "https" } else { "http" };
    let base = Url::parse(&format!("{scheme}://{}/", endpoint(options)))
        .ok()
        .filter(|base| base.path() == "/" && base.host_str().is_some_and(|h| !h.is_empty()))
        .filter(|base| base.username().is_empty() && base.query().is_none())
        .ok_or(Error::Unsendable("Host"))?;
    let mut headers = headers::of_gateway(options)?;
    if let Some(user) = user(options)? {
        headers.extend(headers::of_user(&user));
    }
    if let Some(group) = &options.routing_group {
        headers.insert(headers::ROUTING_GROUP, headers::routing_group(group)?);
    }
    Ok(OwnOrigin::new(base, headers, options.cookies))
}

/// Host and port as the application named them.
fn endpoint(options: &Options) -> String {
    let bare = options.host.trim_start_matches('[').trim_end_matches(']');
    if bare.contains(':') {
        format!("[{bare}]:{}", options.port)
    } else {
        format!("{bare}:{}", options.port)
    }
}

/// The user that statements run as.
fn user(options: &Options) -> Result<Option<HeaderValue>, Error> {
    let user = options.session_user.as_ref().or(options.user.as_ref());
    user.map(|user| headers::user(user)).transpose()
}

/// Whether firewalls, gateways and old servers refuse HEAD so, and nothing else. A server that has
/// no time is not there for statements either.
fn refuses_method(error: &Error) -> bool {
    match error {
        Error::Forbidden { .. } | Error::Redirected { .. } => true,
        Error::Status { status, .. } => {
            matches!(status, 400..=501 | 511) && !matches!(status, 408 | 425 | 429)
        }
        _ => false,
    }
}

/// The headers that a request carries so far.
fn headers_of(request: RequestBuilder) -> HeaderMap {
    let mut request = request.build();
    let headers = request.as_mut().map(reqwest::Request::headers_mut);
    headers.map(std::mem::take).unwrap_or_default()
}

/// The request with credentials, if there are any.
fn authorized(request: RequestBuilder, shown: Option<&HeaderValue>) -> RequestBuilder {
    match shown {
        Some(value) => request.header(AUTHORIZATION, value.clone()),
        None => request,
    }
}

/// Bytes of a body that no front refuses for its size alone.
const SMALL_BODY: usize = 64 << 10;

/// How long one attempt to cancel a query may take.
const CANCEL_LIMIT: Duration = Duration::from_secs(5);
/// How long a heartbeat may take.
const HEARTBEAT_LIMIT: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests;
