//! Findings of this process's connections about segments, so that each coordinator costs one
//! failure.

use std::hash::{BuildHasher as _, RandomState};
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use crate::http::{Domain, Files, Settings};
use crate::options::{Encoding, Options};
use crate::protocol::Delivery;
use crate::session::recent::Recent;

/// Coordinators whose segments could not be fetched, and those whose segments were, for all
/// connections of a process.
///
/// A finding ends by time alone: the first statement after that decides anew. A connection that has
/// fetched segments itself takes no notice of what others found, and what it finds later is its own
/// affair.
#[derive(Debug, Default)]
pub struct Memory {
    findings: Mutex<Recent<Key, Finding>>,
    /// Coordinators whose segments were fetched, and until when that is taken for granted.
    served: Mutex<Recent<Key, Instant>>,
    hasher: RandomState,
}

/// How the rows of a coordinator come instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::session) struct Finding {
    pub(in crate::session) delivery: Delivery,
    pub(in crate::session) until: Instant,
    /// Why segments cannot be fetched, and what to change.
    pub(in crate::session) reason: String,
}

/// The settings that decide whether segments can be fetched: the server, how it is reached, and the
/// user by whom gateways route.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Key {
    coordinator: (Settings, Files, String, u16, bool),
    storage: (Settings, Files),
    encodings: Vec<Encoding>,
    retry_timeout: Option<Duration>,
    /// A hash of the headers that gateways route by; the headers may carry secrets.
    routing: u64,
}

impl Memory {
    /// The findings about the coordinator of `key`.
    pub(super) fn finding(&self, key: &Key, now: Instant) -> Option<Finding> {
        let mut findings = self.findings.lock();
        findings.retain(|finding| now < finding.until);
        findings.get(key).cloned()
    }

    /// Whether segments of the coordinator of `key` were fetched lately.
    pub(super) fn has_served(&self, key: &Key, now: Instant) -> bool {
        self.served
            .lock()
            .get(key)
            .is_some_and(|until| now < *until)
    }

    /// Notes that its segments were fetched.
    pub(super) fn note_service(&self, key: &Key, until: Instant) {
        self.served.lock().put(key.clone(), until);
    }

    /// Takes it for granted no longer that its segments can be fetched.
    pub(super) fn forget_service(&self, key: &Key) {
        self.served.lock().take(key);
    }

    /// Notes what was found, in the place of what was known before.
    pub(super) fn note(&self, key: &Key, finding: Finding) {
        self.forget_service(key);
        self.findings.lock().put(key.clone(), finding);
    }

    /// The key of connections with these options.
    pub(super) fn key(&self, options: &Options) -> Key {
        let of = |domain| {
            let settings = Settings::of(options, domain);
            let files = Files::of(&settings.trust, None);
            (settings, files)
        };
        let headers = options.extra_headers.iter();
        let headers: Vec<_> = headers
            .map(|(name, value)| (name, value.reveal()))
            .collect();
        let routing = self.hasher.hash_one((
            (&options.user, &options.session_user, &options.routing_group),
            (&options.source, &options.client_info, &options.client_tags),
            (headers, options.cookies),
        ));
        let (coordinator, files) = of(Domain::Coordinator);
        let (host, port) = (options.host.to_ascii_lowercase(), options.port);
        Key {
            coordinator: (coordinator, files, host, port, options.tls),
            storage: of(Domain::Storage),
            encodings: options.spooling.encodings.clone(),
            retry_timeout: options.spooling.retry_timeout,
            routing,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::options::Secret;
    use crate::session::recent::MOST;

    fn options() -> Options {
        Options {
            host: "trino.example".to_owned(),
            ..Options::default()
        }
    }

    fn direct(seconds: u64) -> Finding {
        Finding {
            delivery: Delivery::Direct,
            until: Instant::now() + Duration::from_secs(seconds),
            reason: String::new(),
        }
    }

    #[test]
    fn a_connection_with_other_settings_does_not_inherit() {
        let memory = Memory::default();
        memory.note(&memory.key(&options()), direct(60));
        let knows = |change: fn(&mut Options)| {
            let mut options = options();
            change(&mut options);
            let key = memory.key(&options);
            memory.finding(&key, Instant::now()).is_some()
        };
        assert!(knows(|_| {}));
        assert!(knows(|options| options.host = "Trino.Example".to_owned()));
        assert!(knows(|options| options.catalog = Some("c".to_owned())));
        let others: [fn(&mut Options); 10] = [
            |options| options.host = "other.example".to_owned(),
            |options| options.port = 1,
            |options| options.tls = true,
            |options| options.user = Some("bob".to_owned()),
            |options| options.routing_group = Some("etl".to_owned()),
            |options| {
                options.extra_headers = vec![("X-Key".to_owned(), Secret::new("k"))];
            },
            |options| options.storage_trust.stores = vec![PathBuf::from("/ca.pem")],
            |options| options.storage_proxy = crate::options::Proxy::Direct,
            |options| options.spooling.encodings = vec![Encoding::Json],
            |options| options.spooling.connect_timeout = None,
        ];
        for (index, other) in others.into_iter().enumerate() {
            assert!(!knows(other), "{index}");
        }
    }

    #[test]
    fn findings_end_with_time_and_are_bounded() {
        let memory = Memory::default();
        let key = memory.key(&options());
        memory.note(&key, direct(60));
        let later = Instant::now() + Duration::from_secs(61);
        assert_eq!(memory.finding(&key, later), None);
        for port in 0..100 {
            let options = Options { port, ..options() };
            memory.note(&memory.key(&options), direct(60));
        }
        assert_eq!(memory.findings.lock().len(), MOST);
    }

    #[test]
    fn service_ends_with_time_and_with_a_failure() {
        let memory = Memory::default();
        let key = memory.key(&options());
        let now = Instant::now();
        assert!(!memory.has_served(&key, now));
        memory.note_service(&key, now + Duration::from_secs(60));
        assert!(memory.has_served(&key, now));
        assert!(!memory.has_served(&key, now + Duration::from_secs(61)));
        memory.note(&key, direct(60));
        assert!(!memory.has_served(&key, now));
        for port in 0..100 {
            let options = Options { port, ..options() };
            memory.note_service(&memory.key(&options), now);
        }
        assert_eq!(memory.served.lock().len(), MOST);
    }

    #[test]
    fn secrets_of_headers_are_not_kept() {
        let memory = Memory::default();
        let options = Options {
            extra_headers: vec![("X-Key".to_owned(), Secret::new("hunter2"))],
            ..options()
        };
        assert!(!format!("{:?}", memory.key(&options)).contains("hunter2"));
    }
}
