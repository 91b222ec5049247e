//! Where Driver Managers keep their files on this system.

use std::env;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use trinoodbc::platform::Ini;

use crate::Stop;

/// The users that a registration is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    User,
    System,
}

/// A kind of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum File {
    Drivers,
    DataSources,
}

impl Scope {
    /// The default: all users for root and where ODBCSYSINI is set, else this user.
    pub fn usual() -> Self {
        if env::var_os("ODBCSYSINI").is_some_and(|folder| !folder.is_empty()) || is_root() {
            Self::System
        } else {
            Self::User
        }
    }

    /// Takes the option, if it names a scope.
    pub fn take_option(scope: &mut Option<Self>, name: &str) -> bool {
        match name {
            "user" => *scope = Some(Self::User),
            "system" => *scope = Some(Self::System),
            _ => return false,
        }
        true
    }
}

/// The path of that file, whether it exists or not.
pub fn file(file: File, scope: Scope) -> Result<PathBuf, Stop> {
    if cfg!(windows) {
        return Err(Stop::failed(
            "on Windows, drivers and data sources are in the registry; use the ODBC Data Source Administrator",
        ));
    }
    match (scope, file) {
        // Read in addition to the system's file; no tool of the Driver Manager writes it.
        (Scope::User, File::Drivers) => Ok(home()?.join(".odbcinst.ini")),
        (Scope::User, File::DataSources) => match set("ODBCINI") {
            Some(file) => Ok(file),
            None => Ok(home()?.join(".odbc.ini")),
        },
        (Scope::System, file) => {
            let (name, title) = match file {
                File::Drivers => ("odbcinst.ini", "DRIVERS"),
                File::DataSources => ("odbc.ini", "SYSTEM DATA SOURCES"),
            };
            if let Some(folder) = set("ODBCSYSINI") {
                let named = set("ODBCINSTINI").filter(|_| file == File::Drivers);
                return Ok(folder.join(named.unwrap_or_else(|| name.into())));
            }
            Ok(path_from_odbcinst(title).unwrap_or_else(|| PathBuf::from("/etc").join(name)))
        }
    }
}

/// Reads a file of sections; a missing one is empty.
pub fn read(path: &Path) -> Result<Ini, Stop> {
    Ini::read(path).map_err(|error| failed(path, &error))
}

/// Writes the file, readable by this user only if it is new and private.
pub fn write(file: &Ini, path: &Path, private: bool) -> Result<(), Stop> {
    file.write(path, private)
        .map_err(|error| failed(path, &error))
}

fn failed(path: &Path, error: &io::Error) -> Stop {
    Stop::failed(format!("{}: {error}", path.display()))
}

/// The path that unixODBC's own tool prints, which was set when it was built.
fn path_from_odbcinst(title: &str) -> Option<PathBuf> {
    let output = Command::new("odbcinst").arg("-j").output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let line = text.lines().find(|line| line.starts_with(title))?;
    let path = line.split_once(": ")?.1.trim();
    (!path.is_empty()).then(|| path.into())
}

fn home() -> Result<PathBuf, Stop> {
    set("HOME").ok_or_else(|| Stop::failed("HOME is not set"))
}

fn set(name: &str) -> Option<PathBuf> {
    let value = env::var_os(name).filter(|value| !value.is_empty());
    value.map(PathBuf::from)
}

fn is_root() -> bool {
    let output = Command::new("id").arg("-u").output();
    output.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}
