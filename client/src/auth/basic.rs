//! User name and password.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::header::HeaderValue;
use zeroize::Zeroizing;

use crate::latin1;
use crate::options::Login;

/// `Basic` and the pair in base64, which Trino reads as ISO-8859-1.
pub(super) fn authorization(login: &Login) -> HeaderValue {
    let pair = Zeroizing::new(format!("{}:{}", login.user(), login.password().reveal()));
    let bytes = latin1::encode(&pair).expect("a login has no characters that ISO 8859-1 lacks");
    let text = format!("Basic {}", STANDARD.encode(&*Zeroizing::new(bytes)));
    let mut value = HeaderValue::from_str(&Zeroizing::new(text)).expect("base64 is visible ASCII");
    value.set_sensitive(true);
    value
}
