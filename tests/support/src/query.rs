//! A submitted query: which page comes next, and which segments it consists of.
//!
//! Pages are planned when the query is submitted. The last token given may be asked for again and
//! yields the same page; an older one is gone.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE},
};
use bytes::Bytes;
use hyper::{HeaderMap, StatusCode};
use tokio::sync::watch;

use crate::answer::{Answer, Retrieval};
use crate::encode::{Encoded, Encoding};
use crate::fault::Faults;
use crate::record::{QueryRecord, QueryState};

/// What a client asked for, and how far it got.
pub(crate) struct Query {
    pub(crate) id: String,
    pub(crate) slug: String,
    pub(crate) sql: String,
    pub(crate) answer: Answer,
    /// `None` when the rows go direct.
    pub(crate) encoding: Option<Encoding>,
    pub(crate) retrieval: Retrieval,
    pub(crate) faults: Faults,
    /// When the segments were written.
    pub(crate) written: SystemTime,
    encrypted: bool,
    pieces: Arc<Vec<Encoded>>,
    plan: Vec<Item>,
    progress: Mutex<Progress>,
    cancelled: watch::Sender<bool>,
}

/// One page of the plan.
#[derive(Debug, Clone, Default)]
pub(crate) struct Item {
    /// The segments, or the direct pages, that it carries.
    pub(crate) units: Range<usize>,
    pub(crate) has_columns: bool,
    pub(crate) is_last: bool,
}

/// What an executing response is made of.
#[derive(Debug, Clone)]
pub(crate) enum Turn {
    /// The query still runs and has nothing to show.
    Waiting,
    Page(Item),
    Cancelled,
    Abandoned,
}

struct Progress {
    state: QueryState,
    last_token: Option<u64>,
    current: Turn,
    next_item: usize,
    first_poll: Option<Instant>,
    last_seen: Instant,
    heartbeats: usize,
    deleted: HashSet<usize>,
}

/// What a query is made with.
pub(crate) struct Terms {
    pub(crate) id: String,
    pub(crate) sql: String,
    pub(crate) answer: Answer,
    pub(crate) encoding: Option<Encoding>,
    pub(crate) retrieval: Retrieval,
    pub(crate) encrypted: bool,
}

impl Query {
    /// Encodes the answer's rows if that was not done before, which may take a while.
    pub(crate) fn new(terms: Terms) -> Self {
        let Terms {
            id,
            sql,
            answer,
            encoding,
            retrieval,
            encrypted,
        } = terms;
        let pieces = answer.pieces(encoding);
        let plan = plan(&answer, encoding, pieces.len());
        Self {
            slug: format!("y{:016x}", crate::storage::digest(&id)),
            faults: Faults::new(answer.faults.clone()),
            id,
            sql,
            answer,
            encoding,
            retrieval,
            written: SystemTime::now(),
            encrypted,
            pieces,
            plan,
            progress: Mutex::new(Progress {
                state: QueryState::Queued,
                last_token: None,
                current: Turn::Waiting,
                next_item: 0,
                first_poll: None,
                last_seen: Instant::now(),
                heartbeats: 0,
                deleted: HashSet::new(),
            }),
            cancelled: watch::Sender::new(false),
        }
    }

    pub(crate) fn record(&self) -> QueryRecord {
        let progress = self.progress.lock().unwrap();
        QueryRecord {
            id: self.id.clone(),
            sql: self.sql.clone(),
            state: progress.state,
            heartbeats: progress.heartbeats,
        }
    }

    pub(crate) fn is_running(&self) -> bool {
        let state = self.progress.lock().unwrap().state;
        matches!(state, QueryState::Queued | QueryState::Running)
    }

    pub(crate) fn cancel(&self) {
        let mut progress = self.progress.lock().unwrap();
        if matches!(progress.state, QueryState::Queued | QueryState::Running) {
            progress.state = QueryState::Cancelled;
            self.cancelled.send_replace(true);
        }
    }

    pub(crate) fn heartbeat(&self) {
        let mut progress = self.progress.lock().unwrap();
        progress.heartbeats += 1;
        progress.last_seen = Instant::now();
    }

    /// The response to the executing URI with `token`, after as long as the query takes.
    pub(crate) async fn turn(
        &self,
        token: u64,
        long_poll: Duration,
        client_timeout: Duration,
    ) -> Result<Turn, StatusCode> {
        if let Some(turn) = self.settled(token, client_timeout)? {
            return Ok(turn);
        }
        let pacing = &self.answer.pacing;
        let left = {
            let mut progress = self.progress.lock().unwrap();
            let first = *progress.first_poll.get_or_insert_with(Instant::now);
            pacing.runs_for.saturating_sub(first.elapsed())
        };
        let waits = !left.is_zero();
        let pause = if waits {
            left.min(long_poll)
        } else {
            pacing.page_delay
        };
        if !pause.is_zero() {
            let mut cancelled = self.cancelled.subscribe();
            let _ = tokio::time::timeout(pause, cancelled.wait_for(|cancelled| *cancelled)).await;
        }
        // Another request for the same token may have been quicker, or the query was cancelled.
        if let Some(turn) = self.settled(token, client_timeout)? {
            return Ok(turn);
        }
        let mut progress = self.progress.lock().unwrap();
        progress.last_token = Some(token);
        progress.current = match self.plan.get(progress.next_item) {
            Some(item) if !waits => {
                progress.next_item += 1;
                Turn::Page(item.clone())
            }
            _ => Turn::Waiting,
        };
        if matches!(&progress.current, Turn::Page(item) if item.is_last) {
            progress.state = match self.answer.error {
                Some(_) => QueryState::Failed,
                None => QueryState::Finished,
            };
        }
        Ok(progress.current.clone())
    }

    /// The turn for `token` when nothing new is to be made.
    fn settled(&self, token: u64, client_timeout: Duration) -> Result<Option<Turn>, StatusCode> {
        let mut progress = self.progress.lock().unwrap();
        let idle = progress.last_seen.elapsed();
        progress.last_seen = Instant::now();
        match progress.state {
            QueryState::Cancelled => return Ok(Some(Turn::Cancelled)),
            QueryState::Queued | QueryState::Running if idle > client_timeout => {
                progress.state = QueryState::Failed;
                progress.current = Turn::Abandoned;
                return Ok(Some(Turn::Abandoned));
            }
            QueryState::Queued => progress.state = QueryState::Running,
            _ => {}
        }
        if let Turn::Abandoned = progress.current {
            return Ok(Some(Turn::Abandoned));
        }
        let next = progress.last_token.map_or(0, |last| last + 1);
        let over = matches!(&progress.current, Turn::Page(item) if item.is_last);
        match token {
            _ if progress.last_token == Some(token) => Ok(Some(progress.current.clone())),
            _ if token < next => Err(StatusCode::GONE),
            _ if token == next && !over => Ok(None),
            _ => Err(StatusCode::NOT_FOUND),
        }
    }

    /// The segment or direct page `unit`, and the row it starts with.
    pub(crate) fn unit(&self, unit: usize) -> Option<(&Encoded, usize)> {
        if unit >= self.pieces.len() * self.answer.repeat {
            return None;
        }
        let piece = &self.pieces[unit % self.pieces.len()];
        let rounds = unit / self.pieces.len();
        Some((piece, rounds * self.answer.content.len() + piece.row_offset))
    }

    pub(crate) fn segment_bytes(&self, segment: usize) -> Option<Bytes> {
        let (piece, _) = self.unit(segment)?;
        Some(self.answer.edited_bytes(segment, &piece.bytes))
    }

    pub(crate) fn is_inline(&self, segment: usize) -> bool {
        segment < self.answer.spooling.inline_first
    }

    pub(crate) fn delete_segment(&self, segment: usize) {
        self.progress.lock().unwrap().deleted.insert(segment);
    }

    pub(crate) fn is_deleted(&self, segment: usize) -> bool {
        self.progress.lock().unwrap().deleted.contains(&segment)
    }

    /// The id that a segment's URIs carry.
    pub(crate) fn segment_id(&self, segment: usize) -> String {
        URL_SAFE.encode(format!("{}/{segment}", self.id))
    }

    /// The headers that a client must send to read or to acknowledge a segment.
    pub(crate) fn segment_headers(&self) -> Vec<(&'static str, String)> {
        if !self.encrypted {
            return Vec::new();
        }
        let digest = crate::storage::digest(&self.slug);
        let key: Vec<u8> = digest.to_le_bytes().repeat(4);
        let md5: Vec<u8> = digest.to_be_bytes().repeat(2);
        vec![
            (SSE_C[0], "AES256".to_owned()),
            (SSE_C[1], STANDARD.encode(key)),
            (SSE_C[2], STANDARD.encode(md5)),
        ]
    }

    /// `None` when `headers` carry what the segment needs, else whether they carry a wrong value.
    pub(crate) fn lacks_key(&self, headers: &HeaderMap) -> Option<KeyFault> {
        self.segment_headers()
            .iter()
            .find_map(|(name, value)| match headers.get(*name) {
                None => Some(KeyFault::Missing),
                Some(sent) if sent.as_bytes() != value.as_bytes() => Some(KeyFault::Wrong),
                Some(_) => None,
            })
    }
}

/// What is wrong with a request's encryption key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyFault {
    Missing,
    Wrong,
}

/// Query and segment of a segment id.
pub(crate) fn parse_segment_id(id: &str) -> Option<(String, usize)> {
    let text = String::from_utf8(URL_SAFE.decode(id).ok()?).ok()?;
    let (query, segment) = text.split_once('/')?;
    Some((query.to_owned(), segment.parse().ok()?))
}

fn plan(answer: &Answer, encoding: Option<Encoding>, pieces: usize) -> Vec<Item> {
    let mut plan = vec![Item::default(); answer.pacing.empty_pages];
    let units = pieces * answer.repeat;
    let per_page = match encoding {
        Some(_) => answer.spooling.segments_per_page.max(1),
        None => 1,
    };
    // A query that fails outright never gets as far as columns.
    let has_columns = answer.error.is_none() || units > 0;
    for (page, start) in (0..units).step_by(per_page).enumerate() {
        let item = Item {
            units: start..units.min(start + per_page),
            has_columns,
            is_last: false,
        };
        if answer.repeated_page == Some(page) {
            plan.push(item.clone());
        }
        plan.push(item);
    }
    let merges = answer.pacing.ends_with_data && answer.error.is_none() && units > 0;
    if !merges {
        plan.push(Item {
            units: 0..0,
            has_columns,
            is_last: false,
        });
    }
    if let Some(last) = plan.last_mut() {
        last.is_last = true;
    }
    plan
}

const SSE_C: [&str; 3] = [
    "x-amz-server-side-encryption-customer-algorithm",
    "x-amz-server-side-encryption-customer-key",
    "x-amz-server-side-encryption-customer-key-md5",
];
