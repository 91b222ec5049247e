//! A token as it is held: ready to be sent, with its expiry.

use std::time::{Duration, SystemTime};

use reqwest::header::HeaderValue;

use super::{Error, bearer};
use crate::options::{BearerToken, Secret};

/// A token, and how to get the next one.
#[derive(Debug, Clone)]
pub(super) struct Token {
    /// `Bearer` and the token.
    pub(super) value: HeaderValue,
    pub(super) text: BearerToken,
    /// When it expires, if its issuer said so.
    pub(super) expires: Option<SystemTime>,
    /// The refresh token that came with it.
    pub(super) refresh: Option<Secret>,
}

impl Token {
    /// A token that does not expire, as far as is known.
    pub(super) fn new(text: Secret) -> Result<Self, Error> {
        let text = BearerToken::new(text).ok_or(Error::InvalidToken)?;
        Ok(Self {
            value: bearer::authorization(&text),
            text,
            expires: None,
            refresh: None,
        })
    }

    /// The same token, which expires after `life`.
    pub(super) fn lasting(mut self, life: Option<Duration>) -> Self {
        // It must not expire on its way.
        let life = life.map(|life| life - (life / 10).min(LONGEST_MARGIN));
        self.expires = life.and_then(|life| SystemTime::now().checked_add(life));
        self
    }

    /// Whether it has not expired, as far as is known.
    pub(super) fn is_fresh(&self) -> bool {
        self.expires.is_none_or(|end| SystemTime::now() < end)
    }
}

const LONGEST_MARGIN: Duration = Duration::from_secs(30);
