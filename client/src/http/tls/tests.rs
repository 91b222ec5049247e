use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};

use super::*;
use crate::http::Kind;

struct Chain {
    authority: String,
    leaf: CertificateDer<'static>,
    folder: tempfile::TempDir,
}

/// An authority and a certificate of it for `coordinator.example`.
fn chain() -> Chain {
    chain_for(&["coordinator.example"])
}

fn chain_for(names: &[&str]) -> Chain {
    let mut authority = CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
    let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
    let leaf = CertificateParams::new(names)
        .unwrap()
        .signed_by(&KeyPair::generate().unwrap(), &authority)
        .unwrap();
    Chain {
        authority: authority.pem(),
        leaf: leaf.der().clone(),
        folder: tempfile::tempdir().unwrap(),
    }
}

impl Chain {
    fn store(&self, text: &str) -> PathBuf {
        let path = self.folder.path().join("ca.pem");
        fs::write(&path, text).unwrap();
        path
    }
}

fn accepts(trust: &Trust, leaf: &CertificateDer<'_>, name: &str) -> bool {
    let name = ServerName::try_from(name.to_owned()).unwrap();
    Verifier::new(trust, Domain::Coordinator)
        .unwrap()
        .verify_server_cert(leaf, &[], &name, &[], UnixTime::now())
        .is_ok()
}

fn trust(verification: Verification, stores: Vec<PathBuf>, system: bool) -> Trust {
    Trust {
        verification,
        stores,
        system,
        ..Trust::default()
    }
}

#[test]
fn a_store_is_added_to_the_systems_roots_or_stands_alone() {
    let chain = chain();
    let store = chain.store(&chain.authority);
    for system in [true, false] {
        let with = trust(Verification::Full, vec![store.clone()], system);
        assert!(accepts(&with, &chain.leaf, "coordinator.example"));
        assert!(!accepts(&with, &chain.leaf, "other.example"));
        let without = trust(Verification::Full, Vec::new(), system);
        assert!(!accepts(&without, &chain.leaf, "coordinator.example"));
    }
}

#[test]
fn a_name_may_end_in_a_dot_in_the_certificate_or_in_the_host() {
    let chain = chain_for(&["Trino.example.", "*.lake.example."]);
    let authority = trust(
        Verification::Full,
        vec![chain.store(&chain.authority)],
        false,
    );
    let path = chain.folder.path().join("leaf.der");
    fs::write(&path, chain.leaf.as_ref()).unwrap();
    let pinned = trust(Verification::Full, vec![path], false);
    for trust in [authority, pinned] {
        for name in ["trino.example", "trino.example.", "a.lake.example"] {
            assert!(accepts(&trust, &chain.leaf, name), "{name}");
        }
        for name in [
            "other.example",
            "a.trino.example",
            "lake.example",
            "a.b.lake.example",
            "10.0.0.1",
        ] {
            assert!(!accepts(&trust, &chain.leaf, name), "{name}");
        }
    }
    let stranger = trust(Verification::Full, Vec::new(), true);
    assert!(!accepts(&stranger, &chain.leaf, "trino.example"));
}

#[test]
fn ca_checks_the_chain_and_not_the_name() {
    let chain = chain();
    let store = chain.store(&chain.authority);
    let with = trust(Verification::Ca, vec![store], false);
    assert!(accepts(&with, &chain.leaf, "other.example"));
    let without = trust(Verification::Ca, Vec::new(), true);
    assert!(!accepts(&without, &chain.leaf, "coordinator.example"));
}

#[test]
fn none_checks_nothing() {
    let nobody = trust(Verification::None, Vec::new(), false);
    assert!(accepts(&nobody, &chain().leaf, "other.example"));
}

#[test]
fn a_folder_is_a_store() {
    let chain = chain();
    chain.store(&chain.authority);
    fs::write(chain.folder.path().join("notes.txt"), "nothing").unwrap();
    let folder = trust(
        Verification::Full,
        vec![chain.folder.path().to_owned()],
        false,
    );
    assert!(accepts(&folder, &chain.leaf, "coordinator.example"));
}

#[test]
fn a_servers_own_certificate_is_a_store() {
    let chain = chain();
    let path = chain.folder.path().join("leaf.der");
    fs::write(&path, chain.leaf.as_ref()).unwrap();
    let pinned = trust(Verification::Full, vec![path], false);
    assert!(accepts(&pinned, &chain.leaf, "coordinator.example"));
    assert!(!accepts(&pinned, &chain.leaf, "other.example"));
}

/// A system that accepts every chain, or none.
#[derive(Debug)]
struct Scripted {
    accepts: AtomicBool,
    queries: AtomicUsize,
    /// What a query waits for, and when it gives up.
    release: Option<Arc<AtomicBool>>,
}

impl Scripted {
    fn accepting(accepts: bool) -> Arc<Self> {
        Arc::new(Self {
            accepts: AtomicBool::new(accepts),
            queries: AtomicUsize::new(0),
            release: None,
        })
    }

    fn queries(&self) -> usize {
        self.queries.load(Ordering::Relaxed)
    }
}

impl ServerCertVerifier for Scripted {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        self.queries.fetch_add(1, Ordering::Relaxed);
        let is_released = || {
            let release = self.release.as_ref();
            release.is_none_or(|release| release.load(Ordering::Acquire))
        };
        for _ in 0..1000 {
            if is_released() {
                break;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        match self.accepts.load(Ordering::Relaxed) && is_released() {
            true => Ok(ServerCertVerified::assertion()),
            false => Err(CertificateError::UnknownIssuer.into()),
        }
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Err(rustls::Error::DecryptError)
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Err(rustls::Error::DecryptError)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        Vec::new()
    }
}

/// A verifier with that system.
fn by_system(trust: &Trust, system: &Arc<Scripted>) -> Verifier {
    let mut verifier = Verifier::new(trust, Domain::Coordinator).unwrap();
    let system = Arc::clone(system) as Arc<dyn ServerCertVerifier>;
    verifier.set_system(System::of(system, &[]));
    verifier
}

fn coordinator() -> ServerName<'static> {
    ServerName::try_from("coordinator.example").unwrap()
}

#[test]
fn the_system_is_not_queried_where_no_authority_could_help() {
    let chain = chain();
    let store = trust(
        Verification::Full,
        vec![chain.store(&chain.authority)],
        true,
    );
    let system = Scripted::accepting(true);
    let verifier = by_system(&store, &system);
    let judge = |name: &str, seconds| {
        let name = ServerName::try_from(name.to_owned()).unwrap();
        let now = UnixTime::since_unix_epoch(Duration::from_secs(seconds));
        let judged = verifier.judge(&chain.leaf, &[], &name, &[], now);
        judged.map_err(|rejection| rejection.kind)
    };
    let now = UnixTime::now().as_secs();
    let (far, long_ago) = (200_000_000_000, 1);
    assert_eq!(judge("coordinator.example", now), Ok(TrustedBy::Store));
    assert_eq!(judge("other.example", now), Err(Kind::WrongName));
    assert_eq!(judge("coordinator.example", far), Err(Kind::Expired));
    assert_eq!(judge("coordinator.example", long_ago), Err(Kind::Expired));
    assert_eq!(system.queries(), 0);
    let stranger = by_system(&trust(Verification::Full, Vec::new(), true), &system);
    let judged = stranger.judge(&chain.leaf, &[], &coordinator(), &[], UnixTime::now());
    assert_eq!(judged, Ok(TrustedBy::System));
    assert_eq!(system.queries(), 1);
}

#[test]
fn an_accepted_chain_is_remembered_for_some_minutes_and_a_refused_one_is_not() {
    let (chain, other) = (chain(), chain_for(&["coordinator.example"]));
    let system = Scripted::accepting(false);
    let verifier = by_system(&trust(Verification::Full, Vec::new(), true), &system);
    let start = UnixTime::now().as_secs();
    let judge = |leaf: &CertificateDer<'_>, name: &str, ocsp: &[u8], seconds: u64| {
        let before = system.queries();
        let name = ServerName::try_from(name.to_owned()).unwrap();
        let now = UnixTime::since_unix_epoch(Duration::from_secs(start + seconds));
        let accepted = verifier.judge(leaf, &[], &name, ocsp, now).is_ok();
        (accepted, system.queries() - before)
    };
    let host = "coordinator.example";
    for _ in 0..2 {
        assert_eq!(judge(&chain.leaf, host, &[], 0), (false, 1));
    }
    system.accepts.store(true, Ordering::Relaxed);
    assert_eq!(judge(&chain.leaf, host, &[], 0), (true, 1));
    assert_eq!(judge(&chain.leaf, host, &[], 0), (true, 0));
    assert_eq!(judge(&chain.leaf, host, &[], 299), (true, 0));
    assert_eq!(judge(&chain.leaf, "other.example", &[], 0), (true, 1));
    assert_eq!(judge(&other.leaf, host, &[], 0), (true, 1));
    assert_eq!(judge(&chain.leaf, host, b"revoked", 0), (true, 1));
    system.accepts.store(false, Ordering::Relaxed);
    assert_eq!(judge(&chain.leaf, host, &[], 300), (false, 1));
    // A clock that was set back makes no verdict last longer.
    let earlier = by_system(&trust(Verification::Full, Vec::new(), true), &system);
    system.accepts.store(true, Ordering::Relaxed);
    for seconds in [start + 1000, start] {
        let now = UnixTime::since_unix_epoch(Duration::from_secs(seconds));
        let before = system.queries();
        let judged = earlier.judge(&chain.leaf, &[], &coordinator(), &[], now);
        assert!(judged.is_ok());
        assert_eq!(system.queries() - before, 1, "{seconds}");
    }
}

#[test]
fn a_slow_system_leaves_the_threads_of_the_runtime_to_others() {
    let chain = chain();
    let release = Arc::new(AtomicBool::new(false));
    let system = Arc::new(Scripted {
        accepts: AtomicBool::new(true),
        queries: AtomicUsize::new(0),
        release: Some(Arc::clone(&release)),
    });
    let verifier = by_system(&trust(Verification::Full, Vec::new(), true), &system);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .build()
        .unwrap();
    let handshake = runtime.spawn(async move {
        verifier
            .judge(&chain.leaf, &[], &coordinator(), &[], UnixTime::now())
            .is_ok()
    });
    let seen = Arc::clone(&system);
    let other = runtime.spawn(async move {
        while seen.queries() == 0 {
            tokio::task::yield_now().await;
        }
        release.store(true, Ordering::Release);
    });
    runtime.block_on(other).unwrap();
    assert!(runtime.block_on(handshake).unwrap());
}
