//! Executions whose values the server takes for other types than they were bound with.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::dynamic_function::dynamic_function;
use super::markers::Markers;
use super::parameter_execution::ParameterExecution;
use super::{Prepared, Statement, parameter};
use crate::diagnostics::Error;
use crate::session;

impl Statement {
    /// Has the server run the current set, whose values are all there.
    pub(super) fn submit_set(
        &mut self,
        execution: &mut ParameterExecution,
        cancel: &CancellationToken,
    ) -> Result<session::Execution, Error> {
        self.learn_before_loss(execution, cancel)?;
        loop {
            self.diagnostics.dynamic_function = dynamic_function(&execution.sql);
            self.check_process()?;
            let error = match self.submit(&execution.sql, &execution.values, cancel.clone()) {
                Ok(execution) => return Ok(execution),
                Err(error) => error,
            };
            let known = execution.fitting.revision();
            self.learn_from(execution, &error, cancel)?;
            if execution.fitting.revision() == known {
                return Err(error.into());
            }
            if !execution.refit()? {
                // The server cannot say what it takes. A NULL can still do without a type.
                execution.fitting.note_refusal(&execution.values);
                if !error.is_about_types() || !execution.refit()? {
                    return Err(error.into());
                }
            }
        }
    }

    /// Asks which types the values of the current set must have, where a statement that fails takes changes with it that
    /// were made before.
    pub(super) fn learn_before_loss(
        &mut self,
        execution: &mut ParameterExecution,
        cancel: &CancellationToken,
    ) -> Result<(), Error> {
        let unsure = execution.fitting.is_unsure(execution.values.iter());
        if unsure && self.session.failure_loses_changes() {
            self.await_inserted(execution, cancel)?;
            self.learn(execution, cancel)?;
            self.keep(execution, execution.fitting.markers.clone());
            execution.refit()?;
        }
        Ok(())
    }

    /// Learns from an error, which shows that nothing of the statement ran, how its values are to be written.
    pub(super) fn learn_from(
        &mut self,
        execution: &mut ParameterExecution,
        error: &session::Error,
        cancel: &CancellationToken,
    ) -> Result<(), Error> {
        if !execution.may_fit() {
            return Ok(());
        }
        if error.is_ambiguous() {
            execution.fitting.note_ambiguity();
        } else if error.is_about_types() {
            // What was known does not hold any more then, as after a change of the table.
            let is_outdated = execution.fitting.is_refused();
            self.learn(execution, cancel)?;
            execution.fitting.note_refusal(&execution.values);
            let markers = execution.fitting.markers.clone();
            self.keep(execution, markers.filter(|_| !is_outdated));
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
    fn learn(
        &mut self,
        execution: &mut ParameterExecution,
        cancel: &CancellationToken,
    ) -> Result<(), Error> {
        if execution.fitting.markers.is_some() {
            return Ok(());
        }
        let wait = self.wait(cancel.clone());
        let types = match parameter::types(&self.session, &execution.sql, &wait) {
            Ok(types) => types,
            // It could not tell; what it says of the statement itself is the better answer.
            Err(session::Error::Server(_) | session::Error::Protocol { .. }) => Arc::default(),
            Err(error) => return Err(error.into()),
        };
        execution.fitting.note_types(types);
        Ok(())
    }

    /// Keeps what is known of the markers for later executions: of what was prepared, and of the same text.
    fn keep(&mut self, execution: &mut ParameterExecution, markers: Option<Markers>) {
        // Types of which the server told nothing may be told the next time.
        let markers = markers.filter(|markers| !markers.types.is_empty());
        let prepared = execution.prepared.as_mut().into_iter();
        for prepared in prepared.chain(self.state.prepared_mut()) {
            prepared.parameters.clone_from(&markers);
        }
        self.learned = markers.map(|markers| (Arc::clone(execution.sql.text()), markers));
    }
}
