//! Certificates that are odd in one way each: unchecked they are all taken, and otherwise the one
//! oddity is named.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::{CertifiedKey, Signer, SigningKey};
use rustls::{
    CertificateError, DigitallySignedStruct, SignatureAlgorithm, SignatureScheme,
    SupportedProtocolVersion,
};

use super::tests::{Manner, ask, serve};
use super::tls::{System, Verifier};
use super::*;
use crate::options::{Trust, Verification};

fn path(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/certificates");
    folder.join(format!("{name}.pem"))
}

fn certificate(name: &str) -> CertificateDer<'static> {
    CertificateDer::from_pem_file(path(name)).unwrap()
}

fn trust(verification: Verification, store: &str) -> Trust {
    Trust {
        verification,
        stores: vec![path(store)],
        system: false,
        ..Trust::default()
    }
}

/// A moment at which the certificates of the folder are valid.
fn now() -> UnixTime {
    UnixTime::since_unix_epoch(std::time::Duration::from_secs(4_000_000_000))
}

/// The verdict of a connection on these certificates, the server's own first.
fn told(trust: &Trust, chain: &[&str], name: &str) -> Result<TrustedBy, String> {
    let chain: Vec<_> = chain.iter().map(|name| certificate(name)).collect();
    let (leaf, authorities) = chain.split_first().unwrap();
    Verifier::new(trust, Domain::Coordinator)
        .unwrap()
        .judge(leaf, authorities, &host(name), &[], now())
        .map_err(|rejection| Error::rejected("h:1".to_owned(), &rejection).to_string())
}

fn host(name: &str) -> ServerName<'static> {
    ServerName::try_from(name.to_owned()).unwrap()
}

/// What is shown, by whom it is trusted, and what the message says.
const ODD: &[(&[&str], &str, &[&str])] = &[
    (&["version-1"], "authority", &["it is of version 1"]),
    (
        &["critical"],
        "authority",
        &["it has the critical extension 1.2.3.4,"],
    ),
    (
        &["policy"],
        "authority",
        &["2.5.29.32", "certificatePolicies"],
    ),
    (
        &["by-critical", "critical-authority"],
        "authority",
        &["its authority \"critical-authority.example\" has the critical extension 1.2.3.4,"],
    ),
    (
        &["clients"],
        "authority",
        &["clientAuth, emailProtection only", "not for servers"],
    ),
    (
        &["garbage"],
        "authority",
        &["subject alternative names", "damaged"],
    ),
    (
        &["nameless"],
        "authority",
        &["another host", "no host", "\"nameless.example\""],
    ),
    (&["sha-1"], "authority", &["signed with ecdsa-with-SHA1"]),
    (
        &["sha-512"],
        "authority",
        &["signed with ecdsa-with-SHA512"],
    ),
    (&["rsa-1024"], "authority", &["its key is RSA of 1024 bits"]),
    (&["p-521"], "authority", &["its key is P-521"]),
    (&["p-521"], "p-521", &["its key is P-521"]),
    (&["p-224"], "authority", &["its key is P-224"]),
    (&["ed-448"], "authority", &["its key is Ed448"]),
    (
        &["by-weak"],
        "weak-authority",
        &["key of its authority \"weak-authority\" is RSA of 1024 bits"],
    ),
    (&["authority-as-server"], "authority", &["CA:TRUE"]),
    (
        &["constrained", "constrained-authority"],
        "authority",
        &["may not sign for localhost, 127.0.0.1", "name constraints"],
    ),
    (
        &["by-no-authority", "no-authority"],
        "authority",
        &["signed by \"no-authority.example\"", "not an authority"],
    ),
    (
        &["good"],
        "weak-authority",
        &["unknown authority, \"authority\""],
    ),
    (
        &["constrained", "constrained-authority"],
        "weak-authority",
        &["unknown authority, \"authority\""],
    ),
    (
        &["by-critical"],
        "authority",
        &["unknown authority, \"critical-authority.example\""],
    ),
    (
        &["self"],
        "authority",
        &["self-signed", "unknown authority"],
    ),
];

#[test]
fn the_fault_of_a_certificate_is_stated_in_one_sentence() {
    let full = |store| trust(Verification::Full, store);
    assert_eq!(
        told(&full("authority"), &["good"], "localhost"),
        Ok(TrustedBy::Store)
    );
    for (chain, store, parts) in ODD {
        for system in [true, false] {
            let trust = Trust {
                system,
                ..full(store)
            };
            let message = told(&trust, chain, "localhost").unwrap_err();
            for part in *parts {
                assert!(
                    message.contains(part),
                    "{chain:?}: {part} is not in {message}"
                );
            }
            assert!(message.starts_with("The certificate of h:1 "), "{message}");
            assert!(message.len() < 250, "{message}");
            for debug in ["(", "{ "].map(|end| format!("Context{end}")) {
                assert!(!message.contains(&debug), "{message}");
            }
        }
    }
}

#[test]
fn many_names_are_shortened() {
    let mut params = rcgen::CertificateParams::new(
        (0..100)
            .map(|number| format!("host-{number}.example"))
            .collect::<Vec<_>>(),
    )
    .unwrap();
    params.not_after = rcgen::date_time_ymd(4000, 1, 1);
    let key = rcgen::KeyPair::generate().unwrap();
    let leaf = params.self_signed(&key).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("leaf.pem");
    fs::write(&store, leaf.pem()).unwrap();
    let pinned = Trust {
        stores: vec![store],
        ..trust(Verification::Full, "authority")
    };
    let verifier = Verifier::new(&pinned, Domain::Coordinator).unwrap();
    let rejection = verifier
        .judge(leaf.der(), &[], &host("other.example"), &[], now())
        .unwrap_err();
    let message = rejection.to_string();
    assert!(message.contains("host-0.example"), "{message}");
    assert!(message.len() < 400, "{message}");
}

/// Shows a certificate whatever it is, with signatures that are none.
#[derive(Debug)]
struct Odd(Arc<CertifiedKey>);

#[derive(Debug, Clone, Copy)]
struct Pretender(SignatureScheme);

impl ResolvesServerCert for Odd {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0))
    }
}

impl SigningKey for Pretender {
    fn choose_scheme(&self, offered: &[SignatureScheme]) -> Option<Box<dyn Signer>> {
        offered
            .contains(&self.0)
            .then(|| Box::new(*self) as Box<dyn Signer>)
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        match self.0 {
            SignatureScheme::RSA_PSS_SHA256 => SignatureAlgorithm::RSA,
            SignatureScheme::ED448 => SignatureAlgorithm::ED448,
            _ => SignatureAlgorithm::ECDSA,
        }
    }
}

impl Signer for Pretender {
    fn sign(&self, _: &[u8]) -> Result<Vec<u8>, rustls::Error> {
        Ok(vec![7; 64])
    }

    fn scheme(&self) -> SignatureScheme {
        self.0
    }
}

/// The port of a server that shows the certificate.
fn show(name: &str, versions: &'static [&'static SupportedProtocolVersion]) -> u16 {
    let scheme = match name {
        "rsa-1024" => SignatureScheme::RSA_PSS_SHA256,
        "p-521" => SignatureScheme::ECDSA_NISTP521_SHA512,
        "ed-448" => SignatureScheme::ED448,
        _ => SignatureScheme::ECDSA_NISTP256_SHA256,
    };
    let key = CertifiedKey::new(vec![certificate(name)], Arc::new(Pretender(scheme)));
    serve(Manner {
        versions,
        resolver: Some(Arc::new(Odd(Arc::new(key)))),
        ..Manner::default()
    })
}

#[test]
fn none_takes_any_certificate_and_any_signature() {
    static OLD: &[&SupportedProtocolVersion] = &[&rustls::version::TLS12];
    for name in [
        "good",
        "version-1",
        "critical",
        "policy",
        "clients",
        "garbage",
        "nameless",
        "rsa-1024",
        "p-521",
        "p-224",
        "ed-448",
        "sha-1",
        "sha-512",
        "by-weak",
        "authority-as-server",
        "self",
    ] {
        let nobody = Trust {
            verification: Verification::None,
            system: false,
            ..Trust::default()
        };
        let answer = ask(&nobody, show(name, rustls::DEFAULT_VERSIONS));
        assert!(answer.is_ok(), "{name}: {answer:?}");
        let answer = ask(&nobody, show(name, OLD));
        assert!(answer.is_ok() || name == "ed-448", "{name}: {answer:?}");
    }
}

#[test]
fn a_key_that_is_too_weak_or_not_the_servers_is_rejected_with_the_reason() {
    // The chain counts at the time of the test.
    let store = trust(Verification::Full, "authority");
    for (name, part) in [
        ("rsa-1024", "its key is RSA of 1024 bits"),
        ("p-521", "its key is P-521"),
        ("p-224", "its key is P-224"),
        ("good", "does not prove that it has its key (P-256)"),
    ] {
        let error = ask(&store, show(name, rustls::DEFAULT_VERSIONS)).unwrap_err();
        assert_eq!(error.kind(), Kind::BadCertificate, "{error}");
        assert!(error.to_string().contains(part), "{error}");
    }
}

#[test]
fn a_certificate_that_is_trusted_by_itself_ends_and_can_be_revoked() {
    let pinned = trust(Verification::Full, "good");
    assert_eq!(told(&pinned, &["good"], "localhost"), Ok(TrustedBy::Store));
    let message = told(&pinned, &["good"], "other.example").unwrap_err();
    assert!(message.contains("another host"), "{message}");
    let revoked = Trust {
        revoked: vec![path("revoked")],
        ..pinned
    };
    let message = told(&revoked, &["good"], "localhost").unwrap_err();
    assert!(message.contains("revoked"), "{message}");
    for (seconds, part) in [(0, "not valid before 20"), (8_000_000_000, "expired on 21")] {
        for verification in [Verification::Full, Verification::Ca] {
            let pinned = trust(verification, "good");
            let moment = UnixTime::since_unix_epoch(std::time::Duration::from_secs(seconds));
            let rejection = Verifier::new(&pinned, Domain::Coordinator)
                .unwrap()
                .judge(&certificate("good"), &[], &host("localhost"), &[], moment)
                .unwrap_err();
            assert_eq!(rejection.kind, Kind::Expired);
            assert!(rejection.to_string().contains(part), "{rejection}");
        }
    }
}

#[test]
fn a_list_of_revoked_certificates_that_cannot_be_used_is_named_with_the_reason() {
    let with = |list: &str| Trust {
        revoked: vec![path(list)],
        ..trust(Verification::Full, "authority")
    };
    let message = told(&with("revoked"), &["good"], "localhost").unwrap_err();
    assert!(message.contains("revoked"), "{message}");
    assert_eq!(
        told(&with("revoked"), &["sha-512"], "localhost").is_ok(),
        told(
            &trust(Verification::Full, "authority"),
            &["sha-512"],
            "localhost"
        )
        .is_ok()
    );
    let error = Verifier::new(&with("revoked-version-1"), Domain::Coordinator).unwrap_err();
    for part in ["revoked-version-1.pem", "SSLRevocationList", "version 1"] {
        assert!(error.to_string().contains(part), "{error}");
    }
}

#[test]
fn a_damaged_part_of_a_store_is_named_if_the_authority_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("ca.pem");
    let other = fs::read_to_string(path("weak-authority")).unwrap();
    let damaged = "-----BEGIN CERTIFICATE-----\naGVsbG8=\n-----END CERTIFICATE-----\n";
    for system in [true, false] {
        let trust = |text: &str| {
            fs::write(&store, text).unwrap();
            Trust {
                stores: vec![store.clone()],
                system,
                ..Trust::default()
            }
        };
        let message = told(&trust(&format!("{damaged}{other}")), &["good"], "localhost");
        let message = message.unwrap_err();
        for part in ["unknown authority", "line 1 of ", "ca.pem"] {
            assert!(message.contains(part), "{message}");
        }
        let good = fs::read_to_string(path("authority")).unwrap();
        let trust = trust(&format!("{damaged}{good}"));
        assert_eq!(told(&trust, &["good"], "localhost"), Ok(TrustedBy::Store));
    }
}

/// A system that finds the certificate out of date, and tells a wrong name first.
#[derive(Debug)]
struct NameFirst {
    names: Vec<&'static str>,
    then: Option<CertificateError>,
}

impl ServerCertVerifier for NameFirst {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        if !self.names.contains(&name.to_str().as_ref()) {
            return Err(CertificateError::NotValidForName.into());
        }
        match &self.then {
            Some(error) => Err(error.clone().into()),
            None => Ok(ServerCertVerified::assertion()),
        }
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Err(rustls::Error::DecryptError)
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Err(rustls::Error::DecryptError)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        Vec::new()
    }
}

#[test]
fn a_wrong_name_hides_no_other_fault_that_the_system_finds() {
    let judge = |leaf: &str, verification, system: NameFirst| {
        let trust = Trust {
            verification,
            ..Trust::default()
        };
        let mut verifier = Verifier::new(&trust, Domain::Coordinator).unwrap();
        verifier.set_system(System::of(Arc::new(system), &[certificate("authority")]));
        let judged = verifier.judge(&certificate(leaf), &[], &host("other.example"), &[], now());
        judged.map_err(|rejection| rejection.kind)
    };
    let names = || vec!["localhost"];
    for then in [
        CertificateError::Revoked,
        CertificateError::UnknownIssuer,
        CertificateError::Expired,
    ] {
        let system = NameFirst {
            names: names(),
            then: Some(then.clone()),
        };
        assert!(judge("good", Verification::Ca, system).is_err(), "{then:?}");
    }
    let content = || NameFirst {
        names: names(),
        then: None,
    };
    assert_eq!(
        judge("good", Verification::Ca, content()),
        Ok(TrustedBy::System)
    );
    assert_eq!(
        judge("good", Verification::Full, content()),
        Err(Kind::WrongName)
    );
    // One without any name is believed where its authority can be seen to be the system's.
    let mute = || NameFirst {
        names: Vec::new(),
        then: None,
    };
    assert_eq!(
        judge("nameless", Verification::Ca, mute()),
        Ok(TrustedBy::System)
    );
    assert_eq!(
        judge("by-weak", Verification::Ca, mute()),
        Err(Kind::WrongName)
    );
    assert_eq!(
        judge("by-no-authority", Verification::Ca, mute()),
        Err(Kind::WrongName)
    );
}

#[test]
fn the_system_judges_certificates_that_no_configured_authority_signed() {
    let judge = |leaf: &str, names| {
        let mut verifier = Verifier::new(
            &trust(Verification::Full, "weak-authority"),
            Domain::Coordinator,
        )
        .unwrap();
        let system = NameFirst { names, then: None };
        verifier.set_system(System::of(Arc::new(system), &[]));
        let judged = verifier.judge(&certificate(leaf), &[], &host("localhost"), &[], now());
        judged.map_err(|rejection| rejection.kind)
    };
    assert_eq!(judge("good", vec!["localhost"]), Ok(TrustedBy::System));
    assert_eq!(judge("good", Vec::new()), Err(Kind::WrongName));
    // An authority's own certificate that a person has put into the system's store.
    assert_eq!(
        judge("authority-as-server", vec!["localhost"]),
        Ok(TrustedBy::System)
    );
}

#[test]
fn a_list_of_revoked_certificates_counts_for_authorities_that_only_the_system_knows() {
    let trust = Trust {
        revoked: vec![path("revoked")],
        ..Trust::default()
    };
    let judge = |leaf: &str| {
        let mut verifier = Verifier::new(&trust, Domain::Coordinator).unwrap();
        let system = NameFirst {
            names: vec!["localhost"],
            then: None,
        };
        verifier.set_system(System::of(Arc::new(system), &[]));
        let judged = verifier.judge(&certificate(leaf), &[], &host("localhost"), &[], now());
        judged.map_err(|rejection| rejection.kind)
    };
    assert_eq!(judge("good"), Err(Kind::Revoked));
    assert_eq!(judge("constrained"), Ok(TrustedBy::System));
}
