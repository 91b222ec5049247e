//! Data sources are found where the Driver Manager finds them.

#[path = "abi/application.rs"]
#[allow(dead_code, reason = "the tests of the interface use all of it")]
mod application;

use std::process::Command;
use std::{env, fs};

use trinoodbc::config::{Authentication, ConnectionString, TokenSource, parse};
use trinoodbc::platform::InstalledDataSources;

/// Runs itself again in its own environment: a process that has threads cannot change its environment.
#[test]
#[cfg(unix)]
fn a_data_source_arrives_whole_from_odbc_ini() {
    const NAME: &str = "a_data_source_arrives_whole_from_odbc_ini";
    let token = "t".repeat(6000);
    if env::var_os("TRINO_ODBC_TEST_CHILD").is_some() {
        let given = ConnectionString::parse("DSN=Demo;Source=test").unwrap();
        let (settings, warnings) = parse(&given, &InstalledDataSources).unwrap();
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
        let (short, _) = parse(
            &ConnectionString::parse("DSN=Short").unwrap(),
            &InstalledDataSources,
        )
        .unwrap();
        assert_eq!(
            (short.client.host.as_str(), short.client.user.as_deref()),
            ("h", Some("ann"))
        );
        assert!(
            parse(
                &ConnectionString::parse("DSN=None").unwrap(),
                &InstalledDataSources
            )
            .is_err()
        );
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let ini = folder.path().join("odbc.ini");
    let text = format!(
        "[Demo]\nDriver = Trino\nServer = trino.example.org\nPort = 443 ; https\nSSL = \"on\"\nRoles = {{system:admin ;c:none}}\n\
         SessionProperties = {{a:1;b:2}}\nCatalog = K\u{fc}che\n\
         AccessToken = {token}\nLogLevel = off\n[Short]\nHost=h\nUID=ann\n"
    );
    fs::write(&ini, text).unwrap();
    let status = Command::new(env::current_exe().unwrap())
        .args(["--exact", NAME])
        .env("TRINO_ODBC_TEST_CHILD", "1")
        .env("ODBCINI", &ini)
        .env("ODBCSYSINI", folder.path().join("nowhere"))
        .status()
        .unwrap();
    assert!(status.success());
}

#[test]
#[cfg(unix)]
fn a_record_tells_the_data_source_that_it_is_about() {
    use application::*;
    use std::ptr::null_mut;
    use trinoodbc::abi::*;
    use trinoodbc::ffi::*;

    const NAME: &str = "a_record_tells_the_data_source_that_it_is_about";
    if env::var_os("TRINO_ODBC_TEST_CHILD").is_none() {
        let server = scripted_trino::Server::start();
        let folder = tempfile::tempdir().unwrap();
        let ini = folder.path().join("odbc.ini");
        let text = format!(
            "[Demo]\nHost = 127.0.0.1\nPort = {}\nUID = ann\n",
            server.port()
        );
        fs::write(&ini, text).unwrap();
        let status = Command::new(env::current_exe().unwrap())
            .args(["--exact", NAME])
            .env("TRINO_ODBC_TEST_CHILD", "1")
            .env("ODBCINI", &ini)
            .env("ODBCSYSINI", folder.path())
            .status()
            .unwrap();
        assert!(status.success());
        return;
    }
    let environment = environment();
    let connection = allocate(SQL_HANDLE_DBC, environment);
    let told = |kind, handle| {
        let mut text = [0_u16; 32];
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
                64,
                &mut length,
            )
        };
        assert_eq!(code, SQL_SUCCESS);
        String::from_utf16(&text[..usize::try_from(length).unwrap() / 2]).unwrap()
    };
    // SAFETY: the handles are ours, and the string is as long as said.
    unsafe {
        assert_eq!(SQLDisconnect(connection), SQL_ERROR);
        assert_eq!(told(SQL_HANDLE_DBC, connection), "");
        let name = wide("Demo");
        let none = null_mut();
        let code = SQLConnectW(connection, name.as_ptr(), 4, none, 0, none, 0);
        assert_eq!(code, SQL_SUCCESS, "{}", message(SQL_HANDLE_DBC, connection));
        let statement = allocate(SQL_HANDLE_STMT, connection);
        assert_eq!(SQLExecute(statement), SQL_ERROR);
        assert_eq!(told(SQL_HANDLE_STMT, statement), "Demo");
        let descriptor = allocate(SQL_HANDLE_DESC, connection);
        assert_eq!(
            SQLSetDescFieldW(descriptor, 1, 4000, null_mut(), 0),
            SQL_ERROR
        );
        assert_eq!(told(SQL_HANDLE_DESC, descriptor), "Demo");
        assert_eq!(SQLDisconnect(connection), SQL_SUCCESS);
        assert_eq!(SQLFreeHandle(SQL_HANDLE_DBC, connection), SQL_SUCCESS);
        assert_eq!(SQLFreeHandle(SQL_HANDLE_ENV, environment), SQL_SUCCESS);
    }
}
