//! What companies put in front of Trino: a balancer with cookies, TLS terminators, Trino Gateway.
//!
//! Two coordinators that share a bucket and a secret stand behind them, as a gateway in front of spooling clusters
//! needs. All of it listens on loopback and ends with its owner.

use std::collections::BTreeMap;
use std::fs;
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use hyper::Method;
use serde::Serialize;
use serde_json::json;
use tempfile::TempDir;

use super::certificates::Certificate;
use super::java::Java;
use super::port::{self, Failure};
use super::{Facts, Lab, client};
use crate::guard::Guarded;
use crate::{program, project};

/// Running fronts of one lab.
pub struct Fronts {
    pub facts: FrontFacts,
    // Dropped in this order: the gateways use the database.
    _programs: Vec<Guarded>,
    _database: Database,
    _folder: TempDir,
}

/// Where the fronts are, as JSON for tests.
#[derive(Debug, Clone, Serialize)]
pub struct FrontFacts {
    /// Ports by name.
    ports: BTreeMap<String, u16>,
    /// The authority of the certificate of those that speak TLS.
    ca: PathBuf,
    user: String,
    storage_ca: Option<PathBuf>,
    /// Where storage keeps its objects.
    objects: Option<PathBuf>,
    mode: Option<super::Mode>,
}

impl FrontFacts {
    /// Writes them to `path`.
    pub fn write(&self, path: &Path) -> Result<()> {
        fs::write(path, serde_json::to_string_pretty(self)?)
            .with_context(|| path.display().to_string())
    }
}

impl Fronts {
    /// Starts all fronts of `lab`, which has two coordinators.
    pub fn start(lab: &Lab) -> Result<Self> {
        let fronts = port::with_retries(|| Self::start_once(lab))?;
        fronts.route(lab)?;
        Ok(fronts)
    }

    fn start_once(lab: &Lab) -> Result<Self, Failure> {
        let twin = lab.facts.twin.context("the lab has one coordinator only")?;
        let scratch = tempfile::Builder::new().prefix("trino-fronts-").tempdir()?;
        let folder = scratch.path();
        let certificate = Certificate::make("front", folder)?;
        fs::write(
            folder.join("front.pem"),
            format!("{}{}", certificate.chain, certificate.key),
        )?;
        let mut ports = BTreeMap::from([("a".to_owned(), lab.facts.port), ("b".to_owned(), twin)]);
        let mut programs = Vec::new();

        let haproxy = template("haproxy.cfg", folder, &mut ports)?;
        let mut command = Command::new(found("haproxy")?);
        command.args(["-db", "-f"]).arg(haproxy);
        programs.push(guarded(command, folder, "haproxy")?);

        let nginx = template("nginx.conf", folder, &mut ports)?;
        let work = folder.join("nginx");
        fs::create_dir_all(&work)?;
        let mut command = Command::new(found("nginx")?);
        command.arg("-p").arg(&work).args(["-e", "error.log", "-c"]);
        command.arg(nginx);
        programs.push(guarded(command, folder, "nginx")?);

        let database = Database::start()?;
        let java = Java::find(super::VERSION)?;
        let jar = gateway_jar()?;
        for (name, paths, _) in GATEWAYS {
            let port = port::free()?;
            database.create(name)?;
            let text = fs::read_to_string(templates()?.join("gateway.yaml"))?
                .replace("@port@", &port.to_string())
                .replace("@database@", &database.port.to_string())
                .replace("@name@", name)
                .replace("@paths@", paths);
            let file = folder.join(format!("{name}.yaml"));
            fs::write(&file, text)?;
            let mut command = Command::new(java.program("java"));
            command
                .args([
                    "-Xmx300M",
                    "-XX:+UseSerialGC",
                    "-XX:TieredStopAtLevel=1",
                    "-jar",
                ])
                .arg(&jar)
                .arg(file);
            programs.push(guarded(command, folder, name)?);
            ports.insert(name.to_owned(), port);
        }
        for port in ports.values() {
            listening("a front", *port, &mut programs, || logs(folder))?;
        }
        Ok(Self {
            facts: FrontFacts {
                ports,
                ca: certificate.authority,
                user: lab.facts.user.clone(),
                storage_ca: lab.facts.storage_ca.clone(),
                objects: lab.facts.folder.as_ref().map(|lab| lab.join("storage")),
                mode: lab.facts.mode,
            },
            _programs: programs,
            _database: database,
            _folder: scratch,
        })
    }

    /// Makes the coordinators known to the gateways, and waits until they count as healthy.
    fn route(&self, lab: &Lab) -> Result<()> {
        let port = |name: &str| self.facts.ports.get(name).copied().unwrap_or_default();
        for (gateway, _, second_group) in GATEWAYS {
            let url = format!("http://127.0.0.1:{}", port(gateway));
            for (cluster, group) in [("a", FIRST_GROUP), ("b", second_group)] {
                let address = format!("http://127.0.0.1:{}", port(cluster));
                let body = json!({
                    "name": cluster,
                    "proxyTo": address,
                    "externalUrl": address,
                    "active": true,
                    "routingGroup": group,
                });
                let headers = [("Content-Type".to_owned(), "application/json".to_owned())];
                let answer = lab.runtime.block_on(client::send(
                    Method::POST,
                    &format!("{url}/gateway/backend/modify/add"),
                    &headers,
                    body.to_string(),
                    None,
                ))?;
                ensure!(
                    answer.status.is_success(),
                    "the gateway refuses a cluster: {}",
                    String::from_utf8_lossy(&answer.body)
                );
            }
            let facts = Facts {
                url,
                coordinator_ca: None,
                ..lab.facts.clone()
            };
            for group in [FIRST_GROUP, second_group] {
                wait_for("a cluster behind the gateway", || {
                    let headers = [("X-Trino-Routing-Group", group)];
                    let query = client::query(&facts, "SELECT 1", &headers);
                    lab.runtime.block_on(query).is_ok()
                })?;
            }
        }
        Ok(())
    }
}

/// The store of the gateways.
struct Database {
    port: u16,
    bin: PathBuf,
    folder: TempDir,
    process: Vec<Guarded>,
}

impl Database {
    fn start() -> Result<Self, Failure> {
        let bin = postgres_bin().context("PostgreSQL is missing")?;
        let folder = tempfile::Builder::new()
            .prefix("trino-gateway-db-")
            .tempdir()?;
        let data = folder.path().join("data");
        fs::create_dir(&data)?;
        // It refuses to run as root.
        run(Command::new("chown")
            .arg("-R")
            .arg(OWNER)
            .arg(folder.path()))?;
        let mut database = Self {
            port: port::free()?,
            bin,
            folder,
            process: Vec::new(),
        };
        run(database
            .command("initdb")
            .args(["-A", "trust", "-U", "postgres", "-D"])
            .arg(&data))?;
        let mut command = database.command("postgres");
        command.arg("-D").arg(&data).args([
            "-h",
            "127.0.0.1",
            "-p",
            &database.port.to_string(),
            "-k",
            "",
            "-c",
            "fsync=off",
        ]);
        let log = database.folder.path().join("postgres.log");
        let process = Guarded::start(&command, database.folder.path(), &log)?;
        database.process.push(process);
        listening("PostgreSQL", database.port, &mut database.process, || {
            fs::read_to_string(&log).unwrap_or_default()
        })?;
        Ok(database)
    }

    fn create(&self, name: &str) -> Result<()> {
        let mut tries = 0;
        loop {
            let port = self.port.to_string();
            let mut command = self.command("createdb");
            command.args(["-h", "127.0.0.1", "-p", &port, "-U", "postgres", name]);
            match run(&mut command) {
                // It accepts connections before it can do anything with them.
                Err(_) if tries < 20 => {
                    tries += 1;
                    thread::sleep(Duration::from_millis(250));
                }
                made => return made,
            }
        }
    }

    /// A program of PostgreSQL, as its own user where this one is root.
    fn command(&self, name: &str) -> Command {
        let program = self.bin.join(name);
        let mut command = Command::new("setpriv");
        command
            .args(["--reuid", OWNER, "--regid", OWNER, "--clear-groups"])
            .arg(program)
            .current_dir(self.folder.path());
        command
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        // It leaves shared memory behind when it is killed.
        let data = self.folder.path().join("data");
        let stop = run(self
            .command("pg_ctl")
            .args(["stop", "-s", "-m", "immediate", "-D"])
            .arg(data));
        if let Err(error) = stop {
            eprintln!("PostgreSQL was not stopped: {error:#}");
        }
        self.process.clear();
    }
}

/// The programs that fronts need, with the package of Debian and Ubuntu that has each.
pub const PROGRAMS: [(&str, &str); 3] = [
    ("haproxy", "haproxy"),
    ("nginx", "nginx-light"),
    ("postgres", "postgresql"),
];

/// Whether a program of [`PROGRAMS`] is here.
pub fn is_there(name: &str) -> bool {
    match name {
        "postgres" => postgres_bin().is_some(),
        name => program::find_system(name).is_some(),
    }
}

fn found(name: &str) -> Result<PathBuf> {
    program::find_system(name).with_context(|| format!("{name} is missing"))
}

/// The newest PostgreSQL of this machine.
fn postgres_bin() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").ok()?;
    let mut bins: Vec<_> = versions
        .filter_map(|entry| Some(entry.ok()?.path().join("bin")))
        .filter(|bin| bin.join("postgres").is_file())
        .collect();
    bins.sort();
    bins.pop()
}

/// Trino Gateway's jar, fetched by Maven into its own cache.
fn gateway_jar() -> Result<PathBuf> {
    let folder = crate::cache::folder()?;
    let jar = folder.join(format!(
        "gateway-ha-{GATEWAY_VERSION}-jar-with-dependencies.jar"
    ));
    if jar.is_file() {
        return Ok(jar);
    }
    let Some(maven) = program::find("mvn") else {
        bail!("Trino Gateway is not in the cache and Maven is not installed (package `maven`)");
    };
    println!("fetching Trino Gateway {GATEWAY_VERSION} (97 MB, once)");
    let mut command = Command::new(maven);
    command
        .args(["-q", "-B", "dependency:copy", "-Dmdep.useBaseVersion=true"])
        .arg(format!(
            "-Dartifact=io.trino.gateway:gateway-ha:{GATEWAY_VERSION}:jar:jar-with-dependencies"
        ))
        .arg(format!("-DoutputDirectory={}", folder.display()))
        .current_dir(&folder);
    program::run_quietly(&mut command)?;
    ensure!(
        jar.is_file(),
        "Maven could not get Trino Gateway {GATEWAY_VERSION}"
    );
    Ok(jar)
}

/// Writes a configuration with a free port for each `@name@` that it listens on, and the known ports of others.
fn template(name: &str, folder: &Path, ports: &mut BTreeMap<String, u16>) -> Result<PathBuf> {
    let text = fs::read_to_string(templates()?.join(name))?;
    let mut filled = text.replace("@folder@", &folder.display().to_string());
    while let Some((_, rest)) = filled.split_once('@') {
        let (key, _) = rest
            .split_once('@')
            .with_context(|| format!("{name} has a lone @"))?;
        let key = key.to_owned();
        let port = match ports.get(&key) {
            Some(port) => *port,
            None => port::free()?,
        };
        filled = filled.replace(&format!("@{key}@"), &port.to_string());
        ports.insert(key, port);
    }
    let file = folder.join(name);
    fs::write(&file, filled)?;
    Ok(file)
}

fn templates() -> Result<PathBuf> {
    Ok(project::root()?.join("tests/gateway"))
}

fn guarded(command: Command, folder: &Path, name: &str) -> Result<Guarded> {
    // The guard removes what it is given; the fronts' own folder goes with its owner.
    let work = folder.join(format!("{name}-work"));
    fs::create_dir_all(&work)?;
    Guarded::start(&command, &work, &folder.join(format!("{name}.log")))
}

fn logs(folder: &Path) -> String {
    let mut text = String::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.extension() == Some("log".as_ref()) {
            let log = fs::read_to_string(&path).unwrap_or_default();
            let lines: Vec<_> = log.lines().rev().take(5).collect();
            text += &format!("{}: {}\n", path.display(), lines.join(" | "));
        }
    }
    text
}

/// Waits until something listens there, while all of `programs` run.
fn listening(
    name: &str,
    port: u16,
    programs: &mut [Guarded],
    log: impl Fn() -> String,
) -> Result<(), Failure> {
    let started = Instant::now();
    loop {
        if !programs.iter_mut().all(Guarded::is_running) {
            return Err(Failure::of_ended(name, &log()));
        }
        if TcpStream::connect(("127.0.0.1", port)).is_ok() {
            return Ok(());
        }
        if started.elapsed() > PATIENCE {
            return Err(anyhow::anyhow!("{name} does not answer: {}", log()).into());
        }
        thread::sleep(Duration::from_millis(200));
    }
}

fn wait_for(what: &str, is_up: impl Fn() -> bool) -> Result<()> {
    let started = Instant::now();
    while !is_up() {
        ensure!(started.elapsed() < PATIENCE, "{what} does not answer");
        thread::sleep(Duration::from_millis(200));
    }
    Ok(())
}

fn run(command: &mut Command) -> Result<()> {
    let output = command.stdin(Stdio::null()).output()?;
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    ensure!(output.status.success(), "{command:?}: {said}");
    Ok(())
}

/// The gateways, the paths besides statements that each lets through,
/// and the routing group of the second coordinator.
const GATEWAYS: [(&str, &str, &str); 2] = [
    ("gateway", "", "etl"),
    ("gateway_spooled", "\"/v1/spooled/.*\"", FIRST_GROUP),
];

/// The routing group of the first coordinator, and of clients that name none.
const FIRST_GROUP: &str = "adhoc";

const GATEWAY_VERSION: &str = "20";

/// The user that PostgreSQL runs as.
const OWNER: &str = "postgres";

const PATIENCE: Duration = Duration::from_secs(120);
