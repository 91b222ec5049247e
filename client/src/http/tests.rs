use std::fs;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, CertifiedIssuer, DnType,
    IsCa, KeyIdMethod, KeyPair, KeyUsagePurpose, RevokedCertParams, SerialNumber, date_time_ymd,
};
use rustls::SupportedProtocolVersion;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ResolvesServerCert, WebPkiClientVerifier};
use rustls::sign::{CertifiedKey, SingleCertAndKey};

use url::Url;

use super::proxy::{Scripted, SystemProxies};
use super::*;
use crate::options::{Identity, Proxy, Secret, TlsVersion, Trust, Verification};

/// A server with a certificate for 127.0.0.1 (or another name), and the authority that signed it.
struct Server {
    port: u16,
    store: PathBuf,
    /// A list that names its certificate.
    revoked: PathBuf,
    _folder: tempfile::TempDir,
}

/// How a server greets.
pub(super) struct Manner {
    pub(super) versions: &'static [&'static SupportedProtocolVersion],
    /// Whether it requires a client certificate.
    pub(super) asks: bool,
    /// Whether it closes the connection of a client without one, and does not say why.
    pub(super) is_silent: bool,
    /// What it shows of itself.
    pub(super) resolver: Option<Arc<dyn ResolvesServerCert>>,
}

impl Default for Manner {
    fn default() -> Self {
        Self {
            versions: rustls::DEFAULT_VERSIONS,
            asks: false,
            is_silent: false,
            resolver: None,
        }
    }
}

/// The port of a server that answers everything with a redirect.
pub(super) fn serve(manner: Manner) -> u16 {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = rustls::ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(manner.versions)
        .unwrap();
    let builder = match manner.asks {
        false => builder.with_no_client_auth(),
        true => {
            let mut roots = rustls::RootCertStore::empty();
            let pem = fs::read(identities().join("authority.pem")).unwrap();
            roots
                .add(CertificateDer::from_pem_slice(&pem).unwrap())
                .unwrap();
            let mut verifier = WebPkiClientVerifier::builder_with_provider(roots.into(), provider);
            if manner.is_silent {
                verifier = verifier.allow_unauthenticated();
            }
            builder.with_client_cert_verifier(verifier.build().unwrap())
        }
    };
    let config = Arc::new(builder.with_cert_resolver(manner.resolver.unwrap()));
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut session = rustls::ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut stream = stream.unwrap();
            let mut tls = rustls::Stream::new(&mut session, &mut stream);
            if tls.read(&mut [0; 4096]).is_ok() {
                if !manner.is_silent || tls.conn.peer_certificates().is_some() {
                    let _ = tls.write_all(ANSWER);
                }
            } else {
                // Closed while a request is unread, Windows would drop the alert with the connection.
                let _ = stream.shutdown(Shutdown::Write);
                let _ = stream.set_read_timeout(Some(Duration::from_secs(5)));
                let _ = std::io::copy(&mut stream, &mut std::io::sink());
            }
        }
    });
    port
}

fn identities() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/identities")
}

impl Server {
    fn start(name: &str, expired: bool) -> Self {
        Self::with(name, expired, Manner::default())
    }

    fn with(name: &str, expired: bool, manner: Manner) -> Self {
        let mut authority = CertificateParams::new(Vec::new()).unwrap();
        let called = format!("Authority of {name}");
        authority
            .distinguished_name
            .push(DnType::CommonName, called);
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let key = KeyPair::generate().unwrap();
        let authority = CertifiedIssuer::self_signed(authority, key).unwrap();
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        let serial = SerialNumber::from(4711);
        params.serial_number = Some(serial.clone());
        if expired {
            params.not_before = date_time_ymd(2020, 1, 1);
            params.not_after = date_time_ymd(2021, 1, 1);
        }
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &authority).unwrap();
        let provider = rustls::crypto::ring::default_provider();
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let key = CertifiedKey::from_der(vec![certificate.der().clone()], key, &provider).unwrap();
        let port = serve(Manner {
            resolver: Some(Arc::new(SingleCertAndKey::from(key))),
            ..manner
        });
        let folder = tempfile::tempdir().unwrap();
        let store = folder.path().join("ca.pem");
        fs::write(&store, authority.pem()).unwrap();
        let revoked = folder.path().join("revoked.pem");
        let list = CertificateRevocationListParams {
            this_update: date_time_ymd(2020, 1, 1),
            next_update: date_time_ymd(2999, 1, 1),
            crl_number: SerialNumber::from(1),
            issuing_distribution_point: None,
            revoked_certs: vec![RevokedCertParams {
                serial_number: serial,
                revocation_time: date_time_ymd(2020, 1, 1),
                reason_code: None,
                invalidity_date: None,
            }],
            key_identifier_method: KeyIdMethod::Sha256,
        };
        let list = list.signed_by(&authority).unwrap();
        fs::write(&revoked, list.pem().unwrap()).unwrap();
        Self {
            port,
            store,
            revoked,
            _folder: folder,
        }
    }

    fn trust(&self, verification: Verification) -> Trust {
        Trust {
            verification,
            stores: vec![self.store.clone()],
            ..Trust::default()
        }
    }
}

const ANSWER: &[u8] = b"HTTP/1.1 303 See Other\r\nLocation: https://storage.example/a?sig=b\r\n\
    Content-Length: 0\r\n\r\n";

/// The status and the Location of an answer over TLS, or why there was none.
pub(super) fn ask(trust: &Trust, port: u16) -> Result<(u16, String), Error> {
    ask_as(None, trust, port)
}

/// The same, showing that certificate.
fn ask_as(identity: Option<Identity>, trust: &Trust, port: u16) -> Result<(u16, String), Error> {
    let client = Client::new(&Settings {
        identity,
        trust: trust.clone(),
        proxy: Proxy::Direct,
        connect_timeout: Some(Duration::from_secs(5)),
        read_timeout: Some(Duration::from_secs(5)),
        ..Settings::default()
    })?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let uri = format!("https://127.0.0.1:{port}/x?secret=1");
        let answer = client
            .get(&uri)
            .send()
            .await
            .map_err(|error| client.error(&error))?;
        let location = answer.headers()["location"].to_str().unwrap().to_owned();
        Ok((answer.status().as_u16(), location))
    })
}

#[test]
fn redirects_are_reported_and_not_followed() {
    let server = Server::start("127.0.0.1", false);
    let answer = ask(&server.trust(Verification::Full), server.port).unwrap();
    assert_eq!(answer, (303, "https://storage.example/a?sig=b".to_owned()));
}

#[test]
fn a_host_without_a_valid_tls_name_is_refused_with_the_reason() {
    let client = Client::new(&Settings {
        proxy: Proxy::Direct,
        ..Settings::default()
    })
    .unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    for host in ["tr-.example", "-tr.example"] {
        let uri = format!("https://{host}/");
        let answer = runtime.block_on(async { client.get(&uri).send().await });
        let error = client.error(&answer.unwrap_err());
        assert_eq!(error.kind(), Kind::Tls, "{error}");
        assert!(
            error.to_string().contains("may begin or end with '-'"),
            "{error}"
        );
    }
}

#[test]
fn an_unknown_authority_is_named_by_host_and_cause() {
    let server = Server::start("127.0.0.1", false);
    let error = ask(&Trust::default(), server.port).unwrap_err();
    assert_eq!(error.kind(), Kind::UnknownAuthority);
    assert_eq!(error.endpoint(), format!("127.0.0.1:{}", server.port));
    assert!(error.to_string().contains("unknown authority"));
    assert!(error.to_string().contains("SSLTrustStore"));
    assert!(!error.to_string().contains("secret"));
}

#[test]
fn a_certificate_for_another_host_is_accepted_by_ca_only() {
    let server = Server::start("other.example", false);
    let error = ask(&server.trust(Verification::Full), server.port).unwrap_err();
    assert_eq!(error.kind(), Kind::WrongName);
    assert!(error.to_string().contains("other.example"), "{error}");
    assert!(ask(&server.trust(Verification::Ca), server.port).is_ok());
}

#[test]
fn an_expired_certificate_is_accepted_by_none_only() {
    let server = Server::start("127.0.0.1", true);
    for verification in [Verification::Full, Verification::Ca] {
        let error = ask(&server.trust(verification), server.port).unwrap_err();
        assert_eq!(error.kind(), Kind::Expired, "{error}");
    }
    assert!(ask(&server.trust(Verification::None), server.port).is_ok());
}

#[test]
fn a_server_without_tls_is_distinguished_from_a_bad_certificate() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let _ = stream.read(&mut [0; 4096]);
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
        std::thread::sleep(Duration::from_secs(1));
    });
    let error = ask(&Trust::default(), port).unwrap_err();
    assert_eq!(error.kind(), Kind::NotTls, "{error}");
}

#[test]
fn a_server_that_closes_the_connection_is_a_broken_connection() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || listener.accept().map(drop));
    let error = ask(&Trust::default(), port).unwrap_err();
    assert_eq!(error.kind(), Kind::Broken, "{error}");
}

#[test]
fn a_missing_trust_store_is_an_error_before_any_request() {
    let trust = Trust {
        stores: vec![PathBuf::from("/nowhere/ca.pem")],
        ..Trust::default()
    };
    let error = ask(&trust, 1).unwrap_err();
    assert_eq!(error.kind(), Kind::Store);
    assert!(error.to_string().contains("/nowhere/ca.pem"));
}

#[test]
fn a_client_certificate_is_sent_to_servers_that_request_one() {
    let manner = Manner {
        asks: true,
        ..Manner::default()
    };
    let server = Server::with("127.0.0.1", false, manner);
    let trust = server.trust(Verification::Full);
    for (certificate, key) in [
        ("both.pem", None),
        ("certificate.pem", Some("encrypted.pem")),
        ("both.p12", None),
    ] {
        let identity = Identity::Files {
            certificate: identities().join(certificate),
            key: key.map(|key| identities().join(key)),
            password: Some(Secret::new("changeit")),
        };
        let answer = ask_as(Some(identity), &trust, server.port);
        assert!(answer.is_ok(), "{certificate}: {answer:?}");
    }
    let error = ask(&trust, server.port).unwrap_err();
    assert!(
        error.to_string().contains("SSLClientCertificate"),
        "{error}"
    );
}

#[test]
fn a_server_that_requested_a_certificate_and_hangs_up_is_named_with_the_keyword() {
    let manner = |asks| Manner {
        asks,
        is_silent: true,
        ..Manner::default()
    };
    for asks in [true, false] {
        let server = Server::with("127.0.0.1", false, manner(asks));
        let error = ask(&server.trust(Verification::Full), server.port).unwrap_err();
        assert_eq!(error.kind(), Kind::Broken);
        let is_named = error.to_string().contains("SSLClientCertificate");
        assert_eq!(is_named, asks, "{error}");
    }
}

#[test]
fn a_certificate_must_be_for_the_host_that_is_named() {
    let server = Server::start("coordinator.internal", false);
    let named = |host: &str| Trust {
        expected_host: Some(host.to_owned()),
        ..server.trust(Verification::Full)
    };
    assert!(ask(&named("coordinator.internal"), server.port).is_ok());
    let error = ask(&named("other.internal"), server.port).unwrap_err();
    assert_eq!(error.kind(), Kind::WrongName);
}

#[test]
fn an_old_version_of_tls_is_refused_when_configured() {
    static OLD: &[&SupportedProtocolVersion] = &[&rustls::version::TLS12];
    let manner = Manner {
        versions: OLD,
        ..Manner::default()
    };
    let server = Server::with("127.0.0.1", false, manner);
    let mut trust = server.trust(Verification::Full);
    assert!(ask(&trust, server.port).is_ok());
    trust.oldest = TlsVersion::Tls13;
    let error = ask(&trust, server.port).unwrap_err();
    assert!(error.to_string().contains("SSLMinVersion"), "{error}");
}

#[test]
fn a_revoked_certificate_is_refused_with_and_without_the_systems_authorities() {
    let server = Server::start("127.0.0.1", false);
    let other = Server::start("other.example", false);
    for system in [true, false] {
        let by = |list: &PathBuf| Trust {
            system,
            revoked: vec![list.clone()],
            ..server.trust(Verification::Full)
        };
        let error = ask(&by(&server.revoked), server.port).unwrap_err();
        assert_eq!(error.kind(), Kind::Revoked, "{error}");
        // A list of another authority says nothing about it.
        assert!(ask(&by(&other.revoked), server.port).is_ok());
    }
    let broken = Trust {
        revoked: vec![server.store.clone()],
        ..server.trust(Verification::Full)
    };
    let error = ask(&broken, server.port).unwrap_err();
    assert!(error.to_string().contains("SSLRevocationList"), "{error}");
}

/// Whether a server that requires a client certificate answers.
fn is_let_in(clients: &ClientPool, settings: &Settings, port: u16) -> bool {
    let client = clients.get(settings.clone()).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let request = client.get(&format!("https://127.0.0.1:{port}/"));
    runtime.block_on(async { request.send().await }).is_ok()
}

#[test]
fn files_that_are_replaced_are_read_again() {
    let manner = Manner {
        asks: true,
        ..Manner::default()
    };
    let (server, other) = (
        Server::with("127.0.0.1", false, manner),
        Server::start("127.0.0.1", false),
    );
    let folder = tempfile::tempdir().unwrap();
    let (store, certificate) = (
        folder.path().join("ca.pem"),
        folder.path().join("certificate.pem"),
    );
    fs::copy(&other.store, &store).unwrap();
    fs::copy(identities().join("both.pem"), &certificate).unwrap();
    let settings = Settings {
        trust: Trust {
            stores: vec![store.clone()],
            ..Trust::default()
        },
        identity: Some(Identity::Files {
            certificate: certificate.clone(),
            key: None,
            password: None,
        }),
        proxy: Proxy::Direct,
        ..Settings::default()
    };
    let clients = ClientPool::default();
    assert!(!is_let_in(&clients, &settings, server.port));
    fs::copy(&server.store, &store).unwrap();
    assert!(is_let_in(&clients, &settings, server.port));
    // A certificate that the server does not know.
    let key = KeyPair::generate().unwrap();
    let stranger = CertificateParams::new(Vec::new()).unwrap();
    let stranger = stranger.self_signed(&key).unwrap();
    fs::write(&certificate, stranger.pem() + &key.serialize_pem()).unwrap();
    assert!(!is_let_in(&clients, &settings, server.port));
    fs::write(&certificate, "nothing").unwrap();
    let error = clients.get(settings).unwrap_err();
    assert!(error.to_string().contains("certificate.pem"), "{error}");
    assert_eq!(clients.count(Instant::now()), 0);
}

#[test]
fn unused_clients_are_dropped_after_a_while() {
    let clients = ClientPool::default();
    let of = |seconds| Settings {
        connect_timeout: Some(Duration::from_secs(seconds)),
        ..Settings::default()
    };
    let kept = clients.get(of(1)).unwrap();
    drop(clients.get(of(2)).unwrap());
    let now = Instant::now();
    assert_eq!(clients.count(now), 2);
    assert_eq!(clients.count(now + Duration::from_secs(3600)), 1);
    drop(kept);
    assert_eq!(clients.count(now + Duration::from_secs(3601)), 1);
    assert_eq!(clients.count(now + Duration::from_secs(7200)), 0);
}

#[test]
fn the_host_that_is_named_is_the_one_of_the_home_only() {
    let (home, elsewhere) = (
        Server::start("coordinator.internal", false),
        Server::start("127.0.0.1", false),
    );
    let client = Client::new(&Settings {
        trust: Trust {
            stores: vec![home.store.clone(), elsewhere.store.clone()],
            expected_host: Some("coordinator.internal".to_owned()),
            ..Trust::default()
        },
        home: Url::parse(&format!("https://127.0.0.1:{}", home.port))
            .ok()
            .map(|home| home.origin()),
        proxy: Proxy::Direct,
        ..Settings::default()
    })
    .unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    for server in [&home, &elsewhere] {
        let request = client.get(&format!("https://127.0.0.1:{}/", server.port));
        let answer = runtime.block_on(async { request.send().await });
        assert!(answer.is_ok(), "{answer:?}");
    }
}

#[test]
fn requests_go_by_the_proxies_that_a_script_names_until_one_can_be_reached() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = listener.local_addr().unwrap();
    let proxy = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = vec![0; 4096];
        let length = stream.read(&mut request).unwrap();
        request.truncate(length);
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        String::from_utf8(request).unwrap()
    });
    // Nobody listens at the port of the first.
    let answer = format!("PROXY 127.0.0.1:9; PROXY {at}; DIRECT");
    let system = SystemProxies::of(Box::new(Scripted {
        settings: crate::os::ProxySettings {
            detects: true,
            ..crate::os::ProxySettings::default()
        },
        answer: Some(answer.leak()),
        ..Scripted::default()
    }));
    let client = Client::with_proxies(&Settings::default(), system).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let request = || client.get("http://far.example/x?secret=1");
    let error = runtime.block_on(async { client.send(request()).await });
    let message = client.error(&error.unwrap_err()).to_string();
    for part in ["far.example", "proxy", "proxy script", "HTTPProxy"] {
        assert!(message.contains(part), "{part} is not in {message}");
    }
    let answer = runtime.block_on(async { client.send(request()).await });
    assert_eq!(answer.unwrap().status(), 200);
    let request = proxy.join().unwrap();
    assert!(
        request.starts_with("GET http://far.example/x?"),
        "{request}"
    );
    // The host is the proxy's to resolve.
    let far = Url::parse("http://other.example/").unwrap();
    assert!(runtime.block_on(client.goes_by_proxy(&far)));
    let near = Url::parse("http://near.example/").unwrap();
    assert!(!runtime.block_on(client.goes_by_proxy(&near)));
}
