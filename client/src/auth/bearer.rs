//! The header of a bearer token, such as a JWT.

use reqwest::header::HeaderValue;
use zeroize::Zeroizing;

use crate::options::BearerToken;

/// `Bearer` and the token.
pub(super) fn authorization(token: &BearerToken) -> HeaderValue {
    let text = Zeroizing::new(format!("Bearer {}", token.secret().reveal()));
    let mut value = HeaderValue::from_str(&text).expect("a bearer token is visible ASCII");
    value.set_sensitive(true);
    value
}
