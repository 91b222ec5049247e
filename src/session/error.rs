//! Why a session could not do what it was asked for.

use crate::runtime::Interrupted;
use crate::{auth, http, protocol, spool};

/// What went wrong, and with which query.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The caller's wait ended first; the query, if there was one, is being cancelled.
    #[error("{cause}")]
    Interrupted {
        cause: Interrupted,
        query_id: Option<String>,
    },
    /// The server says that the query failed.
    #[error("{0}")]
    Server(Box<protocol::QueryError>),
    /// The server does not accept who we are, or does not let us.
    #[error("{0}")]
    Authentication(protocol::Error),
    /// Credentials that are not even sent.
    #[error("{0}")]
    Credentials(#[from] auth::Error),
    /// The server cannot be reached, or is not believed.
    #[error("{0}")]
    Connect(http::Error),
    /// The exchange with the coordinator broke down.
    #[error("{error}")]
    Protocol {
        error: protocol::Error,
        query_id: Option<String>,
    },
    /// The result could not be fetched or decoded.
    #[error("{error}")]
    Spool {
        error: spool::Error,
        query_id: String,
    },
    /// The session was closed meanwhile.
    #[error("The connection is closed.")]
    Closed,
    /// The connection belongs to the parent of this process.
    #[error("The connection was made before the process forked, and cannot be used here.")]
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

    /// What `error` means to a caller.
    pub(super) fn of_protocol(error: protocol::Error, query_id: Option<String>) -> Self {
        match error {
            protocol::Error::Query(mut error) => {
                error.query_id = error.query_id.take().or(query_id);
                Self::Server(error)
            }
            error
            @ (protocol::Error::Authentication { .. } | protocol::Error::Forbidden { .. }) => {
                Self::Authentication(error)
            }
            // Once there is a query, its loss is more than a connection that did not come about.
            protocol::Error::Http(error) if query_id.is_none() && error.is_before_request() => {
                Self::Connect(error)
            }
            error => Self::Protocol { error, query_id },
        }
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

    /// What a failed feed means to a caller.
    pub(super) fn of_spool(error: spool::Error, query_id: &str) -> Self {
        match error {
            spool::Error::Protocol(error) => Self::of_protocol(error, Some(query_id.to_owned())),
            error => Self::Spool {
                error,
                query_id: query_id.to_owned(),
            },
        }
    }
}
