//! INSERT statements with parameters for values: which column each parameter is for.
//!
//! The values stand in rows that are written out, or in the list of a query's columns.

use super::lexer::{Token, TokenKind, tokens};

/// An INSERT of rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Insert<'a> {
    /// The table as the statement names it.
    table: &'a str,
    /// The columns as the statement names them; absent for all.
    columns: Option<&'a str>,
    /// The statement up to its rows.
    pub(super) head: &'a str,
    /// Its rows that are written out, from the first parenthesis to the last; empty where they come from a query.
    pub(super) rows: &'a str,
    /// For each parameter the position of its column, from 0; absent where it is only a part of a value.
    pub places: Vec<Option<usize>>,
}

impl<'a> Insert<'a> {
    /// Reads `INSERT INTO table [(columns)] VALUES (…), …` or `… SELECT …`; absent for any other statement.
    pub fn parse(sql: &'a str) -> Option<Self> {
        let mut tokens = tokens(sql).filter(Token::is_significant).peekable();
        tokens.next().filter(|token| token.is_word("INSERT"))?;
        tokens.next().filter(|token| token.is_word("INTO"))?;
        let first = tokens.next().filter(is_identifier)?;
        let mut end = first.end();
        while tokens.next_if(|token| token.is_symbol(".")).is_some() {
            end = tokens.next().filter(is_identifier)?.end();
        }
        let table = sql.get(first.start..end)?;
        let mut columns = None;
        if let Some(open) = tokens.next_if(|token| token.is_symbol("(")) {
            let close = tokens.find(|token| token.is_symbol(")"))?;
            columns = Some(sql.get(open.end()..close.start)?);
        }
        let verb = tokens.next()?;
        let mut places = Vec::new();
        if verb.is_word("SELECT") {
            let head = sql.get(..verb.start)?;
            select_list(&mut tokens, &mut places)?;
            return Some(Self {
                table,
                columns,
                head,
                rows: "",
                places,
            });
        }
        if !verb.is_word("VALUES") {
            return None;
        }
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

fn is_parameter(token: &Token<'_>) -> bool {
    token.kind == TokenKind::Parameter
}

fn is_identifier(token: &Token<'_>) -> bool {
    matches!(token.kind, TokenKind::Word | TokenKind::QuotedIdentifier)
}

/// Reads the list of a query's columns, and the parameters of what follows it; `None` where columns are not written out.
fn select_list<'a>(
    tokens: &mut impl Iterator<Item = Token<'a>>,
    places: &mut Vec<Option<usize>>,
) -> Option<()> {
    let (mut depth, mut column) = (0_usize, 0);
    let mut item: Vec<Token<'a>> = Vec::new();
    loop {
        let token = tokens.next();
        let ends_list = token
            .as_ref()
            .is_none_or(|token| depth == 0 && AFTER_COLUMNS.iter().any(|it| token.is_word(it)));
        if ends_list || (depth == 0 && token.is_some_and(|token| token.is_symbol(","))) {
            if item.last().is_some_and(|last| last.is_symbol("*")) {
                return None;
            }
            let place = is_whole(&item).then_some(column);
            places.extend(
                item.iter()
                    .filter(|token| is_parameter(token))
                    .map(|_| place),
            );
            if ends_list {
                places.extend(tokens.filter(is_parameter).map(|_| None));
                return Some(());
            }
            column += 1;
            item.clear();
            continue;
        }
        let token = token?;
        if token.is_symbol("(") {
            depth += 1;
        } else if token.is_symbol(")") {
            depth = depth.checked_sub(1)?;
        }
        let is_quantifier = item.is_empty() && (token.is_word("DISTINCT") || token.is_word("ALL"));
        if !is_quantifier {
            item.push(token);
        }
    }
}

/// Whether a column of a query is a parameter by itself, perhaps with an alias.
fn is_whole(item: &[Token<'_>]) -> bool {
    match item {
        [first, rest @ ..] if first.kind == TokenKind::Parameter => match rest {
            [] => true,
            [alias] => is_identifier(alias),
            [word, alias] => word.is_word("AS") && is_identifier(alias),
            _ => false,
        },
        _ => false,
    }
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

/// Words that end the list of a query's columns.
pub(super) const AFTER_COLUMNS: &[&str] = &[
    "FROM",
    "WHERE",
    "GROUP",
    "HAVING",
    "WINDOW",
    "UNION",
    "INTERSECT",
    "EXCEPT",
    "ORDER",
    "OFFSET",
    "LIMIT",
    "FETCH",
];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Insert;
    use crate::sql::Statement;

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
    fn a_querys_columns_are_those_of_the_table() {
        for (sql, places) in [
            ("INSERT INTO t SELECT ?", &[Some(0)][..]),
            (
                "INSERT INTO t (a, b, c) SELECT DISTINCT a, ? AS x, lower(?, ?), ? \"y\" FROM u WHERE d = ?",
                &[Some(1), None, None, Some(3), None],
            ),
            (
                "INSERT INTO t SELECT ? WHERE NOT EXISTS (SELECT 1 FROM t WHERE a = ?)",
                &[Some(0), None],
            ),
            (
                "INSERT INTO t SELECT -?, ? + 1, (?) UNION SELECT ?, ?, ?",
                &[None; 6],
            ),
        ] {
            assert_eq!(Insert::parse(sql).unwrap().places, places, "{sql}");
        }
        let insert = Insert::parse("INSERT INTO t (b, a) SELECT ?, ?").unwrap();
        assert_eq!(insert.query(), "SELECT b, a FROM t");
        for sql in [
            "INSERT INTO t SELECT u.*, ? FROM u",
            "INSERT INTO t SELECT *",
            "INSERT INTO t SELECT )",
        ] {
            assert_eq!(Insert::parse(sql), None, "{sql}");
        }
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
            "INSERT INTO SELECT ?",
            "INSERT INTO t WITH u AS (SELECT 1) SELECT ?",
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
                prop_assert_eq!(insert.places.len(), Statement::parse(&sql).parameters());
            }
        }
    }
}
