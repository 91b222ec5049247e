//! Signing in with Kerberos: the service, and the source of tickets.

use std::path::PathBuf;

use super::Secret;

/// A sign-in with Kerberos.
#[derive(Debug, Clone, PartialEq)]
pub struct Kerberos {
    /// Name of the coordinator's service.
    pub service: String,
    /// Pattern of the service principal, with `${SERVICE}` and `${HOST}`.
    pub pattern: String,
    /// Whether the Kerberos library may look up the host's canonical name.
    pub canonical: bool,
    /// Principal to sign in as; the owner of the tickets if absent.
    pub principal: Option<String>,
    /// Password of the principal.
    pub password: Option<Secret>,
    /// Keytab to sign in with.
    pub keytab: Option<PathBuf>,
    /// Ticket cache: a file, or a name with a type prefix.
    pub cache: Option<String>,
    /// Whether to delegate the ticket, so that the server can act as the user elsewhere.
    pub delegate: bool,
}

impl Default for Kerberos {
    fn default() -> Self {
        Self {
            service: "HTTP".to_owned(),
            pattern: "${SERVICE}@${HOST}".to_owned(),
            canonical: true,
            principal: None,
            password: None,
            keytab: None,
            cache: None,
            delegate: false,
        }
    }
}
