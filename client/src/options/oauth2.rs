//! Signing in with OAuth 2.0: who issues the token, and how a person is asked.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::{Secret, Trust};

/// A sign-in with OAuth 2.0.
#[derive(Debug, Clone)]
pub struct OAuth2 {
    pub flow: Flow,
    /// How a person is shown where to sign in.
    pub show: Show,
    /// Longest wait for a person.
    pub timeout: Duration,
    pub cache: TokenCache,
}

/// Who gives the token, and to whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Flow {
    /// The coordinator, to a person who signs in with a browser.
    Browser,
    /// An issuer, to a program with a secret.
    ClientCredentials(Box<Issuer>),
    /// An issuer, to a person who signs in with a browser on any device.
    Device(Box<Issuer>),
}

/// An issuer of tokens, and what is asked of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Issuer {
    /// Where it describes itself, without `/.well-known/openid-configuration`.
    pub uri: Option<String>,
    /// Where it gives tokens, when it is not to be asked for that.
    pub token_endpoint: Option<String>,
    /// Hosts, perhaps with a port, that the coordinator may name as where the token comes from; its own is one anyway.
    pub token_hosts: Vec<String>,
    pub client_id: String,
    pub client_secret: Option<Secret>,
    pub scope: Option<String>,
    pub audience: Option<String>,
    /// Whom to trust as the issuer; as the coordinator is trusted when absent.
    pub trust: Option<Trust>,
}

/// How a person is shown where to sign in.
#[derive(Debug, Clone, Default)]
pub struct Show {
    /// Whether the system's browser is opened.
    pub open: bool,
    /// Whether the address is written to standard error.
    pub print: bool,
    /// What the application does about it.
    pub tell: Option<Tell>,
}

/// How long a token is kept, and for whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TokenCache {
    /// For one connection.
    None,
    /// For the connections of this process.
    #[default]
    Memory,
    /// In a file of the user's, for all processes.
    File,
}

/// The application's own way to show an address and, beside it, a code to be entered there.
#[derive(Clone)]
pub struct Tell(Arc<Function>);

type Function = dyn Fn(&str, Option<&str>) + Send + Sync;

impl Tell {
    /// Calls `tell` with the address and the code.
    pub fn new(tell: impl Fn(&str, Option<&str>) + Send + Sync + 'static) -> Self {
        Self(Arc::new(tell))
    }

    /// Shows the address.
    pub fn call(&self, address: &str, code: Option<&str>) {
        (self.0)(address, code);
    }
}

impl fmt::Debug for Tell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tell")
    }
}

impl OAuth2 {
    /// Whether a person has to do something.
    pub fn needs_a_person(&self) -> bool {
        !matches!(self.flow, Flow::ClientCredentials(_))
    }
}
