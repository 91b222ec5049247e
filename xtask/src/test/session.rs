//! What the kinds of one run share, and the kinds that need it: the driver's registration and real Trinos.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs};

use anyhow::{Result, ensure};
use tempfile::TempDir;

use super::runner::{Count, Ended, Stop, count, of_cargo, of_pytest};
use super::{
    Kind, bi, book, deny, installer, instructions, is_strict, macos, packages, servers, unit,
    wheel, workspace_packages,
};
use crate::lab::{self, Lab, Mode, RealmFacts};
use crate::registration::{self, Registration};
use crate::{project, python, windows};

/// Made when first wanted.
#[derive(Default)]
pub struct Session {
    pub options: lab::Options,
    registration: Option<Registration>,
    lab: Option<Result<RunningLab, String>>,
    /// One with TLS and a password, beside.
    secured: Option<RunningLab>,
}

pub struct RunningLab {
    lab: Lab,
    pub facts: PathBuf,
    _folder: TempDir,
}

impl Session {
    pub fn run(&mut self, kind: Kind) -> Ended {
        match kind {
            Kind::Unit => unit(),
            Kind::Abi => self.abi(),
            Kind::Manager => self.manager(),
            Kind::Programs => self.programs(),
            Kind::Server => self.server(),
            Kind::Tools => self.tools(),
            Kind::Modes => self.modes(),
            Kind::Python => self.python(),
            Kind::Wheel => self.wheel(),
            Kind::Newest => self.newest(),
            Kind::Gateway => self.gateway(),
            Kind::Installer => installer(),
            Kind::Packages => self.packages(),
            Kind::Bi => bi(),
            Kind::Instructions => instructions::run(),
            Kind::Deny => deny::run(),
            Kind::Book => book::run(),
            Kind::Macos => macos::run(),
            Kind::Windows => windows(),
        }
    }

    fn abi(&mut self) -> Ended {
        // Constants are compared with its headers. Tests that miss them say so.
        if let Err(error) = registration::require_manager() {
            println!("{error}");
        }
        let mut command = project::cargo()?;
        command.args(["test", "--no-fail-fast", "--test", "*"]);
        command.args(["--package", "trino-odbc", "--package", "trino-odbc-command"]);
        // What the library exports is read from its file.
        self.registration()?.apply(&mut command);
        Ok(count(&mut command, of_cargo)?)
    }

    fn manager(&mut self) -> Ended {
        Stop::unless(registration::require_manager())?;
        let mut targets = scripted_client_tests()?;
        targets.insert(0, "--lib".to_owned());
        let mut command = client_tests(&targets)?;
        self.registration()?.apply(&mut command);
        Ok(count(&mut command, of_cargo)?)
    }

    fn programs(&mut self) -> Ended {
        Stop::unless(registration::require_programs())?;
        let mut command = client_tests(&["--test".to_owned(), PROGRAM_TESTS.to_owned()])?;
        self.registration()?.apply(&mut command);
        Ok(count(&mut command, of_cargo)?)
    }

    fn server(&mut self) -> Ended {
        Stop::unless(registration::require_manager())?;
        self.registration()?;
        let lab = self.lab()?;
        let mut total = Count::default();
        if lab.lab.facts.folder.is_some() {
            // What follows means little when the storage gives its segments to anyone.
            match lab.lab.prove() {
                Ok(shown) => {
                    println!("{shown}");
                    total += Count::PASSED;
                }
                Err(error) => {
                    println!("the lab's storage is not strict: {error:#}");
                    total += Count::FAILED;
                }
            }
            total += client_example(&lab.lab.facts)?;
        }
        let mut command = client_tests(&["--test".to_owned(), SERVER_TESTS.to_owned()])?;
        self.apply(&mut command)?;
        total += count(&mut command, of_cargo)?;
        Ok(total)
    }

    fn tools(&mut self) -> Ended {
        Stop::unless(registration::require_tools())?;
        self.registration()?;
        self.lab()?;
        let mut command = client_tests(&["--test".to_owned(), TOOL_TESTS.to_owned()])?;
        self.apply(&mut command)?;
        Ok(count(&mut command, of_cargo)?)
    }

    fn modes(&mut self) -> Ended {
        self.prepare_own_labs("a running server has one mode")?;
        let mut total = Count::default();
        for mode in Mode::ALL {
            let options = lab::Options {
                mode,
                worker: true,
                https: MODES_WITH_HTTPS.contains(&mode),
                encryption: true,
                spooling: true,
                heap: "2G".to_owned(),
                initial_segment_size: Some("256kB".to_owned()),
                max_segment_size: Some("1MB".to_owned()),
                // Only this mode hands out signed URIs that can wait to be used.
                spooling_config: (mode == Mode::Storage)
                    .then(|| format!("fs.segment.direct.ttl={URI_LIFE}"))
                    .into_iter()
                    .collect(),
                ..self.options.clone()
            };
            let lab = Stop::unless(RunningLab::start(&options))?;
            let mut command = client_tests(&["--test".to_owned(), MODES_TESTS.to_owned()])?;
            self.registration()?.apply(&mut command);
            command.env("TRINO_LAB", &lab.facts);
            total += count(&mut command, of_cargo)?;
        }
        Ok(total)
    }

    fn wheel(&mut self) -> Ended {
        let library = self.registration()?.library().to_path_buf();
        Ok(wheel::run(&library, &self.lab()?.facts)?)
    }

    fn newest(&mut self) -> Ended {
        self.prepare_own_labs("a running server has one version")?;
        let python = Stop::unless(python::environment())?;
        let options = servers::options(servers::NEWEST.parse()?, &self.options);
        let lab = Stop::unless(RunningLab::start(&options))?;
        Ok(servers::suite(&lab, &python, self.registration()?)?)
    }

    fn gateway(&mut self) -> Ended {
        self.prepare_own_labs("a running server has no twin")?;
        Stop::unless(registration::require_fronts())?;
        let python = Stop::unless(python::environment())?;
        let mut total = Count::default();
        for mode in [
            Mode::Storage,
            Mode::CoordinatorStorageRedirect,
            Mode::CoordinatorProxy,
        ] {
            let options = lab::Options {
                mode,
                twin: true,
                encryption: true,
                spooling: true,
                heap: "1500M".to_owned(),
                initial_segment_size: Some("256kB".to_owned()),
                max_segment_size: Some("1MB".to_owned()),
                config: vec![
                    "http-server.process-forwarded=true".to_owned(),
                    "protocol.spooling.inlining.max-size=64kB".to_owned(),
                ],
                ..self.options.clone()
            };
            let lab = RunningLab::start(&options)?;
            let fronts = lab::Fronts::start(&lab.lab)?;
            let facts = lab.facts.with_file_name("fronts.json");
            fronts.facts.write(&facts)?;
            let mut command = pytest(&python)?;
            command
                .arg(project::root()?.join("tests/gateway"))
                .env("TRINO_FRONTS", &facts)
                .env(project::COMMAND, project::command()?);
            self.registration()?.apply(&mut command);
            total += count(&mut command, of_pytest)?;
        }
        Ok(total)
    }

    fn python(&mut self) -> Ended {
        Stop::unless(registration::require_manager())?;
        let python = Stop::unless(python::environment())?;
        self.registration()?;
        self.lab()?;
        let is_ours = self.options.server.is_none();
        if !self.options.https && is_ours && self.secured.is_none() {
            Stop::unless(registration::require_kdc())?;
            self.secured = Some(RunningLab::start_secured(&self.options)?);
        }
        let mut command = pytest(&python)?;
        command.arg(project::root()?.join("tests/python"));
        if is_ours && is_strict() {
            command.arg("--no-skips");
        }
        command.env(project::COMMAND, project::command()?);
        self.apply(&mut command)?;
        Ok(count(&mut command, of_pytest)?)
    }

    fn packages(&mut self) -> Ended {
        Stop::unless(packages::require())?;
        let lab = self.lab()?;
        Ok(packages::run(&lab.lab.facts)?)
    }

    /// Prepares a kind that starts Trinos itself; with somebody's server it cannot run, and says `why`.
    fn prepare_own_labs(&mut self, why: &str) -> Result<(), Stop> {
        if self.options.server.is_some() {
            return Err(Stop::NotRun(why.to_owned()));
        }
        Stop::unless(registration::require_manager())?;
        self.registration()?;
        // The nodes of the kinds before would take memory and processors from these.
        self.lab = None;
        self.secured = None;
        Ok(())
    }

    /// Sets in that command's environment where the driver is, and the labs that run.
    fn apply(&mut self, command: &mut Command) -> Result<()> {
        self.registration()?.apply(command);
        if let Some(Ok(lab)) = &self.lab {
            command.env("TRINO_LAB", &lab.facts);
            let secured = self
                .secured
                .as_ref()
                .or(Some(lab).filter(|_| self.options.https));
            if let Some(secured) = secured {
                command.env("TRINO_LAB_SECURED", &secured.facts);
            }
        }
        Ok(())
    }

    fn registration(&mut self) -> Result<&Registration> {
        let registration = match self.registration.take() {
            Some(registration) => registration,
            None => Registration::new(&project::driver()?)?,
        };
        Ok(self.registration.insert(registration))
    }

    /// The lab of this run; one that does not start is not tried again.
    fn lab(&mut self) -> Result<&RunningLab, Stop> {
        let options = &self.options;
        let lab = self.lab.get_or_insert_with(|| {
            RunningLab::start(options).map_err(|error| format!("{error:#}"))
        });
        lab.as_ref().map_err(|why| Stop::NotRun(why.clone()))
    }
}

/// The driver for Windows, once Wine is there.
fn windows() -> Ended {
    Stop::unless(windows::require())?;
    Ok(windows::run_quick()?)
}

impl RunningLab {
    pub fn start(options: &lab::Options) -> Result<Self> {
        let lab = Lab::start(options, &|line| println!("{line}"))?;
        let folder = tempfile::Builder::new()
            .prefix("trino-odbc-facts-")
            .tempdir()?;
        let facts = folder.path().join("lab.json");
        lab.facts.write(&facts)?;
        Ok(Self {
            lab,
            facts,
            _folder: folder,
        })
    }

    /// Starts one with TLS, passwords and Kerberos, beside the one of these options.
    pub fn start_secured(options: &lab::Options) -> Result<Self> {
        Self::start(&lab::Options {
            https: true,
            heap: "2G".to_owned(),
            ..options.clone()
        })
    }

    pub fn realm(&self) -> Option<&RealmFacts> {
        self.lab.facts.realm.as_ref()
    }
}

/// pytest, without files.
pub fn pytest(python: &Path) -> Result<Command> {
    let mut command = Command::new(python);
    command
        .args(["-m", "pytest", "-q", "-p", "no:cacheprovider"])
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .current_dir(project::root()?);
    Ok(command)
}

/// Runs the example of the client crate, which must read spooled rows of the lab.
fn client_example(facts: &lab::Facts) -> Result<Count> {
    let status = project::cargo()?
        .args(["build", "--quiet", "--example", "query"])
        .args(workspace_packages())
        .status()?;
    ensure!(status.success(), "the client's example does not build");
    let name = format!("query{}", env::consts::EXE_SUFFIX);
    let example = project::target_folder()?.join("debug/examples").join(name);
    let output = Command::new(example)
        .args([&facts.host, &facts.port.to_string()])
        .arg("SELECT * FROM tpch.sf1.customer")
        .args(&facts.storage_ca)
        .stderr(Stdio::inherit())
        .output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    print!("{text}");
    let spooled = facts.spooling == Some(true);
    let works = output.status.success()
        && text.starts_with("150000 rows, ")
        && text.starts_with("150000 rows, 0 ") != spooled;
    Ok(if works { Count::PASSED } else { Count::FAILED })
}

/// The tests through the manager, their own package: the driver must not be linked into them, or its
/// functions would be called past the manager.
fn client_tests(targets: &[String]) -> Result<Command> {
    let mut command = project::cargo()?;
    command.args(["test", "--no-fail-fast", "--package", "client-tests"]);
    command.args(targets);
    Ok(command)
}

/// Cargo's arguments for those of them that need no real Trino.
fn scripted_client_tests() -> Result<Vec<String>> {
    let mut targets = Vec::new();
    for entry in fs::read_dir(project::root()?.join("tests/manager/tests"))? {
        let path = entry?.path();
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        let is_target = path.join("main.rs").is_file() || path.extension() == Some("rs".as_ref());
        let is_other =
            [SERVER_TESTS, TOOL_TESTS, MODES_TESTS, PROGRAM_TESTS].contains(&name.as_ref());
        if is_target && !is_other {
            targets.extend(["--test".to_owned(), name.into_owned()]);
        }
    }
    Ok(targets)
}

/// The integration test of `tests/manager` that compiles and runs C programs.
const PROGRAM_TESTS: &str = "programs";

/// The integration test of `tests/manager` that needs a real Trino.
const SERVER_TESTS: &str = "server";

/// The one that runs programs of other makers with it.
const TOOL_TESTS: &str = "tools";

/// The one that is run with a real Trino of each retrieval mode.
const MODES_TESTS: &str = "modes";

/// How long storage honours a signed URI in the modes: little enough for a test to wait for its end.
const URI_LIFE: &str = "20s";

/// Where the coordinator too speaks TLS, with its own authority: one mode in which clients then meet storage,
/// and one in which they meet a worker.
const MODES_WITH_HTTPS: [Mode; 2] = [Mode::CoordinatorStorageRedirect, Mode::WorkerProxy];
