//! Connecting.

use std::collections::BTreeSet;
use std::net::TcpListener;
use std::time::{Duration, Instant};

use client_tests::client::Connection;
use client_tests::driver;
use scripted_trino::{Answer, Endpoint, Fault, Server, columns};
use serde_json::json;

/// What "in seconds" means to a person who waits.
const SECONDS: Duration = Duration::from_secs(10);

#[test]
fn a_connection_string_needs_no_data_source() {
    let server = Server::start();
    let connection = Connection::open(&driver::string(&server)).unwrap();
    assert_eq!(connection.warnings, []);
    let rows = connection.rows("SELECT 1").unwrap();
    assert_eq!(rows, [[Some("1".to_owned())]]);
    connection.close().unwrap();
}

#[test]
fn a_data_source_is_enough() {
    let server = Server::start();
    let source = driver::add_source(&driver::attributes(&server));
    let connection = Connection::open_source(&source, None, None).unwrap();
    assert_eq!(connection.rows("SELECT 1").unwrap().len(), 1);
    let connection = Connection::open(&format!("DSN={source};")).unwrap();
    assert_eq!(connection.rows("SELECT 1").unwrap().len(), 1);
}

#[test]
fn what_the_connection_string_says_wins_over_the_data_source() {
    let server = Server::start();
    let source = driver::add_source(&driver::attributes(&server));
    let connection = Connection::open(&format!("DSN={source};User=somebody;")).unwrap();
    connection.rows("SELECT 1").unwrap();
    let requests = server.requests();
    let users = requests
        .iter()
        .filter_map(|request| request.header("x-trino-user"));
    assert!(users.count() > 0);
    assert!(
        requests
            .iter()
            .filter_map(|request| request.header("x-trino-user"))
            .all(|user| user == "somebody")
    );
}

#[test]
fn the_user_given_to_connect_wins_over_the_data_source() {
    let server = Server::start();
    let source = driver::add_source(&driver::attributes(&server));
    let connection = Connection::open_source(&source, Some("caller"), None).unwrap();
    connection.rows("SELECT 1").unwrap();
    let requests = server.requests();
    let post = requests
        .iter()
        .find(|request| request.method == "POST")
        .unwrap();
    assert_eq!(post.header("x-trino-user"), Some("caller"));
}

#[test]
fn the_completed_string_connects_again() {
    let server = Server::start();
    let connection = Connection::open(&driver::string(&server)).unwrap();
    assert!(!connection.completed.is_empty());
    let again = Connection::open(&connection.completed).unwrap();
    assert_eq!(again.rows("SELECT 1").unwrap().len(), 1);
}

#[test]
fn an_unknown_keyword_connects_with_a_warning_that_names_it() {
    let server = Server::start();
    let text = driver::string(&server) + "Colour=blue;";
    let connection = Connection::open(&text).unwrap();
    let [warning] = &connection.warnings[..] else {
        panic!("{:?}", connection.warnings)
    };
    assert_eq!(warning.state, "01S00");
    assert!(warning.message.contains("Colour"), "{}", warning.message);
    assert!(!warning.message.contains("blue"), "{}", warning.message);
    assert_eq!(connection.rows("SELECT 1").unwrap().len(), 1);
}

#[test]
fn connecting_runs_no_query() {
    let server = Server::start();
    let connection = Connection::open(&driver::string(&server)).unwrap();
    connection.close().unwrap();
    assert_eq!(server.queries(), []);
    let methods: Vec<_> = server
        .requests()
        .iter()
        .map(|request| (request.method.to_string(), request.path.clone()))
        .collect();
    assert_eq!(methods, [("HEAD".to_owned(), "/v1/statement".to_owned())]);
}

#[test]
fn validation_can_be_turned_off() {
    let server = Server::start();
    let text = driver::string(&server) + "ValidateConnection=0;";
    Connection::open(&text).unwrap();
    assert!(server.requests().is_empty());
}

#[test]
fn a_server_that_knows_no_head_is_connected_to() {
    for status in [404, 405] {
        let server = Server::start();
        server.fault(Endpoint::Validate, Fault::Status(status));
        let connection = Connection::open(&driver::string(&server)).unwrap();
        assert_eq!(connection.rows("SELECT 1").unwrap().len(), 1);
    }
}

#[test]
fn the_right_password_connects() {
    let server = Server::builder()
        .coordinator_tls(true)
        .password("ann", "s3cret}x")
        .start();
    let text = driver::string(&server) + "UID=ann;PWD={s3cret}}x};";
    let connection = Connection::open(&text).unwrap();
    assert_eq!(connection.rows("SELECT 1").unwrap().len(), 1);
}

#[test]
fn a_wrong_password_is_28000_and_not_repeated() {
    let server = Server::builder()
        .coordinator_tls(true)
        .password("ann", "s3cret")
        .start();
    let text = driver::string(&server) + "UID=ann;PWD=guessed;";
    let start = Instant::now();
    let failure = Connection::open(&text).unwrap_err();
    assert_eq!(failure.state(), "28000", "{failure}");
    assert!(!failure.message().contains("guessed"), "{failure}");
    assert!(start.elapsed() < SECONDS);
    assert!(server.queries().is_empty());
}

#[test]
fn a_port_where_nobody_listens_is_08001_naming_host_and_port() {
    let free = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let start = Instant::now();
    let text = format!(
        "Driver={{{}}};Host=127.0.0.1;Port={free};User=x;",
        driver::NAME
    );
    let failure = Connection::open(&text).unwrap_err();
    assert_eq!(failure.state(), "08001", "{failure}");
    assert!(failure.message().contains("127.0.0.1"), "{failure}");
    assert!(failure.message().contains(&free.to_string()), "{failure}");
    assert!(start.elapsed() < SECONDS, "{:?}", start.elapsed());
}

#[test]
fn a_host_that_does_not_exist_is_08001_naming_it() {
    let start = Instant::now();
    let text = format!(
        "Driver={{{}}};Host=nowhere.invalid;Port=8080;User=x;",
        driver::NAME
    );
    let failure = Connection::open(&text).unwrap_err();
    assert_eq!(failure.state(), "08001", "{failure}");
    assert!(failure.message().contains("nowhere.invalid"), "{failure}");
    assert!(start.elapsed() < SECONDS, "{:?}", start.elapsed());
}

#[test]
fn a_coordinator_whose_authority_is_unknown_is_refused_naming_the_keyword() {
    let server = Server::builder().coordinator_tls(true).start();
    let text = format!(
        "Driver={{{}}};Host=127.0.0.1;Port={};SSL=1;User=x;",
        driver::NAME,
        server.port()
    );
    let failure = Connection::open(&text).unwrap_err();
    assert!(failure.state().starts_with("08"), "{failure}");
    assert!(failure.message().contains("SSLTrustStore"), "{failure}");
    assert!(failure.message().contains("127.0.0.1"), "{failure}");
}

#[test]
fn a_missing_data_source_is_im002() {
    let failure = Connection::open("DSN=no such source;").unwrap_err();
    assert_eq!(failure.state(), "IM002", "{failure}");
}

#[test]
fn an_invalid_value_names_keyword_and_value() {
    let server = Server::start();
    let text = driver::string(&server) + "Port=many;";
    let failure = Connection::open(&text).unwrap_err();
    assert!(failure.message().contains("Port"), "{failure}");
    assert!(failure.message().contains("many"), "{failure}");
}

#[test]
fn settings_of_the_session_reach_the_server() {
    let server = Server::start();
    server.on(
        "SELECT x",
        Answer::rows(columns![("x", "integer")], vec![vec![json!(1)]]),
    );
    let text = driver::string(&server)
        + "Catalog=memory;Schema=default;Source=report;TimeZone=Europe/Berlin;\
           SessionProperties={query_max_run_time:10m;join_distribution_type:BROADCAST};";
    let connection = Connection::open(&text).unwrap();
    connection.rows("SELECT x").unwrap();
    let requests = server.requests();
    let post = requests
        .iter()
        .find(|request| request.method == "POST")
        .unwrap();
    assert_eq!(post.header("x-trino-catalog"), Some("memory"));
    assert_eq!(post.header("x-trino-schema"), Some("default"));
    assert_eq!(post.header("x-trino-source"), Some("report"));
    assert_eq!(post.header("x-trino-time-zone"), Some("Europe/Berlin"));
    let session: Vec<_> = post
        .headers
        .get_all("x-trino-session")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .collect();
    assert!(session.contains(&"query_max_run_time=10m"), "{session:?}");
    assert!(
        session.contains(&"join_distribution_type=BROADCAST"),
        "{session:?}"
    );
}

#[test]
fn a_connection_finds_the_socket_of_the_one_before_it() {
    const CONNECTIONS: usize = 5;
    for tls in [false, true] {
        let server = Server::builder().coordinator_tls(tls).start();
        let text = driver::string(&server);
        for _ in 0..CONNECTIONS {
            let connection = Connection::open(&text).unwrap();
            assert_eq!(connection.rows("SELECT 1").unwrap().len(), 1);
            // The manager frees the driver's environment with the last connection.
            connection.close().unwrap();
        }
        let requests = server.requests();
        let sockets: BTreeSet<u64> = requests.iter().map(|request| request.connection).collect();
        // A request may be quicker than the return of the socket before it, and opens another then.
        assert!(sockets.len() < CONNECTIONS, "{requests:?}");
    }
}
