//! A token that someone else issued. A server that can (Trino from 481 on) gives a new one for it when it has ended.

use std::sync::Arc;

use reqwest::header::HeaderValue;

use super::shared::Shared;
use super::token::Token;
use super::{Challenge, Error, token_server};
use crate::http::Client;
use crate::options::Secret;

/// A token of one connection.
#[derive(Debug)]
pub struct Given {
    first: HeaderValue,
    /// What came after it.
    later: Arc<Shared>,
    client: Client,
}

impl Given {
    pub(super) fn new(token: &Secret, client: &Client) -> Result<Self, Error> {
        Ok(Self {
            first: super::bearer::authorization(token)?,
            later: Arc::default(),
            client: client.clone(),
        })
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
