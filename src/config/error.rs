//! What can be wrong with what a person configured, and what deserves a warning.

use thiserror::Error;

use super::Keyword;

/// Why no connection can be made from what was configured. It never shows a secret.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Error {
    #[error(
        "The connection string is malformed {}: {problem}.",
        after.as_ref().map_or_else(|| "at its beginning".to_owned(), |keyword| format!("at or after {keyword}"))
    )]
    Syntax {
        /// The last keyword that was understood.
        after: Option<String>,
        problem: &'static str,
    },
    #[error("The data source {0:?} was not found.")]
    DataSourceNotFound(String),
    #[error("{keyword} is missing{why}.")]
    Missing {
        keyword: &'static str,
        /// Begins with a blank or comma, or is empty.
        why: &'static str,
    },
    #[error(
        "{keyword}{} is not valid. It must be {allowed}.",
        value.as_ref().map_or_else(String::new, |value| format!("={value}"))
    )]
    Invalid {
        /// As the person wrote it.
        keyword: String,
        /// Absent when it is a secret.
        value: Option<String>,
        allowed: String,
    },
    /// A value that goes into a header as it is, with a character that headers lack.
    #[error(
        "{keyword} has {}, which an HTTP header cannot carry: its characters are those of ISO 8859-1 (Western European \
         languages).",
        character.map_or_else(
            || "a character".to_owned(),
            |character| format!("the character {character} (U+{:04X})", u32::from(character))
        )
    )]
    Unsendable {
        /// As the person wrote it.
        keyword: String,
        /// Absent when it is a secret.
        character: Option<char>,
    },
    #[error(
        "{keyword} is sent over TLS only. Set SSL=true, and Port to the coordinator's https port."
    )]
    Insecure { keyword: &'static str },
    #[error("{keyword} cannot set the header {header}: {why}.")]
    ReservedHeader {
        keyword: String,
        header: String,
        why: &'static str,
    },
    #[error("{system}=false and no {store}: no certificate could be trusted. Set {store}.")]
    NothingTrusted {
        system: &'static str,
        store: &'static str,
    },
}

/// Why no connection can be made, with what was wrong besides.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{error}{}", unknown_keywords(.warnings))]
pub struct Refusal {
    pub error: Error,
    pub warnings: Vec<Warning>,
}

/// The keywords that are not known, as sentences behind an error: what is missing may be there under such a name.
pub fn unknown_keywords(warnings: &[Warning]) -> String {
    let unknown = warnings.iter().filter_map(|warning| match warning {
        Warning::UnknownKeyword(name) => {
            Some(format!(" {name} is not a known keyword{}", meant(name)))
        }
        _ => None,
    });
    unknown.take(MOST_NAMED).collect()
}

/// Ends a sentence about a keyword that is not known.
fn meant(name: &str) -> String {
    match Keyword::nearest(name) {
        Some(meant) => format!("; did you mean {meant}?"),
        None => ".".to_owned(),
    }
}

/// As many names as a message stays readable with.
const MOST_NAMED: usize = 5;

/// What the driver did otherwise than a person may expect, without being stopped by it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Warning {
    /// SQLSTATE 01S00.
    #[error("The keyword {0} is not known and was ignored{end}", end = meant(.0))]
    UnknownKeyword(String),
    #[error("The keyword {0} is not supported by this driver and was ignored.")]
    Unsupported(String),
    #[error("{keyword} was ignored: {why}.")]
    Ignored { keyword: String, why: &'static str },
    /// SQLSTATE 01S02.
    #[error("{keyword}={value} is not supported; {instead} is used instead.")]
    Replaced {
        keyword: String,
        value: String,
        instead: String,
    },
    #[error("{keyword} was ignored: {by} means the same, and says otherwise.")]
    Contradicted { keyword: String, by: String },
    #[error(
        "{keyword} switches off all checks of the coordinator's certificate: anyone may read and change what is sent."
    )]
    Unverified { keyword: String },
}
