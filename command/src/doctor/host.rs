//! A host before any request: its address, and its certificates.

use std::time::Duration;

use trino_client::http::{self, Domain, Handshake, TrustedBy};
use trinoodbc::config::Trust;

use super::report::Step;

/// A host that was connected to.
pub struct Host {
    address: String,
    connected_in: Duration,
    /// Absent without TLS.
    pub handshake: Option<Handshake>,
}

impl Host {
    /// Connects, with a TLS handshake if TLS is used.
    pub fn reach(
        host: &str,
        port: u16,
        tls: bool,
        trust: &Trust,
        domain: Domain,
        limit: Duration,
    ) -> Result<Self, http::Error> {
        let address = http::connect(host, port, limit)?;
        let (at, connected_in) = (address.address.to_string(), address.time);
        let handshake = tls
            .then(|| http::handshake(address, host, trust, domain, limit.min(super::SHORT)))
            .transpose()?;
        Ok(Self {
            address: at,
            connected_in,
            handshake,
        })
    }

    /// Why its certificate is not trusted.
    pub fn fault(&self) -> Option<&http::Error> {
        self.handshake.as_ref()?.trusted.as_ref().err()
    }

    /// Its address, and the time to connect.
    pub fn connected(&self) -> String {
        format!(
            "{}, connected in {}",
            self.address,
            super::milliseconds(self.connected_in)
        )
    }

    /// Adds the results of the handshake.
    pub fn tell(&self, step: &mut Step, domain: Domain) {
        let Some(handshake) = &self.handshake else {
            step.fact("TLS", "none");
            return;
        };
        step.fact(
            "TLS",
            format!(
                "{} in {}",
                handshake.version,
                super::milliseconds(handshake.time)
            ),
        );
        for certificate in &handshake.chain {
            let signed = if certificate.is_self_signed() {
                "by itself".to_owned()
            } else {
                format!("by {:?}", super::advice::common_name(&certificate.issuer))
            };
            let names = match certificate.names.as_slice() {
                [] => String::new(),
                names => format!(", for {}", names.join(", ")),
            };
            step.fact(
                "certificate",
                format!(
                    "{:?} signed {signed}{names}, until {}",
                    super::advice::common_name(&certificate.subject),
                    certificate.valid_until
                ),
            );
        }
        let trusted = match &handshake.trusted {
            Ok(TrustedBy::Store) => format!("by {}", domain.store_keyword()),
            Ok(TrustedBy::System) => "by the system's authorities".to_owned(),
            Ok(TrustedBy::Unchecked) => "without being checked".to_owned(),
            Err(error) => format!("no: {error}"),
        };
        step.fact("trusted", trusted);
    }
}
