//! How a connection string covers a data source, and that the settings of a driver.

use super::super::keywords::KEYWORDS;
use super::super::{Error, Warning, protected, values};
use super::{Id, KeywordValues};

impl KeywordValues {
    /// Takes the secrets of `ProtectedSecrets` that are not set here.
    pub(in crate::config) fn cover_secrets(
        &mut self,
        warnings: &mut Vec<Warning>,
    ) -> Result<(), Error> {
        let Some(text) = self.text(Id::ProtectedSecrets) else {
            return Ok(());
        };
        let secrets =
            protected::unprotect(text).map_err(|reason| Error::Undecipherable { reason })?;
        self.cover(Self::read(&secrets, warnings));
        *self.place(Id::ProtectedSecrets) = None;
        Ok(())
    }

    /// Whether a secret to sign in with is set.
    pub(in crate::config) fn has_secret(&self) -> bool {
        let is_secret = |id: Id| id != Id::ProtectedSecrets && id.is_credential();
        KEYWORDS.iter().any(|keyword| {
            keyword.secret && is_secret(keyword.id) && self.text(keyword.id).is_some()
        })
    }

    /// Takes the values of `below` that are not set here, except those that belong to a value which
    /// differs here.
    pub(in crate::config) fn cover(&mut self, mut below: Self) {
        for (owners, owned) in BELONGING {
            let is_other = |id: &Id| match (self.value(*id), below.value(*id)) {
                (Some(above), Some(below)) => {
                    let (above, below) = (above.text.reveal(), below.text.reveal());
                    !above.eq_ignore_ascii_case(below)
                }
                (above, _) => above.is_some(),
            };
            if owners.iter().any(|id| below.value(*id).is_some()) && owners.iter().any(is_other) {
                owned.iter().for_each(|id| *below.place(*id) = None);
            }
        }
        for (chosen, others) in ALTERNATIVES {
            if self.text(*chosen).is_some() {
                others.iter().for_each(|id| *below.place(*id) = None);
            }
        }
        let in_parts = match self.text(Id::UseProxy).and_then(values::boolean) {
            Some(true) => self.text(Id::ProxyHost).is_some(),
            Some(false) => true,
            None => false,
        };
        if in_parts {
            for id in [Id::HttpProxy, Id::SocksProxy] {
                *below.place(id) = None;
            }
        }
        // Without AuthenticationType the credentials select the method: those above take
        // precedence.
        let credentials = [Id::Password, Id::AccessToken, Id::AccessTokenFile];
        let is_selected = [&*self, &below]
            .iter()
            .any(|given| given.text(Id::AuthenticationType).is_some());
        if !is_selected && credentials.iter().any(|id| self.text(*id).is_some()) {
            credentials.iter().for_each(|id| *below.place(*id) = None);
        }
        for (value, below) in self.values.iter_mut().zip(below.values) {
            if value.is_none() {
                *value = below;
            }
        }
    }
}

/// Keywords, and those that describe the same thing further and do not fit another one.
const BELONGING: &[(&[Id], &[Id])] = &[
    (&[Id::Catalog], &[Id::Schema]),
    (&[Id::OAuth2Issuer], &[Id::OAuth2TokenEndpoint]),
    (&[Id::OAuth2ClientId], &[Id::OAuth2ClientSecret]),
    (&[Id::KerberosPrincipal], &[Id::KerberosPassword]),
    (&[Id::SslTrustStore], &[Id::SslTrustStorePassword]),
    (&[Id::StorageTrustStore], &[Id::StorageTrustStorePassword]),
    (&[Id::OAuth2TrustStore], &[Id::OAuth2TrustStorePassword]),
    (
        &[Id::SslClientCertificate],
        &[Id::SslClientKey, Id::SslClientKeyPassword],
    ),
    (&[Id::SslClientKey], &[Id::SslClientKeyPassword]),
    (
        &[Id::HttpProxy, Id::SocksProxy, Id::ProxyHost],
        &[Id::HttpProxyUser, Id::HttpProxyPassword],
    ),
    (&[Id::HttpProxyUser], &[Id::HttpProxyPassword]),
    (
        &[Id::StorageProxy],
        &[Id::StorageProxyUser, Id::StorageProxyPassword],
    ),
    (&[Id::StorageProxyUser], &[Id::StorageProxyPassword]),
];

/// Keywords, and those that set the same thing differently.
const ALTERNATIVES: &[(Id, &[Id])] = &[
    (Id::AccessToken, &[Id::AccessTokenFile]),
    (Id::AccessTokenFile, &[Id::AccessToken]),
    (Id::SslClientCertificate, &[Id::SslClientCertificateInStore]),
    (
        Id::SslClientCertificateInStore,
        &[
            Id::SslClientCertificate,
            Id::SslClientKey,
            Id::SslClientKeyPassword,
        ],
    ),
    (
        Id::HttpProxy,
        &[Id::SocksProxy, Id::UseProxy, Id::ProxyHost, Id::ProxyPort],
    ),
    (
        Id::SocksProxy,
        &[Id::HttpProxy, Id::UseProxy, Id::ProxyHost, Id::ProxyPort],
    ),
];
