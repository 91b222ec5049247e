//! A look at how a result comes, instead of the result: the segments of a query, the first one that
//! is spooled fetched step by step.

use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use super::query::Query;
use super::{Error, Session, Shared};
use crate::protocol::{self, Delivery, PageData, Warning};
use crate::runtime::Wait;
use crate::spool::Trace;

/// How a result comes.
#[derive(Debug, Default)]
pub struct SpoolingProbe {
    /// How the server encodes segments; `None` when it sends rows by the direct protocol.
    pub encoding: Option<String>,
    /// From submitting the query to its first rows or segments.
    pub first_data: Option<Duration>,
    /// The first of the spooled segments.
    pub trace: Option<Trace>,
    /// The driver's warnings about how the server is reached.
    pub warnings: Vec<Warning>,
}

impl Session {
    /// Runs `sql` and looks at how its rows come, until the first spooled segment was fetched or
    /// the result ended.
    pub fn probe_spooling(
        self: &Arc<Self>,
        sql: &str,
        wait: &Wait,
    ) -> Result<SpoolingProbe, Error> {
        let id = OnceLock::new();
        self.call(wait, Some(&id), probe(&self.shared, sql, &id))
    }
}

/// Runs the query until its first spooled segment was fetched, or it ended.
async fn probe(
    shared: &Arc<Shared>,
    sql: &str,
    id: &OnceLock<String>,
) -> Result<SpoolingProbe, protocol::Error> {
    let started = Instant::now();
    let state = shared.internal_state();
    let (first, given_up) = (shared.encodings.first(), CancellationToken::new());
    let page = shared
        .coordinator
        .submit(sql, &state, Delivery::Any, first, &given_up)
        .await?;
    let (mut query, mut data) = Query::accept(shared, page, id)?;
    let mut probe = SpoolingProbe::default();
    loop {
        if !data.is_none() {
            probe.first_data.get_or_insert_with(|| started.elapsed());
        }
        if let PageData::Spooled { encoding, segments } = data {
            probe.encoding.get_or_insert(encoding);
            for segment in segments {
                if probe.trace.is_none() {
                    probe.trace = shared.spool.trace(segment).await;
                }
            }
        }
        // The query is cancelled by being dropped.
        if probe.trace.is_some() || query.is_over() {
            probe.warnings.extend(shared.coordinator.take_warning());
            return Ok(probe);
        }
        data = query.advance().await?;
    }
}
