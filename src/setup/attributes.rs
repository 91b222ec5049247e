//! Attributes of a data source as installers pass them.

use super::Failure;
use crate::abi::{ODBC_ERROR_INVALID_DSN, ODBC_ERROR_INVALID_KEYWORD_VALUE, SQL_MAX_DSN_LENGTH};
use crate::config::{self, ConnectionString, Error, Id, Keyword, NoDataSources};

/// Keywords and values, in their order.
pub type Attributes = Vec<(String, String)>;

/// Reads a list of `keyword=value`, one a text. A single text may also be a connection string, as scripts pass it: the name
/// of a data source has no semicolon.
pub fn list<'a>(texts: impl IntoIterator<Item = &'a str>) -> Result<Attributes, Failure> {
    let texts: Vec<_> = texts.into_iter().collect();
    if let [text] = texts.as_slice()
        && text.contains(';')
    {
        let parsed = ConnectionString::parse(text).map_err(invalid)?;
        return Ok(revealed(&parsed));
    }
    let mut attributes = Attributes::new();
    for (index, text) in texts.into_iter().enumerate() {
        // The text may be the end of a password: it is not shown.
        let Some((name, value)) = text.split_once('=') else {
            return Err(invalid(format!(
                "Attribute {} has no '='. Write each as keyword=value.",
                index + 1
            )));
        };
        let name = name.trim();
        if name.is_empty() {
            return Err(invalid(format!(
                "Attribute {} has no keyword. Write each as keyword=value.",
                index + 1
            )));
        }
        attributes.push((name.to_owned(), value.to_owned()));
    }
    Ok(attributes)
}

/// The keywords of a connection string, with their secrets.
pub(super) fn revealed(connection: &ConnectionString) -> Attributes {
    let pairs = connection.pairs().iter();
    pairs
        .map(|(name, value)| (name.clone(), value.reveal().to_owned()))
        .collect()
}

/// Takes the value of a keyword, the last if there are more, out of the list.
pub(super) fn take(attributes: &mut Attributes, id: Id) -> Option<String> {
    let is_it = |name: &str| Keyword::find(name).is_some_and(|known| known.id == id);
    let value = attributes.iter().rfind(|(name, _)| is_it(name));
    let value = value.map(|(_, value)| value.clone());
    attributes.retain(|(name, _)| !is_it(name));
    value
}

/// The attributes with the changes: those that are set empty go, and one that is set by another name replaces the old.
pub(super) fn merge(mut attributes: Attributes, changes: Attributes) -> Attributes {
    for (name, value) in changes {
        attributes.retain(|(known, _)| !is_same(known, &name));
        if !value.is_empty() {
            attributes.push((name, value));
        }
    }
    attributes
}

/// Whether two names are of one keyword.
fn is_same(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
        || match (Keyword::find(one), Keyword::find(other)) {
            (Some(one), Some(other)) => one.id == other.id,
            _ => false,
        }
}

/// Refuses a name that no data source may have, by the rules of SQLValidDSN.
pub fn check_name(name: &str) -> Result<(), Failure> {
    let problem = if name.trim().is_empty() {
        "DSN is missing. It names the data source.".to_owned()
    } else if name.encode_utf16().count() > SQL_MAX_DSN_LENGTH {
        format!(
            "{name:?} is too long for the name of a data source, which has at most {SQL_MAX_DSN_LENGTH} characters."
        )
    } else if name.contains(|c: char| c.is_control() || FORBIDDEN.contains(c)) {
        format!(
            "The name of a data source contains none of the characters {FORBIDDEN}, as {name:?} does."
        )
    } else if RESERVED
        .iter()
        .any(|taken| taken.eq_ignore_ascii_case(name))
    {
        format!("{name:?} is no name for a data source: ODBC keeps lists under it.")
    } else {
        return Ok(());
    };
    Err(Failure::new(ODBC_ERROR_INVALID_DSN, problem))
}

/// Refuses attributes that no connection can be made with, whatever user and secrets the application adds when it
/// connects.
pub fn check(attributes: &Attributes) -> Result<(), Failure> {
    let mut given = ConnectionString::from_attributes(attributes.clone());
    for _ in config::KEYWORDS {
        let Err(refusal) = config::parse(&given, &NoDataSources) else {
            return Ok(());
        };
        let Error::Missing { keyword, .. } = refusal.error else {
            return Err(invalid(refusal));
        };
        if keyword != Id::User && !Keyword::of(keyword).secret {
            return Err(invalid(refusal));
        }
        given.extend(ConnectionString::from_pairs([(
            keyword.to_string(),
            "x".to_owned(),
        )]));
    }
    Ok(())
}

/// Whether the attributes name what no application adds when it connects.
pub(super) fn is_complete(attributes: &Attributes) -> bool {
    attributes.iter().any(|(name, value)| {
        Keyword::find(name).is_some_and(|known| known.id == Id::Host) && !value.is_empty()
    })
}

pub(super) fn invalid(problem: impl ToString) -> Failure {
    Failure::new(ODBC_ERROR_INVALID_KEYWORD_VALUE, problem.to_string())
}

const FORBIDDEN: &str = "[]{}(),;?*=!@\\";

/// Sections of the registry that are no data sources.
const RESERVED: [&str; 2] = ["ODBC Data Sources", "ODBC File DSN"];
