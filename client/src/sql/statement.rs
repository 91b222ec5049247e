//! A statement's text, and what its words say about it.
//!
//! [`Statement::parse`] reads the text once, before the statement is prepared or executed. The answers are kept with the
//! statement, so that nothing reads the text again.

use std::sync::Arc;

use super::lexer::{Token, TokenKind, tokens};
use super::parameter::Pattern;
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

/// What a statement does, by its first word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    Select,
    Values,
    Table,
    /// WITH before a query.
    With,
    /// WITH before a change.
    WithChange,
    Show,
    Describe,
    Explain,
    ExplainAnalyze,
    Insert,
    Update,
    Delete,
    Merge,
    Truncate,
    Create,
    Drop,
    Alter,
    Comment,
    Analyze,
    Refresh,
    Call,
    Grant,
    Revoke,
    Deny,
    Set,
    Reset,
    Use,
    Start,
    Commit,
    Rollback,
    Prepare,
    Deallocate,
    Execute,
    /// No word that is known.
    Other,
}

/// What a statement creates, drops or alters, by the word after the verb's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Object {
    Table,
    View,
    Schema,
    #[default]
    Other,
}

impl Statement {
    /// Reads a text.
    pub fn parse(sql: &str) -> Self {
        let mut reader = Reader::default();
        for token in tokens(sql).filter(Token::is_significant) {
            reader.read(&token);
        }
        let end = reader.end.unwrap_or(sql.len());
        Self {
            // A comment that follows no semicolon stays: it may be a hint, and the server reads past it. The beginning
            // stays too, so that the places that the server's errors name are those of the application's text.
            text: sql.get(..end).unwrap_or(sql).trim_end().into(),
            verb: reader.verb(),
            object: reader.object.unwrap_or_default(),
            parameters: reader.parameters(),
            calls_table_function: reader.calls_table_function,
            second: reader.second(),
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

    /// How many values it asks for.
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

    /// Whether it is a query that can be run twice and nobody but its reader would notice. A connector's table function
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

/// What is known of a statement after some of its tokens.
#[derive(Default)]
struct Reader {
    verb: Option<Verb>,
    object: Option<Object>,
    with: Option<With>,
    after_explain: bool,
    /// Where semicolons begin that nothing has followed yet.
    end: Option<usize>,
    second: Second,
    /// The same where a routine's body, whose statements end with semicolons, ends with END.
    after_bodies: Second,
    routine: Routine,
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

/// Question marks.
#[derive(Default)]
struct Markers {
    all: usize,
    outside_patterns: usize,
    pattern: Pattern,
    /// A pattern has definitions of its variables; elsewhere its word is a name like any other.
    has_definitions: bool,
}

impl Reader {
    /// Takes the next token.
    fn read(&mut self, token: &Token<'_>) {
        self.separate(token);
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

    /// Sees where statements end and begin.
    fn separate(&mut self, token: &Token<'_>) {
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

    /// What the statement does. `WITH a AS (…) (SELECT …)` has no verb behind it: what stands in parentheses is a query.
    fn verb(&self) -> Verb {
        self.verb.unwrap_or(Verb::Other)
    }

    fn second(&self) -> Option<usize> {
        if self.routine.found {
            self.after_bodies.begins
        } else {
            self.second.begins
        }
    }

    fn parameters(&self) -> usize {
        match self.markers {
            _ if self.verb == Some(Verb::Prepare) => 0,
            Markers {
                has_definitions: true,
                outside_patterns,
                ..
            } => outside_patterns,
            Markers { all, .. } => all,
        }
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

impl Markers {
    fn read(&mut self, token: &Token<'_>) {
        self.pattern = self.pattern.after(token);
        match token.kind {
            TokenKind::Parameter => {
                self.all += 1;
                self.outside_patterns += usize::from(!self.pattern.is_inside());
            }
            TokenKind::Word => self.has_definitions |= token.is_word("DEFINE"),
            _ => {}
        }
    }
}

impl Verb {
    fn of(token: &Token<'_>) -> Self {
        let known = VERBS.iter().find(|(word, _)| token.is_word(word));
        known.map_or(Self::Other, |(_, verb)| *verb)
    }
}

impl Object {
    /// What a token names; `None` where another word says: `CREATE OR REPLACE VIEW`, `CREATE MATERIALIZED VIEW`.
    fn of(token: &Token<'_>) -> Option<Self> {
        let is = |word| token.is_word(word);
        if is("OR") || is("REPLACE") || is("MATERIALIZED") {
            return None;
        }
        Some(match () {
            () if is("TABLE") => Self::Table,
            () if is("VIEW") => Self::View,
            () if is("SCHEMA") => Self::Schema,
            () => Self::Other,
        })
    }
}

const VERBS: &[(&str, Verb)] = &[
    ("SELECT", Verb::Select),
    ("WITH", Verb::With),
    ("INSERT", Verb::Insert),
    ("VALUES", Verb::Values),
    ("TABLE", Verb::Table),
    ("SHOW", Verb::Show),
    ("DESCRIBE", Verb::Describe),
    ("DESC", Verb::Describe),
    ("EXPLAIN", Verb::Explain),
    ("UPDATE", Verb::Update),
    ("DELETE", Verb::Delete),
    ("MERGE", Verb::Merge),
    ("TRUNCATE", Verb::Truncate),
    ("CREATE", Verb::Create),
    ("DROP", Verb::Drop),
    ("ALTER", Verb::Alter),
    ("COMMENT", Verb::Comment),
    ("ANALYZE", Verb::Analyze),
    ("REFRESH", Verb::Refresh),
    ("CALL", Verb::Call),
    ("GRANT", Verb::Grant),
    ("REVOKE", Verb::Revoke),
    ("DENY", Verb::Deny),
    ("SET", Verb::Set),
    ("RESET", Verb::Reset),
    ("USE", Verb::Use),
    ("START", Verb::Start),
    ("COMMIT", Verb::Commit),
    ("ROLLBACK", Verb::Rollback),
    ("PREPARE", Verb::Prepare),
    ("DEALLOCATE", Verb::Deallocate),
    ("EXECUTE", Verb::Execute),
];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::parameter::marked;
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
    fn some_words_do_not_tell() {
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

        #[test]
        fn parameters_are_the_markers(sql in "([?(); ]|PATTERN|DEFINE|PREPARE| a |'\\?')*") {
            let markers = marked(&sql).filter(|(_, is_marker)| *is_marker).count();
            prop_assert_eq!(Statement::parse(&sql).parameters(), markers);
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
    fn what_counts_changes_is_told_by_its_first_word() {
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
