//! Which answer a statement gets: those the test gave, then what every coordinator knows.
//!
//! Built in are `SELECT 1`, `SELECT * FROM sequence N` (one bigint column, 0 to N-1),
//! `SELECT * FROM every_type N`, `EXECUTE`, `PREPARE`, `DEALLOCATE PREPARE`, `DESCRIBE INPUT` and
//! `OUTPUT` of prepared statements, `SELECT * FROM (…) LIMIT 0`, `SET` and `RESET SESSION`, `USE`, and transactions.

use std::collections::HashMap;
use std::sync::Mutex;

use bytes::Bytes;
use form_urlencoded::byte_serialize;
use serde_json::{Value, json};

use crate::answer::{Answer, QueryError};
use crate::column::Column;
use crate::columns;
use crate::generate::EVERY_TYPE;

type Matcher = Box<dyn Fn(&str) -> Option<Answer> + Send + Sync>;

enum Rule {
    Exact(String, Box<Answer>),
    Matching(Matcher),
}

#[derive(Default)]
pub(crate) struct Script {
    rules: Mutex<Vec<Rule>>,
    /// Whether DESCRIBE OUTPUT takes a query, as it does since version 481.
    describes_queries: bool,
    /// Encoded once, however often asked for.
    built_in: Mutex<HashMap<String, Answer>>,
}

impl Script {
    /// The script of a server of that version.
    pub(crate) fn of_version(version: &str) -> Self {
        Self {
            describes_queries: version.parse().is_ok_and(|version: u32| version >= 481),
            ..Self::default()
        }
    }

    pub(crate) fn add(&self, sql: &str, answer: Answer) {
        let rule = Rule::Exact(normal(sql).to_owned(), Box::new(answer));
        self.rules.lock().unwrap().push(rule);
    }

    pub(crate) fn add_matching(&self, matcher: Matcher) {
        self.rules.lock().unwrap().push(Rule::Matching(matcher));
    }

    /// The answer to `sql`. `prepared` are the client's prepared statements.
    pub(crate) fn answer(&self, sql: &str, prepared: &HashMap<String, String>) -> Answer {
        let sql = normal(sql);
        self.given(sql)
            .or_else(|| self.of_prepared(sql, prepared))
            .or_else(|| self.built_in(sql))
            .unwrap_or_else(|| {
                let message = format!("line 1:1: nothing is scripted for: {sql}");
                Answer::error(QueryError::new("SYNTAX_ERROR", 1, &message))
            })
    }

    /// The latest rule wins.
    fn given(&self, sql: &str) -> Option<Answer> {
        self.rules
            .lock()
            .unwrap()
            .iter()
            .rev()
            .find_map(|rule| match rule {
                Rule::Exact(exact, answer) => (exact == sql).then(|| Answer::clone(answer)),
                Rule::Matching(matcher) => matcher(sql),
            })
    }

    fn of_prepared(&self, sql: &str, prepared: &HashMap<String, String>) -> Option<Answer> {
        if let Some(rest) = keywords(sql, "EXECUTE IMMEDIATE") {
            return Some(self.answer(&literal(rest)?, prepared));
        }
        let inside = |rest: &str| Some(rest.strip_suffix(") LIMIT 0")?.trim().to_owned());
        if let Some(inner) = sql.strip_prefix("SELECT * FROM (").and_then(inside) {
            return Some(without_rows(self.answer(&inner, prepared)));
        }
        if let Some(rest) = keywords(sql, "DESCRIBE OUTPUT") {
            if rest.starts_with('(') && !self.describes_queries {
                let message = "line 1:17: mismatched input '('. Expecting: <identifier>";
                return Some(Answer::error(QueryError::new("SYNTAX_ERROR", 1, message)));
            }
            let text = rest
                .strip_prefix('(')
                .and_then(|rest| rest.strip_suffix(')'))
                .map_or_else(|| named(rest, prepared), |inner| Ok(inner.to_owned()));
            return Some(text.map_or_else(Answer::error, |text| {
                let answer = self.answer(&text, prepared);
                if answer.error.is_some() {
                    answer
                } else {
                    describe_output(&answer)
                }
            }));
        }
        if let Some(rest) = keywords(sql, "DESCRIBE INPUT") {
            let text = named(rest, prepared);
            return Some(text.map_or_else(Answer::error, |text| describe_input(&text)));
        }
        if let Some(rest) = keywords(sql, "DEALLOCATE PREPARE") {
            let name: String = byte_serialize(rest.as_bytes()).collect();
            let done = Answer::done("DEALLOCATE");
            return Some(done.header("X-Trino-Deallocated-Prepare", &name));
        }
        if let Some(rest) = keywords(sql, "PREPARE") {
            let (name, rest) = rest.split_once(char::is_whitespace)?;
            let text = keywords(rest.trim_start(), "FROM")?;
            let name: String = byte_serialize(name.as_bytes()).collect();
            let text: String = byte_serialize(text.as_bytes()).collect();
            let added = format!("{name}={text}");
            return Some(Answer::done("PREPARE").header("X-Trino-Added-Prepare", &added));
        }
        let rest = keywords(sql, "EXECUTE")?;
        let name = rest.split_whitespace().next()?;
        Some(match named(name, prepared) {
            Ok(text) => self.answer(&text, prepared),
            Err(error) => Answer::error(error),
        })
    }

    fn built_in(&self, sql: &str) -> Option<Answer> {
        if let Some(answer) = self.built_in.lock().unwrap().get(sql) {
            return Some(answer.clone());
        }
        let answer = built_in(sql)?;
        self.built_in
            .lock()
            .unwrap()
            .insert(sql.to_owned(), answer.clone());
        Some(answer)
    }
}

/// Whether rows of this statement may be spooled.
pub(crate) fn is_query(sql: &str) -> bool {
    let sql = normal(sql);
    let starts = |word| keywords(sql, word).is_some();
    sql.starts_with('(')
        || ["SELECT", "WITH", "VALUES", "TABLE", "EXECUTE"]
            .into_iter()
            .any(starts)
}

fn built_in(sql: &str) -> Option<Answer> {
    if sql.eq_ignore_ascii_case("SELECT 1") {
        return Some(Answer::rows(
            columns![("_col0", "integer")],
            vec![vec![json!(1)]],
        ));
    }
    if let Some(rest) = keywords(sql, "SELECT * FROM sequence") {
        let rows: usize = rest.parse().ok()?;
        let rows = (0..rows)
            .map(|row| Bytes::from(format!("[{row}]")))
            .collect();
        return Some(Answer::raw_rows(columns![("n", "bigint")], rows));
    }
    if let Some(rest) = keywords(sql, "SELECT * FROM every_type") {
        return Some(Answer::generated(EVERY_TYPE, rest.parse().ok()?, 1));
    }
    if let Some(rest) = keywords(sql, "SET SESSION") {
        let (name, value) = rest.split_once('=')?;
        let value = value.trim();
        let value = literal(value).unwrap_or_else(|| value.to_owned());
        let value: String = byte_serialize(value.as_bytes()).collect();
        let set = format!("{}={value}", name.trim());
        return Some(Answer::done("SET SESSION").header("X-Trino-Set-Session", &set));
    }
    if let Some(rest) = keywords(sql, "RESET SESSION") {
        return Some(Answer::done("RESET SESSION").header("X-Trino-Clear-Session", rest));
    }
    if let Some(rest) = keywords(sql, "USE") {
        let answer = Answer::done("USE");
        let name = |text: &str| text.trim().trim_matches('"').to_lowercase();
        return Some(match rest.split_once('.') {
            Some((catalog, schema)) => answer
                .header("X-Trino-Set-Catalog", &name(catalog))
                .header("X-Trino-Set-Schema", &name(schema)),
            None => answer.header("X-Trino-Set-Schema", &name(rest)),
        });
    }
    if keywords(sql, "START TRANSACTION").is_some() {
        let id = "5f3a1c1e-0000-4000-8000-000000000001";
        let done = Answer::done("START TRANSACTION");
        return Some(done.header("X-Trino-Started-Transaction-Id", id));
    }
    let ends = ["COMMIT", "ROLLBACK"]
        .into_iter()
        .find(|word| keywords(sql, word).is_some())?;
    Some(Answer::done(ends).header("X-Trino-Clear-Transaction-Id", "true"))
}

/// An answer with the same columns and no rows.
fn without_rows(answer: Answer) -> Answer {
    match answer.error {
        Some(_) => answer,
        None => Answer::rows(answer.columns, Vec::new()),
    }
}

fn describe_output(answer: &Answer) -> Answer {
    let rows = answer
        .columns
        .iter()
        .map(|column| {
            vec![
                json!(column.name),
                json!(""),
                json!(""),
                json!(""),
                json!(column.type_text),
                json!(0),
                json!(false),
            ]
        })
        .collect();
    let columns: Vec<Column> = columns![
        ("Column Name", "varchar"),
        ("Catalog", "varchar"),
        ("Schema", "varchar"),
        ("Table", "varchar"),
        ("Type", "varchar"),
        ("Type Size", "bigint"),
        ("Aliased", "boolean"),
    ];
    // The server does not count it as a query, and never spools it.
    Answer::rows(columns, rows).direct()
}

fn describe_input(sql: &str) -> Answer {
    let mut quote = None;
    let mut markers = 0;
    for character in sql.chars() {
        match (quote, character) {
            (None, '\'' | '"') => quote = Some(character),
            (None, '?') => markers += 1,
            (Some(open), close) if open == close => quote = None,
            _ => {}
        }
    }
    let rows: Vec<Vec<Value>> = (0..markers)
        .map(|at| vec![json!(at), json!("unknown")])
        .collect();
    Answer::rows(columns![("Position", "bigint"), ("Type", "varchar")], rows).direct()
}

fn named(name: &str, prepared: &HashMap<String, String>) -> Result<String, QueryError> {
    let name = name.trim().trim_matches('"');
    prepared.get(name).cloned().ok_or_else(|| {
        QueryError::new(
            "NOT_FOUND",
            5,
            &format!("Prepared statement not found: {name}"),
        )
    })
}

/// The text of the string literal that `sql` starts with.
fn literal(sql: &str) -> Option<String> {
    let mut text = String::new();
    let mut characters = sql.strip_prefix('\'')?.chars().peekable();
    while let Some(character) = characters.next() {
        if character == '\'' && characters.next_if_eq(&'\'').is_none() {
            return Some(text);
        }
        text.push(character);
    }
    None
}

/// What follows `words` when `sql` starts with them.
fn keywords<'a>(sql: &'a str, words: &str) -> Option<&'a str> {
    let mut rest = sql;
    for word in words.split(' ') {
        rest = rest.trim_start();
        let head = rest.get(..word.len())?;
        if !head.eq_ignore_ascii_case(word) {
            return None;
        }
        rest = &rest[word.len()..];
        if rest.starts_with(|next: char| next.is_alphanumeric() || next == '_') {
            return None;
        }
    }
    Some(rest.trim())
}

fn normal(sql: &str) -> &str {
    sql.trim().trim_end_matches(';').trim_end()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_literal_ends_at_its_single_quote() {
        assert_eq!(literal("'it''s' USING 1").as_deref(), Some("it's"));
        assert_eq!(literal("'open"), None);
    }

    #[test]
    fn a_keyword_is_a_whole_word() {
        assert_eq!(
            keywords("select  *\nfrom sequence 5", "SELECT * FROM sequence"),
            Some("5")
        );
        assert_eq!(keywords("USER x", "USE"), None);
    }

    #[test]
    fn the_latest_rule_wins_over_earlier_ones_and_the_built_in() {
        let script = Script::default();
        script.add("SELECT 1", Answer::update("INSERT", 1));
        script.add("SELECT 1;", Answer::update("INSERT", 2));
        let answer = script.answer(" SELECT 1 ", &HashMap::new());
        assert_eq!(answer.update, Some(("INSERT".to_owned(), Some(2))));
    }
}
