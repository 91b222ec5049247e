//! The server as a test holds it: start, script, look at what happened, drop.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::answer::{Answer, Retrieval};
use crate::certificate::{Authority, Identity};
use crate::encode::Encoding;
use crate::fault::{Endpoint, Fault, Faults, Planned};
use crate::gauge::Gauge;
use crate::listen::listen;
use crate::query::Query;
use crate::record::{Acknowledged, Party, QueryRecord, Recorded};
use crate::script::Script;
use crate::sign_in::{SignIn, SignIns};

/// A coordinator, a worker and a storage on loopback. Dropping it ends all three at once.
pub struct Server {
    state: Arc<State>,
    authorities: (Authority, Authority),
    _folder: TempDir,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// Settings of a [`Server`].
#[derive(Debug, Clone)]
pub struct Builder(Options);

#[derive(Debug, Clone)]
pub(crate) struct Options {
    coordinator_tls: Option<Identity>,
    /// The coordinator's when absent.
    worker_identity: Option<Identity>,
    storage_tls: Option<Identity>,
    storage_authority: Option<String>,
    port: u16,
    pub(crate) password: Option<(String, String)>,
    pub(crate) token: Option<String>,
    pub(crate) oauth2: bool,
    pub(crate) spooling: bool,
    pub(crate) encodings: Vec<Encoding>,
    pub(crate) retrieval: Retrieval,
    pub(crate) sse_c: bool,
    pub(crate) ranges: bool,
    pub(crate) version: String,
    pub(crate) body_limit: Option<(usize, Fault)>,
    pub(crate) long_poll: Duration,
    pub(crate) client_timeout: Duration,
    pub(crate) sticky: bool,
}

impl Builder {
    /// A balancer stands in front of the coordinator: it sets a cookie, and a client that does not send it back is sent to
    /// another coordinator, which knows nothing of the client's queries.
    pub fn sticky(mut self, enabled: bool) -> Self {
        self.0.sticky = enabled;
        self
    }

    /// The coordinator (and the worker) speak https.
    pub fn coordinator_tls(self, enabled: bool) -> Self {
        self.coordinator_identity(enabled.then_some(Identity::Valid))
    }

    pub fn coordinator_identity(mut self, identity: Option<Identity>) -> Self {
        self.0.coordinator_tls = identity;
        self
    }

    /// The worker shows another certificate than the coordinator, where both speak https.
    pub fn worker_identity(mut self, identity: Identity) -> Self {
        self.0.worker_identity = Some(identity);
        self
    }

    /// Storage speaks https.
    pub fn storage_tls(self, enabled: bool) -> Self {
        self.storage_identity(enabled.then_some(Identity::Valid))
    }

    pub fn storage_identity(mut self, identity: Option<Identity>) -> Self {
        self.0.storage_tls = identity;
        self
    }

    /// Segment URIs name this `host:port` instead of the storage that runs.
    pub fn storage_authority(mut self, authority: &str) -> Self {
        self.0.storage_authority = Some(authority.to_owned());
        self
    }

    /// The coordinator's port; a free one by default.
    pub fn port(mut self, port: u16) -> Self {
        self.0.port = port;
        self
    }

    /// Only this user may submit. A real coordinator would insist on https; this one does not.
    pub fn password(mut self, user: &str, password: &str) -> Self {
        self.0.password = Some((user.to_owned(), password.to_owned()));
        self
    }

    /// Only who bears this token may submit.
    pub fn token(mut self, token: &str) -> Self {
        self.0.token = Some(token.to_owned());
        self
    }

    /// Only who signed in may submit ([`Server::on_sign_in`]).
    pub fn oauth2(mut self) -> Self {
        self.0.oauth2 = true;
        self
    }

    /// Whether the coordinator spools at all.
    pub fn spooling(mut self, enabled: bool) -> Self {
        self.0.spooling = enabled;
        self
    }

    /// The encodings that the coordinator has enabled.
    pub fn encodings(mut self, encodings: &[Encoding]) -> Self {
        self.0.encodings = encodings.to_vec();
        self
    }

    pub fn retrieval(mut self, retrieval: Retrieval) -> Self {
        self.0.retrieval = retrieval;
        self
    }

    /// Whether segments are encrypted with a key that the client must send.
    pub fn sse_c(mut self, enabled: bool) -> Self {
        self.0.sse_c = enabled;
        self
    }

    /// Whether storage honours `Range`.
    pub fn ranges(mut self, enabled: bool) -> Self {
        self.0.ranges = enabled;
        self
    }

    /// Statements of more bytes meet this fault, as at a proxy that limits bodies.
    pub fn body_limit(mut self, bytes: usize, fault: Fault) -> Self {
        self.0.body_limit = Some((bytes, fault));
        self
    }

    pub fn version(mut self, version: &str) -> Self {
        self.0.version = version.to_owned();
        self
    }

    /// How long an executing URI waits for something to show.
    pub fn long_poll(mut self, time: Duration) -> Self {
        self.0.long_poll = time;
        self
    }

    /// A query that nobody asks about for so long is abandoned.
    pub fn client_timeout(mut self, time: Duration) -> Self {
        self.0.client_timeout = time;
        self
    }

    /// Panics when loopback has no free port.
    pub fn start(self) -> Server {
        Server::start_with(self.0)
    }
}

impl Server {
    pub fn builder() -> Builder {
        Builder(Options {
            coordinator_tls: None,
            worker_identity: None,
            storage_tls: None,
            storage_authority: None,
            port: 0,
            password: None,
            token: None,
            oauth2: false,
            spooling: true,
            encodings: Encoding::ALL.to_vec(),
            retrieval: Retrieval::Storage,
            sse_c: true,
            ranges: true,
            version: "476".to_owned(),
            body_limit: None,
            long_poll: Duration::from_millis(200),
            client_timeout: Duration::from_secs(300),
            sticky: false,
        })
    }

    pub fn start() -> Self {
        Self::builder().start()
    }

    /// The coordinator's base URL.
    pub fn url(&self) -> String {
        base(
            self.state.options.coordinator_tls.is_some(),
            self.state.ports.coordinator,
        )
    }

    /// The storage's base URL as segment URIs name it.
    pub fn storage_url(&self) -> String {
        self.state.storage_base()
    }

    pub fn host(&self) -> &'static str {
        "127.0.0.1"
    }

    pub fn port(&self) -> u16 {
        self.state.ports.coordinator
    }

    pub fn storage_port(&self) -> u16 {
        self.state.ports.storage
    }

    pub fn worker_port(&self) -> u16 {
        self.state.ports.worker
    }

    /// The authority of coordinator and worker, as PEM.
    pub fn coordinator_ca_pem_path(&self) -> &Path {
        self.authorities.0.pem_path()
    }

    /// The authority of storage, as PEM.
    pub fn storage_ca_pem_path(&self) -> &Path {
        self.authorities.1.pem_path()
    }

    /// `sql`, but for space and semicolons around it, gets `answer`. The latest rule wins.
    pub fn on(&self, sql: &str, answer: Answer) {
        self.state.script.add(sql, answer);
    }

    /// Statements get what `matcher` makes of them, unless it makes nothing.
    pub fn on_matching(&self, matcher: impl Fn(&str) -> Option<Answer> + Send + Sync + 'static) {
        self.state.script.add_matching(Box::new(matcher));
    }

    /// What comes of signing in from now on; before, the person takes their time.
    pub fn on_sign_in(&self, outcome: SignIn) {
        self.state.sign_ins.set_outcome(outcome);
    }

    /// Lets in who bears this token.
    pub fn accept_token(&self, token: &str) {
        self.state.sign_ins.accept(token);
    }

    /// Lets in nobody any more; who bears a token is offered to have it refreshed, with this outcome if there is one.
    pub fn revoke_tokens(&self, refresh: Option<SignIn>) {
        self.state.sign_ins.set_refresh(refresh);
        self.state.sign_ins.revoke_all();
    }

    /// How often somebody was sent to sign in, or to refresh a token.
    pub fn challenges(&self) -> usize {
        self.state.sign_ins.challenges()
    }

    /// A fault for every query; those of an answer come first.
    pub fn fault(&self, endpoint: Endpoint, fault: impl Into<Planned>) {
        self.state.faults.add(endpoint, fault.into());
    }

    pub fn clear_faults(&self) {
        self.state.faults.clear();
    }

    /// All requests so far, in order of arrival.
    pub fn requests(&self) -> Vec<Recorded> {
        self.state.requests.lock().unwrap().clone()
    }

    /// The requests that storage received.
    pub fn storage_requests(&self) -> Vec<Recorded> {
        let mut requests = self.requests();
        requests.retain(|request| request.party == Party::Storage);
        requests
    }

    /// Requests to storage that carry what is the coordinator's alone: credentials, cookies,
    /// `X-Trino-*`.
    pub fn leaks(&self) -> Vec<Recorded> {
        let mut requests = self.storage_requests();
        requests.retain(|request| {
            request.headers.keys().any(|name| {
                let name = name.as_str();
                name == "authorization" || name == "cookie" || name.starts_with("x-trino-")
            })
        });
        requests
    }

    pub fn forget_requests(&self) {
        self.state.requests.lock().unwrap().clear();
    }

    /// Every query so far, in order of submission.
    pub fn queries(&self) -> Vec<QueryRecord> {
        let queries = self.state.queries.lock().unwrap();
        let mut records: Vec<QueryRecord> = queries.values().map(|query| query.record()).collect();
        records.sort_by(|a, b| a.id.cmp(&b.id));
        records
    }

    /// Ids of the queries that neither ended nor were cancelled.
    pub fn running_queries(&self) -> Vec<String> {
        let queries = self.state.queries.lock().unwrap();
        let running = queries.values().filter(|query| query.is_running());
        running.map(|query| query.id.clone()).collect()
    }

    /// Acknowledged segments in order of arrival, each as often as it was.
    pub fn acknowledged(&self) -> Vec<Acknowledged> {
        self.state.acknowledged.lock().unwrap().clone()
    }

    /// Downloads in progress.
    pub fn concurrent_now(&self) -> usize {
        self.state.gauge.now()
    }

    /// The most downloads that ever were in progress at once.
    pub fn concurrent_peak(&self) -> usize {
        self.state.gauge.peak()
    }

    /// Blocks the thread until `holds`; `false` when it does not within `limit`.
    pub fn wait_until(&self, limit: Duration, holds: impl Fn(&Self) -> bool) -> bool {
        let start = Instant::now();
        while !holds(self) {
            if start.elapsed() > limit {
                return false;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        true
    }

    fn start_with(options: Options) -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let authorities = (
            Authority::new("coordinator", folder.path()),
            Authority::new("storage", folder.path()),
        );
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("scripted-trino")
            .enable_all()
            .build()
            .expect("a runtime");
        // Bound without awaiting: a test may start the server from within its own runtime.
        let guard = runtime.enter();
        let bind = |port| {
            let listener = listener(port);
            listener
                .set_nonblocking(true)
                .expect("a socket that does not block");
            let port = listener.local_addr().expect("a bound address").port();
            (TcpListener::from_std(listener).expect("a listener"), port)
        };
        let (coordinator, worker, storage) = (bind(options.port), bind(0), bind(0));
        let coordinator_tls = options.coordinator_tls.map(|id| authorities.0.acceptor(id));
        let worker_tls = options.coordinator_tls.map(|id| {
            authorities
                .0
                .acceptor(options.worker_identity.unwrap_or(id))
        });
        let storage_tls = options.storage_tls.map(|id| authorities.1.acceptor(id));
        let ports = Ports {
            coordinator: coordinator.1,
            worker: worker.1,
            storage: storage.1,
        };
        let state = Arc::new(State::new(options, ports));
        let parties = [
            (Party::Coordinator, coordinator.0, coordinator_tls),
            (Party::Worker, worker.0, worker_tls),
            (Party::Storage, storage.0, storage_tls),
        ];
        for (party, listener, tls) in parties {
            runtime.spawn(listen(Arc::clone(&state), party, listener, tls));
        }
        drop(guard);
        let (stop, stopped) = oneshot::channel::<()>();
        // The runtime ends on its own thread, for a test may drop the server in another one.
        let thread = std::thread::spawn(move || {
            let _ = runtime.block_on(stopped);
            runtime.shutdown_timeout(Duration::from_secs(2));
        });
        Self {
            state,
            authorities,
            _folder: folder,
            stop: Some(stop),
            thread: Some(thread),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

#[derive(Debug, Clone, Copy)]
struct Ports {
    coordinator: u16,
    worker: u16,
    storage: u16,
}

/// What the connections share.
pub(crate) struct State {
    pub(crate) options: Options,
    pub(crate) script: Script,
    pub(crate) sign_ins: SignIns,
    pub(crate) gauge: Arc<Gauge>,
    ports: Ports,
    faults: Faults,
    requests: Mutex<Vec<Recorded>>,
    queries: Mutex<HashMap<String, Arc<Query>>>,
    acknowledged: Mutex<Vec<Acknowledged>>,
    submitted: AtomicUsize,
}

impl State {
    fn new(options: Options, ports: Ports) -> Self {
        Self {
            script: Script::of_version(&options.version),
            options,
            sign_ins: SignIns::default(),
            gauge: Arc::default(),
            ports,
            faults: Faults::default(),
            requests: Mutex::default(),
            queries: Mutex::default(),
            acknowledged: Mutex::default(),
            submitted: AtomicUsize::new(0),
        }
    }

    pub(crate) fn record(&self, request: Recorded) {
        self.requests.lock().unwrap().push(request);
    }

    pub(crate) fn next_query_id(&self) -> String {
        let number = self.submitted.fetch_add(1, Ordering::Relaxed);
        format!("20260102_030405_{number:05}_scrpt")
    }

    pub(crate) fn add_query(&self, query: Arc<Query>) {
        self.queries.lock().unwrap().insert(query.id.clone(), query);
    }

    pub(crate) fn query(&self, id: &str) -> Option<Arc<Query>> {
        self.queries.lock().unwrap().get(id).cloned()
    }

    pub(crate) fn acknowledge(&self, query: &str, segment: usize) {
        let acknowledged = Acknowledged {
            query: query.to_owned(),
            segment,
        };
        self.acknowledged.lock().unwrap().push(acknowledged);
    }

    /// The fault that meets a request to `endpoint`: its query's, else everybody's.
    pub(crate) fn fault_at(&self, query: Option<&Query>, endpoint: Endpoint) -> Option<Fault> {
        query
            .and_then(|query| query.faults.take(endpoint))
            .or_else(|| self.faults.take(endpoint))
    }

    pub(crate) fn storage_base(&self) -> String {
        let tls = self.options.storage_tls.is_some();
        match &self.options.storage_authority {
            Some(authority) => format!("{}://{authority}", if tls { "https" } else { "http" }),
            None => base(tls, self.ports.storage),
        }
    }

    pub(crate) fn worker_base(&self, scheme: &str) -> String {
        format!("{scheme}://127.0.0.1:{}", self.ports.worker)
    }
}

fn base(tls: bool, port: u16) -> String {
    format!("{}://127.0.0.1:{port}", if tls { "https" } else { "http" })
}

/// A listener at `port`, or at a free one that no server of the process has had: what clients remember of a server must
/// not meet another.
fn listener(port: u16) -> std::net::TcpListener {
    static USED: Mutex<BTreeSet<u16>> = Mutex::new(BTreeSet::new());
    let mut taken = Vec::new();
    loop {
        let listener = std::net::TcpListener::bind(("127.0.0.1", port)).expect("a free port");
        let bound = listener.local_addr().expect("a bound address").port();
        if USED.lock().unwrap().insert(bound) || port != 0 {
            return listener;
        }
        // Kept until there is another: the system would give it again.
        taken.push(listener);
    }
}
