//! Answers of the server that are kept for a while.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Instant;

use crate::columns::Chunk;

/// Answers by the query's text.
#[derive(Debug, Default)]
pub(super) struct Answers {
    kept: HashMap<String, Answer>,
    bytes: usize,
    /// Counts how often they were forgotten: an answer to an earlier query comes too late.
    pub(super) generation: u64,
}

/// A kept answer.
#[derive(Debug)]
struct Answer {
    chunks: VecDeque<Arc<Chunk>>,
    bytes: usize,
    until: Instant,
}

impl Answers {
    /// The chunks of a kept answer, if it is fresh.
    pub(super) fn get(&self, sql: &str, now: Instant) -> Option<VecDeque<Arc<Chunk>>> {
        let answer = self.kept.get(sql).filter(|answer| now < answer.until)?;
        Some(answer.chunks.clone())
    }

    pub(super) fn put(
        &mut self,
        sql: &str,
        chunks: VecDeque<Arc<Chunk>>,
        until: Instant,
        generation: u64,
    ) {
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

    /// The query whose answer was kept first.
    fn oldest(&self) -> Option<String> {
        let oldest = self.kept.iter().min_by_key(|(_, answer)| answer.until);
        oldest.map(|(sql, _)| sql.clone())
    }

    fn drop(&mut self, sql: &str) {
        if let Some(answer) = self.kept.remove(sql) {
            self.bytes -= answer.bytes;
        }
    }

    /// Drops all answers, because a statement changed something.
    pub(super) fn forget(&mut self) {
        self.kept.clear();
        self.bytes = 0;
        self.generation += 1;
    }
}

/// Bytes of answers that a session keeps at most; an answer that has more is not kept.
pub(super) const KEPT_BYTES: usize = 32 << 20;

/// Bytes that an answer without rows is counted as, so that their number is bounded too.
const OVERHEAD: usize = 4 << 10;

#[cfg(test)]
mod tests {
    use std::time::Duration;

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
    fn an_answer_to_a_query_from_before_a_change_is_not_kept() {
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
}
