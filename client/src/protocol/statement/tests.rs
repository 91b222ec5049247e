use reqwest::StatusCode;
use reqwest::header::LOCATION;

use super::*;
use crate::http::{ClientPool, Settings};
use crate::options::{Authentication, Login, Secret, Trust};

fn coordinator(options: &Options) -> Result<Coordinator, Error> {
    let client = Client::new(&Settings {
        trust: Trust::default(),
        connect_timeout: Some(Duration::from_secs(1)),
        read_timeout: Some(Duration::from_secs(1)),
        ..Settings::default()
    })
    .unwrap();
    let credentials = Credentials::new(options, &client, &ClientPool::default()).unwrap();
    let own = Arc::new(own_origin(options)?);
    Coordinator::new(&client, own, options, credentials)
}

fn secure() -> Options {
    Options {
        host: "trino.example".to_owned(),
        port: 443,
        tls: true,
        user: Some("alice".to_owned()),
        authentication: Authentication::Password(
            Login::new("alice", Secret::new("söcret")).unwrap(),
        ),
        ..Options::default()
    }
}

fn authorization(coordinator: &Coordinator, uri: &str) -> bool {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let request = runtime
        .unwrap()
        .block_on(coordinator.at_once(Method::GET, uri));
    request
        .build()
        .unwrap()
        .headers()
        .contains_key(AUTHORIZATION)
}

#[test]
fn credentials_go_to_the_coordinators_own_origin_only() {
    let coordinator = coordinator(&secure()).unwrap();
    assert!(authorization(
        &coordinator,
        "https://trino.example/v1/statement/x"
    ));
    assert!(authorization(
        &coordinator,
        "https://trino.example:443/v1/statement/x"
    ));
    for spelling in ["https://Trino.EXAMPLE/v1", "https://trino.example.:443/v1"] {
        assert!(authorization(&coordinator, spelling), "{spelling}");
    }
    assert!(!authorization(
        &coordinator,
        "https://trino.example:8443/v1/statement/x"
    ));
    assert!(!authorization(
        &coordinator,
        "https://other.example/v1/statement/x"
    ));
    assert!(!authorization(
        &coordinator,
        "http://trino.example/v1/statement/x"
    ));
}

fn address(coordinator: &Coordinator, uri: &str) -> Result<String, Error> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.unwrap().block_on(coordinator.address(uri))
}

#[test]
fn a_next_page_without_tls_is_requested_at_the_own_origin_and_warned_of_once() {
    let coordinator = coordinator(&secure()).unwrap();
    for named in [
        "http://trino.example",
        "http://127.0.0.1:8080",
        "http://trino.example:80",
    ] {
        let uri = format!("{named}/v1/statement/executing/x/y?slug=z");
        assert_eq!(
            address(&coordinator, &uri).unwrap(),
            "https://trino.example/v1/statement/executing/x/y?slug=z"
        );
    }
    let warning = coordinator.elsewhere.take_warning().unwrap();
    assert!(warning.message.contains("process-forwarded"), "{warning:?}");
    assert!(!warning.message.contains("slug"), "{warning:?}");
    assert_eq!(coordinator.elsewhere.take_warning(), None);
}

#[test]
fn a_page_that_is_no_statements_is_not_requested_without_tls() {
    let coordinator = coordinator(&secure()).unwrap();
    let error = address(&coordinator, "http://trino.example/x?slug=secret").unwrap_err();
    assert!(error.to_string().contains("process-forwarded"));
    assert!(!error.to_string().contains("secret"));
}

#[test]
fn a_page_at_a_host_that_does_not_exist_is_requested_at_the_own_origin() {
    let coordinator = coordinator(&secure()).unwrap();
    let named = "https://no-such-host.invalid/v1/statement/queued/x";
    assert_eq!(
        address(&coordinator, named).unwrap(),
        "https://trino.example/v1/statement/queued/x"
    );
    let existing = "https://127.0.0.1:8443/v1/statement/queued/x";
    assert_eq!(address(&coordinator, existing).unwrap(), existing);
    for wrong in ["v1/statement/x", "ftp://trino.example/v1/statement/x", ""] {
        assert!(
            matches!(address(&coordinator, wrong), Err(Error::Malformed(_))),
            "{wrong}"
        );
    }
}

#[test]
fn hosts_are_names_and_addresses() {
    for (host, endpoint) in [
        ("a.b", "a.b:80"),
        ("A.b.", "a.b:80"),
        ("::1", "[::1]:80"),
        ("[::1]", "[::1]:80"),
    ] {
        let options = Options {
            host: host.to_owned(),
            port: 80,
            ..Options::default()
        };
        assert_eq!(coordinator(&options).unwrap().endpoint(), endpoint);
    }
    for host in ["", "a/b", "a?b", "user@a", "a b"] {
        let options = Options {
            host: host.to_owned(),
            ..Options::default()
        };
        assert!(coordinator(&options).is_err(), "{host}");
    }
}

#[test]
fn nothing_of_the_credentials_prints() {
    let text = format!("{:?}", coordinator(&secure()).unwrap());
    assert!(
        text.contains("Sensitive") && !text.contains("YWxpY2U6"),
        "{text}"
    );
}

#[test]
fn a_web_page_is_not_trino() {
    let coordinator = coordinator(&secure()).unwrap();
    let answer = Answer {
        status: StatusCode::OK,
        headers: HeaderMap::new(),
        body: Bytes::from_static(b"<html><h1>Welcome</h1></html>"),
    };
    let error = coordinator.page(answer).unwrap_err();
    assert_eq!(
        error.to_string(),
        "trino.example:443 does not answer like a Trino coordinator: Welcome"
    );
}

#[test]
fn a_redirect_is_reported_without_its_query() {
    let coordinator = coordinator(&secure()).unwrap();
    let mut headers = HeaderMap::new();
    headers.insert(
        LOCATION,
        HeaderValue::from_static("https://login.example/x?token=1"),
    );
    let answer = Answer {
        status: StatusCode::FOUND,
        headers,
        body: Bytes::new(),
    };
    let error = coordinator.refused(&answer).to_string();
    assert!(error.contains("https://login.example:443") && !error.contains("token"));
}

#[test]
fn another_user_runs_the_statements_after_set_session_authorization() {
    let coordinator = coordinator(&secure()).unwrap();
    let state = SessionState {
        authorization_user: Some("bob".to_owned()),
        ..SessionState::default()
    };
    let headers = coordinator.statement_headers("SELECT 1", &state).unwrap();
    assert_eq!(headers["x-trino-user"], "bob");
    assert_eq!(headers["x-trino-original-user"], "alice");
}
