//! SPNEGO tokens of the system's Kerberos: GSS-API, loaded at run time, on Unix, and SSPI on Windows.
//!
//! The driver loads on systems that have neither, which only Kerberos requires. Every token has its own security context,
//! of which an HTTP server expects the first message only.

#[cfg(unix)]
mod gssapi;
#[cfg(windows)]
mod sspi;

use std::path::PathBuf;

use crate::options::Secret;

/// The target of a token, and its principal.
#[derive(Debug, Clone)]
pub struct Negotiation {
    /// `service@host` as the system completes it, or a whole principal, `service/host@REALM`.
    pub target: String,
    /// Principal to sign in as; the owner of the credentials if absent.
    pub principal: Option<String>,
    pub means: Means,
    /// Whether to delegate, so that the server can act as the user elsewhere.
    pub delegate: bool,
}

/// Where the credentials come from.
#[derive(Debug, Clone)]
pub enum Means {
    /// The credentials of the user's own sign-in.
    System,
    /// A keytab, and the name of a cache for its tickets.
    #[cfg_attr(windows, expect(dead_code, reason = "SSPI refuses keytabs"))]
    Keytab {
        file: PathBuf,
        cache: String,
    },
    /// A cache of tickets, by its name.
    #[cfg_attr(windows, expect(dead_code, reason = "SSPI has no caches of files"))]
    Cache(String),
    Password(Secret),
}

/// Why there is no token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NegotiationError {
    /// The system's library is missing.
    #[error("{0}")]
    Missing(String),
    /// The library's message.
    #[error("{0}")]
    Refused(String),
}

/// The token for one request. Blocks while a ticket is obtained.
pub fn negotiate(negotiation: &Negotiation) -> Result<Vec<u8>, NegotiationError> {
    #[cfg(unix)]
    return gssapi::negotiate(negotiation);
    #[cfg(windows)]
    return sspi::negotiate(negotiation);
}

/// The parts of a name that Windows signs in with: `DOMAIN\user` has two, and `user@domain` stays whole.
#[cfg(any(windows, test))]
fn domain_and_user(name: &str) -> (Option<&str>, &str) {
    match name.split_once('\\') {
        Some((domain, user)) => (Some(domain), user),
        None => (None, name),
    }
}

#[cfg(test)]
mod tests {
    use super::domain_and_user;

    #[test]
    fn a_domain_before_a_backslash_is_apart_and_a_principal_stays_whole() {
        assert_eq!(domain_and_user(r"CORP\ann"), (Some("CORP"), "ann"));
        assert_eq!(domain_and_user(r".\ann"), (Some("."), "ann"));
        assert_eq!(
            domain_and_user("ann@corp.example"),
            (None, "ann@corp.example")
        );
        assert_eq!(domain_and_user("ann"), (None, "ann"));
    }
}
