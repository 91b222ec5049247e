//! The driver under test: its library, and its registration with the manager.

#[cfg_attr(unix, path = "driver/files.rs")]
#[cfg_attr(windows, path = "driver/registry.rs")]
mod registration;

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, Once};

use libloading::Library;
use scripted_trino::Server;

use crate::odbc::Handle;

/// The name under which the manager knows it.
pub const NAME: &str = "Trino";

/// The library under test. Panics, saying what to run, when its place is not known.
pub fn library() -> PathBuf {
    let Some(path) = std::env::var_os("TRINO_ODBC_LIBRARY") else {
        panic!("TRINO_ODBC_LIBRARY names no library; run `cargo xtask test --only manager`");
    };
    fs::canonicalize(&path)
        .unwrap_or_else(|error| panic!("TRINO_ODBC_LIBRARY is {}: {error}", path.display()))
}

/// Registers the driver for this process, once; to be called before the first environment is made.
pub fn register() {
    static REGISTERED: Once = Once::new();
    REGISTERED.call_once(registration::register);
}

/// SQLCancel of the driver itself, given the driver's handle.
///
/// The manager of unixODBC 2.3.11 empties a statement's list of diagnostics in SQLCancel without a lock: with a call
/// on that statement under way, which empties it too, memory may be freed twice.
pub fn cancel(statement: usize) {
    // SAFETY: the library is in the process already; this only counts.
    let driver = unsafe { Library::new(library()) }.expect("the driver");
    // SAFETY: the type is the function's in the ODBC reference.
    let cancel = unsafe { driver.get::<unsafe extern "system" fn(Handle) -> i16>(b"SQLCancel") };
    let cancel = cancel.expect("SQLCancel");
    // SAFETY: a handle that was freed is refused.
    unsafe { cancel(std::ptr::with_exposed_provenance_mut(statement)) };
}

/// Adds a data source under a unique name, and returns the name.
pub fn add_source(attributes: &str) -> String {
    static NUMBER: AtomicUsize = AtomicUsize::new(0);
    static WRITING: Mutex<()> = Mutex::new(());
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let name = format!("source{number}");
    register();
    let _writing = WRITING.lock().unwrap();
    registration::add_source(&name, attributes);
    name
}

/// The connection string for a scripted server: what it needs, and nothing else.
pub fn string(server: &Server) -> String {
    format!("Driver={{{NAME}}};{}", attributes(server))
}

/// The same without `Driver`.
pub fn attributes(server: &Server) -> String {
    let mut text = format!("Host={};Port={};User=tester;", server.host(), server.port());
    if server.url().starts_with("https") {
        let authority = server.coordinator_ca_pem_path().display();
        text += &format!("SSL=1;SSLTrustStore={authority};");
    }
    if server.storage_url().starts_with("https") {
        let authority = server.storage_ca_pem_path().display();
        text += &format!("StorageTrustStore={authority};");
    }
    text
}
