//! A statement's text, and what its words say about it.
//!
//! [`Statement::parse`] reads the text once, before the statement is prepared or executed. The answers are kept with the
//! statement, so that nothing reads the text again.

use std::sync::Arc;

use super::extent::Extent;
use super::lexer::{Token, tokens};
use super::parameter::Markers;
use super::verb::{Object, Verb};
use super::wrapped::Explain;

/// A statement of an application. Clones share the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    text: Arc<str>,
    verb: Verb,
    object: Object,
    parameters: usize,
    calls_table_function: bool,
    second: Option<usize>,
}

impl Statement {
    /// Reads a text.
    pub fn parse(sql: &str) -> Self {
        let mut reader = Reader::default();
        for token in tokens(sql).filter(Token::is_significant) {
            reader.read(&token);
        }
        let end = reader.extent.end().unwrap_or(sql.len());
        Self {
            // A comment that follows no semicolon stays: it may be a hint, and the server reads past it. The beginning
            // stays too, so that the places that the server's errors name are those of the application's text.
            text: sql.get(..end).unwrap_or(sql).trim_end().into(),
            verb: reader.verb(),
            object: reader.object.unwrap_or_default(),
            parameters: reader.markers.places().len(),
            calls_table_function: reader.calls_table_function,
            second: reader.extent.second(),
        }
    }

    /// The same statement with `text`, in which its parameters have their values.
    #[must_use]
    pub fn with_values(&self, text: String) -> Self {
        Self {
            text: text.into(),
            parameters: 0,
            ..self.clone()
        }
    }

    /// The text as the server takes it: without the semicolons, blanks and comments that follow its end.
    pub fn text(&self) -> &Arc<str> {
        &self.text
    }

    /// What it does.
    pub fn verb(&self) -> Verb {
        self.verb
    }

    /// What it does that to.
    pub fn object(&self) -> Object {
        self.object
    }

    /// How many values it takes.
    ///
    /// A question mark in a string, a quoted identifier or a comment is none, nor is one in the pattern of row pattern
    /// recognition, where it says how often a row may match. Those of PREPARE are for the EXECUTE of what it prepares.
    pub fn parameters(&self) -> usize {
        self.parameters
    }

    /// Where a second statement begins, in bytes: after a semicolon that is neither at the end nor in the body of a
    /// routine.
    pub fn second(&self) -> Option<usize> {
        self.second
    }

    /// Whether it answers with rows; `None` if its first word does not say.
    pub fn returns_rows(&self) -> Option<bool> {
        match self.verb {
            Verb::Select
            | Verb::Values
            | Verb::Table
            | Verb::With
            | Verb::Show
            | Verb::Describe
            | Verb::Explain
            | Verb::ExplainAnalyze => Some(true),
            Verb::Execute | Verb::Other => None,
            _ => Some(false),
        }
    }

    /// Whether its first word is one that changes data or tables, so that its one column would be a count.
    pub fn counts_changes(&self) -> bool {
        matches!(
            self.verb,
            Verb::WithChange
                | Verb::Insert
                | Verb::Update
                | Verb::Delete
                | Verb::Merge
                | Verb::Create
                | Verb::Refresh
                | Verb::Analyze
                | Verb::Alter
        )
    }

    /// Whether it is a query that can be run twice without a trace. A connector's table function
    /// may do anything.
    pub fn only_reads(&self) -> bool {
        matches!(
            self.verb,
            Verb::Select | Verb::Values | Verb::Table | Verb::With
        ) && !self.calls_table_function
    }

    /// Whether it belongs into the transaction of a connection that does not commit by itself. What is between a client
    /// and its session does not, and some of it is refused there.
    pub fn belongs_into_transaction(&self) -> bool {
        !self.is_of_session() && !self.ends_transaction() && self.verb != Verb::Start
    }

    /// Whether it ends a transaction.
    pub fn ends_transaction(&self) -> bool {
        matches!(self.verb, Verb::Commit | Verb::Rollback)
    }

    /// Whether it leaves nothing behind that a rollback would undo.
    pub fn leaves_data_alone(&self) -> bool {
        self.only_reads()
            || self.is_of_session()
            || matches!(self.verb, Verb::Show | Verb::Describe | Verb::Explain)
    }

    /// The parts of an EXPLAIN that runs nothing.
    pub fn explain(&self) -> Option<Explain<'_>> {
        match self.verb {
            Verb::Explain | Verb::ExplainAnalyze => Explain::parse(&self.text),
            _ => None,
        }
    }

    /// The statement that an EXPLAIN plans; the whole text of any other.
    pub fn explained(&self) -> &str {
        self.explain()
            .map_or(&self.text, |explain| explain.statement)
    }

    /// Whether it changes the client's session and nothing else.
    fn is_of_session(&self) -> bool {
        matches!(
            self.verb,
            Verb::Set | Verb::Reset | Verb::Use | Verb::Prepare | Verb::Deallocate
        )
    }
}

/// The facts about a statement after some of its tokens.
#[derive(Default)]
struct Reader {
    verb: Option<Verb>,
    object: Option<Object>,
    with: Option<With>,
    after_explain: bool,
    extent: Extent,
    after_table: bool,
    calls_table_function: bool,
    markers: Markers,
}

/// What stands between WITH and the verb that it is for.
#[derive(Clone, Copy)]
struct With {
    /// How many parentheses are open.
    depth: usize,
    /// Whether a name was expected, which may be a word like UPDATE.
    expects_name: bool,
}

impl Reader {
    /// Takes the next token.
    fn read(&mut self, token: &Token<'_>) {
        self.extent.read(token);
        match self.verb {
            None if token.is_symbol("(") => {}
            None => {
                let verb = Verb::of(token);
                self.verb = Some(verb);
                self.with = (verb == Verb::With).then_some(With::BEGIN);
                self.after_explain = verb == Verb::Explain;
            }
            Some(_) => self.continue_verb(token),
        }
        self.calls_table_function |= self.after_table && token.is_symbol("(");
        self.after_table = token.is_word("TABLE");
        self.markers.read(token);
    }

    /// Takes a token behind the verb.
    fn continue_verb(&mut self, token: &Token<'_>) {
        if self.object.is_none() {
            self.object = Object::of(token);
        }
        if std::mem::take(&mut self.after_explain) && token.is_word("ANALYZE") {
            self.verb = Some(Verb::ExplainAnalyze);
        }
        let Some(with) = self.with else {
            return;
        };
        let verb = match with {
            With {
                depth: 0,
                expects_name: false,
            } => Verb::of(token),
            _ => Verb::Other,
        };
        self.with = match verb {
            Verb::Insert | Verb::Update | Verb::Delete | Verb::Merge => {
                self.verb = Some(Verb::WithChange);
                None
            }
            Verb::Select | Verb::Values | Verb::Table => None,
            _ => Some(with.after(token)),
        };
    }

    /// What the statement does. `WITH a AS (…) (SELECT …)` has no verb behind it: what stands in parentheses is a query.
    fn verb(&self) -> Verb {
        self.verb.unwrap_or(Verb::Other)
    }
}

impl With {
    const BEGIN: Self = Self {
        depth: 0,
        expects_name: true,
    };

    fn after(self, token: &Token<'_>) -> Self {
        let depth = if token.is_symbol("(") {
            self.depth + 1
        } else if token.is_symbol(")") {
            self.depth.saturating_sub(1)
        } else {
            self.depth
        };
        let expects_name = token.is_symbol(",") || token.is_word("RECURSIVE");
        Self {
            depth,
            expects_name,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Object, Statement, Verb};

    fn text(sql: &str) -> String {
        Statement::parse(sql).text().to_string()
    }

    fn returns_rows(sql: &str) -> Option<bool> {
        Statement::parse(sql).returns_rows()
    }

    fn only_reads(sql: &str) -> bool {
        Statement::parse(sql).only_reads()
    }

    fn leaves_data_alone(sql: &str) -> bool {
        Statement::parse(sql).leaves_data_alone()
    }

    fn belongs_into_transaction(sql: &str) -> bool {
        Statement::parse(sql).belongs_into_transaction()
    }

    fn ends_transaction(sql: &str) -> bool {
        Statement::parse(sql).ends_transaction()
    }

    #[test]
    fn the_semicolon_at_the_end_is_dropped() {
        assert_eq!(text("SELECT 1;"), "SELECT 1");
        assert_eq!(text("SELECT 1 ; ;\n"), "SELECT 1");
        assert_eq!(text("SELECT 1; -- done;"), "SELECT 1");
        assert_eq!(text("SELECT 1 /* a */ ;"), "SELECT 1 /* a */");
        assert_eq!(text("  SELECT 1 "), "  SELECT 1");
        assert_eq!(text(";"), "");
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
            assert_eq!(text(sql), sql);
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
            "WITH RECURSIVE update AS (SELECT 1), merge AS (SELECT 2) SELECT * FROM update, merge",
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
    fn some_words_leave_it_open() {
        for sql in ["EXECUTE p", "{call p()}", "", "-- nothing", "frobnicate"] {
            assert_eq!(returns_rows(sql), None, "{sql}");
        }
    }

    proptest! {
        #[test]
        fn a_statement_is_the_beginning_of_its_text(sql in "([;'\" a\n-]|/\\*|\\*/|END|CREATE FUNCTION)*") {
            let statement = Statement::parse(&sql);
            prop_assert!(sql.starts_with(&**statement.text()));
            let again = Statement::parse(statement.text());
            prop_assert_eq!(again.text(), statement.text());
            if let Some(second) = statement.second() {
                prop_assert!(sql[..second].contains(';'));
            }
        }

    }

    #[test]
    fn verbs_and_what_they_are_for_are_known() {
        for (sql, verb, object) in [
            ("select 1", Verb::Select, Object::Other),
            (
                "-- all\n((TABLE t) UNION SELECT 1)",
                Verb::Table,
                Object::Other,
            ),
            ("WITH a AS (DELETE) SELECT 1", Verb::With, Object::Other),
            (
                "WITH a AS (SELECT 1) INSERT INTO t TABLE a",
                Verb::WithChange,
                Object::Other,
            ),
            (
                "explain analyze select 1",
                Verb::ExplainAnalyze,
                Object::Other,
            ),
            ("EXPLAIN SELECT 1", Verb::Explain, Object::Other),
            (
                "CREATE OR REPLACE /* a */ VIEW v AS SELECT 1",
                Verb::Create,
                Object::View,
            ),
            ("DROP SCHEMA s", Verb::Drop, Object::Schema),
            ("ALTER TABLE t ADD COLUMN c int", Verb::Alter, Object::Table),
            ("", Verb::Other, Object::Other),
        ] {
            let statement = Statement::parse(sql);
            assert_eq!(
                (statement.verb(), statement.object()),
                (verb, object),
                "{sql}"
            );
        }
    }

    #[test]
    fn the_first_word_says_whether_changes_are_counted() {
        for sql in [
            "-- note\n /* a */ insert into t values (1)",
            "CREATE TABLE t AS SELECT 1",
            "WITH a AS (SELECT 1) INSERT INTO t TABLE a",
        ] {
            assert!(Statement::parse(sql).counts_changes(), "{sql}");
        }
        for sql in [
            "SELECT 1 AS rows",
            "(SELECT 1)",
            "WITH insert AS (SELECT 1) SELECT 1",
            "",
            "/* a",
        ] {
            assert!(!Statement::parse(sql).counts_changes(), "{sql}");
        }
    }

    #[test]
    fn a_statement_with_values_is_of_the_same_kind() {
        let statement = Statement::parse("INSERT INTO t VALUES (?)");
        let with_values = statement.with_values("INSERT INTO t VALUES (1), (2)".to_owned());
        assert_eq!(with_values.verb(), Verb::Insert);
        assert_eq!((statement.parameters(), with_values.parameters()), (1, 0));
        assert_eq!(&**with_values.text(), "INSERT INTO t VALUES (1), (2)");
    }
}
