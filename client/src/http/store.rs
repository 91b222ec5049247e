//! Trust stores: files of certificates in all usual forms.
//!
//! The form is seen from the bytes and not from the name: PEM, a single certificate in DER,
//! PKCS#12, JKS. One part of a store that is no certificate does not make the others worthless: it
//! is passed over, logged, and named when the server's authority is not found. A store without any
//! certificate is an error, and so is any fault in a list of revoked certificates.

use std::fs;
use std::path::{Path, PathBuf};

use p12_keystore::{Pkcs12Archive, error::Error as Pkcs12Error};
use rustls::pki_types::CertificateDer;
use webpki::{CertRevocationList, OwnedCertRevocationList};

use super::fault::Fault;
use super::{Domain, Error, certificate, jks, pem};
use crate::options::{Secret, Trust};

/// The certificates of configured trust stores.
#[derive(Debug, Default)]
pub(super) struct Store {
    pub(super) certificates: Vec<CertificateDer<'static>>,
    /// The parts of the files that are no certificates, by file and place.
    pub(super) damaged: Vec<String>,
}

impl Store {
    /// The certificates of all stores that `trust` names.
    pub(super) fn read(trust: &Trust, domain: Domain) -> Result<Self, Error> {
        let mut store = Self::default();
        for path in &trust.stores {
            let password = trust.store_password.as_ref();
            store.add(path, password).map_err(|(at, cause)| {
                let cause = match cause {
                    Cause::Unreadable(error) => error.to_string(),
                    Cause::Damaged(part) => {
                        format!("it holds no certificate that can be read: {part}")
                    }
                    Cause::Fault(Fault::Password) if password.is_none() => {
                        format!("it needs {}", domain.password_keyword())
                    }
                    Cause::Fault(Fault::Password) => {
                        format!("{} is not its password", domain.password_keyword())
                    }
                    Cause::Fault(fault) => fault.to_string(),
                };
                let at = at.as_deref().unwrap_or(path);
                Error::store(at, domain.store_keyword(), &cause)
            })?;
        }
        for part in &store.damaged {
            tracing::warn!(part, "a part of a trust store is passed over");
        }
        Ok(store)
    }

    /// Adds the certificates of a file, or of all files in a folder; else why not, and which file
    /// of the folder is at fault.
    fn add(
        &mut self,
        path: &Path,
        password: Option<&Secret>,
    ) -> Result<(), (Option<PathBuf>, Cause)> {
        let unreadable = |error| (None, Cause::Unreadable(error));
        let before = (self.certificates.len(), self.damaged.len());
        if !path.is_dir() {
            let bytes = fs::read(path).map_err(unreadable)?;
            let parts = parts(&bytes, password).map_err(|fault| (None, Cause::Fault(fault)))?;
            self.take(path, parts);
        } else {
            for entry in fs::read_dir(path).map_err(unreadable)? {
                let file = entry.map_err(unreadable)?.path();
                // A folder may hold keys and notes beside certificates.
                if !file.is_file() {
                    continue;
                }
                let Ok(bytes) = fs::read(&file) else { continue };
                match parts(&bytes, password) {
                    Ok(parts) => self.take(&file, parts),
                    Err(Fault::Password) => {
                        return Err((Some(file), Cause::Fault(Fault::Password)));
                    }
                    Err(_) => {}
                }
            }
        }
        if self.certificates.len() > before.0 {
            return Ok(());
        }
        let damaged = self.damaged.get(before.1).cloned();
        Err((
            None,
            damaged.map_or(Cause::Fault(Fault::Empty), Cause::Damaged),
        ))
    }

    /// Sorts the parts of a file into certificates and damaged ones.
    fn take(&mut self, path: &Path, parts: Vec<Part>) {
        for part in parts {
            match part.certificate.filter(certificate::is_one) {
                Some(certificate) => self.certificates.push(certificate),
                None => {
                    let part = format!("{} of {} is no certificate", part.place, path.display());
                    self.damaged.push(part);
                }
            }
        }
    }
}

/// A part of a store that calls itself a certificate.
#[derive(Debug, PartialEq, Eq)]
struct Part {
    /// Where it stands in the file.
    place: String,
    /// Absent when it cannot even be decoded.
    certificate: Option<CertificateDer<'static>>,
}

/// Why a store cannot be used.
#[derive(Debug)]
enum Cause {
    Unreadable(std::io::Error),
    Fault(Fault),
    /// None of its parts is a certificate; the first of them is named.
    Damaged(String),
}

/// The parts of a file; at least one.
fn parts(bytes: &[u8], password: Option<&Secret>) -> Result<Vec<Part>, Fault> {
    let found = if bytes.starts_with(&jks::MAGIC) {
        entries(jks::certificates(bytes, password)?)
    } else if bytes.starts_with(&JCEKS) {
        return Err(Fault::Jceks);
    } else if bytes.first() == Some(&DER_SEQUENCE) {
        let certificate = CertificateDer::from(bytes);
        if certificate::is_one(&certificate) {
            entries(vec![certificate.into_owned()])
        } else if certificate::is_pkcs7(bytes) {
            return Err(Fault::Pkcs7);
        } else {
            entries(pkcs12(bytes, password)?)
        }
    } else {
        of_pem(&pem::text(bytes))?
    };
    if found.is_empty() {
        return Err(Fault::Empty);
    }
    Ok(found)
}

/// The parts of a store in a binary form, by number.
fn entries(certificates: Vec<CertificateDer<'static>>) -> Vec<Part> {
    let numbered = certificates.into_iter().enumerate();
    numbered
        .map(|(index, certificate)| Part {
            place: format!("entry {}", index + 1),
            certificate: Some(certificate),
        })
        .collect()
}

/// The parts of a store in PEM.
fn of_pem(text: &[u8]) -> Result<Vec<Part>, Fault> {
    let blocks = pem::blocks(text);
    let parts: Vec<_> = blocks
        .iter()
        .filter_map(|block| {
            Some(Part {
                place: format!("the {} in line {}", block.label, block.line),
                certificate: block.certificate()?,
            })
        })
        .collect();
    if parts.is_empty() && blocks.iter().any(|block| block.label.contains("PKCS7")) {
        return Err(Fault::Pkcs7);
    }
    Ok(parts)
}

/// The certificates of a store in PKCS#12.
fn pkcs12(bytes: &[u8], password: Option<&Secret>) -> Result<Vec<CertificateDer<'static>>, Fault> {
    let password = password.map_or("", Secret::reveal);
    let archive = Pkcs12Archive::from_pkcs12(bytes, password).map_err(|error| of_pkcs12(&error))?;
    let der = archive.certs.iter().map(|bag| bag.cert.as_der());
    Ok(der.map(|der| CertificateDer::from(der.to_vec())).collect())
}

/// The fault of a PKCS#12 file.
pub(super) fn of_pkcs12(error: &Pkcs12Error) -> Fault {
    match error {
        // Without a digest over the whole a wrong password shows as garbage.
        Pkcs12Error::MacError(_) | Pkcs12Error::UnpadError | Pkcs12Error::Pkcs5Error(_) => {
            Fault::Password
        }
        Pkcs12Error::UnsupportedEncryptionScheme | Pkcs12Error::UnsupportedMacAlgorithm => {
            Fault::Encryption
        }
        _ => Fault::Malformed,
    }
}

/// The lists of revoked certificates in `paths`, in PEM or DER form.
pub(super) fn read_revoked(
    paths: &[PathBuf],
    domain: Domain,
) -> Result<Vec<CertRevocationList<'static>>, Error> {
    let mut lists = Vec::new();
    for path in paths {
        let fault = |cause: &str| Error::revocation_list(path, domain.revocation_keyword(), cause);
        let bytes = fs::read(path).map_err(|error| fault(&error.to_string()))?;
        if bytes.first() == Some(&DER_SEQUENCE) {
            let list = OwnedCertRevocationList::from_der(&bytes);
            lists.push(
                list.map_err(|error| fault(why_no_list(&error, &bytes)))?
                    .into(),
            );
            continue;
        }
        let text = pem::text(&bytes);
        let blocks = pem::blocks(&text);
        let blocks: Vec<_> = blocks
            .iter()
            .filter(|block| block.label == "X509 CRL")
            .collect();
        if blocks.is_empty() {
            return Err(fault("it holds no list in PEM or DER form"));
        }
        for block in blocks {
            let bytes = block.bytes.as_deref().unwrap_or_default();
            let list = OwnedCertRevocationList::from_der(bytes).map_err(|error| {
                fault(&format!(
                    "in line {}, {}",
                    block.line,
                    why_no_list(&error, bytes)
                ))
            })?;
            lists.push(list.into());
        }
    }
    Ok(lists)
}

/// Why a list cannot be used.
fn why_no_list(error: &webpki::Error, list: &[u8]) -> &'static str {
    use webpki::Error;

    if certificate::is_list_of_version_1(list) {
        return "the list is of version 1, which cannot be checked; have it issued as version 2 (openssl ca -gencrl does \
                with crl_extensions in its configuration)";
    }
    match error {
        Error::UnsupportedDeltaCrl => {
            "the list only has the changes since another one (delta CRL); have a complete one issued"
        }
        Error::UnsupportedIndirectCrl => {
            "the list is also about certificates of other authorities (indirect CRL), which cannot be checked; \
             have one issued for each authority"
        }
        Error::UnsupportedCriticalExtension => {
            "the list has a critical extension that is not known; have it issued without"
        }
        Error::UnsupportedCrlIssuingDistributionPoint
        | Error::UnsupportedRevocationReasonsPartitioning
        | Error::UnsupportedRevocationReason => {
            "the list is only about some reasons of revocation; have a complete one issued"
        }
        _ => "the list is damaged, or lacks its number or the time of the next one",
    }
}

/// The first byte of a certificate or a store in DER.
pub(super) const DER_SEQUENCE: u8 = 0x30;
/// The first bytes of a JCEKS store.
const JCEKS: [u8; 4] = [0xCE, 0xCE, 0xCE, 0xCE];

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    fn fixture(name: &str) -> PathBuf {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/stores");
        folder.join(name)
    }

    fn of(name: &str, password: Option<&str>) -> Result<Vec<CertificateDer<'static>>, Fault> {
        let bytes = fs::read(fixture(name)).unwrap();
        let parts = parts(&bytes, password.map(Secret::new).as_ref())?.into_iter();
        let mut found: Vec<_> = parts.map(|part| part.certificate.unwrap()).collect();
        found.sort_by(|a, b| a.as_ref().cmp(b.as_ref()));
        Ok(found)
    }

    fn read_one(path: PathBuf, password: Option<&str>) -> Result<usize, String> {
        let trust = Trust {
            stores: vec![path],
            store_password: password.map(Secret::new),
            ..Trust::default()
        };
        Store::read(&trust, Domain::Storage)
            .map(|found| found.certificates.len())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn every_form_holds_the_same_certificates() {
        let expected = of("ca.pem", None).unwrap();
        assert_eq!(expected.len(), 2);
        for name in ["java.jks", "java.p12", "openssl.p12", "legacy.p12"] {
            assert_eq!(of(name, Some("changeit")).as_ref(), Ok(&expected), "{name}");
        }
        assert_eq!(of("plain.p12", None).as_ref(), Ok(&expected));
    }

    #[test]
    fn java_stores_are_read_without_a_password_too() {
        assert_eq!(of("java.jks", None), of("java.jks", Some("changeit")));
        assert_eq!(of("key.jks", None).unwrap().len(), 1);
    }

    #[test]
    fn a_wrong_or_missing_password_is_named_by_keyword() {
        for name in ["java.jks", "java.p12", "openssl.p12", "legacy.p12"] {
            assert_eq!(of(name, Some("hunter2")), Err(Fault::Password), "{name}");
            let message = read_one(fixture(name), Some("hunter2")).unwrap_err();
            assert!(message.contains("StorageTrustStorePassword"), "{message}");
            assert!(message.contains(name) && !message.contains("hunter2"));
        }
        let message = read_one(fixture("java.p12"), None).unwrap_err();
        assert!(
            message.contains("it needs StorageTrustStorePassword"),
            "{message}"
        );
    }

    #[test]
    fn a_folder_is_a_store_of_all_its_stores() {
        assert_eq!(read_one(fixture(""), Some("hunter2")).ok(), None);
        let folder = tempfile::tempdir().unwrap();
        fs::copy(fixture("java.jks"), folder.path().join("a.jks")).unwrap();
        fs::copy(fixture("ca.pem"), folder.path().join("b.pem")).unwrap();
        fs::write(folder.path().join("notes.txt"), "nothing").unwrap();
        assert_eq!(read_one(folder.path().to_owned(), Some("changeit")), Ok(4));
    }

    #[test]
    fn a_store_without_certificates_is_an_error_that_names_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ca.pem");
        fs::write(&path, "no certificate").unwrap();
        assert!(read_one(path, None).unwrap_err().contains("ca.pem"));
        assert!(read_one(PathBuf::from("/nowhere/ca.pem"), None).is_err());
        assert_eq!(parts(&[0x30, 0x82, 1], None), Err(Fault::Malformed));
        assert_eq!(parts(&JCEKS, None), Err(Fault::Jceks));
        assert_eq!(parts(&[], None), Err(Fault::Empty));
    }

    #[test]
    fn a_store_that_is_cut_anywhere_is_refused() {
        for name in ["java.jks", "java.p12"] {
            let bytes = fs::read(fixture(name)).unwrap();
            for end in 4..bytes.len() {
                let cut = parts(&bytes[..end], Some(&Secret::new("changeit")));
                assert!(cut.is_err(), "{name} up to {end}");
            }
        }
    }

    fn store_of(bytes: &[u8]) -> Result<Store, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ca.pem");
        fs::write(&path, bytes).unwrap();
        let trust = Trust {
            stores: vec![path],
            ..Trust::default()
        };
        Store::read(&trust, Domain::Coordinator).map_err(|error| error.to_string())
    }

    #[test]
    fn a_part_that_is_no_certificate_is_passed_over_and_named_by_file_and_line() {
        let good = fs::read_to_string(fixture("ca.pem")).unwrap();
        let lines = good.lines().count();
        for damaged in [
            "-----BEGIN CERTIFICATE-----\naGVsbG8=\n-----END CERTIFICATE-----\n",
            "-----BEGIN CERTIFICATE-----\n***\n-----END CERTIFICATE-----\n",
            "-----BEGIN CERTIFICATE-----\naGVsbG8=\n",
        ] {
            for (text, line) in [
                (format!("{damaged}{good}"), 1),
                (format!("{good}{damaged}"), lines + 1),
            ] {
                let store = store_of(text.as_bytes()).unwrap();
                assert_eq!(store.certificates.len(), 2, "{text}");
                let part = store.damaged.first().unwrap();
                assert!(part.contains("ca.pem"), "{part}");
                assert!(part.contains(&format!("line {line} ")), "{part}");
            }
            let message = store_of(damaged.as_bytes()).unwrap_err();
            assert!(message.contains("ca.pem"), "{message}");
            assert!(message.contains("line 1 "), "{message}");
            assert!(message.contains("SSLTrustStore"), "{message}");
        }
    }

    #[test]
    fn a_mark_of_the_encoding_and_other_names_of_blocks_are_read() {
        let good = fs::read_to_string(fixture("ca.pem")).unwrap();
        let utf_16: Vec<_> = format!("\u{feff}{good}")
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        for bytes in [
            format!("\u{feff}{good}").into_bytes(),
            utf_16,
            good.replace("CERTIFICATE", "TRUSTED CERTIFICATE")
                .into_bytes(),
            good.replace("CERTIFICATE", "X509 CERTIFICATE").into_bytes(),
            good.replace('\n', "\n  ").into_bytes(),
        ] {
            let store = store_of(&bytes).unwrap();
            assert_eq!(store.certificates.len(), 2);
            assert_eq!(store.damaged, Vec::<String>::new());
        }
    }

    #[test]
    fn pkcs_7_is_named_and_how_to_convert_it() {
        let pem = "-----BEGIN PKCS7-----\nMAA=\n-----END PKCS7-----\n";
        let der = b"\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02\xa0\x80";
        for bytes in [pem.as_bytes(), der] {
            let message = store_of(bytes).unwrap_err();
            assert!(message.contains("openssl pkcs7"), "{message}");
        }
    }
}
