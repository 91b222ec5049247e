//! Data sources are found where the Driver Manager finds them.

#[path = "abi/application.rs"]
#[allow(dead_code, reason = "the tests of the interface use all of it")]
mod application;

use trinoodbc::config::{Authentication, ConnectionString, TokenSource, parse};
use trinoodbc::platform::InstalledDataSources;
#[cfg(windows)]
use trinoodbc::platform::registry::{Part, Registry, Scope, View};

/// A data source, and the values of its entries.
type Source = (&'static str, Vec<(&'static str, String)>);

#[test]
fn a_data_source_arrives_whole() {
    const NAME: &str = "a_data_source_arrives_whole";
    let token = "t".repeat(6000);
    let demo = [
        ("Server", "trino.example.org"),
        ("Port", "443 ; https"),
        ("SSL", "\"on\""),
        ("Roles", "{system:admin ;c:none}"),
        ("SessionProperties", "{a:1;b:2}"),
        ("Catalog", "K\u{fc}che"),
        ("AccessToken", token.as_str()),
        ("LogLevel", "off"),
    ];
    let short = [("Host", "h"), ("UID", "ann")];
    let owned = |pairs: &[(&'static str, &str)]| {
        let pairs = pairs
            .iter()
            .map(|(entry, value)| (*entry, (*value).to_owned()));
        pairs.collect()
    };
    let sources = vec![(DEMO, owned(&demo)), (SHORT, owned(&short))];
    with_sources(NAME, sources, || {
        let read = |name: &str| {
            let given = ConnectionString::parse(&format!("DSN={name};Source=test")).unwrap();
            parse(&given, &InstalledDataSources)
        };
        let (settings, warnings) = read(DEMO).unwrap();
        let options = settings.client;
        assert_eq!(options.host, "trino.example.org");
        assert_eq!(options.source, "test");
        assert_eq!(options.catalog.as_deref(), Some("K\u{fc}che"));
        // Longer than the lines that unixODBC reads whole.
        assert!(matches!(
            options.authentication,
            Authentication::Token(TokenSource::Text(read)) if read.secret().reveal() == token
        ));
        let own = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        assert_eq!(
            options.session_properties,
            [("a", "1"), ("b", "2")].map(own)
        );
        assert_eq!(options.roles, [("system", "admin"), ("c", "none")].map(own));
        assert_eq!((options.port, options.tls), (443, true));
        assert_eq!(warnings, []);
        let (short, _) = read(SHORT).unwrap();
        assert_eq!(
            (short.client.host.as_str(), short.client.user.as_deref()),
            ("h", Some("ann"))
        );
        assert!(read("trino-odbc test None").is_err());
    });
}

#[test]
fn a_record_names_the_data_source_that_it_is_about() {
    use application::*;
    use std::ptr::null_mut;
    use trinoodbc::abi::*;
    use trinoodbc::ffi::*;

    const NAME: &str = "a_record_names_the_data_source_that_it_is_about";
    let server = scripted_trino::Server::start();
    let entries = vec![
        ("Host", "127.0.0.1".to_owned()),
        ("Port", server.port().to_string()),
        ("UID", "ann".to_owned()),
    ];
    with_sources(NAME, vec![(LIVE, entries)], || {
        let environment = environment();
        let connection = allocate(SQL_HANDLE_DBC, environment);
        let named = |kind, handle| {
            let mut text = [0_u16; 64];
            let mut length = 0;
            // SAFETY: the buffer has the stated size.
            let code = unsafe {
                let place = text.as_mut_ptr().cast();
                SQLGetDiagFieldW(
                    kind,
                    handle,
                    1,
                    SQL_DIAG_SERVER_NAME,
                    place,
                    128,
                    &mut length,
                )
            };
            assert_eq!(code, SQL_SUCCESS);
            String::from_utf16(&text[..usize::try_from(length).unwrap() / 2]).unwrap()
        };
        // SAFETY: the handles are ours, and the string is as long as said.
        unsafe {
            assert_eq!(SQLDisconnect(connection), SQL_ERROR);
            assert_eq!(named(SQL_HANDLE_DBC, connection), "");
            let name = wide(LIVE);
            let length = i16::try_from(LIVE.len()).unwrap();
            let none = null_mut();
            let code = SQLConnectW(connection, name.as_ptr(), length, none, 0, none, 0);
            assert_eq!(code, SQL_SUCCESS, "{}", message(SQL_HANDLE_DBC, connection));
            let statement = allocate(SQL_HANDLE_STMT, connection);
            assert_eq!(SQLExecute(statement), SQL_ERROR);
            assert_eq!(named(SQL_HANDLE_STMT, statement), LIVE);
            let descriptor = allocate(SQL_HANDLE_DESC, connection);
            assert_eq!(
                SQLSetDescFieldW(descriptor, 1, 4000, null_mut(), 0),
                SQL_ERROR
            );
            assert_eq!(named(SQL_HANDLE_DESC, descriptor), LIVE);
            assert_eq!(SQLDisconnect(connection), SQL_SUCCESS);
            assert_eq!(SQLFreeHandle(SQL_HANDLE_DBC, connection), SQL_SUCCESS);
            assert_eq!(SQLFreeHandle(SQL_HANDLE_ENV, environment), SQL_SUCCESS);
        }
    });
}

#[test]
#[cfg(windows)]
fn settings_of_the_drivers_registration_apply_to_its_data_sources() {
    const NAME: &str = "trino-odbc test driver";
    let drivers = registry(Part::Drivers, Scope::Machine);
    let file = r"C:\Program Files\Test of Trino\trinoodbc.dll";
    let settings = [("Driver", file), ("LogLevel", "debug")]
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
    drivers.put(NAME, "Installed", &settings).unwrap();
    let entries = vec![
        (
            "Driver",
            r"c:/program files/TEST of Trino/trinoodbc.dll".to_owned(),
        ),
        ("Host", "h".to_owned()),
    ];
    with_sources("", vec![(REGISTERED, entries)], || {
        let given = ConnectionString::parse(&format!("DSN={REGISTERED};UID=ann")).unwrap();
        let (settings, _) = parse(&given, &InstalledDataSources).unwrap();
        assert_eq!(
            settings.log.level,
            Some(tracing::level_filters::LevelFilter::DEBUG)
        );
    });
    assert!(drivers.remove(NAME).unwrap());
}

/// Runs `check` with these data sources: in a process of its own, since one that has threads cannot
/// change its environment.
#[cfg(unix)]
fn with_sources(test: &str, sources: Vec<Source>, check: impl FnOnce()) {
    use std::fmt::Write as _;
    use std::process::Command;
    use std::{env, fs};

    if env::var_os("TRINO_ODBC_TEST_CHILD").is_some() {
        return check();
    }
    let folder = tempfile::tempdir().unwrap();
    let ini = folder.path().join("odbc.ini");
    let mut text = String::new();
    for (name, entries) in sources {
        writeln!(text, "[{name}]\nDriver = Trino").unwrap();
        for (entry, value) in entries {
            writeln!(text, "{entry} = {value}").unwrap();
        }
    }
    fs::write(&ini, text).unwrap();
    let status = Command::new(env::current_exe().unwrap())
        .args(["--exact", test])
        .env("TRINO_ODBC_TEST_CHILD", "1")
        .env("ODBCINI", &ini)
        .env("ODBCSYSINI", folder.path().join("nowhere"))
        .status()
        .unwrap();
    assert!(status.success());
}

/// Runs `check` with these data sources of the user's registry.
#[cfg(windows)]
fn with_sources(_test: &str, sources: Vec<Source>, check: impl FnOnce()) {
    struct Removed(Vec<Source>);
    impl Drop for Removed {
        fn drop(&mut self) {
            for (name, _) in &self.0 {
                let _ = registry(Part::DataSources, Scope::User).remove(name);
            }
        }
    }
    let sources = Removed(sources);
    for (name, entries) in &sources.0 {
        let entries: Vec<_> = entries
            .iter()
            .map(|(entry, value)| ((*entry).to_owned(), value.clone()))
            .collect();
        registry(Part::DataSources, Scope::User)
            .put(name, "Trino", &entries)
            .unwrap();
    }
    check();
}

/// A part of the registry that this program sees.
#[cfg(windows)]
fn registry(part: Part, scope: Scope) -> Registry {
    Registry {
        part,
        scope,
        view: View::Own,
    }
}

const DEMO: &str = "trino-odbc test Demo";
const SHORT: &str = "trino-odbc test Short";
const LIVE: &str = "trino-odbc test Live";
#[cfg(windows)]
const REGISTERED: &str = "trino-odbc test Registered";
