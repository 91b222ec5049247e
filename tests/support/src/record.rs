//! The requests that arrived, for assertions.

use std::sync::Arc;
use std::time::Instant;

use hyper::header::{HeaderName, HeaderValue};
use hyper::{HeaderMap, Method};

use crate::latin1;

/// Who received a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Party {
    Coordinator,
    Worker,
    Storage,
}

/// One request as it arrived.
#[derive(Debug, Clone)]
pub struct Recorded {
    pub party: Party,
    pub method: Method,
    /// Path and query, byte for byte.
    pub path: String,
    pub headers: HeaderMap,
    pub(crate) texts: Arc<Texts>,
    /// The SQL of a `POST`.
    pub body: String,
    pub at: Instant,
    /// A number of the TCP connection that carried it.
    pub connection: u64,
}

impl Recorded {
    /// The first header of that name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.texts.get(name).next()
    }
}

/// The headers of a request as Trino sees them.
#[derive(Debug)]
pub(crate) struct Texts(Vec<(HeaderName, String)>);

impl Texts {
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let text = |(name, value): (&HeaderName, &HeaderValue)| {
            (name.clone(), latin1::decode(value.as_bytes()))
        };
        Self(headers.iter().map(text).collect())
    }

    pub(crate) fn get(&self, name: &str) -> impl Iterator<Item = &str> {
        let is_meant = move |(known, _): &&(HeaderName, String)| known == name;
        self.0
            .iter()
            .filter(is_meant)
            .map(|(_, value)| value.as_str())
    }
}

/// A segment that a client acknowledged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acknowledged {
    pub query: String,
    /// Counted from 0 over the query's segments, inline ones included.
    pub segment: usize,
}

/// A query that a client submitted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryRecord {
    pub id: String,
    pub sql: String,
    pub state: QueryState,
    pub heartbeats: usize,
}

/// Where a query stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QueryState {
    Queued,
    Running,
    /// Its last page was given.
    Finished,
    Failed,
    Cancelled,
}
