//! Files: `odbcinst.ini` and `odbc.ini`.

use std::env;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;

use trinoodbc::platform::Ini;

use super::{Kind, Scope};
use crate::Stop;

/// A file of drivers or data sources.
pub struct Place {
    path: PathBuf,
    file: Ini,
    kind: Kind,
}

impl Place {
    /// The place for a driver with that library.
    pub fn for_driver(_: &Path, scope: Option<Scope>) -> Result<Self, Stop> {
        Self::open(Kind::Drivers, scope.unwrap_or_else(usual_scope))
    }

    /// The places to write a data source to.
    pub fn for_data_source(scope: Scope, _driver: &str) -> Result<Vec<Self>, Stop> {
        places(Kind::DataSources, scope)
    }

    /// The places to remove a driver from.
    pub fn of_driver(scope: Option<Scope>) -> Result<Vec<Self>, Stop> {
        places(Kind::Drivers, scope.unwrap_or_else(usual_scope))
    }

    fn open(kind: Kind, scope: Scope) -> Result<Self, Stop> {
        let path = path(kind, scope)?;
        let file = Ini::read(&path).map_err(|error| failed(&path, error))?;
        Ok(Self { path, file, kind })
    }

    /// The names of drivers or data sources; files hold a few other sections.
    pub fn names(&self) -> Result<Vec<String>, Stop> {
        let names = self.file.sections().filter(|name| *name != "ODBC");
        Ok(names.map(str::to_owned).collect())
    }

    /// The entries of a driver or data source of that name, in any case.
    pub fn entries(&self, name: &str) -> Result<Option<Vec<(String, String)>>, Stop> {
        Ok(self.file.entries(name))
    }

    /// Registers a driver.
    pub fn put_driver(&mut self, name: &str, library: &str) -> Result<(), Stop> {
        let lines = TEMPLATE
            .lines()
            .filter(|line| !line.starts_with(['#', '[']));
        let lines = lines.map(|line| line.replace("@DRIVER@", library));
        self.file.put(name, lines);
        self.save()
    }

    /// Writes a data source.
    pub fn put_data_source(
        &mut self,
        name: &str,
        driver: &str,
        entries: &[(String, String)],
    ) -> Result<(), Stop> {
        let driver_entry = ("Driver".to_owned(), driver.to_owned());
        let lines = [driver_entry].into_iter().chain(entries.iter().cloned());
        self.file.put(
            name,
            lines.map(|(keyword, value)| format!("{keyword} = {value}")),
        );
        self.file.set(LIST, name, driver);
        self.save()
    }

    /// Removes a driver or data source; false if there is none.
    pub fn remove(&mut self, name: &str) -> Result<bool, Stop> {
        if !self.file.remove(name) {
            return Ok(false);
        }
        if self.kind == Kind::DataSources {
            self.file.unset(LIST, name);
        }
        self.save().map(|()| true)
    }

    /// New files of data sources are their owner's only.
    fn save(&self) -> Result<(), Stop> {
        let private = self.kind == Kind::DataSources;
        self.file
            .write(&self.path, private)
            .map_err(|error| failed(&self.path, error))
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.path.display().fmt(f)
    }
}

/// The place of that scope, whether the file exists or not.
pub fn places(kind: Kind, scope: Scope) -> Result<Vec<Place>, Stop> {
    Ok(vec![Place::open(kind, scope)?])
}

/// All users for root and where ODBCSYSINI is set, else this user.
fn usual_scope() -> Scope {
    if set("ODBCSYSINI").is_some() || is_root() {
        Scope::System
    } else {
        Scope::User
    }
}

fn path(kind: Kind, scope: Scope) -> Result<PathBuf, Stop> {
    match (scope, kind) {
        // Read in addition to the system's file; no tool of the Driver Manager writes it.
        (Scope::User, Kind::Drivers) => Ok(home()?.join(".odbcinst.ini")),
        (Scope::User, Kind::DataSources) => match set("ODBCINI") {
            Some(file) => Ok(file),
            None => Ok(home()?.join(".odbc.ini")),
        },
        (Scope::System, kind) => {
            let (name, title) = match kind {
                Kind::Drivers => ("odbcinst.ini", "DRIVERS"),
                Kind::DataSources => ("odbc.ini", "SYSTEM DATA SOURCES"),
            };
            if let Some(folder) = set("ODBCSYSINI") {
                let named = set("ODBCINSTINI").filter(|_| kind == Kind::Drivers);
                return Ok(folder.join(named.unwrap_or_else(|| name.into())));
            }
            Ok(path_from_odbcinst(title).unwrap_or_else(|| PathBuf::from("/etc").join(name)))
        }
    }
}

fn failed(path: &Path, error: std::io::Error) -> Stop {
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

const TEMPLATE: &str = include_str!("../../../installer/odbcinst.ini.in");

/// The section of `odbc.ini` that lists its data sources.
const LIST: &str = "ODBC Data Sources";
