//! Tokens of SPNEGO by the system's own Kerberos: GSS-API found at run time on Unix, SSPI on Windows.
//!
//! The driver loads on systems that have neither: who does not ask for Kerberos never needs it. Every token is of a
//! context of its own, of which the first message is all that an HTTP server wants.

#[cfg(unix)]
mod gssapi;
#[cfg(windows)]
mod sspi;

use std::path::PathBuf;

use crate::options::Secret;

/// For whom a token is, and on whose behalf.
#[derive(Debug, Clone)]
pub struct Negotiation {
    /// `service@host` as the system completes it, or a whole principal, `service/host@REALM`.
    pub target: String,
    /// Who signs in; whoever the credentials are of when absent.
    pub principal: Option<String>,
    pub means: Means,
    /// Whether the server may act as the user elsewhere.
    pub delegate: bool,
}

/// Where the credentials come from.
#[derive(Debug, Clone)]
pub enum Means {
    /// What the user's own sign-in left.
    System,
    /// A file of keys, and the name of a cache for what they are exchanged for.
    Keytab {
        file: PathBuf,
        cache: String,
    },
    /// A cache of tickets, by its name.
    Cache(String),
    Password(Secret),
}

/// Why there is no token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NegotiationError {
    /// The system's library is not there.
    #[error("{0}")]
    Missing(String),
    /// In the library's own words.
    #[error("{0}")]
    Refused(String),
}

/// The token for one request. Blocks while a ticket is got.
pub fn negotiate(negotiation: &Negotiation) -> Result<Vec<u8>, NegotiationError> {
    #[cfg(unix)]
    return gssapi::negotiate(negotiation);
    #[cfg(windows)]
    return sspi::negotiate(negotiation);
}
