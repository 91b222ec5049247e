//! That the manager is really in between.

use std::ffi::CStr;
use std::fs;
use std::path::{Path, PathBuf};

use client_tests::client::Connection;
use client_tests::{driver, odbc};
use scripted_trino::Server;

/// The file that the code at `address` was loaded from.
fn origin(address: *const libc::c_void) -> PathBuf {
    // SAFETY: the structure is plain numbers and pointers.
    let mut info: libc::Dl_info = unsafe { std::mem::zeroed() };
    // SAFETY: `info` is a place for the answer.
    let found = unsafe { libc::dladdr(address, &mut info) };
    assert!(found != 0 && !info.dli_fname.is_null(), "of no library");
    // SAFETY: the loader's strings end with 0 and live as long as the library.
    let name = unsafe { CStr::from_ptr(info.dli_fname) };
    fs::canonicalize(name.to_str().unwrap()).unwrap()
}

#[test]
fn the_functions_called_are_the_managers() {
    for address in [
        odbc::SQLFetch as *const libc::c_void,
        odbc::SQLAllocHandle as *const libc::c_void,
        odbc::SQLGetData as *const libc::c_void,
        odbc_api::sys::SQLFetch as *const libc::c_void,
    ] {
        let file = origin(address);
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        assert!(name.starts_with("libodbc."), "{}", file.display());
    }
}

#[test]
fn the_driver_is_a_library_that_the_manager_loads() {
    let server = Server::start();
    let library = driver::library();
    let mapped = |library: &Path| {
        let maps = fs::read_to_string("/proc/self/maps").unwrap();
        maps.contains(library.to_str().unwrap())
    };
    let connection = Connection::open(&driver::string(&server)).unwrap();
    assert!(mapped(&library));
    drop(connection);
    assert_ne!(
        fs::canonicalize(std::env::current_exe().unwrap()).unwrap(),
        library
    );
}

#[test]
fn an_application_that_uses_narrow_strings_is_served() {
    let server = Server::start();
    let connection = Connection::open(&driver::string(&server)).unwrap();
    let mut statement = connection.statement();
    statement.execute_narrow("SELECT 1").unwrap();
    assert_eq!(statement.rest().unwrap(), [[Some("1".to_owned())]]);
}
