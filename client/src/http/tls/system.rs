//! The verifier of the operating system, and the authorities that it trusts.
//!
//! Windows and macOS may query the network for it: Windows waits up to ten seconds for a revocation
//! list. The wait keeps no thread of the runtime from other work, and a chain that the system has
//! accepted is accepted for some minutes without another query, so that the next handshakes, such
//! as a retry after `ConnectTimeout`, do not wait again. A chain that it refused is judged again at
//! once: the person may have mended the reason.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use parking_lot::Mutex;
use ring::digest::{Context, SHA256};
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, ServerName, TrustAnchor, UnixTime};
use tokio::runtime::{Handle, RuntimeFlavor};

use crate::http::rejection::Chain;

/// The system's judgement, and its authorities as far as they can be read.
#[derive(Debug)]
pub(in crate::http) struct System {
    provider: Arc<CryptoProvider>,
    /// Made at the first handshake; an error if the system trusts no authority.
    verifier: OnceLock<Result<Arc<dyn ServerCertVerifier>, rustls::Error>>,
    /// Read when a reason is wanted, or lists of revoked certificates are to be looked into.
    anchors: OnceLock<Vec<TrustAnchor<'static>>>,
    /// Absent if the system judges without the network.
    accepted: Option<Accepted>,
}

/// Chains that the system accepted lately.
#[derive(Debug, Default)]
pub(super) struct Accepted {
    chains: Mutex<Vec<(Fingerprint, UnixTime)>>,
}

/// The digest of a chain, of the name that it was judged for, and of the stapled answer on its
/// revocation.
type Fingerprint = [u8; 32];

impl System {
    pub(super) fn new(provider: Arc<CryptoProvider>) -> Self {
        Self {
            provider,
            verifier: OnceLock::new(),
            anchors: OnceLock::new(),
            accepted: MAY_USE_NETWORK.then(Accepted::default),
        }
    }

    /// One that judges by `verifier` as if over the network, and whose authorities are these.
    #[cfg(test)]
    pub(in crate::http) fn of(
        verifier: Arc<dyn ServerCertVerifier>,
        authorities: &[CertificateDer<'_>],
    ) -> Self {
        Self {
            provider: super::provider(),
            verifier: OnceLock::from(Ok(verifier)),
            anchors: OnceLock::from(anchors(authorities)),
            accepted: Some(Accepted::default()),
        }
    }

    /// The system's verdict on a chain. It may take seconds.
    pub(super) fn verify(
        &self,
        chain: Chain<'_>,
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<(), rustls::Error> {
        let Some(accepted) = &self.accepted else {
            return self.query(chain, name, ocsp, now);
        };
        let fingerprint = fingerprint(chain, name, ocsp);
        if accepted.contains(&fingerprint, now) {
            return Ok(());
        }
        self.query(chain, name, ocsp, now)?;
        accepted.insert(fingerprint, now);
        Ok(())
    }

    /// The verdict of the system itself.
    fn query(
        &self,
        chain: Chain<'_>,
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<(), rustls::Error> {
        let verifier = self.verifier.get_or_init(|| {
            rustls_platform_verifier::Verifier::new(Arc::clone(&self.provider))
                .map(|verifier| Arc::new(verifier) as Arc<dyn ServerCertVerifier>)
        });
        verifier
            .as_ref()
            .map_err(Clone::clone)?
            .verify_server_cert(chain.leaf, chain.authorities, name, ocsp, now)
            .map(drop)
    }

    /// The system's authorities.
    pub(super) fn anchors(&self) -> &[TrustAnchor<'static>] {
        self.anchors
            .get_or_init(|| anchors(&rustls_native_certs::load_native_certs().certs))
    }
}

impl Accepted {
    /// Whether the system accepted that chain a short time before `now`.
    pub(super) fn contains(&self, fingerprint: &Fingerprint, now: UnixTime) -> bool {
        let chains = self.chains.lock();
        let mut fresh = chains.iter().filter(|(_, at)| is_fresh(*at, now));
        fresh.any(|(known, _)| known == fingerprint)
    }

    /// Adds a chain that the system accepted at `now`.
    pub(super) fn insert(&self, fingerprint: Fingerprint, now: UnixTime) {
        let mut chains = self.chains.lock();
        chains.retain(|(known, at)| is_fresh(*at, now) && *known != fingerprint);
        if chains.len() == MOST_ACCEPTED {
            chains.remove(0);
        }
        chains.push((fingerprint, now));
    }
}

/// Whether a verdict of that time still holds. One from the future was reached by another clock.
fn is_fresh(at: UnixTime, now: UnixTime) -> bool {
    let age = now.as_secs().checked_sub(at.as_secs());
    age.is_some_and(|age| age < ACCEPTED_LIMIT.as_secs())
}

/// The digest by which a verdict is found again.
fn fingerprint(chain: Chain<'_>, name: &ServerName<'_>, ocsp: &[u8]) -> Fingerprint {
    let name = name.to_str();
    let parts = [name.as_bytes(), ocsp, chain.leaf.as_ref()].into_iter();
    let mut context = Context::new(&SHA256);
    for part in parts.chain(chain.authorities.iter().map(AsRef::as_ref)) {
        context.update(&part.len().to_le_bytes());
        context.update(part);
    }
    let mut fingerprint = Fingerprint::default();
    fingerprint.copy_from_slice(context.finish().as_ref());
    fingerprint
}

/// Makes a call that may block for seconds, and lets the tasks of this thread run on another. A
/// runtime of one thread has no other to offer, and waits.
pub(super) fn blocking<T>(call: impl FnOnce() -> T) -> T {
    match Handle::try_current() {
        Ok(runtime) if runtime.runtime_flavor() == RuntimeFlavor::MultiThread => {
            tokio::task::block_in_place(call)
        }
        _ => call(),
    }
}

/// The certificates that can be authorities.
pub(super) fn anchors(certificates: &[CertificateDer<'_>]) -> Vec<TrustAnchor<'static>> {
    let anchors = certificates.iter().map(webpki::anchor_from_trusted_cert);
    anchors
        .filter_map(|anchor| anchor.ok().map(|anchor| anchor.to_owned()))
        .collect()
}

/// Whether the system may use the network to judge a certificate.
const MAY_USE_NETWORK: bool = cfg!(any(windows, target_vendor = "apple"));

/// How long a verdict holds: longer than a program takes to come back to a host, and short against
/// the days for which revocation lists are valid.
const ACCEPTED_LIMIT: Duration = Duration::from_secs(300);

/// Chains that are remembered: more than one client connects to.
const MOST_ACCEPTED: usize = 64;
