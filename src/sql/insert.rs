//! INSERT statements with parameters for values: which column each parameter is for.

use super::lexer::{Token, TokenKind, tokens};

/// An INSERT of rows that are written out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Insert<'a> {
    /// The table as the statement names it.
    table: &'a str,
    /// The columns as the statement names them; absent for all.
    columns: Option<&'a str>,
    /// The statement up to its rows.
    pub(super) head: &'a str,
    /// Its rows, from the first parenthesis to the last.
    pub(super) rows: &'a str,
    /// For each parameter the position of its column, from 0; absent where it is only a part of a value.
    pub places: Vec<Option<usize>>,
}

impl<'a> Insert<'a> {
    /// Reads `INSERT INTO table [(columns)] VALUES (…), …`; absent for any other statement.
    pub fn parse(sql: &'a str) -> Option<Self> {
        let mut tokens = tokens(sql).filter(Token::is_significant).peekable();
        tokens.next().filter(|token| token.is_word("INSERT"))?;
        tokens.next().filter(|token| token.is_word("INTO"))?;
        let first = tokens.peek()?.start;
        let mut end = first;
        while let Some(token) = tokens.next_if(is_name) {
            end = token.end();
        }
        let table = sql.get(first..end).filter(|table| !table.is_empty())?;
        let mut columns = None;
        if let Some(open) = tokens.next_if(|token| token.is_symbol("(")) {
            let close = tokens.find(|token| token.is_symbol(")"))?;
            columns = Some(sql.get(open.end()..close.start)?);
        }
        tokens.next().filter(|token| token.is_word("VALUES"))?;
        let mut places = Vec::new();
        let start = tokens.peek()?.start;
        let mut end;
        loop {
            end = row(&mut tokens, &mut places)?;
            match tokens.next() {
                None => break,
                Some(token) if token.is_symbol(",") => {}
                Some(_) => return None,
            }
        }
        Some(Self {
            table,
            columns,
            head: sql.get(..start)?,
            rows: sql.get(start..end)?,
            places,
        })
    }

    /// The query that has the columns which the values are for.
    pub fn query(&self) -> String {
        format!("SELECT {} FROM {}", self.columns.unwrap_or("*"), self.table)
    }
}

/// Whether a token may be a part of a table's name.
fn is_name(token: &Token<'_>) -> bool {
    let quoted = token.kind == TokenKind::QuotedIdentifier;
    let word = token.kind == TokenKind::Word && !token.is_word("VALUES");
    quoted || word || token.is_symbol(".")
}

/// Reads a row in parentheses: where it ends.
fn row<'a>(
    tokens: &mut impl Iterator<Item = Token<'a>>,
    places: &mut Vec<Option<usize>>,
) -> Option<usize> {
    tokens.next().filter(|token| token.is_symbol("("))?;
    let (mut depth, mut column) = (0_usize, 0);
    // Tokens of the current value, and its parameters.
    let (mut length, mut parameters) = (0, 0);
    loop {
        let token = tokens.next()?;
        let ends_row = depth == 0 && token.is_symbol(")");
        if ends_row || (depth == 0 && token.is_symbol(",")) {
            let place = (length == 1).then_some(column);
            places.extend((0..parameters).map(|_| place));
            column += 1;
            (length, parameters) = (0, 0);
            if ends_row {
                return Some(token.end());
            }
            continue;
        }
        if token.is_symbol("(") {
            depth += 1;
        } else if token.is_symbol(")") {
            depth -= 1;
        }
        length += 1;
        parameters += usize::from(token.kind == TokenKind::Parameter);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Insert;
    use crate::sql::parameter_count;

    #[test]
    fn each_parameter_is_for_a_column() {
        let sql = "insert INTO c.\"S x\".t -- ?\n (b, \"a)\") VALUES (?, 1 + ?), (lower(?, ?), ?)";
        let insert = Insert::parse(sql).unwrap();
        assert_eq!(insert.query(), "SELECT b, \"a)\" FROM c.\"S x\".t");
        assert_eq!(insert.places, [Some(0), None, None, None, Some(1)]);
        assert!(insert.head.ends_with("VALUES "));
        assert_eq!(insert.rows, "(?, 1 + ?), (lower(?, ?), ?)");
        let insert = Insert::parse("INSERT INTO t VALUES (DEFAULT, ?, ?)").unwrap();
        assert_eq!(insert.query(), "SELECT * FROM t");
        assert_eq!(insert.places, [Some(1), Some(2)]);
    }

    #[test]
    fn other_statements_are_left_alone() {
        for sql in [
            "",
            "INSERT",
            "INSERT INTO",
            "INSERT INTO t",
            "INSERT INTO VALUES (?)",
            "INSERT INTO t (a",
            "INSERT INTO t VALUES",
            "INSERT INTO t VALUES ?",
            "INSERT INTO t VALUES (?",
            "INSERT INTO t VALUES (?) x",
            "INSERT INTO t SELECT ?",
            "SELECT ? FROM t",
        ] {
            assert_eq!(Insert::parse(sql), None, "{sql}");
        }
    }

    proptest! {
        #[test]
        fn every_parameter_has_a_place(rest in "([?,()a1. '\"\n-]|VALUES|/\\*|\\*/)*") {
            let sql = format!("INSERT INTO t VALUES ({rest})");
            if let Some(insert) = Insert::parse(&sql) {
                prop_assert_eq!(insert.places.len(), parameter_count(&sql));
            }
        }
    }
}
