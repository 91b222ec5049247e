//! A connection that a pool gives to the next one is as it was when it was opened.

use std::ptr::null_mut;

use scripted_trino::{Answer, Server};
use trinoodbc::abi::*;
use trinoodbc::ffi::*;

use crate::application::*;

fn set(application: &Application, attribute: i32, value: usize) -> SqlReturn {
    let value = std::ptr::without_provenance_mut(value);
    // SAFETY: a number.
    unsafe { SQLSetConnectAttrW(application.connection, attribute, value, 0) }
}

fn get(application: &Application, attribute: i32) -> u32 {
    let mut value = 0_u32;
    let place = (&raw mut value).cast();
    // SAFETY: a place for a number of 32 bits.
    let code =
        unsafe { SQLGetConnectAttrW(application.connection, attribute, place, 4, null_mut()) };
    assert_eq!(code, SQL_SUCCESS);
    value
}

fn set_catalog(application: &Application, name: &str) {
    let name = wide(name);
    let value = name.as_ptr().cast_mut().cast();
    // SAFETY: the string ends with 0.
    let code = unsafe {
        SQLSetConnectAttrW(
            application.connection,
            SQL_ATTR_CURRENT_CATALOG,
            value,
            SQL_NTS as i32,
        )
    };
    assert_eq!(code, SQL_SUCCESS);
}

/// What the last statement told the server of the session: catalog, schema, properties, roles, prepared statements.
fn told(application: &Application) -> [String; 5] {
    let requests = application.server.requests();
    let posted = requests
        .iter()
        .rev()
        .find(|it| it.method == "POST")
        .unwrap();
    ["catalog", "schema", "session", "role", "prepared-statement"].map(|name| {
        let value = posted.header(&format!("x-trino-{name}"));
        value.unwrap_or_default().to_owned()
    })
}

/// A statement that takes a prepared one along.
const NAMES_P: &str = "EXECUTE p";

fn run(application: &Application, sql: &str) {
    assert_eq!(application.execute(sql), SQL_SUCCESS, "{sql}");
    // SAFETY: the handle is ours.
    unsafe { SQLFreeStmt(application.statement, SQL_CLOSE) };
}

#[test]
fn a_reset_brings_back_the_session_of_the_connection_string() {
    let server = Server::start();
    for (name, value) in [
        ("X-Trino-Set-Catalog", "other"),
        ("X-Trino-Set-Schema", "elsewhere"),
        ("X-Trino-Set-Session", "query_priority=7"),
        ("X-Trino-Set-Role", "c=ROLE%7Badmin%7D"),
        ("X-Trino-Added-Prepare", "p=SELECT+1"),
    ] {
        server.on(name, Answer::done("SET").header(name, value));
    }
    server.on(NAMES_P, Answer::done("EXECUTE"));
    let application = Application::connected(
        server,
        "Catalog=first;Schema=home;SessionProperties=query_priority:1;",
    );
    run(&application, NAMES_P);
    let before = told(&application);
    assert_eq!(before[0], "first");
    for change in [
        "X-Trino-Set-Catalog",
        "X-Trino-Set-Schema",
        "X-Trino-Set-Session",
        "X-Trino-Set-Role",
        "X-Trino-Added-Prepare",
    ] {
        run(&application, change);
    }
    set_catalog(&application, "third");
    run(&application, NAMES_P);
    let changed = told(&application);
    for (before, changed) in before.iter().zip(&changed) {
        assert_ne!(before, changed);
    }
    assert_eq!(
        set(
            &application,
            SQL_ATTR_RESET_CONNECTION,
            SQL_RESET_CONNECTION_YES
        ),
        SQL_SUCCESS
    );
    run(&application, NAMES_P);
    assert_eq!(told(&application), before);
}

#[test]
fn a_reset_forgets_attributes_and_closes_cursors() {
    let application = Application::start();
    for (attribute, value) in [
        (SQL_ATTR_ACCESS_MODE, 1),
        (SQL_ATTR_CONNECTION_TIMEOUT, 9),
        (SQL_ATTR_ASYNC_ENABLE, 1),
        (SQL_ATTR_METADATA_ID, 1),
    ] {
        assert_eq!(set(&application, attribute, value), SQL_SUCCESS);
        assert_eq!(get(&application, attribute), value as u32);
    }
    assert_eq!(application.execute(THREE), SQL_SUCCESS);
    assert_eq!(
        set(
            &application,
            SQL_ATTR_RESET_CONNECTION,
            SQL_RESET_CONNECTION_YES
        ),
        SQL_SUCCESS
    );
    assert_eq!(application.fetch(), SQL_ERROR);
    assert_eq!(application.state(), "HY010");
    for attribute in [
        SQL_ATTR_ACCESS_MODE,
        SQL_ATTR_CONNECTION_TIMEOUT,
        SQL_ATTR_ASYNC_ENABLE,
        SQL_ATTR_METADATA_ID,
    ] {
        assert_eq!(get(&application, attribute), 0, "{attribute}");
    }
    assert_eq!(set(&application, SQL_ATTR_RESET_CONNECTION, 2), SQL_ERROR);
    assert_eq!(state(SQL_HANDLE_DBC, application.connection), "HY024");
}

#[test]
fn a_connection_whose_statement_executes_is_not_reset() {
    let application = Application::start();
    let slow = Answer::update("INSERT", 1).runs_for(std::time::Duration::from_secs(60));
    application.server.on("INSERT slowly", slow);
    application.set(SQL_ATTR_ASYNC_ENABLE, SQL_ASYNC_ENABLE_ON);
    assert_eq!(application.execute("INSERT slowly"), SQL_STILL_EXECUTING);
    let reset = set(&application, SQL_ATTR_RESET_CONNECTION, 1);
    assert_eq!(reset, SQL_ERROR);
    assert_eq!(state(SQL_HANDLE_DBC, application.connection), "HY010");
    // SAFETY: the handle is ours.
    unsafe { SQLCancel(application.statement) };
    while application.execute("INSERT slowly") == SQL_STILL_EXECUTING {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
}
