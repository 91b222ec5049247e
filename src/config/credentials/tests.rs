use std::path::PathBuf;
use std::time::Duration;

use super::super::{
    ConnectionString, Flow, Identity, NoDataSources, OAuth2, StoredCertificate, TlsVersion,
    TokenCache, Verification, parse,
};
use super::*;

fn both(text: &str) -> Result<(Options, Vec<Warning>), Error> {
    let parsed = parse(&ConnectionString::parse(text)?, &NoDataSources);
    let (settings, warnings) = parsed.map_err(|refusal| refusal.error)?;
    Ok((settings.client, warnings))
}

fn oauth2(text: &str) -> OAuth2 {
    let (options, warnings) = both(&format!("Host=h;SSL=1;{text}")).unwrap();
    assert_eq!(warnings, []);
    let Authentication::OAuth2(oauth2) = options.authentication else {
        panic!("{:?}", options.authentication);
    };
    oauth2
}

#[test]
fn methods_have_the_names_of_other_drivers_too() {
    for (name, kind) in [
        ("No Authentication", Method::None),
        ("LDAP Authentication", Method::Password),
        ("jwt", Method::Token),
        ("OAuth 2.0", Method::Browser),
        ("OAuth2 Authentication", Method::Browser),
        ("OIDC Authentication", Method::Browser),
        ("ExternalAuthentication", Method::Browser),
        ("Client Credentials", Method::ClientCredentials),
        ("OAuth2 Client Credentials", Method::ClientCredentials),
        ("OIDC Device Flow", Method::DeviceFlow),
        ("Kerberos Authentication", Method::Kerberos),
        ("WindowsIntegrated", Method::Kerberos),
        ("Certificate", Method::Certificate),
    ] {
        assert_eq!(Method::of_name(name), Some(kind), "{name}");
    }
    for name in ["", "OAuth", "NTLM", "authentication"] {
        assert_eq!(Method::of_name(name), None, "{name}");
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
    assert_eq!(patience("UID=u;ConnectTimeout=0"), None);
    let client =
        "AuthenticationType=ClientCredentials;OAuth2Issuer=https://i;ClientId=c;ClientSecret=s";
    assert_eq!(patience(client), seconds(30));
}

#[test]
fn an_issuer_is_sent_the_client_and_what_it_requests() {
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
    let asked = oauth2("oauth2ClientId=c;oauth2ClientSecret=s;OAuth2TokenHosts=i:8443,j");
    let Flow::ClientCredentials(issuer) = asked.flow else {
        panic!("no client credentials");
    };
    assert_eq!((issuer.uri, issuer.token_endpoint), (None, None));
    assert_eq!(issuer.token_hosts, ["i:8443", "j"]);
    let error = both("Host=h;oauth2ClientId=c;oauth2ClientSecret=hunter2").unwrap_err();
    assert!(matches!(error, Error::Insecure { .. }), "{error}");
    // A password takes precedence, with a warning about the rest.
    let (options, warnings) =
        both("Host=h;SSL=1;UID=u;PWD=p;oauth2ClientId=c;oauth2ClientSecret=s").unwrap();
    assert!(matches!(
        options.authentication,
        Authentication::Password(_)
    ));
    assert_eq!(warnings.len(), 2);
}

#[test]
fn starbursts_keyword_for_the_cache_is_understood() {
    let cache = |text: &str| oauth2(&format!("AuthenticationType=OAuth2;{text}")).cache;
    assert_eq!(cache("cacheAccessToken=true"), TokenCache::Memory);
    assert_eq!(cache("cacheAccessToken=false"), TokenCache::None);
    assert_eq!(cache("cacheAccessToken=1"), TokenCache::Memory);
}

#[test]
fn a_trust_store_for_the_issuer_keeps_what_makes_trust_stricter() {
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
    assert_eq!(trust.expected_host, None);
    assert_eq!(trust.verification, Verification::Full);
}

#[test]
fn what_an_issuer_requires_is_named_when_it_is_missing() {
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
            matches!(error, Error::Missing { keyword, .. } if keyword.to_string() == name),
            "{text}: {error}"
        );
    }
}

#[test]
fn every_method_that_sends_credentials_requires_tls() {
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
fn a_token_takes_precedence_over_a_file_and_a_selected_method_over_both() {
    let ignored = |text: &str| {
        let (options, warnings) = both(&format!("Host=h;SSL=1;{text}")).unwrap();
        let names = warnings.into_iter().map(|warning| match warning {
            Warning::Ignored { keyword, .. } => keyword,
            other => other.to_string(),
        });
        (options, names.collect::<Vec<_>>())
    };
    let (options, names) = ignored("AccessToken=t;AccessTokenFile=/f");
    assert!(matches!(
        options.authentication,
        Authentication::Token(TokenSource::Text(_))
    ));
    assert_eq!(names, ["AccessTokenFile"]);
    let (options, names) = ignored("PWD=p;AccessToken=t;AuthenticationType=OAuth2");
    assert!(matches!(options.authentication, Authentication::OAuth2(_)));
    assert_eq!(names, ["PWD", "AccessToken"]);
}

#[test]
fn credentials_that_are_set_and_not_used_are_named() {
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
        let ignored = warnings.iter().map(|warning| match warning {
            Warning::Ignored { keyword, .. } => keyword.as_str(),
            other => panic!("{text}: {other}"),
        });
        assert_eq!(ignored.collect::<Vec<_>>(), names, "{text}");
    }
}

#[test]
fn a_password_needs_its_user_beside_a_client_certificate_too() {
    let certificate = "Host=h;SSL=1;SSLClientCertificate=/c.pem";
    let error = both(&format!("{certificate};PWD=p")).unwrap_err();
    assert!(
        matches!(
            error,
            Error::Missing {
                keyword: Id::User,
                ..
            }
        ),
        "{error}"
    );
    let (options, _) = both(certificate).unwrap();
    assert!(matches!(options.authentication, Authentication::None));
    let (options, _) = both(&format!("{certificate};UID=u;PWD=p")).unwrap();
    assert!(options.identity.is_some());
    let Authentication::Password(login) = options.authentication else {
        panic!("{:?}", options.authentication);
    };
    assert_eq!((login.user(), login.password().reveal()), ("u", "p"));
}

#[test]
fn a_certificate_is_in_a_file_or_in_a_store_and_not_in_both() {
    let base = r"Host=h;SSL=1;SSLClientCertificateInStore=CurrentUser\ann;";
    let (options, _) = both(base).unwrap();
    let Some(Identity::Stored(stored)) = options.identity else {
        panic!("{:?}", options.identity);
    };
    assert_eq!(Some(stored), StoredCertificate::parse(r"CurrentUser\ann"));
    for wrong in [
        "SSLClientCertificate=/a.pem;",
        r"SSLClientCertificateInStore=CurrentUser\;",
    ] {
        let error = both(&format!("{base}{wrong}")).unwrap_err().to_string();
        assert!(error.contains("SSLClientCertificateInStore"), "{error}");
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
