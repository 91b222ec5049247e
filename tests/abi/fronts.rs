//! What stands in front of a coordinator: balancers with cookies, gateways with their own headers, redirects.

use std::time::Duration;

use scripted_trino::{Answer, Endpoint, Fault, Party, Recorded, Retrieval, Server, columns};
use serde_json::json;
use trinoodbc::abi::*;
use trinoodbc::ffi::*;

use crate::application::*;

/// Some segments inside of pages, then spooled ones.
const QUERY: &str = "SELECT * FROM sequence 6000";

const HEADERS: &str = "ExtraHeaders={X-Api-Key:k;X-Team:data};RoutingGroup=etl;";

fn reads_all(application: &Application) {
    assert_eq!(application.execute(QUERY), SQL_SUCCESS);
    let (numbers, end) = application.numbers();
    assert_eq!((numbers, end), ((0..6000).collect(), SQL_NO_DATA));
    application.close_cursor();
}

/// The same, until the server knows of each of the four spooled segments that it was read.
fn reads_and_acknowledges_all(application: &Application) {
    let before = application.server.acknowledged().len();
    reads_all(application);
    let are_acknowledged = |server: &Server| server.acknowledged().len() == before + 4;
    let server = &application.server;
    assert!(server.wait_until(Duration::from_secs(5), are_acknowledged));
}

fn at_coordinator(server: &Server) -> Vec<Recorded> {
    let mut requests = server.requests();
    requests.retain(|request| request.party == Party::Coordinator);
    requests
}

#[test]
fn a_query_stays_on_the_coordinator_that_a_cookie_names() {
    for retrieval in [
        Retrieval::Storage,
        Retrieval::CoordinatorRedirect,
        Retrieval::CoordinatorProxy,
    ] {
        let server = Server::builder().retrieval(retrieval).sticky(true).start();
        let application = Application::with(server);
        reads_all(&application);
        reads_all(&application);
        let server = &application.server;
        let requests = at_coordinator(server);
        let (first, rest) = requests.split_first().unwrap();
        assert_eq!(first.header("cookie"), None);
        for request in rest {
            assert_eq!(request.header("cookie"), Some("NODE=a1b2"), "{request:?}");
        }
        // Four of the segments of each result are spooled.
        let all_acknowledged = |server: &Server| server.acknowledged().len() == 8;
        assert!(server.wait_until(Duration::from_secs(5), all_acknowledged));
        assert!(server.leaks().is_empty());
    }
}

#[test]
fn without_cookies_a_balancer_loses_the_query() {
    let server = Server::builder().sticky(true).start();
    let application = Application::connected(server, "Cookies=false");
    assert_eq!(application.execute(QUERY), SQL_ERROR);
    assert!(application.message().contains("Query not found"));
}

#[test]
fn each_connection_has_cookies_of_its_own() {
    let application = Application::with(Server::builder().sticky(true).start());
    reads_and_acknowledges_all(&application);
    application.server.forget_requests();
    let connection = allocate(SQL_HANDLE_DBC, application.environment);
    assert_eq!(connect(connection, &application.server), SQL_SUCCESS);
    let statement = allocate(SQL_HANDLE_STMT, connection);
    assert_eq!(execute(statement, QUERY), SQL_SUCCESS);
    let requests = at_coordinator(&application.server);
    assert_eq!(requests[0].header("cookie"), None);
    // SAFETY: the handles are ours and freed once.
    unsafe {
        SQLFreeHandle(SQL_HANDLE_STMT, statement);
        SQLDisconnect(connection);
        SQLFreeHandle(SQL_HANDLE_DBC, connection);
    }
}

#[test]
fn headers_for_a_gateway_go_with_every_request_to_the_coordinator_and_never_to_storage() {
    for retrieval in [
        Retrieval::Storage,
        Retrieval::CoordinatorRedirect,
        Retrieval::CoordinatorProxy,
    ] {
        let server = Server::builder().retrieval(retrieval).start();
        let application = Application::connected(server, HEADERS);
        reads_all(&application);
        let server = &application.server;
        assert!(server.wait_until(Duration::from_secs(5), |server| {
            server.acknowledged().len() >= 2
        }));
        for request in at_coordinator(server) {
            let headers = [
                "x-api-key",
                "x-team",
                "x-trino-routing-group",
                "x-trino-user",
            ];
            let sent = headers.map(|name| request.header(name));
            let expected = ["k", "data", "etl", "tester"].map(Some);
            assert_eq!(sent, expected, "{} {}", request.method, request.path);
        }
        for request in server.storage_requests() {
            for name in ["x-api-key", "x-team", "cookie"] {
                assert_eq!(request.header(name), None, "{}", request.path);
            }
        }
        assert!(server.leaks().is_empty());
    }
}

#[test]
fn a_redirect_within_the_host_is_followed_with_method_and_body() {
    for status in [301, 302, 307, 308] {
        let application = Application::start();
        let to = format!("{}/v1/statement?moved=1", application.server.url());
        let fault = Fault::Respond(status, vec![("Location".to_owned(), to)], String::new());
        application.server.fault(Endpoint::Submit, fault.times(1));
        reads_all(&application);
        let posts: Vec<_> = at_coordinator(&application.server)
            .into_iter()
            .filter(|request| request.method == "POST")
            .map(|request| (request.path, request.body))
            .collect();
        let expected = ["/v1/statement", "/v1/statement?moved=1"];
        let expected = expected.map(|path| (path.to_owned(), QUERY.to_owned()));
        assert_eq!(posts, expected, "{status}");
    }
}

#[test]
fn a_redirect_to_another_host_is_an_error_that_names_it() {
    let application = Application::start();
    let to = "https://login.example/sso?ticket=secret".to_owned();
    let fault = Fault::Respond(302, vec![("Location".to_owned(), to)], String::new());
    application.server.fault(Endpoint::Submit, fault);
    assert_eq!(application.execute(QUERY), SQL_ERROR);
    let message = application.message();
    assert!(message.contains("https://login.example:443"), "{message}");
    assert!(message.contains("Host"), "{message}");
    assert!(!message.contains("secret"), "{message}");
}

#[test]
fn redirects_in_a_circle_end() {
    let application = Application::start();
    for path in ["a", "b"] {
        let to = format!("{}/v1/statement?{path}", application.server.url());
        let fault = Fault::Respond(307, vec![("Location".to_owned(), to)], String::new());
        application.server.fault(Endpoint::Submit, fault.times(20));
    }
    assert_eq!(application.execute(QUERY), SQL_ERROR);
    assert!(application.message().contains("redirects"));
    assert!(at_coordinator(&application.server).len() < 10);
}

#[test]
fn pages_named_without_tls_or_at_a_host_that_does_not_exist_are_requested_at_the_coordinator() {
    let server = Server::start();
    let rows = (0..3).map(|n| vec![json!(n)]).collect();
    let answer = Answer::rows(columns![("n", "bigint")], rows).direct();
    server.on(
        "SELECT behind a proxy",
        answer.edit_page(0, |page| {
            let next = page["nextUri"].as_str().unwrap();
            let (_, path) = next.split_once("/v1/").unwrap();
            page["nextUri"] = json!(format!("http://no-such-host.invalid:8080/v1/{path}"));
        }),
    );
    let application = Application::with(server);
    let reads = |code| {
        assert_eq!(application.execute("SELECT behind a proxy"), code);
        let message = (code == SQL_SUCCESS_WITH_INFO).then(|| application.message());
        let (numbers, end) = application.numbers();
        assert_eq!((numbers, end), ((0..3).collect(), SQL_NO_DATA));
        application.close_cursor();
        message
    };
    // The next statement after the driver has noticed warns, once.
    reads(SQL_SUCCESS);
    let message = reads(SQL_SUCCESS_WITH_INFO).unwrap();
    assert!(message.contains("process-forwarded"), "{message}");
    assert!(message.contains("no-such-host.invalid:8080"), "{message}");
    reads(SQL_SUCCESS);
}

fn set_group(connection: Handle, group: &str) -> SqlReturn {
    let group = wide(group);
    let value = group.as_ptr().cast_mut().cast();
    // SAFETY: the string ends with 0.
    unsafe {
        SQLSetConnectAttrW(
            connection,
            SQL_ATTR_TRINO_ROUTING_GROUP,
            value,
            SQL_NTS as i32,
        )
    }
}

/// The routing group in a buffer of N characters, with the length in bytes.
fn read_group<const N: usize>(connection: Handle) -> (SqlReturn, [u16; N], i32) {
    let (mut text, mut length) = ([0_u16; N], 0);
    let place = text.as_mut_ptr().cast();
    let capacity = size_of_val(&text) as i32;
    // SAFETY: the buffer has the stated size, in bytes.
    let code = unsafe {
        SQLGetConnectAttrW(
            connection,
            SQL_ATTR_TRINO_ROUTING_GROUP,
            place,
            capacity,
            &mut length,
        )
    };
    (code, text, length)
}

fn group_of(connection: Handle) -> String {
    let (code, text, length) = read_group::<32>(connection);
    assert_eq!(code, SQL_SUCCESS);
    String::from_utf16(&text[..length as usize / 2]).unwrap()
}

/// The groups that the requests of a statement name.
fn groups_sent(application: &Application) -> Vec<Option<String>> {
    application.server.forget_requests();
    reads_and_acknowledges_all(application);
    let requests = at_coordinator(&application.server);
    let groups = requests
        .iter()
        .map(|it| it.header("x-trino-routing-group").map(str::to_owned));
    let mut groups: Vec<_> = groups.collect();
    groups.dedup();
    groups
}

#[test]
fn an_attribute_changes_the_routing_group_of_an_open_connection() {
    for keywords in [
        "RoutingGroup=adhoc",
        "ExtraHeaders={X-Trino-Routing-Group:adhoc}",
    ] {
        let application = Application::connected(Server::start(), keywords);
        let connection = application.connection;
        let sent = |group: Option<&str>| [group.map(str::to_owned)];
        assert_eq!(group_of(connection), "adhoc");
        assert_eq!(groups_sent(&application), sent(Some("adhoc")));
        assert_eq!(set_group(connection, "etl"), SQL_SUCCESS);
        assert_eq!(group_of(connection), "etl");
        assert_eq!(groups_sent(&application), sent(Some("etl")));
        assert_eq!(set_group(connection, ""), SQL_SUCCESS);
        assert_eq!(group_of(connection), "");
        assert_eq!(groups_sent(&application), sent(None));
        let yes = std::ptr::without_provenance_mut(SQL_RESET_CONNECTION_YES);
        // SAFETY: a number.
        let reset = unsafe { SQLSetConnectAttrW(connection, SQL_ATTR_RESET_CONNECTION, yes, 0) };
        assert_eq!(reset, SQL_SUCCESS);
        assert_eq!(group_of(connection), "adhoc");
        assert_eq!(groups_sent(&application), sent(Some("adhoc")));
    }
}

#[test]
fn a_routing_group_set_before_connecting_goes_with_the_first_request() {
    let server = Server::start();
    let environment = environment();
    let connection = allocate(SQL_HANDLE_DBC, environment);
    assert_eq!(set_group(connection, "etl"), SQL_SUCCESS);
    assert_eq!(group_of(connection), "etl");
    let keywords = "RoutingGroup=adhoc;ValidateConnection=1";
    assert_eq!(
        connect_with(connection, server.port(), keywords),
        SQL_SUCCESS
    );
    let requests = at_coordinator(&server);
    assert!(requests.iter().any(|request| request.method == "HEAD"));
    for request in requests {
        assert_eq!(
            request.header("x-trino-routing-group"),
            Some("etl"),
            "{request:?}"
        );
    }
    // SAFETY: the handles are ours and freed once.
    unsafe {
        SQLDisconnect(connection);
        SQLFreeHandle(SQL_HANDLE_DBC, connection);
        SQLFreeHandle(SQL_HANDLE_ENV, environment);
    }
}

#[test]
fn a_routing_group_that_no_header_carries_is_refused_and_the_old_one_stays() {
    let application = Application::connected(Server::start(), "RoutingGroup=adhoc");
    let connection = application.connection;
    for group in ["a\nb", "名"] {
        assert_eq!(set_group(connection, group), SQL_ERROR);
        assert_eq!(state(SQL_HANDLE_DBC, connection), "HY024");
        assert_eq!(group_of(connection), "adhoc");
    }
    let (code, text, length) = read_group::<3>(connection);
    assert_eq!((code, length), (SQL_SUCCESS_WITH_INFO, 10));
    assert_eq!(text, [u16::from(b'a'), u16::from(b'd'), 0]);
}

#[cfg(not(windows))]
#[test]
fn the_routing_group_is_narrow_text_too() {
    let application = Application::start();
    let connection = application.connection;
    let (mut text, mut length) = ([0_u8; 8], 0);
    // SAFETY: the string and the buffer are as long as said.
    unsafe {
        let value = c"caf\u{e9}".as_ptr().cast_mut().cast();
        let code = SQLSetConnectAttr(connection, SQL_ATTR_TRINO_ROUTING_GROUP, value, 5);
        assert_eq!(code, SQL_SUCCESS);
        let place = text.as_mut_ptr().cast();
        let code = SQLGetConnectAttr(
            connection,
            SQL_ATTR_TRINO_ROUTING_GROUP,
            place,
            8,
            &mut length,
        );
        assert_eq!(code, SQL_SUCCESS);
        let none = SQLGetConnectAttr(
            connection,
            SQL_ATTR_TRINO_ROUTING_GROUP,
            std::ptr::null_mut(),
            0,
            &mut length,
        );
        assert_eq!(none, SQL_SUCCESS);
    }
    assert_eq!((length, &text[..5]), (5, "café".as_bytes()));
    assert_eq!(group_of(connection), "café");
}
