//! The handles that were allocated on a connection and end with it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use parking_lot::Mutex;

use super::Token;

/// Statements and explicit descriptors of one connection. Shared by the connection and its statements, so that freeing a
/// statement needs no lock of the connection.
#[derive(Debug, Default)]
pub struct Children {
    statements: Mutex<Vec<Token>>,
    descriptors: Mutex<Vec<Token>>,
    cursor_names: Mutex<Vec<String>>,
    cursors: AtomicUsize,
}

/// An open cursor, counted on its connection until it is dropped.
#[derive(Debug)]
pub struct OpenCursor(Arc<Children>);

impl Children {
    /// Notes a statement.
    pub fn add_statement(&self, token: Token) {
        self.statements.lock().push(token);
    }

    /// Forgets a statement.
    pub fn remove_statement(&self, token: Token) {
        self.statements.lock().retain(|child| *child != token);
    }

    /// Notes an explicit descriptor.
    pub fn add_descriptor(&self, token: Token) {
        self.descriptors.lock().push(token);
    }

    /// Forgets an explicit descriptor.
    pub fn remove_descriptor(&self, token: Token) {
        self.descriptors.lock().retain(|child| *child != token);
    }

    /// The statements as of now.
    pub fn statements(&self) -> Vec<Token> {
        self.statements.lock().clone()
    }

    /// Takes the statements out.
    pub fn take_statements(&self) -> Vec<Token> {
        std::mem::take(&mut *self.statements.lock())
    }

    /// Counts an open cursor.
    pub fn open_cursor(self: &Arc<Self>) -> OpenCursor {
        self.cursors.fetch_add(1, Ordering::AcqRel);
        OpenCursor(Arc::clone(self))
    }

    /// Whether a cursor is open on any of the statements.
    pub fn has_open_cursor(&self) -> bool {
        self.cursors.load(Ordering::Acquire) > 0
    }

    /// Gives a cursor its name, unless another cursor of the connection has it.
    pub fn claim_cursor_name(&self, name: &str) -> bool {
        let mut names = self.cursor_names.lock();
        let is_new = !names.iter().any(|other| other == name);
        if is_new {
            names.push(name.to_owned());
        }
        is_new
    }

    /// Leaves the name of a cursor to others.
    pub fn release_cursor_name(&self, name: &str) {
        self.cursor_names.lock().retain(|other| other != name);
    }

    /// Takes the descriptors out.
    pub fn take_descriptors(&self) -> Vec<Token> {
        std::mem::take(&mut *self.descriptors.lock())
    }
}

impl Drop for OpenCursor {
    fn drop(&mut self) {
        self.0.cursors.fetch_sub(1, Ordering::AcqRel);
    }
}
