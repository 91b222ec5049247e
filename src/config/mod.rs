//! What a person configures: keywords, connection strings, data sources, and the options they amount to.
//!
//! [`KEYWORDS`] is the table that all of it reads; [`parse`] is the way from text to [`Options`].

mod browse;
mod connection_string;
mod data_source;
mod error;
mod foreign;
mod given;
mod keywords;
mod values;

pub use browse::browse_request;
pub use connection_string::ConnectionString;
pub use data_source::{DataSources, from_data_source, parse};
pub use error::{Error, Refusal, Warning, unknown_keywords};
pub use foreign::{FOREIGN, Foreign, Stance};
pub use keywords::{Group, Id, KEYWORDS, Keyword, Kind};
pub use trino_client::options::{
    Browsing, Encoding, Flow, Identity, Issuer, Kerberos, Lengths, LogOptions, OAuth2, Options,
    Proxy, ProxyServer, Secret, Show, Spooling, Tell, TlsVersion, TokenCache, Trust, Verification,
};
