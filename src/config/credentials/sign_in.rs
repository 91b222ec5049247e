//! Kerberos and OAuth 2.0.

use std::path::PathBuf;

use super::super::keywords::{Id, Method, TOKEN_CACHES};
use super::super::{Error, Flow, Issuer, Kerberos, OAuth2, Show, Trust, values};
use super::KeywordValues;

impl KeywordValues {
    pub(super) fn kerberos(&self) -> Result<Kerberos, Error> {
        let kerberos = Kerberos {
            service: self.line_or_default(Id::KerberosServiceName)?,
            pattern: self.line_or_default(Id::KerberosServicePrincipalPattern)?,
            canonical: self.boolean(Id::KerberosUseCanonicalHostname)?,
            principal: self.line(Id::KerberosPrincipal)?,
            password: self.secret(Id::KerberosPassword)?,
            keytab: self.text(Id::KerberosKeytab).map(PathBuf::from),
            cache: self.line(Id::KerberosCredentialCache)?,
            delegate: self.boolean(Id::KerberosDelegation)?,
        };
        if kerberos.principal.is_none() && kerberos.password.is_some() {
            return Err(Error::Missing {
                keyword: Id::KerberosPrincipal,
                reason: "KerberosPassword is its password.",
            });
        }
        Ok(kerberos)
    }

    pub(super) fn oauth2(&self, method: Method, coordinator: &Trust) -> Result<OAuth2, Error> {
        let flow = match method {
            Method::ClientCredentials => {
                let issuer = self.issuer(coordinator)?;
                if issuer.client_secret.is_none() {
                    return Err(Error::Missing {
                        keyword: Id::OAuth2ClientSecret,
                        reason: "AuthenticationType=ClientCredentials requires it.",
                    });
                }
                Flow::ClientCredentials(Box::new(issuer))
            }
            Method::DeviceFlow => {
                let issuer = self.issuer(coordinator)?;
                if issuer.uri.is_none() {
                    return Err(Error::Missing {
                        keyword: Id::OAuth2Issuer,
                        reason: "AuthenticationType=DeviceFlow requires it.",
                    });
                }
                Flow::Device(Box::new(issuer))
            }
            _ => Flow::Browser,
        };
        Ok(OAuth2 {
            flow,
            show: self.show()?,
            timeout: self.duration(Id::OAuth2Timeout)?,
            cache: self.choice(Id::OAuth2TokenCache, &TOKEN_CACHES)?,
        })
    }

    fn show(&self) -> Result<Show, Error> {
        let mut show = Show::default();
        let handlers = self.line_or_default(Id::OAuth2RedirectHandlers)?;
        for handler in values::list(&handlers) {
            match handler.to_ascii_uppercase().as_str() {
                "OPEN" | "DESKTOP_OPEN" | "SYSTEM_OPEN" => show.open = true,
                "PRINT" => show.print = true,
                "ALL" => (show.open, show.print) = (true, true),
                _ => return Err(self.invalid(Id::OAuth2RedirectHandlers)),
            }
        }
        show.open |= !show.print;
        Ok(show)
    }

    fn issuer(&self, coordinator: &Trust) -> Result<Issuer, Error> {
        Ok(Issuer {
            uri: self.address(Id::OAuth2Issuer)?,
            token_endpoint: self.address(Id::OAuth2TokenEndpoint)?,
            token_hosts: self.list(Id::OAuth2TokenHosts)?,
            client_id: self.line(Id::OAuth2ClientId)?.ok_or(Error::Missing {
                keyword: Id::OAuth2ClientId,
                reason: "It identifies this program to the issuer.",
            })?,
            client_secret: self.secret(Id::OAuth2ClientSecret)?,
            scope: self.line(Id::OAuth2Scope)?,
            audience: self.line(Id::OAuth2Audience)?,
            trust: self.issuer_trust(coordinator)?,
        })
    }

    /// An address that secrets are sent to.
    fn address(&self, id: Id) -> Result<Option<String>, Error> {
        match self.line(id)? {
            Some(text) if values::is_secure_address(&text) => Ok(Some(text)),
            Some(_) => Err(self.invalid(id)),
            None => Ok(None),
        }
    }
}
