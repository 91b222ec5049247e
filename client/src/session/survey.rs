//! A look at how a result comes, instead of the result: the segments of a query, the first one that is spooled fetched
//! step by step.

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
pub struct Survey {
    /// How the server encodes segments; `None` when it sends rows by the direct protocol.
    pub encoding: Option<String>,
    /// From submitting the query to its first rows or segments.
    pub first_data: Option<Duration>,
    /// The first of the spooled segments.
    pub trace: Option<Trace>,
    /// What the driver warns of about how the server is reached.
    pub warnings: Vec<Warning>,
}

impl Session {
    /// Runs `sql` and looks at how its rows come, until the first spooled segment was fetched or the result ended.
    pub fn survey(self: &Arc<Self>, sql: &str, wait: &Wait) -> Result<Survey, Error> {
        let id = OnceLock::new();
        self.call(wait, Some(&id), survey(&self.shared, sql, &id))
    }
}

async fn survey(
    shared: &Arc<Shared>,
    sql: &str,
    id: &OnceLock<String>,
) -> Result<Survey, protocol::Error> {
    let started = Instant::now();
    let state = shared.state_of_question();
    let (first, given_up) = (shared.encodings.first(), CancellationToken::new());
    let page = shared
        .coordinator
        .submit(sql, &state, Delivery::Any, first, &given_up)
        .await?;
    let (mut query, mut data) = Query::accept(shared, page, id)?;
    let mut survey = Survey::default();
    loop {
        if !data.is_none() {
            survey.first_data.get_or_insert_with(|| started.elapsed());
        }
        if let PageData::Spooled { encoding, segments } = data {
            survey.encoding.get_or_insert(encoding);
            for segment in segments {
                if survey.trace.is_none() {
                    survey.trace = shared.spool.trace(segment).await;
                }
            }
        }
        // The query is cancelled by being dropped.
        if survey.trace.is_some() || query.is_over() {
            survey.warnings.extend(shared.coordinator.take_warning());
            return Ok(survey);
        }
        data = query.advance().await?;
    }
}
