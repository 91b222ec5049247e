//! Fetching one segment: hop by hop along its [`Route`], with retries, and resuming where that works.
//!
//! Nothing but the segment's own headers is sent, and those are sent on every hop: worker and
//! storage need the key that is in them. Credentials of the coordinator cannot leak because neither
//! client has any.

use std::sync::atomic::Ordering;
use std::time::Duration;

use jiff::Timestamp;
use reqwest::StatusCode;
use reqwest::header::{
    ACCEPT_ENCODING, CONTENT_RANGE, DATE, ETAG, HeaderValue, RANGE, RETRY_AFTER,
};

use super::backoff::{self, Backoff};
use super::error::Error;
use super::route::{Hosts, Route};
use super::segment::Spooled;
use super::statistics::{Counters, add};
use crate::decode::Buffer;
use crate::http;

/// The bytes of the segment, in `buffer`.
pub(super) async fn fetch(
    hosts: &Hosts,
    limits: backoff::Limits,
    segment: &Spooled,
    counters: &Counters,
    buffer: Buffer,
) -> Result<Buffer, Error> {
    let mut backoff = Backoff::new(limits);
    let mut partial = Partial {
        bytes: buffer,
        ..Partial::default()
    };
    loop {
        // A signed URI that a redirect gave is not kept: each attempt starts from the segment's
        // own.
        let Failure {
            error,
            attempts,
            pause,
        } = match attempt(hosts, segment, counters, &mut partial).await {
            Ok(()) => return Ok(partial.bytes),
            Err(failure) => failure,
        };
        let Some(pause) = backoff.next(attempts, pause) else {
            return Err(error);
        };
        add(&counters.retries, 1);
        tracing::debug!(
            failures = backoff.failures(),
            pause_ms = pause.as_millis() as u64,
            received = partial.bytes.len(),
            %error,
            "segment is fetched again"
        );
        tokio::time::sleep(pause).await;
    }
}

/// What is there of a segment after a broken attempt.
#[derive(Debug, Default)]
struct Partial {
    bytes: Buffer,
    etag: Option<HeaderValue>,
    /// Whether the server may be asked for the rest only.
    resumable: bool,
}

/// Why an attempt failed, and how often in all to try when it fails so.
struct Failure {
    error: Error,
    attempts: u32,
    pause: Option<Duration>,
}

impl Failure {
    fn fatal(error: Error) -> Self {
        Self {
            error,
            attempts: 1,
            pause: None,
        }
    }

    fn transient(error: Error) -> Self {
        Self {
            error,
            attempts: u32::MAX,
            pause: None,
        }
    }

    fn unreachable(
        hosts: &Hosts,
        client: &http::Client,
        error: &reqwest::Error,
        cluster: bool,
    ) -> Self {
        use http::Kind;

        let cause = client.tell(error);
        let attempts = match cause.kind() {
            Kind::UnknownAuthority
            | Kind::WrongName
            | Kind::Expired
            | Kind::Revoked
            | Kind::BadCertificate
            | Kind::Tls
            | Kind::NotTls
            | Kind::NotHttp
            | Kind::Store
            | Kind::InvalidUri => 1,
            // Seldom better a moment later, and there may be another way to the rows.
            Kind::UnknownHost | Kind::Refused | Kind::Proxy => 3,
            // A host that never answered is behind a wall, and who waits for the rows waits long enough.
            Kind::ConnectTimeout if hosts.answered.load(Ordering::Relaxed) => 3,
            Kind::ConnectTimeout => 1,
            Kind::ReadTimeout | Kind::Broken | Kind::Other => u32::MAX,
        };
        Self {
            error: Error::Unreachable { cause, cluster },
            attempts,
            pause: None,
        }
    }
}

async fn attempt(
    hosts: &Hosts,
    segment: &Spooled,
    counters: &Counters,
    partial: &mut Partial,
) -> Result<(), Failure> {
    let mut route = Route::new(hosts, &segment.uri).map_err(Failure::fatal)?;
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
        let response = request
            .send()
            .await
            .map_err(|error| Failure::unreachable(hosts, client, &error, cluster))?;
        if let Some(cause) = client.refused_by_proxy(route.uri(), response.status()) {
            return Err(Failure::fatal(Error::Unreachable { cause, cluster }));
        }
        let endpoint = http::endpoint_of(route.uri());
        if !route.follow(&response).map_err(Failure::fatal)? {
            break (response, client, endpoint, cluster);
        }
    };
    hosts.answered.store(true, Ordering::Relaxed);
    counters.observe(route.retrieval());

    match response.status() {
        StatusCode::OK => partial.bytes.clear(),
        StatusCode::PARTIAL_CONTENT if continues(&response, resume_at, partial) => {}
        StatusCode::PARTIAL_CONTENT | StatusCode::RANGE_NOT_SATISFIABLE if resume_at > 0 => {
            // Not the rest of what is there: from the start, then.
            partial.resumable = false;
            return Err(Failure::transient(Error::Refused {
                endpoint,
                status: response.status().as_u16(),
                detail: String::new(),
            }));
        }
        _ => return Err(refusal(response, endpoint, cluster).await),
    }
    partial.etag = response.headers().get(ETAG).cloned();
    // In proxy modes a range is ignored, and nothing is lost by asking.
    partial.resumable = true;
    let expected = segment.segment_size;
    let hint = expected.or(response.content_length()).unwrap_or_default();
    let room = usize::try_from(hint.min(LARGEST_RESERVE)).unwrap_or(0);
    // Without it, the bytes that come tell what there must be room for.
    let _ = partial.bytes.try_reserve(room);
    loop {
        let piece = response
            .chunk()
            .await
            .map_err(|error| Failure::unreachable(hosts, client, &error, cluster))?;
        let Some(piece) = piece else { break };
        add(&counters.downloaded, piece.len() as u64);
        if !partial.bytes.append(&piece) {
            let bytes = partial.bytes.len() + piece.len();
            return Err(Failure::fatal(Error::Memory { bytes }));
        }
        let actual = partial.bytes.len() as u64;
        if let Some(expected) = expected.filter(|expected| actual > *expected) {
            partial.resumable = false;
            return Err(Failure {
                error: Error::Length {
                    endpoint,
                    expected,
                    actual,
                },
                attempts: WRONG_LENGTHS,
                pause: None,
            });
        }
    }
    let actual = partial.bytes.len() as u64;
    match expected {
        Some(expected) if actual < expected => Err(Failure::transient(Error::Length {
            endpoint,
            expected,
            actual,
        })),
        _ => Ok(()),
    }
}

/// Whether the answer is the rest of the bytes that are there.
fn continues(response: &reqwest::Response, resume_at: usize, partial: &Partial) -> bool {
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

/// The error that an answer other than success is.
pub(super) async fn refused(response: reqwest::Response, endpoint: String, cluster: bool) -> Error {
    refusal(response, endpoint, cluster).await.error
}

/// What an answer that is no segment comes down to.
async fn refusal(mut response: reqwest::Response, endpoint: String, cluster: bool) -> Failure {
    let status = response.status().as_u16();
    let now = Timestamp::now();
    let pause = response
        .headers()
        .get(RETRY_AFTER)
        .and_then(|value| http::retry_after(value, now));
    let ahead = response
        .headers()
        .get(DATE)
        .and_then(http::http_date)
        .map(|date| date.duration_since(now).as_secs());
    let mut body = Vec::new();
    while let Ok(Some(piece)) = response.chunk().await {
        body.extend_from_slice(&piece);
        if body.len() > LONGEST_REFUSAL {
            break;
        }
    }
    let body = http::decoded(response.headers_mut(), body.into());
    let body = body.get(..LONGEST_REFUSAL).unwrap_or(&body);
    let body = String::from_utf8_lossy(body);
    let code = between(&body, "<Code>", "</Code>").unwrap_or_default();
    let expired = body.contains("expired");
    let error = match status {
        404 | 410 if !cluster => Error::Gone { endpoint },
        400 | 403 if code == "RequestTimeTooSkewed" => Error::ClockSkew {
            endpoint,
            seconds: ahead.filter(|ahead| ahead.abs() >= SMALL_SKEW),
        },
        // Where even our clock is another, the signature's may be too.
        400 | 403 if expired && ahead.is_some_and(|ahead| ahead.abs() >= LARGE_SKEW) => {
            Error::ClockSkew {
                endpoint,
                seconds: ahead,
            }
        }
        400 | 403 if expired || code == "ExpiredToken" => Error::Expired { endpoint },
        500 if cluster && body.contains("not found or expired") => Error::Gone { endpoint },
        _ => Error::Refused {
            endpoint,
            status,
            detail: if cluster {
                first_line(&body)
            } else {
                code.to_owned()
            },
        },
    };
    if matches!(error, Error::Refused { .. }) && matches!(status, 408 | 429 | 500 | 502..=504) {
        Failure {
            pause,
            ..Failure::transient(error)
        }
    } else {
        Failure::fatal(error)
    }
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

/// How often a segment may come too long, as damage of one answer or as a lie about its size.
const WRONG_LENGTHS: u32 = 3;

/// Seconds between two clocks that may also be those of the network.
const SMALL_SKEW: i64 = 5;

/// Seconds between two clocks that make an expired signature suspicious.
const LARGE_SKEW: i64 = 300;

/// As much of a refusal as is read for its reason.
const LONGEST_REFUSAL: usize = 4096;

/// As much memory as is set aside on the word of a length; beyond it the buffer grows as bytes
/// come.
const LARGEST_RESERVE: u64 = 64 << 20;
