//! Server certificate verification by configured authorities, the system's, or both, with or without
//! the host name.
//!
//! ```text
//!   verification off? ----------------------------- yes --> trusted, unchecked
//!        | no
//!   the certificate itself is in a trust store? --- yes --> valid now, not revoked, right name?
//!        | no
//!   chains to an authority of a trust store? ------ yes --> trusted
//!        | no, and nothing is wrong that no authority can mend
//!   chains to one of the system's authorities? ---- yes --> trusted
//!        | no
//!   rejected: `rejection` finds the reason
//! ```
//!
//! A certificate in a configured trust store is trusted by itself. Otherwise the configured
//! authorities are tried first, by the same code on all systems, and the system judges only
//! certificates that none of them signed: it may use the network, and its verdict is final. The
//! reason for a rejection is determined here, because systems report different faults first, in
//! different words.
//!
//! Configured files are read when the client is made, so that a wrong path is an error of connecting.
//! The system's store is read at the first handshake, so that plain http pays nothing for it and needs
//! none.

mod system;

use std::sync::Arc;

use rustls::client::ResolvesClientCert;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{
    CryptoProvider, WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature,
};
use rustls::pki_types::{CertificateDer, ServerName, TrustAnchor, UnixTime};
use rustls::version::{TLS12, TLS13};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, OtherError, SignatureScheme,
    SupportedProtocolVersion,
};
use webpki::{
    CertRevocationList, EndEntityCert, ExpirationPolicy, KeyUsage, RevocationCheckDepth,
    RevocationOptionsBuilder, UnknownStatusPolicy,
};

use super::certificate::Facts;
use super::rejection::{Chain, Rejection};
use super::store::{self, Store};
use super::{Domain, Error};
use crate::options::{TlsVersion, Trust, Verification};
pub(super) use system::System;
use system::anchors;

/// The TLS configuration of a client with this trust, which presents that certificate.
pub(super) fn configuration(
    trust: &Trust,
    domain: Domain,
    certificate: Arc<dyn ResolvesClientCert>,
) -> Result<ClientConfig, Error> {
    let verifier = Arc::new(Verifier::new(trust, domain)?);
    let versions: &[&SupportedProtocolVersion] = match trust.oldest {
        TlsVersion::Tls12 => &[&TLS13, &TLS12],
        TlsVersion::Tls13 => &[&TLS13],
    };
    let builder = ClientConfig::builder_with_provider(provider())
        .with_protocol_versions(versions)
        .map_err(|error| Error::trust(&error.to_string()))?
        .dangerous()
        .with_custom_certificate_verifier(verifier);
    Ok(builder.with_client_cert_resolver(certificate))
}

/// Handed over explicitly: the process may hold other users of rustls with a default of their own.
pub(super) fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

/// The store by which a certificate is trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TrustedBy {
    /// The configured trust stores.
    Store,
    /// The operating system's authorities.
    System,
    /// Nothing: it is not checked.
    Unchecked,
}

/// Verifies the certificates of servers.
#[derive(Debug)]
pub(super) struct Verifier {
    algorithms: WebPkiSupportedAlgorithms,
    verification: Verification,
    /// Certificates of the configured trust stores, and the parts of their files that are damaged.
    own: Store,
    anchors: Vec<TrustAnchor<'static>>,
    /// Absent if the system's authorities are not trusted.
    system: Option<System>,
    /// The host name that certificates must have, whatever the host of the connection.
    expected_host: Option<ServerName<'static>>,
    revoked: Vec<CertRevocationList<'static>>,
}

impl Verifier {
    /// A verifier with this trust. Reads the trust stores.
    pub(super) fn new(trust: &Trust, domain: Domain) -> Result<Self, Error> {
        let provider = provider();
        let own = Store::read(trust, domain)?;
        Ok(Self {
            algorithms: provider.signature_verification_algorithms,
            verification: trust.verification,
            anchors: anchors(&own.certificates),
            own,
            system: trust.system.then(|| System::new(provider)),
            expected_host: trust
                .expected_host
                .as_ref()
                .map(|host| ServerName::try_from(host.clone()))
                .transpose()
                .map_err(|_| Error::trust("SSLHostNameInCertificate is no host name"))?,
            revoked: store::read_revoked(&trust.revoked, domain)?,
        })
    }

    #[cfg(test)]
    pub(super) fn set_system(&mut self, system: System) {
        self.system = Some(system);
    }

    /// By what the certificates are trusted, if they are and the server's key can be used.
    pub(super) fn judge(
        &self,
        leaf: &CertificateDer<'_>,
        authorities: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<TrustedBy, Rejection> {
        let by = self.judge_chain(leaf, authorities, name, ocsp, now)?;
        match Rejection::of_key(leaf, self.algorithms.all) {
            Some(rejection) if by != TrustedBy::Unchecked => Err(rejection),
            _ => Ok(by),
        }
    }

    /// By what the chain is trusted, without a look at the key.
    fn judge_chain(
        &self,
        leaf: &CertificateDer<'_>,
        authorities: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<TrustedBy, Rejection> {
        if self.verification == Verification::None {
            return Ok(TrustedBy::Unchecked);
        }
        let name = self.expected_host.as_ref().unwrap_or(name);
        let chain = Chain {
            leaf,
            authorities,
            trusted: &self.own.certificates,
        };
        let reject = |error| Rejection::of(&error, chain);
        let certificate = EndEntityCert::try_from(leaf).map_err(reject)?;
        if self.own.certificates.iter().any(|own| own == leaf) {
            self.check_named(&certificate, chain, name, now)?;
            return Ok(TrustedBy::Store);
        }
        let by_own = self.check(&certificate, chain, &self.anchors, name, now);
        let Err(error) = by_own else {
            return Ok(TrustedBy::Store);
        };
        let by_system = self
            .system
            .as_ref()
            .filter(|_| !is_final(&error, leaf))
            .map(|system| {
                system::blocking(|| {
                    self.check_by_system(system, &certificate, chain, name, ocsp, now)
                })
            });
        let rejection = match by_system {
            Some(Ok(())) => return Ok(TrustedBy::System),
            Some(Err(rejection)) if error == webpki::Error::UnknownIssuer => rejection,
            _ => reject(error),
        };
        Err(rejection.with_damaged(&self.own.damaged))
    }

    /// Checks a certificate that is itself in a trust store. It needs no chain, and may be
    /// self-signed; its host names, its validity and its revocation still count.
    fn check_named(
        &self,
        certificate: &EndEntityCert<'_>,
        chain: Chain<'_>,
        name: &ServerName<'_>,
        now: UnixTime,
    ) -> Result<(), Rejection> {
        let reject = |error| Rejection::of(&error, chain);
        if let Some(facts) = Facts::of(chain.leaf) {
            let (not_before, not_after) = (facts.valid_from().time(), facts.valid_until().time());
            if now < not_before {
                return Err(reject(webpki::Error::CertNotValidYet {
                    time: now,
                    not_before,
                }));
            }
            if now > not_after {
                return Err(reject(webpki::Error::CertExpired {
                    time: now,
                    not_after,
                }));
            }
        }
        if self.is_listed(certificate) {
            return Err(reject(webpki::Error::CertRevoked));
        }
        self.check_name(certificate, chain.leaf, name)
            .map_err(reject)
    }

    /// Whether a list of revoked certificates names one of the chain.
    fn is_chain_listed(&self, certificate: &EndEntityCert<'_>, chain: Chain<'_>) -> bool {
        let mut authorities = chain.authorities.iter();
        self.is_listed(certificate)
            || authorities.any(|der| {
                EndEntityCert::try_from(der).is_ok_and(|authority| self.is_listed(&authority))
            })
    }

    /// Whether a list of revoked certificates names the certificate, regardless of its signer.
    fn is_listed(&self, certificate: &EndEntityCert<'_>) -> bool {
        self.revoked.iter().any(|list| {
            list.issuer() == certificate.issuer()
                && matches!(list.find_serial(certificate.serial()), Ok(Some(_)))
        })
    }

    /// Whether the certificate chains to one of `anchors`, is not revoked, and is for `name`.
    fn check(
        &self,
        certificate: &EndEntityCert<'_>,
        chain: Chain<'_>,
        anchors: &[TrustAnchor<'_>],
        name: &ServerName<'_>,
        now: UnixTime,
    ) -> Result<(), webpki::Error> {
        let lists: Vec<_> = self.revoked.iter().collect();
        // There are no options without lists.
        let revocation = RevocationOptionsBuilder::new(&lists).ok().map(|options| {
            options
                .with_depth(RevocationCheckDepth::Chain)
                .with_status_policy(UnknownStatusPolicy::Allow)
                .with_expiration_policy(ExpirationPolicy::Ignore)
                .build()
        });
        certificate.verify_for_usage(
            self.algorithms.all,
            anchors,
            chain.authorities,
            now,
            KeyUsage::server_auth(),
            revocation,
            None,
        )?;
        self.check_name(certificate, chain.leaf, name)
    }

    /// Checks the host name, if names are verified.
    fn check_name(
        &self,
        certificate: &EndEntityCert<'_>,
        leaf: &CertificateDer<'_>,
        name: &ServerName<'_>,
    ) -> Result<(), webpki::Error> {
        match self.verification {
            Verification::Full => match certificate.verify_is_valid_for_subject_name(name) {
                // webpki refuses names that end in a dot in certificates.
                Err(webpki::Error::CertNotValidForName(_)) if is_for_whole(leaf, name) => Ok(()),
                checked => checked,
            },
            Verification::Ca | Verification::None => Ok(()),
        }
    }

    /// Whether the system trusts the certificate.
    fn check_by_system(
        &self,
        system: &System,
        certificate: &EndEntityCert<'_>,
        chain: Chain<'_>,
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<(), Rejection> {
        let by_its_authorities = || self.check(certificate, chain, system.anchors(), name, now);
        if !self.revoked.is_empty() {
            // The system's own verifier takes no lists.
            match by_its_authorities() {
                // It may have more authorities than can be read: Windows fetches some on demand.
                Err(webpki::Error::UnknownIssuer) if self.is_chain_listed(certificate, chain) => {
                    return Err(Rejection::of(&webpki::Error::CertRevoked, chain));
                }
                Err(webpki::Error::UnknownIssuer) => {}
                checked => return checked.map_err(|error| Rejection::of(&error, chain)),
            }
        }
        // A system that finds several faults reports one of them, which may be the wrong name. If
        // the name does not count, the system judges a name that the certificate has, so that it
        // reports another fault.
        let own_name = match self.verification {
            Verification::Full => None,
            Verification::Ca | Verification::None => a_name_of(certificate, chain.leaf),
        };
        let asked = own_name.as_ref().unwrap_or(name);
        let error = match system.verify(chain, asked, ocsp, now) {
            Ok(()) => return Ok(()),
            Err(error) => error,
        };
        match by_its_authorities() {
            // It only misses a name: the certificate has none, or one that ends in a dot.
            Ok(()) if own_name.is_none() && is_about_name(&error) && self.is_name_last() => Ok(()),
            Err(webpki::Error::UnknownIssuer) => {
                Err(Rejection::of_system(&error, chain).with_unknown_issuer(chain))
            }
            Err(reason) => Err(Rejection::of(&reason, chain)),
            Ok(()) => Err(Rejection::of_system(&error, chain)),
        }
    }

    /// Whether a chain that is good here may be taken for good when the system finds the name
    /// wrong: it does not matter, or the system looks at it last.
    fn is_name_last(&self) -> bool {
        self.verification == Verification::Ca || cfg!(not(any(windows, target_vendor = "apple")))
    }

    /// Checks a signature of the handshake, which proves that the server has the certificate's key.
    fn check_handshake(
        &self,
        leaf: &CertificateDer<'_>,
        check: impl FnOnce(&WebPkiSupportedAlgorithms) -> Result<HandshakeSignatureValid, rustls::Error>,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        // It proves that the server has the key of a certificate that was not verified.
        if self.verification == Verification::None {
            return Ok(HandshakeSignatureValid::assertion());
        }
        check(&self.algorithms).map_err(|error| match error {
            rustls::Error::InvalidCertificate(_) => refused(Rejection::of_handshake(leaf)),
            error => error,
        })
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        self.judge(certificate, intermediates, name, ocsp, now)
            .map(|_| ServerCertVerified::assertion())
            .map_err(refused)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.check_handshake(certificate, |algorithms| {
            verify_tls12_signature(message, certificate, signature, algorithms)
        })
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.check_handshake(certificate, |algorithms| {
            verify_tls13_signature(message, certificate, signature, algorithms)
        })
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        let mut schemes = self.algorithms.supported_schemes();
        // Without these, servers with such a key do not send their certificates, and the fault
        // cannot be named.
        let mut others = SHOWN_SCHEMES.to_vec();
        if self.verification == Verification::None {
            others.extend_from_slice(UNCHECKED_SCHEMES);
        }
        others.retain(|scheme| !schemes.contains(scheme));
        schemes.extend(others);
        schemes
    }
}

/// Whether the error stays whatever the authority, so that the system need not judge the chain.
fn is_final(error: &webpki::Error, leaf: &CertificateDer<'_>) -> bool {
    let leaf = || Facts::of(leaf);
    match error {
        webpki::Error::CertRevoked | webpki::Error::CertNotValidForName(_) => true,
        // Another certificate of the same authority may still be valid, or be valid already.
        webpki::Error::CertExpired { not_after, .. } => {
            leaf().is_some_and(|leaf| leaf.valid_until().time() == *not_after)
        }
        webpki::Error::CertNotValidYet { not_before, .. } => {
            leaf().is_some_and(|leaf| leaf.valid_from().time() == *not_before)
        }
        _ => false,
    }
}

/// Whether the certificate is for `name` with a final dot, which says that the name is whole.
fn is_for_whole(leaf: &CertificateDer<'_>, name: &ServerName<'_>) -> bool {
    let ServerName::DnsName(host) = name else {
        return false;
    };
    let host = host.as_ref().trim_end_matches('.');
    let is_it = |presented: &str| match presented.strip_prefix("*.") {
        None => presented.eq_ignore_ascii_case(host),
        Some(domain) => host
            .split_once('.')
            .is_some_and(|(_, parent)| domain.contains('.') && domain.eq_ignore_ascii_case(parent)),
    };
    let names = Facts::of(leaf).and_then(|facts| facts.names());
    let mut names = names.into_iter().flatten();
    names.any(|name| name.strip_suffix('.').is_some_and(is_it))
}

/// A host that the certificate is for.
fn a_name_of(
    certificate: &EndEntityCert<'_>,
    leaf: &CertificateDer<'_>,
) -> Option<ServerName<'static>> {
    let names = certificate.valid_dns_names();
    // A label in the place of the asterisk.
    let names = names.map(|name| name.replacen('*', "a", 1));
    let addresses = Facts::of(leaf).and_then(|facts| facts.names());
    names
        .chain(addresses.into_iter().flatten())
        .find_map(|name| ServerName::try_from(name).ok())
}

/// Whether an error of the system is about the host name.
fn is_about_name(error: &rustls::Error) -> bool {
    matches!(
        error,
        rustls::Error::InvalidCertificate(
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. }
        )
    )
}

/// The error that carries a rejection through rustls.
fn refused(rejection: Rejection) -> rustls::Error {
    CertificateError::Other(OtherError(Arc::new(rejection))).into()
}

/// Signatures of keys that are not accepted, behind those that can be checked.
const SHOWN_SCHEMES: &[SignatureScheme] = &[
    SignatureScheme::ECDSA_NISTP521_SHA512,
    SignatureScheme::ED448,
];

/// More of them, for connections without verification.
const UNCHECKED_SCHEMES: &[SignatureScheme] = &[
    SignatureScheme::ECDSA_SHA1_Legacy,
    SignatureScheme::RSA_PKCS1_SHA1,
];

#[cfg(test)]
mod tests;
