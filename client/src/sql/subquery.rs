//! Queries that are described by a statement around them.
//!
//! The query keeps lines of its own, so that a place in it is one line further on in the whole, and a comment at its end
//! ends with its line.

use super::lexer::{Token, tokens};

/// A query that can stand in parentheses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Subquery<'a> {
    text: &'a str,
    /// Whether it brings functions along, as only the outermost query may.
    has_functions: bool,
}

impl<'a> Subquery<'a> {
    /// Reads a query; absent for any other statement, for one with session properties, and for text that would not stay
    /// between parentheses. `SHOW TABLES` in parentheses would be a table with an alias.
    pub fn parse(sql: &'a str) -> Option<Self> {
        let mut words = tokens(sql)
            .filter(Token::is_significant)
            .skip_while(|token| token.is_symbol("("));
        let first = words.next()?;
        let is_query = ["SELECT", "VALUES", "TABLE", "WITH"];
        if !is_query.iter().any(|word| first.is_word(word)) {
            return None;
        }
        let second = words.next()?;
        let leads = |word: &str| first.is_word("WITH") && second.is_word(word);
        if leads("SESSION") {
            return None;
        }
        let has_functions = leads("FUNCTION");
        let mut depth = 0_usize;
        for token in tokens(sql) {
            if token.is_symbol("(") {
                depth += 1;
            } else if token.is_symbol(")") {
                depth = depth.checked_sub(1)?;
            } else if token.is_symbol(";") && !has_functions {
                return None;
            }
        }
        (depth == 0).then_some(Self {
            text: sql,
            has_functions,
        })
    }

    /// The statement that describes its columns, since version 481.
    pub fn description(&self) -> String {
        format!("DESCRIBE OUTPUT (\n{}\n)", self.text)
    }

    /// A query with the same columns and no rows, of which the server runs nothing.
    pub fn without_rows(&self) -> Option<String> {
        let text = self.text;
        (!self.has_functions).then(|| format!("SELECT * FROM (\n{text}\n) LIMIT 0"))
    }
}

#[cfg(test)]
mod tests {
    use super::Subquery;

    #[test]
    fn queries_can_stand_in_parentheses() {
        for sql in [
            "SELECT 1",
            "-- a\n(SELECT 1 UNION SELECT 2) ORDER BY 1",
            "WITH a AS (SELECT 1) SELECT ')', \"(\" FROM a -- )",
            "VALUES (1), (2)",
            "TABLE t",
        ] {
            let subquery = Subquery::parse(sql).unwrap();
            assert_eq!(
                subquery.without_rows().unwrap(),
                format!("SELECT * FROM (\n{sql}\n) LIMIT 0")
            );
        }
        let function = "WITH FUNCTION f() RETURNS bigint BEGIN RETURN 1; END SELECT f()";
        let subquery = Subquery::parse(function).unwrap();
        assert_eq!(subquery.without_rows(), None);
        assert_eq!(
            subquery.description(),
            format!("DESCRIBE OUTPUT (\n{function}\n)")
        );
    }

    #[test]
    fn what_would_mean_something_else_there_stays_out() {
        for sql in [
            "SHOW TABLES",
            "DESCRIBE t",
            "EXPLAIN SELECT 1",
            "INSERT INTO t SELECT 1",
            "EXECUTE IMMEDIATE 'SELECT 1'",
            "WITH SESSION a = 1 SELECT 1",
            "SELECT 1) UNION (SELECT 2",
            "SELECT 1) AS t LIMIT 5 -- ",
            "SELECT (1",
            "SELECT 1; SELECT 2",
            "SELECT",
            "",
        ] {
            assert_eq!(Subquery::parse(sql), None, "{sql}");
        }
    }
}
