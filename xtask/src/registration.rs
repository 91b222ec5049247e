//! The driver registered with unixODBC in its own folders, so that nothing of the user's is touched.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use tempfile::TempDir;

use crate::{lab, program, project};

/// The name that connection strings give: `DRIVER={Trino}`.
pub const NAME: &str = "Trino";

/// A folder with an `odbcinst.ini` that knows our driver, and an `odbc.ini`, empty at first.
pub struct Registration {
    folder: TempDir,
    library: PathBuf,
}

impl Registration {
    /// Registers the library at that absolute path, as the installer does.
    pub fn new(library: &Path) -> Result<Self> {
        let folder = tempfile::Builder::new()
            .prefix("trino-odbc-ini-")
            .tempdir()?;
        let section = TEMPLATE.replace("@DRIVER@", &library.to_string_lossy());
        let file = folder.path().join("odbcinst.ini");
        fs::write(&file, format!("[ODBC]\nPooling = No\n\n{section}"))
            .with_context(|| file.display().to_string())?;
        let registration = Self {
            folder,
            library: library.to_path_buf(),
        };
        fs::write(registration.data_sources(), "")?;
        Ok(registration)
    }

    /// The driver's file.
    pub fn library(&self) -> &Path {
        &self.library
    }

    /// Makes a data source of these keywords the only one.
    pub fn write_data_source(&self, name: &str, keywords: &[(&str, String)]) -> Result<()> {
        let mut text = format!("[{name}]\nDriver = {NAME}\n");
        for (keyword, value) in keywords {
            writeln!(text, "{keyword} = {value}")?;
        }
        fs::write(self.data_sources(), text)?;
        Ok(())
    }

    fn data_sources(&self) -> PathBuf {
        self.folder.path().join("odbc.ini")
    }

    /// Has that command see this registration and no other.
    pub fn apply(&self, command: &mut Command) {
        command
            .env("ODBCSYSINI", self.folder.path())
            .env("ODBCINI", self.data_sources())
            .env(project::LIBRARY, &self.library);
    }
}

/// The library that is registered on this machine.
pub fn installed() -> Result<PathBuf> {
    let output = Command::new("odbcinst")
        .args(["-q", "-d", "-n", NAME])
        .output()
        .context("odbcinst")?;
    let section = String::from_utf8_lossy(&output.stdout).into_owned();
    let library = library_of(&section).with_context(|| {
        format!(
            "no driver is registered as {NAME}: install the package, or run `trino-odbc install`"
        )
    })?;
    ensure!(
        library.is_file(),
        "{NAME} is registered as {}, which does not exist",
        library.display()
    );
    Ok(library)
}

/// The library that a section of odbcinst.ini names.
fn library_of(section: &str) -> Option<PathBuf> {
    section.lines().find_map(|line| {
        let (entry, value) = line.split_once('=')?;
        let is_driver = entry.trim().eq_ignore_ascii_case("driver");
        is_driver.then(|| PathBuf::from(value.trim()))
    })
}

/// Makes sure that unixODBC and its headers are there, installing them where that is ours to do.
pub fn require_manager() -> Result<()> {
    if manager_is_there()
        || (install(&["unixodbc", "unixodbc-dev", "odbcinst"])? && manager_is_there())
    {
        return Ok(());
    }
    bail!(
        "unixODBC is missing: install its tools and headers (Debian, Ubuntu: unixodbc, unixodbc-dev and odbcinst; \
         Fedora: unixODBC and unixODBC-devel; macOS: brew install unixodbc)"
    )
}

/// Makes sure that C programs can be compiled and looked at, and that iODBC is there beside unixODBC. Its development
/// files cannot be, and are not needed.
pub fn require_programs() -> Result<()> {
    require_manager()?;
    match missing(PROGRAMS, |name| program::find(name).is_some())?
        .into_iter()
        .map(|(name, _)| name)
        .collect::<Vec<_>>()
    {
        names if names.is_empty() => Ok(()),
        names => bail!(
            "{} is missing: install a C compiler, valgrind and iODBC (Debian, Ubuntu: gcc, valgrind and iodbc)",
            names.join(", ")
        ),
    }
}

/// Makes sure that the programs of other makers are there that the driver is tested with.
pub fn require_tools() -> Result<()> {
    require_manager()?;
    require_each(TOOLS)
}

/// The same for those that only the table of clients has.
pub fn require_clients() -> Result<()> {
    require_each(CLIENTS)
}

fn require_each(tools: &[Tool]) -> Result<()> {
    let missing = || tools.iter().filter(|tool| !tool.is_there());
    let packages: Vec<_> = missing().flat_map(|tool| tool.packages).copied().collect();
    if !packages.is_empty() {
        let _ = install(&packages)?;
    }
    match missing().map(|tool| tool.name).collect::<Vec<_>>() {
        names if names.is_empty() => Ok(()),
        names => bail!(
            "install {} (on Debian, Ubuntu: {})",
            names.join(", "),
            packages.join(", ")
        ),
    }
}

/// Makes sure that programs, each with its package of Debian, are there, installing them where that is ours to do.
pub fn require_installed(programs: &[(&str, &str)]) -> Result<()> {
    let missing: Vec<_> = missing(programs, |name| program::find_system(name).is_some())?
        .into_iter()
        .map(|(name, package)| format!("{name} (Debian, Ubuntu: {package})"))
        .collect();
    if !missing.is_empty() {
        bail!("install {}", missing.join(" and "));
    }
    Ok(())
}

/// The programs that are not there, each with its package of Debian, after their packages were installed where that is ours
/// to do.
fn missing<'a>(
    programs: &[(&'a str, &'a str)],
    is_there: impl Fn(&str) -> bool,
) -> Result<Vec<(&'a str, &'a str)>> {
    let missing = || programs.iter().filter(|(name, _)| !is_there(name));
    let packages: Vec<_> = missing().map(|(_, package)| *package).collect();
    if !packages.is_empty() {
        // Where it is not ours to install them, they stay missing.
        let _ = install(&packages)?;
    }
    Ok(missing().copied().collect())
}

/// A program of another maker.
struct Tool {
    name: &'static str,
    /// A command that succeeds where it is.
    shows: &'static [&'static str],
    packages: &'static [&'static str],
}

impl Tool {
    fn is_there(&self) -> bool {
        let [program, arguments @ ..] = self.shows else {
            return false;
        };
        let output = Command::new(program).args(arguments).output();
        output.is_ok_and(|output| output.status.success())
    }
}

/// Makes sure that valgrind is there, installing it where that is ours to do.
pub fn require_valgrind() -> Result<()> {
    let is_there = || program::find("valgrind").is_some();
    if is_there() || (install(&["valgrind"])? && is_there()) {
        return Ok(());
    }
    bail!("valgrind is missing: install it")
}

/// Makes sure that a KDC can be run, installing it where that is ours to do.
pub fn require_kdc() -> Result<()> {
    let packages = lab::REALM_PROGRAMS.map(|(_, package)| package);
    if lab::can_have_realm() || (install(&packages)? && lab::can_have_realm()) {
        return Ok(());
    }
    bail!(
        "Kerberos is missing: install a KDC and its tools (Debian, Ubuntu: krb5-kdc, krb5-admin-server and krb5-user)"
    )
}

/// Makes sure that the fronts of a gateway lab can be run, installing them where that is ours to do.
pub fn require_fronts() -> Result<()> {
    match missing(&lab::FRONT_PROGRAMS, lab::front_is_there)?
        .into_iter()
        .map(|(name, _)| name)
        .collect::<Vec<_>>()
    {
        names if names.is_empty() => Ok(()),
        names => bail!(
            "{} is missing (Debian, Ubuntu: haproxy, nginx-light and postgresql)",
            names.join(", ")
        ),
    }
}

/// Installs packages of Debian or Ubuntu; false on other systems, and when the user may not.
fn install(packages: &[&str]) -> Result<bool> {
    if program::find("apt-get").is_none() || !is_root() {
        return Ok(false);
    }
    let update = ["update", "-q"];
    let install = [&["install", "-y", "-q"], packages].concat();
    for arguments in [&update[..], &install] {
        let status = Command::new("apt-get")
            .args(arguments)
            .env("DEBIAN_FRONTEND", "noninteractive")
            .status()?;
        if !status.success() {
            bail!("apt-get could not install {}", packages.join(" and "));
        }
    }
    Ok(true)
}

/// Whether this user may do everything.
pub fn is_root() -> bool {
    Command::new("id")
        .arg("-u")
        .output()
        .is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

fn manager_is_there() -> bool {
    let headers = [
        "/usr/include",
        "/usr/local/include",
        "/opt/homebrew/include",
    ];
    ["isql", "odbcinst"]
        .iter()
        .all(|name| program::find(name).is_some())
        && headers
            .iter()
            .any(|folder| Path::new(folder).join("sql.h").is_file())
}

/// What the tests in C run, and Debian's packages of it.
const PROGRAMS: &[(&str, &str)] = &[
    ("cc", "gcc"),
    ("valgrind", "valgrind"),
    ("iodbctest", "iodbc"),
];

const TOOLS: &[Tool] = &[
    Tool {
        name: "iodbctest",
        shows: &["sh", "-c", "command -v iodbctest"],
        packages: &["iodbc"],
    },
    Tool {
        name: "Perl's DBD::ODBC",
        shows: &["perl", "-MDBD::ODBC", "-e", "1"],
        packages: &["libdbd-odbc-perl"],
    },
    Tool {
        name: "PHP with odbc and PDO",
        shows: &[
            "php",
            "-r",
            "exit(extension_loaded('odbc') && extension_loaded('pdo_odbc') ? 0 : 1);",
        ],
        packages: &["php-cli", "php-odbc"],
    },
];

const CLIENTS: &[Tool] = &[
    Tool {
        name: "R with RODBC",
        shows: &["Rscript", "-e", "library(RODBC)"],
        packages: &["r-cran-rodbc"],
    },
    Tool {
        name: "LibreOffice with Base, Calc and Python",
        shows: &[
            "sh",
            "-c",
            "command -v soffice && /usr/bin/python3 -c 'import uno'",
        ],
        packages: &[
            "libreoffice-base-nogui",
            "libreoffice-calc-nogui",
            "python3-uno",
        ],
    },
];

const TEMPLATE: &str = include_str!("../../installer/odbcinst.ini.in");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_library_of_a_registration_is_read_as_odbcinst_prints_it() {
        let section = "[Trino]\nDescription=ODBC driver for Trino\nDriver=/usr/lib/odbc/libtrinoodbc.so\nThreading=0\n";
        let library = library_of(section).unwrap();
        assert_eq!(library, Path::new("/usr/lib/odbc/libtrinoodbc.so"));
        assert_eq!(
            library_of("odbcinst: SQLGetPrivateProfileString failed\n"),
            None
        );
    }
}
