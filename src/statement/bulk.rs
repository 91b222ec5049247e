//! Fast inserts: the rows of many parameter sets in one statement.
//!
//! Sets are gathered until the server's text limit is reached, and inserted together. The server inserts all rows of a
//! statement or none, so when it refuses one, the sets are known that were not inserted; where the reason lies in their
//! values and was found before anything was written, halves are tried until the bad sets stand alone. No row is ever sent
//! again that may have been inserted.

use std::ops::Range;

use tokio_util::sync::CancellationToken;

use super::Statement;
use super::dynamic_function::dynamic_function;
use super::supply::Supply;
use crate::abi;
use crate::diagnostics::{Diagnostics, Error};
use crate::session;
use crate::sql;

/// Sets that are to be inserted together.
#[derive(Debug)]
pub(super) struct Bulk {
    insert: sql::Rows,
    /// The rows of the sets, with commas between.
    rows: String,
    sets: Vec<Set>,
    /// How many more statements may fail before nothing is tried in halves any more.
    patience: usize,
}

/// A set, and where in the rows its own begin and end.
#[derive(Debug, Clone, Copy)]
struct Set {
    number: usize,
    start: usize,
    end: usize,
    warned: bool,
    /// What was known when its values were written.
    knowledge: usize,
}

impl Bulk {
    /// An insert of rows; absent when `sql` is none that can take many sets.
    pub(super) fn new(sql: &str) -> Option<Self> {
        Some(Self {
            insert: sql::Rows::parse(sql)?,
            rows: String::new(),
            sets: Vec::new(),
            patience: PATIENCE,
        })
    }

    /// Adds a set with these literals.
    pub(super) fn push(
        &mut self,
        number: usize,
        literals: &[impl AsRef<str>],
        warned: bool,
        knowledge: usize,
    ) {
        let set = Set {
            number,
            start: 0,
            end: 0,
            warned,
            knowledge,
        };
        append(
            &self.insert,
            (&mut self.rows, &mut self.sets),
            set,
            literals,
        );
    }

    /// Whether the sets have as much text as a statement may have.
    pub(super) fn is_full(&self, limit: usize) -> bool {
        self.insert.head().len() + self.rows.len() >= limit
    }

    /// Begins anew, with a set that went beyond the limit if there is one before it: the others, to be inserted.
    fn take(&mut self, limit: usize) -> (String, Vec<Set>) {
        let mut sets = std::mem::take(&mut self.sets);
        let mut rows = std::mem::take(&mut self.rows);
        let beyond = self.insert.head().len() + rows.len() > limit && sets.len() > 1;
        if beyond && let Some(last) = sets.pop() {
            self.rows = rows
                .get(last.start..last.end)
                .unwrap_or_default()
                .to_owned();
            self.sets.push(Set {
                start: 0,
                end: self.rows.len(),
                ..last
            });
            rows.truncate(last.start.saturating_sub(SEPARATOR.len()));
        }
        (rows, sets)
    }

    fn is_empty(&self) -> bool {
        self.sets.is_empty()
    }

    fn statement(&self, rows: &str) -> String {
        [self.insert.head(), rows].concat()
    }
}

/// Adds a set, and its rows to those of others.
fn append(
    insert: &sql::Rows,
    (rows, sets): (&mut String, &mut Vec<Set>),
    set: Set,
    literals: &[impl AsRef<str>],
) {
    let start = match rows.len() {
        0 => 0,
        length => length + SEPARATOR.len(),
    };
    insert.push(literals, rows);
    let end = rows.len();
    sets.push(Set { start, end, ..set });
}

impl Statement {
    /// Inserts all sets that were gathered.
    pub(super) fn insert_all_gathered(
        &mut self,
        supply: &mut Supply,
        cancel: &CancellationToken,
    ) -> Result<(), Error> {
        while supply.bulk.as_ref().is_some_and(|bulk| !bulk.is_empty()) {
            self.insert_gathered(supply, cancel)?;
        }
        Ok(())
    }

    /// Inserts the sets that were gathered, but for one that begins the next statement.
    pub(super) fn insert_gathered(
        &mut self,
        supply: &mut Supply,
        cancel: &CancellationToken,
    ) -> Result<(), Error> {
        let Some(mut bulk) = supply.bulk.take() else {
            return Ok(());
        };
        let (rows, sets) = bulk.take(self.session.text_limit());
        let inserted = self.insert(supply, &mut bulk, &rows, &sets, cancel);
        supply.bulk = Some(bulk);
        inserted
    }

    fn insert(
        &mut self,
        supply: &mut Supply,
        bulk: &mut Bulk,
        rows: &str,
        sets: &[Set],
        cancel: &CancellationToken,
    ) -> Result<(), Error> {
        // From the last to the first.
        let mut waiting: Vec<Range<usize>> = std::iter::once(0..sets.len()).collect();
        while let Some(range) = waiting.pop() {
            let part = sets.get(range.clone()).unwrap_or_default();
            let (Some(first), Some(last)) = (part.first(), part.last()) else {
                continue;
            };
            let text = bulk.statement(rows.get(first.start..last.end).unwrap_or_default());
            let Err(error) = self.insert_rows(supply, part, &text, cancel)? else {
                continue;
            };
            self.learn_of(supply, &error, cancel)?;
            if (error.is_about_types() || error.is_ambiguous())
                && first.knowledge < supply.fitting.knowledge()
            {
                let rest = sets.get(range.start..).unwrap_or_default();
                let (rows, sets) = self.read_again(supply, bulk, rest)?;
                return self.insert(supply, bulk, &rows, &sets, cancel);
            }
            let too_long = error.text_limit().is_some();
            if part.len() > 1 && (too_long || self.may_halve(bulk, &error)) {
                let middle = range.start + part.len() / 2;
                waiting.push(middle..range.end);
                waiting.push(range.start..middle);
                continue;
            }
            let numbers = part.iter().map(|set| set.number);
            let error = Error::from(error.without_place(bulk.insert.head()));
            supply.fail_together(numbers, error, &mut self.diagnostics)?;
        }
        Ok(())
    }

    /// The rows of sets anew, after more was learned about their values; those that cannot be sent fail.
    fn read_again(
        &mut self,
        supply: &mut Supply,
        bulk: &Bulk,
        part: &[Set],
    ) -> Result<(String, Vec<Set>), Error> {
        let (mut rows, mut sets) = (String::new(), Vec::new());
        for set in part {
            // Warnings are there since the first time.
            let read = supply.read(set.number, &self.format, &mut Diagnostics::default());
            match read {
                Ok((values, _)) => {
                    let set = Set {
                        knowledge: supply.fitting.knowledge(),
                        ..*set
                    };
                    append(&bulk.insert, (&mut rows, &mut sets), set, &values);
                }
                Err(error) => {
                    let number = std::iter::once(set.number);
                    supply.fail_together(number, error, &mut self.diagnostics)?;
                }
            }
        }
        Ok((rows, sets))
    }

    /// Whether the sets of a statement that failed are to be tried in halves. In a transaction nothing more can succeed.
    fn may_halve(&self, bulk: &mut Bulk, error: &session::Error) -> bool {
        let may = error.is_about_values() && bulk.patience > 0 && !self.session.in_transaction();
        bulk.patience -= usize::from(may);
        may
    }

    /// Runs the statement of some sets, and tells how they fared when it succeeds.
    fn insert_rows(
        &mut self,
        supply: &mut Supply,
        part: &[Set],
        text: &str,
        cancel: &CancellationToken,
    ) -> Result<Result<(), session::Error>, Error> {
        self.diagnostics.dynamic_function = dynamic_function(text);
        self.check_process()?;
        let execution = match self.ask(text, &[""; 0], cancel.clone()) {
            Ok(execution) => execution,
            Err(error) => return Ok(Err(error)),
        };
        let session::Outcome::Updated(count) = execution.outcome else {
            return Ok(Ok(()));
        };
        self.query = Some(session::Status::finished(execution.query_id));
        for set in part {
            supply.tell(
                set.number,
                if set.warned {
                    abi::SQL_PARAM_SUCCESS_WITH_INFO
                } else {
                    abi::SQL_PARAM_SUCCESS
                },
            );
        }
        supply.succeeded(part.len(), count, execution.update_type.as_deref());
        Ok(Ok(()))
    }
}

/// What stands between the rows of two sets.
const SEPARATOR: &str = ", ";

/// Enough to find six bad sets among a thousand; whoever has more of them learns it sooner.
const PATIENCE: usize = 64;

#[cfg(test)]
mod tests {
    use super::Bulk;

    fn bulk(sql: &str) -> Bulk {
        Bulk::new(sql).unwrap()
    }

    #[test]
    fn a_set_beyond_the_limit_begins_the_next_statement() {
        let mut bulk = bulk("INSERT INTO t VALUES (?)");
        for (number, literal) in ["11111", "22222", "33333"].iter().enumerate() {
            bulk.push(number, &[literal], false, 0);
        }
        let limit = "INSERT INTO t VALUES (11111), (22222), (3333".len();
        assert!(bulk.is_full(limit));
        let (rows, sets) = bulk.take(limit);
        assert_eq!(
            bulk.statement(&rows),
            "INSERT INTO t VALUES (11111), (22222)"
        );
        assert_eq!(sets.len(), 2);
        assert_eq!(&rows[sets[1].start..sets[1].end], "(22222)");
        bulk.push(3, &["4"], false, 0);
        let (rows, sets) = bulk.take(limit);
        assert_eq!(rows, "(33333), (4)");
        assert_eq!(&rows[sets[1].start..sets[1].end], "(4)");
        assert_eq!(sets[0].number, 2);
    }

    #[test]
    fn a_set_alone_is_sent_however_long_it_is() {
        let mut bulk = bulk("INSERT INTO t VALUES (?)");
        bulk.push(0, &["1"], false, 0);
        assert_eq!(bulk.take(5).1.len(), 1);
    }
}
