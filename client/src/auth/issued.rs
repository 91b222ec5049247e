//! A token of an issuer: for this program, which has a secret, or for a person on any device.
//!
//! Unlike with the coordinator's sign-in, the token endpoint and the token's expiry are known
//! beforehand, so that the first request already has a token.

use std::sync::Arc;
use std::time::Duration;

use reqwest::header::HeaderValue;
use tokio::time::Instant;

use super::issuer::Issuer;
use super::shared::Shared;
use super::store::Store;
use super::token::Token;
use super::{Challenge, Error, show};
use crate::http::ClientPool;
use crate::options::{self, OAuth2, Options, Show};

/// A token, which other connections may share.
#[derive(Debug)]
pub struct Issued {
    shared: Arc<Shared>,
    store: Option<Store>,
    issuer: Issuer,
    /// Present when a person has to sign in.
    person: Option<Person>,
}

#[derive(Debug)]
struct Person {
    show: Show,
    timeout: Duration,
}

impl Issued {
    pub(super) fn new(
        options: &Options,
        oauth2: &OAuth2,
        issuer: &options::Issuer,
        clients: &ClientPool,
    ) -> Result<Self, Error> {
        Ok(Self {
            shared: Shared::of(options, oauth2),
            store: Store::of(options, oauth2),
            issuer: Issuer::new(options, issuer, clients)?,
            person: oauth2.needs_a_person().then(|| Person {
                show: oauth2.show.clone(),
                timeout: oauth2.timeout,
            }),
        })
    }

    pub(super) fn at_hand(&self) -> Option<HeaderValue> {
        self.shared.fresh()
    }

    /// The token; none as long as only the coordinator knows the endpoint, which it names when it
    /// refuses.
    pub(super) async fn authorization(&self) -> Result<Option<HeaderValue>, Error> {
        if let Some(value) = self.shared.fresh() {
            return Ok(Some(value));
        }
        if let Some(store) = &self.store {
            store.load(&self.shared).await;
            if let Some(value) = self.shared.fresh() {
                return Ok(Some(value));
            }
        }
        if !self.issuer.is_known() {
            return Ok(None);
        }
        let ended = self.shared.current().map(|token| token.value);
        self.next(ended.as_ref()).await.map(Some)
    }

    pub(super) async fn renew(
        &self,
        refused: Option<&HeaderValue>,
        challenges: &[Challenge],
    ) -> Result<bool, Error> {
        self.issuer.learn(challenges)?;
        self.next(refused).await.map(|_| true)
    }

    async fn next(&self, refused: Option<&HeaderValue>) -> Result<HeaderValue, Error> {
        let get = async |before: Option<Token>| match (&self.person, &self.store) {
            (None, _) => self.issuer.client_credentials().await,
            (Some(person), None) => self.sign_in(person, before).await,
            (Some(person), Some(store)) => {
                let sign_in =
                    async |kept: Option<Token>| self.sign_in(person, kept.or(before)).await;
                store.renew(refused, person.timeout, sign_in).await
            }
        };
        self.shared.renew(refused, get).await
    }

    /// A token by refreshing the one before, else from the person.
    async fn sign_in(&self, person: &Person, before: Option<Token>) -> Result<Token, Error> {
        if let Some(refresh) = before.and_then(|token| token.refresh) {
            match self.issuer.refresh(&refresh).await {
                Err(error @ Error::Refused { .. }) => {
                    tracing::info!(%error, "the token cannot be refreshed");
                }
                other => return other,
            }
        }
        let grant = self.issuer.begin().await?;
        let limit = person.timeout.min(grant.life);
        show::show(&person.show, &grant.address, grant.code.as_deref()).await?;
        let timed_out = |_| Error::TimedOut {
            seconds: limit.as_secs(),
        };
        let end = Instant::now() + limit;
        let token = tokio::time::timeout_at(end, self.issuer.end(&grant, end))
            .await
            .map_err(timed_out)??;
        tracing::info!("signed in");
        Ok(token)
    }
}
