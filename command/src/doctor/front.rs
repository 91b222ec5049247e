//! The front of a coordinator: gateways, load balancers, proxies that end TLS, sign-in pages.

use trino_client::http;
use trino_client::protocol;
use trino_client::spool;

/// The advice for a segment that the coordinator's own origin does not deliver.
pub fn of_segment(error: &spool::Error, endpoint: &str) -> Option<String> {
    Some(match error {
        spool::Error::Refused {
            status: status @ (401 | 403 | 407),
            ..
        } => format!(
            "The proxy or gateway in front of {endpoint} requires its own credentials at /v1/spooled (HTTP status {status}): \
             allow that path, or set ExtraHeaders to the headers that it requires."
        ),
        spool::Error::Refused {
            status: status @ (404 | 405 | 410 | 501),
            ..
        } => format!(
            "The proxy or gateway in front of {endpoint} does not let segments through (HTTP status {status}): allow /v1/spooled \
              (Trino Gateway: extraWhitelistPaths: [\"/v1/spooled/.*\"])."
        ),
        spool::Error::WebPage { .. } | spool::Error::Redirect { .. } => format!(
            "The proxy or gateway in front of {endpoint} answers /v1/spooled with a web page: allow that path \
             without a sign-in page."
        ),
        spool::Error::Length {
            expected, actual, ..
        } if actual > expected => format!(
            "The proxy or gateway in front of {endpoint} changes the bytes of segments: set Encoding=json, which is not affected, or \
             fetch segments from storage (protocol.spooling.retrieval-mode=STORAGE)."
        ),
        spool::Error::Length { .. } => format!(
            "The proxy or gateway in front of {endpoint} truncates segments: raise its limit on the size of responses."
        ),
        _ => return None,
    })
}

/// The advice for a statement that the front does not pass on.
pub fn of_statement(
    error: &protocol::Error,
    endpoint: &str,
    keeps_cookies: bool,
) -> Option<String> {
    Some(match error {
        protocol::Error::NotTrino { excerpt, .. } => format!(
            "The proxy or gateway in front of {endpoint} answers statements with a web page ({}): allow /v1/statement \
             without it, or correct Host and Port.",
            excerpt.trim_end_matches('.')
        ),
        protocol::Error::Redirected { to, .. } => format!(
            "{endpoint} redirects to {to}: set Host, Port and SSL to the address of the coordinator, or allow \
             /v1/statement if that is a sign-in page."
        ),
        protocol::Error::Status {
            status: 404,
            message,
            ..
        } if message.contains("Query not found") => {
            if keeps_cookies {
                format!(
                    "The load balancer in front of {endpoint} distributes the requests of one query to several coordinators: have \
                     it bind each client to one of them (HAProxy: cookie NODE insert indirect nocache; nginx ingress: \
                     affinity: cookie; AWS ALB: stickiness)."
                )
            } else {
                format!(
                    "The load balancer in front of {endpoint} distributes the requests of one query to several coordinators: set \
                     Cookies=true, by which it binds each client to one of them."
                )
            }
        }
        protocol::Error::Status {
            status: status @ (404 | 405),
            ..
        } => format!(
            "The server at {endpoint} is not a Trino coordinator (HTTP status {status}): correct Host and Port, or \
             allow /v1/statement in the proxy in front of it."
        ),
        _ => return None,
    })
}

/// The advice for a refusal of `/v1/info`, which Trino itself never refuses.
pub fn of_info(status: u16, endpoint: &str) -> Option<String> {
    matches!(status, 401 | 403).then(|| {
        format!(
            "The proxy or gateway in front of {endpoint} requires its own credentials (HTTP status {status}): set ExtraHeaders to \
             the headers that it requires, such as a key."
        )
    })
}

/// The remark about a front that refuses HEAD.
pub fn of_head(endpoint: &str) -> String {
    format!(
        "The proxy or gateway in front of {endpoint} refuses HEAD, which checks a connection. The driver uses GET instead; \
         ValidateConnection=false avoids the attempt."
    )
}

/// The advice for a front that does not accept long headers.
pub fn of_headers(answer: &Result<u16, http::Error>, endpoint: &str) -> String {
    let how = match answer {
        Ok(status) => format!("HTTP status {status}"),
        Err(_) => "the connection is closed".to_owned(),
    };
    format!(
        "The proxy or gateway in front of {endpoint} does not accept {} KB of headers ({how}): raise its limit (nginx: \
         large_client_header_buffers 4 64k; Trino Gateway: http-server.max-request-header-size) for long statements that are described before they run, and for many session \
         properties.",
        HEADERS / 1024
    )
}

/// The advice for a front that does not accept large bodies.
pub fn of_body(cause: &protocol::Error, endpoint: &str) -> String {
    let how = match cause {
        protocol::Error::Status { status, .. } => format!("HTTP status {status}"),
        protocol::Error::Forbidden { .. } => "HTTP status 403".to_owned(),
        _ => "the connection is closed".to_owned(),
    };
    format!(
        "The proxy or gateway in front of {endpoint} does not accept statements of {} KB ({how}): raise its limit (nginx: \
         client_max_body_size 10m) for inserts of many rows.",
        BODY / 1024
    )
}

/// Bytes of headers that a front should take. The default of nginx is 8 KB.
pub const HEADERS: usize = 12 << 10;

/// Bytes of a statement that a front should take. Firewalls inspect 128 KB.
pub const BODY: usize = 200 << 10;
