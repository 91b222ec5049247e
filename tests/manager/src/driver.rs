//! The driver under test: its library, and its registration with the manager.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock};

use libloading::Library;
use scripted_trino::Server;

use crate::odbc::Handle;

/// The name in `odbcinst.ini`.
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
pub fn register() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let folder = tempfile::Builder::new()
            .prefix("trino-odbc-client-")
            .tempdir()
            .expect("a temporary folder")
            .keep();
        // As the installer has it: the manager serialises no calls.
        let text = format!(
            "[ODBC]\nPooling = No\n\n[{NAME}]\nDriver = {}\nThreading = 0\n",
            library().display()
        );
        fs::write(folder.join("odbcinst.ini"), text).expect("the folder is ours");
        fs::write(folder.join("odbc.ini"), "").expect("the folder is ours");
        // SAFETY: the manager reads the variables only after this, and the tests' own threads only
        // through the standard library.
        unsafe { std::env::set_var("ODBCSYSINI", &folder) };
        // SAFETY: as above.
        unsafe { std::env::set_var("ODBCINI", folder.join("odbc.ini")) };
        // SAFETY: the function takes nothing and touches one folder.
        unsafe { libc::atexit(remove_folder) };
        folder
    })
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

extern "C" fn remove_folder() {
    let _ = fs::remove_dir_all(register());
}

/// Adds a data source under a unique name, and returns the name.
pub fn add_source(attributes: &str) -> String {
    static NUMBER: AtomicUsize = AtomicUsize::new(0);
    static WRITING: Mutex<()> = Mutex::new(());
    let name = format!("source{}", NUMBER.fetch_add(1, Ordering::Relaxed));
    let _writing = WRITING.lock().unwrap();
    let mut file = fs::OpenOptions::new()
        .append(true)
        .open(register().join("odbc.ini"))
        .expect("the file is ours");
    let lines = attributes.replace(';', "\n");
    writeln!(file, "[{name}]\nDriver = {NAME}\n{lines}\n").expect("the file is ours");
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
