//! Portals, login pages and proxies that answer in the coordinator's place: each is named by the title of its page,
//! wherever it comes between.

use std::time::{Duration, Instant};

use scripted_trino::{Retrieval, Server};
use trinoodbc::abi::*;

use crate::application::*;
use crate::front::{Does, Front, page};

const QUERY: &str = "SELECT * FROM sequence 6000";

/// What stands in the way, by status, and a word of what the message advises.
const ANSWERS: [(&str, &str); 6] = [
    ("200 OK", ""),
    ("401 Unauthorized", ""),
    ("403 Forbidden", ""),
    ("407 Proxy Authentication Required", "HTTPProxyUser"),
    (
        "511 Network Authentication Required",
        "sign in with a browser",
    ),
    ("451 Unavailable", ""),
];

const TITLE: &str = "Guest Wi-Fi: accept the terms";

/// A front that answers with `status` and a page where a request's line begins with one of `prefixes`.
fn portal(port: u16, status: &'static str, prefixes: &'static [&'static str]) -> Front {
    Front::new(port, move |request| {
        let is_met = prefixes
            .iter()
            .any(|prefix| request.head.starts_with(prefix));
        match is_met {
            true if request.head.starts_with("HEAD") => Does::Answer(format!(
                "HTTP/1.1 {status}\r\nContent-Type: text/html\r\nContent-Length: 99\r\n\r\n"
            )),
            true => page(status, TITLE),
            false => Does::Pass,
        }
    })
}

#[test]
fn a_portal_is_named_by_its_title_when_connecting() {
    // A refusal of credentials ends the connection by its status: HEAD brings no page.
    let named = ANSWERS
        .into_iter()
        .filter(|(status, _)| !status.starts_with("401"));
    for (status, advice) in named {
        let server = Server::start();
        let front = portal(server.port(), status, &["HEAD", "GET", "POST"]);
        let environment = environment();
        let connection = allocate(SQL_HANDLE_DBC, environment);
        let started = Instant::now();
        let code = connect_with(connection, front.port, "ValidateConnection=1");
        assert!(started.elapsed() < Duration::from_secs(3), "{status}");
        let is_refused_later = code == SQL_SUCCESS;
        let (kind, handle) = match is_refused_later {
            true => {
                let statement = allocate(SQL_HANDLE_STMT, connection);
                assert_eq!(execute(statement, QUERY), SQL_ERROR, "{status}");
                (SQL_HANDLE_STMT, statement)
            }
            false => (SQL_HANDLE_DBC, connection),
        };
        let message = message(kind, handle);
        assert!(message.contains(TITLE), "{status}: {message}");
        assert!(message.contains(advice), "{status}: {message}");
        // A page that is given with success must not pass for a coordinator.
        assert!(!(status.starts_with("200") && is_refused_later));
        // SAFETY: the handles are ours and freed once.
        unsafe {
            trinoodbc::ffi::SQLDisconnect(connection);
            trinoodbc::ffi::SQLFreeHandle(SQL_HANDLE_DBC, connection);
            trinoodbc::ffi::SQLFreeHandle(SQL_HANDLE_ENV, environment);
        }
    }
}

#[test]
fn a_portal_is_named_by_its_title_wherever_it_comes_between() {
    for (status, advice) in ANSWERS {
        for prefix in [
            &["POST"][..],
            &["GET /v1/statement/queued"],
            &["GET /v1/statement/executing"],
            &["GET /v1/spooled/download"],
        ] {
            let server = Server::builder()
                .retrieval(Retrieval::CoordinatorProxy)
                .start();
            let front = portal(server.port(), status, prefix);
            let keywords = "SpoolingFallback=false";
            let application = Application::behind(server, front.port, keywords);
            let mut code = application.execute(QUERY);
            if code == SQL_SUCCESS {
                code = application.numbers().1;
            }
            assert_eq!(code, SQL_ERROR, "{status} {prefix:?}");
            let message = application.message();
            assert!(message.contains(TITLE), "{status} {prefix:?}: {message}");
            let is_segment = prefix[0].contains("spooled");
            assert!(
                is_segment || message.contains(advice),
                "{status} {prefix:?}: {message}"
            );
        }
    }
}

#[test]
fn a_login_page_of_the_same_host_is_named_by_its_title() {
    for status in ["301 Moved", "302 Found", "307 Temporary", "308 Permanent"] {
        let server = Server::start();
        let front = Front::new(server.port(), move |request| {
            if request.head.split(' ').nth(1) == Some("/login") {
                return page("200 OK", TITLE);
            }
            Does::Answer(format!(
                "HTTP/1.1 {status}\r\nLocation: /login\r\nContent-Length: 0\r\n\r\n"
            ))
        });
        let application = Application::behind(server, front.port, "");
        assert_eq!(application.execute(QUERY), SQL_ERROR);
        let message = application.message();
        assert!(message.contains(TITLE), "{status}: {message}");
    }
}
