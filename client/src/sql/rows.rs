//! A statement that is said for many sets of values at once.
//!
//! `INSERT INTO t VALUES (?, upper(?))` becomes `INSERT INTO t VALUES (1, upper('a')), (2, upper('b'))`, and so does an
//! INSERT of a query that is one row of parameters and literals. `DELETE FROM t WHERE k = ?` becomes
//! `DELETE FROM t WHERE k = 1 OR k = 2`. The statement is a new one, made of literals and of the application's text
//! between its parameters; nothing inside of a string, a name or a comment is touched, because the parameters are tokens
//! of the lexer. A literal stands only where it cannot run together with what is beside it, and what would mean something
//! else when it stands twice is not taken at all.
//!
//! Literals, not `USING` with thousands of values: both take the server the same time (half a millisecond a row), but
//! literals need a seventh less of the text that it allows, and no header on servers that are old.
//!
//! A DELETE is taken where its condition is made of columns that are equal to parameters or literals. Such a condition is
//! true of a row whatever other rows there are, so that the rows which many of them delete one after the other, and their
//! number, are those of the disjunction; a NULL deletes nothing in either. Each disjunct is compared as it was alone:
//! unlike a list after IN, OR gives the values no common type. Connectors that delete by the values of columns take a
//! disjunction of one column as a set of values.
//!
//! Other statements are not taken, because they may do something else together:
//!
//! - `UPDATE … WHERE k = ?`: sets with the same key change a row one after the other and count it each time. One MERGE
//!   refuses them, and one CASE finds the first. Whether keys are the same only the server knows (CHAR has blanks at its
//!   end, numbers and times have zones, scales and coercions). CASE would give all values one type, and connectors that
//!   pass an UPDATE on take neither.
//! - MERGE: what one set inserts, the next one matches.
//! - `INSERT … SELECT` from tables: it may read what the sets before it inserted.

use super::insert::{AFTER_COLUMNS, Insert};
use super::lexer::{Token, TokenKind, tokens};

/// The text of a statement around the values of its parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rows {
    /// The statement up to what is there for each set.
    head: String,
    /// What stands before each parameter, and after the last.
    pieces: Vec<String>,
    /// What stands between sets.
    separator: &'static str,
    most: usize,
}

impl Rows {
    /// Reads a statement that can be said for many sets at once; absent for any other.
    pub fn parse(sql: &str) -> Option<Self> {
        match Insert::parse(sql) {
            Some(insert) if insert.rows.is_empty() => Self::of_query(sql, &insert),
            Some(insert) => Self::of_rows(&insert),
            None => Self::of_delete(sql),
        }
    }

    fn of_rows(insert: &Insert<'_>) -> Option<Self> {
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
            separator: ", ",
            most: usize::MAX,
        })
    }

    /// `INSERT INTO t SELECT ?, 'a' AS b`: the query is a row.
    fn of_query(sql: &str, insert: &Insert<'_>) -> Option<Self> {
        let query = sql.get(insert.head.len()..)?;
        let mut it = tokens(query).filter(Token::is_significant).peekable();
        it.next().filter(|token| token.is_word("SELECT"))?;
        let mut pieces = vec!["(".to_owned()];
        loop {
            let piece = pieces.last_mut()?;
            let value = it.next()?;
            match value.kind {
                TokenKind::Parameter => pieces.push(String::new()),
                _ if is_literal(&value) => piece.push_str(value.text),
                _ => return None,
            }
            // The name of a column in the query means nothing.
            if it.next_if(|token| token.is_word("AS")).is_some() {
                it.next().filter(is_name)?;
            } else {
                it.next_if(|token| is_name(token) && !is_end_of_list(token));
            }
            match it.next() {
                None => break,
                Some(token) if token.is_symbol(",") => pieces.last_mut()?.push_str(", "),
                Some(_) => return None,
            }
        }
        pieces.last_mut()?.push(')');
        (pieces.len() > 1 && pieces.len() == insert.places.len() + 1).then(|| Self {
            head: format!("{}VALUES ", insert.head),
            pieces,
            separator: ", ",
            most: usize::MAX,
        })
    }

    /// `DELETE FROM t WHERE a = ? AND b = 5`.
    fn of_delete(sql: &str) -> Option<Self> {
        let mut it = tokens(sql).filter(Token::is_significant).peekable();
        it.next().filter(|token| token.is_word("DELETE"))?;
        it.next().filter(|token| token.is_word("FROM"))?;
        names(&mut it)?;
        let head = it.next().filter(|token| token.is_word("WHERE"))?.end();
        let mut pieces = vec![String::new()];
        let mut conditions = 0;
        loop {
            if conditions > 0 {
                pieces.last_mut()?.push_str(" AND ");
            }
            let column = names(&mut it)?;
            pieces.last_mut()?.push_str(sql.get(column)?);
            it.next().filter(|token| token.is_symbol("="))?;
            pieces.last_mut()?.push_str(" = ");
            let value = it.next()?;
            match value.kind {
                TokenKind::Parameter => pieces.push(String::new()),
                _ if is_literal(&value) => pieces.last_mut()?.push_str(value.text),
                _ => return None,
            }
            conditions += 1;
            match it.next() {
                None => break,
                Some(token) if token.is_word("AND") => {}
                Some(_) => return None,
            }
        }
        if conditions > 1 {
            pieces.first_mut()?.insert(0, '(');
            pieces.last_mut()?.push(')');
        }
        (pieces.len() > 1).then(|| Self {
            head: format!("{} ", sql.get(..head).unwrap_or_default()),
            pieces,
            separator: " OR ",
            most: MOST_CONDITIONS,
        })
    }

    /// The statement up to what is there for each set.
    pub fn head(&self) -> &str {
        &self.head
    }

    /// What stands before each parameter, and after the last.
    pub(super) fn pieces(&self) -> &[String] {
        &self.pieces
    }

    /// Sets that one statement takes at most.
    pub fn most(&self) -> usize {
        self.most
    }

    /// Whether a set is a row to be inserted.
    pub fn inserts(&self) -> bool {
        self.separator == ", "
    }

    /// Appends one set of literals to those that `text` has.
    pub fn push(&self, literals: &[impl AsRef<str>], text: &mut String) {
        if !text.is_empty() {
            text.push_str(self.separator);
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

/// Reads a name of one part or several: where it stands.
fn names<'a>(
    it: &mut std::iter::Peekable<impl Iterator<Item = Token<'a>>>,
) -> Option<std::ops::Range<usize>> {
    let first = it.next().filter(is_name)?;
    let mut end = first.end();
    while it.next_if(|token| token.is_symbol(".")).is_some() {
        end = it.next().filter(is_name)?.end();
    }
    Some(first.start..end)
}

/// Whether a token may be a name, and none of the words that mean another value each time.
fn is_name(token: &Token<'_>) -> bool {
    match token.kind {
        TokenKind::QuotedIdentifier => true,
        TokenKind::Word => !NO_NAMES.iter().any(|word| token.is_word(word)),
        _ => false,
    }
}

/// Whether a token is a value by itself.
fn is_literal(token: &Token<'_>) -> bool {
    let is_word = ["NULL", "TRUE", "FALSE"]
        .iter()
        .any(|word| token.is_word(word));
    matches!(token.kind, TokenKind::Number | TokenKind::String) || is_word
}

fn is_end_of_list(token: &Token<'_>) -> bool {
    AFTER_COLUMNS.iter().any(|word| token.is_word(word))
}

/// Connectors to databases pass a set of values on up to 256, and a range in its place beyond that.
const MOST_CONDITIONS: usize = 200;

const NO_NAMES: &[&str] = &[
    "CURRENT_DATE",
    "CURRENT_TIME",
    "CURRENT_TIMESTAMP",
    "LOCALTIME",
    "LOCALTIMESTAMP",
    "NULL",
    "TRUE",
    "FALSE",
    "NOT",
];

const BEFORE_VALUES: &[&str] = &["(", ",", "[", "+", "-", "*", "/", "%", "=", "<", ">", "|"];

const QUERIES: &[&str] = &["SELECT", "TABLE", "VALUES"];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Rows;
    use crate::sql::{Statement, TokenKind, tokens};

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
    fn a_query_of_one_row_is_a_row() {
        for (sql, expected) in [
            (
                "INSERT INTO t SELECT ?, ?",
                "INSERT INTO t VALUES (1, 'a'), (2, NULL)",
            ),
            (
                "INSERT INTO t (a, b) SELECT ? AS x, 5, 'y' \"?\", ? z -- ?",
                "INSERT INTO t (a, b) VALUES (1, 5, 'y', 'a'), (2, 5, 'y', NULL)",
            ),
        ] {
            let sets: [&[&str]; 2] = [&["1", "'a'"], &["2", "NULL"]];
            assert_eq!(said(sql, &sets).as_deref(), Some(expected));
        }
    }

    #[test]
    fn conditions_of_a_deletion_are_alternatives() {
        let sets: [&[&str]; 2] = [&["1"], &["NULL"]];
        assert_eq!(
            said("delete from c.s.\"T\" where t.k = ?", &sets).as_deref(),
            Some("delete from c.s.\"T\" where t.k = 1 OR t.k = NULL")
        );
        let sets: [&[&str]; 2] = [&["1", "'a'"], &["2", "'b'"]];
        assert_eq!(
            said("DELETE FROM t WHERE a=? /* ? */ AND b = 5 AND c = ?", &sets).as_deref(),
            Some(
                "DELETE FROM t WHERE (a = 1 AND b = 5 AND c = 'a') OR (a = 2 AND b = 5 AND c = 'b')"
            )
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
            "INSERT INTO t SELECT 1",
            "INSERT INTO t SELECT ? FROM u",
            "INSERT INTO t SELECT ? WHERE false",
            "INSERT INTO t SELECT ? LIMIT 0",
            "INSERT INTO t SELECT DISTINCT ?",
            "INSERT INTO t SELECT ? UNION SELECT ?",
            "INSERT INTO t SELECT count(?)",
            "INSERT INTO t SELECT ? + 1",
            "INSERT INTO t SELECT a.?",
            "INSERT INTO t SELECT ?, (SELECT 1)",
            "INSERT INTO t SELECT ?, *",
            "INSERT INTO t VALUES (?, (SELECT max(a) FROM t))",
            "UPDATE t SET a = ?",
            "UPDATE t SET a = ? WHERE k = ?",
            "MERGE INTO t USING (VALUES ?) AS s (k) ON t.k = s.k WHEN MATCHED THEN DELETE",
            "DELETE FROM t",
            "DELETE FROM t WHERE a = 1",
            "DELETE FROM t WHERE a < ?",
            "DELETE FROM t WHERE a = ? OR b = ?",
            "DELETE FROM t WHERE NOT a = ?",
            "DELETE FROM t WHERE a = ? + 1",
            "DELETE FROM t WHERE a + 1 = ?",
            "DELETE FROM t WHERE f(a) = ?",
            "DELETE FROM t WHERE a = DATE ?",
            "DELETE FROM t WHERE a = b AND c = ?",
            "DELETE FROM t WHERE a = (SELECT max(a) FROM t) AND b = ?",
            "DELETE FROM t WHERE current_date = ?",
            "DELETE FROM t WHERE a = ? AND",
            "DELETE FROM t AS x WHERE a = ?",
            "DELETE FROM t WHERE a = U&?",
        ] {
            assert_eq!(Rows::parse(sql), None, "{sql}");
        }
    }

    proptest! {
        #[test]
        fn values_stand_where_parameters_stood(rest in "([?,()a1.+ '\"\n-]|/\\*|\\*/)*") {
            let sql = format!("INSERT INTO t VALUES ({rest})");
            if let Some(rows) = Rows::parse(&sql) {
                let count = Statement::parse(&sql).parameters();
                let mut text = String::new();
                rows.push(&vec!["'v'".to_owned(); count], &mut text);
                let said = format!("{}{text}", rows.head());
                let found = tokens(&said)
                    .filter(|token| token.kind == TokenKind::String && token.text == "'v'")
                    .count();
                prop_assert!(found >= count);
                prop_assert_eq!(Statement::parse(&said).parameters(), 0);
            }
        }
    }
}
