//! `Encoding=auto`: which encoding of segments to request first, by what earlier results of the
//! same host showed.
//!
//! Servers take the first encoding of a request that they support, so only the order changes. What
//! was learned holds for all connections of the process to one coordinator by one way to its
//! storage. Results that are small or that had trouble teach nothing.

mod choice;

use std::hash::{BuildHasher as _, RandomState};
use std::sync::Arc;

use parking_lot::Mutex;

use crate::options::{Encoding, Options, Proxy};
use crate::spool::Statistics;
use choice::{Choice, Sample};

use super::recent::Recent;

/// What earlier results of each host showed.
#[derive(Debug, Default)]
pub struct Memory {
    hosts: Mutex<Recent<Key, Choice>>,
    hasher: RandomState,
}

/// A coordinator, and the way to what it spools.
#[derive(Debug, Clone, PartialEq)]
struct Key {
    host: String,
    port: u16,
    tls: bool,
    /// The proxies may carry secrets, so nothing but their hash is kept.
    proxies: u64,
}

/// The choice of one session.
#[derive(Debug)]
pub(super) struct Encodings {
    memory: Arc<Memory>,
    key: Key,
    adaptive: bool,
}

impl Encodings {
    pub(super) fn new(options: &Options, memory: Arc<Memory>) -> Self {
        Self {
            adaptive: options.spooling.adaptive,
            key: memory.key(options),
            memory,
        }
    }

    /// The encoding to request first; `None` for the order of the options.
    pub(super) fn first(&self) -> Option<Encoding> {
        let hosts = self.adaptive.then(|| self.memory.hosts.lock())?;
        hosts.get(&self.key).map(Choice::first)
    }

    /// Learns from a result that was read.
    pub(super) fn learn(&self, query_id: &str, statistics: &Statistics) {
        let Some(sample) = Sample::of(statistics).filter(|_| self.adaptive) else {
            return;
        };
        let verdict = self.memory.learn(&self.key, &sample);
        tracing::debug!(query_id, load = ?statistics.load, ?sample, ?verdict, "result measured");
        let (encoding, reason) = (
            verdict.first.name(),
            format!("{sample}, {}", sample.encoding.name()),
        );
        if verdict.changed {
            tracing::info!(
                query_id,
                encoding,
                reason,
                "another encoding comes first from now on"
            );
        } else {
            tracing::debug!(query_id, encoding, reason, "the first encoding stays");
        }
    }
}

impl Memory {
    /// Records a sample of a host.
    fn learn(&self, key: &Key, sample: &Sample) -> choice::Verdict {
        let mut hosts = self.hosts.lock();
        let mut choice = hosts.take(key).unwrap_or_default();
        let verdict = choice.learn(sample);
        hosts.put(key.clone(), choice);
        verdict
    }

    /// The key of a session with these options.
    fn key(&self, options: &Options) -> Key {
        let proxy = |proxy: &Proxy| match proxy {
            Proxy::System => self.hasher.hash_one(0),
            Proxy::Direct => self.hasher.hash_one(1),
            Proxy::Server(server) => self.hasher.hash_one(server.uri.reveal()),
        };
        let proxies = (proxy(&options.proxy), proxy(&options.storage_proxy));
        Key {
            host: options.host.to_ascii_lowercase(),
            port: options.port,
            tls: options.tls,
            proxies: self.hasher.hash_one(proxies),
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::time::Duration;

    use super::*;
    use crate::session::recent::MOST;
    use crate::spool::Load;

    /// A result of 64 MB of JSON for which the reader waited, and the decoders for the link.
    pub(in crate::session) fn link_bound() -> Statistics {
        let mut statistics = decoder_bound();
        let long = Duration::from_secs(15);
        let load = &mut statistics.load;
        (load.elapsed, load.downloading) = (long, long);
        (load.waiting, load.starved) = (long, long);
        statistics
    }

    /// The same result on a link of a gigabyte a second, with busy decoders.
    pub(in crate::session) fn decoder_bound() -> Statistics {
        Statistics {
            encoding: Some(Encoding::JsonZstd),
            load: Load {
                decoders: 2,
                cores: 2,
                elapsed: Duration::from_millis(150),
                downloading: Duration::from_millis(20),
                waiting: Duration::from_millis(120),
                starved: Duration::from_millis(10),
                received: 20_000_000,
                wire: 20_000_000,
                text: 64_000_000,
                unpacking: Duration::from_millis(130),
                parsing: Duration::from_millis(100),
                ..Load::default()
            },
            ..Statistics::default()
        }
    }

    fn options(host: &str) -> Options {
        Options {
            host: host.to_owned(),
            ..Options::default()
        }
    }

    fn first_after(options: &Options, statistics: &Statistics) -> Option<Encoding> {
        let encodings = Encodings::new(options, Arc::default());
        encodings.learn("q", statistics);
        encodings.first()
    }

    #[test]
    fn one_large_result_is_enough_for_the_first_choice() {
        let first = first_after(&options("h"), &decoder_bound());
        assert_eq!(first, Some(Encoding::JsonLz4));
    }

    #[test]
    fn results_that_are_small_or_had_trouble_teach_nothing() {
        let mut small = decoder_bound();
        small.load.text = 3 << 20;
        assert_eq!(first_after(&options("h"), &small), None);
        let mut troubled = decoder_bound();
        troubled.retries = 1;
        assert_eq!(first_after(&options("h"), &troubled), None);
        let inline = Statistics {
            inline: 3,
            encoding: Some(Encoding::JsonZstd),
            ..Statistics::default()
        };
        assert_eq!(first_after(&options("h"), &inline), None);
        assert_eq!(first_after(&options("h"), &Statistics::default()), None);
    }

    #[test]
    fn a_list_that_a_person_gave_stays() {
        let mut given = options("h");
        given.spooling.adaptive = false;
        assert_eq!(first_after(&given, &decoder_bound()), None);
    }

    #[test]
    fn what_was_learned_holds_for_one_coordinator_by_one_way() {
        let memory = Arc::<Memory>::default();
        let of = |options: &Options| Encodings::new(options, Arc::clone(&memory));
        of(&options("trino.example")).learn("q", &decoder_bound());
        let knows = |change: fn(&mut Options)| {
            let mut options = options("Trino.Example");
            change(&mut options);
            of(&options).first().is_some()
        };
        assert!(knows(|_| {}));
        assert!(knows(|options| options.user = Some("bob".to_owned())));
        assert!(!knows(|options| options.host = "other.example".to_owned()));
        assert!(!knows(|options| options.port = 1));
        assert!(!knows(|options| options.storage_proxy = Proxy::Direct));
    }

    #[test]
    fn the_memory_is_bounded_and_the_last_host_stays() {
        let memory = Arc::<Memory>::default();
        for port in 0..100 {
            let options = Options {
                port,
                ..options("h")
            };
            Encodings::new(&options, Arc::clone(&memory)).learn("q", &decoder_bound());
        }
        assert_eq!(memory.hosts.lock().len(), MOST);
        let last = Options {
            port: 99,
            ..options("h")
        };
        assert!(Encodings::new(&last, memory).first().is_some());
    }
}
