//! Configuration: keywords, connection strings, data sources, and the settings they amount to.
//!
//! [`KEYWORDS`] is the table that all of it reads; [`parse`] turns text into [`Settings`].

mod browse;
mod client;
mod connection_string;
mod credentials;
mod data_source;
mod error;
mod in_force;
mod keyword_values;
mod keywords;
mod other_drivers;
mod protected;
mod proxy;
mod settings;
mod trust;
mod values;

pub use browse::browse_request;
pub use connection_string::ConnectionString;
pub use data_source::{DataSources, NoDataSources, from_data_source, parse};
pub use error::{Error, Refusal, Warning, unknown_keywords};
pub use in_force::{in_force, set_in_force};
pub use keywords::{
    AUTHENTICATION_TYPES, DefaultValue, Group, Id, KEYWORDS, Keyword, Kind, Method,
};
pub use other_drivers::{OTHER_DRIVERS, OtherDriversKeyword, Support};
pub use settings::{Browsing, Lengths, LogOptions, Presentation, Settings};
pub use trino_client::options::{
    Authentication, BearerToken, Encoding, Flow, Identity, InvalidLogin, Issuer, Kerberos, Login,
    OAuth2, Options, Proxy, ProxyServer, Secret, Show, SignInCallback, Spooling, StoredCertificate,
    TlsVersion, TokenCache, TokenSource, Trust, Verification,
};

#[cfg(windows)]
pub use protected::{protect, unprotect};
#[cfg(any(windows, test))]
pub use values::boolean;

#[cfg(test)]
mod tests;
