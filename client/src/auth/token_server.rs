//! The address at which a coordinator provides a token, which is polled until the token is there.
//!
//! The address is a secret of client and coordinator, and requires no credentials.

use std::time::Duration;

use reqwest::Method;
use serde::Deserialize;
use tokio::time::Instant;
use url::Url;

use super::{Challenge, Error};
use crate::http::{self, Client, Exchange, Failure, Retry};
use crate::options::Secret;

/// The addresses in the challenges: where a person signs in, if necessary, and where the token will
/// be.
pub(super) fn links(challenges: &[Challenge]) -> Option<(Option<&str>, &str)> {
    challenges
        .iter()
        .filter(|challenge| challenge.is("Bearer"))
        .find_map(|challenge| {
            let token = challenge.parameter("x_token_server")?;
            Some((challenge.parameter("x_redirect_server"), token))
        })
}

/// The token at `address`, once it is there.
pub(super) async fn wait(client: &Client, address: &str, limit: Duration) -> Result<Secret, Error> {
    let timed_out = |_| Error::TimedOut {
        seconds: limit.as_secs(),
    };
    let end = Instant::now() + limit;
    tokio::time::timeout_at(end, poll(client, address, end))
        .await
        .map_err(timed_out)?
}

async fn poll(client: &Client, address: &str, end: Instant) -> Result<Secret, Error> {
    let mut address = secure(address)?;
    loop {
        let answer = query(client, &address, end).await?;
        match answer {
            Answer {
                error: Some(message),
                ..
            } => return Err(Error::Denied { message }),
            Answer {
                token: Some(token), ..
            } => {
                forget(client, &address).await;
                return Ok(Secret::new(token));
            }
            Answer {
                next: Some(next), ..
            } => address = secure(&next)?,
            _ => {
                return Err(unexpected(
                    &address,
                    "its response has neither a token nor an address",
                ));
            }
        }
    }
}

/// One answer, after retries.
async fn query(client: &Client, address: &Url, end: Instant) -> Result<Answer, Error> {
    let now = Instant::now();
    let mut retry = Retry::new(Exchange::SignIn, now).before(end, now);
    loop {
        let answer = client.receive(client.get(address.as_str())).await;
        let (failure, requested, error) = match answer {
            Ok(answer) if answer.status.is_success() => {
                return serde_json::from_slice(&answer.body)
                    .map_err(|_| unexpected(address, "its response is not JSON"));
            }
            Ok(answer) => {
                let status = answer.status.as_u16();
                (
                    Failure::Status(status),
                    answer.retry_after(),
                    unexpected(address, &format!("HTTP status {status}")),
                )
            }
            Err(error) => (Failure::of(&error), None, Error::Http(error)),
        };
        let Some(pause) = retry.after(failure, requested, Instant::now()) else {
            return Err(error);
        };
        tracing::debug!(%error, ?pause, "requesting the token again");
        tokio::time::sleep(pause).await;
    }
}

/// Lets the server forget the token. A failure makes no difference.
async fn forget(client: &Client, address: &Url) {
    let request = client.request(Method::DELETE, address.as_str());
    let _ = client.send(request.timeout(FORGET_LIMIT)).await;
}

/// The response while a client waits. It does not implement `Debug`, so that no token is printed.
#[derive(Deserialize)]
struct Answer {
    #[serde(rename = "nextUri")]
    next: Option<String>,
    token: Option<String>,
    error: Option<String>,
}

fn secure(address: &str) -> Result<Url, Error> {
    Url::parse(address)
        .ok()
        .filter(|address| address.scheme() == "https")
        .ok_or(Error::InsecureLink)
}

fn unexpected(address: &Url, message: &str) -> Error {
    Error::Denied {
        message: format!(
            "{} did not provide the token: {message}.",
            http::endpoint_of(address)
        ),
    }
}

const FORGET_LIMIT: Duration = Duration::from_secs(4);
