//! A token that the coordinator gives to a person who signs in with a browser.
//!
//! The coordinator refuses the first request and names two addresses: one for the person, and one
//! for the token. When the token expires it refuses again, and may then issue a new token without
//! the person.

use std::sync::Arc;
use std::time::Duration;

use reqwest::header::HeaderValue;

use super::shared::Shared;
use super::store::Store;
use super::token::Token;
use super::{Challenge, Error, show, token_server};
use crate::http::Client;
use crate::options::{OAuth2, Options, Show};

/// A sign-in, which other connections may share.
#[derive(Debug)]
pub struct External {
    shared: Arc<Shared>,
    store: Option<Store>,
    client: Client,
    show: Show,
    timeout: Duration,
}

impl External {
    pub(super) fn new(options: &Options, oauth2: &OAuth2, client: &Client) -> Self {
        Self {
            shared: Shared::of(options, oauth2),
            store: Store::of(options, oauth2),
            client: client.clone(),
            show: oauth2.show.clone(),
            timeout: oauth2.timeout,
        }
    }

    pub(super) fn at_hand(&self) -> Option<HeaderValue> {
        self.shared.fresh()
    }

    /// The token, if there is one already; without it the coordinator describes how to get one.
    pub(super) async fn authorization(&self) -> Result<Option<HeaderValue>, Error> {
        if let Some(store) = &self.store {
            store.load(&self.shared).await;
        }
        Ok(self.shared.fresh())
    }

    pub(super) async fn renew(
        &self,
        refused: Option<&HeaderValue>,
        challenges: &[Challenge],
    ) -> Result<bool, Error> {
        let get = async |_| match &self.store {
            None => self.sign_in(challenges).await,
            Some(store) => {
                let sign_in = async |_| self.sign_in(challenges).await;
                store.renew(refused, self.timeout, sign_in).await
            }
        };
        match self.shared.renew(refused, get).await {
            // The server cannot refresh the token. Without one, it lets the person sign in again.
            Err(Error::Denied { message }) if is_refresh(challenges) => {
                tracing::info!(message, "the token cannot be refreshed");
                Ok(true)
            }
            renewed => renewed.map(|_| true),
        }
    }

    async fn sign_in(&self, challenges: &[Challenge]) -> Result<Token, Error> {
        let Some((person, token)) = token_server::links(challenges) else {
            return Err(not_offered(challenges));
        };
        if let Some(address) = person {
            show::show(&self.show, address, None).await?;
        }
        let token = token_server::wait(&self.client, token, self.timeout).await?;
        tracing::info!(by_a_person = person.is_some(), "signed in");
        Token::new(token)
    }
}

/// Whether the server issues a new token without the person.
fn is_refresh(challenges: &[Challenge]) -> bool {
    token_server::links(challenges).is_some_and(|(person, _)| person.is_none())
}

fn not_offered(challenges: &[Challenge]) -> Error {
    let mut offers: Vec<_> = challenges.iter().map(Challenge::scheme).collect();
    offers.dedup();
    Error::NotOffered {
        offers: if offers.is_empty() {
            "nothing that it names".to_owned()
        } else {
            offers.join(", ")
        },
    }
}
