//! A realm of Kerberos with its own KDC, on loopback and in its own folders.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};

use super::port::{self, Failure};
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
        let place = Place {
            folder: folder.to_path_buf(),
            config: folder.join("krb5.conf"),
            settings: folder.join("kdc.conf"),
        };
        place.configure(port::free()?)?;
        run(place
            .command("kdb5_util")?
            .args(["create", "-r", REALM, "-s", "-P", "database"]))?;
        let (service_keytab, keytab) = (folder.join("service.keytab"), folder.join("ann.keytab"));
        let (service, path) = (service_keytab.display(), keytab.display());
        for query in [
            format!("addprinc -randkey {SERVICE}/localhost"),
            format!("ktadd -k {service} {SERVICE}/localhost"),
            format!("addprinc -pw {PASSWORD} ann"),
            format!("ktadd -k {path} -norandkey ann"),
        ] {
            run(place
                .command("kadmin.local")?
                .args(["-r", REALM, "-q", &query]))?;
        }
        let kdc = port::with_retries(|| place.start_kdc()).context("the KDC")?;
        Ok(Self {
            facts: RealmFacts {
                name: REALM.to_owned(),
                config: place.config,
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

/// Where the realm's files are.
struct Place {
    folder: PathBuf,
    config: PathBuf,
    settings: PathBuf,
}

impl Place {
    /// Writes the configuration of a KDC at that port.
    fn configure(&self, port: u16) -> Result<()> {
        let place = self.folder.display();
        fs::write(
            &self.config,
            format!(
                "[libdefaults]\ndefault_realm = {REALM}\ndns_lookup_kdc = false\ndns_lookup_realm = false\n\
                 rdns = false\nudp_preference_limit = 1\ndefault_ccache_name = FILE:{place}/nobody\n\
                 [realms]\n{REALM} = {{\nkdc = 127.0.0.1:{port}\n}}\n\
                 [domain_realm]\nlocalhost = {REALM}\n"
            ),
        )?;
        fs::write(
            &self.settings,
            format!(
                "[kdcdefaults]\nkdc_listen = 127.0.0.1:{port}\nkdc_tcp_listen = 127.0.0.1:{port}\n\
                 [realms]\n{REALM} = {{\ndatabase_name = {place}/principal\nkey_stash_file = {place}/stash\n\
                 acl_file = {place}/acl\nmax_life = 1h\n}}\n\
                 [logging]\nkdc = FILE:{place}/{LOG}\n"
            ),
        )?;
        Ok(())
    }

    /// A program of Kerberos with that configuration.
    fn command(&self, name: &str) -> Result<Command> {
        let program = program::find_system(name).with_context(|| format!("{name} is missing"))?;
        let mut command = Command::new(program);
        command
            .env("KRB5_CONFIG", &self.config)
            .env("KRB5_KDC_PROFILE", &self.settings);
        Ok(command)
    }

    /// Starts the KDC at a free port and waits until it serves.
    fn start_kdc(&self) -> Result<Guarded, Failure> {
        self.configure(port::free()?)?;
        let log = self.folder.join(LOG);
        // A log of an earlier attempt would answer for this one.
        if log.exists() {
            fs::remove_file(&log)?;
        }
        let work = self.folder.join("kdc");
        fs::create_dir_all(&work)?;
        let mut command = self.command("krb5kdc")?;
        command.args(["-n", "-r", REALM]).current_dir(&work);
        let output = self.folder.join("kdc.out");
        let mut kdc = Guarded::start(&command, &work, &output)?;
        let started = Instant::now();
        // Its own word for it: another server may answer at a port that this one did not get.
        while !read(&log).contains(SERVES) {
            let is_running = kdc.is_running();
            if !is_running || started.elapsed() > PATIENCE {
                let logs = format!("{}\n{}", read(&output), read(&log));
                let name = if is_running {
                    "the KDC, still running,"
                } else {
                    "the KDC"
                };
                return Err(Failure::of_ended(name, &logs));
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(kdc)
    }
}

/// What a program wrote so far.
fn read(log: &Path) -> String {
    fs::read_to_string(log).unwrap_or_default()
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
/// The KDC's log, in the realm's folder.
const LOG: &str = "kdc.log";
/// The line of the log once the KDC has its ports.
const SERVES: &str = "commencing operation";
/// Enough for a machine that runs other things too.
const PATIENCE: Duration = Duration::from_secs(60);
