//! Signing in with Kerberos: which service, and where tickets come from.

use std::path::PathBuf;

use super::Secret;

/// A sign-in with Kerberos.
#[derive(Debug, Clone, PartialEq)]
pub struct Kerberos {
    /// Name of the coordinator's service.
    pub service: String,
    /// How service and host make up the service's name, with `${SERVICE}` and `${HOST}`.
    pub pattern: String,
    /// Whether the Kerberos library may look up the host's canonical name.
    pub canonical: bool,
    /// Who signs in; whoever the credentials are of when absent.
    pub principal: Option<String>,
    pub password: Option<Secret>,
    pub keytab: Option<PathBuf>,
    /// Name of a cache of tickets, with its kind before a colon or a file.
    pub cache: Option<String>,
    /// Whether the server may act as the user elsewhere.
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
