//! A token as it is held: ready to be sent, with what is known of its end.

use std::time::{Duration, SystemTime};

use reqwest::header::HeaderValue;

use super::{Error, bearer};
use crate::options::Secret;

/// A token, and what to get the next one with.
#[derive(Debug, Clone)]
pub(super) struct Token {
    /// `Bearer` and the token.
    pub(super) value: HeaderValue,
    pub(super) text: Secret,
    /// When it ends, as far as its issuer said.
    pub(super) expires: Option<SystemTime>,
    /// What its issuer takes for the next one.
    pub(super) refresh: Option<Secret>,
}

impl Token {
    /// A token of which nothing else is known.
    pub(super) fn new(text: Secret) -> Result<Self, Error> {
        Ok(Self {
            value: bearer::authorization(&text)?,
            text,
            expires: None,
            refresh: None,
        })
    }

    /// The same token, which ends after `life`.
    pub(super) fn lasting(mut self, life: Option<Duration>) -> Self {
        // One that ends while it travels is worth nothing.
        let life = life.map(|life| life - (life / 10).min(LONGEST_MARGIN));
        self.expires = life.and_then(|life| SystemTime::now().checked_add(life));
        self
    }

    /// Whether it has not ended, as far as is known.
    pub(super) fn is_fresh(&self) -> bool {
        self.expires.is_none_or(|end| SystemTime::now() < end)
    }
}

const LONGEST_MARGIN: Duration = Duration::from_secs(30);
