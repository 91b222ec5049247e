//! SQLBrowseConnect, asked until it knows enough.

use scripted_trino::Server;
use trinoodbc::abi::*;
use trinoodbc::ffi::*;

use crate::application::*;

/// Code and text of one call, with room for `capacity` characters.
fn browse(connection: Handle, text: &str, capacity: usize) -> (SqlReturn, String, usize) {
    let text = wide(text);
    let mut out = vec![0_u16; capacity];
    let mut length = 0_i16;
    // SAFETY: the string ends with 0, and the buffer has the stated size.
    let code = unsafe {
        SQLBrowseConnectW(
            connection,
            text.as_ptr(),
            SQL_NTS as i16,
            out.as_mut_ptr(),
            capacity as i16,
            &mut length,
        )
    };
    let end = out.iter().position(|unit| *unit == 0).unwrap_or(0);
    let text = String::from_utf16(&out[..end]).unwrap();
    (code, text, usize::try_from(length).unwrap())
}

#[test]
fn what_is_missing_is_asked_for_until_there_is_a_connection() {
    let server = Server::start();
    let environment = environment();
    let connection = allocate(SQL_HANDLE_DBC, environment);
    let (code, request, length) = browse(connection, "ValidateConnection=0", 300);
    assert_eq!((code, length), (SQL_NEED_DATA, request.len()));
    assert!(
        request.starts_with("HOST:Host=?;*PORT:Port=?;"),
        "{request}"
    );

    let (code, request, _) = browse(connection, "HOST=127.0.0.1", 300);
    assert_eq!(code, SQL_NEED_DATA);
    assert!(request.contains(";UID:User=?;*PWD"), "{request}");
    assert!(!request.contains("HOST"), "{request}");

    let port = server.port();
    let (code, completed, _) = browse(connection, &format!("UID=ann;PORT={port}"), 300);
    assert_eq!(code, SQL_SUCCESS);
    assert_eq!(
        completed,
        format!("ValidateConnection=0;HOST=127.0.0.1;UID=ann;PORT={port};")
    );
    let statement = allocate(SQL_HANDLE_STMT, connection);
    assert_eq!(execute(statement, "SELECT 1"), SQL_SUCCESS);
    // SAFETY: each handle is freed once.
    unsafe {
        assert_eq!(SQLDisconnect(connection), SQL_SUCCESS);
        SQLFreeHandle(SQL_HANDLE_DBC, connection);
        SQLFreeHandle(SQL_HANDLE_ENV, environment);
    }
}

#[test]
fn a_request_that_does_not_fit_is_cut_and_one_that_is_given_up_is_forgotten() {
    let environment = environment();
    let connection = allocate(SQL_HANDLE_DBC, environment);
    let (code, request, length) = browse(connection, "UID=ann", 10);
    assert_eq!((code, request.as_str()), (SQL_NEED_DATA, "HOST:Host"));
    assert!(length > 40);
    assert_eq!(state(SQL_HANDLE_DBC, connection), "01004");
    // SAFETY: the handle is ours.
    assert_eq!(unsafe { SQLDisconnect(connection) }, SQL_SUCCESS);
    let (code, request, _) = browse(connection, "PORT=8080", 300);
    assert_eq!(code, SQL_NEED_DATA);
    assert!(request.contains("UID"), "{request}");
    // SAFETY: each handle is freed once.
    unsafe {
        assert_eq!(SQLDisconnect(connection), SQL_SUCCESS);
        SQLFreeHandle(SQL_HANDLE_DBC, connection);
        SQLFreeHandle(SQL_HANDLE_ENV, environment);
    }
}
