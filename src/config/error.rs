//! What can be wrong with a configuration, and what deserves a warning.

use thiserror::Error;

use super::{Id, Keyword};

/// Why the configuration cannot be used. No message shows a secret.
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
    #[error("{keyword} is missing. {reason}")]
    Missing { keyword: Id, reason: &'static str },
    #[error(
        "{name}{} is not valid. It must be {allowed}.",
        value.as_ref().map_or_else(String::new, |value| format!("={value}"))
    )]
    Invalid {
        keyword: Id,
        /// The keyword's name as it was given.
        name: String,
        /// Absent when it is a secret.
        value: Option<String>,
        allowed: String,
    },
    /// A value that goes into a header as it is, with a character that headers lack.
    #[error(
        "{name} has {}, which an HTTP header cannot carry: its characters are those of ISO 8859-1 (Western European \
         languages).",
        character.map_or_else(
            || "a character".to_owned(),
            |character| format!("the character {character} (U+{:04X})", u32::from(character))
        )
    )]
    Unsendable {
        keyword: Id,
        /// The keyword's name as it was given.
        name: String,
        /// Absent when it is a secret.
        character: Option<char>,
    },
    /// `value` is that of a keyword which selects something that needs TLS, rather than being sent
    /// itself.
    #[error(
        "{keyword}{} requires TLS. Set SSL=true, and Port to the coordinator's https port.",
        value.map_or_else(String::new, |value| format!("={value}"))
    )]
    Insecure {
        keyword: Id,
        value: Option<&'static str>,
    },
    #[error("{name} cannot set the header {header}. {reason}")]
    ReservedHeader {
        /// The keyword's name as it was given.
        name: String,
        header: String,
        reason: &'static str,
    },
    #[error(
        "ProtectedSecrets cannot be decrypted: {reason}. It was saved by a user of Windows, for that user only. Put the \
         password or token into the connection string, or save it again in the data source's dialog."
    )]
    Undecipherable { reason: String },
    #[error("{system}=false without {store} leaves no authority to trust. Set {store}.")]
    NothingTrusted { system: Id, store: Id },
}

impl Error {
    /// The keyword that it is about, if it is about a single one that has an id.
    pub fn keyword(&self) -> Option<Id> {
        match self {
            Self::Missing { keyword, .. }
            | Self::Invalid { keyword, .. }
            | Self::Unsendable { keyword, .. }
            | Self::Insecure { keyword, .. } => Some(*keyword),
            Self::Undecipherable { .. } => Some(Id::ProtectedSecrets),
            Self::Syntax { .. }
            | Self::DataSourceNotFound(_)
            | Self::ReservedHeader { .. }
            | Self::NothingTrusted { .. } => None,
        }
    }
}

/// Why no connection can be made, with the warnings up to then.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{error}{}", unknown_keywords(.warnings))]
pub struct Refusal {
    pub error: Error,
    pub warnings: Vec<Warning>,
}

/// The unknown keywords, as sentences to follow an error: one of them may be the missing keyword,
/// misspelt.
pub fn unknown_keywords(warnings: &[Warning]) -> String {
    let unknown = warnings.iter().filter_map(|warning| match warning {
        Warning::UnknownKeyword(name) => Some(format!(
            " {name} is not a known keyword{}",
            suggestion(name)
        )),
        _ => None,
    });
    unknown.take(MOST_NAMED).collect()
}

/// Ends a sentence about an unknown keyword.
fn suggestion(name: &str) -> String {
    match Keyword::nearest(name) {
        Some(meant) => format!("; did you mean {meant}?"),
        None => ".".to_owned(),
    }
}

/// As many names as a message stays readable with.
const MOST_NAMED: usize = 5;

/// What may surprise, but keeps no connection from being made.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Warning {
    /// SQLSTATE 01S00.
    #[error("The keyword {0} is not known and was ignored{end}", end = suggestion(.0))]
    UnknownKeyword(String),
    #[error("The keyword {0} is not supported by this driver and was ignored.")]
    Unsupported(String),
    #[error("{keyword} was ignored. {reason}")]
    Ignored {
        keyword: String,
        reason: &'static str,
    },
    /// SQLSTATE 01S02.
    #[error("{keyword}={value} is not supported; {instead} is used instead.")]
    Replaced {
        keyword: String,
        value: String,
        instead: String,
    },
    #[error("{keyword} was ignored because it conflicts with {by}.")]
    Contradicted { keyword: String, by: String },
    #[error(
        "{keyword} turns off verification of the coordinator's certificate: anyone on the network path can read and \
         change the traffic."
    )]
    Unverified { keyword: String },
}
