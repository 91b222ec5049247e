//! How a connection proves who it is: what goes into `Authorization`, and that it goes over TLS only.
//!
//! Credentials are asked once per request and may change between two of them, so that a kind of credentials that
//! is renewed fits in beside those that stand still.

mod basic;
mod bearer;

use reqwest::header::HeaderValue;

use crate::config::Options;

/// What a connection proves itself with.
#[derive(Debug, Clone)]
pub enum Credentials {
    /// Nothing but the user's name.
    Anonymous,
    /// User and password, the same for every request.
    Basic(HeaderValue),
    /// A token, the same for every request.
    Bearer(HeaderValue),
}

/// Credentials that cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error("A password is sent over TLS only: set SSL=true, or leave the password out.")]
    PasswordWithoutTls,
    #[error("An access token is sent over TLS only: set SSL=true, or leave the token out.")]
    TokenWithoutTls,
    #[error("A password needs a user name: set UID.")]
    PasswordWithoutUser,
    #[error("A user name with a colon cannot be sent along with a password.")]
    ColonInUser,
    #[error("The access token has characters that no token has.")]
    InvalidToken,
    #[error("Both a password and an access token are given; only one can be sent.")]
    Ambiguous,
}

impl Credentials {
    /// The credentials that `options` amount to.
    pub fn from_options(options: &Options) -> Result<Self, Error> {
        match (&options.password, &options.access_token) {
            (Some(_), Some(_)) => Err(Error::Ambiguous),
            (Some(_), None) if !options.tls => Err(Error::PasswordWithoutTls),
            (None, Some(_)) if !options.tls => Err(Error::TokenWithoutTls),
            (Some(password), None) => {
                let user = options.user.as_deref().ok_or(Error::PasswordWithoutUser)?;
                basic::authorization(user, password).map(Self::Basic)
            }
            (None, Some(token)) => bearer::authorization(token).map(Self::Bearer),
            (None, None) => Ok(Self::Anonymous),
        }
    }

    /// The value of `Authorization` for the next request to the coordinator.
    pub fn authorization(&self) -> Option<&HeaderValue> {
        match self {
            Self::Anonymous => None,
            Self::Basic(value) | Self::Bearer(value) => Some(value),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Secret;

    fn options(tls: bool, user: &str, password: Option<&str>, token: Option<&str>) -> Options {
        Options {
            tls,
            user: (!user.is_empty()).then(|| user.to_owned()),
            password: password.map(Secret::new),
            access_token: token.map(Secret::new),
            ..Options::default()
        }
    }

    #[test]
    fn secrets_go_over_tls_only() {
        let refused = |options: &Options| Credentials::from_options(options).unwrap_err();
        assert_eq!(
            refused(&options(false, "alice", Some("x"), None)),
            Error::PasswordWithoutTls
        );
        assert_eq!(
            refused(&options(false, "", None, Some("x"))),
            Error::TokenWithoutTls
        );
        assert!(Error::PasswordWithoutTls.to_string().contains("SSL=true"));
    }

    #[test]
    fn a_password_is_basic_and_a_token_is_bearer() {
        let value = |options: &Options| {
            let credentials = Credentials::from_options(options).unwrap();
            let value = credentials.authorization().unwrap();
            assert!(value.is_sensitive());
            value.to_str().unwrap().to_owned()
        };
        assert_eq!(
            value(&options(true, "alice", Some("söcret"), None)),
            "Basic YWxpY2U6c8O2Y3JldA=="
        );
        assert_eq!(
            value(&options(true, "", None, Some("a.b.c"))),
            "Bearer a.b.c"
        );
    }

    #[test]
    fn what_cannot_be_sent_is_refused() {
        let refused = |options: &Options| Credentials::from_options(options).unwrap_err();
        assert_eq!(
            refused(&options(true, "a:b", Some("x"), None)),
            Error::ColonInUser
        );
        assert_eq!(
            refused(&options(true, "", Some("x"), None)),
            Error::PasswordWithoutUser
        );
        assert_eq!(
            refused(&options(true, "a", None, Some("x\ny"))),
            Error::InvalidToken
        );
        assert_eq!(
            refused(&options(true, "a", Some("x"), Some("y"))),
            Error::Ambiguous
        );
    }
}
