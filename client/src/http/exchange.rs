//! The retry policy of the driver: one table, a row for each kind of request.
//!
//! A failure belongs to a class, and the table says for how long, or for how many attempts, a
//! failure of that class is worth another attempt.
//!
//! | Request | Busy | Broken | Absent | Blocked | Silent | Garbled | Crowded | Longest pause | Longest requested pause |
//! |---|---|---|---|---|---|---|---|---|---|
//! | probe while connecting, issuer of tokens | 5 s | 5 s | – | – | – | – | 5 s | 5 s | 5 s |
//! | version of the server | 1 s | 1 s | – | – | – | – | 1 s | 1 s | 1 s |
//! | first statement of a session | 120 s | 10 s | – | 120 s | 120 s | – | 120 s | 5 s | 60 s |
//! | later statements | 120 s | 10 s | 10 s | 120 s | 120 s | – | 120 s | 5 s | 60 s |
//! | statement with larger headers than any before | 120 s | 2 tries | 10 s | 120 s | 120 s | – | 120 s | 5 s | 60 s |
//! | page of a result | 120 s | 120 s | 120 s | 120 s | 120 s | 120 s | 120 s | 5 s | 60 s |
//! | token of a sign-in that is under way | its limit | its limit | its limit | its limit | its limit | – | its limit | 5 s | 60 s |
//! | first segment, while the direct protocol can replace it | 6 tries | 6 tries | 3 tries | 1 try | 2 tries | – | 120 s | 5 s | 5 s |
//! | segment before any byte of the result | ≤ 10 s | ≤ 10 s | ≤ 10 s | ≤ 10 s | ≤ 10 s | – | 120 s | 5 s | 5 s |
//! | segment | `StorageRetryTimeout` | the same | the same | the same | the same | the same | 120 s | 5 s | 5 s |
//! | acknowledgement | 2 tries | 2 tries | 2 tries | 2 tries | 2 tries | – | 30 s | 1 s | 1 s |
//! | cancellation | 3 tries | 3 tries | 3 tries | 3 tries | 3 tries | – | 30 s | 1 s | 1 s |
//!
//! Crowded: this process may open no more sockets. Whatever the request, an answer that arrives
//! damaged is requested three times in all. A heartbeat is never repeated; the next one makes up
//! for it. A certificate that is proven wrong, and a status that will not change, end the attempts
//! at once.

use std::time::Duration;

use super::{Backoff, Error, Kind};

/// A kind of request, by what it means to send it twice and what is lost if it fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exchange {
    /// HEAD or GET that changes nothing, while a person waits for a connection.
    Probe,
    /// GET of the server's version, which can be done without.
    Version,
    /// POST of a statement. The server only registers it, and runs it once its first page is
    /// requested, so sending it twice does no harm.
    Submit {
        /// Whether the server has answered this session before. If so, host and port are right,
        /// and a refused connection is worth another attempt.
        answered: bool,
    },
    /// The same with headers so large that a gateway may refuse them, by closing the connection or
    /// by a status that blames the server behind it.
    LargeSubmit,
    /// GET of a page. The server repeats the last page word for word.
    Poll,
    /// GET or POST that polls for a token while a person signs in.
    SignIn,
    /// GET of a segment while the direct protocol can still replace segments, and storage has not
    /// served any so far.
    FirstSegment,
    /// GET of a segment of a result that has no byte yet, with the time limit for segments.
    EarlySegment(Duration),
    /// GET of a segment, with the time limit for segments.
    Segment(Duration),
    /// GET that lets the server delete a segment.
    Acknowledge,
    /// DELETE of a statement.
    Cancel,
}

/// How an attempt failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// An answer with this status.
    Status(u16),
    /// No answer.
    Network(Kind),
    /// An answer that ends too early.
    Incomplete,
    /// An answer that is complete but wrong.
    Damaged,
    /// A failure that another attempt cannot mend.
    Permanent,
}

impl Failure {
    /// The failure of an attempt that ended with `error`.
    pub fn of(error: &Error) -> Self {
        Self::Network(error.kind())
    }
}

/// Failures for which another attempt is equally promising.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    /// The server, or a gateway before it, has no time.
    Busy,
    /// The connection broke, or the answer did.
    Broken,
    /// The host does not exist or nothing listens there.
    Absent,
    /// No connection within the time.
    Blocked,
    /// No answer within the time.
    Silent,
    /// The other side seems to speak another protocol.
    Garbled,
    /// This side has no socket left.
    Crowded,
}

/// For how long a failure of a class is worth another attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Limit {
    Never,
    /// So many attempts in all.
    Tries(u32),
    /// For that long after the first failure.
    Within(Duration),
}

/// A row of the table.
#[derive(Debug, Clone, Copy)]
pub(super) struct Policy {
    busy: Limit,
    broken: Limit,
    absent: Limit,
    blocked: Limit,
    silent: Limit,
    garbled: Limit,
    crowded: Limit,
    pub(super) backoff: Backoff,
    /// The longest pause that a server can request.
    pub(super) longest_requested: Duration,
}

impl Exchange {
    /// The row of the table.
    #[rustfmt::skip]
    pub(super) fn policy(self) -> Policy {
        use Limit::{Never, Tries, Within};

        // Nothing was sent, and only this side can end the shortage.
        let crowded = match self {
            Self::Probe => seconds(5),
            Self::Version => seconds(1),
            Self::SignIn => Within(Duration::MAX),
            Self::Acknowledge | Self::Cancel => seconds(30),
            _ => seconds(120),
        };
        let (short, long) = (seconds(10), seconds(120));
        match self {
            //              busy        broken      absent    blocked   silent    garbled
            Self::Probe =>
                Policy::new(crowded, [seconds(5), seconds(5), Never,    Never,    Never,    Never], 5, 5),
            Self::Version =>
                Policy::new(crowded, [seconds(1), seconds(1), Never,    Never,    Never,    Never], 1, 1),
            Self::Submit { answered: false } =>
                Policy::new(crowded, [long,       short,      Never,    long,     long,     Never], 5, 60),
            Self::Submit { answered: true } =>
                Policy::new(crowded, [long,       short,      short,    long,     long,     Never], 5, 60),
            Self::LargeSubmit =>
                Policy::new(crowded, [long,       Tries(2),   short,    long,     long,     Never], 5, 60),
            Self::Poll =>
                Policy::new(crowded, [long; 6], 5, 60),
            Self::SignIn => {
                let all = Within(Duration::MAX);
                Policy::new(crowded, [all,        all,        all,      all,      all,      Never], 5, 60)
            }
            Self::FirstSegment =>
                Policy::new(crowded, [Tries(6),   Tries(6),   Tries(3), Tries(1), Tries(2), Never], 5, 5),
            Self::EarlySegment(time) => {
                let all = Within(time.min(EARLY_LIMIT));
                Policy::new(crowded, [all,        all,        all,      all,      all,      Never], 5, 5)
            }
            Self::Segment(time) =>
                Policy::new(crowded, [Within(time); 6], 5, 5),
            Self::Acknowledge =>
                Policy::new(crowded, [Tries(2),   Tries(2),   Tries(2), Tries(2), Tries(2), Never], 1, 1),
            Self::Cancel =>
                Policy::new(crowded, [Tries(3),   Tries(3),   Tries(3), Tries(3), Tries(3), Never], 1, 1),
        }
    }

    /// The class of `failure`; `None` when no attempt can mend it.
    pub(super) fn class(self, failure: Failure) -> Option<Class> {
        Some(match failure {
            Failure::Status(502 | 504 | 520..=524) if self == Self::LargeSubmit => Class::Broken,
            Failure::Status(status) if self.is_busy(status) => Class::Busy,
            Failure::Incomplete => Class::Broken,
            Failure::Network(kind) => match kind {
                Kind::Broken | Kind::Other => Class::Broken,
                Kind::UnknownHost | Kind::Refused | Kind::Proxy => Class::Absent,
                Kind::ConnectTimeout => Class::Blocked,
                Kind::ReadTimeout => Class::Silent,
                Kind::Tls | Kind::NotTls | Kind::NotHttp => Class::Garbled,
                Kind::NoSocket => Class::Crowded,
                Kind::UnknownAuthority
                | Kind::WrongName
                | Kind::Expired
                | Kind::Revoked
                | Kind::BadCertificate
                | Kind::Unverified
                | Kind::Store
                | Kind::Identity
                | Kind::InvalidUri => return None,
            },
            Failure::Status(_) | Failure::Damaged | Failure::Permanent => return None,
        })
    }

    /// Whether a server that answers with `status` may answer differently later.
    fn is_busy(self, status: u16) -> bool {
        match status {
            // 520 to 524 come from a gateway that has trouble with the server behind it.
            408 | 425 | 429 | 502..=504 | 520..=524 => true,
            501 | 505 | 511 => false,
            // A failure of the coordinator itself concerns the statement, and will not change.
            500..=599 => matches!(
                self,
                Self::SignIn
                    | Self::FirstSegment
                    | Self::EarlySegment(_)
                    | Self::Segment(_)
                    | Self::Acknowledge
                    | Self::Cancel
            ),
            _ => false,
        }
    }
}

impl Policy {
    /// A row with the longest pause, and the longest requested one, in seconds.
    fn new(crowded: Limit, limits: [Limit; 6], longest: u64, longest_requested: u64) -> Self {
        let [busy, broken, absent, blocked, silent, garbled] = limits;
        Self {
            busy,
            broken,
            absent,
            blocked,
            silent,
            garbled,
            crowded,
            backoff: Backoff {
                first: FIRST_PAUSE,
                longest: Duration::from_secs(longest),
            },
            longest_requested: Duration::from_secs(longest_requested),
        }
    }

    /// For how long a failure of the class is worth another attempt.
    pub(super) fn limit(&self, class: Class) -> Limit {
        match class {
            Class::Busy => self.busy,
            Class::Broken => self.broken,
            Class::Absent => self.absent,
            Class::Blocked => self.blocked,
            Class::Silent => self.silent,
            Class::Garbled => self.garbled,
            Class::Crowded => self.crowded,
        }
    }
}

/// So many seconds after the first failure.
fn seconds(seconds: u64) -> Limit {
    Limit::Within(Duration::from_secs(seconds))
}

/// The pause after the first failure of any request, before jitter.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
/// The longest time for a segment while no byte of its result has arrived.
const EARLY_LIMIT: Duration = Duration::from_secs(10);
