//! The words that say what a statement does.

use super::lexer::Token;

/// What a statement does, by its first word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    Select,
    Values,
    Table,
    /// WITH before a query.
    With,
    /// WITH before a change.
    WithChange,
    Show,
    Describe,
    Explain,
    ExplainAnalyze,
    Insert,
    Update,
    Delete,
    Merge,
    Truncate,
    Create,
    Drop,
    Alter,
    Comment,
    Analyze,
    Refresh,
    Call,
    Grant,
    Revoke,
    Deny,
    Set,
    Reset,
    Use,
    Start,
    Commit,
    Rollback,
    Prepare,
    Deallocate,
    Execute,
    /// No word that is known.
    Other,
}

/// What a statement creates, drops or alters, by the word after the verb's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Object {
    Table,
    View,
    Schema,
    #[default]
    Other,
}

impl Verb {
    pub(super) fn of(token: &Token<'_>) -> Self {
        let known = VERBS.iter().find(|(word, _)| token.is_word(word));
        known.map_or(Self::Other, |(_, verb)| *verb)
    }
}

impl Object {
    /// What a token names; `None` where another word says: `CREATE OR REPLACE VIEW`, `CREATE MATERIALIZED VIEW`.
    pub(super) fn of(token: &Token<'_>) -> Option<Self> {
        let is = |word| token.is_word(word);
        if is("OR") || is("REPLACE") || is("MATERIALIZED") {
            return None;
        }
        Some(match () {
            () if is("TABLE") => Self::Table,
            () if is("VIEW") => Self::View,
            () if is("SCHEMA") => Self::Schema,
            () => Self::Other,
        })
    }
}

const VERBS: &[(&str, Verb)] = &[
    ("SELECT", Verb::Select),
    ("WITH", Verb::With),
    ("INSERT", Verb::Insert),
    ("VALUES", Verb::Values),
    ("TABLE", Verb::Table),
    ("SHOW", Verb::Show),
    ("DESCRIBE", Verb::Describe),
    ("DESC", Verb::Describe),
    ("EXPLAIN", Verb::Explain),
    ("UPDATE", Verb::Update),
    ("DELETE", Verb::Delete),
    ("MERGE", Verb::Merge),
    ("TRUNCATE", Verb::Truncate),
    ("CREATE", Verb::Create),
    ("DROP", Verb::Drop),
    ("ALTER", Verb::Alter),
    ("COMMENT", Verb::Comment),
    ("ANALYZE", Verb::Analyze),
    ("REFRESH", Verb::Refresh),
    ("CALL", Verb::Call),
    ("GRANT", Verb::Grant),
    ("REVOKE", Verb::Revoke),
    ("DENY", Verb::Deny),
    ("SET", Verb::Set),
    ("RESET", Verb::Reset),
    ("USE", Verb::Use),
    ("START", Verb::Start),
    ("COMMIT", Verb::Commit),
    ("ROLLBACK", Verb::Rollback),
    ("PREPARE", Verb::Prepare),
    ("DEALLOCATE", Verb::Deallocate),
    ("EXECUTE", Verb::Execute),
];
