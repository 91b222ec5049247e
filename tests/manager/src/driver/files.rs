//! Registration in a folder with an `odbcinst.ini` and an `odbc.ini`, removed when the process exits.

use std::fs;
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::OnceLock;

use super::{NAME, library};

static FOLDER: OnceLock<PathBuf> = OnceLock::new();

pub(super) fn register() {
    let folder = FOLDER.get_or_init(|| {
        tempfile::Builder::new()
            .prefix("trino-odbc-client-")
            .tempdir()
            .expect("a temporary folder")
            .keep()
    });
    // As the installer has it: the manager serialises no calls.
    let text = format!(
        "[ODBC]\nPooling = No\n\n[{NAME}]\nDriver = {}\nThreading = 0\n",
        library().display()
    );
    fs::write(folder.join("odbcinst.ini"), text).expect("the folder is ours");
    fs::write(folder.join("odbc.ini"), "").expect("the folder is ours");
    // SAFETY: the manager reads the variables only after this, and the tests' own threads only
    // through the standard library.
    unsafe { std::env::set_var("ODBCSYSINI", folder) };
    // SAFETY: as above.
    unsafe { std::env::set_var("ODBCINI", folder.join("odbc.ini")) };
    // SAFETY: the function takes nothing and touches one folder.
    unsafe { libc::atexit(remove_folder) };
}

extern "C" fn remove_folder() {
    if let Some(folder) = FOLDER.get() {
        let _ = fs::remove_dir_all(folder);
    }
}

pub(super) fn add_source(name: &str, attributes: &str) {
    let folder = FOLDER.get().expect("the driver is registered");
    let mut file = fs::OpenOptions::new()
        .append(true)
        .open(folder.join("odbc.ini"))
        .expect("the file is ours");
    let lines = attributes.replace(';', "\n");
    writeln!(file, "[{name}]\nDriver = {NAME}\n{lines}\n").expect("the file is ours");
}
