//! Signing in with tokens and with OAuth 2.0: a person who is shown an address, an issuer, tokens that end in the middle
//! of a session.

use std::ffi::{CStr, c_char, c_void};
use std::ptr::null_mut;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use scripted_trino::{Builder, Endpoint, Fault, Issuer, Server, SignIn, issuer};
use trinoodbc::abi::*;
use trinoodbc::ffi::*;

use crate::application::*;

/// Somebody who is shown where to sign in, and does something about it.
struct Person<'a> {
    shown: Mutex<Vec<(String, Option<String>)>>,
    acts: Box<Acts<'a>>,
}

type Acts<'a> = dyn Fn(&str, Option<&str>) + 'a;

impl<'a> Person<'a> {
    fn who(acts: impl Fn(&str, Option<&str>) + 'a) -> Self {
        Self {
            shown: Mutex::default(),
            acts: Box::new(acts),
        }
    }

    /// Somebody who signs in at once.
    fn prompt(server: &'a Server, token: &'static str) -> Self {
        Self::who(move |_, _| server.on_sign_in(self::token(token)))
    }

    /// Somebody who does nothing.
    fn idle() -> Self {
        Self::who(|_, _| {})
    }

    fn times_shown(&self) -> usize {
        self.shown.lock().unwrap().len()
    }
}

extern "system" fn show(context: *mut c_void, address: *const c_char, code: *const c_char) {
    // SAFETY: the test's person outlives its connections.
    let person = unsafe { &*context.cast::<Person<'_>>() };
    // SAFETY: the address ends with 0.
    let address = unsafe { CStr::from_ptr(address) }.to_str().unwrap();
    let code = (!code.is_null()).then(|| {
        // SAFETY: so does the code.
        unsafe { CStr::from_ptr(code) }.to_str().unwrap().to_owned()
    });
    (person.acts)(address, code.as_deref());
    person
        .shown
        .lock()
        .unwrap()
        .push((address.to_owned(), code));
}

/// A connection, open or not, and a statement if it is.
struct Client {
    environment: Handle,
    connection: Handle,
    statement: Handle,
    code: SqlReturn,
}

impl Client {
    fn connect(server: &Server, person: Option<&Person<'_>>, keywords: &str) -> Self {
        Self::connect_within(server, person, keywords, 0)
    }

    /// With a login timeout in seconds; 0 is none.
    fn connect_within(
        server: &Server,
        person: Option<&Person<'_>>,
        keywords: &str,
        seconds: usize,
    ) -> Self {
        let environment = environment();
        let connection = allocate(SQL_HANDLE_DBC, environment);
        let set = |attribute, value| {
            // SAFETY: numbers, and addresses of what outlives the connection.
            let code = unsafe { SQLSetConnectAttrW(connection, attribute, value, SQL_IS_POINTER) };
            assert_eq!(code, SQL_SUCCESS);
        };
        if let Some(person) = person {
            set(SQL_ATTR_TRINO_SIGN_IN_CALLBACK, show as *mut c_void);
            let context = std::ptr::from_ref(person).cast_mut().cast();
            set(SQL_ATTR_TRINO_SIGN_IN_CONTEXT, context);
        }
        if seconds > 0 {
            let seconds = std::ptr::without_provenance_mut(seconds);
            set(SQL_ATTR_LOGIN_TIMEOUT, seconds);
        }
        let keywords = format!(
            "SSL=1;SSLTrustStore={};ValidateConnection=1;{keywords}",
            server.coordinator_ca_pem_path().display()
        );
        let code = connect_with(connection, server.port(), &keywords);
        let statement = match code {
            SQL_SUCCESS | SQL_SUCCESS_WITH_INFO => allocate(SQL_HANDLE_STMT, connection),
            _ => null_mut(),
        };
        Self {
            environment,
            connection,
            statement,
            code,
        }
    }

    /// Runs a query to its end.
    fn query(&self) -> SqlReturn {
        let code = execute(self.statement, "SELECT 1");
        if code != SQL_ERROR {
            // SAFETY: the handle is ours.
            unsafe { SQLFreeStmt(self.statement, SQL_CLOSE) };
        }
        code
    }

    /// Message of what kept its statement from running.
    fn message(&self) -> String {
        message(SQL_HANDLE_STMT, self.statement)
    }

    /// SQLSTATE and message of what kept it from connecting.
    fn refusal(&self) -> String {
        assert_eq!(self.code, SQL_ERROR);
        let state = state(SQL_HANDLE_DBC, self.connection);
        format!("{state} {}", message(SQL_HANDLE_DBC, self.connection))
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        // SAFETY: each handle is freed once; the null handle is refused.
        unsafe { SQLFreeHandle(SQL_HANDLE_STMT, self.statement) };
        // SAFETY: as above.
        unsafe { SQLDisconnect(self.connection) };
        // SAFETY: as above.
        unsafe { SQLFreeHandle(SQL_HANDLE_DBC, self.connection) };
        // SAFETY: as above.
        unsafe { SQLFreeHandle(SQL_HANDLE_ENV, self.environment) };
    }
}

fn offering() -> Server {
    with(Server::builder().oauth2())
}

fn with(builder: Builder) -> Server {
    builder.coordinator_tls(true).start()
}

fn token(text: &str) -> SignIn {
    SignIn::Token(text.to_owned())
}

/// The token of each statement that was submitted.
fn tokens(server: &Server) -> Vec<String> {
    let requests = server.requests();
    let statements = requests.iter().filter(|request| request.method == "POST");
    statements
        .map(|request| request.header("Authorization").unwrap_or_default())
        .map(str::to_owned)
        .collect()
}

const BROWSER: &str = "AuthenticationType=OAuth2;";

#[test]
fn a_person_signs_in_where_the_application_shows() {
    let server = offering();
    let person = Person::prompt(&server, "one");
    let client = Client::connect(&server, Some(&person), BROWSER);
    assert_eq!(client.code, SQL_SUCCESS);
    assert_eq!(client.query(), SQL_SUCCESS);
    assert_eq!(tokens(&server), ["Bearer one"]);
    let shown = person.shown.lock().unwrap().clone();
    assert_eq!(shown.len(), 1);
    let base = format!("{}/oauth2/token/initiate/", server.url());
    assert!(shown[0].0.starts_with(&base) && shown[0].1.is_none());
    // The server need not keep the token, and the addresses of it are asked without credentials.
    let requests = server.requests();
    let of_token = || requests.iter().filter(|r| r.path.starts_with("/oauth2/"));
    assert!(of_token().any(|request| request.method == "DELETE"));
    assert!(of_token().all(|request| request.header("Authorization").is_none()));
}

#[test]
fn connections_share_one_sign_in_and_those_that_shall_not_do_not() {
    let server = offering();
    let person = Person::prompt(&server, "shared");
    std::thread::scope(|scope| {
        for _ in 0..4 {
            // The address of the person goes to a thread that ends before it does.
            let person = std::ptr::from_ref(&person).expose_provenance();
            let server = &server;
            scope.spawn(move || {
                // SAFETY: the person outlives the scope, and is used by one thread at a time.
                let person = unsafe { &*std::ptr::with_exposed_provenance::<Person<'_>>(person) };
                let client = Client::connect(server, Some(person), BROWSER);
                assert_eq!(client.code, SQL_SUCCESS);
            });
        }
    });
    assert_eq!(person.times_shown(), 1);
    let apart = format!("{BROWSER}OAuth2TokenCache=None;");
    let client = Client::connect(&server, Some(&person), &apart);
    assert_eq!((client.code, person.times_shown()), (SQL_SUCCESS, 2));
    let other = format!("{BROWSER}User=somebody;");
    let client = Client::connect(&server, Some(&person), &other);
    assert_eq!((client.code, person.times_shown()), (SQL_SUCCESS, 3));
}

#[test]
fn a_token_that_ends_in_the_middle_is_refreshed_without_the_person() {
    let server = offering();
    let person = Person::prompt(&server, "first");
    let client = Client::connect(&server, Some(&person), BROWSER);
    assert_eq!(client.query(), SQL_SUCCESS);
    server.revoke_tokens(Some(token("second")));
    assert_eq!(client.query(), SQL_SUCCESS);
    assert_eq!(client.query(), SQL_SUCCESS);
    assert_eq!(
        tokens(&server),
        [
            "Bearer first",
            "Bearer first",
            "Bearer second",
            "Bearer second"
        ]
    );
    assert_eq!(person.times_shown(), 1);
}

#[test]
fn a_token_that_cannot_be_refreshed_is_asked_of_the_person_again() {
    let server = offering();
    let person = Person::prompt(&server, "again");
    let client = Client::connect(&server, Some(&person), BROWSER);
    server.revoke_tokens(None);
    assert_eq!(client.query(), SQL_SUCCESS);
    assert_eq!(person.times_shown(), 2);
}

#[test]
fn a_refresh_that_fails_is_made_up_for_by_the_person() {
    let server = offering();
    let person = Person::prompt(&server, "morning");
    let client = Client::connect(&server, Some(&person), BROWSER);
    assert_eq!(client.query(), SQL_SUCCESS);
    let ended = SignIn::Denied("the refresh token has ended".to_owned());
    server.revoke_tokens(Some(ended));
    assert_eq!(client.query(), SQL_SUCCESS);
    assert_eq!(person.times_shown(), 2);
}

#[test]
fn a_token_that_is_refused_as_soon_as_it_came_is_not_asked_for_again() {
    let server = offering();
    let person = Person::prompt(&server, "useless");
    let keywords = format!("{BROWSER}ValidateConnection=0;");
    let client = Client::connect(&server, Some(&person), &keywords);
    let refusal = Fault::Respond(401, Vec::new(), "Unknown user".to_owned());
    server.fault(Endpoint::Submit, refusal);
    assert_eq!(client.query(), SQL_ERROR);
    assert_eq!(state(SQL_HANDLE_STMT, client.statement), "28000");
    server.clear_faults();
    assert_eq!(client.query(), SQL_SUCCESS);
    let before = person.times_shown();
    server.fault(
        Endpoint::Submit,
        Fault::Respond(401, vec![challenge(&server)], "Unknown user".to_owned()),
    );
    assert_eq!(client.query(), SQL_ERROR);
    assert!(client.message().contains("Unknown user"));
    assert_eq!(person.times_shown(), before + 1);
}

/// A refusal's header that sends to sign in.
fn challenge(server: &Server) -> (String, String) {
    let base = format!("{}/oauth2/token", server.url());
    let value =
        format!("Bearer x_redirect_server=\"{base}/initiate/x\", x_token_server=\"{base}/x\"");
    ("WWW-Authenticate".to_owned(), value)
}

#[test]
fn a_no_is_told_in_the_servers_words() {
    let server = offering();
    let person = Person::who(|_, _| server.on_sign_in(SignIn::Denied("not today".to_owned())));
    let refusal = Client::connect(&server, Some(&person), BROWSER).refusal();
    assert!(refusal.starts_with("28000"), "{refusal}");
    assert!(refusal.contains("not today"), "{refusal}");
}

#[test]
fn nobody_is_waited_for_longer_than_is_said() {
    let server = offering();
    let person = Person::idle();
    let started = Instant::now();
    let keywords = format!("{BROWSER}OAuth2Timeout=1;");
    let refusal = Client::connect(&server, Some(&person), &keywords).refusal();
    assert!(refusal.starts_with("HYT00"), "{refusal}");
    assert!(refusal.contains("OAuth2Timeout"), "{refusal}");
    let refusal = Client::connect_within(&server, Some(&person), BROWSER, 1).refusal();
    assert!(refusal.starts_with("HYT00"), "{refusal}");
    assert!(started.elapsed() < Duration::from_secs(10));
}

#[test]
fn cancelling_ends_the_wait_for_a_person_and_all_that_belongs_to_it() {
    let server = offering();
    let person = Person::idle();
    let keywords = format!("{BROWSER}ValidateConnection=0;");
    let client = Client::connect(&server, Some(&person), &keywords);
    assert_eq!(client.code, SQL_SUCCESS);
    let statement = client.statement.expose_provenance();
    let started = Instant::now();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            std::thread::sleep(Duration::from_millis(300));
            // SAFETY: the statement lives until the scope has ended.
            unsafe { SQLCancel(std::ptr::with_exposed_provenance_mut(statement)) };
        });
        assert_eq!(execute(client.statement, "SELECT 1"), SQL_ERROR);
    });
    assert_eq!(state(SQL_HANDLE_STMT, client.statement), "HY008");
    assert!(started.elapsed() < Duration::from_secs(5));
    // What was asked last may still be answered; nothing more is asked.
    std::thread::sleep(Duration::from_millis(200));
    let asked = server.requests().len();
    std::thread::sleep(Duration::from_millis(500));
    assert_eq!(server.requests().len(), asked);
    // The next one is not kept waiting by what was cancelled.
    server.on_sign_in(token("late"));
    assert_eq!(client.query(), SQL_SUCCESS);
}

#[test]
fn a_gateway_that_fails_meanwhile_does_not_end_the_sign_in() {
    let server = offering();
    server.fault(Endpoint::Token, Fault::Status(503).times(1));
    server.fault(Endpoint::Token, Fault::Refuse.times(1));
    let person = Person::prompt(&server, "patient");
    let client = Client::connect(&server, Some(&person), BROWSER);
    assert_eq!(client.code, SQL_SUCCESS);
    server.fault(Endpoint::Token, Fault::Status(404).times(1));
    server.revoke_tokens(None);
    assert_eq!(client.query(), SQL_ERROR);
    assert!(client.message().contains("404"), "{}", client.message());
}

#[test]
fn a_server_that_does_not_offer_it_says_what_it_takes() {
    let server = with(Server::builder().password("ann", "x"));
    let person = Person::idle();
    let refusal = Client::connect(&server, Some(&person), BROWSER).refusal();
    assert!(refusal.starts_with("28000"), "{refusal}");
    assert!(refusal.contains("Basic"), "{refusal}");
    assert_eq!(person.times_shown(), 0);
}

#[test]
fn credentials_that_cannot_be_used_are_28000_whether_a_keyword_or_a_file_is_missing() {
    let server = with(Server::builder());
    for (keywords, named) in [
        ("AuthenticationType=Password;", "PWD"),
        ("AuthenticationType=Certificate;", "SSLClientCertificate"),
        (
            "AuthenticationType=Kerberos;KerberosPassword=p;",
            "KerberosPrincipal",
        ),
        ("SSLClientCertificate=/nowhere/me.pem;", "/nowhere/me.pem"),
        ("AccessTokenFile=/nowhere/token;", "/nowhere/token"),
    ] {
        let refusal = Client::connect(&server, None, keywords).refusal();
        assert!(refusal.starts_with("28000"), "{refusal}");
        assert!(refusal.contains(named), "{refusal}");
    }
}

#[test]
fn a_server_that_wants_a_person_says_so_to_a_program() {
    let server = offering();
    let refusal = Client::connect(&server, None, "").refusal();
    assert!(refusal.starts_with("28000"), "{refusal}");
    assert!(refusal.contains("AuthenticationType=OAuth2"), "{refusal}");
}

#[test]
fn a_given_token_is_refreshed_where_the_server_can_and_refused_where_it_cannot() {
    let server = offering();
    server.accept_token("given");
    let client = Client::connect(&server, None, "AccessToken=given;");
    assert_eq!(client.query(), SQL_SUCCESS);
    server.revoke_tokens(Some(token("renewed")));
    assert_eq!(client.query(), SQL_SUCCESS);
    assert_eq!(
        tokens(&server),
        ["Bearer given", "Bearer given", "Bearer renewed"]
    );
    server.revoke_tokens(None);
    assert_eq!(client.query(), SQL_ERROR);
    assert_eq!(state(SQL_HANDLE_STMT, client.statement), "28000");
}

#[test]
fn a_token_in_a_file_is_read_again_when_it_is_refused() {
    let server = offering();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("token");
    std::fs::write(&path, "monday\n").unwrap();
    server.accept_token("monday");
    let keywords = format!("AccessTokenFile={};", path.display());
    let client = Client::connect(&server, None, &keywords);
    assert_eq!(client.query(), SQL_SUCCESS);
    server.revoke_tokens(None);
    server.accept_token("tuesday");
    std::fs::write(&path, "tuesday\n").unwrap();
    assert_eq!(client.query(), SQL_SUCCESS);
    assert_eq!(tokens(&server).last().unwrap(), "Bearer tuesday");
    server.revoke_tokens(None);
    assert_eq!(client.query(), SQL_ERROR);
    assert_eq!(state(SQL_HANDLE_STMT, client.statement), "28000");
    let missing = format!("AccessTokenFile={}/none;", folder.path().display());
    let refusal = Client::connect(&server, None, &missing).refusal();
    assert!(refusal.starts_with("28000"), "{refusal}");
    assert!(refusal.contains("none"), "{refusal}");
}

/// What a connection says about an issuer and a program.
fn program(issuer: &Issuer, secret: &str, scope: &str) -> String {
    format!(
        "AuthenticationType=ClientCredentials;OAuth2Issuer={};OAuth2ClientId={};\
         OAuth2ClientSecret={secret};OAuth2Scope={scope};OAuth2TrustStore={};",
        issuer.url(),
        issuer::PROGRAM.0,
        issuer.ca_pem_path().display()
    )
}

#[test]
fn a_program_has_a_token_of_its_issuer_before_it_is_asked_for_one() {
    let (server, issuer) = (with(Server::builder()), Issuer::start());
    let keywords = program(&issuer, issuer::PROGRAM.1, "x");
    let client = Client::connect(&server, None, &keywords);
    assert_eq!(client.code, SQL_SUCCESS);
    assert_eq!(client.query(), SQL_SUCCESS);
    let second = Client::connect(&server, None, &keywords);
    assert_eq!(second.query(), SQL_SUCCESS);
    let tokens = tokens(&server);
    assert!(tokens[0].starts_with("Bearer ey"));
    assert_eq!(tokens[0], tokens[1]);
    assert_eq!(issuer.grants(), ["client_credentials"]);
}

#[test]
fn a_programs_token_is_replaced_when_it_ends_and_when_it_is_refused() {
    let (server, issuer) = (with(Server::builder()), Issuer::start());
    let keywords = program(&issuer, issuer::PROGRAM.1, "lifetime-1");
    let client = Client::connect(&server, None, &keywords);
    assert_eq!(client.query(), SQL_SUCCESS);
    std::thread::sleep(Duration::from_secs(1));
    assert_eq!(client.query(), SQL_SUCCESS);
    let seen = tokens(&server);
    assert_ne!(seen[0], seen[1]);
    let refusal = Fault::Respond(401, Vec::new(), "Token was revoked".to_owned());
    server.fault(Endpoint::Submit, refusal.times(1));
    assert_eq!(client.query(), SQL_SUCCESS);
    let seen = tokens(&server);
    assert_ne!(seen[2], seen[3]);
}

#[test]
fn an_issuer_that_refuses_is_told_and_the_secret_is_not() {
    let (server, issuer) = (with(Server::builder()), Issuer::start());
    let refusal = Client::connect(&server, None, &program(&issuer, "hunter2", "x")).refusal();
    assert!(refusal.starts_with("28000"), "{refusal}");
    assert!(refusal.contains("invalid_client"), "{refusal}");
    assert!(!refusal.contains("hunter2"), "{refusal}");
    assert!(tokens(&server).is_empty());
}

#[test]
fn who_has_a_wrong_secret_gets_no_token_that_another_one_got() {
    let (server, issuer) = (with(Server::builder()), Issuer::start());
    let right = Client::connect(&server, None, &program(&issuer, issuer::PROGRAM.1, "x"));
    assert_eq!(right.code, SQL_SUCCESS);
    let wrong = Client::connect(&server, None, &program(&issuer, "guess", "x"));
    assert!(wrong.refusal().starts_with("28000"));
}

#[test]
fn an_issuer_is_believed_by_a_store_of_its_own() {
    let (server, issuer) = (with(Server::builder()), Issuer::start());
    let keywords = program(&issuer, issuer::PROGRAM.1, "x");
    let refusal = Client::connect(&server, None, &format!("{keywords}OAuth2TrustStore=;"));
    let refusal = refusal.refusal();
    assert!(refusal.starts_with("08001"), "{refusal}");
    assert!(refusal.contains("OAuth2TrustStore"), "{refusal}");
}

/// Connects as a program whose issuer only the server names, and has the server name `endpoint`; then the client.
fn named(server: &Server, issuer: &Issuer, endpoint: &str, more: &str) -> Client {
    let keywords = format!(
        "OAuth2ClientId={};OAuth2ClientSecret={};OAuth2TrustStore={};OAuth2TokenCache=None;\
         ValidateConnection=0;{more}",
        issuer::PROGRAM.0,
        issuer::PROGRAM.1,
        issuer.ca_pem_path().display()
    );
    let client = Client::connect(server, None, &keywords);
    assert_eq!(client.code, SQL_SUCCESS);
    let value = format!("Bearer x_token_endpoint=\"{endpoint}\", scope=\"lifetime-1\"");
    let challenge = ("WWW-Authenticate".to_owned(), value);
    let refusal = Fault::Respond(401, vec![challenge], "Unauthorized".to_owned());
    server.fault(Endpoint::Submit, refusal.times(1));
    client
}

#[test]
fn a_program_signs_in_where_the_server_says() {
    let (server, issuer) = (with(Server::builder()), Issuer::start());
    let client = named(&server, &issuer, &format!("{}/token", issuer.url()), "");
    assert_eq!(client.query(), SQL_SUCCESS);
    let seen = tokens(&server);
    assert_eq!(seen[0], "");
    assert!(seen[1].starts_with("Bearer ey"), "{seen:?}");
    // The scope that the server named was asked for, and the token is replaced in time without another refusal.
    std::thread::sleep(Duration::from_secs(1));
    assert_eq!(client.query(), SQL_SUCCESS);
    let seen = tokens(&server);
    assert_eq!(seen.len(), 3);
    assert_ne!(seen[1], seen[2]);
    assert_eq!(issuer.grants(), ["client_credentials"; 2]);
}

#[test]
fn a_secret_goes_nowhere_that_nobody_vouches_for() {
    let (server, issuer) = (with(Server::builder()), Issuer::start());
    let port = issuer.url().rsplit_once(':').unwrap().1.to_owned();
    let plain = format!("http://127.0.0.1:{port}/token");
    let other = format!("https://localhost:{port}/token");
    let disguised = format!("https://127.0.0.1@localhost:{port}/token");
    let with_name = format!("https://a:b@127.0.0.1:{port}/token");
    let right = format!("{}/token", issuer.url());
    let configured = format!("OAuth2TokenEndpoint={right};");
    for (endpoint, more, word) in [
        (plain.as_str(), "", "not https"),
        ("file:///token", "", "not https"),
        ("token", "", "not https"),
        (&other, "", "OAuth2TokenHosts=localhost"),
        (&other, "OAuth2TokenHosts=localhost:1;", "OAuth2TokenHosts"),
        (&disguised, "", "OAuth2TokenHosts=localhost"),
        (&with_name, "", "OAuth2TokenHosts"),
    ] {
        let client = named(&server, &issuer, endpoint, more);
        assert_eq!(client.query(), SQL_ERROR, "{endpoint}");
        let message = client.message();
        assert!(message.contains(word), "{endpoint}: {message}");
        assert!(!message.contains(issuer::PROGRAM.1), "{message}");
        server.clear_faults();
    }
    assert!(issuer.grants().is_empty());
    // What is configured gets the secret, and a server that names another endpoint is not believed.
    let client = named(&server, &issuer, &format!("{right}/other"), &configured);
    assert_eq!(client.query(), SQL_ERROR);
    assert!(
        client
            .message()
            .contains("differs from OAuth2TokenEndpoint")
    );
    server.clear_faults();
    assert_eq!(issuer.grants().len(), 1);
    // No redirect is followed.
    issuer.fail(1, 307);
    let client = named(&server, &issuer, &right, "");
    assert_eq!(client.query(), SQL_ERROR);
    assert!(client.message().contains("307"), "{}", client.message());
    assert_eq!(issuer.grants().len(), 1);
}

#[test]
fn a_host_that_is_named_may_have_the_secret() {
    let (server, issuer) = (with(Server::builder()), Issuer::start());
    let port = issuer.url().rsplit_once(':').unwrap().1.to_owned();
    let endpoint = format!("https://localhost:{port}/token");
    for hosts in ["LOCALHOST".to_owned(), format!("x,localhost:{port}")] {
        let more = format!("OAuth2TokenHosts={hosts};");
        let client = named(&server, &issuer, &endpoint, &more);
        assert_eq!(client.query(), SQL_SUCCESS, "{}", client.message());
    }
}

#[test]
fn a_server_that_names_no_endpoint_is_told() {
    let (server, issuer) = (with(Server::builder()), Issuer::start());
    let client = named(&server, &issuer, "x", "");
    server.clear_faults();
    let refusal = Fault::Respond(401, vec![challenge(&server)], "Unauthorized".to_owned());
    server.fault(Endpoint::Submit, refusal.times(1));
    assert_eq!(client.query(), SQL_ERROR);
    assert!(
        client.message().contains("set OAuth2TokenEndpoint"),
        "{}",
        client.message()
    );
    assert!(issuer.grants().is_empty());
}

#[test]
fn a_person_signs_in_on_another_device_and_is_not_needed_for_the_next_token() {
    let (server, issuer) = (with(Server::builder()), Issuer::start());
    let person = Person::who(|address, code| {
        assert_eq!(address, format!("{}/activate", issuer.url()));
        issuer.activate(code.unwrap(), "login=ann&lifetime=1");
    });
    let keywords = format!(
        "AuthenticationType=DeviceFlow;OAuth2Issuer={};OAuth2ClientId={};OAuth2TrustStore={};",
        issuer.url(),
        issuer::PUBLIC,
        issuer.ca_pem_path().display()
    );
    let client = Client::connect(&server, Some(&person), &keywords);
    assert_eq!(client.code, SQL_SUCCESS);
    assert_eq!(client.query(), SQL_SUCCESS);
    std::thread::sleep(Duration::from_secs(1));
    assert_eq!(client.query(), SQL_SUCCESS);
    let seen = tokens(&server);
    assert_ne!(seen[0], seen[1]);
    assert_eq!(person.times_shown(), 1);
    assert_eq!(issuer.grants().last().unwrap(), "refresh_token");
    // An issuer that takes it back wants to see the person again.
    issuer.revoke();
    let refusal = Fault::Respond(401, Vec::new(), "Token was revoked".to_owned());
    server.fault(Endpoint::Submit, refusal.times(1));
    assert_eq!(client.query(), SQL_SUCCESS);
    assert_eq!(person.times_shown(), 2);
}

#[test]
fn an_issuer_that_fails_meanwhile_does_not_end_the_sign_in_on_another_device() {
    let (server, issuer) = (with(Server::builder()), Issuer::start());
    let person = Person::who(|_, code| {
        issuer.activate(code.unwrap(), "login=ann");
        issuer.fail(3, 500);
    });
    let keywords = format!(
        "AuthenticationType=DeviceFlow;OAuth2Issuer={};OAuth2ClientId={};OAuth2TrustStore={};",
        issuer.url(),
        issuer::PUBLIC,
        issuer.ca_pem_path().display()
    );
    let client = Client::connect(&server, Some(&person), &keywords);
    assert_eq!(client.code, SQL_SUCCESS);
    assert_eq!(person.times_shown(), 1);
}

#[test]
fn a_token_whose_life_is_not_told_is_used_until_it_is_refused() {
    let (server, issuer) = (with(Server::builder()), Issuer::start());
    let keywords = program(&issuer, issuer::PROGRAM.1, "lifetime-0");
    let client = Client::connect(&server, None, &keywords);
    for _ in 0..3 {
        assert_eq!(client.query(), SQL_SUCCESS);
    }
    assert_eq!(issuer.grants(), ["client_credentials"]);
}

#[test]
fn a_no_on_another_device_is_told() {
    let (server, issuer) = (with(Server::builder()), Issuer::start());
    let person = Person::who(|_, code| issuer.activate(code.unwrap(), "deny"));
    let keywords = format!(
        "AuthenticationType=DeviceFlow;OAuth2Issuer={};OAuth2ClientId={};OAuth2TrustStore={};",
        issuer.url(),
        issuer::PUBLIC,
        issuer.ca_pem_path().display()
    );
    let refusal = Client::connect(&server, Some(&person), &keywords).refusal();
    assert!(refusal.starts_with("28000"), "{refusal}");
    assert!(refusal.contains("access_denied"), "{refusal}");
}

#[test]
fn nothing_that_signs_in_does_so_without_tls() {
    let server = Server::start();
    for keywords in [
        BROWSER,
        "AccessToken=hunter2;",
        "AccessTokenFile=/run/token;",
        "AuthenticationType=ClientCredentials;OAuth2Issuer=https://i;ClientId=c;ClientSecret=hunter2;",
    ] {
        let environment = environment();
        let connection = allocate(SQL_HANDLE_DBC, environment);
        let code = connect_with(connection, server.port(), keywords);
        assert_eq!(code, SQL_ERROR);
        let told = message(SQL_HANDLE_DBC, connection);
        assert!(told.contains("SSL=true"), "{told}");
        assert!(!told.contains("hunter2"), "{told}");
        // SAFETY: freed once.
        unsafe { SQLFreeHandle(SQL_HANDLE_DBC, connection) };
        // SAFETY: freed once.
        unsafe { SQLFreeHandle(SQL_HANDLE_ENV, environment) };
    }
    assert!(server.requests().is_empty());
}
