use super::super::{Proxy, ProxyServer, Secret, Warning};
use super::{NONE, both, error, options};

#[test]
fn a_proxy_in_parts_applies_when_it_is_turned_on() {
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
