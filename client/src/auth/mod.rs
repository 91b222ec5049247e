//! How a connection authenticates: the `Authorization` header, which is sent over TLS only.
//!
//! `Credentials` provide the header before each request, and renew it after a refusal where that
//! is possible. The token of a person's sign-in is shared by the connections that may use it: while
//! one of them gets it, the others wait. All waiting is asynchronous, so that it can be cancelled.

mod basic;
mod bearer;
mod challenge;
mod error;
mod external;
mod file;
mod fixed;
mod issued;
mod issuer;
mod kerberos;
mod shared;
mod show;
mod store;
mod token;
mod token_server;

use reqwest::header::HeaderValue;

use crate::http::{Client, ClientPool};
use crate::options::{Authentication, Flow, Options, TokenSource};

pub(crate) use challenge::Challenge;
pub use error::Error;
use external::External;
use file::TokenFile;
use fixed::FixedToken;
use issued::Issued;
use kerberos::Kerberos;

/// The credentials of a connection.
#[derive(Debug)]
pub(crate) enum Credentials {
    /// Only the user's name.
    Anonymous,
    /// User and password, the same for every request.
    Basic(HeaderValue),
    /// A token that was issued beforehand, which the server may renew.
    Token(FixedToken),
    /// A token in a file that another program keeps up to date.
    File(TokenFile),
    /// A token that the coordinator issues to a person who signs in.
    External(External),
    /// A token that an issuer issues to this program, or to a person.
    Issued(Box<Issued>),
    /// Tokens of Kerberos.
    Kerberos(Kerberos),
}

impl Credentials {
    /// The credentials that `options` choose. `client` sends requests to the coordinator; those to
    /// an issuer of tokens are sent by one of `clients`.
    pub fn new(options: &Options, client: &Client, clients: &ClientPool) -> Result<Self, Error> {
        if !options.tls && !matches!(options.authentication, Authentication::None) {
            return Err(Error::WithoutTls);
        }
        Ok(match &options.authentication {
            Authentication::None => Self::Anonymous,
            Authentication::Password(login) => Self::Basic(basic::authorization(login)),
            Authentication::Token(TokenSource::Text(token)) => {
                Self::Token(FixedToken::new(token, client))
            }
            Authentication::Token(TokenSource::File(path)) => Self::File(TokenFile::new(path)),
            Authentication::Kerberos(kerberos) => Self::Kerberos(Kerberos::new(options, kerberos)),
            Authentication::OAuth2(oauth2) => match &oauth2.flow {
                Flow::Browser => Self::External(External::new(options, oauth2, client)),
                Flow::ClientCredentials(issuer) | Flow::Device(issuer) => {
                    Self::Issued(Box::new(Issued::new(options, oauth2, issuer, clients)?))
                }
            },
        })
    }

    /// The value of `Authorization` for the next request to the coordinator.
    pub async fn authorization(&self) -> Result<Option<HeaderValue>, Error> {
        Ok(match self {
            Self::Anonymous => None,
            Self::Basic(value) => Some(value.clone()),
            Self::Token(token) => Some(token.authorization()),
            Self::File(file) => Some(file.authorization().await?),
            Self::External(sign_in) => sign_in.authorization().await?,
            Self::Issued(token) => token.authorization().await?,
            Self::Kerberos(kerberos) => Some(kerberos.authorization().await?),
        })
    }

    /// The same, if it is available at once.
    pub async fn at_hand(&self) -> Option<HeaderValue> {
        match self {
            Self::Anonymous => None,
            Self::Basic(value) => Some(value.clone()),
            Self::Token(token) => Some(token.authorization()),
            Self::File(file) => file.at_hand(),
            Self::External(sign_in) => sign_in.at_hand(),
            Self::Issued(token) => token.at_hand(),
            // Each request has its own token, which may need a new ticket.
            Self::Kerberos(_) => None,
        }
    }

    /// A configuration to suggest when the server refuses these credentials with these challenges.
    pub fn advice(&self, challenges: &[Challenge]) -> Option<&'static str> {
        let signs_in = matches!(self, Self::External(_) | Self::Issued(_));
        let offered = token_server::links(challenges).is_some_and(|(person, _)| person.is_some());
        (offered && !signs_in).then_some(
            "- the server also offers signing in with a browser: set AuthenticationType=OAuth2.",
        )
    }

    /// Renews the credentials after the server refused `refused` with these challenges; false if
    /// that is impossible.
    pub async fn renew(
        &self,
        refused: Option<&HeaderValue>,
        challenges: &[Challenge],
    ) -> Result<bool, Error> {
        match self {
            Self::Anonymous | Self::Basic(_) => Ok(false),
            // Each token is new: the server may have seen the last one already.
            Self::Kerberos(_) => Ok(refused.is_some()),
            Self::Token(token) => token.renew(refused, challenges).await,
            Self::File(file) => file.renew(refused).await,
            Self::External(sign_in) => sign_in.renew(refused, challenges).await,
            Self::Issued(token) => token.renew(refused, challenges).await,
        }
    }
}

#[cfg(test)]
mod tests;
