//! The certificate that this side proves itself with, and its key: PEM files, one PKCS#12 file, or
//! the certificate store of Windows.

mod stored;

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use p12_keystore::{KeyStore, Pkcs12ImportPolicy};
use pkcs8::der::Decode as _;
use pkcs8::{EncryptedPrivateKeyInfoRef, SecretDocument};
use rustls::client::ResolvesClientCert;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{InconsistentKeys, SignatureScheme};

use super::fault::Fault;
use super::store;
use super::{Error, pem};
use crate::options::{Identity, Secret};

/// A certificate with those between it and its authority, and the certificate's key.
pub(super) type Proof = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

/// No certificate. Remembers that a server requested one.
#[derive(Debug, Default)]
pub(super) struct Absent {
    requested: AtomicBool,
}

impl Absent {
    /// Whether a server requested one since the last answer.
    pub(super) fn was_requested(&self) -> bool {
        self.requested.load(Ordering::Relaxed)
    }

    /// A server answers without one.
    pub(super) fn was_dispensable(&self) {
        if self.was_requested() {
            self.requested.store(false, Ordering::Relaxed);
        }
    }
}

impl ResolvesClientCert for Absent {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.requested.store(true, Ordering::Relaxed);
        None
    }

    fn has_certs(&self) -> bool {
        false
    }
}

/// Presents `identity` to servers that request a client certificate.
pub(super) fn resolver(
    identity: &Identity,
    provider: &CryptoProvider,
) -> Result<Arc<SingleCertAndKey>, Error> {
    let (certificate, key, password) = match identity {
        Identity::Stored(wanted) => return stored::resolver(wanted),
        Identity::Files {
            certificate,
            key,
            password,
        } => (certificate, key, password),
    };
    let fault = |cause: &str| Error::identity(certificate, cause);
    let (chain, key) = read(certificate, key.as_deref(), password.as_ref())?;
    let key = provider.key_provider.load_private_key(key);
    let key = key.map_err(|_| {
        fault("its key is of a kind that is not supported: use RSA of 2048 to 8192 bits, P-256, P-384 or Ed25519")
    })?;
    let proof = CertifiedKey::new(chain, key);
    // Whether the certificate is odd is for the server to judge.
    if let Err(rustls::Error::InconsistentKeys(InconsistentKeys::KeyMismatch)) = proof.keys_match()
    {
        return Err(fault("its key is not the one of its certificate"));
    }
    Ok(Arc::new(SingleCertAndKey::from(proof)))
}

/// The certificate in `file`, and its key, which is there too if it is in no other file.
fn read(file: &Path, key_file: Option<&Path>, password: Option<&Secret>) -> Result<Proof, Error> {
    let fault = |cause: &str| Error::identity(file, cause);
    let bytes = read_file(file)?;
    if bytes.first() == Some(&store::DER_SEQUENCE) {
        return of_pkcs12(&bytes, password).map_err(fault);
    }
    let text = pem::text(&bytes);
    let mut chain = Vec::new();
    for block in pem::blocks(&text) {
        match block.certificate() {
            None => {}
            Some(Some(certificate)) => chain.push(certificate),
            Some(None) => {
                let line = block.line;
                return Err(fault(&format!("its certificate in line {line} is damaged")));
            }
        }
    }
    if chain.is_empty() {
        return Err(fault("it holds no certificate in PEM or PKCS#12 form"));
    }
    let key = match key_file {
        Some(file) => {
            let bytes = read_file(file)?;
            key(&pem::text(&bytes), password).map_err(|cause| Error::identity(file, cause))
        }
        None => key(&text, password).map_err(fault),
    };
    Ok((chain, key?))
}

/// The bytes of a file, or the error that names it.
fn read_file(path: &Path) -> Result<Vec<u8>, Error> {
    fs::read(path).map_err(|error| Error::identity(path, &error.to_string()))
}

/// The first key in a PEM file.
fn key(bytes: &[u8], password: Option<&Secret>) -> Result<PrivateKeyDer<'static>, &'static str> {
    let text = String::from_utf8_lossy(bytes);
    if text.contains("Proc-Type: 4,ENCRYPTED") {
        return Err(
            "its key has a passphrase in OpenSSL's old form; convert it with openssl pkcs8 -topk8",
        );
    }
    if let Ok(key) = PrivateKeyDer::from_pem_slice(bytes) {
        return Ok(key);
    }
    let Some(section) = encrypted_section(&text) else {
        return Err("it holds no key in PEM form; SSLClientKey names the file of the key");
    };
    let password = password.ok_or("its key has a passphrase: set SSLClientKeyPassword")?;
    let (_, der) = SecretDocument::from_pem(section).map_err(|_| "its key is damaged")?;
    let encrypted = EncryptedPrivateKeyInfoRef::from_der(der.as_bytes());
    let clear = encrypted
        .map_err(|_| "its key is damaged")?
        .decrypt(password.reveal())
        .map_err(|_| "SSLClientKeyPassword is not the passphrase of its key")?;
    Ok(PrivatePkcs8KeyDer::from(clear.as_bytes().to_vec()).into())
}

/// The section of a key that a passphrase protects.
fn encrypted_section(text: &str) -> Option<&str> {
    let from = text.get(text.find(ENCRYPTED_KEY)?..)?;
    from.get(..from.find(END_OF_KEY)? + END_OF_KEY.len())
}

/// The certificates and the key of a PKCS#12 file.
fn of_pkcs12(bytes: &[u8], password: Option<&Secret>) -> Result<Proof, &'static str> {
    let text = password.map_or("", Secret::reveal);
    let store = KeyStore::from_pkcs12(bytes, text, Pkcs12ImportPolicy::Relaxed).map_err(
        |error| match (store::of_pkcs12(&error), password) {
            (Fault::Password, None) => "it has a password: set SSLClientKeyPassword",
            (Fault::Password, Some(_)) => "SSLClientKeyPassword is not its password",
            (Fault::Encryption, _) => {
                "it is encrypted in a way that is not supported; convert it to PEM"
            }
            _ => "it is damaged, or neither PEM nor PKCS#12",
        },
    )?;
    let (_, chain) = store.private_key_chain().ok_or("it holds no key")?;
    let certificates = chain.certs().iter();
    Ok((
        certificates
            .map(|certificate| CertificateDer::from(certificate.as_der().to_vec()))
            .collect(),
        PrivatePkcs8KeyDer::from(chain.key().as_der().to_vec()).into(),
    ))
}

/// The first line of an encrypted key.
const ENCRYPTED_KEY: &str = "-----BEGIN ENCRYPTED PRIVATE KEY-----";
/// The last line of an encrypted key.
const END_OF_KEY: &str = "-----END ENCRYPTED PRIVATE KEY-----";

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    fn file(name: &str) -> PathBuf {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/identities");
        folder.join(name)
    }

    fn read(certificate: &str, key: Option<&str>, password: Option<&str>) -> Result<Proof, String> {
        let (key, password) = (key.map(file), password.map(Secret::new));
        super::read(&file(certificate), key.as_deref(), password.as_ref())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn every_form_holds_the_same_certificate() {
        let (expected, _) = read("both.pem", None, None).unwrap();
        for (certificate, key, password) in [
            ("certificate.pem", Some("both.pem"), None),
            ("certificate.pem", Some("pkcs1.pem"), None),
            ("certificate.pem", Some("encrypted.pem"), Some("changeit")),
            ("both.p12", None, Some("changeit")),
        ] {
            let (chain, _) = read(certificate, key, password).unwrap();
            assert_eq!(chain.first(), expected.first(), "{certificate} {key:?}");
        }
    }

    #[test]
    fn an_unusable_identity_is_named_by_file_and_keyword() {
        for (certificate, key, password, told) in [
            ("nowhere.pem", None, None, "nowhere.pem"),
            ("pkcs1.pem", None, None, "no certificate"),
            ("certificate.pem", None, None, "SSLClientKey names"),
            ("certificate.pem", Some("nowhere.pem"), None, "nowhere.pem"),
            (
                "certificate.pem",
                Some("encrypted.pem"),
                None,
                "set SSLClientKeyPassword",
            ),
            (
                "certificate.pem",
                Some("encrypted.pem"),
                Some("hunter2"),
                "not the passphrase",
            ),
            (
                "certificate.pem",
                Some("legacy.pem"),
                Some("changeit"),
                "old form",
            ),
            ("both.p12", None, None, "set SSLClientKeyPassword"),
            ("both.p12", None, Some("hunter2"), "not its password"),
        ] {
            let message = read(certificate, key, password).unwrap_err();
            assert!(message.contains(told), "{message}");
            assert!(!message.contains("hunter2"), "{message}");
        }
    }
}
