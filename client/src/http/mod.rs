//! HTTP as the driver uses it: one `Client` per trust domain, without redirects or credentials.
//!
//! The coordinator and storage are trusted by different stores and reached through different proxies,
//! so each has its own client ([`Domain`]), made from [`Settings`] and kept in a [`ClientPool`]. The
//! caller adds the headers that a request may carry, and follows redirects itself where it may.
//!
//! - Trust: `tls` verifies certificates against the stores that `store` reads (PEM, DER, PKCS#12 and
//!   JKS) and against the system's authorities; `rejection` says in one sentence what is wrong with a
//!   certificate, and what to do.
//! - Retries: `Exchange` is the table of policies, `Retry` counts the attempts of one request,
//!   and `Backoff` computes the pauses.
//! - Sockets: `sockets` bounds the connections of the process, so that it never runs out of files.
//! - Errors: [`Error`] names the host, the cause and the remedy with its keyword, and never the query
//!   of a URI, which may be a signature.

mod answer;
mod backoff;
mod certificate;
mod client;
mod coding;
mod date;
mod error;
mod exchange;
mod fault;
mod files;
mod identity;
mod inspect;
mod jks;
mod origin;
mod pem;
mod proxy;
mod rejection;
mod retry;
mod sockets;
mod store;
mod tls;

pub(crate) use answer::Answer;
pub(crate) use backoff::Backoff;
pub use certificate::Certificate;
pub(crate) use client::Client;
pub use client::{ClientPool, Domain, Settings};
pub(crate) use coding::{codings, decoded};
pub(crate) use date::{http_date, retry_after};
pub use error::{Error, Kind};
pub(crate) use error::{endpoint_of, origin_of};
pub(crate) use exchange::{Exchange, Failure};
pub(crate) use files::Files;
pub use inspect::{Address, Handshake, connect, handshake};
pub(crate) use origin::OwnOrigin;
pub use proxy::ProxyInUse;
pub(crate) use retry::{DAMAGED_TRIES, Retry};
pub(crate) use sockets::Traffic;
pub use tls::TrustedBy;

#[cfg(test)]
mod odd_certificates;
#[cfg(test)]
mod tests;
