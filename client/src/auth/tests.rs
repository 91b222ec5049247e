use super::*;
use crate::http::{ClientPool, Settings};
use crate::options::{Flow, Issuer, OAuth2, Secret, Show, TokenCache};

fn options(tls: bool, user: &str, password: Option<&str>, token: Option<&str>) -> Options {
    Options {
        tls,
        user: (!user.is_empty()).then(|| user.to_owned()),
        password: password.map(Secret::new),
        access_token: token.map(Secret::new),
        ..Options::default()
    }
}

fn oauth2(flow: Flow) -> OAuth2 {
    OAuth2 {
        flow,
        show: Show::default(),
        timeout: std::time::Duration::from_secs(1),
        cache: TokenCache::None,
    }
}

fn credentials(options: &Options) -> Result<Credentials, Error> {
    let client = Client::new(&Settings::default()).unwrap();
    Credentials::from_options(options, &client, &ClientPool::default())
}

fn refused(options: &Options) -> Error {
    credentials(options).unwrap_err()
}

/// What `work` comes to.
pub fn run<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(work)
}

#[test]
fn secrets_go_over_tls_only() {
    assert_eq!(
        refused(&options(false, "alice", Some("x"), None)),
        Error::PasswordWithoutTls
    );
    assert_eq!(
        refused(&options(false, "", None, Some("x"))),
        Error::TokenWithoutTls
    );
    let of_file = Options {
        access_token_file: Some("/run/token".into()),
        ..options(false, "", None, None)
    };
    assert_eq!(refused(&of_file), Error::TokenWithoutTls);
    for flow in [
        Flow::Browser,
        Flow::ClientCredentials(Box::default()),
        Flow::Device(Box::default()),
    ] {
        let signing_in = Options {
            oauth2: Some(oauth2(flow)),
            ..options(false, "", None, None)
        };
        assert_eq!(refused(&signing_in), Error::TokenWithoutTls);
    }
    assert!(Error::PasswordWithoutTls.to_string().contains("SSL=true"));
}

#[test]
fn a_password_is_basic_and_a_token_is_bearer() {
    let value = |options: &Options| {
        let credentials = credentials(options).unwrap();
        let value = run(credentials.authorization()).unwrap().unwrap();
        assert!(value.is_sensitive());
        assert_eq!(run(credentials.at_hand()).unwrap(), value);
        value.to_str().unwrap().to_owned()
    };
    assert_eq!(
        value(&options(true, "alice", Some("söcret"), None)),
        "Basic YWxpY2U6c/ZjcmV0"
    );
    assert_eq!(
        value(&options(true, "", None, Some("a.b.c"))),
        "Bearer a.b.c"
    );
}

#[test]
fn what_cannot_be_sent_is_refused() {
    assert_eq!(
        refused(&options(true, "a:b", Some("x"), None)),
        Error::ColonInUser
    );
    assert_eq!(
        refused(&options(true, "", Some("x"), None)),
        Error::PasswordWithoutUser
    );
    assert_eq!(
        refused(&options(true, "a", None, Some("x\ny"))),
        Error::InvalidToken
    );
    assert_eq!(
        refused(&options(true, "a", Some("x"), Some("y"))),
        Error::Ambiguous
    );
}

#[test]
fn what_stands_still_is_not_renewed() {
    let renewed = |options: &Options| {
        let credentials = credentials(options).unwrap();
        let before = run(credentials.authorization()).unwrap();
        run(credentials.renew(before.as_ref(), &[])).unwrap()
    };
    assert!(!renewed(&options(true, "alice", Some("x"), None)));
    assert!(!renewed(&options(true, "alice", None, Some("x"))));
    assert!(!renewed(&options(true, "alice", None, None)));
}

#[test]
fn nothing_of_a_secret_prints() {
    let issuer = Issuer {
        client_secret: Some(Secret::new("hunter2")),
        token_endpoint: Some("https://issuer.example/token".to_owned()),
        ..Issuer::default()
    };
    let signing_in = Options {
        oauth2: Some(oauth2(Flow::ClientCredentials(Box::new(issuer)))),
        ..options(true, "", None, None)
    };
    let printed = format!("{signing_in:?} {:?}", credentials(&signing_in).unwrap());
    assert!(!printed.contains("hunter2"), "{printed}");
    let given = options(true, "", None, Some("hunter2"));
    let printed = format!("{:?}", credentials(&given).unwrap());
    assert!(!printed.contains("hunter2"), "{printed}");
}
