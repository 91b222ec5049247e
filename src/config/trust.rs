//! Which certificates are trusted, and which one the client presents.

use std::path::PathBuf;

use super::keyword_values::KeywordValues;
use super::keywords::{Id, TLS_VERSIONS, VERIFICATIONS};
use super::{Error, Identity, StoredCertificate, Trust, Verification};

/// The keywords of one trust domain.
pub(super) struct TrustKeywords {
    verification: Id,
    store: Id,
    password: Id,
    system: Id,
    host: Option<Id>,
    oldest: Id,
    revoked: Id,
}

pub(super) const COORDINATOR: TrustKeywords = TrustKeywords {
    verification: Id::SslVerification,
    store: Id::SslTrustStore,
    password: Id::SslTrustStorePassword,
    system: Id::SslUseSystemTrustStore,
    host: Some(Id::SslHostNameInCertificate),
    oldest: Id::SslMinVersion,
    revoked: Id::SslRevocationList,
};

pub(super) const STORAGE: TrustKeywords = TrustKeywords {
    verification: Id::StorageSslVerification,
    store: Id::StorageTrustStore,
    password: Id::StorageTrustStorePassword,
    system: Id::StorageUseSystemTrustStore,
    // Storage may be many hosts.
    host: None,
    oldest: Id::StorageSslMinVersion,
    revoked: Id::StorageSslRevocationList,
};

impl KeywordValues {
    /// The trust that these keywords set; `tls` unless the domain is reached without it.
    pub(super) fn trust(&self, keywords: &TrustKeywords, tls: bool) -> Result<Trust, Error> {
        let host = keywords.host.map(|id| self.ascii_host(id)).transpose()?;
        let trust = Trust {
            verification: self.choice(keywords.verification, &VERIFICATIONS)?,
            stores: self.paths(keywords.store),
            store_password: self.secret(keywords.password)?,
            system: self.boolean(keywords.system)?,
            expected_host: host.flatten(),
            oldest: self.choice(keywords.oldest, &TLS_VERSIONS)?,
            revoked: self.paths(keywords.revoked),
        };
        let trusts_nothing = !trust.system && trust.stores.is_empty();
        if tls && trusts_nothing && trust.verification != Verification::None {
            return Err(Error::NothingTrusted {
                system: keywords.system,
                store: keywords.store,
            });
        }
        Ok(trust)
    }

    /// The trust of `OAuth2TrustStore`: it replaces the coordinator's stores, and keeps what makes
    /// trust stricter.
    pub(super) fn issuer_trust(&self, coordinator: &Trust) -> Result<Option<Trust>, Error> {
        let stores = self.paths(Id::OAuth2TrustStore);
        if stores.is_empty() {
            return Ok(None);
        }
        Ok(Some(Trust {
            stores,
            store_password: self.secret(Id::OAuth2TrustStorePassword)?,
            oldest: coordinator.oldest,
            revoked: coordinator.revoked.clone(),
            ..Trust::default()
        }))
    }

    /// A host as certificates name it.
    fn ascii_host(&self, id: Id) -> Result<Option<String>, Error> {
        let Some(text) = self.text(id) else {
            return Ok(None);
        };
        match url::Host::parse(text).map_err(|_| self.invalid(id))? {
            url::Host::Ipv6(address) => Ok(Some(address.to_string())),
            host => Ok(Some(host.to_string())),
        }
    }

    /// The client certificate.
    pub(super) fn identity(&self) -> Result<Option<Identity>, Error> {
        let stored = self.text(Id::SslClientCertificateInStore);
        let Some(certificate) = self.text(Id::SslClientCertificate) else {
            let stored = stored.map(|text| {
                StoredCertificate::parse(text)
                    .ok_or_else(|| self.invalid(Id::SslClientCertificateInStore))
            });
            return Ok(stored.transpose()?.map(Identity::Stored));
        };
        if stored.is_some() {
            return Err(self.must_be(
                Id::SslClientCertificateInStore,
                format!("left out if {} is set", self.name(Id::SslClientCertificate)),
            ));
        }
        Ok(Some(Identity::Files {
            certificate: certificate.into(),
            key: self.text(Id::SslClientKey).map(PathBuf::from),
            password: self.secret(Id::SslClientKeyPassword)?,
        }))
    }
}
