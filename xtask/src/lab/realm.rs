//! A realm of Kerberos with a KDC of its own, on loopback and in folders of its own.

use std::fs;
use std::net::{TcpStream, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde::{Deserialize, Serialize};

use crate::guard::Guarded;
use crate::program;

/// A KDC that runs.
pub struct Realm {
    pub facts: RealmFacts,
    /// The keys of the coordinator's service.
    pub service_keytab: PathBuf,
    _kdc: Guarded,
}

/// How to get tickets.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RealmFacts {
    pub name: String,
    /// For KRB5_CONFIG.
    pub config: PathBuf,
    /// Somebody with a file of keys and a password.
    pub principal: String,
    pub keytab: PathBuf,
    pub password: String,
}

/// The programs that it takes, with the package of Debian and Ubuntu that has each.
pub const PROGRAMS: [(&str, &str); 4] = [
    ("krb5kdc", "krb5-kdc"),
    ("kdb5_util", "krb5-kdc"),
    ("kadmin.local", "krb5-admin-server"),
    ("kinit", "krb5-user"),
];

impl Realm {
    /// Makes a realm in `folder` and starts its KDC.
    pub fn start(folder: &Path) -> Result<Self> {
        fs::create_dir_all(folder)?;
        // Of both kinds: tickets go over UDP first, where they are small.
        let port = UdpSocket::bind(("127.0.0.1", 0))?.local_addr()?.port();
        let place = folder.display();
        let config = folder.join("krb5.conf");
        fs::write(
            &config,
            format!(
                "[libdefaults]\ndefault_realm = {REALM}\ndns_lookup_kdc = false\ndns_lookup_realm = false\n\
                 rdns = false\nudp_preference_limit = 1\ndefault_ccache_name = FILE:{place}/nobody\n\
                 [realms]\n{REALM} = {{\nkdc = 127.0.0.1:{port}\n}}\n\
                 [domain_realm]\nlocalhost = {REALM}\n"
            ),
        )?;
        let settings = folder.join("kdc.conf");
        fs::write(
            &settings,
            format!(
                "[kdcdefaults]\nkdc_listen = 127.0.0.1:{port}\nkdc_tcp_listen = 127.0.0.1:{port}\n\
                 [realms]\n{REALM} = {{\ndatabase_name = {place}/principal\nkey_stash_file = {place}/stash\n\
                 acl_file = {place}/acl\nmax_life = 1h\n}}\n\
                 [logging]\nkdc = FILE:{place}/kdc.log\n"
            ),
        )?;
        let (service_keytab, keytab) = (folder.join("service.keytab"), folder.join("ann.keytab"));
        let command = |name: &str| -> Result<Command> {
            let mut command = Command::new(
                program::find_system(name).with_context(|| format!("{name} is missing"))?,
            );
            command
                .env("KRB5_CONFIG", &config)
                .env("KRB5_KDC_PROFILE", &settings);
            Ok(command)
        };
        run(command("kdb5_util")?.args(["create", "-r", REALM, "-s", "-P", "database"]))?;
        let (service, path) = (service_keytab.display(), keytab.display());
        for query in [
            format!("addprinc -randkey {SERVICE}/localhost"),
            format!("ktadd -k {service} {SERVICE}/localhost"),
            format!("addprinc -pw {PASSWORD} ann"),
            format!("ktadd -k {path} -norandkey ann"),
        ] {
            run(command("kadmin.local")?.args(["-r", REALM, "-q", &query]))?;
        }
        let mut kdc = command("krb5kdc")?;
        let work = folder.join("kdc");
        fs::create_dir_all(&work)?;
        kdc.args(["-n", "-r", REALM]).current_dir(&work);
        let mut kdc = Guarded::start(&kdc, &work, &folder.join("kdc.out"))?;
        let started = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            if !kdc.is_running() || started.elapsed() > PATIENCE {
                let said = fs::read_to_string(folder.join("kdc.out")).unwrap_or_default();
                bail!("the KDC does not start: {said}");
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(Self {
            facts: RealmFacts {
                name: REALM.to_owned(),
                config,
                principal: format!("ann@{REALM}"),
                keytab,
                password: PASSWORD.to_owned(),
            },
            service_keytab,
            _kdc: kdc,
        })
    }

    /// The lines with which a coordinator takes its tickets.
    pub fn coordinator_config(&self) -> Vec<String> {
        vec![
            format!("http-server.authentication.krb5.service-name={SERVICE}"),
            "http-server.authentication.krb5.principal-hostname=localhost".to_owned(),
            format!(
                "http-server.authentication.krb5.keytab={}",
                self.service_keytab.display()
            ),
            format!(
                "http.authentication.krb5.config={}",
                self.facts.config.display()
            ),
            "http-server.authentication.krb5.user-mapping.pattern=([^@]+)@.*".to_owned(),
        ]
    }
}

/// Whether the programs are here.
pub fn is_possible() -> bool {
    PROGRAMS
        .iter()
        .all(|(name, _)| program::find_system(name).is_some())
}

fn run(command: &mut Command) -> Result<()> {
    let output = command.stdin(Stdio::null()).output()?;
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    ensure!(output.status.success(), "{command:?}: {said}");
    Ok(())
}

const REALM: &str = "LAB.TEST";
const SERVICE: &str = "HTTP";
const PASSWORD: &str = "ann-password";
const PATIENCE: Duration = Duration::from_secs(20);
