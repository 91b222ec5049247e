//! Adapts values to the types that the server expects.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;
use trino_client::session;

use super::dynamic_function::dynamic_function;
use super::markers::Markers;
use super::parameter_execution::ParameterExecution;
use super::{Prepared, Statement, parameter};
use crate::diagnostics::Error;

impl Statement {
    /// Runs the current set, whose values are complete.
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
                // The server does not describe the parameter. An untyped NULL may still work.
                execution.fitting.note_refusal(&execution.values);
                if !error.is_about_types() || !execution.refit()? {
                    return Err(error.into());
                }
            }
        }
    }

    /// Learns the types that the current set must have before running it, if a failure would lose
    /// earlier changes.
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

    /// Learns how to write the values from an error of a statement that did not run.
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
            // Then the known types are outdated, for example after a change of the table.
            let is_outdated = execution.fitting.is_refused();
            self.learn(execution, cancel)?;
            execution.fitting.note_refusal(&execution.values);
            let markers = execution.fitting.markers.clone();
            self.keep(execution, markers.filter(|_| !is_outdated));
        }
        Ok(())
    }

    /// The known types of a statement's parameter markers.
    pub(super) fn known_markers(
        &self,
        sql: &Arc<str>,
        prepared: Option<&Prepared>,
    ) -> Option<Markers> {
        if let Some(described) = prepared.and_then(|prepared| prepared.parameters.as_ref()) {
            return Some(described.clone());
        }
        let learned = self.learned.as_ref().filter(|(text, _)| text == sql);
        learned.map(|(_, markers)| markers.clone())
    }

    /// Has the server describe the parameter markers, once.
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
            // The error of the statement itself is more useful.
            Err(session::Error::Server(_) | session::Error::Protocol { .. }) => Arc::default(),
            Err(error) => return Err(error.into()),
        };
        execution.fitting.note_types(types);
        Ok(())
    }

    /// Keeps the types of the markers for later executions of the prepared statement and of the
    /// same text.
    fn keep(&mut self, execution: &mut ParameterExecution, markers: Option<Markers>) {
        // If the server described nothing, try again next time.
        let markers = markers.filter(|markers| !markers.types.is_empty());
        let prepared = execution.prepared.as_mut().into_iter();
        for prepared in prepared.chain(self.state.prepared_mut()) {
            prepared.parameters.clone_from(&markers);
        }
        self.learned = markers.map(|markers| (Arc::clone(execution.sql.text()), markers));
    }
}
