//! How a client authenticates: one choice, with everything that belongs to it.

use std::path::PathBuf;

use thiserror::Error;

use super::{Kerberos, OAuth2, Secret};
use crate::latin1;

/// What goes into `Authorization`. All but [`None`](Self::None) is sent over TLS only.
#[derive(Debug, Clone, Default)]
pub enum Authentication {
    /// No such header: the server takes the user's name, or the client certificate of the TLS
    /// handshake ([`Identity`](super::Identity), which can be combined with any other choice).
    #[default]
    None,
    /// User name and password, as Basic credentials.
    Password(Login),
    /// A bearer token that was issued beforehand.
    Token(TokenSource),
    /// Tickets of Kerberos.
    Kerberos(Kerberos),
    /// A bearer token that the driver obtains.
    OAuth2(OAuth2),
}

/// Where a bearer token comes from that was issued beforehand.
#[derive(Debug, Clone)]
pub enum TokenSource {
    /// The token itself.
    Text(BearerToken),
    /// A file, which is read again when it changes.
    File(PathBuf),
}

/// A user name and its password, which Basic credentials can carry.
#[derive(Debug, Clone)]
pub struct Login {
    user: String,
    password: Secret,
}

/// Why Basic credentials cannot carry a user name or its password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum InvalidLogin {
    /// The colon separates user name and password.
    #[error("A user name with a colon cannot be sent along with a password.")]
    Colon,
    /// The user name has a character that ISO 8859-1 lacks.
    #[error("The user name has a character that ISO 8859-1 lacks.")]
    User,
    /// The password has a character that ISO 8859-1 lacks.
    #[error("The password has a character that ISO 8859-1 lacks.")]
    Password,
}

impl Login {
    /// The pair, if it can be sent.
    pub fn new(user: impl Into<String>, password: Secret) -> Result<Self, InvalidLogin> {
        let user = user.into();
        if user.contains(':') {
            return Err(InvalidLogin::Colon);
        }
        if latin1::unfit(&user).is_some() {
            return Err(InvalidLogin::User);
        }
        if latin1::unfit(password.reveal()).is_some() {
            return Err(InvalidLogin::Password);
        }
        Ok(Self { user, password })
    }

    /// The user name.
    pub fn user(&self) -> &str {
        &self.user
    }

    /// The password.
    pub fn password(&self) -> &Secret {
        &self.password
    }
}

/// A bearer token: one or more characters of visible ASCII.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BearerToken(Secret);

impl BearerToken {
    /// The token; `None` if it cannot be sent.
    pub fn new(text: Secret) -> Option<Self> {
        let token = text.reveal();
        let is_sendable = !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic());
        is_sendable.then_some(Self(text))
    }

    /// The text of the token.
    pub fn secret(&self) -> &Secret {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_holds_only_what_basic_credentials_can_carry() {
        let login = |user: &str, password| Login::new(user, Secret::new(password)).map(|_| ());
        assert_eq!(login("jürgen", "söcret:ß"), Ok(()));
        assert_eq!(login("a:b", "x"), Err(InvalidLogin::Colon));
        assert_eq!(login("Łukasz", "x"), Err(InvalidLogin::User));
        assert_eq!(login("a", "€"), Err(InvalidLogin::Password));
    }

    #[test]
    fn a_bearer_token_is_visible_ascii() {
        assert!(BearerToken::new(Secret::new("a.b~c+/=")).is_some());
        for text in ["", "x\ny", "a b", "ä"] {
            assert_eq!(BearerToken::new(Secret::new(text)), None, "{text:?}");
        }
    }
}
