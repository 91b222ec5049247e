//! Private certificate authorities, and a server's certificate of each.
//!
//! Storage and coordinator have different authorities, so that a client that mixes up its trust fails.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};

use super::java::Java;

/// A certificate for a server on this machine, and the authority that signed it.
pub struct Certificate {
    /// The authority's certificate, for clients.
    pub authority: PathBuf,
    /// The server's certificate, PEM.
    pub chain: String,
    /// The server's private key, PKCS#8 PEM.
    pub key: String,
}

impl Certificate {
    /// Makes an authority called `name` in `folder`, and a certificate for localhost.
    pub fn make(name: &str, folder: &Path) -> Result<Self> {
        let authority_key = KeyPair::generate()?;
        let mut params = CertificateParams::default();
        params
            .distinguished_name
            .push(DnType::CommonName, format!("{name} test authority"));
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let certificate = params.self_signed(&authority_key)?;
        let issuer = Issuer::from_params(&params, &authority_key);

        let key = KeyPair::generate()?;
        let mut params = CertificateParams::new(["localhost".to_owned(), "127.0.0.1".to_owned()])?;
        params
            .distinguished_name
            .push(DnType::CommonName, format!("{name} test server"));
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        let chain = params.signed_by(&key, &issuer)?.pem();

        let authority = folder.join(format!("{name}-ca.pem"));
        fs::write(&authority, certificate.pem())?;
        Ok(Self {
            authority,
            chain,
            key: key.serialize_pem(),
        })
    }
}

/// Makes the trust store with which a Java process trusts `authorities`.
pub fn java_trust_store(java: &Java, authorities: &[&Path], store: &Path) -> Result<()> {
    for authority in authorities {
        let alias = authority.file_stem().unwrap_or_default();
        let output = Command::new(java.program("keytool"))
            .args([
                "-importcert",
                "-noprompt",
                "-storetype",
                "PKCS12",
                "-storepass",
                STORE_PASSWORD,
            ])
            .arg("-alias")
            .arg(alias)
            .arg("-file")
            .arg(authority)
            .arg("-keystore")
            .arg(store)
            .stdin(Stdio::null())
            .output()
            .context("cannot run keytool")?;
        if !output.status.success() {
            bail!(
                "keytool: {}",
                String::from_utf8_lossy(&output.stdout).trim()
            );
        }
    }
    Ok(())
}

/// The trust store's password. It protects nothing: the store holds public certificates.
pub const STORE_PASSWORD: &str = "changeit";
