//! SQL_DIAG_DYNAMIC_FUNCTION: the kind of the executed statement, by its first words.
//!
//! <https://learn.microsoft.com/sql/odbc/reference/syntax/sqlgetdiagfield-function#values-of-the-dynamic-function-fields>

use trino_client::sql::{self, Object, Verb};

use crate::abi::*;

/// The standard's name and number for a kind of statement; empty and SQL_DIAG_UNKNOWN_STATEMENT if
/// it has none.
pub fn dynamic_function(statement: &sql::Statement) -> (&'static str, i32) {
    match (statement.verb(), statement.object()) {
        // WITH precedes a query or a change; the verb of such a change is unknown.
        (Verb::Select | Verb::Values | Verb::Table | Verb::With, _) => {
            ("SELECT CURSOR", SQL_DIAG_SELECT_CURSOR)
        }
        (Verb::Insert, _) => ("INSERT", SQL_DIAG_INSERT),
        (Verb::Update, _) => ("UPDATE WHERE", SQL_DIAG_UPDATE_WHERE),
        (Verb::Delete, _) => ("DELETE WHERE", SQL_DIAG_DELETE_WHERE),
        (Verb::Create, Object::Table) => ("CREATE TABLE", SQL_DIAG_CREATE_TABLE),
        (Verb::Create, Object::View) => ("CREATE VIEW", SQL_DIAG_CREATE_VIEW),
        (Verb::Create, Object::Schema) => ("CREATE SCHEMA", SQL_DIAG_CREATE_SCHEMA),
        (Verb::Drop, Object::Table) => ("DROP TABLE", SQL_DIAG_DROP_TABLE),
        (Verb::Drop, Object::View) => ("DROP VIEW", SQL_DIAG_DROP_VIEW),
        (Verb::Drop, Object::Schema) => ("DROP SCHEMA", SQL_DIAG_DROP_SCHEMA),
        (Verb::Alter, Object::Table) => ("ALTER TABLE", SQL_DIAG_ALTER_TABLE),
        (Verb::Grant, _) => ("GRANT", SQL_DIAG_GRANT),
        (Verb::Revoke, _) => ("REVOKE", SQL_DIAG_REVOKE),
        (Verb::Call, _) => ("CALL", SQL_DIAG_CALL),
        _ => ("", SQL_DIAG_UNKNOWN_STATEMENT),
    }
}

#[cfg(test)]
mod tests {
    use trino_client::sql::Statement;

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
            let statement = Statement::parse(sql);
            assert_eq!(dynamic_function(&statement).0, name, "{sql}");
        }
    }
}
