//! Whom a client believes: the system's roots, the user's own, or both; with or without the host name.
//!
//! The user's files are read when the client is made, so that a wrong path is an error of connecting. The system's
//! store is read at the first handshake, so that plain http pays nothing for it and needs none.

use std::sync::{Arc, OnceLock};

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::verify_server_name;
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, CertificateRevocationListDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::version::{TLS12, TLS13};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme,
    SupportedProtocolVersion,
};

use x509_cert::der::Decode as _;
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;

use super::{Domain, Error, identity, store};
use crate::config::{Identity, TlsVersion, Trust, Verification};

/// The TLS configuration of a client that believes as `trust` says.
pub(super) fn configuration(
    trust: &Trust,
    domain: Domain,
    identity: Option<&Identity>,
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
    let Some(identity) = identity else {
        return Ok(builder.with_no_client_auth());
    };
    let (chain, key) = identity::read(identity)?;
    builder
        .with_client_auth_cert(chain, key)
        .map_err(|error| Error::identity(&identity.certificate, &error.to_string()))
}

/// Handed over explicitly: the process may hold other users of rustls with a default of their own.
fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

/// Decides whether a server's certificate is believed.
#[derive(Debug)]
pub(super) struct Verifier {
    provider: Arc<CryptoProvider>,
    verification: Verification,
    /// Certificates that the user named.
    own: Vec<CertificateDer<'static>>,
    system: bool,
    /// The host that the certificate must be for, whatever was connected to.
    expected_host: Option<ServerName<'static>>,
    revoked: Vec<CertificateRevocationListDer<'static>>,
    /// Built at the first handshake.
    roots: OnceLock<Result<Arc<dyn ServerCertVerifier>, rustls::Error>>,
}

impl Verifier {
    /// One that believes as `trust` says. Reads the trust stores.
    pub(super) fn new(trust: &Trust, domain: Domain) -> Result<Self, Error> {
        Ok(Self {
            provider: provider(),
            verification: trust.verification,
            own: store::read(trust, domain)?,
            system: trust.system,
            expected_host: trust
                .expected_host
                .as_ref()
                .map(|host| ServerName::try_from(host.clone()))
                .transpose()
                .map_err(|_| Error::trust("SSLHostNameInCertificate is no host name"))?,
            revoked: store::read_revoked(&trust.revoked, domain)?,
            roots: OnceLock::new(),
        })
    }

    /// The verifier of chain and name; an error when there is nobody to trust.
    fn roots(&self) -> Result<&Arc<dyn ServerCertVerifier>, rustls::Error> {
        let built = self.roots.get_or_init(|| {
            let provider = Arc::clone(&self.provider);
            if self.system && self.revoked.is_empty() {
                return rustls_platform_verifier::Verifier::new_with_extra_roots(
                    self.own.iter().cloned(),
                    provider,
                )
                .map(|verifier| Arc::new(verifier) as Arc<dyn ServerCertVerifier>);
            }
            let mut store = RootCertStore::empty();
            // One that is too old to be understood does not make the others worthless.
            store.add_parsable_certificates(self.own.iter().cloned());
            if self.system {
                // The system's own verifier takes no lists.
                store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
            }
            WebPkiServerVerifier::builder_with_provider(Arc::new(store), provider)
                .with_crls(self.revoked.iter().cloned())
                .only_check_end_entity_revocation()
                .allow_unknown_revocation_status()
                .build()
                .map(|verifier| verifier as Arc<dyn ServerCertVerifier>)
                .map_err(|error| rustls::Error::General(error.to_string()))
        });
        built.as_ref().map_err(Clone::clone)
    }

    /// Whether the chain leads to someone trusted and the certificate is for `name`.
    fn verify(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<(), rustls::Error> {
        // The very certificate that the user named needs no chain: it may be self-signed and no authority.
        if self
            .own
            .iter()
            .any(|own| own.as_ref() == certificate.as_ref())
        {
            let verified = verify_server_name(&ParsedCertificate::try_from(certificate)?, name);
            return named(verified, certificate, name);
        }
        let verified = self
            .roots()?
            .verify_server_cert(certificate, intermediates, name, ocsp, now)
            .map(drop);
        match self.looks_at_name_last() {
            true => named(verified, certificate, name),
            false => verified,
        }
    }

    /// Whether an error about the name means that the chain is good: the verifiers of Windows and macOS may see it first.
    fn looks_at_name_last(&self) -> bool {
        let is_systems = self.system && self.revoked.is_empty();
        !is_systems || cfg!(not(any(windows, target_vendor = "apple")))
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
        let name = self.expected_host.as_ref().unwrap_or(name);
        if self.verification != Verification::None {
            match self.verify(certificate, intermediates, name, ocsp, now) {
                // The name is looked at after the chain was found good.
                Err(error) if self.verification == Verification::Ca && is_about_name(&error) => {}
                verified => verified?,
            }
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}

/// What was verified, with names that end in a dot taken for what they are: webpki refuses those in certificates.
fn named(
    verified: Result<(), rustls::Error>,
    certificate: &CertificateDer<'_>,
    name: &ServerName<'_>,
) -> Result<(), rustls::Error> {
    match verified {
        Err(error) if is_about_name(&error) && has_whole_name(certificate, name) => Ok(()),
        verified => verified,
    }
}

/// Whether the certificate is for `name` with a final dot, which says that the name is whole.
fn has_whole_name(certificate: &CertificateDer<'_>, name: &ServerName<'_>) -> bool {
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
    let Ok(certificate) = x509_cert::Certificate::from_der(certificate) else {
        return false;
    };
    match certificate
        .tbs_certificate()
        .get_extension::<SubjectAltName>()
    {
        Ok(Some((_, names))) => names.0.iter().any(|name| match name {
            GeneralName::DnsName(name) => name.as_str().strip_suffix('.').is_some_and(is_it),
            _ => false,
        }),
        _ => false,
    }
}

fn is_about_name(error: &rustls::Error) -> bool {
    matches!(
        error,
        rustls::Error::InvalidCertificate(
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. }
        )
    )
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::PathBuf;

    use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};

    use super::*;

    struct Chain {
        authority: String,
        leaf: CertificateDer<'static>,
        folder: tempfile::TempDir,
    }

    /// An authority and a certificate of it for `coordinator.example`.
    fn chain() -> Chain {
        chain_for(&["coordinator.example"])
    }

    fn chain_for(names: &[&str]) -> Chain {
        let mut authority = CertificateParams::new(Vec::new()).unwrap();
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority =
            CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
        let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
        let leaf = CertificateParams::new(names)
            .unwrap()
            .signed_by(&KeyPair::generate().unwrap(), &authority)
            .unwrap();
        Chain {
            authority: authority.pem(),
            leaf: leaf.der().clone(),
            folder: tempfile::tempdir().unwrap(),
        }
    }

    impl Chain {
        fn store(&self, text: &str) -> PathBuf {
            let path = self.folder.path().join("ca.pem");
            fs::write(&path, text).unwrap();
            path
        }
    }

    fn accepts(trust: &Trust, leaf: &CertificateDer<'_>, name: &str) -> bool {
        let name = ServerName::try_from(name.to_owned()).unwrap();
        Verifier::new(trust, Domain::Coordinator)
            .unwrap()
            .verify_server_cert(leaf, &[], &name, &[], UnixTime::now())
            .is_ok()
    }

    fn trust(verification: Verification, stores: Vec<PathBuf>, system: bool) -> Trust {
        Trust {
            verification,
            stores,
            system,
            ..Trust::default()
        }
    }

    #[test]
    fn a_store_is_added_to_the_systems_roots_or_stands_alone() {
        let chain = chain();
        let store = chain.store(&chain.authority);
        for system in [true, false] {
            let with = trust(Verification::Full, vec![store.clone()], system);
            assert!(accepts(&with, &chain.leaf, "coordinator.example"));
            assert!(!accepts(&with, &chain.leaf, "other.example"));
            let without = trust(Verification::Full, Vec::new(), system);
            assert!(!accepts(&without, &chain.leaf, "coordinator.example"));
        }
    }

    #[test]
    fn a_name_may_end_in_a_dot_in_the_certificate_or_in_the_host() {
        let chain = chain_for(&["Trino.example.", "*.lake.example."]);
        let authority = trust(
            Verification::Full,
            vec![chain.store(&chain.authority)],
            false,
        );
        let path = chain.folder.path().join("leaf.der");
        fs::write(&path, chain.leaf.as_ref()).unwrap();
        let pinned = trust(Verification::Full, vec![path], false);
        for trust in [authority, pinned] {
            for name in ["trino.example", "trino.example.", "a.lake.example"] {
                assert!(accepts(&trust, &chain.leaf, name), "{name}");
            }
            for name in [
                "other.example",
                "a.trino.example",
                "lake.example",
                "a.b.lake.example",
                "10.0.0.1",
            ] {
                assert!(!accepts(&trust, &chain.leaf, name), "{name}");
            }
        }
        let stranger = trust(Verification::Full, Vec::new(), true);
        assert!(!accepts(&stranger, &chain.leaf, "trino.example"));
    }

    #[test]
    fn ca_checks_the_chain_and_not_the_name() {
        let chain = chain();
        let store = chain.store(&chain.authority);
        let with = trust(Verification::Ca, vec![store], false);
        assert!(accepts(&with, &chain.leaf, "other.example"));
        let without = trust(Verification::Ca, Vec::new(), true);
        assert!(!accepts(&without, &chain.leaf, "coordinator.example"));
    }

    #[test]
    fn none_checks_nothing() {
        let nobody = trust(Verification::None, Vec::new(), false);
        assert!(accepts(&nobody, &chain().leaf, "other.example"));
    }

    #[test]
    fn a_folder_is_a_store() {
        let chain = chain();
        chain.store(&chain.authority);
        fs::write(chain.folder.path().join("notes.txt"), "nothing").unwrap();
        let folder = trust(
            Verification::Full,
            vec![chain.folder.path().to_owned()],
            false,
        );
        assert!(accepts(&folder, &chain.leaf, "coordinator.example"));
    }

    #[test]
    fn a_servers_own_certificate_is_a_store() {
        let chain = chain();
        let path = chain.folder.path().join("leaf.der");
        fs::write(&path, chain.leaf.as_ref()).unwrap();
        let pinned = trust(Verification::Full, vec![path], false);
        assert!(accepts(&pinned, &chain.leaf, "coordinator.example"));
        assert!(!accepts(&pinned, &chain.leaf, "other.example"));
    }
}
