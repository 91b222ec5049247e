//! What connecting says of a coordinator that does not answer as one: TLS on the wrong port, a gateway's pages, bodies
//! that nobody asked for, keywords that mean something else.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::ptr::null_mut;
use std::time::{Duration, Instant};

use scripted_trino::{Endpoint, Fault, Server};
use trinoodbc::abi::*;
use trinoodbc::ffi::*;

use crate::application::*;

/// SQLSTATE and message of each record that connecting leaves.
fn connect(text: &str) -> (SqlReturn, Vec<(String, String)>) {
    let environment = environment();
    let connection = allocate(SQL_HANDLE_DBC, environment);
    let code = connect_by(connection, text);
    let mut records = Vec::new();
    loop {
        let mut state = [0_u16; 6];
        let mut message = [0_u16; 2000];
        // SAFETY: the buffers have the stated sizes.
        let read = unsafe {
            SQLGetDiagRecW(
                SQL_HANDLE_DBC,
                connection,
                records.len() as i16 + 1,
                state.as_mut_ptr().cast(),
                null_mut(),
                message.as_mut_ptr().cast(),
                2000,
                null_mut(),
            )
        };
        if read != SQL_SUCCESS {
            break;
        }
        let text = |units: &[u16]| {
            let end = units.iter().position(|unit| *unit == 0).unwrap();
            String::from_utf16(&units[..end]).unwrap()
        };
        records.push((text(&state), text(&message)));
    }
    // SAFETY: the handles are ours and freed once.
    unsafe {
        SQLDisconnect(connection);
        SQLFreeHandle(SQL_HANDLE_DBC, connection);
        SQLFreeHandle(SQL_HANDLE_ENV, environment);
    }
    (code, records)
}

/// The only record of a connection to that port that fails, and how long that took.
fn failure(port: u16, keywords: &str) -> (String, String, Duration) {
    let started = Instant::now();
    let (code, records) = connect(&format!("Host=127.0.0.1;Port={port};UID=ann;{keywords}"));
    assert_eq!(code, SQL_ERROR, "{records:?}");
    let (state, message) = records.into_iter().next().unwrap();
    (state, message, started.elapsed())
}

/// Answers every connection with these bytes, after it has read something.
fn listener(answer: &'static [u8]) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut bytes = [0; 4096];
            let _ = stream.read(&mut bytes);
            let _ = stream.write_all(answer);
        }
    });
    port
}

#[test]
fn a_port_that_speaks_tls_is_known_at_once() {
    let server = Server::builder().coordinator_tls(true).start();
    for keywords in ["SSL=false", "SSL=false;SSLVerification=None"] {
        let (state, message, time) = failure(server.port(), keywords);
        assert_eq!(state, "08001");
        assert!(message.contains("SSL=true"), "{message}");
        assert!(time < Duration::from_secs(2), "{time:?}");
    }
}

#[test]
fn a_port_without_tls_is_known_at_once() {
    let server = Server::start();
    let silent = listener(b"");
    for port in [server.port(), listener(b"HTTP/1.1 400 Bad Request\r\n\r\n")] {
        let (state, message, time) = failure(port, "SSL=true");
        assert_eq!(state, "08001");
        assert!(message.contains("SSL=false"), "{message}");
        assert!(time < Duration::from_secs(2), "{time:?}");
    }
    let (_, message, _) = failure(silent, "SSL=true");
    assert!(!message.contains("SSL=false"), "nobody knows: {message}");
}

#[test]
fn a_gateway_that_takes_no_head_does_not_keep_from_connecting() {
    for status in [302, 400, 403, 404, 405, 500, 501] {
        let server = Server::start();
        let portal = [("Location".to_owned(), "https://portal.example/".to_owned())];
        let refusal = Fault::Respond(status, portal.to_vec(), String::new());
        server.fault(Endpoint::Validate, refusal);
        let (code, records) = connect(&format!("Host=127.0.0.1;Port={};UID=u", server.port()));
        assert_eq!((code, records), (SQL_SUCCESS, vec![]), "{status}");
    }
}

#[test]
fn validate_connection_is_named_where_only_the_probe_may_be_refused() {
    for fault in [Fault::Status(403), Fault::Status(501)] {
        let server = Server::start();
        server.fault(Endpoint::Validate, fault.clone());
        server.fault(Endpoint::Info, Fault::Refuse);
        let (_, message, _) = failure(server.port(), "");
        assert!(message.contains("ValidateConnection=false"), "{message}");
        let text = format!(
            "Host=127.0.0.1;Port={};UID=u;ValidateConnection=0",
            server.port()
        );
        assert_eq!(connect(&text).0, SQL_SUCCESS);
    }
}

#[test]
fn a_portal_that_redirects_everything_is_named_when_connecting() {
    let server = Server::start();
    let portal = [(
        "Location".to_owned(),
        "https://portal.example/in?s=secret".to_owned(),
    )];
    for endpoint in [Endpoint::Validate, Endpoint::Info] {
        server.fault(
            endpoint,
            Fault::Respond(302, portal.to_vec(), String::new()),
        );
    }
    let (_, message, _) = failure(server.port(), "");
    assert!(message.contains("https://portal.example:443"), "{message}");
    assert!(!message.contains("secret"), "{message}");
}

#[test]
fn keywords_that_are_not_known_are_named_when_connecting_fails() {
    let (code, records) = connect("Host=127.0.0.1;UserID=ann;Colour=red");
    assert_eq!(code, SQL_ERROR);
    let [(state, error)] = records.as_slice() else {
        panic!("{records:?}");
    };
    assert_eq!(state, "28000");
    assert!(
        error.contains("UserID") && error.contains("did you mean UID?"),
        "{error}"
    );
    assert!(error.contains("Colour"), "{error}");
    // Also when it is the server that refuses.
    let server = Server::builder()
        .coordinator_tls(true)
        .password("ann", "secret")
        .start();
    let (_, records) = connect(&format!(
        "Host=127.0.0.1;Port={};SSL=1;SSLVerification=None;UID=ann;Passwort=secret",
        server.port()
    ));
    let [(state, error)] = records.as_slice() else {
        panic!("{records:?}");
    };
    assert_eq!(state, "28000");
    assert!(
        error.ends_with("Passwort is not a known keyword; did you mean PWD?"),
        "{error}"
    );
}

#[test]
fn a_value_that_becomes_another_is_a_warning() {
    let server = Server::start();
    let (code, records) = connect(&format!(
        "Host=127.0.0.1;Port={};UID=u;Min_TLS=1.0;ParallelDownloads=500;LoginTimeout=0",
        server.port()
    ));
    assert_eq!(code, SQL_SUCCESS_WITH_INFO);
    let states: Vec<_> = records.iter().map(|(state, _)| state.as_str()).collect();
    assert_eq!(states, ["01S02", "01S02"], "{records:?}");
}
