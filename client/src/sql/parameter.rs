//! Parameter markers of a statement, and the statement that gives them values.
//!
//! Values never become part of the application's text: it travels as a string literal, or under another name, and
//! the values follow it.

use super::lexer::{Token, TokenKind, tokens};
use super::quote::literal;

/// The significant tokens of a statement, and whether each is a parameter marker.
pub(super) fn marked(sql: &str) -> impl Iterator<Item = (Token<'_>, bool)> {
    let mut markers = Markers::default();
    for token in tokens(sql).filter(Token::is_significant) {
        markers.read(&token);
    }
    let places = markers.places();
    let tokens = tokens(sql).filter(Token::is_significant);
    tokens.map(move |token| {
        let is_marker = places.binary_search(&token.start).is_ok();
        (token, is_marker)
    })
}

/// The question marks among some significant tokens. Only the last of them says which are markers.
#[derive(Default)]
pub(super) struct Markers {
    /// Whether the first word is PREPARE, whose markers are for the EXECUTE of what it prepares.
    prepares: Option<bool>,
    /// Where each begins, and whether it stands in a pattern.
    marks: Vec<(usize, bool)>,
    pattern: Pattern,
    /// A pattern has definitions of its variables; elsewhere its word is a name like any other.
    has_definitions: bool,
}

impl Markers {
    /// Takes the next token.
    pub(super) fn read(&mut self, token: &Token<'_>) {
        if self.prepares.is_none() && !token.is_symbol("(") {
            self.prepares = Some(token.is_word("PREPARE"));
        }
        self.pattern = self.pattern.after(token);
        match token.kind {
            TokenKind::Parameter => self.marks.push((token.start, self.pattern.is_inside())),
            TokenKind::Word => self.has_definitions |= token.is_word("DEFINE"),
            _ => {}
        }
    }

    /// Where the markers begin, in bytes.
    pub(super) fn places(self) -> Vec<usize> {
        if self.prepares == Some(true) {
            return Vec::new();
        }
        let marks = self.marks.into_iter();
        marks
            .filter(|(_, in_pattern)| !(*in_pattern && self.has_definitions))
            .map(|(start, _)| start)
            .collect()
    }
}

/// Values for the markers of `sql` that say nothing of themselves: NULL, and 1 where the server takes numbers only.
pub fn nulls(sql: &str) -> Vec<&'static str> {
    let mut counts = false;
    let mut values = Vec::new();
    for (token, is_marker) in marked(sql) {
        if is_marker {
            values.push(if counts { "1" } else { "NULL" });
        }
        let words = ["LIMIT", "OFFSET", "FIRST", "NEXT"];
        counts = words.iter().any(|word| token.is_word(word));
    }
    values
}

/// The statement that runs `sql` with these values, each a literal of Trino.
pub fn execute_immediate(sql: &str, values: &[impl AsRef<str>]) -> String {
    format!("EXECUTE IMMEDIATE {}{}", literal(sql), using(values))
}

/// The statement that runs the prepared statement `name` with these values.
pub fn execute(name: &str, values: &[impl AsRef<str>]) -> String {
    format!("EXECUTE {name}{}", using(values))
}

fn using(values: &[impl AsRef<str>]) -> String {
    let mut text = String::new();
    for (index, value) in values.iter().enumerate() {
        text.push_str(if index == 0 { " USING " } else { ", " });
        text.push_str(value.as_ref());
    }
    text
}

/// Whether a token stands in a row pattern.
#[derive(Debug, Clone, Copy, Default)]
enum Pattern {
    #[default]
    None,
    /// After the word that begins one.
    Named,
    /// So many parentheses deep.
    Inside(usize),
}

impl Pattern {
    fn is_inside(self) -> bool {
        matches!(self, Self::Inside(_))
    }

    fn after(self, token: &Token<'_>) -> Self {
        match self {
            Self::Inside(depth) if token.is_symbol("(") => Self::Inside(depth + 1),
            Self::Inside(1) if token.is_symbol(")") => Self::None,
            Self::Inside(depth) if token.is_symbol(")") => Self::Inside(depth - 1),
            Self::Inside(depth) => Self::Inside(depth),
            Self::Named if token.is_symbol("(") => Self::Inside(1),
            _ if token.is_word("PATTERN") => Self::Named,
            _ => Self::None,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{execute, execute_immediate, nulls};
    use crate::sql::{Statement, identifier, literal};

    fn parameter_count(sql: &str) -> usize {
        Statement::parse(sql).parameters()
    }

    #[test]
    fn markers_are_counted_where_values_may_stand() {
        for (sql, count) in [
            ("SELECT 1", 0),
            ("SELECT ?", 1),
            ("SELECT * FROM t WHERE a=? AND b<?", 2),
            ("INSERT INTO t VALUES (?,?),(?,?)", 4),
            ("SELECT '?', 'it''s ?', ?", 1),
            ("SELECT \"a?\", \"b\"\"?\" FROM t", 0),
            ("SELECT U&'\\003f?', U&'?' UESCAPE '!', ?", 1),
            ("SELECT X'3F', ? -- why?\n, ? /* ? */", 2),
            ("SELECT '? ", 0),
            ("/* ? */", 0),
            ("", 0),
            ("-- ?\nprepare p FROM SELECT ?", 0),
        ] {
            assert_eq!(parameter_count(sql), count, "{sql}");
        }
    }

    #[test]
    fn a_quantifier_of_a_row_pattern_is_no_marker() {
        let sql = "SELECT ? FROM t MATCH_RECOGNIZE (PATTERN (A? (B C??)*? D) DEFINE A AS x > ?)";
        assert_eq!(parameter_count(sql), 2);
        assert_eq!(parameter_count("SELECT pattern(?)"), 1);
    }

    #[test]
    fn markers_that_count_rows_are_numbers_and_others_null() {
        assert_eq!(
            nulls("SELECT ?, '?' FROM t WHERE a = ? OFFSET ? ROWS FETCH FIRST ? ROWS ONLY"),
            ["NULL", "NULL", "1", "1"]
        );
        assert_eq!(nulls("SELECT ? AS \"LIMIT\" LIMIT ?"), ["NULL", "1"]);
        assert!(nulls("SELECT 1").is_empty());
    }

    #[test]
    fn the_text_travels_as_a_literal_and_values_after_it() {
        let values = ["BIGINT '1'".to_owned(), "'it''s'".to_owned()];
        assert_eq!(
            execute_immediate("SELECT 'a' || ?, ?", &values),
            "EXECUTE IMMEDIATE 'SELECT ''a'' || ?, ?' USING BIGINT '1', 'it''s'"
        );
        assert_eq!(execute("p", &values[..1]), "EXECUTE p USING BIGINT '1'");
        assert_eq!(execute("p", &[""; 0]), "EXECUTE p");
    }

    proptest! {
        #[test]
        fn what_is_quoted_has_no_markers(text in "([?'\"`;{}a\n-]|/\\*|\\*/|\\$\\$)*") {
            prop_assert_eq!(parameter_count(&literal(&text)), 0);
            prop_assert_eq!(parameter_count(&identifier(&text)), 0);
            prop_assert!(parameter_count(&text) <= text.matches('?').count());
        }
    }
}
