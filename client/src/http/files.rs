//! The state of the files that trust and identity are read from: whether they have to be read
//! again.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::options::{Identity, Trust};

/// Files, with their times of change and lengths.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Files(Vec<(PathBuf, Option<State>)>);

/// When a file was changed, and its length.
type State = (Option<SystemTime>, u64);

impl Files {
    /// The files that `trust` and `identity` name, as they are now. A folder stands for the files
    /// in it.
    pub fn of(trust: &Trust, identity: Option<&Identity>) -> Self {
        let mut files = Vec::new();
        for path in &trust.stores {
            match fs::read_dir(path) {
                Ok(entries) => files.extend(entries.flatten().map(|entry| state(&entry.path()))),
                Err(_) => files.push(state(path)),
            }
        }
        files.extend(trust.revoked.iter().map(|path| state(path)));
        if let Some(Identity::Files {
            certificate, key, ..
        }) = identity
        {
            files.push(state(certificate));
            files.extend(key.iter().map(|path| state(path)));
        }
        if trust.system {
            files.extend(system_stores().iter().map(|path| state(path)));
        }
        files.sort();
        Self(files)
    }
}

fn state(path: &Path) -> (PathBuf, Option<State>) {
    let facts = fs::metadata(path).ok();
    let state = facts.map(|facts| (facts.modified().ok(), facts.len()));
    (path.to_owned(), state)
}

/// The files of the system's authorities where the driver reads them; elsewhere the system verifies
/// each certificate itself.
#[cfg(all(unix, not(target_vendor = "apple")))]
fn system_stores() -> Vec<PathBuf> {
    let found = openssl_probe::probe();
    found.cert_file.into_iter().chain(found.cert_dir).collect()
}

/// The files of the system's trust stores, whose changes count too.
#[cfg(not(all(unix, not(target_vendor = "apple"))))]
fn system_stores() -> Vec<PathBuf> {
    Vec::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_replaced_removed_or_added_to_a_folder_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::write(path("a.pem"), "a").unwrap();
        for stores in [vec![path("a.pem")], vec![folder.path().to_owned()]] {
            let trust = Trust {
                stores,
                ..Trust::default()
            };
            let identity = Identity::Files {
                certificate: path("certificate.pem"),
                key: Some(path("key.pem")),
                password: None,
            };
            let now = || Files::of(&trust, Some(&identity));
            let mut before = now();
            assert_eq!(before, now());
            for (name, text) in [("a.pem", "longer"), ("key.pem", "key")] {
                fs::write(path(name), text).unwrap();
                let after = now();
                assert_ne!(before, after, "{name}");
                before = after;
            }
            fs::remove_file(path("key.pem")).unwrap();
            assert_ne!(before, now());
            fs::write(path("a.pem"), "a").unwrap();
        }
    }

    #[test]
    fn a_changed_file_of_the_same_length_is_detected_by_its_time() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let trust = Trust {
            revoked: vec![file.path().to_owned()],
            ..Trust::default()
        };
        let before = Files::of(&trust, None);
        file.as_file().set_modified(SystemTime::UNIX_EPOCH).unwrap();
        assert_ne!(before, Files::of(&trust, None));
    }
}
