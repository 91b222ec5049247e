//! `cargo xtask windows msi --test`: packages come and go in a prefix of Wine that holds nothing else.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use std::{fs, thread};

use anyhow::{Context, Result, bail, ensure};
use scripted_trino::{Answer, Server};
use serde_json::json;

use super::super::target::Target;
use super::super::wine::{self, Prefix};
use super::package;
use crate::project;

/// Installs, connects, upgrades, repairs and removes.
pub fn run(files: &Path) -> Result<()> {
    let folder = tempfile::Builder::new()
        .prefix("trino-odbc-round-trip-")
        .tempdir()?;
    let old = package(files, "0.1.0", &folder.path().join("old"))?;
    let new = package(files, "0.2.0", &folder.path().join("new"))?;
    let machine = Machine::new(folder.path())?;
    let server = Server::builder().start();
    let columns = scripted_trino::columns![("answer", "integer")];
    server.on("SELECT 42", Answer::rows(columns, vec![vec![json!(42)]]));
    machine.round_trip(&old, &new, &server)
}

/// A prefix of Wine, and a client for each of its halves.
struct Machine {
    prefix: Prefix,
    folder: PathBuf,
}

impl Machine {
    fn new(folder: &Path) -> Result<Self> {
        let machine = Self {
            prefix: Prefix::new(folder)?,
            folder: folder.to_owned(),
        };
        for target in Target::ALL {
            let status = Command::new(target.linker())
                .args(["-municode", "-O1", "-Wall", "-Werror", "-o"])
                .arg(machine.client(target))
                .arg(project::root()?.join("tests/c/connect_windows.c"))
                .arg("-lodbc32")
                .status()?;
            ensure!(status.success(), "the client does not build");
        }
        Ok(machine)
    }

    fn round_trip(&self, old: &Path, new: &Path, server: &Server) -> Result<()> {
        let before = self.state()?;
        self.say("before", &before);
        let source = [
            "add",
            r"HKCU\Software\ODBC\ODBC.INI\Kept",
            "/v",
            "Host",
            "/d",
            "h",
            "/f",
        ];
        self.prefix
            .succeed(Target::X64, &[&["reg"], &source[..]].concat())?;

        self.install(old, &[], &[0])?;
        let installed = self.state()?;
        self.say("installed", &difference(&before, &installed));
        let expected = [
            r"Program Files\Trino ODBC Driver\trinoodbc.dll",
            r"Program Files\Trino ODBC Driver\trino-odbc.exe",
            r"Program Files\Trino ODBC Driver\LICENSE.txt",
            r"Program Files\Trino ODBC Driver\THIRD-PARTY-LICENSES.txt",
            r"Program Files\Trino ODBC Driver\powerbi\TrinoOdbc.mez",
            r"Program Files\Trino ODBC Driver\tableau\trino-odbc.tdc",
            r"Program Files\Trino ODBC Driver\tableau\trino_odbc\dialect.tdd",
            r"Program Files (x86)\Trino ODBC Driver\trinoodbc.dll",
        ];
        for file in expected {
            ensure!(installed.contains(file), "{file} is missing");
        }
        self.connect("Trino", server)?;

        println!("-- upgrade while a program holds both libraries");
        let holders = self.hold("Trino", server)?;
        self.install(new, &[], &[0, RESTART])?;
        for mut holder in holders {
            drop(holder.stdin.take());
            ensure!(
                holder.wait()?.success(),
                "a program that used the driver failed"
            );
        }
        let upgraded = self.state()?;
        self.say("upgraded", &difference(&installed, &upgraded));
        self.connect("Trino", server)?;

        println!("-- downgrade");
        self.install(old, &[], &[REFUSED])?;
        ensure!(
            self.state()? == upgraded,
            "a refused downgrade changed something"
        );

        println!("-- repair");
        let library = self
            .prefix
            .drive()
            .join("Program Files (x86)/Trino ODBC Driver/trinoodbc.dll");
        fs::remove_file(&library)?;
        let key = r"HKLM\SOFTWARE\ODBC\ODBCINST.INI\Trino";
        self.prefix
            .succeed(Target::X64, &["reg", "delete", key, "/f", "/reg:64"])?;
        // What `/fa` stands for, which Wine's msiexec does not carry out.
        self.install(new, &["REINSTALL=ALL", "REINSTALLMODE=amus"], &[0])?;
        self.same(&upgraded, "repaired")?;
        self.connect("Trino", server)?;

        println!("-- remove");
        self.msiexec(&["/x", &wine::path(new)], &[0, RESTART])?;
        self.same(&before, "removed")?;
        let kept = ["reg", "query", r"HKCU\Software\ODBC\ODBC.INI\Kept"];
        self.prefix
            .succeed(Target::X64, &kept)
            .context("a data source is gone")?;

        println!("-- another name, which an upgrade keeps");
        self.install(old, &["DRIVERNAME=Drop-in"], &[0])?;
        self.connect("Drop-in", server)?;
        self.install(new, &[], &[0, RESTART])?;
        self.connect("Drop-in", server)?;
        self.msiexec(&["/x", &wine::path(new)], &[0, RESTART])?;
        self.same(&before, "removed")?;
        println!("the round trip succeeded");
        Ok(())
    }

    fn install(&self, package: &Path, properties: &[&str], codes: &[i32]) -> Result<()> {
        let package = wine::path(package);
        self.msiexec(&[&["/i", &package], properties].concat(), codes)
    }

    fn msiexec(&self, arguments: &[&str], codes: &[i32]) -> Result<()> {
        let started = Instant::now();
        let output = self.prefix.run(
            Target::X64,
            &[&["msiexec"], arguments, &["/qn", "/norestart"]].concat(),
        )?;
        // Wine passes the lower eight bits on.
        let code = output.status.code();
        let expected = codes.iter().any(|expected| code == Some(expected & 0xff));
        println!(
            "msiexec {}: {code:?} after {:.1} s",
            arguments.join(" "),
            started.elapsed().as_secs_f64()
        );
        ensure!(
            expected,
            "msiexec ended with {code:?} instead of one of {codes:?}: {output:?}"
        );
        Ok(())
    }

    /// Connects through Wine's Driver Manager, from a 64-bit and from a 32-bit program.
    fn connect(&self, driver: &str, server: &Server) -> Result<()> {
        for target in Target::ALL {
            let output = self.prefix.succeed(
                target,
                &[&self.client_name(target), &string(driver, server)],
            )?;
            let printed = String::from_utf8_lossy(&output.stdout);
            ensure!(printed.trim() == "42", "the client printed {printed:?}");
            println!(
                "{}: connected by DRIVER={{{driver}}} and read a row",
                target.triple()
            );
        }
        Ok(())
    }

    /// Programs that are connected until their input ends.
    fn hold(&self, driver: &str, server: &Server) -> Result<Vec<Child>> {
        let mut holders = Vec::new();
        for target in Target::ALL {
            let words = [&self.client_name(target), &string(driver, server), "hold"];
            let mut command = self.prefix.command(target, &words)?;
            let mut holder = command
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .spawn()?;
            let output = holder.stdout.take().context("it has no output")?;
            let mut line = String::new();
            std::io::BufRead::read_line(&mut std::io::BufReader::new(output), &mut line)?;
            ensure!(line.trim() == "42", "the client printed {line:?}");
            holders.push(holder);
        }
        Ok(holders)
    }

    /// Waits for that state: Wine writes part of it after msiexec ended.
    fn same(&self, expected: &BTreeSet<String>, what: &str) -> Result<()> {
        let deadline = Instant::now() + Duration::from_secs(20);
        loop {
            let state = self.state()?;
            if state == *expected {
                println!("{what}: as expected");
                return Ok(());
            }
            if Instant::now() > deadline {
                self.say("more or less than expected", &difference(expected, &state));
                bail!("{what}: files or the registry are not as expected");
            }
            thread::sleep(Duration::from_millis(500));
        }
    }

    /// Files under the two folders for programs, and values of the registry, a line each.
    fn state(&self) -> Result<BTreeSet<String>> {
        let mut lines = BTreeSet::new();
        for place in ["Program Files", "Program Files (x86)"] {
            let root = self.prefix.drive();
            walk(&root, &root.join(place), &mut lines)?;
        }
        for (key, views) in KEYS {
            for view in *views {
                let output = self
                    .prefix
                    .run(Target::X64, &["reg", "query", key, "/s", view])?;
                let text = String::from_utf8_lossy(&output.stdout).into_owned();
                let mut title = "";
                for line in text.lines().map(str::trim_end) {
                    if line.starts_with("HKEY_") {
                        title = line;
                    } else if !line.trim().is_empty() {
                        let value = line.split_whitespace().collect::<Vec<_>>().join(" ");
                        lines.insert(format!("{view} {title} {value}"));
                    }
                }
            }
        }
        Ok(lines)
    }

    fn say(&self, title: &str, lines: &BTreeSet<String>) {
        println!("-- {title}");
        // What Windows keeps about each package is compared, and too long to print.
        let is_short =
            |line: &&String| !line.contains(r"\Uninstall\") || line.contains("DisplayVersion");
        for line in lines.iter().filter(is_short) {
            println!("   {line}");
        }
    }

    fn client(&self, target: Target) -> PathBuf {
        self.folder.join(self.client_name(target))
    }

    fn client_name(&self, target: Target) -> String {
        format!("connect-{}.exe", super::folder_of(target))
    }
}

fn string(driver: &str, server: &Server) -> String {
    let (host, port) = (server.host(), server.port());
    format!("DRIVER={{{driver}}};Host={host};Port={port};UID=round;Encoding=none;")
}

/// What one has and the other has not, with a sign.
fn difference(one: &BTreeSet<String>, other: &BTreeSet<String>) -> BTreeSet<String> {
    let lost = one.difference(other).map(|line| format!("- {line}"));
    let won = other.difference(one).map(|line| format!("+ {line}"));
    lost.chain(won).collect()
}

fn walk(root: &Path, folder: &Path, lines: &mut BTreeSet<String>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.strip_prefix(root)?.display().to_string();
        lines.insert(name.replace('/', "\\"));
        if path.is_dir() {
            walk(root, &path, lines)?;
        }
    }
    Ok(())
}

/// Keys that packages write to, and their views.
const KEYS: &[(&str, &[&str])] = &[
    (r"HKLM\SOFTWARE\ODBC\ODBCINST.INI", &["/reg:64", "/reg:32"]),
    (r"HKLM\SOFTWARE\ODBC\ODBC.INI", &["/reg:64", "/reg:32"]),
    (r"HKLM\SOFTWARE\Trino ODBC Driver", &["/reg:64", "/reg:32"]),
    (
        r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall",
        &["/reg:64", "/reg:32"],
    ),
];

/// ERROR_SUCCESS_REBOOT_REQUIRED.
const RESTART: i32 = 3010;
/// ERROR_INSTALL_FAILURE.
const REFUSED: i32 = 1603;
