//! An INSERT whose rows are written out, said for many sets of values that travel as one text of JSON.
//!
//! `INSERT INTO t VALUES (?, upper(?))` becomes `INSERT INTO t SELECT * FROM UNNEST(transform(…, trino_odbc ->
//! ROW(trino_odbc[1], upper(trino_odbc[2]))))`, over an array that is cast from JSON. The server parses and plans one
//! literal in place of thousands, and casts each text to the type of the literal that it would be.
//!
//! The array is computed as a whole before its first row is stored, as the rows of VALUES are: a value that cannot be
//! computed leaves nothing behind, even in tables that keep what a statement stored before it failed. What the server
//! does to store rows comes after that. Only text can fail there, when a column is too short for it; so the text of
//! expressions is measured inside of the array, and that of values where the columns' types are known.

use super::lexer::{Token, TokenKind, tokens};
use super::rows::Rows;
use super::typed::{Kind, Typed};

/// The text of an INSERT around the values of its parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unnested {
    /// The statement up to its rows.
    head: String,
    /// What stands before each parameter, and after the last, with rows as the constructor ROW.
    pieces: Vec<String>,
    /// Whether each parameter is a value by itself.
    whole: Vec<bool>,
    /// Columns with a value of their own, from 0.
    computed: Vec<usize>,
    /// Whether a set has several rows.
    several: bool,
    /// Whether something in the statement may depend on how long the type of a text is.
    measures: bool,
}

/// The type that the values of a parameter have in a statement.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Slot {
    /// No literal has come yet.
    #[default]
    Unused,
    /// There were only literals of NULL, such as this.
    Null(String),
    /// The type that all literals fit.
    Typed(Kind),
}

/// A column whose values are text of so many characters at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounded {
    /// The column, from 0.
    pub column: usize,
    /// Characters.
    pub length: usize,
}

impl Unnested {
    /// The same INSERT; absent where its rows cannot be said so.
    pub fn new(rows: &Rows) -> Option<Self> {
        if !rows.inserts() {
            return None;
        }
        let before = tokens(rows.head()).filter(Token::is_significant).last()?;
        let mut it = Self {
            head: rows.head().get(..before.start)?.to_owned(),
            pieces: Vec::new(),
            whole: Vec::new(),
            computed: Vec::new(),
            several: false,
            measures: false,
        };
        let (mut depth, mut column, mut count) = (0_usize, 0, 0);
        let mut item = Item::default();
        for (index, piece) in rows.pieces().iter().enumerate() {
            if index > 0 {
                item.push(None);
                it.whole.push(false);
            }
            let mut text = String::with_capacity(piece.len() + 3);
            for token in tokens(piece) {
                if FORBIDDEN.iter().any(|word| token.is_word(word)) {
                    return None;
                }
                it.measures |= MEASURING.iter().any(|word| token.is_word(word));
                if depth == 0 && token.is_symbol("(") {
                    text.push_str("ROW");
                    (item, column) = (Item::default(), 0);
                    count += 1;
                } else if depth == 1 && (token.is_symbol(",") || token.is_symbol(")")) {
                    it.end(&std::mem::take(&mut item), column);
                    column += 1;
                } else if token.is_significant() {
                    item.push(Some(token));
                }
                if token.is_symbol("(") {
                    depth += 1;
                } else if token.is_symbol(")") {
                    depth = depth.checked_sub(1)?;
                }
                text.push_str(token.text);
            }
            it.pieces.push(text);
        }
        it.several = count > 1;
        Some(it)
    }

    /// Ends a value of a row.
    fn end(&mut self, item: &Item, column: usize) {
        match item {
            Item::Marker => {
                if let Some(whole) = self.whole.last_mut() {
                    *whole = true;
                }
            }
            // What has one type in every row, and none of text.
            Item::Constant => {}
            Item::Empty | Item::Expression => {
                if !self.computed.contains(&column) {
                    self.computed.push(column);
                }
            }
        }
    }

    /// The statement up to its rows.
    pub fn head(&self) -> &str {
        &self.head
    }

    /// Whether a parameter is a value by itself.
    pub fn is_whole(&self, parameter: usize) -> bool {
        self.whole.get(parameter) == Some(&true)
    }

    /// Columns whose values are not parameters alone.
    pub fn computed(&self) -> &[usize] {
        &self.computed
    }

    /// Slots for the parameters of a statement.
    pub fn slots(&self) -> Vec<Slot> {
        vec![Slot::Unused; self.whole.len()]
    }

    /// Appends a set of literals as an array of JSON to those that `json` has. Whether it could be; else `json` is as it
    /// was, and the slots have room for it at most.
    pub fn push(
        &self,
        literals: &[impl AsRef<str>],
        slots: &mut [Slot],
        json: &mut String,
    ) -> bool {
        let start = json.len();
        json.push_str(if json.is_empty() { "[" } else { ",[" });
        for (index, (literal, slot)) in literals.iter().zip(slots).enumerate() {
            if index > 0 {
                json.push(',');
            }
            let literal = literal.as_ref();
            let is_pushed = match Typed::parse(literal) {
                None => false,
                Some(Typed::Null) => {
                    json.push_str("null");
                    if *slot == Slot::Unused {
                        *slot = Slot::Null(literal.to_owned());
                    }
                    true
                }
                Some(Typed::Value { kind, text }) => {
                    let kind = self.fit(index, slot, kind);
                    kind.is_some_and(|kind| {
                        *slot = Slot::Typed(kind);
                        kind.push_json(text, json)
                    })
                }
            };
            if !is_pushed {
                json.truncate(start);
                return false;
            }
        }
        json.push(']');
        true
    }

    /// The type that a parameter has when one of its values is of `kind`. In an expression that is the same for all sets:
    /// the digits of a decimal, say, decide those of a quotient.
    fn fit(&self, parameter: usize, slot: &Slot, kind: Kind) -> Option<Kind> {
        let Slot::Typed(before) = slot else {
            return Some(kind);
        };
        let common = before.common(kind)?;
        let is_free = match kind {
            Kind::Varchar(_) => !self.measures,
            _ => false,
        };
        (is_free || common == kind && common == *before || self.is_whole(parameter))
            .then_some(common)
    }

    /// Bytes of a statement without its sets, at most.
    pub fn overhead(&self, slots: &[Slot], bounded: &[Bounded]) -> usize {
        self.statement(slots, "", bounded).len()
    }

    /// The statement that inserts these sets; fails for text of expressions that is too long for its column.
    pub fn statement(&self, slots: &[Slot], json: &str, bounded: &[Bounded]) -> String {
        let mut sql = String::with_capacity(self.head.len() + json.len() + 1024);
        sql.push_str(&self.head);
        sql.push_str("SELECT * FROM UNNEST(");
        if !bounded.is_empty() {
            sql.push_str("transform(");
        }
        if self.several {
            sql.push_str("flatten(");
        }
        sql.push_str("transform(CAST(CAST(JSON '[");
        sql.push_str(json);
        sql.push_str("]' AS ARRAY(ROW(");
        list(&mut sql, slots, |_, sql| sql.push_str("varchar"));
        sql.push_str("))) AS ARRAY(ROW(");
        list(&mut sql, slots, |slot, sql| match slot {
            Slot::Typed(kind) => kind.push_name(sql),
            Slot::Unused | Slot::Null(_) => sql.push_str("varchar"),
        });
        sql.push_str("))), ");
        sql.push_str(SET);
        sql.push_str(if self.several { " -> ARRAY[" } else { " -> " });
        for (index, piece) in self.pieces.iter().enumerate() {
            if let Some(slot) = index.checked_sub(1).and_then(|index| slots.get(index)) {
                match slot {
                    Slot::Typed(kind) => kind.push_value(&format!("{SET}[{index}]"), &mut sql),
                    Slot::Null(literal) => sql.push_str(literal),
                    Slot::Unused => sql.push_str("NULL"),
                }
            }
            sql.push_str(piece);
        }
        sql.push_str(if self.several { "]))" } else { ")" });
        if !bounded.is_empty() {
            sql.push_str(", trino_odbc -> IF(");
            for (index, Bounded { column, length }) in bounded.iter().enumerate() {
                let or = if index > 0 { " OR " } else { "" };
                let number = column + 1;
                sql.push_str(&format!(
                    "{or}length(rtrim(CAST({SET}[{number}] AS varchar))) > {length}"
                ));
            }
            sql.push_str(", ARRAY[trino_odbc][2], trino_odbc))");
        }
        sql.push(')');
        sql
    }
}

/// A value of a row, as far as it was read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Item {
    #[default]
    Empty,
    /// A parameter.
    Marker,
    /// A number or NULL.
    Constant,
    Expression,
}

impl Item {
    /// Adds a token; none is a parameter.
    fn push(&mut self, token: Option<Token<'_>>) {
        *self = match (&self, token) {
            (Self::Empty, None) => Self::Marker,
            (Self::Empty, Some(token))
                if token.kind == TokenKind::Number || token.is_word("NULL") =>
            {
                Self::Constant
            }
            _ => Self::Expression,
        };
    }
}

fn list(sql: &mut String, slots: &[Slot], each: impl Fn(&Slot, &mut String)) {
    for (index, slot) in slots.iter().enumerate() {
        if index > 0 {
            sql.push_str(", ");
        }
        each(slot, sql);
    }
}

/// What a set of values is called.
const SET: &str = "trino_odbc";

/// Words that mean something else in a lambda, or stand for no value.
const FORBIDDEN: &[&str] = &["DEFAULT", SET];

/// Words by which the type of a text comes to matter: values of CHAR are as long as their type.
const MEASURING: &[&str] = &["CHAR", "CHARACTER", "TYPEOF"];

#[cfg(test)]
mod tests {
    use super::{Bounded, Rows, Slot, Unnested};

    fn unnested(sql: &str) -> Option<Unnested> {
        Unnested::new(&Rows::parse(sql)?)
    }

    fn said(sql: &str, sets: &[&[&str]], bounded: &[Bounded]) -> String {
        let unnested = unnested(sql).unwrap();
        let (mut slots, mut json) = (unnested.slots(), String::new());
        for set in sets {
            assert!(unnested.push(set, &mut slots, &mut json), "{set:?}");
        }
        unnested.statement(&slots, &json, bounded)
    }

    #[test]
    fn sets_are_one_text() {
        assert_eq!(
            said(
                "INSERT INTO t (a, b, c, d) VALUES (?, ?, ?, ?)",
                &[
                    &["BIGINT '1'", "'it''s'", "NULL", "NULL"],
                    &["NULL", "'\"'", "X'ff'", "NULL"]
                ],
                &[]
            ),
            "INSERT INTO t (a, b, c, d) SELECT * FROM UNNEST(transform(CAST(CAST(JSON \
             '[[\"1\",\"it''s\",null,null],[null,\"\\\"\",\"/w==\",null]]' AS ARRAY(ROW(varchar, varchar, varchar, varchar))) \
             AS ARRAY(ROW(bigint, varchar(4), varchar, varchar))), trino_odbc -> ROW(trino_odbc[1], trino_odbc[2], \
             from_base64(trino_odbc[3]), NULL)))"
        );
    }

    #[test]
    fn expressions_are_computed_of_each_set() {
        let bounded = [Bounded {
            column: 1,
            length: 9,
        }];
        assert_eq!(
            said(
                "INSERT INTO t VALUES /* ? */ (? + 1, upper(?)), (0, (?))",
                &[&["INTEGER '1'", "'a'", "'b'"]],
                &bounded
            ),
            "INSERT INTO t SELECT * FROM UNNEST(transform(flatten(transform(CAST(CAST(JSON '[[\"1\",\"a\",\"b\"]]' AS \
             ARRAY(ROW(varchar, varchar, varchar))) AS ARRAY(ROW(integer, varchar(1), varchar(1)))), trino_odbc -> \
             ARRAY[ROW(trino_odbc[1] + 1, upper(trino_odbc[2])), ROW(0, (trino_odbc[3]))])), trino_odbc -> \
             IF(length(rtrim(CAST(trino_odbc[2] AS varchar))) > 9, ARRAY[trino_odbc][2], trino_odbc)))"
        );
    }

    #[test]
    fn values_are_known_from_expressions() {
        let unnested = unnested(
            "INSERT INTO t VALUES (?, -?, 'a', NULL, (?), 1, f(?, ?)), (?, 2, 3, 4, 5, ?, 6)",
        )
        .unwrap();
        let whole: Vec<_> = (0..7).filter(|it| unnested.is_whole(*it)).collect();
        assert_eq!(whole, [0, 5, 6]);
        assert_eq!(unnested.computed(), [1, 2, 4, 6]);
    }

    #[test]
    fn types_widen_for_values_and_stay_for_parts_of_expressions() {
        let unnested = unnested("INSERT INTO t VALUES (?, ? / 3, ? || 'x')").unwrap();
        let (mut slots, mut json) = (unnested.slots(), String::new());
        let mut push = |decimal: &str, part: &str, text: &str| {
            unnested.push(&[decimal, part, text], &mut slots, &mut json)
        };
        assert!(push("DECIMAL '1'", "DECIMAL '1.5'", "'a'"));
        assert!(push("DECIMAL '1.55'", "DECIMAL '2.5'", "'abc'"));
        assert!(!push("DECIMAL '1.555'", "DECIMAL '2.55'", "'abc'"));
        assert!(!push("DATE '2020-01-01'", "DECIMAL '2.5'", "'abc'"));
        assert!(!push("current_date", "DECIMAL '2.5'", "'abc'"));
        assert_eq!(json, r#"["1","1.5","a"],["1.55","2.5","abc"]"#);
        let exact =
            Unnested::new(&Rows::parse("INSERT INTO t VALUES (CAST(? AS char(3)))").unwrap())
                .unwrap();
        let (mut slots, mut json) = (vec![Slot::Unused], String::new());
        assert!(exact.push(&["'a'"], &mut slots, &mut json));
        assert!(!exact.push(&["'ab'"], &mut slots, &mut json));
    }

    #[test]
    fn what_is_no_value_is_left_alone() {
        for sql in [
            "INSERT INTO t VALUES (DEFAULT, ?)",
            "INSERT INTO t VALUES (?, trino_odbc -> 1)",
        ] {
            assert_eq!(unnested(sql), None, "{sql}");
        }
    }
}
