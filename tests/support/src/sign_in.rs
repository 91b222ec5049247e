//! OAuth 2.0 as a coordinator offers it: a refusal that names two addresses, one to sign in at and one where the token
//! will be.

use std::collections::HashSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use hyper::{Response, StatusCode};
use serde_json::json;

use crate::body::Body;
use crate::listen::Incoming;

/// What comes of a sign-in.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum SignIn {
    /// The person takes their time.
    #[default]
    Pending,
    /// This token, which is accepted from then on.
    Token(String),
    /// The person, or their administrator, says no.
    Denied(String),
}

/// Who may come in, and how others may get there.
#[derive(Debug, Default)]
pub(crate) struct SignIns {
    accepted: Mutex<HashSet<String>>,
    outcome: Mutex<SignIn>,
    /// What comes of refreshing a token that is no longer accepted.
    refresh: Mutex<Option<SignIn>>,
    challenges: AtomicUsize,
}

impl SignIns {
    pub(crate) fn accept(&self, token: &str) {
        self.accepted.lock().unwrap().insert(token.to_owned());
    }

    pub(crate) fn revoke_all(&self) {
        self.accepted.lock().unwrap().clear();
    }

    pub(crate) fn set_outcome(&self, outcome: SignIn) {
        *self.outcome.lock().unwrap() = outcome;
    }

    pub(crate) fn set_refresh(&self, outcome: Option<SignIn>) {
        *self.refresh.lock().unwrap() = outcome;
    }

    /// How often somebody was sent to sign in, or to refresh a token.
    pub(crate) fn challenges(&self) -> usize {
        self.challenges.load(Ordering::Relaxed)
    }

    /// The challenge to who bears no token that is accepted.
    pub(crate) fn challenge(&self, request: &Incoming) -> Option<String> {
        let token = request
            .header("Authorization")
            .and_then(|value| value.strip_prefix("Bearer "));
        let accepted = self.accepted.lock().unwrap();
        if token.is_some_and(|token| accepted.contains(token)) {
            return None;
        }
        let number = self.challenges.fetch_add(1, Ordering::Relaxed);
        let base = request.base();
        let refreshed = token.is_some() && self.refresh.lock().unwrap().is_some();
        Some(if refreshed {
            format!("Bearer x_token_server=\"{base}/oauth2/token/refresh-{number}\"")
        } else {
            format!(
                "Bearer x_redirect_server=\"{base}/oauth2/token/initiate/{number}\", \
                 x_token_server=\"{base}/oauth2/token/{number}\""
            )
        })
    }

    /// What is at the address of a token: not yet at first, then what comes of it.
    pub(crate) async fn token(&self, request: &Incoming, id: &str) -> Response<Body> {
        let Some(number) = id.strip_suffix("-held") else {
            return answer(
                &json!({"nextUri": format!("{}/oauth2/token/{id}-held", request.base())}),
            );
        };
        let outcome = if number.starts_with("refresh-") {
            self.refresh.lock().unwrap().clone().unwrap_or_default()
        } else {
            self.outcome.lock().unwrap().clone()
        };
        match outcome {
            SignIn::Pending => {
                tokio::time::sleep(HOLD).await;
                let next = format!("{}/oauth2/token/{id}", request.base());
                answer(&json!({"nextUri": next}))
            }
            SignIn::Token(token) => {
                self.accept(&token);
                answer(&json!({"token": token}))
            }
            SignIn::Denied(error) => answer(&json!({"error": error})),
        }
    }
}

fn answer(json: &serde_json::Value) -> Response<Body> {
    Response::builder()
        .status(StatusCode::OK)
        .header("Content-Type", "application/json")
        .body(Body::of(vec![json.to_string().into()]))
        .expect("a valid response")
}

/// How long an address holds on to who asks.
const HOLD: Duration = Duration::from_millis(50);
