//! Arguments of catalog functions as conditions of a WHERE clause.
//!
//! Trino keeps all names in lower case, so upper case in an argument could never match and is
//! lowered. A pattern without wildcards becomes `=`: connectors answer that by looking one name up,
//! where LIKE makes them list all. An argument in double quotes is a quoted name wherever it
//! stands: a name that has quotes around it itself is less likely than an application that quotes.

use trino_client::sql::literal;

/// The character that makes a wildcard ordinary: SQL_SEARCH_PATTERN_ESCAPE.
pub const ESCAPE: char = '\\';

/// The names that an argument matches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Matcher {
    /// Any name.
    Any,
    /// This name only.
    Name(String),
    /// The names that LIKE this pattern.
    Like(String),
}

/// How the arguments of a call are to be read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Reading {
    /// SQL_ATTR_METADATA_ID: arguments are identifiers, and no patterns.
    pub identifiers: bool,
    /// Whether `_` in a pattern stands for itself.
    pub literal_underscore: bool,
}

impl Reading {
    /// A pattern value argument.
    pub(super) fn pattern(self, argument: Option<&str>) -> Matcher {
        let Some(argument) = argument else {
            return Matcher::Any;
        };
        if self.identifiers {
            return Matcher::identifier(argument);
        }
        if let Some(name) = quoted(argument) {
            return Matcher::Name(name);
        }
        Matcher::pattern(argument, self.literal_underscore)
    }

    /// An ordinary argument: a name, never a pattern.
    pub(super) fn ordinary(self, argument: Option<&str>) -> Matcher {
        let Some(argument) = argument else {
            return Matcher::Any;
        };
        if self.identifiers {
            return Matcher::identifier(argument);
        }
        Matcher::Name(quoted(argument).unwrap_or_else(|| argument.to_lowercase()))
    }
}

impl Matcher {
    fn pattern(pattern: &str, literal_underscore: bool) -> Self {
        if !pattern.is_empty() && pattern.chars().all(|c| c == '%') {
            return Self::Any;
        }
        let pattern = pattern.to_lowercase();
        let mut name = String::with_capacity(pattern.len());
        let mut wild = false;
        let mut characters = pattern.chars();
        let mut like = String::with_capacity(pattern.len());
        while let Some(c) = characters.next() {
            match c {
                '_' if literal_underscore => {
                    like.extend([ESCAPE, c]);
                    name.push(c);
                }
                '%' | '_' => {
                    wild = true;
                    like.push(c);
                    name.push(c);
                }
                ESCAPE => {
                    // Before anything but a wildcard or itself the escape is an ordinary character,
                    // which LIKE wants escaped.
                    let ahead = characters.clone().next();
                    let escaped = ahead.filter(|c| matches!(c, '%' | '_' | '\\'));
                    let ordinary = escaped.unwrap_or(ESCAPE);
                    if escaped.is_some() {
                        characters.next();
                    }
                    like.extend([ESCAPE, ordinary]);
                    name.push(ordinary);
                }
                c => {
                    like.push(c);
                    name.push(c);
                }
            }
        }
        if wild {
            Self::Like(like)
        } else {
            Self::Name(name)
        }
    }

    /// An identifier: blanks at its end do not count, nor do those around quotes.
    fn identifier(argument: &str) -> Self {
        Self::Name(quoted(argument.trim()).unwrap_or_else(|| argument.trim_end().to_lowercase()))
    }

    /// The names that are exactly this.
    pub(super) fn name(name: &str) -> Self {
        Self::Name(name.to_lowercase())
    }

    /// The only name that matches, where there is but one.
    pub(super) fn as_name(&self) -> Option<&str> {
        match self {
            Self::Name(name) => Some(name),
            Self::Any | Self::Like(_) => None,
        }
    }

    /// Whether it matches few names: one, or those with any character for each `_`, which many
    /// applications do not escape in a name.
    pub(super) fn is_narrow(&self) -> bool {
        match self {
            Self::Any => false,
            Self::Name(_) => true,
            Self::Like(pattern) => {
                let mut escaped = false;
                !pattern.chars().any(|c| {
                    let any_length = c == '%' && !escaped;
                    escaped = c == ESCAPE && !escaped;
                    any_length
                })
            }
        }
    }

    /// Treats an empty argument as a missing one. Every table in Trino has a catalog and a schema,
    /// and applications pass an empty string for "any".
    pub(super) fn or_any_when_empty(self) -> Self {
        match self {
            Self::Name(name) if name.is_empty() => Self::Any,
            other => other,
        }
    }

    /// Whether no object can match: no name is empty.
    pub(super) fn is_hopeless(&self) -> bool {
        matches!(self, Self::Name(name) if name.is_empty())
    }

    /// The condition on `column`; `None` when all match.
    pub(super) fn condition(&self, column: &str) -> Option<String> {
        match self {
            Self::Any => None,
            Self::Name(name) => Some(format!("{column} = {}", literal(name))),
            Self::Like(pattern) => Some(format!(
                "{column} LIKE {} ESCAPE {}",
                literal(pattern),
                literal(&ESCAPE.to_string())
            )),
        }
    }
}

/// The name in double quotes, which are doubled inside. Trino ignores case in quoted names as well.
fn quoted(argument: &str) -> Option<String> {
    let name = argument.strip_prefix('"')?.strip_suffix('"')?;
    Some(name.replace("\"\"", "\"").to_lowercase())
}

/// A WHERE clause, with a blank before it; empty without conditions.
pub(super) fn where_clause(conditions: impl IntoIterator<Item = Option<String>>) -> String {
    let conditions: Vec<String> = conditions.into_iter().flatten().collect();
    if conditions.is_empty() {
        String::new()
    } else {
        format!(" WHERE {}", conditions.join(" AND "))
    }
}

#[cfg(test)]
mod tests {
    use super::{Matcher, Reading, where_clause};

    fn condition(matcher: &Matcher) -> String {
        matcher.condition("x").unwrap_or_default()
    }

    fn pattern(text: &str) -> String {
        condition(&Reading::default().pattern(Some(text)))
    }

    #[test]
    fn a_pattern_without_wildcards_is_looked_up() {
        assert_eq!(pattern("orders"), "x = 'orders'");
        assert_eq!(pattern("my\\_table"), "x = 'my_table'");
        assert_eq!(pattern("it's"), "x = 'it''s'");
        assert_eq!(pattern("a\\\\b"), "x = 'a\\b'");
    }

    #[test]
    fn wildcards_are_matched() {
        assert_eq!(pattern("ord%"), "x LIKE 'ord%' ESCAPE '\\'");
        assert_eq!(pattern("a\\_b_"), "x LIKE 'a\\_b_' ESCAPE '\\'");
    }

    #[test]
    fn a_stray_escape_is_ordinary() {
        assert_eq!(pattern("a\\b%"), "x LIKE 'a\\\\b%' ESCAPE '\\'");
        assert_eq!(pattern("a\\"), "x = 'a\\'");
        assert_eq!(pattern("%\\"), "x LIKE '%\\\\' ESCAPE '\\'");
    }

    #[test]
    fn everything_needs_no_condition() {
        assert_eq!(pattern("%"), "");
        assert_eq!(pattern("%%"), "");
        assert_eq!(condition(&Reading::default().pattern(None)), "");
        assert_eq!(condition(&Reading::default().ordinary(None)), "");
    }

    #[test]
    fn case_does_not_count() {
        assert_eq!(pattern("ORDERS"), "x = 'orders'");
        assert_eq!(pattern("Ord%"), "x LIKE 'ord%' ESCAPE '\\'");
        assert_eq!(pattern("GRÖSSE"), "x = 'grösse'");
        assert_eq!(pattern("\"Größe\""), "x = 'größe'");
    }

    #[test]
    fn underscores_are_ordinary_for_applications_that_do_not_escape() {
        let reading = Reading {
            literal_underscore: true,
            ..Reading::default()
        };
        for (argument, expected) in [
            ("my_table", "x = 'my_table'"),
            ("my\\_table", "x = 'my_table'"),
            ("my_t%", "x LIKE 'my\\_t%' ESCAPE '\\'"),
        ] {
            assert_eq!(condition(&reading.pattern(Some(argument))), expected);
        }
    }

    #[test]
    fn quotes_make_a_name_of_a_pattern() {
        assert_eq!(pattern("\"a_b%\""), "x = 'a_b%'");
        assert_eq!(pattern("\"a\"\"b\""), "x = 'a\"b'");
        assert_eq!(pattern("a\"b"), "x = 'a\"b'");
        assert_eq!(pattern("\""), "x = '\"'");
        let ordinary = Reading::default().ordinary(Some("\"TPCH\""));
        assert_eq!(condition(&ordinary), "x = 'tpch'");
    }

    #[test]
    fn only_a_percent_sign_matches_many_names() {
        for (argument, narrow) in [
            ("orders", true),
            ("my_table", true),
            ("my\\%table_", true),
            ("my\\\\%", false),
            ("my%", false),
            ("%", false),
        ] {
            let matcher = Reading::default().pattern(Some(argument));
            assert_eq!(matcher.is_narrow(), narrow, "{argument}");
        }
    }

    #[test]
    fn an_ordinary_argument_has_no_wildcards() {
        let ordinary = Reading::default().ordinary(Some("A_b%"));
        assert_eq!(condition(&ordinary), "x = 'a_b%'");
    }

    #[test]
    fn identifiers_are_no_patterns() {
        let reading = Reading {
            identifiers: true,
            ..Reading::default()
        };
        for (argument, expected) in [
            ("My_Table ", "x = 'my_table'"),
            (" a", "x = ' a'"),
            (" \"My%\"\"T\" ", "x = 'my%\"t'"),
            ("\" a \"", "x = ' a '"),
            ("a%", "x = 'a%'"),
        ] {
            for matcher in [
                reading.pattern(Some(argument)),
                reading.ordinary(Some(argument)),
            ] {
                assert_eq!(condition(&matcher), expected);
            }
        }
    }

    #[test]
    fn conditions_are_joined() {
        assert_eq!(
            where_clause([Some("a".to_owned()), None, Some("b".to_owned())]),
            " WHERE a AND b"
        );
        assert_eq!(where_clause([None, None]), "");
    }
}
