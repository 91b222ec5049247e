//! Arguments of catalog functions as conditions of a WHERE clause.
//!
//! Trino keeps all names in lower case, so upper case in an argument could never match and is lowered. A pattern
//! without wildcards becomes `=`: connectors answer that by looking one name up, where LIKE makes them list all.

use crate::sql::literal;

/// The character that makes a wildcard ordinary: SQL_SEARCH_PATTERN_ESCAPE.
pub const ESCAPE: char = '\\';

/// What an argument asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Matcher {
    /// Any name.
    Any,
    /// This name only.
    Name(String),
    /// The names that LIKE this pattern.
    Like(String),
}

impl Matcher {
    /// A pattern value argument.
    pub(super) fn pattern(argument: Option<&str>) -> Self {
        let Some(pattern) = argument else {
            return Self::Any;
        };
        if !pattern.is_empty() && pattern.chars().all(|c| c == '%') {
            return Self::Any;
        }
        let mut name = String::with_capacity(pattern.len());
        let mut wild = false;
        let mut characters = pattern.chars();
        let mut like = String::with_capacity(pattern.len());
        while let Some(c) = characters.next() {
            match c {
                '%' | '_' => {
                    wild = true;
                    like.push(c);
                    name.push(c);
                }
                ESCAPE => {
                    // Before anything but a wildcard or itself the escape is an ordinary character, which LIKE wants
                    // escaped.
                    let ahead = characters.clone().next();
                    let escaped = ahead.filter(|c| matches!(c, '%' | '_' | '\\'));
                    let ordinary = escaped.unwrap_or(ESCAPE);
                    if escaped.is_some() {
                        characters.next();
                    }
                    like.push(ESCAPE);
                    like.push(ordinary);
                    name.push(ordinary);
                }
                c => {
                    like.extend(c.to_lowercase());
                    name.extend(c.to_lowercase());
                }
            }
        }
        if wild {
            Self::Like(like)
        } else {
            Self::Name(name)
        }
    }

    /// An identifier argument (SQL_ATTR_METADATA_ID): blanks around it and quotes do not count.
    pub(super) fn identifier(argument: Option<&str>) -> Self {
        let Some(argument) = argument else {
            return Self::Any;
        };
        let trimmed = argument.trim();
        let name = match trimmed
            .strip_prefix('"')
            .and_then(|rest| rest.strip_suffix('"'))
        {
            Some(quoted) => quoted.replace("\"\"", "\""),
            None => trimmed.to_owned(),
        };
        Self::Name(name.to_lowercase())
    }

    /// An ordinary argument: the name itself.
    pub(super) fn ordinary(argument: Option<&str>) -> Self {
        argument.map_or(Self::Any, |name| Self::Name(name.to_lowercase()))
    }

    /// Takes an empty argument for a missing one. Nothing in Trino is outside a catalog and a schema, and applications
    /// pass an empty string for "I do not care".
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
    use super::{Matcher, where_clause};

    fn pattern(text: &str) -> String {
        Matcher::pattern(Some(text))
            .condition("x")
            .unwrap_or_default()
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
        assert_eq!(Matcher::pattern(None).condition("x"), None);
    }

    #[test]
    fn case_does_not_count() {
        assert_eq!(pattern("ORDERS"), "x = 'orders'");
        assert_eq!(pattern("Ord%"), "x LIKE 'ord%' ESCAPE '\\'");
    }

    #[test]
    fn identifiers_are_no_patterns() {
        for (argument, expected) in [
            ("My_Table ", "x = 'my_table'"),
            ("\"My%\"\"T\"", "x = 'my%\"t'"),
            ("a%", "x = 'a%'"),
        ] {
            let matcher = Matcher::identifier(Some(argument));
            assert_eq!(matcher.condition("x").as_deref(), Some(expected));
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
