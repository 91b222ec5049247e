//! The words that say what a statement does.

use super::lexer::Token;

/// What a statement does, by its first word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// SELECT.
    Select,
    /// VALUES.
    Values,
    /// TABLE, which is all rows of one.
    Table,
    /// WITH before a query.
    With,
    /// WITH before a change.
    WithChange,
    /// SHOW.
    Show,
    /// DESCRIBE or DESC.
    Describe,
    /// EXPLAIN, which runs nothing.
    Explain,
    /// EXPLAIN ANALYZE, which runs the statement.
    ExplainAnalyze,
    /// INSERT.
    Insert,
    /// UPDATE.
    Update,
    /// DELETE.
    Delete,
    /// MERGE.
    Merge,
    /// TRUNCATE.
    Truncate,
    /// CREATE.
    Create,
    /// DROP.
    Drop,
    /// ALTER.
    Alter,
    /// COMMENT.
    Comment,
    /// ANALYZE, which collects statistics.
    Analyze,
    /// REFRESH of a materialized view.
    Refresh,
    /// CALL.
    Call,
    /// GRANT.
    Grant,
    /// REVOKE.
    Revoke,
    /// DENY.
    Deny,
    /// SET of the session, a role, a path or a time zone.
    Set,
    /// RESET.
    Reset,
    /// USE.
    Use,
    /// START TRANSACTION.
    Start,
    /// COMMIT.
    Commit,
    /// ROLLBACK.
    Rollback,
    /// PREPARE.
    Prepare,
    /// DEALLOCATE.
    Deallocate,
    /// EXECUTE or EXECUTE IMMEDIATE.
    Execute,
    /// No word that is known.
    Other,
}

/// What a statement creates, drops or alters, by the word after the verb's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Object {
    /// A table.
    Table,
    /// A view, materialized or not.
    View,
    /// A schema.
    Schema,
    /// Anything else, or nothing.
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
        const BETWEEN: [&str; 3] = ["OR", "REPLACE", "MATERIALIZED"];
        if BETWEEN.iter().any(|word| token.is_word(word)) {
            return None;
        }
        Some(if token.is_word("TABLE") {
            Self::Table
        } else if token.is_word("VIEW") {
            Self::View
        } else if token.is_word("SCHEMA") {
            Self::Schema
        } else {
            Self::Other
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
