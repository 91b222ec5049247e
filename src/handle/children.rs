//! The handles that were allocated on a connection and end with it.

use parking_lot::Mutex;

use super::Token;

/// Statements and explicit descriptors of one connection. Shared by the connection and its statements, so that freeing a
/// statement needs no lock of the connection.
#[derive(Debug, Default)]
pub struct Children {
    statements: Mutex<Vec<Token>>,
    descriptors: Mutex<Vec<Token>>,
}

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

    /// Takes the descriptors out.
    pub fn take_descriptors(&self) -> Vec<Token> {
        std::mem::take(&mut *self.descriptors.lock())
    }
}
