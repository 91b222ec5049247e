//! Executions whose values the server takes for other types than they were bound with.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::dynamic_function::dynamic_function;
use super::markers::Markers;
use super::parameter_execution::Supply;
use super::{Prepared, Statement, parameter};
use crate::diagnostics::Error;
use crate::session;

impl Statement {
    /// Has the server run the current set, whose values are all there.
    pub(super) fn submit_set(
        &mut self,
        supply: &mut Supply,
        cancel: &CancellationToken,
    ) -> Result<session::Execution, Error> {
        self.ask_before_loss(supply, cancel)?;
        loop {
            self.diagnostics.dynamic_function = dynamic_function(&supply.sql);
            self.check_process()?;
            let error = match self.ask(&supply.sql, &supply.values, cancel.clone()) {
                Ok(execution) => return Ok(execution),
                Err(error) => error,
            };
            let known = supply.fitting.knowledge();
            self.learn_of(supply, &error, cancel)?;
            if supply.fitting.knowledge() == known {
                return Err(error.into());
            }
            if !supply.refit()? {
                // The server cannot say what it takes. A NULL can still do without a type.
                supply.fitting.note_refusal(&supply.values);
                if !error.is_about_types() || !supply.refit()? {
                    return Err(error.into());
                }
            }
        }
    }

    /// Asks which types the values of the current set must have, where a statement that fails takes changes with it that
    /// were made before.
    pub(super) fn ask_before_loss(
        &mut self,
        supply: &mut Supply,
        cancel: &CancellationToken,
    ) -> Result<(), Error> {
        let unsure = supply.fitting.is_unsure(supply.values.iter());
        if unsure && self.session.failure_loses_changes() {
            self.await_inserted(supply, cancel)?;
            self.learn(supply, cancel)?;
            self.keep(supply, supply.fitting.markers.clone());
            supply.refit()?;
        }
        Ok(())
    }

    /// Learns from an error, which shows that nothing of the statement ran, how its values are to be written.
    pub(super) fn learn_of(
        &mut self,
        supply: &mut Supply,
        error: &session::Error,
        cancel: &CancellationToken,
    ) -> Result<(), Error> {
        if !supply.may_fit() {
            return Ok(());
        }
        if error.is_ambiguous() {
            supply.fitting.note_ambiguity();
        } else if error.is_about_types() {
            // What was known does not hold any more then, as after a change of the table.
            let is_outdated = supply.fitting.is_refused();
            self.learn(supply, cancel)?;
            supply.fitting.note_refusal(&supply.values);
            let markers = supply.fitting.markers.clone();
            self.keep(supply, markers.filter(|_| !is_outdated));
        }
        Ok(())
    }

    /// What is known of the markers of a statement that is to be executed.
    pub(super) fn known_markers(
        &self,
        sql: &Arc<str>,
        prepared: Option<&Prepared>,
    ) -> Option<Markers> {
        let described = prepared.and_then(|prepared| prepared.parameters.clone());
        let learned = || self.learned.clone().filter(|(text, _)| text == sql);
        described.or_else(|| learned().map(|(_, markers)| markers))
    }

    /// Asks the server for the types of the markers, unless that was done.
    fn learn(&mut self, supply: &mut Supply, cancel: &CancellationToken) -> Result<(), Error> {
        if supply.fitting.markers.is_some() {
            return Ok(());
        }
        let wait = self.wait(cancel.clone());
        let types = match parameter::types(&self.session, &supply.sql, &wait) {
            Ok(types) => types,
            // It could not tell; what it says of the statement itself is the better answer.
            Err(session::Error::Server(_) | session::Error::Protocol { .. }) => Arc::default(),
            Err(error) => return Err(error.into()),
        };
        supply.fitting.note_types(types);
        Ok(())
    }

    /// Keeps what is known of the markers for later executions: of what was prepared, and of the same text.
    fn keep(&mut self, supply: &mut Supply, markers: Option<Markers>) {
        // Types of which the server told nothing may be told the next time.
        let markers = markers.filter(|markers| !markers.types.is_empty());
        let prepared = supply.prepared.as_mut().into_iter();
        for prepared in prepared.chain(self.state.prepared_mut()) {
            prepared.parameters.clone_from(&markers);
        }
        self.learned = markers.map(|markers| (Arc::clone(supply.sql.text()), markers));
    }
}
