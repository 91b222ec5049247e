//! The grammar of connection strings: `keyword=value;keyword={value};...`.
//!
//! A value in braces may hold anything, with `}` doubled. If a keyword appears twice, the last one
//! wins, as in other drivers of Trino (by the ODBC reference the first one would).

use std::collections::HashMap;
use std::fmt::Write as _;

use super::keywords::{Id, Keyword};
use super::{Error, Secret, values};

/// The keywords and values of a connection string, in their order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ConnectionString {
    pairs: Vec<(String, Secret)>,
}

impl ConnectionString {
    /// Reads the text of a connection string.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let mut pairs: Vec<(String, Secret)> = Vec::new();
        let mut rest = text;
        loop {
            rest = rest.trim_start_matches(|c: char| c == ';' || is_blank(c));
            if rest.is_empty() {
                return Ok(Self { pairs });
            }
            let malformed = |keyword: Option<&str>, problem| Error::Syntax {
                after: keyword
                    .or(pairs.last().map(|(keyword, _)| keyword.as_str()))
                    .map(str::to_owned),
                problem,
            };
            // A part without `=` may be the end of a password that should be in braces: it is not
            // shown.
            let end = rest.find([';', '=']).unwrap_or(rest.len());
            let (keyword, value) = rest.split_at(end);
            let keyword = keyword.trim_end_matches(is_blank);
            let Some(value) = value.strip_prefix('=') else {
                return Err(malformed(
                    None,
                    "a part has no '='. A value that contains ';' must be in braces",
                ));
            };
            if keyword.is_empty() {
                return Err(malformed(None, "a value has no keyword"));
            }
            let trimmed = value.trim_start_matches(is_blank);
            let (value, after) = if let Some(braced) = trimmed.strip_prefix('{') {
                let Some((value, after)) = unbrace(braced) else {
                    return Err(malformed(
                        Some(keyword),
                        "its brace is not closed. '}' is written '}}' in braces",
                    ));
                };
                let after = after.trim_start_matches(is_blank);
                if !(after.is_empty() || after.starts_with(';')) {
                    return Err(malformed(
                        Some(keyword),
                        "text follows its closing brace. '}' is written '}}' in braces",
                    ));
                }
                (value, after)
            } else {
                let (value, after) = trimmed.split_at(trimmed.find(';').unwrap_or(trimmed.len()));
                (Secret::new(value.trim_end_matches(is_blank)), after)
            };
            pairs.push((keyword.to_owned(), value));
            rest = after;
        }
    }

    /// Makes one from the attributes of a data source, where a value may be in braces as in a
    /// connection string, perhaps with a comment behind. A value whose braces do not match is taken
    /// literally.
    pub fn from_attributes(attributes: impl IntoIterator<Item = (String, String)>) -> Self {
        let pairs = attributes.into_iter().map(|(keyword, text)| {
            let braced = text.trim_matches(is_blank).strip_prefix('{');
            match braced.and_then(unbrace) {
                Some((inner, after)) if values::without_comment(after).is_empty() => {
                    (keyword, inner)
                }
                _ => (keyword, Secret::new(text)),
            }
        });
        Self {
            pairs: pairs.collect(),
        }
    }

    /// Makes one from keywords and values that need no parsing.
    pub fn from_pairs(pairs: impl IntoIterator<Item = (String, String)>) -> Self {
        Self {
            pairs: pairs
                .into_iter()
                .map(|(keyword, value)| (keyword, Secret::new(value)))
                .collect(),
        }
    }

    /// Adds later keywords, which take precedence over earlier ones.
    pub fn extend(&mut self, later: Self) {
        self.pairs.extend(later.pairs);
    }

    /// Replaces all values of a keyword, whatever names they have.
    pub fn set(&mut self, name: &str, value: &str) {
        let is_it = |known: &str| match Keyword::find(name) {
            Some(keyword) => Keyword::find(known).is_some_and(|known| known.id == keyword.id),
            None => known.eq_ignore_ascii_case(name),
        };
        self.pairs.retain(|(known, _)| !is_it(known));
        self.pairs.push((name.to_owned(), Secret::new(value)));
    }

    /// Keywords and values as they were given.
    pub fn pairs(&self) -> &[(String, Secret)] {
        &self.pairs
    }

    /// The name of the data source, unless a driver is named before it.
    pub fn data_source(&self) -> Option<&str> {
        let (place, name) = self.last(Id::Dsn)?;
        match self.last(Id::Driver) {
            Some((driver, _)) if driver < place => None,
            _ => Some(name),
        }
    }

    /// The place and the text of a keyword's last value, unless that is empty.
    fn last(&self, id: Id) -> Option<(usize, &str)> {
        let is_it = |(name, _): &(String, _)| Keyword::find(name).is_some_and(|it| it.id == id);
        let place = self.pairs.iter().rposition(is_it)?;
        let (_, value) = self.pairs.get(place)?;
        Some((place, value.reveal())).filter(|(_, value)| !value.is_empty())
    }

    /// The completed connection string for the application, which may keep it: its own keywords,
    /// each once.
    ///
    /// Nothing of the data source is added, so that a kept string follows the data source when that
    /// changes, and no secret appears that the application did not give.
    pub fn completed(&self) -> String {
        let mut text = String::new();
        let mut last: HashMap<String, usize> = HashMap::new();
        for (index, (keyword, _)) in self.pairs.iter().enumerate() {
            last.insert(keyword.to_ascii_lowercase(), index);
        }
        for (index, (keyword, value)) in self.pairs.iter().enumerate() {
            if last.get(&keyword.to_ascii_lowercase()) != Some(&index) {
                continue;
            }
            let value = value.reveal();
            let _ = if needs_braces(keyword, value) {
                write!(text, "{keyword}={{{}}};", value.replace('}', "}}"))
            } else {
                write!(text, "{keyword}={value};")
            };
        }
        text
    }
}

/// Splits the value off at its closing brace; `None` when there is none.
fn unbrace(text: &str) -> Option<(Secret, &str)> {
    let mut value = String::new();
    let mut rest = text;
    loop {
        let (head, tail) = rest.split_once('}')?;
        value.push_str(head);
        match tail.strip_prefix('}') {
            Some(tail) => {
                value.push('}');
                rest = tail;
            }
            None => return Some((Secret::new(value), tail)),
        }
    }
}

/// Whether the value would be read differently without braces, here or by a Driver Manager.
fn needs_braces(keyword: &str, value: &str) -> bool {
    // Driver Managers look for DRIVER={name}.
    keyword.eq_ignore_ascii_case("DRIVER")
        || value.starts_with(is_blank)
        || value.ends_with(is_blank)
        || value.contains(|c| "[]{}(),;?*=!@".contains(c))
}

fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{ConnectionString, Error};

    fn pairs(text: &str) -> Vec<(String, String)> {
        let parsed = ConnectionString::parse(text).unwrap();
        let own = |(keyword, value): &(String, super::Secret)| {
            (keyword.clone(), value.reveal().to_owned())
        };
        parsed.pairs().iter().map(own).collect()
    }

    fn pair(keyword: &str, value: &str) -> (String, String) {
        (keyword.to_owned(), value.to_owned())
    }

    #[test]
    fn keywords_and_values_are_split() {
        assert_eq!(
            pairs("DRIVER={Trino};Host=h; Port = 8080 ;;PWD=;"),
            [
                pair("DRIVER", "Trino"),
                pair("Host", "h"),
                pair("Port", "8080"),
                pair("PWD", ""),
            ]
        );
    }

    #[test]
    fn braces_hold_anything() {
        assert_eq!(
            pairs("PWD={a;b}}c=} ; x={ \u{20ac} };y={}"),
            [
                pair("PWD", "a;b}c="),
                pair("x", " \u{20ac} "),
                pair("y", "")
            ]
        );
    }

    #[test]
    fn attributes_may_stand_in_braces() {
        for (text, value) in [
            ("{a:1;b:2}", "a:1;b:2"),
            ("{a}}b}", "a}b"),
            (" { a } ", " a "),
            ("{}", ""),
            ("{8080} ; http", "8080"),
            ("{a;b}\t# two", "a;b"),
            ("{a};b", "{a};b"),
            ("{a} b ; c", "{a} b ; c"),
            ("{a}b", "{a}b"),
            ("{a}b}", "{a}b}"),
            ("{a", "{a"),
            ("a}", "a}"),
            ("{{a}}}", "{a}"),
            ("x", "x"),
        ] {
            let given = ConnectionString::from_attributes([("k".to_owned(), text.to_owned())]);
            assert_eq!(given.pairs()[0].1.reveal(), value, "{text}");
        }
    }

    #[test]
    fn an_equals_sign_belongs_to_the_value() {
        assert_eq!(
            pairs("SessionProperties=a=1,b=2"),
            [pair("SessionProperties", "a=1,b=2")]
        );
    }

    #[test]
    fn what_is_malformed_names_the_keyword_and_shows_no_value() {
        for (text, keyword) in [
            ("PWD=hunter;2;Host=h", "PWD"),
            ("PWD={hunter2", "PWD"),
            ("PWD={hun}ter2", "PWD"),
            ("PWD=x;=hunter2", "PWD"),
        ] {
            let error = ConnectionString::parse(text).unwrap_err();
            assert!(matches!(&error, Error::Syntax { after: Some(after), .. } if after == keyword));
            assert!(!error.to_string().contains("hun"), "{error}");
        }
    }

    #[test]
    fn a_secret_does_not_show_in_debug_output() {
        let parsed = ConnectionString::parse("PWD=hunter2;x=y").unwrap();
        assert!(!format!("{parsed:?}").contains("hunter2"));
    }

    #[test]
    fn the_completed_string_has_each_keyword_once_with_its_last_value() {
        let parsed = ConnectionString::parse("DRIVER=Trino;pwd=old;Host=h;PWD={a}}b}").unwrap();
        assert_eq!(parsed.completed(), "DRIVER={Trino};Host=h;PWD={a}}b};");
    }

    #[test]
    fn a_driver_before_the_data_source_keeps_it_from_being_read() {
        let name = |text| {
            let parsed = ConnectionString::parse(text).unwrap();
            parsed.data_source().map(str::to_owned)
        };
        assert_eq!(name("DSN=a;DRIVER={b}"), Some("a".to_owned()));
        assert_eq!(name("DRIVER={b};dsn=a"), None);
        assert_eq!(name("DSN=;Host=h"), None);
        assert_eq!(name("DSN=a;DSN="), None);
        assert_eq!(name("DSN=a;DRIVER={c};dsn=b"), None);
        assert_eq!(name("DRIVER=;dsn=a;DSN=b"), Some("b".to_owned()));
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(
            text in "[a-z=;{} \\n\u{20ac}]{0,40}|.{0,60}|((DSN|Driver|x)=|[a;{} ])*"
        ) {
            if let Ok(given) = ConnectionString::parse(&text) {
                let again = ConnectionString::parse(&given.completed()).unwrap();
                prop_assert_eq!(again.completed(), given.completed());
                prop_assert_eq!(again.data_source(), given.data_source());
            }
        }

        #[test]
        fn a_completed_string_says_the_same(
            given in prop::collection::btree_map("[a-z]{1,8}", ".{0,20}", 0..6)
        ) {
            let given: Vec<_> = given.into_iter().collect();
            let written = ConnectionString::from_pairs(given.clone()).completed();
            prop_assert_eq!(pairs(&written), given);
        }
    }
}
