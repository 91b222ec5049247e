//! An answer that is here to its last byte.

use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;
use reqwest::header::HeaderMap;
use reqwest::{RequestBuilder, StatusCode};

use super::coding::decoded;
use super::date::retry_after;
use super::sockets::Turn;
use super::{Client, Error};

/// An answer, complete.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// All headers.
    pub headers: HeaderMap,
    /// The whole body, decompressed.
    pub body: Bytes,
}

impl Answer {
    /// An answer whose body is as it came.
    pub fn new(status: StatusCode, mut headers: HeaderMap, body: Bytes) -> Self {
        let body = decoded(&mut headers, body);
        Self {
            status,
            headers,
            body,
        }
    }

    /// The pause that the server requests.
    pub fn retry_after(&self) -> Option<Duration> {
        retry_after(&self.headers, Timestamp::now())
    }
}

impl Client {
    /// Sends one of its requests once.
    pub async fn receive(&self, request: RequestBuilder) -> Result<Answer, Error> {
        let of_client = |error: reqwest::Error| self.error(&error);
        let mut response = self.send(request).await.map_err(of_client)?;
        let status = response.status();
        let headers = std::mem::take(response.headers_mut());
        // Until its last byte is here.
        let _turn = response.extensions_mut().remove::<Turn>();
        let body = response.bytes().await.map_err(of_client)?;
        Ok(Answer::new(status, headers, body))
    }
}
