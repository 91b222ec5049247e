//! Handles to call functions on.

use std::ffi::c_void;
use std::ptr::null_mut;

use trinoodbc::abi::*;
use trinoodbc::ffi::*;

/// A connection for calls that need no server.
pub fn connection() -> *mut c_void {
    connection_to(1)
}

/// A connection to a port of this machine.
pub fn connection_to(port: u16) -> *mut c_void {
    let environment = allocate(SQL_HANDLE_ENV, null_mut());
    let version = std::ptr::without_provenance_mut(SQL_OV_ODBC3_80);
    // SAFETY: the value of this attribute is a number.
    let code = unsafe { SQLSetEnvAttr(environment, SQL_ATTR_ODBC_VERSION, version, 0) };
    assert_eq!(code, SQL_SUCCESS);
    let connection = allocate(SQL_HANDLE_DBC, environment);
    let text = format!("Host=127.0.0.1;Port={port};User=counter;ValidateConnection=0");
    let text: Vec<u16> = text.encode_utf16().chain([0]).collect();
    // SAFETY: the string ends with 0; the other pointers may be null.
    let code = unsafe {
        SQLDriverConnectW(
            connection,
            null_mut(),
            text.as_ptr().cast(),
            SQL_NTS as i16,
            null_mut(),
            0,
            null_mut(),
            SQL_DRIVER_NOPROMPT,
        )
    };
    assert_eq!(code, SQL_SUCCESS);
    connection
}

/// A statement of such a connection.
pub fn statement() -> *mut c_void {
    allocate(SQL_HANDLE_STMT, connection())
}

/// A statement that is open on rows which need no server.
pub fn type_info() -> *mut c_void {
    let statement = statement();
    // SAFETY: a handle and a number.
    let code = unsafe { SQLGetTypeInfoW(statement, SQL_ALL_TYPES) };
    assert_eq!(code, SQL_SUCCESS);
    statement
}

/// A handle.
pub fn allocate(kind: i16, parent: *mut c_void) -> *mut c_void {
    let mut handle = null_mut();
    // SAFETY: `handle` is a place for a handle.
    let code = unsafe { SQLAllocHandle(kind, parent, &mut handle) };
    assert_eq!(code, SQL_SUCCESS);
    handle
}
