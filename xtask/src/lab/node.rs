//! One Trino process: its configuration files, its command line, its port.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use scripted_trino::issuer;

use super::certificates::STORE_PASSWORD;
use super::install::Server;
use super::java::Java;
use super::realm::Realm;
use super::{Options, port, storage};
use crate::guard::Guarded;

/// What the nodes of one lab share.
pub struct Site<'a> {
    pub options: &'a Options,
    pub java: &'a Java,
    pub server: &'a Server,
    /// The lab's folder.
    pub folder: &'a Path,
    pub trust_store: &'a Path,
    /// Where storage listens, `https://127.0.0.1:PORT`.
    pub storage: &'a str,
    /// A secret of 32 bytes, base64.
    pub secret: &'a str,
    /// Present when the nodes are to speak TLS.
    pub tls: Option<Tls<'a>>,
    /// Whose tokens the coordinator takes.
    pub issuer: Option<String>,
    /// Whose certificates the coordinator takes.
    pub identities: &'a Path,
    /// Whose tickets the coordinator takes.
    pub realm: Option<&'a Realm>,
}

/// The nodes' certificate, as PEM files.
pub struct Tls<'a> {
    /// Private key and certificate chain.
    pub key_store: &'a Path,
    pub authority: &'a Path,
}

/// A node's part in the lab.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Coordinates and, when `works`, also runs tasks.
    Coordinator { works: bool },
    /// Coordinates another cluster with the same bucket and secret.
    Twin,
    /// Runs tasks for the coordinator at that port of this machine.
    Worker { coordinator: u16 },
}

/// A running node.
pub struct Node {
    process: Guarded,
    /// The only port that the node listens on, for clients and other nodes.
    pub port: u16,
    log: PathBuf,
}

impl Site<'_> {
    /// The scheme that the nodes speak.
    pub fn scheme(&self) -> &'static str {
        if self.tls.is_some() { "https" } else { "http" }
    }
}

impl Node {
    /// Writes the node's files and starts it; it is not ready yet.
    pub fn start(site: &Site<'_>, role: Role) -> Result<Self> {
        let name = match role {
            Role::Coordinator { .. } => "coordinator",
            Role::Twin => "twin",
            Role::Worker { .. } => "worker",
        };
        let folder = site.folder.join(name);
        let _ = fs::remove_dir_all(&folder);
        for part in ["etc/catalog", "data", "plugin"] {
            fs::create_dir_all(folder.join(part)).with_context(|| folder.display().to_string())?;
        }
        for (plugin, place) in &site.server.plugins {
            std::os::unix::fs::symlink(place, folder.join("plugin").join(plugin))?;
        }
        for (catalog, connector) in CATALOGS {
            if !site.server.plugins.contains_key(connector) {
                continue;
            }
            let mut lines = vec![format!("connector.name={connector}")];
            if catalog == "hive" {
                lines.extend(warehouse(site.folder)?);
            }
            write(
                &folder.join(format!("etc/catalog/{catalog}.properties")),
                &lines,
            )?;
        }
        let port = port::free()?;
        let etc = folder.join("etc");
        write(
            &etc.join("config.properties"),
            &config(site, role, port, &etc),
        )?;
        if site.options.spools() {
            write(&etc.join("spooling-manager.properties"), &spooling(site))?;
        }
        write(&etc.join("log.properties"), &["io.trino=INFO".to_owned()])?;
        if site.tls.is_some() {
            write(
                &etc.join("password.db"),
                &PASSWORD_ENTRIES.map(str::to_owned),
            )?;
            let file = etc.join("password.db");
            write(
                &etc.join("password-authenticator.properties"),
                &[
                    "password-authenticator.name=file".to_owned(),
                    format!("file.password-file={}", file.display()),
                ],
            )?;
        }
        let log = site.folder.join(format!("{name}.log"));
        let process = Guarded::start(&command(site, name, &folder), site.folder, &log)?;
        Ok(Self { process, port, log })
    }

    /// Whether the process is still there.
    pub fn is_running(&mut self) -> bool {
        self.process.is_running()
    }

    /// What the node wrote.
    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }
}

fn command(site: &Site<'_>, name: &str, folder: &Path) -> Command {
    let mut command = Command::new(site.java.program("java"));
    let etc = folder.join("etc");
    command
        // The spooling manager's file is looked for below the working folder.
        .current_dir(folder)
        // Java reads the names of files as the locale says.
        .env("LC_ALL", "C.UTF-8")
        .arg(format!("-Xmx{}", site.options.heap))
        // On a small machine Java would choose the serial collector, which Trino does not like.
        .args([
            "-XX:+UseG1GC",
            "-XX:+ExitOnOutOfMemoryError",
            "-Dfile.encoding=UTF-8",
        ])
        .arg("--add-modules=jdk.incubator.vector")
        .args((site.java.version >= 23).then_some("--sun-misc-unsafe-memory-access=allow"))
        .args([
            "--enable-native-access=ALL-UNNAMED",
            "-Djdk.attach.allowAttachSelf=true",
        ])
        .arg(format!(
            "-Djavax.net.ssl.trustStore={}",
            site.trust_store.display()
        ))
        .arg(format!(
            "-Djavax.net.ssl.trustStorePassword={STORE_PASSWORD}"
        ))
        .arg(format!(
            "-Dconfig={}",
            etc.join("config.properties").display()
        ))
        .arg(format!(
            "-Dlog.levels-file={}",
            etc.join("log.properties").display()
        ))
        .args(["-Dnode.environment=lab", &format!("-Dnode.id={name}")])
        .arg(format!("-Dnode.data-dir={}", folder.join("data").display()))
        .arg(format!("-Dplugin.dir={}", folder.join("plugin").display()))
        .arg(format!(
            "-Dcatalog.config-dir={}",
            etc.join("catalog").display()
        ));
    site.server.launch(&mut command);
    command
}

/// A warehouse and its metastore in a folder that all nodes share.
fn warehouse(folder: &Path) -> Result<[String; 4]> {
    let folder = folder.join("warehouse");
    fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
    Ok([
        "hive.metastore=file".to_owned(),
        "hive.metastore.catalog.dir=local:///metastore".to_owned(),
        "fs.native-local.enabled=true".to_owned(),
        format!("local.location={}", folder.display()),
    ])
}

fn config(site: &Site<'_>, role: Role, port: u16, etc: &Path) -> Vec<String> {
    let options = site.options;
    let discovery = match role {
        Role::Coordinator { .. } | Role::Twin => port,
        Role::Worker { coordinator } => coordinator,
    };
    let mut lines = vec![
        format!("coordinator={}", !matches!(role, Role::Worker { .. })),
        "node.internal-address=127.0.0.1".to_owned(),
        format!("discovery.uri={}://127.0.0.1:{discovery}", site.scheme()),
        format!("internal-communication.shared-secret={}", site.secret),
    ];
    if let Role::Coordinator { works } = role {
        lines.push(format!("node-scheduler.include-coordinator={works}"));
    }
    if options.spools() {
        lines.push("protocol.spooling.enabled=true".to_owned());
        lines.push(format!(
            "protocol.spooling.shared-secret-key={}",
            site.secret
        ));
        lines.push(format!(
            "protocol.spooling.retrieval-mode={}",
            options.mode.name()
        ));
        lines.push(format!(
            "protocol.spooling.inlining.enabled={}",
            options.inlining
        ));
        if let Some(size) = &options.initial_segment_size {
            lines.push(format!("protocol.spooling.initial-segment-size={size}"));
        }
        if let Some(size) = &options.max_segment_size {
            lines.push(format!("protocol.spooling.max-segment-size={size}"));
        }
    }
    if let Some(tls) = &site.tls {
        // A worker's address in a redirect has the coordinator's scheme and the port that the nodes use among
        // themselves: with TLS for clients there must be TLS inside too.
        lines.push("http-server.http.enabled=false".to_owned());
        lines.push("http-server.https.enabled=true".to_owned());
        lines.push(format!("http-server.https.port={port}"));
        lines.push(format!(
            "http-server.https.keystore.path={}",
            tls.key_store.display()
        ));
        lines.push("internal-communication.https.required=true".to_owned());
        lines.push(format!(
            "internal-communication.https.truststore.path={}",
            tls.authority.display()
        ));
        let file = etc.join("password-authenticator.properties");
        lines.extend(authentication(site, role));
        lines.push(format!(
            "password-authenticator.config-files={}",
            file.display()
        ));
    } else {
        lines.push(format!("http-server.http.port={port}"));
    }
    // What somebody asks for stands in place of the lab's own.
    let key = |line: &str| line.split('=').next().map(str::to_owned);
    let asked: Vec<_> = options.config.iter().map(|line| key(line)).collect();
    lines.retain(|line| !asked.contains(&key(line)));
    lines.extend(options.config.iter().cloned());
    lines
}

/// How those who come to the node show who they are.
fn authentication(site: &Site<'_>, role: Role) -> Vec<String> {
    let (Some(issuer), Role::Coordinator { .. }) = (&site.issuer, role) else {
        return vec!["http-server.authentication.type=PASSWORD".to_owned()];
    };
    let (client, secret) = issuer::SERVER;
    let kerberos = if site.realm.is_some() {
        "KERBEROS,"
    } else {
        ""
    };
    let mut lines = vec![
        format!("http-server.authentication.type=PASSWORD,CERTIFICATE,{kerberos}JWT,OAUTH2"),
        format!(
            "http-server.https.truststore.path={}",
            site.identities.display()
        ),
        "http-server.authentication.certificate.user-mapping.pattern=CN=([^,]+).*".to_owned(),
        format!("http-server.authentication.jwt.key-file={issuer}/jwks"),
        format!("http-server.authentication.oauth2.issuer={issuer}"),
        format!("http-server.authentication.oauth2.client-id={client}"),
        format!("http-server.authentication.oauth2.client-secret={secret}"),
        "http-server.authentication.oauth2.refresh-tokens=true".to_owned(),
        // Nobody looks at its pages with a browser.
        "web-ui.enabled=false".to_owned(),
    ];
    lines.extend(
        site.realm
            .iter()
            .flat_map(|realm| realm.coordinator_config()),
    );
    lines
}

fn spooling(site: &Site<'_>) -> Vec<String> {
    let mut lines = vec![
        "spooling-manager.name=filesystem".to_owned(),
        "fs.s3.enabled=true".to_owned(),
        format!("fs.location=s3://{}/", storage::BUCKET),
        format!("fs.segment.encryption={}", site.options.encryption),
        format!("s3.endpoint={}", site.storage),
        "s3.region=us-east-1".to_owned(),
        format!("s3.aws-access-key={}", storage::ACCESS_KEY),
        format!("s3.aws-secret-key={}", storage::SECRET_KEY),
        "s3.path-style-access=true".to_owned(),
    ];
    lines.extend(site.options.spooling_config.iter().cloned());
    lines
}

fn write(path: &Path, lines: &[String]) -> Result<()> {
    let text: String = lines
        .iter()
        .flat_map(|line| [line.as_str(), "\n"])
        .collect();
    fs::write(path, text).with_context(|| path.display().to_string())
}

impl Options {
    /// The plugins of such a node: all fifty would take most of a minute to load.
    pub fn plugins(&self) -> Vec<&'static str> {
        // Geospatial has types that Trino 476 cannot write to segments.
        let mut plugins = vec!["tpch", "memory", "hive", "geospatial"];
        plugins.extend(self.spools().then_some("spooling-filesystem"));
        plugins.extend(self.https.then_some("password-authenticators"));
        plugins
    }
}

/// Each catalog and its connector. Hive is the one that writes in transactions.
const CATALOGS: [(&str, &str); 4] = [
    ("tpch", "tpch"),
    ("memory", "memory"),
    ("hive", "hive"),
    ("bücher", "memory"),
];

/// The user of a lab.
pub const USER: &str = "lab";

/// The password of [`USER`] where the lab asks for one.
pub const PASSWORD: &str = "lab-password";

/// Another user, whose name and password are not ASCII, and the password.
pub const OTHER_USER: (&str, &str) = ("jürgen", "pässwörd-ÿ");

/// The users and the bcrypt hashes of their passwords.
const PASSWORD_ENTRIES: [&str; 2] = [
    "lab:$2y$08$KvmcZE33DxCcBFsX6YVkHeJDKGmGnJBJYKiMmp2sIdX23b5zfjity",
    "jürgen:$2y$08$KvmcZE33DxCcBFsX6YVkHe1ZmIkDfox9DcCZ92Wm4hRYdcwWEkRYe",
];
