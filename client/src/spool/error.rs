//! Why the rows of a result cannot be had.

use crate::{decode, http, protocol};

/// Why no further row can be had. Hosts are named; URIs, which may carry signatures, are not.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The failure that the pager reported. It travels with the rows because the rows before it are
    /// read first, and reaches the pager's owner as it was.
    #[error(transparent)]
    Pager(protocol::Error),
    /// No answer from where the segment is.
    #[error("Cannot fetch a result segment: {cause}{}", remedy(*.cluster, .cause))]
    Unreachable {
        /// Why there was no answer.
        cause: http::Error,
        /// Whether the host belongs to the Trino cluster rather than to storage.
        cluster: bool,
    },
    /// The segment's URI or the segment itself is past its life.
    #[error(
        "A result segment at {endpoint} has expired before it was read. Read the result sooner, raise \
         fs.segment.direct.ttl (URI) or fs.segment.ttl (segment) on the server, or use another retrieval mode."
    )]
    Expired {
        /// Host and port of the storage.
        endpoint: String,
    },
    /// The segment is not there.
    #[error(
        "A result segment at {endpoint} no longer exists. It was removed by the server (fs.segment.ttl) or by a \
         lifecycle rule of the storage."
    )]
    Gone {
        /// Host and port of the storage.
        endpoint: String,
    },
    /// The clocks of client and storage disagree.
    #[error(
        "{endpoint} refused a result segment because of the time of the request: the clocks of this computer, the \
         server and the storage differ too much{}.", apart(*.seconds)
    )]
    ClockSkew {
        /// Host and port of the storage.
        endpoint: String,
        /// By how many seconds the host's clock is ahead of this computer's, if it states the time.
        seconds: Option<i64>,
    },
    /// An answer that is no segment.
    #[error("{endpoint} refuses a result segment: HTTP status {status}{}.", in_brackets(.detail))]
    Refused {
        /// Host and port of the storage.
        endpoint: String,
        /// The HTTP status.
        status: u16,
        /// The error's code or its first line, in the server's words.
        detail: String,
    },
    /// A web page, as a gateway or a portal sends it.
    #[error("{endpoint} sends a web page in place of a result segment{}.", in_brackets(.words))]
    WebPage {
        /// Host and port of the storage.
        endpoint: String,
        /// Its title and what it shows.
        words: String,
    },
    /// A redirect that is not followed.
    #[error("{endpoint} redirects a result segment {fault}.")]
    Redirect {
        /// Host and port of the storage.
        endpoint: String,
        /// The fault.
        fault: RedirectFault,
    },
    /// A segment of another length than the server stated.
    #[error("{endpoint} sent {actual} bytes of a result segment of {expected} bytes.")]
    Length {
        /// Host and port of the storage.
        endpoint: String,
        /// The number that the server stated.
        expected: u64,
        /// The number that was found.
        actual: u64,
    },
    /// The allocator has no room for a segment.
    #[error("Out of memory: a result segment has more than {bytes} bytes.")]
    Memory {
        /// The bytes for which there was room.
        bytes: usize,
    },
    /// The reference to a segment is not usable.
    #[error("A result segment lacks a usable URI or header.")]
    Malformed,
    /// An encoding that is not supported.
    #[error("The server sends segments as {name:?}, which was not requested and is not supported.")]
    Encoding {
        /// The server's name of the encoding.
        name: String,
    },
    /// The text of an inline segment is damaged.
    #[error("An inline result segment is not valid base64.")]
    Base64,
    /// An inline segment of another length than the server stated.
    #[error("An inline result segment has {actual} bytes instead of {expected}.")]
    InlineLength {
        /// The bytes that the server stated.
        expected: u64,
        /// The bytes that there are.
        actual: u64,
    },
    /// The bytes of a segment are damaged.
    #[error("Result segment {segment} cannot be read: {cause}")]
    Decode {
        /// Its number in the result, from 0.
        segment: u64,
        /// The fault, with row and column.
        cause: decode::Error,
    },
    /// A segment with another number of rows than the server stated.
    #[error("Result segment {segment} has {actual} rows instead of {expected}.")]
    RowCount {
        /// Its number in the result, from 0.
        segment: u64,
        /// The number that the server stated.
        expected: u64,
        /// The number that was found.
        actual: u64,
    },
    /// A segment that does not follow the one before.
    #[error(
        "Result segment {segment} starts at row {actual} instead of row {expected}: rows are missing or repeated."
    )]
    RowOffset {
        /// Its number in the result, from 0.
        segment: u64,
        /// The number that the server stated.
        expected: u64,
        /// The number that was found.
        actual: u64,
    },
    /// A segment with fewer rows the second time.
    #[error("Result segment {segment} had other rows when it was fetched again.")]
    Changed {
        /// Its number in the result, from 0.
        segment: u64,
    },
    /// The pager ended without a result or an error.
    #[error("Fetching the result ended early.")]
    Abandoned,
    /// A call after the one that reported the error.
    #[error("An earlier call reported the error that ended the result.")]
    Over,
    /// A decoder panicked.
    #[error("A result segment could not be decoded because of an internal error.")]
    Internal,
}

/// The fault of a redirect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RedirectFault {
    /// More than five in a row.
    #[error("too often")]
    TooMany,
    /// It has no address.
    #[error("without saying where to")]
    NoLocation,
    /// Its address is not one of HTTP.
    #[error("to something that is not an http address")]
    BadLocation,
    /// It leads away from TLS.
    #[error("from https to http, which is refused")]
    Downgrade,
}

/// No further page is wanted: the reader is gone, or a segment cannot be fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the result is no longer read")]
pub struct Stopped;

// What follows from a segment that cannot be fetched: another attempt, or the direct protocol.
impl Error {
    /// The failure of an attempt, as the retry policy classifies it.
    pub(super) fn as_failure(&self) -> http::Failure {
        match self {
            Self::Unreachable { cause, .. } => http::Failure::of(cause),
            Self::Refused { status, .. } => http::Failure::Status(*status),
            Self::Length {
                expected, actual, ..
            } if actual < expected => http::Failure::Incomplete,
            Self::Length { .. } | Self::Decode { .. } => http::Failure::Damaged,
            _ => http::Failure::Permanent,
        }
    }

    /// Whether the same rows may come in the answers of the coordinator, which is at `coordinator`:
    /// it is the segment that cannot be had, and not the coordinator.
    pub fn is_about_segment(&self, coordinator: &str) -> bool {
        match self {
            Self::Unreachable { cause, .. } if cause.kind() == http::Kind::NoSocket => false,
            Self::Unreachable { cause, .. } => {
                !(cause.is_before_request() && cause.endpoint() == coordinator)
            }
            Self::Expired { .. }
            | Self::Gone { .. }
            | Self::ClockSkew { .. }
            | Self::Refused { .. }
            | Self::WebPage { .. }
            | Self::Redirect { .. }
            | Self::Length { .. }
            | Self::Malformed
            | Self::Encoding { .. }
            | Self::Base64
            | Self::InlineLength { .. }
            | Self::Decode { .. } => true,
            Self::Pager(_)
            | Self::Memory { .. }
            | Self::RowCount { .. }
            | Self::RowOffset { .. }
            | Self::Changed { .. }
            | Self::Abandoned
            | Self::Over
            | Self::Internal => false,
        }
    }

    /// The failure of the server while it wrote the segments, which rows in its answers do not
    /// need.
    pub fn server_failure(&self) -> Option<&protocol::QueryError> {
        match self {
            Self::Pager(protocol::Error::Query(error)) if error.in_spooling => Some(error),
            _ => None,
        }
    }

    /// The same, after rows in the server's answers were no help.
    pub fn for_good(self) -> Self {
        match self {
            Self::Pager(error) => Self::Pager(error.for_good()),
            error => error,
        }
    }

    /// Whether a segment came, with other bytes than the server made: what is on the way may leave
    /// text alone.
    pub fn is_about_bytes(&self) -> bool {
        match self {
            Self::Length {
                expected, actual, ..
            } => actual > expected,
            Self::Decode { .. } => true,
            _ => false,
        }
    }

    /// The host that the segment was requested from, if it answered.
    pub fn endpoint(&self) -> Option<&str> {
        match self {
            Self::Expired { endpoint }
            | Self::Gone { endpoint }
            | Self::ClockSkew { endpoint, .. }
            | Self::Refused { endpoint, .. }
            | Self::WebPage { endpoint, .. }
            | Self::Redirect { endpoint, .. }
            | Self::Length { endpoint, .. } => Some(endpoint),
            _ => None,
        }
    }
}

fn remedy(cluster: bool, cause: &http::Error) -> &'static str {
    use http::Kind;

    match cause.kind() {
        _ if cluster => "",
        Kind::UnknownAuthority => {
            " Set StorageTrustStore to the authority's certificate, or use a retrieval mode that goes through the \
             coordinator."
        }
        Kind::Unverified => {
            " Let this computer reach the servers of the authority that the certificate names, or set \
             StorageTrustStore to the authority's certificate."
        }
        Kind::WrongName
        | Kind::Expired
        | Kind::Revoked
        | Kind::BadCertificate
        | Kind::Tls
        | Kind::NotTls => {
            " Correct the storage's certificate or address, or use a retrieval mode that goes through the coordinator."
        }
        Kind::UnknownHost | Kind::Refused | Kind::ConnectTimeout => {
            " If this computer cannot reach the storage, use a retrieval mode that goes through the coordinator."
        }
        _ => "",
    }
}

fn apart(seconds: Option<i64>) -> String {
    match seconds {
        Some(ahead @ 1..) => format!(" (it is {ahead} seconds ahead of this computer)"),
        Some(behind) => {
            let behind = behind.unsigned_abs();
            format!(" (it is {behind} seconds behind this computer)")
        }
        None => String::new(),
    }
}

fn in_brackets(detail: &str) -> String {
    if detail.is_empty() {
        String::new()
    } else {
        format!(" ({detail})")
    }
}
