//! Who connects, and how the connection authenticates.

mod sign_in;

use super::keyword_values::{KeywordValues, warn};
use super::keywords::{Id, Method};
use super::{
    Authentication, BearerToken, Error, InvalidLogin, Login, Options, TokenSource, Warning,
};

impl Method {
    /// The method of that name, in the words of any driver.
    pub fn of_name(name: &str) -> Option<Self> {
        let name: String = name
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .map(|c| c.to_ascii_lowercase())
            .collect();
        let name = name.strip_suffix("authentication").unwrap_or(&name);
        Some(match name {
            "none" | "no" | "noauth" | "anonymous" => Self::None,
            "password" | "ldap" | "basic" => Self::Password,
            "jwt" | "accesstoken" | "token" => Self::Token,
            "certificate" | "clientcertificate" => Self::Certificate,
            "kerberos" | "windowsintegrated" | "windowspassword" => Self::Kerberos,
            "oauth2" | "oauth20" | "oidc" | "external" => Self::Browser,
            name => {
                let flow = ["oauth20", "oauth2", "oidc"]
                    .iter()
                    .find_map(|issuer| name.strip_prefix(issuer))
                    .unwrap_or(name);
                match flow {
                    "clientcredentials" => Self::ClientCredentials,
                    "device" | "deviceflow" | "devicecode" => Self::DeviceFlow,
                    _ => return None,
                }
            }
        })
    }

    /// Whether that credential may be used.
    fn uses(self, id: Id) -> bool {
        match id {
            Id::Password => self == Self::Password,
            Id::AccessToken | Id::AccessTokenFile => self == Self::Token,
            Id::KerberosPrincipal
            | Id::KerberosPassword
            | Id::KerberosKeytab
            | Id::KerberosCredentialCache => self == Self::Kerberos,
            _ => matches!(self, Self::ClientCredentials | Self::DeviceFlow),
        }
    }

    /// Why credentials of another method are not used.
    fn not_another(self) -> &'static str {
        match self {
            Self::None => "AuthenticationType is None.",
            Self::Password => "AuthenticationType is Password.",
            Self::Token => TOKEN_USED,
            Self::Certificate => "AuthenticationType is Certificate.",
            Self::Kerberos => "AuthenticationType is Kerberos.",
            Self::Browser => "AuthenticationType is OAuth2.",
            Self::ClientCredentials => "AuthenticationType is ClientCredentials.",
            Self::DeviceFlow => "AuthenticationType is DeviceFlow.",
        }
    }
}

impl KeywordValues {
    /// Decides who connects, and how the connection authenticates.
    pub(super) fn credentials(
        &self,
        options: &mut Options,
        warnings: &mut Vec<Warning>,
    ) -> Result<(), Error> {
        options.user = self.header(Id::User)?;
        options.session_user = self.header(Id::SessionUser)?;
        let method = self.method()?;
        let authentication = self.authentication(method, options)?;
        if !options.tls {
            self.check_sends_nothing(method, options)?;
        }
        let names_nobody = matches!(authentication, Authentication::None);
        if options.user.is_none() && names_nobody && options.identity.is_none() {
            return Err(user_is_missing());
        }
        options.authentication = authentication;
        self.warn_of_unused(method, warnings);
        Ok(())
    }

    /// Refuses credentials without TLS.
    fn check_sends_nothing(&self, method: Method, options: &Options) -> Result<(), Error> {
        let (keyword, value) = match method {
            Method::Password => (Id::Password, None),
            Method::Token if self.text(Id::AccessToken).is_some() => (Id::AccessToken, None),
            Method::Token => (Id::AccessTokenFile, None),
            Method::Kerberos | Method::Browser | Method::ClientCredentials | Method::DeviceFlow => {
                (Id::AuthenticationType, Some(method.name()))
            }
            Method::None | Method::Certificate if options.identity.is_some() => {
                (Id::SslClientCertificate, None)
            }
            Method::None | Method::Certificate => return Ok(()),
        };
        Err(Error::Insecure { keyword, value })
    }

    /// The method that `AuthenticationType` selects, else the one that the credentials are for.
    fn method(&self) -> Result<Method, Error> {
        let is_set = |id| self.text(id).is_some();
        if let Some(text) = self.text(Id::AuthenticationType) {
            return Method::of_name(text).ok_or_else(|| self.invalid(Id::AuthenticationType));
        }
        Ok(if is_set(Id::AccessToken) || is_set(Id::AccessTokenFile) {
            Method::Token
        } else if is_set(Id::KerberosServiceName) {
            Method::Kerberos
        } else if is_set(Id::Password) {
            Method::Password
        } else if is_set(Id::OAuth2ClientId) && is_set(Id::OAuth2ClientSecret) {
            Method::ClientCredentials
        } else {
            Method::None
        })
    }

    /// The method with its data.
    fn authentication(&self, method: Method, options: &Options) -> Result<Authentication, Error> {
        Ok(match method {
            Method::None => Authentication::None,
            Method::Certificate if options.identity.is_some() => Authentication::None,
            Method::Certificate => {
                return Err(Error::Missing {
                    keyword: Id::SslClientCertificate,
                    reason: "AuthenticationType=Certificate requires it.",
                });
            }
            Method::Password => Authentication::Password(self.login(options.user.as_deref())?),
            Method::Token => Authentication::Token(self.token()?),
            Method::Kerberos => Authentication::Kerberos(self.kerberos()?),
            Method::Browser | Method::ClientCredentials | Method::DeviceFlow => {
                Authentication::OAuth2(self.oauth2(method, &options.trust)?)
            }
        })
    }

    fn login(&self, user: Option<&str>) -> Result<Login, Error> {
        let password = self.secret(Id::Password)?.ok_or(Error::Missing {
            keyword: Id::Password,
            reason: "AuthenticationType=Password requires it.",
        })?;
        let user = user.ok_or_else(user_is_missing)?;
        Login::new(user, password).map_err(|invalid| match invalid {
            InvalidLogin::Colon => self.must_be(
                Id::User,
                "a name without ':', because it is sent with a password",
            ),
            InvalidLogin::User => self.unsendable(Id::User, user),
            InvalidLogin::Password => {
                self.unsendable(Id::Password, self.text(Id::Password).unwrap_or_default())
            }
        })
    }

    fn token(&self) -> Result<TokenSource, Error> {
        if let Some(token) = self.secret(Id::AccessToken)? {
            let token = BearerToken::new(token).ok_or_else(|| self.invalid(Id::AccessToken))?;
            return Ok(TokenSource::Text(token));
        }
        match self.text(Id::AccessTokenFile) {
            Some(path) => Ok(TokenSource::File(path.into())),
            None => Err(Error::Missing {
                keyword: Id::AccessToken,
                reason: "AuthenticationType=JWT requires it.",
            }),
        }
    }

    /// Warns of credentials that are set and not used.
    fn warn_of_unused(&self, method: Method, warnings: &mut Vec<Warning>) {
        let of_another = CREDENTIALS
            .iter()
            .filter(|id| !method.uses(**id))
            .map(|id| (*id, method.not_another()));
        let beside = BESIDE
            .iter()
            .filter(|(id, other, _)| method.uses(*id) && self.text(*other).is_some())
            .map(|(id, _, reason)| (*id, *reason));
        let without = WITHOUT
            .iter()
            .filter(|(_, owner, _)| self.text(*owner).is_none())
            .map(|(id, _, reason)| (*id, *reason));
        for (id, reason) in of_another.chain(beside).chain(without) {
            if self.text(id).is_some() {
                let keyword = self.name(id);
                warn(warnings, Warning::Ignored { keyword, reason });
            }
        }
    }
}

fn user_is_missing() -> Error {
    Error::Missing {
        keyword: Id::User,
        reason: "It names the user that runs the queries.",
    }
}

/// Credentials, each of which belongs to some methods.
const CREDENTIALS: &[Id] = &[
    Id::Password,
    Id::AccessToken,
    Id::AccessTokenFile,
    Id::KerberosPrincipal,
    Id::KerberosPassword,
    Id::KerberosKeytab,
    Id::KerberosCredentialCache,
    Id::OAuth2Issuer,
    Id::OAuth2TokenEndpoint,
    Id::OAuth2TokenHosts,
    Id::OAuth2ClientId,
    Id::OAuth2ClientSecret,
    Id::OAuth2Scope,
    Id::OAuth2Audience,
    Id::OAuth2TrustStore,
];

/// Credentials that are not used beside another one of the same method.
const BESIDE: &[(Id, Id, &str)] = &[
    (Id::AccessTokenFile, Id::AccessToken, TOKEN_USED),
    (
        Id::KerberosKeytab,
        Id::KerberosPassword,
        KERBEROS_PASSWORD_USED,
    ),
    (
        Id::KerberosCredentialCache,
        Id::KerberosPassword,
        KERBEROS_PASSWORD_USED,
    ),
    (Id::OAuth2TokenHosts, Id::OAuth2TokenEndpoint, ISSUER_SET),
    (Id::OAuth2TokenHosts, Id::OAuth2Issuer, ISSUER_SET),
];

// Reasons of several keywords.
const TOKEN_USED: &str = "AccessToken is used instead.";
const KERBEROS_PASSWORD_USED: &str = "KerberosPassword is used instead.";
const CERTIFICATE_NOT_SET: &str = "SSLClientCertificate is not set.";
const ISSUER_SET: &str = "The issuer is configured.";

/// Keys and passwords, and the keyword of the file that they belong to.
const WITHOUT: &[(Id, Id, &str)] = &[
    (
        Id::SslTrustStorePassword,
        Id::SslTrustStore,
        "SSLTrustStore is not set.",
    ),
    (
        Id::StorageTrustStorePassword,
        Id::StorageTrustStore,
        "StorageTrustStore is not set.",
    ),
    (
        Id::OAuth2TrustStorePassword,
        Id::OAuth2TrustStore,
        "OAuth2TrustStore is not set.",
    ),
    (
        Id::SslClientKey,
        Id::SslClientCertificate,
        CERTIFICATE_NOT_SET,
    ),
    (
        Id::SslClientKeyPassword,
        Id::SslClientCertificate,
        CERTIFICATE_NOT_SET,
    ),
];

#[cfg(test)]
mod tests;
