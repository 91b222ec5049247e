//! Keywords with a few values: the name of each value, and what it stands for.

use tracing::level_filters::LevelFilter;
use trino_client::columns::{BigIntegers, Numbers};

use super::super::{TlsVersion, TokenCache, Verification};

/// A way to authenticate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    None,
    Password,
    Token,
    /// By the client certificate of the TLS handshake.
    Certificate,
    Kerberos,
    /// A person signs in with a browser, through the coordinator.
    Browser,
    ClientCredentials,
    DeviceFlow,
}

/// Values of `AuthenticationType`.
pub const AUTHENTICATION_TYPES: [(&str, Method); 8] = [
    ("None", Method::None),
    ("Password", Method::Password),
    ("JWT", Method::Token),
    ("Certificate", Method::Certificate),
    ("Kerberos", Method::Kerberos),
    ("OAuth2", Method::Browser),
    ("ClientCredentials", Method::ClientCredentials),
    ("DeviceFlow", Method::DeviceFlow),
];

/// Values of `OAuth2TokenCache`.
pub const TOKEN_CACHES: [(&str, TokenCache); 3] = [
    ("None", TokenCache::None),
    ("Memory", TokenCache::Memory),
    ("File", TokenCache::File),
];

/// Values of the keywords for how much of a certificate is verified.
pub const VERIFICATIONS: [(&str, Verification); 3] = [
    ("Full", Verification::Full),
    ("CA", Verification::Ca),
    ("None", Verification::None),
];

/// Values of the keywords for the oldest version of TLS.
pub const TLS_VERSIONS: [(&str, TlsVersion); 2] =
    [("1.2", TlsVersion::Tls12), ("1.3", TlsVersion::Tls13)];

/// Values of `TimestampWithTimeZone`: whether the type is described as text.
pub const ZONED_TIMESTAMPS: [(&str, bool); 2] = [("Timestamp", false), ("Text", true)];

/// Values of `Interval`: whether the types are described as text.
pub const INTERVALS: [(&str, bool); 2] = [("Text", true), ("Interval", false)];

/// Values of `BigInt`.
pub const BIG_INTEGERS: [(&str, BigIntegers); 3] = [
    ("BigInt", BigIntegers::BigInt),
    ("Decimal", BigIntegers::Decimal),
    ("Text", BigIntegers::Text),
];

/// Values of `Number`.
pub const NUMBERS: [(&str, Numbers); 3] = [
    ("Decimal", Numbers::Decimal),
    ("Double", Numbers::Double),
    ("Text", Numbers::Text),
];

/// Values of `LogLevel`.
pub const LOG_LEVELS: [(&str, LevelFilter); 6] = [
    ("off", LevelFilter::OFF),
    ("error", LevelFilter::ERROR),
    ("warn", LevelFilter::WARN),
    ("info", LevelFilter::INFO),
    ("debug", LevelFilter::DEBUG),
    ("trace", LevelFilter::TRACE),
];

impl Method {
    /// Its name among the values of `AuthenticationType`.
    pub fn name(self) -> &'static str {
        let known = AUTHENTICATION_TYPES
            .iter()
            .find(|(_, method)| *method == self);
        known.expect("every method has a name").0
    }
}

/// The names alone.
pub(super) const fn names<T, const N: usize>(
    choices: &[(&'static str, T); N],
) -> [&'static str; N] {
    let mut names = [""; N];
    let mut at = 0;
    while at < N {
        names[at] = choices[at].0;
        at += 1;
    }
    names
}
