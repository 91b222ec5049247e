//! A real Trino with spooling, on this machine, for as long as somebody holds it.
//!
//! Coordinator, perhaps a worker, and storage all listen on the loopback address only. The storage server lives in
//! this process; each Trino runs under a [`guard`](crate::guard), so that nothing is left when this process goes
//! away, however it goes.

mod certificates;
pub mod client;
mod fronts;
mod install;
mod java;
mod node;
mod port;
mod prove;
mod realm;
mod storage;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hyper::Method;
use lexopt::ValueExt;
use ring::rand::{SecureRandom, SystemRandom};
use scripted_trino::{Issuer, issuer};
use serde::{Deserialize, Serialize};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio::signal::unix::{SignalKind, signal};

pub use certificates::Certificate;
pub use fronts::{Fronts, PROGRAMS as FRONT_PROGRAMS, is_there as front_is_there};
use install::Server;
pub use install::{VERSION, Version};
pub use java::Java;
use node::{Node, Role, Site, Tls};
use port::Failure;
use realm::Realm;
pub use realm::{PROGRAMS as REALM_PROGRAMS, RealmFacts, is_possible as can_have_realm};

use crate::project;

/// How a client gets its segments: Trino's `protocol.spooling.retrieval-mode`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Mode {
    /// From storage, with a signed URI.
    Storage,
    /// From storage, by a redirect of the coordinator.
    CoordinatorStorageRedirect,
    /// Through the coordinator.
    CoordinatorProxy,
    /// Through a worker: the lab has two nodes.
    WorkerProxy,
}

impl Mode {
    pub const ALL: [Self; 4] = [
        Self::Storage,
        Self::CoordinatorStorageRedirect,
        Self::CoordinatorProxy,
        Self::WorkerProxy,
    ];

    /// The name in Trino's configuration.
    pub fn name(self) -> &'static str {
        match self {
            Self::Storage => "STORAGE",
            Self::CoordinatorStorageRedirect => "COORDINATOR_STORAGE_REDIRECT",
            Self::CoordinatorProxy => "COORDINATOR_PROXY",
            Self::WorkerProxy => "WORKER_PROXY",
        }
    }

    fn parse(name: &str) -> Result<Self> {
        let wanted = name.to_uppercase().replace('-', "_");
        let known = || Self::ALL.map(Self::name).join(", ");
        Self::ALL
            .into_iter()
            .find(|mode| mode.name() == wanted)
            .with_context(|| format!("no retrieval mode is called {name}; there are {}", known()))
    }
}

/// What kind of lab to start.
#[derive(Debug, Clone)]
pub struct Options {
    pub trino: Version,
    pub mode: Mode,
    /// The coordinator speaks TLS, with its own authority, and asks for a password or a token; an issuer of
    /// tokens runs beside it.
    pub https: bool,
    /// A second node does the work, as always in mode WORKER_PROXY.
    pub worker: bool,
    /// A second coordinator with the same bucket and secret.
    pub twin: bool,
    /// Segments are encrypted with their own key (SSE-C).
    pub encryption: bool,
    pub spooling: bool,
    /// Small results come inside the answer.
    pub inlining: bool,
    pub initial_segment_size: Option<String>,
    pub max_segment_size: Option<String>,
    /// Java heap of each node.
    pub heap: String,
    /// Lines of `config.properties`, each in the place of one with its key.
    pub config: Vec<String>,
    /// Further lines of `spooling-manager.properties`.
    pub spooling_config: Vec<String>,
    /// A running server to use instead; the other options then describe nothing.
    pub server: Option<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            trino: VERSION,
            mode: Mode::Storage,
            https: false,
            worker: false,
            twin: false,
            encryption: true,
            spooling: true,
            inlining: true,
            initial_segment_size: None,
            max_segment_size: None,
            heap: "3G".to_owned(),
            config: Vec::new(),
            spooling_config: Vec::new(),
            server: None,
        }
    }
}

impl Options {
    /// The command-line options that [`Options::take`] understands.
    pub const USAGE: &str =
        "  --trino VERSION           another version than 476, for example 435 or 483
  --mode MODE               STORAGE (default), COORDINATOR_STORAGE_REDIRECT, COORDINATOR_PROXY or
                            WORKER_PROXY (which starts a second node)
  --https                   TLS on the coordinator, with its own authority, and
                            passwords, tokens and OAuth 2.0 with its own issuer
  --worker                  a second node, which does the work
  --no-encryption           segments without SSE-C
  --no-spooling             the direct protocol only
  --no-inlining             small results spooled too
  --initial-segment-size N  --max-segment-size N   for example 64kB, 16MB
  --heap N                  Java heap of each node (default 3G)
  --config KEY=VALUE        a line of config.properties, in the place of one with that key
  --spooling-config KEY=VALUE  a further line of spooling-manager.properties
  --server URL              use a running server; credentials from TRINO_ODBC_USER and
                            TRINO_ODBC_PASSWORD";

    /// Whether results are spooled: asked for, and known to that version.
    pub fn spools(&self) -> bool {
        self.spooling && self.trino.can_spool()
    }

    /// Takes one command-line option, if it is one of these.
    pub fn take(&mut self, name: &str, parser: &mut lexopt::Parser) -> Result<bool> {
        match name {
            "trino" => self.trino = parser.value()?.string()?.parse()?,
            "mode" => self.mode = Mode::parse(&parser.value()?.string()?)?,
            "https" => self.https = true,
            "worker" => self.worker = true,
            "no-encryption" => self.encryption = false,
            "no-spooling" => self.spooling = false,
            "no-inlining" => self.inlining = false,
            "initial-segment-size" => self.initial_segment_size = Some(parser.value()?.string()?),
            "max-segment-size" => self.max_segment_size = Some(parser.value()?.string()?),
            "heap" => self.heap = parser.value()?.string()?,
            "config" => self.config.push(parser.value()?.string()?),
            "spooling-config" => self.spooling_config.push(parser.value()?.string()?),
            "server" => self.server = Some(parser.value()?.string()?),
            _ => return Ok(false),
        }
        Ok(true)
    }
}

/// How to reach a lab: what is given to tests, as JSON.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Facts {
    /// The coordinator, `http://127.0.0.1:PORT`.
    pub url: String,
    pub scheme: String,
    pub host: String,
    pub port: u16,
    pub user: String,
    pub password: Option<String>,
    /// Another user and the password, neither of them ASCII, where the coordinator asks for passwords.
    pub other_user: Option<(String, String)>,
    /// The authority of the coordinator's certificate, where it is private.
    pub coordinator_ca: Option<PathBuf>,
    /// None for a server that was running already: its mode is not known.
    pub mode: Option<Mode>,
    pub spooling: Option<bool>,
    pub encryption: Option<bool>,
    /// Storage, `https://127.0.0.1:PORT`.
    pub storage: Option<String>,
    /// The authority of storage's certificate, where it is private.
    pub storage_ca: Option<PathBuf>,
    /// Who issues tokens, where the coordinator takes them.
    pub issuer: Option<IssuerFacts>,
    /// Who issues tickets of Kerberos, where the coordinator takes them.
    pub realm: Option<RealmFacts>,
    /// Addresses of further nodes.
    pub workers: Vec<String>,
    /// The port of a second coordinator.
    pub twin: Option<u16>,
    pub version: Option<String>,
    /// The lab's folder: logs and configuration.
    pub folder: Option<PathBuf>,
}

/// How to get tokens that a lab takes.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct IssuerFacts {
    /// The issuer, `https://127.0.0.1:PORT`.
    pub url: String,
    /// The authority of its certificate.
    pub ca: PathBuf,
    /// A program that it knows.
    pub client_id: String,
    pub client_secret: String,
    /// A program without a secret, for people on other devices.
    pub public_client_id: String,
}

impl IssuerFacts {
    fn of(issuer: &Issuer) -> Self {
        let (client_id, client_secret) = issuer::PROGRAM;
        Self {
            url: issuer.url(),
            ca: issuer.ca_pem_path().to_path_buf(),
            client_id: client_id.to_owned(),
            client_secret: client_secret.to_owned(),
            public_client_id: issuer::PUBLIC.to_owned(),
        }
    }
}

impl Facts {
    /// Writes the facts as JSON, whole or not at all.
    pub fn write(&self, path: &Path) -> Result<()> {
        let scratch = path.with_extension("part");
        fs::write(&scratch, serde_json::to_string_pretty(self)? + "\n")
            .with_context(|| path.display().to_string())?;
        fs::rename(&scratch, path).with_context(|| path.display().to_string())
    }

    /// The facts of a server that somebody else runs.
    fn of_server(url: &str) -> Result<Self> {
        let uri: hyper::Uri = url.parse().with_context(|| format!("{url} is not a URL"))?;
        let scheme = uri
            .scheme_str()
            .context("--server needs http:// or https://")?
            .to_owned();
        let host = uri.host().context("--server needs a host")?.to_owned();
        let port = uri
            .port_u16()
            .unwrap_or(if scheme == "https" { 443 } else { 8080 });
        Ok(Self {
            url: format!("{scheme}://{host}:{port}"),
            scheme,
            host,
            port,
            user: std::env::var("TRINO_ODBC_USER").unwrap_or_else(|_| node::USER.to_owned()),
            password: std::env::var("TRINO_ODBC_PASSWORD").ok(),
            other_user: None,
            coordinator_ca: None,
            mode: None,
            spooling: None,
            encryption: None,
            storage: None,
            storage_ca: None,
            issuer: None,
            realm: None,
            workers: Vec::new(),
            twin: None,
            version: None,
            folder: None,
        })
    }
}

/// A running lab. Dropping it stops everything and removes its folder.
pub struct Lab {
    pub facts: Facts,
    // Dropped in this order: the nodes use the folder, and storage needs the runtime.
    nodes: Vec<Node>,
    _realm: Option<Realm>,
    folder: Option<TempDir>,
    _issuer: Option<Issuer>,
    runtime: Runtime,
}

impl Lab {
    /// Starts a lab and waits until it answers queries.
    pub fn start(options: &Options, say: &dyn Fn(&str)) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()?;
        if let Some(url) = &options.server {
            let facts = Facts::of_server(url)?;
            return Ok(Self {
                facts,
                nodes: Vec::new(),
                _realm: None,
                folder: None,
                _issuer: None,
                runtime,
            });
        }
        let issuer = options.https.then(Issuer::start);
        let java = Java::find(options.trino)?;
        let server = Server::install(options.trino, &options.plugins(), say)?;
        let (facts, nodes, realm, folder) = port::with_retries(|| {
            Self::start_once(options, &java, &server, issuer.as_ref(), &runtime, say)
        })?;
        Ok(Self {
            facts,
            nodes,
            _realm: realm,
            folder: Some(folder),
            _issuer: issuer,
            runtime,
        })
    }

    fn start_once(
        options: &Options,
        java: &Java,
        server: &Server,
        issuer: Option<&Issuer>,
        runtime: &Runtime,
        say: &dyn Fn(&str),
    ) -> Result<(Facts, Vec<Node>, Option<Realm>, TempDir), Failure> {
        let scratch = tempfile::Builder::new().prefix("trino-lab-").tempdir()?;
        let folder = scratch.path();
        let storage_certificate = Certificate::make("storage", folder)?;
        let coordinator_certificate = options
            .https
            .then(|| Certificate::make("coordinator", folder))
            .transpose()?;
        let trust_store = folder.join("trust.p12");
        let mut trusted = vec![storage_certificate.authority.as_path()];
        trusted.extend(issuer.map(Issuer::ca_pem_path));
        certificates::java_trust_store(java, &trusted, &trust_store)?;
        let key_store = folder.join("coordinator.pem");
        let tls = match &coordinator_certificate {
            Some(certificate) => {
                fs::write(
                    &key_store,
                    format!("{}{}", certificate.key, certificate.chain),
                )?;
                Some(Tls {
                    key_store: &key_store,
                    authority: &certificate.authority,
                })
            }
            None => None,
        };
        let address =
            runtime.block_on(storage::serve(folder.join("storage"), &storage_certificate))?;
        let storage = format!("https://{address}");

        say(&format!(
            "starting Trino {} ({})",
            server.version,
            options.mode.name()
        ));
        let secret = secret()?;
        let identities = project::root()?.join("tests/identities/authority.pem");
        let realm = (options.https && realm::is_possible())
            .then(|| Realm::start(&folder.join("realm")))
            .transpose()?;
        let site = Site {
            options,
            java,
            server,
            folder,
            trust_store: &trust_store,
            storage: &storage,
            secret: &secret,
            tls,
            issuer: issuer.map(Issuer::url),
            identities: &identities,
            realm: realm.as_ref(),
        };
        let two = options.worker || options.mode == Mode::WorkerProxy;
        let coordinator = Node::start(&site, Role::Coordinator { works: !two })?;
        let port = coordinator.port;
        let mut nodes = vec![coordinator];
        let mut workers = Vec::new();
        if two {
            let worker = Node::start(&site, Role::Worker { coordinator: port })?;
            workers.push(format!("{}://127.0.0.1:{}", site.scheme(), worker.port));
            nodes.push(worker);
        }
        let mut twin = None;
        if options.twin {
            let node = Node::start(&site, Role::Twin)?;
            twin = Some(node.port);
            nodes.push(node);
        }
        let scheme = site.scheme();
        let facts = Facts {
            url: format!("{scheme}://127.0.0.1:{port}"),
            scheme: scheme.to_owned(),
            host: "127.0.0.1".to_owned(),
            port,
            user: node::USER.to_owned(),
            password: options.https.then(|| node::PASSWORD.to_owned()),
            other_user: options.https.then(|| {
                let (user, password) = node::OTHER_USER;
                (user.to_owned(), password.to_owned())
            }),
            coordinator_ca: coordinator_certificate.map(|certificate| certificate.authority),
            mode: Some(options.mode),
            spooling: Some(options.spools()),
            encryption: Some(options.encryption),
            storage: Some(storage),
            storage_ca: Some(storage_certificate.authority),
            issuer: issuer.map(IssuerFacts::of),
            realm: realm.as_ref().map(|realm| realm.facts.clone()),
            workers,
            twin,
            version: Some(server.version.to_string()),
            folder: Some(folder.to_path_buf()),
        };
        wait(&facts, &mut nodes, runtime)?;
        if let Some(port) = twin {
            let url = format!("{scheme}://127.0.0.1:{port}");
            let facts = Facts {
                url,
                port,
                ..facts.clone()
            };
            wait(&facts, &mut nodes, runtime)?;
        }
        Ok((facts, nodes, realm, scratch))
    }

    /// Shows that the storage of this lab guards its segments; says what was shown.
    pub fn prove(&self) -> Result<String> {
        self.runtime.block_on(prove::prove(&self.facts))
    }
}

/// Waits until a query has run.
fn wait(facts: &Facts, nodes: &mut [Node], runtime: &Runtime) -> Result<(), Failure> {
    let started = Instant::now();
    let mut answer = "it never answered".to_owned();
    while started.elapsed() < PATIENCE {
        for node in nodes.iter_mut() {
            if !node.is_running() {
                return Err(Failure::of_ended("Trino", &node.log()));
            }
        }
        match runtime.block_on(ready(facts)) {
            Ok(()) => return Ok(()),
            Err(error) => answer = format!("{error:#}"),
        }
        thread::sleep(Duration::from_millis(200));
    }
    let words = port::tail(&nodes.first().map(Node::log).unwrap_or_default());
    Err(anyhow::anyhow!("Trino was not ready in {PATIENCE:?}: {answer}\n{words}").into())
}

async fn ready(facts: &Facts) -> Result<()> {
    let url = format!("{}/v1/info", facts.url);
    let info = client::send(Method::GET, &url, &[], "", facts.coordinator_ca.as_deref()).await?;
    let info: serde_json::Value = serde_json::from_slice(&info.body)?;
    if info["starting"] != false {
        bail!("it was still starting");
    }
    client::query(facts, "SELECT count(*) FROM tpch.tiny.nation", &[]).await?;
    Ok(())
}

/// 32 random bytes, base64.
fn secret() -> Result<String> {
    let mut bytes = [0; 32];
    SystemRandom::new()
        .fill(&mut bytes)
        .map_err(|_| anyhow::anyhow!("no random bytes"))?;
    Ok(STANDARD.encode(bytes))
}

/// `cargo xtask lab`: one lab in the foreground, until Ctrl-C or the end of standard input.
pub fn run(parser: &mut lexopt::Parser) -> Result<()> {
    let mut options = Options::default();
    let mut facts_file = None;
    let mut prove = false;
    while let Some(argument) = parser.next()? {
        match argument {
            lexopt::Arg::Long("facts") => facts_file = Some(PathBuf::from(parser.value()?)),
            lexopt::Arg::Long("prove") => prove = true,
            lexopt::Arg::Long("help") => {
                println!("{USAGE}{}", Options::USAGE);
                return Ok(());
            }
            lexopt::Arg::Long(name) => {
                let name = name.to_owned();
                if !options.take(&name, parser)? {
                    bail!("lab has no option --{name}\n\n{USAGE}{}", Options::USAGE);
                }
            }
            other => return Err(other.unexpected().into()),
        }
    }
    let started = Instant::now();
    let mut lab = Lab::start(&options, &|line| eprintln!("{line}"))?;
    eprintln!("ready after {:.1} s", started.elapsed().as_secs_f64());
    if let Some(path) = &facts_file {
        lab.facts.write(path)?;
    }
    println!("{}", serde_json::to_string_pretty(&lab.facts)?);
    let result = if prove {
        lab.prove().map(|shown| eprintln!("{shown}"))
    } else {
        lab.hold()
    };
    if let Some(path) = &facts_file {
        let _ = fs::remove_file(path);
    }
    result
}

impl Lab {
    /// Returns when the owner wants no more of this lab, or when a node of it died.
    fn hold(&mut self) -> Result<()> {
        let (sender, mut end_of_input) = tokio::sync::oneshot::channel();
        thread::spawn(move || {
            let _ = io::copy(&mut io::stdin().lock(), &mut io::sink());
            let _ = sender.send(());
        });
        let nodes = &mut self.nodes;
        self.runtime.block_on(async {
            let mut interrupt = signal(SignalKind::interrupt())?;
            let mut terminate = signal(SignalKind::terminate())?;
            let mut tick = tokio::time::interval(Duration::from_secs(1));
            loop {
                tokio::select! {
                    _ = interrupt.recv() => return Ok(()),
                    _ = terminate.recv() => return Ok(()),
                    _ = &mut end_of_input => return Ok(()),
                    _ = tick.tick() => {
                        if let Some(node) = nodes.iter_mut().find_map(|node| (!node.is_running()).then_some(node)) {
                            bail!("a Trino node ended by itself:\n{}", port::tail(&node.log()));
                        }
                    }
                }
            }
        })
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        self.nodes.clear();
        if let Some(folder) = self.folder.take()
            && std::env::var_os(crate::guard::KEEP).is_some()
        {
            eprintln!("the lab's folder is kept: {}", folder.keep().display());
        }
    }
}

const USAGE: &str = "\
cargo xtask lab [options]: a real Trino on this machine, until Ctrl-C or the end of standard input

  --facts FILE              writes how to reach it, as JSON
  --prove                   shows that its storage refuses who has no key, and ends
";

const PATIENCE: Duration = Duration::from_secs(180);
