//! Where a statement ends, and whether another follows it.

use super::lexer::{Token, TokenKind};

/// The facts about a statement's end after some of its tokens.
#[derive(Default)]
pub(super) struct Extent {
    /// Where semicolons begin that nothing has followed yet.
    end: Option<usize>,
    second: Second,
    /// The same where a routine's body, whose statements end with semicolons, ends with END.
    after_bodies: Second,
    routine: Routine,
}

/// Where a second statement begins: after a semicolon.
#[derive(Default)]
struct Second {
    after_semicolon: bool,
    begins: Option<usize>,
}

/// Whether a statement creates a routine, or brings one along.
#[derive(Default)]
struct Routine {
    begins: bool,
    found: bool,
}

impl Extent {
    /// Takes the next token.
    pub(super) fn read(&mut self, token: &Token<'_>) {
        self.routine.read(token);
        if token.is_symbol(";") {
            self.end.get_or_insert(token.start);
        } else {
            self.end = None;
        }
        self.second.read(token);
        if token.is_word("END") {
            self.after_bodies = Second::default();
        } else {
            self.after_bodies.read(token);
        }
    }

    /// Where the semicolons at the end begin.
    pub(super) fn end(&self) -> Option<usize> {
        self.end
    }

    /// Where a second statement begins.
    pub(super) fn second(&self) -> Option<usize> {
        if self.routine.found {
            self.after_bodies.begins
        } else {
            self.second.begins
        }
    }
}

impl Second {
    fn read(&mut self, token: &Token<'_>) {
        if token.is_symbol(";") {
            self.after_semicolon = true;
        } else if self.after_semicolon {
            self.begins.get_or_insert(token.start);
        }
    }
}

impl Routine {
    fn read(&mut self, token: &Token<'_>) {
        if token.kind != TokenKind::Word {
            self.begins = false;
            return;
        }
        self.found |= self.begins && token.is_word("FUNCTION");
        self.begins = token.is_word("CREATE") || token.is_word("REPLACE") || token.is_word("WITH");
    }
}

#[cfg(test)]
mod tests {
    use crate::sql::Statement;

    #[test]
    fn a_second_statement_is_seen() {
        for (sql, second) in [
            ("SELECT 1; SELECT 2", "SELECT 2"),
            ("SELECT 1 ;; -- ;\n drop table t;", "drop table t;"),
            (";SELECT 1", "SELECT 1"),
            (
                "CREATE FUNCTION f() RETURNS bigint RETURN 1; SELECT f()",
                "SELECT f()",
            ),
            (
                "CREATE FUNCTION f() RETURNS bigint BEGIN RETURN 1; END; SELECT f()",
                "SELECT f()",
            ),
            ("CREATE TABLE t (a bigint); END", "END"),
        ] {
            let begins = Statement::parse(sql).second().unwrap();
            assert_eq!(&sql[begins..], second);
        }
    }

    #[test]
    fn semicolons_of_one_statement_make_no_second() {
        for sql in [
            "SELECT 1",
            "SELECT 1;",
            "SELECT 1 ; ; -- done; really\n /* ; */",
            "SELECT ';a', \";b\", U&';c' -- ;d",
            "CREATE OR REPLACE FUNCTION m.f(a bigint) RETURNS bigint BEGIN DECLARE b bigint; IF a > 1 THEN SET b = 1; \
             END IF; RETURN b; END;",
            "WITH FUNCTION f() RETURNS bigint BEGIN RETURN 1; END, FUNCTION g() RETURNS bigint BEGIN RETURN 1; END \
             SELECT f() + g()",
            "WITH SESSION a = 1 WITH FUNCTION f() RETURNS bigint BEGIN RETURN 1; END SELECT f()",
            "CREATE FUNCTION f() RETURNS bigint LANGUAGE PYTHON AS $$ a = 1; b = 2 $$",
            "",
            ";",
        ] {
            assert_eq!(Statement::parse(sql).second(), None, "{sql}");
        }
    }
}
