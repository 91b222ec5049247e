//! The requests that arrived, for assertions.

use std::time::Instant;

use hyper::{HeaderMap, Method};

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
    /// The SQL of a `POST`.
    pub body: String,
    pub at: Instant,
    /// A number of the TCP connection that carried it.
    pub connection: u64,
}

impl Recorded {
    /// The first header of that name, when it is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
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
