//! ConfigDSN and ConfigDriver of the built library, called by the installer library of the system.
#![cfg(windows)]

use std::path::PathBuf;
use std::ptr;
use std::sync::Mutex;

use trinoodbc::abi::*;
use trinoodbc::platform::installer;
use trinoodbc::platform::registry::{Part, Registry, Scope, View};

/// Wine's installer library has one list of errors for the process, which each call empties.
static ERRORS: Mutex<()> = Mutex::new(());

/// A registration of the built library under a name of its own, which ends with the test.
struct Registration {
    driver: String,
    sources: Vec<(Scope, String)>,
}

impl Registration {
    fn new(test: &str) -> Self {
        let driver = format!("Trino setup {test} {}", usize::BITS);
        let file = library().to_string_lossy().into_owned();
        let entries = [("Driver", &file), ("Setup", &file)];
        let entries = entries.map(|(name, value)| (name.to_owned(), value.clone()));
        DRIVERS.put(&driver, "Installed", &entries).unwrap();
        Self {
            driver,
            sources: Vec::new(),
        }
    }

    /// The name of a data source that is removed at the end.
    fn source(&mut self, scope: Scope, name: &str) -> String {
        let name = format!("ts {name} {}", usize::BITS);
        let _ = sources(scope).remove(&name);
        self.sources.push((scope, name.clone()));
        name
    }

    /// SQLConfigDataSourceW, with the first error of the installer library when it fails.
    fn configure(&self, request: u16, attributes: &[&str]) -> Result<(), (u32, String)> {
        let attributes: Vec<u16> = attributes
            .iter()
            .flat_map(|text| wide(text))
            .chain([0])
            .collect();
        let driver = wide(&self.driver);
        let _errors = ERRORS.lock().unwrap();
        // SAFETY: the name ends with a zero and the list with two.
        let done = unsafe {
            SQLConfigDataSourceW(
                ptr::null_mut(),
                request,
                driver.as_ptr(),
                attributes.as_ptr(),
            )
        };
        outcome(done)
    }

    fn configure_driver(&self, request: u16, arguments: &str) -> Result<String, (u32, String)> {
        let (driver, arguments) = (wide(&self.driver), wide(arguments));
        let (mut message, mut length) = ([7_u16; 16], 7);
        let _errors = ERRORS.lock().unwrap();
        // SAFETY: the texts end with a zero, and the buffer has the size that is stated.
        let done = unsafe {
            SQLConfigDriverW(
                ptr::null_mut(),
                request,
                driver.as_ptr(),
                arguments.as_ptr(),
                message.as_mut_ptr(),
                16,
                &mut length,
            )
        };
        outcome(done).map(|()| String::from_utf16_lossy(&message[..usize::from(length)]))
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        let _ = DRIVERS.remove(&self.driver);
        for (scope, name) in &self.sources {
            let _ = sources(*scope).remove(name);
        }
    }
}

#[test]
fn data_sources_of_the_user_and_of_the_machine_are_added_changed_and_removed() {
    let mut registration = Registration::new("scopes");
    for (scope, other, [add, change, remove]) in [
        (Scope::User, Scope::Machine, [1, 2, 3]),
        (Scope::Machine, Scope::User, [4, 5, 6]),
    ] {
        let name = registration.source(scope, &format!("{scope:?}"));
        let dsn = format!("DSN={name}");
        let entries = |scope| {
            let mut entries = sources(scope).entries(&name).unwrap()?;
            entries.sort();
            Some(entries)
        };
        let file = library().to_string_lossy().into_owned();
        let expected = |pairs: &[(&str, &str)]| {
            let mut pairs: Vec<_> = pairs
                .iter()
                .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
                .chain([("Driver".to_owned(), file.clone())])
                .collect();
            pairs.sort();
            Some(pairs)
        };

        registration
            .configure(add, &[&dsn, "Host=trino.example", "Description=Größe 😀"])
            .unwrap();
        let added = expected(&[("Description", "Größe 😀"), ("Host", "trino.example")]);
        assert_eq!((entries(scope), entries(other)), (added, None));

        registration
            .configure(
                change,
                &[
                    &dsn,
                    "Description=",
                    "Server=other.example",
                    "Port=8443",
                    "SSL=1",
                ],
            )
            .unwrap();
        let changed = expected(&[("Port", "8443"), ("SSL", "1"), ("Server", "other.example")]);
        assert_eq!(entries(scope), changed);

        assert!(
            registration
                .configure(change, &[&dsn, "Port=70000"])
                .is_err()
        );
        assert_eq!(entries(scope), changed);

        registration.configure(remove, &[&dsn]).unwrap();
        assert_eq!((entries(scope), entries(other)), (None, None));
        assert!(registration.configure(remove, &[&dsn]).is_err());
    }
}

#[test]
fn what_is_refused_leaves_an_error_and_no_data_source() {
    let mut registration = Registration::new("errors");
    let name = registration.source(Scope::User, "refused");
    let dsn = format!("DSN={name}");
    for attributes in [
        &[dsn.as_str(), "Host=h", "Port=70000"][..],
        &[&dsn, "Hots=h"],
        &[&dsn],
        &["DSN=a\\b", "Host=h"],
        &["Host=h"],
    ] {
        let (code, message) = registration
            .configure(ODBC_ADD_DSN, attributes)
            .unwrap_err();
        assert!(code != 0 && !message.is_empty(), "{attributes:?}");
        assert_eq!(sources(Scope::User).entries(&name).unwrap(), None);
    }
}

#[test]
fn an_installer_gets_an_answer_and_no_message() {
    let registration = Registration::new("driver");
    for request in [ODBC_INSTALL_DRIVER, ODBC_REMOVE_DRIVER] {
        assert_eq!(
            registration.configure_driver(request, ""),
            Ok(String::new())
        );
    }
    assert!(registration.configure_driver(101, "").is_err());
    // The installer library writes it; it does not call the driver.
    registration
        .configure_driver(ODBC_CONFIG_DRIVER, "CPTimeout=60")
        .unwrap();
    let entries = DRIVERS.entries(&registration.driver).unwrap().unwrap();
    assert!(entries.contains(&("CPTimeout".to_owned(), "60".to_owned())));
}

/// The data source of a call without a scope is the user's, as connections find that first.
#[test]
fn a_data_source_is_the_users_where_nobody_says_whose() {
    assert_eq!(installer::config_mode(), installer::ConfigMode::Both);
    let mut registration = Registration::new("direct");
    let name = registration.source(Scope::User, "direct");
    let driver = wide(&registration.driver);
    let attributes: Vec<u16> = [format!("DSN={name}"), "Host=h".to_owned()]
        .iter()
        .flat_map(|text| wide(text))
        .chain([0])
        .collect();
    for (request, exists) in [(ODBC_ADD_DSN, true), (ODBC_REMOVE_DSN, false)] {
        // SAFETY: the name ends with a zero and the list with two.
        let done = unsafe {
            trinoodbc::ffi::ConfigDSNW(
                ptr::null_mut(),
                request,
                driver.as_ptr(),
                attributes.as_ptr(),
            )
        };
        assert_eq!(done, 1);
        let entries = sources(Scope::User).entries(&name).unwrap();
        assert_eq!(entries.is_some(), exists);
    }
}

/// The library that Cargo built beside this test.
fn library() -> PathBuf {
    let program = std::env::current_exe().unwrap();
    let folders = program.ancestors().skip(1).take(2);
    let files = folders.map(|folder| folder.join("trinoodbc.dll"));
    let mut built = files.filter(|file| file.is_file());
    built
        .next()
        .expect("Cargo builds the library for this test")
}

fn sources(scope: Scope) -> Registry {
    Registry {
        part: Part::DataSources,
        scope,
        view: View::Own,
    }
}

fn wide(text: &str) -> Vec<u16> {
    text.encode_utf16().chain([0]).collect()
}

/// The first error of the installer library, unless the function succeeded.
fn outcome(done: i32) -> Result<(), (u32, String)> {
    if done != 0 {
        return Ok(());
    }
    let (mut code, mut text, mut length) = (0, [0_u16; 512], 0);
    // SAFETY: places for results, of which the text has the size that is stated.
    unsafe { SQLInstallerErrorW(1, &mut code, text.as_mut_ptr(), 512, &mut length) };
    let text = text.split(|unit| *unit == 0).next().unwrap_or_default();
    Err((code, String::from_utf16_lossy(text)))
}

const DRIVERS: Registry = Registry {
    part: Part::Drivers,
    scope: Scope::Machine,
    view: View::Own,
};

windows_link::link!("odbccp32.dll" "system" fn SQLConfigDataSourceW(window: *mut u8, request: u16, driver: *const u16, attributes: *const u16) -> i32);
windows_link::link!("odbccp32.dll" "system" fn SQLConfigDriverW(window: *mut u8, request: u16, driver: *const u16, arguments: *const u16, message: *mut u16, size: u16, length: *mut u16) -> i32);
windows_link::link!("odbccp32.dll" "system" fn SQLInstallerErrorW(number: u16, code: *mut u32, message: *mut u16, size: u16, length: *mut u16) -> i16);
