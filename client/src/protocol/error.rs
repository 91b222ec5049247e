//! The errors of an exchange with a coordinator.

use reqwest::StatusCode;

use crate::{auth, http};

/// Why a statement has no answer.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// The server says that the query failed.
    #[error("{0}")]
    Query(Box<QueryError>),
    /// The server does not accept the credentials.
    #[error("{endpoint} refused the credentials: {message}")]
    Authentication {
        /// Host and port.
        endpoint: String,
        /// The server's words.
        message: String,
    },
    /// The server accepts the credentials but denies access.
    #[error("{endpoint} denied access: {message}")]
    Forbidden {
        /// Host and port.
        endpoint: String,
        /// The server's words.
        message: String,
    },
    /// An answer that is no result.
    #[error("{endpoint} answered with HTTP status {status}: {message}")]
    Status {
        /// Host and port.
        endpoint: String,
        /// The HTTP status.
        status: u16,
        /// The server's words, with advice if there is any.
        message: String,
    },
    /// A statement that was probably refused for its size by a gateway in front of the coordinator.
    /// Nothing of it ran: a statement begins to run when its first page is requested.
    #[error(
        "{}. The statement has {bytes} bytes, which {} more than a proxy or firewall in front of the coordinator \
         accepts. Raise its limit for request bodies (nginx: client_max_body_size), or send less in one statement.",
        .cause.to_string().trim_end_matches(['.', ' ']),
        if .cause.refuses_size() { "is" } else { "may be" }
    )]
    Oversized {
        /// The length of the statement.
        bytes: usize,
        /// How it was refused.
        cause: Box<Self>,
    },
    /// A redirect to another host.
    #[error("{endpoint} redirects to {to}. Set Host, Port and SSL to where the coordinator is.")]
    Redirected {
        /// Host and port.
        endpoint: String,
        /// Scheme, host and port of the target.
        to: String,
    },
    /// An answer that does not come from Trino.
    #[error("{endpoint} does not answer like a Trino coordinator: {excerpt}")]
    NotTrino {
        /// Host and port.
        endpoint: String,
        /// The words of the answer, shortened.
        excerpt: String,
    },
    /// A request whose headers are larger than the coordinator, or a gateway in front of it,
    /// accepts.
    #[error(
        "{endpoint} {} because its headers are too large ({answer}): {size}. Shorten them, or raise the limit for \
         headers of the server (http-server.max-request-header-size) and of any proxy in front of it (nginx: \
         large_client_header_buffers).",
        if *.is_certain { "rejected the request" } else { "probably rejected the request" }
    )]
    HeadersTooLarge {
        /// Host and port.
        endpoint: String,
        /// The answer, or the end of the connection.
        answer: String,
        /// Bytes of the headers, and what has most of them.
        size: String,
        /// Whether the answer can mean nothing else.
        is_certain: bool,
    },
    /// A message that cannot be read.
    #[error("Cannot read the coordinator's answer: {0}.")]
    Malformed(String),
    /// A segment of a type that this driver does not know.
    #[error(
        "The server sends result segments of type {0:?}, which this driver does not support. Set Encoding=none to \
         receive rows without segments."
    )]
    SegmentKind(String),
    /// The next page would be requested without TLS.
    #[error(
        "The coordinator was reached over TLS, but the address of the next page, {to}, is without TLS. Behind a proxy, \
         the server needs http-server.process-forwarded=true."
    )]
    Downgraded {
        /// Scheme, host and port of the next page.
        to: String,
    },
    /// An option or a session value that no header can carry.
    #[error(
        "The value of {0} cannot be sent: it contains characters that an HTTP header cannot carry. Only characters of \
         ISO 8859-1 (Western European languages) are allowed."
    )]
    Unsendable(&'static str),
    /// The statement renamed something of the session, and the answer lost characters of the new
    /// name on its way.
    #[error(
        "The session is unchanged: the server returns the new catalog, schema, path or user in an HTTP header, which \
         can carry only characters of ISO 8859-1 (Western European languages). Qualify names in each statement \
         instead."
    )]
    Renamed,
    /// The query was cancelled from this side.
    #[error("The query was cancelled.")]
    Cancelled,
    /// The credentials cannot be obtained.
    #[error("{0}")]
    Credentials(#[from] auth::Error),
    /// No answer at all.
    #[error("{0}")]
    Http(#[from] http::Error),
}

/// A query's failure, in the server's words.
#[derive(Debug, Clone, Default, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct QueryError {
    /// The server's message.
    pub message: String,
    /// Trino's number of the error.
    pub code: i32,
    /// Trino's name of the error, such as `TABLE_NOT_FOUND`.
    pub name: String,
    /// USER_ERROR, INTERNAL_ERROR, INSUFFICIENT_RESOURCES or EXTERNAL.
    pub error_type: String,
    /// The query's id, if it has one.
    pub query_id: Option<String>,
    /// Whether the server failed while it wrote the result to segments, which it does not do for
    /// rows in its answers.
    pub in_spooling: bool,
}

impl Error {
    /// Whether a statement was refused because it is too large.
    pub fn refuses_size(&self) -> bool {
        matches!(self, Self::Status { status: 413, .. })
    }

    /// Whether that may be: fronts refuse what is too large in other words, too, or break the
    /// connection.
    pub(super) fn may_refuse_size(&self) -> bool {
        match self {
            Self::Status { status, .. } => matches!(status, 400 | 413 | 502),
            Self::Forbidden { .. } => true,
            Self::Http(error) => error.kind() == http::Kind::Broken,
            _ => false,
        }
    }

    /// The error that an answer other than 200 is. `words` are what came along.
    pub(super) fn from_status(status: StatusCode, endpoint: String, words: Option<String>) -> Self {
        let message = words.unwrap_or_else(|| {
            let reason = status.canonical_reason().unwrap_or("no reason given");
            reason.to_owned()
        });
        match status {
            StatusCode::UNAUTHORIZED => Self::Authentication { endpoint, message },
            StatusCode::FORBIDDEN => Self::Forbidden { endpoint, message },
            status => {
                let advice = match status {
                    StatusCode::PROXY_AUTHENTICATION_REQUIRED => PROXY_ADVICE,
                    StatusCode::NETWORK_AUTHENTICATION_REQUIRED => PORTAL_ADVICE,
                    _ => "",
                };
                let message = match advice {
                    "" => message,
                    advice => format!("{}. {advice}", message.trim_end_matches(['.', ' '])),
                };
                Self::Status {
                    endpoint,
                    status: status.as_u16(),
                    message,
                }
            }
        }
    }

    /// The same, after rows in the server's answers were no help.
    pub fn for_good(mut self) -> Self {
        if let Self::Query(error) = &mut self {
            error.in_spooling = false;
        }
        self
    }

    /// The same, of a request that only proves the connection and may fail where others do not.
    pub(super) fn of_probe(mut self) -> Self {
        match &mut self {
            Self::Forbidden { message, .. } | Self::Status { message, .. } => {
                *message = format!("{}. {PROBE_ADVICE}", message.trim_end_matches(['.', ' ']));
            }
            Self::Http(error)
                if matches!(error.kind(), http::Kind::Broken | http::Kind::ReadTimeout) =>
            {
                error.advise(PROBE_ADVICE);
            }
            _ => {}
        }
        self
    }

    /// A message that cannot be read; the words of the parser hold no value of it.
    pub(super) fn malformed(error: &serde_json::Error) -> Self {
        let place = format!("line {}, column {}", error.line(), error.column());
        let what = match error.classify() {
            serde_json::error::Category::Eof => "it ends too early",
            serde_json::error::Category::Syntax => "it is no JSON",
            serde_json::error::Category::Data => "it is no message of a Trino coordinator",
            serde_json::error::Category::Io => "it cannot be read",
        };
        Self::Malformed(format!("{what} ({place})"))
    }
}

/// The remedy if a proxy that is not configured requires credentials.
const PROXY_ADVICE: &str = "A proxy in between requires credentials: set HTTPProxy, HTTPProxyUser and \
    HTTPProxyPassword.";

/// The remedy if a network requires a sign-in.
const PORTAL_ADVICE: &str =
    "The network requires a sign-in before it lets requests through: sign in with a browser.";

/// The remedy if a gateway refuses HEAD.
const PROBE_ADVICE: &str = "If only the request that checks the connection (HEAD /v1/statement) is refused, set \
    ValidateConnection=false.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_carries_the_servers_line() {
        let error = Error::from_status(
            StatusCode::UNAUTHORIZED,
            "c:8443".to_owned(),
            Some("Access Denied: Invalid credentials".to_owned()),
        );
        assert_eq!(
            error.to_string(),
            "c:8443 refused the credentials: Access Denied: Invalid credentials"
        );
    }

    #[test]
    fn a_status_without_a_body_is_named() {
        let error = Error::from_status(StatusCode::BAD_GATEWAY, "c:80".to_owned(), None);
        assert_eq!(
            error.to_string(),
            "c:80 answered with HTTP status 502: Bad Gateway"
        );
    }
}
