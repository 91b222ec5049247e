//! User and password.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::header::HeaderValue;
use zeroize::Zeroizing;

use super::Error;
use crate::latin1;
use crate::options::Secret;

/// `Basic` and the pair in base64, which Trino reads as ISO-8859-1.
pub(super) fn authorization(user: &str, password: &Secret) -> Result<HeaderValue, Error> {
    if user.contains(':') {
        return Err(Error::ColonInUser);
    }
    let pair = Zeroizing::new(format!("{user}:{}", password.reveal()));
    let bytes = Zeroizing::new(latin1::encode(&pair).ok_or(Error::UnsendablePassword)?);
    let text = Zeroizing::new(format!("Basic {}", STANDARD.encode(&*bytes)));
    let mut value = HeaderValue::from_str(&text).map_err(|_| Error::UnsendablePassword)?;
    value.set_sensitive(true);
    Ok(value)
}
