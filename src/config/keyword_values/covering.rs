//! How a connection string covers a data source, and that the settings of a driver.

use super::super::values;
use super::{Id, KeywordValues};

impl KeywordValues {
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
    (
        Id::HttpProxy,
        &[Id::SocksProxy, Id::UseProxy, Id::ProxyHost, Id::ProxyPort],
    ),
    (
        Id::SocksProxy,
        &[Id::HttpProxy, Id::UseProxy, Id::ProxyHost, Id::ProxyPort],
    ),
];
