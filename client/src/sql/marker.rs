//! Where the parameter markers of a statement stand, as far as the words around them say.
//!
//! A value's type follows from its place: what is compared or stored takes the type of its partner, and what is an item
//! of a result has no type but its own.

use super::lexer::{Token, TokenKind};
use super::parameter::marked;

/// Where a marker stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Place {
    /// What it is to the rows.
    pub output: Output,
    /// Whether it is an argument of a function, of which there may be several with the same name.
    pub argument: bool,
}

/// What a marker is to the rows that a statement returns, or makes a table of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Output {
    /// No part of any column.
    #[default]
    None,
    /// A part of a column's expression.
    Part,
    /// A column by itself.
    Whole,
}

/// The places of the markers of `sql`, in order.
pub fn places(sql: &str) -> Vec<Place> {
    let (tokens, markers): (Vec<_>, Vec<_>) = marked(sql).unzip();
    // Rows that are stored have the types of their table.
    let verb = tokens.iter().find(|token| is_one_of(token, VERBS));
    let returns = verb.is_some_and(|verb| !is_one_of(verb, CHANGES));
    let mut scopes = vec![Scope::default()];
    let mut places = Vec::new();
    for (index, (token, is_marker)) in tokens.iter().zip(markers).enumerate() {
        let before = index.checked_sub(1).and_then(|index| tokens.get(index));
        let Some(scope) = scopes.last_mut() else {
            break;
        };
        if is_marker {
            places.push(scope.place(before, tokens.get(index + 1)));
        } else if token.is_symbol("(") {
            let inner = scope.parenthesis(before);
            scopes.push(inner);
        } else if token.is_symbol(")") {
            // One too many closes nothing.
            if scopes.len() > 1 {
                scopes.pop();
            }
        } else if is_one_of(token, &["SELECT", "VALUES"]) {
            *scope = Scope {
                output: returns,
                item: returns,
                argument: false,
            };
        } else if is_one_of(token, CLAUSES) {
            scope.output = false;
        }
    }
    places
}

/// `sql` with a cast to text around markers that have no type without one: operands of `||`, and, with `arguments`, those
/// of functions. None where there are none.
pub fn with_text_markers(sql: &str, arguments: bool) -> Option<String> {
    let tokens: Vec<_> = marked(sql).collect();
    let mut places = places(sql).into_iter();
    let is_bar = |index: Option<usize>| {
        let token = index.and_then(|index| tokens.get(index));
        token.is_some_and(|(token, _)| token.is_symbol("|"))
    };
    let mut text = String::new();
    let mut copied = 0;
    for (index, (token, is_marker)) in tokens.iter().enumerate() {
        if !is_marker {
            continue;
        }
        let place = places.next().unwrap_or_default();
        let is_operand = is_bar(index.checked_sub(1)) || is_bar(Some(index + 1));
        if is_operand || (arguments && place.argument) {
            text.push_str(sql.get(copied..token.start)?);
            text.push_str("CAST(? AS varchar)");
            copied = token.end();
        }
    }
    if copied == 0 {
        return None;
    }
    text.push_str(sql.get(copied..)?);
    Some(text)
}

/// What holds between two parentheses.
#[derive(Debug, Clone, Copy, Default)]
struct Scope {
    /// In the expressions of the columns.
    output: bool,
    /// Where a marker may be a column by itself.
    item: bool,
    /// Among the arguments of a function.
    argument: bool,
}

impl Scope {
    /// The scope of a parenthesis that opens after `before`.
    fn parenthesis(self, before: Option<&Token<'_>>) -> Self {
        let calls = before.is_some_and(|before| match before.kind {
            TokenKind::Word => !is_one_of(before, NO_FUNCTIONS),
            TokenKind::QuotedIdentifier => true,
            _ => false,
        });
        Self {
            output: self.output,
            item: self.item && begins_item(before),
            argument: self.argument || calls,
        }
    }

    /// The place of a marker between these tokens.
    fn place(self, before: Option<&Token<'_>>, after: Option<&Token<'_>>) -> Place {
        let ends = after.is_none_or(|after| match after.kind {
            TokenKind::Word => !is_one_of(after, OPERATORS),
            TokenKind::QuotedIdentifier => true,
            _ => after.is_symbol(",") || after.is_symbol(")"),
        });
        Place {
            output: match self.output {
                false => Output::None,
                true if self.item && begins_item(before) && ends => Output::Whole,
                true => Output::Part,
            },
            argument: self.argument,
        }
    }
}

/// Whether an item of a list, or a parenthesis around one, may begin after `before`.
fn begins_item(before: Option<&Token<'_>>) -> bool {
    before.is_none_or(|before| {
        before.is_symbol(",") || before.is_symbol("(") || is_one_of(before, BEFORE_ITEMS)
    })
}

fn is_one_of(token: &Token<'_>, words: &[&str]) -> bool {
    words.iter().any(|word| token.is_word(word))
}

const CHANGES: &[&str] = &["INSERT", "UPDATE", "DELETE", "MERGE"];

const VERBS: &[&str] = &[
    "SELECT", "VALUES", "TABLE", "WITH", "CREATE", "INSERT", "UPDATE", "DELETE", "MERGE",
];

/// Words that end the list of a query's columns.
const CLAUSES: &[&str] = &[
    "FROM", "WHERE", "GROUP", "HAVING", "WINDOW", "ORDER", "OFFSET", "LIMIT", "FETCH",
];

const BEFORE_ITEMS: &[&str] = &[
    "SELECT",
    "DISTINCT",
    "ALL",
    "VALUES",
    "AS",
    "UNION",
    "INTERSECT",
    "EXCEPT",
];

/// Words that may follow an operand and are no alias.
const OPERATORS: &[&str] = &[
    "AND", "OR", "NOT", "IN", "IS", "LIKE", "BETWEEN", "AT", "COLLATE",
];

/// Words before a parenthesis that are no function, or one whose arguments all have the same type.
const NO_FUNCTIONS: &[&str] = &[
    "SELECT",
    "DISTINCT",
    "ALL",
    "ANY",
    "SOME",
    "VALUES",
    "AS",
    "UNION",
    "INTERSECT",
    "EXCEPT",
    "FROM",
    "JOIN",
    "LATERAL",
    "ON",
    "USING",
    "WHERE",
    "FILTER",
    "OVER",
    "BY",
    "HAVING",
    "AND",
    "OR",
    "NOT",
    "IN",
    "EXISTS",
    "LIKE",
    "ESCAPE",
    "BETWEEN",
    "IS",
    "CASE",
    "WHEN",
    "THEN",
    "ELSE",
    "SET",
    "COALESCE",
    "IF",
    "NULLIF",
    "ROW",
];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Output, places, with_text_markers};
    use crate::sql::Statement;

    /// A letter for each marker: a column by itself, a part of one, or neither; capital for an argument.
    fn letters(sql: &str) -> String {
        let letter = |place: super::Place| {
            let letter = match place.output {
                Output::Whole => 'w',
                Output::Part => 'p',
                Output::None => 'n',
            };
            if place.argument {
                letter.to_ascii_uppercase()
            } else {
                letter
            }
        };
        places(sql).into_iter().map(letter).collect()
    }

    #[test]
    fn a_marker_is_a_column_by_itself_or_a_part_of_one() {
        for (sql, expected) in [
            ("SELECT ?", "w"),
            ("SELECT ?, ? AS a, ? \"b\", (?), ?", "wwwww"),
            ("SELECT DISTINCT ? FROM t", "w"),
            ("SELECT ? UNION ALL SELECT ? ORDER BY ?", "wwn"),
            ("VALUES ?, (?, 1 + ?)", "wwp"),
            (
                "WITH a AS (SELECT ? AS b) SELECT * FROM a WHERE b = ?",
                "wn",
            ),
            (
                "CREATE TABLE t AS SELECT ? AS a, b FROM u WHERE c = ?",
                "wn",
            ),
            (
                "SELECT ? + 1, -?, a = ?, ? IS NULL, CASE WHEN ? THEN ? END",
                "pppppp",
            ),
            ("SELECT a IN (?, 1), (? + 1), ARRAY[?]", "ppp"),
            (
                "SELECT a FROM t WHERE b = ? AND c IN (?, ?) LIMIT ?",
                "nnnn",
            ),
            ("SELECT (SELECT max(a) FROM t WHERE b = ?), ?", "nw"),
            ("EXPLAIN SELECT ?", "w"),
        ] {
            assert_eq!(letters(sql), expected, "{sql}");
        }
    }

    #[test]
    fn arguments_of_functions_are_known_from_other_parentheses() {
        for (sql, expected) in [
            ("SELECT abs(?), a.\"f\"(?, (?)), coalesce(?, a)", "PPPp"),
            (
                "SELECT a FROM t WHERE (b = ? OR upper(c) = upper(?)) AND d IN (?)",
                "nNn",
            ),
            ("SELECT lower((SELECT ? FROM t WHERE a = ?))", "wn"),
        ] {
            assert_eq!(letters(sql), expected, "{sql}");
        }
    }

    #[test]
    fn what_is_stored_is_no_output() {
        for sql in [
            "INSERT INTO t VALUES (?, ?)",
            "insert into t SELECT ?, ? FROM u",
            "UPDATE t SET a = ?, b = 1 + ?",
            "MERGE INTO t USING (VALUES (?, ?)) s ON true WHEN NOT MATCHED THEN INSERT VALUES (1)",
            "DELETE FROM t WHERE a = ? AND b = ?",
            "EXPLAIN INSERT INTO t VALUES (?, ?)",
        ] {
            assert_eq!(letters(sql), "nn", "{sql}");
        }
    }

    #[test]
    fn markers_that_need_a_type_are_cast_to_text() {
        let sql = "SELECT a LIKE '%' ||? || '?' AND b = ? AND c = f(?, '?') -- ?";
        assert_eq!(
            with_text_markers(sql, false).unwrap(),
            "SELECT a LIKE '%' ||CAST(? AS varchar) || '?' AND b = ? AND c = f(?, '?') -- ?"
        );
        assert_eq!(
            with_text_markers(sql, true).unwrap(),
            "SELECT a LIKE '%' ||CAST(? AS varchar) || '?' AND b = ? AND c = f(CAST(? AS varchar), '?') -- ?"
        );
        assert_eq!(with_text_markers("SELECT ?, f(?)", false), None);
    }

    proptest! {
        #[test]
        fn every_marker_has_a_place(sql in "([?(),a1 '\"-]|SELECT |FROM |VALUES|/\\*|\\*/)*") {
            prop_assert_eq!(places(&sql).len(), Statement::parse(&sql).parameters());
        }
    }
}
