//! `cargo xtask windows test`: what runs under Wine, and what Wine cannot do.

use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::Instant;
use std::{env, fs};

use anyhow::{Context, Result, bail};
use tempfile::TempDir;

use super::target::{self, Target};
use super::{dialog, msi, python, wine};
use crate::test::{Count, RunningLab, count, of_cargo, of_pytest};
use crate::{lab, program, project, registration};

/// What is tested, and by what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Suite {
    /// The modules by themselves.
    Unit,
    /// The exported functions, called directly, and the command.
    Abi,
    /// Wine's Driver Manager, against a scripted server.
    Manager,
    /// pyodbc in CPython for Windows, against a real Trino.
    Python,
    /// pandas, polars and arrow-odbc there.
    Frames,
    /// What the driver takes from Windows: proxies, Kerberos, the version of its file.
    System,
    /// The modules by themselves, in 32 bits.
    Unit32,
    /// The exported functions and the command, in 32 bits.
    Abi32,
    /// The setup dialog, by the keyboard.
    Dialog,
    /// The installer package: install, upgrade, repair, remove.
    Msi,
}

impl Suite {
    const ALL: [Self; 10] = [
        Self::Unit,
        Self::Abi,
        Self::Manager,
        Self::Python,
        Self::Frames,
        Self::System,
        Self::Unit32,
        Self::Abi32,
        Self::Dialog,
        Self::Msi,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Unit => "unit",
            Self::Abi => "abi",
            Self::Manager => "manager",
            Self::Python => "python",
            Self::Frames => "frames",
            Self::System => "system",
            Self::Unit32 => "unit32",
            Self::Abi32 => "abi32",
            Self::Dialog => "dialog",
            Self::Msi => "msi",
        }
    }

    fn parse(name: &str) -> Result<Self> {
        let names = || Self::ALL.map(Self::name).join(", ");
        Self::ALL
            .into_iter()
            .find(|suite| suite.name() == name)
            .with_context(|| format!("there is no suite {name}; there are {}", names()))
    }

    fn run(self, session: &mut Session) -> Result<Count> {
        match self {
            Self::Unit => self.unit(Target::X64),
            Self::Abi => self.abi(Target::X64),
            Self::Unit32 => self.unit(Target::X86),
            Self::Abi32 => self.abi(Target::X86),
            Self::Manager => self.manager(),
            Self::Python => session.python(),
            Self::Frames => session.frames(),
            Self::System => session.system(),
            Self::Dialog => dialog::test(),
            Self::Msi => msi::test(),
        }
    }
}

impl Suite {
    fn unit(self, target: Target) -> Result<Count> {
        let mut command = target.cargo("test")?;
        command.args(PACKAGES).args(["--lib", "--bins"]);
        self.tests(command)
    }

    fn abi(self, target: Target) -> Result<Count> {
        let mut command = target.cargo("test")?;
        command.args(PACKAGES);
        for name in TARGETS {
            command.args(["--test", name]);
        }
        self.tests(command)
    }

    fn manager(self) -> Result<Count> {
        let library = narrow_driver()?;
        let mut command = Target::X64.cargo("test")?;
        command
            .args(["--package", "client-tests", "--lib", "--test", "manager"])
            .env(project::LIBRARY, library);
        self.tests(command)
    }

    /// Runs Cargo's tests without those that Wine fails.
    fn tests(self, mut command: Command) -> Result<Count> {
        command.args(["--no-fail-fast", "--"]);
        for limit in self.limits() {
            command.args(["--skip", limit.tests]);
        }
        count(&mut command, of_cargo)
    }

    /// The tests of the suite that Wine fails.
    fn limits(self) -> impl Iterator<Item = &'static Limit> {
        LIMITS.iter().filter(move |limit| limit.suite == self)
    }
}

/// A test that Wine fails, whatever the driver does.
struct Limit {
    suite: Suite,
    /// What the names of such tests contain.
    tests: &'static str,
    reason: &'static str,
}

/// Runs `cargo xtask windows test`.
pub fn run(parser: &mut lexopt::Parser) -> Result<ExitCode> {
    let mut only = Vec::new();
    let mut session = Session::default();
    while let Some(argument) = parser.next()? {
        match argument {
            lexopt::Arg::Long("only") => {
                only.push(Suite::parse(&parser.value()?.to_string_lossy())?);
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
    require()?;
    let mut lines = Vec::new();
    let mut total = Count::default();
    for suite in Suite::ALL {
        if !only.is_empty() && !only.contains(&suite) {
            continue;
        }
        let started = Instant::now();
        let counted = suite.run(&mut session).unwrap_or_else(|error| {
            println!("{error:#}");
            Count::FAILED
        });
        total += counted;
        lines.push(counted.line(suite.name(), started.elapsed()));
        for limit in suite.limits() {
            lines.push(format!(
                "{:<12} not run under Wine: {} ({})",
                "", limit.tests, limit.reason
            ));
        }
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

/// What the project's whole test runs of it: what needs neither a real Trino nor 32 bits.
pub fn run_quick() -> Result<Count> {
    let mut session = Session::default();
    let mut total = Count::default();
    for suite in [Suite::Unit, Suite::Abi, Suite::Manager] {
        total += suite.run(&mut session)?;
    }
    Ok(total)
}

/// Makes sure that all suites can run.
pub fn require() -> Result<()> {
    target::require()?;
    wine::require()
}

/// The driver as Wine's Driver Manager needs it, in a place where no other build writes.
fn narrow_driver() -> Result<std::path::PathBuf> {
    let built = Target::X64.driver()?;
    let folder = Target::X64.folder()?.join("narrow");
    fs::create_dir_all(&folder)?;
    let kept = folder.join("trinoodbc.dll");
    fs::copy(&built, &kept).with_context(|| built.display().to_string())?;
    Ok(kept)
}

/// What the suites with a real Trino share.
#[derive(Default)]
struct Session {
    options: lab::Options,
    lab: Option<RunningLab>,
    /// One with TLS, passwords and Kerberos, beside.
    secured: Option<RunningLab>,
    /// Where pytest makes its folders: a run that was ended leaves some that the next cannot remove.
    temporary: Option<TempDir>,
}

impl Session {
    fn python(&mut self) -> Result<Count> {
        let mut command = self.pytest()?;
        command.args(["tests/python", "--ignore", "tests/python/windows"]);
        for limit in Suite::Python.limits() {
            command.args(["--deselect", limit.tests]);
        }
        count(&mut command, of_pytest)
    }

    fn frames(&mut self) -> Result<Count> {
        let mut command = self.pytest()?;
        command.arg(FRAMES);
        count(&mut command, of_pytest)
    }

    fn system(&mut self) -> Result<Count> {
        let mut command = self.pytest()?;
        command.args(["tests/python/windows", "--ignore", FRAMES]);
        count(&mut command, of_pytest)
    }

    /// pytest under Wine, with the driver registered in the registry and a lab to test against.
    fn pytest(&mut self) -> Result<Command> {
        registration::require_manager()?;
        let interpreter = python::interpreter()?;
        let driver = narrow_driver()?;
        register(&driver)?;
        let lab = match self.lab.take() {
            Some(lab) => lab,
            None => RunningLab::start(&self.options)?,
        };
        let facts = self.lab.insert(lab).facts.clone();
        if self.secured.is_none() && self.options.server.is_none() {
            registration::require_kdc()?;
            self.secured = Some(RunningLab::start_secured(&self.options)?);
        }
        let temporary = self.temporary.insert(tempfile::tempdir()?).path();
        let tickets = temporary.join("tickets");
        let temporary = temporary.join("pytest");
        let folder = project::root()?;
        let words = [
            wine::loader(Target::X64).as_ref(),
            interpreter.as_os_str(),
            "-m".as_ref(),
            "pytest".as_ref(),
            "-q".as_ref(),
            "-p".as_ref(),
            "no:cacheprovider".as_ref(),
            "--basetemp".as_ref(),
            temporary.as_os_str(),
        ];
        let mut command = wine::inside(&folder, &words)?;
        command
            .env("TRINO_LAB", facts)
            .env(project::COMMAND, Target::X64.command()?)
            .env("PYTHONUTF8", "1")
            .env("PYTHONDONTWRITEBYTECODE", "1");
        if let Some(secured) = &self.secured {
            command.env("TRINO_LAB_SECURED", &secured.facts);
            if let Some(realm) = secured.realm() {
                sign_in(realm, &tickets)?;
                command.env("KRB5_CONFIG", &realm.config);
                command.env("KRB5CCNAME", &tickets);
            }
        }
        Ok(command)
    }
}

/// Signs the user of Wine in to the domain, as Windows does with its user.
fn sign_in(realm: &lab::RealmFacts, tickets: &Path) -> Result<()> {
    let mut kinit = Command::new("kinit");
    kinit
        .arg("-c")
        .arg(tickets)
        .args(["-k", "-t"])
        .arg(&realm.keytab);
    kinit
        .arg(&realm.principal)
        .env("KRB5_CONFIG", &realm.config);
    program::run_quietly(&mut kinit)
}

/// Registers the driver with Wine's Driver Manager under the name that the tests give.
fn register(library: &Path) -> Result<()> {
    const KEY: &str = r"HKLM\Software\ODBC\ODBCINST.INI";
    let library = library.display().to_string();
    for (key, value, data) in [
        ("ODBC Drivers", registration::NAME, "Installed"),
        (registration::NAME, "Driver", &library),
    ] {
        let key = format!(r"{KEY}\{key}");
        let words = [
            wine::loader(Target::X64),
            "reg",
            "add",
            &key,
            "/v",
            value,
            "/d",
            data,
            "/f",
        ];
        let added = wine::inside(&env::current_dir()?, &words)?.output()?;
        if !added.status.success() {
            bail!("the driver cannot be registered: {added:?}");
        }
    }
    Ok(())
}

/// The packages whose tests run under Wine. Named together, they share what Cargo builds.
const PACKAGES: [&str; 8] = [
    "--package",
    "trino-odbc",
    "--package",
    "trino-client",
    "--package",
    "trino-odbc-command",
    "--package",
    "scripted-trino",
];

/// The integration tests of these that are about what runs; those about sources read the same everywhere.
const TARGETS: [&str; 8] = [
    "abi",
    "allocations",
    "many",
    "doctor",
    "protocol",
    "data_sources",
    "setup",
    "registry",
];

const LIMITS: &[Limit] = &[
    Limit {
        suite: Suite::Manager,
        tests: "cancel::a_cancel_from_another_thread_wakes_a_waiting_execute",
        reason: "SQLCancel waits for the lock of the statement that executes",
    },
    Limit {
        suite: Suite::Manager,
        tests: "cancel::a_cancel_wakes_a_fetch_that_waits_for_a_segment",
        reason: "SQLCancel waits for the lock of the statement that fetches",
    },
    Limit {
        suite: Suite::Python,
        tests: "tests/python/test_large_result.py",
        reason: "it takes very long with a driver that is not optimised; frames reads 1.5 million rows",
    },
    Limit {
        suite: Suite::Python,
        tests: "tests/python/test_sign_in.py::test_a_person",
        reason: BROWSER,
    },
    Limit {
        suite: Suite::Python,
        tests: "tests/python/test_sign_in.py::test_connections_share",
        reason: BROWSER,
    },
    Limit {
        suite: Suite::Python,
        tests: "tests/python/test_sign_in.py::test_nobody_is_waited_for",
        reason: BROWSER,
    },
    Limit {
        suite: Suite::Python,
        tests: "tests/python/test_sign_in.py::test_no_secret_of_a_sign_in",
        reason: BROWSER,
    },
    Limit {
        suite: Suite::Python,
        tests: "tests/python/test_sign_in.py::test_the_systems_browser",
        reason: "it puts a browser of Unix in the path",
    },
    Limit {
        suite: Suite::Python,
        tests: "tests/python/test_kerberos.py",
        reason: "keytabs and kinit are not of Windows; system signs in by SSPI",
    },
    Limit {
        suite: Suite::Python,
        tests: "tests/python/test_connecting.py::test_a_value_in_braces",
        reason: BRACES,
    },
    Limit {
        suite: Suite::Python,
        tests: "tests/python/test_migration.py::test_nothing_in_such_a_connection_string_is_ignored[JDBC]",
        reason: BRACES,
    },
    Limit {
        suite: Suite::Python,
        tests: "tests/python/test_connecting.py::test_a_file_holds",
        reason: "FILEDSN is unknown",
    },
    Limit {
        suite: Suite::Python,
        tests: "tests/python/test_connecting.py::test_a_saved_file",
        reason: "SAVEFILE is unknown",
    },
    Limit {
        suite: Suite::Python,
        tests: "tests/python/test_connecting.py::test_a_connection_is_made_bit_by_bit",
        reason: "SQLBrowseConnect fails without a record",
    },
    Limit {
        suite: Suite::Python,
        tests: "tests/python/test_log.py::test_no_secret_is_logged_at_any_level",
        reason: "it looks for wide functions, and narrow calls stay narrow",
    },
    Limit {
        suite: Suite::Python,
        tests: "tests/python/test_log.py::test_the_drivers_own_section",
        reason: SECTION,
    },
    Limit {
        suite: Suite::Python,
        tests: "tests/python/test_log.py::test_the_environment_wins",
        reason: SECTION,
    },
    Limit {
        suite: Suite::Manager,
        tests: "connect::a_missing_data_source_is_im002",
        reason: "an unknown data source is an error without a record",
    },
];

const BROWSER: &str = "its browser is an attribute of the driver, which cannot be set before the connection is opened";

const BRACES: &str = "a connection string is cut at a semicolon or a brace within braces";

const SECTION: &str = "the driver's section is in odbcinst.ini; abi reads that of the registry";

/// The data frames among the tests that are for Windows alone.
const FRAMES: &str = "tests/python/windows/test_frames.py";

const USAGE: &str = "\
cargo xtask windows test [options]: the tests of the driver for Windows, under Wine

  --only SUITE              unit, abi, manager, python, frames, system, unit32,
                            abi32, dialog or msi; may be given again

The real Trino for python, frames and system:
";
