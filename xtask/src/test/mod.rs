//! `cargo xtask test`: every kind of test, each with its line, and one line for all.

mod instructions;
mod runner;
pub mod servers;

use std::fs;
use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use tempfile::TempDir;

use crate::lab::{self, Lab, Mode};
use crate::registration::{self, Registration};
use crate::{program, project, python};
use runner::{Count, check, count, of_cargo, of_pytest};

/// A kind of test: what stands between the test and the driver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// The modules by themselves, format and lints.
    Unit,
    /// The exported functions, called directly.
    Abi,
    /// unixODBC, against a scripted server.
    Manager,
    /// Programs in C: unixODBC, iODBC, and the driver itself under valgrind.
    Programs,
    /// unixODBC, against a real Trino.
    Server,
    /// Programs of other makers, through both Driver Managers, against a real Trino.
    Tools,
    /// unixODBC, against a real Trino of two nodes in each retrieval mode.
    Modes,
    /// pyodbc, against a real Trino.
    Python,
    /// pyodbc, against a real Trino of the newest version, beside the one of the other kinds.
    Newest,
    /// pyodbc, against two real Trinos behind gateways and balancers.
    Gateway,
    /// The command that registers the driver.
    Installer,
    /// What the inner loops cost, by valgrind.
    Instructions,
    /// Licences and advisories of the dependencies.
    Deny,
}

impl Kind {
    const ALL: [Self; 13] = [
        Self::Unit,
        Self::Abi,
        Self::Manager,
        Self::Programs,
        Self::Server,
        Self::Tools,
        Self::Python,
        Self::Newest,
        Self::Modes,
        Self::Gateway,
        Self::Installer,
        Self::Instructions,
        Self::Deny,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Unit => "unit",
            Self::Abi => "abi",
            Self::Manager => "manager",
            Self::Programs => "programs",
            Self::Server => "server",
            Self::Tools => "tools",
            Self::Modes => "modes",
            Self::Python => "python",
            Self::Newest => "newest",
            Self::Gateway => "gateway",
            Self::Installer => "installer",
            Self::Instructions => "instructions",
            Self::Deny => "deny",
        }
    }

    fn parse(name: &str) -> Result<Self> {
        let known = || Self::ALL.map(Self::name).join(", ");
        Self::ALL
            .into_iter()
            .find(|kind| kind.name() == name)
            .with_context(|| format!("no kind of test is called {name}; there are {}", known()))
    }

    /// Whether it counts as a failure in CI when it cannot run.
    fn is_required(self) -> bool {
        self != Self::Deny
    }
}

/// How a kind ended.
enum Outcome {
    Ran(Count),
    NotRun(String),
}

/// Runs `cargo xtask test`.
pub fn run(parser: &mut lexopt::Parser) -> Result<ExitCode> {
    let mut session = Session::default();
    let mut only = Vec::new();
    while let Some(argument) = parser.next()? {
        match argument {
            lexopt::Arg::Long("only") => {
                only.push(Kind::parse(&parser.value()?.to_string_lossy())?);
            }
            lexopt::Arg::Long("help") => {
                println!("{USAGE}{}", lab::Options::USAGE);
                return Ok(ExitCode::SUCCESS);
            }
            lexopt::Arg::Long(name) => {
                let name = name.to_owned();
                if !session.options.take(&name, parser)? {
                    bail!(
                        "test has no option --{name}\n\n{USAGE}{}",
                        lab::Options::USAGE
                    );
                }
            }
            other => return Err(other.unexpected().into()),
        }
    }
    let strict = std::env::var("CI").is_ok_and(|value| value == "true" || value == "1");
    let mut lines = Vec::new();
    let mut total = Count::default();
    for kind in Kind::ALL {
        if !only.is_empty() && !only.contains(&kind) {
            continue;
        }
        println!("\n=== {}", kind.name());
        let started = Instant::now();
        let outcome = session.run(kind).unwrap_or_else(|error| {
            println!("{error:#}");
            Outcome::Ran(Count::FAILED)
        });
        let mut line = line(kind, &outcome, started.elapsed());
        match outcome {
            Outcome::Ran(count) => total += count,
            Outcome::NotRun(_) if strict && kind.is_required() => {
                line += " (a failure in CI)";
                total += Count::FAILED;
            }
            Outcome::NotRun(_) => {}
        }
        println!("{line}");
        lines.push(line);
    }
    drop(session);
    println!("\n{}", lines.join("\n"));
    println!("{} passed, {} failed", total.passed, total.failed);
    Ok(if total.failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn line(kind: Kind, outcome: &Outcome, time: Duration) -> String {
    let name = kind.name();
    match outcome {
        Outcome::Ran(Count { passed, failed }) => {
            let seconds = time.as_secs_f64();
            format!("{name:<12} {passed:>5} passed {failed:>5} failed {seconds:>7.1} s")
        }
        Outcome::NotRun(why) => format!("{name:<12} not run: {why}"),
    }
}

/// What the kinds of one run share, each made when first wanted.
#[derive(Default)]
struct Session {
    options: lab::Options,
    registration: Option<Registration>,
    lab: Option<Result<RunningLab, String>>,
    /// One with TLS and a password, beside.
    secured: Option<RunningLab>,
}

struct RunningLab {
    lab: Lab,
    facts: PathBuf,
    _folder: TempDir,
}

impl Session {
    fn run(&mut self, kind: Kind) -> Result<Outcome> {
        match kind {
            Kind::Unit => unit().map(Outcome::Ran),
            Kind::Abi => self.abi().map(Outcome::Ran),
            Kind::Manager => self.manager(),
            Kind::Programs => self.programs(),
            Kind::Server => self.server(),
            Kind::Tools => self.tools(),
            Kind::Modes => self.modes(),
            Kind::Python => self.python(),
            Kind::Newest => self.newest(),
            Kind::Gateway => self.gateway(),
            Kind::Installer => installer(),
            Kind::Instructions => instructions::run(),
            Kind::Deny => deny(),
        }
    }

    fn abi(&mut self) -> Result<Count> {
        let mut command = project::cargo()?;
        command.args([
            "test",
            "--no-fail-fast",
            "--package",
            "trino-odbc",
            "--package",
            "trino-odbc-command",
            "--test",
            "*",
        ]);
        // What the library exports is read from its file.
        self.registration()?.apply(&mut command);
        count(&mut command, of_cargo)
    }

    fn manager(&mut self) -> Result<Outcome> {
        if let Some(why) = missing_client_tests()? {
            return Ok(Outcome::NotRun(why));
        }
        if let Err(error) = registration::require_manager() {
            return Ok(Outcome::NotRun(error.to_string()));
        }
        let mut targets = scripted_client_tests()?;
        targets.insert(0, "--lib".to_owned());
        let mut command = client_tests(&targets)?;
        self.registration()?.apply(&mut command);
        count(&mut command, of_cargo).map(Outcome::Ran)
    }

    fn programs(&mut self) -> Result<Outcome> {
        if let Err(error) = registration::require_programs() {
            return Ok(Outcome::NotRun(error.to_string()));
        }
        let mut command = client_tests(&["--test".to_owned(), PROGRAM_TESTS.to_owned()])?;
        self.registration()?.apply(&mut command);
        count(&mut command, of_cargo).map(Outcome::Ran)
    }

    fn server(&mut self) -> Result<Outcome> {
        if let Err(error) = registration::require_manager() {
            return Ok(Outcome::NotRun(error.to_string()));
        }
        self.registration()?;
        let lab = match self.lab() {
            Ok(lab) => lab,
            Err(why) => return Ok(Outcome::NotRun(why)),
        };
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
        if let Some(why) = missing_client_tests()? {
            println!("{why}");
            return Ok(Outcome::Ran(total));
        }
        let mut command = client_tests(&["--test".to_owned(), SERVER_TESTS.to_owned()])?;
        self.apply(&mut command)?;
        total += count(&mut command, of_cargo)?;
        Ok(Outcome::Ran(total))
    }

    fn tools(&mut self) -> Result<Outcome> {
        if let Err(error) = registration::require_tools() {
            return Ok(Outcome::NotRun(error.to_string()));
        }
        self.registration()?;
        if let Err(why) = self.lab() {
            return Ok(Outcome::NotRun(why));
        }
        let mut command = client_tests(&["--test".to_owned(), TOOL_TESTS.to_owned()])?;
        self.apply(&mut command)?;
        count(&mut command, of_cargo).map(Outcome::Ran)
    }

    fn modes(&mut self) -> Result<Outcome> {
        if self.options.server.is_some() {
            return Ok(Outcome::NotRun("a running server has one mode".to_owned()));
        }
        if let Err(error) = registration::require_manager() {
            return Ok(Outcome::NotRun(error.to_string()));
        }
        self.registration()?;
        // The nodes of the kinds before would take memory and processors from these.
        self.lab = None;
        self.secured = None;
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
            let lab = match RunningLab::start(&options) {
                Ok(lab) => lab,
                Err(error) => return Ok(Outcome::NotRun(format!("{error:#}"))),
            };
            let mut command = client_tests(&["--test".to_owned(), MODES_TESTS.to_owned()])?;
            self.registration()?.apply(&mut command);
            command.env("TRINO_LAB", &lab.facts);
            total += count(&mut command, of_cargo)?;
        }
        Ok(Outcome::Ran(total))
    }

    fn newest(&mut self) -> Result<Outcome> {
        if self.options.server.is_some() {
            return Ok(Outcome::NotRun(
                "a running server has one version".to_owned(),
            ));
        }
        if let Err(error) = registration::require_manager() {
            return Ok(Outcome::NotRun(error.to_string()));
        }
        let python = match python::environment() {
            Ok(python) => python,
            Err(error) => return Ok(Outcome::NotRun(format!("{error:#}"))),
        };
        self.registration()?;
        self.lab = None;
        self.secured = None;
        let options = servers::options(servers::NEWEST.parse()?, &self.options);
        let lab = match RunningLab::start(&options) {
            Ok(lab) => lab,
            Err(error) => return Ok(Outcome::NotRun(format!("{error:#}"))),
        };
        servers::suite(&lab, &python, self.registration()?).map(Outcome::Ran)
    }

    fn gateway(&mut self) -> Result<Outcome> {
        if self.options.server.is_some() {
            return Ok(Outcome::NotRun("a running server has no twin".to_owned()));
        }
        for required in [registration::require_manager, registration::require_fronts] {
            if let Err(error) = required() {
                return Ok(Outcome::NotRun(error.to_string()));
            }
        }
        let python = match python::environment() {
            Ok(python) => python,
            Err(error) => return Ok(Outcome::NotRun(format!("{error:#}"))),
        };
        self.registration()?;
        self.lab = None;
        self.secured = None;
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
            let mut command = Command::new(&python);
            command
                .args(["-m", "pytest", "-q", "-p", "no:cacheprovider"])
                .arg(project::root()?.join("tests/gateway"))
                .env("PYTHONDONTWRITEBYTECODE", "1")
                .env("TRINO_FRONTS", &facts)
                .env(project::COMMAND, project::command()?)
                .current_dir(project::root()?);
            self.registration()?.apply(&mut command);
            total += count(&mut command, of_pytest)?;
        }
        Ok(Outcome::Ran(total))
    }

    fn python(&mut self) -> Result<Outcome> {
        let tests = project::root()?.join("tests/python");
        if !tests.join("requirements.txt").is_file() {
            return Ok(Outcome::NotRun("tests/python is not there".to_owned()));
        }
        if let Err(error) = registration::require_manager() {
            return Ok(Outcome::NotRun(error.to_string()));
        }
        let python = match python::environment() {
            Ok(python) => python,
            Err(error) => return Ok(Outcome::NotRun(format!("{error:#}"))),
        };
        self.registration()?;
        if let Err(why) = self.lab() {
            return Ok(Outcome::NotRun(why));
        }
        if !self.options.https && self.options.server.is_none() && self.secured.is_none() {
            if let Err(error) = registration::require_kdc() {
                return Ok(Outcome::NotRun(error.to_string()));
            }
            let options = lab::Options {
                https: true,
                heap: "2G".to_owned(),
                ..self.options.clone()
            };
            self.secured = Some(RunningLab::start(&options)?);
        }
        let mut command = Command::new(python);
        command
            .args(["-m", "pytest", "-q", "-p", "no:cacheprovider"])
            .arg(&tests);
        command
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env(project::COMMAND, project::command()?)
            .current_dir(project::root()?);
        self.apply(&mut command)?;
        count(&mut command, of_pytest).map(Outcome::Ran)
    }

    /// Tells that command where the driver is, and the lab when there is one.
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
    fn lab(&mut self) -> Result<&RunningLab, String> {
        let options = &self.options;
        let lab = self.lab.get_or_insert_with(|| {
            RunningLab::start(options).map_err(|error| format!("{error:#}"))
        });
        lab.as_ref().map_err(Clone::clone)
    }
}

impl RunningLab {
    fn start(options: &lab::Options) -> Result<Self> {
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
}

fn unit() -> Result<Count> {
    let mut total = check(project::cargo()?.args(["fmt", "--all", "--check"]))?;
    total += check(project::cargo()?.args([
        "clippy",
        "--workspace",
        "--all-targets",
        "--",
        "-D",
        "warnings",
    ]))?;
    let mut command = project::cargo()?;
    command.args(["test", "--no-fail-fast", "--lib", "--bins"]);
    for package in [
        "trino-client",
        "trino-odbc",
        "trino-odbc-command",
        "scripted-trino",
        "xtask",
    ] {
        command.args(["--package", package]);
    }
    total += count(command.args(["--test", "protocol"]), of_cargo)?;
    total += count(
        project::cargo()?
            .args(["test", "--no-fail-fast", "--doc"])
            .args(["--package", "trino-client", "--package", "trino-odbc"]),
        of_cargo,
    )?;
    total += check(
        project::cargo()?
            .args(["doc", "--no-deps", "--package", "trino-client"])
            .env("RUSTDOCFLAGS", "-D warnings"),
    )?;
    Ok(total)
}

fn installer() -> Result<Outcome> {
    if let Err(error) = registration::require_manager() {
        return Ok(Outcome::NotRun(error.to_string()));
    }
    let mut command = project::cargo()?;
    command.args([
        "test",
        "--no-fail-fast",
        "--package",
        "xtask",
        "--test",
        "installer",
    ]);
    command.env(project::COMMAND, project::command()?);
    count(&mut command, of_cargo).map(Outcome::Ran)
}

fn deny() -> Result<Outcome> {
    if program::find("cargo-deny").is_none() {
        return Ok(Outcome::NotRun("cargo-deny is not installed".to_owned()));
    }
    check(project::cargo()?.args(["deny", "check"])).map(Outcome::Ran)
}

/// The tests through the manager, a package of their own: the driver must not be linked into them, or its
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

/// Runs the example of the client crate, which must read spooled rows of the lab.
fn client_example(facts: &lab::Facts) -> Result<Count> {
    let mut command = project::cargo()?;
    command
        .args(["run", "--quiet", "--package", "trino-client"])
        .args(["--example", "query", "--"])
        .args([&facts.host, &facts.port.to_string()])
        .arg("SELECT * FROM tpch.sf1.customer");
    command.args(&facts.storage_ca);
    let output = command.stderr(Stdio::inherit()).output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    print!("{text}");
    let spooled = facts.spooling == Some(true);
    let works = output.status.success()
        && text.starts_with("150000 rows, ")
        && text.starts_with("150000 rows, 0 ") != spooled;
    Ok(if works { Count::PASSED } else { Count::FAILED })
}

fn missing_client_tests() -> Result<Option<String>> {
    let manifest = project::root()?.join("tests/manager/Cargo.toml");
    let text = fs::read_to_string(manifest).unwrap_or_default();
    Ok((!text.contains("client-tests")).then(|| "tests/manager is not there".to_owned()))
}

/// The integration test of `tests/manager` that compiles and runs C programs.
const PROGRAM_TESTS: &str = "programs";

/// The integration test of `tests/manager` that needs a real Trino.
const SERVER_TESTS: &str = "server";

/// The one that runs programs of other makers with it.
const TOOL_TESTS: &str = "tools";

/// The one that is run with a real Trino of each retrieval mode.
const MODES_TESTS: &str = "modes";

/// Where the coordinator too speaks TLS, with an authority of its own: one mode in which clients then meet storage,
/// and one in which they meet a worker.
/// How long storage honours a signed URI there: little enough for a test to wait for its end.
const URI_LIFE: &str = "20s";

const MODES_WITH_HTTPS: [Mode; 2] = [Mode::CoordinatorStorageRedirect, Mode::WorkerProxy];

const USAGE: &str = "\
cargo xtask test [options]: all tests of the project

  --only KIND               unit, abi, manager, programs, server, tools,
                            python, newest, modes, gateway, installer, instructions or
                            deny;
                            may be given again

The real Trino for server, tools, modes, gateway and python (each mode, and newest, has nodes of its own):
";
