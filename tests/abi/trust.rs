//! Whom the driver believes and by which way it goes: the coordinator and storage each by keywords of
//! their own.

use std::process::Command;
use std::ptr::null_mut;

use scripted_trino::{
    Answer, Builder, Identity, Issuer, Proxy, Retrieval, Server, Spooling, issuer,
};
use trinoodbc::abi::*;
use trinoodbc::ffi::*;

use crate::application::*;

const QUERY: &str = "SELECT spooled";
const ROWS: usize = 50;

/// A server with a query whose rows all come from storage.
fn server(builder: Builder) -> Server {
    let server = builder.start();
    let spooling = Spooling {
        rows_per_segment: 10,
        inline_first: 0,
        ..Spooling::default()
    };
    let answer = Answer::generated(&["bigint"], ROWS, 1).spooled(spooling);
    server.on(QUERY, answer);
    server
}

/// How many rows of the query arrive over a connection with these keywords; else SQLSTATE and message.
fn rows(server: &Server, keywords: &str) -> Result<usize, String> {
    let environment = environment();
    let connection = allocate(SQL_HANDLE_DBC, environment);
    // A way around storage would hide why it cannot be reached.
    let text = format!(
        "Host=127.0.0.1;Port={};UID=tester;SpoolingFallback=0;{keywords}",
        server.port()
    );
    let code = connect_by(connection, &text);
    let told = if code == SQL_ERROR {
        Err(record(SQL_HANDLE_DBC, connection))
    } else {
        let statement = allocate(SQL_HANDLE_STMT, connection);
        let told = fetch_all(statement);
        // SAFETY: freed once.
        unsafe { SQLFreeHandle(SQL_HANDLE_STMT, statement) };
        // SAFETY: the handle is ours.
        unsafe { SQLDisconnect(connection) };
        told
    };
    // SAFETY: freed once.
    unsafe { SQLFreeHandle(SQL_HANDLE_DBC, connection) };
    // SAFETY: freed once.
    unsafe { SQLFreeHandle(SQL_HANDLE_ENV, environment) };
    told
}

fn fetch_all(statement: Handle) -> Result<usize, String> {
    if execute(statement, QUERY) == SQL_ERROR {
        return Err(record(SQL_HANDLE_STMT, statement));
    }
    let mut rows = 0;
    loop {
        // SAFETY: nothing is bound.
        match unsafe { SQLFetch(statement) } {
            SQL_NO_DATA => return Ok(rows),
            SQL_ERROR => return Err(record(SQL_HANDLE_STMT, statement)),
            _ => rows += 1,
        }
    }
}

/// SQLSTATE and message of the first record.
fn record(kind: i16, handle: Handle) -> String {
    let (mut state, mut message, mut length) = ([0_u16; 6], [0_u16; 1000], 0);
    // SAFETY: the buffers are as long as is said.
    unsafe {
        SQLGetDiagRecW(
            kind,
            handle,
            1,
            state.as_mut_ptr().cast(),
            null_mut(),
            message.as_mut_ptr().cast(),
            message.len() as i16,
            &mut length,
        )
    };
    let text = |units: &[u16]| {
        let units: Vec<_> = units
            .iter()
            .copied()
            .take_while(|unit| *unit != 0)
            .collect();
        String::from_utf16_lossy(&units)
    };
    format!("{} {}", text(&state), text(&message))
}

fn both_tls() -> Server {
    server(Server::builder().coordinator_tls(true).storage_tls(true))
}

/// The keywords that make either be believed.
fn believing(server: &Server) -> String {
    format!(
        "SSL=1;SSLTrustStore={};StorageTrustStore={};",
        server.coordinator_ca_pem_path().display(),
        server.storage_ca_pem_path().display()
    )
}

/// That the error names all of these.
fn assert_names(told: Result<usize, String>, names: &[&str]) {
    let message = told.expect_err("it must fail");
    for name in names {
        assert!(message.contains(name), "{name} is not in {message}");
    }
}

#[test]
fn coordinator_and_storage_are_believed_by_stores_of_their_own() {
    let server = both_tls();
    assert_eq!(rows(&server, &believing(&server)), Ok(ROWS));
    let only = "SSLUseSystemTrustStore=0;StorageUseSystemTrustStore=0;";
    assert_eq!(
        rows(&server, &format!("{}{only}", believing(&server))),
        Ok(ROWS)
    );
    assert!(server.leaks().is_empty());
}

#[test]
fn a_store_of_one_is_no_store_of_the_other() {
    let server = both_tls();
    let coordinator = server.coordinator_ca_pem_path().display().to_string();
    let storage = server.storage_ca_pem_path().display().to_string();
    let host = format!("127.0.0.1:{}", server.storage_port());
    for keywords in [
        format!("SSL=1;SSLTrustStore={coordinator};"),
        format!("SSL=1;SSLTrustStore={{{coordinator};{storage}}};"),
        format!("SSL=1;SSLVerification=None;StorageTrustStore={coordinator};"),
    ] {
        assert_names(
            rows(&server, &keywords),
            &[&host, "unknown authority", "StorageTrustStore"],
        );
    }
    let host = format!("127.0.0.1:{}", server.port());
    for keywords in [
        format!("SSL=1;StorageTrustStore={storage};"),
        format!("SSL=1;SSLTrustStore={storage};StorageTrustStore={coordinator};"),
        "SSL=1;StorageSSLVerification=None;".to_owned(),
    ] {
        assert_names(
            rows(&server, &keywords),
            &["08001", &host, "unknown authority", "SSLTrustStore"],
        );
    }
}

#[test]
fn several_stores_stand_in_one_keyword() {
    let server = both_tls();
    let coordinator = server.coordinator_ca_pem_path().display().to_string();
    let storage = server.storage_ca_pem_path().display().to_string();
    let other = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/stores/java.jks");
    for (separator, password) in [(";", "SSLTrustStorePassword=changeit;"), ("|", "")] {
        let keywords = format!(
            "SSL=1;SSLTrustStore={{{other}{separator}{coordinator}}};{password}\
             StorageTrustStore={{{storage}{separator}{other}}};"
        );
        assert_eq!(rows(&server, &keywords), Ok(ROWS));
    }
}

#[test]
fn a_store_with_a_wrong_password_is_named_with_its_keyword() {
    let server = both_tls();
    let store = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/stores/java.p12");
    let keywords = format!("SSL=1;SSLTrustStore={store};SSLTrustStorePassword=hunter2;");
    let told = rows(&server, &keywords);
    assert_names(told.clone(), &["java.p12", "SSLTrustStorePassword"]);
    assert!(!told.unwrap_err().contains("hunter2"));
}

#[test]
fn storage_with_a_wrong_name_or_an_expired_certificate_is_told_by_host_and_cause() {
    for (identity, cause) in [
        (Identity::WrongName, "another host"),
        (Identity::Expired, "expired"),
    ] {
        let server = server(
            Server::builder()
                .coordinator_tls(true)
                .storage_identity(Some(identity)),
        );
        let host = format!("127.0.0.1:{}", server.storage_port());
        let keywords = believing(&server);
        // What is not checked of the coordinator is still checked of storage.
        let lax = format!("{keywords}SSLVerification=None;");
        assert_names(rows(&server, &lax), &[&host, cause]);
        let none = format!("{keywords}StorageSSLVerification=None;");
        assert_eq!(rows(&server, &none), Ok(ROWS));
        let chain = format!("{keywords}StorageSSLVerification=CA;");
        assert_eq!(
            rows(&server, &chain).is_ok(),
            identity == Identity::WrongName
        );
    }
}

#[test]
fn each_goes_by_its_own_proxy() {
    for tls in [true, false] {
        let server = server(Server::builder().coordinator_tls(tls).storage_tls(tls));
        let base = if tls {
            believing(&server)
        } else {
            String::new()
        };
        let coordinator = format!("127.0.0.1:{}", server.port());
        let storage = format!("127.0.0.1:{}", server.storage_port());
        let (one, other) = (Proxy::open(), Proxy::open());
        let keywords = format!(
            "{base}HTTPProxy={};StorageProxy=http://{};",
            one.authority(),
            other.authority()
        );
        assert_eq!(rows(&server, &keywords), Ok(ROWS));
        assert!(one.asked().iter().all(|host| *host == coordinator));
        // Segments are acknowledged at the coordinator, whoever they were fetched from.
        assert!(other.asked().contains(&storage));
        assert!(!one.asked().is_empty() && !other.asked().contains(&coordinator));
    }
}

#[test]
fn a_proxy_may_speak_socks() {
    let server = both_tls();
    let (one, other) = (Proxy::socks(), Proxy::socks());
    let keywords = format!(
        "{}SOCKSProxy={};StorageProxy=socks5://{};",
        believing(&server),
        one.authority(),
        other.authority()
    );
    assert_eq!(rows(&server, &keywords), Ok(ROWS));
    assert!(!one.asked().is_empty() && !other.asked().is_empty());
}

#[test]
fn this_computer_is_not_spoken_to_by_the_systems_proxy() {
    // The environment belongs to the whole process, so another one runs a test that needs no proxy.
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args([
        "--exact",
        "trust::coordinator_and_storage_are_believed_by_stores_of_their_own",
    ]);
    for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"] {
        command.env(name, "http://127.0.0.1:9");
    }
    let output = command
        .env_remove("NO_PROXY")
        .env_remove("no_proxy")
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && told.contains("1 passed"),
        "{told}"
    );
}

#[test]
fn excluded_hosts_are_spoken_to_without_the_proxy() {
    let server = both_tls();
    let (one, other) = (Proxy::refusing(), Proxy::refusing());
    let keywords = format!(
        "{}HTTPProxy={};NoProxy=127.0.0.0/8;StorageProxy={};StorageProxyExclusions=127.0.0.1;",
        believing(&server),
        one.authority(),
        other.authority()
    );
    assert_eq!(rows(&server, &keywords), Ok(ROWS));
    assert!(one.asked().is_empty() && other.asked().is_empty());
}

#[test]
fn a_proxy_gets_its_credentials_and_nobody_else_does() {
    let server = both_tls();
    // `user:pass` in base64.
    let proxy = Proxy::asking("Basic dXNlcjpwYXNz");
    let at = proxy.authority();
    let base = believing(&server);
    for keywords in [
        format!("HTTPProxy={at};HTTPProxyUser=user;HTTPProxyPassword=pass;"),
        format!("HTTPProxy=http://user:pass@{at};"),
        format!("StorageProxy={at};StorageProxyUser=user;StorageProxyPassword=pass;"),
    ] {
        assert_eq!(rows(&server, &format!("{base}{keywords}")), Ok(ROWS));
    }
    let seen = server.requests();
    assert!(
        seen.iter()
            .all(|request| !request.headers.contains_key("proxy-authorization"))
    );
    let told = rows(&server, &format!("{base}HTTPProxy={at};"));
    assert_names(told, &["08001", &at, "HTTPProxyUser"]);
    let told = rows(&server, &format!("{base}StorageProxy={at};"));
    assert_names(told, &[&at, "StorageProxyUser"]);
}

#[test]
fn a_proxy_that_asks_who_is_there_is_told_also_before_plain_http() {
    let server = server(Server::builder());
    let proxy = Proxy::asking("Basic dXNlcjpwYXNz");
    let at = proxy.authority();
    let told = rows(&server, &format!("HTTPProxy={at};"));
    assert_names(told, &["08001", &at, "HTTPProxyUser"]);
    let told = rows(&server, &format!("StorageProxy={at};"));
    assert_names(told, &[&at, "StorageProxyUser"]);
    let known = format!("StorageProxy={at};StorageProxyUser=user;StorageProxyPassword=pass;");
    assert_eq!(rows(&server, &known), Ok(ROWS));
}

#[test]
fn a_proxy_that_refuses_is_told_by_keyword() {
    let server = both_tls();
    let base = believing(&server);
    let proxy = Proxy::refusing();
    let at = proxy.authority();
    let host = format!("127.0.0.1:{}", server.port());
    let told = rows(&server, &format!("{base}HTTPProxy={at};"));
    assert_names(told, &["08001", &host, &at, "refuses", "HTTPProxy"]);
    let host = format!("127.0.0.1:{}", server.storage_port());
    let told = rows(&server, &format!("{base}StorageProxy={at};"));
    assert_names(told, &[&host, &at, "refuses", "StorageProxy"]);
}

#[test]
fn a_proxy_that_is_not_there_is_not_taken_for_the_server() {
    let server = both_tls();
    let base = believing(&server);
    let told = rows(&server, &format!("{base}HTTPProxy=127.0.0.1:9;"));
    assert_names(
        told,
        &[
            "08001",
            "proxy 127.0.0.1:9",
            "no server is listening",
            "HTTPProxy",
        ],
    );
}

#[test]
fn only_the_coordinator_is_held_to_the_host_that_is_named_for_it() {
    let issuer = Issuer::start();
    let server = server(
        Server::builder()
            .coordinator_identity(Some(Identity::WrongName))
            .worker_identity(Identity::Valid)
            .retrieval(Retrieval::WorkerProxy),
    );
    let named = "SSLHostNameInCertificate=elsewhere.invalid;";
    let keywords = format!("{}{named}", believing(&server));
    assert_eq!(rows(&server, &keywords), Ok(ROWS));
    let program = format!(
        "{keywords}AuthenticationType=ClientCredentials;OAuth2Issuer={};OAuth2ClientId={};\
         OAuth2ClientSecret={};",
        issuer.url(),
        issuer::PROGRAM.0,
        issuer::PROGRAM.1,
    );
    let ca = issuer.ca_pem_path().display();
    assert_eq!(
        rows(&server, &format!("{program}OAuth2TrustStore={ca};")),
        Ok(ROWS)
    );
    // The same where the issuer is trusted as the coordinator is.
    let both = format!(
        "{program}SSLTrustStore={{{};{ca}}};",
        server.coordinator_ca_pem_path().display()
    );
    assert_eq!(rows(&server, &both), Ok(ROWS));
    // A worker is held to its own name.
    let server = self::server(
        Server::builder()
            .coordinator_tls(true)
            .worker_identity(Identity::WrongName)
            .retrieval(Retrieval::WorkerProxy),
    );
    let host = format!("127.0.0.1:{}", server.worker_port());
    assert_names(
        rows(&server, &believing(&server)),
        &[&host, "another host", "elsewhere.invalid"],
    );
}

#[test]
fn the_issuer_is_held_to_the_oldest_version_and_the_lists_of_revoked_certificates() {
    let (server, issuer) = (both_tls(), Issuer::start());
    let program = format!(
        "{}AuthenticationType=ClientCredentials;OAuth2Issuer={};OAuth2ClientId={};\
         OAuth2ClientSecret={};OAuth2TrustStore={};",
        believing(&server),
        issuer.url(),
        issuer::PROGRAM.0,
        issuer::PROGRAM.1,
        issuer.ca_pem_path().display(),
    );
    assert_eq!(rows(&server, &program), Ok(ROWS));
    let folder = tempfile::tempdir().unwrap();
    let list = folder.path().join("revoked.pem");
    std::fs::write(&list, issuer.revocation_list()).unwrap();
    let revoked = format!("{program}SSLRevocationList={};", list.display());
    let host = issuer.url().trim_start_matches("https://").to_owned();
    assert_names(rows(&server, &revoked), &[&host, "revoked"]);
}

#[test]
fn a_store_that_is_replaced_counts_for_the_next_connection() {
    let server = both_tls();
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("ca.pem");
    let keywords = format!(
        "SSL=1;SSLTrustStore={};StorageTrustStore={};",
        store.display(),
        server.storage_ca_pem_path().display()
    );
    let none = "-----BEGIN CERTIFICATE-----\naGVsbG8=\n-----END CERTIFICATE-----\n";
    let other = std::fs::read_to_string(server.storage_ca_pem_path()).unwrap();
    std::fs::write(&store, none).unwrap();
    let told = rows(&server, &keywords);
    assert_names(told, &["ca.pem", "SSLTrustStore", "line 1"]);
    std::fs::write(&store, format!("{none}{other}")).unwrap();
    let told = rows(&server, &keywords);
    assert_names(told, &["08001", "unknown authority", "ca.pem", "line 1"]);
    let right = std::fs::read_to_string(server.coordinator_ca_pem_path()).unwrap();
    std::fs::write(&store, format!("\u{feff}{right}{none}")).unwrap();
    assert_eq!(rows(&server, &keywords), Ok(ROWS));
    std::fs::write(&store, &other).unwrap();
    assert_names(rows(&server, &keywords), &["08001", "unknown authority"]);
}
