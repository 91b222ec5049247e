use std::path::PathBuf;

use tracing::level_filters::LevelFilter;

use super::super::{
    Authentication, ConnectionString, DataSources, Error, Identity, Options, Proxy, TokenSource,
    from_data_source, parse,
};
use super::{Demo, NONE, all, both, password};

#[test]
fn a_driver_has_settings_of_the_log_and_the_process_only_and_connections_cover_them() {
    struct Registered;
    impl DataSources for Registered {
        fn attributes(&self, _: &str) -> Option<Vec<(String, String)>> {
            Some(vec![("Driver".to_owned(), "Trino".to_owned())])
        }

        fn driver(&self, name: &str) -> Option<Vec<(String, String)>> {
            let settings = [
                ("Description", "x"),
                ("LogLevel", "debug"),
                ("logpath", "/l"),
                ("LogFileSize", "2MB"),
                ("LogFileCount", "3"),
                ("ProcessMemoryLimit", "1GB"),
                ("MemoryLimit", "2MB"),
                ("UID", "root"),
                ("Threading", "1"),
            ];
            let own = |(a, b): (&str, &str)| (a.to_owned(), b.to_owned());
            (name == "Trino").then(|| settings.map(own).to_vec())
        }
    }
    let of = |text: &str| {
        let given = ConnectionString::parse(text).unwrap();
        let (settings, warnings) = parse(&given, &Registered).unwrap();
        assert_eq!(warnings, []);
        let options = settings.client;
        assert_eq!(options.user.as_deref(), Some("u"));
        assert_eq!(options.spooling.memory, Options::default().spooling.memory);
        (settings.log, options.spooling.process_memory)
    };
    for text in ["DRIVER={Trino};Host=h;UID=u", "DSN=a;Host=h;UID=u"] {
        let (log, memory) = of(text);
        assert_eq!(memory, Some(1 << 30));
        assert_eq!(log.level, Some(LevelFilter::DEBUG));
        assert_eq!(log.path, Some(PathBuf::from("/l")));
        assert_eq!((log.file_size, log.files), (2 << 20, 3));
        assert!(log.driver_wide);
    }
    let (log, memory) = of("DRIVER={Trino};Host=h;UID=u;LogLevel=off;ProcessMemoryLimit=64MB");
    assert_eq!(
        (log.level, log.driver_wide),
        (Some(LevelFilter::OFF), false)
    );
    assert_eq!(memory, Some(64 << 20));
    let (log, memory) = of("DRIVER={Other};Host=h;UID=u");
    assert_eq!((log.level, memory), (None, None));
}

#[test]
fn the_connection_string_covers_the_data_source() {
    let demo = Demo(&[
        ("Driver", "/x"),
        ("Server", "s"),
        ("UID", "u"),
        ("Catalog", "c"),
        ("Source", "dsn"),
    ]);
    let (settings, warnings) = all("DSN=Demo;Host=h;Source=", &demo).unwrap();
    let options = settings.client;
    assert_eq!(options.host, "h", "whatever names they use");
    assert_eq!(options.catalog.as_deref(), Some("c"));
    assert_eq!(
        options.source, "trino-odbc",
        "an empty value means the default"
    );
    assert_eq!(settings.data_source.as_deref(), Some("Demo"));
    assert!(warnings.is_empty());
}

#[test]
fn a_data_source_that_does_not_exist_is_named() {
    let missing = Error::DataSourceNotFound("Other".to_owned());
    assert_eq!(both("DSN=Other;Host=h;UID=u", &NONE).unwrap_err(), missing);
}

#[test]
fn connecting_by_name_takes_user_and_password_beside_the_data_source() {
    let demo = Demo(&[("Host", "h"), ("UID", "u"), ("PWD", "p"), ("SSL", "1")]);
    let (settings, _) = from_data_source("Demo", Some("ann"), Some(""), &demo).unwrap();
    let options = settings.client;
    assert_eq!(options.user.as_deref(), Some("ann"));
    assert_eq!(password(&options), "p");
}

#[test]
fn values_in_braces_are_read_in_a_data_source_too() {
    let demo = Demo(&[
        ("Driver", "{Trino}"),
        ("Host", "{h}"),
        ("Port", "{ 8443 }"),
        ("SSL", "{true}"),
        ("UID", "{u}"),
        ("PWD", "{a;b}}c}"),
        ("SessionProperties", "{a:1;c.b:2}"),
        ("Roles", "{system:admin;hive:none}"),
        ("ExtraCredentials", "{k:v}"),
        ("ExtraHeaders", "{X-Team:data}"),
        ("ResourceEstimates", "{CPU_TIME:5m;PEAK_MEMORY:2GB}"),
        ("SSLTrustStore", "{/a.pem;/b.pem}"),
        ("StorageTrustStore", "{/c.pem}"),
    ]);
    let (options, warnings) = both("DSN=Demo", &demo).unwrap();
    assert_eq!(warnings, []);
    assert_eq!((options.host.as_str(), options.port), ("h", 8443));
    assert_eq!(password(&options), "a;b}c");
    assert_eq!(options.session_properties.len(), 2);
    assert_eq!(options.roles[1], ("hive".to_owned(), "none".to_owned()));
    assert_eq!(options.extra_credentials[0].1.reveal(), "v");
    assert_eq!(options.extra_headers[0].0, "X-Team");
    assert_eq!(options.resource_estimates.len(), 2);
    assert_eq!(
        options.trust.stores,
        [PathBuf::from("/a.pem"), PathBuf::from("/b.pem")]
    );
    assert_eq!(options.storage_trust.stores, [PathBuf::from("/c.pem")]);
}

#[test]
fn the_lines_of_a_data_source_may_have_quotes_and_comments() {
    let demo = Demo(&[
        ("Host", "\"trino.example\""),
        ("Port", "8443 ; https"),
        ("SSL", "'yes'"),
        ("UID", "u"),
        ("PWD", "\"p\" ;x"),
        ("Catalog", "\"hive\" # the lake"),
        ("SSLTrustStore", "\"/a b.pem\""),
        ("LogPath", "'/var/log'"),
    ]);
    let (settings, warnings) = all("DSN=Demo", &demo).unwrap();
    assert_eq!(warnings, []);
    let options = settings.client;
    assert_eq!(
        (options.host.as_str(), options.port, options.tls),
        ("trino.example", 8443, true)
    );
    assert_eq!(options.catalog.as_deref(), Some("hive"));
    assert_eq!(options.trust.stores, [PathBuf::from("/a b.pem")]);
    assert_eq!(settings.log.path, Some(PathBuf::from("/var/log")));
    assert_eq!(
        password(&options),
        "\"p\" ;x",
        "a password may hold anything"
    );
}

#[test]
fn what_belongs_to_an_overridden_value_of_the_data_source_is_left_out() {
    let demo = Demo(&[
        ("Host", "h"),
        ("SSL", "1"),
        ("UID", "u"),
        ("Catalog", "tpch"),
        ("Schema", "tiny"),
        ("SSLTrustStore", "/a.p12"),
        ("SSLTrustStorePassword", "pa"),
        ("SSLClientCertificate", "/a.pem"),
        ("SSLClientKey", "/a.key"),
        ("HTTPProxy", "p:1"),
        ("ProxyUID", "a"),
        ("ProxyPWD", "b"),
        ("AccessToken", "t"),
    ]);
    let of = |text: &str| both(&format!("DSN=Demo;{text}"), &demo).unwrap();
    let (options, warnings) = of("Database=hive");
    assert_eq!(
        (options.catalog.as_deref(), options.schema),
        (Some("hive"), None)
    );
    assert_eq!(warnings, []);
    for same in ["Catalog=TPCH", "Path=x", "Source=y"] {
        assert_eq!(of(same).0.schema.as_deref(), Some("tiny"), "{same}");
    }
    assert_eq!(of("Catalog=hive;Schema=s").0.schema.as_deref(), Some("s"));
    assert_eq!(of("Catalog=").0.schema, None);
    assert_eq!(of("SSLTrustStore=/b.p12").0.trust.store_password, None);
    assert!(matches!(
        of("SSLClientCertificate=/b.p12").0.identity,
        Some(Identity::Files { key: None, .. })
    ));
    assert!(matches!(
        of("SSLClientCertificateInStore=ann").0.identity,
        Some(Identity::Stored(_))
    ));
    let proxied = |text: &str| match of(text).0.proxy {
        Proxy::Server(server) => (server.uri.reveal().to_owned(), server.credentials.is_some()),
        other => panic!("{other:?}"),
    };
    assert_eq!(proxied("HTTPProxy=q:2"), ("http://q:2".to_owned(), false));
    assert_eq!(
        proxied("SOCKSProxy=q:2"),
        ("socks5h://q:2".to_owned(), false)
    );
    assert_eq!(
        proxied("UseProxy=1;ProxyHost=q;ProxyPort=2"),
        ("http://q:2".to_owned(), false)
    );
    assert_eq!(proxied("NoProxy=x"), ("http://p:1".to_owned(), true));
    assert_eq!(of("UseProxy=0").0.proxy, Proxy::Direct);
    assert!(matches!(
        of("AccessTokenFile=/f").0.authentication,
        Authentication::Token(TokenSource::File(path)) if path == *"/f"
    ));
    assert_eq!(password(&of("PWD=p").0), "p");
    // A password of the store that only the connection string names.
    let demo = Demo(&[
        ("Host", "h"),
        ("UID", "u"),
        ("Schema", "s"),
        ("SSLTrustStorePassword", "p"),
    ]);
    let (options, _) = both("DSN=Demo;Catalog=c;SSLTrustStore=/a.p12", &demo).unwrap();
    assert_eq!(options.schema.as_deref(), Some("s"));
    assert!(options.trust.store_password.is_some());
}
