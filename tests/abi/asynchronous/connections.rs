//! Connecting, disconnecting, and what else a connection does.

use std::ptr::null_mut;
use std::time::Duration;

use scripted_trino::{Answer, Endpoint, Fault, Server};
use trinoodbc::abi::*;
use trinoodbc::ffi::*;

use super::*;

/// An asynchronous connection that is not made yet, and its environment.
fn connection() -> (Handle, Handle) {
    let environment = environment();
    let connection = allocate(SQL_HANDLE_DBC, environment);
    assert_eq!(enable(connection), SQL_SUCCESS);
    (environment, connection)
}

fn enable(connection: Handle) -> SqlReturn {
    let on = std::ptr::without_provenance_mut(SQL_ASYNC_DBC_ENABLE_ON);
    // SAFETY: a number.
    unsafe { SQLSetConnectAttrW(connection, SQL_ATTR_ASYNC_DBC_FUNCTIONS_ENABLE, on, 0) }
}

fn free(environment: Handle, connection: Handle) {
    // SAFETY: freed once.
    unsafe {
        assert_eq!(SQLFreeHandle(SQL_HANDLE_DBC, connection), SQL_SUCCESS);
        assert_eq!(SQLFreeHandle(SQL_HANDLE_ENV, environment), SQL_SUCCESS);
    }
}

fn disconnect(connection: Handle) -> SqlReturn {
    // SAFETY: the handle is ours.
    unsafe { SQLDisconnect(connection) }
}

/// A server that is asked before a connection is made, and does not answer for that time.
fn silent(time: Duration) -> Server {
    let server = Server::start();
    server.fault(Endpoint::Validate, Fault::FirstByteDelay(time));
    server
}

#[test]
fn a_connection_is_made_and_ended() {
    let server = silent(Duration::from_millis(300));
    let (environment, connection) = connection();
    let text = format!("Host=127.0.0.1;Port={};User=tester", server.port());
    let text = wide(&text);
    let connect = |out: *mut u16, capacity, length: *mut i16| {
        let (text, n) = (text.as_ptr(), null_mut());
        // SAFETY: the string ends with 0, the buffer is as long as said.
        unsafe { SQLDriverConnectW(connection, n, text, -3, out, capacity, length, 0) }
    };
    // Driver Managers free their own buffers after the call.
    let mut gone = vec![0_u16; 200];
    let first = connect(gone.as_mut_ptr(), 200, null_mut());
    assert_eq!(first, SQL_STILL_EXECUTING);
    drop(gone);
    let mut out = [0_u16; 15];
    let mut length = 0;
    let (place, number) = (out.as_mut_ptr(), &raw mut length);
    let (code, times) = poll(|| connect(place, 15, number));
    assert_eq!(code, SQL_SUCCESS_WITH_INFO);
    assert_eq!(state(SQL_HANDLE_DBC, connection), "01004");
    assert!(times > 3, "{times}");
    assert_eq!(String::from_utf16_lossy(&out), "Host=127.0.0.1\0");
    assert!(length > 30, "{length}");
    let statement = allocate(SQL_HANDLE_STMT, connection);
    server.on(THREE, Answer::generated(&["bigint"], 3, 1));
    // Statements are asynchronous by their own attribute.
    assert_eq!(execute(statement, THREE), SQL_SUCCESS);
    assert_eq!(answer(|| disconnect(connection)), SQL_SUCCESS);
    // SAFETY: it went with the connection.
    assert_eq!(unsafe { SQLFetch(statement) }, SQL_INVALID_HANDLE);
    free(environment, connection);
}

#[test]
fn a_connection_that_is_being_made_is_left_alone() {
    let server = silent(Duration::from_secs(60));
    let (environment, connection) = connection();
    let connect = || connect_with(connection, server.port(), "ValidateConnection=1");
    assert_eq!(connect(), SQL_STILL_EXECUTING);
    // SAFETY: the handles are ours, the places may be null.
    let refused = unsafe {
        [
            disconnect(connection),
            enable(connection),
            try_allocate(SQL_HANDLE_STMT, connection).0,
            SQLFreeHandle(SQL_HANDLE_DBC, connection),
            SQLFreeHandle(SQL_HANDLE_ENV, environment),
            SQLGetInfoW(connection, SQL_DRIVER_ODBC_VER, null_mut(), 0, null_mut()),
            SQLEndTran(SQL_HANDLE_DBC, connection, SQL_COMMIT),
        ]
    };
    assert_eq!(refused, [SQL_ERROR; 7]);
    assert_eq!(state(SQL_HANDLE_DBC, connection), "HY010");
    assert_eq!(connect(), SQL_STILL_EXECUTING);
    assert_eq!(state(SQL_HANDLE_DBC, connection), "");
    // SAFETY: the handle is ours.
    let cancelled = unsafe { SQLCancelHandle(SQL_HANDLE_DBC, connection) };
    assert_eq!(cancelled, SQL_SUCCESS);
    assert_eq!(answer(connect), SQL_ERROR);
    assert_eq!(state(SQL_HANDLE_DBC, connection), "HY008");
    free(environment, connection);
}

#[test]
fn the_login_timeout_holds() {
    let server = silent(Duration::from_secs(60));
    let (environment, connection) = connection();
    let one = std::ptr::without_provenance_mut(1);
    // SAFETY: a number.
    unsafe { SQLSetConnectAttrW(connection, SQL_ATTR_LOGIN_TIMEOUT, one, 0) };
    let connect = || connect_with(connection, server.port(), "ValidateConnection=1");
    assert_eq!(answer(connect), SQL_ERROR);
    assert_eq!(state(SQL_HANDLE_DBC, connection), "HYT00");
    free(environment, connection);
}

#[test]
fn what_is_wrong_from_the_start_fails_at_once() {
    let (environment, connection) = connection();
    assert_eq!(connect_with(connection, 1, "SSL=maybe"), SQL_ERROR);
    let name = wide("no such data source");
    let n = std::ptr::null();
    // SAFETY: the string ends with 0.
    let code = unsafe { SQLConnectW(connection, name.as_ptr(), SQL_NTS as i16, n, 0, n, 0) };
    assert_eq!(code, SQL_ERROR);
    assert_eq!(state(SQL_HANDLE_DBC, connection), "IM002");
    free(environment, connection);
}

#[test]
fn a_connection_is_browsed_for() {
    let server = Server::start();
    let (environment, connection) = connection();
    let browse = |text: &str| {
        let text = wide(text);
        let n = null_mut();
        // SAFETY: the string ends with 0.
        unsafe { SQLBrowseConnectW(connection, text.as_ptr(), SQL_NTS as i16, n, 0, null_mut()) }
    };
    assert_eq!(answer(|| browse("SSL=0")), SQL_NEED_DATA);
    let rest = format!(
        "Host=127.0.0.1;Port={};UID=u;ValidateConnection=0",
        server.port()
    );
    assert_eq!(answer(|| browse(&rest)), SQL_SUCCESS);
    assert_eq!(answer(|| disconnect(connection)), SQL_SUCCESS);
    free(environment, connection);
}

#[test]
fn a_slow_goodbye_goes_on() {
    let server = Server::start();
    server.on(
        ENDLESS,
        Answer::generated(&["bigint"], 100, 1)
            .rows_per_page(1)
            .page_delay(Duration::from_millis(50))
            .fault(
                Endpoint::Cancel,
                Fault::FirstByteDelay(Duration::from_millis(400)),
            ),
    );
    let (environment, connection) = connection();
    assert_eq!(answer(|| connect(connection, &server)), SQL_SUCCESS);
    let statement = allocate(SQL_HANDLE_STMT, connection);
    assert_eq!(execute(statement, ENDLESS), SQL_SUCCESS);
    let (code, times) = poll(|| disconnect(connection));
    assert_eq!(code, SQL_SUCCESS);
    assert!(times > 3, "{times}");
    free(environment, connection);
}
