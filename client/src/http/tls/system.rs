//! The verifier of the operating system, and the authorities that it trusts.

use std::sync::{Arc, OnceLock};

use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, ServerName, TrustAnchor, UnixTime};

use crate::http::rejection::Chain;

/// The system's judgement, and its authorities as far as they can be read.
#[derive(Debug)]
pub(in crate::http) struct System {
    provider: Arc<CryptoProvider>,
    /// Made at the first handshake; an error if the system trusts no authority.
    verifier: OnceLock<Result<Arc<dyn ServerCertVerifier>, rustls::Error>>,
    /// Read when a reason is wanted, or lists of revoked certificates are to be looked into.
    anchors: OnceLock<Vec<TrustAnchor<'static>>>,
}

impl System {
    pub(super) fn new(provider: Arc<CryptoProvider>) -> Self {
        Self {
            provider,
            verifier: OnceLock::new(),
            anchors: OnceLock::new(),
        }
    }

    /// One that judges by `verifier`, and whose authorities are these.
    #[cfg(test)]
    pub(in crate::http) fn of(
        verifier: Arc<dyn ServerCertVerifier>,
        authorities: &[CertificateDer<'_>],
    ) -> Self {
        Self {
            provider: super::provider(),
            verifier: OnceLock::from(Ok(verifier)),
            anchors: OnceLock::from(anchors(authorities)),
        }
    }

    /// The system's verdict on a chain.
    pub(super) fn verify(
        &self,
        chain: Chain<'_>,
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<(), rustls::Error> {
        let verifier = self.verifier.get_or_init(|| {
            rustls_platform_verifier::Verifier::new(Arc::clone(&self.provider))
                .map(|verifier| Arc::new(verifier) as Arc<dyn ServerCertVerifier>)
        });
        verifier
            .as_ref()
            .map_err(Clone::clone)?
            .verify_server_cert(chain.leaf, chain.authorities, name, ocsp, now)
            .map(drop)
    }

    /// The system's authorities.
    pub(super) fn anchors(&self) -> &[TrustAnchor<'static>] {
        self.anchors
            .get_or_init(|| anchors(&rustls_native_certs::load_native_certs().certs))
    }
}

/// The certificates that can be authorities.
pub(super) fn anchors(certificates: &[CertificateDer<'_>]) -> Vec<TrustAnchor<'static>> {
    let anchors = certificates.iter().map(webpki::anchor_from_trusted_cert);
    anchors
        .filter_map(|anchor| anchor.ok().map(|anchor| anchor.to_owned()))
        .collect()
}
