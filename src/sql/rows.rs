//! An INSERT whose rows are written out, said for many sets of values at once.
//!
//! `INSERT INTO t VALUES (?, upper(?))` becomes `INSERT INTO t VALUES (1, upper('a')), (2, upper('b'))`. The statement is
//! a new one, made of literals and of the application's text between its parameters; nothing inside of a string, a name
//! or a comment is touched, because the parameters are tokens of the lexer. A literal stands only where it cannot run
//! together with what is beside it, and what would mean something else when it stands twice is not taken at all.
//!
//! Literals, not `USING` with thousands of values: both take the server the same time (half a millisecond a row), but
//! literals need a seventh less of the text that it allows, and no header on servers that are old.

use super::insert::Insert;
use super::lexer::{Token, TokenKind, tokens};

/// The text of an INSERT around the values of its parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rows {
    /// The statement up to its rows.
    head: String,
    /// What stands before each parameter, and after the last.
    pieces: Vec<String>,
}

impl Rows {
    /// Reads an INSERT that can be said for many sets at once; absent for any other statement.
    pub fn parse(sql: &str) -> Option<Self> {
        let insert = Insert::parse(sql)?;
        let count = insert.places.len();
        let mut pieces = vec![String::new()];
        let mut before: Option<Token<'_>> = None;
        for token in tokens(insert.rows) {
            // A query among the values would not see the rows of the sets before.
            if QUERIES.iter().any(|word| token.is_word(word)) {
                return None;
            }
            let piece = pieces.last_mut()?;
            if token.kind == TokenKind::Parameter {
                // `DATE ?` and `U&?` are no literals, whatever stands for the parameter.
                before.filter(|before| BEFORE_VALUES.iter().any(|it| before.is_symbol(it)))?;
                pieces.push(String::new());
            } else {
                let after_value = before.is_some_and(|before| before.kind == TokenKind::Parameter);
                if after_value && token.is_significant() {
                    match token.kind {
                        TokenKind::Symbol => {}
                        TokenKind::Word => piece.push(' '),
                        _ => return None,
                    }
                }
                piece.push_str(token.text);
            }
            if token.is_significant() {
                before = Some(token);
            }
        }
        (pieces.len() == count + 1 && count > 0).then(|| Self {
            head: insert.head.to_owned(),
            pieces,
        })
    }

    /// The statement up to its rows.
    pub fn head(&self) -> &str {
        &self.head
    }

    /// What stands before each parameter, and after the last.
    pub(super) fn pieces(&self) -> &[String] {
        &self.pieces
    }

    /// Appends the rows of one set of literals to those that `text` has.
    pub fn push(&self, literals: &[impl AsRef<str>], text: &mut String) {
        if !text.is_empty() {
            text.push_str(", ");
        }
        for (piece, literal) in self.pieces.iter().zip(literals) {
            text.push_str(piece);
            text.push_str(literal.as_ref());
        }
        if let Some(last) = self.pieces.last() {
            text.push_str(last);
        }
    }
}

const BEFORE_VALUES: &[&str] = &["(", ",", "[", "+", "-", "*", "/", "%", "=", "<", ">", "|"];

const QUERIES: &[&str] = &["SELECT", "TABLE", "VALUES"];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Rows;
    use crate::sql::{TokenKind, parameter_count, tokens};

    fn said(sql: &str, sets: &[&[&str]]) -> Option<String> {
        let rows = Rows::parse(sql)?;
        let mut text = String::new();
        for set in sets {
            let literals: Vec<_> = set.iter().map(|&literal| literal.to_owned()).collect();
            rows.push(&literals, &mut text);
        }
        Some(format!("{}{text}", rows.head()))
    }

    #[test]
    fn each_set_has_its_rows() {
        let sql =
            "INSERT INTO \"a?\".t /* ? */ (x, y) VALUES -- ?\n (?, upper(?), '?'), (3, ?, '')";
        let sets: [&[&str]; 2] = [&["1", "'it''s'", "NULL"], &["2", "'?'", "X'00'"]];
        assert_eq!(
            said(sql, &sets).unwrap(),
            "INSERT INTO \"a?\".t /* ? */ (x, y) VALUES -- ?\n (1, upper('it''s'), '?'), (3, NULL, ''), \
             (2, upper('?'), '?'), (3, X'00', '')"
        );
    }

    #[test]
    fn a_literal_stays_apart_from_what_is_beside_it() {
        let sql = "INSERT INTO t VALUES (CAST(?AS bigint), -?)";
        assert_eq!(
            said(sql, &[&["true", "1"]]).unwrap(),
            "INSERT INTO t VALUES (CAST(true AS bigint), -1)"
        );
        for sql in [
            "INSERT INTO t VALUES (DATE ?)",
            "INSERT INTO t VALUES (X?)",
            "INSERT INTO t VALUES (U&?)",
            "INSERT INTO t VALUES (?'a')",
            "INSERT INTO t VALUES (??)",
            "INSERT INTO t VALUES (? ?)",
            "INSERT INTO t VALUES (? /* */ \"a\")",
        ] {
            assert_eq!(Rows::parse(sql), None, "{sql}");
        }
    }

    #[test]
    fn what_cannot_be_repeated_is_left_alone() {
        for sql in [
            "INSERT INTO t VALUES (1)",
            "INSERT INTO t SELECT ?",
            "INSERT INTO t VALUES (?, (SELECT max(a) FROM t))",
            "UPDATE t SET a = ?",
        ] {
            assert_eq!(Rows::parse(sql), None, "{sql}");
        }
    }

    proptest! {
        #[test]
        fn values_stand_where_parameters_stood(rest in "([?,()a1.+ '\"\n-]|/\\*|\\*/)*") {
            let sql = format!("INSERT INTO t VALUES ({rest})");
            if let Some(rows) = Rows::parse(&sql) {
                let count = parameter_count(&sql);
                let mut text = String::new();
                rows.push(&vec!["'v'".to_owned(); count], &mut text);
                let said = format!("{}{text}", rows.head());
                let found = tokens(&said)
                    .filter(|token| token.kind == TokenKind::String && token.text == "'v'")
                    .count();
                prop_assert!(found >= count);
                prop_assert_eq!(parameter_count(&said), 0);
            }
        }
    }
}
