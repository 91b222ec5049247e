//! Defaults of keywords: what the parser takes, and what the documentation prints.

use std::fmt;

/// What applies when a keyword is absent or empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DefaultValue {
    /// Nothing, or something that depends on more than this keyword; described for a person.
    Described(&'static str),
    Boolean(bool),
    Integer(u64),
    Bytes(u64),
    Seconds(u64),
    /// Text, or the name of a choice.
    Text(&'static str),
}

impl DefaultValue {
    /// The default of a keyword of kind [`Boolean`](super::Kind::Boolean).
    pub(in crate::config) fn boolean(self) -> Option<bool> {
        match self {
            Self::Boolean(on) => Some(on),
            _ => None,
        }
    }

    /// The default of a keyword that is a number.
    pub(in crate::config) fn number(self) -> Option<u64> {
        match self {
            Self::Integer(number) | Self::Bytes(number) | Self::Seconds(number) => Some(number),
            _ => None,
        }
    }

    /// The default of a keyword that is text or a choice.
    pub(in crate::config) fn text(self) -> Option<&'static str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// As the documentation prints it.
impl fmt::Display for DefaultValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Described(text) => f.write_str(text),
            Self::Boolean(on) => write!(f, "{on}"),
            Self::Integer(number) | Self::Seconds(number) => write!(f, "{number}"),
            Self::Bytes(bytes) if bytes % (1 << 30) == 0 => write!(f, "{} GB", bytes >> 30),
            Self::Bytes(bytes) => write!(f, "{} MB", bytes >> 20),
            Self::Text(text) => write!(f, "`{text}`"),
        }
    }
}
