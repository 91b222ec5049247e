//! What the driver asks about catalogs and tables on behalf of the application, and keeps for a while when it may.
//!
//! Such a query is the driver's own: it runs outside of the application's transaction, which its failure would abort, and
//! over the direct protocol, so that an application can browse where storage is out of reach. Statements that ask the
//! same at the same time wait for one answer. What this session itself creates, alters or drops is seen by the next
//! question; what others do, when the answer's time is over.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::run::{self, Brings};
use super::{Error, Results, Session, Status};
use crate::columns::{Chunk, ChunkSource};
use crate::protocol::{self, Delivery};
use crate::runtime::Wait;
use crate::spool::Bounds;

/// The rows of a query about catalogs and tables.
#[derive(Debug, Default)]
pub struct MetadataRows {
    /// Rows that are here.
    chunks: VecDeque<Arc<Chunk>>,
    /// Bytes of those that were read.
    size: usize,
    /// Where those that follow come from; absent when there are none.
    rest: Option<Results>,
    status: Option<Status>,
}

impl MetadataRows {
    /// What is known of the query; nothing when the rows were kept from an earlier one.
    pub fn status(&self) -> Option<Status> {
        self.status.clone()
    }

    /// Reads one chunk more. Whether there was one.
    fn read(&mut self, wait: &Wait) -> Result<bool, Error> {
        let Some(rest) = &mut self.rest else {
            return Ok(false);
        };
        match rest.next(wait)? {
            Some(chunk) => {
                self.size += chunk.size();
                self.chunks.push_back(chunk);
            }
            None => self.rest = None,
        }
        Ok(self.rest.is_some())
    }

    /// Reads until all rows are here, but not much more than `limit` bytes of them. Whether all are.
    fn gather(&mut self, limit: usize, wait: &Wait) -> Result<bool, Error> {
        while self.size <= limit && self.read(wait)? {}
        Ok(self.rest.is_none())
    }
}

impl ChunkSource for MetadataRows {
    type Error = Error;
    type Wait = Wait;

    fn next(&mut self, wait: &Wait) -> Result<Option<Arc<Chunk>>, Error> {
        if self.chunks.is_empty() {
            self.read(wait)?;
        }
        Ok(self.chunks.pop_front())
    }
}

/// A catalog that the server could not list when it was asked last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unlisted {
    pub catalog: String,
    pub reason: String,
}

/// What a session knows of catalogs and tables.
#[derive(Debug, Default)]
pub(super) struct Metadata {
    answers: Mutex<Answers>,
    /// Held by who is asking a question, by the query's text.
    asking: Mutex<HashMap<String, Arc<tokio::sync::Mutex<()>>>>,
    unlisted: Mutex<Vec<(Unlisted, Instant)>>,
}

impl Metadata {
    /// Forgets the answers if a statement of that kind may have made them untrue.
    pub(super) fn after(&self, update_type: Option<&str>) {
        let only_rows = matches!(update_type, Some("INSERT" | "UPDATE" | "DELETE" | "MERGE"));
        if !only_rows {
            self.answers.lock().forget();
        }
    }
}

/// Answers by the query's text.
#[derive(Debug, Default)]
struct Answers {
    kept: HashMap<String, Answer>,
    bytes: usize,
    /// Counts how often they were forgotten: an answer to a question of before comes too late.
    generation: u64,
}

#[derive(Debug)]
struct Answer {
    chunks: VecDeque<Arc<Chunk>>,
    bytes: usize,
    until: Instant,
}

impl Answers {
    fn get(&self, sql: &str, now: Instant) -> Option<VecDeque<Arc<Chunk>>> {
        let answer = self.kept.get(sql).filter(|answer| now < answer.until)?;
        Some(answer.chunks.clone())
    }

    fn put(&mut self, sql: &str, chunks: VecDeque<Arc<Chunk>>, until: Instant, generation: u64) {
        let rows: usize = chunks.iter().map(|chunk| chunk.size()).sum();
        let bytes = rows + sql.len() + OVERHEAD;
        if generation != self.generation || bytes > KEPT_BYTES {
            return;
        }
        self.drop(sql);
        while self.bytes + bytes > KEPT_BYTES
            && let Some(oldest) = self.oldest()
        {
            self.drop(&oldest);
        }
        self.bytes += bytes;
        let answer = Answer {
            chunks,
            bytes,
            until,
        };
        self.kept.insert(sql.to_owned(), answer);
    }

    fn oldest(&self) -> Option<String> {
        let oldest = self.kept.iter().min_by_key(|(_, answer)| answer.until);
        oldest.map(|(sql, _)| sql.clone())
    }

    fn drop(&mut self, sql: &str) {
        if let Some(answer) = self.kept.remove(sql) {
            self.bytes -= answer.bytes;
        }
    }

    fn forget(&mut self) {
        self.kept.clear();
        self.bytes = 0;
        self.generation += 1;
    }
}

impl Session {
    /// The rows of a query about catalogs and tables; the first of them are here when it returns, so that what keeps the
    /// server from answering shows at once.
    pub fn metadata(self: &Arc<Self>, sql: &str, wait: &Wait) -> Result<MetadataRows, Error> {
        let time = self.options.browsing.cache;
        if time.is_zero() {
            return self.ask(sql, wait);
        }
        let metadata = &self.shared.metadata;
        if let Some(rows) = self.kept(sql) {
            return Ok(rows);
        }
        let turn = Arc::clone(metadata.asking.lock().entry(sql.to_owned()).or_default());
        let answered = self.call(wait, None, async { Ok(turn.lock().await) });
        let answered = answered.and_then(|_turn| {
            // Whoever had the turn before has brought the answer, as a rule.
            if let Some(rows) = self.kept(sql) {
                return Ok(rows);
            }
            let generation = metadata.answers.lock().generation;
            let mut rows = self.ask(sql, wait)?;
            if rows.gather(KEPT_BYTES, wait)? {
                let until = Instant::now() + time;
                let mut answers = metadata.answers.lock();
                answers.put(sql, rows.chunks.clone(), until, generation);
            }
            Ok(rows)
        });
        let mut asking = metadata.asking.lock();
        drop(turn);
        // Nobody waits for a turn that only the map still holds.
        asking.retain(|_, turn| Arc::strong_count(turn) > 1);
        answered
    }

    /// The catalogs that could not be listed a moment ago.
    pub fn unlisted(&self) -> Vec<Unlisted> {
        let mut unlisted = self.shared.metadata.unlisted.lock();
        unlisted.retain(|(_, at)| at.elapsed() < UNLISTED_TIME);
        unlisted
            .iter()
            .map(|(unlisted, _)| unlisted.clone())
            .collect()
    }

    /// Notes that a catalog cannot be listed, so that it is not tried again at once.
    pub fn leave_unlisted(&self, catalog: Unlisted) {
        let mut unlisted = self.shared.metadata.unlisted.lock();
        unlisted.retain(|(known, _)| known.catalog != catalog.catalog);
        unlisted.push((catalog, Instant::now()));
    }

    fn kept(&self, sql: &str) -> Option<MetadataRows> {
        let answers = self.shared.metadata.answers.lock();
        let chunks = answers.get(sql, Instant::now())?;
        Some(MetadataRows {
            chunks,
            ..MetadataRows::default()
        })
    }

    fn ask(self: &Arc<Self>, sql: &str, wait: &Wait) -> Result<MetadataRows, Error> {
        let id = OnceLock::new();
        let results = self.call(wait, Some(&id), async {
            let shared = &self.shared;
            let mut state = shared.state.lock().clone();
            state.transaction = None;
            let bounds = Bounds::default();
            let started = run::start(shared, sql, &state, Delivery::Direct, bounds, &id).await?;
            match started.brings {
                Brings::Rows(live) => Ok(Results::new(Arc::clone(self), live, None)),
                Brings::Updated(_) => Err(protocol::Error::Malformed(
                    "it gives no rows for a query about tables".to_owned(),
                )),
            }
        })?;
        let mut rows = MetadataRows {
            status: Some(results.status()),
            rest: Some(results),
            ..MetadataRows::default()
        };
        rows.read(wait)?;
        Ok(rows)
    }
}

/// Bytes of answers that a session keeps at most.
const KEPT_BYTES: usize = 32 << 20;

/// Bytes that an answer without rows is counted as, so that their number is bounded too.
const OVERHEAD: usize = 4 << 10;

/// How long a catalog that could not be listed is left out unasked.
const UNLISTED_TIME: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::columns::{Column, Values};

    fn rows(count: usize) -> VecDeque<Arc<Chunk>> {
        let values = Values::Int64(vec![0; count]);
        let column = Column {
            values,
            nulls: None,
        };
        let chunk = Chunk::new(count, vec![column]).unwrap();
        VecDeque::from([Arc::new(chunk)])
    }

    fn has(answers: &Answers, sql: &str, at: Instant) -> bool {
        answers.get(sql, at).is_some()
    }

    #[test]
    fn an_answer_is_given_until_its_time_is_over() {
        let mut answers = Answers::default();
        let start = Instant::now();
        answers.put("a", rows(3), start + Duration::from_secs(5), 0);
        assert!(has(&answers, "a", start + Duration::from_secs(4)));
        assert!(!has(&answers, "a", start + Duration::from_secs(5)));
        assert!(!has(&answers, "b", start));
    }

    #[test]
    fn an_answer_to_a_question_from_before_a_change_is_not_kept() {
        let mut answers = Answers::default();
        let until = Instant::now() + Duration::from_secs(5);
        answers.put("a", rows(3), until, 0);
        answers.forget();
        answers.put("b", rows(3), until, 0);
        let now = Instant::now();
        assert!(!has(&answers, "a", now) && !has(&answers, "b", now));
        answers.put("b", rows(3), until, 1);
        assert!(has(&answers, "b", now));
    }

    #[test]
    fn the_oldest_answers_make_room() {
        let mut answers = Answers::default();
        let now = Instant::now();
        let until = |seconds| now + Duration::from_secs(seconds);
        let third = KEPT_BYTES / 8 / 3;
        for (index, sql) in ["a", "b", "c"].into_iter().enumerate() {
            answers.put(sql, rows(third), until(10 + index as u64), 0);
        }
        let kept = |sql| has(&answers, sql, now);
        assert_eq!([kept("a"), kept("b"), kept("c")], [false, true, true]);
        assert!(answers.bytes <= KEPT_BYTES);
        answers.put("b", rows(1), until(20), 0);
        answers.put("large", rows(KEPT_BYTES), until(20), 0);
        assert!(!has(&answers, "large", now));
        answers.forget();
        assert_eq!(answers.bytes, 0);
    }

    #[test]
    fn changes_of_rows_leave_the_answers() {
        let metadata = Metadata::default();
        for (kind, forgotten) in [
            (Some("INSERT"), 0),
            (Some("MERGE"), 0),
            (Some("CREATE TABLE"), 1),
            (Some("SET ROLE"), 2),
            (None, 3),
        ] {
            metadata.after(kind);
            assert_eq!(metadata.answers.lock().generation, forgotten, "{kind:?}");
        }
    }
}
