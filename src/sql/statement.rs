//! What can be told of a statement by looking at its words.

use super::lexer::{Token, tokens};

/// The statement as the server takes it: without the semicolons, blanks and comments that follow its end.
///
/// A comment that follows no semicolon stays: it may be a hint, and the server reads past it. The beginning stays too,
/// so that the line and column of the server's errors are those of the application's text.
pub fn statement_text(sql: &str) -> &str {
    let mut end = sql.len();
    let mut semicolon = None;
    for token in tokens(sql) {
        if token.is_symbol(";") {
            semicolon.get_or_insert(token.start);
        } else if token.is_significant() {
            semicolon = None;
        }
    }
    if let Some(start) = semicolon {
        end = start;
    }
    sql.get(..end).unwrap_or(sql).trim_end()
}

/// Where a second statement begins, in bytes: after a semicolon that is neither at the end nor in the body of a routine.
pub fn second_statement(sql: &str) -> Option<usize> {
    if !sql.contains(';') {
        return None;
    }
    let is_routine = creates_routine(sql);
    let (mut begins, mut after_semicolon) = (None, false);
    for token in tokens(sql).filter(Token::is_significant) {
        // The body of a routine ends with END, and the statements in it end with semicolons.
        if is_routine && token.is_word("END") {
            (begins, after_semicolon) = (None, false);
        } else if token.is_symbol(";") {
            after_semicolon = true;
        } else if after_semicolon {
            begins.get_or_insert(token.start);
        }
    }
    begins
}

/// Whether a statement creates a routine, or brings one along.
fn creates_routine(sql: &str) -> bool {
    let mut begins = false;
    tokens(sql).filter(Token::is_significant).any(|token| {
        let creates = begins && token.is_word("FUNCTION");
        begins = ["CREATE", "REPLACE", "WITH"]
            .iter()
            .any(|word| token.is_word(word));
        creates
    })
}

/// Whether a statement answers with rows; `None` where its first word does not tell.
pub fn returns_rows(sql: &str) -> Option<bool> {
    let mut words = tokens(sql)
        .filter(Token::is_significant)
        .skip_while(|token| token.is_symbol("("));
    let first = words.next()?;
    let is = |among: &[&str]| among.iter().any(|word| first.is_word(word));
    if is(&["WITH"]) {
        return with(words);
    }
    if is(QUERIES) {
        Some(true)
    } else if is(COMMANDS) {
        Some(false)
    } else {
        None
    }
}

/// Whether a statement is a query that can be run twice and nobody but its reader would notice.
pub fn only_reads(sql: &str) -> bool {
    let mut words = tokens(sql)
        .filter(Token::is_significant)
        .skip_while(|token| token.is_symbol("("));
    let Some(first) = words.next() else {
        return false;
    };
    let queries = if first.is_word("WITH") {
        with(words) == Some(true)
    } else {
        ["SELECT", "VALUES", "TABLE"]
            .iter()
            .any(|word| first.is_word(word))
    };
    queries && !calls_table_function(sql)
}

/// Whether a statement belongs into the transaction of a connection that does not commit by itself. What is between a
/// client and its session does not, and some of it is refused there.
pub fn belongs_into_transaction(sql: &str) -> bool {
    !begins_with_one_of(sql, TRANSACTION_ENDS)
        && !begins_with_one_of(sql, &["START"])
        && !begins_with_one_of(sql, SESSION_COMMANDS)
}

/// Whether a statement ends a transaction, by its words.
pub fn ends_transaction(sql: &str) -> bool {
    begins_with_one_of(sql, TRANSACTION_ENDS)
}

/// Whether a statement leaves nothing behind that a rollback would undo.
pub fn leaves_data_alone(sql: &str) -> bool {
    only_reads(sql)
        || begins_with_one_of(sql, &["SHOW", "DESCRIBE", "DESC"])
        || begins_with_one_of(sql, SESSION_COMMANDS)
        || only_explains(sql)
}

/// Whether a statement has another one planned and not run, as EXPLAIN does without ANALYZE.
fn only_explains(sql: &str) -> bool {
    let mut words = tokens(sql).filter(Token::is_significant);
    words.next().is_some_and(|first| first.is_word("EXPLAIN"))
        && words.next().is_some_and(|next| !next.is_word("ANALYZE"))
}

fn begins_with_one_of(sql: &str, among: &[&str]) -> bool {
    let first = tokens(sql).find(Token::is_significant);
    first.is_some_and(|first| among.iter().any(|word| first.is_word(word)))
}

/// Whether `TABLE(…)` stands in the text: a connector's table function may do anything.
fn calls_table_function(sql: &str) -> bool {
    let mut after_table = false;
    for token in tokens(sql).filter(Token::is_significant) {
        if after_table && token.is_symbol("(") {
            return true;
        }
        after_table = token.is_word("TABLE");
    }
    false
}

/// Decides by the verb that follows the named queries, functions or session properties.
fn with<'a>(words: impl Iterator<Item = Token<'a>>) -> Option<bool> {
    let mut depth = 0_usize;
    for token in words {
        if token.is_symbol("(") {
            depth += 1;
        } else if token.is_symbol(")") {
            depth = depth.saturating_sub(1);
        } else if depth == 0 {
            if ["INSERT", "UPDATE", "DELETE", "MERGE"]
                .iter()
                .any(|word| token.is_word(word))
            {
                return Some(false);
            }
            if ["SELECT", "VALUES", "TABLE"]
                .iter()
                .any(|word| token.is_word(word))
            {
                return Some(true);
            }
        }
    }
    // `WITH a AS (…) (SELECT …)`: what stands in parentheses is a query.
    Some(true)
}

const TRANSACTION_ENDS: &[&str] = &["COMMIT", "ROLLBACK"];

/// Statements that change the client's session and nothing else.
const SESSION_COMMANDS: &[&str] = &["SET", "RESET", "USE", "PREPARE", "DEALLOCATE"];

const QUERIES: &[&str] = &[
    "SELECT", "VALUES", "TABLE", "SHOW", "DESCRIBE", "DESC", "EXPLAIN",
];

const COMMANDS: &[&str] = &[
    "INSERT",
    "UPDATE",
    "DELETE",
    "MERGE",
    "TRUNCATE",
    "CREATE",
    "DROP",
    "ALTER",
    "COMMENT",
    "ANALYZE",
    "REFRESH",
    "CALL",
    "GRANT",
    "REVOKE",
    "DENY",
    "SET",
    "RESET",
    "USE",
    "START",
    "COMMIT",
    "ROLLBACK",
    "PREPARE",
    "DEALLOCATE",
];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{
        belongs_into_transaction, ends_transaction, leaves_data_alone, only_reads, returns_rows,
        second_statement, statement_text,
    };

    #[test]
    fn the_semicolon_at_the_end_is_dropped() {
        assert_eq!(statement_text("SELECT 1;"), "SELECT 1");
        assert_eq!(statement_text("SELECT 1 ; ;\n"), "SELECT 1");
        assert_eq!(statement_text("SELECT 1; -- done;"), "SELECT 1");
        assert_eq!(statement_text("SELECT 1 /* a */ ;"), "SELECT 1 /* a */");
        assert_eq!(statement_text("  SELECT 1 "), "  SELECT 1");
        assert_eq!(statement_text(";"), "");
    }

    #[test]
    fn a_semicolon_inside_stays() {
        for sql in [
            "SELECT ';'",
            "SELECT 1 -- a;",
            "SELECT 1 /* ; */",
            "SELECT 1; SELECT 2",
            "SELECT \"a;",
        ] {
            assert_eq!(statement_text(sql), sql);
        }
    }

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
            let begins = second_statement(sql).unwrap();
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
            assert_eq!(second_statement(sql), None, "{sql}");
        }
    }

    #[test]
    fn queries_return_rows() {
        for sql in [
            "select 1",
            "-- a\n /* b */ (SELECT 1)",
            "WITH a AS (SELECT 1) SELECT * FROM a",
            "WITH FUNCTION f() RETURNS bigint RETURN 1 SELECT f()",
            "WITH a AS (SELECT 1) (SELECT * FROM a)",
            "VALUES 1",
            "TABLE t",
            "SHOW TABLES",
            "desc t",
            "EXPLAIN SELECT 1",
        ] {
            assert_eq!(returns_rows(sql), Some(true), "{sql}");
        }
    }

    #[test]
    fn commands_return_none() {
        for sql in [
            "INSERT INTO t SELECT 1",
            "create table t (a bigint)",
            "SET SESSION a = 1",
            "CALL p()",
            "WITH SESSION a = 1 INSERT INTO t SELECT 1",
        ] {
            assert_eq!(returns_rows(sql), Some(false), "{sql}");
        }
    }

    #[test]
    fn queries_without_table_functions_only_read() {
        for sql in [
            "SELECT 1",
            "-- INSERT\n(select 1)",
            "WITH a AS (SELECT 1) SELECT * FROM a",
            "VALUES 1",
            "TABLE t",
            "SELECT 'TABLE(' FROM \"insert\"",
        ] {
            assert!(only_reads(sql), "{sql}");
        }
        for sql in [
            "INSERT INTO t SELECT 1",
            "WITH a AS (SELECT 1) INSERT INTO t SELECT * FROM a",
            "SELECT * FROM TABLE(c.system.query('DELETE FROM t'))",
            "EXPLAIN ANALYZE INSERT INTO t SELECT 1",
            "SHOW TABLES",
            "EXECUTE p",
            "CALL p()",
            "",
        ] {
            assert!(!only_reads(sql), "{sql}");
        }
    }

    #[test]
    fn what_is_of_the_session_needs_no_transaction() {
        for sql in [
            "SELECT 1",
            "INSERT INTO t SELECT 1",
            "SHOW TABLES",
            "EXECUTE p",
        ] {
            assert!(belongs_into_transaction(sql), "{sql}");
        }
        for sql in [
            "set session authorization bob",
            "RESET SESSION a",
            "-- here\nUSE c.s",
            "PREPARE p FROM SELECT 1",
            "START TRANSACTION",
            "commit",
            "ROLLBACK WORK",
        ] {
            assert!(!belongs_into_transaction(sql), "{sql}");
        }
        assert!(ends_transaction("/* a */ commit work"));
        assert!(!ends_transaction("START TRANSACTION"));
    }

    #[test]
    fn only_changes_can_be_undone() {
        for sql in [
            "SELECT 1",
            "SHOW TABLES",
            "desc t",
            "DESCRIBE INPUT p",
            "USE a.b",
            "SET ROLE x",
            "explain delete from t",
            "EXPLAIN (TYPE DISTRIBUTED) ANALYZE t",
            "-- plan\nEXPLAIN SELECT 1",
        ] {
            assert!(leaves_data_alone(sql), "{sql}");
        }
        for sql in [
            "INSERT INTO t SELECT 1",
            "EXPLAIN ANALYZE DELETE FROM t",
            "EXPLAIN /* a */ ANALYZE VERBOSE SELECT 1",
            "SELECT * FROM TABLE(c.system.query('DELETE FROM t'))",
            "EXECUTE p",
            "CALL p()",
            "ANALYZE t",
            "DROP TABLE t",
        ] {
            assert!(!leaves_data_alone(sql), "{sql}");
        }
    }

    #[test]
    fn some_words_do_not_tell() {
        for sql in ["EXECUTE p", "{call p()}", "", "-- nothing", "frobnicate"] {
            assert_eq!(returns_rows(sql), None, "{sql}");
        }
    }

    proptest! {
        #[test]
        fn a_statement_is_the_beginning_of_its_text(text in "([;'\" a\n-]|/\\*|\\*/|END|CREATE FUNCTION)*") {
            let statement = statement_text(&text);
            prop_assert!(text.starts_with(statement));
            prop_assert_eq!(statement_text(statement), statement);
            if let Some(second) = second_statement(&text) {
                prop_assert!(text[..second].contains(';'));
            }
        }
    }
}
