//! Text beyond ASCII on its way to the server and back: header values and Basic credentials are ISO-8859-1.

use scripted_trino::{Answer, Server, latin1};
use trinoodbc::abi::*;
use trinoodbc::ffi::*;

use crate::application::*;

/// The values of a header of the latest statement, as Trino reads them.
fn all_told(application: &Application, name: &str) -> Vec<String> {
    let requests = application.server.requests();
    let post = requests.iter().rfind(|request| request.method == "POST");
    let values = post.unwrap().headers.get_all(name);
    values
        .iter()
        .map(|value| latin1::decode(value.as_bytes()))
        .collect()
}

fn assert_told(application: &Application, expected: &[(&str, &str)]) {
    for (name, value) in expected {
        assert_eq!(all_told(application, name), [*value], "{name}");
    }
}

fn set_catalog(connection: Handle, name: &str) -> SqlReturn {
    let name = wide(name);
    let value = name.as_ptr().cast_mut().cast();
    // SAFETY: the string ends with 0.
    unsafe { SQLSetConnectAttrW(connection, SQL_ATTR_CURRENT_CATALOG, value, SQL_NTS as i32) }
}

#[test]
fn names_of_a_connection_arrive_as_they_were_given() {
    let keywords = "User=jürgen;SessionUser=änne;Catalog=bücher;Schema=größe;Path=café.ß;TraceToken=¡tÿ;Source=Öl €;\
                    ClientInfo=Łódź;ClientTags={ü,名};Roles={café:名};SessionProperties={café.x:名};\
                    ExtraHeaders={X-Team:Köln};ExtraCredentials={é:名}";
    let application = Application::connected(Server::start(), keywords);
    assert_eq!(application.execute("SELECT 1"), SQL_SUCCESS);
    assert_told(
        &application,
        &[
            ("x-trino-user", "änne"),
            ("x-trino-original-user", "änne"),
            ("x-trino-catalog", "bücher"),
            ("x-trino-schema", "größe"),
            ("x-trino-path", "café.ß"),
            ("x-trino-trace-token", "¡tÿ"),
            ("x-trino-source", "Öl ?"),
            ("x-trino-client-info", "?ód?"),
            ("x-trino-client-tags", "ü,?"),
            ("x-trino-role", "café=ROLE%7B%E5%90%8D%7D"),
            ("x-trino-session", "café.x=%E5%90%8D"),
            ("x-trino-extra-credential", "é=%E5%90%8D"),
            ("x-team", "Köln"),
        ],
    );
}

#[test]
fn user_and_password_are_let_in() {
    let server = Server::builder()
        .coordinator_tls(true)
        .password("jürgen", "söcret ß")
        .start();
    let ca = server.coordinator_ca_pem_path().display().to_string();
    let keywords =
        format!("User=jürgen;PWD=söcret ß;SSL=1;SSLTrustStore={ca};ValidateConnection=1");
    let application = Application::connected(server, &keywords);
    assert_eq!(application.execute("SELECT 1"), SQL_SUCCESS);
    assert_told(&application, &[("x-trino-user", "jürgen")]);
}

#[test]
fn what_no_header_carries_is_refused_with_its_keyword_and_secrets_are_not_shown() {
    let server = Server::start();
    let environment = environment();
    for (keywords, name, is_shown) in [
        ("UID=Łukasz", "UID", true),
        ("User=名", "User", true),
        ("SessionUser=😀", "SessionUser", true),
        ("Catalog=名", "Catalog", true),
        ("Catalog=c;Schema=€", "Schema", true),
        ("Path=名.s", "Path", true),
        ("TraceToken=名", "TraceToken", true),
        ("TimeZone=名", "TimeZone", true),
        ("Language=名", "Language", true),
        ("Roles={名:x}", "Roles", true),
        ("SessionProperties={名.x:1}", "SessionProperties", true),
        ("PWD=hunter€;SSL=1", "PWD", false),
        ("AccessToken=hunteré;SSL=1", "AccessToken", false),
        ("ExtraHeaders={X-Key:hunter名}", "ExtraHeaders", false),
        ("ExtraCredentials={名:hunter}", "ExtraCredentials", false),
    ] {
        let connection = allocate(SQL_HANDLE_DBC, environment);
        let code = connect_with(connection, server.port(), keywords);
        assert_eq!(code, SQL_ERROR, "{keywords}");
        let message = message(SQL_HANDLE_DBC, connection);
        assert!(
            message.contains(&format!("{name} ")),
            "{keywords}: {message}"
        );
        assert_eq!(message.contains("(U+"), is_shown, "{keywords}: {message}");
        assert!(!message.contains("hunter"), "{message}");
        // SAFETY: freed once.
        unsafe { SQLFreeHandle(SQL_HANDLE_DBC, connection) };
    }
    // SAFETY: freed once.
    unsafe { SQLFreeHandle(SQL_HANDLE_ENV, environment) };
    assert!(server.requests().is_empty());
}

#[test]
fn what_the_server_sets_is_sent_back_byte_for_byte() {
    let application = Application::start();
    let answer = Answer::done("SET")
        .header("X-Trino-Set-Path", "\"größe\".\"a\u{a0}\"")
        .header("X-Trino-Set-Authorization-User", "\u{a0}jürgen\u{a0}")
        .header("X-Trino-Set-Original-Roles", "ROLE{ä+%41}")
        .header("X-Trino-Set-Role", "café=ROLE%7B%E5%90%8D%7D")
        .header("X-Trino-Set-Session", "café.x=%E5%90%8D,y=1%2C2");
    application.server.on("SET ALL", answer);
    assert_eq!(application.execute("SET ALL"), SQL_SUCCESS);
    assert_eq!(application.execute("USE \"bücher\".\"größe\""), SQL_SUCCESS);
    assert_eq!(application.execute("SELECT 1"), SQL_SUCCESS);
    assert_told(
        &application,
        &[
            ("x-trino-catalog", "bücher"),
            ("x-trino-schema", "größe"),
            ("x-trino-path", "\"größe\".\"a\u{a0}\""),
            ("x-trino-user", "\u{a0}jürgen\u{a0}"),
            ("x-trino-original-user", "tester"),
            ("x-trino-original-roles", "ROLE{ä+%41}"),
            ("x-trino-role", "café=ROLE%7B%E5%90%8D%7D"),
        ],
    );
    assert_eq!(
        all_told(&application, "x-trino-session"),
        ["café.x=%E5%90%8D", "y=1%2C2"]
    );
}

#[test]
fn a_new_name_that_the_server_cannot_tell_is_an_error_and_changes_nothing() {
    let application = Application::connected(Server::start(), "Catalog=memory;Schema=first");
    assert_eq!(application.execute("USE memory.\"名\""), SQL_ERROR);
    assert_eq!(application.state(), "HY000");
    let message = application.message();
    assert!(message.contains("ISO 8859-1"), "{message}");
    assert!(message.contains("(query "), "{message}");
    let select = |application: &Application| {
        let statement = allocate(SQL_HANDLE_STMT, application.connection);
        assert_eq!(execute(statement, "SELECT 1"), SQL_SUCCESS);
        // SAFETY: freed once.
        unsafe { SQLFreeHandle(SQL_HANDLE_STMT, statement) };
    };
    select(&application);
    assert_told(&application, &[("x-trino-schema", "first")]);
    // A comment names nothing.
    let done = Answer::done("USE").header("X-Trino-Set-Schema", "second");
    application.server.on("USE memory.second -- 名", done);
    assert_eq!(application.execute("USE memory.second -- 名"), SQL_SUCCESS);
    select(&application);
    assert_told(&application, &[("x-trino-schema", "second")]);
}

#[test]
fn the_current_catalog_is_sent_as_it_was_set() {
    let application = Application::start();
    assert_eq!(set_catalog(application.connection, "bücher"), SQL_SUCCESS);
    for name in ["名", "a\nb"] {
        assert_eq!(set_catalog(application.connection, name), SQL_ERROR);
        assert_eq!(state(SQL_HANDLE_DBC, application.connection), "HY024");
        let message = message(SQL_HANDLE_DBC, application.connection);
        assert!(message.contains("SQL_ATTR_CURRENT_CATALOG"), "{message}");
    }
    assert_eq!(application.execute("SELECT 1"), SQL_SUCCESS);
    assert_told(&application, &[("x-trino-catalog", "bücher")]);
}
