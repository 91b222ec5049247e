use std::path::PathBuf;
use std::time::Duration;

use tracing::level_filters::LevelFilter;

use super::super::{
    Browsing, Encoding, Error, LogOptions, Options, Presentation, Settings, TlsVersion,
    Verification, Warning,
};
use super::{Demo, NONE, all, both, error, options, password, settings};

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
fn without_keywords_the_defaults_of_the_client_apply() {
    let given = options("Host=h;UID=u");
    let client = Options {
        host: "h".to_owned(),
        user: Some("u".to_owned()),
        source: "trino-odbc".to_owned(),
        ..Options::default()
    };
    assert_eq!(format!("{given:?}"), format!("{client:?}"));
}

#[test]
fn catalog_functions_query_each_time_and_take_patterns_by_default() {
    let default = settings("Host=h;UID=u").presentation;
    assert_eq!(default.browsing, Browsing::default());
    let changed = settings(
        "Host=h;UID=u;MetadataCache=5m;AssumeNullCatalogMeansCurrentCatalog=1;LiteralUnderscore=yes;\
         TableRemarks=true",
    );
    let expected = Browsing {
        null_catalog_is_current: true,
        literal_underscore: true,
        table_remarks: true,
    };
    assert_eq!(changed.presentation.browsing, expected);
    assert_eq!(changed.client.metadata_cache, Duration::from_secs(300));
}

#[test]
fn every_keyword_arrives_in_the_settings() {
    let Settings {
        client: options,
        presentation,
        log,
        ..
    } = settings(
        "Host=h;Port=8443;UID=u;PWD=p;Catalog=c;Schema=s;SSL=1;SSLVerification=ca;\
         SSLTrustStore={/a.pem;/b.pem};SSLTrustStorePassword=x;SSLUseSystemTrustStore=0;\
         StorageTrustStore=/c.pem;StorageSSLVerification=None;StorageUseSystemTrustStore=no;\
         Encoding=json,json+zstd;Source=app;ClientInfo=i;ClientTags=a, b;TraceToken=t;Path=c.s;\
         SessionProperties={a:1;c.b:2};ExtraCredentials=k=v;Roles=system=admin;TimeZone=Europe/Berlin;\
         ValidateConnection=false;Compression=off;FastInserts=0;QueryMaxLength=5000;Transactions=no;ParallelDownloads=3;DecodeThreads=2;MemoryLimit=1GB;\
         Spill=0;SpillLimit=2MB;SpillPath=/tmp/rows;StorageConnectTimeout=4;StorageRetryTimeout=90;ConnectTimeout=5;ReadTimeout=7;LogLevel=5;LogPath=/tmp/x.log",
    );
    assert_eq!(options.port, 8443);
    assert_eq!(password(&options), "p");
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
    assert!(!presentation.fast_inserts && !presentation.transactions);
    assert_eq!(options.query_max_length, 5000);
    assert_eq!(options.connect_timeout, Some(Duration::from_secs(5)));
    assert_eq!(
        options.spooling.connect_timeout,
        Some(Duration::from_secs(4))
    );
    assert_eq!(options.read_timeout, Some(Duration::from_secs(7)));
    assert_eq!(log.level, Some(LevelFilter::DEBUG));
    assert_eq!(log.path, Some(PathBuf::from("/tmp/x.log")));
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
fn a_host_sets_port_and_tls_where_nothing_else_does() {
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
    let of = |text: &str| all(&format!("Host=h;UID=u;{text}"), &NONE).unwrap();
    let (settings, warnings) = of("ParallelDownloads=1000;MemoryLimit=1KB;ConnectTimeout=30000");
    let options = settings.client;
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
    let (settings, warnings) = of("LogLevel=9");
    assert_eq!(settings.log.level, Some(LevelFilter::TRACE));
    assert_eq!(warnings.len(), 1);
    let (settings, warnings) = of("MaxVarcharColumnLength=99999999999999999999");
    let length = settings.presentation.lengths.text;
    assert_eq!((length, warnings.len()), (0x7fff_ffff, 1));
}

#[test]
fn zero_is_no_limit_for_timeouts_and_the_default_elsewhere() {
    let (settings, warnings) = all(
        "Host=h;UID=u;Port=0;LoginTimeout=0;Timeout=0s;StorageConnectTimeout=-1;MaxVarcharColumnLength=0;\
         MaxComplexTypeColumnLength=0;ParallelDownloads=0;DecodeThreads=0;MemoryLimit=0;SpillLimit=0;LogFileSize=0;\
         LogFileCount=0;QueryMaxLength=0;MetadataCache=0",
        &NONE,
    )
    .unwrap();
    let (options, log) = (settings.client, settings.log);
    let defaults = Options::default();
    assert_eq!(warnings, []);
    assert_eq!(
        (options.connect_timeout, options.read_timeout),
        (None, None)
    );
    assert_eq!(options.spooling.connect_timeout, None);
    assert_eq!(options.patience(), None);
    assert_eq!(options.port, defaults.port);
    assert_eq!(
        settings.presentation.lengths,
        Presentation::default().lengths
    );
    assert_eq!(options.spooling.downloads, defaults.spooling.downloads);
    assert_eq!(options.spooling.decode_threads, None);
    assert_eq!(options.spooling.memory, defaults.spooling.memory);
    assert_eq!(options.spooling.spill_limit, defaults.spooling.spill_limit);
    let of_log = LogOptions::default();
    assert_eq!((log.file_size, log.files), (of_log.file_size, of_log.files));
    assert_eq!(options.query_max_length, defaults.query_max_length);
}

#[test]
fn obsolete_versions_of_tls_become_the_oldest_supported_one() {
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
        let (options, given) = both(&text, &NONE).unwrap();
        assert_eq!(options.trust.verification, verification, "{value}");
        assert_eq!(options.storage_trust.verification, verification, "{value}");
        assert_eq!(given.len(), warnings, "{value}");
    }
}
