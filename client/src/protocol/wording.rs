//! Trino's sentences: everything that the driver reads from the English of an error message.
//!
//! An error has a name (`TYPE_MISMATCH`), but the same name may come from the engine before
//! anything ran and from a connector while it writes, and some facts, such as a limit or the place
//! of a fault, stand in the message alone. All code that depends on the words is in this file, with
//! the sentences that a server sends as test data. If a later server words them differently, the
//! tests of this file are the place to start.

use super::QueryError;

/// Where in a statement an error is, both counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The line of the statement's text.
    pub line: usize,
    /// The character of the line.
    pub column: usize,
}

impl QueryError {
    /// The place that the message begins with: `line 1:8: Column 'a' cannot be resolved`.
    ///
    /// The analyzer names a place in every message, and it runs before anything of the statement
    /// does. Most errors from execution, and those from connectors, name none.
    pub fn place(&self) -> Option<Place> {
        Some(split_place(&self.message)?.0)
    }

    /// Replaces the place that the message begins with, if it begins with one; `None` removes it.
    pub fn set_place(&mut self, place: Option<Place>) {
        if let Some((_, words)) = split_place(&self.message) {
            self.message = match place {
                Some(Place { line, column }) => format!("line {line}:{column}: {words}"),
                None => words.to_owned(),
            };
        }
    }

    /// Whether the server refused a statement for the type of a value in it, before anything ran.
    pub fn is_about_types(&self) -> bool {
        let names = ["TYPE_MISMATCH", "FUNCTION_NOT_FOUND"];
        names.contains(&self.name.as_str()) && self.place().is_some()
    }

    /// Whether the server refused a statement, before anything ran, because a NULL in it fits
    /// several functions or operators.
    pub fn is_ambiguous(&self) -> bool {
        self.name == "AMBIGUOUS_FUNCTION_CALL"
    }

    /// Whether the server refused a statement for values that are written in it, before it stored
    /// any of them.
    ///
    /// Types are checked before anything runs, and all rows of a VALUES are computed before the
    /// first is written. A connector may raise errors of the same names while it writes, in other
    /// words.
    pub fn is_about_values(&self) -> bool {
        let words: &[&str] = match self.name.as_str() {
            "TYPE_MISMATCH" | "INVALID_LITERAL" => return self.place().is_some(),
            "DIVISION_BY_ZERO" => &["Division by zero"],
            "INVALID_CAST_ARGUMENT" => &[
                "Cannot cast ",
                "Cannot truncate ",
                "Value cannot be cast to ",
            ],
            "INVALID_FUNCTION_ARGUMENT" => {
                &["Array subscript must be ", "Cannot convert value to JSON"]
            }
            "NUMERIC_VALUE_OUT_OF_RANGE" => &["Out of range for "],
            _ => return false,
        };
        words.iter().any(|words| self.message.contains(words))
    }

    /// Whether the server refused a value while it stored it, when it may have stored others of the
    /// statement.
    pub fn is_about_storing(&self) -> bool {
        self.message.ends_with(" on INSERT")
    }

    /// Whether a text was too long for what it was cast to, as for the column that stores it.
    pub fn is_about_truncation(&self) -> bool {
        self.name == "INVALID_CAST_ARGUMENT" && self.message.starts_with("Cannot truncate ")
    }

    /// Whether the server, or a connector, does not support what a statement does.
    pub fn is_about_support(&self) -> bool {
        self.name == "NOT_SUPPORTED"
    }

    /// Whether the server refused the form of a statement, before anything ran.
    pub fn is_about_form(&self) -> bool {
        match self.name.as_str() {
            "SYNTAX_ERROR"
            | "TYPE_MISMATCH"
            | "FUNCTION_NOT_FOUND"
            | "AMBIGUOUS_FUNCTION_CALL"
            | "EXPRESSION_NOT_SCALAR"
            | "TYPE_NOT_FOUND"
            | "INVALID_ARGUMENTS"
            | "NOT_SUPPORTED" => self.place().is_some(),
            // Expressions are compiled before they see a value.
            "COMPILER_ERROR" => true,
            _ => false,
        }
    }

    /// The characters that a statement may have, if it was refused for having more.
    pub fn text_limit(&self) -> Option<usize> {
        if self.name != "QUERY_TEXT_TOO_LARGE" {
            return None;
        }
        let (_, limit) = self.message.rsplit_once('(')?;
        limit.trim_end_matches([')', '.']).parse().ok()
    }

    /// The catalog that the server could not list, and why. Only the message says so.
    pub fn unlisted_catalog(&self) -> Option<(&str, &str)> {
        let (subject, rest) = self.message.split_once(" for catalog ")?;
        let (catalog, reason) = rest.split_once(": ")?;
        let is_listing = subject.starts_with("Error listing ") && !catalog.is_empty();
        is_listing.then_some((catalog, reason))
    }
}

/// The error of a prepared statement that cannot be parsed. The server answers with status 400 to
/// the header that holds the text, in words that end with the error of the statement.
pub fn syntax_error_in_header(words: &str) -> Option<QueryError> {
    let message = words.get(words.find("line ")?..)?;
    Some(QueryError {
        message: message.to_owned(),
        code: 1,
        name: "SYNTAX_ERROR".to_owned(),
        error_type: "USER_ERROR".to_owned(),
        ..QueryError::default()
    })
}

/// Whether a message says that a page of rows did not fit a segment, which is a fault of Trino 477
/// to 482 (`SpoolingPagePartitioner`).
pub(super) fn is_about_partition_size(message: &str) -> bool {
    message.contains("Current partition size ") && message.contains(" is larger than target size ")
}

/// The place and the words of `line 1:8: Column 'a' cannot be resolved`.
fn split_place(message: &str) -> Option<(Place, &str)> {
    let (place, words) = message.strip_prefix("line ")?.split_once(": ")?;
    let (line, column) = place.split_once(':')?;
    let (line, column) = (line.parse().ok()?, column.parse().ok()?);
    Some((Place { line, column }, words))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(name: &str, message: &str) -> QueryError {
        QueryError {
            message: message.to_owned(),
            name: name.to_owned(),
            ..QueryError::default()
        }
    }

    /// What the predicates read from one of the server's sentences.
    #[derive(Debug, Default, PartialEq, Eq)]
    struct Reading {
        types: bool,
        values: bool,
        storing: bool,
        form: bool,
    }

    const NOTHING: Reading = Reading {
        types: false,
        values: false,
        storing: false,
        form: false,
    };
    const VALUES: Reading = Reading {
        values: true,
        ..NOTHING
    };
    const FORM: Reading = Reading {
        form: true,
        ..NOTHING
    };

    /// Sentences of Trino 476, as it answers statements such as `SELECT 1 + 'a'`.
    const SENTENCES: &[(&str, &str, Reading)] = &[
        (
            "TYPE_MISMATCH",
            "line 1:10: Cannot apply operator: integer + varchar(1)",
            Reading {
                types: true,
                values: true,
                form: true,
                ..NOTHING
            },
        ),
        (
            "TYPE_MISMATCH",
            "line 1:1: Insert query has mismatched column types: Table: [tinyint], Query: [varchar(1)]",
            Reading {
                types: true,
                values: true,
                form: true,
                ..NOTHING
            },
        ),
        (
            "FUNCTION_NOT_FOUND",
            "line 1:8: Unexpected parameters (integer) for function length. Expected: length(char(x))",
            Reading {
                types: true,
                form: true,
                ..NOTHING
            },
        ),
        (
            "AMBIGUOUS_FUNCTION_CALL",
            "line 1:13: Could not choose a best candidate operator. Explicit type casts must be added.",
            FORM,
        ),
        (
            "SYNTAX_ERROR",
            "line 1:1: mismatched input 'SELEC'. Expecting: 'ALTER'",
            FORM,
        ),
        (
            "INVALID_LITERAL",
            "line 1:8: 'x' is not a valid DATE literal",
            VALUES,
        ),
        ("DIVISION_BY_ZERO", "Division by zero", VALUES),
        ("INVALID_CAST_ARGUMENT", "Cannot cast 'x' to BIGINT", VALUES),
        (
            "INVALID_CAST_ARGUMENT",
            "Value cannot be cast to date: 2020-13-01",
            VALUES,
        ),
        (
            "INVALID_CAST_ARGUMENT",
            "Cannot truncate non-space characters when casting from varchar(7) to varchar(3) on INSERT",
            Reading {
                values: true,
                storing: true,
                ..NOTHING
            },
        ),
        (
            "NUMERIC_VALUE_OUT_OF_RANGE",
            "Out of range for tinyint: 300",
            VALUES,
        ),
        (
            "INVALID_FUNCTION_ARGUMENT",
            "Array subscript must be less than or equal to array length: 2 > 1",
            VALUES,
        ),
        (
            "INVALID_FUNCTION_ARGUMENT",
            "Cannot convert value to JSON: '{'",
            VALUES,
        ),
        (
            "NOT_SUPPORTED",
            "This connector does not support modifying table rows",
            NOTHING,
        ),
        (
            "CATALOG_NOT_FOUND",
            "line 1:15: Catalog 'nothere' not found",
            NOTHING,
        ),
    ];

    /// Sentences in which connectors refuse a value while they write it.
    const CONNECTORS: &[(&str, &str)] = &[
        ("INVALID_CAST_ARGUMENT", "Value must be between 0 and 255"),
        (
            "CONSTRAINT_VIOLATION",
            "NULL value not allowed for NOT NULL column: a",
        ),
        ("TYPE_MISMATCH", "cannot write bigint"),
    ];

    #[test]
    fn the_servers_sentences_are_read_as_they_are_meant() {
        let connectors = CONNECTORS
            .iter()
            .map(|(name, message)| (name, message, &NOTHING));
        let engine = SENTENCES
            .iter()
            .map(|(name, message, reading)| (name, message, reading));
        for (name, message, expected) in engine.chain(connectors) {
            let error = error(name, message);
            let reading = Reading {
                types: error.is_about_types(),
                values: error.is_about_values(),
                storing: error.is_about_storing(),
                form: error.is_about_form(),
            };
            assert_eq!(reading, *expected, "{name}: {message}");
        }
    }

    #[test]
    fn a_place_is_the_line_and_column_that_a_message_begins_with() {
        let column = "line 2:8: Column 'a': cannot be resolved";
        let mut error = error("COLUMN_NOT_FOUND", column);
        assert_eq!(error.place(), Some(Place { line: 2, column: 8 }));
        error.set_place(Some(Place { line: 1, column: 3 }));
        assert_eq!(error.message, "line 1:3: Column 'a': cannot be resolved");
        error.set_place(None);
        assert_eq!(error.message, "Column 'a': cannot be resolved");
        error.set_place(Some(Place { line: 1, column: 1 }));
        assert_eq!(error.message, "Column 'a': cannot be resolved");
        error.message = "line: a".to_owned();
        assert_eq!(error.place(), None);
    }

    /// A sentence of Trino 476.
    #[test]
    fn a_statement_that_is_too_long_states_the_limit() {
        let message = "Query text length (1000010) exceeds the maximum length (1000000)";
        let limit = |name, message| error(name, message).text_limit();
        assert_eq!(limit("QUERY_TEXT_TOO_LARGE", message), Some(1_000_000));
        assert_eq!(limit("QUERY_TEXT_TOO_LARGE", "too long"), None);
        assert_eq!(limit("SYNTAX_ERROR", message), None);
    }

    /// A sentence of Trino 476.
    #[test]
    fn a_statement_that_cannot_be_parsed_in_its_header_is_a_syntax_error() {
        let words = "Error 400 Bad Request: Invalid X-Trino-Prepared-Statement header: \
                     line 1:1: mismatched input 'SELEC'";
        let error = syntax_error_in_header(words).unwrap();
        assert_eq!(error.name, "SYNTAX_ERROR");
        assert_eq!(error.message, "line 1:1: mismatched input 'SELEC'");
        assert_eq!(syntax_error_in_header("Bad Request"), None);
    }

    /// A sentence of Trino 476 about a catalog whose database is down.
    #[test]
    fn the_server_names_the_catalog_that_it_cannot_list() {
        let unlisted = |message| {
            let error = error("GENERIC_INTERNAL_ERROR", message);
            let unlisted = error.unlisted_catalog();
            unlisted.map(|(catalog, reason)| (catalog.to_owned(), reason.to_owned()))
        };
        assert_eq!(
            unlisted("Error listing table columns for catalog broken: Connection to h:1 refused."),
            Some(("broken".to_owned(), "Connection to h:1 refused.".to_owned()))
        );
        for message in [
            "Connection to h:1 refused.",
            "Error listing tables",
            "line 1:1: Table 't' for catalog c: not found",
            "Error listing tables for catalog : x",
        ] {
            assert_eq!(unlisted(message), None, "{message}");
        }
    }
}
