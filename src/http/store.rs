//! Trust stores: files of certificates in the forms that people have them in.
//!
//! The form is seen from the bytes and not from the name: PEM, a single certificate in DER, PKCS#12, JKS.

use std::fs;
use std::path::{Path, PathBuf};

use p12_keystore::{Pkcs12Archive, error::Error as Pkcs12Error};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, CertificateRevocationListDer};
use rustls::server::ParsedCertificate;

use super::{Domain, Error, jks};
use crate::config::{Secret, Trust};

/// The certificates of all stores that `trust` names.
pub(super) fn read(trust: &Trust, domain: Domain) -> Result<Vec<CertificateDer<'static>>, Error> {
    let mut certificates = Vec::new();
    for path in &trust.stores {
        let password = trust.store_password.as_ref();
        let found = read_path(path, password).map_err(|(at, cause)| {
            let cause = match cause {
                Cause::Unreadable(error) => error.to_string(),
                Cause::Fault(Fault::Password) if password.is_none() => {
                    format!("it needs {}", domain.password_keyword())
                }
                Cause::Fault(Fault::Password) => {
                    format!("{} is not its password", domain.password_keyword())
                }
                Cause::Fault(fault) => fault.to_string(),
            };
            Error::store(
                at.as_deref().unwrap_or(path),
                domain.store_keyword(),
                &cause,
            )
        })?;
        certificates.extend(found);
    }
    Ok(certificates)
}

/// The lists of revoked certificates in `paths`, in PEM or DER form.
pub(super) fn read_revoked(
    paths: &[PathBuf],
    domain: Domain,
) -> Result<Vec<CertificateRevocationListDer<'static>>, Error> {
    let mut lists = Vec::new();
    for path in paths {
        let fault = |cause: &str| Error::revocation_list(path, domain.revocation_keyword(), cause);
        let bytes = fs::read(path).map_err(|error| fault(&error.to_string()))?;
        let before = lists.len();
        if bytes.first() == Some(&DER_SEQUENCE) {
            lists.push(CertificateRevocationListDer::from(bytes));
        } else {
            let found = CertificateRevocationListDer::pem_slice_iter(&bytes);
            lists.extend(found.filter_map(Result::ok));
        }
        if lists.len() == before {
            return Err(fault("it holds no list in PEM or DER form"));
        }
    }
    Ok(lists)
}

/// What is wrong with the bytes of a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Fault {
    #[error("it holds no certificate in PEM, DER, PKCS#12 or JKS form")]
    Empty,
    #[error("the password is wrong")]
    Password,
    #[error("it is damaged, or in a form that is not known")]
    Malformed,
    #[error("it is encrypted in a way that is not supported; convert it to PEM")]
    Encryption,
    #[error("the form JCEKS is not supported; convert it to PKCS#12 or PEM")]
    Jceks,
}

#[derive(Debug)]
enum Cause {
    Unreadable(std::io::Error),
    Fault(Fault),
}

/// The certificates of a file, or of all files in a folder; else why not, and which file of the folder is at fault.
fn read_path(
    path: &Path,
    password: Option<&Secret>,
) -> Result<Vec<CertificateDer<'static>>, (Option<PathBuf>, Cause)> {
    let unreadable = |error| (None, Cause::Unreadable(error));
    if !path.is_dir() {
        let bytes = fs::read(path).map_err(unreadable)?;
        return certificates(&bytes, password).map_err(|fault| (None, Cause::Fault(fault)));
    }
    let mut found = Vec::new();
    for entry in fs::read_dir(path).map_err(unreadable)? {
        let file = entry.map_err(unreadable)?.path();
        // A folder may hold keys and notes beside certificates.
        if !file.is_file() {
            continue;
        }
        let Ok(bytes) = fs::read(&file) else { continue };
        match certificates(&bytes, password) {
            Ok(certificates) => found.extend(certificates),
            Err(Fault::Password) => return Err((Some(file), Cause::Fault(Fault::Password))),
            Err(_) => {}
        }
    }
    if found.is_empty() {
        return Err((None, Cause::Fault(Fault::Empty)));
    }
    Ok(found)
}

/// The certificates in the bytes of a file; at least one.
fn certificates(
    bytes: &[u8],
    password: Option<&Secret>,
) -> Result<Vec<CertificateDer<'static>>, Fault> {
    let found = if bytes.starts_with(&jks::MAGIC) {
        jks::certificates(bytes, password)?
    } else if bytes.starts_with(&JCEKS) {
        return Err(Fault::Jceks);
    } else if bytes.first() == Some(&DER_SEQUENCE) {
        let certificate = CertificateDer::from(bytes);
        if ParsedCertificate::try_from(&certificate).is_ok() {
            vec![certificate.into_owned()]
        } else {
            pkcs12(bytes, password)?
        }
    } else {
        CertificateDer::pem_slice_iter(bytes)
            .filter_map(Result::ok)
            .collect()
    };
    if found.is_empty() {
        return Err(Fault::Empty);
    }
    Ok(found)
}

fn pkcs12(bytes: &[u8], password: Option<&Secret>) -> Result<Vec<CertificateDer<'static>>, Fault> {
    let password = password.map_or("", Secret::reveal);
    let archive = Pkcs12Archive::from_pkcs12(bytes, password).map_err(|error| of_pkcs12(&error))?;
    let der = archive.certs.iter().map(|bag| bag.cert.as_der());
    Ok(der.map(|der| CertificateDer::from(der.to_vec())).collect())
}

/// What is wrong with a PKCS#12 file.
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

pub(super) const DER_SEQUENCE: u8 = 0x30;
const JCEKS: [u8; 4] = [0xCE, 0xCE, 0xCE, 0xCE];

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    fn fixture(name: &str) -> PathBuf {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/stores");
        folder.join(name)
    }

    fn of(name: &str, password: Option<&str>) -> Result<Vec<CertificateDer<'static>>, Fault> {
        let bytes = fs::read(fixture(name)).unwrap();
        let mut found = certificates(&bytes, password.map(Secret::new).as_ref())?;
        found.sort_by(|a, b| a.as_ref().cmp(b.as_ref()));
        Ok(found)
    }

    fn read_one(path: PathBuf, password: Option<&str>) -> Result<usize, String> {
        let trust = Trust {
            stores: vec![path],
            store_password: password.map(Secret::new),
            ..Trust::default()
        };
        read(&trust, Domain::Storage)
            .map(|found| found.len())
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
    fn a_wrong_or_missing_password_is_told_by_keyword() {
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
        assert_eq!(certificates(&[0x30, 0x82, 1], None), Err(Fault::Malformed));
        assert_eq!(certificates(&JCEKS, None), Err(Fault::Jceks));
        assert_eq!(certificates(&[], None), Err(Fault::Empty));
    }

    #[test]
    fn a_store_that_is_cut_anywhere_is_refused() {
        for name in ["java.jks", "java.p12"] {
            let bytes = fs::read(fixture(name)).unwrap();
            for end in 4..bytes.len() {
                let cut = certificates(&bytes[..end], Some(&Secret::new("changeit")));
                assert!(cut.is_err(), "{name} up to {end}");
            }
        }
    }
}
