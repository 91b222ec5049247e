//! The client certificate in the certificate store of Windows. Its key stays there: the store signs.

#[cfg(any(windows, test))]
mod choice;

use std::sync::Arc;

use rustls::sign::SingleCertAndKey;

use crate::http::Error;
#[cfg(windows)]
use crate::options::StoreLocation;
use crate::options::StoredCertificate;

/// Presents the certificate that `wanted` names to servers that request one.
#[cfg(not(windows))]
pub(super) fn resolver(_wanted: &StoredCertificate) -> Result<Arc<SingleCertAndKey>, Error> {
    Err(Error::stored_identity(
        "only Windows has a certificate store; set SSLClientCertificate to a file",
    ))
}

/// Presents the certificate that `wanted` names to servers that request one.
#[cfg(windows)]
pub(super) fn resolver(wanted: &StoredCertificate) -> Result<Arc<SingleCertAndKey>, Error> {
    use rustls_cng::store::{CertStore, CertStoreType};

    let mut stores = Vec::new();
    for (location, kind) in [
        (StoreLocation::CurrentUser, CertStoreType::CurrentUser),
        (StoreLocation::LocalMachine, CertStoreType::LocalMachine),
    ] {
        if wanted.location.is_some_and(|only| only != location) {
            continue;
        }
        match CertStore::open(kind, "My") {
            Ok(store) => stores.push((location, store)),
            Err(error) => tracing::warn!(%location, %error, "a certificate store cannot be opened"),
        }
    }
    in_stores(wanted, &stores)
}

/// Presents the certificate in these stores that `wanted` names.
#[cfg(windows)]
fn in_stores(
    wanted: &StoredCertificate,
    stores: &[(StoreLocation, rustls_cng::store::CertStore)],
) -> Result<Arc<SingleCertAndKey>, Error> {
    use rustls::pki_types::{CertificateDer, UnixTime};
    use rustls::sign::CertifiedKey;
    use rustls_cng::error::CngError;
    use rustls_cng::signer::CngSigningKey;

    let code = |error: &CngError| match error {
        CngError::WindowsError(code) => Some(*code),
        _ => None,
    };
    let mut found = Vec::new();
    let mut candidates = Vec::new();
    for (location, store) in stores {
        for certificate in store.find_all().unwrap_or_default() {
            candidates.push((*location, certificate.as_der().to_vec()));
            found.push(certificate);
        }
    }
    let chosen = choice::choose(wanted, &candidates, UnixTime::now())
        .map_err(|cause| Error::stored_identity(&cause))?;
    let Some(certificate) = found.get(chosen) else {
        return Err(Error::stored_identity("it was removed from the store"));
    };
    // A library of another program's process must not show a window.
    let key = certificate.acquire_key(true);
    let key = key.map_err(|error| Error::stored_identity(&choice::key_fault(code(&error))))?;
    let key = CngSigningKey::new(key).map_err(|_| {
        Error::stored_identity(
            "its key is of a kind that is not supported: use RSA, P-256 or P-384",
        )
    })?;
    let own = || vec![certificate.as_der().to_vec()];
    let chain = certificate.as_chain_der().ok();
    let chain = chain.filter(|chain| !chain.is_empty()).unwrap_or_else(own);
    let chain = chain.into_iter().map(CertificateDer::from).collect();
    Ok(Arc::new(SingleCertAndKey::from(CertifiedKey::new(
        chain,
        Arc::new(key),
    ))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(not(windows))]
    #[test]
    fn other_systems_have_no_certificate_store() {
        let wanted = StoredCertificate::parse("Ann").unwrap();
        let message = resolver(&wanted).unwrap_err().to_string();
        for part in [
            "SSLClientCertificateInStore",
            "only Windows",
            "SSLClientCertificate ",
        ] {
            assert!(message.contains(part), "{message}");
        }
    }

    #[cfg(windows)]
    #[test]
    fn the_stores_of_windows_can_be_searched() {
        let wanted = StoredCertificate::parse("nobody has this name").unwrap();
        let message = resolver(&wanted).unwrap_err().to_string();
        assert!(message.contains("no certificate"), "{message}");
    }
}
