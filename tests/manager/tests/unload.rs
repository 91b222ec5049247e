//! Loading and unloading the driver's library, as managers do it, without any manager.
//!
//! Its own process: it counts threads, and other tests would start some meanwhile.

use std::ffi::c_void;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use client_tests::driver;
use client_tests::odbc::*;
use libloading::{Library, Symbol};
use scripted_trino::{Answer, Server, Spooling};

type Alloc = unsafe extern "C" fn(i16, Handle, *mut Handle) -> i16;
type Free = unsafe extern "C" fn(i16, Handle) -> i16;
type SetEnv = unsafe extern "C" fn(Handle, i32, Handle, i32) -> i16;
type Connect =
    unsafe extern "C" fn(Handle, Handle, *const u16, i16, *mut u16, i16, *mut i16, u16) -> i16;
type Execute = unsafe extern "C" fn(Handle, *const u16, i32) -> i16;
type OfHandle = unsafe extern "C" fn(Handle) -> i16;

/// One function of the library.
fn function<'l, T>(library: &'l Library, name: &str) -> Symbol<'l, T> {
    // SAFETY: `T` is the function's type in the ODBC reference.
    unsafe { library.get(name.as_bytes()) }.unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Loads, connects, fetches a row of many, frees everything and unloads.
fn load_and_unload(path: &Path, connection_string: &[u16], sql: &[u16]) {
    // SAFETY: loading the driver runs nothing that asks more of the process.
    let library = unsafe { Library::new(path) }.unwrap();
    let alloc = function::<Alloc>(&library, "SQLAllocHandle");
    let free = function::<Free>(&library, "SQLFreeHandle");
    let set_env = function::<SetEnv>(&library, "SQLSetEnvAttr");
    let connect = function::<Connect>(&library, "SQLDriverConnectW");
    let execute = function::<Execute>(&library, "SQLExecDirectW");
    let fetch = function::<OfHandle>(&library, "SQLFetch");
    let disconnect = function::<OfHandle>(&library, "SQLDisconnect");

    let allocate = |kind, parent| {
        let mut handle: *mut c_void = std::ptr::null_mut();
        // SAFETY: `handle` is a place for a handle.
        assert_eq!(unsafe { alloc(kind, parent, &mut handle) }, SQL_SUCCESS);
        handle
    };
    let environment = allocate(SQL_HANDLE_ENV, std::ptr::null_mut());
    let version = std::ptr::without_provenance_mut(SQL_OV_ODBC3_80);
    // SAFETY: the value of this attribute is a number.
    let code = unsafe { set_env(environment, SQL_ATTR_ODBC_VERSION, version, 0) };
    assert_eq!(code, SQL_SUCCESS);
    let connection = allocate(SQL_HANDLE_DBC, environment);
    let nothing = std::ptr::null_mut();
    let (text, none) = (connection_string.as_ptr(), std::ptr::null_mut());
    // SAFETY: the string ends with 0; the other pointers may be null.
    let code = unsafe {
        connect(
            connection,
            nothing,
            text,
            SQL_NTS,
            none,
            0,
            std::ptr::null_mut(),
            0,
        )
    };
    assert_eq!(code, SQL_SUCCESS);
    let statement = allocate(SQL_HANDLE_STMT, connection);
    // SAFETY: the string ends with 0.
    let code = unsafe { execute(statement, sql.as_ptr(), SQL_NTS.into()) };
    assert_eq!(code, SQL_SUCCESS);
    // SAFETY: nothing is bound.
    assert_eq!(unsafe { fetch(statement) }, SQL_SUCCESS);

    // SAFETY: each handle is freed once, children first.
    let code = unsafe { free(SQL_HANDLE_STMT, statement) };
    assert_eq!(code, SQL_SUCCESS);
    // SAFETY: as above.
    assert_eq!(unsafe { disconnect(connection) }, SQL_SUCCESS);
    // SAFETY: as above.
    assert_eq!(unsafe { free(SQL_HANDLE_DBC, connection) }, SQL_SUCCESS);
    // SAFETY: as above.
    assert_eq!(unsafe { free(SQL_HANDLE_ENV, environment) }, SQL_SUCCESS);
    library.close().unwrap();
}

fn count(folder: &str) -> usize {
    fs::read_dir(folder).unwrap().count()
}

/// Bytes of memory that the process has.
fn resident() -> usize {
    let text = fs::read_to_string("/proc/self/status").unwrap();
    let line = text
        .lines()
        .find(|line| line.starts_with("VmRSS:"))
        .unwrap();
    let kilobytes = line.split_whitespace().nth(1).unwrap();
    kilobytes.parse::<usize>().unwrap() * 1024
}

#[test]
fn a_hundred_loads_with_a_fetch_half_done_leave_no_thread_and_no_descriptor() {
    let server = Server::start();
    let answer = Answer::generated(&["bigint", "varchar"], 20_000, 1);
    server.on(
        "SELECT many",
        answer.spooled(Spooling {
            rows_per_segment: 500,
            ..Spooling::default()
        }),
    );
    let text = format!("{}Encoding=json;", driver::attributes(&server));
    let (text, sql) = (
        client_tests::client::wide(&text),
        client_tests::client::wide("SELECT many"),
    );
    let path = driver::library();
    let threads = count("/proc/self/task");
    // What is made once and kept is not a leak.
    load_and_unload(&path, &text, &sql);
    let descriptors = count("/proc/self/fd");
    let memory = resident();
    for _ in 0..100 {
        load_and_unload(&path, &text, &sql);
    }
    // Threads and sockets wait for the next connection for some seconds.
    let start = Instant::now();
    while count("/proc/self/task") > threads && start.elapsed() < Duration::from_secs(20) {
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(count("/proc/self/task"), threads);
    let grown = resident().saturating_sub(memory);
    assert!(grown < 64 << 20, "{grown} bytes more than before");
    // The server's ends of the connections close a moment later.
    let start = Instant::now();
    while count("/proc/self/fd") > descriptors + 4 && start.elapsed() < Duration::from_secs(5) {
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(
        count("/proc/self/fd") <= descriptors + 4,
        "{descriptors} descriptors before"
    );
    assert!(
        server.running_queries().is_empty(),
        "{:?}",
        server.running_queries()
    );
    assert_eq!(server.queries().len(), 101);
}
