use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use rustls::pki_types::PrivateKeyDer;

use super::*;
use crate::config::{Proxy, Trust, Verification};

/// A server with a certificate for 127.0.0.1 (or another name), and the authority that signed it.
struct Server {
    port: u16,
    store: PathBuf,
    _folder: tempfile::TempDir,
}

impl Server {
    fn start(name: &str, expired: bool) -> Self {
        let mut authority = CertificateParams::new(Vec::new()).unwrap();
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let authority = CertifiedIssuer::self_signed(authority, key).unwrap();
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        if expired {
            params.not_before = date_time_ymd(2020, 1, 1);
            params.not_after = date_time_ymd(2021, 1, 1);
        }
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &authority).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![certificate.der().clone()],
                PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
            )
            .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut session = rustls::ServerConnection::new(Arc::new(config.clone())).unwrap();
                let mut stream = stream.unwrap();
                let mut tls = rustls::Stream::new(&mut session, &mut stream);
                if tls.read(&mut [0; 4096]).is_ok() {
                    let _ = tls.write_all(ANSWER);
                }
            }
        });
        let folder = tempfile::tempdir().unwrap();
        let store = folder.path().join("ca.pem");
        fs::write(&store, authority.pem()).unwrap();
        Self {
            port,
            store,
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
fn ask(trust: &Trust, port: u16) -> Result<(u16, String), Error> {
    let client = Client::new(&Settings {
        trust: trust.clone(),
        proxy: Proxy::Direct,
        connect_timeout: Duration::from_secs(5),
        read_timeout: Duration::from_secs(5),
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
            .map_err(|error| client.tell(&error))?;
        let location = answer.headers()["location"].to_str().unwrap().to_owned();
        Ok((answer.status().as_u16(), location))
    })
}

#[test]
fn redirects_are_told_and_not_followed() {
    let server = Server::start("127.0.0.1", false);
    let answer = ask(&server.trust(Verification::Full), server.port).unwrap();
    assert_eq!(answer, (303, "https://storage.example/a?sig=b".to_owned()));
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
fn a_server_without_tls_is_told_apart_from_a_bad_certificate() {
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
fn a_server_that_hangs_up_is_told_as_broken() {
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
