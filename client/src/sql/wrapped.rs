//! Statements that have another inside of them: EXPLAIN, EXECUTE, CREATE TABLE AS.

use super::lexer::{Token, TokenKind, tokens};

/// `EXPLAIN [(options)] statement`, which plans a statement and does not run it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Explain<'a> {
    /// The text before the statement.
    pub head: &'a str,
    /// The statement that is explained.
    pub statement: &'a str,
    /// Whether the answer is no plan, but whether the statement is valid.
    pub validates: bool,
}

impl<'a> Explain<'a> {
    /// Reads an EXPLAIN; absent for any other statement, such as EXPLAIN ANALYZE.
    pub fn parse(sql: &'a str) -> Option<Self> {
        let mut tokens = tokens(sql).filter(Token::is_significant).peekable();
        tokens.next().filter(|token| token.is_word("EXPLAIN"))?;
        let mut first = tokens.next()?;
        let mut validates = false;
        // A query may stand in parentheses, too.
        if first.is_symbol("(")
            && tokens
                .peek()
                .is_some_and(|token| token.is_word("TYPE") || token.is_word("FORMAT"))
        {
            for token in tokens.by_ref() {
                validates |= token.is_word("VALIDATE");
                if token.is_symbol(")") {
                    break;
                }
            }
            first = tokens.next()?;
        }
        if first.is_word("ANALYZE") {
            return None;
        }
        let (head, statement) = sql.split_at_checked(first.start)?;
        Some(Self {
            head,
            statement,
            validates,
        })
    }
}

/// What an EXECUTE runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Executed {
    /// `EXECUTE IMMEDIATE 'statement'`.
    Statement(String),
    /// `EXECUTE name`, with the name as it stands there.
    Name(String),
}

impl Executed {
    /// Reads an EXECUTE; absent for any other statement.
    pub fn parse(sql: &str) -> Option<Self> {
        let mut tokens = tokens(sql).filter(Token::is_significant);
        tokens.next().filter(|token| token.is_word("EXECUTE"))?;
        let first = tokens.next()?;
        match first.kind {
            TokenKind::Word if first.is_word("IMMEDIATE") => {
                let text = tokens.next().filter(|it| it.kind == TokenKind::String)?;
                unquoted(text.text).map(Self::Statement)
            }
            TokenKind::Word | TokenKind::QuotedIdentifier => {
                Some(Self::Name(first.text.to_owned()))
            }
            _ => None,
        }
    }
}

/// The value of a string literal in single quotes.
pub fn unquoted(literal: &str) -> Option<String> {
    let inner = literal.strip_prefix('\'')?.strip_suffix('\'')?;
    Some(inner.replace("''", "'"))
}

/// The query of a `CREATE TABLE … AS query`.
pub fn table_query(sql: &str) -> Option<&str> {
    let mut tokens = tokens(sql).filter(Token::is_significant);
    tokens.next().filter(|token| token.is_word("CREATE"))?;
    let mut is_table = false;
    let mut depth = 0_usize;
    let mut query = None;
    while let Some(token) = tokens.next() {
        if token.is_symbol("(") {
            depth += 1;
        } else if token.is_symbol(")") {
            depth = depth.saturating_sub(1);
        } else if !is_table {
            is_table = token.is_word("TABLE");
            if !is_table && !token.is_word("OR") && !token.is_word("REPLACE") {
                return None;
            }
        } else if depth == 0 && token.is_word("AS") {
            query = tokens.next();
            break;
        }
    }
    let start = query?.start;
    let mut end = sql.len();
    // `WITH DATA` and `WITH NO DATA` end the statement and are no part of the query.
    let mut with = None;
    for token in tokens {
        if token.is_word("WITH") {
            with = Some(token.start);
        } else if token.is_word("DATA") {
            end = with.unwrap_or(end);
        } else if !token.is_word("NO") {
            with = None;
            end = sql.len();
        }
    }
    sql.get(start..end)
}

#[cfg(test)]
mod tests {
    use super::{Executed, Explain, table_query, unquoted};

    #[test]
    fn an_explained_statement_follows_the_options() {
        for (sql, statement, validates) in [
            ("EXPLAIN SELECT 1", "SELECT 1", false),
            (
                "-- why\nexplain (TYPE io, FORMAT json) INSERT INTO t SELECT 1",
                "INSERT INTO t SELECT 1",
                false,
            ),
            ("EXPLAIN (TYPE VALIDATE)(SELECT 1)", "(SELECT 1)", true),
            ("EXPLAIN (SELECT 1)", "(SELECT 1)", false),
        ] {
            let explain = Explain::parse(sql).unwrap();
            assert_eq!(
                (explain.statement, explain.validates),
                (statement, validates)
            );
            assert_eq!([explain.head, explain.statement].concat(), sql);
        }
        for sql in [
            "EXPLAIN ANALYZE SELECT 1",
            "EXPLAIN",
            "EXPLAIN (TYPE",
            "SELECT 1",
            "",
        ] {
            assert_eq!(Explain::parse(sql), None, "{sql}");
        }
    }

    #[test]
    fn what_is_executed_is_a_statement_or_a_name() {
        for (sql, executed) in [
            (
                "EXECUTE IMMEDIATE 'SELECT ''a'', ?' USING 1",
                Executed::Statement("SELECT 'a', ?".to_owned()),
            ),
            ("/* a */ execute p USING 1", Executed::Name("p".to_owned())),
            (
                "EXECUTE \"a\"\"b\"",
                Executed::Name("\"a\"\"b\"".to_owned()),
            ),
        ] {
            assert_eq!(Executed::parse(sql), Some(executed));
        }
        for sql in [
            "EXECUTE",
            "EXECUTE IMMEDIATE",
            "EXECUTE IMMEDIATE U&'a'",
            "SELECT 1",
            "EXECUTE IMMEDIATE 'a",
        ] {
            assert_eq!(Executed::parse(sql), None, "{sql}");
        }
    }

    #[test]
    fn literals_have_a_value() {
        assert_eq!(unquoted("'it''s'").unwrap(), "it's");
        assert_eq!(unquoted("''").unwrap(), "");
        assert_eq!(unquoted("'"), None);
        assert_eq!(unquoted("CHAR 'a'"), None);
    }

    #[test]
    fn a_table_is_made_of_a_query() {
        for (sql, query) in [
            ("CREATE TABLE t AS SELECT ? AS a", "SELECT ? AS a"),
            (
                "create or replace table \"as\" (a, b) WITH (x = 1) AS (SELECT 1 AS a)",
                "(SELECT 1 AS a)",
            ),
            (
                "CREATE TABLE t AS SELECT 1 AS a WITH NO DATA",
                "SELECT 1 AS a ",
            ),
            ("CREATE TABLE t AS SELECT data FROM u", "SELECT data FROM u"),
        ] {
            assert_eq!(table_query(sql), Some(query), "{sql}");
        }
        for sql in [
            "CREATE TABLE t (a bigint)",
            "CREATE VIEW v AS SELECT 1",
            "SELECT 1",
            "CREATE",
        ] {
            assert_eq!(table_query(sql), None, "{sql}");
        }
    }
}
