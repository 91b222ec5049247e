//! The scripted server of the tests in place of a real Trino: another process, gone when this one goes.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Stdio};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::lab::{Facts, Options};
use crate::project;

/// A running scripted server. It ends with the end of its standard input, which dropping this brings about.
pub struct Scripted {
    pub facts: Facts,
    process: Child,
}

/// What the server says about itself in its first line.
#[derive(Deserialize)]
struct Announced {
    url: String,
    host: String,
    port: u16,
    coordinator_ca: Option<PathBuf>,
    storage_ca: Option<PathBuf>,
}

impl Scripted {
    /// Starts one in the mode that the options name.
    pub fn start(options: &Options) -> Result<Self> {
        // Built before it is run, so that its output is its own; released, so that it does not hold the driver up.
        let built = project::cargo()?
            .args(["build", "--quiet", "--release"])
            .args(PACKAGE)
            .status()?;
        if !built.success() {
            bail!("the scripted server does not build");
        }
        let mut command = project::cargo()?;
        command
            .args(["run", "--quiet", "--release"])
            .args(PACKAGE)
            .arg("--");
        command.arg(format!("--mode={}", options.mode.name()));
        command.arg("--storage-tls");
        if options.https {
            command.arg("--coordinator-tls");
            command.arg(format!("--password={USER}:{PASSWORD}"));
        }
        if !options.spooling {
            command.arg("--no-spooling");
        }
        let mut process = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let output = process.stdout.take().context("it has no output")?;
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line)?;
        let announced: Announced =
            serde_json::from_str(&line).context("the scripted server did not say where it is")?;
        let scheme = if options.https { "https" } else { "http" };
        let facts = Facts {
            url: announced.url,
            scheme: scheme.to_owned(),
            host: announced.host,
            port: announced.port,
            user: USER.to_owned(),
            password: options.https.then(|| PASSWORD.to_owned()),
            other_user: None,
            coordinator_ca: announced.coordinator_ca.filter(|_| options.https),
            mode: Some(options.mode),
            spooling: Some(options.spooling),
            encryption: None,
            storage: None,
            storage_ca: announced.storage_ca,
            issuer: None,
            realm: None,
            workers: Vec::new(),
            twin: None,
            version: None,
            folder: None,
        };
        Ok(Self { facts, process })
    }
}

impl Drop for Scripted {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}

const USER: &str = "demo";
const PASSWORD: &str = "demo";
const PACKAGE: [&str; 2] = ["--package", "scripted-trino"];
