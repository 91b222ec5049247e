//! Signing in with OAuth 2.0: who issues the token, and how a person is prompted.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::{Secret, Trust};

/// A sign-in with OAuth 2.0.
#[derive(Debug, Clone)]
pub struct OAuth2 {
    /// Who issues the token, and to whom.
    pub flow: Flow,
    /// How a person is shown where to sign in.
    pub show: Show,
    /// Longest wait for a person.
    pub timeout: Duration,
    /// How long the token is kept, and for whom.
    pub cache: TokenCache,
}

/// Who issues the token, and to whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Flow {
    /// The coordinator, to a person who signs in with a browser.
    Browser,
    /// An issuer, to a program with a secret.
    ClientCredentials(Box<Issuer>),
    /// An issuer, to a person who signs in with a browser on any device.
    Device(Box<Issuer>),
}

/// An issuer of tokens, and what is requested of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Issuer {
    /// Its URL; its configuration is at `/.well-known/openid-configuration` below it.
    pub uri: Option<String>,
    /// Its token endpoint, if it is not to be discovered.
    pub token_endpoint: Option<String>,
    /// Hosts, perhaps with a port, on which the coordinator may name a token endpoint, in addition
    /// to its own.
    pub token_hosts: Vec<String>,
    /// Client id of this program.
    pub client_id: String,
    /// Client secret of this program.
    pub client_secret: Option<Secret>,
    /// Scopes to request, separated by blanks.
    pub scope: Option<String>,
    /// Audience to request.
    pub audience: Option<String>,
    /// Which certificates to trust for the issuer; as for the coordinator if absent.
    pub trust: Option<Trust>,
}

/// How a person is shown where to sign in.
#[derive(Debug, Clone, Default)]
pub struct Show {
    /// Whether to open the system's browser.
    pub open: bool,
    /// Whether to write the address to standard error.
    pub print: bool,
    /// The application's callback.
    pub callback: Option<SignInCallback>,
}

/// How long a token is kept, and for whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TokenCache {
    /// For one connection.
    None,
    /// For the connections of this process.
    #[default]
    Memory,
    /// In a private file, for all processes of the user.
    File,
}

/// A function of the application that shows an address and, if there is one, a code to enter there.
#[derive(Clone)]
pub struct SignInCallback(Arc<Function>);

type Function = dyn Fn(&str, Option<&str>) + Send + Sync;

impl SignInCallback {
    /// Wraps the function.
    pub fn new(callback: impl Fn(&str, Option<&str>) + Send + Sync + 'static) -> Self {
        Self(Arc::new(callback))
    }

    /// Shows the address and the code.
    pub fn call(&self, address: &str, code: Option<&str>) {
        (self.0)(address, code);
    }
}

impl fmt::Debug for SignInCallback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SignInCallback")
    }
}

impl OAuth2 {
    /// Whether a person has to sign in.
    pub fn needs_a_person(&self) -> bool {
        !matches!(self.flow, Flow::ClientCredentials(_))
    }
}
