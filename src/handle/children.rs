//! The handles that were allocated on a connection and end with it.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use parking_lot::Mutex;

use super::Token;

/// Statements and explicit descriptors of one connection. Shared by the connection and its statements, so that freeing a
/// statement needs no lock of the connection.
#[derive(Debug, Default)]
pub struct Children {
    statements: Mutex<HashSet<Token>>,
    descriptors: Mutex<HashSet<Token>>,
    cursor_names: Mutex<HashSet<String>>,
    cursors: AtomicUsize,
}

/// An open cursor, counted on its connection until it is dropped.
#[derive(Debug)]
pub struct OpenCursor(Arc<Children>);

impl Children {
    /// Notes a statement.
    pub fn add_statement(&self, token: Token) {
        self.statements.lock().insert(token);
    }

    /// Forgets a statement.
    pub fn remove_statement(&self, token: Token) {
        self.statements.lock().remove(&token);
    }

    /// Notes an explicit descriptor.
    pub fn add_descriptor(&self, token: Token) {
        self.descriptors.lock().insert(token);
    }

    /// Forgets an explicit descriptor.
    pub fn remove_descriptor(&self, token: Token) {
        self.descriptors.lock().remove(&token);
    }

    /// Whether a statement is one of them.
    pub fn has_statement(&self, token: Token) -> bool {
        self.statements.lock().contains(&token)
    }

    /// The statements as of now.
    pub fn statements(&self) -> Vec<Token> {
        self.statements.lock().iter().copied().collect()
    }

    /// The explicit descriptors as of now.
    pub fn descriptors(&self) -> Vec<Token> {
        self.descriptors.lock().iter().copied().collect()
    }

    /// Takes the statements out.
    pub fn take_statements(&self) -> HashSet<Token> {
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
        self.cursor_names.lock().insert(name.to_owned())
    }

    /// Leaves the name of a cursor to others.
    pub fn release_cursor_name(&self, name: &str) {
        self.cursor_names.lock().remove(name);
    }

    /// Takes the descriptors out.
    pub fn take_descriptors(&self) -> HashSet<Token> {
        std::mem::take(&mut *self.descriptors.lock())
    }
}

impl Drop for OpenCursor {
    fn drop(&mut self) {
        self.0.cursors.fetch_sub(1, Ordering::AcqRel);
    }
}
