//! SQL_DIAG_DYNAMIC_FUNCTION: what kind of statement was executed, by its first words.
//!
//! <https://learn.microsoft.com/sql/odbc/reference/syntax/sqlgetdiagfield-function#values-of-the-dynamic-function-fields>

use crate::abi::*;
use crate::sql;

/// The standard's name of what a statement does, and its number; empty and SQL_DIAG_UNKNOWN_STATEMENT where it has none.
pub fn dynamic_function(sql: &str) -> (&'static str, i32) {
    let mut words = sql::tokens(sql)
        .filter(sql::Token::is_significant)
        .skip_while(|token| token.is_symbol("("));
    let Some(first) = words.next() else {
        return UNKNOWN;
    };
    if first.is_word("WITH") {
        // Named queries stand before a query or a change; what is no query has a verb that cannot be told at a glance.
        return match sql::returns_rows(sql) {
            Some(true) => SELECT,
            _ => UNKNOWN,
        };
    }
    // `CREATE OR REPLACE VIEW`, `CREATE MATERIALIZED VIEW`.
    let second = words.find(|token| {
        !["OR", "REPLACE", "MATERIALIZED"]
            .iter()
            .any(|word| token.is_word(word))
    });
    FUNCTIONS
        .iter()
        .find(|(verb, object, _)| {
            first.is_word(verb)
                && (object.is_empty() || second.as_ref().is_some_and(|token| token.is_word(object)))
        })
        .map_or(UNKNOWN, |(_, _, function)| *function)
}

const UNKNOWN: (&str, i32) = ("", SQL_DIAG_UNKNOWN_STATEMENT);
const SELECT: (&str, i32) = ("SELECT CURSOR", SQL_DIAG_SELECT_CURSOR);

/// A verb, the word after it where that matters, and what the standard calls them.
const FUNCTIONS: &[(&str, &str, (&str, i32))] = &[
    ("SELECT", "", SELECT),
    ("VALUES", "", SELECT),
    ("TABLE", "", SELECT),
    ("INSERT", "", ("INSERT", SQL_DIAG_INSERT)),
    ("UPDATE", "", ("UPDATE WHERE", SQL_DIAG_UPDATE_WHERE)),
    ("DELETE", "", ("DELETE WHERE", SQL_DIAG_DELETE_WHERE)),
    ("CREATE", "TABLE", ("CREATE TABLE", SQL_DIAG_CREATE_TABLE)),
    ("CREATE", "VIEW", ("CREATE VIEW", SQL_DIAG_CREATE_VIEW)),
    (
        "CREATE",
        "SCHEMA",
        ("CREATE SCHEMA", SQL_DIAG_CREATE_SCHEMA),
    ),
    ("DROP", "TABLE", ("DROP TABLE", SQL_DIAG_DROP_TABLE)),
    ("DROP", "VIEW", ("DROP VIEW", SQL_DIAG_DROP_VIEW)),
    ("DROP", "SCHEMA", ("DROP SCHEMA", SQL_DIAG_DROP_SCHEMA)),
    ("ALTER", "TABLE", ("ALTER TABLE", SQL_DIAG_ALTER_TABLE)),
    ("GRANT", "", ("GRANT", SQL_DIAG_GRANT)),
    ("REVOKE", "", ("REVOKE", SQL_DIAG_REVOKE)),
    ("CALL", "", ("CALL", SQL_DIAG_CALL)),
];

#[cfg(test)]
mod tests {
    use super::dynamic_function;

    #[test]
    fn statements_are_known_by_their_first_words() {
        for (sql, name) in [
            ("select 1", "SELECT CURSOR"),
            ("-- all\n((TABLE t) UNION SELECT 1)", "SELECT CURSOR"),
            ("WITH a AS (SELECT 1) SELECT * FROM a", "SELECT CURSOR"),
            ("WITH a AS (SELECT 1) INSERT INTO t SELECT * FROM a", ""),
            ("INSERT INTO t VALUES (1)", "INSERT"),
            ("update t set a = 1", "UPDATE WHERE"),
            ("DELETE FROM t", "DELETE WHERE"),
            ("CREATE TABLE t AS SELECT 1", "CREATE TABLE"),
            (
                "CREATE OR REPLACE /* a */ VIEW v AS SELECT 1",
                "CREATE VIEW",
            ),
            ("CREATE MATERIALIZED VIEW v AS SELECT 1", "CREATE VIEW"),
            ("CREATE ROLE r", ""),
            ("DROP SCHEMA s", "DROP SCHEMA"),
            ("ALTER TABLE t ADD COLUMN c int", "ALTER TABLE"),
            ("GRANT SELECT ON t TO u", "GRANT"),
            ("CALL system.sync()", "CALL"),
            ("SHOW TABLES", ""),
            ("", ""),
        ] {
            assert_eq!(dynamic_function(sql).0, name, "{sql}");
        }
    }
}
