//! Why a call of a session failed.

use crate::runtime::Interrupted;
use crate::{auth, http, protocol, spool};

/// The error of a call, with the query that it concerns.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The caller's wait ended first; the query, if there was one, is being cancelled.
    #[error("{cause}{}", since(.trouble))]
    Interrupted {
        /// What ended the wait.
        cause: Interrupted,
        /// The query's id, if it has one.
        query_id: Option<String>,
        /// The failure that was being retried.
        trouble: Option<String>,
    },
    /// The server says that the query failed.
    #[error("{0}")]
    Server(Box<protocol::QueryError>),
    /// The server does not accept the credentials, or denies access.
    #[error("{0}")]
    Authentication(protocol::Error),
    /// Credentials that are not even sent.
    #[error("{0}")]
    Credentials(#[from] auth::Error),
    /// The server cannot be reached, or its certificate is rejected.
    #[error("{0}")]
    Connect(http::Error),
    /// The exchange with the coordinator broke down.
    #[error("{error}")]
    Protocol {
        /// The cause.
        error: protocol::Error,
        /// The query's id, if it has one.
        query_id: Option<String>,
    },
    /// The result could not be fetched or decoded.
    #[error("{error}")]
    Spool {
        /// The cause.
        error: spool::Error,
        /// The query's id.
        query_id: String,
    },
    /// The session was closed meanwhile.
    #[error("The connection is closed.")]
    Closed,
    /// The connection belongs to the parent of this process.
    #[error(
        "The connection was opened before the process forked and cannot be used in the child process."
    )]
    Forked,
}

impl Error {
    /// The id of the query that failed, if it came to be one.
    pub fn query_id(&self) -> Option<&str> {
        match self {
            Self::Server(error) => error.query_id.as_deref(),
            Self::Interrupted { query_id, .. } | Self::Protocol { query_id, .. } => {
                query_id.as_deref()
            }
            Self::Spool { query_id, .. } => Some(query_id),
            Self::Authentication(_)
            | Self::Credentials(_)
            | Self::Connect(_)
            | Self::Closed
            | Self::Forked => None,
        }
    }

    /// The failure of the query in the server's words, if the server reported one.
    pub fn server(&self) -> Option<&protocol::QueryError> {
        match self {
            Self::Server(error) => Some(error),
            _ => None,
        }
    }

    /// Whether the server refused a statement for values that are written in it, before it stored
    /// any of them ([`QueryError::is_about_values`](protocol::QueryError::is_about_values)).
    pub fn is_about_values(&self) -> bool {
        self.server()
            .is_some_and(protocol::QueryError::is_about_values)
    }

    /// Whether the server refused a statement for the type of a value in it, before anything ran.
    pub fn is_about_types(&self) -> bool {
        self.server()
            .is_some_and(protocol::QueryError::is_about_types)
    }

    /// Whether a request was refused for the size of its headers.
    pub fn is_about_headers(&self) -> bool {
        matches!(
            self,
            Self::Protocol {
                error: protocol::Error::HeadersTooLarge { .. },
                ..
            }
        )
    }

    /// Whether the server refused a statement because a NULL in it fits several functions or
    /// operators.
    pub fn is_ambiguous(&self) -> bool {
        self.server()
            .is_some_and(protocol::QueryError::is_ambiguous)
    }

    /// The characters that a statement may have, if it was refused for having more.
    pub fn text_limit(&self) -> Option<usize> {
        self.server()?.text_limit()
    }

    /// The bytes of a statement that a gateway in front of the coordinator probably refused for its
    /// size. Nothing of it ran.
    pub fn oversized(&self) -> Option<usize> {
        match self {
            Self::Protocol {
                error: protocol::Error::Oversized { bytes, .. },
                ..
            } => Some(*bytes),
            _ => None,
        }
    }

    /// Whether the server refused a value while it stored it, when it may have stored others of the
    /// statement.
    pub fn is_about_storing(&self) -> bool {
        self.server()
            .is_some_and(protocol::QueryError::is_about_storing)
    }

    /// Whether the server, or a connector, does not support what a statement does.
    pub fn is_about_support(&self) -> bool {
        self.server()
            .is_some_and(protocol::QueryError::is_about_support)
    }

    /// Whether the server refused the form of a statement, before anything ran.
    pub fn is_about_form(&self) -> bool {
        self.server()
            .is_some_and(protocol::QueryError::is_about_form)
    }

    /// The error of a statement that the driver wrote after its `head`, without a place that only
    /// the driver knows.
    pub fn without_place(mut self, head: &str) -> Self {
        if let Self::Server(error) = &mut self
            && let Some(place) = error.place()
            && head
                .lines()
                .nth(place.line.saturating_sub(1))
                .is_none_or(|head| place.column > head.chars().count())
        {
            error.set_place(None);
        }
        self
    }

    /// Whether no answer came from the coordinator, so that the next request may fare no better.
    pub(super) fn is_about_the_link(&self) -> bool {
        matches!(
            self,
            Self::Connect(_)
                | Self::Protocol {
                    error: protocol::Error::Http(_),
                    ..
                }
        )
    }

    /// The error of a failed exchange, for a caller.
    pub(super) fn of_protocol(error: protocol::Error, query_id: Option<String>) -> Self {
        match error {
            protocol::Error::Query(mut error) => {
                error.query_id = error.query_id.take().or(query_id);
                if error.in_spooling {
                    let message = error.message.trim_end_matches(['.', ' ']);
                    error.message = format!("{message}. {UNSPOOLED}");
                }
                Self::Server(error)
            }
            error
            @ (protocol::Error::Authentication { .. } | protocol::Error::Forbidden { .. }) => {
                Self::Authentication(error)
            }
            // It is the issuer that cannot be reached; its name is in the message.
            protocol::Error::Credentials(auth::Error::Http(error)) if query_id.is_none() => {
                Self::Connect(error)
            }
            protocol::Error::Credentials(error) => Self::Credentials(error),
            // Once there is a query, its loss is more than a connection that did not come about.
            protocol::Error::Http(error) if query_id.is_none() && error.is_before_request() => {
                Self::Connect(error)
            }
            error => Self::Protocol { error, query_id },
        }
    }

    /// The same, of a statement that changes something: if the connection was lost while the server
    /// ran it, the driver cannot know whether it did.
    pub(super) fn of_change(mut self) -> Self {
        const UNKNOWN: &str = "It is not known whether the statement took effect: the server received it, but its answer was lost.";
        if let Self::Protocol {
            error,
            query_id: Some(_),
        } = &mut self
        {
            match error {
                protocol::Error::Http(error) => error.advise(UNKNOWN),
                protocol::Error::Status { message, .. } => {
                    *message = format!("{}. {UNKNOWN}", message.trim_end_matches(['.', ' ']));
                }
                _ => {}
            }
        }
        self
    }

    /// The same, when no connection came about yet: any silence of the server is that.
    pub(super) fn while_connecting(self) -> Self {
        match self {
            Self::Protocol {
                error: protocol::Error::Http(error),
                ..
            } => Self::Connect(error),
            error => error,
        }
    }

    /// The error of a failed result, for a caller.
    pub(super) fn of_spool(error: spool::Error, query_id: &str) -> Self {
        match error {
            spool::Error::Pager(error) => Self::of_protocol(error, Some(query_id.to_owned())),
            error => Self::Spool {
                error,
                query_id: query_id.to_owned(),
            },
        }
    }
}

/// The failure that was being retried, as the end of a message.
fn since(trouble: &Option<String>) -> String {
    trouble
        .as_ref()
        .map_or_else(String::new, |trouble| format!(", after this: {trouble}"))
}

/// The remedy if the server cannot write segments and the driver may not fall back by itself.
const UNSPOOLED: &str = "The server failed to write the result as segments. Set Encoding=none to receive rows \
    through the coordinator.";

#[cfg(test)]
mod tests {
    use super::Error;
    use crate::protocol::{self, QueryError};

    fn error(name: &str, message: &str) -> Error {
        Error::Server(Box::new(QueryError {
            message: message.to_owned(),
            code: 1,
            name: name.to_owned(),
            error_type: "USER_ERROR".to_owned(),
            ..QueryError::default()
        }))
    }

    #[test]
    fn a_front_that_refuses_a_size_is_known_by_its_status() {
        let refused = |status| {
            let cause = protocol::Error::Status {
                endpoint: "c:80".to_owned(),
                status,
                message: "Request Entity Too Large".to_owned(),
            };
            let error = protocol::Error::Oversized {
                bytes: 120_000,
                cause: Box::new(cause),
            };
            Error::of_protocol(error, None)
        };
        assert_eq!(refused(413).oversized(), Some(120_000));
        let told = refused(413).to_string();
        assert!(told.contains(
            "status 413: Request Entity Too Large. The statement has 120000 bytes, which is"
        ));
        assert!(refused(400).to_string().contains("which may be more"));
    }

    #[test]
    fn places_in_the_drivers_own_text_are_removed() {
        let place = |message| {
            let error = error("TYPE_MISMATCH", message);
            error.without_place("INSERT INTO t\nVALUES ").to_string()
        };
        assert_eq!(place("line 1:13: a: b"), "line 1:13: a: b");
        assert_eq!(place("line 2:9: a: b"), "a: b");
        assert_eq!(place("line 3:1: a"), "a");
        assert_eq!(place("a: b"), "a: b");
    }
}
