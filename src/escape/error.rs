//! What can be wrong with an escape sequence.

use super::datetime::Form;

/// An escape sequence that cannot be translated, and where it begins, both counted from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}:{column}: {problem}")]
pub struct EscapeError {
    /// The line.
    pub line: usize,
    /// The character of the line.
    pub column: usize,
    /// What is wrong there.
    pub problem: Problem,
}

impl EscapeError {
    pub(super) fn new(sql: &str, offset: usize, problem: Problem) -> Self {
        let before = sql.get(..offset).unwrap_or_default();
        let last = before.rsplit('\n').next().unwrap_or_default();
        Self {
            line: before.matches('\n').count() + 1,
            column: last.chars().count() + 1,
            problem,
        }
    }
}

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// `{` without `}`.
    #[error("The escape sequence has no closing brace.")]
    Unclosed,
    /// `(` without `)`.
    #[error("The escape sequence has a parenthesis that is not closed.")]
    Parenthesis,
    /// Its first word is none of ODBC's.
    #[error("Unknown escape sequence {{{0} …}}.")]
    Unknown(String),
    /// Escape sequences within each other, beyond a limit that spares the stack.
    #[error("Escape sequences are nested too deeply.")]
    TooDeep,
    /// Its parts are not those that it has; the second field shows them.
    #[error("The escape sequence {0} must have the form {1}.")]
    Form(&'static str, &'static str),
    /// Something else than a string literal.
    #[error("The escape sequence {0} must contain a string literal and nothing else.")]
    Literal(&'static str),
    /// The one problem that is about a value.
    #[error("{1} is not a valid {word}; write it like {example}.", word = .0.keyword().to_ascii_lowercase(), example = .0.example())]
    Datetime(Form, String),
    /// `{?=call …}`.
    #[error("Trino's procedures return no value: write {{call …}} without '?='.")]
    ReturnValue,
    /// The second argument of CONVERT.
    #[error(
        "CONVERT has no type {0}; use SQL_BIGINT, SQL_VARCHAR, SQL_TYPE_DATE or another SQL type."
    )]
    Type(String),
    /// The first argument of TIMESTAMPADD and TIMESTAMPDIFF.
    #[error(
        "{0} is not an interval of TIMESTAMPADD and TIMESTAMPDIFF; use SQL_TSI_DAY, SQL_TSI_MONTH or another SQL_TSI interval."
    )]
    Interval(String),
}
