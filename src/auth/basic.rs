//! User and password.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::header::HeaderValue;
use zeroize::Zeroizing;

use super::Error;
use crate::config::Secret;

/// `Basic` and the pair in base64.
pub(super) fn authorization(user: &str, password: &Secret) -> Result<HeaderValue, Error> {
    if user.contains(':') {
        return Err(Error::ColonInUser);
    }
    let pair = Zeroizing::new(format!("{user}:{}", password.reveal()));
    let text = Zeroizing::new(format!("Basic {}", STANDARD.encode(pair.as_bytes())));
    let mut value = HeaderValue::from_str(&text).map_err(|_| Error::ColonInUser)?;
    value.set_sensitive(true);
    Ok(value)
}
