//! Many parameter sets in one statement: its text, and which sets it holds.

use trino_client::session::Underway;
use trino_client::sql::{self, Slot};

use super::column_sizes::TextLimits;

/// The parameter sets to insert together.
#[derive(Debug)]
pub(super) struct Bulk {
    pub(super) insert: sql::Rows,
    /// The JSON form, if the statement has one.
    pub(super) many: Option<Many>,
    /// The next statement.
    pub(super) batch: Batch,
    /// Sets that do not fit the JSON form.
    pub(super) aside: Vec<Set>,
    pub(super) running: Option<(Underway, Batch)>,
    /// How many more failed statements may be retried in halves.
    pub(super) patience: usize,
    pub(super) trial: Trial,
    /// The most sets that one statement takes.
    pub(super) most: usize,
}

/// The JSON form, and the limits of the table's text columns.
#[derive(Debug)]
pub(super) struct Many {
    pub(super) insert: sql::Unnested,
    pub(super) limits: TextLimits,
}

/// Whether the JSON form was compared with literals after the server refused it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trial {
    Open,
    UnderWay,
    Over,
}

/// The rows of sets in one statement.
#[derive(Debug, Default)]
pub(super) struct Batch {
    /// With commas between.
    pub(super) rows: String,
    pub(super) sets: Vec<Set>,
    /// The types of the values, where the rows are in JSON.
    pub(super) slots: Option<Vec<Slot>>,
    /// Bytes of the statement without its rows.
    overhead: usize,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Set {
    pub(super) number: usize,
    pub(super) warned: bool,
    /// The revision of the fitting that wrote its values.
    pub(super) revision: usize,
}

/// Whether a set was added to a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Added {
    Yes,
    /// No: it begins the next statement.
    Full,
}

impl Bulk {
    /// `None` if `sql` cannot take many sets, or if the server might refuse it only with many sets
    /// and that failure `loses_changes` made before.
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

    /// The JSON form, unless it is known already or known to be refused.
    pub(super) fn unnested(&self) -> Option<sql::Unnested> {
        let is_open = self.many.is_none() && self.trial == Trial::Open;
        is_open.then(|| sql::Unnested::new(&self.insert)).flatten()
    }

    /// Adds a set with these literals unless the statement would exceed `limit` bytes. `sets` is
    /// the number of all sets.
    pub(super) fn push(
        &mut self,
        number: usize,
        literals: &[impl AsRef<str>],
        (warned, revision): (bool, usize),
        (sets, limit): (usize, usize),
    ) -> Added {
        let set = Set {
            number,
            warned,
            revision,
        };
        if self.batch.sets.is_empty() {
            self.batch = self.begin(sets.saturating_sub(number), limit);
        }
        let mut batch = std::mem::take(&mut self.batch);
        let added = self.add(&mut batch, set, literals, limit);
        self.batch = batch;
        added
    }

    /// A statement for this many sets: in JSON if at least half of its text is left for rows.
    pub(super) fn begin(&self, sets: usize, limit: usize) -> Batch {
        let many = self.many.as_ref().filter(|_| sets >= FEWEST);
        let slots = many.and_then(|many| {
            let slots = many.insert.slots();
            let overhead = many.insert.overhead(&slots, &many.limits.computed);
            (overhead + WIDENING * slots.len() <= limit / 2).then_some(slots)
        });
        Batch {
            slots,
            overhead: self.insert.head().len(),
            ..Batch::default()
        }
    }

    /// Adds a set to a statement, or to the sets held back.
    pub(super) fn add(
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
            if !many.limits.takes(literals) || !many.insert.push(literals, slots, &mut batch.rows) {
                self.aside.push(set);
                return Added::Yes;
            }
            if before == 0 {
                let overhead = many.insert.overhead(slots, &many.limits.computed);
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

    /// Whether no set is gathered or being inserted.
    pub(super) fn is_empty(&self) -> bool {
        self.batch.sets.is_empty() && self.aside.is_empty() && self.running.is_none()
    }

    pub(super) fn statement(&self, batch: &Batch) -> String {
        match self.many.as_ref().zip(batch.slots.as_ref()) {
            Some((many, slots)) => many
                .insert
                .statement(slots, &batch.rows, &many.limits.computed),
            None => [self.insert.head(), &batch.rows].concat(),
        }
    }

    /// The text of a batch's statement before its rows.
    pub(super) fn head(&self, batch: &Batch) -> &str {
        match self.many.as_ref().filter(|_| batch.slots.is_some()) {
            Some(many) => many.insert.head(),
            None => self.insert.head(),
        }
    }

    /// Drives the running statement.
    pub(super) fn advance(&mut self) {
        if let Some((underway, _)) = &mut self.running {
            underway.advance();
        }
    }
}

/// Enough to find six bad sets among a thousand; with more of them, the execution fails sooner.
const PATIENCE: usize = 64;

/// The number of sets from which JSON is faster than literals.
pub(super) const FEWEST: usize = 50;

/// Bytes by which the declaration of a parameter may grow as more values come.
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
