//! An answer on its way that may be kept when it is whole, and which several statements may want.
//!
//! The statement that requested them first reads the rows as they arrive. Those that request the
//! same meanwhile fetch what is missing themselves, without waiting for the first to read on (one
//! thread may read both), and begin when the answer is whole. An answer that grows too large to be
//! kept is the first one's alone from there on; the others send their own query.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::answers::KEPT_BYTES;
use super::rows::{MetadataRows, Rest};
use crate::columns::Chunk;
use crate::runtime::Wait;
use crate::session::{Error, Results, Session};

/// An answer on its way. Held by the statements that want it, and by the session under the query's
/// text.
pub(super) type Incoming = tokio::sync::Mutex<Answer>;

/// The outcome of an answer.
#[derive(Debug, Default)]
pub(super) struct Answer {
    stage: Stage,
    /// All rows so far.
    chunks: VecDeque<Arc<Chunk>>,
    /// Bytes of those.
    size: usize,
    /// Where the others come from.
    rest: Option<Results>,
    /// Until when it may be given, and how often answers had been forgotten when it was requested.
    fresh: Option<(Instant, u64)>,
}

/// How far an answer is.
#[derive(Debug, Default)]
enum Stage {
    #[default]
    Unasked,
    Coming,
    Whole,
    /// Too large to be kept.
    Large,
    /// For the statement that requested it first.
    Failed(Option<Error>),
}

/// The next part of an answer, for a reader.
#[derive(Debug)]
pub(super) enum Progress {
    Chunk(Arc<Chunk>),
    End,
    /// The rows that were not yet read, and where the others come from: no other statement reads
    /// them.
    Unshared(VecDeque<Arc<Chunk>>, Results),
}

/// The part that one statement takes in an answer. When the last one is dropped before the answer
/// is whole, the query is cancelled.
#[derive(Debug)]
pub(super) struct Part {
    session: Arc<Session>,
    sql: String,
    /// Absent only while it is dropped.
    incoming: Option<Arc<Incoming>>,
    /// Chunks that were read.
    taken: usize,
}

impl Answer {
    /// Waits for one chunk more.
    fn grow(&mut self, wait: &Wait) -> Result<(), Error> {
        let Some(rest) = &mut self.rest else {
            return Ok(());
        };
        match rest.next_of_shared(wait) {
            Ok(Some(chunk)) => {
                self.size += chunk.size();
                self.chunks.push_back(chunk);
                if self.size > KEPT_BYTES {
                    self.stage = Stage::Large;
                }
            }
            Ok(None) => {
                self.rest = None;
                self.stage = Stage::Whole;
            }
            // The others may have more time.
            Err(error @ Error::Interrupted { .. }) => return Err(error),
            Err(error) => {
                self.rest = None;
                self.stage = Stage::Failed(Some(error));
            }
        }
        Ok(())
    }

    /// Whether a statement that begins now may use the answer.
    fn is_fresh(&self, generation: u64) -> bool {
        self.fresh
            .is_none_or(|(until, asked)| Instant::now() < until && asked == generation)
    }
}

impl Part {
    /// A part in the answer to `sql` that is on its way, or in a new one.
    pub(super) fn join(session: &Arc<Session>, sql: &str) -> Self {
        let mut incoming = session.shared.metadata.incoming.lock();
        let answer = incoming.entry(sql.to_owned()).or_default();
        Self {
            session: Arc::clone(session),
            sql: sql.to_owned(),
            incoming: Some(Arc::clone(answer)),
            taken: 0,
        }
    }

    /// The rows of the answer; `None` if it is too old for a statement that begins now. It may be
    /// kept for `time`.
    pub(super) fn rows(
        mut self,
        wait: &Wait,
        time: Duration,
    ) -> Result<Option<MetadataRows>, Error> {
        let session = Arc::clone(&self.session);
        loop {
            let incoming = self.incoming.clone().unwrap_or_default();
            let mut answer = session.call(wait, None, async { Ok(incoming.lock().await) })?;
            let generation = session.shared.metadata.answers.lock().generation;
            match &answer.stage {
                Stage::Unasked => {
                    let mut rows = match session.query(&self.sql, wait) {
                        Ok(rows) => rows,
                        Err(error) => {
                            answer.stage = Stage::Failed(None);
                            return Err(error);
                        }
                    };
                    answer.fresh = Some((Instant::now() + time, generation));
                    answer.size = rows.chunks.iter().map(|chunk| chunk.size()).sum();
                    answer.chunks = rows.chunks.clone();
                    answer.stage = Stage::Whole;
                    if let Rest::Own(results) = std::mem::take(&mut rows.rest) {
                        answer.rest = Some(results);
                        answer.stage = Stage::Coming;
                        self.taken = rows.chunks.len();
                    }
                    self.keep(&answer);
                    if answer.rest.is_some() {
                        drop(answer);
                        rows.rest = Rest::Shared(self);
                    }
                    return Ok(Some(rows));
                }
                Stage::Coming if answer.is_fresh(generation) => {
                    answer.grow(wait)?;
                    self.keep(&answer);
                }
                Stage::Whole if answer.is_fresh(generation) => {
                    return Ok(Some(MetadataRows::of(answer.chunks.clone())));
                }
                _ => {
                    self.retire(&incoming);
                    return Ok(None);
                }
            }
        }
    }

    /// The next part for the statement that requested the answer first.
    pub(super) fn next(&mut self, wait: &Wait) -> Result<Progress, Error> {
        let session = Arc::clone(&self.session);
        let incoming = self.incoming.clone().unwrap_or_default();
        let mut answer = session.call(wait, None, async { Ok(incoming.lock().await) })?;
        loop {
            if let Some(chunk) = answer.chunks.get(self.taken) {
                self.taken += 1;
                return Ok(Progress::Chunk(Arc::clone(chunk)));
            }
            if let Stage::Failed(error) = &mut answer.stage {
                return Err(error.take().unwrap_or(Error::Closed));
            }
            if matches!(answer.stage, Stage::Large)
                && let Some(rest) = answer.rest.take()
            {
                let mut unread = std::mem::take(&mut answer.chunks);
                unread.drain(..self.taken.min(unread.len()));
                return Ok(Progress::Unshared(unread, rest));
            }
            if !matches!(answer.stage, Stage::Coming) {
                return Ok(Progress::End);
            }
            answer.grow(wait)?;
            self.keep(&answer);
        }
    }

    /// Keeps an answer that is whole.
    fn keep(&self, answer: &Answer) {
        if let (Stage::Whole, Some((until, generation))) = (&answer.stage, answer.fresh) {
            let mut answers = self.session.shared.metadata.answers.lock();
            answers.put(&self.sql, answer.chunks.clone(), until, generation);
        }
    }

    /// Statements that begin from now on request another answer.
    fn retire(&self, answer: &Arc<Incoming>) {
        let mut incoming = self.session.shared.metadata.incoming.lock();
        if incoming
            .get(&self.sql)
            .is_some_and(|current| Arc::ptr_eq(current, answer))
        {
            incoming.remove(&self.sql);
        }
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        if !self.session.lease.is_ours() {
            // The thread that held the lock in the parent does not run here.
            std::mem::forget(self.incoming.take());
            return;
        }
        let mut abandoned = None;
        {
            let mut incoming = self.session.shared.metadata.incoming.lock();
            drop(self.incoming.take());
            // Nobody wants an answer that only the map still holds.
            if let Some(answer) = incoming.get(&self.sql)
                && Arc::strong_count(answer) == 1
            {
                abandoned = incoming.remove(&self.sql);
            }
        }
        // Its query ends outside of the lock.
        drop(abandoned);
    }
}
