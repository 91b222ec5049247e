//! Who connects, and with what proof.

use super::super::keywords::Id;
use super::super::{
    Error, Flow, Issuer, Kerberos, OAuth2, Options, Show, TokenCache, Trust, Warning, values,
};
use super::{Given, warn};
use std::path::PathBuf;
use std::time::Duration;

/// How a coordinator is asked to let us in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Authentication {
    None,
    Password,
    Token,
    /// By what the TLS handshake shows.
    Certificate,
    Kerberos,
    Browser,
    ClientCredentials,
    Device,
}

impl Authentication {
    /// The kind of that name, in the words of any driver.
    fn of_name(name: &str) -> Option<Self> {
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
                    "device" | "deviceflow" | "devicecode" => Self::Device,
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
            _ => matches!(self, Self::ClientCredentials | Self::Device),
        }
    }

    /// Why what belongs to another kind is not used.
    fn not_another(self) -> &'static str {
        match self {
            Self::None => "AuthenticationType is None",
            Self::Password => "AuthenticationType is Password",
            Self::Token => "AccessToken is used instead",
            Self::Certificate => "AuthenticationType is Certificate",
            Self::Kerberos => "AuthenticationType is Kerberos",
            Self::Browser => "AuthenticationType is OAuth2",
            Self::ClientCredentials => "AuthenticationType is ClientCredentials",
            Self::Device => "AuthenticationType is DeviceFlow",
        }
    }
}

impl Given {
    /// Settles who connects, and with what proof.
    pub(super) fn credentials(
        &self,
        options: &mut Options,
        warnings: &mut Vec<Warning>,
    ) -> Result<(), Error> {
        let token = self.secret(Id::AccessToken)?;
        let file = self.text(Id::AccessTokenFile).map(PathBuf::from);
        let password = self.secret(Id::Password)?;
        let authentication = self.authentication()?.unwrap_or({
            if token.is_some() || file.is_some() {
                Authentication::Token
            } else if self.text(Id::KerberosServiceName).is_some() {
                Authentication::Kerberos
            } else if password.is_some() {
                Authentication::Password
            } else if [Id::OAuth2ClientId, Id::OAuth2ClientSecret]
                .iter()
                .all(|id| self.text(*id).is_some())
            {
                Authentication::ClientCredentials
            } else {
                Authentication::None
            }
        });
        options.user = self.header(Id::User)?;
        options.session_user = self.header(Id::SessionUser)?;
        match authentication {
            Authentication::None => {}
            Authentication::Certificate if options.identity.is_none() => {
                return Err(Error::Missing {
                    keyword: "SSLClientCertificate",
                    why: ", and AuthenticationType=Certificate needs it",
                });
            }
            Authentication::Certificate => {}
            Authentication::Kerberos => options.kerberos = Some(self.kerberos()?),
            Authentication::Password => {
                let password = password.ok_or(Error::Missing {
                    keyword: "PWD",
                    why: ", and AuthenticationType=Password needs it",
                })?;
                self.check_fits(Id::Password, password.reveal())?;
                options.password = Some(password);
                if options.user.as_ref().is_some_and(|user| user.contains(':')) {
                    return Err(Error::Invalid {
                        keyword: self.name(Id::User),
                        value: options.user.clone(),
                        allowed: "a name without ':', since it goes with a password".to_owned(),
                    });
                }
            }
            Authentication::Token => match (token, file) {
                (Some(token), _) if !values::is_token(token.reveal()) => {
                    return Err(self.invalid(Id::AccessToken));
                }
                (Some(token), _) => options.access_token = Some(token),
                (None, Some(file)) => options.access_token_file = Some(file),
                (None, None) => {
                    return Err(Error::Missing {
                        keyword: "AccessToken",
                        why: ", and AuthenticationType=JWT needs it",
                    });
                }
            },
            Authentication::Browser
            | Authentication::ClientCredentials
            | Authentication::Device => {
                options.oauth2 = Some(self.oauth2(authentication, &options.trust)?);
            }
        }
        self.check_credentials(options)?;
        self.warn_of_unused(authentication, warnings);
        Ok(())
    }

    /// Warns of credentials that are given and not used: whoever gave them counts on them.
    fn warn_of_unused(&self, authentication: Authentication, warnings: &mut Vec<Warning>) {
        let of_another = CREDENTIALS
            .iter()
            .filter(|id| !authentication.uses(**id))
            .map(|id| (*id, authentication.not_another()));
        let beside = BESIDE
            .iter()
            .filter(|(id, other, _)| authentication.uses(*id) && self.text(*other).is_some())
            .map(|(id, _, why)| (*id, *why));
        let without = WITHOUT
            .iter()
            .filter(|(_, owner, _)| self.text(*owner).is_none())
            .map(|(id, _, why)| (*id, *why));
        for (id, why) in of_another.chain(beside).chain(without) {
            if self.text(id).is_some() {
                let keyword = self.name(id);
                warn(warnings, Warning::Ignored { keyword, why });
            }
        }
    }

    fn check_credentials(&self, options: &Options) -> Result<(), Error> {
        let sent = [
            (options.password.is_some(), "PWD"),
            (options.access_token.is_some(), "AccessToken"),
            (options.access_token_file.is_some(), "AccessTokenFile"),
            (options.oauth2.is_some(), "The token of OAuth 2.0"),
            (options.identity.is_some(), "SSLClientCertificate"),
            (options.kerberos.is_some(), "The token of Kerberos"),
        ];
        if let Some((_, keyword)) = sent.into_iter().find(|(sent, _)| *sent && !options.tls) {
            return Err(Error::Insecure { keyword });
        }
        let has_token = options.access_token.is_some()
            || options.access_token_file.is_some()
            || options.oauth2.is_some()
            || options.kerberos.is_some();
        if options.user.is_none() && !has_token && options.identity.is_none() {
            return Err(Error::Missing {
                keyword: "UID",
                why: ": it names the user that runs the queries",
            });
        }
        Ok(())
    }

    fn authentication(&self) -> Result<Option<Authentication>, Error> {
        let Some(text) = self.text(Id::AuthenticationType) else {
            return Ok(None);
        };
        Authentication::of_name(text)
            .map(Some)
            .ok_or_else(|| self.invalid(Id::AuthenticationType))
    }

    fn kerberos(&self) -> Result<Kerberos, Error> {
        let defaults = Kerberos::default();
        let kerberos = Kerberos {
            service: self
                .line(Id::KerberosServiceName)?
                .unwrap_or(defaults.service),
            pattern: self
                .line(Id::KerberosServicePrincipalPattern)?
                .unwrap_or(defaults.pattern),
            canonical: self
                .boolean(Id::KerberosUseCanonicalHostname)?
                .unwrap_or(defaults.canonical),
            principal: self.line(Id::KerberosPrincipal)?,
            password: self.secret(Id::KerberosPassword)?,
            keytab: self.text(Id::KerberosKeytab).map(PathBuf::from),
            cache: self.line(Id::KerberosCredentialCache)?,
            delegate: self
                .boolean(Id::KerberosDelegation)?
                .unwrap_or(defaults.delegate),
        };
        if kerberos.principal.is_none() && kerberos.password.is_some() {
            return Err(Error::Missing {
                keyword: "KerberosPrincipal",
                why: ": it is who KerberosPassword belongs to",
            });
        }
        Ok(kerberos)
    }

    fn oauth2(&self, authentication: Authentication, coordinator: &Trust) -> Result<OAuth2, Error> {
        let issuer = |needs_secret| self.issuer(needs_secret, coordinator).map(Box::new);
        let flow = match authentication {
            Authentication::ClientCredentials => Flow::ClientCredentials(issuer(true)?),
            Authentication::Device => Flow::Device(issuer(false)?),
            _ => Flow::Browser,
        };
        let is_device = matches!(flow, Flow::Device(_));
        if is_device && self.text(Id::OAuth2Issuer).is_none() {
            return Err(Error::Missing {
                keyword: "OAuth2Issuer",
                why: ": it tells where people sign in on another device",
            });
        }
        let cache = match self.text(Id::OAuth2TokenCache) {
            None => TokenCache::default(),
            Some(text) => match text.to_ascii_lowercase().as_str() {
                "none" => TokenCache::None,
                // As Starburst's cacheAccessToken says it.
                "true" | "1" | "yes" => TokenCache::Memory,
                "false" | "0" | "no" => TokenCache::None,
                "memory" => TokenCache::Memory,
                "file" | "system" => TokenCache::File,
                _ => return Err(self.invalid(Id::OAuth2TokenCache)),
            },
        };
        let timeout = self.number(Id::OAuth2Timeout)?;
        Ok(OAuth2 {
            flow,
            show: self.show()?,
            timeout: timeout.map_or(PATIENCE, Duration::from_secs),
            cache,
        })
    }

    fn show(&self) -> Result<Show, Error> {
        let mut show = Show::default();
        for handler in self.list(Id::OAuth2RedirectHandlers)? {
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

    fn issuer(&self, needs_secret: bool, coordinator: &Trust) -> Result<Issuer, Error> {
        let issuer = Issuer {
            uri: self.address(Id::OAuth2Issuer)?,
            token_endpoint: self.address(Id::OAuth2TokenEndpoint)?,
            token_hosts: self.list(Id::OAuth2TokenHosts)?,
            client_id: self.line(Id::OAuth2ClientId)?.ok_or(Error::Missing {
                keyword: "OAuth2ClientId",
                why: ": the issuer knows this program by it",
            })?,
            client_secret: self.secret(Id::OAuth2ClientSecret)?,
            scope: self.line(Id::OAuth2Scope)?,
            audience: self.line(Id::OAuth2Audience)?,
            trust: self.issuer_trust(coordinator)?,
        };
        if needs_secret && issuer.client_secret.is_none() {
            return Err(Error::Missing {
                keyword: "OAuth2ClientSecret",
                why: ", and AuthenticationType=ClientCredentials needs it",
            });
        }
        Ok(issuer)
    }

    /// The trust of `OAuth2TrustStore`: it replaces the coordinator's stores, and keeps what makes trust stricter.
    fn issuer_trust(&self, coordinator: &Trust) -> Result<Option<Trust>, Error> {
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

    /// An address that secrets are sent to.
    fn address(&self, id: Id) -> Result<Option<String>, Error> {
        match self.line(id)? {
            Some(text) if values::is_secure_address(&text) => Ok(Some(text)),
            Some(_) => Err(self.invalid(id)),
            None => Ok(None),
        }
    }
}

/// Keywords that say who signs in, and with what; each belongs to some kinds of authentication.
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

/// Credentials that do not count beside another one of the same kind.
const BESIDE: &[(Id, Id, &str)] = &[
    (
        Id::AccessTokenFile,
        Id::AccessToken,
        "AccessToken is used instead",
    ),
    (
        Id::KerberosKeytab,
        Id::KerberosPassword,
        "KerberosPassword is used instead",
    ),
    (
        Id::KerberosCredentialCache,
        Id::KerberosPassword,
        "KerberosPassword is used instead",
    ),
    (
        Id::OAuth2TokenHosts,
        Id::OAuth2TokenEndpoint,
        "it is configured where tokens come from",
    ),
    (
        Id::OAuth2TokenHosts,
        Id::OAuth2Issuer,
        "it is configured where tokens come from",
    ),
];

/// Keys and passwords of something that is not given.
const WITHOUT: &[(Id, Id, &str)] = &[
    (
        Id::SslTrustStorePassword,
        Id::SslTrustStore,
        "there is no SSLTrustStore",
    ),
    (
        Id::StorageTrustStorePassword,
        Id::StorageTrustStore,
        "there is no StorageTrustStore",
    ),
    (
        Id::OAuth2TrustStorePassword,
        Id::OAuth2TrustStore,
        "there is no OAuth2TrustStore",
    ),
    (
        Id::SslClientKey,
        Id::SslClientCertificate,
        "there is no SSLClientCertificate",
    ),
    (
        Id::SslClientKeyPassword,
        Id::SslClientCertificate,
        "there is no SSLClientCertificate",
    ),
];

/// How long a person has to sign in unless said otherwise.
const PATIENCE: Duration = Duration::from_secs(120);

#[cfg(test)]
mod tests {
    use super::super::{DataSources, parse};
    use super::*;
    use crate::config::{ConnectionString, TlsVersion, Verification};

    struct None;

    impl DataSources for None {
        fn attributes(&self, _: &str) -> Option<Vec<(String, String)>> {
            Option::None
        }
    }

    fn both(text: &str) -> Result<(Options, Vec<Warning>), Error> {
        parse(&ConnectionString::parse(text)?, &None).map_err(|refusal| refusal.error)
    }

    fn oauth2(text: &str) -> OAuth2 {
        let (options, warnings) = both(&format!("Host=h;SSL=1;{text}")).unwrap();
        assert_eq!(warnings, []);
        options.oauth2.unwrap()
    }

    #[test]
    fn kinds_have_the_names_of_other_drivers_too() {
        for (name, kind) in [
            ("No Authentication", Authentication::None),
            ("LDAP Authentication", Authentication::Password),
            ("jwt", Authentication::Token),
            ("OAuth 2.0", Authentication::Browser),
            ("OAuth2 Authentication", Authentication::Browser),
            ("OIDC Authentication", Authentication::Browser),
            ("ExternalAuthentication", Authentication::Browser),
            ("Client Credentials", Authentication::ClientCredentials),
            (
                "OAuth2 Client Credentials",
                Authentication::ClientCredentials,
            ),
            ("OIDC Device Flow", Authentication::Device),
            ("Kerberos Authentication", Authentication::Kerberos),
            ("WindowsIntegrated", Authentication::Kerberos),
            ("Certificate", Authentication::Certificate),
        ] {
            assert_eq!(Authentication::of_name(name), Some(kind), "{name}");
        }
        for name in ["", "OAuth", "NTLM", "authentication"] {
            assert_eq!(Authentication::of_name(name), Option::None, "{name}");
        }
    }

    #[test]
    fn the_keywords_of_jdbc_sign_a_person_in() {
        let jdbc = oauth2(
            "externalAuthentication=true;externalAuthenticationTimeout=3m;\
             externalAuthenticationRedirectHandlers=ALL;externalAuthenticationTokenCache=SYSTEM",
        );
        assert_eq!(jdbc.flow, Flow::Browser);
        assert_eq!(jdbc.timeout, Duration::from_secs(180));
        assert!(jdbc.show.open && jdbc.show.print);
        assert_eq!(jdbc.cache, TokenCache::File);
        let plain = oauth2("AuthenticationType=OAuth 2.0");
        assert_eq!(plain.timeout, Duration::from_secs(120));
        assert!(plain.show.open && !plain.show.print);
        assert_eq!(plain.cache, TokenCache::Memory);
        let printed = oauth2("AuthenticationType=OAuth2;OAuth2RedirectHandlers=print");
        assert!(printed.show.print && !printed.show.open);
    }

    #[test]
    fn a_person_is_given_longer_to_connect_than_a_program() {
        let patience = |text: &str| both(&format!("Host=h;SSL=1;{text}")).unwrap().0.patience();
        let seconds = |seconds| Some(Duration::from_secs(seconds));
        assert_eq!(patience("UID=u"), seconds(30));
        assert_eq!(patience("AuthenticationType=OAuth2"), seconds(150));
        assert_eq!(patience("UID=u;ConnectTimeout=0"), Option::None);
        let client =
            "AuthenticationType=ClientCredentials;OAuth2Issuer=https://i;ClientId=c;ClientSecret=s";
        assert_eq!(patience(client), seconds(30));
    }

    #[test]
    fn an_issuer_is_told_who_asks_for_what() {
        let asked = oauth2(
            "AuthenticationType=ClientCredentials;OAuth2TokenEndpoint=https://i/token;\
             OAuth2ClientId=c;OAuth2ClientSecret=s;OAuth2Scope=a b;OAuth2Audience=trino;\
             OAuth2TrustStore=/ca.pem",
        );
        let Flow::ClientCredentials(issuer) = asked.flow else {
            panic!("{:?}", asked.flow);
        };
        assert_eq!(issuer.token_endpoint.as_deref(), Some("https://i/token"));
        assert_eq!(issuer.client_id, "c");
        assert_eq!(issuer.client_secret.unwrap().reveal(), "s");
        assert_eq!(issuer.scope.as_deref(), Some("a b"));
        assert_eq!(issuer.audience.as_deref(), Some("trino"));
        assert_eq!(issuer.trust.unwrap().stores, [PathBuf::from("/ca.pem")]);
    }

    #[test]
    fn a_programs_id_and_secret_alone_sign_it_in() {
        let (options, warnings) =
            both("Host=h;SSL=1;oauth2ClientId=c;oauth2ClientSecret=s;OAuth2TokenHosts=i:8443,j")
                .unwrap();
        assert_eq!(warnings, []);
        let Flow::ClientCredentials(issuer) = options.oauth2.unwrap().flow else {
            panic!("no client credentials");
        };
        assert_eq!(
            (issuer.uri, issuer.token_endpoint),
            (Option::None, Option::None)
        );
        assert_eq!(issuer.token_hosts, ["i:8443", "j"]);
        let error = both("Host=h;oauth2ClientId=c;oauth2ClientSecret=hunter2").unwrap_err();
        assert!(matches!(error, Error::Insecure { .. }), "{error}");
        // Another proof that is there wins, and what is not used is told.
        let (options, warnings) =
            both("Host=h;SSL=1;UID=u;PWD=p;oauth2ClientId=c;oauth2ClientSecret=s").unwrap();
        assert!(options.password.is_some() && options.oauth2.is_none());
        assert_eq!(warnings.len(), 2);
    }

    #[test]
    fn starbursts_word_for_the_cache_is_understood() {
        let cache = |text: &str| oauth2(&format!("AuthenticationType=OAuth2;{text}")).cache;
        assert_eq!(cache("cacheAccessToken=true"), TokenCache::Memory);
        assert_eq!(cache("cacheAccessToken=false"), TokenCache::None);
        assert_eq!(cache("cacheAccessToken=1"), TokenCache::Memory);
    }

    #[test]
    fn a_store_of_the_issuers_takes_nothing_from_what_makes_trust_stricter() {
        let asked = oauth2(
            "AuthenticationType=ClientCredentials;OAuth2TokenEndpoint=https://i/token;\
             OAuth2ClientId=c;OAuth2ClientSecret=s;OAuth2TrustStore=/ca.pem;SSLMinVersion=1.3;\
             SSLRevocationList=/revoked.pem;SSLHostNameInCertificate=coordinator.example;\
             SSLVerification=CA",
        );
        let Flow::ClientCredentials(issuer) = asked.flow else {
            panic!("{:?}", asked.flow);
        };
        let trust = issuer.trust.unwrap();
        assert_eq!(trust.oldest, TlsVersion::Tls13);
        assert_eq!(trust.revoked, [PathBuf::from("/revoked.pem")]);
        assert_eq!(trust.expected_host, Option::None);
        assert_eq!(trust.verification, Verification::Full);
    }

    #[test]
    fn what_an_issuer_must_be_told_is_named_when_it_is_missing() {
        for (text, name) in [
            ("ClientCredentials;OAuth2Issuer=https://i", "OAuth2ClientId"),
            (
                "ClientCredentials;ClientId=c;OAuth2Issuer=https://i",
                "OAuth2ClientSecret",
            ),
            (
                "DeviceFlow;ClientId=c;OAuth2TokenEndpoint=https://i/t",
                "OAuth2Issuer",
            ),
        ] {
            let error = both(&format!("Host=h;SSL=1;AuthenticationType={text}")).unwrap_err();
            assert!(
                matches!(error, Error::Missing { keyword, .. } if keyword == name),
                "{text}: {error}"
            );
        }
    }

    #[test]
    fn nothing_that_signs_in_does_so_without_tls() {
        for text in [
            "AuthenticationType=OAuth2",
            "AccessTokenFile=/run/token",
            "AuthenticationType=ClientCredentials;OAuth2Issuer=https://i;ClientId=c;ClientSecret=s",
            "AuthenticationType=DeviceFlow;OAuth2Issuer=https://i;ClientId=c",
        ] {
            let error = both(&format!("Host=h;{text}")).unwrap_err();
            assert!(matches!(error, Error::Insecure { .. }), "{text}: {error}");
        }
        let plain = "AuthenticationType=DeviceFlow;OAuth2Issuer=http://i;ClientId=c";
        let error = both(&format!("Host=h;SSL=1;{plain}")).unwrap_err();
        assert!(error.to_string().contains("https"), "{error}");
    }

    #[test]
    fn a_token_of_its_own_wins_over_a_file_and_a_sign_in_over_both() {
        let ignored = |text: &str| {
            let (options, warnings) = both(&format!("Host=h;SSL=1;{text}")).unwrap();
            let names = warnings.into_iter().map(|warning| match warning {
                Warning::Ignored { keyword, .. } => keyword,
                other => other.to_string(),
            });
            (options, names.collect::<Vec<_>>())
        };
        let (options, names) = ignored("AccessToken=t;AccessTokenFile=/f");
        assert!(options.access_token.is_some() && options.access_token_file.is_none());
        assert_eq!(names, ["AccessTokenFile"]);
        let (options, names) = ignored("PWD=p;AccessToken=t;AuthenticationType=OAuth2");
        assert!(options.oauth2.is_some() && options.access_token.is_none());
        assert_eq!(names, ["PWD", "AccessToken"]);
    }

    #[test]
    fn credentials_that_are_given_and_not_used_are_named() {
        let issuer = "OAuth2Issuer=https://i;ClientId=c;ClientSecret=s";
        for (text, names) in [
            ("AuthenticationType=Kerberos;Password=p", &["Password"][..]),
            (
                "AccessToken=t;ClientId=c;ClientSecret=s",
                &["ClientId", "ClientSecret"],
            ),
            (
                "UID=u;PWD=p;KerberosPrincipal=a;KerberosKeytab=/k",
                &["KerberosPrincipal", "KerberosKeytab"],
            ),
            (
                "AuthenticationType=OAuth2;ClientSecret=s;Scope=x",
                &["ClientSecret", "Scope"],
            ),
            (
                &format!("AuthenticationType=ClientCredentials;{issuer};JWT=t;PWD=p"),
                &["PWD", "JWT"],
            ),
            (
                "AuthenticationType=Kerberos;KerberosPrincipal=a;KerberosPassword=p;KerberosKeytab=/k",
                &["KerberosKeytab"],
            ),
            (
                "UID=u;SSLTrustStorePassword=p;SSLClientKeyPassword=p",
                &["SSLTrustStorePassword", "SSLClientKeyPassword"],
            ),
            (
                "UID=u;SSLClientKey=/a.key;SSLClientKeyPassword=p",
                &["SSLClientKey", "SSLClientKeyPassword"],
            ),
            (
                &format!(
                    "AuthenticationType=ClientCredentials;{issuer};OAuth2TokenHosts=i;\
                     OAuth2TokenEndpoint=https://i/token"
                ),
                &["OAuth2TokenHosts"],
            ),
            (
                &format!("AuthenticationType=DeviceFlow;{issuer};OAuth2TokenHosts=i"),
                &["OAuth2TokenHosts"],
            ),
            (
                "UID=u;StorageTrustStorePassword=p",
                &["StorageTrustStorePassword"],
            ),
            ("UID=u;ProxyUID=a;ProxyPWD=b", &["ProxyUID", "ProxyPWD"]),
            (
                "UID=u;StorageProxyUser=a;StorageProxy=none",
                &["StorageProxyUser"],
            ),
            ("UID=u;PWD=p", &[]),
            (
                &format!("AuthenticationType=ClientCredentials;{issuer}"),
                &[],
            ),
            ("UID=u;KerberosDelegation=false;OAuth2Timeout=5", &[]),
        ] {
            let (_, warnings) = both(&format!("Host=h;SSL=1;{text}")).unwrap();
            let told = warnings.iter().map(|warning| match warning {
                Warning::Ignored { keyword, .. } => keyword.as_str(),
                other => panic!("{text}: {other}"),
            });
            assert_eq!(told.collect::<Vec<_>>(), names, "{text}");
        }
    }

    #[test]
    fn no_message_shows_a_secret_of_a_sign_in() {
        let error = both(
            "Host=h;SSL=1;AuthenticationType=ClientCredentials;ClientId=c;\
                          OAuth2Issuer=https://i;ClientSecret={hunter2\n}",
        );
        let error = error.unwrap_err();
        assert!(!format!("{error} {error:?}").contains("hunter2"));
    }
}
