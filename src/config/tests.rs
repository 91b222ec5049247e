use std::path::PathBuf;
use std::time::Duration;

use proptest::prelude::*;

use super::super::{
    Browsing, ConnectionString, Encoding, Error, Options, Proxy, ProxyServer, Secret, TlsVersion,
    Verification, Warning,
};
use super::{DataSources, from_data_source, parse};

/// One data source, `Demo`.
struct Demo(&'static [(&'static str, &'static str)]);

impl DataSources for Demo {
    fn attributes(&self, dsn: &str) -> Option<Vec<(String, String)>> {
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        (dsn == "Demo").then(|| self.0.iter().map(own).collect())
    }
}

const NONE: Demo = Demo(&[]);

fn both(text: &str, sources: &Demo) -> Result<(Options, Vec<Warning>), Error> {
    parse(&ConnectionString::parse(text)?, sources).map_err(|refusal| refusal.error)
}

fn options(text: &str) -> Options {
    both(text, &NONE).unwrap().0
}

fn error(text: &str) -> Error {
    both(text, &NONE).unwrap_err()
}

#[test]
fn host_and_user_are_enough() {
    let (options, warnings) = both("Host=trino;UID=ann", &NONE).unwrap();
    assert_eq!(
        (options.host.as_str(), options.port, options.tls),
        ("trino", 8080, false)
    );
    assert_eq!(options.user.as_deref(), Some("ann"));
    assert_eq!(options.source, "trino-odbc");
    assert!(warnings.is_empty());
}

#[test]
fn catalog_functions_ask_each_time_and_take_patterns_unless_told_otherwise() {
    assert_eq!(options("Host=h;UID=u").browsing, Browsing::default());
    let told = options(
        "Host=h;UID=u;MetadataCache=5m;AssumeNullCatalogMeansCurrentCatalog=1;LiteralUnderscore=yes;\
         TableRemarks=true",
    );
    let expected = Browsing {
        cache: Duration::from_secs(300),
        null_catalog_is_current: true,
        literal_underscore: true,
        table_remarks: true,
    };
    assert_eq!(told.browsing, expected);
}

#[test]
fn every_keyword_arrives_in_the_options() {
    let options = options(
        "Host=h;Port=8443;UID=u;PWD=p;Catalog=c;Schema=s;SSL=1;SSLVerification=ca;\
         SSLTrustStore={/a.pem;/b.pem};SSLTrustStorePassword=x;SSLUseSystemTrustStore=0;\
         StorageTrustStore=/c.pem;StorageSSLVerification=None;StorageUseSystemTrustStore=no;\
         Encoding=json,json+zstd;Source=app;ClientInfo=i;ClientTags=a, b;TraceToken=t;Path=c.s;\
         SessionProperties={a:1;c.b:2};ExtraCredentials=k=v;Roles=system=admin;TimeZone=Europe/Berlin;\
         ValidateConnection=false;Compression=off;FastInserts=0;QueryMaxLength=5000;Transactions=no;ParallelDownloads=3;DecodeThreads=2;MemoryLimit=1GB;\
         Spill=0;SpillLimit=2MB;SpillPath=/tmp/rows;StorageConnectTimeout=4;StorageRetryTimeout=90;ConnectTimeout=5;ReadTimeout=7;LogLevel=5;LogPath=/tmp/x.log",
    );
    assert_eq!(options.port, 8443);
    assert_eq!(options.password.unwrap().reveal(), "p");
    assert_eq!(
        (options.catalog.as_deref(), options.schema.as_deref()),
        (Some("c"), Some("s"))
    );
    assert_eq!(options.trust.verification, Verification::Ca);
    assert_eq!(
        options.trust.stores,
        [PathBuf::from("/a.pem"), PathBuf::from("/b.pem")]
    );
    assert_eq!(options.trust.store_password.unwrap().reveal(), "x");
    assert!(!options.trust.system);
    assert_eq!(options.storage_trust.verification, Verification::None);
    assert_eq!(options.storage_trust.stores, [PathBuf::from("/c.pem")]);
    assert!(!options.storage_trust.system);
    assert_eq!(
        options.spooling.encodings,
        [Encoding::Json, Encoding::JsonZstd]
    );
    assert_eq!(
        (options.spooling.downloads, options.spooling.memory),
        (Some(3), Some(1 << 30))
    );
    assert_eq!(options.spooling.decode_threads, Some(2));
    assert_eq!(
        (options.spooling.spill, options.spooling.spill_limit),
        (false, 2 << 20)
    );
    assert_eq!(
        options.spooling.spill_path,
        Some(PathBuf::from("/tmp/rows"))
    );
    let seconds = |seconds| Some(Duration::from_secs(seconds));
    assert_eq!(options.spooling.connect_timeout, seconds(4));
    assert_eq!(options.spooling.retry_timeout, seconds(90));
    assert_eq!(options.source, "app");
    assert_eq!(options.client_info.as_deref(), Some("i"));
    assert_eq!(options.client_tags, ["a", "b"]);
    assert_eq!(options.trace_token.as_deref(), Some("t"));
    assert_eq!(options.path.as_deref(), Some("c.s"));
    assert_eq!(options.session_properties.len(), 2);
    assert_eq!(options.extra_credentials[0].1.reveal(), "v");
    assert_eq!(options.roles, [("system".to_owned(), "admin".to_owned())]);
    assert_eq!(options.time_zone.as_deref(), Some("Europe/Berlin"));
    assert!(!options.validate_connection && !options.compression);
    assert!(!options.fast_inserts && !options.transactions);
    assert_eq!(options.query_max_length, 5000);
    assert_eq!(options.connect_timeout, Some(Duration::from_secs(5)));
    assert_eq!(
        options.spooling.connect_timeout,
        Some(Duration::from_secs(4))
    );
    assert_eq!(options.read_timeout, Some(Duration::from_secs(7)));
    assert_eq!(options.log.level, Some(tracing::Level::DEBUG));
    assert_eq!(options.log.path, Some(PathBuf::from("/tmp/x.log")));
}

#[test]
fn port_443_means_tls_and_tls_means_port_443() {
    let of = |text| {
        let options = options(text);
        (options.port, options.tls)
    };
    assert_eq!(of("Host=h;UID=u;Port=443"), (443, true));
    assert_eq!(of("Host=h;UID=u;SSL=true"), (443, true));
    assert_eq!(of("Host=h;UID=u;SSL=false;Port=443"), (443, false));
}

#[test]
fn a_secret_is_refused_without_tls() {
    assert_eq!(
        error("Host=h;UID=u;PWD=p"),
        Error::Insecure { keyword: "PWD" }
    );
    assert_eq!(
        error("Host=h;AccessToken=t"),
        Error::Insecure {
            keyword: "AccessToken"
        }
    );
}

#[test]
fn an_unknown_keyword_gives_a_warning_that_names_it() {
    let (_, warnings) = both("Host=h;UID=u;Colour=red;colour=blue", &NONE).unwrap();
    assert_eq!(warnings[0], Warning::UnknownKeyword("Colour".to_owned()));
}

#[test]
fn a_keyword_of_another_driver_that_has_no_effect_here_gives_a_warning() {
    let (_, warnings) = both("Host=h;UID=u;DnsResolver=1;AutoCommit=1", &NONE).unwrap();
    assert_eq!(warnings, [Warning::Unsupported("DnsResolver".to_owned())]);
}

#[test]
fn a_keyword_of_another_driver_warns_when_it_asks_for_more_than_is_done() {
    let (_, warnings) = both(
        "Host=h;UID=u;IgnoreBrokenCatalog=1;AutoIPD=0;CheckCertRevocation=0;UseWVarchar=true;HTTPLoggingLevel=none",
        &NONE,
    )
    .unwrap();
    assert_eq!(warnings, []);
    for asked in [
        "CheckCertRevocation=1",
        "AutoIPD=1",
        "UseUnicodeSqlCharacterTypes=0",
    ] {
        let (_, warnings) = both(&format!("Host=h;UID=u;{asked}"), &NONE).unwrap();
        assert!(
            matches!(warnings.as_slice(), [Warning::Ignored { keyword, .. }] if asked.starts_with(keyword)),
            "{warnings:?}"
        );
    }
}

#[test]
fn of_names_that_contradict_each_other_the_rightmost_counts_and_the_other_is_told() {
    let contradicted = |keyword: &str, by: &str| Warning::Contradicted {
        keyword: keyword.to_owned(),
        by: by.to_owned(),
    };
    let (options, warnings) = both(
        "Host=h;UID=u;Path=a;User=v;TimeZoneID=UTC;TimeZone=Asia/Tokyo",
        &NONE,
    )
    .unwrap();
    assert_eq!(options.user.as_deref(), Some("v"));
    assert_eq!(options.time_zone.as_deref(), Some("Asia/Tokyo"));
    assert_eq!(
        warnings,
        [
            contradicted("UID", "User"),
            contradicted("TimeZoneID", "TimeZone")
        ]
    );
    // A name that outranks the other does so from the left, too.
    let (options, warnings) = both("Server=a;Host=b;UID=u", &NONE).unwrap();
    assert_eq!(options.host, "a");
    assert_eq!(warnings, [contradicted("Host", "Server")]);
    // The same said twice, the same name twice, and a data source that is covered are no contradiction.
    let source = Demo(&[("Host", "x"), ("Username", "y")]);
    for text in [
        "Host=h;UID=u;User=u;SSL=1;EnableSSL=true",
        "Host=h;UID=t;UID=u",
        "DSN=Demo;Server=h;UID=u",
    ] {
        assert_eq!(both(text, &source).unwrap().1, [], "{text}");
    }
}

#[test]
fn a_contradiction_of_secrets_shows_none() {
    let (options, warnings) =
        both("Host=h;UID=u;SSL=1;PWD=hunter2;Password=hunter3", &NONE).unwrap();
    assert_eq!(options.password.unwrap().reveal(), "hunter3");
    let [warning] = warnings.as_slice() else {
        panic!("{warnings:?}");
    };
    assert!(!warning.to_string().contains("hunter"), "{warning}");
}

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
        let (options, warnings) = parse(&given, &Registered).unwrap();
        assert_eq!(warnings, []);
        assert_eq!(options.user.as_deref(), Some("u"));
        assert_eq!(options.spooling.memory, Options::default().spooling.memory);
        (options.log, options.spooling.process_memory)
    };
    for text in ["DRIVER={Trino};Host=h;UID=u", "DSN=a;Host=h;UID=u"] {
        let (log, memory) = of(text);
        assert_eq!(memory, Some(1 << 30));
        assert_eq!(log.level, Some(tracing::Level::DEBUG));
        assert_eq!(log.path, Some(PathBuf::from("/l")));
        assert_eq!((log.file_size, log.files), (2 << 20, 3));
        assert!(log.driver_wide);
    }
    let (log, memory) = of("DRIVER={Trino};Host=h;UID=u;LogLevel=off;ProcessMemoryLimit=64MB");
    assert_eq!((log.level, log.driver_wide), (None, false));
    assert_eq!(memory, Some(64 << 20));
    let (log, memory) = of("DRIVER={Other};Host=h;UID=u");
    assert_eq!((log.level, memory), (None, None));
}

#[test]
fn a_proxy_in_parts_counts_when_it_is_turned_on() {
    let of = |text: &str| both(&format!("Host=h;UID=u;{text}"), &NONE).unwrap();
    let (options, warnings) =
        of("UseProxy=1;ProxyHost=p.example;ProxyPort=3128;ProxyUID=a;ProxyPWD=b");
    let server = ProxyServer {
        uri: Secret::new("http://p.example:3128"),
        credentials: Some(("a".to_owned(), Secret::new("b"))),
        exclusions: Vec::new(),
    };
    assert_eq!(options.proxy, Proxy::Server(Box::new(server)));
    assert_eq!(options.storage_proxy, Proxy::System);
    assert_eq!(warnings, []);
    assert_eq!(
        of("UseProxy=0;ProxyHost=p;ProxyPort=1").0.proxy,
        Proxy::Direct
    );
    let (options, warnings) = of("ProxyHost=p.example");
    assert_eq!(options.proxy, Proxy::System);
    assert!(
        matches!(warnings.as_slice(), [Warning::Ignored { .. }]),
        "{warnings:?}"
    );
    let (options, warnings) = of("UseProxy=1;ProxyHost=p.example;HTTPProxy=none");
    assert_eq!(options.proxy, Proxy::Direct);
    assert!(
        matches!(warnings.as_slice(), [Warning::Contradicted { .. }]),
        "{warnings:?}"
    );
    assert!(
        error("Host=h;UID=u;UseProxy=1")
            .to_string()
            .contains("ProxyHost")
    );
}

#[test]
fn headers_are_separated_as_any_driver_documents_it() {
    for written in [
        "{X-Team:data, eng;X-Key:a=b}",
        "X-Team:data, eng,X-Key:a=b",
        "{X-Team:data, eng;X-Key:a=b;}",
    ] {
        let headers = options(&format!("Host=h;UID=u;ExtraHeaders={written}")).extra_headers;
        let expected = [("X-Team", "data, eng"), ("X-Key", "a=b")];
        let expected = expected.map(|(name, value)| (name.to_owned(), Secret::new(value)));
        assert_eq!(headers, expected, "{written}");
    }
    let headers = options("Host=h;UID=u;ExtraHeaders=X-Team=data,X-Key=b:c").extra_headers;
    assert_eq!(headers[1], ("X-Key".to_owned(), Secret::new("b:c")));
    let headers = options("Host=h;UID=u;ExtraHeaders={X-From:http://a,https://b}").extra_headers;
    assert_eq!(headers[0].1, Secret::new("http://a,https://b"));
}

#[test]
fn only_headers_that_the_driver_sends_are_refused_with_the_reason() {
    for allowed in [
        "X-Trino-Routing-Group",
        "X-Trino-External",
        "X-Presto-Foo",
        "X-Api-Key",
    ] {
        let headers = options(&format!("Host=h;UID=u;ExtraHeaders={allowed}:x")).extra_headers;
        assert_eq!(headers[0].0, allowed);
    }
    for (header, reason) in [
        ("X-Trino-User", "sends it itself"),
        ("x-presto-session", "sends it itself"),
        ("Authorization", "keywords"),
        ("Proxy-Authorization", "keywords"),
        ("cookie", "Cookies"),
        ("HOST", "Port"),
        ("Transfer-Encoding", "single connection"),
        ("Content-Length", "body"),
    ] {
        let error = error(&format!("Host=h;UID=u;ExtraHeaders={header}:secret")).to_string();
        assert!(error.contains(header) && error.contains(reason), "{error}");
        assert!(!error.contains("secret"), "{error}");
    }
}

#[test]
fn headers_of_ones_own_are_none_of_the_protocols() {
    let told = options(
        "Host=h;UID=u;ExtraHeaders={X-Team:data;X-Key:a=b};ResourceEstimates=CPU_TIME=5m,EXECUTION_TIME=1h;\
         Locale=de_AT;SessionUser=bob",
    );
    assert_eq!(
        told.extra_headers[1],
        ("X-Key".to_owned(), Secret::new("a=b"))
    );
    assert_eq!(
        told.resource_estimates[0],
        ("CPU_TIME".to_owned(), "5m".to_owned())
    );
    assert_eq!(told.language.as_deref(), Some("de-AT"));
    assert_eq!(told.session_user.as_deref(), Some("bob"));
    for wrong in [
        "ExtraHeaders=a/b:x",
        "ExtraHeaders=X-Team",
        "ResourceEstimates=LUCK=1",
    ] {
        assert!(
            matches!(
                error(&format!("Host=h;UID=u;{wrong}")),
                Error::Invalid { .. }
            ),
            "{wrong}"
        );
    }
}

#[test]
fn an_invalid_value_is_named_with_what_is_allowed() {
    let message = error("Host=h;UID=u;port=70000").to_string();
    assert_eq!(
        message,
        "port=70000 is not valid. It must be a whole number from 1 to 65535."
    );
    for text in [
        "Host=https://h/ui;UID=u",
        "Host=h:1;Port=2;UID=u",
        "Host=https://h;SSL=0;UID=u",
        "Host=h;UID=u;SSL=maybe",
        "Host=h;UID=u;SSLVerification=Half",
        "Host=h;UID=u;Encoding=arrow",
        "Host=h;UID=u;Encoding=auto,json",
        "Host=h;UID=u;ParallelDownloads=-5",
        "Host=h;UID=u;MemoryLimit=much",
        "Host=h;UID=u;SSLMinVersion=1.4",
        "Host=h;UID=u;LogLevel=loud",
        "Host=h;UID=u;SessionProperties=nothing",
        "Host=h;UID={u\nX-Trino-Role: x}",
        "Host=h;UID=a:b;PWD=p;SSL=1",
        "Host=h;UID=u;AuthenticationType=Magic",
    ] {
        assert!(
            matches!(error(text), Error::Invalid { value: Some(_), .. }),
            "{text}"
        );
    }
}

#[test]
fn no_message_shows_a_secret() {
    for text in [
        "Host=h;UID=u;SSL=1;PWD={hunter2\n}",
        "Host=h;SSL=1;AccessToken={hunter2\n}",
        "Host=h;UID=u;ExtraCredentials=hunter2",
    ] {
        let error = error(text);
        assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
    }
    let options = options("Host=h;UID=u;SSL=1;PWD=hunter2;ExtraCredentials=k:hunter2");
    assert!(!format!("{options:?}").contains("hunter2"));
}

#[test]
fn what_is_missing_is_named() {
    for (text, name) in [
        ("UID=u", "Host"),
        ("Host=h", "UID"),
        ("Host=h;UID=u;Schema=s", "Catalog"),
        (
            "Host=h;UID=u;SSL=1;AuthenticationType=LDAP Authentication",
            "PWD",
        ),
        ("Host=h;UID=u;SSL=1;AuthenticationType=JWT", "AccessToken"),
    ] {
        assert!(
            matches!(error(text), Error::Missing { keyword, .. } if keyword == name),
            "{text}"
        );
    }
}

#[test]
fn kerberos_is_asked_for_by_its_type_or_by_its_service() {
    for asked in [
        "AuthenticationType=Kerberos Authentication;KrbServiceName=trino",
        "KerberosRemoteServiceName=trino",
    ] {
        let (options, warnings) = both(&format!("Host=h;SSL=1;{asked}"), &NONE).unwrap();
        assert_eq!(options.kerberos.unwrap().service, "trino");
        assert_eq!(warnings, []);
    }
    for (asked, wanted) in [
        ("Host=h;KerberosServiceName=a", "SSL=true"),
        (
            "Host=h;SSL=1;KerberosServiceName=a;KerberosPassword=p",
            "KerberosPrincipal",
        ),
    ] {
        assert!(error(asked).to_string().contains(wanted), "{asked}");
    }
}

#[test]
fn secrets_that_are_not_used_are_named() {
    let (options, warnings) = both(
        "Host=h;UID=u;PWD=p;AuthenticationType=No Authentication",
        &NONE,
    )
    .unwrap();
    assert!(options.password.is_none());
    assert!(matches!(&warnings[..], [Warning::Ignored { keyword, .. }] if keyword == "PWD"));
}

#[test]
fn server_wins_over_host_and_the_rightmost_over_the_rest() {
    assert_eq!(options("Server=s;Host=h;UID=u").host, "s");
    assert_eq!(options("Host=a;host=b;UID=u").host, "b");
    assert_eq!(options("Host=h;User=a;UID=b").user.as_deref(), Some("b"));
    assert_eq!(
        options("Host=h;UID=u;Database=d;Catalog=c")
            .catalog
            .as_deref(),
        Some("d")
    );
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
    let (options, warnings) = both("DSN=Demo;Host=h;Source=", &demo).unwrap();
    assert_eq!(options.host, "h", "whatever names they use");
    assert_eq!(options.catalog.as_deref(), Some("c"));
    assert_eq!(
        options.source, "trino-odbc",
        "an empty value means the default"
    );
    assert_eq!(options.data_source.as_deref(), Some("Demo"));
    assert!(warnings.is_empty());
}

#[test]
fn a_data_source_that_is_not_there_is_named() {
    let missing = Error::DataSourceNotFound("Other".to_owned());
    assert_eq!(both("DSN=Other;Host=h;UID=u", &NONE).unwrap_err(), missing);
}

#[test]
fn connecting_by_name_takes_user_and_password_beside_the_data_source() {
    let demo = Demo(&[("Host", "h"), ("UID", "u"), ("PWD", "p"), ("SSL", "1")]);
    let (options, _) = from_data_source("Demo", Some("ann"), Some(""), &demo).unwrap();
    assert_eq!(options.user.as_deref(), Some("ann"));
    assert_eq!(options.password.unwrap().reveal(), "p");
}

#[test]
fn older_names_for_checking_less_are_understood() {
    let of = |text: &str| {
        let (options, warnings) = both(text, &NONE).unwrap();
        (options.trust.verification, warnings.len())
    };
    let base = "Host=h;UID=u;SSL=1";
    assert_eq!(
        of(&format!("{base};AllowHostNameCNMismatch=1")),
        (Verification::Ca, 0)
    );
    assert_eq!(
        of(&format!("{base};AllowSelfSignedServerCert=0")),
        (Verification::Full, 0)
    );
    assert_eq!(
        of(&format!(
            "{base};AllowHostNameCNMismatch=1;AllowSelfSignedServerCert=1"
        )),
        (Verification::None, 1)
    );
    assert_eq!(
        of(&format!(
            "{base};AllowSelfSignedServerCert=1;SSLVerification=Full"
        )),
        (Verification::Full, 1)
    );
}

#[test]
fn a_proxy_is_the_coordinators_or_the_storages_and_never_both() {
    let of = |text: &str| {
        let options = options(&format!("Host=h;UID=u;{text}"));
        (options.proxy, options.storage_proxy)
    };
    let server = |uri: &str, exclusions: &[&str]| {
        Proxy::Server(Box::new(ProxyServer {
            uri: Secret::new(uri),
            credentials: None,
            exclusions: exclusions.iter().map(|host| (*host).to_owned()).collect(),
        }))
    };
    assert_eq!(of(""), (Proxy::System, Proxy::System));
    assert_eq!(of("HTTPProxy=None"), (Proxy::Direct, Proxy::System));
    assert_eq!(of("StorageProxy=none"), (Proxy::System, Proxy::Direct));
    assert_eq!(
        of("httpProxy=p:3128;NoProxy=a,.b"),
        (server("http://p:3128", &["a", ".b"]), Proxy::System)
    );
    assert_eq!(
        of("StorageProxy=socks5://p:1080;StorageProxyExclusions=10.0.0.0/8"),
        (Proxy::System, server("socks5://p:1080", &["10.0.0.0/8"]))
    );
    assert_eq!(of("socksProxy=p:1080").0, server("socks5h://p:1080", &[]));
}

#[test]
fn a_proxy_that_cannot_be_used_is_refused_without_showing_its_password() {
    for text in [
        "HTTPProxy=ftp://hunter2@p",
        "StorageProxy=http://u:hunter2@p/path",
        "HTTPProxy=p:1;SOCKSProxy=hunter2:1",
        "HTTPProxy=p:1;HTTPProxyPassword=hunter2",
    ] {
        let error = error(&format!("Host=h;UID=u;{text}"));
        assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
    }
    let options = options("Host=h;UID=u;HTTPProxy=u:hunter2@p:1;ProxyUID=u;ProxyPWD=hunter2");
    assert!(!format!("{options:?}").contains("hunter2"));
}

#[test]
fn trusting_nothing_at_all_is_refused() {
    assert!(matches!(
        error("Host=h;UID=u;SSL=1;UseSystemTrustStore=0"),
        Error::NothingTrusted { .. }
    ));
    assert!(!options("Host=h;UID=u;UseSystemTrustStore=0").trust.system);
}

#[test]
fn encodings_adapt_unless_a_list_is_given() {
    let spooling = |text: &str| options(&format!("Host=h;UID=u;{text}")).spooling;
    let all = [Encoding::JsonZstd, Encoding::JsonLz4, Encoding::Json];
    for text in ["", "Encoding=auto", "Encoding= AUTO "] {
        let spooling = spooling(text);
        assert!(spooling.adaptive, "{text}");
        assert_eq!(spooling.encodings, all, "{text}");
    }
    for text in ["json+zstd,json+lz4,json", "json+lz4", "none"] {
        assert!(!spooling(&format!("Encoding={text}")).adaptive, "{text}");
    }
}

#[test]
fn encodings_may_be_none() {
    assert!(
        options("Host=h;UID=u;Encoding=None")
            .spooling
            .encodings
            .is_empty()
    );
}

#[test]
fn an_address_of_ipv6_stands_in_brackets() {
    assert_eq!(options("Host=::1;UID=u").host, "[::1]");
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
    assert_eq!(options.password.unwrap().reveal(), "a;b}c");
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
    let (options, warnings) = both("DSN=Demo", &demo).unwrap();
    assert_eq!(warnings, []);
    assert_eq!(
        (options.host.as_str(), options.port, options.tls),
        ("trino.example", 8443, true)
    );
    assert_eq!(options.catalog.as_deref(), Some("hive"));
    assert_eq!(options.trust.stores, [PathBuf::from("/a b.pem")]);
    assert_eq!(options.log.path, Some(PathBuf::from("/var/log")));
    assert_eq!(
        options.password.unwrap().reveal(),
        "\"p\" ;x",
        "a password may hold anything"
    );
}

#[test]
fn a_host_says_port_and_tls_where_nothing_else_does() {
    let of = |text: &str, source: &Demo| {
        let (options, warnings) = both(text, source).unwrap();
        assert_eq!(warnings, [], "{text}");
        (options.host, options.port, options.tls)
    };
    let host = |host: &str, port, tls| (host.to_owned(), port, tls);
    for (text, expected) in [
        ("Host=h:8443;UID=u", host("h", 8443, false)),
        ("Host=https://h:8443/;UID=u", host("h", 8443, true)),
        ("Host=https://h;UID=u", host("h", 443, true)),
        ("Host=http://h;UID=u", host("h", 8080, false)),
        ("Host=\"h\";UID=u", host("h", 8080, false)),
        ("Host= h. ;UID=u", host("h.", 8080, false)),
        ("Host=[::1]:9;UID=u", host("[::1]", 9, false)),
        (
            "Server=https://h:8443;Port=8443;SSL=yes;UID=u",
            host("h", 8443, true),
        ),
    ] {
        assert_eq!(of(text, &NONE), expected, "{text}");
    }
    let demo = Demo(&[("Host", "https://a:1"), ("Port", "1"), ("UID", "u")]);
    assert_eq!(of("DSN=Demo;Host=b:2", &demo), host("b", 2, true));
    assert_eq!(of("DSN=Demo;Port=3", &demo), host("a", 3, true));
}

#[test]
fn numbers_out_of_range_become_the_nearest_with_a_warning() {
    let of = |text: &str| both(&format!("Host=h;UID=u;{text}"), &NONE).unwrap();
    let (options, warnings) = of("ParallelDownloads=1000;MemoryLimit=1KB;ConnectTimeout=30000");
    assert_eq!(options.spooling.downloads, Some(64));
    assert_eq!(options.spooling.memory, Some(1 << 20));
    assert_eq!(options.connect_timeout, Some(Duration::from_secs(3600)));
    let replaced = warnings.iter().map(|warning| match warning {
        Warning::Replaced {
            keyword, instead, ..
        } => (keyword.as_str(), instead.as_str()),
        other => panic!("{other}"),
    });
    assert_eq!(
        replaced.collect::<Vec<_>>(),
        [
            ("ConnectTimeout", "3600"),
            ("ParallelDownloads", "64"),
            ("MemoryLimit", "1048576")
        ]
    );
    let (options, warnings) = of("LogLevel=9");
    assert_eq!(options.log.level, Some(tracing::Level::TRACE));
    assert_eq!(warnings.len(), 1);
    let (options, warnings) = of("MaxVarcharColumnLength=99999999999999999999");
    assert_eq!((options.lengths.text, warnings.len()), (0x7fff_ffff, 1));
}

#[test]
fn zero_is_no_limit_for_timeouts_and_the_default_elsewhere() {
    let (options, warnings) = both(
        "Host=h;UID=u;Port=0;LoginTimeout=0;Timeout=0s;StorageConnectTimeout=-1;MaxVarcharColumnLength=0;\
         MaxComplexTypeColumnLength=0;ParallelDownloads=0;DecodeThreads=0;MemoryLimit=0;SpillLimit=0;LogFileSize=0;\
         LogFileCount=0;QueryMaxLength=0;MetadataCache=0",
        &NONE,
    )
    .unwrap();
    let defaults = Options::default();
    assert_eq!(warnings, []);
    assert_eq!(
        (options.connect_timeout, options.read_timeout),
        (None, None)
    );
    assert_eq!(options.spooling.connect_timeout, None);
    assert_eq!(options.patience(), None);
    assert_eq!(options.port, defaults.port);
    assert_eq!(options.lengths, defaults.lengths);
    assert_eq!(options.spooling.downloads, defaults.spooling.downloads);
    assert_eq!(options.spooling.decode_threads, None);
    assert_eq!(options.spooling.memory, defaults.spooling.memory);
    assert_eq!(options.spooling.spill_limit, defaults.spooling.spill_limit);
    assert_eq!(options.log.file_size, defaults.log.file_size);
    assert_eq!(options.log.files, defaults.log.files);
    assert_eq!(options.query_max_length, defaults.query_max_length);
}

#[test]
fn versions_of_tls_that_nobody_speaks_any_more_become_the_oldest_that_is_spoken() {
    let of = |text: &str| both(&format!("Host=h;UID=u;SSL=1;{text}"), &NONE).unwrap();
    for text in ["Min_TLS=1.0", "SSLMinVersion=TLSv1.1", "MinTLS=SSLv3"] {
        let (options, warnings) = of(text);
        assert_eq!(options.trust.oldest, TlsVersion::Tls12, "{text}");
        assert!(
            matches!(warnings.as_slice(), [Warning::Replaced { instead, .. }] if instead == "1.2"),
            "{warnings:?}"
        );
    }
    for (text, oldest) in [
        ("Min_TLS=1.2", TlsVersion::Tls12),
        ("Min_TLS=TLSv1.3", TlsVersion::Tls13),
    ] {
        let (options, warnings) = of(text);
        assert_eq!((options.trust.oldest, warnings), (oldest, vec![]), "{text}");
    }
    let (options, warnings) = of("StorageSSLMinVersion=1.0");
    assert_eq!(
        (options.storage_trust.oldest, warnings.len()),
        (TlsVersion::Tls12, 1)
    );
}

#[test]
fn certificates_are_checked_wholly_or_not_at_all_by_a_boolean() {
    for (value, verification, warnings) in [
        ("1", Verification::Full, 0),
        ("true", Verification::Full, 0),
        ("0", Verification::None, 1),
        ("off", Verification::None, 1),
    ] {
        let text =
            format!("Host=h;UID=u;SSL=1;SSLVerification={value};StorageSSLVerification={value}");
        let (options, told) = both(&text, &NONE).unwrap();
        assert_eq!(options.trust.verification, verification, "{value}");
        assert_eq!(options.storage_trust.verification, verification, "{value}");
        assert_eq!(told.len(), warnings, "{value}");
    }
}

#[test]
fn what_belongs_to_something_else_in_the_data_source_is_left_out() {
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
    assert_eq!(
        of("SSLClientCertificate=/b.p12").0.identity.unwrap().key,
        None
    );
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
    assert_eq!(
        of("AccessTokenFile=/f").0.access_token_file,
        Some(PathBuf::from("/f"))
    );
    assert_eq!(of("PWD=p").0.password.unwrap().reveal(), "p");
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

#[test]
fn what_is_missing_may_be_there_under_a_name_that_is_not_known() {
    let told = |text: &str| {
        let refusal = parse(&ConnectionString::parse(text).unwrap(), &NONE).unwrap_err();
        refusal.to_string()
    };
    assert_eq!(
        told("Host=h;UserID=ann"),
        "UID is missing: it names the user that runs the queries. UserID is not a known keyword; did you mean UID?"
    );
    assert_eq!(
        told("Adress=h;UID=u"),
        "Host is missing: it names the coordinator. Adress is not a known keyword."
    );
    assert!(
        told("Host=h;UID=u;PWD=p;UseTls=1").contains("UseTls"),
        "any error names them"
    );
}

proptest! {
    #[test]
    fn any_values_are_read_or_refused(
        index in 0..super::super::KEYWORDS.len(),
        value in ".{0,20}|[0-9]{1,20}|[a-z:=,;]{0,12}"
    ) {
        let pairs = [
            ("Host".to_owned(), "h".to_owned()),
            (super::super::KEYWORDS[index].name.to_owned(), value),
        ];
        let _ = parse(&ConnectionString::from_pairs(pairs), &NONE);
    }
}
