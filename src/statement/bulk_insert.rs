//! Fast inserts and deletions: many parameter sets in one statement.
//!
//! The driver gathers sets up to the server's text limit and inserts them together. While the
//! server inserts one statement, the driver gathers the next, and sends it once the outcome of the
//! first is known: at most two texts are held, and one statement runs.
//!
//! The server inserts all rows of a statement or none, so a failure shows which sets were not
//! inserted. If their values are to blame and nothing was written, the driver retries in halves
//! until it has isolated the bad sets. A row that may have been inserted is never sent again.
//!
//! Deletions by equal values are combined in the same way, up to two hundred at a time
//! ([`sql::Rows`] explains why others are not), or sent one by one if the connector supports
//! nothing else.
//!
//! Many sets are sent as one JSON text ([`sql::Unnested`]); few sets, and sets that do not fit that
//! form, as literals in VALUES.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;
use trino_client::columns::Type;
use trino_client::session::{self, Underway};
use trino_client::sql;

use super::Statement;
use super::bulk::{Added, Batch, Bulk, FEWEST, Many, Set, Trial};
use super::column_sizes::TextLimits;
use super::dynamic_function::dynamic_function;
use super::parameter_execution::ParameterExecution;
use crate::abi;
use crate::diagnostics::{Diagnostics, Error};

/// Sets to retry.
struct Part {
    sets: Vec<Set>,
    /// Whether to send them as literals.
    literal: bool,
}

impl Part {
    fn new(sets: &[Set], literal: bool) -> Self {
        Self {
            sets: sets.to_vec(),
            literal,
        }
    }
}

impl Statement {
    /// Chooses the JSON form for an INSERT of many sets if the server and the table allow it.
    pub(super) fn find_form(
        &mut self,
        execution: &mut ParameterExecution,
        cancel: &CancellationToken,
    ) -> Result<(), Error> {
        if execution.remaining_sets() < FEWEST {
            return Ok(());
        }
        let unnested = execution.bulk.as_ref().and_then(Bulk::unnested);
        let insert = sql::Insert::parse(execution.sql.text());
        let Some((insert, unnested)) = insert.zip(unnested) else {
            return Ok(());
        };
        let wait = self.wait(cancel.clone());
        if !self.session.unnests_rows(&wait)? {
            return Ok(());
        }
        let has_expressions = !unnested.computed().is_empty();
        let whole = (0..insert.places.len()).filter(|index| unnested.is_whole(*index));
        let is_measured = has_expressions || whole.clone().any(|index| execution.is_text(index));
        let columns = match self
            .stored
            .as_ref()
            .filter(|(sql, _)| sql == execution.sql.text())
        {
            _ if !is_measured => Arc::default(),
            Some((_, columns)) => Arc::clone(columns),
            // Do not try expressions where a failure loses changes.
            None if has_expressions && self.session.failure_loses_changes() => return Ok(()),
            None => match self.session.column_types(&insert.query(), &wait) {
                Ok(columns) => {
                    let columns: Arc<[Type]> = columns.into();
                    self.stored = Some((Arc::clone(execution.sql.text()), Arc::clone(&columns)));
                    columns
                }
                // INSERT privilege does not imply SELECT. Without it the lengths are unknown.
                Err(session::Error::Server(_) | session::Error::Protocol { .. }) => return Ok(()),
                Err(error) => return Err(error.into()),
            },
        };
        let limits = TextLimits::new(&unnested, &insert.places, &columns);
        execution.bulk_mut().many = Some(Many {
            insert: unnested,
            limits,
        });
        Ok(())
    }

    /// Inserts all gathered sets.
    pub(super) fn insert_all_gathered(
        &mut self,
        execution: &mut ParameterExecution,
        cancel: &CancellationToken,
    ) -> Result<(), Error> {
        while execution.bulk.as_ref().is_some_and(|bulk| !bulk.is_empty()) {
            self.insert_gathered(execution, cancel)?;
            self.await_inserted(execution, cancel)?;
            self.insert_aside(execution, cancel)?;
        }
        Ok(())
    }

    /// Starts inserting the gathered sets once the sets before them are done.
    pub(super) fn insert_gathered(
        &mut self,
        execution: &mut ParameterExecution,
        cancel: &CancellationToken,
    ) -> Result<(), Error> {
        self.await_inserted(execution, cancel)?;
        if execution.bulk_mut().aside.len() >= MOST_ASIDE {
            self.insert_aside(execution, cancel)?;
        }
        let bulk = execution.bulk_mut();
        let mut batch = std::mem::take(&mut bulk.batch);
        if batch.sets.is_empty() {
            return Ok(());
        }
        let statement = bulk.statement(&batch);
        // A retry reads the values again.
        batch.rows = String::new();
        let underway = self.begin_insert(execution.sql.with_values(statement), cancel)?;
        execution.bulk_mut().running = Some((underway, batch));
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

    /// Waits for the running statement, and retries the sets that it did not insert.
    pub(super) fn await_inserted(
        &mut self,
        execution: &mut ParameterExecution,
        cancel: &CancellationToken,
    ) -> Result<(), Error> {
        let running = execution.bulk.as_mut().and_then(|bulk| bulk.running.take());
        let Some((underway, batch)) = running else {
            return Ok(());
        };
        let mut parts = Vec::new();
        self.settle(execution, batch, underway.finish(), &mut parts, cancel)?;
        self.insert_parts(execution, parts, cancel)
    }

    /// Inserts the sets that were held back.
    fn insert_aside(
        &mut self,
        execution: &mut ParameterExecution,
        cancel: &CancellationToken,
    ) -> Result<(), Error> {
        let part = Part {
            sets: std::mem::take(&mut execution.bulk_mut().aside),
            literal: true,
        };
        self.insert_parts(execution, vec![part], cancel)
    }

    /// Inserts parts, the last first, and retries those that fail.
    fn insert_parts(
        &mut self,
        execution: &mut ParameterExecution,
        mut parts: Vec<Part>,
        cancel: &CancellationToken,
    ) -> Result<(), Error> {
        while let Some(part) = parts.pop() {
            let literal = part.literal;
            let (batch, rest) = self.read_again(execution, part)?;
            if !rest.is_empty() {
                parts.push(Part {
                    sets: rest,
                    literal,
                });
            }
            if batch.sets.is_empty() {
                continue;
            }
            let statement = execution.bulk_mut().statement(&batch);
            let insert = execution.sql.with_values(statement);
            let result = self.begin_insert(insert, cancel)?.finish();
            self.settle(execution, batch, result, &mut parts, cancel)?;
        }
        Ok(())
    }

    /// Reads the values of sets again. Returns a statement of those that fit, and the other sets.
    /// Sets with invalid values fail.
    fn read_again(
        &mut self,
        execution: &mut ParameterExecution,
        part: Part,
    ) -> Result<(Batch, Vec<Set>), Error> {
        let limit = self.session.text_limit();
        let sets = if part.literal { 0 } else { part.sets.len() };
        let mut batch = execution.bulk_mut().begin(sets, limit);
        for (index, set) in part.sets.iter().enumerate() {
            // The first reading reported the warnings.
            let read = execution.read(set.number, &self.format, &mut Diagnostics::default());
            match read {
                Ok((values, _)) => {
                    let set = Set {
                        revision: execution.fitting.revision(),
                        ..*set
                    };
                    let bulk = execution.bulk_mut();
                    if bulk.add(&mut batch, set, &values, limit) == Added::Full {
                        return Ok((batch, part.sets[index..].to_vec()));
                    }
                }
                Err(error) => {
                    let number = std::iter::once(set.number);
                    execution.tally.fail(number, error, &mut self.diagnostics)?;
                }
            }
        }
        Ok((batch, Vec::new()))
    }

    /// Records the outcome of a statement's sets. If it failed, adds the sets to retry to `parts`.
    fn settle(
        &mut self,
        execution: &mut ParameterExecution,
        batch: Batch,
        result: Result<session::Execution, session::Error>,
        parts: &mut Vec<Part>,
        cancel: &CancellationToken,
    ) -> Result<(), Error> {
        let error = match result {
            Ok(inserted) => {
                self.note_inserted(execution, &batch, inserted);
                return Ok(());
            }
            Err(error) => error,
        };
        self.learn_from(execution, &error, cancel)?;
        let revision = execution.fitting.revision();
        let bulk = execution.bulk_mut();
        let (is_json, sets) = (batch.slots.is_some(), batch.sets.len());
        let is_outdated = batch.sets[0].revision < revision;
        if is_outdated && (error.is_about_types() || error.is_ambiguous()) {
            parts.push(Part::new(&batch.sets, !is_json));
            return Ok(());
        }
        let too_long = error.text_limit().is_some() || error.oversized().is_some();
        if too_long && sets > 1 {
            let (first, second) = batch.sets.split_at(sets / 2);
            parts.push(Part::new(second, !is_json));
            parts.push(Part::new(first, !is_json));
            return Ok(());
        }
        if too_long && is_json {
            // Literals need less text around them.
            parts.push(Part::new(&batch.sets, true));
            return Ok(());
        }
        if error.is_about_support() && sets > 1 && !bulk.insert.inserts() {
            bulk.most = 1;
            parts.push(Part::new(&batch.sets, true));
            return Ok(());
        }
        if is_json && error.is_about_form() && bulk.trial != Trial::Over {
            if bulk.trial == Trial::UnderWay {
                // The server accepted a few of them as literals.
                bulk.many = None;
                bulk.trial = Trial::Over;
                let gathered = std::mem::take(&mut bulk.batch);
                bulk.aside.extend(gathered.sets);
                self.stored = None;
                parts.push(Part::new(&batch.sets, true));
                return Ok(());
            }
            bulk.trial = Trial::UnderWay;
            let (few, others) = batch.sets.split_at(sets.min(FEWEST / 2));
            parts.push(Part::new(others, false));
            parts.push(Part::new(few, true));
            return Ok(());
        }
        // Literals fail as well, so the JSON form is not to blame.
        if !is_json && bulk.trial == Trial::UnderWay {
            bulk.trial = Trial::Over;
        }
        // Rows that are stored one by one may be stored before one fails.
        let is_certain = !is_json || !error.is_about_storing();
        if sets > 1 && is_certain && may_halve(bulk, &error, self.session.in_transaction()) {
            let (first, second) = batch.sets.split_at(sets / 2);
            parts.push(Part::new(second, !is_json));
            parts.push(Part::new(first, !is_json));
            return Ok(());
        }
        let numbers: Vec<_> = batch.sets.iter().map(|set| set.number).collect();
        let error = Error::from(error.without_place(bulk.head(&batch)));
        if !is_certain {
            // The table may have changed.
            self.stored = None;
        }
        execution
            .tally
            .fail(numbers.into_iter(), error, &mut self.diagnostics)
    }

    fn note_inserted(
        &mut self,
        execution: &mut ParameterExecution,
        batch: &Batch,
        inserted: session::Execution,
    ) {
        self.pass_on_warnings(&inserted);
        let session::Outcome::Updated(count) = inserted.outcome else {
            return;
        };
        self.query = Some(session::Status::finished(inserted.query_id));
        for set in &batch.sets {
            execution.tally.set_status(
                set.number,
                if set.warned {
                    abi::SQL_PARAM_SUCCESS_WITH_INFO
                } else {
                    abi::SQL_PARAM_SUCCESS
                },
            );
        }
        let update_type = inserted.update_type.as_deref();
        execution
            .tally
            .succeeded(batch.sets.len(), count, update_type);
    }
}

/// Whether to retry the sets of a failed statement in halves. In a transaction nothing more can
/// succeed.
fn may_halve(bulk: &mut Bulk, error: &session::Error, in_transaction: bool) -> bool {
    let may = error.is_about_values() && bulk.patience > 0 && !in_transaction;
    bulk.patience -= usize::from(may);
    may
}

/// The most sets to hold back because they do not fit the JSON form.
const MOST_ASIDE: usize = 1000;
