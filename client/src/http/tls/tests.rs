use std::fs;
use std::path::PathBuf;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};

use super::*;

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
