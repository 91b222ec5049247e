/// A request, by what sending it twice would mean and what there is to lose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exchange {
    /// HEAD or GET that changes nothing, while a person waits for a connection.
    Probe,
    /// GET of the server's version, which can be done without.
    Version,
    /// POST of a statement. The server only registers it: it runs when its first page is requested.
    Submit {
        /// Whether the server has answered this session before.
        answered: bool,
    },
    /// The same, with headers so large that what is in front of the server may refuse them, by closing the connection or
    /// by an answer about what is behind it.
    LargeSubmit,
    /// GET of a page. The server repeats the last page word for word.
    Poll,
    /// GET or POST of the place where a token will be, while a person signs in.
    SignIn,
    /// GET of a segment while a result can still be had without storage, which has not given any segment so far.
    FirstSegment,
    /// GET of a segment of a result that has no byte yet, with the longest time for it.
    EarlySegment(Duration),
    /// GET of a segment, with the time for it.
    Segment(Duration),
    /// GET that lets the server delete a segment.
    Acknowledge,
    /// DELETE of a statement.
    Cancel,
}

/// How an attempt failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// An answer with that status.
    Status(u16),
    /// No answer.
    Network(Kind),
    /// An answer that ends too early.
    Incomplete,
    /// An answer that is complete and wrong.
    Damaged,
    /// One that another attempt cannot mend.
    Permanent,
}

impl Failure {
    /// The failure that `error` is.
    pub fn of(error: &Error) -> Self {
        Self::Network(error.kind())
    }
}

/// Failures that are alike in what they promise of another attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    /// The server, or a gateway before it, has no time.
    Busy,
    /// The connection broke, or the answer did.
    Broken,
    /// Nobody has that name or listens there.
    Absent,
    /// No connection within the time.
    Blocked,
    /// No answer within the time.
    Silent,
    /// The other side speaks something else, as far as can be told.
    Garbled,
    /// No socket is left on this side.
    Crowded,
}

/// How long a failure of a class is worth another attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Limit {
    Never,
    /// So many attempts, the first included.
    Tries(u32),
    /// For that long.
    Within(Duration),
}

/// A row of the table.
#[derive(Debug, Clone, Copy)]
struct Row {
    busy: Limit,
    broken: Limit,
    absent: Limit,
    blocked: Limit,
    silent: Limit,
    garbled: Limit,
    crowded: Limit,
    longest: Duration,
    longest_requested: Duration,
}

impl Exchange {
    #[rustfmt::skip]
    fn row(self) -> Row {
        use Limit::{Never, Tries, Within};

        let seconds = |seconds| Within(Duration::from_secs(seconds));
        // Nothing was sent, and what ends it is on this side.
        let crowded = match self {
            Self::Probe => seconds(5),
            Self::Version => seconds(1),
            Self::SignIn => Within(Duration::MAX),
            Self::Acknowledge | Self::Cancel => seconds(30),
            _ => seconds(120),
        };
        let row = |[busy, broken, absent, blocked, silent, garbled]: [Limit; 6], longest, requested| Row {
            busy, broken, absent, blocked, silent, garbled, crowded,
            longest: Duration::from_secs(longest),
            longest_requested: Duration::from_secs(requested),
        };
        let (short, long) = (seconds(10), seconds(120));
        match self {
            //              busy        broken      absent    blocked   silent    garbled
            Self::Probe =>
                row([seconds(5), seconds(5), Never,    Never,    Never,    Never], 5, 5),
            Self::Version =>
                row([seconds(1), seconds(1), Never,    Never,    Never,    Never], 1, 1),
            Self::Submit { answered: false } =>
                row([long,       short,      Never,    long,     long,     Never], 5, 60),
            Self::Submit { answered: true } =>
                row([long,       short,      short,    long,     long,     Never], 5, 60),
            Self::LargeSubmit =>
                row([long,       Tries(2),   short,    long,     long,     Never], 5, 60),
            Self::Poll =>
                row([long; 6], 5, 60),
            Self::SignIn => {
                let all = Within(Duration::MAX);
                row([all,        all,        all,      all,      all,      Never], 5, 60)
            }
            Self::FirstSegment =>
                row([Tries(6),   Tries(6),   Tries(3), Tries(1), Tries(2), Never], 5, 5),
            Self::EarlySegment(time) => {
                let all = Within(time.min(EARLY_LIMIT));
                row([all,        all,        all,      all,      all,      Never], 5, 5)
            }
            Self::Segment(time) =>
                row([Within(time); 6], 5, 5),
            Self::Acknowledge =>
                row([Tries(2),   Tries(2),   Tries(2), Tries(2), Tries(2), Never], 1, 1),
            Self::Cancel =>
                row([Tries(3),   Tries(3),   Tries(3), Tries(3), Tries(3), Never], 1, 1),
        }
    }

    /// The class of `failure`; `None` when no attempt can mend it.
    fn class(self, failure: Failure) -> Option<Class> {
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
                | Kind::Store
                | Kind::InvalidUri => return None,
            },
            Failure::Status(_) | Failure::Damaged | Failure::Permanent => return None,
        })
    }

    /// Whether a server that answers with `status` may answer otherwise later.
    fn is_busy(self, status: u16) -> bool {
        match status {
            // 520 to 524 are those of a gateway that has trouble with what is behind it.
            408 | 425 | 429 | 502..=504 | 520..=524 => true,
            501 | 505 | 511 => false,
            // A coordinator's own failure is about the statement, and stays.
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

impl Row {
    fn limit(&self, class: Class) -> Limit {
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
