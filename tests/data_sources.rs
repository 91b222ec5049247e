//! Data sources are found where the Driver Manager finds them.

use std::process::Command;
use std::{env, fs};

use trinoodbc::config::{ConnectionString, parse};
use trinoodbc::platform::InstalledDataSources;

/// Runs itself again in an environment of its own: a process that has threads cannot change its environment.
#[test]
#[cfg(unix)]
fn a_data_source_arrives_whole_from_odbc_ini() {
    const NAME: &str = "a_data_source_arrives_whole_from_odbc_ini";
    let token = "t".repeat(6000);
    if env::var_os("TRINO_ODBC_TEST_CHILD").is_some() {
        let given = ConnectionString::parse("DSN=Demo;Source=test").unwrap();
        let (options, warnings) = parse(&given, &InstalledDataSources).unwrap();
        assert_eq!(options.host, "trino.example.org");
        assert_eq!(options.source, "test");
        assert_eq!(options.catalog.as_deref(), Some("K\u{fc}che"));
        // Longer than the lines that unixODBC reads whole.
        assert_eq!(options.access_token.unwrap().reveal(), token);
        assert_eq!(warnings, []);
        let (short, _) = parse(
            &ConnectionString::parse("DSN=Short").unwrap(),
            &InstalledDataSources,
        )
        .unwrap();
        assert_eq!(
            (short.host.as_str(), short.user.as_deref()),
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
        "[Demo]\nDriver = Trino\nServer = trino.example.org\nPort = 443\nCatalog = K\u{fc}che\n\
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
