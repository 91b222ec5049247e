//! What stands in front of a coordinator: gateways, balancers, proxies that end TLS, pages to sign in at.

use trino_client::http;
use trino_client::protocol;
use trino_client::spool;

/// What to do about a segment that the coordinator's own origin does not hand out.
pub fn of_segment(error: &spool::Error, endpoint: &str) -> Option<String> {
    Some(match error {
        spool::Error::Refused {
            status: status @ (401 | 403 | 407),
            ..
        } => format!(
            "What stands in front of {endpoint} wants credentials of its own at /v1/spooled (HTTP status {status}): \
             have that path let through, or set ExtraHeaders to what it wants."
        ),
        spool::Error::Refused {
            status: status @ (404 | 405 | 410 | 501),
            ..
        } => format!(
            "What stands in front of {endpoint} does not let segments through (HTTP status {status}): have /v1/spooled \
             let through (Trino Gateway: extraWhitelistPaths: [\"/v1/spooled/.*\"])."
        ),
        spool::Error::WebPage { .. } | spool::Error::Redirect { .. } => format!(
            "What stands in front of {endpoint} answers /v1/spooled with a web page: have that path let through, \
             without a page to sign in at."
        ),
        spool::Error::Length {
            expected, actual, ..
        } if actual > expected => format!(
            "What stands in front of {endpoint} changes the bytes of segments: set Encoding=json, which survives it, or \
             have segments fetched from storage (protocol.spooling.retrieval-mode=STORAGE)."
        ),
        spool::Error::Length { .. } => format!(
            "What stands in front of {endpoint} cuts segments short: have its limit on the size of answers raised."
        ),
        _ => return None,
    })
}

/// What to do about a statement that what stands in front of the coordinator keeps from it.
pub fn of_statement(
    error: &protocol::Error,
    endpoint: &str,
    keeps_cookies: bool,
) -> Option<String> {
    Some(match error {
        protocol::Error::NotTrino { excerpt, .. } => format!(
            "What stands in front of {endpoint} answers statements with a page of its own ({}): have /v1/statement let \
             through without it, or correct Host and Port.",
            excerpt.trim_end_matches('.')
        ),
        protocol::Error::Redirected { to, .. } => format!(
            "{endpoint} sends on to {to}: set Host, Port and SSL to where the coordinator is, or have /v1/statement let \
             through where that is a page to sign in at."
        ),
        protocol::Error::Status {
            status: 404,
            message,
            ..
        } if message.contains("Query not found") => {
            if keeps_cookies {
                format!(
                    "The balancer in front of {endpoint} sends the requests of one query to several coordinators: have \
                     it bind each client to one of them (HAProxy: cookie NODE insert indirect nocache; nginx ingress: \
                     affinity: cookie; AWS ALB: stickiness)."
                )
            } else {
                format!(
                    "The balancer in front of {endpoint} sends the requests of one query to several coordinators: set \
                     Cookies=true, by which it binds each client to one of them."
                )
            }
        }
        protocol::Error::Status {
            status: status @ (404 | 405),
            ..
        } => format!(
            "What answers at {endpoint} is no Trino coordinator (HTTP status {status}): correct Host and Port, or have \
             what stands in front of it let /v1/statement through."
        ),
        _ => return None,
    })
}

/// What to do about an answer to `/v1/info` that Trino would not give: it gives it to anyone.
pub fn of_info(status: u16, endpoint: &str) -> Option<String> {
    matches!(status, 401 | 403).then(|| {
        format!(
            "What stands in front of {endpoint} wants credentials of its own (HTTP status {status}): set ExtraHeaders to \
             what it wants, such as a key."
        )
    })
}

/// What to say of a front that refuses HEAD.
pub fn of_head(endpoint: &str) -> String {
    format!(
        "What stands in front of {endpoint} refuses HEAD, by which a connection is proven; the driver does it by GET, and \
         ValidateConnection=false spares the attempt."
    )
}

/// What to do about a front that takes no long headers.
pub fn of_headers(answer: &Result<u16, http::Error>, endpoint: &str) -> String {
    let how = match answer {
        Ok(status) => format!("HTTP status {status}"),
        Err(_) => "the connection is closed".to_owned(),
    };
    format!(
        "What stands in front of {endpoint} takes no {} KB of headers ({how}): have its limit raised (nginx: \
         large_client_header_buffers 4 64k; Trino Gateway: http-server.max-request-header-size) for long statements that are described before they run, and for many session \
         properties.",
        HEADERS / 1024
    )
}

/// What to do about a front that takes no large bodies.
pub fn of_body(cause: &protocol::Error, endpoint: &str) -> String {
    let how = match cause {
        protocol::Error::Status { status, .. } => format!("HTTP status {status}"),
        protocol::Error::Forbidden { .. } => "HTTP status 403".to_owned(),
        _ => "the connection is closed".to_owned(),
    };
    format!(
        "What stands in front of {endpoint} takes no statements of {} KB ({how}): have its limit raised (nginx: \
         client_max_body_size 10m) for inserts of many rows.",
        BODY / 1024
    )
}

/// Bytes of headers that a front should take. Those of nginx take 8 KB unless they are set to more.
pub const HEADERS: usize = 12 << 10;

/// Bytes of a statement that a front should take. Firewalls look at 128 KB.
pub const BODY: usize = 200 << 10;
