//! Fast inserts and deletions: many parameter sets in one statement.
//!
//! Sets are gathered until the server's text limit is reached, and inserted together. While the server inserts them, the
//! next are gathered, which are sent when those before are known to be inserted or not: two statements' texts are held
//! at a time, and one is under way.
//!
//! The server inserts all rows of a statement or none, so when it refuses one, the sets are known that were not
//! inserted; where the reason lies in their values and was found before anything was written, halves are tried until the
//! bad sets stand alone. No row is ever sent again that may have been inserted.
//!
//! Deletions by equal values go together in the same way ([`sql::Rows`] says why others do not), up to two hundred of them.
//! A connector that takes them only one by one gets them so.
//!
//! Many sets travel as one text of JSON ([`sql::Unnested`]), few of them, and those that do not go with the others, as
//! literals in VALUES.

use tokio_util::sync::CancellationToken;

use super::Statement;
use super::columns::Room;
use super::dynamic_function::dynamic_function;
use super::supply::Supply;
use crate::abi;
use crate::diagnostics::{Diagnostics, Error};
use crate::session::{self, Underway};
use crate::sql::{self, Slot};

/// Sets that are to be inserted together.
#[derive(Debug)]
pub(super) struct Bulk {
    insert: sql::Rows,
    /// The form for many sets, where there is one.
    pub(super) many: Option<Many>,
    /// The next statement.
    batch: Batch,
    /// Sets that do not go with the others of a statement.
    aside: Vec<Set>,
    running: Option<(Underway, Batch)>,
    /// How many more statements may fail before nothing is tried in halves any more.
    patience: usize,
    trial: Trial,
    /// Sets that one statement takes at most.
    most: usize,
}

/// The form for many sets, and what the columns of the table take.
#[derive(Debug)]
pub(super) struct Many {
    pub(super) insert: sql::Unnested,
    pub(super) room: Room,
}

/// Whether the form for many sets was tried against the other, after the server refused it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trial {
    Open,
    UnderWay,
    Over,
}

/// The rows of sets in one statement.
#[derive(Debug, Default)]
struct Batch {
    /// With commas between.
    rows: String,
    sets: Vec<Set>,
    /// The types of the values, where the rows are in JSON.
    slots: Option<Vec<Slot>>,
    /// Bytes of the statement without its rows.
    overhead: usize,
}

#[derive(Debug, Clone, Copy)]
struct Set {
    number: usize,
    warned: bool,
    /// What was known when its values were written.
    knowledge: usize,
}

/// What became of a set that was to be added to a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Added {
    Yes,
    /// It begins the next statement.
    Full,
}

impl Bulk {
    /// Absent when `sql` is no statement that can take many sets. One that the server may refuse only for many is none
    /// where a refusal `loses_changes` that were made before.
    pub(super) fn new(sql: &str, loses_changes: bool) -> Option<Self> {
        let insert = sql::Rows::parse(sql)?;
        if loses_changes && !insert.inserts() {
            return None;
        }
        Some(Self {
            most: insert.most(),
            insert,
            many: None,
            batch: Batch::default(),
            aside: Vec::new(),
            running: None,
            patience: PATIENCE,
            trial: Trial::Open,
        })
    }

    /// The form that many sets would have, unless it is known already, or known not to be taken.
    pub(super) fn unnested(&self) -> Option<sql::Unnested> {
        let is_open = self.many.is_none() && self.trial == Trial::Open;
        is_open.then(|| sql::Unnested::new(&self.insert)).flatten()
    }

    /// Adds a set with these literals, unless the statement has more text than `limit` then. `sets` are to come in all.
    pub(super) fn push(
        &mut self,
        number: usize,
        literals: &[impl AsRef<str>],
        (warned, knowledge): (bool, usize),
        (sets, limit): (usize, usize),
    ) -> Added {
        let set = Set {
            number,
            warned,
            knowledge,
        };
        if self.batch.sets.is_empty() {
            self.batch = self.begin(sets.saturating_sub(number), limit);
        }
        let mut batch = std::mem::take(&mut self.batch);
        let added = self.add(&mut batch, set, literals, limit);
        self.batch = batch;
        added
    }

    /// A statement for so many sets, of which those in JSON leave half of its text for the rows at least.
    fn begin(&self, sets: usize, limit: usize) -> Batch {
        let many = self.many.as_ref().filter(|_| sets >= FEWEST);
        let slots = many.and_then(|many| {
            let slots = many.insert.slots();
            let overhead = many.insert.overhead(&slots, &many.room.computed);
            (overhead + WIDENING * slots.len() <= limit / 2).then_some(slots)
        });
        Batch {
            slots,
            overhead: self.insert.head().len(),
            ..Batch::default()
        }
    }

    /// Adds a set to a statement, or to those aside.
    fn add(
        &mut self,
        batch: &mut Batch,
        set: Set,
        literals: &[impl AsRef<str>],
        limit: usize,
    ) -> Added {
        if batch.sets.len() >= self.most {
            return Added::Full;
        }
        let before = batch.rows.len();
        if let Some((many, slots)) = self.many.as_ref().zip(batch.slots.as_mut()) {
            if !many.room.takes(literals) || !many.insert.push(literals, slots, &mut batch.rows) {
                self.aside.push(set);
                return Added::Yes;
            }
            if before == 0 {
                let overhead = many.insert.overhead(slots, &many.room.computed);
                batch.overhead = overhead + WIDENING * slots.len();
            }
        } else {
            self.insert.push(literals, &mut batch.rows);
        }
        if batch.overhead + batch.rows.len() > limit && !batch.sets.is_empty() {
            batch.rows.truncate(before);
            return Added::Full;
        }
        batch.sets.push(set);
        Added::Yes
    }

    /// Whether nothing is gathered.
    fn is_empty(&self) -> bool {
        self.batch.sets.is_empty() && self.aside.is_empty() && self.running.is_none()
    }

    fn statement(&self, batch: &Batch) -> String {
        match self.many.as_ref().zip(batch.slots.as_ref()) {
            Some((many, slots)) => many
                .insert
                .statement(slots, &batch.rows, &many.room.computed),
            None => [self.insert.head(), &batch.rows].concat(),
        }
    }

    /// What the statement of a batch has before its rows.
    fn head(&self, batch: &Batch) -> &str {
        match self.many.as_ref().filter(|_| batch.slots.is_some()) {
            Some(many) => many.insert.head(),
            None => self.insert.head(),
        }
    }

    /// Lets the statement that is under way go on.
    pub(super) fn advance(&mut self) {
        if let Some((underway, _)) = &mut self.running {
            underway.advance();
        }
    }
}

/// Sets that are to be tried again.
struct Part {
    sets: Vec<Set>,
    /// Whether they must be literals.
    literal: bool,
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
            self.await_inserted(supply, cancel)?;
            self.insert_aside(supply, cancel)?;
        }
        Ok(())
    }

    /// Has the server insert the sets that were gathered, when it is done with those before.
    pub(super) fn insert_gathered(
        &mut self,
        supply: &mut Supply,
        cancel: &CancellationToken,
    ) -> Result<(), Error> {
        self.await_inserted(supply, cancel)?;
        if let Some(bulk) = &supply.bulk
            && bulk.aside.len() >= MOST_ASIDE
        {
            self.insert_aside(supply, cancel)?;
        }
        if let Some(bulk) = &mut supply.bulk
            && !bulk.batch.sets.is_empty()
        {
            let mut batch = std::mem::take(&mut bulk.batch);
            let insert = supply.sql.with_values(bulk.statement(&batch));
            // When they are wanted again, they are read again.
            batch.rows = String::new();
            let underway = self.begin_insert(insert, cancel)?;
            bulk.running = Some((underway, batch));
        }
        Ok(())
    }

    fn begin_insert(
        &mut self,
        sql: sql::Statement,
        cancel: &CancellationToken,
    ) -> Result<Underway, Error> {
        self.diagnostics.dynamic_function = dynamic_function(&sql);
        self.check_process()?;
        self.follow_zone();
        let wait = self.wait(cancel.clone());
        Ok(self.session.begin(sql, self.bounds(), wait))
    }

    /// Waits for the statement that is under way, and sees to the sets that it did not insert.
    pub(super) fn await_inserted(
        &mut self,
        supply: &mut Supply,
        cancel: &CancellationToken,
    ) -> Result<(), Error> {
        let running = supply.bulk.as_mut().and_then(|bulk| bulk.running.take());
        let Some((underway, batch)) = running else {
            return Ok(());
        };
        let mut parts = Vec::new();
        self.settle(supply, batch, underway.finish(), &mut parts, cancel)?;
        self.insert_parts(supply, parts, cancel)
    }

    /// Inserts the sets that do not go with others.
    fn insert_aside(
        &mut self,
        supply: &mut Supply,
        cancel: &CancellationToken,
    ) -> Result<(), Error> {
        let Some(bulk) = &mut supply.bulk else {
            return Ok(());
        };
        let sets = std::mem::take(&mut bulk.aside);
        let part = Part {
            sets,
            literal: true,
        };
        self.insert_parts(supply, vec![part], cancel)
    }

    /// Inserts parts, the last first, and what is left of them when they fail.
    fn insert_parts(
        &mut self,
        supply: &mut Supply,
        mut parts: Vec<Part>,
        cancel: &CancellationToken,
    ) -> Result<(), Error> {
        while let Some(part) = parts.pop() {
            let literal = part.literal;
            let (batch, rest) = self.read_again(supply, part)?;
            if !rest.is_empty() {
                parts.push(Part {
                    sets: rest,
                    literal,
                });
            }
            let Some(bulk) = supply.bulk.as_ref().filter(|_| !batch.sets.is_empty()) else {
                continue;
            };
            let insert = supply.sql.with_values(bulk.statement(&batch));
            let result = self.begin_insert(insert, cancel)?.finish();
            self.settle(supply, batch, result, &mut parts, cancel)?;
        }
        Ok(())
    }

    /// The rows of sets anew, as far as they fit in one statement, and the sets that do not; those that cannot be sent
    /// fail.
    fn read_again(&mut self, supply: &mut Supply, part: Part) -> Result<(Batch, Vec<Set>), Error> {
        let limit = self.session.text_limit();
        let begun = supply
            .bulk
            .as_ref()
            .map(|bulk| bulk.begin(if part.literal { 0 } else { part.sets.len() }, limit));
        let mut batch = begun.unwrap_or_default();
        for (index, set) in part.sets.iter().enumerate() {
            // Warnings are there since the first time.
            let read = supply.read(set.number, &self.format, &mut Diagnostics::default());
            match read {
                Ok((values, _)) => {
                    let set = Set {
                        knowledge: supply.fitting.knowledge(),
                        ..*set
                    };
                    if let Some(bulk) = &mut supply.bulk
                        && bulk.add(&mut batch, set, &values, limit) == Added::Full
                    {
                        let rest = part.sets.get(index..).unwrap_or_default();
                        return Ok((batch, rest.to_vec()));
                    }
                }
                Err(error) => {
                    let number = std::iter::once(set.number);
                    supply.fail_together(number, error, &mut self.diagnostics)?;
                }
            }
        }
        Ok((batch, Vec::new()))
    }

    /// Tells how the sets of a statement fared; when it failed, what is to be tried again goes to `parts`.
    fn settle(
        &mut self,
        supply: &mut Supply,
        batch: Batch,
        result: Result<session::Execution, session::Error>,
        parts: &mut Vec<Part>,
        cancel: &CancellationToken,
    ) -> Result<(), Error> {
        let error = match result {
            Ok(execution) => {
                self.note_inserted(supply, &batch, execution);
                return Ok(());
            }
            Err(error) => error,
        };
        self.learn_of(supply, &error, cancel)?;
        let Some(bulk) = &mut supply.bulk else {
            return Err(error.into());
        };
        let (is_json, sets) = (batch.slots.is_some(), batch.sets.len());
        let is_news = batch
            .sets
            .first()
            .is_some_and(|first| first.knowledge < supply.fitting.knowledge());
        let mut again = |sets: &[Set], literal| {
            parts.push(Part {
                sets: sets.to_vec(),
                literal,
            });
        };
        if is_news && (error.is_about_types() || error.is_ambiguous()) {
            again(&batch.sets, !is_json);
            return Ok(());
        }
        let too_long = error.text_limit().is_some() || error.oversized().is_some();
        if too_long && sets > 1 {
            let (first, second) = batch.sets.split_at(sets / 2);
            again(second, !is_json);
            again(first, !is_json);
            return Ok(());
        }
        if too_long && is_json {
            // A literal needs less around it.
            again(&batch.sets, true);
            return Ok(());
        }
        if error.is_about_support() && sets > 1 && !bulk.insert.inserts() {
            bulk.most = 1;
            again(&batch.sets, true);
            return Ok(());
        }
        if is_json && error.is_about_form() && bulk.trial != Trial::Over {
            if bulk.trial == Trial::UnderWay {
                // A few of them were taken in the other form.
                bulk.many = None;
                bulk.trial = Trial::Over;
                let gathered = std::mem::take(&mut bulk.batch);
                bulk.aside.extend(gathered.sets);
                self.stored = None;
                again(&batch.sets, true);
                return Ok(());
            }
            bulk.trial = Trial::UnderWay;
            let (few, others) = batch.sets.split_at(sets.min(FEWEST / 2));
            again(others, false);
            again(few, true);
            return Ok(());
        }
        // Failing, it decides the trial: it is not the form that the server refuses.
        if !is_json && bulk.trial == Trial::UnderWay {
            bulk.trial = Trial::Over;
        }
        // What is stored one after the other may have been stored before one of them failed.
        let is_certain = !is_json || !error.is_about_storing();
        if sets > 1 && is_certain && may_halve(bulk, &error, self.session.in_transaction()) {
            let (first, second) = batch.sets.split_at(sets / 2);
            again(second, !is_json);
            again(first, !is_json);
            return Ok(());
        }
        let numbers: Vec<_> = batch.sets.iter().map(|set| set.number).collect();
        let error = Error::from(error.without_place(bulk.head(&batch)));
        if !is_certain {
            // The table is not what it was.
            self.stored = None;
        }
        supply.fail_together(numbers.into_iter(), error, &mut self.diagnostics)
    }

    fn note_inserted(&mut self, supply: &mut Supply, batch: &Batch, execution: session::Execution) {
        self.warn_of(&execution);
        let session::Outcome::Updated(count) = execution.outcome else {
            return;
        };
        self.query = Some(session::Status::finished(execution.query_id));
        for set in &batch.sets {
            supply.tell(
                set.number,
                if set.warned {
                    abi::SQL_PARAM_SUCCESS_WITH_INFO
                } else {
                    abi::SQL_PARAM_SUCCESS
                },
            );
        }
        let update_type = execution.update_type.as_deref();
        supply.succeeded(batch.sets.len(), count, update_type);
    }
}

/// Whether the sets of a statement that failed are to be tried in halves. In a transaction nothing more can succeed.
fn may_halve(bulk: &mut Bulk, error: &session::Error, in_transaction: bool) -> bool {
    let may = error.is_about_values() && bulk.patience > 0 && !in_transaction;
    bulk.patience -= usize::from(may);
    may
}

/// Enough to find six bad sets among a thousand; whoever has more of them learns it sooner.
const PATIENCE: usize = 64;

/// Sets from which on a text of JSON is faster than literals.
pub(super) const FEWEST: usize = 50;

/// Sets that wait at most until the ones between which they do not fit are inserted.
const MOST_ASIDE: usize = 1000;

/// Bytes by which what a statement says of a parameter may become longer as more values come.
const WIDENING: usize = 72;

#[cfg(test)]
mod tests {
    use super::{Added, Bulk};

    #[test]
    fn a_set_beyond_the_limit_begins_the_next_statement() {
        let mut bulk = Bulk::new("INSERT INTO t VALUES (?)", true).unwrap();
        let limit = "INSERT INTO t VALUES (11111), (22222), (3333".len();
        let mut push =
            |number, literal: &str| bulk.push(number, &[literal], (false, 0), (5, limit));
        assert_eq!(push(0, "11111"), Added::Yes);
        assert_eq!(push(1, "22222"), Added::Yes);
        assert_eq!(push(2, "33333"), Added::Full);
        assert_eq!(
            bulk.statement(&bulk.batch),
            "INSERT INTO t VALUES (11111), (22222)"
        );
        assert_eq!(bulk.batch.sets.len(), 2);
    }

    #[test]
    fn a_set_alone_is_sent_however_long_it_is() {
        let mut bulk = Bulk::new("INSERT INTO t VALUES (?)", true).unwrap();
        assert_eq!(bulk.push(0, &["1"], (false, 0), (1, 5)), Added::Yes);
        assert_eq!(bulk.push(1, &["1"], (false, 0), (1, 5)), Added::Full);
        assert_eq!(bulk.batch.sets.len(), 1);
    }
}
