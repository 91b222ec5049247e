//! A token that was issued beforehand. Trino (from 481 on) may exchange it for a new one when it
//! has expired.

use std::sync::Arc;

use reqwest::header::HeaderValue;

use super::shared::Shared;
use super::token::Token;
use super::{Challenge, Error, token_server};
use crate::http::Client;
use crate::options::BearerToken;

/// The token of one connection.
#[derive(Debug)]
pub struct FixedToken {
    first: HeaderValue,
    /// The tokens that replaced it.
    later: Arc<Shared>,
    client: Client,
}

impl FixedToken {
    pub(super) fn new(token: &BearerToken, client: &Client) -> Self {
        Self {
            first: super::bearer::authorization(token),
            later: Arc::default(),
            client: client.clone(),
        }
    }

    pub(super) fn authorization(&self) -> HeaderValue {
        self.later.fresh().unwrap_or_else(|| self.first.clone())
    }

    pub(super) async fn renew(
        &self,
        refused: Option<&HeaderValue>,
        challenges: &[Challenge],
    ) -> Result<bool, Error> {
        let links = token_server::links(challenges);
        // Where a person would have to sign in, the token is simply wrong.
        let Some((None, token)) = links else {
            return Ok(false);
        };
        let get = async |_| {
            let token = token_server::wait(&self.client, token, REFRESH_LIMIT).await?;
            Token::new(token)
        };
        self.later.renew(refused, get).await.map(|_| true)
    }
}

/// Nobody has to do anything for it.
const REFRESH_LIMIT: std::time::Duration = std::time::Duration::from_secs(60);
