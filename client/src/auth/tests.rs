use super::*;
use crate::http::{ClientPool, Settings};
use crate::options::{BearerToken, Flow, Issuer, Login, OAuth2, Secret, Show, TokenCache};

fn options(authentication: Authentication) -> Options {
    Options {
        tls: true,
        authentication,
        ..Options::default()
    }
}

fn login(user: &str, password: &str) -> Authentication {
    Authentication::Password(Login::new(user, Secret::new(password)).unwrap())
}

fn token(text: &str) -> Authentication {
    let token = BearerToken::new(Secret::new(text)).unwrap();
    Authentication::Token(TokenSource::Text(token))
}

fn oauth2(flow: Flow) -> Authentication {
    Authentication::OAuth2(OAuth2 {
        flow,
        show: Show::default(),
        timeout: std::time::Duration::from_secs(1),
        cache: TokenCache::None,
    })
}

fn credentials(options: &Options) -> Result<Credentials, Error> {
    let client = Client::new(&Settings::default()).unwrap();
    Credentials::new(options, &client, &ClientPool::default())
}

/// Runs `work` to its end.
pub fn run<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(work)
}

#[test]
fn credentials_are_sent_over_tls_only() {
    for authentication in [
        login("alice", "x"),
        token("x"),
        Authentication::Token(TokenSource::File("/run/token".into())),
        Authentication::Kerberos(crate::options::Kerberos::default()),
        oauth2(Flow::Browser),
        oauth2(Flow::ClientCredentials(Box::default())),
        oauth2(Flow::Device(Box::default())),
    ] {
        let plain = Options {
            tls: false,
            ..options(authentication)
        };
        assert_eq!(credentials(&plain).unwrap_err(), Error::WithoutTls);
    }
    assert!(credentials(&Options::default()).is_ok());
}

#[test]
fn a_password_is_basic_and_a_token_is_bearer() {
    let value = |authentication| {
        let credentials = credentials(&options(authentication)).unwrap();
        let value = run(credentials.authorization()).unwrap().unwrap();
        assert!(value.is_sensitive());
        assert_eq!(run(credentials.at_hand()).unwrap(), value);
        value.to_str().unwrap().to_owned()
    };
    assert_eq!(value(login("alice", "söcret")), "Basic YWxpY2U6c/ZjcmV0");
    assert_eq!(value(token("a.b.c")), "Bearer a.b.c");
}

#[test]
fn constant_credentials_are_not_renewed() {
    for authentication in [login("alice", "x"), token("x"), Authentication::None] {
        let credentials = credentials(&options(authentication)).unwrap();
        let before = run(credentials.authorization()).unwrap();
        assert!(!run(credentials.renew(before.as_ref(), &[])).unwrap());
    }
}

#[test]
fn nothing_of_a_secret_prints() {
    let issuer = Issuer {
        client_secret: Some(Secret::new("hunter2")),
        token_endpoint: Some("https://issuer.example/token".to_owned()),
        ..Issuer::default()
    };
    for authentication in [
        oauth2(Flow::ClientCredentials(Box::new(issuer))),
        token("hunter2"),
        login("alice", "hunter2"),
    ] {
        let options = options(authentication);
        let printed = format!("{options:?} {:?}", credentials(&options).unwrap());
        assert!(!printed.contains("hunter2"), "{printed}");
    }
}
