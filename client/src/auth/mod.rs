//! How a connection proves who it is: what goes into `Authorization`, and that it goes over TLS only.
//!
//! Credentials are asked before each request, and told when one was refused: a kind that can be renewed gets itself
//! something new then. A token that a person signed in for is shared by the connections that may use it, and while one
//! of them gets it the others wait ([`shared`]). Waiting is asynchronous throughout, so that whoever waits can give up.

mod basic;
mod bearer;
mod challenge;
mod error;
mod external;
mod file;
mod given;
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
use crate::options::{Flow, Options};

pub(crate) use challenge::Challenge;
pub use error::Error;
use external::External;
use file::TokenFile;
use given::Given;
use issued::Issued;
use kerberos::Kerberos;

/// What a connection proves itself with.
#[derive(Debug)]
pub(crate) enum Credentials {
    /// Nothing but the user's name.
    Anonymous,
    /// User and password, the same for every request.
    Basic(HeaderValue),
    /// A token that someone else issued, which the server may renew.
    Given(Given),
    /// A token in a file that someone else keeps up to date.
    File(TokenFile),
    /// A token that the coordinator gives to a person who signs in.
    External(External),
    /// A token that an issuer gives to this program, or to a person.
    Issued(Box<Issued>),
    /// Tokens of Kerberos.
    Kerberos(Kerberos),
}

impl Credentials {
    /// The credentials that `options` amount to. `client` speaks to the coordinator; others come from `clients`.
    pub fn from_options(
        options: &Options,
        client: &Client,
        clients: &ClientPool,
    ) -> Result<Self, Error> {
        if !options.tls {
            if options.password.is_some() {
                return Err(Error::PasswordWithoutTls);
            }
            if options.access_token.is_some()
                || options.access_token_file.is_some()
                || options.oauth2.is_some()
                || options.kerberos.is_some()
            {
                return Err(Error::TokenWithoutTls);
            }
        }
        if let Some(oauth2) = &options.oauth2 {
            return Ok(match &oauth2.flow {
                Flow::Browser => Self::External(External::new(options, oauth2, client)),
                Flow::ClientCredentials(issuer) | Flow::Device(issuer) => {
                    Self::Issued(Box::new(Issued::new(options, oauth2, issuer, clients)?))
                }
            });
        }
        if let Some(kerberos) = &options.kerberos {
            return Ok(Self::Kerberos(Kerberos::new(options, kerberos)));
        }
        if let Some(path) = &options.access_token_file {
            return Ok(Self::File(TokenFile::new(path)));
        }
        match (&options.password, &options.access_token) {
            (Some(_), Some(_)) => Err(Error::Ambiguous),
            (Some(password), None) => {
                let user = options.user.as_deref().ok_or(Error::PasswordWithoutUser)?;
                basic::authorization(user, password).map(Self::Basic)
            }
            (None, Some(token)) => Given::new(token, client).map(Self::Given),
            (None, None) => Ok(Self::Anonymous),
        }
    }

    /// The value of `Authorization` for the next request to the coordinator.
    pub async fn authorization(&self) -> Result<Option<HeaderValue>, Error> {
        Ok(match self {
            Self::Anonymous => None,
            Self::Basic(value) => Some(value.clone()),
            Self::Given(token) => Some(token.authorization()),
            Self::File(file) => Some(file.authorization().await?),
            Self::External(sign_in) => sign_in.authorization().await?,
            Self::Issued(token) => token.authorization().await?,
            Self::Kerberos(kerberos) => Some(kerberos.authorization().await?),
        })
    }

    /// The same, as far as it can be had without asking anyone.
    pub async fn at_hand(&self) -> Option<HeaderValue> {
        match self {
            Self::Anonymous => None,
            Self::Basic(value) => Some(value.clone()),
            Self::Given(token) => Some(token.authorization()),
            Self::File(file) => file.at_hand(),
            Self::External(sign_in) => sign_in.at_hand(),
            Self::Issued(token) => token.at_hand(),
            // A token of its own for each request, and a ticket may have to be got for it.
            Self::Kerberos(_) => None,
        }
    }

    /// What to configure instead, when the server refuses with these challenges what these credentials are.
    pub fn advice(&self, challenges: &[Challenge]) -> Option<&'static str> {
        let signs_in = matches!(self, Self::External(_) | Self::Issued(_));
        let offered = token_server::links(challenges).is_some_and(|(person, _)| person.is_some());
        (offered && !signs_in).then_some(
            "- the server also lets people sign in with a browser: set AuthenticationType=OAuth2.",
        )
    }

    /// Gets something new after the server refused `refused` with these challenges; false when there is nothing.
    pub async fn renew(
        &self,
        refused: Option<&HeaderValue>,
        challenges: &[Challenge],
    ) -> Result<bool, Error> {
        match self {
            Self::Anonymous | Self::Basic(_) => Ok(false),
            // The next token is another one: the server may have seen the last one already.
            Self::Kerberos(_) => Ok(refused.is_some()),
            Self::Given(token) => token.renew(refused, challenges).await,
            Self::File(file) => file.renew(refused).await,
            Self::External(sign_in) => sign_in.renew(refused, challenges).await,
            Self::Issued(token) => token.renew(refused, challenges).await,
        }
    }
}

#[cfg(test)]
mod tests;
