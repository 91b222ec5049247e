//! One attempt to fetch a segment: hop by hop along its [`Route`], resuming where that works.
//!
//! Nothing but the segment's own headers is sent, and those are sent on every hop: worker and
//! storage need the key that is in them. Credentials of the coordinator cannot leak because neither
//! client has any.

use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;
use reqwest::header::{
    ACCEPT_ENCODING, CONTENT_RANGE, CONTENT_TYPE, DATE, ETAG, HeaderMap, HeaderValue, RANGE,
};
use reqwest::{Response, StatusCode};
use url::Url;

use super::error::Error;
use super::life::Signature;
use super::route::{Hosts, Route};
use super::segment::Spooled;
use super::statistics::Counters;
use crate::decode::Buffer;
use crate::http::{self, Traffic};
use crate::protocol;

/// The bytes of a segment after a broken attempt.
#[derive(Debug)]
pub(super) struct Partial {
    pub(super) bytes: Buffer,
    etag: Option<HeaderValue>,
    /// Whether the rest alone may be requested.
    resumable: bool,
    /// The bytes that earlier attempts came to.
    most: usize,
}

/// Why an attempt failed.
pub(super) struct Failure {
    pub(super) error: Error,
    /// The failure, as the retry policy classifies it.
    pub(super) kind: http::Failure,
    /// The pause that the server requests.
    pub(super) requested: Option<Duration>,
}

impl Partial {
    /// Nothing so far; `buffer` is empty.
    pub(super) fn new(buffer: Buffer) -> Self {
        Self {
            bytes: buffer,
            etag: None,
            resumable: false,
            most: 0,
        }
    }

    /// Whether the latest attempt came further than all before, by more than a connection that is
    /// as good as dead.
    pub(super) fn has_grown(&mut self) -> bool {
        let has_grown = self.bytes.len() >= self.most + PROGRESS;
        if has_grown {
            self.most = self.bytes.len();
        }
        has_grown
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self {
            kind: error.as_failure(),
            error,
            requested: None,
        }
    }
}

/// Adds to `partial` what is missing of the segment. A signed URI that a redirect gave is not kept:
/// each attempt starts from the segment's own.
pub(super) async fn attempt(
    hosts: &Hosts,
    segment: &Spooled,
    counters: &Counters,
    partial: &mut Partial,
) -> Result<(), Failure> {
    let mut route = Route::new(hosts, &segment.uri)?;
    let resume_at = if partial.resumable {
        partial.bytes.len()
    } else {
        partial.bytes.clear();
        0
    };
    let (mut response, client, endpoint, cluster) = loop {
        let cluster = route.is_in_cluster();
        let client = route.client();
        let mut request = client
            .get(route.text())
            .headers(segment.headers.clone())
            .header(ACCEPT_ENCODING, "identity");
        if resume_at > 0 {
            request = request.header(RANGE, format!("bytes={resume_at}-"));
        }
        let unreachable = |error| Error::Unreachable {
            cause: client.error(&error),
            cluster,
        };
        let response = client.send_as(Traffic::Segment, request).await;
        let response = response.map_err(unreachable)?;
        if let Some(cause) = client.refused_by_proxy(route.uri(), response.status()) {
            return Err(Error::Unreachable { cause, cluster }.into());
        }
        let endpoint = http::endpoint_of(route.uri());
        if !route.follow(&response)? {
            break (response, client, endpoint, cluster);
        }
    };
    counters.observe(route.retrieval());

    match response.status() {
        StatusCode::OK => partial.bytes.clear(),
        StatusCode::PARTIAL_CONTENT if continues(&response, resume_at, partial) => {}
        StatusCode::PARTIAL_CONTENT | StatusCode::RANGE_NOT_SATISFIABLE if resume_at > 0 => {
            // Not the rest of what is there: from the start, then.
            partial.resumable = false;
            return Err(Failure {
                error: Error::Refused {
                    endpoint,
                    status: response.status().as_u16(),
                    detail: String::new(),
                },
                kind: http::Failure::Incomplete,
                requested: None,
            });
        }
        _ => return Err(refused(response, route.uri(), cluster).await),
    }
    partial.etag = response.headers().get(ETAG).cloned();
    // In proxy modes a range is ignored, and requesting one does no harm.
    partial.resumable = true;
    let expected = segment.segment_size;
    let announced = response.content_length();
    if is_web_page(&response) && announced != expected {
        let (headers, body) = beginning(&mut response).await;
        return Err(web_page(endpoint, &headers, &body).into());
    }
    let hint = expected.or(announced).unwrap_or_default();
    let room = usize::try_from(hint.min(LARGEST_RESERVE)).unwrap_or(0);
    // Without it, the bytes that arrive show how much room is needed.
    let _ = partial.bytes.try_reserve(room);
    loop {
        let piece = response.chunk().await.map_err(|error| {
            let cause = client.error(&error);
            Error::Unreachable { cause, cluster }
        })?;
        let Some(piece) = piece else { break };
        if partial.bytes.is_empty() && is_genuine(&piece, announced, expected) {
            hosts.served.store(true, Ordering::Relaxed);
        }
        counters.received(piece.len());
        if !partial.bytes.append(&piece) {
            let bytes = partial.bytes.len() + piece.len();
            return Err(Error::Memory { bytes }.into());
        }
        let actual = partial.bytes.len() as u64;
        if let Some(expected) = expected.filter(|expected| actual > *expected) {
            partial.resumable = false;
            return Err(Error::Length {
                endpoint,
                expected,
                actual,
            }
            .into());
        }
    }
    let actual = partial.bytes.len() as u64;
    match expected {
        Some(expected) if actual < expected => Err(Error::Length {
            endpoint,
            expected,
            actual,
        }
        .into()),
        _ => {
            hosts.served.store(true, Ordering::Relaxed);
            Ok(())
        }
    }
}

/// Whether an answer that begins with `piece` is a segment, as far as can be known before its end:
/// it has the length of one, or begins as JSON or zstd does. Gateways answer with pages of their
/// own, or change bytes that are no text.
fn is_genuine(piece: &[u8], announced: Option<u64>, expected: Option<u64>) -> bool {
    match (announced, expected) {
        (Some(announced), Some(expected)) => announced == expected,
        _ => piece.starts_with(b"[") || piece.starts_with(&ZSTD),
    }
}

pub(super) fn is_web_page(response: &Response) -> bool {
    let kind = response.headers().get(CONTENT_TYPE);
    kind.is_some_and(|kind| {
        let kind = kind.as_bytes();
        let begins = |with: &[u8]| {
            let start = kind.get(..with.len());
            start.is_some_and(|start| start.eq_ignore_ascii_case(with))
        };
        begins(b"text/html") || begins(b"application/xhtml")
    })
}

/// Whether the answer is the rest of the bytes that are there.
fn continues(response: &Response, resume_at: usize, partial: &Partial) -> bool {
    let start = response
        .headers()
        .get(CONTENT_RANGE)
        .and_then(|range| range.to_str().ok())
        .and_then(|range| range.strip_prefix("bytes "))
        .and_then(|range| range.split_once('-'))
        .and_then(|(start, _)| start.parse::<usize>().ok());
    let same = match (&partial.etag, response.headers().get(ETAG)) {
        (Some(before), Some(now)) => before == now,
        _ => true,
    };
    resume_at > 0 && start == Some(resume_at) && same
}

/// The failure of an answer from `uri` that is no segment.
pub(super) async fn refused(mut response: Response, uri: &Url, cluster: bool) -> Failure {
    let status = response.status().as_u16();
    let (headers, body) = beginning(&mut response).await;
    let now = Timestamp::now();
    let requested = http::retry_after(&headers, now);
    let clock = headers.get(DATE).and_then(http::http_date);
    let code = headers.get("x-ms-error-code");
    let code = code.and_then(|code| code.to_str().ok()).map(str::to_owned);
    let page = match protocol::is_web_page(&headers, &body) {
        true => protocol::excerpt(&headers, &body),
        false => None,
    };
    let body = String::from_utf8_lossy(&body);
    let error = Refusal {
        status,
        body: &body,
        code: code.as_deref().unwrap_or_default(),
        page,
        uri,
        cluster,
        now,
        clock,
    }
    .error();
    Failure {
        requested,
        ..error.into()
    }
}

/// The error of a web page in place of a segment.
pub(super) fn web_page(endpoint: String, headers: &HeaderMap, body: &[u8]) -> Error {
    let words = protocol::excerpt(headers, body).unwrap_or_default();
    Error::WebPage { endpoint, words }
}

/// Headers and the beginning of the body of an answer that is no segment.
async fn beginning(response: &mut Response) -> (HeaderMap, Bytes) {
    let mut headers = std::mem::take(response.headers_mut());
    let mut body = Vec::new();
    while let Ok(Some(piece)) = response.chunk().await {
        body.extend_from_slice(&piece);
        if body.len() > LONGEST_REFUSAL {
            break;
        }
    }
    let mut body = http::decoded(&mut headers, body.into());
    body.truncate(LONGEST_REFUSAL);
    (headers, body)
}

/// An answer that is no segment, with its host and its time.
struct Refusal<'a> {
    status: u16,
    body: &'a str,
    /// Azure's header with the code of its error, which is also in the body.
    code: &'a str,
    /// The title of a web page and what it shows.
    page: Option<String>,
    uri: &'a Url,
    cluster: bool,
    now: Timestamp,
    /// The time on the server's clock, if it states one.
    clock: Option<Timestamp>,
}

impl Refusal<'_> {
    fn error(&self) -> Error {
        let endpoint = http::endpoint_of(self.uri);
        let code = between(self.body, "<Code>", "</Code>").unwrap_or(self.code);
        match self.status {
            404 | 410 if !self.cluster => Error::Gone { endpoint },
            500 if self.cluster && self.body.contains("not found or expired") => {
                Error::Gone { endpoint }
            }
            400 | 401 | 403 if self.is_too_early(code) => Error::ClockSkew {
                endpoint,
                seconds: self.ahead().filter(|ahead| ahead.abs() >= SMALL_SKEW),
            },
            400 | 401 | 403 if self.is_too_late(code) => match self.ahead() {
                // Where even our clock is another, the signature's may be too.
                Some(ahead) if ahead.abs() >= LARGE_SKEW => Error::ClockSkew {
                    endpoint,
                    seconds: Some(ahead),
                },
                _ => Error::Expired { endpoint },
            },
            status => Error::Refused {
                endpoint,
                status,
                detail: match &self.page {
                    Some(page) => page.clone(),
                    None if self.cluster => first_line(self.body),
                    None => code.to_owned(),
                },
            },
        }
    }

    /// Seconds by which the server's clock is ahead of this computer's.
    fn ahead(&self) -> Option<i64> {
        Some(self.clock?.duration_since(self.now).as_secs())
    }

    /// Whether storage has another time than the request, or than the URI's signature, is of.
    fn is_too_early(&self, code: &str) -> bool {
        code == "RequestTimeTooSkewed"
            || self.body.contains("not valid yet")
            || self.body.contains("not yet valid")
            || self
                .azure_times()
                .is_some_and(|[start, _, now]| now < start)
            || (is_unexplained(code)
                && self.signature().is_some_and(|(signature, now)| {
                    let early = signature.from.map(|from| from.duration_since(now));
                    early.is_some_and(|early| early.as_secs() >= LARGE_SKEW)
                }))
    }

    /// Whether the URI's signature is over, by what storage says or, when it gives no reason, by
    /// the URI itself.
    fn is_too_late(&self, code: &str) -> bool {
        // Of S3 the credentials that signed it, of Google the signature.
        code == "ExpiredToken"
            || self.body.contains("expired")
            || self.body.contains("not valid in the specified time frame")
            || (is_unexplained(code)
                && self
                    .signature()
                    .is_some_and(|(signature, now)| now > signature.end))
    }

    /// The signature of a URI of storage, and the time to hold it against.
    fn signature(&self) -> Option<(Signature, Timestamp)> {
        let signature = Signature::of(self.uri).filter(|_| !self.cluster)?;
        Some((signature, self.clock.unwrap_or(self.now)))
    }

    /// Start and end of a signature, and the time of the request, as Azure states them.
    fn azure_times(&self) -> Option<[Timestamp; 3]> {
        let time = |name: &str| {
            let text = between(self.body, &format!("{name} ["), "]")?;
            http::http_date(&HeaderValue::from_str(text).ok()?)
        };
        Some([time("Start")?, time("Expiry")?, time("Current")?])
    }
}

/// Whether storage denies access without a reason, as some do when a signature is over.
fn is_unexplained(code: &str) -> bool {
    matches!(code, "" | "AccessDenied" | "AuthenticationFailed")
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(before)?;
    let (inner, _) = rest.split_once(after)?;
    (inner.len() <= 60).then_some(inner)
}

/// The first line of a plain text, shortened; nothing of a page of markup.
fn first_line(body: &str) -> String {
    let line = body.lines().next().unwrap_or_default().trim();
    if line.starts_with(['<', '{']) || line.contains(|c: char| c.is_control() && c != '\t') {
        return String::new();
    }
    line.chars().take(200).collect()
}

/// Bytes that one attempt must add for the next failure to count as the first.
const PROGRESS: usize = 64 << 10;

/// Seconds between two clocks that may also be those of the network.
const SMALL_SKEW: i64 = 5;

/// Seconds between two clocks that make an expired signature suspicious.
const LARGE_SKEW: i64 = 300;

/// As much of a refusal as is read for its reason.
pub(super) const LONGEST_REFUSAL: usize = 4096;

/// How a frame of zstd begins.
const ZSTD: [u8; 4] = [0x28, 0xB5, 0x2F, 0xFD];

/// As much memory as is set aside on the word of a length; beyond it the buffer grows as bytes
/// come.
const LARGEST_RESERVE: u64 = 64 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: &str = "2026-01-02T03:04:05Z";
    const PLAIN: &str =
        "https://storage.example/object?X-Amz-Date=20260102T030000Z&X-Amz-Expires=3600";

    /// The error of an answer that storage gives at `clock`, of a URI.
    fn error_at(clock: &str, uri: &str, status: u16, code: &str, body: &str) -> Error {
        let uri = Url::parse(uri).unwrap();
        Refusal {
            status,
            body,
            code,
            page: None,
            uri: &uri,
            cluster: false,
            now: NOW.parse().unwrap(),
            clock: Some(clock.parse().unwrap()),
        }
        .error()
    }

    fn error(status: u16, body: &str) -> Error {
        error_at(NOW, PLAIN, status, "", body)
    }

    fn azure(start: &str, end: &str, now: &str) -> String {
        format!(
            "<?xml version=\"1.0\"?><Error><Code>AuthenticationFailed</Code><Message>Server failed to authenticate the \
             request.</Message><AuthenticationErrorDetail>Signature not valid in the specified time frame: \
             Start [Fri, 02 Jan 2026 {start} GMT] - Expiry [Fri, 02 Jan 2026 {end} GMT] - \
             Current [Fri, 02 Jan 2026 {now} GMT]</AuthenticationErrorDetail></Error>"
        )
    }

    fn is_expired(error: &Error) -> bool {
        matches!(error, Error::Expired { .. })
    }

    fn is_skewed(error: &Error) -> bool {
        matches!(error, Error::ClockSkew { .. })
    }

    #[test]
    fn each_storage_has_its_words_for_a_signature_that_is_over() {
        let azure = azure("01:04:05", "02:04:05", "03:04:05");
        let s3 = "<Error><Code>AccessDenied</Code><Message>Request has expired</Message><X-Amz-Expires>60</X-Amz-Expires>\
                  <Expires>2026-01-02T03:00:00Z</Expires><ServerTime>2026-01-02T03:04:05Z</ServerTime></Error>";
        let token = "<Error><Code>ExpiredToken</Code><Message>The provided token has expired.</Message></Error>";
        for (status, body) in [(403, azure.as_str()), (403, s3), (400, token), (401, token)] {
            assert!(is_expired(&error(status, body)), "{body}");
        }
        let without_detail = "<Error><Code>AuthenticationFailed</Code><AuthenticationErrorDetail>Signature not valid in \
                              the specified time frame</AuthenticationErrorDetail></Error>";
        assert!(is_expired(&error(403, without_detail)));
    }

    #[test]
    fn a_uri_says_that_it_is_over_where_storage_does_not() {
        let denied = "<Error><Code>AccessDenied</Code></Error>";
        for uri in [
            "https://s.example/x?X-Amz-Date=20260102T020000Z&X-Amz-Expires=3600",
            "https://s.example/x?X-Goog-Date=20260102T020000Z&X-Goog-Expires=3600",
            "https://s.example/x?st=2026-01-02T01:00:00Z&se=2026-01-02T03:00:00Z&sig=a%2Fb",
            "https://s.example/x?se=2026-01-02T03:00:00Z&sig=a%2Fb",
            // 03:00:00, in seconds since 1970.
            "https://s.example/x?Expires=1767322800&Signature=a",
        ] {
            for body in ["", denied] {
                assert!(is_expired(&error_at(NOW, uri, 403, "", body)), "{uri}");
            }
            let by_header = error_at(NOW, uri, 403, "AuthenticationFailed", "");
            assert!(is_expired(&by_header), "{uri}");
            // The clock of storage counts.
            let earlier = error_at("2026-01-02T02:59:59Z", uri, 403, "", denied);
            assert!(matches!(earlier, Error::Refused { .. }), "{uri}");
            let mismatch = "<Error><Code>SignatureDoesNotMatch</Code></Error>";
            let mismatch = error_at(NOW, uri, 403, "", mismatch);
            assert!(matches!(mismatch, Error::Refused { .. }), "{uri}");
        }
    }

    #[test]
    fn clocks_that_differ_are_distinguished_from_an_expired_signature() {
        let early = azure("04:04:05", "05:04:05", "03:04:05");
        let s3 =
            "<Error><Code>AccessDenied</Code><Message>Request is not valid yet</Message></Error>";
        let skewed = "<Error><Code>RequestTimeTooSkewed</Code></Error>";
        for body in [early.as_str(), s3, skewed] {
            assert!(is_skewed(&error(403, body)), "{body}");
        }
        let later = "https://s.example/x?X-Amz-Date=20260102T033000Z&X-Amz-Expires=3600";
        assert!(is_skewed(&error_at(NOW, later, 403, "", "")));
        let expired =
            "<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>";
        let error = error_at("2026-01-02T04:04:05Z", PLAIN, 403, "", expired);
        assert!(matches!(
            error,
            Error::ClockSkew {
                seconds: Some(3600),
                ..
            }
        ));
    }

    #[test]
    fn a_refusal_for_another_reason_is_reported_with_its_code() {
        for (status, code) in [
            (403, "AccessDenied"),
            (403, "SignatureDoesNotMatch"),
            (403, "AuthenticationFailed"),
            (400, "InvalidRequest"),
        ] {
            let body = format!("<Error><Code>{code}</Code><Message>No.</Message></Error>");
            let error = error(status, &body);
            assert!(error.to_string().contains(code), "{error}");
            assert!(matches!(error, Error::Refused { .. }), "{error}");
        }
    }
}
