//! Object storage: pre-signed GETs, and nothing else.
//!
//! It refuses what S3 refuses: a request with its own credentials, a signature that does not
//! match the URI byte for byte, an expired URI, a missing or wrong encryption key.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use hyper::header::{AUTHORIZATION, IF_RANGE, RANGE};
use hyper::{HeaderMap, Method, Response, StatusCode};

use crate::body::Body;
use crate::clock::{signature_text, since_epoch};
use crate::coordinator::Reply;
use crate::fault::Endpoint;
use crate::listen::Incoming;
use crate::query::{KeyFault, Query};
use crate::server::State;

pub(crate) fn respond(state: &State, request: &Incoming) -> Reply {
    match object(state, request) {
        Ok(reply) => reply,
        Err((status, code, message)) => {
            let text = format!(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code>\
                 <Message>{message}</Message></Error>"
            );
            let response = Response::builder()
                .status(status)
                .header("Content-Type", "application/xml")
                .body(Body::text(text))
                .expect("a valid response");
            (response, None)
        }
    }
}

/// A URI of a segment's object that works until `until`, and only as it is written.
pub(crate) fn signed_uri(base: &str, query: &Query, segment: usize, from: SystemTime) -> String {
    let life = query.answer.spooling.direct_ttl;
    let extension = query.encoding.map_or("json", |encoding| encoding.name());
    let date = signature_text(from);
    let signed = match query.segment_headers().is_empty() {
        true => "host",
        false => "host%3Bx-amz-server-side-encryption-customer-algorithm",
    };
    // The millisecond of expiry is ours; S3 only knows seconds.
    let target = format!(
        "/spooling/{}/{segment:05}.{extension}?X-Amz-Algorithm=AWS4-HMAC-SHA256\
         &X-Amz-Date={date}&X-Amz-SignedHeaders={signed}\
         &X-Amz-Credential=scripted%2F{}%2Fus-east-1%2Fs3%2Faws4_request\
         &X-Amz-Expires={}&x-until={}",
        query.id,
        &date[..8],
        life.as_secs(),
        since_epoch(from + life).as_millis(),
    );
    format!("{base}{target}{SIGNATURE}{:016x}", digest(&target))
}

/// A number that follows from `text`, and that a client cannot guess by accident.
pub(crate) fn digest(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    "scripted secret".hash(&mut hasher);
    text.hash(&mut hasher);
    hasher.finish()
}

/// The segment's bytes, or the part of them that `headers` ask for.
pub(crate) fn content(
    bytes: Bytes,
    headers: &HeaderMap,
    honours_ranges: bool,
) -> Result<Response<Body>, StatusCode> {
    let etag = format!("\"{:016x}\"", digest(&format!("{}", bytes.len())));
    let whole = bytes.len();
    let same = headers
        .get(IF_RANGE)
        .is_none_or(|sent| sent.as_bytes() == etag.as_bytes());
    let range = headers.get(RANGE).filter(|_| honours_ranges && same);
    let mut builder = Response::builder().header("Content-Type", "application/octet-stream");
    if honours_ranges {
        builder = builder
            .header("ETag", etag)
            .header("Accept-Ranges", "bytes");
    }
    let Some(range) = range
        .and_then(|value| value.to_str().ok())
        .and_then(parse_range)
    else {
        return Ok(builder
            .body(Body::of(vec![bytes]))
            .expect("a valid response"));
    };
    let (start, end) = (
        range.0,
        range
            .1
            .map_or(whole, |last| whole.min(last.saturating_add(1))),
    );
    if start >= end {
        return Err(StatusCode::RANGE_NOT_SATISFIABLE);
    }
    Ok(builder
        .status(StatusCode::PARTIAL_CONTENT)
        .header(
            "Content-Range",
            format!("bytes {start}-{}/{whole}", end - 1),
        )
        .body(Body::of(vec![bytes.slice(start..end)]))
        .expect("a valid response"))
}

type Refusal = (StatusCode, &'static str, &'static str);

fn object(state: &State, request: &Incoming) -> Result<Reply, Refusal> {
    if request.method != Method::GET {
        return Err((
            StatusCode::METHOD_NOT_ALLOWED,
            "MethodNotAllowed",
            "Only GET is.",
        ));
    }
    if request.headers.contains_key(AUTHORIZATION) {
        let message = "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, \
                       Signature query string parameter or the Authorization header should be \
                       specified";
        return Err((StatusCode::BAD_REQUEST, "InvalidArgument", message));
    }
    let (target, signature) = request.target.rsplit_once(SIGNATURE).ok_or((
        StatusCode::FORBIDDEN,
        "AccessDenied",
        "Access Denied.",
    ))?;
    if signature != format!("{:016x}", digest(target)) {
        let message = "The request signature we calculated does not match the signature you \
                       provided. Check your key and signing method.";
        return Err((StatusCode::FORBIDDEN, "SignatureDoesNotMatch", message));
    }
    let until = target
        .rsplit_once("x-until=")
        .and_then(|(_, until)| until.parse().ok());
    if since_epoch(SystemTime::now()) > Duration::from_millis(until.unwrap_or(0)) {
        return Err((StatusCode::FORBIDDEN, "AccessDenied", "Request has expired"));
    }
    let missing = (
        StatusCode::NOT_FOUND,
        "NoSuchKey",
        "The specified key does not exist.",
    );
    let (query, segment) = locate(state, target).ok_or(missing)?;
    match query.lacks_key(&request.headers) {
        None => {}
        Some(KeyFault::Missing) => {
            let message = "The object was stored using a form of Server Side Encryption. The \
                           correct parameters must be provided to retrieve the object.";
            return Err((StatusCode::BAD_REQUEST, "InvalidRequest", message));
        }
        Some(KeyFault::Wrong) => {
            return Err((StatusCode::FORBIDDEN, "AccessDenied", "Access Denied."));
        }
    }
    if query.is_deleted(segment) {
        return Err(missing);
    }
    let bytes = query.segment_bytes(segment).ok_or(missing)?;
    let response = content(bytes, &request.headers, state.options.ranges).map_err(|status| {
        (
            status,
            "InvalidRange",
            "The requested range is not satisfiable",
        )
    })?;
    Ok((
        response,
        state.fault_at(Some(&query), Endpoint::Segment(segment)),
    ))
}

fn locate(state: &State, target: &str) -> Option<(Arc<Query>, usize)> {
    let path = target.split('?').next()?.strip_prefix("/spooling/")?;
    let (query, object) = path.split_once('/')?;
    let segment = object.split('.').next()?.parse().ok()?;
    Some((state.query(query)?, segment))
}

fn parse_range(text: &str) -> Option<(usize, Option<usize>)> {
    let (start, end) = text.strip_prefix("bytes=")?.split_once('-')?;
    let end = if end.is_empty() {
        None
    } else {
        Some(end.parse().ok()?)
    };
    Some((start.parse().ok()?, end))
}

const SIGNATURE: &str = "&X-Amz-Signature=";
