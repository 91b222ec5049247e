//! A token that someone else issued, such as a JWT.

use reqwest::header::HeaderValue;
use zeroize::Zeroizing;

use super::Error;
use crate::options::Secret;

/// `Bearer` and the token.
pub(super) fn authorization(token: &Secret) -> Result<HeaderValue, Error> {
    let token = token.reveal();
    if token.is_empty() || !token.bytes().all(|byte| matches!(byte, 0x21..=0x7e)) {
        return Err(Error::InvalidToken);
    }
    let text = Zeroizing::new(format!("Bearer {token}"));
    let mut value = HeaderValue::from_str(&text).map_err(|_| Error::InvalidToken)?;
    value.set_sensitive(true);
    Ok(value)
}
